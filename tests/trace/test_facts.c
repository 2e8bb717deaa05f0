/* Facts that come from phases, alerts and counters, and how fast they come. */
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

static void phase_event(struct trace *trace, int64_t time_ns, enum trace_phase phase,
                        enum trace_phase_state phase_state, const char *text, const char *code)
{
    const struct trace_event event = {
        .kind = TRACE_PHASE,
        .time_ns = time_ns,
        .phase = phase,
        .state = phase_state,
        .text = (char *)(uintptr_t)text,
        .code = (char *)(uintptr_t)code,
    };
    conversation_append(trace, &event);
}

static void nothing_is_known_at_the_beginning(void **state)
{
    struct trace *trace = conversation_trace_new();
    const struct trace_facts *facts = trace_facts(trace, 0);

    (void)state;
    assert_int_equal(facts->phases[TRACE_RESOLVE].state, TRACE_PENDING);
    assert_int_equal(facts->phases[TRACE_RESOLVE].start_ns, -1);
    assert_int_equal(facts->version, 0);
    assert_false(facts->cipher_suite_known);
    assert_int_equal(facts->resumed, TRACE_UNKNOWN);
    assert_false(facts->over);
    assert_null(facts->verification);
    assert_string_equal(facts->ja3, "");
    assert_string_equal(trace_target(trace)->sni, "example.test");
    assert_null(trace_target(trace)->source);
    trace_free(trace);
}

static void phases_have_times_and_stand_in_one_another(void **state)
{
    struct trace *trace = conversation_trace_new();
    const struct trace_facts *facts;

    (void)state;
    phase_event(trace, 100, TRACE_STARTTLS, TRACE_SKIPPED, NULL, NULL);
    phase_event(trace, 100, TRACE_HANDSHAKE, TRACE_BEGUN, NULL, NULL);
    phase_event(trace, 300, TRACE_VERIFY, TRACE_BEGUN, NULL, NULL);
    phase_event(trace, 350, TRACE_VERIFY, TRACE_DONE, "accepted", NULL);
    phase_event(trace, 500, TRACE_HANDSHAKE, TRACE_DONE, NULL, NULL);

    facts = trace_facts(trace, 3);
    assert_int_equal(facts->phase, TRACE_VERIFY);
    assert_int_equal(facts->phases[TRACE_HANDSHAKE].elapsed_ns, 200);
    facts = trace_facts(trace, 4);
    assert_int_equal(facts->phase, TRACE_HANDSHAKE); /* still under way */
    assert_int_equal(facts->phases[TRACE_VERIFY].elapsed_ns, 50);
    assert_string_equal(facts->phases[TRACE_VERIFY].text, "accepted");
    facts = trace_facts(trace, 5);
    assert_int_equal(facts->phases[TRACE_HANDSHAKE].state, TRACE_DONE);
    assert_int_equal(facts->phases[TRACE_HANDSHAKE].start_ns, 100);
    assert_int_equal(facts->phases[TRACE_HANDSHAKE].elapsed_ns, 400);
    assert_int_equal(facts->phases[TRACE_STARTTLS].state, TRACE_SKIPPED);
    assert_int_equal(facts->phases[TRACE_STARTTLS].start_ns, -1);
    trace_free(trace);
}

static void the_first_failure_is_the_error(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    phase_event(trace, 1, TRACE_VERIFY, TRACE_FAILED, "expired", "certificate_refused");
    phase_event(trace, 2, TRACE_HANDSHAKE, TRACE_FAILED, "it was refused", "tls");
    phase_event(trace, 3, TRACE_CLOSE, TRACE_DONE, NULL, NULL);
    assert_true(trace_facts(trace, 3)->failed);
    assert_string_equal(trace_facts(trace, 3)->error, "expired");
    assert_string_equal(trace_facts(trace, 3)->error_code, "certificate_refused");
    assert_true(trace_facts(trace, 3)->over);
    assert_false(trace_facts(trace, 2)->over);
    assert_false(trace_facts(trace, 0)->failed);
    trace_free(trace);
}

static void alerts_and_bytes_are_counted_where_they_come(void **state)
{
    struct trace *trace = conversation_trace_new();
    const struct trace_facts *facts;

    (void)state;
    BYTES(trace, WIRE_SERVER, "\x15\x03\x03\0\2\2\x28");
    BYTES(trace, WIRE_CLIENT, "\x15\x03");
    conversation_end(trace, WIRE_SERVER, TRACE_RESET);
    facts = trace_facts(trace, 3);
    assert_int_equal(facts->alert_count, 1);
    assert_int_equal(facts->alerts[0].from, WIRE_SERVER);
    assert_int_equal(facts->alerts[0].level, 2);
    assert_int_equal(facts->alerts[0].description, 40);
    assert_int_equal(facts->alerts[0].n, 1);
    assert_int_equal(facts->bytes[WIRE_SERVER], 7);
    assert_int_equal(facts->bytes[WIRE_CLIENT], 2);
    assert_true(facts->ended[WIRE_SERVER]);
    assert_false(facts->ended[WIRE_CLIENT]);
    assert_int_equal(trace_facts(trace, 0)->alert_count, 0);
    trace_free(trace);
}

static void the_newest_verdict_counts(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct trace_event event = {.kind = TRACE_VERDICT};
        event.verification = calloc(1, sizeof *event.verification);
        assert_non_null(event.verification);
        event.verification->at = i;
        assert_int_equal(trace_append(trace, &event, NULL), 0);
        assert_null(event.verification); /* the trace has it */
    }
    assert_int_equal(trace_facts(trace, 2)->verification->at, 1);
    assert_int_equal(trace_facts(trace, 1)->verification->at, 0);
    assert_null(trace_facts(trace, 0)->verification);
    trace_free(trace);
}

/* Facts that do not change come from where they stand; going back folds again, and both are fast. */
static void facts_of_thousands_of_rows_come_at_once(void **state)
{
    struct wiretap_credentials credentials;
    struct conversation conversation;
    static char data[5000 * 16];
    struct conversation_options options = {.bare = true};
    struct trace *trace;

    (void)state;
    options.data = data;
    options.data_length = sizeof data;
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    assert_int_equal(conversation_hold(&conversation, &credentials, &options), 0);
    trace = conversation_trace(&conversation);
    for (unsigned i = 0; i < 5000; i++) { /* rows of data behind a real handshake */
        BYTES(trace, WIRE_CLIENT, "\x14\x03\x03\0\1\1");
    }
    size_t count = trace_event_count(trace);
    assert_non_null(trace_facts(trace, count));
    int64_t start = clock_monotonic_ns();
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(trace_facts(trace, count - 1 - i)->cursor, count - 1 - i);
    }
    int64_t back = (clock_monotonic_ns() - start) / 100;
    start = clock_monotonic_ns();
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(trace_facts(trace, count - 100 + i)->cursor, count - 100 + i);
    }
    int64_t forth = (clock_monotonic_ns() - start) / 100;
    print_message("# back %lld us, forth %lld us\n", (long long)back / 1000,
                  (long long)forth / 1000);
    assert_true(back < 20000000); /* 20 ms: far more than it takes, for slow machines */
    assert_true(forth < 5000000);
    conversation_free(&conversation);
    wiretap_credentials_free(&credentials);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_at_the_beginning),
        cmocka_unit_test(phases_have_times_and_stand_in_one_another),
        cmocka_unit_test(the_first_failure_is_the_error),
        cmocka_unit_test(alerts_and_bytes_are_counted_where_they_come),
        cmocka_unit_test(the_newest_verdict_counts),
        cmocka_unit_test(facts_of_thousands_of_rows_come_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
