#include "emit.h"

#include <string.h>

/* What a string needs beyond its quotes. */
static const char digits[] = "0123456789abcdef";

/* Where `count` bytes may be written; NULL when memory ran out. advance() afterwards. */
static uint8_t *room_for(struct buffer *out, size_t count)
{
    bool there = !out->failed && count <= out->capacity - out->length;
    return there || buffer_reserve(out, count) ? out->data + out->length : NULL;
}

static void advance(struct buffer *out, const uint8_t *to)
{
    out->length = (size_t)(to - out->data);
}

static void append_key(struct emit *emit, const char *key)
{
    size_t length = key != NULL ? strlen(key) : 0; /* a short constant of ours */
    uint8_t *to = room_for(emit->out, length + 4);

    if (to == NULL) {
        return;
    }
    if (emit->more) {
        *to++ = ',';
    }
    emit->more = true;
    if (key != NULL) {
        *to++ = '"';
        to = (uint8_t *)stpcpy((char *)to, key);
        *to++ = '"';
        *to++ = ':';
    }
    advance(emit->out, to);
}

void emit_open(struct emit *emit, const char *key, char bracket)
{
    append_key(emit, key);
    buffer_u8(emit->out, (uint8_t)bracket);
    emit->more = false;
}

void emit_close(struct emit *emit, char bracket)
{
    buffer_u8(emit->out, (uint8_t)bracket);
    emit->more = true;
}

static void append_word(struct emit *emit, const char *key, const char *word)
{
    append_key(emit, key);
    buffer_text(emit->out, word);
}

void emit_null(struct emit *emit, const char *key)
{
    append_word(emit, key, "null");
}

void emit_flag(struct emit *emit, const char *key, bool flag)
{
    append_word(emit, key, flag ? "true" : "false");
}

void emit_known(struct emit *emit, const char *key, enum trace_known known)
{
    if (known == TRACE_UNKNOWN) {
        emit_null(emit, key);
    } else {
        emit_flag(emit, key, known == TRACE_YES);
    }
}

/* ---- numbers ---- */

static void append_number(struct buffer *out, uint64_t number)
{
    char text[20];
    size_t at = sizeof text;

    do {
        text[--at] = digits[number % 10];
        number /= 10;
    } while (number > 0);
    buffer_append(out, text + at, sizeof text - at);
}

void emit_number(struct emit *emit, const char *key, uint64_t number)
{
    append_key(emit, key);
    append_number(emit->out, number);
}

void emit_milliseconds(struct emit *emit, const char *key, int64_t ns)
{
    if (ns < 0) {
        emit_null(emit, key);
        return;
    }
    uint64_t us = ((uint64_t)ns + 500) / 1000;
    char fraction[] = {'.', digits[us / 100 % 10], digits[us / 10 % 10], digits[us % 10]};
    size_t length = sizeof fraction;

    while (length > 2 && fraction[length - 1] == '0') {
        length--;
    }
    append_key(emit, key);
    append_number(emit->out, us / 1000);
    buffer_append(emit->out, fraction, length);
}

void emit_id(struct emit *emit, const char *key, uint16_t id)
{
    char text[] = {'"',
                   '0',
                   'x',
                   digits[id >> 12],
                   digits[id >> 8 & 15],
                   digits[id >> 4 & 15],
                   digits[id & 15],
                   '"',
                   '\0'};
    append_word(emit, key, text);
}

void emit_named(struct emit *emit, const char *key, bool known, enum wire_registry registry,
                uint16_t id)
{
    char name[80];

    if (!known) {
        emit_null(emit, key);
        return;
    }
    emit_open(emit, key, '{');
    emit_text(emit, "name", wire_registry_text(name, sizeof name, registry, id));
    emit_id(emit, "id", id);
    emit_close(emit, '}');
}

void emit_time(struct emit *emit, const char *key, int64_t seconds)
{
    char text[40];
    emit_text(emit, key, time_rfc3339(text, sizeof text, seconds));
}

/* ---- strings ---- */

/* "\u202e"; beyond 16 bits as two surrogates (RFC 8259 7). */
static void append_escape(struct buffer *out, uint32_t code_point)
{
    if (code_point >= 0x10000) {
        append_escape(out, 0xd800 + ((code_point - 0x10000) >> 10));
        code_point = 0xdc00 + ((code_point - 0x10000) & 0x3ff);
    }
    char text[] = {'\\',
                   'u',
                   digits[code_point >> 12 & 15],
                   digits[code_point >> 8 & 15],
                   digits[code_point >> 4 & 15],
                   digits[code_point & 15]};
    buffer_append(out, text, sizeof text);
}

static inline bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

/* One character that cannot stand as it is. Returns how many bytes it took. */
static size_t append_character(struct buffer *out, const char *text, size_t length)
{
    uint32_t code_point = 0;
    size_t taken = text_utf8_decode(text, length, &code_point);

    if (taken == 0) {
        uint8_t byte = (uint8_t)text[0];
        const char bytes[] = {'\\', '\\', 'x', digits[byte >> 4], digits[byte & 15]};
        buffer_append(out, bytes, sizeof bytes);
        return 1;
    }
    if (code_point == '"' || code_point == '\\') {
        buffer_u8(out, '\\');
        buffer_append(out, text, taken);
    } else if (code_point == '\n') {
        buffer_append(out, "\\n", 2);
    } else if (text_is_safe(code_point)) {
        buffer_append(out, text, taken);
    } else {
        append_escape(out, code_point);
    }
    return taken;
}

/* Copies as far as it is plain; returns how far that is. */
static size_t append_plain(struct buffer *out, const char *text, size_t length)
{
    uint8_t *to = room_for(out, length);
    size_t i = 0;

    if (to == NULL) {
        return length; /* nothing more gets in */
    }
    for (; i < length && is_plain((uint8_t)text[i]); i++) {
        to[i] = (uint8_t)text[i];
    }
    advance(out, to + i);
    return i;
}

void emit_bytes_text(struct emit *emit, const char *key, const void *bytes, size_t length)
{
    const char *text = bytes;

    append_key(emit, key);
    buffer_u8(emit->out, '"');
    for (size_t i = append_plain(emit->out, text, length); i < length;) {
        i += append_character(emit->out, text + i, length - i);
        i += append_plain(emit->out, text + i, length - i);
    }
    buffer_u8(emit->out, '"');
}

void emit_text(struct emit *emit, const char *key, const char *text)
{
    if (text == NULL) {
        emit_null(emit, key);
    } else {
        emit_bytes_text(emit, key, text, strlen(text));
    }
}

void emit_text_or_null(struct emit *emit, const char *key, const char *text)
{
    emit_text(emit, key, text != NULL && text[0] != '\0' ? text : NULL);
}

void emit_text_given(struct emit *emit, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0') {
        emit_text(emit, key, text);
    }
}

void emit_text_raw(struct emit *emit, const char *key, const char *text)
{
    char raw[64];

    emit_text(emit, key, text);
    if (text == NULL || text_is_utf8(text, strlen(text))) {
        return;
    }
    (void)snprintf(raw, sizeof raw, "%s_raw", key); /* keys are short constants of ours */
    emit_hex(emit, raw, text, strlen(text));
}

void emit_hex(struct emit *emit, const char *key, const void *data, size_t length)
{
    const uint8_t *bytes = data;
    size_t size;

    append_key(emit, key);
    if (!size_multiply(length, 2, &size) || !size_add(size, 2, &size) ||
        !buffer_reserve(emit->out, size)) {
        emit->out->failed = true;
        return;
    }
    uint8_t *to = emit->out->data + emit->out->length;
    *to++ = '"';
    for (size_t i = 0; i < length; i++) {
        *to++ = (uint8_t)digits[bytes[i] >> 4];
        *to++ = (uint8_t)digits[bytes[i] & 15];
    }
    *to = '"';
    emit->out->length += size;
}

json_t *emit_parse(struct buffer *out)
{
    json_t *json = NULL;

    if (!out->failed) {
        json = json_loadb((const char *)out->data, out->length, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                          NULL);
    }
    buffer_free(out);
    return json;
}
