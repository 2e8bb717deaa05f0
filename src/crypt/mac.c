/* The record MAC of suites without an AEAD cipher. */
#include <string.h>

#include "opener.h"
#include "ssl3.h"

bool crypt_mac_matches(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                       const uint8_t *data, size_t length, const uint8_t *expected)
{
    uint8_t header[CRYPT_ADDITIONAL_MAX];
    uint8_t mac[CRYPT_MAC_MAX];
    size_t count = crypt_mac_header(opener, opener->sequence, sealed->header, length, header);
    size_t size = opener->suite.mac_size;
    int status;

    if (size == 0) {
        return true; /* TLS_NULL_WITH_NULL_NULL: nothing is protected */
    }
    if (opener->version == WIRE_SSL3) {
        const struct crypt_ssl3_mac parts = {
            .digest = (gnutls_digest_algorithm_t)opener->suite.mac,
            .secret = opener->mac_key,
            .secret_length = size,
            .header = header,
            .header_length = count,
            .data = data,
            .length = length,
        };
        status = crypt_ssl3_mac(&parts, mac);
    } else {
        status = gnutls_hmac(opener->mac, header, count);
        status |= length == 0 ? 0 : gnutls_hmac(opener->mac, data, length);
        gnutls_hmac_output(opener->mac, mac);
    }
    return status == 0 && gnutls_memcmp(mac, expected, size) == 0;
}
