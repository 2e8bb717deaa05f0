/*
 * Session files that are not whole: of a process that was killed, cut, damaged. They are read as far
 * as they go, with a warning; what is no session is refused with the reason.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hostile.h"
#include "program.h"
#include "scratch.h"

#define SECONDS 10

/* Fewer of many places are tried where each takes longer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* How many rows a file that is being written has by now; it ends early, and that is told. */
static size_t rows_so_far(const char *path)
{
    struct program program;
    size_t rows = 0;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
    if (program.status == 0) {
        json_t *report = program_json(&program);
        rows = json_array_size(json_object_get(report, "messages"));
        json_decref(report);
        assert_non_null(strstr(buffer_string(&program.errors), path));
    }
    program_free(&program);
    return rows;
}

/* Killed in the middle of a session: all that had happened is there, up to the ServerHello. */
static void a_killed_process_leaves_a_session(void **state)
{
    const struct timespec moment = {.tv_nsec = 20000000};
    struct hostile *server = hostile_start(hostile_find("silence after ServerHello"));
    char path[SCRATCH_PATH_MAX];
    char target[40];
    struct program program;
    (void)state;

    assert_non_null(server);
    (void)snprintf(target, sizeof target, "127.0.0.1:%u", hostile_port(server));
    program_start(&program, "continue\n",
                  (const char *const[]){"drive", "--save", scratch_path(path, "killed.pcapng"),
                                        "--timeout", "30", target, NULL});
    for (int i = 0; i < 250 && rows_so_far(path) < 5; i++)
        (void)nanosleep(&moment, NULL);
    assert_int_equal(kill(program.pid, SIGKILL), 0);
    program_finish(&program, SECONDS);
    assert_int_equal(program.status, 128 + SIGKILL);
    program_free(&program);
    hostile_stop(server, NULL);

    PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
    assert_int_equal(program.status, 0);
    json_t *report = program_json(&program);
    assert_string_equal(json_text_at(report, "messages.3.type"), "ClientHello");
    assert_string_equal(json_text_at(report, "messages.4.type"), "ServerHello");
    json_t *notes = json_object_get(report, "notes");
    json_t *last = json_array_get(notes, json_array_size(notes) - 1);
    assert_string_equal(json_text_at(last, "code"), "truncated");
    json_decref(report);
    program_free(&program);
}

/* The rows of a cut session are the first ones of the whole. */
static void rows_are_a_prefix(json_t *cut, json_t *whole)
{
    size_t i;
    json_t *row;
    json_t *rows = json_object_get(whole, "messages");

    assert_true(json_array_size(json_object_get(cut, "messages")) <= json_array_size(rows));
    json_array_foreach(json_object_get(cut, "messages"), i, row)
    {
        json_t *other = json_array_get(rows, i);
        if (json_object_get(row, "problem") != NULL)
            return; /* where it was cut */
        assert_int_equal(json_integer_value(json_object_get(row, "n")), i + 1);
        assert_string_equal(json_text_at(row, "type"), json_text_at(other, "type"));
    }
}

static json_t *report_of_file(const char *path)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(program.errors.length, 0);
    json_t *report = program_json(&program);
    program_free(&program);
    return report;
}

static void a_whole_session(struct buffer *content, char path[SCRATCH_PATH_MAX])
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--save",
            scratch_path(path, "whole.pcapng"), "lab:tls12");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(file_read(path, "file", 1 << 20, content, NULL), 0);
    assert_true(content->length > 8000);
    assert_int_equal(unlink(path), 0);
}

/* Opens it or says why not; never anything else. */
static void a_cut_file_is_read_as_far_as_it_goes(void **state)
{
    const size_t stride = SANITIZED ? 400 : 120;
    struct buffer content = {0};
    char path[SCRATCH_PATH_MAX];
    char cut[SCRATCH_PATH_MAX];
    unsigned opened = 0;
    (void)state;

    a_whole_session(&content, path);
    (void)scratch_write(path, "uncut.pcapng", content.data, content.length);
    json_t *whole = report_of_file(path);
    for (size_t length = 0; length < content.length; length += length < 32 ? 4 : stride) {
        struct program program;
        PROGRAM(&program, SECONDS, NULL, "report", "--json",
                scratch_write(cut, "cut.pcapng", content.data, length));
        program_is_harmless(&program);
        assert_non_null(strstr(buffer_string(&program.errors), cut)); /* warning or failure */
        if (program.status == 0 && program.output.length == 0) {
            assert_true(length < 1000); /* so little of it could be anybody's capture */
        } else if (program.status == 0) {
            json_t *report = program_json(&program);
            rows_are_a_prefix(report, whole);
            json_decref(report);
            opened++;
        } else {
            assert_int_equal(program.status, 4);
            assert_int_equal(program.output.length, 0);
        }
        program_free(&program);
    }
    assert_true(opened > 20);
    json_decref(whole);
    buffer_free(&content);
}

/* A byte changed anywhere changes what is told, and does no harm. */
static void damaged_files_do_no_harm(void **state)
{
    const size_t stride = SANITIZED ? 701 : 151;
    struct buffer content = {0};
    char path[SCRATCH_PATH_MAX];
    (void)state;

    a_whole_session(&content, path);
    for (size_t at = 1; at < content.length; at += stride) {
        struct program program;
        uint8_t before = content.data[at];
        content.data[at] = (uint8_t)(at % 2 == 0 ? before ^ 0x80 : 0xff);
        PROGRAM(&program, SECONDS, NULL, "report",
                scratch_write(path, "damaged.pcapng", content.data, content.length));
        program_is_harmless(&program);
        if (program.status != 0 && program.status != 4 && program.status != 2)
            fail_msg("byte %zu: status %d\n%s", at, program.status, buffer_string(&program.errors));
        content.data[at] = before;
        program_free(&program);
    }
    buffer_free(&content);
}

/* A block that claims four gigabytes has what is there, and takes no memory for the rest. */
static void claimed_lengths_are_not_believed(void **state)
{
    struct buffer content = {0};
    char path[SCRATCH_PATH_MAX];
    size_t blocks = 0;
    (void)state;

    a_whole_session(&content, path);
    for (size_t at = 0; at + 8 <= content.length && blocks < 30; blocks++) {
        struct reader header = reader_new(content.data + at + 4, 4);
        size_t length = reader_u32le(&header);
        struct program program;

        memset(content.data + at + 4, 0xff, 4);
        content.data[at + 4] = 0xfc;
        PROGRAM(&program, SECONDS, NULL, "report", "--json",
                scratch_write(path, "claims.pcapng", content.data, content.length));
        assert_int_equal(program.status, 0);
        assert_true(at != 0 || program.output.length == 0);
        assert_non_null(strstr(buffer_string(&program.errors), path));
        assert_true(SANITIZED || program.peak_kib < 32 * 1024);
        program_free(&program);
        for (size_t i = 0; i < 4; i++)
            content.data[at + 4 + i] = (uint8_t)(length >> 8 * i);
        at += length;
    }
    assert_int_equal(blocks, 30);
    buffer_free(&content);
}

static void is_refused(const char *path, int status, const char *words)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", path);
    assert_int_equal(program.status, status);
    assert_int_equal(program.output.length, 0);
    assert_non_null(strstr(buffer_string(&program.errors), path));
    if (strstr(buffer_string(&program.errors), words) == NULL)
        fail_msg("no '%s' in %s", words, buffer_string(&program.errors));
    program_is_harmless(&program);
    program_free(&program);
}

/* A capture without a packet has been read to its end. */
static void is_empty(const char *path)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(program.output.length, 0);
    assert_non_null(strstr(buffer_string(&program.errors), "no TLS conversation"));
    program_free(&program);
}

static void other_files_are_refused(void **state)
{
    static const uint8_t pcap[24] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [20] = 1};
    static const uint8_t pcapng[] = {0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0,    0,    0x4d, 0x3c,
                                     0x2b, 0x1a, 1,    0,    0,  0, 0xff, 0xff, 0xff, 0xff,
                                     0xff, 0xff, 0xff, 0xff, 28, 0, 0,    0};
    static const uint8_t noise[] = {0x1b, '[', '2', 'J', 0, 0xff, 0xe2, 0x80, 0xae};
    char path[SCRATCH_PATH_MAX];
    (void)state;

    is_refused(scratch_path(path, "missing.pcapng"), 4, "No such file or directory");
    is_refused(scratch_write(path, "empty.pcapng", "", 0), 4, "neither pcapng nor pcap");
    is_refused(scratch_write(path, "noise.pcapng", noise, sizeof noise), 4,
               "neither pcapng nor pcap");
    is_refused(scratch_write(path, "text.pcapng", "hello\n", 6), 4, "neither pcapng nor pcap");
    is_empty(scratch_write(path, "theirs.pcap", pcap, sizeof pcap));
    is_empty(scratch_write(path, "theirs.pcapng", pcapng, sizeof pcapng));
    assert_int_equal(mkdir(scratch_path(path, "folder.pcapng"), 0700), 0);
    is_refused(path, 4, "directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_process_leaves_a_session),
        cmocka_unit_test(a_cut_file_is_read_as_far_as_it_goes),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(claimed_lengths_are_not_believed),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
