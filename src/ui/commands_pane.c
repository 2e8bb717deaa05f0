/* Commands that go to a pane, move in it, fold and search. */
#include <string.h>

#include "commands.h"
#include "fields.h"
#include "pane_certificates.h"
#include "pane_conversations.h"
#include "pane_store.h"

/* ---- panes -------------------------------------------------------------------------------------- */

/* The ring goes through the panes on the screen first in their order, which is the order of their
 * numbers; where they are tabs, through all of them. */
static int next_focus(struct ui *ui, int step)
{
    bool all =
        ui->layout.tabs.rows > 0 || ui->zoomed || ui_pane_table[ui->focus].place == UI_PLACE_WHOLE;
    int pane = (int)ui->focus;

    do {
        pane = (pane + UI_PANE_COUNT + step) % UI_PANE_COUNT;
    } while (!ui_is_present(ui, (enum ui_pane_id)pane) ||
             (!all && ui->layout.panes[pane].rows == 0));
    ui_focus(ui, (enum ui_pane_id)pane);
    return 0;
}

int ui_run_next_pane(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    return next_focus(ui, 1);
}

int ui_run_previous_pane(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    return next_focus(ui, -1);
}

/* The pane with a number, one that is there if there is one, or UI_PANE_COUNT. */
static enum ui_pane_id pane_of_number(const struct ui *ui, long number)
{
    enum ui_pane_id found = UI_PANE_COUNT;

    for (int pane = 0; pane < UI_PANE_COUNT && number > 0; pane++) {
        if (ui_pane_table[pane].number != number) {
            continue;
        }
        if (ui_is_present(ui, (enum ui_pane_id)pane)) {
            return (enum ui_pane_id)pane;
        }
        found = found == UI_PANE_COUNT ? (enum ui_pane_id)pane : found;
    }
    return found;
}

int ui_run_pane(struct ui *ui, const char *argument, long key, struct err *err)
{
    long number = key >= '1' && key <= '9' ? key - '0' : 0;
    enum ui_pane_id pane;

    if (argument != NULL && argument[1] == '\0') {
        number = argument[0] - '0';
    }
    pane = pane_of_number(ui, number);
    if (pane == UI_PANE_COUNT) {
        return err_set(err, ERR_USAGE, "bad_value", "no pane has this number");
    }
    if (!ui_is_present(ui, pane)) {
        return err_set(err, ERR_USAGE, "nothing_to_do", "there is nothing for pane %ld, %s, yet",
                       number, ui_pane_table[pane].operations->name);
    }
    if (ui->focus == pane) {
        return ui_cannot(err, "this pane has the keys already");
    }
    ui_focus(ui, pane);
    return 0;
}

/* From the list there is no way back, but from a filter there is. */
static int leave_list(struct ui *ui, struct err *err)
{
    struct ui_conversations_pane *pane = ui->panes[UI_PANE_CONVERSATIONS].state;

    if (pane->list.filter[0] == '\0') {
        return ui_cannot(err, "this is the list of all conversations; q quits");
    }
    ui_conversations_set_filter(pane, "");
    return 0;
}

/* From the certificates of a file there is no way back either. */
static int leave_store(struct ui *ui, struct err *err)
{
    struct ui_store_pane *pane = ui->panes[UI_PANE_STORE].state;

    if (pane->store.filter[0] != '\0') {
        ui_store_set_filter(pane, "");
        return 0;
    }
    if (!ui_is_present(ui, UI_PANE_CERTIFICATES)) {
        return ui_cannot(err, "this is the list of all certificates; q quits");
    }
    ui_focus_back(ui);
    return 0;
}

/* Back to whoever opened the fields; a message takes their place again. */
static int leave_fields(struct ui *ui)
{
    struct ui_fields *fields = ui->panes[UI_PANE_FIELDS].state;
    enum ui_pane_id from = fields->from;

    if (!stepper_is_certificates(ui->stepper)) {
        ui_fields_free(fields);
        ui->looked_at[UI_PANE_FIELDS] = 0;
    }
    ui_focus(ui, ui_is_present(ui, from) ? from : UI_PANE_CERTIFICATES);
    return 0;
}

static bool shows_certificate_bytes(struct ui *ui)
{
    struct ui_fields *fields = ui->panes[UI_PANE_FIELDS].state;
    struct ui_view view;

    return ui_make_view(ui, &view) && view.bytes == &fields->fields;
}

/* Back out of what fills the screen; in a conversation, to the list. */
int ui_run_leave(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (ui->focus == UI_PANE_CONVERSATIONS) {
        return leave_list(ui, err);
    }
    if (ui->focus == UI_PANE_STORE) {
        return leave_store(ui, err);
    }
    if (!ui->zoomed && (ui->focus == UI_PANE_FIELDS ||
                        (ui->focus == UI_PANE_BYTES && shows_certificate_bytes(ui)))) {
        return leave_fields(ui);
    }
    if (ui_pane_table[ui->focus].place == UI_PLACE_WHOLE) {
        ui_focus_back(ui);
        return 0;
    }
    if (!ui->zoomed && stepper_capture(ui->stepper) != NULL) {
        return ui_run_conversations(ui, NULL, 0, err);
    }
    if (!ui->zoomed) {
        return ui_cannot(err, "there is nothing to leave here; q quits");
    }
    ui->zoomed = false;
    return 0;
}

/* All application data; the same key goes back. */
int ui_run_follow(struct ui *ui, const char *argument, long key, struct err *err)
{
    if (ui->focus == UI_PANE_DATA) {
        return ui_run_leave(ui, argument, key, err);
    }
    if (ui_check_redacted(ui, "application data is", err) != 0) {
        return -1;
    }
    if (!ui_is_present(ui, UI_PANE_DATA)) {
        return ui_cannot(err, "there is no application data yet, or none that can be read");
    }
    ui_focus(ui, UI_PANE_DATA);
    return 0;
}

int ui_run_zoom(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (ui_pane_table[ui->focus].place == UI_PLACE_WHOLE ||
        (!ui->zoomed && ui->layout.tabs.rows > 0 &&
         ui->layout.panes[ui->focus].columns == ui->canvas.columns)) {
        return ui_cannot(err, "the pane has the whole width already");
    }
    ui->zoomed = !ui->zoomed;
    return 0;
}

/* ---- moving in a pane ------------------------------------------------------------------------------ */

static int move(struct ui *ui, enum ui_motion motion, struct err *err)
{
    struct ui_view view;

    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "looking at the session");
    }
    if (ui_pane_move(&ui->panes[ui->focus], &view, motion)) {
        return 0;
    }
    return ui_cannot(err, motion == UI_UP || motion == UI_PAGE_UP || motion == UI_TOP
                              ? "there is nothing above this"
                              : "there is nothing below this");
}

#define MOVING(name, motion)                                                          \
    int ui_run_##name(struct ui *ui, const char *argument, long key, struct err *err) \
    {                                                                                 \
        (void)argument, (void)key;                                                    \
        return move(ui, motion, err);                                                 \
    }
MOVING(up, UI_UP)
MOVING(down, UI_DOWN)
MOVING(page_up, UI_PAGE_UP)
MOVING(page_down, UI_PAGE_DOWN)
MOVING(top, UI_TOP)
MOVING(bottom, UI_BOTTOM)

static int act(struct ui *ui, enum ui_action action, struct err *err)
{
    struct ui_view view;

    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "looking at the session");
    }
    if (ui_pane_act(&ui->panes[ui->focus], &view, action)) {
        return 0;
    }
    return ui_cannot(err, "there is nothing here to fold or unfold");
}

static int go_to_fields(struct ui *ui, struct err *err)
{
    struct ui_view view;

    if (ui->focus == UI_PANE_BYTES && ui_make_view(ui, &view) && view.bytes != view.selection) {
        ui_focus(ui, view.bytes_are_secret ? UI_PANE_SCHEDULE : UI_PANE_FIELDS);
        return 0;
    }
    if (ui->selection.row == NULL) {
        return ui_cannot(err, "there is no message yet");
    }
    ui_focus(ui, UI_PANE_MESSAGE);
    return 0;
}

/* Enter on a row, or on bytes, goes to the fields. */
int ui_run_toggle(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (ui->focus == UI_PANE_CONVERSATIONS) {
        return ui_open_conversation(ui, err);
    }
    if (ui->focus == UI_PANE_COMPARISON) {
        return ui_go_to_compared(ui, err);
    }
    if (ui->focus == UI_PANE_LADDER || ui->focus == UI_PANE_BYTES) {
        return go_to_fields(ui, err);
    }
    if (ui->focus == UI_PANE_STORE || ui->focus == UI_PANE_CERTIFICATES) {
        return ui_open_certificate(ui, err);
    }
    /* What has no parts is explained. */
    if (act(ui, UI_TOGGLE, err) == 0) {
        return 0;
    }
    return ui_looks_at_field(ui) ? ui_run_explain(ui, NULL, 0, err) : -1;
}

int ui_run_fold(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return act(ui, UI_FOLD, err);
}

int ui_run_unfold(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return act(ui, UI_UNFOLD, err);
}

int ui_run_unfold_all(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return act(ui, UI_UNFOLD_ALL, err);
}

int ui_run_fold_all(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return act(ui, UI_FOLD_ALL, err);
}

int ui_run_buffer(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (act(ui, UI_SWITCH, err) == 0) {
        return 0;
    }
    if (ui->focus == UI_PANE_BYTES && shows_certificate_bytes(ui)) {
        return ui_cannot(err, "a certificate has these bytes only");
    }
    if (ui->selection.row == NULL) {
        return ui_cannot(err, "there is no message yet");
    }
    return ui_selection_next_buffer(&ui->selection)
               ? 0
               : ui_cannot(err, "these are all the bytes that this row has");
}

/* ---- searching ---------------------------------------------------------------------------------------- */

static void tell_found(struct ui *ui, const struct ui_view *view)
{
    const struct ui_pane *pane = &ui->panes[ui->focus];
    char text[120];

    if (!ui->viewer.open && pane->operations->found != NULL) {
        pane->operations->found(pane->state, view, text, sizeof text);
        ui_tell(ui, UI_MARK_GOOD, "%s", text);
    }
}

static int find(struct ui *ui, bool backward, struct err *err)
{
    struct ui_view view;
    char shown[100];
    bool found;

    if (ui->search[0] == '\0') {
        return ui_cannot(err, "nothing has been searched for yet: / begins a search");
    }
    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "searching");
    }
    found = ui->viewer.open ? ui_page_pane_search(&ui->viewer.base, ui->search, backward)
                            : ui_pane_search(&ui->panes[ui->focus], &view, ui->search, backward);
    if (found) {
        tell_found(ui, &view);
        return 0;
    }
    (void)text_safe(shown, sizeof shown, ui->search, strlen(ui->search));
    return ui->viewer.open || stepper_listing(ui->stepper) || stepper_at_end(ui->stepper) ||
                   ui->focus == UI_PANE_STORE || ui->focus == UI_PANE_FIELDS
               ? err_set(err, ERR_USAGE, "not_found", "'%s' is nowhere here", shown)
               : err_set(err, ERR_USAGE, "not_found",
                         "'%s' is not in what has been stepped so far (c runs to the end)", shown);
}

int ui_run_search(struct ui *ui, const char *argument, long key, struct err *err)
{
    if (key != 0 && ui->focus == UI_PANE_CONVERSATIONS && !ui->viewer.open) {
        const struct ui_conversations_pane *pane = ui->panes[ui->focus].state;
        (void)snprintf(ui->filter_before, sizeof ui->filter_before, "%s", pane->list.filter);
        ui_prompt_open(&ui->prompt, UI_PROMPT_SEARCH, pane->list.filter);
        return 0;
    }
    if (key != 0 && ui->focus == UI_PANE_STORE && !ui->viewer.open) {
        const struct ui_store_pane *pane = ui->panes[ui->focus].state;
        (void)snprintf(ui->filter_before, sizeof ui->filter_before, "%s", pane->store.filter);
        ui_prompt_open(&ui->prompt, UI_PROMPT_SEARCH, pane->store.filter);
        return 0;
    }
    if (key != 0) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_SEARCH, "");
        return 0;
    }
    if (argument != NULL && argument[0] != '\0') {
        (void)snprintf(ui->search, sizeof ui->search, "%s", argument);
    }
    return find(ui, false, err);
}

int ui_run_search_next(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return find(ui, false, err);
}

int ui_run_search_previous(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return find(ui, true, err);
}
