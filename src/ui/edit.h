/* One line of text that the user edits: the prompt and the fields of forms. */
#ifndef TLSTEP_UI_EDIT_H
#define TLSTEP_UI_EDIT_H

#include "canvas.h"

#define UI_EDIT_MAX 1024

struct ui_edit {
    char text[UI_EDIT_MAX]; /* UTF-8, as typed */
    size_t length;
    size_t cursor; /* a byte offset, at the beginning of a character */
};

void ui_edit_set(struct ui_edit *edit, const char *text);
/* Takes a key. False when it means nothing to an editor. */
bool ui_edit_key(struct ui_edit *edit, long key);
/* Replaces bytes [from, cursor) by text and puts the cursor behind it. */
void ui_edit_replace(struct ui_edit *edit, size_t from, const char *text);
/* Draws the part around the cursor in `columns`; returns the column of the cursor. */
int ui_edit_draw(const struct ui_edit *edit, const struct ui_area *area, int y, int x, int columns,
                 unsigned style);

#endif
