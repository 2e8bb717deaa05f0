/*
 * The ladder: one row for each message, with an arrow between the client's and the server's
 * column. Below the rows: records that wait for their keys, the stop that is no message, and what
 * failed.
 */
#include <inttypes.h>
#include <string.h>

#include "checks.h"
#include "ladder.h"
#include "pane.h"
#include "selection.h"
#include "tree.h"

#define HEAD_ROWS 1

/* Where things stand in a line. */
struct columns {
    int number;    /* digits of the row's number */
    int arrow;     /* first column of the arrow */
    int arrow_end; /* after its last */
    int bytes_end; /* right edges; 0: no room for it */
    int time_end;
};

#define BYTES_COLUMNS 8
#define TIME_COLUMNS  8

static struct columns place_columns(const struct trace *trace, int width)
{
    struct columns columns = {.number = trace_row_count(trace) > 999 ? 5 : 3};

    columns.arrow = 1 + columns.number + 3;
    columns.arrow_end = width;
    if (width >= 36) {
        columns.arrow_end = width - BYTES_COLUMNS - 1;
        columns.bytes_end = width;
    }
    if (width >= 48) {
        columns.arrow_end = width - BYTES_COLUMNS - TIME_COLUMNS - 1;
        columns.bytes_end = width - TIME_COLUMNS;
        columns.time_end = width;
    }
    return columns;
}

/* ---- one row ------------------------------------------------------------------------------------ */

/* In words, where a row is not simply done; NULL otherwise. What another program did with a message that
 * it received is not in a capture. */
static const char *state_words(enum trace_row_state state, const struct ui_view *view)
{
    bool captured = stepper_capture(view->stepper) != NULL;

    switch (state) {
    case TRACE_ROW_QUEUED:
        return "not sent yet";
    case TRACE_ROW_ARRIVED:
        return captured ? NULL : view->facts->over ? "never read" : "arrived, waiting";
    case TRACE_ROW_UNSENT:
        return "never sent";
    default:
        return NULL;
    }
}

/* What is written on the arrow: the type, and beside it what there is room for. */
struct label {
    char type[160];
    char more[200];
    int more_columns; /* room for it; 0: none */
    unsigned style;
};

/* An arrow shorter than this is none. */
#define ARROW_LEAST 4
/* Less than this of what stands beside the type says nothing. */
#define MORE_LEAST 12

static void make_label(struct label *label, const struct ui_view *view, const struct trace_row *row,
                       int room)
{
    const struct trace *trace = view->trace;
    bool ascii = view->ascii;
    enum ui_mark mark;

    *label = (struct label){.style = row->malformed ? UI_BAD : ui_side_style(row->from)};
    (void)snprintf(label->type, sizeof label->type, "%s%s%s", row->type,
                   row->problem != NULL ? ": " : "", row->problem != NULL ? row->problem : "");
    if (ui_check_mark(view->facts, row->n, &mark)) {
        size_t used = strlen(label->type);
        (void)snprintf(label->type + used, sizeof label->type - used, " %s",
                       ui_mark_text(mark, ascii));
        label->style = mark == UI_MARK_BAD ? UI_BAD : label->style;
    }
    if (!row->observed && row->layer == TRACE_LAYER_TCP) {
        (void)snprintf(label->more, sizeof label->more, "by the kernel");
    } else {
        (void)trace_row_summary(label->more, sizeof label->more, trace, row);
    }
    label->more_columns = room - ui_text_columns(label->type, ascii) - 2 * ARROW_LEAST;
    if (label->more_columns < MORE_LEAST) {
        label->more_columns = 0;
    } else if (label->more_columns > ui_text_columns(label->more, ascii)) {
        label->more_columns = ui_text_columns(label->more, ascii);
    }
}

static void draw_arrow(const struct ui_area *area, int y, const struct columns *columns,
                       const struct label *label, enum wire_side from, bool broken)
{
    bool ascii = area->canvas->ascii;
    int start = columns->arrow, end = columns->arrow_end;
    int type = ui_text_columns(label->type, ascii);
    int more = label->more_columns > 0 ? label->more_columns + 1 : 0;
    const char *line = !broken ? "─" : ascii ? "." : "·";

    if (type > end - start - ARROW_LEAST) {
        type = end - start - ARROW_LEAST;
    }
    if (from == WIRE_CLIENT) {
        int x = ui_area_text_in(area, y, start, type, label->style, label->type);
        if (more > 0) {
            x = ui_area_text_in(area, y, x + 1, more - 1, UI_DIM, label->more);
        }
        ui_area_repeat(area, y, x + 1, end - x - 2, label->style, line);
        ui_area_repeat(area, y, end - 1, 1, label->style, "▶");
        return;
    }
    ui_area_repeat(area, y, start, 1, label->style, "◀");
    ui_area_repeat(area, y, start + 1, end - start - type - more - 2, label->style, line);
    if (more > 0) {
        (void)ui_area_text_in(area, y, end - type - more, more - 1, UI_DIM, label->more);
    }
    (void)ui_area_text_in(area, y, end - type, type, label->style, label->type);
}

static void draw_amounts(const struct ui_area *area, int y, const struct columns *columns,
                         unsigned style, uint32_t length, int64_t time_ns)
{
    char text[32];

    if (columns->bytes_end > 0) {
        ui_area_text_right(area, y, columns->bytes_end, style,
                           text_grouped(text, sizeof text, length));
    }
    if (columns->time_end > 0) {
        (void)snprintf(text, sizeof text, "%.1f", (double)time_ns / 1e6);
        ui_area_text_right(area, y, columns->time_end, style, text);
    }
}

/* The arrow ends where an amount begins that is too long for its column. */
static struct columns make_room(const struct columns *columns, uint32_t length)
{
    struct columns narrower = *columns;
    char text[32];
    int start = columns->bytes_end - (int)strlen(text_grouped(text, sizeof text, length)) - 1;

    if (columns->bytes_end > 0 && start < columns->arrow_end) {
        narrower.arrow_end = start;
    }
    return narrower;
}

static void draw_words(const struct ui_area *area, int y, const struct columns *columns,
                       unsigned style, const char *words)
{
    struct ui_area room =
        ui_area_part(area, y, columns->arrow_end + 1, 1, area->columns - columns->arrow_end - 1);

    ui_area_text_right(&room, 0, room.columns, style, words);
}

static void draw_row(const struct ui_area *area, int y, const struct columns *all,
                     const struct ui_view *view, const struct trace_row *row)
{
    const struct columns narrower = make_room(all, row->length), *columns = &narrower;
    const struct trace_stop *stop = &view->facts->stop;
    enum trace_row_state state = trace_row_state(view->trace, row, view->cursor);
    bool current = stop->at_stop && stop->n == row->n;
    bool queued = state == TRACE_ROW_QUEUED || state == TRACE_ROW_UNSENT;
    const char *words = state_words(state, view);
    struct label label;
    char number[16];

    if (current) {
        ui_area_text(area, y, 0, UI_STYLE_BOLD, ui_mark_text(UI_MARK_CURRENT, view->ascii));
    } else if (stepper_breaks_at(view->stepper, row->type, row->from)) {
        ui_area_text(area, y, 0, UI_WARNING, "•");
    }
    (void)snprintf(number, sizeof number, "%*" PRIu32, columns->number, row->n);
    (void)ui_area_text(area, y, 1, current ? UI_STYLE_BOLD : UI_TEXT, number);
    if (row->encrypted) {
        ui_area_repeat(area, y, columns->arrow - 2, 1, ui_side_style(row->from), "▓");
    }
    make_label(&label, view, row, columns->arrow_end - columns->arrow);
    if (current) {
        label.style |= UI_STYLE_BOLD;
    }
    draw_arrow(area, y, columns, &label, row->from, queued);
    if (words != NULL) {
        draw_words(area, y, columns, current ? UI_STYLE_BOLD : UI_DIM, words);
    } else {
        draw_amounts(area, y, columns, UI_TEXT, row->length, row->time_ns);
    }
}

void ui_ladder_draw_row(const struct ui_area *area, int y, const struct ui_view *view,
                        const struct trace_row *row)
{
    struct columns columns = place_columns(view->trace, area->columns);

    draw_row(area, y, &columns, view, row);
}

static void draw_waiting(const struct ui_area *area, int y, const struct columns *columns,
                         const struct trace_waiting *waiting)
{
    const struct label label = {.type = "encrypted, no key yet", .style = UI_DIM};

    ui_area_repeat(area, y, columns->arrow - 2, 1, UI_DIM, "▓");
    draw_arrow(area, y, columns, &label, waiting->from, false);
    draw_amounts(area, y, columns, UI_DIM, waiting->length, waiting->time_ns);
}

/* ---- below the rows ------------------------------------------------------------------------------ */

/* Fills in the records that wait; those that are too many are a line of the tail. */
static void find_waiting(struct ui_ladder *ladder, const struct ui_view *view)
{
    size_t count = trace_waiting(view->trace, view->cursor, ladder->waiting, UI_WAITING_MAX);

    ladder->waiting_count = count < UI_WAITING_MAX ? count : UI_WAITING_MAX;
    if (count > UI_WAITING_MAX) {
        ui_page_line(&ladder->tail);
        ui_page_column(&ladder->tail, 4);
        ui_page_add(&ladder->tail, UI_DIM, "▓ and %zu more records without a key",
                    count - UI_WAITING_MAX);
    }
}

/* A stop that is no message: name lookup, verification, the end. */
void ui_ladder_add_stop(struct ui_page *page, const struct ui_view *view)
{
    const struct trace_stop *stop = &view->facts->stop;
    const struct trace_phase_fact *fact = &view->facts->phases[stop->phase];
    char safe[400];

    if (!stop->at_stop || stop->n > 0 || fact->state == TRACE_FAILED) {
        return;
    }
    ui_page_line(page);
    ui_page_add(page, UI_STYLE_BOLD, "%s %s", ui_mark_text(UI_MARK_CURRENT, page->ascii), stop->at);
    if (fact->text != NULL) {
        ui_page_add(page, UI_TEXT, "  ");
        ui_page_wrap(page, UI_TEXT, 4,
                     text_safe(safe, sizeof safe, fact->text, strlen(fact->text)));
    }
}

void ui_ladder_add_failure(struct ui_page *page, const struct ui_view *view)
{
    const struct trace_facts *facts = view->facts;
    char safe[700];

    for (size_t phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        const struct trace_phase_fact *fact = &facts->phases[phase];
        if (fact->state != TRACE_FAILED || ui_failure_is_told(facts, (enum trace_phase)phase)) {
            continue;
        }
        ui_page_line(page);
        ui_mark_add(page, UI_MARK_BAD);
        ui_page_add(page, UI_BAD, "%s failed", trace_phase_name((enum trace_phase)phase));
        if (fact->text != NULL) {
            ui_page_add(page, UI_BAD, ": ");
            ui_page_wrap(page, UI_TEXT, ui_mark_columns(page->ascii),
                         text_safe(safe, sizeof safe, fact->text, strlen(fact->text)));
        }
    }
    if (facts->failed && stepper_live(view->stepper) && stepper_done(view->stepper)) {
        ui_page_line(page);
        ui_page_column(page, ui_mark_columns(page->ascii));
        ui_page_add(page, UI_DIM, "R runs it again.");
    }
}

/* Before there is a row: what the next key will do. */
void ui_ladder_add_next(struct ui_page *page, const struct ui_view *view)
{
    struct buffer next = {0};
    const char *text;

    stepper_explain_next(view->stepper, &next);
    text = buffer_string(&next);
    if (text != NULL && text[0] != '\0') {
        ui_page_line(page);
        ui_page_add(page, UI_TEXT, "  ");
        if (stepper_busy(view->stepper)) {
            ui_page_add(page, UI_DIM, "Now");
        } else {
            ui_page_add(page, UI_KEY, "Space");
        }
        ui_page_wrap(page, UI_TEXT, 9, ": ");
        ui_page_wrap(page, UI_TEXT, 9, text);
    }
    buffer_free(&next);
    if (stepper_target(view->stepper)->kind == STEPPER_LAB && !view->in_lesson) {
        ui_page_line(page);
        ui_page_line(page);
        ui_page_add(page, UI_TEXT, "      ");
        ui_page_add(page, UI_KEY, "L");
        ui_page_wrap(page, UI_TEXT, 9, ": learn TLS by doing, in short lessons in this screen");
    }
}

static void find_lines(struct ui_ladder *ladder, const struct ui_view *view, size_t rows,
                       int columns)
{
    ui_page_reset(&ladder->tail, columns, view->ascii);
    find_waiting(ladder, view);
    ui_ladder_add_stop(&ladder->tail, view);
    ui_ladder_add_failure(&ladder->tail, view);
    if (rows == 0 && !view->facts->failed) {
        ui_ladder_add_next(&ladder->tail, view);
    }
}

/* ---- the pane ---------------------------------------------------------------------------------------- */

static void draw_head(const struct ui_area *area, const struct columns *columns)
{
    (void)ui_area_text(area, 0, columns->number, UI_DIM, "#");
    (void)ui_area_text(area, 0, columns->arrow, UI_CLIENT, "client");
    ui_area_text_right(area, 0, columns->arrow_end, UI_SERVER, "server");
    if (columns->bytes_end > 0) {
        ui_area_text_right(area, 0, columns->bytes_end, UI_DIM, "bytes");
    }
    if (columns->time_end > 0) {
        ui_area_text_right(area, 0, columns->time_end, UI_DIM, "ms");
    }
}

/* Keeps the selected row on the screen, and with the newest one also what stands below it. */
static size_t scroll(const struct ui_ladder *ladder, const struct ui_view *view, size_t rows,
                     size_t total, int height)
{
    size_t selected = view->selection->n > 0 ? view->selection->n - 1 : 0;
    size_t top = ladder->top;

    if (view->selection->n == rows && total > 0) {
        top = ui_list_scroll(top, total - 1, total, height);
    }
    return ui_list_scroll(top, selected, total, height);
}

static void draw_line(const struct ui_ladder *ladder, const struct ui_area *area, int y,
                      const struct columns *columns, const struct ui_view *view, bool focused)
{
    size_t rows = trace_row_count_at(view->trace, view->cursor);
    size_t line = ladder->top + (size_t)y;

    if (line < rows) {
        const struct trace_row *row = trace_row_at(view->trace, line);
        draw_row(area, y, columns, view, row);
        if (row->n == view->selection->n) {
            ui_area_restyle(area, y, 0, area->columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    } else if (line - rows < ladder->waiting_count) {
        draw_waiting(area, y, columns, &ladder->waiting[line - rows]);
    } else {
        struct ui_area below = ui_area_part(area, y, 0, 1, area->columns);
        ui_page_draw(&ladder->tail, line - rows - ladder->waiting_count, &below);
    }
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_ladder *ladder = state;
    struct columns columns = place_columns(view->trace, area->columns);
    struct ui_area body = ui_area_part(area, HEAD_ROWS, 0, area->rows - HEAD_ROWS, area->columns);
    size_t rows = trace_row_count_at(view->trace, view->cursor);
    size_t total;

    if (stepper_is_pair(view->stepper)) {
        ui_ladder_draw_pair(ladder, view, area, focused);
        return;
    }
    find_lines(ladder, view, rows, area->columns);
    total = rows + ladder->waiting_count + ladder->tail.count;
    ladder->top = scroll(ladder, view, rows, total, body.rows);
    draw_head(area, &columns);
    for (int y = 0; y < body.rows && ladder->top + (size_t)y < total; y++) {
        draw_line(ladder, &body, y, &columns, view, focused);
    }
    ui_pane_draw_more(&body, ladder->top > 0, ladder->top + (size_t)body.rows < total);
}

static void free_state(void *state)
{
    struct ui_ladder *ladder = state;

    ui_page_free(&ladder->tail);
}

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    size_t count = trace_row_count_at(view->trace, view->cursor);
    size_t selected = view->selection->n > 0 ? view->selection->n - 1 : 0;
    size_t next = ui_list_move(selected, count, motion, rows - HEAD_ROWS);

    (void)state;
    if (count == 0 || (view->selection->n > 0 && next == selected)) {
        return false;
    }
    return ui_selection_row(view->selection, view->trace, view->cursor, (uint32_t)next + 1);
}

static bool row_contains(const struct ui_view *view, const struct trace_row *row, const char *text)
{
    char summary[400];

    if (ui_text_contains(row->type, strlen(row->type), text)) {
        return true;
    }
    (void)trace_row_summary(summary, sizeof summary, view->trace, row);
    return ui_text_contains(summary, strlen(summary), text);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    size_t count = trace_row_count_at(view->trace, view->cursor);
    size_t from = view->selection->n > 0 ? view->selection->n - 1 : 0;

    (void)state;
    for (size_t i = 1; i <= count; i++) {
        size_t index = (from + (backward ? count - i : i)) % count;
        if (row_contains(view, trace_row_at(view->trace, index), text)) {
            return ui_selection_row(view->selection, view->trace, view->cursor,
                                    (uint32_t)index + 1);
        }
    }
    return false;
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    const struct ui_ladder *ladder = state;

    (void)x;
    if (stepper_is_pair(view->stepper) && y >= HEAD_ROWS) {
        uint32_t n = ui_ladder_pair_row(ladder, view, y - HEAD_ROWS);
        return n > 0 && ui_selection_row(view->selection, view->trace, view->cursor, n);
    }
    return y >= HEAD_ROWS &&
           ui_selection_row(view->selection, view->trace, view->cursor,
                            (uint32_t)(ladder->top + (size_t)(y - HEAD_ROWS)) + 1);
}

const struct ui_pane_operations ui_pane_ladder = {
    .name = "ladder",
    .title = "Ladder",
    .tab = "Ladder",
    .state_size = sizeof(struct ui_ladder),
    .free = free_state,
    .draw = draw,
    .move = move,
    .search = search,
    .click = click,
};
