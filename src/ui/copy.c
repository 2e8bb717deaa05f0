/* Fields as text to take away. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "tlstep/report.h"

const struct ui_copy_row ui_copy_table[UI_COPY_FORMAT_COUNT] = {
    [UI_COPY_VALUE] = {"value", "its value", 'v'},
    [UI_COPY_HEX] = {"hex", "hexadecimal digits", 'h'},
    [UI_COPY_C] = {"c", "a C array", 'c'},
    [UI_COPY_JSON] = {"json", "JSON, with its parts", 'j'},
};

size_t ui_copy_find_row(const struct ui_copy_row *rows, size_t count, const char *name,
                        size_t length)
{
    size_t row = 0;

    while (row < count &&
           (strlen(rows[row].name) != length || strncmp(rows[row].name, name, length) != 0)) {
        row++;
    }
    return row;
}

enum ui_copy_format ui_copy_find(const char *name, size_t length)
{
    return (enum ui_copy_format)ui_copy_find_row(ui_copy_table, UI_COPY_FORMAT_COUNT, name, length);
}

/* The bytes of a field; NULL when it has none. Fields that wire made are inside of its data; that is
 * looked at all the same, for what follows is handed to other programs. */
static const uint8_t *field_bytes(const struct wire_tree *tree, size_t index, size_t *length)
{
    const struct wire_field *field = &tree->fields[index];

    *length = 0;
    if (tree->data == NULL || field->offset > tree->length ||
        field->length > tree->length - field->offset) {
        return NULL;
    }
    *length = field->length;
    return tree->data + field->offset;
}

/* ---- the value ----------------------------------------------------------------------------------- */

/* A summary of a group longer than this is no summary. */
#define SUMMARY_MAX 4096

void ui_field_value(struct buffer *out, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    size_t room = SUMMARY_MAX;
    char *text;

    /* A byte becomes two digits, or "\u{202e}" for three bytes of text, or "\xNN" for one. */
    if (field->type->kind != WIRE_FIELD_GROUP) {
        room = 4 * (size_t)field->length + 256;
    }
    text = malloc(room);
    if (text == NULL) {
        out->failed = true;
        return;
    }
    buffer_text(out, wire_field_value(text, room, tree, index));
    free(text);
}

/* ---- bytes ---------------------------------------------------------------------------------------- */

static void write_hex(struct buffer *out, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        buffer_u8(out, (uint8_t)digits[bytes[i] >> 4]);
        buffer_u8(out, (uint8_t)digits[bytes[i] & 15]);
    }
}

/* "cipher suite" is cipher_suite in C; a name that is left with nothing is "bytes". */
static void write_identifier(struct buffer *out, const char *name)
{
    size_t before = out->length;

    for (; *name != '\0'; name++) {
        bool wanted = isalnum((unsigned char)*name) != 0;
        if (out->length == before && !isalpha((unsigned char)*name)) {
            continue;
        }
        if (wanted || out->data[out->length - 1] != '_') {
            buffer_u8(out, wanted ? (uint8_t)*name : '_');
        }
    }
    if (out->length == before) {
        buffer_text(out, "bytes");
    }
}

#define BYTES_A_LINE 12

static void write_array(struct buffer *out, const char *name, const uint8_t *bytes, size_t length)
{
    buffer_text(out, "static const uint8_t ");
    write_identifier(out, name);
    buffer_printf(out, "[%zu] = {", length);
    for (size_t i = 0; i < length; i++) {
        buffer_text(out, i % BYTES_A_LINE == 0 ? "\n    0x" : " 0x");
        write_hex(out, bytes + i, 1);
        buffer_u8(out, ',');
    }
    buffer_text(out, length > 0 ? "\n};\n" : "0};\n");
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

static void write_string(struct buffer *out, const char *key, const char *value)
{
    json_t *json = report_string_json(value);
    char *text = json != NULL ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

    json_decref(json);
    if (text == NULL) {
        out->failed = true;
        return;
    }
    buffer_printf(out, "\"%s\":", key);
    buffer_text(out, text);
    free(text);
}

/* All of a field but its end: "]}" once its children are written. */
static void begin_field(struct buffer *out, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const char *explained = explain_find(field->type->path);
    struct buffer value = {0};
    const char *text;

    ui_field_value(&value, tree, index);
    text = buffer_string(&value);
    buffer_text(out, "{");
    write_string(out, "path", field->type->path);
    buffer_text(out, ",");
    write_string(out, "name", field->type->name);
    buffer_printf(out, ",\"offset\":%lu,\"length\":%lu,", (unsigned long)field->offset,
                  (unsigned long)field->length);
    write_string(out, "value", text != NULL ? text : "");
    if (explained != NULL) {
        buffer_text(out, ",");
        write_string(out, "explain", explained);
    }
    buffer_text(out, ",\"children\":[");
    out->failed |= value.failed;
    buffer_free(&value);
}

static void write_json(struct buffer *out, const struct wire_tree *tree, size_t index)
{
    size_t end = index + wire_tree_span(tree, index);
    unsigned depth = tree->fields[index].depth;
    unsigned open = 0; /* fields that are begun and not ended */

    for (size_t i = index; i < end && !out->failed; i++) {
        unsigned level = tree->fields[i].depth - depth;
        bool sibling = open > level;
        for (; open > level; open--) {
            buffer_text(out, "]}");
        }
        if (sibling) {
            buffer_text(out, ",");
        }
        begin_field(out, tree, i);
        open++;
    }
    for (; open > 0; open--) {
        buffer_text(out, "]}");
    }
    buffer_text(out, "\n");
}

/* ---- all --------------------------------------------------------------------------------------------- */

void ui_copy_write(struct buffer *out, enum ui_copy_format format, const struct wire_tree *tree,
                   size_t index)
{
    size_t length;
    const uint8_t *bytes = field_bytes(tree, index, &length);

    switch (format) {
    case UI_COPY_VALUE:
        ui_field_value(out, tree, index);
        break;
    case UI_COPY_HEX:
        write_hex(out, bytes, length);
        break;
    case UI_COPY_C:
        write_array(out, tree->fields[index].type->name, bytes, length);
        break;
    case UI_COPY_JSON:
        write_json(out, tree, index);
        break;
    case UI_COPY_FORMAT_COUNT:
        break;
    }
}
