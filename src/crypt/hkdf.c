/* HKDF-Expand-Label, RFC 8446 7.1. */
#include "hkdf.h"

#include <gnutls/crypto.h>
#include <string.h>

#define LABEL_PREFIX "tls13 "
#define LABEL_MAX    255 /* opaque label<7..255> */

int crypt_hkdf_expand_label(gnutls_mac_algorithm_t hash, const uint8_t *secret,
                            size_t secret_length, const char *label, uint8_t *out, size_t length)
{
    /*
     * struct {
     *     uint16 length = Length;
     *     opaque label<7..255> = "tls13 " + Label;
     *     opaque context<0..255> = Context;
     * } HkdfLabel;
     */
    uint8_t info[2 + 1 + LABEL_MAX + 1];
    size_t prefix_length = strlen(LABEL_PREFIX);
    size_t label_length = strlen(label);
    size_t count = 0;

    if (length > UINT16_MAX || label_length > LABEL_MAX - prefix_length) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    info[count++] = (uint8_t)(length >> 8);
    info[count++] = (uint8_t)length;
    info[count++] = (uint8_t)(prefix_length + label_length);
    memcpy(info + count, LABEL_PREFIX, prefix_length);
    count += prefix_length;
    memcpy(info + count, label, label_length);
    count += label_length;
    info[count++] = 0;

    const gnutls_datum_t key = {(unsigned char *)secret, (unsigned)secret_length};
    const gnutls_datum_t datum = {info, (unsigned)count};
    return gnutls_hkdf_expand(hash, &key, &datum, out, length);
}
