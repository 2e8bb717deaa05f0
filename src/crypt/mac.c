/* The record MAC of suites without an AEAD cipher. */
#include "opener.h"

bool crypt_mac_matches(struct crypt_opener *opener, const struct crypt_sealed *sealed,
                       const uint8_t *data, size_t length, const uint8_t *expected)
{
    uint8_t header[13];
    uint8_t mac[CRYPT_MAC_MAX];
    size_t count = 0;
    int status;

    for (int shift = 56; shift >= 0; shift -= 8) {
        header[count++] = (uint8_t)(opener->sequence >> shift);
    }
    header[count++] = sealed->content_type;
    header[count++] = (uint8_t)(sealed->version >> 8);
    header[count++] = (uint8_t)sealed->version;
    header[count++] = (uint8_t)(length >> 8);
    header[count++] = (uint8_t)length;

    status = gnutls_hmac(opener->mac, header, count);
    status |= gnutls_hmac(opener->mac, data, length);
    gnutls_hmac_output(opener->mac, mac);
    return status == 0 && gnutls_memcmp(mac, expected, opener->suite.mac_size) == 0;
}
