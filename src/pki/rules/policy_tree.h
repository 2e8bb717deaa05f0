/*
 * The valid policy tree of RFC 5280 6.1 as the graph of RFC 9618: one node for each policy at a depth, however many parents it has.
 * A depth has at most as many nodes as its certificate has policies and mappings and the depth above it had,
 * where the tree's number doubled with every depth (CVE-2023-0464).
 *
 * Qualifiers are not kept: they decide nothing.
 */
#ifndef PKI_POLICY_TREE_H
#define PKI_POLICY_TREE_H

#include "../x509.h"

/* Nodes and expectations of one path; a real one has ten. Beyond it the tree is given up. */
#define POLICY_TREE_MAX 20000

struct policy_node {
    struct pki_slice policy; /* valid_policy: content of the object identifier */
    bool under_any;          /* its parent is the node of any-policy; else those that expect it */
    bool mapped;             /* its expected_policy_set is that of a mapping */
    bool reached;            /* a node of the last depth descends from it */
};

/* A member of a node's expected_policy_set. */
struct policy_expectation {
    struct pki_slice policy;
    size_t node; /* whose, at the same depth */
};

/* Both sorted by policy. */
struct policy_depth {
    struct policy_node *nodes;
    size_t count, capacity;
    struct policy_expectation *expected;
    size_t expected_count, expected_capacity;
};

struct policy_tree {
    struct policy_depth *depths;
    size_t count, capacity; /* of depths */
    size_t size;            /* nodes and expectations so far */
    bool given_up;          /* larger than POLICY_TREE_MAX: says nothing any more */
    bool failed;            /* memory ran out */
};

/* RFC 5280 6.1.2 (a): depth 0, which has any-policy alone. */
void policy_tree_start(struct policy_tree *tree);
void policy_tree_free(struct policy_tree *tree);

/* 6.1.3 (d), (e): a depth more, for the policies of a certificate. `any_counts`: its any-policy is processed. */
void policy_tree_add(struct policy_tree *tree, const struct x509 *certificate, bool any_counts);

/* 6.1.4 (b): the certificate's mappings on the last depth; they delete where they are not allowed. */
void policy_tree_map(struct policy_tree *tree, const struct x509 *certificate, bool allowed);

/* True when the tree is NULL, in the RFC's words: no policy has come this far. */
bool policy_tree_is_empty(const struct policy_tree *tree);

/* 6.1.5 (g): walks the policies that are valid for the whole path in the terms of the first CA: those right below
 * any-policy that have a descendant at the last depth. `reach` once, before; start with a zeroed cursor. */
void policy_tree_reach(struct policy_tree *tree);
struct policy_cursor {
    size_t depth, node;
};
bool policy_tree_next(const struct policy_tree *tree, struct policy_cursor *cursor,
                      struct pki_slice *policy);

#endif
