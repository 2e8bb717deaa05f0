/* Drawing the whole screen. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "screen.h"

static const struct ui_pane_operations *const all_panes[UI_PANE_COUNT] = {
    [UI_PANE_CONNECTION] = &ui_pane_connection, [UI_PANE_LADDER] = &ui_pane_ladder,
    [UI_PANE_CIPHER] = &ui_pane_cipher,         [UI_PANE_CERTIFICATES] = &ui_pane_certificates,
    [UI_PANE_MESSAGE] = &ui_pane_message,       [UI_PANE_BYTES] = &ui_pane_bytes,
    [UI_PANE_REASONS] = &ui_pane_reasons,
};

int ui_init(struct ui *ui, struct stepper *stepper, bool ascii)
{
    *ui = (struct ui){
        .stepper = stepper,
        .canvas = {.ascii = ascii},
        .focus = UI_PANE_LADDER,
        .beside = UI_PANE_CONNECTION,
        .cursor_y = -1,
        .cursor_x = -1,
        .mouse = true,
    };
    ui_selection_init(&ui->selection);
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (ui_pane_init(&ui->panes[i], all_panes[i]) != 0) {
            ui_free(ui);
            return -1;
        }
    }
    return 0;
}

void ui_free(struct ui *ui)
{
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        ui_pane_free(&ui->panes[i]);
    }
    ui_selection_free(&ui->selection);
    ui_prompt_free(&ui->prompt);
    ui_viewer_free(&ui->viewer);
    ui_form_close(&ui->form);
    ui_canvas_free(&ui->canvas);
}

void ui_tell(struct ui *ui, enum ui_mark mark, const char *format, ...)
{
    char text[sizeof ui->status];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)text_safe(ui->status, sizeof ui->status, text, strlen(text));
    ui->status_mark = mark;
}

/* ---- the view ----------------------------------------------------------------------------------- */

bool ui_is_refused(const struct trace_facts *facts)
{
    const struct pki_verification *verification = facts->verification;

    if (verification == NULL || !verification->performed || verification->ok) {
        return false;
    }
    return facts->failed || (facts->stop.at_stop && strcmp(facts->stop.at, "verify") == 0);
}

bool ui_make_view(struct ui *ui, struct ui_view *view)
{
    *view = (struct ui_view){
        .stepper = ui->stepper,
        .trace = stepper_trace(ui->stepper),
        .cursor = stepper_cursor(ui->stepper),
        .facts = stepper_facts(ui->stepper),
        .selection = &ui->selection,
        .ascii = ui->canvas.ascii,
        .reasons_apart = ui->layout.panes[UI_PANE_REASONS].rows > 0,
    };
    return view->facts != NULL;
}

/* Lets page panes see the moment before, once for each cursor and width. */
static void remember_before(struct ui *ui)
{
    struct trace *trace = stepper_trace(ui->stepper);
    size_t cursor = stepper_cursor(ui->stepper);
    struct ui_view before;
    bool same = ui->marked_trace == trace && ui->marked_cursor == cursor;

    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        same &= ui->marked_columns[i] == ui->panes[i].content.columns;
        ui->marked_columns[i] = ui->panes[i].content.columns;
    }
    ui->marked_trace = trace;
    ui->marked_cursor = cursor;
    if (same) {
        return;
    }
    if (!ui_make_view(ui, &before)) {
        return;
    }
    before.cursor = trace_moment_before(trace, cursor);
    before.facts = trace_facts(trace, before.cursor);
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (ui->panes[i].area.rows > 0) {
            ui_pane_remember(&ui->panes[i], cursor > 0 && before.facts != NULL ? &before : NULL);
        }
    }
}

/* ---- panes -------------------------------------------------------------------------------------- */

struct ui_area ui_area_of(struct ui *ui, struct ui_rect rect)
{
    return (struct ui_area){.canvas = &ui->canvas,
                            .y = rect.y,
                            .x = rect.x,
                            .rows = rect.rows,
                            .columns = rect.columns};
}

void ui_focus(struct ui *ui, enum ui_pane_id pane)
{
    if (ui->focus != UI_PANE_LADDER) {
        ui->beside = ui->focus;
    }
    ui->focus = pane;
}

static void compute_layout(struct ui *ui, int rows, int columns)
{
    const struct trace_facts *facts = stepper_facts(ui->stepper);
    struct ui_layout_request request = {
        .rows = rows, .columns = columns, .zoomed = ui->zoomed, .beside = ui->beside};

    request.refused = facts != NULL && ui_is_refused(facts);
    if (!request.refused) { /* the pane of reasons is there only as long as there are any */
        ui->focus = ui->focus == UI_PANE_REASONS ? UI_PANE_CERTIFICATES : ui->focus;
        ui->beside = ui->beside == UI_PANE_REASONS ? UI_PANE_CERTIFICATES : ui->beside;
        request.beside = ui->beside;
    }
    request.focus = ui->focus;
    ui_layout_compute(&ui->layout, &request);
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        struct ui_area area = ui_area_of(ui, ui->layout.panes[i]);
        ui_pane_place(&ui->panes[i], &area);
    }
}

static void draw_panes(struct ui *ui, const struct ui_view *view)
{
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (ui->panes[i].area.rows >= 3) {
            ui_pane_draw(&ui->panes[i], view, i < UI_PANE_REASONS ? (int)i + 1 : 0, ui->focus == i);
        }
    }
}

/* ---- head, tabs --------------------------------------------------------------------------------- */

/* The clock of the session: the time of the last event at the cursor, so that a saved session
 * shows what the live one showed; while it runs, the time since its start. */
static int64_t elapsed_ns(const struct ui_view *view)
{
    if (stepper_busy(view->stepper) && stepper_at_end(view->stepper)) {
        int64_t now = clock_wall_ns() - trace_start_wall_ns(view->trace);
        return now > 0 ? now : 0;
    }
    return view->cursor > 0 ? trace_event_at(view->trace, view->cursor - 1)->time_ns : 0;
}

/* "handshake · step 9 · Finished has arrived, PAUSED": where there is no room for all of it, its
 * beginning is what can be missed. */
static void draw_state(struct ui *ui, const struct ui_area *area)
{
    struct buffer state = {0};
    const char *text, *rest;

    stepper_explain_state(ui->stepper, &state);
    text = buffer_string(&state);
    while (text != NULL && ui_text_columns(text, ui->canvas.ascii) > area->columns &&
           (rest = strstr(text, " · ")) != NULL) {
        text = rest + strlen(" · ");
    }
    if (text != NULL) {
        ui_area_text_right(area, 0, area->columns, UI_HEAD, text);
    }
    buffer_free(&state);
}

static void draw_head(struct ui *ui, const struct ui_view *view)
{
    struct ui_area area = ui_area_of(ui, ui->layout.head);
    const char *input = stepper_target(ui->stepper)->input;
    struct ui_area middle;
    char clock[32], target[300];
    int64_t seconds = elapsed_ns(view) / 1000000000;
    int x;

    ui_area_blank(&area, 0, 0, area.columns, UI_HEAD);
    (void)snprintf(clock, sizeof clock, "%02" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    ui_area_text_right(&area, 0, area.columns - 1, UI_HEAD, clock);
    x = ui_area_text(&area, 0, 1, UI_HEAD, "tlstep") + 2;
    x = ui_area_text_in(&area, 0, x, area.columns / 3, UI_HEAD,
                        text_safe(target, sizeof target, input, strlen(input))) +
        2;
    middle = ui_area_part(&area, 0, x, 1, area.columns - x - 3 - (int)strlen(clock));
    draw_state(ui, &middle);
}

static void draw_tabs(struct ui *ui)
{
    struct ui_area area = ui_area_of(ui, ui->layout.tabs);
    bool roomy = area.columns >= 76;
    int x = 1;

    memset(ui->tab_ends, 0, sizeof ui->tab_ends);
    for (size_t i = 0; area.rows > 0 && i < UI_PANE_REASONS; i++) {
        bool focused =
            ui->focus == i || (i == UI_PANE_CERTIFICATES && ui->focus == UI_PANE_REASONS);
        unsigned style = focused ? UI_SELECTION : ui->layout.panes[i].rows > 0 ? UI_TITLE : UI_DIM;
        char text[40];
        const struct ui_pane_operations *pane = ui->panes[i].operations;
        (void)snprintf(text, sizeof text, " %zu %s ", i + 1, roomy ? pane->title : pane->tab);
        x = ui_area_text(&area, 0, x, style, text);
        ui->tab_ends[i] = x;
    }
}

/* ---- all ---------------------------------------------------------------------------------------- */

static void draw_too_small(struct ui *ui)
{
    struct ui_area area = ui_area_all(&ui->canvas);
    char text[80];

    (void)snprintf(text, sizeof text, "Please enlarge the terminal to %dx%d (now %dx%d)",
                   UI_COLUMNS_LEAST, UI_ROWS_LEAST, area.columns, area.rows);
    (void)ui_area_text(&area, area.rows / 2, 0, UI_TEXT, text);
}

static void draw_bottom(struct ui *ui, const struct ui_view *view)
{
    struct ui_area area = ui_area_of(ui, ui->layout.hints);

    ui->hints.count = 0;
    if (ui->prompt.kind != UI_PROMPT_NONE) {
        ui->cursor_y = area.y;
        ui->cursor_x = area.x + ui_prompt_draw(&ui->prompt, &area);
    } else if (!ui->form.open) {
        ui_hints_draw(&ui->hints, view, ui->focus, &area);
    }
}

/* Boxes over the panes; the lines at the bottom stay. */
static void draw_boxes(struct ui *ui)
{
    struct ui_area all = ui_area_all(&ui->canvas);
    struct ui_area body = ui_area_part(&all, 1, 0, ui->layout.explanation.y - 1, all.columns);

    if (ui->viewer.open) {
        ui_viewer_draw(&ui->viewer, &body);
    }
    if (ui->form.open) {
        body.rows = all.rows - 1; /* a form needs every line it can get */
        ui_form_draw(&ui->form, &body, &ui->cursor_y, &ui->cursor_x);
    }
}

int ui_draw(struct ui *ui, int rows, int columns)
{
    struct ui_view view;

    if (ui_canvas_resize(&ui->canvas, rows, columns) != 0) {
        return -1;
    }
    ui->cursor_y = ui->cursor_x = -1;
    compute_layout(ui, rows, columns);
    if (ui->layout.too_small) {
        draw_too_small(ui);
        return 0;
    }
    remember_before(ui);
    ui_selection_update(&ui->selection, stepper_trace(ui->stepper), stepper_cursor(ui->stepper));
    if (!ui_make_view(ui, &view)) {
        return -1;
    }
    draw_head(ui, &view);
    draw_tabs(ui);
    draw_panes(ui, &view);
    ui_draw_explanation(ui, &view);
    draw_bottom(ui, &view);
    draw_boxes(ui);
    return 0;
}
