/* Bytes that are held until it is known what they are. */
#include "hold.h"

#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "log.h"
#include "sync.h"
#include "text.h"

/* So many bytes are looked through; a dialogue before TLS is shorter, and so is a record. */
#define HOLD_LIMIT ((size_t)64 * 1024)

/* A stretch of the held bytes, and the event that they stand in. */
struct hold_segment {
    size_t end;    /* in the held bytes */
    size_t offset; /* of its first byte, in the event */
    size_t event;
    uint64_t order;
};

void hold_free(struct hold *hold)
{
    buffer_free(&hold->bytes);
    list_free(&hold->segments);
    *hold = (struct hold){0};
}

void hold_begin(struct direction *direction, enum hold_reason reason, size_t skip)
{
    hold_free(&direction->hold);
    direction->hold.reason = reason;
    direction->hold.segments = list_of(sizeof(struct hold_segment));
    direction->hold.skip = skip;
    direction->hold.searched = skip;
}

static struct direction *other_side(struct trace *trace, const struct direction *direction)
{
    return &trace->transcript
                .directions[direction->side == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT];
}

/* The direction carries records. */
static bool speaks_tls(const struct direction *direction)
{
    return direction->begun && direction->hold.reason == HOLD_NONE && !direction->foreign.begun;
}

/* A record stands at the very start. */
static bool begins_tls(const struct direction *direction, const uint8_t *data, size_t length)
{
    size_t record;
    bool ssl2 = direction->side == WIRE_CLIENT && length > 0 && (data[0] & 0x80) != 0 &&
                wire_ssl2_hello_parse(data, length, &record) == WIRE_COMPLETE;
    return ssl2 || sync_is_header(data, length);
}

/* To one of our own that listens a client may say CONNECT, before anybody tells of a dialogue: its bytes are the first. */
static bool may_ask(const struct trace *trace, const struct direction *direction,
                    const uint8_t *data, size_t length)
{
    return trace_target(trace)->local == WIRE_SERVER && direction->side == WIRE_CLIENT &&
           length > 0 && data[0] == 'C';
}

bool hold_wanted(const struct trace *trace, const struct direction *direction,
                 const struct piece *piece)
{
    const struct transcript *transcript = &trace->transcript;
    const struct direction *other =
        &transcript->directions[direction->side == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT];
    const uint8_t *data = piece->bytes.data + piece->bytes.offset;

    bool clear = transcript->captured || transcript->in_dialogue ||
                 may_ask(trace, direction, data, reader_left(&piece->bytes));

    if (direction->begun || !clear || begins_tls(direction, data, reader_left(&piece->bytes))) {
        return false;
    }
    return !speaks_tls(other) || !transcript->syn_seen;
}

/* ---- from held bytes to records ---------------------------------------------------------------------- */

/* The segment that has the byte at `offset`. */
static const struct hold_segment *segment_at(const struct hold *hold, size_t offset)
{
    size_t low = 0;
    size_t high = hold->segments.count - 1;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct hold_segment *segment = list_at(&hold->segments, middle);
        if (segment->end > offset) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return list_at(&hold->segments, low);
}

static size_t segment_start(const struct hold *hold, size_t index)
{
    return index == 0 ? 0 : ((const struct hold_segment *)list_at(&hold->segments, index - 1))->end;
}

/* Where the record with the bytes up to `end` belongs. */
static struct piece piece_ending(const struct hold *hold, size_t end)
{
    const struct hold_segment *segment = segment_at(hold, end - 1);
    return (struct piece){.event = segment->event, .order = segment->order};
}

/* A record of its own for a stretch of the held bytes. */
static int add_stretch(struct trace *trace, struct direction *direction, const struct hold *hold,
                       enum record_kind kind, size_t start, size_t end)
{
    struct piece piece = piece_ending(hold, end);
    struct record *record = stream_add_record(trace, direction, kind, &piece);

    if (record == NULL) {
        return -1;
    }
    record->first_event = segment_at(hold, start)->event;
    record->copy = malloc(end - start);
    if (record->copy == NULL) {
        return -1;
    }
    memcpy(record->copy, hold->bytes.data + start, end - start);
    record->bytes = record->copy;
    record->length = (uint32_t)(end - start);
    trace->transcript.waiting_bytes += record->length;
    return 0;
}

static struct record *last_record(const struct direction *direction)
{
    return list_at(&direction->records, direction->records.count - 1);
}

/* Rows for the lines or messages up to `end`; with `all` also for what is not complete. */
static int emit_text(struct trace *trace, struct direction *direction, struct hold *hold,
                     size_t end, bool all)
{
    while (hold->emitted < end) {
        size_t start = hold->emitted;
        size_t segment_left = segment_at(hold, start)->end - start;
        size_t left = end - start;
        bool of_proxy;
        size_t unit = text_unit(&trace->transcript, direction, hold, start, end,
                                segment_left < left ? segment_left : left, &of_proxy);
        if (unit == 0 && !all) {
            return 0;
        }
        unit = unit == 0 || unit > left ? left : unit;
        if (add_stretch(trace, direction, hold, RECORD_TEXT, start, start + unit) != 0) {
            return -1;
        }
        last_record(direction)->of_proxy = of_proxy;
        hold->emitted += unit;
    }
    return 0;
}

/* Gives the bytes from `start` on back to the stream. */
static int replay(struct trace *trace, struct direction *direction, const struct hold *hold,
                  size_t start)
{
    for (size_t i = 0; i < hold->segments.count; i++) {
        const struct hold_segment *segment = list_at(&hold->segments, i);
        size_t first = segment_start(hold, i);
        size_t skip = start > first ? start - first : 0;
        if (segment->end <= start) {
            continue;
        }
        const struct trace_event *event = trace_event_at(trace, segment->event);
        struct piece piece = {
            .bytes = reader_new(event->data + segment->offset + skip, segment->end - first - skip),
            .event = segment->event,
            .order = segment->order,
        };
        if (stream_take(trace, direction, &piece) != 0) {
            return -1;
        }
    }
    return 0;
}

/* TLS begins at `start`; before it stand clear text or the rest of a record. */
static int release(struct trace *trace, struct direction *direction, size_t start, bool text)
{
    struct hold hold = direction->hold;
    int result = 0;

    direction->hold = (struct hold){0};
    if (text) {
        result = emit_text(trace, direction, &hold, start, true);
    } else if (start > 0) {
        result = add_stretch(trace, direction, &hold, RECORD_FRAGMENT, 0, start);
    }
    if (result == 0) {
        result = replay(trace, direction, &hold, start);
    }
    hold_free(&hold);
    return result;
}

/* It never was TLS. */
static int give_up(struct trace *trace, struct direction *direction)
{
    struct hold hold = direction->hold;
    const char *problem =
        hold.reason == HOLD_GAP ? "no record was found again behind the lost bytes" : NULL;
    const struct hold_segment *first = segment_at(&hold, 0);
    struct piece piece = {.event = first->event, .order = first->order};
    struct wire_record header;

    direction->hold = (struct hold){0};
    int result = stream_break(trace, direction, &piece, problem);
    if (result == 0 &&
        wire_record_parse(hold.bytes.data, hold.bytes.length, &header) == WIRE_TOO_LONG) {
        foreign_too_long(direction, header.length);
    }
    if (result == 0) {
        result = replay(trace, direction, &hold, hold.emitted);
    }
    hold_free(&hold);
    return result;
}

/* ---- finding the first record ------------------------------------------------------------------------- */

static int release_dialogue(struct trace *trace, struct direction *direction, size_t start)
{
    return release(trace, direction, start, true) != 0
               ? -1
               : hold_settle(trace, other_side(trace, direction));
}

/* Where the client and the server are known to speak TLS, or the capture began in the middle, any record will do. */
static int search_start(struct trace *trace, struct direction *direction)
{
    struct hold *hold = &direction->hold;
    const uint8_t *data = hold->bytes.data;
    size_t length = hold->bytes.length;
    size_t place = hold->searched;

    if (begins_tls(direction, data, length)) {
        return release_dialogue(trace, direction, 0);
    }
    if (sync_find_hello(data, length, direction->side, &place)) {
        return release_dialogue(trace, direction, place);
    }
    if (trace->transcript.captured && !trace->transcript.syn_seen) {
        size_t record = hold->searched;
        if (sync_find_record(data, length, &record, &hold->candidate)) {
            return release(trace, direction, record, false);
        }
        place = record < place ? record : place;
    }
    hold->searched = place;
    return trace->transcript.in_dialogue
               ? emit_text(trace, direction, hold, hold->bytes.length, false)
               : 0;
}

static int search_gap(struct trace *trace, struct direction *direction)
{
    struct hold *hold = &direction->hold;
    size_t length = hold->bytes.length;
    size_t skip = hold->skip;

    if (length < skip + WIRE_RECORD_HEADER) {
        return 0;
    }
    if (hold->searched == skip && sync_is_header(hold->bytes.data + skip, length - skip)) {
        return release(trace, direction, skip, false);
    }
    return sync_find_record(hold->bytes.data, length, &hold->searched, &hold->candidate)
               ? release(trace, direction, hold->searched, false)
               : 0;
}

static int append(struct trace *trace, struct hold *hold, struct piece *piece)
{
    struct hold_segment *segment = list_add(&hold->segments);
    const uint8_t *start = piece->bytes.data + piece->bytes.offset;
    size_t offset = (size_t)(start - trace_event_at(trace, piece->event)->data);
    size_t left = reader_left(&piece->bytes);

    if (segment == NULL) {
        return -1;
    }
    buffer_append(&hold->bytes, reader_bytes(&piece->bytes, left), left);
    *segment = (struct hold_segment){
        .end = hold->bytes.length,
        .offset = offset,
        .event = piece->event,
        .order = piece->order,
    };
    return hold->bytes.failed ? -1 : 0;
}

int hold_take(struct trace *trace, struct direction *direction, struct piece *piece)
{
    struct hold *hold = &direction->hold;
    bool gap = hold->reason == HOLD_GAP;

    if (append(trace, hold, piece) != 0) {
        return -1;
    }
    if (!gap) {
        text_recognise(&trace->transcript);
    }
    if ((gap ? search_gap(trace, direction) : search_start(trace, direction)) != 0) {
        return -1;
    }
    bool still = direction->hold.reason != HOLD_NONE && !direction->hold.candidate;
    return still && hold->bytes.length > HOLD_LIMIT ? give_up(trace, direction) : 0;
}

int hold_look_again(struct trace *trace, struct direction *direction)
{
    if (direction->hold.reason != HOLD_START || direction->hold.bytes.length == 0) {
        return 0;
    }
    text_recognise(&trace->transcript);
    return search_start(trace, direction);
}

int hold_flush(struct trace *trace, struct direction *direction, bool at_gap)
{
    struct hold *hold = &direction->hold;
    enum hold_reason reason = hold->reason;
    size_t length = hold->bytes.length;
    int result = 0;

    if (reason == HOLD_NONE) {
        return 0;
    }
    if (hold->candidate && length > 0) {
        result = release(trace, direction, hold->searched, false);
    } else if (reason == HOLD_GAP) {
        result = length > 0 ? release(trace, direction, length, false) : 0;
    } else if (length > 0 && (at_gap || trace->transcript.in_dialogue)) {
        result = release(trace, direction, length, true);
    } else if (length > 0) {
        result = give_up(trace, direction);
    }
    hold_free(&direction->hold);
    return result;
}

int hold_settle(struct trace *trace, struct direction *direction)
{
    struct hold *hold = &direction->hold;

    if (hold->reason != HOLD_START) {
        return 0;
    }
    return release(trace, direction, hold->bytes.length, true);
}
