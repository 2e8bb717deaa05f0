/*
 * JSON as it is written: a streaming writer that appends compact text to a buffer, without a tree in
 * between (a report has some hundred values, and a capture a hundred thousand reports).
 *
 * `key` is NULL in arrays and at the top. Strings come out so that a terminal shows and never obeys
 * them; bytes that are not UTF-8 become "\xNN". Out of memory: the buffer's `failed`.
 */
#ifndef REPORT_EMIT_H
#define REPORT_EMIT_H

#include <jansson.h>

#include "tlstep/trace.h"

struct emit {
    struct buffer *out;
    bool more; /* something stands before: a comma is due */
};

void emit_open(struct emit *emit, const char *key, char bracket);
void emit_close(struct emit *emit, char bracket);

void emit_null(struct emit *emit, const char *key);
void emit_flag(struct emit *emit, const char *key, bool flag);
void emit_known(struct emit *emit, const char *key, enum trace_known known);
void emit_number(struct emit *emit, const char *key, uint64_t number);
void emit_text(struct emit *emit, const char *key, const char *text); /* NULL: null */
void emit_bytes_text(struct emit *emit, const char *key, const void *bytes, size_t length);
void emit_text_or_null(struct emit *emit, const char *key, const char *text); /* also for "" */
void emit_text_given(struct emit *emit, const char *key,
                     const char *text); /* left out for NULL, "" */
/* `text` with key "NAME_raw" in hex beside it where it is not UTF-8. */
void emit_text_raw(struct emit *emit, const char *key, const char *text);
void emit_hex(struct emit *emit, const char *key, const void *data, size_t length);
/* Nanoseconds as milliseconds with up to three decimals; null below zero. */
void emit_milliseconds(struct emit *emit, const char *key, int64_t ns);
/* RFC 3339. */
void emit_time(struct emit *emit, const char *key, int64_t seconds);
/* {"name","id"} of a registry value; null where it is not `known`. */
void emit_named(struct emit *emit, const char *key, bool known, enum wire_registry registry,
                uint16_t id);
/* "0x0304" */
void emit_id(struct emit *emit, const char *key, uint16_t id);

/* What was written as a value, for who wants to look into it. Frees the buffer. NULL: no memory. */
json_t *emit_parse(struct buffer *out);

#endif
