/*
 * Messages side by side, aligned by side and type: for each side the longest common sequence of
 * types. Application data counts as one message as long as nothing comes between.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"

/* More than any handshake has; beyond it messages are paired by their place. */
#define ALIGNED_MAX 1000

/* A message, or a run of records of application data. */
struct unit {
    const struct trace_row *row; /* the first */
    size_t rows;
    uint64_t bytes;
    uint32_t partner; /* index in the other list, or NO_PARTNER */
};

#define NO_PARTNER UINT32_MAX

struct units {
    struct trace *trace;
    struct unit *list;
    size_t count;
    size_t capacity;
};

static bool is_data(const struct trace_row *row)
{
    return row->layer == TRACE_LAYER_TLS && row->content_type == WIRE_APPLICATION_DATA;
}

/* A run of data goes on over what the other side says. */
static bool units_collect(struct units *units, struct trace *trace, size_t cursor)
{
    size_t last[2] = {SIZE_MAX, SIZE_MAX}; /* of each side */
    size_t count = trace_row_count_at(trace, cursor);

    *units = (struct units){.trace = trace};
    for (size_t i = 0; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        struct unit *before = last[row->from] != SIZE_MAX ? &units->list[last[row->from]] : NULL;
        if (row->layer == TRACE_LAYER_TCP) {
            continue; /* what a kernel reports and what was captured are not the same */
        }
        if (before != NULL && is_data(row) && is_data(before->row)) {
            before->rows++;
            before->bytes += row->length;
            continue;
        }
        struct unit *list =
            array_grow(units->list, &units->capacity, units->count + 1, sizeof *list);
        if (list == NULL) {
            return false;
        }
        units->list = list;
        last[row->from] = units->count;
        list[units->count++] =
            (struct unit){.row = row, .rows = 1, .bytes = row->length, .partner = NO_PARTNER};
    }
    return true;
}

/* ---- aligning ---- */

static bool is_alike(const struct unit *a, const struct unit *b)
{
    return a->row->layer == b->row->layer && strcmp(a->row->type, b->row->type) == 0;
}

/* An order of units that are not alike, which does not depend on whose they are. */
static bool comes_before(const struct unit *a, const struct unit *b)
{
    return a->row->layer != b->row->layer ? a->row->layer < b->row->layer
                                          : strcmp(a->row->type, b->row->type) < 0;
}

/* Places of one side's units in its list. */
struct side {
    uint32_t places[ALIGNED_MAX];
    size_t count;
};

static void collect_side(struct side *out, const struct units *units, enum wire_side from)
{
    out->count = 0;
    for (size_t i = 0; i < units->count && out->count < ALIGNED_MAX; i++) {
        if (units->list[i].row->from == from) {
            out->places[out->count++] = (uint32_t)i;
        }
    }
}

static void pair(struct units *a, uint32_t place_a, struct units *b, uint32_t place_b)
{
    a->list[place_a].partner = place_b;
    b->list[place_b].partner = place_a;
}

/* lengths[i][j]: of the longest common sequence of what begins at i and j. */
static bool align_side(struct units *a, const struct side *side_a, struct units *b,
                       const struct side *side_b)
{
    size_t width = side_b->count + 1;
    uint16_t *lengths = calloc((side_a->count + 1) * width, sizeof *lengths);

    if (lengths == NULL || a->list == NULL || b->list == NULL) {
        free(lengths);
        return false;
    }
    for (size_t i = side_a->count; i-- > 0;) {
        for (size_t j = side_b->count; j-- > 0;) {
            uint16_t down = lengths[(i + 1) * width + j];
            uint16_t right = lengths[i * width + j + 1];
            uint16_t both = lengths[(i + 1) * width + j + 1];
            bool alike = is_alike(&a->list[side_a->places[i]], &b->list[side_b->places[j]]);
            uint16_t apart = down > right ? down : right;
            lengths[i * width + j] = alike ? (uint16_t)(both + 1) : apart;
        }
    }
    for (size_t i = 0, j = 0; i < side_a->count && j < side_b->count;) {
        const struct unit *unit_a = &a->list[side_a->places[i]];
        const struct unit *unit_b = &b->list[side_b->places[j]];
        uint16_t down = lengths[(i + 1) * width + j];
        uint16_t right = lengths[i * width + j + 1];
        if (is_alike(unit_a, unit_b)) {
            pair(a, side_a->places[i++], b, side_b->places[j++]);
        } else if (down > right || (down == right && comes_before(unit_a, unit_b))) {
            i++; /* of two ways as good, the same one whichever is A */
        } else {
            j++;
        }
    }
    free(lengths);
    return true;
}

static bool align(struct units *a, struct units *b)
{
    static const enum wire_side sides[] = {WIRE_CLIENT, WIRE_SERVER};

    for (size_t i = 0; i < 2; i++) {
        struct side side_a;
        struct side side_b;
        collect_side(&side_a, a, sides[i]);
        collect_side(&side_b, b, sides[i]);
        if (side_a.count > 0 && side_b.count > 0 && !align_side(a, &side_a, b, &side_b)) {
            return false;
        }
    }
    return true;
}

/* ---- lines ---- */

static const char *unit_text(char *out, size_t size, struct trace *trace, const struct unit *unit)
{
    if (is_data(unit->row)) {
        (void)snprintf(out, size, "%llu bytes%s", (unsigned long long)unit->bytes,
                       unit->row->encrypted && !unit->row->decrypted ? ", cannot be read" : "");
        return out;
    }
    trace_row_summary(out, size, trace, unit->row);
    if (out[0] == '\0') {
        (void)snprintf(out, size, "%u bytes", unit->row->length);
    }
    return out;
}

static const char *row_name(char *out, size_t size, const struct trace_row *row)
{
    (void)snprintf(out, size, "%s:%s", wire_side_name(row->from), row->type);
    return out;
}

static void add_one_side(struct report_comparison *comparison, struct trace *trace,
                         const struct unit *unit, bool is_a)
{
    char name[60];
    char text[300];

    unit_text(text, sizeof text, trace, unit);
    size_t line =
        compare_add(comparison, is_a ? REPORT_ONLY_A : REPORT_ONLY_B, 1,
                    row_name(name, sizeof name, unit->row), is_a ? text : NULL, is_a ? NULL : text);
    compare_rows_of(comparison, line, is_a ? unit->row->n : 0, is_a ? 0 : unit->row->n);
}

void compare_message(struct report_comparison *comparison, unsigned depth, struct trace *a,
                     const struct trace_row *row_a, struct trace *b, const struct trace_row *row_b)
{
    const struct unit unit_a = {.row = row_a, .rows = 1, .bytes = row_a->length};
    const struct unit unit_b = {.row = row_b, .rows = 1, .bytes = row_b->length};
    struct wire_tree tree_a = {0};
    struct wire_tree tree_b = {0};
    char name[60];
    char text_a[300];
    char text_b[300];

    size_t line = compare_add(comparison, REPORT_SAME, depth, row_name(name, sizeof name, row_a),
                              unit_text(text_a, sizeof text_a, a, &unit_a),
                              unit_text(text_b, sizeof text_b, b, &unit_b));
    if (trace_row_dissect(a, row_a, &tree_a, NULL) != 0 ||
        trace_row_dissect(b, row_b, &tree_b, NULL) != 0) {
        comparison->failed = true;
    } else {
        compare_trees(comparison, depth + 1, &tree_a, &tree_b);
    }
    wire_tree_free(&tree_a);
    wire_tree_free(&tree_b);
    compare_rows_of(comparison, line, row_a->n, row_b->n);
    compare_close(comparison, line);
}

static void compare_units(struct report_comparison *comparison, struct trace *a,
                          const struct unit *unit_a, struct trace *b, const struct unit *unit_b)
{
    char name[60];
    char text_a[300];
    char text_b[300];

    if (!is_data(unit_a->row)) {
        compare_message(comparison, 1, a, unit_a->row, b, unit_b->row);
        return;
    }
    size_t line = comparison->count;
    compare_values(comparison, 1, row_name(name, sizeof name, unit_a->row),
                   unit_text(text_a, sizeof text_a, a, unit_a),
                   unit_text(text_b, sizeof text_b, b, unit_b));
    compare_rows_of(comparison, line, unit_a->row->n, unit_b->row->n);
}

/* Those that only B has, up to a place. */
static size_t add_only_b(struct report_comparison *comparison, const struct units *b, size_t from,
                         size_t to)
{
    for (; from < to; from++) {
        if (b->list[from].partner == NO_PARTNER) {
            add_one_side(comparison, b->trace, &b->list[from], false);
        }
    }
    return from;
}

static void add_lines(struct report_comparison *comparison, const struct units *a,
                      const struct units *b)
{
    size_t next_b = 0;

    if (a->list == NULL || b->list == NULL) { /* one side has nothing to be paired with */
        for (size_t i = 0; a->list != NULL && i < a->count; i++) {
            add_one_side(comparison, a->trace, &a->list[i], true);
        }
        for (size_t i = 0; b->list != NULL && i < b->count; i++) {
            add_one_side(comparison, b->trace, &b->list[i], false);
        }
        return;
    }

    for (size_t i = 0; i < a->count; i++) {
        const struct unit *unit = &a->list[i];
        if (unit->partner == NO_PARTNER) {
            add_one_side(comparison, a->trace, unit, true);
            continue;
        }
        if (unit->partner >= next_b) {
            next_b = add_only_b(comparison, b, next_b, unit->partner) + 1;
        }
        compare_units(comparison, a->trace, unit, b->trace, &b->list[unit->partner]);
    }
    (void)add_only_b(comparison, b, next_b, b->count);
}

void compare_messages(struct report_comparison *comparison, struct trace *a, size_t cursor_a,
                      struct trace *b, size_t cursor_b)
{
    size_t section = compare_add(comparison, REPORT_SAME, 0, "messages", NULL, NULL);
    struct units units_a;
    struct units units_b;

    bool ready = units_collect(&units_a, a, cursor_a);
    ready = units_collect(&units_b, b, cursor_b) && ready;
    if (ready && align(&units_a, &units_b)) {
        add_lines(comparison, &units_a, &units_b);
    } else {
        comparison->failed = true;
    }
    free(units_a.list);
    free(units_b.list);
    compare_close(comparison, section);
}
