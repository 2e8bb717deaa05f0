/*
 * The terminal: the only file behind this header includes curses. There is one terminal, so its
 * state is in terminal.c, where signal handlers find it too.
 *
 * Whatever happens, the terminal is restored: by ui_terminal_stop(), before a stop (Ctrl-Z), and
 * in a handler for fatal signals, which writes a reset string that was rendered beforehand.
 */
#ifndef TLSTEP_UI_TERMINAL_H
#define TLSTEP_UI_TERMINAL_H

#include "canvas.h"
#include "theme.h"

/* Takes over standard input and output. Class ERR_USAGE, code "no_terminal" when they are not a
 * terminal, or one that cannot place its cursor; the text names --plain. */
int ui_terminal_start(const struct ui_theme *theme, bool color, struct err *err);
void ui_terminal_stop(void);

/* Shows everything in another theme from now on. */
void ui_terminal_theme(const struct ui_theme *theme);

void ui_terminal_size(int *rows, int *columns);
/* Copies the canvas to the screen and puts the cursor at a place (y -1: hidden). */
void ui_terminal_show(const struct ui_canvas *canvas, int y, int x);
/* Sends a control sequence to the terminal between two frames, past curses. */
void ui_terminal_send(const void *data, size_t length);
/* The next show draws everything anew. */
void ui_terminal_redraw(void);
/* Gives the terminal back to the shell and stops this process until it is continued. */
void ui_terminal_suspend(void);

/* Clicks and the wheel are reported (on), or left to the terminal. */
void ui_terminal_mouse(bool on);

enum ui_input_kind {
    UI_INPUT_NONE,
    UI_INPUT_KEY,
    UI_INPUT_CLICK,
    UI_INPUT_WHEEL_UP,
    UI_INPUT_WHEEL_DOWN,
    UI_INPUT_RESIZE
};

struct ui_input {
    enum ui_input_kind kind;
    long key; /* keys.h */
    int y, x;
};

/* The next thing that was typed or clicked; UI_INPUT_NONE when there is none now. */
struct ui_input ui_terminal_input(void);

/* ---- signals (signals.c) ------------------------------------------------------------------------- */

/* Signals that ask this program to end, or to stop and go on, become bytes in a pipe: poll
 * ui_signals_fd() for reading and take them one by one. */
int ui_signals_start(struct err *err);
void ui_signals_stop(void);
int ui_signals_fd(void);
/* The next signal's number, 0 when there is none. */
int ui_signals_take(void);

/* Written to the terminal, with its modes before, when a fatal signal ends the program. */
void ui_signals_set_reset(const char *text, size_t length);

#endif
