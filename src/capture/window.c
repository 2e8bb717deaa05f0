/* Moving a window. */
#include "window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AHEAD_LEAST ((size_t)4 * 1024)
#define AHEAD_MOST  ((size_t)256 * 1024)

void window_begin(struct window *window, struct source *source)
{
    *window = (struct window){.fd = source->fd, .source = source, .ahead = AHEAD_MOST};
}

void window_begin_beside(struct window *window, const struct source *source)
{
    *window = (struct window){.fd = source->fd, .ahead = AHEAD_LEAST};
}

void window_free(struct window *window)
{
    free(window->data);
    window->data = NULL;
    window->capacity = 0;
    window->length = 0;
}

/* Grows, and gives back what one large block took. */
static bool make_room(struct window *window, size_t wanted)
{
    bool oversized = window->capacity > 4 * AHEAD_MOST && wanted <= AHEAD_MOST;

    if (window->capacity >= wanted && !oversized) {
        return true;
    }
    uint8_t *data = realloc(window->data, wanted);
    if (data == NULL) {
        errno = ENOMEM;
        return false;
    }
    window->data = data;
    window->capacity = wanted;
    return true;
}

/* Bytes of the file into the window, as many as there are. */
static enum window_state read_file(struct window *window, size_t wanted)
{
    while (window->length < wanted) {
        ssize_t got = pread(window->fd, window->data + window->length, wanted - window->length,
                            (off_t)(window->offset + window->length));
        if (got < 0 && errno != EINTR) {
            return WINDOW_ERROR;
        }
        if (got == 0) {
            return WINDOW_END;
        }
        window->length += got > 0 ? (size_t)got : 0;
    }
    return WINDOW_OK;
}

/* Reading on doubles what is read at once; a jump halves it. */
static void adapt(struct window *window, uint64_t offset)
{
    uint64_t end = window->offset + window->length;

    if (offset >= window->offset && offset <= end) {
        window->ahead = window->ahead * 2 <= AHEAD_MOST ? window->ahead * 2 : AHEAD_MOST;
    } else {
        window->ahead = window->ahead / 2 >= AHEAD_LEAST ? window->ahead / 2 : AHEAD_LEAST;
    }
}

/* A file says how much it has; the allocation follows that and not a claimed length. */
static enum window_state fill_from_file(struct window *window, uint64_t offset, size_t length)
{
    struct source *source = window->source;

    while (source != NULL && !source->complete && offset + length > source->size) {
        switch (source_more(source)) {
        case SOURCE_MORE:
        case SOURCE_END:
            break;
        case SOURCE_WAIT:
            return WINDOW_WAIT;
        case SOURCE_ERROR:
            return WINDOW_ERROR;
        }
    }
    if (source != NULL && source->complete &&
        (offset > source->size || length > source->size - offset)) {
        return WINDOW_END;
    }
    if (source == NULL || source->input == NULL) {
        adapt(window, offset);
    }
    size_t wanted = length > window->ahead ? length : window->ahead;
    window->length = 0;
    window->offset = offset;
    if (!make_room(window, wanted)) {
        return WINDOW_ERROR;
    }
    if (read_file(window, wanted) == WINDOW_ERROR) {
        return WINDOW_ERROR;
    }
    return window->length >= length ? WINDOW_OK : WINDOW_END;
}

/* Forgets what lies before `offset`. */
static void forget(struct window *window, uint64_t offset)
{
    uint64_t before = offset - window->offset;
    size_t drop = before < window->length ? (size_t)before : window->length;

    if (drop > 0) {
        memmove(window->data, window->data + drop, window->length - drop);
    }
    window->length -= drop;
    window->offset += drop;
}

/* Bytes come once: the buffer grows as they do. */
static enum window_state fill_from_input(struct window *window, uint64_t offset, size_t length)
{
    for (;;) {
        size_t got = 0;
        forget(window, offset);
        if (window->offset == offset && window->length >= length) {
            return WINDOW_OK;
        }
        if (!make_room(window, window->length + AHEAD_MOST / 2)) {
            return WINDOW_ERROR;
        }
        switch (input_read(window->source->input, window->data + window->length,
                           window->capacity - window->length, &got)) {
        case INPUT_BYTES:
            window->length += got;
            break;
        case INPUT_WAIT:
            return WINDOW_WAIT;
        case INPUT_END:
            return WINDOW_END;
        case INPUT_ERROR:
            return WINDOW_ERROR;
        }
    }
}

enum window_state window_fill(struct window *window, uint64_t offset, size_t length)
{
    return window->fd >= 0 ? fill_from_file(window, offset, length)
                           : fill_from_input(window, offset, length);
}
