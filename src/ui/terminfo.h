/* What terminfo says about the terminal, before curses takes it over. */
#ifndef TLSTEP_UI_TERMINFO_H
#define TLSTEP_UI_TERMINFO_H

#include "tlstep/base.h"

#define UI_RESET_MAX 1024

/* Standard input and output are a terminal that can place its cursor. The error names --plain:
 * class ERR_USAGE, code "no_terminal". */
int ui_terminfo_check(struct err *err);
/* The same error for another reason. Always -1. */
int ui_terminfo_refuse(struct err *err, const char *why);

/* What makes the terminal usable again, for signal handlers, which may not call curses. Returns
 * its length. To be called after ui_terminfo_check(). */
size_t ui_terminfo_reset(char *out, size_t size);

#endif
