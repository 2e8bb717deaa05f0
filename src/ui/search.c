/* Matches in the fields of all messages. */
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "search.h"
#include "selection.h"

/* Looking further than to the next match, to count them, ends after so long: a key is answered
 * within a frame or two. */
#define COUNTING_NS 100000000

void ui_search_free(struct ui_search *search)
{
    free(search->matches);
    *search = (struct ui_search){0};
}

/* ---- one row --------------------------------------------------------------------------------------- */

/* Values are made as text only as far as a line could show them: what is longer is searched as it
 * is. */
#define VALUE_MAX 600

static bool bytes_contain(const struct ui_search *search, const struct wire_tree *tree,
                          const struct wire_field *field)
{
    const uint8_t *bytes = tree->data + field->offset;

    if (field->type->kind == WIRE_FIELD_TEXT) {
        return ui_text_contains((const char *)bytes, field->length, search->text);
    }
    return search->byte_count > 0 &&
           memmem(bytes, field->length, search->bytes, (size_t)search->byte_count) != NULL;
}

static bool field_contains(const struct ui_search *search, const struct wire_tree *tree,
                           size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const struct wire_field_type *type = field->type;
    const char *text = search->text;
    char value[VALUE_MAX];

    if (ui_text_contains(type->name, strlen(type->name), text)) {
        return true;
    }
    /* What a group sums up is found in its parts. */
    if (type->kind == WIRE_FIELD_GROUP) {
        return false;
    }
    if (field->length > VALUE_MAX / 4 && field->offset <= tree->length &&
        field->length <= tree->length - field->offset) {
        return bytes_contain(search, tree, field);
    }
    (void)wire_field_value(value, sizeof value, tree, index);
    return ui_text_contains(value, strlen(value), text);
}

static void add_match(struct ui_search *search, uint32_t n, size_t field)
{
    void *matches;

    if (search->count == UI_MATCHES_MAX) {
        search->failed = true;
        return;
    }
    matches =
        array_grow(search->matches, &search->capacity, search->count + 1, sizeof *search->matches);
    if (matches == NULL) {
        search->failed = true;
        return;
    }
    search->matches = matches;
    search->matches[search->count++] = (struct ui_match){.n = n, .field = (uint32_t)field};
}

static void scan_row(struct ui_search *search, struct wire_tree *tree)
{
    const struct trace_row *row = trace_row_at(search->trace, search->scanned++);
    struct trace_buffer buffers[UI_BUFFERS_MAX];
    size_t count = ui_buffers_at(search->trace, row, search->cursor, buffers);

    if (count == 0) {
        return;
    }
    if (trace_buffer_dissect(search->trace, row, &buffers[ui_buffer_default(buffers, count)],
                             tree) != 0) {
        search->failed = true;
        return;
    }
    for (size_t i = 0; i < tree->count && !search->failed; i++) {
        if (field_contains(search, tree, i)) {
            add_match(search, row->n, i);
        }
    }
}

/* ---- all rows --------------------------------------------------------------------------------------- */

static int compare(struct ui_match a, struct ui_match b)
{
    if (a.n != b.n) {
        return a.n < b.n ? -1 : 1;
    }
    return a.field < b.field ? -1 : a.field > b.field;
}

/* How many matches are at or before a place. */
static size_t matches_up_to(const struct ui_search *search, struct ui_match place)
{
    size_t low = 0, high = search->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(search->matches[middle], place) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_complete(const struct ui_search *search)
{
    return search->scanned == search->rows || search->failed;
}

/* Until a match after `place` is known; SIZE_MAX: there is none. */
static size_t match_after(struct ui_search *search, struct ui_match place, struct wire_tree *tree)
{
    size_t index = matches_up_to(search, place);

    while (index == search->count && !is_complete(search)) {
        scan_row(search, tree);
    }
    return index < search->count ? index : SIZE_MAX;
}

static size_t match_before(struct ui_search *search, struct ui_match place, struct wire_tree *tree)
{
    size_t upto;

    while (search->scanned < place.n && !is_complete(search)) {
        scan_row(search, tree);
    }
    upto = matches_up_to(search, place);
    if (upto > 0 && compare(search->matches[upto - 1], place) == 0) {
        upto--;
    }
    return upto > 0 ? upto - 1 : SIZE_MAX;
}

static void count_on(struct ui_search *search, struct wire_tree *tree)
{
    int64_t until = clock_monotonic_ns() + COUNTING_NS;

    while (!is_complete(search) && clock_monotonic_ns() < until) {
        scan_row(search, tree);
    }
}

static void begin(struct ui_search *search, const struct trace *trace, size_t cursor,
                  const char *text)
{
    if (search->trace == trace && search->cursor == cursor && strcmp(search->text, text) == 0 &&
        search->rows == trace_row_count_at(trace, cursor)) {
        return;
    }
    search->trace = trace;
    search->cursor = cursor;
    search->rows = trace_row_count_at(trace, cursor);
    search->count = search->scanned = search->current = 0;
    search->failed = false;
    (void)snprintf(search->text, sizeof search->text, "%s", text);
    search->byte_count =
        text_unhex(search->bytes, sizeof search->bytes, search->text, strlen(search->text));
}

bool ui_search_find(struct ui_search *search, const struct trace *trace, size_t cursor,
                    const char *text, struct ui_match from, bool backward, struct ui_match *found)
{
    const struct ui_match first = {0}, last = {.n = UINT32_MAX, .field = UINT32_MAX};
    struct wire_tree tree = {0};
    size_t index;

    begin(search, trace, cursor, text);
    search->wrapped = false;
    index = backward ? match_before(search, from, &tree) : match_after(search, from, &tree);
    if (index == SIZE_MAX) {
        search->wrapped = true;
        index = backward ? match_before(search, last, &tree) : match_after(search, first, &tree);
    }
    if (index != SIZE_MAX) {
        search->current = index;
        *found = search->matches[index];
        count_on(search, &tree);
    }
    wire_tree_free(&tree);
    return index != SIZE_MAX;
}

void ui_search_describe(const struct ui_search *search, char *out, size_t size)
{
    (void)snprintf(out, size, "match %zu of %zu%s%s", search->current + 1, search->count,
                   search->scanned < search->rows || search->failed ? " or more" : "",
                   search->wrapped ? ", around the end" : "");
}
