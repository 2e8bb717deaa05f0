/* The inside of a trust store, for the code that fills it and the code that looks in it. */
#ifndef PKI_TRUST_H
#define PKI_TRUST_H

#include <stdatomic.h>

#include "x509.h"

/* One anchor: where its DER stands in `bytes`, and the next one whose subject has the same hash
 * (by index plus one, 0 at the end of the row). */
struct trust_anchor {
    size_t offset;
    size_t length;
    uint64_t subject_hash;
    size_t next;
};

struct pki_trust {
    atomic_uint references;
    struct buffer bytes; /* all certificates, one after another */
    struct trust_anchor *anchors;
    size_t count;
    size_t capacity;
    size_t *rows;     /* by subject hash: the first anchor's index plus one */
    size_t row_count; /* a power of two; 0 before the first anchor */
    char *name;
    size_t sources; /* how many went into the name */
};

/* Adds the certificate that stands behind `bytes.length` in the buffer, `length` bytes that are
 * there already: no copy for what was just decoded. One that is there already is dropped.
 * False when memory ran out. */
bool trust_commit(struct pki_trust *trust, size_t length, struct pki_slice subject);

/* Forgets all anchors from `count` on: a file that fails leaves the store as it was. */
void trust_truncate(struct pki_trust *trust, size_t count);

/* Adds a source to the name of the store. False when memory ran out. */
bool trust_add_source(struct pki_trust *trust, const char *source);

/* Walks the anchors whose subject has this hash: start with `*at` 0; false after the last one. */
bool trust_next(const struct pki_trust *trust, uint64_t subject_hash, size_t *at,
                struct pki_slice *der);

#endif
