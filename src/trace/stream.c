/* From the bytes of one direction to its records, however the bytes were cut into events. */
#include "stream.h"

#include <stdlib.h>

#include "foreign.h"
#include "hold.h"
#include "log.h"
#include "sync.h"

/* A record has bytes in the event: these must stay. */
static void hold_event(struct trace *trace, const struct piece *piece)
{
    log_entry(trace, piece->event)->holders++;
}

struct record *stream_add_record(struct trace *trace, struct direction *direction,
                                 enum record_kind kind, const struct piece *piece)
{
    struct record *record = list_add(&direction->records);

    if (record == NULL) {
        return NULL;
    }
    record->kind = kind;
    record->order = piece->order;
    record->first_event = piece->event;
    record->wire_event = piece->event + 1;
    record->read_event = SIZE_MAX;
    record->time_ns = log_entry(trace, piece->event)->event.time_ns;
    record->header = WIRE_RECORD_HEADER;
    return record;
}

static void set_bytes(struct record *record, const uint8_t *bytes, size_t length)
{
    record->bytes = bytes;
    record->length = (uint32_t)length;
    record->content_type = length > 0 ? bytes[0] : 0;
    if ((record->content_type & 0x80) != 0) { /* only these records begin so */
        record->content_type = WIRE_SSL2_HELLO;
        record->header = 0;
    }
    record->inner_type = record->content_type;
}

/* Turns what has been gathered into a record. */
static int finish_partial(struct trace *trace, struct direction *direction, enum record_kind kind,
                          const struct piece *piece)
{
    struct record *record = stream_add_record(trace, direction, kind, piece);
    if (record == NULL) {
        return -1;
    }
    record->copy = direction->partial.data;
    if (direction->partial.length > 0) {
        record->first_event = direction->partial_event;
    }
    set_bytes(record, record->copy, direction->partial.length);
    trace->transcript.waiting_bytes += record->length;
    direction->partial = (struct buffer){0};
    return 0;
}

/* A record that stands in one event needs no copy. */
static int add_whole(struct trace *trace, struct direction *direction, struct piece *piece,
                     size_t length)
{
    struct record *record = stream_add_record(trace, direction, RECORD_WHOLE, piece);
    if (record == NULL) {
        return -1;
    }
    hold_event(trace, piece);
    set_bytes(record, reader_bytes(&piece->bytes, length), length);
    trace->transcript.waiting_bytes += length;
    return 0;
}

/* ---- what ends TLS ----------------------------------------------------------------------------- */

int stream_break(struct trace *trace, struct direction *direction, const struct piece *piece,
                 const char *problem)
{
    if (stream_add_record(trace, direction, RECORD_FOREIGN, piece) == NULL) {
        return -1;
    }
    foreign_begin(direction, problem);
    return 0;
}

/* True when one of the sides began with an SSL 2 ClientHello, and the other answers in SSL 2. */
static bool is_ssl2(const struct trace *trace, const struct direction *direction,
                    const uint8_t *data, size_t length)
{
    const struct direction *client = &trace->transcript.directions[WIRE_CLIENT];
    const struct record *hello = client->records.count > 0 ? list_at(&client->records, 0) : NULL;

    if (hello == NULL || hello->content_type != WIRE_SSL2_HELLO) {
        return false;
    }
    return direction->side == WIRE_CLIENT || (length > 0 && (data[0] & 0x80) != 0);
}

/* TLS has ended, or never was there: everything from here on belongs to one row. */
static int break_off(struct trace *trace, struct direction *direction, enum wire_parse why,
                     const struct wire_record *header, const struct piece *piece)
{
    struct foreign *foreign = &direction->foreign;
    const uint8_t *data = direction->partial.length > 0 ? direction->partial.data
                                                        : piece->bytes.data + piece->bytes.offset;
    size_t length =
        direction->partial.length > 0 ? direction->partial.length : reader_left(&piece->bytes);
    bool first = direction->records.count == 0 && !direction->trimmed;

    if (is_ssl2(trace, direction, data, length)) {
        foreign->ssl2 = true;
    }
    if (stream_break(trace, direction, piece, first ? NULL : "these bytes are no TLS record") !=
        0) {
        return -1;
    }
    foreign->content_type = header->content_type;
    if (why == WIRE_TOO_LONG) {
        foreign_too_long(direction, header->length);
    }
    return foreign_append(direction, direction->partial.data, direction->partial.length);
}

/* An event that had lost its bytes before it was saved: the records that they were part of, and
 * with them the place in the key stream, are gone. */
static int break_at_drop(struct trace *trace, struct direction *direction,
                         const struct piece *piece)
{
    if (direction->foreign.begun) {
        return 0;
    }
    buffer_free(&direction->partial);
    return stream_break(trace, direction, piece,
                        "bytes are missing here: they were dropped before the session was saved");
}

/* ---- one record after the other ------------------------------------------------------------------ */

/* What stands at the start of the bytes: a record, or at the client's first byte an SSL 2
 * ClientHello. `length` is that of the whole record, as far as it is known; else how much of it decides. */
static enum wire_parse parse(const struct direction *direction, const uint8_t *data, size_t have,
                             struct wire_record *header, size_t *length)
{
    bool first =
        direction->side == WIRE_CLIENT && direction->records.count == 0 && !direction->trimmed;

    *length = WIRE_RECORD_HEADER;
    if (first && have > 0 && (data[0] & 0x80) != 0) {
        enum wire_parse result = wire_ssl2_hello_parse(data, have, length);
        if (result == WIRE_NEED_MORE && *length <= have) {
            *length = have + 1;
        }
        *header = (struct wire_record){.content_type = data[0]};
        return result;
    }
    enum wire_parse result = wire_record_parse(data, have, header);
    if (have >= WIRE_RECORD_HEADER) {
        *length += header->length;
    }
    return result;
}

/* Goes on with the partial record. Moves the piece past what it took. */
static int continue_partial(struct trace *trace, struct direction *direction, struct piece *piece)
{
    struct buffer *partial = &direction->partial;
    struct wire_record header;
    size_t whole;

    (void)parse(direction, partial->data, partial->length, &header, &whole); /* so far it is one */
    size_t take = whole - partial->length;
    if (take > reader_left(&piece->bytes)) {
        take = reader_left(&piece->bytes);
    }
    if (!buffer_reserve(partial, whole - partial->length)) { /* at most WIRE_RECORD_MAX */
        return -1;
    }
    buffer_append(partial, reader_bytes(&piece->bytes, take), take);
    hold_event(trace, piece);
    enum wire_parse result = parse(direction, partial->data, partial->length, &header, &whole);
    switch (result) {
    case WIRE_COMPLETE:
        return finish_partial(trace, direction, RECORD_WHOLE, piece);
    case WIRE_NEED_MORE:
        return 0;
    default:
        if (break_off(trace, direction, result, &header, piece) != 0) {
            return -1;
        }
        buffer_free(partial);
        return 0;
    }
}

/* Begins the next record. */
static int begin_record(struct trace *trace, struct direction *direction, struct piece *piece)
{
    const uint8_t *data = piece->bytes.data + piece->bytes.offset;
    size_t left = reader_left(&piece->bytes);
    struct wire_record header;
    size_t whole;
    enum wire_parse result = parse(direction, data, left, &header, &whole);

    switch (result) {
    case WIRE_COMPLETE:
        return add_whole(trace, direction, piece, whole);
    case WIRE_NEED_MORE:
        hold_event(trace, piece);
        direction->partial_event = piece->event;
        if (!buffer_reserve(&direction->partial, whole > left ? whole : left)) {
            return -1;
        }
        buffer_append(&direction->partial, reader_bytes(&piece->bytes, left), left);
        return 0;
    default:
        return break_off(trace, direction, result, &header, piece);
    }
}

/* Bytes that are no TLS count as application data, and are dropped when there are too many. */
static int take_foreign(struct trace *trace, struct direction *direction, struct piece *piece)
{
    size_t left = reader_left(&piece->bytes);
    return foreign_take(trace, direction, piece->event, reader_bytes(&piece->bytes, left), left);
}

int stream_take(struct trace *trace, struct direction *direction, struct piece *piece)
{
    int result = 0;

    while (result == 0 && reader_left(&piece->bytes) > 0) {
        if (direction->foreign.begun) {
            result = take_foreign(trace, direction, piece);
        } else if (direction->hold.reason != HOLD_NONE) {
            result = hold_take(trace, direction, piece);
        } else if (direction->partial.length > 0) {
            result = continue_partial(trace, direction, piece);
        } else {
            result = begin_record(trace, direction, piece);
        }
    }
    return result;
}

/* ---- events ---------------------------------------------------------------------------------------- */

static struct piece piece_of(struct trace *trace)
{
    size_t index = trace->transcript.now - 1;
    const struct trace_event *event = trace_event_at(trace, index);

    return (struct piece){
        .bytes = reader_new(event->data, event->length),
        .event = index,
        .order = trace->transcript.order++,
    };
}

int stream_append(struct trace *trace, struct direction *direction)
{
    const struct trace_event *event = trace_event_at(trace, trace->transcript.now - 1);
    struct piece piece = piece_of(trace);

    if (event->dropped > 0 && break_at_drop(trace, direction, &piece) != 0) {
        return -1;
    }
    if (event->length > 0 && hold_wanted(trace, direction, &piece)) {
        hold_begin(direction, HOLD_START, 0);
    }
    if (event->length > 0) {
        direction->begun = true;
    }
    return stream_take(trace, direction, &piece);
}

/* Ends the record under way at a gap; returns how many bytes behind the gap still belong to it. */
static int cut_partial(struct trace *trace, struct direction *direction, const struct piece *piece,
                       uint64_t lost, size_t *rest)
{
    struct wire_record header;
    size_t whole;
    size_t have = direction->partial.length;

    *rest = 0;
    if (have == 0) {
        return 0;
    }
    (void)parse(direction, direction->partial.data, have, &header, &whole); /* so far it is one */
    if (have >= WIRE_RECORD_HEADER && lost < whole - have) {
        *rest = whole - have - (size_t)lost;
    }
    return finish_partial(trace, direction, RECORD_CUT, piece);
}

int stream_gap(struct trace *trace, struct direction *direction, uint64_t lost)
{
    struct piece piece = piece_of(trace);
    size_t rest = 0;

    if (hold_flush(trace, direction, true) != 0 ||
        cut_partial(trace, direction, &piece, lost, &rest) != 0) {
        return -1;
    }
    struct record *record = stream_add_record(trace, direction, RECORD_GAP, &piece);
    if (record == NULL) {
        return -1;
    }
    record->lost = lost;
    if (!direction->foreign.begun) {
        direction->begun = true;
        hold_begin(direction, HOLD_GAP, rest);
    }
    return 0;
}

int stream_end(struct trace *trace, struct direction *direction)
{
    struct piece piece = piece_of(trace);

    if (direction->ended) {
        return 0;
    }
    direction->ended = true;
    if (hold_flush(trace, direction, false) != 0) {
        return -1;
    }
    return direction->foreign.begun ? 0 : finish_partial(trace, direction, RECORD_END, &piece);
}

int stream_end_dialogue(struct trace *trace)
{
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (hold_settle(trace, &trace->transcript.directions[side]) != 0) {
            return -1;
        }
    }
    return 0;
}
