/* PEM (RFC 7468): blocks in a text. */
#ifndef PKI_PEM_H
#define PKI_PEM_H

#include "base64.h"

/* A block: "-----BEGIN <label>-----", body, "-----END …". Borrowed from the text. */
struct pem_block {
    struct pki_slice label;
    struct pki_slice body;
    bool
        ended; /* there is an END line; without it the body goes to the next block or the end of the text */
};

/* Finds the next block at or after `*at`, which moves behind its body. False when there is none. */
bool pem_next(struct pki_slice text, size_t *at, struct pem_block *out);

bool pem_has_label(const struct pem_block *block, const char *label);

/* True for the labels that hold a plain certificate. */
bool pem_is_certificate(const struct pem_block *block);

#endif
