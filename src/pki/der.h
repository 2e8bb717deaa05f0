/*
 * DER (ITU-T X.690) with wire's reader of values: definite, minimal lengths and one-byte tags only,
 * which is all that RFC 5280's structures use. A value that is not as asked for makes the reader
 * fail, so a structure may be read to its end and looked at once.
 */
#ifndef PKI_DER_H
#define PKI_DER_H

#include "tlstep/pki.h"
#include "tlstep/wire.h"

#define DER_BOOLEAN          0x01
#define DER_INTEGER          0x02
#define DER_BIT_STRING       0x03
#define DER_OCTET_STRING     0x04
#define DER_NULL             0x05
#define DER_OID              0x06
#define DER_ENUMERATED       0x0a
#define DER_UTF8_STRING      0x0c
#define DER_NUMERIC_STRING   0x12
#define DER_PRINTABLE_STRING 0x13
#define DER_TELETEX_STRING   0x14
#define DER_IA5_STRING       0x16
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_VISIBLE_STRING   0x1a
#define DER_UNIVERSAL_STRING 0x1c
#define DER_BMP_STRING       0x1e
#define DER_SEQUENCE         0x30
#define DER_SET              0x31
/* [n], context-specific: primitive and constructed. */
#define DER_CONTEXT(n)     (0x80 | (n))
#define DER_CONTEXT_SET(n) (0xa0 | (n))

/* One value: its tag, its content, and all of it with tag and length. Borrowed. */
struct der {
    uint8_t tag;
    struct pki_slice content;
    struct pki_slice whole;
};

/* The next value whatever its tag; {0} and a failed reader when there is none. */
struct der der_any(struct reader *reader);
/* The next value, which must have this tag. */
struct der der_value(struct reader *reader, uint8_t tag);
/* True when there is a next value and it has this tag: for OPTIONAL and CHOICE. */
bool der_is_next(const struct reader *reader, uint8_t tag);
/* A reader of the content of the next value, which must have this tag; failed when it has not. */
struct reader der_enter(struct reader *reader, uint8_t tag);
/* True when everything was read well and nothing is left. */
bool der_done(const struct reader *reader);

/* An INTEGER that is not negative and fits (X.690 8.3). */
uint32_t der_small_number(struct reader *reader);
bool der_boolean(struct reader *reader);
/* The bytes of a BIT STRING that has no unused bits (keys, signatures: always whole bytes). */
struct pki_slice der_bit_string(struct reader *reader);

/* The bits of a BIT STRING's content that have names in a list of up to nine: bit n is 1 << n. */
unsigned der_named_bits(struct pki_slice content);

/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 restricts them: with seconds, in UTC, without
 * fractions. Seconds since 1970; fails the reader otherwise. */
int64_t der_time(struct reader *reader);

/* Number of bits in an INTEGER's content, taken as unsigned: the size of an RSA modulus. */
unsigned der_integer_bits(struct pki_slice content);

/* A piece of a buffer; an empty one points nowhere, since the buffer may have no bytes at all. */
struct pki_slice slice_at(const struct buffer *bytes, size_t offset, size_t length);
/* What is behind the first `count` bytes, which it has. */
struct pki_slice slice_after(struct pki_slice slice, size_t count);
/* The bytes of a text, without its terminating zero. */
struct pki_slice slice_of_text(const char *text);
bool slice_equal(struct pki_slice a, struct pki_slice b);
/* An order for sorting: the shorter one first, those of one length by their bytes. */
int slice_compare(struct pki_slice a, struct pki_slice b);
/* An initializer for the slice over the bytes of a string literal, as tables of object identifiers have them. */
#define OID(literal)                                    \
    {                                                   \
        (const uint8_t *)(literal), sizeof(literal) - 1 \
    }
/* True when the slice is exactly the bytes of a string literal. */
#define slice_is(slice, literal) slice_equal((slice), (struct pki_slice)OID(literal))

#endif
