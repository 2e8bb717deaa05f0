/* The growable buffer. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

/* realloc may leave a copy behind in freed memory: secrets are moved by hand and wiped. */
static uint8_t *grow_secret(struct buffer *buffer, size_t count)
{
    size_t capacity = 0;
    uint8_t *moved = array_grow(NULL, &capacity, count, 1);

    if (moved == NULL) {
        return NULL;
    }
    if (buffer->length > 0) {
        memcpy(moved, buffer->data, buffer->length);
    }
    secret_free(buffer->data, buffer->capacity);
    buffer->capacity = capacity;
    return moved;
}

static uint8_t *grow(struct buffer *buffer, size_t count)
{
    return buffer->secret ? grow_secret(buffer, count)
                          : array_grow(buffer->data, &buffer->capacity, count, 1);
}

static inline bool has_room(const struct buffer *buffer, size_t count)
{
    return !buffer->failed && count <= buffer->capacity - buffer->length;
}

bool buffer_reserve(struct buffer *buffer, size_t count)
{
    size_t wanted;
    uint8_t *moved;

    if (buffer->failed) {
        return false;
    }
    if (count <= buffer->capacity - buffer->length) {
        return true;
    }
    moved = size_add(buffer->length, count, &wanted) ? grow(buffer, wanted) : NULL;
    if (moved == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = moved;
    return true;
}

void buffer_append(struct buffer *buffer, const void *data, size_t count)
{
    if (count > 0 && (has_room(buffer, count) || buffer_reserve(buffer, count))) {
        memcpy(buffer->data + buffer->length, data, count);
        buffer->length += count;
    }
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
    if (has_room(buffer, 1) || buffer_reserve(buffer, 1)) {
        buffer->data[buffer->length++] = value;
    }
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    buffer_append(buffer, bytes, sizeof bytes);
}

void buffer_u24(struct buffer *buffer, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    buffer_append(buffer, bytes, sizeof bytes);
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                             (uint8_t)value};
    buffer_append(buffer, bytes, sizeof bytes);
}

void buffer_text(struct buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;
    size_t room = 128; /* most lines fit at the first try */
    int wanted;

    for (;;) {
        if (!buffer_reserve(buffer, room)) {
            return;
        }
        va_start(arguments, format);
        wanted = vsnprintf((char *)buffer->data + buffer->length, room, format, arguments);
        va_end(arguments);
        if (wanted < 0) {
            buffer->failed = true;
            return;
        }
        if ((size_t)wanted < room) {
            buffer->length += (size_t)wanted;
            return;
        }
        room = (size_t)wanted + 1;
    }
}

void buffer_consume(struct buffer *buffer, size_t count)
{
    if (count >= buffer->length) {
        buffer->length = 0;
        return;
    }
    if (count > 0) {
        memmove(buffer->data, buffer->data + count, buffer->length - count);
        buffer->length -= count;
    }
}

const char *buffer_string(struct buffer *buffer)
{
    if (!buffer_reserve(buffer, 1)) {
        return NULL;
    }
    buffer->data[buffer->length] = '\0';
    return (const char *)buffer->data;
}

char *buffer_take_string(struct buffer *buffer)
{
    char *text = NULL;

    if (buffer_string(buffer) != NULL) {
        text = (char *)buffer->data;
        buffer->data = NULL;
    }
    buffer_free(buffer);
    return text;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_wipe_free(struct buffer *buffer)
{
    secret_free(buffer->data, buffer->capacity);
    *buffer = (struct buffer){0};
}
