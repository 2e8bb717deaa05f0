/* The bound on application data. */
#include "limit.h"

#include <stdlib.h>

#include "log.h"
#include "row.h"

/* The record no longer needs its bytes; an event that no record needs lets go of them. */
static void drop_record(struct trace *trace, struct direction *direction, struct record *record)
{
    if (record->bytes == NULL) {
        return;
    }
    secret_free(record->plaintext, record->plaintext_length);
    free(record->copy);
    record->plaintext = NULL;
    record->copy = NULL;
    record->bytes = NULL;
    for (size_t i = record->first_event; i < record->wire_event; i++) {
        struct log_entry *entry = log_entry(trace, i);
        bool touched = entry->event.kind == TRACE_BYTES && entry->event.from == direction->side &&
                       entry->event.length > 0 && entry->holders > 0;
        if (touched && --entry->holders == 0) {
            log_drop_data(entry);
        }
    }
}

static void drop_row(struct trace *trace, struct row *row)
{
    struct direction *direction = &trace->transcript.directions[row->public.from];

    for (size_t i = 0; i < row->record_count; i++) {
        drop_record(trace, direction, list_at(&direction->records, row->first_record + i));
    }
    if (row->public.queued_event != SIZE_MAX) {
        log_drop_data(log_entry(trace, row->queued_index));
    }
    row->content = NULL;
    row->content_length = 0;
    row->public.dropped = true;
}

static void drop_oldest(struct trace *trace)
{
    struct transcript *transcript = &trace->transcript;
    struct droppable *oldest = list_at(&transcript->droppable, transcript->droppable_first++);

    if (oldest->row != NULL) {
        drop_row(trace, oldest->row);
    } else if (log_entry(trace, oldest->event)->holders == 0) {
        log_drop_data(log_entry(trace, oldest->event));
    }
    transcript->kept -= oldest->length;
    transcript->dropped += oldest->length;
}

static int keep(struct trace *trace, struct droppable what)
{
    struct transcript *transcript = &trace->transcript;
    struct droppable *droppable = list_add(&transcript->droppable);

    if (droppable == NULL) {
        return -1;
    }
    *droppable = what;
    transcript->kept += what.length;
    while (transcript->kept > TRACE_DATA_LIMIT) {
        drop_oldest(trace);
    }
    return 0;
}

int limit_keep_row(struct trace *trace, struct row *row)
{
    return keep(trace, (struct droppable){.row = row, .length = row->public.length});
}

int limit_keep_event(struct trace *trace, size_t event, size_t length)
{
    return keep(trace, (struct droppable){.event = event, .length = length});
}

uint64_t trace_dropped(const struct trace *trace)
{
    return trace->transcript.dropped;
}
