/*
 * Comparisons: what matters differs and is counted, what must differ is marked and is not, and what is
 * alike is one line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "tlstep/report.h"

static struct trace *session(const char *name)
{
    char path[80];
    struct err err = {0};

    (void)snprintf(path, sizeof path, "tests/data/%s.pcapng", name);
    struct trace *trace = trace_open(path, &err);
    if (trace == NULL) {
        fail_msg("%s", err.text);
    }
    return trace;
}

static struct report_comparison *compare(struct trace *a, struct trace *b)
{
    struct report_comparison *comparison =
        report_compare(a, trace_event_count(a), b, trace_event_count(b));
    assert_non_null(comparison);
    return comparison;
}

/* The first line with this name at or after `from`. */
static const struct report_compared *line(const struct report_comparison *comparison,
                                          const char *name)
{
    for (size_t i = 0; i < report_comparison_count(comparison); i++) {
        const struct report_compared *here = report_comparison_at(comparison, i);
        if (strcmp(here->name, name) == 0) {
            return here;
        }
    }
    fail_msg("there is no line %s", name);
    return NULL;
}

static void a_session_is_like_itself(void **state)
{
    struct trace *a = session("good");
    struct trace *b = session("good");
    struct report_comparison *comparison = compare(a, b);
    (void)state;

    assert_int_equal(report_comparison_differences(comparison), 0);
    for (size_t i = 0; i < report_comparison_count(comparison); i++) {
        assert_int_equal(report_comparison_at(comparison, i)->kind, REPORT_SAME);
    }
    assert_int_equal(line(comparison, "client:ClientHello")->row_a,
                     line(comparison, "client:ClientHello")->row_b);
    report_comparison_free(comparison);
    trace_free(a);
    trace_free(b);
}

/* A working and a failing client: where they part is a difference, randoms and signatures are none. */
static void what_matters_stands_out(void **state)
{
    struct trace *a = session("good");
    struct trace *b = session("expired");
    struct report_comparison *comparison = compare(a, b);
    (void)state;

    assert_int_not_equal(report_comparison_differences(comparison), 0);
    assert_int_equal(line(comparison, "version")->kind, REPORT_SAME);
    assert_int_equal(line(comparison, "verification")->kind, REPORT_CHANGED);
    assert_string_equal(line(comparison, "verification")->a, "accepted");
    assert_string_equal(line(comparison, "verification")->b, "refused: expired");
    assert_int_equal(line(comparison, "server:certificate 0")->kind, REPORT_CHANGED);
    assert_int_equal(line(comparison, "handshake.client_hello.random")->kind, REPORT_RANDOM);
    assert_int_equal(line(comparison, "extension.server_name.host_name")->kind, REPORT_CHANGED);
    assert_int_equal(line(comparison, "server:CertificateVerify")->kind, REPORT_RANDOM);
    assert_int_equal(line(comparison, "client:Finished")->kind, REPORT_ONLY_A);
    assert_null(line(comparison, "client:Finished")->b);
    report_comparison_free(comparison);
    trace_free(a);
    trace_free(b);
}

/* The HelloRetryRequest and the second ClientHello stand on one side alone; the rest stays aligned. */
static void messages_are_aligned(void **state)
{
    struct trace *a = session("good");
    struct trace *b = session("hello-retry");
    struct report_comparison *comparison = compare(a, b);
    unsigned hellos = 0;
    (void)state;

    assert_int_equal(line(comparison, "server:HelloRetryRequest")->kind, REPORT_ONLY_B);
    assert_int_equal(line(comparison, "server:HelloRetryRequest")->row_a, 0);
    assert_int_not_equal(line(comparison, "server:Finished")->row_a, 0);
    assert_int_not_equal(line(comparison, "server:Finished")->row_b, 0);
    for (size_t i = 0; i < report_comparison_count(comparison); i++) {
        const struct report_compared *here = report_comparison_at(comparison, i);
        if (strcmp(here->name, "client:ClientHello") == 0) {
            hellos++;
            assert_true(here->kind == REPORT_ONLY_B || here->a != NULL);
        }
    }
    assert_int_equal(hellos, 2);
    report_comparison_free(comparison);
    trace_free(a);
    trace_free(b);
}

/* ---- lists within messages ---- */

/* A ClientHello with these cipher suites and no extensions. */
static struct trace *hello(const uint16_t *suites, size_t count)
{
    const struct trace_target target = {.input = "x", .host = "x", .port = 443};
    struct trace *trace = trace_new(&target, 0);
    struct buffer bytes = {0};
    uint16_t body = (uint16_t)(2 + 32 + 1 + 2 + 2 * count + 2);
    struct trace_event event = {.kind = TRACE_BYTES, .from = WIRE_CLIENT};

    assert_non_null(trace);
    buffer_append(&bytes, "\x16\x03\x01", 3);
    buffer_u16(&bytes, (uint16_t)(body + 4));
    buffer_u8(&bytes, WIRE_CLIENT_HELLO);
    buffer_u24(&bytes, body);
    buffer_u16(&bytes, WIRE_TLS12);
    for (int i = 0; i < 32; i++) {
        buffer_u8(&bytes, (uint8_t)(i + count));
    }
    buffer_u8(&bytes, 0);
    buffer_u16(&bytes, (uint16_t)(2 * count));
    for (size_t i = 0; i < count; i++) {
        buffer_u16(&bytes, suites[i]);
    }
    buffer_append(&bytes, "\x01\x00", 2);
    assert_false(bytes.failed);
    event.data = bytes.data;
    event.length = bytes.length;
    assert_int_equal(trace_append(trace, &event, NULL), 0);
    assert_int_equal(trace_row_count(trace), 1);
    return trace;
}

static unsigned count_kind(const struct report_comparison *comparison, const char *name,
                           enum report_difference kind)
{
    unsigned count = 0;
    for (size_t i = 0; i < report_comparison_count(comparison); i++) {
        const struct report_compared *here = report_comparison_at(comparison, i);
        count += strcmp(here->name, name) == 0 && here->kind == kind;
    }
    return count;
}

#define SUITE "handshake.client_hello.cipher_suites.cipher_suite"

/* One suite less is one line, not a shifted list; GREASE is none; another order is one. */
static void items_of_lists_are_aligned(void **state)
{
    static const uint16_t all[] = {0x0a0a, 0x1301, 0x1302, 0xc02b, 0xc02f, 0x009c};
    static const uint16_t less[] = {0x5a5a, 0x1301, 0xc02b, 0xc02f, 0x009c};
    static const uint16_t other[] = {0x0a0a, 0x1302, 0x1301, 0xc02b, 0xc02f, 0x009c};
    struct trace *a = hello(all, 6);
    struct trace *b = hello(less, 5);
    struct trace *c = hello(other, 6);
    (void)state;

    struct report_comparison *comparison =
        report_compare_rows(a, trace_row_at(a, 0), b, trace_row_at(b, 0));
    assert_non_null(comparison);
    assert_int_equal(count_kind(comparison, SUITE, REPORT_ONLY_A), 1);
    assert_int_equal(count_kind(comparison, SUITE, REPORT_ONLY_B), 0);
    assert_int_equal(count_kind(comparison, SUITE, REPORT_CHANGED), 0);
    assert_int_equal(count_kind(comparison, SUITE, REPORT_RANDOM), 1);
    assert_int_equal(count_kind(comparison, "order", REPORT_CHANGED), 0);
    report_comparison_free(comparison);

    comparison = report_compare_rows(a, trace_row_at(a, 0), c, trace_row_at(c, 0));
    assert_non_null(comparison);
    assert_int_equal(count_kind(comparison, "order", REPORT_CHANGED), 1);
    assert_int_equal(count_kind(comparison, SUITE, REPORT_SAME), 6);
    report_comparison_free(comparison);
    trace_free(a);
    trace_free(b);
    trace_free(c);
}

/* ---- the other way round ---- */

static int by_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int by_all(const void *left, const void *right)
{
    const struct report_compared *a = left;
    const struct report_compared *b = right;
    int order = strcmp(a->name, b->name);

    order = order != 0 ? order : (int)a->kind - (int)b->kind;
    order = order != 0 ? order : (int)a->depth - (int)b->depth;
    order = order != 0 ? order : (int)a->row_a - (int)b->row_a;
    order = order != 0 ? order : (int)a->row_b - (int)b->row_b;
    order = order != 0 ? order : by_text(a->a, b->a);
    return order != 0 ? order : by_text(a->b, b->b);
}

static struct report_compared mirror(const struct report_compared *line_of)
{
    struct report_compared out = *line_of;

    out.a = line_of->b;
    out.b = line_of->a;
    out.row_a = line_of->row_b;
    out.row_b = line_of->row_a;
    if (line_of->kind == REPORT_ONLY_A) {
        out.kind = REPORT_ONLY_B;
    } else if (line_of->kind == REPORT_ONLY_B) {
        out.kind = REPORT_ONLY_A;
    }
    return out;
}

/* The lines in an order of their own, seen from the other side where `mirrored`. */
static struct report_compared *sorted_lines(const struct report_comparison *comparison,
                                            bool mirrored)
{
    size_t count = report_comparison_count(comparison);
    struct report_compared *lines = calloc(count + 1, sizeof *lines);

    assert_non_null(lines);
    for (size_t i = 0; i < count; i++) {
        const struct report_compared *here = report_comparison_at(comparison, i);
        lines[i] = mirrored ? mirror(here) : *here;
    }
    qsort(lines, count, sizeof *lines, by_all);
    return lines;
}

static void assert_mirrored(struct trace *a, const char *name_a, struct trace *b,
                            const char *name_b)
{
    struct report_comparison *there = compare(a, b);
    struct report_comparison *back = compare(b, a);
    struct report_compared *lines = sorted_lines(there, false);
    struct report_compared *mirrored = sorted_lines(back, true);

    assert_int_equal(report_comparison_differences(there), report_comparison_differences(back));
    assert_int_equal(report_comparison_count(there), report_comparison_count(back));
    for (size_t i = 0; i < report_comparison_count(there); i++) {
        if (by_all(&lines[i], &mirrored[i]) != 0) {
            fail_msg("%s and %s: %s %s / %s, but back %s %s / %s", name_a, name_b, lines[i].name,
                     lines[i].a, lines[i].b, mirrored[i].name, mirrored[i].a, mirrored[i].b);
        }
    }
    free(lines);
    free(mirrored);
    report_comparison_free(there);
    report_comparison_free(back);
}

/* Whichever is A: the same pairs and the same differences, with the sides exchanged. */
static void the_order_does_not_matter(void **state)
{
    static const char *const sessions[] = {"good", "expired", "hello-retry", "tls12"};
    enum { SESSIONS = sizeof sessions / sizeof *sessions };
    size_t count = SESSIONS + conversation_case_count;
    struct trace **traces = calloc(count, sizeof *traces);
    const char **names = calloc(count, sizeof *names);

    assert_non_null(traces);
    assert_non_null(names);
    (void)conversation_cases_hold(state);
    for (size_t i = 0; i < count; i++) {
        bool file = i < SESSIONS;
        names[i] = file ? sessions[i] : conversation_cases[i - SESSIONS].name;
        traces[i] = file ? session(names[i]) : conversation_trace(&conversations[i - SESSIONS]);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            assert_mirrored(traces[i], names[i], traces[j], names[j]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        trace_free(traces[i]);
    }
    free(traces);
    free(names);
    (void)conversation_cases_free(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_like_itself),  cmocka_unit_test(what_matters_stands_out),
        cmocka_unit_test(messages_are_aligned),      cmocka_unit_test(items_of_lists_are_aligned),
        cmocka_unit_test(the_order_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
