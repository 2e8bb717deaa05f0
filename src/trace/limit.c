/* The bound on application data. */
#include "limit.h"

#include <stdlib.h>

#include "log.h"
#include "row.h"

/* What hold.c has made a record of keeps no event. */
static bool holds_events(const struct record *record)
{
    return record->kind != RECORD_TEXT && record->kind != RECORD_FRAGMENT;
}

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
    for (size_t i = record->first_event; holds_events(record) && i < record->wire_event; i++) {
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
    while (transcript->kept > transcript->limit) {
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

/* ---- the bound on rows -------------------------------------------------------------------------------- */

bool limit_rows_full(const struct trace *trace)
{
    const struct transcript *transcript = &trace->transcript;
    const struct direction *directions = transcript->directions;

    return transcript->full || transcript->rows.count >= ROW_MAX ||
           directions[0].records.count + directions[1].records.count > RECORD_MAX;
}

/* The row that says so. */
static int add_note(struct trace *trace, enum wire_side from)
{
    const struct trace_row shape = {
        .layer = TRACE_LAYER_TCP,
        .from = from,
        .type = "More",
        .observed = true,
        .dropped = true,
        .problem = "what follows is counted, but its rows are not kept: there are too many",
        .time_ns = trace->transcript.now_ns,
        .queued_event = SIZE_MAX,
        .wire_event = trace->transcript.now,
    };
    return row_add(trace, &shape) != NULL ? 0 : -1;
}

int limit_count_row(struct trace *trace, enum wire_side from, size_t data)
{
    struct list *overflows = &trace->transcript.overflows;
    struct overflow *last = overflows->count > 0 ? list_at(overflows, overflows->count - 1) : NULL;

    if (last == NULL && add_note(trace, from) != 0) {
        return -1;
    }
    if (last == NULL || last->event != trace->transcript.now) {
        struct overflow so_far = last != NULL ? *last : (struct overflow){0};
        last = list_add(overflows);
        if (last == NULL) {
            return -1;
        }
        *last = so_far;
        last->event = trace->transcript.now;
    }
    last->rows++;
    last->data[from] += data;
    return 0;
}

static bool counted_by(const void *element, size_t cursor)
{
    return ((const struct overflow *)element)->event <= cursor;
}

struct overflow limit_counted(const struct trace *trace, size_t cursor)
{
    const struct list *overflows = &trace->transcript.overflows;
    size_t index = list_search(overflows, counted_by, cursor);

    return index > 0 ? *(const struct overflow *)list_at(overflows, index - 1)
                     : (struct overflow){0};
}

void limit_trim(struct trace *trace, struct direction *direction)
{
    struct list *records = &direction->records;

    if (!limit_rows_full(trace)) {
        return;
    }
    trace->transcript.full = true; /* and stays so, with fewer records */
    while (records->count > direction->used_records && direction->next == records->count) {
        direction->trimmed = true;
        drop_record(trace, direction, list_at(records, records->count - 1));
        list_remove_last(records);
        direction->next--;
    }
    if (direction->message_record > records->count) {
        direction->message_record = records->count; /* of a message that will have no row */
    }
}

uint64_t trace_dropped(const struct trace *trace)
{
    return trace->transcript.dropped;
}
