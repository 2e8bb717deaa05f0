/* All application data, as two people would read it who listen: who says what, in order. */
#include "pane_data.h"
#include "data.h"
#include "marks.h"
#include "pane.h"
#include "tree.h"

/* A sign for the side, which works without colour, and a blank. */
#define GUTTER 2

static void free_state(void *state)
{
    struct ui_data_pane *pane = state;

    ui_data_free(&pane->data);
}

static bool present(struct stepper *stepper, const struct trace_facts *facts)
{
    return !stepper_options(stepper)->redact &&
           facts->application_data[WIRE_CLIENT] + facts->application_data[WIRE_SERVER] > 0;
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    const uint64_t *bytes = view->facts->application_data;
    char client[32], server[32];

    (void)state;
    (void)snprintf(out, size, "Application data · client %s · server %s bytes",
                   text_grouped(client, sizeof client, bytes[WIRE_CLIENT]),
                   text_grouped(server, sizeof server, bytes[WIRE_SERVER]));
}

/* ---- what is seen -------------------------------------------------------------------------------- */

unsigned ui_data_pane_sides(const struct ui_data_pane *pane)
{
    static const unsigned sides[] = {UI_DATA_BOTH, UI_DATA_SIDE(WIRE_CLIENT),
                                     UI_DATA_SIDE(WIRE_SERVER)};

    return sides[pane->side % 3];
}

/* "00000000  16 03 …  ...": the offset in this side's data, then as in the pane of bytes. */
#define OFFSET_COLUMNS 8

static int bytes_a_line(int columns)
{
    return columns >= GUTTER + OFFSET_COLUMNS + 2 + 16 * 4 + 1 ? 16 : 8;
}

static void update(struct ui_data_pane *pane, const struct ui_view *view, int columns)
{
    struct ui_data_form form = {.sides = ui_data_pane_sides(pane), .ascii = view->ascii};

    if (!pane->chosen && pane->data.count == 0) {
        pane->hex = ui_data_is_binary(view->trace, view->cursor);
    }
    form.hex = pane->hex;
    form.columns = pane->hex ? bytes_a_line(columns) : columns - GUTTER;
    ui_data_update(&pane->data, view->trace, view->cursor, &form);
}

/* ---- drawing --------------------------------------------------------------------------------------- */

static void draw_turn(const struct ui_area *area, int y, const struct ui_view *view,
                      const struct ui_data_chunk *chunk)
{
    const struct trace_row *row = trace_row_at(view->trace, chunk->n - 1);
    bool client = chunk->from == WIRE_CLIENT;
    char text[120];
    int x;

    (void)snprintf(text, sizeof text, "%s  from row %u, %.1f ms ",
                   client ? "client → server" : "server → client", (unsigned)chunk->n,
                   (double)row->time_ns / 1e6);
    x = ui_area_text(area, y, 0, ui_side_style(chunk->from) | UI_STYLE_BOLD, text);
    ui_area_repeat(area, y, x, area->columns - x, UI_BORDER, "─");
}

static void draw_text(const struct ui_area *area, int y, unsigned style, const uint8_t *bytes,
                      size_t length)
{
    struct buffer safe = {0};
    const char *text;

    if (length > 0 && bytes[length - 1] == '\n') {
        length--;
        length -= length > 0 && bytes[length - 1] == '\r';
    }
    text_safe_append(&safe, bytes, length);
    text = buffer_string(&safe);
    if (text != NULL) {
        (void)ui_area_text(area, y, GUTTER, style, text);
    }
    buffer_free(&safe);
}

static void draw_hex(const struct ui_area *area, int y, unsigned style, uint64_t offset,
                     const uint8_t *bytes, size_t length)
{
    size_t per_row = (size_t)bytes_a_line(area->columns);
    int column = GUTTER + OFFSET_COLUMNS + 2;
    char text[24];

    (void)snprintf(text, sizeof text, "%0*lx", OFFSET_COLUMNS, (unsigned long)offset);
    (void)ui_area_text(area, y, GUTTER, UI_DIM, text);
    for (size_t i = 0; i < length; i++) {
        (void)snprintf(text, sizeof text, "%02x", bytes[i]);
        (void)ui_area_text(area, y, column + 3 * (int)i, style, text);
        text[0] = bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char)bytes[i] : '.';
        text[1] = '\0';
        (void)ui_area_text(area, y, column + 3 * (int)per_row + 1 + (int)i,
                           text[0] == '.' ? UI_DIM : style, text);
    }
}

static void draw_line(const struct ui_data *data, size_t index, const struct ui_view *view,
                      const struct ui_area *area, int y)
{
    const struct ui_data_line *line = &data->lines[index];
    const struct ui_data_chunk *chunk = &data->chunks[line->chunk];
    unsigned style = ui_side_style(chunk->from);
    const uint8_t *bytes;
    size_t length;

    if (line->kind == UI_DATA_TURN) {
        draw_turn(area, y, view, chunk);
        return;
    }
    (void)ui_area_text(area, y, 0, style, chunk->from == WIRE_CLIENT ? "▶" : "◀");
    bytes = ui_data_bytes(view->trace, chunk, &length);
    if (bytes == NULL || line->offset > length || line->length > length - line->offset) {
        (void)ui_area_text(area, y, GUTTER, UI_DIM,
                           "dropped to bound memory; it is in the saved file");
    } else if (data->form.hex) {
        draw_hex(area, y, style, chunk->start + line->offset, bytes + line->offset, line->length);
    } else {
        draw_text(area, y, style, bytes + line->offset, line->length);
    }
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_data_pane *pane = state;
    struct ui_data *data = &pane->data;
    size_t height = area->rows > 0 ? (size_t)area->rows : 1;
    bool at_end = pane->seen > height && pane->top + height >= pane->seen;

    update(pane, view, area->columns);
    if (at_end && data->count > pane->seen) { /* who has read to the end wants to see what comes */
        pane->top = data->count - height;
    }
    pane->seen = data->count;
    if (pane->found > data->count) {
        pane->found = 0;
    }
    if (pane->found > 0) {
        pane->top = ui_list_scroll(pane->top, pane->found - 1, data->count, area->rows);
    }
    pane->top = ui_list_scroll(pane->top, pane->top, data->count, area->rows);
    for (int y = 0; y < area->rows && pane->top + (size_t)y < data->count; y++) {
        draw_line(data, pane->top + (size_t)y, view, area, y);
        if (pane->found == pane->top + (size_t)y + 1) {
            ui_area_restyle(area, y, 0, area->columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(area, pane->top > 0, pane->top + (size_t)area->rows < data->count);
}

/* ---- keys ---------------------------------------------------------------------------------------------- */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_data_pane *pane = state;
    size_t height = rows > 0 ? (size_t)rows : 1;
    size_t tops = pane->data.count > height ? pane->data.count - height + 1 : 1;
    size_t before = pane->top;

    (void)view;
    pane->found = 0;
    pane->top = ui_list_move(pane->top, tops, motion, rows);
    return pane->top != before;
}

/* The line at the top stands for the place when everything is cut anew. */
static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_data_pane *pane = state;

    (void)view;
    if (action == UI_SWITCH) {
        pane->hex = !pane->hex;
        pane->chosen = true;
    } else if (action == UI_TOGGLE) {
        pane->side = (pane->side + 1) % 3;
    } else {
        return false;
    }
    pane->top = 0;
    pane->found = 0;
    return true;
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_data_pane *pane = state;
    size_t from = pane->found > 0 ? pane->found - 1 : pane->top;
    long line = ui_data_find(&pane->data, from, text, backward, &pane->which, &pane->matches);

    (void)view;
    if (line >= 0) {
        pane->found = (size_t)line + 1;
    }
    return line >= 0;
}

static void describe_found(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct ui_data_pane *pane = state;

    (void)view;
    (void)snprintf(out, size, "line %zu of %zu that match", pane->which, pane->matches);
}

const struct ui_pane_operations ui_pane_data = {
    .name = "data",
    .title = "Data",
    .tab = "Data",
    .topic = "message.ApplicationData",
    .keys = "v text or hex  Enter sides  W save  Esc back",
    .state_size = sizeof(struct ui_data_pane),
    .free = free_state,
    .present = present,
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .found = describe_found,
};
