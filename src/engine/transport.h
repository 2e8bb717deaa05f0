/* What GnuTLS reads and writes. */
#ifndef TLSTEP_ENGINE_TRANSPORT_H
#define TLSTEP_ENGINE_TRANSPORT_H

#include "state.h"

/* Gives the session its push, pull and pull-timeout functions. */
void engine_transport_attach(struct engine *engine);

enum engine_waited {
    ENGINE_INPUT,     /* more bytes are there, or the peer's stream has ended */
    ENGINE_TIMED_OUT, /* the patience is used up */
    ENGINE_ENDING,    /* engine_is_ending() */
};

/* Waits until the backlog holds more than `seen` bytes or the peer's stream has ended. Takes the
 * time that it waited from `patience_ns`. */
enum engine_waited engine_wait_for_input(struct engine *engine, size_t seen, int64_t *patience_ns);

/* Writes all of it, waiting for the socket at most as long as the patience lasts, and logs it. A peer that has hung up is no failure: what it said
 * before is worth more. 0, or -1 with `failure`, or because the session is to end. */
int engine_write(struct engine *engine, const uint8_t *data, size_t size);

/* What has arrived and has not been asked for. */
size_t engine_backlog_length(struct engine *engine);
size_t engine_backlog_look(struct engine *engine, uint8_t *out, size_t size);
void engine_backlog_drop(struct engine *engine, size_t count);

/*
 * The library is about to read the next record: waits for its header, tells what it is as far as
 * that can be seen from outside, and stops at a message that has no hook. Returns 0, or an errno
 * for GnuTLS: EAGAIN (data phase), ECANCELED, ETIMEDOUT or EPROTO, with `failure` set.
 */
int engine_record_begin(struct engine *engine);

#endif
