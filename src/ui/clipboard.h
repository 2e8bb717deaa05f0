/*
 * Text into the clipboard of the terminal, wherever that terminal is: the escape sequence OSC 52
 * (xterm's "Manipulate Selection Data"), which goes through ssh as well.
 */
#ifndef TLSTEP_UI_CLIPBOARD_H
#define TLSTEP_UI_CLIPBOARD_H

#include "tlstep/base.h"

/* Longer sequences are cut or dropped by terminals. */
#define UI_CLIPBOARD_MAX ((size_t)100000)

/* Could the terminal have a clipboard? `term`: TERM, may be NULL. False for the consoles that are
 * known to have none. */
bool ui_clipboard_exists(const char *term);

/* Appends the sequence that puts `length` bytes into the clipboard. In tmux (`tmux`) it comes
 * twice: for tmux itself, and wrapped so that tmux hands it on to the terminal outside. False, and
 * nothing is appended, when one would be longer than UI_CLIPBOARD_MAX or memory ran out. */
bool ui_clipboard_sequence(struct buffer *out, const void *data, size_t length, bool tmux);

#endif
