/* Bytes that are not TLS: from the first one on, all of a direction goes into one row. */
#ifndef TRACE_FOREIGN_H
#define TRACE_FOREIGN_H

#include "record.h"
#include "tlstep/trace.h"

/* So many bytes can be looked at in the row; the others are only counted. */
#define FOREIGN_KEPT ((size_t)64 * 1024)

/* Begins with `problem` (static), or NULL where there never was any TLS. */
void foreign_begin(struct direction *direction, const char *problem);

/* A record header claims more than TLS allows. */
void foreign_too_long(struct direction *direction, unsigned length);

/* More bytes. 0, or -1: out of memory. */
int foreign_append(struct direction *direction, const uint8_t *data, size_t length);

/* The same, from an event, whose bytes count as application data: they are dropped when there are
 * too many. */
int foreign_take(struct trace *trace, struct direction *direction, size_t event,
                 const uint8_t *data, size_t length);

/* Makes the row, once everything before it has been read. */
int foreign_show(struct trace *trace, struct direction *direction, const struct record *record);

#endif
