/* A field of a dissection as text to take away: its value, its bytes in hex or as a C array, JSON. */
#ifndef TLSTEP_UI_COPY_H
#define TLSTEP_UI_COPY_H

#include "tlstep/wire.h"

enum ui_copy_format {
    UI_COPY_VALUE, /* what the screen shows, whole */
    UI_COPY_HEX,   /* "16030100" */
    UI_COPY_C,     /* "static const uint8_t random[32] = {…};" */
    UI_COPY_JSON,  /* with its parts, as docs/json.md has fields */
    UI_COPY_FORMAT_COUNT
};

/* A form that something can be copied in. */
struct ui_copy_row {
    const char *name; /* "hex": in commands */
    const char *what; /* "hexadecimal digits": in the menu and in the status line */
    char key;         /* in the menu; the capital is the same to a file */
};
extern const struct ui_copy_row ui_copy_table[UI_COPY_FORMAT_COUNT];

/* The row with a name, or `count`. */
size_t ui_copy_find_row(const struct ui_copy_row *rows, size_t count, const char *name,
                        size_t length);
/* The format with a name, or UI_COPY_FORMAT_COUNT. */
enum ui_copy_format ui_copy_find(const char *name, size_t length);

/* The value of a field whole, not cut as on its line: safe text. Appends to `out`. */
void ui_field_value(struct buffer *out, const struct wire_tree *tree, size_t index);

/* Appends field `index` in a format. Look at out->failed. */
void ui_copy_write(struct buffer *out, enum ui_copy_format format, const struct wire_tree *tree,
                   size_t index);

#endif
