/* Lines of a tree of fields. */
#include <string.h>

#include "field_tree.h"
#include "marks.h"

/* Two columns for each level; where that would take more than a third of the line, one; and never
 * more than half: names must have room in a certificate inside of a message, too. */
int ui_field_indent(unsigned depth, int columns)
{
    int full = 2 * (int)depth;
    int third = columns / 3;
    int deep = full > third ? third + (full - third) / 2 : full;

    return deep > columns / 2 ? columns / 2 : deep;
}

/* Where values begin: beyond the names on the screen, but not much beyond half of it. */
int ui_field_value_column(const struct ui_selection *selection, int rows, int columns, bool ascii)
{
    const struct ui_tree *tree = &selection->tree;
    int widest = 0;

    for (int y = 0; y < rows && tree->top + (size_t)y < tree->visible_count; y++) {
        const struct wire_field *field =
            &selection->fields.fields[tree->visible[tree->top + (size_t)y]];
        int width =
            ui_field_indent(field->depth, columns) + 2 + ui_text_columns(field->type->name, ascii);
        widest = width > widest && field->type->kind != WIRE_FIELD_ERROR ? width : widest;
    }
    return widest + 2 > columns * 11 / 20 ? columns * 11 / 20 : widest + 2;
}

/* Less than this of a name says nothing. */
#define NAME_LEAST 12

/* Draws the name, and returns where the value begins. */
static int draw_name(const struct ui_area *area, int y, const struct ui_selection *selection,
                     size_t index, int values)
{
    const struct wire_field *field = &selection->fields.fields[index];
    unsigned style = field->type->kind == WIRE_FIELD_GROUP ? UI_TEXT : UI_DIM;
    int x = ui_area_text(area, y, ui_field_indent(field->depth, area->columns), UI_DIM,
                         ui_tree_sign(&selection->tree, index));
    int room = values - x - 1;

    if (field->type->kind == WIRE_FIELD_ERROR) {
        x = ui_area_text(area, y, x, UI_BAD, ui_mark_text(UI_MARK_BAD, area->canvas->ascii)) + 1;
        return ui_area_text(area, y, x, UI_BAD, field->type->name) + 2;
    }
    /* A name that stands far to the right pushes its value on. */
    if (room < NAME_LEAST) {
        room = area->columns - x - NAME_LEAST;
    }
    x = ui_area_text_in(area, y, x, room, style, field->type->name) + 1;
    return x < values ? values : x;
}

static void draw_field(const struct ui_area *area, int y, const struct ui_selection *selection,
                       size_t index, int values, bool hide)
{
    bool error = selection->fields.fields[index].type->kind == WIRE_FIELD_ERROR;
    int x = draw_name(area, y, selection, index, values);
    char value[600];

    if (hide && crypt_schedule_is_secret(selection->fields.fields[index].type)) {
        (void)ui_area_text(area, y, x, UI_DIM, "hidden: x shows it");
        return;
    }
    (void)ui_area_text(area, y, x, error ? UI_BAD : UI_TEXT,
                       wire_field_value(value, sizeof value, &selection->fields, index));
}

void ui_field_tree_draw(struct ui_selection *selection, const struct ui_area *area, bool hide,
                        bool focused)
{
    struct ui_tree *tree = &selection->tree;
    int values;

    ui_tree_scroll(tree, area->rows);
    values = ui_field_value_column(selection, area->rows, area->columns, area->canvas->ascii);
    for (int y = 0; y < area->rows && tree->top + (size_t)y < tree->visible_count; y++) {
        size_t index = tree->visible[tree->top + (size_t)y];
        draw_field(area, y, selection, index, values, hide);
        if (index == tree->selected) {
            ui_area_restyle(area, y, 0, area->columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(area, tree->top > 0, tree->top + (size_t)area->rows < tree->visible_count);
}

bool ui_field_tree_click(struct ui_selection *selection, int y, int x, int columns)
{
    struct ui_tree *tree = &selection->tree;
    size_t position = tree->top + (size_t)y;
    size_t index;
    int sign;

    if (y < 0 || position >= tree->visible_count) {
        return false;
    }
    index = tree->visible[position];
    sign = ui_field_indent(tree->depths[index], columns);
    /* A click on the sign, or again on the selected line, folds. */
    if (index == tree->selected || (x >= sign && x < sign + 2)) {
        tree->selected = index;
        (void)ui_tree_act(tree, UI_TOGGLE);
    }
    tree->selected = index;
    ui_selection_field_chosen(selection);
    return true;
}

bool ui_field_tree_move(struct ui_selection *selection, enum ui_motion motion, int rows)
{
    size_t before = selection->tree.selected;

    ui_tree_move(&selection->tree, motion, rows);
    ui_selection_field_chosen(selection);
    return selection->tree.selected != before;
}

bool ui_field_tree_act(struct ui_selection *selection, enum ui_action action)
{
    bool done = ui_tree_act(&selection->tree, action);

    ui_selection_field_chosen(selection);
    return done;
}

static bool contains(const struct wire_tree *fields, size_t index, const char *text, bool hide)
{
    const struct wire_field_type *type = fields->fields[index].type;
    char value[1200];

    if (ui_text_contains(type->name, strlen(type->name), text)) {
        return true;
    }
    if (hide && crypt_schedule_is_secret(type)) {
        return false;
    }
    (void)wire_field_value(value, sizeof value, fields, index);
    return ui_text_contains(value, strlen(value), text);
}

bool ui_field_tree_search(struct ui_selection *selection, const char *text, bool backward,
                          bool hide)
{
    size_t count = selection->tree.count;

    for (size_t i = 1; i <= count; i++) {
        size_t index = (selection->tree.selected + (backward ? count - i : i)) % count;
        if (contains(&selection->fields, index, text, hide)) {
            ui_tree_select(&selection->tree, index);
            ui_selection_field_chosen(selection);
            return true;
        }
    }
    return false;
}
