/* The selected message as a tree of fields, values made when a line is drawn. */
#include <string.h>

#include "marks.h"
#include "pane.h"
#include "selection.h"

/* Fields have no state of their own: it is in the selection. */
struct message {
    int rows;
};

static const char *state_in_words(const struct ui_view *view)
{
    switch (trace_row_state(view->trace, view->selection->row, view->cursor)) {
    case TRACE_ROW_QUEUED:
        return "not sent yet";
    case TRACE_ROW_SENT:
        return "sent";
    case TRACE_ROW_ARRIVED:
        return "arrived, not processed yet";
    case TRACE_ROW_PROCESSED:
        return "processed";
    case TRACE_ROW_UNSENT:
        return "never sent";
    default:
        return "";
    }
}

static void entitle(const struct ui_view *view, char *out, size_t size)
{
    const struct trace_row *row = view->selection->row;
    char length[32];

    if (row == NULL) {
        (void)snprintf(out, size, "Message");
        return;
    }
    (void)snprintf(out, size, "Message %u: %s · %s byte%s · %s", (unsigned)row->n, row->type,
                   text_grouped(length, sizeof length, row->length), row->length == 1 ? "" : "s",
                   state_in_words(view));
}

/* ---- drawing ------------------------------------------------------------------------------------- */

/* Where values begin: beyond the names on the screen, but not much beyond half of it. */
static int value_column(const struct ui_selection *selection, int rows, int columns, bool ascii)
{
    const struct ui_tree *tree = &selection->tree;
    int widest = 0;

    for (int y = 0; y < rows && tree->top + (size_t)y < tree->visible_count; y++) {
        const struct wire_field *field =
            &selection->fields.fields[tree->visible[tree->top + (size_t)y]];
        int width = 2 * field->depth + 2 + ui_text_columns(field->type->name, ascii);
        widest = width > widest && field->type->kind != WIRE_FIELD_ERROR ? width : widest;
    }
    return widest + 2 > columns * 11 / 20 ? columns * 11 / 20 : widest + 2;
}

static void draw_field(const struct ui_area *area, int y, const struct ui_selection *selection,
                       size_t index, int values)
{
    const struct wire_field *field = &selection->fields.fields[index];
    bool error = field->type->kind == WIRE_FIELD_ERROR;
    unsigned style = error ? UI_BAD : field->type->kind == WIRE_FIELD_GROUP ? UI_TEXT : UI_DIM;
    char value[600];
    int x = ui_area_text(area, y, 2 * field->depth, UI_DIM, ui_tree_sign(&selection->tree, index));

    if (error) {
        x = ui_area_text(area, y, x, UI_BAD, ui_mark_text(UI_MARK_BAD, area->canvas->ascii)) + 1;
        x = ui_area_text(area, y, x, UI_BAD, field->type->name) + 2;
    } else {
        x = ui_area_text_in(area, y, x, values - x - 1, style, field->type->name) + 1;
        x = x < values ? values : x;
    }
    (void)ui_area_text(area, y, x, error ? UI_BAD : UI_TEXT,
                       wire_field_value(value, sizeof value, &selection->fields, index));
}

/* What stands there when there is no tree. */
static const char *placeholder(const struct ui_selection *selection)
{
    if (selection->failed) {
        return "not enough memory to show this message";
    }
    if (selection->row == NULL) {
        return "no message yet";
    }
    if (selection->row->dropped) {
        return "its bytes were dropped to bound memory; they are in the saved file";
    }
    if (selection->row->layer == TRACE_LAYER_TCP) {
        return "the kernel sent or received this segment: tlstep has not seen its bytes";
    }
    return "there are no bytes to show";
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct message *message = state;
    struct ui_selection *selection = view->selection;
    struct ui_tree *tree = &selection->tree;
    int values;

    message->rows = area->rows;
    if (tree->visible_count == 0) {
        struct ui_page page = {0};
        ui_page_reset(&page, area->columns, view->ascii);
        ui_page_line(&page);
        ui_page_wrap(&page, UI_DIM, 0, placeholder(selection));
        ui_page_draw(&page, 0, area);
        ui_page_free(&page);
        return;
    }
    ui_tree_scroll(tree, area->rows);
    values = value_column(selection, area->rows, area->columns, view->ascii);
    for (int y = 0; y < area->rows && tree->top + (size_t)y < tree->visible_count; y++) {
        size_t index = tree->visible[tree->top + (size_t)y];
        draw_field(area, y, selection, index, values);
        if (index == tree->selected) {
            ui_area_restyle(area, y, 0, area->columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(area, tree->top > 0, tree->top + (size_t)area->rows < tree->visible_count);
}

/* ---- keys ------------------------------------------------------------------------------------------ */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_tree *tree = &view->selection->tree;
    size_t before = tree->selected;

    (void)state;
    ui_tree_move(tree, motion, rows);
    ui_selection_field_chosen(view->selection);
    return tree->selected != before;
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    bool done = ui_tree_act(&view->selection->tree, action);

    (void)state;
    ui_selection_field_chosen(view->selection);
    return done;
}

static bool field_contains(const struct ui_selection *selection, size_t index, const char *text)
{
    const struct wire_field *field = &selection->fields.fields[index];
    char value[600];

    if (ui_text_contains(field->type->name, strlen(field->type->name), text)) {
        return true;
    }
    (void)wire_field_value(value, sizeof value, &selection->fields, index);
    return ui_text_contains(value, strlen(value), text);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_selection *selection = view->selection;
    size_t count = selection->tree.count;

    (void)state;
    for (size_t i = 1; i <= count; i++) {
        size_t index = (selection->tree.selected + (backward ? count - i : i)) % count;
        if (field_contains(selection, index, text)) {
            ui_tree_select(&selection->tree, index);
            ui_selection_field_chosen(selection);
            return true;
        }
    }
    return false;
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_tree *tree = &view->selection->tree;
    size_t position = tree->top + (size_t)y;
    size_t index;
    int sign;

    (void)state;
    if (position >= tree->visible_count) {
        return false;
    }
    index = tree->visible[position];
    sign = 2 * tree->depths[index];
    /* A click on the sign, or again on the selected line, folds. */
    if (index == tree->selected || (x >= sign && x < sign + 2)) {
        tree->selected = index;
        (void)ui_tree_act(tree, UI_TOGGLE);
    }
    tree->selected = index;
    ui_selection_field_chosen(view->selection);
    return true;
}

const struct ui_pane_operations ui_pane_message = {
    .name = "message",
    .title = "Message",
    .tab = "Msg",
    .state_size = sizeof(struct message),
    .entitle = entitle,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .click = click,
};
