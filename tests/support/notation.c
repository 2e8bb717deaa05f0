/* DER as text. */
#include "notation.h"

#include <stdlib.h>
#include <string.h>

static void mistake(const char *at)
{
    (void)fprintf(stderr, "no notation of DER: \"%.60s\"\n", at);
    abort();
}

static int digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;

    return found != NULL ? (int)(found - digits) : -1;
}

static void append_length(struct buffer *out, size_t length)
{
    if (length < 0x80) {
        buffer_u8(out, (uint8_t)length);
    } else if (length < 0x100) {
        buffer_u8(out, 0x81);
        buffer_u8(out, (uint8_t)length);
    } else if (length < 0x10000) {
        buffer_u8(out, 0x82);
        buffer_u16(out, (uint16_t)length);
    } else {
        buffer_u8(out, 0x83);
        buffer_u24(out, (uint32_t)length);
    }
}

void notation_append_value(struct buffer *out, uint8_t tag, const struct buffer *content)
{
    buffer_u8(out, tag);
    append_length(out, content->length);
    buffer_append(out, content->data, content->length);
    out->failed |= content->failed;
}

static const char *append_until(struct buffer *out, const char *text, char end);

/* A byte, or a value with its content. */
static const char *append_byte(struct buffer *out, const char *text)
{
    struct buffer content = {0};
    uint8_t byte;

    if (digit(text[0]) < 0 || digit(text[1]) < 0) {
        mistake(text);
    }
    byte = (uint8_t)(digit(text[0]) * 16 + digit(text[1]));
    text += 2;
    if (*text != '(') {
        buffer_u8(out, byte);
        return text;
    }
    text = append_until(&content, text + 1, ')');
    notation_append_value(out, byte, &content);
    buffer_free(&content);
    return text;
}

static const char *append_quoted(struct buffer *out, const char *text)
{
    const char *end = strchr(text, '\'');

    if (end == NULL) {
        mistake(text);
        return text;
    }
    buffer_append(out, text, (size_t)(end - text));
    return end + 1;
}

static const char *append_repeated(struct buffer *out, const char *text)
{
    struct buffer once = {0};
    char *rest;
    unsigned long count = strtoul(text, &rest, 10);

    text = append_until(&once, rest, ']');
    for (unsigned long i = 0; i < count; i++) {
        buffer_append(out, once.data, once.length);
    }
    out->failed |= once.failed;
    buffer_free(&once);
    return text;
}

/* Appends up to `end`, and returns what follows it. */
static const char *append_until(struct buffer *out, const char *text, char end)
{
    while (*text != end) {
        if (*text == ' ') {
            text++;
        } else if (*text == '\'') {
            text = append_quoted(out, text + 1);
        } else if (*text == '[') {
            text = append_repeated(out, text + 1);
        } else {
            text = append_byte(out, text);
        }
    }
    return end == '\0' ? text : text + 1;
}

void notation_append(struct buffer *out, const char *text)
{
    (void)append_until(out, text, '\0');
    if (out->failed) {
        abort();
    }
}

char *notation_hex(const void *bytes, size_t length)
{
    size_t size = 2 * length + 4;
    char *hex = malloc(size);

    if (hex == NULL) {
        abort();
    }
    return text_hex(hex, size, bytes, length);
}
