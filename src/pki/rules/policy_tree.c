/* The valid policy tree, in the linear form of RFC 9618. */
#include "policy_tree.h"

#include <stdlib.h>

static const struct pki_slice any_policy = OID(POLICY_ANY);

/* ---- a depth --------------------------------------------------------------------------- */

static int compare_nodes(const void *a, const void *b)
{
    return slice_compare(((const struct policy_node *)a)->policy,
                         ((const struct policy_node *)b)->policy);
}

static int compare_expectations(const void *a, const void *b)
{
    return slice_compare(((const struct policy_expectation *)a)->policy,
                         ((const struct policy_expectation *)b)->policy);
}

/* Sorts, and keeps one node of each policy. */
static void sort_nodes(struct policy_depth *depth)
{
    size_t kept = 0;

    if (depth->count > 1) {
        qsort(depth->nodes, depth->count, sizeof depth->nodes[0], compare_nodes);
    }
    for (size_t i = 0; i < depth->count; i++) {
        if (kept == 0 || !slice_equal(depth->nodes[kept - 1].policy, depth->nodes[i].policy)) {
            depth->nodes[kept++] = depth->nodes[i];
        }
    }
    depth->count = kept;
}

static void sort_expectations(struct policy_depth *depth)
{
    if (depth->expected_count > 1) {
        qsort(depth->expected, depth->expected_count, sizeof depth->expected[0],
              compare_expectations);
    }
}

/* Among the first `count` nodes, which are sorted. */
static struct policy_node *find_node(const struct policy_depth *depth, size_t count,
                                     struct pki_slice policy)
{
    struct policy_node key = {.policy = policy};

    return count == 0 ? NULL
                      : bsearch(&key, depth->nodes, count, sizeof depth->nodes[0], compare_nodes);
}

static bool has_any(const struct policy_depth *depth)
{
    return find_node(depth, depth->count, any_policy) != NULL;
}

/* The first expectation of a policy, or `expected_count`. */
static size_t first_expectation(const struct policy_depth *depth, struct pki_slice policy)
{
    size_t low = 0;
    size_t high = depth->expected_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(depth->expected[middle].policy, policy) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < depth->expected_count && slice_equal(depth->expected[low].policy, policy)
               ? low
               : depth->expected_count;
}

static bool is_expected(const struct policy_depth *depth, struct pki_slice policy)
{
    return first_expectation(depth, policy) < depth->expected_count;
}

static bool may_grow(struct policy_tree *tree)
{
    tree->given_up |= ++tree->size > POLICY_TREE_MAX;
    return !tree->given_up && !tree->failed;
}

static void add_node(struct policy_tree *tree, struct policy_depth *depth, struct policy_node node)
{
    struct policy_node *grown;

    if (!may_grow(tree)) {
        return;
    }
    grown = array_grow(depth->nodes, &depth->capacity, depth->count + 1, sizeof *grown);
    if (grown == NULL) {
        tree->failed = true;
        return;
    }
    depth->nodes = grown;
    grown[depth->count++] = node;
}

static void expect(struct policy_tree *tree, struct policy_depth *depth, struct pki_slice policy,
                   const struct policy_node *node)
{
    struct policy_expectation *grown;

    if (!may_grow(tree)) {
        return;
    }
    grown = array_grow(depth->expected, &depth->expected_capacity, depth->expected_count + 1,
                       sizeof *grown);
    if (grown == NULL) {
        tree->failed = true;
        return;
    }
    depth->expected = grown;
    grown[depth->expected_count++] =
        (struct policy_expectation){policy, (size_t)(node - depth->nodes)};
}

/* A node that is not mapped expects its own policy. */
static void expect_themselves(struct policy_tree *tree, struct policy_depth *depth)
{
    for (size_t i = 0; i < depth->count; i++) {
        if (!depth->nodes[i].mapped) {
            expect(tree, depth, depth->nodes[i].policy, &depth->nodes[i]);
        }
    }
    sort_expectations(depth);
}

/* ---- 6.1.2, 6.1.3 ------------------------------------------------------------------------ */

static struct policy_depth *add_depth(struct policy_tree *tree)
{
    struct policy_depth *grown =
        array_grow(tree->depths, &tree->capacity, tree->count + 1, sizeof *grown);

    if (grown == NULL) {
        tree->failed = true;
        return NULL;
    }
    tree->depths = grown;
    grown[tree->count] = (struct policy_depth){0};
    return &grown[tree->count++];
}

void policy_tree_start(struct policy_tree *tree)
{
    struct policy_depth *depth;

    *tree = (struct policy_tree){0};
    depth = add_depth(tree);
    if (depth != NULL) {
        add_node(tree, depth, (struct policy_node){.policy = any_policy});
        expect_themselves(tree, depth);
    }
}

void policy_tree_free(struct policy_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        free(tree->depths[i].nodes);
        free(tree->depths[i].expected);
    }
    free(tree->depths);
    *tree = (struct policy_tree){0};
}

/* (d)(1): the policies that the certificate names. What it names twice is there once. */
static void add_named(struct policy_tree *tree, struct policy_depth *depth,
                      const struct policy_depth *above, struct pki_slice policies)
{
    struct reader list = reader_new(policies.data, policies.length);
    struct pki_slice policy;
    bool any_above = has_any(above);

    while (policy_next(&list, &policy) && !tree->given_up && !tree->failed) {
        bool expected = is_expected(above, policy);
        if (!slice_equal(policy, any_policy) && (expected || any_above)) {
            add_node(tree, depth, (struct policy_node){.policy = policy, .under_any = !expected});
        }
    }
    sort_nodes(depth);
}

/* (d)(2): with any-policy, all that was expected and is not named; any-policy itself, too. */
static void add_expected(struct policy_tree *tree, struct policy_depth *depth,
                         const struct policy_depth *above)
{
    size_t named = depth->count;

    for (size_t i = 0; i < above->expected_count; i++) {
        struct pki_slice policy = above->expected[i].policy;
        bool again = i > 0 && slice_equal(above->expected[i - 1].policy, policy);
        if (!again && find_node(depth, named, policy) == NULL) {
            add_node(tree, depth, (struct policy_node){.policy = policy});
        }
    }
    sort_nodes(depth);
}

void policy_tree_add(struct policy_tree *tree, const struct x509 *certificate, bool any_counts)
{
    struct policy_depth *depth = tree->failed ? NULL : add_depth(tree);
    const struct policy_depth *above;
    struct reader list = reader_new(certificate->policies.data, certificate->policies.length);
    struct pki_slice policy;
    bool names_any = false;

    if (depth == NULL || tree->given_up) {
        return;
    }
    above = depth - 1;
    while (policy_next(&list, &policy)) {
        names_any |= slice_equal(policy, any_policy);
    }
    add_named(tree, depth, above, certificate->policies);
    if (names_any && any_counts) {
        add_expected(tree, depth, above);
    }
    expect_themselves(tree, depth);
}

bool policy_tree_is_empty(const struct policy_tree *tree)
{
    return tree->count == 0 || tree->depths[tree->count - 1].count == 0;
}

/* ---- 6.1.4 (b) --------------------------------------------------------------------------- */

/* (1)(ii): any-policy stands for an issuer's policy that is not there. */
static void add_mapped(struct policy_tree *tree, struct policy_depth *depth,
                       struct pki_slice mappings)
{
    struct reader list = reader_new(mappings.data, mappings.length);
    struct pki_slice issuer, subject;
    size_t before = depth->count;

    if (!has_any(depth)) {
        return;
    }
    while (policy_mapping_next(&list, &issuer, &subject) && !tree->given_up && !tree->failed) {
        if (find_node(depth, before, issuer) == NULL) {
            add_node(tree, depth, (struct policy_node){.policy = issuer, .under_any = true});
        }
    }
    sort_nodes(depth);
}

/* (1)(i): what is mapped expects the subject's policies instead of its own. */
static void expect_mapped(struct policy_tree *tree, struct policy_depth *depth,
                          struct pki_slice mappings)
{
    struct reader list = reader_new(mappings.data, mappings.length);
    struct pki_slice issuer, subject;

    while (policy_mapping_next(&list, &issuer, &subject) && !tree->given_up && !tree->failed) {
        struct policy_node *node = find_node(depth, depth->count, issuer);
        if (node != NULL) {
            node->mapped = true;
            expect(tree, depth, subject, node);
        }
    }
}

/* (2): marks what would be mapped, and takes it away. */
static void delete_mapped(struct policy_depth *depth, struct pki_slice mappings)
{
    struct reader list = reader_new(mappings.data, mappings.length);
    struct pki_slice issuer, subject;
    size_t kept = 0;

    while (policy_mapping_next(&list, &issuer, &subject)) {
        struct policy_node *node = find_node(depth, depth->count, issuer);
        if (node != NULL) {
            node->mapped = true;
        }
    }
    for (size_t i = 0; i < depth->count; i++) {
        if (!depth->nodes[i].mapped) {
            depth->nodes[kept++] = depth->nodes[i];
        }
    }
    depth->count = kept;
}

void policy_tree_map(struct policy_tree *tree, const struct x509 *certificate, bool allowed)
{
    struct policy_depth *depth;

    if (tree->count == 0 || tree->given_up || tree->failed ||
        certificate->policy_mappings.length == 0) {
        return;
    }
    depth = &tree->depths[tree->count - 1];
    depth->expected_count = 0; /* said anew for nodes that have other places now */
    if (allowed) {
        add_mapped(tree, depth, certificate->policy_mappings);
        expect_mapped(tree, depth, certificate->policy_mappings);
    } else {
        delete_mapped(depth, certificate->policy_mappings);
    }
    expect_themselves(tree, depth);
}

/* ---- 6.1.5 (g) --------------------------------------------------------------------------- */

static void reach_parents(struct policy_depth *above, const struct policy_node *node)
{
    for (size_t i = first_expectation(above, node->policy);
         i < above->expected_count && slice_equal(above->expected[i].policy, node->policy); i++) {
        above->nodes[above->expected[i].node].reached = true;
    }
}

void policy_tree_reach(struct policy_tree *tree)
{
    if (policy_tree_is_empty(tree)) {
        return;
    }
    for (size_t i = 0; i < tree->depths[tree->count - 1].count; i++) {
        tree->depths[tree->count - 1].nodes[i].reached = true;
    }
    for (size_t depth = tree->count - 1; depth > 0; depth--) {
        for (size_t i = 0; i < tree->depths[depth].count; i++) {
            const struct policy_node *node = &tree->depths[depth].nodes[i];
            if (node->reached && !node->under_any) {
                reach_parents(&tree->depths[depth - 1], node);
            }
        }
    }
}

/* Any-policy is one of them when it has come to the last depth. */
static bool is_of_the_path(const struct policy_tree *tree, size_t depth,
                           const struct policy_node *node)
{
    return node->reached &&
           (node->under_any || (depth + 1 == tree->count && slice_equal(node->policy, any_policy)));
}

bool policy_tree_next(const struct policy_tree *tree, struct policy_cursor *cursor,
                      struct pki_slice *policy)
{
    for (; cursor->depth < tree->count; cursor->depth++, cursor->node = 0) {
        const struct policy_depth *depth = &tree->depths[cursor->depth];
        while (cursor->node < depth->count) {
            const struct policy_node *node = &depth->nodes[cursor->node++];
            if (is_of_the_path(tree, cursor->depth, node)) {
                *policy = node->policy;
                return true;
            }
        }
    }
    return false;
}
