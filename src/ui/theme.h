/*
 * Themes: what each role looks like. A theme is an INI file with one line for each role:
 *
 *     warning = yellow bold
 *     selection-elsewhere = default on 238
 *
 * A look is a colour, "on" and a colour, and any of bold, dim, underline, reverse; each part may
 * be left out. Colours are default, the eight names, those with "bright-", grey, and 0 to 255.
 * One line serves every terminal: where there are fewer colours, the nearest is taken; where
 * there are none, a background becomes reverse.
 */
#ifndef TLSTEP_UI_THEME_H
#define TLSTEP_UI_THEME_H

#include "tlstep/base.h"

enum ui_role {
    UI_TEXT,
    UI_DIM,       /* waiting, not known yet, less important */
    UI_CLIENT,    /* what the client sent */
    UI_SERVER,    /* what the server sent */
    UI_GOOD,      /* verified, done */
    UI_BAD,       /* refused, failed */
    UI_WARNING,   /* look at this */
    UI_BORDER,    /* of a pane */
    UI_FOCUS,     /* border and title of the pane that has the keys */
    UI_TITLE,     /* of a pane */
    UI_HEAD,      /* the line at the top */
    UI_SELECTION, /* the selected line of the pane that has the keys */
    UI_ELSEWHERE, /* the selected line of another pane */
    UI_LINKED,    /* bytes of the selected field */
    UI_KEY,       /* a key in the hint bar */
    UI_ROLE_COUNT
};
const char *ui_role_name(enum ui_role role); /* "client" */

/* How many colours the terminal has. */
enum ui_depth { UI_DEPTH_NONE, UI_DEPTH_8, UI_DEPTH_16, UI_DEPTH_256 };

#define UI_LOOK_BOLD      1u
#define UI_LOOK_DIM       2u
#define UI_LOOK_UNDERLINE 4u
#define UI_LOOK_REVERSE   8u

#define UI_COLOR_DEFAULT (-1)

struct ui_look {
    int16_t foreground; /* UI_COLOR_DEFAULT or 0 to 255 */
    int16_t background;
    uint8_t attributes; /* UI_LOOK_… */
};

struct ui_theme {
    char name[64];
    struct ui_look looks[UI_ROLE_COUNT];
};

/* Reads a theme. `file` is named in errors: "dark.theme:7: there is no colour 'teal' …". Roles
 * that are left out look like plain text. Class ERR_USAGE, code "bad_theme". */
int ui_theme_parse(struct ui_theme *theme, const char *file, const char *text, struct err *err);

/* By name: the user's ($XDG_CONFIG_HOME/tlstep/themes/NAME.theme), else a compiled-in one; or by
 * path, when there is a slash in it. The error lists the names that there are. */
int ui_theme_load(struct ui_theme *theme, const char *name, struct err *err);

/* Names of all themes, the compiled-in ones first. Calls `each` until it returns false. */
void ui_theme_names(bool (*each)(void *context, const char *name), void *context);

/* How a role is shown with so many colours. */
struct ui_look ui_theme_look(const struct ui_theme *theme, enum ui_role role, enum ui_depth depth);

#endif
