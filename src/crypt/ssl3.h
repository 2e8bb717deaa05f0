/* What SSL 3.0 does in its own way, with MD5 and SHA-1 and no HMAC (RFC 6101). */
#ifndef CRYPT_SSL3_H
#define CRYPT_SSL3_H

#include <gnutls/gnutls.h>

#include "tlstep/crypt.h"

#define CRYPT_SSL3_FINISHED 36 /* MD5, then SHA-1 */

/*
 * RFC 6101 6.1 and 6.2.2, the master secret and the key block:
 *     MD5(secret + SHA('A' + secret + first + second)) + MD5(secret + SHA('BB' + …)) + …
 * Returns 0 or a GnuTLS error; at most 26 times 16 bytes.
 */
int crypt_ssl3_expand(const uint8_t *secret, size_t secret_length, const uint8_t first[32],
                      const uint8_t second[32], uint8_t *out, size_t length);

/* The MAC of a record, RFC 6101 5.2.3.1. */
struct crypt_ssl3_mac {
    gnutls_digest_algorithm_t digest;
    const uint8_t *secret;
    size_t secret_length;
    const uint8_t *header; /* what comes before `data`, or NULL */
    size_t header_length;
    const uint8_t *data;
    size_t length;
};
/* hash(secret + pad_2 + hash(secret + pad_1 + header + data)). Returns 0 or a GnuTLS error. */
int crypt_ssl3_mac(const struct crypt_ssl3_mac *mac, uint8_t *out);

/* verify_data. Returns 0 or a GnuTLS error. */
int crypt_ssl3_finished(const uint8_t master[48], enum wire_side from, const uint8_t *messages,
                        size_t length, uint8_t out[CRYPT_SSL3_FINISHED]);

#endif
