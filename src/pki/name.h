/* Distinguished names (RFC 5280 4.1.2.4): as text, compared, hashed. */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include "der.h"

/* Reads a Name and returns all of it; fails the reader when it is malformed. */
struct pki_slice name_read(struct reader *reader);

/* One AttributeTypeAndValue of a Name. */
struct name_part {
    struct pki_slice type; /* content of the object identifier */
    struct der value;
    bool starts_rdn; /* the first of its RelativeDistinguishedName */
};

/* A walk over the parts of a Name, in their order. */
struct name_walk {
    struct reader rdns;
    struct reader rdn;
};
struct name_walk name_walk_new(struct pki_slice name);
/* The next part. False at the end, or, with `rdns.failed`, at the first malformed one. */
bool name_walk_next(struct name_walk *walk, struct name_part *part);

/* Appends the RFC 4514 string: last RDN first, "CN=example.org,O=Example". Control characters
 * and bytes that are not UTF-8 stay what they are; a zero byte becomes "\00". */
void name_append_text(struct buffer *out, struct pki_slice name);

/* Appends the last common name; false when there is none. */
bool name_append_common_name(struct buffer *out, struct pki_slice name);

/*
 * Equality as mainstream clients and RFC 5280 7.1 see it: string types do not matter, nor ASCII
 * case, nor how many spaces there are. The hash agrees with it. Both false / 0 and `*failed` set
 * when memory ran out.
 */
bool name_equal(struct pki_slice a, struct pki_slice b, bool *failed);
uint64_t name_hash(struct pki_slice name, bool *failed);

/* True when `name` begins with all RelativeDistinguishedNames of `base`, compared in the same way: it
 * is in the subtree (RFC 5280 4.2.1.10). Every name is in that of the empty one. */
bool name_is_within(struct pki_slice name, struct pki_slice base, bool *failed);

/* Appends bytes for a C string: as they are, but a zero byte becomes "\x00". */
void append_without_zeros(struct buffer *out, struct pki_slice bytes);
/* Appends bytes in hex, all of them. */
void append_hex(struct buffer *out, struct pki_slice bytes);

#endif
