/* Application data beyond the limit is dropped, oldest first, and still counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation.h"
#include "log.h"
#include "redact.h"
#include "scratch.h"

/* A TLS 1.2 ServerHello whose cipher suite encrypts nothing that has to be known here. */
static const uint8_t server_hello[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 0, 1, 2,    3, 4,
                                       5,  6, 7, 8, 9,  0, 1, 2, 3,  4, 5, 6, 7, 8,    9, 0,
                                       1,  2, 3, 4, 5,  6, 7, 8, 9,  0, 1, 0, 0, 0x2f, 0};

#define DATA   16000
#define RECORD (5 + DATA)

static void append_record(struct trace *trace, uint8_t fill)
{
    static uint8_t record[RECORD] = {23, 3, 3, DATA >> 8, DATA & 0xff};

    memset(record + 5, fill, DATA);
    conversation_bytes(trace, WIRE_SERVER, record, sizeof record);
}

static void the_oldest_data_is_dropped(void **state)
{
    struct trace *trace = conversation_trace_new();
    size_t records = TRACE_DATA_LIMIT / DATA + 100;
    struct trace_buffer buffers[4];

    (void)state;
    conversation_bytes(trace, WIRE_SERVER, server_hello, sizeof server_hello);
    for (size_t i = 0; i < records; i++) {
        append_record(trace, (uint8_t)i);
    }
    assert_int_equal(trace_row_count(trace), records + 1);
    size_t kept = TRACE_DATA_LIMIT / DATA;
    size_t dropped = records - kept;
    assert_int_equal(trace_dropped(trace), dropped * DATA);
    for (size_t i = 0; i < records; i++) {
        const struct trace_row *row = trace_row_at(trace, i + 1);
        const struct trace_event *event = trace_event_at(trace, i + 1);
        size_t count = trace_row_buffers(trace, row, buffers, 4);
        assert_int_equal(row->length, DATA);
        assert_int_equal(row->dropped, i < dropped);
        assert_int_equal(count, i < dropped ? 0 : 2);
        assert_int_equal(event->dropped, i < dropped ? RECORD : 0);
        assert_int_equal(event->length, i < dropped ? 0 : RECORD);
        if (i >= dropped) {
            assert_string_equal(buffers[1].name, "plaintext");
            assert_int_equal(buffers[1].data[0], (uint8_t)i);
        }
    }
    /* The handshake stays, and the counts are right. */
    assert_false(trace_row_at(trace, 0)->dropped);
    assert_int_equal(trace_row_buffers(trace, trace_row_at(trace, 0), buffers, 4), 2);
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    assert_int_equal(facts->bytes[WIRE_SERVER], sizeof server_hello + records * RECORD);
    assert_int_equal(facts->application_data[WIRE_SERVER], records * DATA);
    struct wire_tree tree = {0};
    char summary[40];
    assert_int_equal(trace_row_dissect(trace, trace_row_at(trace, 1), &tree, NULL), 0);
    assert_int_equal(tree.count, 0);
    assert_string_equal(trace_row_summary(summary, sizeof summary, trace, trace_row_at(trace, 1)),
                        "");
    trace_free(trace);
}

/* What was dropped before the session was saved is missing in the file: that is said where it was. */
static void a_gap_is_shown_when_the_session_is_opened(void **state)
{
    struct trace *trace = conversation_trace_new();
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    conversation_bytes(trace, WIRE_SERVER, server_hello, sizeof server_hello);
    for (size_t i = 0; i <= TRACE_DATA_LIMIT / DATA; i++) {
        append_record(trace, 0);
    }
    conversation_bytes(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\0", 7);
    assert_int_equal(trace_dropped(trace), DATA);
    assert_int_equal(trace_save(trace, scratch_path(path, "gap.pcapng"), true, &err), 0);
    struct trace *opened = trace_open(path, &err);
    assert_non_null(opened);
    assert_int_equal(trace_event_count(opened), trace_event_count(trace));
    assert_int_equal(trace_event_at(opened, 1)->dropped, RECORD);
    assert_int_equal(trace_facts(opened, SIZE_MAX)->bytes[WIRE_SERVER],
                     trace_facts(trace, SIZE_MAX)->bytes[WIRE_SERVER]);
    assert_int_equal(trace_row_count(opened), 3);
    assert_string_equal(trace_row_at(opened, 0)->type, "ServerHello");
    assert_true(trace_row_at(opened, 1)->malformed);
    assert_non_null(strstr(trace_row_at(opened, 1)->problem, "bytes are missing here"));
    assert_string_equal(trace_row_at(opened, 2)->type, "Alert");
    trace_free(opened);
    trace_free(trace);
}

/* An event is dropped when nothing needs it any more: not before the last record in it is. */
static void an_event_stays_while_a_record_in_it_does(void **state)
{
    struct trace *trace = conversation_trace_new();
    static uint8_t both[sizeof server_hello + RECORD] = {0};

    (void)state;
    memcpy(both, server_hello, sizeof server_hello);
    memcpy(both + sizeof server_hello, "\x17\x03\x03\x3e\x80", 5);
    conversation_bytes(trace, WIRE_SERVER, both, 1000); /* hello, and the head of a record */
    conversation_bytes(trace, WIRE_SERVER, both + 1000, sizeof both - 1000);
    for (size_t i = 0; i <= TRACE_DATA_LIMIT / DATA; i++) {
        append_record(trace, 0);
    }
    assert_true(trace_row_at(trace, 1)->dropped);
    assert_int_equal(trace_event_at(trace, 0)->length, 1000); /* the hello is in there */
    assert_int_equal(trace_event_at(trace, 1)->length, 0);
    assert_int_equal(trace_event_at(trace, 1)->dropped, sizeof both - 1000);
    struct trace_buffer buffer;
    assert_int_equal(trace_row_buffers(trace, trace_row_at(trace, 0), &buffer, 1), 2);
    assert_memory_equal(buffer.data, server_hello, sizeof server_hello);
    trace_free(trace);
}

static const uint8_t tiny[] = {23, 3, 3, 0, 1, 'x'};

static void repeat_tiny(uint8_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memcpy(out + i * sizeof tiny, tiny, sizeof tiny);
    }
}

/* Records that wait for a secret for ever are given up, oldest first. */
static void what_waits_is_bounded_too(void **state)
{
    struct trace *trace = conversation_trace_new();
    size_t records = TRACE_DATA_LIMIT / RECORD + 50;

    (void)state;
    for (size_t i = 0; i < records; i++) {
        append_record(trace, 0); /* without a ServerHello it may be early data */
    }
    size_t waiting = trace_waiting(trace, trace_event_count(trace), NULL, 0);
    assert_int_equal(waiting, TRACE_DATA_LIMIT / RECORD);
    assert_int_equal(trace_row_count(trace), records - waiting);
    assert_false(trace_row_at(trace, 0)->decrypted);
    trace_free(trace);
}

/* They take more memory than their bytes: tiny ones are bounded by their number, and all of it stays so. */
static void tiny_records_that_wait_are_bounded(void **state)
{
    static uint8_t many[1000 * sizeof tiny];
    struct trace *trace = conversation_trace_new();
    size_t most = 0;

    (void)state;
    repeat_tiny(many, 1000);
    for (size_t i = 0; i < 400; i++) {
        conversation_bytes(trace, WIRE_SERVER, many, sizeof many);
        size_t waiting = trace_waiting(trace, trace_event_count(trace), NULL, 0);
        most = waiting > most ? waiting : most;
        assert_in_range(trace->transcript.directions[WIRE_SERVER].records.count, 0, 2 * ROW_MAX);
    }
    assert_int_equal(most, WAITING_MAX);
    trace_finish(trace);
    assert_in_range(trace_row_count(trace), ROW_MAX, ROW_MAX + 10);
    trace_free(trace);
}

/* A handshake message in endless records of a byte has no row, but what follows is counted; a gap in it does no harm. */
static void records_of_a_message_are_bounded(void **state)
{
    static const uint8_t byte[] = {22, 3, 3, 0, 1, 11};
    static uint8_t many[5000 * sizeof byte];
    struct trace_event gap = {.kind = TRACE_GAP, .from = WIRE_SERVER, .dropped = 100};
    struct trace *trace = conversation_trace_new();

    (void)state;
    for (size_t i = 0; i < 5000; i++) {
        memcpy(many + i * sizeof byte, byte, sizeof byte);
    }
    for (size_t i = 0; i < 200; i++) {
        conversation_bytes(trace, WIRE_SERVER, many, sizeof many);
        assert_in_range(trace->transcript.directions[WIRE_SERVER].records.count, 0,
                        RECORD_MAX + 5000);
    }
    assert_int_equal(trace_append(trace, &gap, NULL), 0);
    conversation_bytes(trace, WIRE_SERVER, many, sizeof many);
    trace_finish(trace);
    assert_in_range(trace_row_count(trace), 1, 10);
    assert_string_equal(trace_row_at(trace, trace_row_count(trace) - 1)->type, "More");
    trace_free(trace);
}

/* Where records are that were let go is not known any more, so that nothing behind them is left in clear. */
static void what_was_let_go_is_redacted(void **state)
{
    static uint8_t many[1000 * sizeof tiny];
    static const uint8_t clear[] = {23, 3, 3, 0, 6, 's', 'e', 'c', 'r', 'e', 't'};
    struct trace *trace = conversation_trace_new();
    struct redaction redaction;
    uint8_t copy[sizeof clear];
    uint64_t offset = sizeof server_hello;

    (void)state;
    repeat_tiny(many, 1000);
    conversation_bytes(trace, WIRE_SERVER, server_hello, sizeof server_hello);
    for (size_t i = 0; i < ROW_MAX / 1000 + 2; i++) {
        conversation_bytes(trace, WIRE_SERVER, many, sizeof many);
        offset += sizeof many;
    }
    conversation_bytes(trace, WIRE_SERVER, clear, sizeof clear);
    assert_true(trace->transcript.directions[WIRE_SERVER].trimmed);
    assert_int_equal(redaction_init(&redaction, trace), 0);
    memcpy(copy, clear, sizeof clear);
    redaction_apply(&redaction, WIRE_SERVER, offset, copy, sizeof copy);
    assert_null(memmem(copy, sizeof copy, "secret", 6));
    assert_null(memmem(copy, sizeof copy, "cr", 2));
    redaction_free(&redaction);
    trace_free(trace);
}

/* A peer that does not speak TLS and never stops talking. */
static void garbage_is_bounded(void **state)
{
    struct trace *trace = conversation_trace_new();
    static uint8_t garbage[1 << 20];
    struct trace_buffer buffer;

    (void)state;
    for (unsigned i = 0; i < 70; i++) {
        conversation_bytes(trace, WIRE_SERVER, garbage, sizeof garbage);
    }
    assert_int_equal(trace_row_count(trace), 1);
    assert_int_equal(trace_row_at(trace, 0)->length, 70u << 20);
    assert_true(trace_row_at(trace, 0)->dropped);
    assert_int_equal(trace_row_buffers(trace, trace_row_at(trace, 0), &buffer, 1), 1);
    assert_int_equal(buffer.length, 64 * 1024);
    assert_int_equal(trace_dropped(trace), 6u << 20);
    assert_int_equal(trace_event_at(trace, 0)->length, 0);
    assert_int_equal(trace_event_at(trace, 69)->length, 1 << 20);
    trace_free(trace);
}

/* Endless tiny records: what comes beyond a number of rows is counted and not kept, visibly, and no number changes. */
static void endless_rows_are_only_counted(void **state)
{
    static const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 90};
    static uint8_t many[600 * sizeof tiny];
    struct trace *trace = conversation_trace_new();
    size_t records = 0;

    (void)state;
    repeat_tiny(many, 600);
    conversation_bytes(trace, WIRE_SERVER, server_hello, sizeof server_hello);
    while (records < ROW_MAX + 60000) {
        conversation_bytes(trace, WIRE_SERVER, many, sizeof many);
        records += 600;
    }
    conversation_bytes(trace, WIRE_SERVER, alert, sizeof alert);
    trace_finish(trace);
    size_t rows = trace_row_count(trace);
    assert_in_range(rows, ROW_MAX, ROW_MAX + 10);
    const struct trace_row *note = trace_row_at(trace, ROW_MAX);
    assert_string_equal(note->type, "More");
    assert_true(note->dropped);
    assert_non_null(note->problem);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->application_data[WIRE_SERVER], records);
    /* In the middle of it, as much as had come by then; and back. */
    size_t half = trace_event_count(trace) / 2;
    assert_int_equal(trace_facts(trace, half)->application_data[WIRE_SERVER], (half - 1) * 600);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->application_data[WIRE_SERVER], records);
    /* Their records are gone, too. */
    assert_in_range(trace->transcript.directions[WIRE_SERVER].records.count, ROW_MAX, ROW_MAX + 10);
    trace_free(trace);
}

/* A report keeps no data: what it needs does not grow with it. */
static void nothing_is_kept_where_that_is_asked_for(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    trace_limit_data(trace, 0);
    conversation_bytes(trace, WIRE_SERVER, server_hello, sizeof server_hello);
    for (size_t i = 0; i < 1000; i++) {
        append_record(trace, (uint8_t)i);
        assert_int_equal(trace_event_at(trace, i + 1)->length, 0);
        assert_int_equal(trace_event_at(trace, i + 1)->dropped, RECORD);
    }
    assert_int_equal(trace_row_count(trace), 1001);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->application_data[WIRE_SERVER], 1000 * DATA);
    assert_int_equal(trace_dropped(trace), 1000 * DATA);
    struct buffer data = {0};
    assert_false(trace_application_data(trace, SIZE_MAX, WIRE_SERVER, SIZE_MAX, &data));
    assert_int_equal(data.length, 0);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_oldest_data_is_dropped),
        cmocka_unit_test(a_gap_is_shown_when_the_session_is_opened),
        cmocka_unit_test(an_event_stays_while_a_record_in_it_does),
        cmocka_unit_test(what_waits_is_bounded_too),
        cmocka_unit_test(tiny_records_that_wait_are_bounded),
        cmocka_unit_test(records_of_a_message_are_bounded),
        cmocka_unit_test(what_was_let_go_is_redacted),
        cmocka_unit_test(garbage_is_bounded),
        cmocka_unit_test(endless_rows_are_only_counted),
        cmocka_unit_test(nothing_is_kept_where_that_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
