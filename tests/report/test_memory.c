/*
 * Reports and comparisons while memory runs out. What programs read is whole, or said to have failed; in what
 * people read, the summary of a row may have fewer words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "tlstep/report.h"

static struct trace *session(const char *path)
{
    struct err err = {0};
    struct trace *trace = trace_open(path, &err);

    if (trace == NULL) {
        fail_msg("%s", err.text);
    }
    /* What GnuTLS checks is known beforehand: it does not survive a lack of memory itself. */
    assert_non_null(trace_facts(trace, SIZE_MAX));
    return trace;
}

struct subject {
    struct trace *a;
    struct trace *b;
};

/* True when what came out says that it is whole. */
typedef bool (*work_function)(const struct subject *subject, struct buffer *out);

static bool one_line(const struct subject *subject, struct buffer *out)
{
    return report_line(subject->a, trace_event_count(subject->a), out) == 0 && !out->failed;
}

static bool text(const struct subject *subject, struct buffer *out)
{
    return report_text(subject->a, trace_event_count(subject->a), 0, out) == 0 && !out->failed;
}

static bool comparison(const struct subject *subject, struct buffer *out)
{
    struct report_comparison *made = report_compare(subject->a, trace_event_count(subject->a),
                                                    subject->b, trace_event_count(subject->b));
    bool whole =
        made != NULL && report_comparison_text(made, "a", "b", 0, out) == 0 && !out->failed;

    report_comparison_free(made);
    return whole;
}

/* With `exact`, what claims to be whole is what comes out with memory enough. */
static void starve(work_function work, bool exact)
{
    struct subject subject = {session("tests/data/good.pcapng"),
                              session("tests/data/tls12.pcapng")};
    struct buffer expected = {0};
    unsigned long count = 0;
    unsigned failed = 0;
    bool refused = true;

    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        trace_free(subject.a);
        trace_free(subject.b);
        skip();
    }
    assert_true(work(&subject, &expected));
    while (refused) {
        struct buffer out = {0};
        scarcity_begin(count);
        bool whole = work(&subject, &out);
        refused = scarcity_end();
        if (exact && whole &&
            (out.length != expected.length || memcmp(out.data, expected.data, out.length) != 0)) {
            fail_msg("allocation %lu: %zu bytes of %zu claim to be whole", count, out.length,
                     expected.length);
        }
        assert_true(whole || refused);
        failed += !whole;
        buffer_free(&out);
        count += count < 500 ? 1 : 13;
    }
    print_message("# %lu allocations, %u failures\n", count, failed);
    assert_true(failed > 5);
    buffer_free(&expected);
    trace_free(subject.a);
    trace_free(subject.b);
}

static void a_report_is_whole_or_fails(void **state)
{
    (void)state;
    starve(one_line, true);
}

static void a_text_ends_or_fails(void **state)
{
    (void)state;
    starve(text, false);
}

static void a_comparison_ends_or_fails(void **state)
{
    (void)state;
    starve(comparison, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_whole_or_fails),
        cmocka_unit_test(a_text_ends_or_fails),
        cmocka_unit_test(a_comparison_ends_or_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
