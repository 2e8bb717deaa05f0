/* Field trees and the bytes that they describe as JSON. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define ROW_BUFFERS 64

/* Deeper than any dissection goes; what would lie below is left to its parent. */
#define DEPTH_MAX 64

/* ---- what --redact keeps back ---- */

/* Data, cookies and tickets: whoever has them may be somebody else. */
static const char *const private_paths[] = {
    "application_data",
    "text",
    "plaintext.content",
    "handshake.new_session_ticket.ticket",
    "handshake.client_key_exchange.encrypted_pre_master_secret",
    "handshake.client_key_exchange.psk_identity",
    "extension.session_ticket.ticket",
    "extension.pre_shared_key.identity",
    "extension.cookie.cookie",
};

/* The ticket itself, not the number in front that says how long it is. */
static bool is_private(const struct wire_tree *tree, size_t index)
{
    const char *path = tree->fields[index].type->path;

    for (size_t i = 0; i < sizeof private_paths / sizeof private_paths[0]; i++) {
        size_t length = strlen(private_paths[i]);
        if (strncmp(path, private_paths[i], length) == 0 &&
            (path[length] == '\0' ||
             (path[length] == '.' && strcmp(path + length, ".length") != 0))) {
            return true;
        }
    }
    return false;
}

/* Records and plaintexts have what the messages have, and with suites that do not encrypt all of it: they are kept back. */
static bool is_message(const struct trace_buffer *buffer)
{
    return strcmp(buffer->name, "record") != 0 && strcmp(buffer->name, "plaintext") != 0;
}

/* A group that stands around something private has no summary. */
static bool holds_private(const struct wire_tree *tree, size_t index)
{
    size_t end = index + wire_tree_span(tree, index);

    for (size_t i = index; i < end; i++) {
        if (is_private(tree, i)) {
            return true;
        }
    }
    return false;
}

/* Overwrites what is private in a copy of the buffer. A buffer that cannot be dissected is private as a whole. */
static void blank(uint8_t *copy, const struct wire_tree *tree, size_t length)
{
    if (tree->count == 0) {
        memset(copy, 0, length);
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (is_private(tree, i)) {
            memset(copy + tree->fields[i].offset, 0, tree->fields[i].length);
        }
    }
}

/* ---- trees ---- */

/* How a tree is written. */
enum { WHOLE_BYTES = 1, REDACTED = 2 };

/* One field without its end: its children follow. */
static void emit_field(struct emit *emit, const struct wire_tree *tree, size_t index,
                       unsigned flags)
{
    const struct wire_field *field = &tree->fields[index];
    char value[1024];

    emit_open(emit, NULL, '{');
    emit_text(emit, "path", field->type->path);
    emit_text(emit, "name", field->type->name);
    emit_number(emit, "offset", field->offset);
    emit_number(emit, "length", field->length);
    if ((flags & REDACTED) && holds_private(tree, index)) {
        emit_text(emit, "value", is_private(tree, index) ? "redacted" : "");
    } else {
        emit_text(emit, "value", wire_field_value(value, sizeof value, tree, index));
    }
    if ((flags & WHOLE_BYTES) && field->type->kind == WIRE_FIELD_BYTES) {
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
static void emit_tree(struct emit *emit, const struct wire_tree *tree, const char *buffer,
                      unsigned flags)
{
    size_t open = 0;

    for (size_t i = 0; i < tree->count; i++) {
        size_t depth = tree->fields[i].depth;
        if (depth >= DEPTH_MAX) {
            continue;
        }
        close_fields(emit, &open, depth);
        emit_field(emit, tree, i, flags);
        if (depth == 0 && buffer != NULL) {
            emit_text(emit, "buffer", buffer);
        }
        emit_open(emit, "children", '[');
        open++;
    }
    close_fields(emit, &open, 0);
    emit->out->failed |= tree->failed;
}

/* ---- the buffers of a row ---- */

static void dissect(struct emit *emit, const struct trace *trace, const struct trace_row *row,
                    const struct trace_buffer *buffer, struct wire_tree *tree)
{
    if (trace_buffer_dissect(trace, row, buffer, tree) != 0) {
        emit->out->failed = true;
    }
}

static json_t *fields_json(struct trace *trace, const struct trace_row *row, unsigned flags)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    struct wire_tree tree = {0};
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (int pass = 0; pass < 2; pass++) { /* the message first, then what it stood in */
        for (size_t i = 0; i < count && i < ROW_BUFFERS; i++) {
            if (is_message(&buffers[i]) != (pass == 0) || (pass == 1 && (flags & REDACTED))) {
                continue;
            }
            dissect(&emit, trace, row, &buffers[i], &tree);
            emit_tree(&emit, &tree, buffers[i].name, flags);
        }
    }
    wire_tree_free(&tree);
    emit_close(&emit, ']');
    return emit_parse(&out);
}

json_t *report_fields_json(struct trace *trace, const struct trace_row *row)
{
    return fields_json(trace, row, 0);
}

json_t *report_fields_redacted_json(struct trace *trace, const struct trace_row *row)
{
    return fields_json(trace, row, REDACTED);
}

static void emit_buffer(struct emit *emit, const struct trace_buffer *buffer, const uint8_t *data)
{
    emit_open(emit, NULL, '{');
    emit_text(emit, "buffer", buffer->name);
    emit_number(emit, "offset", 0);
    emit_hex(emit, "hex", data, buffer->length);
    emit_close(emit, '}');
}

json_t *report_bytes_json(struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (size_t i = 0; i < count && i < ROW_BUFFERS; i++) {
        emit_buffer(&emit, &buffers[i], buffers[i].data);
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}

static void emit_redacted(struct emit *emit, struct trace *trace, const struct trace_row *row,
                          const struct trace_buffer *buffer)
{
    struct wire_tree tree = {0};
    struct buffer copy = {.secret = true};

    buffer_append(&copy, buffer->data, buffer->length);
    dissect(emit, trace, row, buffer, &tree);
    if (!copy.failed) {
        blank(copy.data, &tree, copy.length);
        emit_buffer(emit, buffer, copy.data);
    }
    emit->out->failed |= copy.failed;
    wire_tree_free(&tree);
    buffer_wipe_free(&copy);
}

json_t *report_bytes_redacted_json(struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[ROW_BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, ROW_BUFFERS);
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (size_t i = 0; i < count && i < ROW_BUFFERS; i++) {
        if (is_message(&buffers[i])) {
            emit_redacted(&emit, trace, row, &buffers[i]);
        }
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}

/* ---- the key schedule ---- */

json_t *report_schedule_json(struct trace *trace, size_t cursor, const struct trace_row *row)
{
    struct wire_tree tree = {0};
    struct buffer bytes = {.secret = true};
    struct buffer out = {.secret = true};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    if (trace_schedule(trace, cursor, row, &tree, &bytes) != 0) {
        out.failed = true;
    }
    emit_tree(&emit, &tree, NULL, WHOLE_BYTES);
    emit_close(&emit, ']');
    wire_tree_free(&tree);
    buffer_wipe_free(&bytes);
    return emit_parse(&out);
}

/* ---- application data ---- */

/* More of it is nothing for a line of JSON; bytes() has each record's. */
#define FOLLOW_MAX (16u << 20)

static void emit_side(struct emit *emit, struct trace *trace, size_t cursor, enum wire_side side)
{
    struct buffer data = {.secret = true};
    bool whole = trace_application_data(trace, cursor, side, FOLLOW_MAX, &data);

    emit_open(emit, NULL, '{');
    emit_text(emit, "from", wire_side_name(side));
    emit_number(emit, "length", data.length);
    emit_flag(emit, "complete", whole && !data.failed);
    emit_bytes_text(emit, "text", data.data, data.length);
    emit_hex(emit, "hex", data.data, data.length);
    emit_close(emit, '}');
    buffer_wipe_free(&data);
}

json_t *report_follow_json(struct trace *trace, size_t cursor, const bool sides[2])
{
    struct buffer out = {.secret = true};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (sides[side]) {
            emit_side(&emit, trace, cursor, side);
        }
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}
