/* Which certificates a verification has, and what is known of each. */
#ifndef PKI_MEMBERS_H
#define PKI_MEMBERS_H

#include "search.h"

/* Which certificate of the verification each node is: those sent come first, in order; of those given only what is in the path or an
 * alternative; of the store's that, and those of the right name that it forbids. */
struct numbering {
    long *of_node; /* -1: not in the verification */
    size_t *nodes; /* the other way round; NO_NODE for what was too much to be looked at */
    struct pki_slice *slices; /* in the verification's order */
    size_t count;
};

/* False when memory ran out; numbering_free() in either case. */
bool numbering_make(struct numbering *out, const struct search *search);
void numbering_free(struct numbering *numbering);

/* Writes what the tree of certificates wants to know of each; the paths are there already. */
void members_write(struct pki_verification *out, const struct search *search,
                   const struct numbering *numbering);

#endif
