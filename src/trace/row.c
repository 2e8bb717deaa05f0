/* Rows of the transcript. */
#include "row.h"

#include <stdlib.h>
#include <string.h>

#include "certificates.h"
#include "decompress.h"
#include "handshake.h"
#include "limit.h"
#include "log.h"
#include "text.h"

/* So many queued rows are compared with what crosses the wire. */
#define QUEUE_DEPTH  64
#define HELLO_FIELDS 512
/* In front of an SSL 2 ClientHello: its length and its type. */
#define SSL2_HEADER 3

struct row *row_of(const struct trace_row *row)
{
    return (struct row *)row; /* the public part comes first, and all rows are ours */
}

struct row *row_at(const struct trace *trace, size_t index)
{
    return list_at(&trace->transcript.rows, index);
}

void row_free(struct row *row)
{
    secret_free(row->copy, row->content_length);
    free(row->problem);
    free(row->name);
    free(row->decompressed);
    if (row->hello != NULL) {
        wire_tree_free(row->hello);
        free(row->hello);
    }
    certificate_list_free(row->certificates);
}

size_t trace_row_count(const struct trace *trace)
{
    return trace->transcript.rows.count;
}

const struct trace_row *trace_row_at(const struct trace *trace, size_t index)
{
    return index < trace->transcript.rows.count ? &row_at(trace, index)->public : NULL;
}

static bool shown_by(const void *element, size_t cursor)
{
    const struct row *row = element;
    return row->public.shown_event <= cursor;
}

size_t trace_row_count_at(const struct trace *trace, size_t cursor)
{
    return list_search(&trace->transcript.rows, shown_by, cursor);
}

/* ---- new rows -------------------------------------------------------------------------------- */

static int add_crossing(struct trace *trace, const struct row *row)
{
    struct crossing *crossing = list_add(&trace->transcript.crossings);
    if (crossing == NULL) {
        return -1;
    }
    *crossing = (struct crossing){.event = trace->transcript.now, .n = row->public.n};
    return 0;
}

/* What the meaning of its fields depends on. */
static void set_handshake(const struct trace *trace, struct row *row)
{
    const struct transcript *transcript = &trace->transcript;
    const struct handshake *handshake = transcript_handshake(transcript);

    row->version = handshake->version;
    row->cipher_suite = handshake->cipher_suite;
    memcpy(row->certificate_type, handshake->certificate_type, sizeof row->certificate_type);
    row->handshake = (uint32_t)(transcript->handshakes.count - 1);
}

struct wire_context row_context(const struct row *row, bool shallow)
{
    return (struct wire_context){
        .from = row->public.from,
        .version = row->version,
        .cipher_suite = row->cipher_suite,
        .certificate_type = {row->certificate_type[0], row->certificate_type[1]},
        .shallow = shallow,
    };
}

struct row *row_add(struct trace *trace, const struct trace_row *shape)
{
    struct transcript *transcript = &trace->transcript;
    bool crosses = shape->wire_event != SIZE_MAX;
    struct row *row = list_add(&transcript->rows);

    if (row == NULL) {
        return NULL;
    }
    row->public = *shape;
    row->public.n = (uint32_t)transcript->rows.count;
    row->public.shown_event = transcript->now;
    row->public.processed_event = SIZE_MAX;
    set_handshake(trace, row);
    row->stop_event = SIZE_MAX;
    if (moments_mark(trace) != 0 || (crosses && add_crossing(trace, row) != 0)) {
        list_remove_last(&transcript->rows);
        return NULL;
    }
    moments_row_added(trace, row);
    return row;
}

int row_add_tcp(struct trace *trace, enum wire_side from, const char *type, int64_t time_ns,
                bool observed)
{
    return row_add_tcp_at(trace, from, type, time_ns, observed, trace->transcript.now);
}

int row_add_tcp_at(struct trace *trace, enum wire_side from, const char *type, int64_t time_ns,
                   bool observed, size_t event)
{
    const struct trace_row shape = {
        .layer = TRACE_LAYER_TCP,
        .from = from,
        .type = type,
        .time_ns = time_ns,
        .observed = observed,
        .queued_event = SIZE_MAX,
        .wire_event = event,
    };
    if (limit_rows_full(trace)) {
        return limit_count_row(trace, from, 0);
    }
    struct row *row = row_add(trace, &shape);
    if (row == NULL) {
        return -1;
    }
    row->public.processed_event = event; /* by the kernel */
    return 0;
}

int row_add_packet(struct trace *trace, const struct trace_event *event, const char *type,
                   uint8_t packet)
{
    size_t before = trace->transcript.rows.count;

    if (row_add_tcp(trace, event->from, type, event->time_ns, true) != 0) {
        return -1;
    }
    if (trace->transcript.rows.count > before) { /* else there are too many, and it was counted */
        struct row *row = row_at(trace, before);
        row->packet = packet;
        row->content = event->data;
        row->content_length = event->length;
        row->public.length = (uint32_t)event->dropped;
    }
    return 0;
}

/* ---- types ----------------------------------------------------------------------------------- */

uint8_t row_handshake_type(const uint8_t *message, size_t length)
{
    if (wire_is_hello_retry_request(message, length)) {
        return WIRE_HELLO_RETRY_REQUEST;
    }
    return length > 0 ? message[0] : 0;
}

size_t row_progress_type(uint8_t content_type, uint8_t handshake_type)
{
    return content_type == WIRE_HANDSHAKE ? 256u + handshake_type : content_type;
}

size_t row_progress(const struct row *row)
{
    return row->public.layer == TRACE_LAYER_TEXT
               ? ROW_PROGRESS_TEXT
               : row_progress_type(row->public.content_type, row->public.handshake_type);
}

long row_progress_find(const char *name)
{
    for (unsigned i = 0; i < 256; i++) {
        if (strcmp(wire_message_name(WIRE_HANDSHAKE, (uint8_t)i), name) == 0) {
            return (long)row_progress_type(WIRE_HANDSHAKE, (uint8_t)i);
        }
    }
    for (unsigned i = 0; i < 256; i++) {
        if (i != WIRE_HANDSHAKE && strcmp(wire_message_name((uint8_t)i, 0), name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* The shape of a row for a line of a dialogue that is about to be said. */
static struct trace_row text_shape(const struct trace_event *event, const char *name)
{
    return (struct trace_row){
        .layer = TRACE_LAYER_TEXT,
        .from = event->from,
        .type = name,
        .length = (uint32_t)event->length,
        .observed = true,
        .wire_event = SIZE_MAX,
    };
}

/* The shape of a row for content that can be read. */
static struct trace_row readable_shape(enum wire_side from, const struct content *content)
{
    bool handshake = content->content_type == WIRE_HANDSHAKE;
    bool ssl2 = content->content_type == WIRE_SSL2_HELLO;
    uint8_t type = handshake ? row_handshake_type(content->data, content->length) : 0;
    size_t header = handshake ? WIRE_HANDSHAKE_HEADER : ssl2 ? SSL2_HEADER : 0;

    if (ssl2) {
        type = WIRE_CLIENT_HELLO;
    }
    return (struct trace_row){
        .layer = TRACE_LAYER_TLS,
        .from = from,
        .type = wire_message_name(ssl2 ? WIRE_HANDSHAKE : content->content_type, type),
        .content_type = content->content_type,
        .handshake_type = type,
        .length = (uint32_t)(content->length > header ? content->length - header : 0),
        .observed = true,
        .malformed = content->problem != NULL,
        .problem = content->problem,
        .queued_event = SIZE_MAX,
        .wire_event = SIZE_MAX,
    };
}

/* ---- the queue ------------------------------------------------------------------------------- */

/* The row of what is about to be sent. */
static struct row *add_queued(struct trace *trace, size_t event_index, struct trace_row *shape)
{
    struct transcript *transcript = &trace->transcript;
    const struct trace_event *event = &log_entry(trace, event_index)->event;
    struct direction *direction = &transcript->directions[event->from];
    uint32_t *queued = array_grow(direction->queued, &direction->queued_capacity,
                                  direction->queued_count + 1, sizeof *queued);

    if (queued == NULL) {
        return NULL;
    }
    direction->queued = queued;
    shape->time_ns = event->time_ns;
    shape->queued_event = transcript->now;
    struct row *row = row_add(trace, shape);
    if (row == NULL) {
        return NULL;
    }
    queued[direction->queued_count++] = row->public.n;
    row->queued_index = event_index;
    row->content = event->data;
    row->content_length = event->length;
    if (!transcript->has_local) {
        transcript->has_local = true;
        transcript->local = event->from;
    }
    return row;
}

/* A line of a dialogue; its event says what it is called. */
static int queue_text(struct trace *trace, size_t event_index)
{
    const struct trace_event *event = &log_entry(trace, event_index)->event;
    char *name = text_format("%s", event->text);
    struct trace_row shape = text_shape(event, name);
    struct row *row = name != NULL ? add_queued(trace, event_index, &shape) : NULL;

    if (row == NULL) {
        free(name);
        return -1;
    }
    row->name = name;
    return 0;
}

int row_queue(struct trace *trace, size_t event_index)
{
    const struct trace_event *event = &log_entry(trace, event_index)->event;
    const struct content content = {
        .content_type = event->content_type, .data = event->data, .length = event->length};
    struct trace_row shape = readable_shape(event->from, &content);
    struct row *row;

    if (event->phase == TRACE_STARTTLS && event->text != NULL) {
        return queue_text(trace, event_index);
    }
    row = add_queued(trace, event_index, &shape);
    if (row == NULL) {
        return -1;
    }
    return event->content_type == WIRE_APPLICATION_DATA ? limit_keep_row(trace, row) : 0;
}

static bool same_content(const struct row *row, const struct content *content)
{
    return row->public.content_type == content->content_type && !row->public.dropped &&
           row->content_length == content->length &&
           (content->length == 0 || memcmp(row->content, content->data, content->length) == 0);
}

/* The oldest queued row with this content, taken out of the queue. NULL: none. */
static struct row *take_queued(struct trace *trace, struct direction *direction,
                               const struct content *content)
{
    size_t end = direction->queued_count;

    if (end - direction->queued_first > QUEUE_DEPTH) {
        end = direction->queued_first + QUEUE_DEPTH;
    }
    for (size_t i = direction->queued_first; i < end; i++) {
        struct row *row = row_at(trace, direction->queued[i] - 1);
        if (same_content(row, content)) {
            size_t before = i - direction->queued_first;
            uint32_t *first = &direction->queued[direction->queued_first];
            memmove(first + 1, first, before * sizeof *first);
            direction->queued_first++;
            return row;
        }
    }
    return NULL;
}

/* ---- crossing the wire ------------------------------------------------------------------------ */

static void use_records(struct row *row, struct direction *direction, size_t first, size_t count)
{
    row->first_record = first;
    row->record_count = count;
    if (direction->used_records < first + count) {
        direction->used_records = first + count;
    }
}

/* Ties a row to the records it stands in. */
static void set_records(struct row *row, struct direction *direction, const struct content *content)
{
    const struct record *last =
        list_at(&direction->records, content->first_record + content->record_count - 1);

    use_records(row, direction, content->first_record, content->record_count);
    row->public.time_ns = last->time_ns;
    row->public.encrypted = last->is_protected;
    row->public.decrypted = last->plaintext != NULL;
    row->unverified = last->unverified;
}

static int cross_queued(struct trace *trace, struct direction *direction, struct row *row,
                        struct content *content)
{
    secret_free(content->copy, content->length); /* the event has the same bytes */
    if (add_crossing(trace, row) != 0) {
        return -1;
    }
    row->public.wire_event = trace->transcript.now;
    set_handshake(trace, row);
    set_records(row, direction, content);
    return handshake_take_row(trace, row);
}

/* Facts and checks look into a hello again and again. What has more fields than any hello of an honest client is not
 * kept: they take more memory than its bytes. */
static void keep_hello(struct row *row, struct wire_tree *tree)
{
    struct wire_tree *kept = tree->count <= HELLO_FIELDS ? malloc(sizeof *kept) : NULL;

    if (kept != NULL) { /* without it they dissect again */
        *kept = *tree;
        *tree = (struct wire_tree){0};
        row->hello = kept;
    }
}

static void note_error(struct row *row, const struct wire_tree *tree)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->fields[i].type->kind == WIRE_FIELD_ERROR) {
            row->public.malformed = true;
            row->public.problem = tree->fields[i].type->name;
            return;
        }
    }
}

/* Messages whose fields are not what they should be say so in their row. */
static int judge(struct trace *trace, struct row *row)
{
    const struct wire_context context = row_context(row, true);
    struct wire_tree *tree = &trace->transcript.scratch;
    bool there = trace->transcript.scratch_is_hello && tree->data == row->content;

    trace->transcript.scratch_is_hello = false;
    if (row->public.malformed || row->public.content_type == WIRE_APPLICATION_DATA) {
        return 0;
    }
    if (!there && wire_message_dissect(tree, &context, row->public.content_type, row->content,
                                       row->content_length) != 0) {
        return -1;
    }
    note_error(row, tree);
    if (there) {
        keep_hello(row, tree);
    }
    return row->public.handshake_type == WIRE_COMPRESSED_CERTIFICATE && !row->public.malformed
               ? decompress_row(trace, row)
               : 0;
}

static int cross_new(struct trace *trace, struct direction *direction, struct content *content)
{
    if (limit_rows_full(trace)) { /* its records may be gone */
        bool data = content->content_type == WIRE_APPLICATION_DATA;
        secret_free(content->copy, content->length);
        free(content->problem_copy);
        return limit_count_row(trace, direction->side, data ? content->length : 0);
    }
    struct trace_row shape = readable_shape(direction->side, content);
    const struct record *last =
        list_at(&direction->records, content->first_record + content->record_count - 1);

    shape.wire_event = last->wire_event;
    struct row *row = row_add(trace, &shape);
    if (row == NULL) {
        secret_free(content->copy, content->length);
        free(content->problem_copy);
        return -1;
    }
    row->content = content->data;
    row->content_length = content->length;
    row->copy = content->copy;
    row->problem = content->problem_copy;
    set_records(row, direction, content);
    if (judge(trace, row) != 0) {
        return -1;
    }
    return content->content_type == WIRE_APPLICATION_DATA ? limit_keep_row(trace, row)
                                                          : handshake_take_row(trace, row);
}

int row_cross(struct trace *trace, struct direction *direction, struct content *content)
{
    struct row *queued = content->problem == NULL ? take_queued(trace, direction, content) : NULL;

    return queued != NULL ? cross_queued(trace, direction, queued, content)
                          : cross_new(trace, direction, content);
}

/* Other problems are ours: a cipher that the library does not have. */
static bool is_bad_record(const char *problem)
{
    return strncmp(problem, "bad_record", strlen("bad_record")) == 0;
}

/* What a record is called when its content is not known. */
static const char *unreadable_type(const struct record *record)
{
    if (record->content_type == WIRE_HANDSHAKE) {
        return record->is_protected ? "Encrypted" : "Unknown(22)";
    }
    return wire_message_name(record->content_type, 0);
}

int row_unreadable(struct trace *trace, struct direction *direction, size_t index,
                   const char *problem, char *copy)
{
    const struct record *record = list_at(&direction->records, index);
    size_t header = record->length < WIRE_RECORD_HEADER ? record->length : WIRE_RECORD_HEADER;
    const struct trace_row shape = {
        .layer = TRACE_LAYER_TLS,
        .from = direction->side,
        .type = unreadable_type(record),
        .content_type = record->content_type,
        .length = (uint32_t)(record->length - header),
        .time_ns = record->time_ns,
        .observed = true,
        .encrypted = record->is_protected,
        .malformed = copy != NULL || (problem != NULL && is_bad_record(problem)),
        .problem = problem,
        .queued_event = SIZE_MAX,
        .wire_event = record->wire_event,
    };
    if (limit_rows_full(trace)) {
        free(copy);
        return limit_count_row(trace, direction->side, 0);
    }
    struct row *row = row_add(trace, &shape);
    if (row == NULL) {
        free(copy);
        return -1;
    }
    row->problem = copy;
    use_records(row, direction, index, 1);
    return record->content_type == WIRE_APPLICATION_DATA ? limit_keep_row(trace, row) : 0;
}

/* ---- records that are none ----------------------------------------------------------------------- */

/* The row of a stretch of the stream; `problem` and `name` are taken, also on failure. */
static int add_stretch(struct trace *trace, struct direction *direction, size_t index,
                       enum trace_layer layer, uint64_t length, char *problem, char *name)
{
    const struct record *record = list_at(&direction->records, index);
    const struct trace_row shape = {
        .layer = layer,
        .from = direction->side,
        .type = name,
        .length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length,
        .time_ns = record->time_ns,
        .observed = true,
        .problem = problem,
        .queued_event = SIZE_MAX,
        .wire_event = record->wire_event,
    };
    bool full = limit_rows_full(trace);
    struct row *row = full || name == NULL ? NULL : row_add(trace, &shape);

    if (row == NULL) {
        free(problem);
        free(name);
        return full ? limit_count_row(trace, direction->side, 0) : -1;
    }
    row->problem = problem;
    row->name = name;
    row->content = record->bytes;
    row->content_length = record->length;
    use_records(row, direction, index, 1);
    return 0;
}

int row_gap(struct trace *trace, struct direction *direction, size_t index, uint64_t lost)
{
    char *problem = text_format("%llu bytes were not captured here", (unsigned long long)lost);

    return problem == NULL ? -1
                           : add_stretch(trace, direction, index, TRACE_LAYER_TCP, lost, problem,
                                         text_format("Gap"));
}

int row_fragment(struct trace *trace, struct direction *direction, size_t index)
{
    const struct record *record = list_at(&direction->records, index);
    char *problem = text_format("the rest of a record whose beginning was not captured");

    return problem == NULL ? -1
                           : add_stretch(trace, direction, index, TRACE_LAYER_TCP, record->length,
                                         problem, text_format("Fragment"));
}

int row_text(struct trace *trace, struct direction *direction, size_t index)
{
    const struct record *record = list_at(&direction->records, index);
    struct content content = {
        .data = record->bytes, .length = record->length, .first_record = index, .record_count = 1};
    struct row *queued = take_queued(trace, direction, &content);
    char verb[NET_VERB];

    if (queued != NULL) {
        if (add_crossing(trace, queued) != 0) {
            return -1;
        }
        queued->public.wire_event = trace->transcript.now;
        set_records(queued, direction, &content);
        return 0;
    }
    (void)net_protocol_verb(verb, text_protocol(&trace->transcript, record),
                            (enum net_role)direction->side, record->bytes, record->length);
    return add_stretch(trace, direction, index, TRACE_LAYER_TEXT, record->length, NULL,
                       text_format("%s", verb));
}

/* ---- processed ------------------------------------------------------------------------------- */

/* Rows that cannot be read are nobody's handshake message. */
static bool may_be_processed(const struct row *row, enum wire_side from, size_t type)
{
    return row->public.layer != TRACE_LAYER_TCP && !row->foreign && row->public.from == from &&
           row->public.wire_event != SIZE_MAX && row->public.processed_event == SIZE_MAX &&
           row_progress(row) == type &&
           (row->content != NULL || row->public.content_type == WIRE_APPLICATION_DATA);
}

void row_process(struct trace *trace, const struct trace_event *event)
{
    struct transcript *transcript = &trace->transcript;
    size_t type = row_progress_type(event->content_type, event->handshake_type);
    struct progress *progress = &transcript->progress[event->from][type];

    for (; progress->processed < transcript->rows.count; progress->processed++) {
        struct row *row = row_at(trace, progress->processed);
        if (may_be_processed(row, event->from, type)) {
            row->public.processed_event = transcript->now;
            return;
        }
    }
}
