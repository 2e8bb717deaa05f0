/* Drawing the whole screen. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "certificates.h"
#include "fields.h"
#include "pane_store.h"
#include "schedule.h"
#include "screen.h"

/* Many certificates are a list, few are a tree. */
static enum ui_pane_id first_pane(struct stepper *stepper)
{
    const struct pki_bundle *bundle;

    if (!stepper_is_certificates(stepper)) {
        return UI_PANE_LADDER;
    }
    bundle = stepper_bundle(stepper, NULL);
    return bundle != NULL && pki_bundle_count(bundle) > STEPPER_CHAIN_MAX ? UI_PANE_STORE
                                                                          : UI_PANE_CERTIFICATES;
}

int ui_init(struct ui *ui, struct stepper *stepper, bool ascii)
{
    *ui = (struct ui){
        .stepper = stepper,
        .canvas = {.ascii = ascii},
        .cursor_y = -1,
        .cursor_x = -1,
        .mouse = true,
    };
    ui->conversation = stepper_conversation(stepper);
    ui_focus(ui, first_pane(stepper));
    ui_selection_init(&ui->selection, stepper_options(ui->stepper)->redact);
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (ui_pane_init(&ui->panes[i], ui_pane_table[i].operations) != 0) {
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
    ui_lesson_free(&ui->lesson);
    ui_explainer_free(&ui->explainer);
    buffer_wipe_free(&ui->to_terminal);
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

/* ---- another session ------------------------------------------------------------------------------ */

/* What panes remember is of the session before, whose trace is gone; another one may be at its address. */
void ui_forget_session(struct ui *ui)
{
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (i != UI_PANE_CONVERSATIONS && i != UI_PANE_STORE) {
            ui_pane_forget(&ui->panes[i]);
        }
    }
    ui_selection_free(&ui->selection);
    ui_selection_init(&ui->selection, stepper_options(ui->stepper)->redact);
    ui->marked_trace = NULL;
    ui->marked_row = 0;
    ui->conversation = stepper_conversation(ui->stepper);
}

void ui_notice_change(struct ui *ui)
{
    ui->generation++;
}

bool ui_is_working(const struct ui *ui)
{
    const struct ui_store_pane *pane = ui->panes[UI_PANE_STORE].state;

    return ui->panes[UI_PANE_STORE].area.rows > 0 && ui_store_has_more(&pane->store);
}

void ui_notice_session(struct ui *ui)
{
    if (ui->conversation != stepper_conversation(ui->stepper)) {
        ui_forget_session(ui);
    }
}

/* ---- the view ----------------------------------------------------------------------------------- */

/* The bytes belong to whichever of ladder, message, key schedule and certificate had the keys last. */
static enum ui_pane_id bytes_belong_to(const struct ui *ui)
{
    static const enum ui_pane_id owners[] = {UI_PANE_MESSAGE, UI_PANE_LADDER, UI_PANE_SCHEDULE,
                                             UI_PANE_FIELDS};
    enum ui_pane_id latest = stepper_is_certificates(ui->stepper) ? UI_PANE_FIELDS : owners[0];

    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        if (ui->looked_at[owners[i]] > ui->looked_at[latest] && ui_is_present(ui, owners[i])) {
            latest = owners[i];
        }
    }
    return latest;
}

static bool looks_at_keys(const struct ui *ui)
{
    return bytes_belong_to(ui) == UI_PANE_SCHEDULE;
}

static struct ui_selection *bytes_in_view(struct ui *ui)
{
    struct ui_schedule *schedule = ui->panes[UI_PANE_SCHEDULE].state;
    struct ui_fields *fields = ui->panes[UI_PANE_FIELDS].state;
    enum ui_pane_id owner = bytes_belong_to(ui);

    if (owner == UI_PANE_SCHEDULE && schedule->made) {
        return &schedule->keys;
    }
    return owner == UI_PANE_FIELDS && fields->certificate != NULL ? &fields->fields
                                                                  : &ui->selection;
}

/* Whose they are, and whether they must be hidden: never one without the other. */
static void choose_bytes(struct ui *ui, struct ui_view *view)
{
    const struct ui_schedule *schedule = ui->panes[UI_PANE_SCHEDULE].state;

    view->bytes = bytes_in_view(ui);
    view->bytes_are_secret = view->bytes == &schedule->keys;
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
        .revealed = ui->revealed,
        .reasons_apart = ui->layout.panes[UI_PANE_REASONS].rows > 0,
        .in_lesson = ui_lesson_is_on(&ui->lesson),
        .generation = ui->generation,
    };
    choose_bytes(ui, view);
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
    ui->focus = pane;
    ui->looked_at[pane] = ++ui->looks;
}

static bool has_fields(const struct ui *ui)
{
    const struct ui_fields *fields = ui->panes[UI_PANE_FIELDS].state;

    return fields->certificate != NULL;
}

/* Where there is no connection; many certificates are no chain. */
static bool is_of_certificates(const struct ui *ui, enum ui_pane_id pane)
{
    const struct trace_facts *facts = stepper_facts(ui->stepper);

    switch (pane) {
    case UI_PANE_CERTIFICATES:
        return facts != NULL && facts->certificate_count > 0;
    case UI_PANE_BYTES:
        return has_fields(ui);
    default:
        return pane == UI_PANE_REASONS || pane == UI_PANE_FIELDS || pane == UI_PANE_STORE;
    }
}

bool ui_is_present(const struct ui *ui, enum ui_pane_id pane)
{
    const struct ui_pane_operations *operations = ui_pane_table[pane].operations;
    const struct trace_facts *facts;

    if (stepper_listing(ui->stepper) && pane != UI_PANE_CONVERSATIONS) {
        return false; /* no session is in view */
    }
    if (stepper_is_certificates(ui->stepper) && !is_of_certificates(ui, pane)) {
        return false;
    }
    if (pane == UI_PANE_FIELDS) {
        return has_fields(ui);
    }
    if (pane == UI_PANE_COMPARISON) {
        return ui_is_comparing(ui);
    }
    if (operations->present == NULL) {
        return true;
    }
    facts = stepper_facts(ui->stepper);
    return facts != NULL && operations->present(ui->stepper, facts);
}

int ui_pane_number(const struct ui *ui, enum ui_pane_id pane)
{
    int number = ui_pane_table[pane].number;

    for (int i = 0; i < (int)pane; i++) {
        if (ui_pane_table[i].number == number && ui_is_present(ui, (enum ui_pane_id)i)) {
            return 0;
        }
    }
    return number;
}

static struct ui_layout_request make_request(const struct ui *ui, int rows, int columns)
{
    struct ui_layout_request request = {.rows = rows,
                                        .columns = columns,
                                        .focus = ui->focus,
                                        .zoomed = ui->zoomed,
                                        .two_ladders = stepper_is_pair(ui->stepper)};

    memcpy(request.looked_at, ui->looked_at, sizeof request.looked_at);
    for (int i = 0; i < UI_PANE_COUNT; i++) {
        request.present[i] = ui_is_present(ui, (enum ui_pane_id)i);
    }
    return request;
}

void ui_focus_back(struct ui *ui)
{
    struct ui_layout_request request = make_request(ui, 0, 0);
    enum ui_pane_id pane = ui_layout_latest(&request, ~(unsigned)ui_pane_table[ui->focus].place);

    ui_focus(ui, pane != UI_PANE_COUNT ? pane : first_pane(ui->stepper));
}

/* A pane that is gone leaves the keys to one at its place, where there is one. */
static void leave_absent(struct ui *ui, struct ui_layout_request *request)
{
    enum ui_place place = ui_pane_table[ui->focus].place;
    enum ui_pane_id pane = ui_layout_latest(request, place);

    if (request->present[ui->focus]) {
        return;
    }
    if (pane != UI_PANE_COUNT && place != UI_PLACE_WHOLE) {
        ui_focus(ui, pane);
    } else {
        ui_focus_back(ui);
    }
    request->focus = ui->focus;
    memcpy(request->looked_at, ui->looked_at, sizeof request->looked_at);
}

static void compute_layout(struct ui *ui, int rows, int columns)
{
    struct ui_layout_request request = make_request(ui, rows, columns);

    if (ui_lesson_is_on(&ui->lesson)) {
        request.lesson_rows = ui_lesson_rows(&ui->lesson, columns, ui->canvas.ascii);
    }
    leave_absent(ui, &request);
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
            ui_pane_draw(&ui->panes[i], view, ui_pane_number(ui, (enum ui_pane_id)i),
                         ui->focus == i);
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
    char progress[120], count[32];

    ui_progress_text(&ui->progress, ui->stepper, progress, sizeof progress);
    if (stepper_listing(ui->stepper)) {
        size_t conversations = trace_capture_count(stepper_capture(ui->stepper));
        buffer_printf(&state, "%s conversation%s", text_grouped(count, sizeof count, conversations),
                      conversations == 1 ? "" : "s");
    } else {
        stepper_explain_state(ui->stepper, &state);
    }
    if (progress[0] != '\0') {
        buffer_printf(&state, " · %s", progress);
    }
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
    const char *given = stepper_target(ui->stepper)->input;
    const char *input = strcmp(given, "-") == 0 ? "standard input" : given;
    struct ui_area middle;
    char clock[32] = "", target[300];
    int64_t seconds = elapsed_ns(view) / 1000000000;
    int x;

    ui_area_blank(&area, 0, 0, area.columns, UI_HEAD);
    if (!stepper_listing(ui->stepper) && !stepper_is_certificates(ui->stepper)) {
        (void)snprintf(clock, sizeof clock, "%02" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    }
    ui_area_text_right(&area, 0, area.columns - 1, UI_HEAD, clock);
    x = ui_area_text(&area, 0, 1, UI_HEAD, "tlstep") + 2;
    x = ui_area_text_in(&area, 0, x, area.columns / 3, UI_HEAD,
                        text_safe(target, sizeof target, input, strlen(input))) +
        2;
    if (ui->revealed) {
        x = ui_area_text(&area, 0, x, UI_WARNING | UI_STYLE_REVERSE, "secrets shown") + 2;
    }
    middle = ui_area_part(&area, 0, x, 1, area.columns - x - 3 - (int)strlen(clock));
    draw_state(ui, &middle);
}

static bool has_tab(const struct ui *ui, size_t pane)
{
    return ui_pane_number(ui, (enum ui_pane_id)pane) > 0 &&
           ui_is_present(ui, (enum ui_pane_id)pane);
}

/* How much of a tab is written: its title, a short form, or only its number. */
enum tab_form { TAB_TITLE, TAB_SHORT, TAB_NUMBER };

/* The tab of the pane that has the keys has its name in any case. */
static const char *tab_text(const struct ui *ui, size_t pane, bool focused, enum tab_form form)
{
    const struct ui_pane_operations *operations = ui->panes[pane].operations;

    if (form == TAB_TITLE || (form == TAB_NUMBER && focused)) {
        return operations->title;
    }
    return form == TAB_SHORT ? operations->tab : "";
}

/* A pane without a tab of its own is behind the one it takes turns with. */
static bool has_focus(const struct ui *ui, size_t pane)
{
    return ui->focus == pane || (ui_pane_number(ui, ui->focus) == 0 &&
                                 ui_pane_table[pane].place == ui_pane_table[ui->focus].place);
}

static bool tabs_fit(const struct ui *ui, enum tab_form form, int columns)
{
    int used = 1;

    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (has_tab(ui, i)) {
            used += 4 + ui_text_columns(tab_text(ui, i, has_focus(ui, i), form), ui->canvas.ascii);
        }
    }
    return used <= columns;
}

static void draw_tabs(struct ui *ui)
{
    struct ui_area area = ui_area_of(ui, ui->layout.tabs);
    enum tab_form form = TAB_TITLE;
    int x = 1;

    while (form < TAB_NUMBER && !tabs_fit(ui, form, area.columns)) {
        form++;
    }
    memset(ui->tab_ends, 0, sizeof ui->tab_ends);
    for (size_t i = 0; area.rows > 0 && i < UI_PANE_COUNT; i++) {
        bool focused = has_focus(ui, i);
        unsigned style = focused ? UI_SELECTION : ui->layout.panes[i].rows > 0 ? UI_TITLE : UI_DIM;
        const char *name = tab_text(ui, i, focused, form);
        char text[60];
        if (!has_tab(ui, i)) {
            continue;
        }
        (void)snprintf(text, sizeof text, " %d%s%s ", ui_pane_table[i].number,
                       name[0] != '\0' ? " " : "", name);
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

/* What a word could become covers as much of the lines above as it needs, up to half the screen. */
static void draw_candidates(struct ui *ui)
{
    struct ui_area all = ui_area_all(&ui->canvas);
    int rows = 0, most = all.rows / 2;

    if (ui->prompt.kind != UI_PROMPT_NONE) {
        rows = ui_prompt_candidate_rows(&ui->prompt, all.columns, all.canvas->ascii);
    }
    rows = rows > most ? most : rows;
    if (rows > 0) {
        struct ui_area above = ui_area_part(&all, ui->layout.hints.y - rows, 0, rows, all.columns);
        ui_prompt_draw_candidates(&ui->prompt, &above);
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
    if (ui->explainer.open) {
        ui_explainer_draw(&ui->explainer, &body);
    }
    if (ui->menu.open) {
        ui_menu_draw(&ui->menu, &body);
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
    ui_notice_session(ui);
    ui->cursor_y = ui->cursor_x = -1;
    ui_follow_certificate(ui);
    ui_lesson_watch(ui);
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
    if (looks_at_keys(ui)) { /* the bytes are drawn before the keys */
        struct ui_schedule *schedule = ui->panes[UI_PANE_SCHEDULE].state;
        ui_schedule_update(schedule, &view);
        choose_bytes(ui, &view);
    }
    draw_head(ui, &view);
    draw_tabs(ui);
    draw_panes(ui, &view);
    if (ui->layout.lesson.rows > 0) {
        struct ui_area lesson = ui_area_of(ui, ui->layout.lesson);
        ui_lesson_draw(&ui->lesson, &lesson);
    }
    ui_draw_explanation(ui, &view);
    draw_bottom(ui, &view);
    draw_boxes(ui);
    draw_candidates(ui);
    return 0;
}
