/* The pseudorandom function of TLS 1.0 to 1.2, from HMAC. */
#include "prf.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "tlstep/wire.h"

#define HASH_MAX 64

/* One HMAC over `a`, which may be empty, label and seed. */
static int hmac_of(gnutls_hmac_hd_t hmac, const uint8_t *a, size_t length,
                   const struct crypt_prf *prf, uint8_t *out)
{
    int status = length == 0 ? 0 : gnutls_hmac(hmac, a, length);

    status = status != 0 ? status : gnutls_hmac(hmac, prf->label, strlen(prf->label));
    status = status != 0 ? status : gnutls_hmac(hmac, prf->seed, prf->seed_length);
    gnutls_hmac_output(hmac, out);
    return status;
}

/*
 * XORs P_hash into `out` (RFC 5246 5):
 *     P_hash(secret, seed) = HMAC(secret, A(1) + seed) + HMAC(secret, A(2) + seed) + …
 *     A(0) = seed, A(i) = HMAC(secret, A(i-1))
 * where this seed is label + seed.
 */
static int p_hash_xor(const struct crypt_prf *prf, gnutls_mac_algorithm_t hash,
                      const uint8_t *secret, size_t secret_length, uint8_t *out, size_t length)
{
    size_t size = gnutls_hmac_get_len(hash);
    uint8_t a[HASH_MAX];
    uint8_t block[HASH_MAX];
    gnutls_hmac_hd_t hmac;
    int status;

    if (size == 0 || size > HASH_MAX) {
        return GNUTLS_E_INVALID_REQUEST;
    }
    status = gnutls_hmac_init(&hmac, hash, secret, secret_length);
    if (status != 0) {
        return status;
    }
    status = hmac_of(hmac, NULL, 0, prf, a);
    for (size_t offset = 0; offset < length && status == 0; offset += size) {
        size_t count = length - offset < size ? length - offset : size;
        status = hmac_of(hmac, a, size, prf, block);
        for (size_t i = 0; i < count; i++) {
            out[offset + i] ^= block[i];
        }
        status = status != 0 ? status : gnutls_hmac(hmac, a, size);
        gnutls_hmac_output(hmac, a);
    }
    gnutls_hmac_deinit(hmac, NULL);
    secret_wipe(a, sizeof a);
    secret_wipe(block, sizeof block);
    return status;
}

int crypt_prf_expand(const struct crypt_prf *prf, uint8_t *out, size_t length)
{
    const uint8_t *secret = prf->secret;
    size_t half = prf->secret_length / 2 + prf->secret_length % 2;
    int status;

    memset(out, 0, length);
    if (prf->version >= WIRE_TLS12) {
        return p_hash_xor(prf, prf->hash, secret, prf->secret_length, out, length);
    }
    /* RFC 2246 5: the halves of a secret of odd length share its middle byte. */
    status = p_hash_xor(prf, GNUTLS_MAC_MD5, secret, half, out, length);
    if (status != 0) {
        return status;
    }
    return p_hash_xor(prf, GNUTLS_MAC_SHA1, secret + prf->secret_length - half, half, out, length);
}
