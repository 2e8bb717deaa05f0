/* Asking terminfo. A file of its own: term.h makes macros of words like "columns". */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminfo.h"

#include <curses.h>
#include <term.h>

int ui_terminfo_refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "no_terminal",
                   "the screen cannot be shown: %s; --plain steps line by line without a screen",
                   why);
}

/* newterm() says nothing about why it fails, and a terminal without cursor addressing makes it
 * print to stderr: terminfo is asked first. */
int ui_terminfo_check(struct err *err)
{
    const char *name = getenv("TERM");
    int status = 0;
    char why[200], shown[80];

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        return ui_terminfo_refuse(err, isatty(STDIN_FILENO) ? "standard output is not a terminal"
                                                            : "standard input is not a terminal");
    }
    if (name == NULL || name[0] == '\0') {
        return ui_terminfo_refuse(err, "TERM is not set");
    }
    (void)text_safe(shown, sizeof shown, name, strlen(name));
    if (setupterm(name, STDOUT_FILENO, &status) != OK) {
        (void)snprintf(why, sizeof why, "nothing is known about terminals of type '%s' (TERM)",
                       shown);
        return ui_terminfo_refuse(err, why);
    }
    if (cursor_address == NULL || clear_screen == NULL) {
        (void)snprintf(why, sizeof why, "a terminal of type '%s' cannot place its cursor", shown);
        return ui_terminfo_refuse(err, why);
    }
    return 0;
}

/* tputs() takes a function without a context. */
static char reset_text[UI_RESET_MAX];
static size_t reset_length;

static int collect(int character)
{
    if (reset_length < sizeof reset_text) {
        reset_text[reset_length++] = (char)character;
    }
    return character;
}

size_t ui_terminfo_reset(char *out, size_t size)
{
    const char *const parts[] = {
        exit_attribute_mode, orig_pair, exit_ca_mode, cursor_normal, keypad_local,
    };

    reset_length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i] != NULL) {
            (void)tputs(parts[i], 1, collect);
        }
    }
    if (key_mouse != NULL) { /* terminfo has no name for what switches the mouse off */
        (void)tputs("\033[?1006l\033[?1000l", 1, collect);
    }
    if (reset_length > size) {
        return 0;
    }
    memcpy(out, reset_text, reset_length);
    return reset_length;
}
