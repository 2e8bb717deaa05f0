/* Folding, selecting and scrolling. */
#include <stdlib.h>
#include <string.h>

#include "tree.h"

/* ---- lists ------------------------------------------------------------------------------------ */

size_t ui_list_move(size_t selected, size_t count, enum ui_motion motion, int page)
{
    size_t step = page > 1 ? (size_t)page - 1 : 1;
    size_t last = count > 0 ? count - 1 : 0;

    switch (motion) {
    case UI_UP:
        return selected > 0 ? selected - 1 : 0;
    case UI_DOWN:
        return selected < last ? selected + 1 : last;
    case UI_PAGE_UP:
        return selected > step ? selected - step : 0;
    case UI_PAGE_DOWN:
        return last - selected > step && selected < last ? selected + step : last;
    case UI_TOP:
        return 0;
    case UI_BOTTOM:
        return last;
    }
    return selected;
}

size_t ui_list_scroll(size_t top, size_t selected, size_t count, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1;

    if (count <= height) {
        return 0;
    }
    if (selected < top) {
        top = selected;
    }
    if (selected >= top + height) {
        top = selected - height + 1;
    }
    return top + height > count ? count - height : top;
}

/* ---- trees ------------------------------------------------------------------------------------ */

bool ui_tree_has_children(const struct ui_tree *tree, size_t index)
{
    return index + 1 < tree->count && tree->depths[index + 1] > tree->depths[index];
}

/* Room for `visible` is made when the tree is loaded: this cannot fail. */
static void find_visible(struct ui_tree *tree)
{
    tree->visible_count = 0;
    for (size_t i = 0; i < tree->count;) {
        uint16_t depth = tree->depths[i];
        tree->visible[tree->visible_count++] = i;
        if (tree->open[i]) {
            i++;
            continue;
        }
        do {
            i++;
        } while (i < tree->count && tree->depths[i] > depth);
    }
}

static int grow(struct ui_tree *tree, size_t count)
{
    void *depths = array_grow(tree->depths, &tree->capacity, count, sizeof *tree->depths);
    void *open, *visible;

    if (depths == NULL) {
        return -1;
    }
    tree->depths = depths;
    open = array_grow(tree->open, &tree->open_capacity, count, sizeof *tree->open);
    if (open == NULL) {
        return -1;
    }
    tree->open = open;
    visible = array_grow(tree->visible, &tree->visible_capacity, count, sizeof *tree->visible);
    if (visible == NULL) {
        return -1;
    }
    tree->visible = visible;
    return 0;
}

int ui_tree_load(struct ui_tree *tree, size_t count,
                 uint16_t (*depth)(const void *context, size_t index), const void *context,
                 unsigned open_depth)
{
    tree->count = tree->visible_count = tree->selected = tree->top = 0;
    if (count == 0) {
        return 0;
    }
    if (grow(tree, count) != 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        tree->depths[i] = depth(context, i);
        tree->open[i] = tree->depths[i] <= open_depth;
    }
    tree->count = count;
    find_visible(tree);
    return 0;
}

void ui_tree_free(struct ui_tree *tree)
{
    free(tree->depths);
    free(tree->open);
    free(tree->visible);
    *tree = (struct ui_tree){0};
}

/* The line that an index hangs from; itself at the root. */
static size_t parent(const struct ui_tree *tree, size_t index)
{
    for (size_t i = index; i > 0; i--) {
        if (tree->depths[i - 1] < tree->depths[index]) {
            return i - 1;
        }
    }
    return index;
}

void ui_tree_select(struct ui_tree *tree, size_t index)
{
    bool hidden = false;

    if (index >= tree->count) {
        return;
    }
    for (size_t i = index, up = parent(tree, i); up != i; i = up, up = parent(tree, i)) {
        hidden |= !tree->open[up];
        tree->open[up] = true;
    }
    if (hidden) {
        find_visible(tree);
    }
    tree->selected = index;
}

size_t ui_tree_position(const struct ui_tree *tree)
{
    size_t low = 0, high = tree->visible_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tree->visible[middle] <= tree->selected) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

void ui_tree_move(struct ui_tree *tree, enum ui_motion motion, int page)
{
    if (tree->visible_count > 0) {
        tree->selected =
            tree->visible[ui_list_move(ui_tree_position(tree), tree->visible_count, motion, page)];
    }
}

static bool set_open(struct ui_tree *tree, size_t index, bool open)
{
    if (!ui_tree_has_children(tree, index) || tree->open[index] == open) {
        return false;
    }
    tree->open[index] = open;
    find_visible(tree);
    return true;
}

/* Folding where there is nothing to fold goes to the line above in the tree. */
static bool fold(struct ui_tree *tree)
{
    size_t up = parent(tree, tree->selected);

    if (set_open(tree, tree->selected, false)) {
        return true;
    }
    if (up == tree->selected) {
        return false;
    }
    tree->selected = up;
    return true;
}

static bool unfold_all(struct ui_tree *tree)
{
    bool hidden = tree->visible_count < tree->count;

    memset(tree->open, true, tree->count * sizeof *tree->open);
    find_visible(tree);
    return hidden;
}

/* The selection goes to what is left of where it was. */
static bool fold_all(struct ui_tree *tree)
{
    size_t before = tree->visible_count;

    for (size_t i = 0; i < tree->count; i++) {
        tree->open[i] = false;
    }
    find_visible(tree);
    tree->selected = tree->visible[ui_tree_position(tree)];
    return tree->visible_count < before;
}

bool ui_tree_act(struct ui_tree *tree, enum ui_action action)
{
    if (tree->count == 0) {
        return false;
    }
    switch (action) {
    case UI_FOLD:
        return fold(tree);
    case UI_UNFOLD:
        return set_open(tree, tree->selected, true);
    case UI_TOGGLE:
        return set_open(tree, tree->selected, !tree->open[tree->selected]);
    case UI_UNFOLD_ALL:
        return unfold_all(tree);
    case UI_FOLD_ALL:
        return fold_all(tree);
    case UI_SWITCH:
        break;
    }
    return false;
}

void ui_tree_scroll(struct ui_tree *tree, int rows)
{
    tree->top = ui_list_scroll(tree->top, ui_tree_position(tree), tree->visible_count, rows);
}

const char *ui_tree_sign(const struct ui_tree *tree, size_t index)
{
    if (!ui_tree_has_children(tree, index)) {
        return "  ";
    }
    return tree->open[index] ? "▾ " : "▸ ";
}
