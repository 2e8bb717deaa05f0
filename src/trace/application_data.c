/* Application data of one side, as it was sent. */
#include "limit.h"
#include "log.h"
#include "row.h"

/* A row of this side that carries data, or could have. */
static bool carries(const struct trace_row *row, enum wire_side from)
{
    return row->from == from && row->layer == TRACE_LAYER_TLS &&
           row->content_type == WIRE_APPLICATION_DATA;
}

static bool is_gap(const struct row *row)
{
    return row->public.layer == TRACE_LAYER_TCP && row->public.type[0] == 'G';
}

bool trace_application_data(const struct trace *trace, size_t cursor, enum wire_side from,
                            size_t limit, struct buffer *out)
{
    const struct list *crossings = &trace->transcript.crossings;
    size_t start = out->length;
    bool whole = limit_counted(trace, cursor).data[from] == 0;

    for (size_t i = 0; i < crossings->count; i++) {
        const struct crossing *crossing = list_at(crossings, i);
        const struct row *row = row_at(trace, crossing->n - 1);
        if (crossing->event > cursor) {
            break;
        }
        if (is_gap(row) && row->public.from == from) {
            whole = false;
        }
        if (!carries(&row->public, from)) {
            continue;
        }
        size_t room = limit - (out->length - start);
        bool readable = row->content != NULL && !row->foreign;
        size_t take = !readable ? 0 : row->content_length < room ? row->content_length : room;
        if (take > 0) {
            buffer_append(out, row->content, take);
        }
        /* Rows without any content are empty, or not readable. */
        whole = whole && (readable ? take == row->content_length : row->public.length == 0);
    }
    return whole && !out->failed;
}
