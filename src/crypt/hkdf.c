/* HKDF-Extract and HKDF-Expand-Label, RFC 8446 7.1. */
#include "hkdf.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "tlstep/crypt.h"

#define LABEL_MAX   255 /* opaque label<7..255> */
#define CONTEXT_MAX 255

/* Drafts have numbers of their own: 0x7f and the draft's, Facebook's 0xfb and the same; Google's experiment
 * 0x7e02 was draft 22 (what Wireshark and Chromium say of it). */
unsigned crypt_draft(uint16_t version)
{
    if (version >> 8 == 0x7f || version >> 8 == 0xfb) {
        return version & 0xff;
    }
    return version == 0x7e02 ? 22 : 0;
}

const char *crypt_hkdf_prefix(uint16_t version)
{
    unsigned draft = crypt_draft(version);

    return draft != 0 && draft < 20 ? "TLS 1.3, " : "tls13 ";
}

/* RFC 5869 2.3: T(i) = HMAC(secret, T(i-1) + info + i). GnuTLS's own function takes the key anew each time. */
static int expand(gnutls_hmac_hd_t hmac, size_t size, const uint8_t *info, size_t count,
                  uint8_t *out, size_t length)
{
    uint8_t block[CRYPT_HASH_MAX];
    uint8_t number = 1;
    int status = 0;

    for (size_t offset = 0; offset < length && status == 0; offset += size, number++) {
        size_t left = length - offset;
        status = offset > 0 ? gnutls_hmac(hmac, block, size) : 0;
        status = status != 0 ? status : gnutls_hmac(hmac, info, count);
        status = status != 0 ? status : gnutls_hmac(hmac, &number, 1);
        gnutls_hmac_output(hmac, block); /* and back to the beginning, with the same key */
        memcpy(out + offset, block, left < size ? left : size);
    }
    secret_wipe(block, sizeof block);
    return status;
}

int crypt_hkdf_expand_keyed(gnutls_hmac_hd_t hmac, const struct crypt_hkdf *hkdf, uint8_t *out,
                            size_t length)
{
    /*
     * struct {
     *     uint16 length = Length;
     *     opaque label<7..255> = "tls13 " + Label;
     *     opaque context<0..255> = Context;
     * } HkdfLabel;
     */
    uint8_t info[2 + 1 + LABEL_MAX + 1 + CONTEXT_MAX];
    const char *prefix = crypt_hkdf_prefix(hkdf->version);
    size_t prefix_length = strlen(prefix);
    size_t label_length = strlen(hkdf->label);
    size_t size = gnutls_hmac_get_len(hkdf->hash);
    size_t count = 0;

    if (size == 0 || size > CRYPT_HASH_MAX || length > 255 * size ||
        label_length > LABEL_MAX - prefix_length || hkdf->context_length > CONTEXT_MAX) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    info[count++] = (uint8_t)(length >> 8);
    info[count++] = (uint8_t)length;
    info[count++] = (uint8_t)(prefix_length + label_length);
    (void)stpcpy(stpcpy((char *)info + count, prefix), hkdf->label); /* a byte follows it */
    count += prefix_length + label_length;
    info[count++] = (uint8_t)hkdf->context_length;
    if (hkdf->context_length > 0) {
        memcpy(info + count, hkdf->context, hkdf->context_length);
        count += hkdf->context_length;
    }
    return expand(hmac, size, info, count, out, length);
}

int crypt_hkdf_expand(const struct crypt_hkdf *hkdf, uint8_t *out, size_t length)
{
    gnutls_hmac_hd_t hmac;
    int status = gnutls_hmac_init(&hmac, hkdf->hash, hkdf->secret, hkdf->secret_length);

    if (status == 0) {
        status = crypt_hkdf_expand_keyed(hmac, hkdf, out, length);
        gnutls_hmac_deinit(hmac, NULL);
    }
    return status;
}

int crypt_hkdf_expand_label(gnutls_mac_algorithm_t hash, const uint8_t *secret,
                            size_t secret_length, const char *label, uint8_t *out, size_t length)
{
    const struct crypt_hkdf hkdf = {
        .hash = hash, .secret = secret, .secret_length = secret_length, .label = label};

    return crypt_hkdf_expand(&hkdf, out, length);
}

int crypt_hkdf_extract(gnutls_mac_algorithm_t hash, const uint8_t *salt, const uint8_t *input,
                       size_t length, uint8_t *out)
{
    static const uint8_t zeros[CRYPT_HASH_MAX];
    unsigned size = (unsigned)gnutls_hmac_get_len(hash);
    const gnutls_datum_t key = {(unsigned char *)(input != NULL ? input : zeros),
                                input != NULL ? (unsigned)length : size};
    const gnutls_datum_t datum = {(unsigned char *)(salt != NULL ? salt : zeros), size};

    return size == 0 || size > sizeof zeros ? GNUTLS_E_INVALID_REQUEST
                                            : gnutls_hkdf_extract(hash, &key, &datum, out);
}
