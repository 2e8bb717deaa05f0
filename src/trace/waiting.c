/* Records that cannot be read at a cursor, but may be later. */
#include "log.h"

static bool read_by(const void *element, size_t cursor)
{
    const struct record *record = element;
    return record->read_event <= cursor;
}

static bool crossed_by(const void *element, size_t cursor)
{
    const struct record *record = element;
    return record->wire_event <= cursor;
}

/* The records of a direction that wait at a cursor. Each is read after the one before it. */
struct span {
    const struct list *records;
    size_t next;
    size_t end;
};

static struct span waiting_span(const struct direction *direction, size_t cursor)
{
    return (struct span){
        .records = &direction->records,
        .next = list_search(&direction->records, read_by, cursor),
        .end = list_search(&direction->records, crossed_by, cursor),
    };
}

/* The next record of a span that is one; NULL at its end. */
static const struct record *peek(struct span *span)
{
    for (; span->next < span->end; span->next++) {
        const struct record *record = list_at(span->records, span->next);
        if (record->kind == RECORD_WHOLE) {
            return record;
        }
    }
    return NULL;
}

size_t trace_waiting(const struct trace *trace, size_t cursor, struct trace_waiting *out,
                     size_t max)
{
    struct span spans[2] = {
        waiting_span(&trace->transcript.directions[WIRE_CLIENT], cursor),
        waiting_span(&trace->transcript.directions[WIRE_SERVER], cursor),
    };
    size_t count = 0;

    for (;;) {
        const struct record *client = peek(&spans[WIRE_CLIENT]);
        const struct record *server = peek(&spans[WIRE_SERVER]);
        if (client == NULL && server == NULL) {
            return count;
        }
        bool client_first = server == NULL || (client != NULL && client->order < server->order);
        enum wire_side from = client_first ? WIRE_CLIENT : WIRE_SERVER;
        const struct record *record = client_first ? client : server;
        if (count < max) {
            out[count] = (struct trace_waiting){
                .from = from,
                .time_ns = record->time_ns,
                .length = record->length - WIRE_RECORD_HEADER,
            };
        }
        count++;
        spans[from].next++;
    }
}
