/*
 * The search for a certification path (RFC 5280 6, RFC 4158): best first.
 *
 * A step is the beginning of a path, leaf first, by its last certificate and the step before. Steps wait in a heap, those with the least
 * against them in front; of these, those that are nearest to an anchor. A signature is checked when its step's turn comes, so that most
 * never are. What speaks against a step (an expired issuer, one that is no CA) only puts it behind the others: when there is no better
 * path, the one nearest to being accepted is found and its reasons are given.
 */
#include <stdlib.h>

#include "graph.h"
#include "revocation/revocation.h"
#include "rules/rules.h"

/* What a step costs beyond the rules that its issuer breaks, one each. */
#define PENALTY_DISTRUSTED 16   /* the trust store forbids it */
#define PENALTY_DEAD_END   64   /* no anchor can be reached from there, to go by the names */
#define PENALTY_KEY_ID     512  /* by its key identifier it is another CA of the same name */
#define PENALTY_SIGNATURE  8192 /* the signature is wrong */
#define PENALTY_MAX        65535

#define NO_STEP SIZE_MAX

struct step {
    size_t node;
    size_t parent;
    size_t waiting; /* children in the heap */
    unsigned penalty;
    unsigned length;        /* certificates so far */
    unsigned intermediates; /* those of them that count for a path length (RFC 5280 6.1.4 (l)) */
    bool bad_signature;     /* it was checked, and it is wrong */
    bool followed;          /* a child was gone on with */
};

struct turn {
    uint64_t key; /* smaller comes earlier */
    size_t step;
};

/* The steps and the heap of those whose turn has not come. */
struct queue {
    struct step *steps;
    size_t step_count, step_capacity;
    struct turn *heap;
    size_t heap_count, heap_capacity;
};

/* ---- the heap -------------------------------------------------------------------------- */

static void heap_up(struct turn *heap, size_t place)
{
    while (place > 0 && heap[place].key < heap[(place - 1) / 2].key) {
        struct turn moved = heap[place];
        heap[place] = heap[(place - 1) / 2];
        heap[(place - 1) / 2] = moved;
        place = (place - 1) / 2;
    }
}

static void heap_down(struct turn *heap, size_t count)
{
    size_t place = 0;

    for (;;) {
        size_t child = 2 * place + 1;
        struct turn moved = heap[place];
        if (child + 1 < count && heap[child + 1].key < heap[child].key) {
            child++;
        }
        if (child >= count || heap[place].key <= heap[child].key) {
            return;
        }
        heap[place] = heap[child];
        heap[child] = moved;
        place = child;
    }
}

/* Penalty first, then the length that the whole path will have at least, then who is nearer to its end, then the key identifier, then
 * the order in which they were sent. */
static uint64_t key_of(const struct search *search, const struct queue *queue,
                       const struct step *step)
{
    unsigned distance = search->nodes[step->node].distance;
    unsigned whole = step->length + (distance < SEARCH_LENGTH_MAX ? distance : SEARCH_LENGTH_MAX);
    enum key_id key_id = step->parent == NO_STEP
                             ? KEY_ID_SAME
                             : search_key_id(search, queue->steps[step->parent].node, step->node);

    return (uint64_t)step->penalty << 48 | (uint64_t)whole << 40 |
           (uint64_t)(SEARCH_LENGTH_MAX - step->length) << 32 |
           (uint64_t)(KEY_ID_SAME - key_id) << 30 | (uint64_t)step->node;
}

static void enqueue(struct search *search, struct queue *queue, size_t step)
{
    struct turn *grown =
        array_grow(queue->heap, &queue->heap_capacity, queue->heap_count + 1, sizeof *grown);

    if (grown == NULL) {
        search->failed = true;
        return;
    }
    queue->heap = grown;
    grown[queue->heap_count] = (struct turn){key_of(search, queue, &queue->steps[step]), step};
    heap_up(grown, queue->heap_count++);
}

static size_t dequeue(struct queue *queue)
{
    size_t step = queue->heap[0].step;

    queue->heap[0] = queue->heap[--queue->heap_count];
    heap_down(queue->heap, queue->heap_count);
    return step;
}

static void add_step(struct search *search, struct queue *queue, struct step step)
{
    struct step *grown;

    if (queue->step_count == SEARCH_STEPS_MAX) {
        search->gave_up |= !search->has_best || search->best.count > 0;
        return;
    }
    grown = array_grow(queue->steps, &queue->step_capacity, queue->step_count + 1, sizeof *grown);
    if (grown == NULL) {
        search->failed = true;
        return;
    }
    queue->steps = grown;
    grown[queue->step_count] = step;
    if (step.parent != NO_STEP) {
        grown[step.parent].waiting++;
    }
    enqueue(search, queue, queue->step_count++);
}

/* ---- signatures ------------------------------------------------------------------------ */

static struct edge *find_edge(const struct search *search, size_t certificate, size_t issuer)
{
    uint64_t hash = ((uint64_t)certificate * SEARCH_NODES_MAX + issuer) * 0x9e3779b97f4a7c15u;
    size_t place = (size_t)(hash >> 53) % SEARCH_EDGES;

    while (search->edges[place].taken && (search->edges[place].certificate != certificate ||
                                          search->edges[place].issuer != issuer)) {
        place = (place + 1) % SEARCH_EDGES;
    }
    return &search->edges[place];
}

enum signature_state search_edge_known(const struct search *search, size_t certificate,
                                       size_t issuer)
{
    const struct edge *edge = find_edge(search, certificate, issuer);

    return edge->taken ? edge->state : SIGNATURE_NOT_CHECKED;
}

static bool is_accepted(const struct search *search)
{
    return search->has_best && search->best.anchored && search->best.count == 0;
}

enum signature_state search_edge(struct search *search, size_t certificate, size_t issuer)
{
    const struct x509 *key = &search->nodes[issuer].x;
    struct edge *edge = find_edge(search, certificate, issuer);
    unsigned cost;

    if (edge->taken) {
        return edge->state;
    }
    cost = signature_cost(key);
    if (search->done.signatures + cost > search->limit.signatures ||
        search->edge_count == SEARCH_EDGES / 2) {
        search->gave_up |= !is_accepted(search);
        return SIGNATURE_NOT_CHECKED;
    }
    search->done.signatures += cost;
    search->edge_count++;
    *edge = (struct edge){true, certificate, issuer,
                          signature_check(&search->nodes[certificate].x, key)};
    search->failed |= edge->state == SIGNATURE_NO_MEMORY;
    return edge->state;
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
    struct row row = graph_subjects(search, search->nodes[certificate].issuer_hash);
    size_t found = NO_NODE;

    for (size_t i = 0; i < row.count; i++) {
        if (row.nodes[i] != certificate && row.nodes[i] < found &&
            search_key_id(search, certificate, row.nodes[i]) == KEY_ID_DIFFERS) {
            found = row.nodes[i];
        }
    }
    return found;
}

bool search_may_be_root(const struct search *search, size_t node)
{
    return x509_is_self_issued(&search->nodes[node].x) &&
           search_key_id(search, node, node) != KEY_ID_DIFFERS;
}

/* Signed with its own key: then nobody else's can have done it. */
static bool is_self_signed(struct search *search, size_t node)
{
    return search_may_be_root(search, node) && search_edge(search, node, node) == SIGNATURE_GOOD;
}

/* ---- trials ---------------------------------------------------------------------------- */

/* How far a finding is from being none. Time heals an expired certificate, and the server's owner a wrong chain; a wrong signature is
 * no path at all. */
static unsigned weight_of(enum pki_reason_code code)
{
    switch (code) {
    case PKI_BAD_SIGNATURE:
        return 64;
    case PKI_REVOKED:
        return 16;
    case PKI_NO_TRUST_ANCHOR:
        return 12;
    case PKI_EXPIRED:
    case PKI_NOT_YET_VALID:
    case PKI_NOT_CONFORMING:
    case PKI_REVOCATION_UNKNOWN:
        return 3;
    default:
        return 4;
    }
}

static unsigned weight(const struct trial *trial)
{
    unsigned sum = 0;

    for (size_t i = 0; i < trial->count && sum < 100000; i++) {
        sum += weight_of(trial->findings[i].code);
    }
    return sum;
}

static bool is_better(const struct trial *a, const struct trial *b)
{
    unsigned weight_a = weight(a), weight_b = weight(b);

    if (a->anchored != b->anchored) {
        return a->anchored;
    }
    if (weight_a != weight_b) {
        return weight_a < weight_b;
    }
    return !a->anchored && a->length > b->length; /* as far as it got */
}

/* Each trial goes on owning its findings, wherever it stands. */
static void exchange(struct trial *a, struct trial *b)
{
    struct trial kept = *a;

    *a = *b;
    *b = kept;
}

static void keep_alternative(struct search *search, struct trial *trial)
{
    size_t place = search->other_count;

    if (place == PKI_ALTERNATIVES_MAX) {
        if (!is_better(trial, &search->others[place - 1])) {
            return;
        }
        place--;
    } else {
        search->other_count++;
    }
    exchange(&search->others[place], trial);
    for (; place > 0 && is_better(&search->others[place], &search->others[place - 1]); place--) {
        exchange(&search->others[place], &search->others[place - 1]);
    }
}

/* One path is enough; what else there is may be shown, but is not worth much work. */
static void settle_for_little_more(struct search *search)
{
    search->gave_up = false; /* what was left out is not missed */
    search->limit.looks = search->done.looks + SEARCH_MORE_LOOKS;
    search->limit.paths = search->done.paths + SEARCH_MORE_PATHS;
    search->limit.signatures = search->done.signatures + SEARCH_MORE_SIGNATURES;
}

/* Judges the path that ends with this step. True when it is accepted. */
static bool consider(struct search *search, const struct queue *queue, size_t end)
{
    struct trial *current = &search->current;
    bool accepted_before = is_accepted(search);

    current->count = 0;
    current->length = queue->steps[end].length;
    for (size_t step = end, i = current->length; i > 0; step = queue->steps[step].parent) {
        current->nodes[--i] = queue->steps[step].node;
    }
    current->anchored = search->nodes[queue->steps[end].node].anchor;
    search->done.paths++;
    rules_judge(search);
    if (!search->has_best) {
        exchange(&search->best, current);
        search->has_best = true;
    } else {
        if (is_better(current, &search->best)) {
            exchange(&search->best, current);
        }
        keep_alternative(search, current);
    }
    if (is_accepted(search) && !accepted_before) {
        settle_for_little_more(search);
    }
    return is_accepted(search);
}

/* ---- the walk -------------------------------------------------------------------------- */

/* The same subject and key twice makes a loop, whatever else differs (RFC 4158 5.2). */
static bool is_in_path(const struct search *search, const struct queue *queue, size_t step,
                       size_t node)
{
    const struct node *next = &search->nodes[node];

    for (; step != NO_STEP; step = queue->steps[step].parent) {
        const struct node *there = &search->nodes[queue->steps[step].node];
        if (there->subject_hash == next->subject_hash && slice_equal(there->x.spki, next->x.spki)) {
            return true;
        }
    }
    return false;
}

static unsigned penalty_of(const struct search *search, const struct step *step, size_t issuer)
{
    const struct node *node = &search->nodes[issuer];
    unsigned penalty = step->penalty + node->penalty;
    bool too_long = node->x.path_length != X509_NO_LIMIT &&
                    (unsigned long)node->x.path_length < step->intermediates;

    penalty += too_long ? 1 : 0;
    penalty += node->distrusted ? PENALTY_DISTRUSTED : 0;
    penalty += node->distance == NO_WAY ? PENALTY_DEAD_END : 0;
    if (search_key_id(search, step->node, issuer) == KEY_ID_DIFFERS) {
        penalty += PENALTY_KEY_ID;
    }
    return penalty < PENALTY_MAX ? penalty : PENALTY_MAX;
}

/* Whoever may have issued the last certificate gets a turn. */
static void expand(struct search *search, struct queue *queue, size_t index)
{
    struct step step = queue->steps[index]; /* a copy: the array moves */
    struct row row = graph_subjects(search, search->nodes[step.node].issuer_hash);
    bool counts = step.length > 1 && !x509_is_self_issued(&search->nodes[step.node].x);

    step.intermediates += counts ? 1 : 0;
    for (size_t i = 0; i < row.count && !search->failed; i++) {
        size_t issuer = row.nodes[i];
        if (++search->done.looks > search->limit.looks) {
            search->gave_up |= !is_accepted(search);
            return;
        }
        if (graph_names_match(search, step.node, issuer) &&
            !is_in_path(search, queue, index, issuer)) {
            add_step(search, queue,
                     (struct step){.node = issuer,
                                   .parent = index,
                                   .penalty = penalty_of(search, &step, issuer),
                                   .length = step.length + 1,
                                   .intermediates = step.intermediates});
        }
    }
}

/* A path that leads no further is judged as far as it got, once. An anchor was judged when it was reached. */
static void end_if_alone(struct search *search, struct queue *queue, size_t index)
{
    const struct step *step = &queue->steps[index];

    if (step->waiting == 0 && !step->followed && !search->nodes[step->node].anchor) {
        (void)consider(search, queue, index);
    }
}

/* Goes on from a certificate: to its issuers, unless it is an anchor that serves, or a root. */
static void arrive(struct search *search, struct queue *queue, size_t index)
{
    const struct step *step = &queue->steps[index];
    const struct node *node = &search->nodes[step->node];

    if (node->anchor && consider(search, queue, index)) {
        return;
    }
    if (step->length == SEARCH_LENGTH_MAX) {
        search->gave_up |= !is_accepted(search);
    } else if (node->readable && !is_self_signed(search, step->node)) {
        expand(search, queue, index);
    }
    end_if_alone(search, queue, index);
}

/* Has the key of the step's certificate signed the one before it? If not, it gets another turn when nothing else has helped: the likeliest
 * issuer's wrong signature is then what is reported. Not where the key identifiers say that it is somebody else's anyway. */
static bool is_signed(struct search *search, struct queue *queue, size_t index)
{
    struct step *step = &queue->steps[index];
    struct step *parent = &queue->steps[step->parent];
    enum signature_state state;

    if (step->bad_signature) {
        return !parent->followed;
    }
    state = search_edge(search, parent->node, step->node);
    if (state == SIGNATURE_GOOD || state == SIGNATURE_NOT_CHECKED || search->failed) {
        return state == SIGNATURE_GOOD;
    }
    if (search_key_id(search, parent->node, step->node) != KEY_ID_DIFFERS) {
        step->bad_signature = true;
        step->penalty += PENALTY_SIGNATURE;
        step->penalty = step->penalty < PENALTY_MAX ? step->penalty : PENALTY_MAX;
        parent->waiting++;
        enqueue(search, queue, index);
    }
    return false;
}

static void visit(struct search *search, struct queue *queue, size_t index)
{
    size_t parent = queue->steps[index].parent;
    bool go_on;

    if (parent == NO_STEP) {
        arrive(search, queue, index);
        return;
    }
    go_on = is_signed(search, queue, index);
    queue->steps[parent].waiting--;
    if (search->failed) {
        return;
    }
    if (go_on) {
        queue->steps[parent].followed = true;
        arrive(search, queue, index);
    } else {
        end_if_alone(search, queue, parent);
    }
}

static bool is_over(const struct search *search)
{
    return search->failed || search->done.paths >= search->limit.paths ||
           search->done.signatures >= search->limit.signatures ||
           search->done.looks > search->limit.looks;
}

static void walk(struct search *search)
{
    struct queue queue = {0};

    add_step(search, &queue, (struct step){.node = 0, .parent = NO_STEP, .length = 1});
    while (queue.heap_count > 0 && !is_over(search)) {
        visit(search, &queue, dequeue(&queue));
    }
    search->gave_up |= queue.heap_count > 0 && !is_accepted(search);
    if (!search->has_best && !search->failed) {
        (void)consider(search, &queue, 0); /* no path had an end */
    }
    free(queue.steps);
    free(queue.heap);
}

bool search_run(struct search *search, const struct pki_request *request)
{
    *search = (struct search){
        .request = request,
        .limit = {SEARCH_LOOKS_MAX, SEARCH_PATHS_MAX, SEARCH_SIGNATURES_MAX},
    };
    search->edges = calloc(SEARCH_EDGES, sizeof *search->edges);
    search->failed = search->edges == NULL ||
                     (request->hostname != NULL && !host_read(&search->host, request->hostname));
    if (search->failed || !graph_build(search)) {
        search->failed = true;
        return false;
    }
    if (request->chain_length == 0) {
        rules_judge(search);
        exchange(&search->best, &search->current);
        return !search->failed;
    }
    walk(search);
    return !search->failed;
}

void search_say_gave_up(struct buffer *out, const struct search *search)
{
    if (search->count == SEARCH_NODES_MAX) {
        buffer_printf(out, "Only %d certificates were looked at: more are too many to search.",
                      SEARCH_NODES_MAX);
        return;
    }
    buffer_printf(
        out,
        "The search for a path was given up after %zu paths, %zu signatures and %zu looks "
        "at possible issuers: too many certificates could be the next.",
        search->done.paths, search->edge_count, search->done.looks);
}

void search_free(struct search *search)
{
    host_clear(&search->host);
    free(search->nodes);
    free(search->by_subject);
    free(search->by_issuer);
    free(search->edges);
    free(search->current.findings);
    free(search->best.findings);
    for (size_t i = 0; i < search->other_count; i++) {
        free(search->others[i].findings);
    }
    revocation_free(search->revocation);
    *search = (struct search){0};
}
