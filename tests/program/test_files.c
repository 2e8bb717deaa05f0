/*
 * Files that the program reads and writes: CA files and folders, saved sessions, key logs, standard
 * output. What cannot be read or written gives exit status 4 and is named; what was found out is
 * told all the same.
 */
#include <fcntl.h>
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
#include "scratch.h"

#define SECONDS 10

static void message_has(struct program *program, const char *first, const char *second)
{
    const char *text = buffer_string(&program->errors);

    if (strstr(text, first) == NULL || strstr(text, second) == NULL)
        fail_msg("no '%s' or '%s' in: %s", first, second, text);
    program_is_harmless(program);
}

/* ---- anchors --------------------------------------------------------------------------------- */

/* A report with --ca-file or --ca-dir, which cannot be used. */
static void anchors_fail(const char *option, const char *path, const char *why)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--linger", "0", option, path, "lab:good");
    assert_int_equal(program.status, 4);
    message_has(&program, option, path);
    message_has(&program, why, "tlstep: ");
    /* What is only found out while connecting ends the session at verify, and nothing is sent. */
    if (program.output.length > 0) {
        json_t *report = program_json(&program);
        assert_string_equal(json_text_at(json_phase(report, "verify"), "status"), "failed");
        assert_string_equal(json_text_at(json_phase(report, "verify"), "code"), "trust_store");
        assert_string_equal(json_text_at(json_phase(report, "data"), "status"), "pending");
        assert_string_equal(json_text_at(report, "alerts.0.description"), "internal_error");
        assert_true(json_array_size(json_object_get(report, "certificates")) >= 2);
        json_decref(report);
    }
    program_free(&program);
}

static void ca_files(void **state)
{
    static const uint8_t binary[] = {0x7f, 'E', 'L', 'F', 0, 0xff, 0x30, 0x82, 0xff, 0xff, 0x1b};
    static const char text[] =
        "-----BEGIN CERTIFICATE-----\n\x1b[31m!!!\n-----END CERTIFICATE-----\n";
    char path[SCRATCH_PATH_MAX];
    (void)state;

    anchors_fail("--ca-file", scratch_path(path, "missing.pem"), "No such file or directory");
    anchors_fail("--ca-file", scratch_write(path, "empty.pem", "", 0), "empty");
    anchors_fail("--ca-file", scratch_write(path, "binary.pem", binary, sizeof binary),
                 "no certificate");
    anchors_fail("--ca-file", scratch_write(path, "broken.pem", text, sizeof text - 1), "");
    assert_int_equal(mkdir(scratch_path(path, "folder.pem"), 0700), 0);
    anchors_fail("--ca-file", path, "directory");
    anchors_fail("--ca-file", "/dev/null", "not a file");
}

static void ca_folders(void **state)
{
    char path[SCRATCH_PATH_MAX];
    char file[SCRATCH_PATH_MAX];
    (void)state;

    anchors_fail("--ca-dir", scratch_path(path, "missing"), "No such file or directory");
    anchors_fail("--ca-dir", scratch_write(path, "file", "x", 1), "");
    assert_int_equal(mkdir(scratch_path(path, "folder"), 0700), 0);
    anchors_fail("--ca-dir", path, "no certificate");
    (void)scratch_write(file, "folder/README", "none\n", 5);
    anchors_fail("--ca-dir", path, "no certificate");
}

static void files_that_may_not_be_read(void **state)
{
    char path[SCRATCH_PATH_MAX];
    (void)state;

    if (geteuid() == 0) {
        print_message("skipped: root may read every file\n");
        skip();
    }
    assert_int_equal(chmod(scratch_write(path, "secret.pem", "x", 1), 0), 0);
    anchors_fail("--ca-file", path, "Permission denied");
    assert_int_equal(mkdir(scratch_path(path, "closed"), 0), 0);
    anchors_fail("--ca-dir", path, "Permission denied");
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void saving_replaces_nothing_unasked(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    struct buffer content = {0};
    struct stat status;
    (void)state;

    (void)scratch_write(path, "precious", "precious\n", 9);
    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--save", path, "lab:good");
    assert_int_equal(program.status, 4);
    message_has(&program, path, "--force");
    program_free(&program);
    assert_int_equal(file_read(path, "file", 100, &content, NULL), 0);
    assert_string_equal(buffer_string(&content), "precious\n");
    buffer_free(&content);

    assert_int_equal(chmod(path, 0644), 0);
    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--force", "--save", path,
            "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600); /* it holds secrets */
    assert_true(status.st_size > 5000);
}

/* The same exit status as report's, and an answer that says why. */
static void drive_tells_of_files_too(void **state)
{
    static const char *const options[] = {"--save", "--keylog"};
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    (void)scratch_path(path, "no/such/file");
    for (size_t i = 0; i < 2; i++) {
        PROGRAM(&program, SECONDS, "continue\n", "drive", "--linger", "0", options[i], path,
                "lab:good");
        assert_int_equal(program.status, 4);
        json_t *answer = program_line(&program, 0);
        assert_string_equal(json_text_at(answer, "error.code"), "file");
        assert_non_null(strstr(json_text_at(answer, "error.text"), path));
        json_decref(answer);
        program_free(&program);
    }
}

static void where_nothing_can_be_saved(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--save", scratch_path(path, "no/where.pcapng"),
            "lab:good");
    assert_int_equal(program.status, 4);
    message_has(&program, path, "No such file or directory");
    program_free(&program);
}

/* A disk that gets full while the session goes on: what is found out is not lost. */
static void a_file_that_gets_too_large(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};
    int status;
    (void)state;

    status = command_run(&output,
                         "ulimit -f 16; exec '%s' report --ascii --linger 0 --save '%s' lab:good",
                         program_path(), scratch_path(path, "full.pcapng"));
    const char *text = buffer_string(&output);
    assert_int_equal(status, 4);
    assert_non_null(strstr(text, "CertificateVerify"));
    assert_non_null(strstr(text, path));
    assert_non_null(strstr(text, "File too large"));
    buffer_free(&output);
}

/* ---- key logs -------------------------------------------------------------------------------- */

static size_t lines_of(const char *path)
{
    struct buffer content = {0};

    assert_int_equal(file_read(path, "file", 1 << 20, &content, NULL), 0);
    size_t count = command_count(&content, "\n");
    buffer_free(&content);
    return count;
}

static void reports_with_keylog(const char *path)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--keylog", path, "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
}

static void key_logs_are_private_and_grow(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct stat status;
    (void)state;

    reports_with_keylog(scratch_path(path, "keys"));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    size_t first = lines_of(path);
    assert_in_range(first, 4, 5); /* four traffic secrets, and the exporter's */
    reports_with_keylog(path);
    assert_int_equal(lines_of(path), 2 * first);
}

/* Only once: the library knows the variable too. */
static void the_environment_names_a_key_log(void **state)
{
    char path[SCRATCH_PATH_MAX];
    char other[SCRATCH_PATH_MAX];
    struct program program;
    struct stat status;
    (void)state;

    assert_int_equal(setenv("SSLKEYLOGFILE", scratch_path(path, "environment"), 1), 0);
    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_in_range(lines_of(path), 4, 5);

    /* The option has precedence. */
    size_t before = lines_of(path);
    reports_with_keylog(scratch_path(other, "option"));
    assert_int_equal(lines_of(other), before);
    assert_int_equal(lines_of(path), before);

    assert_int_equal(setenv("SSLKEYLOGFILE", "", 1), 0);
    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(unsetenv("SSLKEYLOGFILE"), 0);
}

/* Beside a file nothing is written: the option is read, the variable means someone else. */
static void a_file_writes_no_key_log(void **state)
{
    char session[SCRATCH_PATH_MAX];
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--save",
            scratch_path(session, "session.pcapng"), "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(setenv("SSLKEYLOGFILE", scratch_path(path, "unwanted"), 1), 0);
    PROGRAM(&program, SECONDS, NULL, "report", session);
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(unsetenv("SSLKEYLOGFILE"), 0);
    PROGRAM(&program, SECONDS, NULL, "report", "--keylog", path, session);
    assert_int_equal(program.status, 4);
    message_has(&program, path, "No such file or directory");
    program_free(&program);
    assert_int_equal(access(path, F_OK), -1);
}

static void key_logs_that_cannot_be_written(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    (void)scratch_path(path, "no/keys");
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--linger", "0", "--keylog", path,
            "lab:good");
    assert_int_equal(program.status, 4);
    message_has(&program, path, "No such file or directory");
    json_t *report = program_json(&program); /* nothing of it is lost */
    assert_string_equal(json_text_at(json_phase(report, "close"), "status"), "done");
    json_decref(report);
    program_free(&program);

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--keylog", "/dev/full",
            "lab:good");
    assert_int_equal(program.status, 4);
    message_has(&program, "/dev/full", "No space left on device");
    program_free(&program);
}

/* ---- standard output ------------------------------------------------------------------------- */

static void output_that_goes_nowhere_is_a_failure(void **state)
{
    static const char *const commands[] = {
        "'%s' report --linger 0 lab:good >/dev/full",
        "'%s' report --linger 0 --json lab:good >/dev/full",
        "'%s' report --linger 0 lab:good >&-",
        "'%s' report --linger 0 --json lab:good >&-",
        "echo step | '%s' drive lab:good >/dev/full",
        "echo step | '%s' drive lab:good >&-",
        "'%s' --help >/dev/full",
        "'%s' --version >/dev/full",
        "'%s' --manual >/dev/full",
    };
    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        struct buffer command = {0};
        struct buffer output = {0};
        const char *at = strstr(commands[i], "%s");

        buffer_append(&command, commands[i], (size_t)(at - commands[i]));
        buffer_printf(&command, "%s%s", program_path(), at + 2);
        int status = command_run(&output, "%s", buffer_string(&command));
        if (status != 4 || command_count(&output, "cannot write to standard output") != 1)
            fail_msg("%s: status %d, %s", buffer_string(&command), status,
                     output.length > 0 ? buffer_string(&output) : "");
        buffer_free(&command);
        buffer_free(&output);
    }
}

/* A reader that leaves early gets no signal of ours, and standard input may be closed. */
static void pipes_that_break(void **state)
{
    struct buffer output = {0};
    (void)state;

    int status = command_run(
        &output,
        "{ '%s' report --linger 100 lab:good; echo \"status $?\" >&2; } | :", program_path());
    assert_int_equal(status, 0);
    assert_int_equal(command_count(&output, "status 4"), 1);
    buffer_free(&output);
    status = command_run(&output, "'%s' drive lab:good <&-", program_path());
    assert_int_equal(status, 0);
    buffer_free(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ca_files),
        cmocka_unit_test(ca_folders),
        cmocka_unit_test(files_that_may_not_be_read),
        cmocka_unit_test(saving_replaces_nothing_unasked),
        cmocka_unit_test(drive_tells_of_files_too),
        cmocka_unit_test(where_nothing_can_be_saved),
        cmocka_unit_test(a_file_that_gets_too_large),
        cmocka_unit_test(key_logs_are_private_and_grow),
        cmocka_unit_test(the_environment_names_a_key_log),
        cmocka_unit_test(a_file_writes_no_key_log),
        cmocka_unit_test(key_logs_that_cannot_be_written),
        cmocka_unit_test(output_that_goes_nowhere_is_a_failure),
        cmocka_unit_test(pipes_that_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
