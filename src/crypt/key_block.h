/* The key block of TLS 1.2 and older, cut into its parts. */
#ifndef CRYPT_KEY_BLOCK_H
#define CRYPT_KEY_BLOCK_H

#include "suite.h"
#include "tlstep/crypt.h"

/* Two MAC keys, two keys, two IVs (RFC 5246 6.3): SHA-384, 256 bits, one block. */
#define CRYPT_KEY_BLOCK_MAX (2 * (48 + 32 + 16))

struct crypt_key_block {
    uint8_t bytes[CRYPT_KEY_BLOCK_MAX];
    size_t length;
    /* By enum wire_side; into `bytes`. Their sizes are the suite's. */
    const uint8_t *mac_key[2];
    const uint8_t *key[2];
    const uint8_t *iv[2];
};

/* Sets length and pointers by the sizes of the suite. Returns 0 or a GnuTLS error. */
int crypt_key_block_cut(struct crypt_key_block *block, const struct crypt_suite *suite);

/* `suite` is that of the parameters. Returns 0 or a GnuTLS error. Holds secrets: wipe it. */
int crypt_key_block_derive(struct crypt_key_block *block, const struct crypt_suite *suite,
                           const struct crypt_tls12 *parameters);

#endif
