/*
 * ui: the screen. The only room that includes curses.
 */
#ifndef TLSTEP_UI_H
#define TLSTEP_UI_H

#include "tlstep/stepper.h"

struct ui_settings {
    const char *theme;  /* --theme: name or path; NULL: from the configuration, else dark */
    bool no_color;      /* --no-color, NO_COLOR */
    const char *lesson; /* to begin with: its name; "": offer them all; NULL: none */
    bool ascii;         /* --ascii, or a locale that is not UTF-8 */
};

/* Checks a theme by name or path without a screen; the error names file and line. */
int ui_theme_check(const char *theme, struct err *err);

/*
 * Runs the screen on standard input and output until the user quits. Restores the terminal after
 * every exit, also on SIGTERM, SIGHUP and crashes. Fails with class ERR_USAGE and code "no_terminal" when it is not a terminal, TERM is
 * unknown or cannot address the cursor; the text names --plain. Interrupted by a signal: class ERR_INTERRUPTED.
 */
int ui_run(struct stepper *stepper, const struct ui_settings *settings, struct err *err);

#endif
