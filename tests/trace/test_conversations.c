/* Conversations found in a capture: who is the client, which phases there were, and the rows that the session had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"
#include "conversation_cases.h"
#include "scratch.h"

/* A saved session is a capture, too. */
static struct trace_capture *open_as_capture(const struct trace *trace, char path[SCRATCH_PATH_MAX])
{
    enum capture_state state = CAPTURE_MORE;
    struct err err = {0};

    assert_int_equal(trace_save(trace, scratch_path(path, "session.pcapng"), true, &err), 0);
    struct trace_capture *capture = trace_capture_open(path, NULL, &err);
    assert_non_null(capture);
    assert_false(trace_capture_indexed(capture));
    assert_null(trace_capture_trace(capture, 0, 0, &err));
    while (state == CAPTURE_MORE) { /* in the smallest slices */
        assert_int_equal(trace_capture_read(capture, 0, &state, &err), 0);
        if (trace_capture_indexed(capture)) {
            assert_int_equal(trace_capture_read(capture, INT64_MAX, &state, &err), 0);
        }
    }
    assert_int_equal(state, CAPTURE_DONE);
    uint64_t done, total;
    trace_capture_progress(capture, &done, &total);
    assert_int_equal(done, total);
    return capture;
}

static void expect_rows(const struct trace *trace, const struct trace *other, enum wire_side side)
{
    char expected[1000];
    char found[1000];

    assert_string_equal(conversation_rows_text(found, sizeof found, other, side),
                        conversation_rows_text(expected, sizeof expected, trace, side));
}

static void a_session_read_as_a_capture_has_the_same_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        char path[SCRATCH_PATH_MAX];
        struct err err = {0};
        trace_finish(trace);
        print_message("# %s\n", conversation_cases[i].name);
        struct trace_capture *capture = open_as_capture(trace, path);
        assert_int_equal(trace_capture_count(capture), 1);
        struct trace *other = trace_capture_trace(capture, 0, TRACE_DATA_LIMIT, &err);
        assert_non_null(other);
        expect_rows(trace, other, WIRE_CLIENT);
        expect_rows(trace, other, WIRE_SERVER);
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        const struct trace_facts *found = trace_facts(other, SIZE_MAX);
        assert_int_equal(found->version, facts->version);
        assert_int_equal(found->cipher_suite, facts->cipher_suite);
        assert_int_equal(found->application_data[0], facts->application_data[0]);
        assert_int_equal(found->application_data[1], facts->application_data[1]);
        assert_string_equal(found->ja4, facts->ja4);
        assert_int_equal(found->phases[TRACE_CONNECT].state, TRACE_DONE);
        assert_int_equal(found->phases[TRACE_HANDSHAKE].state, TRACE_DONE);
        assert_int_equal(found->phases[TRACE_DATA].state, TRACE_DONE);
        assert_false(found->failed);
        const struct trace_conversation *line = trace_capture_at(capture, 0);
        assert_true(line->known && line->tls && line->readable);
        assert_string_equal(line->verdict, "complete");
        assert_null(trace_capture_at(capture, 1));
        assert_null(trace_capture_trace(capture, 1, 0, &err));
        assert_string_equal(err.code, "no_such_stream");
        trace_free(other);
        trace_capture_close(capture);
        trace_free(trace);
    }
}

static void what_is_no_capture_is_refused(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    scratch_write(path, "no.pcap", "neither this nor that", 21);
    assert_null(trace_capture_open(path, trace_keys_new(), &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_string_equal(err.code, "not_a_capture");
    assert_null(trace_capture_open("/nonexistent", NULL, &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_int_equal(trace_capture_stream(path, NULL, NULL, NULL, NULL, NULL, &err), -1);
    assert_string_equal(err.code, "not_a_capture");
}

/* ---- begun in the middle --------------------------------------------------------------------------------- */

/* A pcap file of raw IPv4 with one TCP segment: a record of application data, and an alert under keys. */
static const uint8_t middle[] = {
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0,
    /* packet */
    0, 0, 0, 0, 0, 0, 0, 0, 92, 0, 0, 0, 92, 0, 0, 0,
    /* IPv4: 192.0.2.1 to 192.0.2.2 */
    0x45, 0, 0, 92, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
    /* TCP: 443 to 50000, ACK */
    1, 187, 0xc3, 0x50, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 1, 0, 0, 0, 0, 0,
    /* application data */
    23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    /* alert */
    21, 3, 3, 0, 22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22};

static int expect_middle(struct trace *trace, const struct trace_conversation *line, void *user)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    assert_string_equal(line->server, "192.0.2.1:443");
    assert_int_equal(facts->phases[TRACE_CONNECT].state, TRACE_PENDING);
    assert_int_equal(facts->phases[TRACE_HANDSHAKE].state, TRACE_SKIPPED);
    assert_int_equal(facts->phases[TRACE_DATA].state, TRACE_BEGUN);
    assert_false(facts->failed);
    trace_free(trace);
    *(int *)user += 1;
    return 0;
}

/* Nobody saw the handshake: it is neither under way nor has it failed. */
static void the_handshake_before_a_capture_is_skipped(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    int count = 0;

    (void)state;
    scratch_write(path, "middle.pcap", middle, sizeof middle);
    assert_int_equal(trace_capture_stream(path, NULL, NULL, expect_middle, &count, NULL, &err), 0);
    assert_int_equal(count, 1);
}

/* ---- who is the client --------------------------------------------------------------------------------- */

/* A ClientHello with the random 01 02 03 …, as much of it as is looked at. */
static void make_hello(uint8_t hello[60])
{
    static const uint8_t start[] = {22, 3, 1, 0, 55, 1, 0, 0, 51, 3, 3};

    memset(hello, 0, 60);
    memcpy(hello, start, sizeof start);
    for (uint8_t i = 0; i < 32; i++) {
        hello[sizeof start + i] = (uint8_t)(i + 1);
    }
}

static void a_hello_is_found_byte_by_byte_and_behind_text(void **state)
{
    static const char text[] = "220 ready\r\n\x16\x03";
    uint8_t hello[60];

    (void)state;
    make_hello(hello);
    for (int with_text = 0; with_text < 2; with_text++) {
        struct client_search search = {0};
        uint8_t random[32] = {0};
        int found = 0;
        if (with_text == 1) {
            assert_int_equal(
                client_search_take(&search, CAPTURE_B, (const uint8_t *)text, strlen(text), random),
                0);
            assert_int_equal(
                client_search_take(&search, CAPTURE_A, (const uint8_t *)"GO\n", 3, random), 0);
        }
        for (size_t i = 0; i < sizeof hello && found == 0; i++) {
            found = client_search_take(&search, CAPTURE_A, hello + i, 1, random);
            assert_true(found == 0 || i == 42); /* the last byte of the random */
        }
        assert_int_equal(found, 1);
        assert_memory_equal(random, hello + 11, 32);
        assert_int_equal(search.text, with_text == 1);
        client_search_free(&search);
    }
}

static void a_gap_ends_what_was_begun(void **state)
{
    struct client_search search = {0};
    uint8_t hello[60];
    uint8_t random[32];

    (void)state;
    make_hello(hello);
    assert_int_equal(client_search_take(&search, CAPTURE_A, hello, 20, random), 0);
    client_search_gap(&search, CAPTURE_A);
    assert_int_equal(client_search_take(&search, CAPTURE_A, hello + 20, 40, random), 0);
    assert_int_equal(client_search_take(&search, CAPTURE_A, hello, sizeof hello, random), 1);
    client_search_free(&search);
}

static void the_search_is_bounded(void **state)
{
    static uint8_t zeros[40000];
    struct client_search search = {0};
    uint8_t random[32];

    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(client_search_take(&search, CAPTURE_B, zeros, sizeof zeros, random), 0);
    }
    assert_true(client_search_is_over(&search));
    assert_true(search.bytes[CAPTURE_B].capacity <= 200000);
    client_search_free(&search);
}

static void without_a_hello_it_is_who_opened_or_the_higher_port(void **state)
{
    struct capture_conversation conversation = {.opener = CAPTURE_B};

    (void)state;
    conversation.ends[CAPTURE_A].port = 50000;
    conversation.ends[CAPTURE_B].port = 443;
    assert_int_equal(client_guess(&conversation), CAPTURE_B);
    conversation.opener = -1;
    assert_int_equal(client_guess(&conversation), CAPTURE_A);
    conversation.ends[CAPTURE_B].port = 50001;
    assert_int_equal(client_guess(&conversation), CAPTURE_B);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_read_as_a_capture_has_the_same_rows),
        cmocka_unit_test(what_is_no_capture_is_refused),
        cmocka_unit_test(the_handshake_before_a_capture_is_skipped),
        cmocka_unit_test(a_hello_is_found_byte_by_byte_and_behind_text),
        cmocka_unit_test(a_gap_ends_what_was_begun),
        cmocka_unit_test(the_search_is_bounded),
        cmocka_unit_test(without_a_hello_it_is_who_opened_or_the_higher_port),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
