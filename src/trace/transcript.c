/* The transcript: records are read in the order in which they came. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "hold.h"
#include "keys.h"
#include "limit.h"
#include "log.h"
#include "message.h"
#include "row.h"
#include "stream.h"
#include "text.h"

/* So much is decrypted in vain, at most, to find records again behind gaps. */
#define RESUME_BUDGET ((uint64_t)256 << 20)
/* Records that wait for a secret may always be so many bytes. */
#define WAITING_MIN ((uint64_t)1 << 20)

void direction_init(struct direction *direction, enum wire_side side)
{
    direction->side = side;
    direction->records = list_of(sizeof(struct record));
    direction->message.secret = true;
    direction->stuck = UINT64_MAX;
}

void direction_free(struct direction *direction)
{
    for (size_t i = 0; i < direction->records.count; i++) {
        struct record *record = list_at(&direction->records, i);
        secret_free(record->plaintext, record->plaintext_length);
        free(record->copy);
    }
    list_free(&direction->records);
    buffer_free(&direction->partial);
    buffer_wipe_free(&direction->message);
    hold_free(&direction->hold);
    buffer_free(&direction->foreign.kept);
    crypt_opener_free(direction->protection.opener);
    free(direction->queued);
}

const uint8_t *record_content(const struct record *record, size_t *length)
{
    if (record->plaintext != NULL) {
        *length = record->plaintext_length;
        return record->plaintext;
    }
    *length = record->length - record->header;
    return record->bytes + record->header;
}

int transcript_init(struct transcript *transcript)
{
    transcript->rows = list_of(sizeof(struct row));
    transcript->crossings = list_of(sizeof(struct crossing));
    transcript->droppable = list_of(sizeof(struct droppable));
    transcript->handshakes = list_of(sizeof(struct handshake));
    transcript->overflows = list_of(sizeof(struct overflow));
    transcript->limit = TRACE_DATA_LIMIT;
    transcript->resume_budget = RESUME_BUDGET;
    direction_init(&transcript->directions[WIRE_CLIENT], WIRE_CLIENT);
    direction_init(&transcript->directions[WIRE_SERVER], WIRE_SERVER);
    transcript->keylog = crypt_keylog_new();
    return transcript->keylog != NULL && list_add(&transcript->handshakes) != NULL ? 0 : -1;
}

void transcript_free(struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->rows.count; i++) {
        row_free(list_at(&transcript->rows, i));
    }
    list_free(&transcript->rows);
    list_free(&transcript->crossings);
    list_free(&transcript->droppable);
    list_free(&transcript->overflows);
    for (size_t i = 0; i < transcript->handshakes.count; i++) {
        secret_wipe(transcript_handshake_at(transcript, i), sizeof(struct handshake));
    }
    list_free(&transcript->handshakes);
    wire_tree_free(&transcript->scratch);
    direction_free(&transcript->directions[WIRE_CLIENT]);
    direction_free(&transcript->directions[WIRE_SERVER]);
    crypt_keylog_free(transcript->keylog);
}

struct handshake *transcript_handshake_at(const struct transcript *transcript, size_t index)
{
    return list_at(&transcript->handshakes, index);
}

struct handshake *transcript_handshake(const struct transcript *transcript)
{
    return transcript_handshake_at(transcript, transcript->handshakes.count - 1);
}

/* ---- reading records in order ------------------------------------------------------------------ */

static struct record *next_record(const struct direction *direction)
{
    return direction->next < direction->records.count
               ? list_at(&direction->records, direction->next)
               : NULL;
}

/* What has been read, or given up, no longer waits. */
static void pass_record(struct trace *trace, struct direction *direction, struct record *record)
{
    record->read_event = trace->transcript.now;
    trace->transcript.waiting_bytes -= record->length;
    direction->next++;
    direction->stuck = UINT64_MAX;
    if (direction->side == WIRE_SERVER && direction->next == 1) {
        trace->transcript.changes++; /* see may_get_key() */
    }
}

/* False when no key will ever come: all secrets are known beforehand, and so is what they are for, unless the ServerHello may be
 * still on its way (early data; packets that were captured out of order). Without a ClientHello none are found. */
static bool may_get_key(const struct trace *trace)
{
    const struct transcript *transcript = &trace->transcript;
    const struct direction *server = &transcript->directions[WIRE_SERVER];
    const struct handshake *handshake = transcript_handshake(transcript);

    return !transcript->secrets_first || (handshake->client_hello && handshake->version == 0 &&
                                          server->next == 0 && !server->ended);
}

/* Returns 1 when the record has been read, 0 when it has to wait, -1 when memory ran out. */
static int read_whole(struct trace *trace, struct direction *direction, struct record *record,
                      bool give_up)
{
    const char *problem = NULL;
    enum access access = keys_open(trace, direction, record, &problem);
    size_t index = direction->next;

    if (access == ACCESS_NO_MEMORY) {
        return -1;
    }
    if (access == ACCESS_NO_KEY && !give_up && may_get_key(trace)) {
        direction->stuck = trace->transcript.changes;
        return 0;
    }
    pass_record(trace, direction, record);
    if (access == ACCESS_CLEAR || access == ACCESS_OPENED) {
        return message_take_record(trace, direction, index) == 0 ? 1 : -1;
    }
    if (access == ACCESS_NO_KEY) {
        keys_give_up(trace, direction, record);
    }
    return row_unreadable(trace, direction, index, problem, NULL) == 0 ? 1 : -1;
}

static int read_next(struct trace *trace, struct direction *direction, bool give_up)
{
    struct record *record = next_record(direction);
    size_t index = direction->next;

    switch (record->kind) {
    case RECORD_WHOLE:
        return read_whole(trace, direction, record, give_up);
    case RECORD_END:
        pass_record(trace, direction, record);
        return message_end(trace, direction, index) == 0 ? 1 : -1;
    case RECORD_GAP:
        pass_record(trace, direction, record);
        return message_gap(trace, direction, index) == 0 ? 1 : -1;
    case RECORD_CUT:
        pass_record(trace, direction, record);
        return message_cut(trace, direction, index) == 0 ? 1 : -1;
    case RECORD_FRAGMENT:
        pass_record(trace, direction, record);
        return row_fragment(trace, direction, index) == 0 ? 1 : -1;
    case RECORD_TEXT:
        pass_record(trace, direction, record);
        return row_text(trace, direction, index) == 0 ? 1 : -1;
    case RECORD_FOREIGN:
        pass_record(trace, direction, record);
        return foreign_show(trace, direction, record) == 0 ? 1 : -1;
    }
    return -1;
}

/* The direction whose next record came first; NULL when there is none that could be read. */
static struct direction *next_direction(struct transcript *transcript, bool give_up)
{
    struct direction *best = NULL;

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        struct direction *direction = &transcript->directions[side];
        const struct record *record = next_record(direction);
        bool stuck = !give_up && direction->stuck == transcript->changes;
        if (record != NULL && !stuck &&
            (best == NULL || record->order < next_record(best)->order)) {
            best = direction;
        }
    }
    return best;
}

/* The direction whose end came first and has no row yet; NULL when there is none. */
static struct direction *next_end(struct transcript *transcript)
{
    struct direction *client = &transcript->directions[WIRE_CLIENT];
    struct direction *server = &transcript->directions[WIRE_SERVER];

    if (client->last.type == NULL || server->last.type == NULL) {
        return client->last.type != NULL ? client : server->last.type != NULL ? server : NULL;
    }
    return client->last.event < server->last.event ? client : server;
}

/* By the packet that has told of it, where packets were captured; else by what the kernel told. */
static int show_end(struct trace *trace, const struct direction *direction)
{
    return trace->transcript.annotation.packets
               ? annotation_end(trace, direction->side)
               : row_add_tcp_at(trace, direction->side, direction->last.type,
                                direction->last.time_ns, trace->transcript.captured,
                                direction->last.event);
}

/* TCP delivers the end of a stream behind all of its bytes, and so do the rows. */
static int show_ends(struct trace *trace)
{
    struct direction *direction = next_end(&trace->transcript);

    while (direction != NULL && next_record(direction) == NULL) {
        if (show_end(trace, direction) != 0) {
            return -1;
        }
        direction->last.type = NULL;
        direction = next_end(&trace->transcript);
    }
    return 0;
}

/* Reads all that can be read; once nothing more will come, everything. */
static int read_records(struct trace *trace)
{
    bool give_up = trace->transcript.finished;
    struct direction *direction = next_direction(&trace->transcript, give_up);

    while (direction != NULL) {
        if (read_next(trace, direction, give_up) < 0) {
            return -1;
        }
        direction = next_direction(&trace->transcript, give_up);
    }
    return show_ends(trace);
}

static bool too_much_waits(const struct trace *trace)
{
    const struct transcript *transcript = &trace->transcript;
    uint64_t limit = transcript->limit > WAITING_MIN ? transcript->limit : WAITING_MIN;
    size_t count = 0;

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        count += transcript->directions[side].records.count - transcript->directions[side].next;
    }
    return transcript->waiting_bytes > limit || count > WAITING_MAX ||
           (count > 0 && limit_rows_full(trace)); /* it would get no row */
}

/* What waits for a key is bounded like application data and like rows: the oldest is given up. */
static int bound_waiting(struct trace *trace)
{
    struct transcript *transcript = &trace->transcript;

    while (too_much_waits(trace)) {
        struct direction *direction = next_direction(transcript, true);
        if (direction == NULL) {
            return 0; /* what is left is a record under way */
        }
        if (read_next(trace, direction, true) < 0 || read_records(trace) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- events ------------------------------------------------------------------------------------ */

/* The stream ends once, however often that is told. */
static int end_direction(struct trace *trace, enum wire_side from, const char *type,
                         int64_t time_ns)
{
    struct transcript *transcript = &trace->transcript;
    struct direction *direction = &transcript->directions[from];

    if (transcript->captured && direction->ended) {
        return 0;
    }
    if (stream_end(trace, direction) != 0) {
        return -1;
    }
    if (direction->last.type == NULL) {
        direction->last.type = type;
        direction->last.time_ns = time_ns;
        direction->last.event = transcript->now;
    }
    return read_records(trace);
}

static int extend_by_bytes(struct trace *trace, const struct trace_event *event)
{
    struct direction *direction = &trace->transcript.directions[event->from];

    if (stream_append(trace, direction) != 0 || read_records(trace) != 0 ||
        bound_waiting(trace) != 0) {
        return -1;
    }
    limit_trim(trace, direction);
    limit_trim(trace, &trace->transcript.directions[1 - event->from]);
    return event->end == TRACE_OPEN
               ? 0
               : end_direction(trace, event->from, event->end == TRACE_FIN ? "FIN" : "RST",
                               event->time_ns);
}

/* What connect() did in the kernel: its three packets, at the times it told. */
static int extend_by_connection(struct trace *trace, const struct trace_connection *connection)
{
    if (connection->packets) {
        trace->transcript.annotation.packets = true;
        return 0;
    }
    if (row_add_tcp(trace, WIRE_CLIENT, "SYN", connection->syn_ns, false) != 0 ||
        row_add_tcp(trace, WIRE_SERVER, "SYN-ACK", connection->established_ns, false) != 0) {
        return -1;
    }
    return row_add_tcp(trace, WIRE_CLIENT, "ACK", connection->established_ns, false);
}

/* A TCP packet of a capture. */
static int extend_by_packet(struct trace *trace, const struct trace_event *event)
{
    static const char *const types[] = {"SYN", "SYN-ACK", "ACK", "FIN", "RST"};

    for (size_t i = 0; event->text != NULL && i < sizeof types / sizeof *types; i++) {
        if (strcmp(event->text, types[i]) == 0) {
            trace->transcript.syn_seen |= i < 2;
            return i < 3 ? row_add_tcp(trace, event->from, types[i], event->time_ns, true)
                         : end_direction(trace, event->from, types[i], event->time_ns);
        }
    }
    return 0;
}

static int extend_by_gap(struct trace *trace, const struct trace_event *event)
{
    struct direction *direction = &trace->transcript.directions[event->from];

    if (stream_gap(trace, direction, event->dropped) != 0 || read_records(trace) != 0 ||
        bound_waiting(trace) != 0) {
        return -1;
    }
    limit_trim(trace, direction);
    return 0;
}

/* A dialogue in clear text that we hold ourselves; that of a capture is told when it is over. It is announced when TCP begins, since a server
 * that speaks first may do so at once. */
static int extend_by_dialogue(struct trace *trace, const struct trace_event *event)
{
    bool announced =
        event->phase == TRACE_CONNECT && event->state == TRACE_BEGUN && event->code != NULL;

    if ((event->phase != TRACE_STARTTLS && !announced) || trace->transcript.captured) {
        return 0;
    }
    trace->transcript.in_dialogue = event->state == TRACE_BEGUN;
    if (trace->transcript.in_dialogue) {
        text_told(&trace->transcript, event->code);
        return hold_look_again(trace, &trace->transcript.directions[WIRE_CLIENT]) != 0 ||
                       hold_look_again(trace, &trace->transcript.directions[WIRE_SERVER]) != 0 ||
                       read_records(trace) != 0
                   ? -1
                   : 0;
    }
    return stream_end_dialogue(trace) != 0 || read_records(trace) != 0 ? -1 : 0;
}

static int extend_by_phase(struct trace *trace, const struct trace_event *event)
{
    bool ended = event->state == TRACE_DONE || event->state == TRACE_FAILED;

    if (extend_by_dialogue(trace, event) != 0) {
        return -1;
    }
    if (event->phase == TRACE_CONNECT && event->state == TRACE_DONE && event->connection != NULL &&
        extend_by_connection(trace, event->connection) != 0) {
        return -1;
    }
    if (moments_mark(trace) != 0) {
        return -1;
    }
    return event->phase == TRACE_CLOSE && ended ? transcript_finish(trace) : 0;
}

static int extend(struct trace *trace, const struct trace_event *event)
{
    switch (event->kind) {
    case TRACE_BYTES:
        return extend_by_bytes(trace, event);
    case TRACE_SECRET:
        if (event->text == NULL) {
            return 0;
        }
        return keys_add_line(trace, event->text) != 0 ? -1 : read_records(trace);
    case TRACE_QUEUED:
        return row_queue(trace, trace->transcript.now - 1);
    case TRACE_PROCESSED:
        row_process(trace, event);
        return 0;
    case TRACE_PHASE:
        return extend_by_phase(trace, event);
    case TRACE_STOP:
        return moments_stop(trace, event);
    case TRACE_GAP:
        return extend_by_gap(trace, event);
    case TRACE_TCP:
        return extend_by_packet(trace, event);
    case TRACE_PACKET:
        return annotation_extend(trace, event);
    case TRACE_VERDICT:
    case TRACE_NOTE:
        return 0;
    }
    return 0;
}

static int fail(struct transcript *transcript)
{
    transcript->failed = true;
    transcript->failed_event = transcript->now;
    return -1;
}

int transcript_extend(struct trace *trace)
{
    struct transcript *transcript = &trace->transcript;
    const struct trace_event *event = &log_entry(trace, trace->log.count - 1)->event;

    if (transcript->failed) {
        return 0; /* said once */
    }
    transcript->now = trace->log.count;
    transcript->now_ns = event->time_ns;
    return extend(trace, event) == 0 ? 0 : fail(transcript);
}

int transcript_finish(struct trace *trace)
{
    struct transcript *transcript = &trace->transcript;

    if (transcript->finished || transcript->failed) {
        return 0;
    }
    transcript->finished = true;
    transcript->finished_event = transcript->now;
    if (transcript->now == 0) {
        return 0; /* nothing ever came */
    }
    if (stream_end(trace, &transcript->directions[WIRE_CLIENT]) != 0 ||
        stream_end(trace, &transcript->directions[WIRE_SERVER]) != 0 || read_records(trace) != 0 ||
        annotation_end(trace, WIRE_CLIENT) != 0 || annotation_end(trace, WIRE_SERVER) != 0) {
        return fail(transcript);
    }
    return 0;
}
