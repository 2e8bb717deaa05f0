/* Base64 (RFC 4648 4), as fast as a bundle of ten thousand certificates asks for. */
#ifndef PKI_BASE64_H
#define PKI_BASE64_H

#include "tlstep/pki.h"

/* The most bytes that `length` characters of base64 can stand for. */
#define BASE64_BYTES_MAX(length) ((length) / 4 * 3 + 3)

/* Decodes base64 with white space in it into `out`, which has room for BASE64_BYTES_MAX bytes.
 * Returns the number of bytes, or -1 when it is not base64. */
long base64_decode(uint8_t *out, struct pki_slice text);

/* Appends base64 with padding, without line breaks. */
void base64_append(struct buffer *out, struct pki_slice bytes);

#endif
