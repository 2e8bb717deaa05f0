/* Secrets that come late, in part, not at all, or wrong. */
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

/* How many checks of records have this outcome. */
static int record_checks(const struct trace_facts *facts, enum trace_known ok)
{
    int count = 0;

    for (size_t i = 0; i < facts->check_count; i++) {
        count += strcmp(facts->checks[i].what, "record") == 0 && facts->checks[i].ok == ok;
    }
    return count;
}

/* Bytes without what the stepping side tells, so that rows come from the wire alone. */
static void append_bytes(struct trace *trace, const struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_BYTES) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
}

/* The secrets whose line begins with `label`; all for "". */
static void append_secrets(struct trace *trace, const struct conversation *conversation,
                           const char *label)
{
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind == TRACE_SECRET && strncmp(event->text, label, strlen(label)) == 0) {
            conversation_append(trace, event);
        }
    }
}

static void expect_sequences(const struct trace *trace, const char *client, const char *server)
{
    char rows[1000];

    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_CLIENT), client);
    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_SERVER), server);
}

static void late_secrets_make_everything_readable(void **state)
{
    struct trace_waiting waiting[64];

    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        const struct conversation_case *conversation = &conversation_cases[i];
        struct trace *trace = conversation_trace_new();
        append_bytes(trace, &conversations[i]);
        size_t before = trace_event_count(trace);
        assert_in_range(trace_waiting(trace, before, waiting, 64), 1, 64);
        append_secrets(trace, &conversations[i], "");
        size_t after = trace_event_count(trace);
        assert_int_equal(trace_waiting(trace, after, waiting, 64), 0);
        expect_sequences(trace, conversation->client, conversation->server);
        /* At the cursor before they came, what is readable now was waiting. */
        assert_true(trace_row_count_at(trace, before) < trace_row_count(trace));
        assert_in_range(trace_waiting(trace, before, waiting, 64), 1, 64);
        trace_finish(trace);
        assert_int_equal(trace_row_count_at(trace, after), trace_row_count(trace));
        trace_free(trace);
    }
}

/* Everything of a direction, its FIN too, waits behind a record that waits: its order is kept. */
static void rows_of_a_side_keep_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace_new();
        int64_t last[2] = {0, 0};
        append_bytes(trace, &conversations[i]);
        append_secrets(trace, &conversations[i], "");
        for (size_t k = 0; k < trace_row_count(trace); k++) {
            const struct trace_row *row = trace_row_at(trace, k);
            assert_true(row->time_ns >= last[row->from]);
            last[row->from] = row->time_ns;
        }
        trace_free(trace);
    }
}

static void without_secrets_records_are_named_when_all_is_over(void **state)
{
    static const struct {
        const char *name;
        const char *client;
        const char *server;
    } expected[] = {
        {"tls13-chacha", "CH CCS D D D", "SH CCS D D D D D D"},
        {"tls12-chacha", "CH CKE CCS Encrypted D A", "SH C SKE SHD CCS Encrypted D A"},
        {"tls13-hrr", "CH CH CCS D D D", "HRR CCS SH D D D D D D D D"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct trace *trace = conversation_trace_new();
        append_bytes(trace, conversation_case_held(expected[i].name));
        size_t before = trace_row_count(trace);
        trace_finish(trace);
        trace_finish(trace); /* once is enough */
        expect_sequences(trace, expected[i].client, expected[i].server);
        for (size_t k = before; k < trace_row_count(trace); k++) {
            const struct trace_row *row = trace_row_at(trace, k);
            assert_int_equal(row->encrypted, row->layer == TRACE_LAYER_TLS); /* not the FIN */
            assert_false(row->decrypted);
            assert_false(row->malformed);
            assert_int_equal(row->shown_event, trace_event_count(trace));
        }
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        assert_false(facts->has_secrets);
        assert_int_equal(facts->application_data[WIRE_CLIENT], 0);
        for (size_t k = 0; k < facts->check_count; k++) {
            assert_string_not_equal(facts->checks[k].what, "record");
            assert_string_not_equal(facts->checks[k].what, "finished");
        }
        trace_free(trace);
    }
}

/* A key log that lacks the handshake secrets: what comes under the later ones is found by trial. */
static void application_secrets_alone_open_application_data(void **state)
{
    const struct conversation *conversation = conversation_case_held("tls13-chacha");
    struct trace *trace = conversation_trace_new();

    (void)state;
    append_secrets(trace, conversation, "CLIENT_TRAFFIC_SECRET_0");
    append_secrets(trace, conversation, "SERVER_TRAFFIC_SECRET_0");
    append_bytes(trace, conversation);
    trace_finish(trace);
    /* Records that cannot be read are called ApplicationData: here EE, C, CV, F and the client's F. */
    expect_sequences(trace, "CH CCS D D A", "SH CCS D D D D D A");
    assert_true(trace_row_at(trace, trace_row_count(trace) - 3)->decrypted);
    trace_free(trace);
}

static void any_part_of_the_secrets_will_do(void **state)
{
    static const char *const labels[] = {"CLIENT_HANDSHAKE", "SERVER_HANDSHAKE", "CLIENT_TRAFFIC",
                                         "SERVER_TRAFFIC", "CLIENT_EARLY"};
    const size_t cases[] = {conversation_case_index("tls13-early-data"),
                            conversation_case_index("tls13-key-update")};

    (void)state;
    for (unsigned part = 0; part < 1u << 5; part++) {
        for (size_t i = 0; i < 2; i++) {
            struct trace *trace = conversation_trace_new();
            for (unsigned k = 0; k < 5; k++) {
                if ((part >> k & 1) != 0) {
                    append_secrets(trace, &conversations[cases[i]], labels[k]);
                }
            }
            append_bytes(trace, &conversations[cases[i]]);
            append_secrets(trace, &conversations[cases[i]], ""); /* and now the others */
            trace_finish(trace);
            expect_sequences(trace, conversation_cases[cases[i]].client,
                             conversation_cases[cases[i]].server);
            trace_free(trace);
        }
    }
}

/* The same line with another secret. */
static void append_wrong_secrets(struct trace *trace, const struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++) {
        struct trace_event event = conversation->events[i];
        if (event.kind == TRACE_SECRET) {
            char line[300];
            size_t length = strlen(event.text);
            (void)snprintf(line, sizeof line, "%s", event.text); /* they are shorter */
            line[length - 1] = line[length - 1] == '0' ? '1' : '0';
            event.text = line;
            conversation_append(trace, &event);
        }
    }
}

static void what_a_wrong_secret_does_not_open_has_a_number_at_once(void **state)
{
    static const char *const names[] = {
        "tls13", "tls12-gcm", "tls12-cbc", "tls12-cbc-mac-first", "tls12-chacha", "tls10"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct conversation *conversation = conversation_case_held(names[i]);
        struct trace *trace = conversation_trace_new();
        size_t bad = 0;
        append_wrong_secrets(trace, conversation);
        append_bytes(trace, conversation);
        assert_int_equal(trace_waiting(trace, trace_event_count(trace), NULL, 0), 0);
        for (size_t k = 0; k < trace_row_count(trace); k++) {
            const struct trace_row *row = trace_row_at(trace, k);
            if (row->encrypted) {
                assert_false(row->decrypted);
                assert_true(row->malformed);
                assert_memory_equal(row->problem, "bad_record", 10);
                bad++;
            }
        }
        assert_true(bad >= 4);
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        assert_int_equal(record_checks(facts, TRACE_NO), 2);
        assert_false(facts->has_secrets);
        trace_free(trace);
    }
}

/* A secret of the wrong length is no secret: the right one may come. */
static void a_secret_of_the_wrong_length_is_waited_past(void **state)
{
    const struct conversation *conversation = &conversations[0];
    struct trace *trace = conversation_trace_new();

    (void)state;
    for (size_t i = 0; i < conversation->count; i++) {
        struct trace_event event = conversation->events[i];
        if (event.kind == TRACE_SECRET) {
            char line[300];
            (void)snprintf(line, sizeof line, "%s", event.text); /* they are shorter */
            line[strlen(line) - 2] = '\0';
            event.text = line;
            conversation_append(trace, &event);
        }
    }
    append_bytes(trace, conversation);
    assert_true(trace_waiting(trace, trace_event_count(trace), NULL, 0) > 0);
    append_secrets(trace, conversation, "");
    expect_sequences(trace, conversation_cases[0].client, conversation_cases[0].server);
    trace_free(trace);
}

static void other_lines_of_a_key_log_do_no_harm(void **state)
{
    static const char *const lines[] = {
        "", "# comment", "CLIENT_RANDOM", "CLIENT_RANDOM zz zz", "FUTURE_SECRET 00 00", "\xff\xfe"};
    struct trace *trace = conversation_trace_new();
    struct trace_event event = {.kind = TRACE_SECRET};

    (void)state;
    conversation_append(trace, &event); /* without text at all */
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        event.text = (char *)(uintptr_t)lines[i];
        conversation_append(trace, &event);
    }
    assert_int_equal(trace_row_count(trace), 0);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_secrets_make_everything_readable),
        cmocka_unit_test(rows_of_a_side_keep_their_order),
        cmocka_unit_test(without_secrets_records_are_named_when_all_is_over),
        cmocka_unit_test(application_secrets_alone_open_application_data),
        cmocka_unit_test(any_part_of_the_secrets_will_do),
        cmocka_unit_test(what_a_wrong_secret_does_not_open_has_a_number_at_once),
        cmocka_unit_test(a_secret_of_the_wrong_length_is_waited_past),
        cmocka_unit_test(other_lines_of_a_key_log_do_no_harm),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
