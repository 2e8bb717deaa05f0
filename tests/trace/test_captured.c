/*
 * A session that comes from somebody else's capture: saved and opened again it is the same; and which files are sessions at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "conversation_cases.h"
#include "scratch.h"
#include "trace_compare.h"

static void append_tcp(struct trace *trace, enum wire_side from, const char *text, uint64_t frame)
{
    const struct trace_event event = {.kind = TRACE_TCP,
                                      .from = from,
                                      .time_ns = (int64_t)frame * 1000000,
                                      .frame = frame,
                                      .text = (char *)(uintptr_t)text};
    conversation_append(trace, &event);
}

/* The bytes of a conversation as a capture would have them, without those of its event `lost`. */
static struct trace *captured(const struct conversation *conversation, size_t lost)
{
    const struct trace_target target = {.input = "a.pcap",
                                        .host = "2001:db8::2",
                                        .port = 8443,
                                        .source = "a.pcap",
                                        .client = "[2001:db8::1]:50000",
                                        .server = "[2001:db8::2]:8443",
                                        .stream = 17};
    struct trace *trace = trace_new(&target, 1764000000123456789);
    uint64_t frame = 3;
    size_t bytes = 0;

    assert_non_null(trace);
    append_tcp(trace, WIRE_CLIENT, "SYN", 1);
    append_tcp(trace, WIRE_SERVER, "SYN-ACK", 2);
    append_tcp(trace, WIRE_CLIENT, "ACK", 3);
    for (size_t i = 0; i < conversation->count; i++) {
        struct trace_event event = conversation->events[i];
        if (event.kind != TRACE_BYTES && event.kind != TRACE_SECRET) {
            continue;
        }
        if (event.kind == TRACE_BYTES) {
            event.time_ns = (int64_t)++frame * 1000000;
            event.frame = frame;
            event.end = TRACE_OPEN;
            if (++bytes == lost) {
                event.kind = TRACE_GAP;
                event.dropped = event.length;
                event.data = NULL;
                event.length = 0;
            }
        }
        conversation_append(trace, &event);
    }
    append_tcp(trace, WIRE_CLIENT, "FIN", frame + 1);
    append_tcp(trace, WIRE_SERVER, "RST", frame + 2);
    trace_finish(trace);
    return trace;
}

static void save(const struct trace *trace, char path[SCRATCH_PATH_MAX])
{
    struct err err = {0};

    if (trace_save(trace, scratch_path(path, "captured.pcapng"), true, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static void expect_same(struct trace *trace, struct trace *opened)
{
    compare_events(trace, opened);
    compare_rows(trace, opened, COMPARE_TIMES | COMPARE_EVENTS);
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        assert_int_equal(trace_event_at(trace, i)->frame, trace_event_at(opened, i)->frame);
    }
    for (size_t cursor = 0; cursor <= trace_event_count(trace); cursor++) {
        compare_at(trace, opened, cursor);
    }
    assert_string_equal(trace_target(opened)->client, trace_target(trace)->client);
    assert_string_equal(trace_target(opened)->server, trace_target(trace)->server);
    assert_int_equal(trace_target(opened)->stream, trace_target(trace)->stream);
}

static void a_session_from_a_capture_opens_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        for (size_t lost = 0; lost < 6; lost++) {
            struct trace *trace = captured(&conversations[i], lost);
            struct err err = {0};
            char path[SCRATCH_PATH_MAX];
            save(trace, path);
            struct trace *opened = trace_open(path, &err);
            assert_non_null(opened);
            expect_same(trace, opened);
            trace_free(opened);
            trace_free(trace);
        }
    }
}

static void its_packets_are_those_that_were_captured(void **state)
{
    struct trace *trace = captured(&conversations[0], 0);
    struct buffer output = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    command_need("tshark");
    save(trace, path);
    assert_int_equal(
        command_run(&output,
                    "timeout 60 env HOME=/nonexistent tshark -n -o tcp.check_checksum:TRUE -r '%s' "
                    "-Y 'tcp.flags.syn == 1 || tcp.flags.fin == 1 || tcp.flags.reset == 1' "
                    "-T fields -e ipv6.src -e tcp.srcport -e tcp.flags -e frame.time_epoch "
                    "2>/dev/null",
                    path),
        0);
    assert_int_equal(command_count(&output, "2001:db8::1\t50000\t0x0002\t1764000000.124456789"), 1);
    assert_int_equal(command_count(&output, "2001:db8::2\t8443\t0x0012"), 1);
    assert_int_equal(command_count(&output, "\n"), 4); /* SYN, SYN-ACK, FIN, RST */
    assert_int_equal(
        command_run(&output,
                    "timeout 60 env HOME=/nonexistent tshark -n -o tcp.check_checksum:TRUE -r '%s' "
                    "-Y '_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0' "
                    "2>/dev/null",
                    path),
        0);
    assert_int_equal(command_count(&output, "\n"), 4); /* no more than before */
    buffer_free(&output);
    trace_free(trace);
}

/* ---- which files are sessions -------------------------------------------------------------------------- */

static bool is_session_after(const char *command, const char *path)
{
    struct buffer output = {0};
    char changed[SCRATCH_PATH_MAX];

    scratch_path(changed, "changed.pcapng");
    assert_int_equal(command_run(&output, command, path, changed), 0);
    buffer_free(&output);
    return trace_is_session(changed);
}

static void sessions_are_told_from_captures(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];

    (void)state;
    trace_finish(trace);
    save(trace, path);
    assert_true(trace_is_session(path));
    assert_true(is_session_after("cp '%s' '%s'", path));
    assert_true(is_session_after("head -c 20000 '%s' >'%s'", path));
    assert_false(is_session_after("gzip -c '%s' >'%s'", path));
    assert_false(is_session_after("tail -c +5 '%s' >'%s'", path));
    assert_false(is_session_after("true '%s'; : >'%s'", path));
    assert_false(trace_is_session("/nonexistent"));
    assert_false(trace_is_session("/"));
    assert_false(trace_is_session("/dev/zero"));
    trace_free(trace);
}

/* Comments of packets stay, but the blocks of the other events are gone: what is left is no session. */
static void what_others_have_rewritten_is_a_capture(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];

    (void)state;
    command_need("editcap");
    command_need("mergecap");
    save(trace, path);
    assert_false(is_session_after("timeout 60 editcap '%s' '%s' 2>&1", path));
    assert_false(
        is_session_after("timeout 60 editcap --discard-capture-comment '%s' '%s' 2>&1", path));
    assert_false(is_session_after("timeout 60 mergecap '%1$s' '%1$s' -w '%2$s' 2>&1", path));
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_from_a_capture_opens_as_it_was),
        cmocka_unit_test(its_packets_are_those_that_were_captured),
        cmocka_unit_test(sessions_are_told_from_captures),
        cmocka_unit_test(what_others_have_rewritten_is_a_capture),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
