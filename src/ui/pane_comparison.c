/* What two sessions, or two messages, have in common and what not: a line for each fact and field. */
#include <string.h>

#include "comparison.h"
#include "pane.h"

#define HEAD_ROWS 1
/* The mark before each line. */
#define GUTTER 3

/* Marks are told apart by their form; colour only helps. */
static const struct {
    const char *sign, *ascii;
    unsigned style;
} marks[] = {
    [REPORT_SAME] = {"=", "=", UI_DIM},       [REPORT_CHANGED] = {"≠", "!=", UI_WARNING},
    [REPORT_ONLY_A] = {"◀", "<", UI_WARNING}, [REPORT_ONLY_B] = {"▶", ">", UI_WARNING},
    [REPORT_RANDOM] = {"~", "~", UI_DIM},
};

static void free_state(void *state)
{
    ui_comparison_free(state);
}

/* ---- drawing -------------------------------------------------------------------------------------- */

struct columns {
    int name, left, right; /* where each begins */
    int width;             /* of left and right */
};

static struct columns place_columns(int columns)
{
    int name = columns * 3 / 10;
    int width = (columns - GUTTER - name - 2) / 2;

    return (struct columns){.name = GUTTER,
                            .left = GUTTER + name + 1,
                            .right = GUTTER + name + width + 2,
                            .width = width};
}

static void draw_head(const struct ui_comparison *comparison, const struct ui_view *view,
                      const struct columns *columns, const struct ui_area *area)
{
    const struct report_comparison *source = ui_comparison_source(comparison, view->stepper);
    size_t differences = source != NULL ? report_comparison_differences(source) : 0;
    char text[80];

    (void)snprintf(text, sizeof text, "%zu difference%s", differences, differences == 1 ? "" : "s");
    (void)ui_area_text_in(area, 0, 0, columns->left - 1, UI_KEY, text);
    (void)ui_area_text_in(area, 0, columns->left, columns->width, UI_TITLE, comparison->left);
    (void)ui_area_text_in(area, 0, columns->right, columns->width, UI_TITLE, comparison->right);
}

/* Of a field's path its last part: what it belongs to stands above it. */
static const char *short_name(const char *name)
{
    const char *dot = strchr(name, ' ') == NULL ? strrchr(name, '.') : NULL;

    return dot != NULL && dot[1] != '\0' ? dot + 1 : name;
}

static void draw_line(const struct ui_comparison *comparison, size_t index,
                      const struct columns *columns, const struct ui_area *area, int y)
{
    const struct report_compared *line = ui_comparison_line(comparison, index);
    bool differs = ui_comparison_differs(line);
    unsigned style = line->depth == 0 ? UI_TITLE : differs ? UI_TEXT : UI_DIM;
    int indent = 2 * (int)(line->depth < 8 ? line->depth : 8);
    int x;

    (void)ui_area_text(area, y, 0, marks[line->kind].style,
                       area->canvas->ascii ? marks[line->kind].ascii : marks[line->kind].sign);
    x = ui_area_text(area, y, columns->name + indent, UI_DIM,
                     ui_tree_sign(&comparison->tree, index));
    (void)ui_area_text_in(area, y, x, columns->left - 1 - x, style, short_name(line->name));
    if (line->a != NULL) {
        (void)ui_area_text_in(area, y, columns->left, columns->width, style, line->a);
    }
    if (line->b != NULL) {
        (void)ui_area_text_in(area, y, columns->right, columns->width, style, line->b);
    }
}

/* The selected values whole, where a column has no room for them. */
static int make_detail(const struct ui_comparison *comparison, const struct ui_area *area,
                       int width, struct ui_page *page)
{
    const struct report_compared *line = ui_comparison_selected(comparison);
    const char *values[2];

    ui_page_reset(page, area->columns, area->canvas->ascii);
    if (line == NULL) {
        return 0;
    }
    values[0] = line->a, values[1] = line->b;
    for (int i = 0; i < 2; i++) {
        if (values[i] != NULL && ui_text_columns(values[i], page->ascii) > width) {
            ui_page_section(page, i == 0 ? comparison->left : comparison->right);
            ui_page_line(page);
            ui_page_wrap(page, UI_TEXT, 0, values[i]);
        }
    }
    return page->count < (size_t)area->rows / 2 ? (int)page->count : area->rows / 2;
}

static void draw_lines(struct ui_comparison *comparison, const struct columns *columns,
                       const struct ui_area *area, bool focused)
{
    struct ui_tree *tree = &comparison->tree;

    ui_tree_scroll(tree, area->rows);
    for (int y = 0; y < area->rows && tree->top + (size_t)y < tree->visible_count; y++) {
        size_t index = tree->visible[tree->top + (size_t)y];
        draw_line(comparison, index, columns, area, y);
        if (index == tree->selected) {
            ui_area_restyle(area, y, 0, area->columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(area, tree->top > 0, tree->top + (size_t)area->rows < tree->visible_count);
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_comparison *comparison = state;
    struct columns columns = place_columns(area->columns);
    struct ui_area body = ui_area_part(area, HEAD_ROWS, 0, area->rows - HEAD_ROWS, area->columns);
    struct ui_page detail = {0};
    struct ui_area below;
    int rows;

    ui_comparison_update(comparison, view->stepper);
    draw_head(comparison, view, &columns, area);
    if (comparison->tree.visible_count == 0) {
        (void)ui_area_text(&body, 0, GUTTER, UI_DIM,
                           comparison->failed ? "not enough memory to compare"
                                              : "nothing differs; v shows what is alike");
        return;
    }
    rows = make_detail(comparison, &body, columns.width, &detail);
    below = ui_area_part(&body, body.rows - rows, 0, rows, body.columns);
    body.rows -= rows;
    draw_lines(comparison, &columns, &body, focused);
    ui_page_draw(&detail, 0, &below);
    ui_page_free(&detail);
}

/* ---- keys ------------------------------------------------------------------------------------------- */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_comparison *comparison = state;
    size_t before = comparison->tree.selected;

    (void)view;
    ui_tree_move(&comparison->tree, motion, rows - HEAD_ROWS);
    return comparison->tree.selected != before;
}

static bool act(void *state, const struct ui_view *view, enum ui_action action)
{
    struct ui_comparison *comparison = state;

    if (action == UI_SWITCH) {
        comparison->everything = !comparison->everything;
        ui_comparison_update(comparison, view->stepper);
        return true;
    }
    return ui_tree_act(&comparison->tree, action);
}

static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_comparison *comparison = state;

    ui_comparison_update(comparison, view->stepper);
    return ui_comparison_find(comparison, text, backward);
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_tree *tree = &((struct ui_comparison *)state)->tree;
    size_t position = tree->top + (size_t)(y - HEAD_ROWS);

    (void)view, (void)x;
    if (y < HEAD_ROWS || position >= tree->visible_count) {
        return false;
    }
    if (tree->visible[position] == tree->selected) {
        (void)ui_tree_act(tree, UI_TOGGLE);
        return true;
    }
    tree->selected = tree->visible[position];
    return true;
}

const struct ui_pane_operations ui_pane_comparison = {
    .name = "comparison",
    .title = "Compare",
    .tab = "Comp",
    .keys = "N P differences  v everything  Enter row  Esc back",
    .state_size = sizeof(struct ui_comparison),
    .free = free_state,
    .draw = draw,
    .move = move,
    .act = act,
    .search = search,
    .click = click,
};
