/*
 * The table of panes: adding one is adding a file with its operations and a row here. From the row
 * come its id (UI_PANE_CIPHER), its key, its tab, and where it stands on a screen of 120 x 36:
 *
 *   +----------+--------------+----------+
 *   | TOP_LEFT | LADDER       | TOP_RIGHT|     WHOLE: the full screen, when it has the keys
 *   +----------+--+-----------+----------+
 *   | BOTTOM_LEFT | BOTTOM_RIGHT | RIGHT |
 *   +-------------+--------------+-------+
 *
 * A key that is given twice leads to the first of its panes that is there.
 * Panes with the same place take turns: the one that was looked at last is there, at first the one
 * that comes first in the table. Smaller screens merge places (layout.c).
 */
#ifndef TLSTEP_UI_PANES_H
#define TLSTEP_UI_PANES_H

/* A place, and a bit for sets of places. */
enum ui_place {
    UI_PLACE_TOP_LEFT = 1 << 0,
    UI_PLACE_LADDER = 1 << 1,
    UI_PLACE_TOP_RIGHT = 1 << 2,
    UI_PLACE_RIGHT = 1 << 3,
    UI_PLACE_BOTTOM_LEFT = 1 << 4,
    UI_PLACE_BOTTOM_RIGHT = 1 << 5,
    UI_PLACE_WHOLE = 1 << 6,
};

/* Id, operations (ui_pane_NAME, in pane_NAME.c), the key that leads there (0: none), place. */
/* clang-format off */
#define UI_PANES(PANE)                                               \
    PANE(CONNECTION,   connection,   1, UI_PLACE_TOP_LEFT)           \
    PANE(LADDER,       ladder,       2, UI_PLACE_LADDER)             \
    PANE(CIPHER,       cipher,       3, UI_PLACE_TOP_RIGHT)          \
    PANE(CERTIFICATES, certificates, 4, UI_PLACE_RIGHT)              \
    PANE(MESSAGE,      message,      5, UI_PLACE_BOTTOM_LEFT)        \
    PANE(FIELDS,       fields,       5, UI_PLACE_BOTTOM_LEFT)        \
    PANE(BYTES,        bytes,        6, UI_PLACE_BOTTOM_RIGHT)       \
    PANE(SCHEDULE,     schedule,     7, UI_PLACE_BOTTOM_LEFT)        \
    PANE(DATA,         data,         8, UI_PLACE_WHOLE)              \
    PANE(REASONS,      reasons,      0, UI_PLACE_RIGHT)              \
    PANE(STORE,        store,        0, UI_PLACE_WHOLE)              \
    PANE(COMPARISON,   comparison,   9, UI_PLACE_WHOLE)              \
    PANE(CONVERSATIONS, conversations, 0, UI_PLACE_WHOLE)
/* clang-format on */

#define UI_PANE_ID(id, name, number, place) UI_PANE_##id,
enum ui_pane_id { UI_PANES(UI_PANE_ID) UI_PANE_COUNT };
#undef UI_PANE_ID

struct ui_pane_row {
    const struct ui_pane_operations *operations;
    int number;
    enum ui_place place;
};

extern const struct ui_pane_row ui_pane_table[UI_PANE_COUNT];

#endif
