/* The selected row, buffer, field and byte. */
#include <string.h>

#include "selection.h"

void ui_selection_init(struct ui_selection *selection)
{
    *selection = (struct ui_selection){.follow = true, .base = -1};
}

void ui_selection_free(struct ui_selection *selection)
{
    wire_tree_free(&selection->fields);
    ui_tree_free(&selection->tree);
    *selection = (struct ui_selection){0};
}

/* ---- buffers -------------------------------------------------------------------------------------- */

/* The buffers of the row at the cursor: what is only about to be sent has no record yet. */
static void find_buffers(struct ui_selection *selection)
{
    size_t count =
        trace_row_buffers(selection->trace, selection->row, selection->buffers, UI_BUFFERS_MAX);
    size_t kept = 0;
    bool on_wire = selection->row->wire_event <= selection->cursor;

    if (count > UI_BUFFERS_MAX) {
        count = UI_BUFFERS_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = selection->buffers[i].name;
        bool queued = strcmp(name, "message") == 0 ||
                      (selection->row->content_type == WIRE_APPLICATION_DATA &&
                       strcmp(name, "plaintext") == 0);
        if (on_wire || queued) {
            selection->buffers[kept++] = selection->buffers[i];
        }
    }
    selection->buffer_count = kept;
}

/* The buffer with the preferred name, else the one that the dissection describes, else the last. */
static size_t choose_buffer(const struct ui_selection *selection,
                            const struct trace_buffer *described)
{
    for (size_t i = 0; selection->preferred[0] != '\0' && i < selection->buffer_count; i++) {
        if (strcmp(selection->buffers[i].name, selection->preferred) == 0) {
            return i;
        }
    }
    for (size_t i = selection->buffer_count; i > 0; i--) {
        if (selection->buffers[i - 1].data == described->data) {
            return i - 1;
        }
    }
    return selection->buffer_count > 0 ? selection->buffer_count - 1 : 0;
}

/* Where the bytes of the tree begin in the buffer in view. */
static long find_base(const struct ui_selection *selection)
{
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    const struct wire_tree *fields = &selection->fields;
    const uint8_t *found;

    if (buffer == NULL || fields->data == NULL || fields->length == 0) {
        return -1;
    }
    if (buffer->data == fields->data) {
        return 0;
    }
    found = memmem(buffer->data, buffer->length, fields->data, fields->length);
    return found != NULL ? (long)(found - buffer->data) : -1;
}

/* ---- the tree --------------------------------------------------------------------------------------- */

static uint16_t field_depth(const void *context, size_t index)
{
    const struct wire_tree *fields = context;

    return fields->fields[index].depth;
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

/* Makes the tree of the buffer in view; chooses that one first when `choose` is set. */
static void dissect(struct ui_selection *selection, bool choose)
{
    struct trace_buffer described = {0};
    const struct trace_buffer *buffer;
    int result =
        trace_row_dissect(selection->trace, selection->row, &selection->fields, &described);

    if (choose || selection->shown >= selection->buffer_count) {
        selection->shown = choose_buffer(selection, &described);
    }
    buffer = ui_selection_buffer(selection);
    /* A record has a tree of its own: its header stands nowhere else. */
    if (result == 0 && buffer != NULL && strcmp(buffer->name, "record") == 0) {
        result = wire_record_dissect(&selection->fields, NULL, buffer->data, buffer->length);
    }
    if (result == 0) {
        result = ui_tree_load(&selection->tree, selection->fields.count, field_depth,
                              &selection->fields, depth_to_open(&selection->fields));
    }
    selection->failed = result != 0 || selection->fields.failed;
    selection->base = find_base(selection);
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
    selection->base = -1;
    selection->byte = 0;
}

/* The row that the cursor has reached: the one of the stop, else the newest. */
static uint32_t row_of_cursor(const struct trace *trace, size_t cursor)
{
    struct trace_stop stop = trace_stop_at(trace, cursor);

    return stop.at_stop && stop.n > 0 ? stop.n : (uint32_t)trace_row_count_at(trace, cursor);
}

static void load_row(struct ui_selection *selection, uint32_t n)
{
    clear(selection);
    if (n == 0 || n > trace_row_count_at(selection->trace, selection->cursor)) {
        return;
    }
    selection->n = n;
    selection->row = trace_row_at(selection->trace, n - 1);
    find_buffers(selection);
    dissect(selection, true);
}

/* The same row at another cursor: buffers may have come or moved, folds stay. */
static void refresh_row(struct ui_selection *selection)
{
    size_t before = selection->buffer_count;
    const uint8_t *data = selection->fields.data;

    find_buffers(selection);
    for (size_t i = 0; i < selection->buffer_count; i++) {
        if (before == selection->buffer_count && selection->buffers[i].data == data) {
            return;
        }
    }
    dissect(selection, true);
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
    dissect(selection, false);
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

    if (selection->base < 0 || buffer == NULL ||
        selection->tree.selected >= selection->fields.count) {
        return false;
    }
    field = &selection->fields.fields[selection->tree.selected];
    *offset = (size_t)selection->base + field->offset;
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
    for (size_t i = 0; selection->base >= 0 && i < selection->fields.count; i++) {
        const struct wire_field *field = &selection->fields.fields[i];
        size_t offset = (size_t)selection->base + field->offset;
        if (byte >= offset && byte - offset < field->length) {
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
