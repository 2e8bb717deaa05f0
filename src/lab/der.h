/* Writing DER (X.690 10.1): what GnuTLS has no function for. */
#ifndef TLSTEP_LAB_DER_H
#define TLSTEP_LAB_DER_H

#include "tlstep/base.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
};
#define DER_CONTEXT(number)  (0x80 | (number)) /* primitive */
#define DER_EXPLICIT(number) (0xa0 | (number)) /* constructed */

/*
 * An element around what was appended since `start` (the buffer's length then): its header is put before it.
 *
 *     size_t start = out->length;
 *     … the content …
 *     lab_der_wrap(out, start, DER_SEQUENCE);
 */
void lab_der_wrap(struct buffer *out, size_t start, uint8_t tag);

/* An element with its content. */
void lab_der_put(struct buffer *out, uint8_t tag, const void *content, size_t length);

/* GeneralizedTime, "20261124093100Z" (RFC 5280 4.1.2.5.2); seconds since 1970. */
void lab_der_time(struct buffer *out, int64_t seconds);

#endif
