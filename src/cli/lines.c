#include "lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void lines_read(struct lines *lines)
{
    if (!buffer_reserve(&lines->pending, 4096)) {
        lines->ended = true;
        return;
    }
    ssize_t got = read(lines->fd, lines->pending.data + lines->pending.length, 4096);
    if (got > 0)
        lines->pending.length += (size_t)got;
    else if (got == 0 || (errno != EINTR && errno != EAGAIN))
        lines->ended = true;
}

bool lines_want_more(const struct lines *lines)
{
    return !lines->ended && lines->pending.length < LINES_READ_AHEAD;
}

char *lines_take(struct lines *lines)
{
    const struct buffer *pending = &lines->pending;
    const uint8_t *end = pending->length > 0 ? memchr(pending->data, '\n', pending->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - pending->data) : pending->length;
    bool whole =
        end != NULL || pending->length >= LINE_MAX_LENGTH || (lines->ended && pending->length > 0);
    if (!whole)
        return NULL;
    size_t used = length + (end != NULL);
    if (length > 0 && pending->data[length - 1] == '\r')
        length--;
    char *line = text_duplicate((const char *)pending->data, length);
    buffer_consume(&lines->pending, used);
    return line;
}

bool lines_hold(const struct lines *lines, const char *const *words)
{
    const uint8_t *start = lines->pending.data;
    size_t left = lines->pending.length;

    while (left > 0) {
        const uint8_t *end = memchr(start, '\n', left);
        if (end == NULL)
            return false;
        size_t length = (size_t)(end - start);
        for (const char *const *word = words; *word != NULL; word++)
            if (strlen(*word) == length && memcmp(start, *word, length) == 0)
                return true;
        left -= length + 1;
        start = end + 1;
    }
    return false;
}

void lines_free(struct lines *lines)
{
    buffer_free(&lines->pending);
}
