/* The pseudorandom function of TLS 1.0 to 1.2. GnuTLS offers none for a secret of one's own. */
#ifndef CRYPT_PRF_H
#define CRYPT_PRF_H

#include <gnutls/gnutls.h>
#include <stddef.h>
#include <stdint.h>

struct crypt_prf {
    uint16_t version;            /* 1.0 and 1.1 have their own: MD5 and SHA-1, one half each */
    gnutls_mac_algorithm_t hash; /* counts from TLS 1.2 on: the suite's */
    const uint8_t *secret;
    size_t secret_length;
    const char *label;
    const uint8_t *seed;
    size_t seed_length;
};

/* PRF(secret, label, seed) cut to `length` bytes: RFC 2246 5, RFC 5246 5. Returns 0 or a GnuTLS
 * error. */
int crypt_prf_expand(const struct crypt_prf *prf, uint8_t *out, size_t length);

#endif
