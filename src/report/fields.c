/* Field trees and the bytes that they describe as JSON. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define ROW_BUFFERS 64

/* Deeper than any dissection goes; what would lie below is left to its parent. */
#define DEPTH_MAX 64

/* One field without its end: its children follow. `hex`: all its bytes, too. */
static void emit_field(struct emit *emit, const struct wire_tree *tree, size_t index, bool hex)
{
    const struct wire_field *field = &tree->fields[index];
    char value[1024];

    emit_open(emit, NULL, '{');
    emit_text(emit, "path", field->type->path);
    emit_text(emit, "name", field->type->name);
    emit_number(emit, "offset", field->offset);
    emit_number(emit, "length", field->length);
    emit_text(emit, "value", wire_field_value(value, sizeof value, tree, index));
    if (hex && field->type->kind == WIRE_FIELD_BYTES) {
        emit_hex(emit, "hex", tree->data + field->offset, field->length);
    }
    emit_text(emit, "explain", explain_find(field->type->path));
}

static void close_fields(struct emit *emit, size_t *open, size_t depth)
{
    for (; *open > depth; (*open)--) {
        emit_close(emit, ']');
        emit_close(emit, '}');
    }
}

/* Pre-order with depths into nested children: `open` fields have not ended yet. */
static void emit_tree(struct emit *emit, const struct wire_tree *tree, const char *buffer, bool hex)
{
    size_t open = 0;

    for (size_t i = 0; i < tree->count; i++) {
        size_t depth = tree->fields[i].depth;
        if (depth >= DEPTH_MAX) {
            continue;
        }
        close_fields(emit, &open, depth);
        emit_field(emit, tree, i, hex);
        if (depth == 0 && buffer != NULL) {
            emit_text(emit, "buffer", buffer);
        }
        emit_open(emit, "children", '[');
        open++;
    }
    close_fields(emit, &open, 0);
    emit->out->failed |= tree->failed;
}

static void emit_record(struct emit *emit, const struct trace_buffer *record)
{
    struct wire_tree tree = {0};

    if (wire_record_dissect(&tree, NULL, record->data, record->length) != 0) {
        emit->out->failed = true;
    }
    emit_tree(emit, &tree, record->name, false);
    wire_tree_free(&tree);
}

json_t *report_fields_json(struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    struct trace_buffer main = {0};
    struct wire_tree tree = {0};
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    if (trace_row_dissect(trace, row, &tree, &main) != 0) {
        out.failed = true;
    }
    emit_tree(&emit, &tree, main.name != NULL ? main.name : "message", false);
    wire_tree_free(&tree);

    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    for (size_t i = 0; i < count && i < ROW_BUFFERS; i++) {
        if (strcmp(buffers[i].name, "record") == 0 && buffers[i].data != main.data) {
            emit_record(&emit, &buffers[i]);
        }
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}

json_t *report_bytes_json(struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (size_t i = 0; i < count && i < ROW_BUFFERS; i++) {
        emit_open(&emit, NULL, '{');
        emit_text(&emit, "buffer", buffers[i].name);
        emit_number(&emit, "offset", 0);
        emit_hex(&emit, "hex", buffers[i].data, buffers[i].length);
        emit_close(&emit, '}');
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}
