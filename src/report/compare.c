/* Comparisons as a whole: their lines, and what they are made of. */
#include "compare.h"

#include <stdlib.h>
#include <string.h>

static struct report_comparison *comparison_new(void)
{
    struct report_comparison *comparison = calloc(1, sizeof *comparison);

    if (comparison == NULL) {
        return NULL;
    }
    comparison->arena = arena_new();
    if (comparison->arena == NULL) {
        report_comparison_free(comparison);
        return NULL;
    }
    return comparison;
}

void report_comparison_free(struct report_comparison *comparison)
{
    if (comparison != NULL) {
        arena_free(comparison->arena);
        free(comparison->lines);
        free(comparison);
    }
}

static struct report_comparison *finish(struct report_comparison *comparison)
{
    if (!comparison->failed) {
        return comparison;
    }
    report_comparison_free(comparison);
    return NULL;
}

/* ---- lines ---- */

static const char *keep(struct report_comparison *comparison, const char *text)
{
    const char *copy = text != NULL ? arena_string(comparison->arena, text) : NULL;

    comparison->failed |= text != NULL && copy == NULL;
    return copy;
}

size_t compare_add(struct report_comparison *comparison, enum report_difference kind,
                   unsigned depth, const char *name, const char *a, const char *b)
{
    size_t index = comparison->count;
    struct report_compared *lines =
        array_grow(comparison->lines, &comparison->capacity, index + 1, sizeof *lines);

    if (lines == NULL) {
        comparison->failed = true;
        return index;
    }
    comparison->lines = lines;
    lines[index] = (struct report_compared){
        .kind = kind,
        .depth = depth,
        .name = keep(comparison, name),
        .a = keep(comparison, a),
        .b = keep(comparison, b),
    };
    comparison->count++;
    return index;
}

void compare_rows_of(struct report_comparison *comparison, size_t first, uint32_t row_a,
                     uint32_t row_b)
{
    for (size_t i = first; i < comparison->count; i++) {
        comparison->lines[i].row_a = row_a;
        comparison->lines[i].row_b = row_b;
    }
}

void compare_values(struct report_comparison *comparison, unsigned depth, const char *name,
                    const char *a, const char *b)
{
    const char *left = a != NULL && a[0] != '\0' ? a : NULL;
    const char *right = b != NULL && b[0] != '\0' ? b : NULL;
    enum report_difference kind = REPORT_CHANGED;

    if (left == NULL && right == NULL) {
        return;
    }
    if (right == NULL) {
        kind = REPORT_ONLY_A;
    } else if (left == NULL) {
        kind = REPORT_ONLY_B;
    } else if (strcmp(left, right) == 0) {
        kind = REPORT_SAME;
    }
    (void)compare_add(comparison, kind, depth, name, left, right);
}

void compare_close(struct report_comparison *comparison, size_t index)
{
    enum report_difference kind = REPORT_SAME;

    if (index >= comparison->count || comparison->lines[index].kind != REPORT_SAME) {
        return;
    }
    for (size_t i = index + 1; i < comparison->count; i++) {
        enum report_difference below = comparison->lines[i].kind;
        if (below == REPORT_RANDOM && kind == REPORT_SAME) {
            kind = REPORT_RANDOM;
        } else if (below != REPORT_SAME && below != REPORT_RANDOM) {
            kind = REPORT_CHANGED;
        }
    }
    comparison->lines[index].kind = kind;
}

/* ---- comparisons ---- */

struct report_comparison *report_compare(struct trace *a, size_t cursor_a, struct trace *b,
                                         size_t cursor_b)
{
    struct report_comparison *comparison = comparison_new();
    const struct trace_facts *facts_a = trace_facts(a, cursor_a);
    const struct trace_facts *facts_b = trace_facts(b, cursor_b);

    if (comparison == NULL) {
        return NULL;
    }
    if (facts_a == NULL || facts_b == NULL) {
        comparison->failed = true;
        return finish(comparison);
    }
    comparison->whole = true;
    compare_facts(comparison, facts_a, facts_b);
    compare_outcome(comparison, facts_a, facts_b);
    compare_certificates(comparison, facts_a, facts_b);
    compare_messages(comparison, a, cursor_a, b, cursor_b);
    return finish(comparison);
}

struct report_comparison *report_compare_chains(const struct report_chain *a,
                                                const struct report_chain *b)
{
    struct report_comparison *comparison = comparison_new();

    if (comparison == NULL) {
        return NULL;
    }
    comparison->whole = true;
    compare_chains(comparison, a, b);
    return finish(comparison);
}

struct report_comparison *report_compare_rows(struct trace *a, const struct trace_row *row_a,
                                              struct trace *b, const struct trace_row *row_b)
{
    struct report_comparison *comparison = comparison_new();

    if (comparison == NULL) {
        return NULL;
    }
    compare_message(comparison, 0, a, row_a, b, row_b);
    return finish(comparison);
}

size_t report_comparison_count(const struct report_comparison *comparison)
{
    return comparison->count;
}

const struct report_compared *report_comparison_at(const struct report_comparison *comparison,
                                                   size_t index)
{
    return &comparison->lines[index];
}

size_t report_comparison_differences(const struct report_comparison *comparison)
{
    size_t differences = 0;

    for (size_t i = 0; i < comparison->count; i++) {
        enum report_difference kind = comparison->lines[i].kind;
        differences += kind != REPORT_SAME && kind != REPORT_RANDOM;
    }
    return differences;
}
