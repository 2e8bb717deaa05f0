/* Who certified whom in a list of certificates: by names, which is all that an order needs. */
#ifndef PKI_LINKS_H
#define PKI_LINKS_H

#include "../x509.h"

/* Longer chains are no chains. */
#define LINKS_CHAIN_MAX 64

struct link {
    uint64_t subject, issuer; /* hashes of the names */
    bool usable;              /* a certificate that can be read */
    bool placed;              /* for who makes an order */
};

/* What there is to know of a certificate; `*failed` when memory ran out. */
struct link link_read(struct pki_slice der, bool *failed);

/* The first certificate that certifies no other, or `count`. Only the first few are candidates: more would be no chain. */
size_t links_leaf(const struct link *links, size_t count);

#endif
