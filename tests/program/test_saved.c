/*
 * A saved session is what the live one was: the same rows, numbers, times, verdicts and facts. Other
 * programs read and decrypt it without help.
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
#include "hostile.h"
#include "program.h"
#include "scratch.h"

#define SECONDS 10

/* ---- the same twice -------------------------------------------------------------------------- */

/* All but where it comes from. The caller's. */
static json_t *without_origin(json_t *report)
{
    assert_non_null(report);
    (void)json_object_del(report, "target"); /* one of them is there */
    (void)json_object_del(report, "source");
    return report;
}

static void same_reports(json_t *live, json_t *saved)
{
    const char *key;
    json_t *value;

    without_origin(live);
    without_origin(saved);
    assert_true(json_object_size(live) > 8);
    json_object_foreach(live, key, value)
    {
        if (!json_equal(value, json_object_get(saved, key)))
            fail_msg("%s differs:\n%s\n%s", key, json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY),
                     json_dumps(json_object_get(saved, key), JSON_COMPACT | JSON_ENCODE_ANY));
    }
    assert_int_equal(json_object_size(live), json_object_size(saved));
}

static json_t *report_of_file(const char *path)
{
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(program.errors.length, 0);
    json_t *report = program_json(&program);
    assert_string_equal(json_text_at(report, "source.file"), path);
    assert_int_equal(json_integer_value(json_at(report, "source.stream")), 0);
    program_free(&program);
    return report;
}

/* A report that is saved while it goes, and read again. */
static void saved_as_it_was(const char *target, const char *name)
{
    char path[SCRATCH_PATH_MAX];
    struct program program;
    struct stat status;

    print_message("%s\n", target);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--timeout", "0.3", "--linger", "20",
            "--save", scratch_path(path, name), target);
    assert_in_range(program.status, 0, 1);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    json_t *live = program_json(&program);
    json_t *saved = report_of_file(path);
    same_reports(live, saved);
    json_decref(live);
    json_decref(saved);
    program_free(&program);
}

static void sessions_of_the_lab(void **state)
{
    static const char *const targets[] = {"lab:good",    "lab:tls12",         "lab:hello-retry",
                                          "lab:expired", "lab:wrong-host",    "lab:silent",
                                          "lab:cut",     "lab:untrusted-root"};
    char name[40];
    (void)state;

    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        (void)snprintf(name, sizeof name, "lab %s.pcapng", targets[i] + 4);
        saved_as_it_was(targets[i], name);
    }
}

/* Whatever a server says can be saved. */
static void sessions_with_hostile_servers(void **state)
{
    char target[40];
    char name[80];
    (void)state;

    for (const struct hostile_script *script = hostile_scripts; script->name != NULL; script++) {
        /* Reset at once, there may be no connection; and in silence nothing is new. */
        if (strcmp(script->name, "reset") == 0 || strncmp(script->name, "silence", 7) == 0)
            continue;
        struct hostile *server = hostile_start(script->steps);
        assert_non_null(server);
        (void)snprintf(target, sizeof target, "127.0.0.1:%u", hostile_port(server));
        (void)snprintf(name, sizeof name, "hostile %s.pcapng", script->name);
        print_message("%s: ", script->name);
        saved_as_it_was(target, name);
        hostile_stop(server, NULL);
    }
}

/* ---- step by step ------------------------------------------------------------------------------ */

/* Line `index` of both answers says the same; why something cannot be done may have other words. */
static void same_line(struct program *live, size_t live_index, struct program *saved, size_t index)
{
    json_t *a = program_line(live, live_index);
    json_t *b = program_line(saved, index);
    json_t *state = json_object_get(a, "state");

    if (state != NULL) {
        same_reports(state, json_object_get(b, "state"));
    } else if (json_is_false(json_object_get(a, "ok"))) {
        assert_string_equal(json_text_at(a, "error.code"), json_text_at(b, "error.code"));
    } else if (!json_equal(a, b)) {
        fail_msg("%s\n%s", json_dumps(a, JSON_COMPACT), json_dumps(b, JSON_COMPACT));
    }
    json_decref(a);
    json_decref(b);
}

/* After a conversation, the same looking around gives the same answers, live and saved; nothing that
 * came later is known earlier. */
static void looking_back(void **state)
{
    static const char talk[] = "until data\nhttp\nuntil server:ApplicationData\nrekey\ncontinue\n";
    static const char look[] =
        "messages\nstate\ncerts\nsecrets\ngoto 4\nstate\nmessages\nfields 4\n"
        "bytes 4\nforward\nforward\nstate\nback\nmessages\ngoto 12\nstate\n"
        "messages\nfields 9\nbytes 9\nflight\nphase\nuntil close\nstate\n"
        "continue\nstate\nmessages\nfields 16\nbytes 17\n";
    char path[SCRATCH_PATH_MAX];
    struct buffer script = {0};
    struct program live;
    struct program saved;
    (void)state;

    buffer_printf(&script, "%slatest\n%s", talk, look);
    PROGRAM(&live, SECONDS, buffer_string(&script), "drive", "--linger", "20", "--save",
            scratch_path(path, "driven.pcapng"), "lab:good");
    assert_int_equal(live.status, 0);
    buffer_free(&script);

    buffer_printf(&script, "latest\n%s", look);
    PROGRAM(&saved, SECONDS, buffer_string(&script), "drive", path);
    assert_int_equal(saved.status, 0);
    buffer_free(&script);
    for (size_t i = 0; i < 29; i++)
        same_line(&live, 5 + i, &saved, i);
    program_free(&live);
    program_free(&saved);
}

/* `save` afterwards writes the same session. */
static void saving_afterwards(void **state)
{
    char early[SCRATCH_PATH_MAX];
    char late[SCRATCH_PATH_MAX];
    char again[SCRATCH_PATH_MAX];
    struct buffer script = {0};
    struct program program;
    (void)state;

    buffer_printf(&script, "continue\nsave %s\n", scratch_path(late, "late.pcapng"));
    PROGRAM(&program, SECONDS, buffer_string(&script), "drive", "--linger", "20", "--save",
            scratch_path(early, "early.pcapng"), "lab:tls12");
    assert_int_equal(program.status, 0);
    program_free(&program);
    buffer_free(&script);
    buffer_printf(&script, "save %s\n", scratch_path(again, "again.pcapng"));
    PROGRAM(&program, SECONDS, buffer_string(&script), "drive", late);
    assert_int_equal(program.status, 0);
    program_free(&program);
    buffer_free(&script);

    json_t *first = report_of_file(early);
    json_t *second = report_of_file(late);
    json_t *third = report_of_file(again);
    same_reports(first, second);
    same_reports(first, third);
    json_decref(first);
    json_decref(second);
    json_decref(third);
}

static void from_standard_input(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer output = {0};
    struct program program;
    json_error_t error;
    (void)state;

    PROGRAM(&program, SECONDS, NULL, "report", "--linger", "0", "--save",
            scratch_path(path, "piped.pcapng"), "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_int_equal(command_run(&output, "cat '%s' | '%s' report --json -", path, program_path()),
                     0);
    json_t *piped = json_loads(buffer_string(&output), 0, &error);
    assert_non_null(piped);
    json_t *opened = report_of_file(path);
    same_reports(piped, opened);
    json_decref(piped);
    json_decref(opened);
    buffer_free(&output);
}

/* ---- other programs ---------------------------------------------------------------------------- */

static void skip_without(const char *program)
{
    if (command_exists(program))
        return;
    print_message("skipped: no %s here\n", program);
    skip();
}

/* A request and its answer, saved, with its key log beside it. */
static void save_a_request(const char *target, const char *path, const char *keylog)
{
    struct program program;

    PROGRAM(&program, SECONDS, "until data\nhttp\ncontinue\n", "drive", "--linger", "20", "--save",
            path, "--keylog", keylog, target);
    assert_int_equal(program.status, 0);
    program_free(&program);
}

/* The handshake types of the report, "1,2,8,11,…", in the order of each side. */
static void handshake_types(json_t *report, const char *from, struct buffer *out)
{
    size_t i;
    json_t *row;
    static const struct {
        const char *name;
        int type;
    } types[] = {{"ClientHello", 1},        {"ServerHello", 2},
                 {"NewSessionTicket", 4},   {"EncryptedExtensions", 8},
                 {"Certificate", 11},       {"ServerKeyExchange", 12},
                 {"ServerHelloDone", 14},   {"CertificateVerify", 15},
                 {"ClientKeyExchange", 16}, {"Finished", 20}};

    json_array_foreach(json_object_get(report, "messages"), i, row)
    {
        for (size_t t = 0; t < sizeof types / sizeof *types; t++)
            if (strcmp(json_text_at(row, "from"), from) == 0 &&
                strcmp(json_text_at(row, "type"), types[t].name) == 0)
                buffer_printf(out, "%d\n", types[t].type);
    }
}

/* tshark's handshake types of one side, one a line. */
static void tshark_types(const char *path, const char *filter, struct buffer *out)
{
    int status = command_run(out,
                             "env HOME=/nonexistent timeout 30 tshark -r '%s' -Y '%s' -T fields "
                             "-e tls.handshake.type 2>&1 | tr ',' '\\n' | grep -v '^$' | "
                             "grep -v '^Running as'",
                             path, filter);
    assert_int_equal(status, 0);
}

/* What tshark says of a file with a request in it: nothing is wrong, and the request can be read. */
static void tshark_reads(const char *path, const char *arguments)
{
    struct buffer output = {0};
    int status = command_run(&output,
                             "env HOME=/nonexistent timeout 30 tshark -r '%s' %s -Y http -T fields "
                             "-e http.request.method -e http.response.code 2>&1 | "
                             "grep -v '^Running as'",
                             path, arguments);
    assert_int_equal(status, 0);
    assert_string_equal(buffer_string(&output), "GET\t\n\t200\n");
    buffer_free(&output);
    status =
        command_run(&output,
                    "env HOME=/nonexistent timeout 30 tshark -r '%s' %s -Y '_ws.expert.severity "
                    ">= 6291456 or tcp.analysis.flags' 2>&1 | grep -v '^Running as'",
                    path, arguments); /* grep finds no line */
    if (status != 1)
        fail_msg("%s", buffer_string(&output));
    buffer_free(&output);
}

static void tshark_agrees(const char *target, const char *name)
{
    char path[SCRATCH_PATH_MAX];
    char keylog[SCRATCH_PATH_MAX];
    static const char *const sides[] = {"client", "server"};

    save_a_request(target, scratch_path(path, name), scratch_path(keylog, "with.keys"));
    tshark_reads(path, "");
    json_t *report = report_of_file(path);
    for (size_t i = 0; i < 2; i++) {
        struct buffer ours = {0};
        struct buffer theirs = {0};
        char filter[80];
        const char *port = strrchr(json_text_at(report, "source.server"), ':') + 1;
        (void)snprintf(filter, sizeof filter, "tls.handshake and tcp.%sport == %s",
                       i == 0 ? "dst" : "src", port);
        handshake_types(report, sides[i], &ours);
        tshark_types(path, filter, &theirs);
        assert_string_equal(buffer_string(&ours), buffer_string(&theirs));
        buffer_free(&ours);
        buffer_free(&theirs);
    }
    json_decref(report);
}

static void tshark_reads_and_decrypts(void **state)
{
    (void)state;
    skip_without("tshark");
    tshark_agrees("lab:good", "tls13.pcapng");
    tshark_agrees("lab:tls12", "tls12.pcapng");
}

/* Without the secrets in the file, the key log does the same. */
static void the_key_log_decrypts_too(void **state)
{
    char path[SCRATCH_PATH_MAX];
    char bare[SCRATCH_PATH_MAX];
    char keylog[SCRATCH_PATH_MAX];
    char arguments[300];
    struct buffer output = {0};
    (void)state;

    skip_without("tshark");
    skip_without("editcap");
    save_a_request("lab:good", scratch_path(path, "keyed.pcapng"),
                   scratch_path(keylog, "log.keys"));
    assert_int_equal(command_run(&output, "editcap --discard-all-secrets '%s' '%s'", path,
                                 scratch_path(bare, "bare.pcapng")),
                     0);
    buffer_free(&output);
    (void)snprintf(arguments, sizeof arguments, "-o tls.keylog_file:%s", keylog);
    tshark_reads(bare, arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_the_lab),
        cmocka_unit_test(sessions_with_hostile_servers),
        cmocka_unit_test(looking_back),
        cmocka_unit_test(saving_afterwards),
        cmocka_unit_test(from_standard_input),
        cmocka_unit_test(tshark_reads_and_decrypts),
        cmocka_unit_test(the_key_log_decrypts_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
