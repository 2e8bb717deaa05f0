/* Bytes that have arrived and that GnuTLS has not asked for yet. */
#include <stdlib.h>
#include <string.h>

#include "backlog.h"

#define BACKLOG_START ((size_t)16 << 10) /* a flight of a handshake fits */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t engine_backlog_room(const struct engine_backlog *backlog)
{
    return ENGINE_BACKLOG_MAX - backlog->length;
}

static bool grow(struct engine_backlog *backlog, size_t wanted)
{
    size_t capacity = backlog->capacity > 0 ? backlog->capacity : BACKLOG_START;
    uint8_t *data;

    while (capacity < wanted) {
        capacity *= 2; /* ends: wanted is at most ENGINE_BACKLOG_MAX */
    }
    data = malloc(capacity);
    if (data == NULL) {
        return false;
    }
    (void)engine_backlog_peek(backlog, data, backlog->length); /* all of it fits */
    free(backlog->data);
    backlog->data = data;
    backlog->capacity = capacity;
    backlog->first = 0;
    return true;
}

bool engine_backlog_add(struct engine_backlog *backlog, const void *data, size_t count)
{
    size_t wanted = backlog->length + count;
    size_t end, until_wrap;

    if (count == 0) {
        return true;
    }
    if (wanted > backlog->capacity && !grow(backlog, wanted)) {
        return false;
    }
    end = (backlog->first + backlog->length) & (backlog->capacity - 1);
    until_wrap = smaller(count, backlog->capacity - end);
    memcpy(backlog->data + end, data, until_wrap);
    memcpy(backlog->data, (const uint8_t *)data + until_wrap, count - until_wrap);
    backlog->length = wanted;
    return true;
}

size_t engine_backlog_peek(const struct engine_backlog *backlog, void *out, size_t count)
{
    size_t until_wrap;

    count = smaller(count, backlog->length);
    if (count == 0) {
        return 0;
    }
    until_wrap = smaller(count, backlog->capacity - backlog->first);
    memcpy(out, backlog->data + backlog->first, until_wrap);
    memcpy((uint8_t *)out + until_wrap, backlog->data, count - until_wrap);
    return count;
}

size_t engine_backlog_take(struct engine_backlog *backlog, void *out, size_t count)
{
    count = engine_backlog_peek(backlog, out, count);
    if (count > 0) {
        backlog->first = (backlog->first + count) & (backlog->capacity - 1);
        backlog->length -= count;
    }
    return count;
}

void engine_backlog_free(struct engine_backlog *backlog)
{
    free(backlog->data);
    *backlog = (struct engine_backlog){0};
}
