/* PEM (RFC 7468) and base64 (RFC 4648), as fast as a whole trust store asks for. */
#ifndef PKI_PEM_H
#define PKI_PEM_H

#include "tlstep/pki.h"

/* A block: "-----BEGIN <label>-----", body, "-----END …". Borrowed from the text. */
struct pem_block {
    struct pki_slice label;
    struct pki_slice body;
    bool ended; /* there is an END line; without it the body goes to the end of the text */
};

/* Finds the next block at or after `*at`, which moves behind it. False when there is none. */
bool pem_next(struct pki_slice text, size_t *at, struct pem_block *out);

/* True for the labels that hold a plain certificate. */
bool pem_is_certificate(const struct pem_block *block);

/* The most bytes that `length` characters of base64 can stand for. */
#define BASE64_BYTES_MAX(length) ((length) / 4 * 3 + 3)

/* Decodes base64 with white space in it into `out`, which has room for BASE64_BYTES_MAX bytes.
 * Returns the number of bytes, or -1 when it is not base64. */
long base64_decode(uint8_t *out, struct pki_slice text);

#endif
