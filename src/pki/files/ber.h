/*
 * BER (X.690 8.1), as far as files need it: containers that Windows, Java and old NSS write have indefinite
 * lengths and long forms where DER has neither. What stands inside them (certificates, CRLs) is DER.
 */
#ifndef PKI_BER_H
#define PKI_BER_H

#include "../der.h"

/* The next value: definite in any form, or indefinite with its end-of-contents (which is not part of `content`).
 * False, and the reader failed, when none is there that is whole or its tag number is above 30. */
bool ber_next(struct reader *reader, struct der *out);

/*
 * The bytes of an OCTET STRING in any form: primitive (`tag`), borrowed from the value, or in pieces (`tag` constructed), put
 * together in `pieces`, which must live as long as they are used (X.690 8.7). False when it is none or memory ran out
 * (`pieces->failed`).
 */
bool ber_octets(const struct der *value, uint8_t tag, struct buffer *pieces, struct pki_slice *out);

/* A reader of the content of the next value, which must have this tag; failed when it has not. */
struct reader ber_enter(struct reader *reader, uint8_t tag);

#endif
