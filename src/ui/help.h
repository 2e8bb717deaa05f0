/* The help: keys and commands from the table, and what the signs on the screen mean. */
#ifndef TLSTEP_UI_HELP_H
#define TLSTEP_UI_HELP_H

#include "page.h"

/* Makes the lines. `unused` is there to fit struct ui_viewer. */
void ui_help_build(void *unused, struct ui_page *page);

#endif
