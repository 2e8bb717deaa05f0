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

/* There are so many rows, or records, that no more rows are kept. */
bool limit_rows_full(const struct trace *trace);
/* Counts a row that is not kept, with the application data in it. 0, or -1: out of memory. */
int limit_count_row(struct trace *trace, enum wire_side from, size_t data);
/* What had been counted at a cursor. */
struct overflow limit_counted(const struct trace *trace, size_t cursor);
/* Lets go of records that have been read and that no row stands in. */
void limit_trim(struct trace *trace, struct direction *direction);

/* Both return 0, or -1: out of memory. */
int limit_keep_row(struct trace *trace, struct row *row);
int limit_keep_event(struct trace *trace, size_t event, size_t length);

#endif
