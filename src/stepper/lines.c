/* The rows of both sides of a proxy in one order: by when they came to be shown. Rows never change their number, so
 * that what is merged once stays. */
#include <stdlib.h>

#include "run.h"

bool pair_rows_add(struct pair_rows *list, uint32_t value)
{
    uint32_t *grown = array_grow(list->rows, &list->capacity, list->count + 1, sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    list->rows = grown;
    list->rows[list->count++] = value;
    return true;
}

static size_t shown_at(const struct run_pair *pair, enum lab_proxy_side side, size_t row)
{
    return pair_position(pair, side, trace_row_at(pair->traces[side], row)->shown_event);
}

/* The side whose next row comes first; LAB_PROXY_SIDES: there is none. */
static enum lab_proxy_side next_side(const struct run_pair *pair)
{
    enum lab_proxy_side next = LAB_PROXY_SIDES;
    size_t first = SIZE_MAX;

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        size_t row = pair->rows_merged[side];

        if (row < trace_row_count(pair->traces[side])) {
            size_t position = shown_at(pair, (enum lab_proxy_side)side, row);

            if (position < first) {
                first = position;
                next = (enum lab_proxy_side)side;
            }
        }
    }
    return next;
}

static int add_line(struct run_pair *pair, enum lab_proxy_side side)
{
    struct stepper_line *grown =
        array_grow(pair->lines, &pair->line_capacity, pair->line_count + 1, sizeof *grown);

    if (grown == NULL) {
        return -1;
    }
    pair->lines = grown;
    if (!pair_rows_add(&pair->line_of[side], (uint32_t)pair->line_count)) {
        return -1;
    }
    grown[pair->line_count++] =
        (struct stepper_line){.side = side, .n = (uint32_t)++pair->rows_merged[side]};
    return 0;
}

int pair_update_lines(struct run_pair *pair)
{
    enum lab_proxy_side side;

    while ((side = next_side(pair)) != LAB_PROXY_SIDES) {
        if (add_line(pair, side) != 0) {
            return -1;
        }
    }
    return 0;
}

size_t pair_lines_at(const struct run_pair *pair, size_t position)
{
    size_t low = 0, high = pair->line_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct stepper_line *line = &pair->lines[middle];

        if (shown_at(pair, line->side, line->n - 1) <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct stepper_line *stepper_lines(struct stepper *stepper, size_t *count)
{
    struct run_pair *pair = run_in_view(stepper)->pair;

    *count = 0;
    if (pair == NULL || pair_update_lines(pair) != 0) {
        return NULL;
    }
    *count = pair_lines_at(pair, pair->at);
    return pair->lines;
}

size_t stepper_line_of(struct stepper *stepper, enum lab_proxy_side side, uint32_t n)
{
    const struct run_pair *pair = run_in_view(stepper)->pair;
    size_t count;

    if (stepper_lines(stepper, &count) == NULL || n == 0 || n > pair->line_of[side].count) {
        return SIZE_MAX;
    }
    return pair->line_of[side].rows[n - 1] < count ? pair->line_of[side].rows[n - 1] : SIZE_MAX;
}
