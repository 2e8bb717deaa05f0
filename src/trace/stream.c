/* From the bytes of one direction to its records, however the bytes were cut into events. */
#include "stream.h"

#include <stdlib.h>

#include "foreign.h"
#include "log.h"

/* A record has bytes in the event at work: these must stay. */
static void hold_event(struct trace *trace)
{
    log_entry(trace, trace->transcript.now - 1)->holders++;
}

/* Adds a record that ends with the event at work. */
static struct record *add_record(struct trace *trace, struct direction *direction,
                                 enum record_kind kind)
{
    struct transcript *transcript = &trace->transcript;
    struct record *record = list_add(&direction->records);

    if (record == NULL) {
        return NULL;
    }
    record->kind = kind;
    record->order = transcript->order++;
    record->wire_event = transcript->now;
    record->read_event = SIZE_MAX;
    record->time_ns = transcript->now_ns;
    record->first_event = transcript->now - 1;
    return record;
}

static void set_bytes(struct record *record, const uint8_t *bytes, size_t length)
{
    record->bytes = bytes;
    record->length = (uint32_t)length;
    record->content_type = length > 0 ? bytes[0] : 0;
    record->inner_type = record->content_type;
}

/* Turns what has been gathered into a record. */
static int finish_partial(struct trace *trace, struct direction *direction, enum record_kind kind)
{
    struct record *record = add_record(trace, direction, kind);
    if (record == NULL) {
        return -1;
    }
    record->copy = direction->partial.data;
    record->first_event = direction->partial_event;
    set_bytes(record, record->copy, direction->partial.length);
    trace->transcript.waiting_bytes += record->length;
    direction->partial = (struct buffer){0};
    return 0;
}

/* A record that stands in one event needs no copy. */
static int add_whole(struct trace *trace, struct direction *direction, const uint8_t *bytes,
                     size_t length)
{
    struct record *record = add_record(trace, direction, RECORD_WHOLE);
    if (record == NULL) {
        return -1;
    }
    hold_event(trace);
    set_bytes(record, bytes, length);
    trace->transcript.waiting_bytes += length;
    return 0;
}

/* TLS has ended, or never was there: everything from here on belongs to one row. */
static int break_off(struct trace *trace, struct direction *direction, enum wire_parse why,
                     const struct wire_record *header)
{
    if (add_record(trace, direction, RECORD_FOREIGN) == NULL) {
        return -1;
    }
    foreign_begin(direction, why, header);
    return foreign_append(direction, direction->partial.data, direction->partial.length);
}

/* An event that had lost its bytes before it was saved: the records that they were part of, and
 * with them the place in the key stream, are gone. */
static int break_at_gap(struct trace *trace, struct direction *direction)
{
    if (direction->foreign.begun) {
        return 0;
    }
    foreign_begin_gap(direction);
    buffer_free(&direction->partial);
    return add_record(trace, direction, RECORD_FOREIGN) != NULL ? 0 : -1;
}

/* How many bytes the partial record needs before it can be looked at again. */
static size_t wanted_bytes(const struct direction *direction, const struct wire_record *header)
{
    size_t have = direction->partial.length;
    return have < WIRE_RECORD_HEADER ? WIRE_RECORD_HEADER - have
                                     : (size_t)WIRE_RECORD_HEADER + header->length - have;
}

/* Goes on with the partial record. Moves `reader` past what it took. */
static int continue_partial(struct trace *trace, struct direction *direction, struct reader *reader)
{
    struct buffer *partial = &direction->partial;
    struct wire_record header;

    (void)wire_record_parse(partial->data, partial->length, &header); /* so far it is one */
    size_t take = wanted_bytes(direction, &header);
    if (take > reader_left(reader)) {
        take = reader_left(reader);
    }
    buffer_append(partial, reader_bytes(reader, take), take);
    if (partial->failed) {
        return -1;
    }
    hold_event(trace);
    enum wire_parse parse = wire_record_parse(partial->data, partial->length, &header);
    switch (parse) {
    case WIRE_COMPLETE:
        return finish_partial(trace, direction, RECORD_WHOLE);
    case WIRE_NEED_MORE:
        return 0;
    default:
        if (break_off(trace, direction, parse, &header) != 0) {
            return -1;
        }
        buffer_free(partial);
        return 0;
    }
}

/* Begins the next record. */
static int begin_record(struct trace *trace, struct direction *direction, struct reader *reader)
{
    const uint8_t *data = reader->data + reader->offset;
    size_t left = reader_left(reader);
    struct wire_record header;
    enum wire_parse parse = wire_record_parse(data, left, &header);

    switch (parse) {
    case WIRE_COMPLETE: {
        size_t length = (size_t)WIRE_RECORD_HEADER + header.length;
        return add_whole(trace, direction, reader_bytes(reader, length), length);
    }
    case WIRE_NEED_MORE:
        hold_event(trace);
        direction->partial_event = trace->transcript.now - 1;
        buffer_append(&direction->partial, reader_bytes(reader, left), left);
        return direction->partial.failed ? -1 : 0;
    default:
        return break_off(trace, direction, parse, &header);
    }
}

int stream_append(struct trace *trace, struct direction *direction)
{
    const struct trace_event *event = trace_event_at(trace, trace->transcript.now - 1);
    struct reader reader = reader_new(event->data, event->length);

    if (event->dropped > 0 && break_at_gap(trace, direction) != 0) {
        return -1;
    }
    while (reader_left(&reader) > 0) {
        size_t left = reader_left(&reader);
        if (direction->foreign.begun) {
            return foreign_take(trace, direction, reader_bytes(&reader, left), left);
        }
        int result = direction->partial.length > 0 ? continue_partial(trace, direction, &reader)
                                                   : begin_record(trace, direction, &reader);
        if (result != 0) {
            return -1;
        }
    }
    return 0;
}

int stream_end(struct trace *trace, struct direction *direction)
{
    if (direction->ended) {
        return 0;
    }
    direction->ended = true;
    if (direction->foreign.begun) {
        return 0;
    }
    return finish_partial(trace, direction, RECORD_END);
}
