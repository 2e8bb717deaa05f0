/*
 * The options form. Its fields are the table of options; it works on a copy, and applies what
 * differs with the command `set`, so that form and script cannot do different things.
 */
#ifndef TLSTEP_UI_FORM_H
#define TLSTEP_UI_FORM_H

#include "edit.h"
#include "tlstep/stepper.h"

struct ui_form {
    bool open;
    bool asking;                        /* applied; shall the connection be run again now? */
    struct stepper *stepper;            /* borrowed while open */
    struct stepper_options options;     /* as they would be */
    const struct stepper_option **rows; /* those in this version; owned array */
    size_t count;
    size_t selected, top;
    struct ui_edit edit;                  /* the text of the selected row */
    struct err problem;                   /* of the selected row's text, or of all together */
    bool wrong;                           /* `problem` says something */
    int screen_rows, first_y, x, columns; /* as drawn last, for clicks */
};

enum ui_form_result { UI_FORM_GOES_ON, UI_FORM_CLOSED, UI_FORM_APPLIED, UI_FORM_RESTART };

/* Opens it on the options of the next run. */
int ui_form_open(struct ui_form *form, struct stepper *stepper, struct err *err);
void ui_form_close(struct ui_form *form);

enum ui_form_result ui_form_key(struct ui_form *form, long key);
/* A click at a place of the screen. */
void ui_form_click(struct ui_form *form, int y, int x);
/* Draws the box; returns where the cursor is through `y` and `x` (-1: nowhere). */
void ui_form_draw(struct ui_form *form, const struct ui_area *area, int *y, int *x);

#endif
