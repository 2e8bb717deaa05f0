/* Putting certificates in the order in which they hang from their roots. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "tree.h"

/* Longer ways are nobody's chain: a bound for what a stranger sends (RFC 5280 has none). */
#define GUESS_MAX 32

/* ---- certificates -------------------------------------------------------------------------- */

static bool is_known(const struct pki_certificate *certificate)
{
    return certificate != NULL && !certificate->malformed;
}

/* The certificate of a member: the caller's where it is there, else read from the verification. */
static const struct pki_certificate *certificate_of(struct report_tree *tree, size_t index)
{
    if (tree->read[index] != NULL) {
        return tree->read[index];
    }
    const struct pki_certificate *certificate =
        part_certificate_at(&tree->chain, index, &tree->read[index]);
    tree->failed |= certificate == NULL;
    return certificate;
}

struct fingerprint {
    const uint8_t *sha256;
    size_t index;
};

static int by_fingerprint(const void *a, const void *b)
{
    const struct fingerprint *left = a;
    const struct fingerprint *right = b;
    int order = memcmp(left->sha256, right->sha256, 32);

    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* Before anyone has judged: which of those sent is the same as one before it. */
static void find_duplicates(struct report_tree *tree)
{
    size_t count = tree->chain.count;
    struct fingerprint *sorted = calloc(count + 1, sizeof *sorted);

    if (sorted == NULL) {
        tree->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (struct fingerprint){tree->chain.certificates[i]->sha256, i};
    }
    qsort(sorted, count, sizeof *sorted, by_fingerprint);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (memcmp(sorted[i].sha256, sorted[first].sha256, 32) != 0) {
            first = i;
        } else if (sorted[i].index < tree->member_count) {
            tree->duplicate_of[sorted[i].index] = (long)sorted[first].index;
        }
    }
    free(sorted);
}

static void take_duplicates(struct report_tree *tree)
{
    const struct pki_verification *verification = tree->chain.verification;

    for (size_t i = 0; i < tree->member_count; i++) {
        tree->duplicate_of[i] = -1;
    }
    if (verification == NULL || verification->members == NULL) {
        find_duplicates(tree);
        return;
    }
    for (size_t i = 0; i < verification->certificate_count; i++) {
        tree->duplicate_of[i] = verification->members[i].duplicate_of;
    }
}

/* ---- marks --------------------------------------------------------------------------------- */

static bool refused_for(const struct pki_reason *reasons, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (reasons[i].certificate == (long)index) {
            return true;
        }
    }
    return false;
}

/* Sessions that were saved before paths knew it say it by their reasons. */
static bool is_anchored(const struct pki_verification *verification)
{
    for (size_t i = 0; i < verification->reason_count; i++) {
        enum pki_reason_code code = verification->reasons[i].code;
        if (code == PKI_NO_TRUST_ANCHOR || code == PKI_SELF_SIGNED ||
            code == PKI_MISSING_INTERMEDIATE) {
            return false;
        }
    }
    return verification->path_length > 0;
}

static bool deserves_warning(const struct report_tree *tree, const struct report_tree_node *node,
                             const struct tree_spot *spot)
{
    const struct pki_verification *verification = tree->chain.verification;

    return tree_is_misplaced(tree, spot) ||
           (verification->members != NULL && verification->members[spot->index].distrusted) ||
           (is_known(node->certificate) &&
            node->certificate->not_after - verification->at < PART_SOON_SECONDS);
}

/* What a path says of its certificates; `path` NULL: the chosen one. */
static enum report_tree_mark judge(const struct report_tree *tree,
                                   const struct report_tree_node *node,
                                   const struct tree_spot *spot, const struct pki_path *path)
{
    const struct pki_verification *verification = tree->chain.verification;

    if (verification == NULL || !verification->performed || node->certificate == NULL) {
        return REPORT_TREE_WAITING;
    }
    if (node->kind == REPORT_TREE_UNUSED) {
        return REPORT_TREE_WARNING;
    }
    const struct pki_reason *reasons = path != NULL ? path->reasons : verification->reasons;
    size_t count = path != NULL ? path->reason_count : verification->reason_count;
    if (refused_for(reasons, count, spot->index)) {
        return REPORT_TREE_BAD;
    }
    if (deserves_warning(tree, node, spot)) {
        return REPORT_TREE_WARNING;
    }
    bool anchored = path != NULL ? path->anchored : is_anchored(verification);
    return anchored ? REPORT_TREE_GOOD : REPORT_TREE_WAITING;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static void add_node(struct report_tree *tree, const struct report_tree_node *node)
{
    struct report_tree_node *grown =
        array_grow(tree->nodes, &tree->capacity, tree->count + 1, sizeof *grown);

    if (grown == NULL) {
        tree->failed = true;
        return;
    }
    tree->nodes = grown;
    grown[tree->count++] = *node;
}

static void add_certificate(struct report_tree *tree, struct report_tree_node node,
                            const struct tree_spot *spot, const struct pki_path *path)
{
    node.index = spot->index;
    node.certificate = certificate_of(tree, spot->index);
    if (node.certificate == NULL) {
        return; /* failed */
    }
    node.name = tree_name(tree, node.certificate, NULL);
    node.place = tree_place(tree, &node, spot);
    node.mark = judge(tree, &node, spot, path);
    tree->shown[spot->index] = true;
    add_node(tree, &node);
}

/* Above the topmost certificate: its issuer, when that is another one that is not here. */
static bool add_absent_issuer(struct report_tree *tree, size_t top, bool anchored,
                              unsigned alternative)
{
    const struct pki_certificate *certificate = certificate_of(tree, top);

    if (!is_known(certificate) || certificate->self_issued || anchored) {
        return false;
    }
    struct report_tree_node node = {
        .kind = REPORT_TREE_NAMED,
        .mark = REPORT_TREE_WAITING,
        .alternative = alternative,
        .index = SIZE_MAX,
    };
    node.name = tree_name(tree, NULL, certificate->issuer);
    node.place = tree_place(tree, &node, &(struct tree_spot){.index = SIZE_MAX});
    add_node(tree, &node);
    return true;
}

/* A path, given leaf first, so that it hangs from its root. `path` is NULL for the chosen one. */
static void hang(struct report_tree *tree, const size_t *indices, size_t length, bool anchored,
                 const struct pki_path *path, unsigned alternative)
{
    if (length == 0) {
        return;
    }
    unsigned depth = add_absent_issuer(tree, indices[length - 1], anchored, alternative) ? 1 : 0;

    for (size_t place = length; place-- > 0;) {
        struct report_tree_node node = {
            .depth = depth,
            .kind = alternative > 0 ? REPORT_TREE_ALTERNATIVE : REPORT_TREE_PATH,
            .alternative = alternative,
            .anchor = anchored && place + 1 == length,
        };
        const struct tree_spot spot = {.index = indices[place], .place = place, .length = length};
        add_certificate(tree, node, &spot, path);
        depth++;
    }
}

/* ---- paths --------------------------------------------------------------------------------- */

/* The certificate that was sent, has this subject and is not in the way already; -1. */
static long find_issuer(const struct report_chain *chain, const char *subject, const size_t *way,
                        size_t length)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct pki_certificate *certificate = chain->certificates[i];
        bool used = false;
        if (!is_known(certificate) || strcmp(certificate->subject, subject) != 0) {
            continue;
        }
        for (size_t j = 0; j < length; j++) {
            used |= way[j] == i;
        }
        if (!used) {
            return (long)i;
        }
    }
    return -1;
}

/* Before a verdict: each certificate hangs from the one whose name it gives as its issuer's. Fills
 * `way` leaf first; returns how many. */
static size_t guess(const struct report_chain *chain, size_t way[GUESS_MAX])
{
    size_t length = 0;
    long next = chain->count > 0 ? 0 : -1;

    while (next >= 0 && length < GUESS_MAX) {
        const struct pki_certificate *certificate = chain->certificates[next];
        way[length++] = (size_t)next;
        if (!is_known(certificate) || certificate->self_issued) {
            break;
        }
        next = find_issuer(chain, certificate->issuer, way, length);
    }
    return length;
}

static void hang_chosen(struct report_tree *tree)
{
    const struct pki_verification *verification = tree->chain.verification;
    size_t way[GUESS_MAX];

    if (verification != NULL && verification->path_length > 0) {
        hang(tree, verification->path, verification->path_length,
             verification->performed && is_anchored(verification), NULL, 0);
    } else {
        hang(tree, way, guess(&tree->chain, way), false, NULL, 0);
    }
    tree->leaf = tree->count > 0 ? tree->count - 1 : SIZE_MAX;
}

static void hang_alternatives(struct report_tree *tree)
{
    const struct pki_verification *verification = tree->chain.verification;

    for (size_t i = 0; verification != NULL && i < verification->alternative_count; i++) {
        const struct pki_path *path = &verification->alternatives[i];
        hang(tree, path->certificates, path->length, path->anchored, path, (unsigned)i + 1);
    }
}

/* Those that hang from nothing: sent for nothing, or known and not usable. */
static void add_others(struct report_tree *tree)
{
    const struct pki_verification *verification = tree->chain.verification;
    size_t sent = verification != NULL ? verification->sent_count : tree->chain.count;
    size_t count = part_certificate_count(&tree->chain);

    for (size_t i = 0; i < count; i++) {
        const struct report_tree_node node = {.kind = i < sent ? REPORT_TREE_UNUSED
                                                               : REPORT_TREE_ALTERNATIVE};
        bool distrusted = verification != NULL && verification->members != NULL &&
                          verification->members[i].distrusted;
        if (!tree->shown[i] && (i < sent || distrusted)) {
            add_certificate(tree, node, &(struct tree_spot){.index = i}, NULL);
        }
    }
}

/* ---- the tree ------------------------------------------------------------------------------ */

static size_t count_members(const struct report_chain *chain)
{
    size_t judged = chain->verification != NULL ? chain->verification->certificate_count : 0;

    return judged > chain->count ? judged : chain->count;
}

struct report_tree *report_tree_new(const struct report_chain *chain)
{
    struct report_tree *tree = calloc(1, sizeof *tree);

    if (tree == NULL) {
        return NULL;
    }
    tree->chain = *chain;
    tree->member_count = count_members(chain);
    tree->arena = arena_new();
    tree->read = calloc(tree->member_count + 1, sizeof(struct pki_certificate *));
    tree->shown = calloc(tree->member_count + 1, sizeof *tree->shown);
    tree->duplicate_of = calloc(tree->member_count + 1, sizeof *tree->duplicate_of);
    tree->failed = tree->arena == NULL || tree->read == NULL || tree->shown == NULL ||
                   tree->duplicate_of == NULL;
    if (!tree->failed) {
        take_duplicates(tree);
        hang_chosen(tree);
        hang_alternatives(tree);
        add_others(tree);
    }
    if (tree->failed) {
        report_tree_free(tree);
        return NULL;
    }
    return tree;
}

void report_tree_free(struct report_tree *tree)
{
    if (tree == NULL) {
        return;
    }
    for (size_t i = 0; tree->read != NULL && i < tree->member_count; i++) {
        pki_certificate_free(tree->read[i]);
    }
    arena_free(tree->arena);
    free(tree->read);
    free(tree->shown);
    free(tree->duplicate_of);
    free(tree->nodes);
    free(tree);
}

size_t report_tree_count(const struct report_tree *tree)
{
    return tree->count;
}

const struct report_tree_node *report_tree_at(const struct report_tree *tree, size_t index)
{
    return &tree->nodes[index];
}

size_t report_tree_leaf(const struct report_tree *tree)
{
    return tree->leaf < tree->count ? tree->leaf : tree->count;
}
