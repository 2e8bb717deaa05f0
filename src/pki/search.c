/* The search for a certification path, depth first over names, likely issuers first. */
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "rules/rules.h"
#include "trust.h"

/* ---- nodes ----------------------------------------------------------------------------- */

static bool is_in_store(const struct search *search, const struct node *node)
{
    struct pki_slice der;
    size_t at = 0;

    while (trust_next(search->request->trust, node->subject_hash, &at, &der)) {
        if (slice_equal(der, node->x.der)) {
            return true;
        }
    }
    return false;
}

static struct node *add_node(struct search *search, struct pki_slice der)
{
    struct node *grown =
        array_grow(search->nodes, &search->capacity, search->count + 1, sizeof *grown);
    struct node *node;

    if (grown == NULL) {
        search->failed = true;
        return NULL;
    }
    search->nodes = grown;
    node = &grown[search->count++];
    *node = (struct node){0};
    node->readable = x509_read(&node->x, der.data, der.length, NULL, 0);
    if (node->readable) {
        node->subject_hash = name_hash(node->x.subject, &search->failed);
        node->issuer_hash = name_hash(node->x.issuer, &search->failed);
    }
    return node;
}

static void add_sent(struct search *search)
{
    const struct pki_request *request = search->request;
    size_t count = request->chain_length;

    if (count > SEARCH_NODES_MAX) {
        count = SEARCH_NODES_MAX;
        search->gave_up = true;
    }
    for (size_t i = 0; i < count && !search->failed; i++) {
        struct node *node = add_node(search, request->chain[i]);
        if (node != NULL) {
            node->sent = true;
            node->anchor = node->readable && is_in_store(search, node);
        }
    }
}

static bool has_node(const struct search *search, uint64_t subject_hash, struct pki_slice der)
{
    for (size_t i = 0; i < search->count; i++) {
        if (search->nodes[i].subject_hash == subject_hash &&
            slice_equal(search->nodes[i].x.der, der)) {
            return true;
        }
    }
    return false;
}

/* Makes nodes of the anchors whose subject may be the issuer of `certificate`. */
static void add_anchors(struct search *search, size_t certificate)
{
    uint64_t hash = search->nodes[certificate].issuer_hash;
    struct pki_slice der;
    size_t at = 0;

    while (!search->failed && trust_next(search->request->trust, hash, &at, &der)) {
        struct node *node = has_node(search, hash, der) ? NULL : add_node(search, der);
        if (node != NULL) {
            node->anchor = node->readable;
        }
    }
}

/* ---- who may have issued whom ---------------------------------------------------------- */

static bool may_be_issuer(struct search *search, size_t certificate, size_t issuer)
{
    const struct node *from = &search->nodes[issuer];
    const struct node *to = &search->nodes[certificate];

    return from->readable && from->subject_hash == to->issuer_hash &&
           name_equal(from->x.subject, to->x.issuer, &search->failed);
}

enum key_id search_key_id(const struct search *search, size_t certificate, size_t issuer)
{
    struct pki_slice wanted = search->nodes[certificate].x.authority_key_id;
    struct pki_slice offered = search->nodes[issuer].x.subject_key_id;

    if (wanted.length == 0 || offered.length == 0) {
        return KEY_ID_UNKNOWN;
    }
    return slice_equal(wanted, offered) ? KEY_ID_SAME : KEY_ID_DIFFERS;
}

size_t search_namesake(const struct search *search, size_t certificate)
{
    const struct node *to = &search->nodes[certificate];

    for (size_t i = 0; i < search->count; i++) {
        if (i != certificate && search->nodes[i].readable &&
            search->nodes[i].subject_hash == to->issuer_hash &&
            search_key_id(search, certificate, i) == KEY_ID_DIFFERS) {
            return i;
        }
    }
    return NO_NODE;
}

enum signature_state search_edge(struct search *search, size_t certificate, size_t issuer)
{
    struct edge *edge;

    for (size_t i = 0; i < search->edge_count; i++) {
        edge = &search->edges[i];
        if (edge->certificate == certificate && edge->issuer == issuer) {
            return edge->state;
        }
    }
    if (search->edge_count == SEARCH_SIGNATURES_MAX) {
        search->gave_up = true;
        return SIGNATURE_NOT_CHECKED;
    }
    edge = &search->edges[search->edge_count++];
    *edge = (struct edge){certificate, issuer,
                          signature_check(&search->nodes[certificate].x, &search->nodes[issuer].x)};
    search->failed |= edge->state == SIGNATURE_NO_MEMORY;
    return edge->state;
}

/* ---- candidates ------------------------------------------------------------------------ */

struct candidate {
    size_t node;
    unsigned rank; /* higher is tried earlier */
};

/* The same subject and key twice makes a loop, whatever else differs (RFC 4158 5.2). */
static bool is_in_path(const struct search *search, size_t node)
{
    const struct x509 *x = &search->nodes[node].x;

    for (size_t i = 0; i < search->current.length; i++) {
        const struct node *there = &search->nodes[search->current.nodes[i]];
        if (there->subject_hash == search->nodes[node].subject_hash &&
            slice_equal(there->x.spki, x->spki)) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const struct search *search, const struct candidate *list, size_t count,
                      size_t node)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(search->nodes[list[i].node].x.der, search->nodes[node].x.der)) {
            return true; /* sent twice */
        }
    }
    return false;
}

static unsigned rank(const struct search *search, size_t certificate, size_t issuer)
{
    const struct node *node = &search->nodes[issuer];
    enum key_id key_id = search_key_id(search, certificate, issuer);
    int64_t at = search->request->at;
    bool valid = node->x.not_before <= at && at <= node->x.not_after;

    return (key_id != KEY_ID_DIFFERS ? 16u : 0u) + (node->anchor ? 8u : 0u) +
           (key_id == KEY_ID_SAME ? 4u : 0u) + (node->x.is_ca ? 2u : 0u) + (valid ? 1u : 0u);
}

/* Finds who may have issued the last one of the path, best first; at equal rank in the order
 * sent. Returns how many. */
static size_t find_candidates(struct search *search, struct candidate *list)
{
    size_t certificate = search->current.nodes[search->current.length - 1];
    size_t count = 0;

    add_anchors(search, certificate);
    for (size_t i = 0; i < search->count; i++) {
        struct candidate candidate;
        size_t place;
        if (!may_be_issuer(search, certificate, i) || is_in_path(search, i) ||
            is_listed(search, list, count, i)) {
            continue;
        }
        if (count == SEARCH_CANDIDATES_MAX) {
            search->gave_up = true;
            break;
        }
        candidate = (struct candidate){i, rank(search, certificate, i)};
        for (place = count++; place > 0 && list[place - 1].rank < candidate.rank; place--) {
            list[place] = list[place - 1];
        }
        list[place] = candidate;
    }
    return count;
}

/* ---- trials ---------------------------------------------------------------------------- */

static bool is_better(const struct trial *a, const struct trial *b)
{
    if (a->anchored != b->anchored) {
        return a->anchored;
    }
    if (a->count != b->count) {
        return a->count < b->count;
    }
    return !a->anchored && a->length > b->length; /* as far as it got */
}

/* Judges the path as it stands and keeps it when it is the best so far. */
static void consider(struct search *search)
{
    struct trial *current = &search->current;
    struct trial kept;

    current->count = 0;
    current->anchored = search->nodes[current->nodes[current->length - 1]].anchor;
    rules_judge(search);
    if (search->has_best && !is_better(current, &search->best)) {
        return;
    }
    /* The two change places, so that each goes on owning its findings. */
    kept = search->best;
    search->best = *current;
    current->findings = kept.findings;
    current->capacity = kept.capacity;
    current->count = 0;
    search->has_best = true;
}

static bool is_over(const struct search *search)
{
    return search->failed || search->gave_up ||
           (search->has_best && search->best.anchored && search->best.count == 0);
}

static void extend(struct search *search);

static void extend_with(struct search *search, size_t node)
{
    search->current.nodes[search->current.length++] = node;
    extend(search);
    search->current.length--;
}

/* Follows every candidate whose key made the signature; when there is none, the likeliest of
 * those that should have made it, so that the signature is what is reported. */
static void extend(struct search *search)
{
    struct candidate list[SEARCH_CANDIDATES_MAX];
    size_t last = search->current.nodes[search->current.length - 1];
    size_t count;
    bool followed = false;

    if (search->nodes[last].anchor || !search->nodes[last].readable) {
        consider(search);
        return;
    }
    if (++search->steps > SEARCH_STEPS_MAX || search->current.length == SEARCH_LENGTH_MAX) {
        search->gave_up = true;
        return;
    }
    count = find_candidates(search, list);
    for (size_t i = 0; i < count && !is_over(search); i++) {
        if (search_edge(search, last, list[i].node) == SIGNATURE_GOOD) {
            followed = true;
            extend_with(search, list[i].node);
        }
    }
    if (followed || is_over(search)) {
        return;
    }
    if (count > 0 && search_key_id(search, last, list[0].node) != KEY_ID_DIFFERS) {
        extend_with(search, list[0].node);
    } else {
        consider(search);
    }
}

bool search_run(struct search *search, const struct pki_request *request)
{
    *search = (struct search){.request = request};
    search->failed = request->hostname != NULL && !host_read(&search->host, request->hostname);
    add_sent(search);
    if (search->failed) {
        return false;
    }
    if (search->count == 0) {
        rules_judge(search);
        search->best = search->current;
        search->current = (struct trial){0};
        return !search->failed;
    }
    search->current.nodes[0] = 0;
    search->current.length = 1;
    extend(search);
    if (!search->has_best && !search->failed) {
        search->current.length = 1; /* gave up before any path had an end */
        consider(search);
    }
    return !search->failed;
}

void search_free(struct search *search)
{
    host_clear(&search->host);
    free(search->nodes);
    free(search->current.findings);
    free(search->best.findings);
    *search = (struct search){0};
}
