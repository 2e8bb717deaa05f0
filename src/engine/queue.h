/* The events on their way to the owner: a bounded ring and its wake-up descriptor. */
#ifndef TLSTEP_ENGINE_QUEUE_H
#define TLSTEP_ENGINE_QUEUE_H

#include "tlstep/trace.h"

/* Nothing in here locks: every call is made with the engine's lock held. */
struct engine_queue {
    struct trace_event *events; /* a ring of fixed size: putting needs no memory */
    size_t first;
    size_t count;
    size_t bytes;   /* of data and text in the ring */
    int wake_fd;    /* readable: the owner has something to take or to ask */
    bool signalled; /* wake_fd is readable */
    bool changed;   /* the state has changed since the owner found the queue empty */
    uint64_t put_total;
    uint64_t taken_total;
};

int engine_queue_init(struct engine_queue *queue, struct err *err);
void engine_queue_free(struct engine_queue *queue);

/* Whoever posts has to wait first. */
bool engine_queue_is_full(const struct engine_queue *queue);
/* Full no longer, by a margin: worth waking who waits. */
bool engine_queue_has_drained(const struct engine_queue *queue);

/* Takes the event. There must be room. */
void engine_queue_put(struct engine_queue *queue, struct trace_event *event);

/* False when there is none: the descriptor is then quiet until the next engine_queue_signal(). */
bool engine_queue_take(struct engine_queue *queue, struct trace_event *event);

/* Makes the descriptor readable when there is a reason and it is not yet. Called by a thread that
 * is about to wait, so that a burst of events costs the owner one wake-up. */
void engine_queue_signal(struct engine_queue *queue);

#endif
