/* Rows from "about to be sent" over the wire to "processed", and those that never get there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "trace_compare.h"

#define BYTES(trace, from, text) conversation_bytes(trace, from, text, sizeof(text) - 1)
#define QUEUE(trace, type, text) queue(trace, type, text, sizeof(text) - 1)

static void queue(struct trace *trace, uint8_t content_type, const char *data, size_t length)
{
    const struct trace_event event = {.kind = TRACE_QUEUED,
                                      .from = WIRE_CLIENT,
                                      .content_type = content_type,
                                      .data = (uint8_t *)(uintptr_t)data,
                                      .length = length,
                                      .time_ns = 7};
    conversation_append(trace, &event);
}

static void process(struct trace *trace, uint8_t content_type, uint8_t handshake_type)
{
    const struct trace_event event = {.kind = TRACE_PROCESSED,
                                      .from = WIRE_SERVER,
                                      .content_type = content_type,
                                      .handshake_type = handshake_type};
    conversation_append(trace, &event);
}

static enum trace_row_state state_of(const struct trace *trace, size_t index, size_t cursor)
{
    return trace_row_state(trace, trace_row_at(trace, index), cursor);
}

static void a_queued_message_becomes_the_one_on_the_wire(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    QUEUE(trace, WIRE_HANDSHAKE, "\x0e\0\0\0");
    const struct trace_row *row = trace_row_at(trace, 0);
    assert_string_equal(row->type, "ServerHelloDone");
    assert_int_equal(row->shown_event, 1);
    assert_int_equal(row->queued_event, 1);
    assert_int_equal(row->wire_event, SIZE_MAX);
    assert_int_equal(row->time_ns, 7);
    BYTES(trace, WIRE_CLIENT, "\x16\x03\x03\0\4\x0e\0\0\0");
    assert_int_equal(trace_row_count(trace), 1);
    assert_int_equal(row->wire_event, 2);
    assert_int_equal(row->time_ns, 0); /* of the bytes */
    assert_int_equal(state_of(trace, 0, 0), TRACE_ROW_HIDDEN);
    assert_int_equal(state_of(trace, 0, 1), TRACE_ROW_QUEUED);
    assert_int_equal(state_of(trace, 0, 2), TRACE_ROW_SENT);
    trace_free(trace);
}

static void what_was_not_queued_is_a_row_of_its_own(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    QUEUE(trace, WIRE_ALERT, "\1\0");
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\2\x28"); /* other bytes */
    BYTES(trace, WIRE_CLIENT, "\x17\x03\x03\0\2\1\0");   /* another type (and no key) */
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\1\0");   /* the other side */
    assert_int_equal(trace_row_at(trace, 0)->wire_event, SIZE_MAX);
    assert_int_equal(trace_row_count(trace), 3);
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 4);
    assert_int_equal(state_of(trace, 0, 3), TRACE_ROW_QUEUED);
    assert_int_equal(state_of(trace, 0, 4), TRACE_ROW_UNSENT);
    trace_free(trace);
}

static void equal_messages_are_taken_oldest_first(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    QUEUE(trace, WIRE_ALERT, "\1\x64");
    QUEUE(trace, WIRE_ALERT, "\1\0");
    QUEUE(trace, WIRE_ALERT, "\1\x64");
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\x64");
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\x64");
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\0");
    assert_int_equal(trace_row_count(trace), 3);
    assert_int_equal(trace_row_at(trace, 0)->wire_event, 4);
    assert_int_equal(trace_row_at(trace, 2)->wire_event, 5);
    assert_int_equal(trace_row_at(trace, 1)->wire_event, 6);
    trace_free(trace);
}

/* What is sent under keys that nobody knows cannot be told to be what was queued. */
static void without_keys_a_queued_message_stays_queued(void **state)
{
    struct wiretap_credentials credentials;
    struct conversation conversation;
    struct trace *trace = conversation_trace_new();
    size_t queued = 0;

    (void)state;
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    assert_int_equal(conversation_hold(&conversation, &credentials,
                                       &conversation_case_find("tls12-gcm")->options),
                     0);
    for (size_t i = 0; i < conversation.count; i++) {
        if (conversation.events[i].kind != TRACE_SECRET) {
            conversation_append(trace, &conversation.events[i]);
        }
    }
    size_t end = trace_event_count(trace);
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->queued_event != SIZE_MAX && row->wire_event == SIZE_MAX) {
            assert_int_equal(state_of(trace, i, end), TRACE_ROW_UNSENT);
            queued++;
        }
    }
    assert_int_equal(queued, 3); /* Finished, the data, close_notify */
    conversation_free(&conversation);
    wiretap_credentials_free(&credentials);
    trace_free(trace);
}

static void the_oldest_unprocessed_message_is_processed(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    BYTES(trace, WIRE_SERVER, "\x16\x03\x03\0\x0c\4\0\0\0\x0e\0\0\0\4\0\0\0");
    process(trace, WIRE_HANDSHAKE, WIRE_NEW_SESSION_TICKET);
    process(trace, WIRE_HANDSHAKE, WIRE_SERVER_HELLO_DONE);
    process(trace, WIRE_HANDSHAKE, WIRE_NEW_SESSION_TICKET);
    process(trace, WIRE_HANDSHAKE, WIRE_NEW_SESSION_TICKET); /* there is no third one */
    process(trace, WIRE_ALERT, 0);
    assert_int_equal(trace_row_at(trace, 0)->processed_event, 2);
    assert_int_equal(trace_row_at(trace, 1)->processed_event, 3);
    assert_int_equal(trace_row_at(trace, 2)->processed_event, 4);
    assert_int_equal(state_of(trace, 0, 1), TRACE_ROW_ARRIVED);
    assert_int_equal(state_of(trace, 0, 2), TRACE_ROW_PROCESSED);
    trace_free(trace);
}

/* A log of somebody who listens: what the server queues is sent, what the client sends arrives. */
static void the_side_that_queues_is_the_local_one(void **state)
{
    struct trace *trace = conversation_trace_new();
    const struct trace_event event = {.kind = TRACE_QUEUED,
                                      .from = WIRE_SERVER,
                                      .content_type = WIRE_ALERT,
                                      .data = (uint8_t *)(uintptr_t) "\2\x28",
                                      .length = 2};

    (void)state;
    BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\0");
    conversation_append(trace, &event);
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\2\x28");
    assert_int_equal(state_of(trace, 0, 3), TRACE_ROW_ARRIVED);
    assert_int_equal(state_of(trace, 1, 3), TRACE_ROW_SENT);
    trace_free(trace);
}

/* The queue is searched to a bounded depth: nobody's log makes this slow. */
static void a_long_queue_is_not_searched_for_ever(void **state)
{
    struct trace *trace = conversation_trace_new();
    const int64_t start = clock_monotonic_ns();

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        QUEUE(trace, WIRE_ALERT, "\1\0");
    }
    for (unsigned i = 0; i < 20000; i++) {
        BYTES(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\x5a");
    }
    assert_int_equal(trace_row_count(trace), 40000);
    assert_true(clock_monotonic_ns() - start < INT64_C(5000000000));
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queued_message_becomes_the_one_on_the_wire),
        cmocka_unit_test(what_was_not_queued_is_a_row_of_its_own),
        cmocka_unit_test(equal_messages_are_taken_oldest_first),
        cmocka_unit_test(without_keys_a_queued_message_stays_queued),
        cmocka_unit_test(the_oldest_unprocessed_message_is_processed),
        cmocka_unit_test(the_side_that_queues_is_the_local_one),
        cmocka_unit_test(a_long_queue_is_not_searched_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
