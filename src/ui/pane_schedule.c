/* The key schedule: which secret is made from which, and which keys protect the selected record. */
#include <string.h>

#include "field_tree.h"
#include "pane.h"
#include "schedule.h"

static void free_state(void *state)
{
    ui_schedule_free(state);
}

static void entitle(void *state, const struct ui_view *view, char *out, size_t size)
{
    const struct trace_row *row = view->selection->row;

    (void)state;
    if (row == NULL) {
        (void)snprintf(out, size, "Key schedule");
    } else {
        (void)snprintf(out, size, "Key schedule · for row %u", (unsigned)row->n);
    }
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_schedule *schedule = state;

    schedule->columns = area->columns;
    ui_schedule_update(schedule, view);
    if (schedule->keys.tree.visible_count == 0) {
        (void)ui_area_text(area, 0, 0, UI_DIM,
                           schedule->keys.failed ? "not enough memory to show the keys"
                                                 : "no keys yet");
        return;
    }
    ui_field_tree_draw(&schedule->keys, area, !view->revealed, focused);
}

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_schedule *schedule = state;
    size_t before = schedule->keys.tree.selected;

    (void)view;
    ui_tree_move(&schedule->keys.tree, motion, rows);
    ui_selection_field_chosen(&schedule->keys);
    return schedule->keys.tree.selected != before;
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_schedule *schedule = state;
    bool done = ui_tree_act(&schedule->keys.tree, action);

    (void)view;
    ui_selection_field_chosen(&schedule->keys);
    return done;
}

/* Names, and values that are not hidden: a search must not tell what a secret begins with. */
static bool contains(const struct wire_tree *fields, size_t index, const char *text, bool revealed)
{
    const struct wire_field_type *type = fields->fields[index].type;
    char value[600];

    if (ui_text_contains(type->name, strlen(type->name), text)) {
        return true;
    }
    if (!revealed && crypt_schedule_is_secret(type)) {
        return false;
    }
    (void)wire_field_value(value, sizeof value, fields, index);
    return ui_text_contains(value, strlen(value), text);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_schedule *schedule = state;
    struct ui_selection *keys = &schedule->keys;
    size_t count;

    ui_schedule_update(schedule, view);
    count = keys->tree.count;
    for (size_t i = 1; i <= count; i++) {
        size_t index = (keys->tree.selected + (backward ? count - i : i)) % count;
        if (contains(&keys->fields, index, text, view->revealed)) {
            ui_tree_select(&keys->tree, index);
            ui_selection_field_chosen(keys);
            return true;
        }
    }
    return false;
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_schedule *schedule = state;

    (void)view;
    return ui_field_tree_click(&schedule->keys, y, x, schedule->columns);
}

static const struct wire_tree *fields_of(void *state, const struct ui_view *view, size_t *selected)
{
    struct ui_schedule *schedule = state;

    ui_schedule_update(schedule, view);
    *selected = schedule->keys.tree.selected;
    return schedule->made ? &schedule->keys.fields : NULL;
}

const struct ui_pane_operations ui_pane_schedule = {
    .name = "schedule",
    .title = "Keys",
    .tab = "Keys",
    .state_size = sizeof(struct ui_schedule),
    .free = free_state,
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .click = click,
    .fields = fields_of,
};
