/* The hint bar: what can be done now, from the table of commands. */
#ifndef TLSTEP_UI_HINTS_H
#define TLSTEP_UI_HINTS_H

#include "pane.h"

#define UI_HINTS_MAX 32

struct ui_hint {
    const struct stepper_command *command;
    int x, columns; /* where it is on the screen; columns 0: there was no room */
};

struct ui_hints {
    struct ui_hint hints[UI_HINTS_MAX];
    size_t count;
    int y;
};

/* Draws those that can act and fit; the last ones of the table (help, quit) always do. */
void ui_hints_draw(struct ui_hints *hints, const struct ui_view *view, enum ui_pane_id focus,
                   const struct ui_area *area);

/* The command whose hint is at a place of the screen, or NULL. */
const struct stepper_command *ui_hints_at(const struct ui_hints *hints, int y, int x);

#endif
