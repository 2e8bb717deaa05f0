/* Drawing a tree of fields: names, and values made when a line is drawn. */
#ifndef TLSTEP_UI_FIELD_TREE_H
#define TLSTEP_UI_FIELD_TREE_H

#include "selection.h"

/* Two columns for each level; where that would take more than a third of the line, one; and never
 * more than half. */
int ui_field_indent(unsigned depth, int columns);
/* Where values begin in so many rows of the tree. */
int ui_field_value_column(const struct ui_selection *selection, int rows, int columns, bool ascii);

/* Draws it, scrolled so that the selected line is seen. `hide`: without the values of secrets. */
void ui_field_tree_draw(struct ui_selection *selection, const struct ui_area *area, bool hide,
                        bool focused);
/* A click at a place of such an area of `columns`: selects; on the sign, or again, folds. */
bool ui_field_tree_click(struct ui_selection *selection, int y, int x, int columns);
/* `rows`: of the tree on the screen. */
bool ui_field_tree_move(struct ui_selection *selection, enum ui_motion motion, int rows);
bool ui_field_tree_act(struct ui_selection *selection, enum ui_action action);
/* Selects the next field with a text in its name or value, around the end. `hide`: not by the values of secrets, for a
 * search must not tell what one begins with. */
bool ui_field_tree_search(struct ui_selection *selection, const char *text, bool backward,
                          bool hide);

#endif
