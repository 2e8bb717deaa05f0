/*
 * $XDG_CONFIG_HOME/tlstep/config: what the user wants every time.
 *
 *     theme = light       a theme's name
 *     ascii = yes         yes or no
 *     color = no          yes or no
 */
#ifndef TLSTEP_UI_CONFIG_H
#define TLSTEP_UI_CONFIG_H

#include "tlstep/base.h"

struct ui_config {
    char theme[128]; /* "": not given */
    bool ascii;
    bool no_color;
};

/* Reads the file; none is as good as an empty one. The error names file and line: class
 * ERR_USAGE, code "bad_config". */
int ui_config_load(struct ui_config *config, struct err *err);
/* The same for a text, for tests. */
int ui_config_parse(struct ui_config *config, const char *file, const char *text, struct err *err);

/* A file of the configuration folder: its path from malloc, or NULL when there is no home or no
 * memory. */
char *ui_config_path(const char *folder, const char *name, const char *suffix);

#endif
