/* The bound on application data: what is beyond TRACE_DATA_LIMIT is dropped, oldest first. */
#ifndef TRACE_LIMIT_H
#define TRACE_LIMIT_H

#include "record.h"
#include "tlstep/trace.h"

/* Bytes that may be dropped later: those of a row, or of an event that belongs to no record. */
struct droppable {
    struct row *row; /* NULL: the event */
    size_t event;    /* index */
    size_t length;
};

/* Both return 0, or -1: out of memory. */
int limit_keep_row(struct trace *trace, struct row *row);
int limit_keep_event(struct trace *trace, size_t event, size_t length);

#endif
