/* Where keys and mouse events go. */
#include <string.h>

#include "commands.h"
#include "pane_conversations.h"
#include "pane_store.h"

/* ---- the box that is open ------------------------------------------------------------------------ */

static void form_key(struct ui *ui, long key)
{
    const struct stepper_command *restart;

    switch (ui_form_key(&ui->form, key)) {
    case UI_FORM_GOES_ON:
        return;
    case UI_FORM_CLOSED:
        ui_tell(ui, UI_MARK_WAITING, "The options are as they were.");
        break;
    case UI_FORM_APPLIED:
        ui_notice_options(ui);
        ui_tell(ui, UI_MARK_GOOD, "The next run uses the new options.");
        break;
    case UI_FORM_RESTART:
        ui_notice_options(ui);
        ui_form_close(&ui->form);
        restart = stepper_command_find("restart");
        if (restart != NULL) {
            ui_command_run(ui, restart, NULL, 0);
        }
        return;
    }
    ui_form_close(&ui->form);
}

static void search(struct ui *ui)
{
    const struct stepper_command *command = stepper_command_find("search");

    if (command != NULL) {
        ui_command_run(ui, command, ui->prompt.edit.text, 0);
    }
}

/* A list is filtered while the words are typed. */
static void filter_as_typed(struct ui *ui, enum ui_prompt_result result)
{
    const char *filter = result == UI_PROMPT_CANCELLED ? ui->filter_before : ui->prompt.edit.text;

    if (ui->focus == UI_PANE_STORE) {
        ui_store_set_filter(ui->panes[UI_PANE_STORE].state, filter);
    } else {
        ui_conversations_set_filter(ui->panes[UI_PANE_CONVERSATIONS].state, filter);
    }
    if (result != UI_PROMPT_GOES_ON) {
        ui->prompt.kind = UI_PROMPT_NONE;
    }
}

static void prompt_key(struct ui *ui, long key)
{
    enum ui_prompt_kind kind = ui->prompt.kind;
    enum ui_prompt_result result = ui_prompt_key(&ui->prompt, key);
    bool list = ui->focus == UI_PANE_CONVERSATIONS || ui->focus == UI_PANE_STORE;

    if (kind == UI_PROMPT_SEARCH && list && !ui->viewer.open && !ui->explainer.open) {
        filter_as_typed(ui, result);
        return;
    }
    if (result == UI_PROMPT_GOES_ON) {
        return;
    }
    ui->prompt.kind = UI_PROMPT_NONE;
    ui->prompt.listing = false;
    if (result == UI_PROMPT_ENTERED && kind == UI_PROMPT_SEARCH && ui->explainer.open) {
        ui_explainer_go(&ui->explainer, UI_TOPIC_QUERY, ui->prompt.edit.text);
    } else if (result == UI_PROMPT_ENTERED && kind == UI_PROMPT_SEARCH) {
        search(ui);
    } else if (result == UI_PROMPT_ENTERED) {
        ui_command_line(ui, ui->prompt.edit.text);
    }
}

/* What was chosen in a menu is a command line; one that needs more is typed on. */
static void take_choice(struct ui *ui, const char *line)
{
    if (line == NULL) {
        return;
    }
    if (line[strlen(line) - 1] == ' ') {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, line);
    } else {
        ui_command_line(ui, line);
    }
}

/* ---- keys ------------------------------------------------------------------------------------------ */

static const struct stepper_command *command_of_key(long key)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    for (size_t i = 0; i < count; i++) {
        if (ui_key_among(table[i].keys, key)) {
            return &table[i];
        }
    }
    return NULL;
}

/* Commands whose keys work whatever is open: they concern the terminal. */
static bool works_always(const struct stepper_command *command)
{
    return command != NULL &&
           (strcmp(command->name, "suspend") == 0 || strcmp(command->name, "redraw") == 0);
}

/* Secrets can be hidden while a box shows them. */
static bool works_in_boxes(const struct stepper_command *command)
{
    return command != NULL && strcmp(command->name, "reveal") == 0;
}

/* Searching works in a box, too. */
static bool is_search(const struct stepper_command *command)
{
    return command != NULL && strncmp(command->name, "search", 6) == 0;
}

static void viewer_key(struct ui *ui, const struct stepper_command *command, long key)
{
    char name[32];

    if (is_search(command) || works_in_boxes(command)) {
        ui_command_run(ui, command, NULL, key);
    } else if (!ui_viewer_key(&ui->viewer, key)) {
        ui_tell(ui, UI_MARK_WARNING, "%s does nothing in this box; Esc closes it",
                ui_key_name(name, sizeof name, key));
    }
}

static void explainer_key(struct ui *ui, const struct stepper_command *command, long key)
{
    char name[32];

    if (command != NULL && strcmp(command->name, "search") == 0) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_SEARCH, "");
    } else if (!ui_explainer_key(&ui->explainer, key)) {
        ui_tell(ui, UI_MARK_WARNING, "%s does nothing in this box; Esc closes it",
                ui_key_name(name, sizeof name, key));
    }
}

/* A reading that takes long can be ended by the keys that end things; what is there stays. */
static bool cancels_reading(struct ui *ui, long key)
{
    bool free = ui->prompt.kind == UI_PROMPT_NONE && !ui->form.open && !ui->menu.open &&
                !ui->explainer.open && !ui->viewer.open;

    if ((key != UI_KEY_CTRL_C && (key != UI_KEY_ESCAPE || !free)) ||
        !ui_progress_cancel(&ui->progress, ui->stepper)) {
        return false;
    }
    ui_tell(ui, UI_MARK_WARNING, "Reading was stopped: what has been read can be looked at.");
    return true;
}

void ui_key(struct ui *ui, long key)
{
    const struct stepper_command *command = command_of_key(key);
    char name[32];

    ui->status[0] = '\0';
    ui_notice_session(ui);
    if (cancels_reading(ui, key)) {
        return;
    }
    if (key == UI_KEY_CTRL_C) {
        ui->quit = ui->interrupted = true;
    } else if (works_always(command)) {
        ui_command_run(ui, command, NULL, key);
    } else if (ui->prompt.kind != UI_PROMPT_NONE) {
        prompt_key(ui, key);
    } else if (ui->form.open) {
        form_key(ui, key);
    } else if (ui->menu.open) {
        take_choice(ui, ui_menu_key(&ui->menu, key));
    } else if (ui->explainer.open) {
        explainer_key(ui, command, key);
    } else if (ui->viewer.open) {
        viewer_key(ui, command, key);
    } else if (command != NULL) {
        ui_command_run(ui, command, NULL, key);
    } else {
        ui_tell(ui, UI_MARK_WARNING, "%s does nothing here; ? shows the keys",
                ui_key_name(name, sizeof name, key));
    }
}

/* ---- mouse ------------------------------------------------------------------------------------------- */

static bool is_inside(const struct ui_area *area, int y, int x)
{
    return y >= area->y && y < area->y + area->rows && x >= area->x && x < area->x + area->columns;
}

/* The pane at a place, or -1. */
static int pane_at(const struct ui *ui, int y, int x)
{
    for (int i = 0; i < UI_PANE_COUNT; i++) {
        if (is_inside(&ui->panes[i].area, y, x)) {
            return i;
        }
    }
    return -1;
}

static bool click_tab(struct ui *ui, int y, int x)
{
    if (ui->layout.tabs.rows == 0 || y != ui->layout.tabs.y) {
        return false;
    }
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (ui->tab_ends[i] > 0 && x < ui->tab_ends[i]) {
            ui_focus(ui, (enum ui_pane_id)i);
            return true;
        }
    }
    return false;
}

static void click(struct ui *ui, int y, int x)
{
    const struct stepper_command *command = ui_hints_at(&ui->hints, y, x);
    int pane = pane_at(ui, y, x);
    struct ui_view view;
    struct err err = {0};
    char key[32];

    if (command != NULL) {
        (void)ui_key_first(key, sizeof key, command->keys);
        ui_key(ui, ui_key_parse(key, strlen(key)));
        return;
    }
    if (y >= ui->layout.explanation.y && y < ui->layout.hints.y) {
        if (ui_run_explain(ui, NULL, 0, &err) != 0) {
            ui_tell(ui, UI_MARK_WARNING, "%s", err.text);
        }
        return;
    }
    if (click_tab(ui, y, x) || pane < 0) {
        return;
    }
    ui_focus(ui, (enum ui_pane_id)pane);
    if (is_inside(&ui->panes[pane].content, y, x) && ui_make_view(ui, &view)) {
        (void)ui_pane_click(&ui->panes[pane], &view, y - ui->panes[pane].content.y,
                            x - ui->panes[pane].content.x);
    }
}

#define WHEEL_LINES 3

static void wheel(struct ui *ui, int y, int x, enum ui_motion motion)
{
    int pane = pane_at(ui, y, x);
    struct ui_view view;

    for (int i = 0; i < WHEEL_LINES; i++) {
        if (ui->viewer.open) {
            (void)ui_viewer_key(&ui->viewer, motion == UI_UP ? UI_KEY_UP : UI_KEY_DOWN);
        } else if (pane >= 0 && ui_make_view(ui, &view)) {
            (void)ui_pane_move(&ui->panes[pane], &view, motion);
        }
    }
}

void ui_mouse_event(struct ui *ui, enum ui_mouse event, int y, int x)
{
    ui->status[0] = '\0';
    ui_notice_session(ui);
    if (ui->form.open) {
        if (event == UI_MOUSE_CLICK) {
            ui_form_click(&ui->form, y, x);
        } else {
            form_key(ui, event == UI_MOUSE_WHEEL_UP ? UI_KEY_UP : UI_KEY_DOWN);
        }
    } else if (ui->menu.open) {
        take_choice(ui, event == UI_MOUSE_CLICK ? ui_menu_click(&ui->menu, y, x) : NULL);
    } else if (ui->explainer.open) {
        if (event == UI_MOUSE_CLICK) {
            ui_explainer_click(&ui->explainer, y, x);
        } else {
            (void)ui_explainer_key(&ui->explainer,
                                   event == UI_MOUSE_WHEEL_UP ? UI_KEY_UP : UI_KEY_DOWN);
        }
    } else if (event != UI_MOUSE_CLICK) {
        wheel(ui, y, x, event == UI_MOUSE_WHEEL_UP ? UI_UP : UI_DOWN);
    } else if (ui->viewer.open) {
        ui->viewer.open = false;
    } else if (ui->prompt.kind == UI_PROMPT_NONE) {
        click(ui, y, x);
    }
}
