/* From the content of records to messages: handshake messages may share a record or stand in
 * several (RFC 8446 5.1), everything else is a record's whole content. */
#include "message.h"

#include <stdlib.h>

#include "keys.h"
#include "limit.h"
#include "log.h"
#include "row.h"

/* A whole handshake message: what follows from it, and its row. */
static int take_message(struct trace *trace, struct direction *direction, struct content *content)
{
    if (keys_handshake(trace, direction, content->data, content->length) != 0) {
        secret_free(content->copy, content->length);
        return -1;
    }
    return row_cross(trace, direction, content);
}

/* Behind a gap: do these bytes begin a message, or stand in the middle of one? A message that does not end
 * in its record fills it, so that its length is no help; its type and a length that is not absurd have to do. */
static bool may_begin_message(const uint8_t *data, size_t length)
{
    uint8_t type;
    uint32_t body;

    if (length < WIRE_HANDSHAKE_HEADER) {
        return true;
    }
    (void)wire_handshake_parse(data, length, &type, &body); /* four bytes are there */
    return wire_registry_name(WIRE_REGISTRY_HANDSHAKE_TYPE, type) != NULL && body < 1u << 17;
}

/* A message that the content holds from its beginning to its end. */
static int take_direct(struct trace *trace, struct direction *direction, size_t index,
                       const uint8_t *data, size_t length)
{
    struct content content = {
        .content_type = WIRE_HANDSHAKE,
        .data = data,
        .length = length,
        .first_record = index,
        .record_count = 1,
    };
    return take_message(trace, direction, &content);
}

/* The message that was gathered from several records; its block goes to the row. */
static struct content gathered(struct direction *direction, size_t index)
{
    struct content content = {
        .content_type = WIRE_HANDSHAKE,
        .data = direction->message.data,
        .copy = direction->message.data,
        .length = direction->message.length,
        .first_record = direction->message_record,
        .record_count = index - direction->message_record + 1,
    };
    direction->message = (struct buffer){.secret = true};
    return content;
}

/* How many bytes the message under way still wants, its header first. */
static size_t missing(const struct direction *direction)
{
    size_t have = direction->message.length;
    uint8_t type;
    uint32_t body;

    if (have < WIRE_HANDSHAKE_HEADER) {
        return WIRE_HANDSHAKE_HEADER - have;
    }
    (void)wire_handshake_parse(direction->message.data, have, &type, &body); /* asked for above */
    return WIRE_HANDSHAKE_HEADER + (size_t)body - have;
}

/* Goes on with the message under way. */
static int gather(struct trace *trace, struct direction *direction, size_t index,
                  struct reader *reader)
{
    struct buffer *message = &direction->message;

    while (reader_left(reader) > 0) {
        size_t take = missing(direction);
        if (take > reader_left(reader)) {
            take = reader_left(reader);
        }
        buffer_append(message, reader_bytes(reader, take), take);
        if (message->failed) {
            return -1;
        }
        if (message->length >= WIRE_HANDSHAKE_HEADER && missing(direction) == 0) {
            struct content content = gathered(direction, index);
            return take_message(trace, direction, &content);
        }
    }
    return 0;
}

static int take_handshake(struct trace *trace, struct direction *direction, size_t index,
                          const uint8_t *data, size_t length)
{
    struct reader reader = reader_new(data, length);
    int result = 0;

    if (direction->message_lost && !may_begin_message(data, length)) {
        return row_unreadable(trace, direction, index,
                              "the middle of a message whose beginning was not captured", NULL);
    }
    direction->message_lost = false;

    while (result == 0 && reader_left(&reader) > 0) {
        const uint8_t *start = reader.data + reader.offset;
        size_t left = reader_left(&reader);
        uint8_t type;
        uint32_t body;

        if (direction->message.length > 0) {
            result = gather(trace, direction, index, &reader);
        } else if (wire_handshake_parse(start, left, &type, &body) == WIRE_COMPLETE) {
            size_t whole = WIRE_HANDSHAKE_HEADER + (size_t)body;
            (void)reader_bytes(&reader, whole); /* it is there */
            result = take_direct(trace, direction, index, start, whole);
        } else {
            direction->message_record = index;
            result = gather(trace, direction, index, &reader);
        }
    }
    return result;
}

/* RFC 8446 5.1 forbids handshake records without content: shown all the same. */
static int take_empty_handshake(struct trace *trace, struct direction *direction, size_t index)
{
    const struct record *record = list_at(&direction->records, index);
    const struct trace_row shape = {
        .layer = TRACE_LAYER_TLS,
        .from = direction->side,
        .type = "Unknown(22)",
        .content_type = WIRE_HANDSHAKE,
        .time_ns = record->time_ns,
        .observed = true,
        .encrypted = record->is_protected,
        .decrypted = record->plaintext != NULL,
        .malformed = true,
        .problem = "an empty handshake record",
        .queued_event = SIZE_MAX,
        .wire_event = record->wire_event,
    };
    if (limit_rows_full(trace)) {
        return limit_count_row(trace, direction->side, 0);
    }
    struct row *row = row_add(trace, &shape);
    if (row == NULL) {
        return -1;
    }
    row->first_record = index;
    row->record_count = 1;
    direction->used_records = index + 1;
    return 0;
}

int message_take_record(struct trace *trace, struct direction *direction, size_t index)
{
    const struct record *record = list_at(&direction->records, index);
    size_t length;
    const uint8_t *data = record_content(record, &length);
    struct content content = {
        .content_type = record->inner_type,
        .data = data,
        .length = length,
        .first_record = index,
        .record_count = 1,
    };

    if (record->inner_type == WIRE_HANDSHAKE) {
        return length == 0 ? take_empty_handshake(trace, direction, index)
                           : take_handshake(trace, direction, index, data, length);
    }
    if (record->inner_type == WIRE_CHANGE_CIPHER_SPEC) {
        keys_change_cipher(trace, direction);
    }
    if (record->inner_type == WIRE_SSL2_HELLO && keys_ssl2_hello(trace, data, length) != 0) {
        return -1;
    }
    return row_cross(trace, direction, &content);
}

/* ---- the end of the stream, and gaps in it ---------------------------------------------------- */

static char *cut_text(size_t length, size_t whole, bool gap)
{
    if (gap) {
        return whole > 0 ? text_format("%zu of %zu bytes were captured", length, whole)
                         : text_format("only %zu bytes were captured", length);
    }
    return whole > 0 ? text_format("the connection ended after %zu of %zu bytes", length, whole)
                     : text_format("the connection ended after %zu bytes", length);
}

/* The row of what is there of a handshake message. */
static int cut_message(struct trace *trace, struct direction *direction, size_t index, bool gap)
{
    size_t length = direction->message.length;
    size_t whole = length < WIRE_HANDSHAKE_HEADER ? 0 : length + missing(direction);
    struct content content = gathered(direction, index);

    content.problem_copy = cut_text(length, whole, gap);
    content.problem = content.problem_copy;
    if (content.problem == NULL) {
        secret_free(content.copy, content.length);
        return -1;
    }
    return row_cross(trace, direction, &content);
}

/* The row of what is there of a record. */
static int cut_record(struct trace *trace, struct direction *direction, size_t index, bool gap)
{
    const struct record *record = list_at(&direction->records, index);
    struct wire_record header;

    (void)wire_record_parse(record->bytes, record->length, &header); /* so far it is one */
    size_t whole =
        record->length < WIRE_RECORD_HEADER ? 0 : (size_t)WIRE_RECORD_HEADER + header.length;
    char *problem = cut_text(record->length, whole, gap);
    if (problem == NULL) {
        return -1;
    }
    return row_unreadable(trace, direction, index, problem, problem);
}

/* A part of a record: its handshake bytes go to the message under way, anything else has a row. */
static int take_part(struct trace *trace, struct direction *direction, size_t index, bool gap)
{
    struct record *record = list_at(&direction->records, index);
    bool fragment = record->length > WIRE_RECORD_HEADER;

    record->is_protected = keys_protect(trace, direction, record);
    if (fragment && record->content_type == WIRE_HANDSHAKE && !record->is_protected) {
        return take_handshake(trace, direction, index, record->bytes + WIRE_RECORD_HEADER,
                              record->length - WIRE_RECORD_HEADER);
    }
    return record->length > 0 ? cut_record(trace, direction, index, gap) : 0;
}

int message_end(struct trace *trace, struct direction *direction, size_t index)
{
    if (take_part(trace, direction, index, false) != 0) {
        return -1;
    }
    return direction->message.length > 0 ? cut_message(trace, direction, index, false) : 0;
}

int message_cut(struct trace *trace, struct direction *direction, size_t index)
{
    return take_part(trace, direction, index, true);
}

int message_gap(struct trace *trace, struct direction *direction, size_t index)
{
    const struct record *record = list_at(&direction->records, index);
    uint64_t lost = record->lost;

    direction->message_lost = true;
    keys_lose(trace, direction, lost);
    /* A record stands before the gap, when there is a message. */
    if (direction->message.length > 0 && cut_message(trace, direction, index - 1, true) != 0) {
        return -1;
    }
    return row_gap(trace, direction, index, lost);
}
