/* The themes that are compiled in: themes/generate.awk makes the table from the files there. */
#ifndef TLSTEP_UI_THEME_SOURCES_H
#define TLSTEP_UI_THEME_SOURCES_H

#include <stddef.h>

struct ui_theme_source {
    const char *name; /* "dark" */
    const char *text; /* the file, as it stands in themes/ */
};

extern const struct ui_theme_source ui_theme_sources[];
extern const size_t ui_theme_source_count;

#endif
