/* The key schedule: which secret is made from which, and which keys protect the selected record. */
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

    (void)view;
    return ui_field_tree_move(&schedule->keys, motion, rows);
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_schedule *schedule = state;

    (void)view;
    return ui_field_tree_act(&schedule->keys, action);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_schedule *schedule = state;

    ui_schedule_update(schedule, view);
    return ui_field_tree_search(&schedule->keys, text, backward, !view->revealed);
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
