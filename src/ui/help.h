/* The help: keys and commands from the table, and what the signs on the screen mean. */
#ifndef TLSTEP_UI_HELP_H
#define TLSTEP_UI_HELP_H

#include "page.h"

/* Makes the lines. `stepper`: a struct stepper, what is looked at; NULL: a connection. */
void ui_help_build(void *stepper, struct ui_page *page);

#endif
