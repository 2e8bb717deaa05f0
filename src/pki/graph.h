/* Who may have issued whom: the certificates of a search, indexed by name. */
#ifndef PKI_GRAPH_H
#define PKI_GRAPH_H

#include "search.h"

/* Makes nodes of what was sent, what was given and of everything in the trust store that has the name of one of them or of an issuer;
 * marks duplicates, anchors and what is distrusted. False when memory ran out. */
bool graph_build(struct search *search);

/* The nodes whose subject has this hash, in no particular order. Names still have to be compared. */
struct row {
    const size_t *nodes;
    size_t count;
};
struct row graph_subjects(const struct search *search, uint64_t hash);

/* True when the issuer of one certificate has the name of the other (RFC 5280 6.1.3 (a)(4)). */
bool graph_names_match(struct search *search, size_t certificate, size_t issuer);

/* The key purpose that is asked for, an object identifier's content; means nothing where any will do. */
struct pki_slice graph_purpose(const struct search *search);
/* May a certificate be used for it (RFC 5280 4.2.1.12)? `any_counts`: anyExtendedKeyUsage is enough. */
bool graph_serves_purpose(const struct search *search, const struct node *node, bool any_counts);

#endif
