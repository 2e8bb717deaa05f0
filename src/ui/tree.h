/*
 * The one tree widget: which lines of a flat pre-order array are unfolded, which one is selected,
 * and what part of it is on the screen. It knows depths only; what a line says is the owner's
 * affair, so field trees and certificate trees fold alike.
 */
#ifndef TLSTEP_UI_TREE_H
#define TLSTEP_UI_TREE_H

#include "pane.h"

struct ui_tree {
    uint16_t *depths;
    bool *open;
    size_t count, capacity, open_capacity;
    size_t *visible; /* indices of the lines that no fold hides */
    size_t visible_count, visible_capacity;
    size_t selected; /* an index of a visible line */
    size_t top;      /* position in `visible` of the first line on the screen */
};

/* Loads `count` lines whose depths are depth(context, i), those down to `open_depth` unfolded, and
 * selects the first. Start with {0}. 0, or -1 when memory ran out (the tree is empty then). */
int ui_tree_load(struct ui_tree *tree, size_t count,
                 uint16_t (*depth)(const void *context, size_t index), const void *context,
                 unsigned open_depth);
void ui_tree_free(struct ui_tree *tree);

bool ui_tree_has_children(const struct ui_tree *tree, size_t index);

/* Selects a line; unfolds what hides it. */
void ui_tree_select(struct ui_tree *tree, size_t index);
/* The position of the selected line in `visible`, or of the line that it is folded into. */
size_t ui_tree_position(const struct ui_tree *tree);
/* Moves the selection; `page` is the number of lines on the screen. */
void ui_tree_move(struct ui_tree *tree, enum ui_motion motion, int page);
/* Folds or unfolds. False when there is nothing to do it to. */
bool ui_tree_act(struct ui_tree *tree, enum ui_action action);
/* Scrolls so that the selected line is among `rows`. */
void ui_tree_scroll(struct ui_tree *tree, int rows);
/* The sign before a line: "▾ ", "▸ " or blank. */
const char *ui_tree_sign(const struct ui_tree *tree, size_t index);

/* Moves a selection in a plain list of `count` items. */
size_t ui_list_move(size_t selected, size_t count, enum ui_motion motion, int page);
/* The first item on a screen of `rows` so that `selected` is on it, moving `top` little. */
size_t ui_list_scroll(size_t top, size_t selected, size_t count, int rows);

#endif
