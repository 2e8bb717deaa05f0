/* The pseudorandom function of TLS 1.0 to 1.2, from HMAC. */
#include "prf.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "tlstep/wire.h"

#define HASH_MAX 64

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
    size_t label_length = strlen(prf->label);
    uint8_t a[HASH_MAX];
    uint8_t block[HASH_MAX];
    gnutls_hmac_hd_t hmac;
    int status;

    if (size == 0 || size > HASH_MAX || gnutls_hmac_init(&hmac, hash, secret, secret_length) != 0) {
        return -1;
    }
    status = gnutls_hmac(hmac, prf->label, label_length);
    status |= gnutls_hmac(hmac, prf->seed, prf->seed_length);
    gnutls_hmac_output(hmac, a);
    for (size_t offset = 0; offset < length && status == 0; offset += size) {
        size_t count = length - offset < size ? length - offset : size;
        status |= gnutls_hmac(hmac, a, size);
        status |= gnutls_hmac(hmac, prf->label, label_length);
        status |= gnutls_hmac(hmac, prf->seed, prf->seed_length);
        gnutls_hmac_output(hmac, block);
        for (size_t i = 0; i < count; i++) {
            out[offset + i] ^= block[i];
        }
        status |= gnutls_hmac(hmac, a, size);
        gnutls_hmac_output(hmac, a);
    }
    gnutls_hmac_deinit(hmac, NULL);
    secret_wipe(a, sizeof a);
    secret_wipe(block, sizeof block);
    return status == 0 ? 0 : -1;
}

int crypt_prf_expand(const struct crypt_prf *prf, uint8_t *out, size_t length)
{
    const uint8_t *secret = prf->secret;
    size_t half = prf->secret_length / 2 + prf->secret_length % 2;

    memset(out, 0, length);
    if (prf->version >= WIRE_TLS12) {
        return p_hash_xor(prf, prf->hash, secret, prf->secret_length, out, length);
    }
    /* RFC 2246 5: the halves of a secret of odd length share its middle byte. */
    if (p_hash_xor(prf, GNUTLS_MAC_MD5, secret, half, out, length) != 0) {
        return -1;
    }
    return p_hash_xor(prf, GNUTLS_MAC_SHA1, secret + prf->secret_length - half, half, out, length);
}
