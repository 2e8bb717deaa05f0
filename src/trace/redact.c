/* What a session must not give away. */
#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "redact_text.h"
#include "row.h"

/* So much of what is not TLS stays: the name of its protocol. */
#define FOREIGN_SHOWN 8

/* ---- ranges --------------------------------------------------------------------------------------------- */

static void add(struct redaction *redaction, enum wire_side side, uint64_t start, uint64_t end,
                uint8_t fill)
{
    if (start >= end || redaction->failed) {
        return;
    }
    struct redact_range *ranges = array_grow(redaction->ranges[side], &redaction->capacity[side],
                                             redaction->count[side] + 1, sizeof *ranges);
    if (ranges == NULL) {
        redaction->failed = true;
        return;
    }
    redaction->ranges[side] = ranges;
    ranges[redaction->count[side]++] = (struct redact_range){start, end, fill};
}

static int by_start(const void *a, const void *b)
{
    const struct redact_range *first = a;
    const struct redact_range *second = b;
    return (first->start > second->start) - (first->start < second->start);
}

/* In order, and none over another. */
static void settle(struct redaction *redaction, int side)
{
    struct redact_range *ranges = redaction->ranges[side];
    size_t kept = 0;

    if (redaction->count[side] == 0) {
        return;
    }
    qsort(ranges, redaction->count[side], sizeof *ranges, by_start);
    for (size_t i = 1; i < redaction->count[side]; i++) {
        if (ranges[i].start < ranges[kept].end) {
            ranges[kept].end = ranges[i].end > ranges[kept].end ? ranges[i].end : ranges[kept].end;
        } else {
            ranges[++kept] = ranges[i];
        }
    }
    redaction->count[side] = kept + 1;
}

/* The first range that ends behind `offset`. */
static size_t first_behind(const struct redaction *redaction, enum wire_side side, uint64_t offset)
{
    size_t low = 0;
    size_t high = redaction->count[side];

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (redaction->ranges[side][middle].end > offset) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void redaction_apply(const struct redaction *redaction, enum wire_side side, uint64_t offset,
                     uint8_t *data, size_t length)
{
    uint64_t end = offset + length;

    for (size_t i = first_behind(redaction, side, offset); i < redaction->count[side]; i++) {
        const struct redact_range *range = &redaction->ranges[side][i];
        if (range->start >= end) {
            return;
        }
        uint64_t from = range->start > offset ? range->start : offset;
        uint64_t to = range->end < end ? range->end : end;
        memset(data + (from - offset), range->fill, (size_t)(to - from));
    }
}

void redaction_free(struct redaction *redaction)
{
    free(redaction->ranges[WIRE_CLIENT]);
    free(redaction->ranges[WIRE_SERVER]);
    *redaction = (struct redaction){0};
}

/* ---- messages -------------------------------------------------------------------------------------------- */

/* What makes whoever has it somebody else: tickets, identities, cookies. */
static const char *const secret_paths[] = {
    "handshake.new_session_ticket.ticket",        "extension.session_ticket.ticket",
    "extension.pre_shared_key.identity",          "extension.cookie.cookie",
    "handshake.client_key_exchange.psk_identity",
};

/* Calls back for each stretch of a handshake message that must go. */
static int find_secrets(const struct wire_context *context, const uint8_t *data, size_t length,
                        void (*found)(void *user, size_t start, size_t end), void *user)
{
    struct wire_tree tree = {0};
    int result = wire_message_dissect(&tree, context, WIRE_HANDSHAKE, data, length);

    for (size_t i = 0; i < sizeof secret_paths / sizeof *secret_paths && result == 0; i++) {
        for (long at = wire_tree_find(&tree, secret_paths[i], 0); at >= 0;
             at = wire_tree_find(&tree, secret_paths[i], (size_t)at + 1)) {
            const struct wire_field *field = &tree.fields[at];
            found(user, field->offset, (size_t)field->offset + field->length);
        }
    }
    wire_tree_free(&tree);
    return result;
}

static void wipe_stretch(void *user, size_t start, size_t end)
{
    memset((uint8_t *)user + start, 0, end - start);
}

int redaction_message(const struct wire_context *context, uint8_t content_type, uint8_t *data,
                      size_t length)
{
    if (content_type == WIRE_APPLICATION_DATA || content_type == WIRE_HEARTBEAT) {
        memset(data, 0, length);
        return 0;
    }
    if (content_type != WIRE_HANDSHAKE) {
        return 0;
    }
    return find_secrets(context, data, length, wipe_stretch, data);
}

/* ---- one direction ------------------------------------------------------------------------------------------ */

/* Where each record begins in the stream. */
struct places {
    const struct direction *direction;
    uint64_t *starts; /* one more than there are records */
};

/* Records whose place is known: not those behind some that have been let go. */
static size_t placed(const struct direction *direction)
{
    return direction->trimmed ? direction->used_records : direction->records.count;
}

static bool find_places(struct places *places, const struct direction *direction)
{
    size_t count = placed(direction);
    uint64_t at = 0;

    places->direction = direction;
    places->starts = calloc(count + 1, sizeof *places->starts);
    if (places->starts == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct record *record = list_at(&direction->records, i);
        places->starts[i] = at;
        at += record->kind == RECORD_GAP ? record->lost : record->length;
    }
    places->starts[count] = at;
    return true;
}

/* True when nobody without secrets can read more of the record than its header. */
static bool is_closed(const struct record *record)
{
    return record->is_protected || record->read_event == SIZE_MAX ||
           record->content_type == WIRE_APPLICATION_DATA || record->content_type == WIRE_HEARTBEAT;
}

static void take_record(struct redaction *redaction, const struct places *places, size_t index)
{
    const struct record *record = list_at(&places->direction->records, index);
    enum wire_side side = places->direction->side;
    uint64_t start = places->starts[index];
    uint64_t end = places->starts[index + 1];

    switch (record->kind) {
    case RECORD_WHOLE:
        if (is_closed(record)) {
            add(redaction, side, start + record->header, end, 0);
        }
        return;
    case RECORD_CUT:
    case RECORD_END:
        add(redaction, side, start + WIRE_RECORD_HEADER, end, 0);
        return;
    case RECORD_FRAGMENT:
        add(redaction, side, start, end, 0);
        return;
    case RECORD_FOREIGN:
        add(redaction, side, start + FOREIGN_SHOWN, UINT64_MAX, 0);
        return;
    case RECORD_TEXT:
    case RECORD_GAP:
        return;
    }
}

/* ---- clear text ----------------------------------------------------------------------------------------------- */

static void take_text(struct redaction *redaction, const struct places *places, size_t index,
                      bool *after_command)
{
    const struct record *record = list_at(&places->direction->records, index);
    uint64_t start = places->starts[index];
    size_t from;

    if (record->kind != RECORD_TEXT || record->bytes == NULL) {
        return;
    }
    size_t to = record->length;
    if (redact_text(places->direction->side, record->bytes, &from, &to, after_command)) {
        add(redaction, places->direction->side, start + from, start + to, 'x');
    }
}

/* ---- handshake messages ----------------------------------------------------------------------------------------- */

/* The next handshake message in clear begins here. */
struct cursor {
    size_t record;
    size_t offset; /* in its content */
};

/* A message, and where its bytes are. */
struct message {
    struct redaction *redaction;
    const struct places *places;
    struct cursor start;
};

static size_t content_length(const struct record *record)
{
    return record->length - record->header;
}

/* A stretch of a message lies in one or more records. */
static void take_stretch(void *user, size_t start, size_t end)
{
    const struct message *message = user;
    const struct direction *direction = message->places->direction;
    size_t at = 0; /* of the message: where the record's part of it begins */
    size_t skip = message->start.offset;

    for (size_t i = message->start.record; i < placed(direction) && at < end; i++) {
        const struct record *record = list_at(&direction->records, i);
        size_t part = content_length(record) - skip;
        if (at + part > start) {
            uint64_t place = message->places->starts[i] + record->header + skip;
            size_t from = start > at ? start - at : 0;
            size_t to = end - at < part ? end - at : part;
            add(message->redaction, direction->side, place + from, place + to, 0);
        }
        at += part;
        skip = 0;
    }
}

/* Moves behind a message of `length` bytes. */
static void move_on(struct cursor *cursor, const struct direction *direction, size_t length)
{
    cursor->offset += length;
    while (cursor->record < placed(direction)) {
        size_t content = content_length(list_at(&direction->records, cursor->record));
        if (cursor->offset < content) {
            return;
        }
        cursor->offset -= content;
        cursor->record++;
    }
}

/* Handshake messages in clear, one after the other. */
static int take_message(struct redaction *redaction, const struct places *places,
                        const struct row *row, struct cursor *cursor)
{
    const struct wire_context context = {.from = row->public.from,
                                         .version = row->version,
                                         .cipher_suite = row->cipher_suite,
                                         .shallow = true};
    if (row->first_record != cursor->record) {
        *cursor = (struct cursor){row->first_record, 0};
    }
    struct message message = {redaction, places, *cursor};
    move_on(cursor, places->direction, row->content_length);
    return find_secrets(&context, row->content, row->content_length, take_stretch, &message);
}

static int take_messages(struct redaction *redaction, const struct places *places,
                         const struct trace *trace)
{
    struct cursor cursor = {SIZE_MAX, 0};

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct row *row = row_at(trace, i);
        if (row->public.layer != TRACE_LAYER_TLS || row->foreign || row->content == NULL ||
            row->public.from != places->direction->side || row->public.encrypted ||
            row->public.content_type != WIRE_HANDSHAKE || row->public.wire_event == SIZE_MAX) {
            continue;
        }
        if (take_message(redaction, places, row, &cursor) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int take_direction(struct redaction *redaction, const struct trace *trace,
                          enum wire_side side)
{
    const struct direction *direction = &trace->transcript.directions[side];
    struct places places;
    bool after_command = false;

    if (!find_places(&places, direction)) {
        return -1;
    }
    for (size_t i = 0; i < placed(direction); i++) {
        take_record(redaction, &places, i);
        take_text(redaction, &places, i, &after_command);
    }
    if (!direction->foreign.begun || direction->trimmed) { /* what there is of the next record */
        add(redaction, side, places.starts[placed(direction)] + WIRE_RECORD_HEADER, UINT64_MAX, 0);
    }
    int result = take_messages(redaction, &places, trace);
    free(places.starts);
    settle(redaction, side);
    return redaction->failed ? -1 : result;
}

int redaction_init(struct redaction *redaction, const struct trace *trace)
{
    *redaction = (struct redaction){0};
    return take_direction(redaction, trace, WIRE_CLIENT) != 0 ||
                   take_direction(redaction, trace, WIRE_SERVER) != 0
               ? -1
               : 0;
}
