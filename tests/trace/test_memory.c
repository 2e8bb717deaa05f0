/* Memory that runs out at any moment: what there is stays, what is missing is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "conversation_cases.h"
#include "log.h"
#include "scarcity.h"
#include "scratch.h"
#include "trace_compare.h"

static struct wiretap_credentials credentials;
static struct conversation conversation;

static int hold_conversation(void **state)
{
    (void)state;
    return wiretap_credentials_make(&credentials) == 0 &&
                   conversation_hold(
                       &conversation, &credentials,
                       &conversation_case_find("tls13-client-certificate")->options) == 0
               ? 0
               : -1;
}

static int free_conversation(void **state)
{
    (void)state;
    conversation_free(&conversation);
    wiretap_credentials_free(&credentials);
    return 0;
}

static void skip_unless_scarcity_works(void)
{
    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
}

/* The events of a trace without one, so that only the trace itself needs memory. */
static struct trace_event *copy_events(void)
{
    struct trace *trace = conversation_trace(&conversation);
    struct trace_event *events = calloc(conversation.count, sizeof *events);

    assert_non_null(events);
    for (size_t i = 0; i < conversation.count; i++) {
        struct trace_event *event = (struct trace_event *)(uintptr_t)trace_event_at(trace, i);
        events[i] = *event;
        *event = (struct trace_event){0}; /* moved */
    }
    trace_free(trace);
    return events;
}

/* GnuTLS does not always tell a lack of memory from a cipher that it does not have. */
static bool blames_the_library(const struct trace *trace)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const char *problem = trace_row_at(trace, i)->problem;
        if (problem != NULL && (strcmp(problem, "suite_not_supported") == 0 ||
                                strcmp(problem, "key_derivation") == 0)) {
            return true;
        }
    }
    return false;
}

/* Appends all events while the allocation after the first `count` fails. Returns whether one did. */
static bool append_scarcely(unsigned long count)
{
    struct trace_event *events = copy_events();
    struct trace *whole = conversation_trace(&conversation);
    struct trace *trace = conversation_trace_new();
    struct err err = {0};
    size_t failed = 0;

    scarcity_begin(count);
    for (size_t i = 0; i < conversation.count; i++) {
        if (trace_append(trace, &events[i], &err) != 0) {
            assert_int_equal(err.class, ERR_MEMORY);
            failed++;
        }
        assert_null(events[i].data); /* taken, also when it failed */
    }
    trace_finish(trace);
    bool refused = scarcity_end();
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    assert_non_null(facts);
    if (failed == 0) {
        if (!facts->failed && !blames_the_library(trace)) {
            compare_rows(whole, trace, COMPARE_TIMES);
        }
    } else if (trace_event_count(trace) == conversation.count) {
        assert_true(facts->failed); /* the log is whole, the transcript is not, and says so */
        assert_string_equal(facts->error_code, "memory");
    }
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        struct wire_tree tree = {0};
        assert_int_equal(trace_row_dissect(trace, trace_row_at(trace, i), &tree, NULL), 0);
        wire_tree_free(&tree);
    }
    trace_free(trace);
    trace_free(whole);
    free(events);
    return refused;
}

static void a_trace_survives_a_lack_of_memory(void **state)
{
    unsigned long count = 0;

    (void)state;
    skip_unless_scarcity_works();
    while (append_scarcely(count)) {
        count++;
    }
    print_message("# %lu allocations\n", count);
    assert_true(count > 30);
}

static void facts_say_nothing_rather_than_half(void **state)
{
    struct trace *whole;
    unsigned long count = 0;
    bool refused = true;

    (void)state;
    skip_unless_scarcity_works();
    whole = conversation_trace(&conversation);
    while (refused) {
        struct trace *trace = conversation_trace(&conversation);
        /* GnuTLS 3.7.9 itself crashes when a certificate cannot be made for want of memory. */
        trace->checks.off = true;
        scarcity_begin(count++);
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        refused = scarcity_end();
        assert_true(facts != NULL || refused);
        /* With memory again they are all there. */
        facts = trace_facts(trace, SIZE_MAX);
        assert_non_null(facts);
        assert_int_equal(facts->version, trace_facts(whole, SIZE_MAX)->version);
        assert_int_equal(facts->certificate_count, 1);
        assert_int_equal(facts->alert_count, 2);
        trace_free(trace);
    }
    assert_true(count > 10);
    trace_free(whole);
}

static void a_session_is_saved_or_the_lack_is_said(void **state)
{
    struct trace *trace;
    char path[SCRATCH_PATH_MAX];
    unsigned long count = 0;
    bool refused = true;

    (void)state;
    skip_unless_scarcity_works();
    trace = conversation_trace(&conversation);
    scratch_path(path, "session.pcapng");
    while (refused) {
        struct err err = {0};
        scarcity_begin(count);
        int result = trace_save(trace, path, true, &err);
        refused = scarcity_end();
        if (result != 0) {
            assert_true(refused);
            assert_int_equal(err.class, ERR_MEMORY);
        } else {
            struct trace *opened = trace_open(path, &err);
            if (opened == NULL) {
                fail_msg("allocation %lu: %s", count, err.text);
            }
            compare_events(trace, opened);
            trace_free(opened);
        }
        count += count < 300 ? 1 : 17; /* the packets are all alike */
    }
    trace_free(trace);
}

/* Jansson 2.14 does not survive a lack of memory while it reads a string (an assertion of its own), so
 * it gets memory that does not run out. */
static void *endless_memory(size_t size)
{
    static _Alignas(max_align_t) char memory[64 << 20];
    static size_t used;
    void *block = memory + used;

    used += (size + 15) / 16 * 16;
    return used <= sizeof memory ? block : NULL;
}

static void free_nothing(void *block)
{
    (void)block;
}

static void a_session_is_opened_or_the_lack_is_said(void **state)
{
    struct trace *trace;
    char path[SCRATCH_PATH_MAX];
    unsigned long count = 0;
    bool refused = true;

    (void)state;
    skip_unless_scarcity_works();
    trace = conversation_trace(&conversation);
    assert_int_equal(trace_save(trace, scratch_path(path, "session.pcapng"), true, NULL), 0);
    json_set_alloc_funcs(endless_memory, free_nothing);
    while (refused) {
        struct err err = {0};
        scarcity_begin(count);
        struct trace *opened = trace_open(path, &err);
        refused = scarcity_end();
        assert_true(opened != NULL || refused);
        if (opened != NULL && !refused) {
            compare_events(trace, opened);
        }
        trace_free(opened);
        count++;
    }
    json_set_alloc_funcs(malloc, free);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_survives_a_lack_of_memory),
        cmocka_unit_test(facts_say_nothing_rather_than_half),
        cmocka_unit_test(a_session_is_saved_or_the_lack_is_said),
        cmocka_unit_test(a_session_is_opened_or_the_lack_is_said),
    };
    return cmocka_run_group_tests(tests, hold_conversation, free_conversation);
}
