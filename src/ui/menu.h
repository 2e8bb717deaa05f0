/* A small box of choices, each with a key; what is chosen is a line for the command line, so that
 * the menu teaches the command. */
#ifndef TLSTEP_UI_MENU_H
#define TLSTEP_UI_MENU_H

#include "canvas.h"

#define UI_MENU_MAX      16
#define UI_MENU_LINE_MAX 1024

struct ui_menu_item {
    char key;
    char text[80];
    char line[UI_MENU_LINE_MAX]; /* ends in a blank: more is to be typed */
};

struct ui_menu {
    bool open;
    char title[120]; /* safe text */
    struct ui_menu_item items[UI_MENU_MAX];
    size_t count, selected;
    struct ui_area box; /* as drawn last */
};

/* Empties it and opens it. */
void ui_menu_open(struct ui_menu *menu, const char *title);
void ui_menu_add(struct ui_menu *menu, char key, const char *text, const char *line);
void ui_menu_draw(struct ui_menu *menu, const struct ui_area *area);

/* Takes a key or a click; returns the line that was chosen, or NULL. Both close the menu when it
 * is done with: `open` says so. */
const char *ui_menu_key(struct ui_menu *menu, long key);
const char *ui_menu_click(struct ui_menu *menu, int y, int x);

#endif
