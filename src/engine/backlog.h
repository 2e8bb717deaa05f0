/* Bytes that have arrived and that GnuTLS has not asked for yet: a ring that grows to a bound. */
#ifndef TLSTEP_ENGINE_BACKLOG_H
#define TLSTEP_ENGINE_BACKLOG_H

#include "tlstep/base.h"

/* The reader stops at so many and goes on when half of them are left. */
#define ENGINE_BACKLOG_MAX ((size_t)8 << 20)

/* Nothing in here locks: every call is made with the engine's lock held. Start with {0}. */
struct engine_backlog {
    uint8_t *data;
    size_t capacity; /* a power of two */
    size_t first;
    size_t length;
};

/* How many bytes may still be added. */
size_t engine_backlog_room(const struct engine_backlog *backlog);

/* Adds bytes; there must be room for them. False when memory ran out: nothing was added. */
bool engine_backlog_add(struct engine_backlog *backlog, const void *data, size_t count);

/* Copies up to `count` bytes from the front and leaves them there. Returns how many. */
size_t engine_backlog_peek(const struct engine_backlog *backlog, void *out, size_t count);

/* Moves up to `count` bytes from the front to `out`. Returns how many. */
size_t engine_backlog_take(struct engine_backlog *backlog, void *out, size_t count);

void engine_backlog_free(struct engine_backlog *backlog);

#endif
