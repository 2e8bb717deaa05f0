/* At a cursor nothing logged later is used: it shows what a log that ends there shows. */
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

/* A log of the first `count` events. */
static struct trace *prefix_of(const struct conversation *conversation, size_t count)
{
    struct trace *trace = conversation_trace_new();

    for (size_t i = 0; i < count; i++) {
        conversation_append(trace, &conversation->events[i]);
    }
    return trace;
}

static void a_cursor_shows_what_a_log_that_ends_there_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *whole = conversation_trace(&conversations[i]);
        for (size_t cursor = 0; cursor <= trace_event_count(whole); cursor++) {
            struct trace *prefix = prefix_of(&conversations[i], cursor);
            compare_at(whole, prefix, cursor);
            trace_free(prefix);
        }
        trace_free(whole);
    }
}

static void facts_do_not_depend_on_the_way_to_the_cursor(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    size_t count = trace_event_count(trace);

    (void)state;
    for (size_t step = 1; step < count; step += 7) {
        struct trace *fresh = conversation_trace(&conversations[0]);
        size_t cursor = count * step % (count + 1);
        (void)trace_facts(trace, (cursor + step) % count); /* from wherever this is */
        compare_facts(trace, cursor, fresh, cursor);
        trace_free(fresh);
    }
    for (size_t cursor = count + 1; cursor-- > 0;) {
        assert_int_equal(trace_facts(trace, cursor)->cursor, cursor);
    }
    trace_free(trace);
}

static void rows_and_waiting_records_only_grow_or_become_readable(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    size_t rows = 0;
    bool waited = false;

    (void)state;
    for (size_t cursor = 0; cursor <= trace_event_count(trace); cursor++) {
        size_t now = trace_row_count_at(trace, cursor);
        struct trace_waiting waiting[8];
        size_t count = trace_waiting(trace, cursor, waiting, 8);
        assert_true(now >= rows);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(waiting[i].from, WIRE_SERVER);
            assert_true(waiting[i].length > 0);
        }
        waited |= count > 0;
        rows = now;
    }
    assert_true(waited); /* the server's flight is there before the keys are */
    assert_int_equal(rows, trace_row_count(trace));
    trace_free(trace);
}

/* ---- moments ---------------------------------------------------------------------------------------- */

static void moments_are_the_stops_of_the_log(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    size_t end = trace_event_count(trace);
    size_t stops = 0;
    size_t cursor = 0;

    (void)state;
    for (size_t next = trace_moment_after(trace, 0); next != end;
         next = trace_moment_after(trace, cursor)) {
        assert_true(next > cursor);
        assert_int_equal(trace_event_at(trace, next - 1)->kind, TRACE_STOP);
        assert_int_equal(trace_moment_before(trace, next), cursor);
        assert_true(trace_stop_at(trace, next).at_stop);
        cursor = next;
        stops++;
    }
    assert_true(stops > 10);
    assert_int_equal(trace_moment_after(trace, end), end);
    assert_int_equal(trace_moment_before(trace, end), cursor);
    assert_int_equal(trace_moment_before(trace, 0), 0);
    assert_false(trace_stop_at(trace, 0).at_stop);
    trace_free(trace);
}

/* Each stop at a message is tied to the first row of its side and type that no stop had before. */
static void stops_name_their_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        uint32_t last[2] = {0, 0};
        for (size_t index = 0; index < trace_event_count(trace); index++) {
            const struct trace_event *event = trace_event_at(trace, index);
            struct trace_stop stop = trace_stop_at(trace, index + 1);
            if (event->kind != TRACE_STOP) {
                continue;
            }
            assert_string_equal(stop.at, event->text);
            assert_int_equal(stop.queued, event->queued);
            if (strcmp(stop.at, "connect") == 0) {
                assert_int_equal(stop.n, 0);
                assert_false(stop.has_from);
                continue;
            }
            assert_true(stop.has_from);
            assert_int_not_equal(stop.n, 0);
            const struct trace_row *row = trace_row_at(trace, stop.n - 1);
            assert_string_equal(row->type, stop.at);
            assert_int_equal(row->from, stop.from);
            assert_true(stop.n > last[stop.from]);
            assert_int_equal(trace_moment_of_row(trace, stop.n), index + 1);
            last[stop.from] = stop.n;
        }
        trace_free(trace);
    }
}

static void without_stops_rows_and_phases_are_the_moments(void **state)
{
    struct trace *trace = conversation_trace_new();
    const struct trace_event phase = {
        .kind = TRACE_PHASE, .phase = TRACE_HANDSHAKE, .state = TRACE_BEGUN};
    const struct trace_event note = {.kind = TRACE_NOTE};

    (void)state;
    conversation_append(trace, &phase);
    conversation_append(trace, &note);
    conversation_bytes(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\0\x15\x03\x03\0", 11);
    conversation_bytes(trace, WIRE_CLIENT, "\2\1\0", 3);
    conversation_append(trace, &note);
    assert_int_equal(trace_row_count(trace), 2);
    assert_int_equal(trace_moment_after(trace, 0), 1);
    assert_int_equal(trace_moment_after(trace, 1), 3);
    assert_int_equal(trace_moment_after(trace, 3), 4);
    assert_int_equal(trace_moment_after(trace, 4), 5);
    assert_int_equal(trace_moment_before(trace, 5), 4);
    assert_int_equal(trace_moment_before(trace, 3), 1);
    assert_int_equal(trace_moment_of_row(trace, 1), 3);
    assert_int_equal(trace_moment_of_row(trace, 2), 4);
    assert_int_equal(trace_moment_of_row(trace, 3), 0);
    assert_int_equal(trace_moment_of_row(trace, 0), 0);
    trace_free(trace);
}

/* A stop may come before its row can be read: the row is the stop's from then on, not before. */
static void a_stop_waits_for_its_row(void **state)
{
    struct trace *trace = conversation_trace_new();
    struct trace_event stop = {.kind = TRACE_STOP, .from = WIRE_SERVER, .phase = TRACE_DATA};

    (void)state;
    stop.text = text_duplicate("Alert", 5);
    conversation_append(trace, &stop);
    conversation_bytes(trace, WIRE_CLIENT, "\x15\x03\x03\0\2\1\0", 7);
    conversation_bytes(trace, WIRE_SERVER, "\x15\x03\x03\0\2\1\0", 7);
    assert_int_equal(trace_stop_at(trace, 1).n, 0);
    assert_int_equal(trace_stop_at(trace, 2).n, 0);
    assert_int_equal(trace_stop_at(trace, 3).n, 2);
    assert_int_equal(trace_moment_of_row(trace, 2), 3);
    free(stop.text);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_shows_what_a_log_that_ends_there_shows),
        cmocka_unit_test(facts_do_not_depend_on_the_way_to_the_cursor),
        cmocka_unit_test(rows_and_waiting_records_only_grow_or_become_readable),
        cmocka_unit_test(moments_are_the_stops_of_the_log),
        cmocka_unit_test(stops_name_their_rows),
        cmocka_unit_test(without_stops_rows_and_phases_are_the_moments),
        cmocka_unit_test(a_stop_waits_for_its_row),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
