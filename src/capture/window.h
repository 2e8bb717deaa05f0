/*
 * A window over a capture's bytes, moved with pread(): a file that is cut while it is read
 * is no crash, as it would be with mmap(). Each reader has a window of its own.
 */
#ifndef CAPTURE_WINDOW_H
#define CAPTURE_WINDOW_H

#include "source.h"

enum window_state {
    WINDOW_OK,
    WINDOW_WAIT,  /* the pipe has nothing more for now */
    WINDOW_END,   /* the bytes end before */
    WINDOW_ERROR, /* errno says which; ENOMEM for memory */
};

struct window {
    int fd;                /* read at any place; -1: bytes are taken from the source's input once */
    struct source *source; /* may still grow; NULL: what is there is all */
    uint8_t *data;
    size_t capacity;
    uint64_t offset; /* of data[0] */
    size_t length;
    size_t ahead; /* bytes that are read at once: grows where reading goes straight on */
};

void window_begin(struct window *window, struct source *source);
/* Over what a source has now, for a reader beside it. */
void window_begin_beside(struct window *window, const struct source *source);
void window_free(struct window *window);

enum window_state window_fill(struct window *window, uint64_t offset, size_t length);

/* How many bytes from `offset` on are in the window already. */
static inline size_t window_there(const struct window *window, uint64_t offset)
{
    uint64_t skipped = offset - window->offset;

    return offset >= window->offset && skipped < window->length ? window->length - (size_t)skipped
                                                                : 0;
}

/* `length` bytes from `offset` on, borrowed until the next call. A source that is not kept
 * forgets what lies before `offset`. */
static inline enum window_state window_get(struct window *window, uint64_t offset, size_t length,
                                           const uint8_t **data)
{
    if (window_there(window, offset) < length) {
        enum window_state state = window_fill(window, offset, length);
        if (state != WINDOW_OK) {
            return state;
        }
    }
    *data = window->data + (offset - window->offset);
    return WINDOW_OK;
}

#endif
