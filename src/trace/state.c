/* Where a row stands at a cursor. */
#include "log.h"
#include "row.h"

/* Nothing more will come at this cursor. */
static bool is_over(const struct trace *trace, size_t cursor)
{
    return trace->transcript.finished && cursor >= trace->transcript.finished_event;
}

enum trace_row_state trace_row_state(const struct trace *trace, const struct trace_row *row,
                                     size_t cursor)
{
    enum wire_side local = trace->transcript.has_local ? trace->transcript.local : WIRE_CLIENT;

    if (row->shown_event > cursor) {
        return TRACE_ROW_HIDDEN;
    }
    if (row->wire_event > cursor) {
        return is_over(trace, cursor) ? TRACE_ROW_UNSENT : TRACE_ROW_QUEUED;
    }
    if (row->from == local) {
        return TRACE_ROW_SENT;
    }
    return row->processed_event <= cursor ? TRACE_ROW_PROCESSED : TRACE_ROW_ARRIVED;
}
