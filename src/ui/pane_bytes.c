/* The bytes of the selected row in hexadecimal and ASCII; those of the selected field stand out. */
#include <string.h>

#include "pane.h"
#include "selection.h"
#include "tree.h"

struct bytes {
    size_t top;  /* first line on the screen */
    int per_row; /* bytes in a line, as drawn last */
    int offset;  /* columns of the offset */
};

/* "0000  16 03 01 …  ..." : the offset, two blanks, three columns and one for each byte. */
static int bytes_that_fit(int columns, int offset)
{
    static const int choices[] = {32, 16, 8, 4};

    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (offset + 2 + choices[i] * 4 + 1 <= columns) {
            return choices[i];
        }
    }
    return 4;
}

static void measure(struct bytes *bytes, const struct trace_buffer *buffer, int columns)
{
    bytes->offset = buffer->length > 0xfffff ? 8 : buffer->length > 0xffff ? 6 : 4;
    bytes->per_row = bytes_that_fit(columns, bytes->offset);
}

/* Those of the key schedule, until secrets are shown. */
static bool is_hidden(const struct ui_view *view)
{
    return view->bytes_are_secret && !view->revealed;
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct ui_selection *selection = view->bytes;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    char length[32];
    size_t used;
    bool raw;

    (void)state;
    if (buffer == NULL) {
        (void)snprintf(out, size, "Bytes");
        return;
    }
    (void)text_grouped(length, sizeof length, buffer->length);
    raw = strcmp(buffer->name, "record") == 0;
    (void)snprintf(out, size, "Bytes: %s", buffer->name);
    if (selection->buffer_count > 1) {
        (void)snprintf(out, size, "Bytes %zu of %zu: %s", selection->shown + 1,
                       selection->buffer_count, buffer->name);
    }
    used = strlen(out);
    (void)snprintf(out + used, size - used, "%s · %s",
                   selection->row == NULL || !selection->row->encrypted ? ""
                   : raw                                                ? " · encrypted"
                   : selection->row->decrypted                          ? " · decrypted"
                                                                        : "",
                   length);
}

/* ---- drawing -------------------------------------------------------------------------------------- */

/* Columns of a byte's two digits and of its character. */
static int hex_column(const struct bytes *bytes, int index)
{
    return bytes->offset + 2 + 3 * index;
}

static int text_column(const struct bytes *bytes, int index)
{
    return bytes->offset + 2 + 3 * bytes->per_row + 1 + index;
}

struct linked {
    size_t from, to; /* of the selected field; empty when from == to */
    size_t cursor;
    bool focused;
};

static unsigned byte_style(const struct linked *linked, size_t at)
{
    if (at == linked->cursor && linked->focused) {
        return UI_SELECTION;
    }
    return at >= linked->from && at < linked->to ? UI_LINKED : UI_TEXT;
}

static void draw_line(const struct bytes *bytes, const struct ui_area *area, int y,
                      const struct trace_buffer *buffer, size_t start, const struct linked *linked)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%0*zx", bytes->offset, start);
    (void)ui_area_text(area, y, 0, UI_DIM, text);
    for (int i = 0; i < bytes->per_row && start + (size_t)i < buffer->length; i++) {
        size_t at = start + (size_t)i;
        uint8_t byte = buffer->data[at];
        unsigned style = byte_style(linked, at);
        bool joined = style == UI_LINKED && at + 1 < linked->to && i + 1 < bytes->per_row;
        (void)snprintf(text, sizeof text, "%02x", byte);
        (void)ui_area_text(area, y, hex_column(bytes, i), style, text);
        if (joined) { /* the gap belongs to the field too */
            ui_area_blank(area, y, hex_column(bytes, i) + 2, 1, UI_LINKED);
        }
        text[0] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
        text[1] = '\0';
        (void)ui_area_text(area, y, text_column(bytes, i),
                           style != UI_TEXT ? style
                           : text[0] == '.' ? UI_DIM
                                            : UI_TEXT,
                           text);
    }
}

static struct linked find_linked(const struct ui_selection *selection, bool focused)
{
    struct linked linked = {.cursor = selection->byte, .focused = focused};
    size_t length = 0;

    if (ui_selection_range(selection, &linked.from, &length)) {
        linked.to = linked.from + length;
    } else {
        linked.from = 0;
    }
    return linked;
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct bytes *bytes = state;
    const struct trace_buffer *buffer = ui_selection_buffer(view->bytes);
    struct linked linked = find_linked(view->bytes, focused);
    size_t per_row, lines;

    if (buffer == NULL || buffer->length == 0) {
        (void)ui_area_text(area, 0, 0, UI_DIM, "no bytes");
        return;
    }
    if (is_hidden(view)) {
        (void)ui_area_text(area, 0, 0, UI_DIM, "hidden: x shows them");
        return;
    }
    measure(bytes, buffer, area->columns);
    per_row = (size_t)bytes->per_row;
    lines = (buffer->length + per_row - 1) / per_row;
    /* All of the field where it fits, and in any case the selected byte. */
    if ((linked.to - linked.from) / per_row + 1 < (size_t)area->rows && linked.to > 0) {
        bytes->top = ui_list_scroll(bytes->top, (linked.to - 1) / per_row, lines, area->rows);
    }
    bytes->top = ui_list_scroll(bytes->top, view->bytes->byte / per_row, lines, area->rows);
    for (int y = 0; y < area->rows && bytes->top + (size_t)y < lines; y++) {
        draw_line(bytes, area, y, buffer, (bytes->top + (size_t)y) * per_row, &linked);
    }
    ui_pane_draw_more(area, bytes->top > 0, bytes->top + (size_t)area->rows < lines);
}

/* ---- keys ------------------------------------------------------------------------------------------- */

/* Lines up and down; the column stays. */
static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    const struct bytes *bytes = state;
    struct ui_selection *selection = view->bytes;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    size_t per_row = bytes->per_row > 0 ? (size_t)bytes->per_row : 8;
    size_t before = selection->byte;
    size_t lines, line, at;

    if (buffer == NULL || buffer->length == 0) {
        return false;
    }
    lines = (buffer->length + per_row - 1) / per_row;
    line = ui_list_move(before / per_row, lines, motion, rows);
    at = line * per_row + before % per_row;
    if (motion == UI_TOP) {
        at = 0;
    } else if (motion == UI_BOTTOM || at >= buffer->length) {
        at = buffer->length - 1;
    }
    ui_selection_byte(selection, at);
    return selection->byte != before;
}

/* - and + go byte by byte: left and right are steps in time. */
static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_selection *selection = view->bytes;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    size_t before = selection->byte;

    (void)state;
    if (buffer == NULL || buffer->length == 0) {
        return false;
    }
    if (action == UI_FOLD && before > 0) {
        ui_selection_byte(selection, before - 1);
    } else if (action == UI_UNFOLD && before + 1 < buffer->length) {
        ui_selection_byte(selection, before + 1);
    }
    return selection->byte != before;
}

/* What to look for: bytes when the text is hexadecimal digits, and the text itself. */
static bool matches(const struct trace_buffer *buffer, size_t at, const uint8_t *bytes,
                    long byte_count, const char *text)
{
    size_t length = strlen(text);
    size_t left = buffer->length - at;

    if (byte_count > 0 && left >= (size_t)byte_count &&
        memcmp(buffer->data + at, bytes, (size_t)byte_count) == 0) {
        return true;
    }
    return left >= length && ui_text_contains((const char *)buffer->data + at, length, text);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_selection *selection = view->bytes;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);
    uint8_t bytes[64];
    char digits[2 * sizeof bytes + 1];
    size_t used = 0;
    long byte_count;

    (void)state;
    if (buffer == NULL || text[0] == '\0' || is_hidden(view)) {
        return false;
    }
    for (const char *at = text; *at != '\0' && used + 1 < sizeof digits; at++) {
        if (*at != ' ') {
            digits[used++] = *at;
        }
    }
    byte_count = text_unhex(bytes, sizeof bytes, digits, used);
    for (size_t i = 1; i <= buffer->length; i++) {
        size_t at = (selection->byte + (backward ? buffer->length - i : i)) % buffer->length;
        if (matches(buffer, at, bytes, byte_count, text)) {
            ui_selection_byte(selection, at);
            return true;
        }
    }
    return false;
}

static void describe_found(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct ui_selection *selection = view->bytes;
    const struct trace_buffer *buffer = ui_selection_buffer(selection);

    (void)state;
    (void)snprintf(out, size, "found at %zu of %zu bytes", selection->byte,
                   buffer != NULL ? buffer->length : 0);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    const struct bytes *bytes = state;
    const struct trace_buffer *buffer = ui_selection_buffer(view->bytes);
    int index = (x - hex_column(bytes, 0)) / 3;
    size_t at;

    if (buffer == NULL || x < hex_column(bytes, 0)) {
        return false;
    }
    if (x >= text_column(bytes, 0)) {
        index = x - text_column(bytes, 0);
    }
    if (index >= bytes->per_row) {
        return false;
    }
    at = (bytes->top + (size_t)y) * (size_t)bytes->per_row + (size_t)index;
    if (at >= buffer->length) {
        return false;
    }
    ui_selection_byte(view->bytes, at);
    return true;
}

const struct ui_pane_operations ui_pane_bytes = {
    .name = "bytes",
    .title = "Bytes",
    .tab = "Bytes",
    .state_size = sizeof(struct bytes),
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .found = describe_found,
    .click = click,
};
