/* From the bytes of one direction to its records. */
#ifndef TRACE_STREAM_H
#define TRACE_STREAM_H

#include "record.h"
#include "tlstep/trace.h"

/* Takes in the bytes of the event at the end of the log. 0, or -1: out of memory. */
int stream_append(struct trace *trace, struct direction *direction);

/* The direction has ended: what is there of a record stays a part of one. */
int stream_end(struct trace *trace, struct direction *direction);

#endif
