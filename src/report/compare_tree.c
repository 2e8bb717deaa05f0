/*
 * The fields of two messages side by side. Children are aligned by path, and where a path comes
 * several times by what tells its items apart (a cipher suite's number, a key share's group), else by
 * position; in whatever order they stand. What is alike is one line, whatever it consists of.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"

#define NO_PARTNER UINT32_MAX
/* Values in a line about another order. */
#define ORDER_MAX 400

struct item {
    uint64_t key;
    uint32_t index;   /* of the field in its tree */
    uint32_t place;   /* among its siblings */
    uint32_t partner; /* place of the sibling in the other tree, or NO_PARTNER */
};

struct siblings {
    const struct wire_tree *tree;
    struct item *items;
    size_t count;
};

/* Values that would be the same only by a mistake: chosen at random, or computed from what was. */
static const char *const random_paths[] = {
    "handshake.client_hello.random",
    "handshake.client_hello.session_id",
    "handshake.server_hello.random",
    "handshake.server_hello.session_id",
    "handshake.hello_retry_request.session_id",
    "handshake.finished.verify_data",
    "handshake.certificate_verify.signature",
    "handshake.server_key_exchange.signature",
    "handshake.server_key_exchange.public_key",
    "handshake.server_key_exchange.dh_ys",
    "handshake.client_key_exchange.public_key",
    "handshake.client_key_exchange.dh_yc",
    "handshake.client_key_exchange.encrypted_pre_master_secret",
    "handshake.new_session_ticket.ticket_age_add",
    "handshake.new_session_ticket.ticket_nonce",
    "handshake.new_session_ticket.ticket",
    "extension.key_share.entry.key_exchange",
    "extension.session_ticket.ticket",
    "extension.cookie.cookie",
    "extension.pre_shared_key.identity",
    "extension.pre_shared_key.obfuscated_ticket_age",
    "extension.pre_shared_key.binder",
    "extension.encrypted_client_hello.config_id",
    "extension.encrypted_client_hello.enc",
    "extension.encrypted_client_hello.payload",
    "extension.renegotiation_info.renegotiated_connection",
    "extension.grease",
};

static bool is_random(const char *path)
{
    for (size_t i = 0; i < sizeof random_paths / sizeof random_paths[0]; i++) {
        size_t length = strlen(random_paths[i]);
        if (strncmp(path, random_paths[i], length) == 0 &&
            (path[length] == '\0' || path[length] == '.')) {
            return true;
        }
    }
    return false;
}

/* Lengths follow from what they count. */
static bool is_length(const struct wire_field_type *type)
{
    const char *last = strrchr(type->path, '.');
    return type->kind == WIRE_FIELD_NUMBER && last != NULL && strcmp(last, ".length") == 0;
}

static bool is_grease_field(const struct wire_tree *tree, size_t index)
{
    uint64_t number;
    return tree->fields[index].type->kind == WIRE_FIELD_NAMED && tree->fields[index].length == 2 &&
           wire_field_number(tree, index, &number) && wire_is_grease((uint32_t)number);
}

static bool has_children(const struct wire_tree *tree, size_t index)
{
    return index + 1 < tree->count && tree->fields[index + 1].depth > tree->fields[index].depth;
}

static const uint8_t *bytes_of(const struct wire_tree *tree, size_t index)
{
    return tree->data + tree->fields[index].offset;
}

/* ---- aligning ---- */

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < length; i++) { /* FNV-1a */
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    return hash;
}

/* The field that tells an item from others of its path: itself, or the first named number in it. */
static size_t telling_field(const struct wire_tree *tree, size_t index)
{
    size_t end = index + wire_tree_span(tree, index);

    if (!has_children(tree, index)) {
        return tree->fields[index].type->kind == WIRE_FIELD_NAMED ? index : end;
    }
    for (size_t i = index + 1; i < end; i++) {
        if (tree->fields[i].type->kind == WIRE_FIELD_NAMED &&
            tree->fields[i].depth == tree->fields[index].depth + 1) {
            return i;
        }
    }
    return end;
}

static uint64_t key_of(const struct wire_tree *tree, size_t index, bool repeated)
{
    const char *path = tree->fields[index].type->path;
    uint64_t key = hash_bytes(0xcbf29ce484222325, path, strlen(path));
    size_t telling = repeated ? telling_field(tree, index) : tree->count;

    if (telling >= index + wire_tree_span(tree, index) || is_grease_field(tree, telling)) {
        return key;
    }
    return hash_bytes(key, bytes_of(tree, telling), tree->fields[telling].length);
}

static bool repeats_neighbour(const struct siblings *siblings, size_t place)
{
    const struct wire_field *fields = siblings->tree->fields;
    const struct item *items = siblings->items;
    const struct wire_field_type *type = fields[items[place].index].type;

    return (place > 0 && fields[items[place - 1].index].type == type) ||
           (place + 1 < siblings->count && fields[items[place + 1].index].type == type);
}

/* The children of a field. False: no memory. */
static bool siblings_new(struct siblings *siblings, const struct wire_tree *tree, size_t parent)
{
    size_t end = parent + wire_tree_span(tree, parent);
    size_t capacity = 0;

    *siblings = (struct siblings){.tree = tree};
    for (size_t i = parent + 1; i < end; i += wire_tree_span(tree, i)) {
        struct item *items =
            array_grow(siblings->items, &capacity, siblings->count + 1, sizeof *items);
        if (items == NULL) {
            return false;
        }
        siblings->items = items;
        items[siblings->count] = (struct item){
            .index = (uint32_t)i, .place = (uint32_t)siblings->count, .partner = NO_PARTNER};
        siblings->count++;
    }
    return true;
}

/* A list of one item is still a list: both sides are asked. */
static void set_keys(struct siblings *siblings, const struct siblings *other)
{
    for (size_t i = 0; i < siblings->count; i++) {
        struct item *item = &siblings->items[i];
        bool repeated =
            repeats_neighbour(siblings, i) || (i < other->count && repeats_neighbour(other, i));
        item->key = key_of(siblings->tree, item->index, repeated);
    }
}

static int by_key(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;

    if (left->key != right->key) {
        return left->key < right->key ? -1 : 1;
    }
    return left->place < right->place ? -1 : left->place > right->place;
}

static int by_place(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;
    return left->place < right->place ? -1 : left->place > right->place;
}

static void sort(struct siblings *siblings, int (*order)(const void *, const void *))
{
    if (siblings->count > 1) {
        qsort(siblings->items, siblings->count, sizeof *siblings->items, order);
    }
}

static void align(struct siblings *a, struct siblings *b)
{
    size_t i = 0;
    size_t j = 0;

    set_keys(a, b);
    set_keys(b, a);
    sort(a, by_key);
    sort(b, by_key);
    while (i < a->count && j < b->count) {
        if (a->items[i].key == b->items[j].key) {
            a->items[i].partner = b->items[j].place;
            b->items[j].partner = a->items[i].place;
            i++;
            j++;
        } else if (a->items[i].key < b->items[j].key) {
            i++;
        } else {
            j++;
        }
    }
    sort(a, by_place);
    sort(b, by_place);
}

/* ---- lines ---- */

static void compare_fields(struct report_comparison *comparison, unsigned depth,
                           const struct wire_tree *a, size_t index_a, const struct wire_tree *b,
                           size_t index_b);

static void add_one_side(struct report_comparison *comparison, unsigned depth,
                         const struct wire_tree *tree, size_t index, enum report_difference kind)
{
    const struct wire_field_type *type = tree->fields[index].type;
    char value[400];

    if (is_length(type)) {
        return;
    }
    wire_field_value(value, sizeof value, tree, index);
    if (type->kind == WIRE_FIELD_NAMED && is_grease_field(tree, index)) {
        kind = REPORT_RANDOM;
    }
    (void)compare_add(comparison, kind, depth, type->path, kind == REPORT_ONLY_B ? NULL : value,
                      kind == REPORT_ONLY_A ? NULL : value);
}

static void append_order(struct buffer *out, const struct siblings *siblings)
{
    char value[100];

    for (size_t i = 0; i < siblings->count && out->length < ORDER_MAX; i++) {
        const struct item *item = &siblings->items[i];
        const struct wire_field_type *type = siblings->tree->fields[item->index].type;
        if (item->partner == NO_PARTNER || is_length(type) ||
            is_grease_field(siblings->tree, item->index)) {
            continue;
        }
        wire_field_value(value, sizeof value, siblings->tree, item->index);
        buffer_printf(out, "%s%s", out->length > 0 ? ", " : "",
                      type->kind == WIRE_FIELD_GROUP || value[0] == '\0' ? type->path : value);
    }
    if (out->length >= ORDER_MAX) {
        buffer_text(out, " …");
    }
}

/* Where both have the same, and not in the same order. */
static void compare_order(struct report_comparison *comparison, unsigned depth,
                          const struct siblings *a, const struct siblings *b)
{
    uint32_t last = 0;
    bool moved = false;

    for (size_t i = 0; i < a->count; i++) {
        uint32_t partner = a->items[i].partner;
        if (partner == NO_PARTNER || is_grease_field(a->tree, a->items[i].index)) {
            continue;
        }
        moved |= partner < last;
        last = partner;
    }
    if (!moved) {
        return;
    }
    struct buffer left = {0};
    struct buffer right = {0};
    append_order(&left, a);
    append_order(&right, b);
    (void)compare_add(comparison, REPORT_CHANGED, depth, "order", buffer_string(&left),
                      buffer_string(&right));
    comparison->failed |= left.failed || right.failed;
    buffer_free(&left);
    buffer_free(&right);
}

/* Those that only B has, up to a place. */
static size_t add_only_b(struct report_comparison *comparison, unsigned depth,
                         const struct siblings *b, size_t from, size_t to)
{
    for (; from < to; from++) {
        if (b->items[from].partner == NO_PARTNER) {
            add_one_side(comparison, depth, b->tree, b->items[from].index, REPORT_ONLY_B);
        }
    }
    return from;
}

static void compare_siblings(struct report_comparison *comparison, unsigned depth,
                             struct siblings *a, struct siblings *b)
{
    size_t next_b = 0;

    align(a, b);
    compare_order(comparison, depth, a, b);
    for (size_t i = 0; i < a->count; i++) {
        const struct item *item = &a->items[i];
        if (item->partner == NO_PARTNER) {
            add_one_side(comparison, depth, a->tree, item->index, REPORT_ONLY_A);
            continue;
        }
        if (item->partner >= next_b) {
            next_b = add_only_b(comparison, depth, b, next_b, item->partner) + 1;
        }
        compare_fields(comparison, depth, a->tree, item->index, b->tree,
                       b->items[item->partner].index);
    }
    (void)add_only_b(comparison, depth, b, next_b, b->count);
}

/* In a whole session certificates have lines of their own. */
static bool stays_closed(const struct report_comparison *comparison, const char *path)
{
    return comparison->whole && strcmp(path, "handshake.certificate.certificate") == 0;
}

static void compare_children(struct report_comparison *comparison, unsigned depth,
                             const struct wire_tree *a, size_t index_a, const struct wire_tree *b,
                             size_t index_b)
{
    struct siblings children_a;
    struct siblings children_b;

    bool ready = siblings_new(&children_a, a, index_a);
    ready = siblings_new(&children_b, b, index_b) && ready;
    if (ready) {
        compare_siblings(comparison, depth, &children_a, &children_b);
    } else {
        comparison->failed = true;
    }
    free(children_a.items);
    free(children_b.items);
}

static void compare_fields(struct report_comparison *comparison, unsigned depth,
                           const struct wire_tree *a, size_t index_a, const struct wire_tree *b,
                           size_t index_b)
{
    const struct wire_field *left = &a->fields[index_a];
    const struct wire_field *right = &b->fields[index_b];
    const char *path = left->type->path;
    enum report_difference kind = REPORT_CHANGED;
    char value_a[400] = "";
    char value_b[400] = "";

    if (is_length(left->type)) {
        return;
    }
    if (left->length == right->length &&
        memcmp(bytes_of(a, index_a), bytes_of(b, index_b), left->length) == 0) {
        kind = REPORT_SAME;
    } else if (is_random(path) || (is_grease_field(a, index_a) && is_grease_field(b, index_b))) {
        kind = REPORT_RANDOM;
    }
    wire_field_value(value_a, sizeof value_a, a, index_a);
    wire_field_value(value_b, sizeof value_b, b, index_b);
    bool opens = kind == REPORT_CHANGED && (has_children(a, index_a) || has_children(b, index_b)) &&
                 !stays_closed(comparison, path);
    size_t line =
        compare_add(comparison, opens ? REPORT_SAME : kind, depth, path, value_a, value_b);
    if (!opens) {
        return;
    }
    compare_children(comparison, depth + 1, a, index_a, b, index_b);
    compare_close(comparison, line);
}

void compare_trees(struct report_comparison *comparison, unsigned depth, const struct wire_tree *a,
                   const struct wire_tree *b)
{
    comparison->failed |= a->failed || b->failed;
    if (a->count == 0 || b->count == 0) {
        return;
    }
    /* The line of the message stands for its root. */
    if (has_children(a, 0) && has_children(b, 0)) {
        compare_children(comparison, depth, a, 0, b, 0);
    } else {
        compare_fields(comparison, depth, a, 0, b, 0);
    }
}
