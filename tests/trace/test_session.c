/* A session that was saved opens as what it was: the same events, rows, numbers and facts. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "conversation_cases.h"
#include "scratch.h"
#include "session_read.h"
#include "trace_compare.h"

/* Saves under a fresh name. */
static void save(const struct trace *trace, char path[SCRATCH_PATH_MAX])
{
    static unsigned number;
    char name[40];
    struct err err = {0};

    (void)snprintf(name, sizeof name, "session-%u.pcapng", number++); /* it fits */
    scratch_path(path, name);
    if (trace_save(trace, path, false, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static struct trace *open_session(const char *path)
{
    struct err err = {0};
    struct trace *trace = trace_open(path, &err);

    if (trace == NULL) {
        fail_msg("%s", err.text);
    }
    return trace;
}

static void read_file(const char *path, struct buffer *out)
{
    assert_int_equal(file_read(path, "session file", SIZE_MAX / 2, out, NULL), 0);
}

static struct trace *read_memory(void *data, size_t length, struct err *err)
{
    FILE *file = fmemopen(data, length, "r");
    struct trace *trace;

    assert_non_null(file);
    trace = session_read(file, "memory", err);
    assert_int_equal(fclose(file), 0);
    return trace;
}

static void expect_same(struct trace *trace, struct trace *opened)
{
    compare_events(trace, opened);
    compare_rows(trace, opened, COMPARE_TIMES | COMPARE_EVENTS);
    for (size_t cursor = 0; cursor <= trace_event_count(trace); cursor++) {
        compare_at(trace, opened, cursor);
    }
    assert_int_equal(trace_start_wall_ns(opened), trace_start_wall_ns(trace));
    assert_string_equal(trace_target(opened)->host, trace_target(trace)->host);
    assert_string_equal(trace_target(opened)->input, trace_target(trace)->input);
    assert_string_equal(trace_target(opened)->sni, trace_target(trace)->sni);
    assert_int_equal(trace_target(opened)->port, trace_target(trace)->port);
}

static void expect_round_trip(struct trace *trace)
{
    char path[SCRATCH_PATH_MAX];

    save(trace, path);
    struct trace *opened = open_session(path);
    expect_same(trace, opened);
    assert_string_equal(trace_target(opened)->source, path);
    trace_free(opened);
}

static void every_conversation_opens_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        trace_finish(trace);
        expect_round_trip(trace);
        trace_free(trace);
    }
}

/* ---- strange events --------------------------------------------------------------------------------- */

static void append_text(struct trace *trace, enum trace_event_kind kind, const char *text,
                        const char *code)
{
    const struct trace_event event = {
        .kind = kind,
        .time_ns = -5,
        .text = (char *)(uintptr_t)text,
        .code = (char *)(uintptr_t)code,
    };
    conversation_append(trace, &event);
}

static void append_verdict(struct trace *trace)
{
    static const uint8_t broken[] = "not a certificate";
    const struct pki_slice chain = {broken, sizeof broken};
    struct pki_trust *trust = pki_trust_none(NULL);
    const struct pki_request request = {
        .chain = &chain, .chain_length = 1, .trust = trust, .hostname = "example.test", .at = 12};
    struct trace_event event = {.kind = TRACE_VERDICT};

    assert_non_null(trust);
    event.verification = pki_verify(&request, NULL);
    assert_non_null(event.verification);
    assert_true(event.verification->reason_count > 0);
    assert_int_equal(trace_append(trace, &event, NULL), 0);
    pki_trust_release(trust);
}

/* Every member of an event, with every kind of value. */
static void strange_events_survive(void **state)
{
    struct trace *trace = conversation_trace_new();
    static char long_text[200000];
    static uint8_t bytes[70000];
    struct trace_event event = {.kind = TRACE_QUEUED, .content_type = 255, .handshake_type = 254};

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    memset(bytes, 0x17, sizeof bytes);
    append_text(trace, TRACE_NOTE, NULL, NULL);
    append_text(trace, TRACE_NOTE, "", "");
    append_text(trace, TRACE_NOTE, "line\nfeed \"quoted\" \\ \x1b[2J \u202e é", "attempt");
    append_text(trace, TRACE_NOTE, "not UTF-8: \xff\xfe", "\x80");
    append_text(trace, TRACE_NOTE, long_text, NULL);
    append_text(trace, TRACE_SECRET, NULL, NULL);
    append_text(trace, TRACE_SECRET, "", NULL);
    append_text(trace, TRACE_SECRET, "# a comment", NULL);
    append_text(trace, TRACE_SECRET, "two\nlines", NULL);
    append_text(trace, TRACE_SECRET, "LABEL 00 00", NULL);
    append_text(trace, TRACE_SECRET, long_text, NULL);
    for (unsigned i = 0; i < 60; i++) { /* more than there is room for at the beginning */
        long_text[i % 2 == 0 ? 150 : 20] = '\0';
        append_text(trace, TRACE_SECRET, long_text, NULL);
        long_text[20] = 'x';
    }
    append_text(trace, TRACE_SECRET, "LABEL 01 01", NULL);
    append_text(trace, TRACE_STOP, "resolve", NULL);
    append_text(trace, TRACE_STOP, NULL, NULL);
    conversation_append(trace, &event);
    event.data = bytes;
    event.length = sizeof bytes; /* longer than a comment can be */
    conversation_append(trace, &event);
    append_verdict(trace);
    conversation_bytes(trace, WIRE_SERVER, NULL, 0); /* neither bytes nor an end */
    conversation_bytes(trace, WIRE_SERVER, bytes, sizeof bytes);
    conversation_end(trace, WIRE_CLIENT, TRACE_RESET);
    conversation_end(trace, WIRE_SERVER, TRACE_FIN);
    trace_finish(trace);
    expect_round_trip(trace);
    trace_free(trace);
}

static void an_empty_session_opens(void **state)
{
    struct trace *trace = conversation_trace_new();

    (void)state;
    trace_finish(trace);
    expect_round_trip(trace);
    trace_free(trace);
}

static void a_session_that_was_opened_can_be_saved_again(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];
    char again[SCRATCH_PATH_MAX];
    struct buffer first = {0};
    struct buffer second = {0};

    (void)state;
    save(trace, path);
    struct trace *opened = open_session(path);
    save(opened, again);
    read_file(path, &first);
    read_file(again, &second);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.data, second.data, first.length);
    buffer_free(&first);
    buffer_free(&second);
    trace_free(opened);
    trace_free(trace);
}

/* ---- streamed, killed, cut --------------------------------------------------------------------------- */

/* All but the note are events of the trace; the last one may be a part of one. */
static void expect_prefix(struct trace *trace, const struct trace *cut)
{
    size_t count = trace_event_count(cut);

    assert_in_range(count, 1, trace_event_count(trace) + 1);
    assert_int_equal(trace_event_at(cut, count - 1)->kind, TRACE_NOTE);
    assert_string_equal(trace_event_at(cut, count - 1)->code, "truncated");
    for (size_t i = 0; i + 1 < count; i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        const struct trace_event *other = trace_event_at(cut, i);
        assert_int_equal(event->kind, other->kind);
        assert_int_equal(event->time_ns, other->time_ns);
        assert_true(i + 2 == count ? other->length <= event->length
                                   : other->length == event->length);
        if (other->length > 0) {
            assert_memory_equal(event->data, other->data, other->length);
        }
    }
}

static void a_stream_is_written_as_it_goes_and_equals_the_whole(void **state)
{
    const struct conversation *conversation = &conversations[0];
    struct trace *trace = conversation_trace_new();
    char streamed[SCRATCH_PATH_MAX];
    char whole[SCRATCH_PATH_MAX];
    struct buffer first = {0};
    struct buffer second = {0};
    struct err err = {0};

    (void)state;
    scratch_path(streamed, "streamed.pcapng");
    struct trace_writer *writer = trace_writer_new(streamed, false, trace, &err);
    assert_non_null(writer);
    for (size_t i = 0; i < conversation->count; i++) {
        conversation_append(trace, &conversation->events[i]);
        assert_int_equal(trace_writer_update(writer, trace, &err), 0);
        /* Killed here, nothing is lost. */
        struct trace *so_far = open_session(streamed);
        assert_int_equal(trace_event_count(so_far), i + 2);
        expect_prefix(trace, so_far);
        trace_free(so_far);
    }
    assert_int_equal(trace_writer_close(writer, trace, &err), 0);
    save(trace, whole);
    read_file(streamed, &first);
    read_file(whole, &second);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.data, second.data, first.length);
    buffer_free(&first);
    buffer_free(&second);
    trace_free(trace);
}

static void a_file_may_be_cut_at_every_byte(void **state)
{
    struct trace *trace = conversation_trace(conversation_case_held("tls12-chacha"));
    char path[SCRATCH_PATH_MAX];
    struct buffer file = {0};
    size_t opened = 0;

    (void)state;
    save(trace, path);
    read_file(path, &file);
    /* One space in thirteen of the room for secrets is enough. */
    for (size_t length = 1; length < file.length;
         length += file.data[length] == ' ' && file.data[length - 1] == ' ' ? 13 : 1) {
        struct err err = {0};
        struct trace *cut = read_memory(file.data, length, &err);
        if (cut == NULL) {
            assert_int_equal(opened, 0); /* only before the head is there */
            assert_int_equal(err.class, ERR_FILE);
        } else {
            expect_prefix(trace, cut);
            trace_free(cut);
            opened++;
        }
    }
    assert_true(opened > 3000);
    buffer_free(&file);
    trace_free(trace);
}

/* Any byte of the file may be another one: it may not open, or be cut, but nothing breaks. */
static void a_file_may_be_damaged(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];
    struct buffer file = {0};
    uint32_t random = 1;

    (void)state;
    save(trace, path);
    read_file(path, &file);
    for (unsigned round = 0; round < 1500; round++) {
        random = random * 1664525 + 1013904223;
        size_t at = random % file.length;
        uint8_t before = file.data[at];
        file.data[at] = (uint8_t)(random >> 24);
        struct trace *damaged = read_memory(file.data, file.length, NULL);
        if (damaged != NULL) {
            assert_non_null(trace_facts(damaged, SIZE_MAX));
            trace_free(damaged);
        }
        file.data[at] = before;
    }
    buffer_free(&file);
    trace_free(trace);
}

/* ---- files ------------------------------------------------------------------------------------------ */

static void files_are_private_and_not_overwritten(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];
    struct stat status;
    struct err err = {0};

    (void)state;
    save(trace, path);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(trace_save(trace, path, false, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(trace_save(trace, path, true, &err), 0);
    trace_free(open_session(path));
    trace_free(trace);
}

static void a_full_disk_is_said(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    struct err err = {0};

    (void)state;
    assert_int_equal(trace_save(trace, "/dev/full", true, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "No space left"));
    assert_non_null(strstr(err.text, "/dev/full"));
    trace_free(trace);
}

/* A pipe cannot be written at random: each secret gets a block of its own. */
static void a_pipe_takes_a_session(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char fifo[SCRATCH_PATH_MAX];
    char copy[SCRATCH_PATH_MAX];
    struct command command;
    struct buffer output = {0};

    (void)state;
    scratch_path(fifo, "fifo");
    scratch_path(copy, "copy.pcapng");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(command_start(&command, "timeout 10 cat '%s' >'%s'", fifo, copy), 0);
    assert_int_equal(trace_save(trace, fifo, true, NULL), 0);
    assert_int_equal(command_finish(&command, &output), 0);
    struct trace *opened = open_session(copy);
    trace_finish(trace);
    compare_events(trace, opened);
    compare_rows(trace, opened, COMPARE_TIMES | COMPARE_EVENTS);
    buffer_free(&output);
    trace_free(opened);
    trace_free(trace);
}

static void what_is_no_session_is_refused(void **state)
{
    /* A pcapng section without our comment; pcap in both byte orders; gzip; others. */
    static const uint8_t section[] = {0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0,    0,    0x4d, 0x3c,
                                      0x2b, 0x1a, 1,    0,    0,  0, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 28, 0, 0,    0};
    static const uint8_t big_endian[] = {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0,    28,   0x1a, 0x2b,
                                         0x3c, 0x4d, 0,    1,    0, 0, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0, 0, 0,    28};
    static const struct {
        const void *data;
        size_t length;
        enum err_class class;
        const char *code;
    } files[] = {
        {section, sizeof section, ERR_FILE, "not_a_session"},
        {big_endian, sizeof big_endian, ERR_FILE, "not_a_session"},
        {"\xd4\xc3\xb2\xa1 and so on", 14, ERR_FILE, "not_a_session"},
        {"\xa1\xb2\x3c\x4d and so on", 14, ERR_FILE, "not_a_session"},
        {"\x1f\x8b\x08 and so on", 13, ERR_FILE, "not_a_session"},
        {"-----BEGIN CERTIFICATE-----", 27, ERR_FILE, "not_a_capture"},
        {"\n\r\r", 3, ERR_FILE, "not_a_capture"},
        {"", 0, ERR_FILE, "not_a_capture"},
        {section, sizeof section - 3, ERR_FILE, "truncated"},
    };
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        scratch_write(path, "other", files[i].data, files[i].length);
        assert_null(trace_open(path, &err));
        assert_int_equal(err.class, files[i].class);
        assert_string_equal(err.code, files[i].code);
        assert_non_null(strstr(err.text, path));
    }
    assert_null(trace_open("/", &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_null(trace_open(scratch_path(path, "missing"), &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "No such file"));
}

/* ---- the key log ------------------------------------------------------------------------------------- */

static void the_key_log_is_appended_to_a_private_file(void **state)
{
    struct trace *trace = conversation_trace(&conversations[0]);
    char path[SCRATCH_PATH_MAX];
    struct buffer expected = {0};
    struct buffer file = {0};
    struct stat status;
    size_t from = 0;
    struct err err = {0};

    (void)state;
    buffer_text(&expected, "");
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET) {
            buffer_printf(&expected, "%s\n", event->text);
        }
    }
    scratch_path(path, "keys.txt");
    assert_int_equal(trace_keylog_append(trace, path, &from, &err), 0);
    assert_int_equal(from, trace_event_count(trace));
    assert_int_equal(trace_keylog_append(trace, path, &from, &err), 0); /* nothing is new */
    read_file(path, &file);
    assert_int_equal(file.length, expected.length);
    assert_memory_equal(file.data, expected.data, file.length);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    from = 0;
    assert_int_equal(trace_keylog_append(trace, "/dev/full", &from, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_int_equal(from, 0);
    buffer_free(&expected);
    buffer_free(&file);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_conversation_opens_as_it_was),
        cmocka_unit_test(strange_events_survive),
        cmocka_unit_test(an_empty_session_opens),
        cmocka_unit_test(a_session_that_was_opened_can_be_saved_again),
        cmocka_unit_test(a_stream_is_written_as_it_goes_and_equals_the_whole),
        cmocka_unit_test(a_file_may_be_cut_at_every_byte),
        cmocka_unit_test(a_file_may_be_damaged),
        cmocka_unit_test(files_are_private_and_not_overwritten),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(a_pipe_takes_a_session),
        cmocka_unit_test(what_is_no_session_is_refused),
        cmocka_unit_test(the_key_log_is_appended_to_a_private_file),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
