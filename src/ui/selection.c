/* The selected row, buffer, field and byte. */
#include <string.h>

#include "selection.h"

void ui_selection_init(struct ui_selection *selection, bool redacted)
{
    *selection = (struct ui_selection){.follow = true, .redacted = redacted};
}

void ui_selection_free(struct ui_selection *selection)
{
    wire_tree_free(&selection->fields);
    ui_tree_free(&selection->tree);
    *selection = (struct ui_selection){0};
}

/* ---- buffers -------------------------------------------------------------------------------------- */

/* What is only about to be sent has no record yet. */
static bool is_there(const struct trace_row *row, size_t cursor, const struct trace_buffer *buffer)
{
    return row->wire_event <= cursor || row->layer == TRACE_LAYER_TEXT ||
           strcmp(buffer->name, "message") == 0 ||
           (row->content_type == WIRE_APPLICATION_DATA && strcmp(buffer->name, "plaintext") == 0);
}

size_t ui_buffers_at(const struct trace *trace, const struct trace_row *row, size_t cursor,
                     struct trace_buffer *buffers)
{
    size_t count = trace_row_buffers(trace, row, buffers, UI_BUFFERS_MAX);
    size_t kept = 0;

    for (size_t i = 0; i < count && i < UI_BUFFERS_MAX; i++) {
        if (is_there(row, cursor, &buffers[i])) {
            buffers[kept++] = buffers[i];
        }
    }
    return kept;
}

static size_t find_buffer(const struct trace_buffer *buffers, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(buffers[i].name, name) != 0) {
        i++;
    }
    return i;
}

size_t ui_buffer_default(const struct trace_buffer *buffers, size_t count)
{
    size_t found = find_buffer(buffers, count, "decompressed message");

    if (found == count) {
        found = find_buffer(buffers, count, "message");
    }
    return found < count || count == 0 ? found : count - 1;
}

/* The buffer with the preferred name, else the one that says most. */
static size_t choose_buffer(const struct ui_selection *selection)
{
    size_t found = selection->buffer_count;

    if (selection->preferred[0] != '\0') {
        found = find_buffer(selection->buffers, selection->buffer_count, selection->preferred);
    }
    return found < selection->buffer_count
               ? found
               : ui_buffer_default(selection->buffers, selection->buffer_count);
}

/* ---- the tree --------------------------------------------------------------------------------------- */

uint16_t ui_field_depth(const void *fields, size_t index)
{
    const struct wire_tree *tree = fields;

    return tree->fields[index].depth;
}

/* A tree that would fill more than a screen begins with its groups folded. */
#define OPEN_LIMIT 24

static unsigned depth_to_open(const struct wire_tree *fields)
{
    size_t lines = 0;

    for (size_t i = 0; i < fields->count; i++) {
        lines += fields->fields[i].depth <= 2;
    }
    return lines <= OPEN_LIMIT ? 1 : 0;
}

/* Makes the tree of the buffer in view. */
static void dissect(struct ui_selection *selection)
{
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    int result = 0;

    selection->fields.count = 0;
    if (buffer != NULL) {
        result = trace_buffer_dissect(selection->trace, selection->row, buffer, &selection->fields);
    }
    if (result == 0) {
        result = ui_tree_load(&selection->tree, selection->fields.count, ui_field_depth,
                              &selection->fields, depth_to_open(&selection->fields));
    }
    selection->failed = result != 0 || selection->fields.failed;
    ui_selection_field_chosen(selection);
}

/* ---- rows ----------------------------------------------------------------------------------------------- */

static void clear(struct ui_selection *selection)
{
    selection->n = 0;
    selection->row = NULL;
    selection->buffer_count = 0;
    selection->fields.count = 0;
    selection->tree.count = selection->tree.visible_count = 0;
    selection->tree.selected = selection->tree.top = 0;
    selection->byte = 0;
}

/* The row that the cursor has reached: the one of the stop, else the newest. */
static uint32_t row_of_cursor(const struct trace *trace, size_t cursor)
{
    struct trace_stop stop = trace_stop_at(trace, cursor);

    return stop.at_stop && stop.n > 0 ? stop.n : (uint32_t)trace_row_count_at(trace, cursor);
}

bool ui_selection_is_kept_back(const struct ui_selection *selection)
{
    const struct trace_row *row = selection->row;
    return selection->redacted && row != NULL && row->decrypted &&
           row->content_type == WIRE_APPLICATION_DATA;
}

static size_t find_buffers(struct ui_selection *selection)
{
    return ui_selection_is_kept_back(selection)
               ? 0
               : ui_buffers_at(selection->trace, selection->row, selection->cursor,
                               selection->buffers);
}

static void load_row(struct ui_selection *selection, uint32_t n)
{
    clear(selection);
    if (n == 0 || n > trace_row_count_at(selection->trace, selection->cursor)) {
        return;
    }
    selection->n = n;
    selection->row = trace_row_at(selection->trace, n - 1);
    selection->buffer_count = find_buffers(selection);
    selection->shown = choose_buffer(selection);
    dissect(selection);
}

/* The same row at another cursor: buffers may have come or moved, folds stay. */
static void refresh_row(struct ui_selection *selection)
{
    size_t before = selection->buffer_count;
    const struct trace_buffer *buffer;

    selection->buffer_count = find_buffers(selection);
    buffer = ui_selection_buffer(selection);
    if (before == selection->buffer_count && buffer != NULL &&
        buffer->data == selection->fields.data) {
        return;
    }
    selection->shown = choose_buffer(selection);
    dissect(selection);
}

void ui_selection_update(struct ui_selection *selection, const struct trace *trace, size_t cursor)
{
    size_t event_count = trace_event_count(trace);
    uint32_t n;

    if (selection->trace == trace && selection->cursor == cursor &&
        selection->event_count == event_count) {
        return;
    }
    if (selection->trace != trace) {
        clear(selection);
        selection->follow = true;
    }
    selection->trace = trace;
    selection->cursor = cursor;
    selection->event_count = event_count;

    n = selection->follow ? row_of_cursor(trace, cursor) : selection->n;
    if (n > trace_row_count_at(trace, cursor)) {
        n = (uint32_t)trace_row_count_at(trace, cursor);
    }
    if (n == 0 || n != selection->n) {
        load_row(selection, n);
    } else {
        refresh_row(selection);
    }
}

bool ui_selection_row(struct ui_selection *selection, const struct trace *trace, size_t cursor,
                      uint32_t n)
{
    if (n == 0 || n > trace_row_count_at(trace, cursor)) {
        return false;
    }
    ui_selection_update(selection, trace, cursor);
    selection->follow = false;
    if (n != selection->n) {
        load_row(selection, n);
    }
    return true;
}

void ui_selection_follow(struct ui_selection *selection)
{
    selection->follow = true;
    selection->trace = NULL; /* made anew by the next update */
}

/* ---- buffers, fields and bytes ------------------------------------------------------------------------ */

const struct trace_buffer *ui_selection_buffer(const struct ui_selection *selection)
{
    return selection->shown < selection->buffer_count ? &selection->buffers[selection->shown]
                                                      : NULL;
}

bool ui_selection_next_buffer(struct ui_selection *selection)
{
    if (selection->buffer_count < 2) {
        return false;
    }
    selection->shown = (selection->shown + 1) % selection->buffer_count;
    (void)snprintf(selection->preferred, sizeof selection->preferred, "%s",
                   selection->buffers[selection->shown].name);
    dissect(selection);
    return true;
}

bool ui_selection_field(struct ui_selection *selection, const struct trace *trace, size_t cursor,
                        uint32_t n, size_t field)
{
    size_t shown;

    if (!ui_selection_row(selection, trace, cursor, n)) {
        return false;
    }
    shown = ui_buffer_default(selection->buffers, selection->buffer_count);
    if (shown != selection->shown) {
        selection->preferred[0] = '\0';
        selection->shown = shown;
        dissect(selection);
    }
    if (field >= selection->tree.count) {
        return false;
    }
    ui_tree_select(&selection->tree, field);
    ui_selection_field_chosen(selection);
    return true;
}

void ui_selection_field_chosen(struct ui_selection *selection)
{
    size_t offset = 0, length = 0;

    selection->byte = ui_selection_range(selection, &offset, &length) ? offset : 0;
}

bool ui_selection_range(const struct ui_selection *selection, size_t *offset, size_t *length)
{
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    const struct wire_field *field;

    if (buffer == NULL || selection->tree.selected >= selection->fields.count) {
        return false;
    }
    field = &selection->fields.fields[selection->tree.selected];
    *offset = field->offset;
    *length = field->length;
    return *offset <= buffer->length && *length <= buffer->length - *offset;
}

void ui_selection_byte(struct ui_selection *selection, size_t byte)
{
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    size_t best = SIZE_MAX;

    if (buffer == NULL || byte >= buffer->length) {
        return;
    }
    selection->byte = byte;
    /* Fields stand in pre-order: the last one that holds the byte is the smallest. */
    for (size_t i = 0; i < selection->fields.count; i++) {
        const struct wire_field *field = &selection->fields.fields[i];
        if (byte >= field->offset && byte - field->offset < field->length) {
            best = i;
        }
    }
    if (best != SIZE_MAX) {
        ui_tree_select(&selection->tree, best);
    }
}

const char *ui_selection_path(const struct ui_selection *selection)
{
    return selection->tree.selected < selection->fields.count
               ? selection->fields.fields[selection->tree.selected].type->path
               : NULL;
}
