/* The inside of a certificate tree: tree.c puts nodes in order, tree_place.c says what each of them is. */
#ifndef REPORT_TREE_H
#define REPORT_TREE_H

#include "tlstep/report.h"

struct report_tree {
    struct arena *arena; /* names and places */
    struct report_chain chain;
    struct pki_certificate *
        *read;           /* of the verification: those that nobody sent, read when needed */
    bool *shown;         /* of the verification or the chain: has a node */
    long *duplicate_of;  /* the same certificate before it, -1 */
    size_t member_count; /* how long these three are */
    struct report_tree_node *nodes;
    size_t count;
    size_t capacity;
    size_t leaf;
    bool failed; /* memory ran out */
};

/* Where a node stands in its path. */
struct tree_spot {
    size_t index;  /* of the certificate */
    size_t place;  /* from the leaf, 0 */
    size_t length; /* of the path; 0: it is in none */
    bool guessed;  /* by the names alone: nobody has judged */
};

/* tree_place.c. Kept in the tree's arena; "" and `failed` when memory ran out. */
const char *tree_place(struct report_tree *tree, const struct report_tree_node *node,
                       const struct tree_spot *spot);
const char *tree_name(struct report_tree *tree, const struct pki_certificate *certificate,
                      const char *issuer);
/* Sent in another place than the path has it. */
bool tree_is_misplaced(const struct report_tree *tree, const struct tree_spot *spot);

#endif
