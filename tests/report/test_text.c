/* The report for people: a problem is told once, and a capture has no phases that leave no packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "conversation_cases.h"
#include "tlstep/report.h"

static void append_kind(struct trace *trace, const struct conversation *conversation,
                        enum trace_event_kind kind)
{
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == kind) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
}

/* Rows that have this problem; each says it once. */
static unsigned rows_that_say_once(struct trace *trace, const char *problem, unsigned style)
{
    unsigned rows = 0;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        struct buffer text = {0};
        if (row->problem == NULL || strstr(row->problem, problem) == NULL) {
            continue;
        }
        assert_int_equal(report_row_text(trace, row, SIZE_MAX, style, &text), 0);
        assert_int_equal(command_count(&text, problem), 1);
        buffer_free(&text);
        rows++;
    }
    return rows;
}

static void say_once(struct trace *trace, const char *problem)
{
    assert_int_not_equal(rows_that_say_once(trace, problem, 0), 0);
    assert_int_not_equal(rows_that_say_once(trace, problem, REPORT_REDACT), 0);
}

/* The last byte of the last record of the server is another one. */
static void a_wrong_tag_is_told_once(void **state)
{
    const struct conversation *conversation = conversation_case_held("tls12-gcm");
    struct trace_event *last = NULL;
    struct trace *trace = conversation_capture_new();

    (void)state;
    for (size_t i = 0; i < conversation->count; i++) {
        struct trace_event *event = &conversation->events[i];
        if (event->kind == TRACE_BYTES && event->from == WIRE_SERVER && event->length > 0) {
            last = event;
        }
    }
    assert_non_null(last);
    append_kind(trace, conversation, TRACE_SECRET);
    last->data[last->length - 1] ^= 1;
    append_kind(trace, conversation, TRACE_BYTES);
    last->data[last->length - 1] ^= 1;
    trace_finish(trace);
    say_once(trace, "bad_record_mac");
    trace_free(trace);
}

static void a_gap_is_told_once(void **state)
{
    const struct conversation *conversation = conversation_case_held("tls12-gcm");
    struct trace_event gap = {.kind = TRACE_GAP, .from = WIRE_SERVER, .dropped = 5190};
    struct trace *trace = conversation_capture_new();

    (void)state;
    append_kind(trace, conversation, TRACE_SECRET);
    assert_int_equal(trace_append(trace, &gap, NULL), 0);
    append_kind(trace, conversation, TRACE_BYTES);
    trace_finish(trace);
    say_once(trace, "bytes were not captured here");
    trace_free(trace);
}

/* ---- phases ---- */

static void has_lines(struct trace *trace, const char *const *names, bool there)
{
    struct buffer text = {0};

    assert_int_equal(report_text(trace, SIZE_MAX, 0, &text), 0);
    for (; *names != NULL; names++) {
        char line[40];
        (void)snprintf(line, sizeof line, " %-10s", *names); /* short names */
        if ((strstr(buffer_string(&text), line) != NULL) != there) {
            fail_msg("%s: %s", *names, buffer_string(&text));
        }
    }
    buffer_free(&text);
}

static void a_capture_has_no_phases_without_packets(void **state)
{
    static const char *const local[] = {"resolve", "verify", NULL};
    static const char *const seen[] = {"connect", "handshake", "data", NULL};
    const struct conversation *conversation = conversation_case_held("tls13");
    struct trace *trace = conversation_capture_new();

    (void)state;
    append_kind(trace, conversation, TRACE_SECRET);
    append_kind(trace, conversation, TRACE_BYTES);
    trace_finish(trace);
    has_lines(trace, local, false);
    has_lines(trace, seen, true);
    trace_free(trace);
    trace = conversation_trace(conversation);
    has_lines(trace, local, true);
    has_lines(trace, seen, true);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_tag_is_told_once),
        cmocka_unit_test(a_gap_is_told_once),
        cmocka_unit_test(a_capture_has_no_phases_without_packets),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
