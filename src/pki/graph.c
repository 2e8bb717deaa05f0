/*
 * The graph is whole before the search begins: sorting finds duplicates and makes the index by name, and a walk from the anchors down
 * tells how far each certificate is from one. All of it is linear but for the sorting, whatever a bundle looks like.
 */
#include "graph.h"

#include <stdlib.h>

#include "name.h"
#include "trust.h"

/* ---- nodes ----------------------------------------------------------------------------- */

static struct node *add_node(struct search *search, struct pki_slice der)
{
    struct node *grown;
    struct node *node;

    if (search->count == SEARCH_NODES_MAX) {
        search->gave_up = true;
        return NULL;
    }
    grown = array_grow(search->nodes, &search->capacity, search->count + 1, sizeof *grown);
    if (grown == NULL) {
        search->failed = true;
        return NULL;
    }
    search->nodes = grown;
    node = &grown[search->count++];
    *node = (struct node){.duplicate_of = NO_NODE, .distance = NO_WAY};
    node->readable = x509_read(&node->x, der.data, der.length, NULL, 0);
    if (node->readable) {
        node->subject_hash = name_hash(node->x.subject, &search->failed);
        node->issuer_hash = name_hash(node->x.issuer, &search->failed);
    }
    return node;
}

static void add_borrowed(struct search *search)
{
    const struct pki_request *request = search->request;

    for (size_t i = 0; i < request->chain_length && !search->failed; i++) {
        struct node *node = add_node(search, request->chain[i]);
        if (node == NULL) {
            return;
        }
        node->sent = true;
    }
    for (size_t i = 0; i < request->intermediate_count && !search->failed; i++) {
        struct node *node = add_node(search, request->intermediates[i]);
        if (node == NULL) {
            return;
        }
        node->given = true;
    }
}

/* Makes nodes of the store's certificates with this subject; a row is taken once, and then as a whole. */
static void take_row(struct search *search, uint64_t hash, bool *taken)
{
    const struct pki_trust *trust = search->request->trust;
    enum pki_purpose purpose = search->request->purpose;
    struct pki_slice der;
    size_t at = 0;

    while (!search->failed && trust_next(trust, hash, &at, &der) && !taken[at - 1]) {
        struct node *node = add_node(search, der);
        enum trust_verdict verdict = trust_verdict(trust, at - 1, purpose);
        if (node == NULL) {
            return;
        }
        taken[at - 1] = true;
        node->anchor = node->readable && verdict != TRUST_FORBIDDEN;
        node->trusted_explicitly = verdict == TRUST_EXPLICIT;
        node->distrusted = verdict == TRUST_FORBIDDEN;
    }
}

/* Of the store, what has a name that occurs: `count` grows while this goes on, so that issuers of issuers come, too. */
static void add_stored(struct search *search)
{
    size_t size = pki_trust_count(search->request->trust);
    bool *taken;

    if (size == 0) {
        return;
    }
    taken = calloc(size, sizeof *taken);
    if (taken == NULL) {
        search->failed = true;
        return;
    }
    for (size_t i = 0; i < search->count && !search->failed && !search->gave_up; i++) {
        struct node *node = &search->nodes[i];
        uint64_t subject = node->subject_hash, issuer = node->issuer_hash;
        if (node->readable) {
            take_row(search, issuer, taken);
            take_row(search, subject, taken);
        }
    }
    free(taken);
}

/* ---- index ----------------------------------------------------------------------------- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_subject(const void *left, const void *right, void *nodes)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    const struct node *x = (const struct node *)nodes + a, *y = (const struct node *)nodes + b;
    int order = compare_numbers(x->subject_hash, y->subject_hash);

    order = order != 0 ? order : slice_compare(x->x.der, y->x.der);
    return order != 0 ? order : compare_numbers(a, b);
}

static int by_issuer(const void *left, const void *right, void *nodes)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;
    const struct node *x = (const struct node *)nodes + a, *y = (const struct node *)nodes + b;
    int order = compare_numbers(x->issuer_hash, y->issuer_hash);

    return order != 0 ? order : compare_numbers(a, b);
}

/* What the store says of a certificate is said of the first one of the same bytes. */
static void mark_duplicate(struct search *search, size_t first, size_t again)
{
    struct node *node = &search->nodes[first], *copy = &search->nodes[again];

    copy->duplicate_of = first;
    node->anchor |= copy->anchor;
    node->distrusted |= copy->distrusted;
    node->trusted_explicitly |= copy->trusted_explicitly;
}

static bool make_index(struct search *search)
{
    size_t first = NO_NODE;

    search->by_subject = calloc(search->count + 1, sizeof *search->by_subject);
    search->by_issuer = calloc(search->count + 1, sizeof *search->by_issuer);
    if (search->by_subject == NULL || search->by_issuer == NULL) {
        return false;
    }
    for (size_t i = 0; i < search->count; i++) {
        search->by_subject[i] = i;
    }
    qsort_r(search->by_subject, search->count, sizeof *search->by_subject, by_subject,
            search->nodes);
    for (size_t i = 0; i < search->count; i++) {
        size_t node = search->by_subject[i];
        if (first != NO_NODE &&
            slice_equal(search->nodes[first].x.der, search->nodes[node].x.der)) {
            mark_duplicate(search, first, node);
            continue;
        }
        first = node;
        if (search->nodes[node].readable) {
            search->by_issuer[search->indexed] = node;
            search->by_subject[search->indexed++] = node; /* never beyond what was read */
        }
    }
    qsort_r(search->by_issuer, search->indexed, sizeof *search->by_issuer, by_issuer,
            search->nodes);
    return true;
}

/* The first place whose hash is not below this one, or, `beyond`, that is above it; `issuer` chooses the index. */
static size_t find_place(const struct search *search, bool issuer, uint64_t hash, bool beyond)
{
    const size_t *index = issuer ? search->by_issuer : search->by_subject;
    size_t low = 0, high = search->indexed;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct node *node = &search->nodes[index[middle]];
        uint64_t there = issuer ? node->issuer_hash : node->subject_hash;
        if (there < hash || (beyond && there == hash)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct row find_row(const struct search *search, bool issuer, uint64_t hash)
{
    const size_t *index = issuer ? search->by_issuer : search->by_subject;
    size_t first = find_place(search, issuer, hash, false);

    return (struct row){index + first, find_place(search, issuer, hash, true) - first};
}

struct row graph_subjects(const struct search *search, uint64_t hash)
{
    return find_row(search, false, hash);
}

bool graph_names_match(struct search *search, size_t certificate, size_t issuer)
{
    const struct node *from = &search->nodes[issuer];
    const struct node *to = &search->nodes[certificate];

    return from->subject_hash == to->issuer_hash &&
           (slice_equal(from->x.subject, to->x.issuer) ||
            name_equal(from->x.subject, to->x.issuer, &search->failed));
}

/* ---- what is known at a glance --------------------------------------------------------- */

/* Distrust is of a CA, which is a name and a key (RFC 5280 6.1.1 (d)), not of one of its certificates: otherwise the cross-signed twin
 * of a certificate that somebody distrusts would be the way around. */
static void spread_distrust(struct search *search)
{
    for (size_t i = 0; i < search->count; i++) {
        const struct node *node = &search->nodes[i];
        struct row row;
        if (!node->distrusted || !node->readable || node->sent || node->given) {
            continue;
        }
        row = graph_subjects(search, node->subject_hash);
        for (size_t j = 0; j < row.count; j++) {
            struct node *twin = &search->nodes[row.nodes[j]];
            if (slice_equal(twin->x.spki, node->x.spki)) {
                twin->distrusted = true;
                twin->anchor = false;
            }
        }
    }
}

/* The least number of certificates above each one, from the anchors down, each name once. */
static bool measure_distances(struct search *search)
{
    size_t *queue = calloc(search->indexed + 1, sizeof *queue);
    bool *visited = calloc(search->indexed + 1, sizeof *visited); /* rows, by their first place */
    size_t head = 0, tail = 0;

    if (queue == NULL || visited == NULL) {
        free(queue);
        free(visited);
        return false;
    }
    for (size_t i = 0; i < search->indexed; i++) {
        struct node *node = &search->nodes[search->by_subject[i]];
        if (node->anchor) {
            node->distance = 0;
            queue[tail++] = search->by_subject[i];
        }
    }
    while (head < tail) {
        const struct node *issuer = &search->nodes[queue[head++]];
        struct row row = find_row(search, true, issuer->subject_hash);
        size_t place = (size_t)(row.nodes - search->by_issuer);
        if (visited[place]) {
            continue;
        }
        visited[place] = true;
        for (size_t i = 0; i < row.count; i++) {
            struct node *node = &search->nodes[row.nodes[i]];
            if (node->distance == NO_WAY) {
                node->distance = issuer->distance + 1;
                queue[tail++] = row.nodes[i];
            }
        }
    }
    free(queue);
    free(visited);
    return true;
}

struct pki_slice graph_purpose(const struct search *search)
{
    static const struct pki_slice server = OID(PURPOSE_SERVER_AUTH);
    static const struct pki_slice client = OID(PURPOSE_CLIENT_AUTH);

    return search->request->purpose == PKI_PURPOSE_CLIENT ? client : server;
}

bool graph_serves_purpose(const struct search *search, const struct node *node, bool any_counts)
{
    static const struct pki_slice any = OID(PURPOSE_ANY);

    return search->request->purpose == PKI_PURPOSE_ANY || node->trusted_explicitly ||
           !node->x.extension[X509_EXTENDED_KEY_USAGE].present ||
           x509_has_purpose(&node->x, graph_purpose(search)) ||
           (any_counts && x509_has_purpose(&node->x, any));
}

/* How many rules will speak against it as an issuer: only the order in which paths are tried depends on it. */
static unsigned penalty_of(const struct search *search, const struct node *node)
{
    const struct x509 *x = &node->x;
    int64_t at = search->request->at;
    bool may_sign =
        !x->extension[X509_KEY_USAGE].present || (x->key_usage & KEY_USAGE_KEY_CERT_SIGN) != 0;

    return (unsigned)(at < x->not_before || at > x->not_after) +
           (unsigned)(!x->is_ca && !(x->version == 1 && node->anchor)) + (unsigned)!may_sign +
           (unsigned)!graph_serves_purpose(search, node, true) + (x->unknown_critical > 0);
}

bool graph_build(struct search *search)
{
    add_borrowed(search);
    add_stored(search);
    if (search->failed || !make_index(search)) {
        return false;
    }
    spread_distrust(search);
    if (!measure_distances(search)) {
        return false;
    }
    for (size_t i = 0; i < search->indexed; i++) {
        struct node *node = &search->nodes[search->by_subject[i]];
        node->penalty = penalty_of(search, node);
    }
    return true;
}
