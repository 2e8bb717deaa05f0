/* Bytes that are not TLS: from the first one on, all of a direction goes into one row. */
#ifndef TRACE_FOREIGN_H
#define TRACE_FOREIGN_H

#include "record.h"
#include "tlstep/trace.h"

/* So many bytes can be looked at in the row; the others are only counted. */
#define FOREIGN_KEPT ((size_t)64 * 1024)

/* `why` the bytes cannot be a record, and what is known of its header. */
void foreign_begin(struct direction *direction, enum wire_parse why,
                   const struct wire_record *header);

/* Bytes are missing: they were dropped before the session was saved. */
void foreign_begin_gap(struct direction *direction);

/* More bytes. 0, or -1: out of memory. */
int foreign_append(struct direction *direction, const uint8_t *data, size_t length);

/* The same, from the event at work, whose bytes count as application data: they are dropped
 * when there are too many. */
int foreign_take(struct trace *trace, struct direction *direction, const uint8_t *data,
                 size_t length);

/* Makes the row, once everything before it has been read. */
int foreign_show(struct trace *trace, struct direction *direction, const struct record *record);

#endif
