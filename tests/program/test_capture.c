/*
 * Captures on the command line: a report for each TLS conversation, in order of the first packet, from files and
 * from pipes that trickle; one of them; what is cut; stepping through one; what is kept back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"
#include "program.h"
#include "recording.h"
#include "scratch.h"

#define SECONDS 15

/* Three conversations, the second of which begins before the first ends, and something that is no TLS over TCP. */
static char capture_path[SCRATCH_PATH_MAX];
static char keylog_path[SCRATCH_PATH_MAX];

static int make_capture(void **state)
{
    struct buffer capture = {0};
    struct buffer keys = {0};
    (void)state;

    recording_begin(&capture);
    recording_add(&capture, "good", 50001, 0);
    recording_add(&capture, "tls12", 50002, 1);
    recording_add(&capture, "expired", 50003, 2);
    recording_add_dtls(&capture);
    (void)scratch_write(capture_path, "three.pcap", capture.data, capture.length);
    recording_secrets(&keys, "good");
    recording_secrets(&keys, "tls12");
    (void)scratch_write(keylog_path, "three.keys", keys.data, keys.length);
    buffer_free(&capture);
    buffer_free(&keys);
    return 0;
}

static void report_is(json_t *report, unsigned stream, const char *client, const char *version)
{
    assert_string_equal(json_text_at(report, "schema"), "tlstep.report/1");
    assert_null(json_object_get(report, "target"));
    assert_int_equal(json_integer_value(json_at(report, "source.stream")), stream);
    assert_string_equal(json_text_at(report, "source.client"), client);
    assert_string_equal(json_text_at(report, "source.server"), "198.51.100.2:443");
    assert_string_equal(json_text_at(report, "negotiated.version"), version);
}

static size_t lines_of(struct buffer *output)
{
    return command_count(output, "\n");
}

/* ---- report ---------------------------------------------------------------------------------- */

static void one_object_a_line_in_order(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", capture_path);
    assert_int_equal(program.status, 0);
    assert_int_equal(lines_of(&program.output), 3);
    json_t *first = program_line(&program, 0);
    json_t *second = program_line(&program, 1);
    json_t *third = program_line(&program, 2);
    report_is(first, 0, "192.0.2.1:50001", "TLS 1.3");
    report_is(second, 1, "192.0.2.1:50002", "TLS 1.2");
    report_is(third, 2, "192.0.2.1:50003", "TLS 1.3");
    assert_string_equal(json_text_at(first, "source.file"), capture_path);
    assert_string_equal(json_text_at(first, "source.start"), "2023-11-14T22:13:20.000Z");
    assert_string_equal(json_text_at(first, "source.sni"), "good.lab.tlstep.test");
    assert_true(json_is_null(json_at(first, "application_data.client")));
    assert_non_null(json_object_get(first, "missing_secrets"));
    /* What is not decoded is named. */
    assert_non_null(strstr(buffer_string(&program.errors), "DTLS"));
    json_decref(first);
    json_decref(second);
    json_decref(third);
    program_free(&program);
}

/* With the key log the two that it has secrets for can be read, and are checked. */
static void key_logs_open_them(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--keylog", keylog_path, capture_path);
    assert_int_equal(program.status, 0);
    json_t *first = program_line(&program, 0);
    json_t *third = program_line(&program, 2);
    assert_true(json_is_integer(json_at(first, "application_data.server")));
    assert_null(json_object_get(first, "missing_secrets"));
    assert_true(json_array_size(json_object_get(first, "certificates")) > 0);
    json_t *check;
    size_t index;
    bool finished = false;
    json_array_foreach(json_object_get(first, "checks"), index, check)
    {
        assert_true(json_is_true(json_object_get(check, "ok")));
        finished |= strcmp(json_text_at(check, "what"), "finished") == 0;
    }
    assert_true(finished);
    assert_true(json_is_null(json_at(third, "application_data.server")));
    json_decref(first);
    json_decref(third);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--keylog", "/nonexistent/keys",
            capture_path);
    assert_int_equal(program.status, 4);
    assert_int_equal(program.output.length, 0);
    program_free(&program);
}

static void one_stream_alone(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--stream", "1", capture_path);
    assert_int_equal(program.status, 0);
    assert_int_equal(lines_of(&program.output), 1);
    json_t *report = program_line(&program, 0);
    report_is(report, 1, "192.0.2.1:50002", "TLS 1.2");
    json_decref(report);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--stream", "7", capture_path);
    assert_int_equal(program.status, 2);
    assert_int_equal(program.output.length, 0);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "report", "--stream", "1", "lab:good");
    assert_int_equal(program.status, 2);
    program_free(&program);
}

static void text_begins_with_a_list(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", capture_path);
    assert_int_equal(program.status, 0);
    program_is_harmless(&program);
    const char *text = buffer_string(&program.output);
    assert_non_null(text);
    const char *list = strstr(text, "192.0.2.1:50003");
    const char *report = strstr(text, "conversation 0");
    assert_true(list != NULL && report != NULL && list < report);
    assert_non_null(strstr(report, "conversation 2"));
    program_free(&program);
}

static void what_is_no_capture(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", scratch_path(path, "absent.pcap.d/x"));
    assert_int_equal(program.status, 4);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "report", "--json",
            scratch_write(path, "text.pcap", "hello, this is no capture\n", 26));
    assert_int_equal(program.status, 4);
    assert_int_equal(program.output.length, 0);
    program_free(&program);
}

/* Cut in the middle of the last conversation: the others are whole, and somebody is told. */
static void a_cut_file_is_read_as_far_as_it_goes(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer whole = {0};
    struct program program;
    (void)state;

    assert_int_equal(file_read(capture_path, "capture", 1u << 24, &whole, NULL), 0);
    (void)scratch_write(path, "cut.pcap", whole.data, whole.length - 600);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(lines_of(&program.output), 3);
    assert_non_null(strstr(buffer_string(&program.errors), "cut"));
    program_free(&program);
    buffer_free(&whole);
}

/* ---- pipes ------------------------------------------------------------------------------------ */

/* Each conversation comes when it ends, though the writer goes on: the reader need not wait for the end. */
static void a_pipe_is_reported_as_it_goes(void **state)
{
    char first[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    char gone[SCRATCH_PATH_MAX];
    struct buffer capture = {0};
    struct buffer output = {0};
    (void)state;

    recording_begin(&capture);
    recording_add(&capture, "good", 50001, 0);
    (void)scratch_write(first, "first.pcap", capture.data, capture.length);
    capture.length = 0;
    recording_add(&capture, "tls12", 50002, 500);
    (void)scratch_write(second, "second.pcap", capture.data, capture.length);
    buffer_free(&capture);

    /* The writer ends only when the first report has been seen. */
    int status =
        command_run(&output,
                    "timeout 10 sh -c '(cat %s; while ! [ -s %s ]; do sleep 0.02; done; cat %s) | "
                    "%s report --json - | while read -r line; do echo \"$line\" | cut -c1-200; "
                    "echo seen >%s; done'",
                    first, scratch_path(gone, "seen"), second, program_path(), gone);
    assert_int_equal(status, 0);
    assert_int_equal(command_count(&output, "tlstep.report/1"), 2);
    const char *text = buffer_string(&output);
    assert_non_null(text);
    assert_true(strstr(text, "192.0.2.1:50001") < strstr(text, "192.0.2.1:50002"));
    buffer_free(&output);
}

/* A browser writes its key log while it is captured: the log is empty when the program begins, and has the second
 * conversation's secrets after the first has been reported. */
static void a_key_log_grows_with_a_pipe(void **state)
{
    char first[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    char keys[SCRATCH_PATH_MAX];
    char growing[SCRATCH_PATH_MAX];
    char reports[SCRATCH_PATH_MAX];
    struct buffer bytes = {0};
    struct program program = {0};
    (void)state;

    recording_begin(&bytes);
    recording_add(&bytes, "good", 50001, 0);
    (void)scratch_write(first, "before.pcap", bytes.data, bytes.length);
    bytes.length = 0;
    recording_add(&bytes, "tls12", 50002, 500);
    (void)scratch_write(second, "after.pcap", bytes.data, bytes.length);
    bytes.length = 0;
    recording_secrets(&bytes, "tls12");
    (void)scratch_write(keys, "later.keys", bytes.data, bytes.length);
    (void)scratch_write(growing, "growing.keys", "", 0);
    buffer_free(&bytes);

    (void)scratch_write(reports, "growing.reports", "", 0);
    int status = command_run(&program.output,
                             "timeout 10 sh -c '(cat %s; while ! [ -s %s ]; do sleep 0.02; done; "
                             "cat %s >>%s; cat %s) | %s report --json --keylog %s - >%s' && cat %s",
                             first, reports, keys, growing, second, program_path(), growing,
                             reports, reports);
    assert_int_equal(status, 0);
    json_t *before = program_line(&program, 0);
    json_t *after = program_line(&program, 1);
    assert_true(json_is_null(json_at(before, "application_data.server")));
    assert_true(json_is_integer(json_at(after, "application_data.server")));
    json_decref(before);
    json_decref(after);
    program_free(&program);
}

/* In small pieces, through a FIFO, and as a file on standard input: the same conversations, with the same that was negotiated.
 * (Rows that cannot be read are numbered when nothing can make them readable any more, which a pipe knows later.) */
static void any_pipe_gives_the_same(void **state)
{
    char fifo[SCRATCH_PATH_MAX];
    struct buffer from_file = {0};
    struct buffer from_pipe = {0};
    struct buffer from_fifo = {0};
    struct buffer from_input = {0};
    (void)state;

    static const char only[] = "sed 's/\"file\":\"[^\"]*\"//; s/\"phases.*\"negotiated//; "
                               "s/\"verification.*//' | sort";
    const char *program = program_path();
    assert_int_equal(mkfifo(scratch_path(fifo, "fifo.pcap"), 0600), 0);
    (void)command_run(&from_file, "%s report --json %s 2>/dev/null | %s", program, capture_path,
                      only);
    (void)command_run(&from_pipe,
                      "dd if=%s bs=97 status=none | %s report --json - 2>/dev/null | %s",
                      capture_path, program, only);
    (void)command_run(&from_fifo,
                      "(cat %s >%s &) ; timeout 10 %s report --json %s 2>/dev/null | %s",
                      capture_path, fifo, program, fifo, only);
    (void)command_run(&from_input, "%s report --json - <%s 2>/dev/null | %s", program, capture_path,
                      only);
    assert_int_equal(lines_of(&from_file), 3);
    assert_string_equal(buffer_string(&from_file), buffer_string(&from_pipe));
    assert_string_equal(buffer_string(&from_file), buffer_string(&from_fifo));
    assert_string_equal(buffer_string(&from_file), buffer_string(&from_input));
    buffer_free(&from_file);
    buffer_free(&from_pipe);
    buffer_free(&from_fifo);
    buffer_free(&from_input);
}

/* ---- stepping ----------------------------------------------------------------------------------- */

static const char *error_code(struct program *program, size_t line)
{
    static char code[60];
    json_t *answer = program_line(program, line);
    (void)snprintf(code, sizeof code, "%s", json_text_at(answer, "error.code"));
    json_decref(answer);
    return code;
}

static void a_list_leads_to_a_conversation(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS,
            "step\nconversations\nconversation 1\nuntil ClientHello\nconversation 9\ncompare 0\n"
            "differences\n",
            "drive", capture_path);
    assert_int_equal(program.status, 0);
    assert_string_equal(error_code(&program, 0), "no_conversation");
    json_t *list = program_line(&program, 1);
    assert_int_equal(json_array_size(json_object_get(list, "conversations")), 3);
    assert_string_equal(json_text_at(list, "conversations.1.version"), "TLS 1.2");
    assert_string_equal(json_text_at(list, "conversations.0.sni"), "good.lab.tlstep.test");
    json_decref(list);
    json_t *stop = program_line(&program, 3);
    assert_string_equal(json_text_at(stop, "stop.at"), "ClientHello");
    assert_false(json_is_true(json_object_get(stop, "done")));
    json_decref(stop);
    assert_string_equal(error_code(&program, 4), "no_such_stream");
    json_t *differences = program_line(&program, 6);
    assert_string_equal(json_text_at(differences, "differences.schema"), "tlstep.diff/1");
    json_decref(differences);
    program_free(&program);
}

/* Several messages may come in one packet: the one that was looked for is the stop. */
static void a_move_stops_at_what_it_looked_for(void **state)
{
    static const char *const wanted[] = {"SYN", "ServerHello", "ServerHelloDone"};
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS,
            "conversation 1\nstep\nuntil server:ServerHello\ngoto 1\nuntil ServerHelloDone\n",
            "drive", capture_path);
    assert_int_equal(program.status, 0);
    for (size_t i = 0; i < 3; i++) {
        json_t *answer = program_line(&program, i == 2 ? 4 : i + 1);
        assert_string_equal(json_text_at(answer, "stop.at"), wanted[i]);
        assert_string_equal(json_text_at(answer, "stop.phase"), i == 0 ? "connect" : "handshake");
        json_decref(answer);
    }
    program_free(&program);
}

/* One alone opens by itself, and moves like a saved session. */
static void one_alone_opens_by_itself(void **state)
{
    char path[SCRATCH_PATH_MAX];
    char saved[SCRATCH_PATH_MAX];
    char save[SCRATCH_PATH_MAX + 20];
    struct buffer capture = {0};
    struct program program;
    (void)state;

    recording_begin(&capture);
    recording_add(&capture, "good", 50001, 0);
    (void)scratch_write(path, "one.pcap", capture.data, capture.length);
    buffer_free(&capture);
    (void)snprintf(save, sizeof save,
                   "step\ncontinue\nback\nmessages\nchecks\nschedule\nfollow client\nsave %s\n",
                   scratch_path(saved, "saved.pcapng"));
    PROGRAM(&program, SECONDS, save, "drive", "--keylog", keylog_path, path);
    assert_int_equal(program.status, 0);
    for (size_t i = 0; i < 8; i++) {
        json_t *answer = program_line(&program, i);
        assert_true(json_is_true(json_object_get(answer, "ok")));
        json_decref(answer);
    }
    json_t *schedule = program_line(&program, 5);
    assert_true(json_array_size(json_object_get(schedule, "schedule")) > 0);
    json_decref(schedule);
    program_free(&program);

    /* What was saved needs no key log any more. */
    PROGRAM(&program, SECONDS, NULL, "report", "--json", saved);
    assert_int_equal(program.status, 0);
    json_t *report = program_line(&program, 0);
    assert_true(json_is_integer(json_at(report, "application_data.server")));
    json_decref(report);
    program_free(&program);
}

static void conversations_are_compared(void **state)
{
    char a[SCRATCH_PATH_MAX + 4];
    char b[SCRATCH_PATH_MAX + 4];
    struct program program;
    (void)state;

    (void)snprintf(a, sizeof a, "%s#0", capture_path);
    (void)snprintf(b, sizeof b, "%s#2", capture_path);
    PROGRAM(&program, SECONDS, NULL, "diff", "--json", a, b);
    assert_int_equal(program.status, 1);
    json_t *diff = program_json(&program);
    assert_string_equal(json_text_at(diff, "b"), b);
    json_decref(diff);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "diff", a, a);
    assert_int_equal(program.status, 0);
    program_free(&program);
    PROGRAM(&program, SECONDS, NULL, "diff", capture_path, a);
    assert_int_equal(program.status, 2);
    program_free(&program);
}

/* ---- what is kept back --------------------------------------------------------------------------- */

/* No secret of the key log and nothing of the data is in what is written. */
static void holds_no_secret(struct buffer *written, const char *what)
{
    struct buffer keys = {0};
    char secret[33];

    assert_int_equal(file_read(keylog_path, "key log", 1u << 20, &keys, NULL), 0);
    const char *text = buffer_string(&keys);
    const char *all = buffer_string(written);
    assert_true(text != NULL && all != NULL && written->length > 0);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *value = strchr(line, ' ');
        value = strchr(value + 1, ' ') + 1;
        memcpy(secret, value, 32);
        secret[32] = '\0';
        uint8_t bytes[16];
        assert_int_equal(text_unhex(bytes, sizeof bytes, secret, 32), 16);
        if (memmem(all, written->length, secret, 32) != NULL ||
            memmem(all, written->length, bytes, sizeof bytes) != NULL) {
            fail_msg("%s has a secret: %s", what, secret);
        }
    }
    assert_null(memmem(all, written->length, "HTTP/1.1", 8));
    assert_null(memmem(all, written->length, "485454502f312e31", 16));
    buffer_free(&keys);
}

static void redaction_keeps_secrets_and_data_back(void **state)
{
    char saved[SCRATCH_PATH_MAX];
    struct buffer input = {0};
    struct buffer file = {0};
    struct program program;
    (void)state;

    buffer_text(&input, "conversation 0\ncontinue\nstate\nmessages\nsecrets\nschedule\nfollow\n");
    for (int row = 1; row < 30; row++) {
        buffer_printf(&input, "fields %d\nbytes %d\n", row, row);
    }
    buffer_printf(&input, "save %s\n", scratch_path(saved, "redacted.pcapng"));
    PROGRAM(&program, SECONDS, buffer_string(&input), "drive", "--redact", "--keylog", keylog_path,
            capture_path);
    holds_no_secret(&program.output, "drive");
    for (size_t i = 4; i < 7; i++) {
        assert_string_equal(error_code(&program, i), "redacted");
    }
    program_free(&program);
    assert_int_equal(file_read(saved, "session", 1u << 24, &file, NULL), 0);
    holds_no_secret(&file, "the saved session");
    buffer_free(&file);

    PROGRAM(&program, SECONDS, NULL, "report", "--redact", "--keylog", keylog_path, capture_path);
    assert_int_equal(program.status, 0);
    holds_no_secret(&program.output, "report");
    program_free(&program);
    buffer_free(&input);
}

/* A live session that is saved redacted has nothing either, and says all that is in clear. */
static void a_live_session_is_saved_redacted(void **state)
{
    char saved[SCRATCH_PATH_MAX];
    struct buffer input = {0};
    struct buffer file = {0};
    struct program program;
    (void)state;

    buffer_printf(&input, "until data\nhttp\ncontinue\n");
    PROGRAM(&program, SECONDS, buffer_string(&input), "drive", "--redact", "--save",
            scratch_path(saved, "live.pcapng"), "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(file_read(saved, "session", 1u << 24, &file, NULL), 0);
    assert_true(file.length > 0);
    assert_null(memmem(file.data, file.length, "HTTP/1.1", 8));
    assert_null(memmem(file.data, file.length, "TRAFFIC_SECRET", 14));
    buffer_free(&file);
    buffer_free(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_a_line_in_order),
        cmocka_unit_test(key_logs_open_them),
        cmocka_unit_test(one_stream_alone),
        cmocka_unit_test(text_begins_with_a_list),
        cmocka_unit_test(what_is_no_capture),
        cmocka_unit_test(a_cut_file_is_read_as_far_as_it_goes),
        cmocka_unit_test(a_pipe_is_reported_as_it_goes),
        cmocka_unit_test(a_key_log_grows_with_a_pipe),
        cmocka_unit_test(any_pipe_gives_the_same),
        cmocka_unit_test(a_list_leads_to_a_conversation),
        cmocka_unit_test(a_move_stops_at_what_it_looked_for),
        cmocka_unit_test(one_alone_opens_by_itself),
        cmocka_unit_test(conversations_are_compared),
        cmocka_unit_test(redaction_keeps_secrets_and_data_back),
        cmocka_unit_test(a_live_session_is_saved_redacted),
    };
    return cmocka_run_group_tests(tests, make_capture, NULL);
}
