/*
 * Keys and their names, as they stand in the table of commands: "Space", "Left", "C-l", "S-Tab",
 * "F1", "+", "q". Knows no curses: terminal.c translates.
 */
#ifndef TLSTEP_UI_KEYS_H
#define TLSTEP_UI_KEYS_H

#include "tlstep/base.h"

/* A key is a Unicode code point, or one of these. */
enum ui_key {
    UI_KEY_CTRL_A = 1,
    UI_KEY_CTRL_C = 3,
    UI_KEY_CTRL_E = 5,
    UI_KEY_TAB = 9,
    UI_KEY_CTRL_K = 11,
    UI_KEY_ENTER = 13,
    UI_KEY_CTRL_U = 21,
    UI_KEY_CTRL_W = 23,
    UI_KEY_ESCAPE = 27,
    UI_KEY_SPACE = 32,
    UI_KEY_BACKSPACE = 127,
    UI_KEY_UP = 0x110000, /* beyond Unicode */
    UI_KEY_DOWN,
    UI_KEY_LEFT,
    UI_KEY_RIGHT,
    UI_KEY_SHIFT_LEFT,
    UI_KEY_SHIFT_RIGHT,
    UI_KEY_PAGE_UP,
    UI_KEY_PAGE_DOWN,
    UI_KEY_HOME,
    UI_KEY_END,
    UI_KEY_INSERT,
    UI_KEY_DELETE,
    UI_KEY_BACK_TAB,
    UI_KEY_F1, /* to UI_KEY_F1 + 11 */
    UI_KEY_LAST = UI_KEY_F1 + 11,
};

/* The key with this name, or -1. A name of one character is that character. */
long ui_key_parse(const char *name, size_t length);

/* A code point as UTF-8. Returns `out`. */
char *ui_key_utf8(char out[5], uint32_t code_point);

/* A key's name, safe for a terminal. Returns `out`. */
char *ui_key_name(char *out, size_t size, long key);

/* True when `key` is one of the space-separated names in `keys`. */
bool ui_key_among(const char *keys, long key);

/* The first of the space-separated names in `keys`, for hints; "" when there is none. */
char *ui_key_first(char *out, size_t size, const char *keys);

#endif
