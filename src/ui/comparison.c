/* Which lines of a comparison are shown, and moving among them. */
#include <stdlib.h>
#include <string.h>

#include "comparison.h"

void ui_comparison_free(struct ui_comparison *comparison)
{
    ui_tree_free(&comparison->tree);
    free(comparison->lines);
    report_comparison_free(comparison->rows);
    *comparison = (struct ui_comparison){0};
}

void ui_comparison_set_rows(struct ui_comparison *comparison, struct report_comparison *rows)
{
    report_comparison_free(comparison->rows);
    comparison->rows = rows;
    comparison->made_from = NULL; /* another one may come to be at its address */
}

const struct report_comparison *ui_comparison_source(const struct ui_comparison *comparison,
                                                     struct stepper *stepper)
{
    return comparison->rows != NULL ? comparison->rows : stepper_comparison(stepper);
}

bool ui_comparison_differs(const struct report_compared *line)
{
    return line->kind != REPORT_SAME && line->kind != REPORT_RANDOM;
}

const struct report_compared *ui_comparison_line(const struct ui_comparison *comparison,
                                                 size_t index)
{
    return report_comparison_at(comparison->made_from, comparison->lines[index]);
}

const struct report_compared *ui_comparison_selected(const struct ui_comparison *comparison)
{
    return comparison->made_from != NULL && comparison->tree.selected < comparison->tree.count
               ? ui_comparison_line(comparison, comparison->tree.selected)
               : NULL;
}

/* ---- making the lines ------------------------------------------------------------------------------ */

static uint16_t depth_of(const void *context, size_t index)
{
    const struct report_compared *line = ui_comparison_line(context, index);

    return (uint16_t)(line->depth < UINT16_MAX ? line->depth : UINT16_MAX);
}

/* Whatever differs has a place: the sections above it differ, too. */
static bool choose(struct ui_comparison *comparison)
{
    size_t total = report_comparison_count(comparison->made_from);
    size_t *lines =
        array_grow(comparison->lines, &comparison->capacity, total > 0 ? total : 1, sizeof *lines);

    comparison->count = 0;
    if (lines == NULL) {
        return false;
    }
    comparison->lines = lines;
    for (size_t i = 0; i < total; i++) {
        if (comparison->everything ||
            ui_comparison_differs(report_comparison_at(comparison->made_from, i))) {
            lines[comparison->count++] = i;
        }
    }
    return true;
}

/* The line that stood for a line of the comparison, or the one before it. */
static size_t find_line(const struct ui_comparison *comparison, size_t line)
{
    size_t index = 0;

    while (index + 1 < comparison->count && comparison->lines[index + 1] <= line) {
        index++;
    }
    return index;
}

void ui_comparison_update(struct ui_comparison *comparison, struct stepper *stepper)
{
    const struct report_comparison *source = ui_comparison_source(comparison, stepper);
    size_t count = source != NULL ? report_comparison_count(source) : 0;
    bool same = source == comparison->made_from && count == comparison->made_count;
    size_t line = same && comparison->tree.selected < comparison->count
                      ? comparison->lines[comparison->tree.selected]
                      : 0;

    if (same && comparison->everything == comparison->made_everything && !comparison->failed) {
        return;
    }
    comparison->made_from = source;
    comparison->made_count = count;
    comparison->made_everything = comparison->everything;
    comparison->tree.count = comparison->tree.visible_count = comparison->tree.selected = 0;
    comparison->failed =
        source != NULL && (!choose(comparison) ||
                           ui_tree_load(&comparison->tree, comparison->count, depth_of, comparison,
                                        comparison->everything ? 1 : UINT16_MAX) != 0);
    if (source != NULL && !comparison->failed) {
        ui_tree_select(&comparison->tree, find_line(comparison, line));
    }
}

/* ---- moving ------------------------------------------------------------------------------------------ */

static bool find(struct ui_comparison *comparison, bool backward,
                 bool (*wanted)(const struct ui_comparison *comparison, size_t index,
                                const char *text),
                 const char *text)
{
    size_t count = comparison->tree.count;

    for (size_t i = 1; i <= count; i++) {
        size_t index = (comparison->tree.selected + (backward ? count - i : i)) % count;
        if (wanted(comparison, index, text)) {
            ui_tree_select(&comparison->tree, index);
            return true;
        }
    }
    return false;
}

static bool is_difference(const struct ui_comparison *comparison, size_t index, const char *text)
{
    (void)text;
    return ui_comparison_differs(ui_comparison_line(comparison, index)) &&
           !ui_tree_has_children(&comparison->tree, index);
}

static bool has_text(const struct ui_comparison *comparison, size_t index, const char *text)
{
    const struct report_compared *line = ui_comparison_line(comparison, index);
    const char *const parts[] = {line->name, line->a, line->b};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i] != NULL && ui_text_contains(parts[i], strlen(parts[i]), text)) {
            return true;
        }
    }
    return false;
}

bool ui_comparison_next(struct ui_comparison *comparison, bool backward)
{
    return find(comparison, backward, is_difference, NULL);
}

bool ui_comparison_find(struct ui_comparison *comparison, const char *text, bool backward)
{
    return find(comparison, backward, has_text, text);
}
