/* From the bytes of one direction to its records. */
#ifndef TRACE_STREAM_H
#define TRACE_STREAM_H

#include "record.h"
#include "tlstep/trace.h"

/* Bytes of one event, or what is left of them. */
struct piece {
    struct reader bytes;
    size_t event;   /* index */
    uint64_t order; /* of arrival, over both directions */
};

/* Takes in the bytes of the event at the end of the log. 0, or -1: out of memory. */
int stream_append(struct trace *trace, struct direction *direction);

/* `lost` bytes of the direction are missing here: the event at the end of the log. */
int stream_gap(struct trace *trace, struct direction *direction, uint64_t lost);

/* The direction has ended: what is there of a record stays a part of one. */
int stream_end(struct trace *trace, struct direction *direction);

/* The dialogue in clear text that a phase was about is over: TLS follows. */
int stream_end_dialogue(struct trace *trace);

/* ---- for hold.c -------------------------------------------------------------------------------- */

/* Takes in bytes of a direction that is known to carry records (or something else for good). */
int stream_take(struct trace *trace, struct direction *direction, struct piece *piece);

/* A new record that ends in the piece. NULL: out of memory. */
struct record *stream_add_record(struct trace *trace, struct direction *direction,
                                 enum record_kind kind, const struct piece *piece);

/* From the piece on the direction does not carry TLS; the row has `problem` (static), or NULL where there never was any. */
int stream_break(struct trace *trace, struct direction *direction, const struct piece *piece,
                 const char *problem);

#endif
