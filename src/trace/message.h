/* From the content of records to messages. */
#ifndef TRACE_MESSAGE_H
#define TRACE_MESSAGE_H

#include "record.h"
#include "tlstep/trace.h"

/* Takes in a record whose content can be read: one row, or a piece of a handshake message, or
 * several messages. 0, or -1: out of memory. */
int message_take_record(struct trace *trace, struct direction *direction, size_t index);

/* The stream ends here: what there is of a record and of a handshake message becomes a row. */
int message_end(struct trace *trace, struct direction *direction, size_t index);

/* What there was of a record before a gap. */
int message_cut(struct trace *trace, struct direction *direction, size_t index);

/* Bytes are missing here: a row for the handshake message that is not whole, and one for the gap. */
int message_gap(struct trace *trace, struct direction *direction, size_t index);

#endif
