/* The decoder gives the same result whether bytes come at once, one at a time, or in any split. */
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

/* How many of `left` bytes come next. */
typedef size_t splitter(size_t left, uint32_t *random);

static size_t one(size_t left, uint32_t *random)
{
    (void)left;
    (void)random;
    return 1;
}

static size_t five(size_t left, uint32_t *random)
{
    (void)random;
    return left < 5 ? left : 5; /* a record's header apart from what follows */
}

/* xorshift: the same on every machine. */
static size_t any(size_t left, uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return 1 + *random % (*random % 4 == 0 ? left : left < 9 ? left : 9);
}

static void append_split(struct trace *trace, const struct trace_event *event, splitter *next,
                         uint32_t *random)
{
    struct trace_event part = *event;

    if (event->kind != TRACE_BYTES || event->length == 0) {
        conversation_append(trace, event);
        return;
    }
    for (size_t at = 0; at < event->length; at += part.length) {
        part.data = event->data + at;
        part.length = next(event->length - at, random);
        part.end = at + part.length == event->length ? event->end : TRACE_OPEN;
        conversation_append(trace, &part);
    }
}

static void expect_same(const struct conversation *conversation, splitter *next, uint32_t seed)
{
    struct trace *whole = conversation_trace(conversation);
    struct trace *split = conversation_trace_new();

    for (size_t i = 0; i < conversation->count; i++) {
        append_split(split, &conversation->events[i], next, &seed);
    }
    trace_finish(whole);
    trace_finish(split);
    compare_rows(whole, split, COMPARE_TIMES);
    compare_facts(whole, trace_event_count(whole), split, trace_event_count(split));
    trace_free(whole);
    trace_free(split);
}

static void bytes_may_come_one_at_a_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        expect_same(&conversations[i], one, 0);
    }
}

static void bytes_may_come_in_any_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        expect_same(&conversations[i], five, 0);
        for (uint32_t seed = 1; seed <= 5; seed++) {
            expect_same(&conversations[i], any, seed * 2654435761u);
        }
    }
}

/* The conversation with its secrets first, so that nothing has to wait; with `merge`, neighbouring
 * bytes of one side come in one event. */
static struct trace *bytes_only(const struct conversation *conversation, bool merge)
{
    struct trace *trace = conversation_trace_new();
    struct buffer gathered = {0};
    enum wire_side side = WIRE_CLIENT;

    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_SECRET) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind != TRACE_BYTES || event->length == 0) {
            continue;
        }
        if (gathered.length > 0 && (event->from != side || !merge)) {
            conversation_bytes(trace, side, gathered.data, gathered.length);
            gathered.length = 0;
        }
        side = event->from;
        buffer_append(&gathered, event->data, event->length);
    }
    conversation_bytes(trace, side, gathered.data, gathered.length);
    buffer_free(&gathered);
    trace_finish(trace);
    return trace;
}

static void several_flights_may_come_in_one_piece(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *apart = bytes_only(&conversations[i], false);
        struct trace *merged = bytes_only(&conversations[i], true);
        assert_true(trace_event_count(merged) < trace_event_count(apart));
        compare_rows(apart, merged, COMPARE_TIMES);
        trace_free(apart);
        trace_free(merged);
    }
}

/* The protocol that a server seems to speak is guessed from as many bytes either way. */
static void bytes_that_are_no_tls_may_come_in_any_split(void **state)
{
    static const char *const greetings[] = {"SSH-2.0-OpenSSH_9.2p1\r\n",
                                            "HTTP/1.1 400 Bad Request\r\n\r\n",
                                            "220 mail.example ESMTP\r\n",
                                            "\x16\x03\x01x\x02",
                                            "\x16\x02",
                                            "???"};

    (void)state;
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++) {
        struct trace *whole = conversation_trace_new();
        struct trace *split = conversation_trace_new();
        conversation_bytes(whole, WIRE_SERVER, greetings[i], strlen(greetings[i]));
        for (size_t k = 0; k < strlen(greetings[i]); k++) {
            conversation_bytes(split, WIRE_SERVER, greetings[i] + k, 1);
        }
        trace_finish(whole);
        trace_finish(split);
        assert_int_equal(trace_row_count(whole), 1);
        compare_rows(whole, split, COMPARE_TIMES);
        trace_free(whole);
        trace_free(split);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_may_come_one_at_a_time),
        cmocka_unit_test(bytes_may_come_in_any_split),
        cmocka_unit_test(several_flights_may_come_in_one_piece),
        cmocka_unit_test(bytes_that_are_no_tls_may_come_in_any_split),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
