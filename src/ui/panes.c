/* The table of panes as an array. */
#include "pane.h"

#define ROW(id, name, number, place) [UI_PANE_##id] = {&ui_pane_##name, number, place},
const struct ui_pane_row ui_pane_table[UI_PANE_COUNT] = {UI_PANES(ROW)};
