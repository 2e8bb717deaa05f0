/*
 * Any events, with any bytes, as a log: nothing breaks at any cursor, and bytes that come one at a
 * time give the same rows. A log that begins with a TCP event is that of a capture: there clear text before TLS, and what
 * stands behind a gap, may be cut by packets, so that only the first holds.
 *
 * Input: events of four bytes and their data: kind with the side in its highest bit, a number (of
 * content type, phase and state, end, TCP packet, lost bytes), length of the data (2 bytes).
 */
#include <stdlib.h>
#include <string.h>

#include "partition.h"
#include "tlstep/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* The next event; its data stays in the input. False at the end. */
static bool next_event(struct reader *reader, struct trace_event *event)
{
    uint8_t kind = reader_u8(reader);
    uint8_t number = reader_u8(reader);
    size_t length = reader_u16(reader);

    if (reader->failed) {
        return false;
    }
    length = length < reader_left(reader) ? length : reader_left(reader);
    *event = (struct trace_event){
        .kind = (enum trace_event_kind)((kind & 0x7f) % (TRACE_STOP + 1)),
        .from = kind >> 7 == 0 ? WIRE_CLIENT : WIRE_SERVER,
        .content_type = number,
        .handshake_type = (uint8_t)length,
        .phase = (enum trace_phase)(number % TRACE_PHASE_COUNT),
        .state = (enum trace_phase_state)(number / TRACE_PHASE_COUNT % (TRACE_SKIPPED + 1)),
        .queued = number % 2 == 1,
        .data = (uint8_t *)(uintptr_t)reader_bytes(reader, length),
        .length = length,
    };
    event->end = event->kind == TRACE_BYTES && number < 3 ? (enum trace_end)number : TRACE_OPEN;
    event->dropped = event->kind == TRACE_GAP ? (size_t)number * 64 + 1 : 0;
    return true;
}

static void append(struct trace *trace, const struct trace_event *event, const uint8_t *data,
                   size_t length)
{
    struct trace_event copy = *event;
    bool text = event->kind == TRACE_SECRET || event->kind == TRACE_STOP ||
                event->kind == TRACE_NOTE || event->kind == TRACE_PHASE;

    copy.data = NULL;
    copy.length = 0;
    if (event->kind == TRACE_TCP) {
        static const char *const packets[] = {"SYN", "SYN-ACK", "ACK", "FIN", "RST", "else"};
        const char *packet = packets[event->content_type % 6];
        copy.text = text_duplicate(packet, strlen(packet));
        require(copy.text != NULL);
    } else if (text) {
        copy.text = text_duplicate((const char *)data, length);
        require(copy.text != NULL);
    } else if (length > 0) {
        copy.data = malloc(length);
        require(copy.data != NULL);
        memcpy(copy.data, data, length);
        copy.length = length;
    }
    if (event->kind == TRACE_PHASE && event->phase == TRACE_CONNECT) {
        copy.connection = calloc(1, sizeof *copy.connection);
        require(copy.connection != NULL);
    }
    require(trace_append(trace, &copy, NULL) == 0);
}

static void append_apart(struct trace *trace, const struct trace_event *event)
{
    struct trace_event part = *event;

    if (event->kind != TRACE_BYTES || event->length == 0) {
        append(trace, event, event->data, event->length);
        return;
    }
    for (size_t i = 0; i < event->length; i++) {
        part.end = i + 1 == event->length ? event->end : TRACE_OPEN;
        append(trace, &part, event->data + i, 1);
    }
}

static void check_row(const struct trace *trace, const struct trace_row *row)
{
    struct trace_buffer buffers[4];
    struct wire_tree tree = {0};
    char summary[60];
    size_t count = trace_row_buffers(trace, row, buffers, 4);

    require(count >= 1 || row->layer == TRACE_LAYER_TCP || row->queued_event != SIZE_MAX);
    trace_row_summary(summary, sizeof summary, trace, row);
    require(text_is_utf8(summary, strlen(summary)));
    require(trace_row_dissect(trace, row, &tree, NULL) == 0);
    require(tree.count == 0 || partition_holds(&tree));
    for (size_t i = 0; i < count && i < 4; i++) {
        require(trace_buffer_dissect(trace, row, &buffers[i], &tree) == 0);
        require(partition_holds(&tree) && tree.length == buffers[i].length);
    }
    require(trace_moment_of_row(trace, row->n) >= row->shown_event);
    wire_tree_free(&tree);
}

static void check_keys(struct trace *trace)
{
    size_t rows = trace_row_count(trace);

    for (size_t i = 0; i < rows; i += 1 + rows / 20) {
        struct wire_tree tree = {0};
        struct buffer bytes = {.secret = true};
        require(trace_schedule(trace, SIZE_MAX, trace_row_at(trace, i), &tree, &bytes) == 0);
        wire_tree_free(&tree);
        buffer_wipe_free(&bytes);
    }
}

static void check_data(struct trace *trace, enum wire_side from)
{
    struct buffer data = {0};
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    (void)trace_application_data(trace, SIZE_MAX, from, SIZE_MAX, &data); /* some may be missing */
    require(data.length <= facts->application_data[from]);
    buffer_free(&data);
}

static void check_trace(struct trace *trace)
{
    size_t shown = 0;
    size_t end = trace_event_count(trace);

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        require(row->n == i + 1 && row->shown_event >= shown && row->shown_event <= end);
        shown = row->shown_event;
        check_row(trace, row);
    }
    for (size_t cursor = 0; cursor <= end; cursor += 1 + end / 50) {
        const struct trace_facts *facts = trace_facts(trace, cursor);
        require(facts != NULL && facts->stop.n <= trace_row_count_at(trace, cursor));
        require(trace_moment_after(trace, cursor) > cursor || cursor >= end);
        require(trace_moment_before(trace, cursor) < cursor || cursor == 0);
        (void)trace_waiting(trace, cursor, NULL, 0); /* counts */
    }
    check_keys(trace);
    check_data(trace, WIRE_CLIENT);
    check_data(trace, WIRE_SERVER);
    require(trace_waiting(trace, end, NULL, 0) == 0);
}

static void check_same(const struct trace *trace, const struct trace *apart)
{
    require(trace_row_count(trace) == trace_row_count(apart));
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct trace_row *other = trace_row_at(apart, i);
        require(strcmp(row->type, other->type) == 0 && row->from == other->from &&
                row->length == other->length && row->decrypted == other->decrypted &&
                row->malformed == other->malformed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Four bytes of the first event are there, or there is none. */
    bool captured = size > 0 && (data[0] & 0x7f) % (TRACE_STOP + 1) == TRACE_TCP;
    const struct trace_target target = {
        .input = "fuzz", .host = "fuzz", .port = 443, .client = captured ? "192.0.2.1:1" : NULL};
    bool cut = captured;
    struct trace *trace = trace_new(&target, 0);
    struct trace *apart = trace_new(&target, 0);
    struct reader reader = reader_new(data, size);
    struct trace_event event;

    require(trace != NULL && apart != NULL);
    while (next_event(&reader, &event)) {
        append(trace, &event, event.data, event.length);
        append_apart(apart, &event);
        cut |= event.kind == TRACE_GAP;
    }
    trace_finish(trace);
    trace_finish(apart);
    check_trace(trace);
    check_trace(apart);
    if (!cut) {
        check_same(trace, apart);
    }
    trace_free(trace);
    trace_free(apart);
    return 0;
}
