/*
 * Bytes that are held until it is known what they are: those before the first record, which may be a
 * dialogue in clear text or the middle of a stream, and those behind a gap, where a record has to be found.
 */
#ifndef TRACE_HOLD_H
#define TRACE_HOLD_H

#include "stream.h"

/* True when a direction that has nothing yet begins in clear text, or may do so. */
bool hold_wanted(const struct trace *trace, const struct direction *direction,
                 const struct piece *piece);

/* Begins. After a gap `skip` bytes belong to the record that it was in. */
void hold_begin(struct direction *direction, enum hold_reason reason, size_t skip);

/* More bytes: all of the piece. 0, or -1: out of memory. */
int hold_take(struct trace *trace, struct direction *direction, struct piece *piece);

/* It has become known that a dialogue is held: what is held already may be lines of it. */
int hold_look_again(struct trace *trace, struct direction *direction);

/* Nothing more comes before a gap or the end of the stream: a record that could not be confirmed counts,
 * and everything else is let go as what it can be. */
int hold_flush(struct trace *trace, struct direction *direction, bool at_gap);

/* The other side has begun TLS, or the dialogue is over: what is held is clear text. */
int hold_settle(struct trace *trace, struct direction *direction);

void hold_free(struct hold *hold);

#endif
