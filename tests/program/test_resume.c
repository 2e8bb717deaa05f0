/*
 * --resume from process to process and from run to run, --cert, and what is kept in the state folder, with
 * openssl s_server and the lab.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

#include "command.h"
#include "peer.h"
#include "program.h"
#include "scratch.h"

/* ---- the state folder -------------------------------------------------------------------------- */

static char state_home[SCRATCH_PATH_MAX];

/* Each test has one of its own. */
static void begin(const char *name)
{
    (void)scratch_path(state_home, name);
    assert_int_equal(setenv("XDG_STATE_HOME", state_home, 1), 0);
}

static DIR *open_kept(void)
{
    char path[SCRATCH_PATH_MAX + 40];

    (void)snprintf(path, sizeof path, "%s/tlstep/resumption", state_home);
    return opendir(path);
}

/* How many sessions are kept; `mode` is the last one's. */
static unsigned kept(mode_t *mode)
{
    DIR *folder = open_kept();
    struct dirent *entry;
    unsigned count = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        struct stat status;
        if (entry->d_name[0] != '.' && fstatat(dirfd(folder), entry->d_name, &status, 0) == 0) {
            *mode = status.st_mode & 0777;
            count++;
        }
    }
    if (folder != NULL)
        (void)closedir(folder);
    return count;
}

/* Does something to every session that is kept. */
static void with_each(void (*change)(int folder, const char *name))
{
    DIR *folder = open_kept();
    struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            change(dirfd(folder), entry->d_name);
    }
    (void)closedir(folder);
}

static void make_old(int folder, const char *name)
{
    const time_t then = time(NULL) - (time_t)8 * 86400;
    const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};

    assert_int_equal(utimensat(folder, name, times, 0), 0);
}

/* ---- servers ----------------------------------------------------------------------------------- */

static void start(struct peer *peer, const char *const *more)
{
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    enum peer_status status = peer_start(peer, &options);

    if (status == PEER_RUNS)
        return;
    peer_stop(peer);
    if (status == PEER_FAILED)
        fail_msg("%s", peer->why);
    print_message("skipped: %s\n", peer->why);
    skip();
}

/* One process. Returns the report. */
static json_t *report(const struct peer *peer, bool resume, const char *version)
{
    struct program program;
    char target[40];

    (void)snprintf(target, sizeof target, "localhost:%u", peer->port);
    PROGRAM(&program, 20, NULL, "report", "--json", "-4", "--ca-file", peer->ca_file, "--linger",
            "50", "--tls-min", version, "--tls-max", version, target, resume ? "--resume" : NULL);
    if (program.status != 0)
        fail_msg("status %d: %s", program.status, buffer_string(&program.errors));
    json_t *answer = program_json(&program);
    program_free(&program);
    return answer;
}

static bool is_resumed(json_t *answer)
{
    return json_is_true(json_at(answer, "negotiated.resumed"));
}

static bool has_note(json_t *answer, const char *code)
{
    json_t *note;
    size_t i;

    json_array_foreach(json_object_get(answer, "notes"), i, note)
    {
        if (strcmp(json_text_at(note, "code"), code) == 0)
            return true;
    }
    return false;
}

static bool resumes(const struct peer *peer, const char *version)
{
    json_t *answer = report(peer, true, version);
    bool resumed = is_resumed(answer);

    assert_int_equal(has_note(answer, "nothing_to_resume"), !resumed);
    assert_string_equal(json_text_at(json_phase(answer, "verify"), "status"),
                        resumed ? "skipped" : "done");
    json_decref(answer);
    return resumed;
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void resumes_from_process_to_process(const char *version, const char *const *more)
{
    struct peer peer;
    mode_t mode = 0;

    start(&peer, more);
    json_decref(report(&peer, false, version));
    assert_int_equal(kept(&mode), 0); /* secrets are not written unasked */
    assert_false(resumes(&peer, version));
    assert_int_equal(kept(&mode), 1);
    assert_int_equal(mode, 0600);
    assert_true(resumes(&peer, version));
    assert_true(resumes(&peer, version));
    assert_int_equal(kept(&mode), 1);
    peer_stop(&peer);
}

static void by_ticket_in_tls12(void **state)
{
    (void)state;
    begin("ticket");
    resumes_from_process_to_process("1.2", NULL);
}

static void by_session_id_in_tls12(void **state)
{
    static const char *const more[] = {"-no_ticket", NULL};
    (void)state;
    begin("id");
    resumes_from_process_to_process("1.2", more);
}

static void by_psk_in_tls13(void **state)
{
    (void)state;
    begin("psk");
    resumes_from_process_to_process("1.3", NULL);
}

static void a_session_that_is_too_old_is_forgotten(void **state)
{
    struct peer peer;
    (void)state;

    begin("old");
    start(&peer, NULL);
    assert_false(resumes(&peer, "1.3"));
    with_each(make_old);
    assert_false(resumes(&peer, "1.3"));
    assert_true(resumes(&peer, "1.3"));
    peer_stop(&peer);
}

static void truncate_it(int folder, const char *name)
{
    struct buffer content = {0};
    char path[SCRATCH_PATH_MAX + 300];

    (void)folder;
    (void)snprintf(path, sizeof path, "%s/tlstep/resumption/%s", state_home, name);
    assert_int_equal(file_read(path, "session", 1 << 20, &content, NULL), 0);
    assert_int_equal(file_replace_private(path, "session", content.data, content.length / 2, NULL),
                     0);
    buffer_free(&content);
}

static void a_damaged_session_leads_to_a_full_handshake(void **state)
{
    struct peer peer;
    (void)state;

    begin("damaged");
    start(&peer, NULL);
    assert_false(resumes(&peer, "1.3"));
    with_each(truncate_it);
    json_t *answer = report(&peer, true, "1.3");
    assert_false(is_resumed(answer));
    assert_true(has_note(answer, "not_resumable") || has_note(answer, "nothing_to_resume"));
    json_decref(answer);
    assert_true(resumes(&peer, "1.3"));
    peer_stop(&peer);
}

/* Who resumes is shown no certificate: a session that was not judged is not for who wants to judge. */
static void an_unverified_session_is_not_resumed_by_who_verifies(void **state)
{
    struct program program;
    struct peer peer;
    char target[40];
    (void)state;

    begin("unverified");
    start(&peer, NULL);
    (void)snprintf(target, sizeof target, "localhost:%u", peer.port);
    PROGRAM(&program, 20, NULL, "report", "--json", "-4", "--no-verify", "--resume", "--linger",
            "50", target);
    assert_int_equal(program.status, 0);
    program_free(&program);
    assert_false(resumes(&peer, "1.3"));
    peer_stop(&peer);
}

static void the_folder_is_bounded(void **state)
{
    struct peer peer;
    mode_t mode;
    (void)state;

    begin("bounded");
    start(&peer, NULL);
    assert_false(resumes(&peer, "1.3"));
    for (unsigned i = 0; i < 100; i++) {
        char path[SCRATCH_PATH_MAX + 300];
        (void)snprintf(path, sizeof path, "%s/tlstep/resumption/%032x", state_home, i);
        assert_int_equal(file_replace_private(path, "session", "x", 1, NULL), 0);
    }
    assert_true(resumes(&peer, "1.3"));
    assert_int_equal(kept(&mode), 64);
    assert_true(resumes(&peer, "1.3")); /* the newest is among them */
    peer_stop(&peer);
}

/* The lab's sessions are gone with their server: they are kept from run to run only. */
static void a_restart_resumes_the_run_before(void **state)
{
    struct program program;
    mode_t mode;
    (void)state;

    begin("restart");
    PROGRAM(&program, 20,
            "set resume yes\nset linger 50\ncontinue\nstate\nrestart\ncontinue\nstate\nmessages\n",
            "drive", "lab:good");
    assert_int_equal(program.status, 0);
    json_t *first = program_line(&program, 3), *second = program_line(&program, 6);
    assert_false(json_is_true(json_at(first, "state.negotiated.resumed")));
    assert_true(has_note(json_object_get(first, "state"), "nothing_to_resume"));
    assert_true(json_is_true(json_at(second, "state.negotiated.resumed")));
    assert_false(has_note(json_object_get(second, "state"), "not_resumed"));
    json_decref(first);
    json_decref(second);
    program_free(&program);
    assert_int_equal(kept(&mode), 0);
}

/* In words, at the stops where it is decided. */
static void the_user_is_told_what_became_of_it(void **state)
{
    struct program program;
    (void)state;

    begin("told");
    PROGRAM(
        &program, 20,
        "until ClientHello\ncontinue\nrestart\nuntil client:ApplicationData\nuntil data\nquit\n",
        "--plain", "--resume", "--early-data", "hello", "lab:early-data");
    const char *text = buffer_string(&program.output);
    assert_non_null(strstr(text, "Note: there is no session to resume yet"));
    assert_non_null(strstr(text, "whoever records it can send it again"));
    assert_non_null(strstr(text, "An earlier session is resumed"));
    assert_non_null(strstr(text, "The server has taken the early data."));
    program_free(&program);
}

/* The order in which options come is free. */
static void early_data_may_be_set_before_resume(void **state)
{
    struct program program;
    (void)state;

    begin("order");
    PROGRAM(&program, 20, "set early-data hello\nstep\nset resume yes\nstep\n", "drive",
            "lab:good");
    json_t *alone = program_line(&program, 1), *both = program_line(&program, 3);
    assert_true(json_is_false(json_object_get(alone, "ok")));
    assert_string_equal(json_text_at(alone, "error.code"), "contradiction");
    assert_true(json_is_true(json_object_get(both, "ok")));
    json_decref(alone);
    json_decref(both);
    program_free(&program);
}

/* What tshark reads in a session that was saved: requests and status codes of HTTP. */
static void tshark_reads(const char *path, json_t *answer, const char *expected)
{
    struct buffer out = {0};

    assert_int_equal(
        command_run(&out,
                    "tshark -r %s -d tcp.port==%d,tls -Y http -T fields -e http.request.method "
                    "-e http.response.code 2>/dev/null | tr -d '\\t' | tr '\\n' ' '",
                    path, (int)json_integer_value(json_at(answer, "state.target.port"))),
        0);
    assert_string_equal(buffer_string(&out), expected);
    buffer_free(&out);
}

/* The last line of the output: the answer to "state". */
static json_t *drive_lab(const char *scenario, const char *commands)
{
    struct program program;
    size_t lines = 0;

    PROGRAM(&program, 30, commands, "drive", scenario);
    for (size_t i = 0; i < program.output.length; i++)
        lines += program.output.data[i] == '\n';
    assert_true(lines > 0);
    json_t *answer = program_line(&program, lines - 1);
    program_free(&program);
    return answer;
}

static void early_data_is_answered_and_other_programs_can_read_it(void **state)
{
    char path[SCRATCH_PATH_MAX], second[SCRATCH_PATH_MAX], commands[SCRATCH_PATH_MAX + 200];
    (void)state;

    begin("early");
    (void)scratch_path(path, "early.pcapng");
    (void)scratch_path(second, "early-2.pcapng");
    (void)snprintf(commands, sizeof commands,
                   "set resume yes\nset save %s\nset linger 50\n"
                   "set early-data GET / HTTP/1.0\\r\\n\\r\\n\n"
                   "continue\nrestart\ncontinue\nstate\n",
                   path);
    json_t *answer = drive_lab("lab:early-data", commands);
    assert_true(json_is_true(json_at(answer, "state.negotiated.early_data")));
    assert_int_equal(json_integer_value(json_at(answer, "state.application_data.client")), 18);
    assert_true(json_integer_value(json_at(answer, "state.application_data.server")) > 100);
    command_need("tshark");
    tshark_reads(second, answer, "GET 200 ");
    json_decref(answer);
}

static void a_renegotiated_session_can_be_read_by_other_programs(void **state)
{
    char path[SCRATCH_PATH_MAX], commands[SCRATCH_PATH_MAX + 200];
    (void)state;

    begin("renegotiate");
    (void)scratch_path(path, "renegotiate.pcapng");
    (void)snprintf(commands, sizeof commands,
                   "set save %s\nuntil data\nsend GET / HTTP/1.0\\r\\n\\r\\n\ncontinue\nstate\n",
                   path);
    json_t *answer = drive_lab("lab:renegotiate", commands);
    assert_string_equal(
        json_text_at(json_phase(json_object_get(answer, "state"), "data"), "status"), "done");
    assert_true(json_integer_value(json_at(answer, "state.application_data.server")) > 100);
    command_need("tshark");
    tshark_reads(path, answer, "GET 200 ");
    json_decref(answer);
}

static void a_client_shows_its_certificate(const char *version)
{
    static const char *const more[] = {"-Verify", "1", NULL};
    struct peer peer;
    struct program program;
    char target[40], certificate[160], key[160];
    bool shown = false, proved = false;
    json_t *entry;
    size_t i;

    start(&peer, more);
    (void)snprintf(target, sizeof target, "localhost:%u", peer.port);
    (void)snprintf(certificate, sizeof certificate, "%s/certificate.pem", peer.folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", peer.folder);
    PROGRAM(&program, 20, NULL, "report", "--json", "-4", "--ca-file", peer.ca_file, "--tls-min",
            version, "--tls-max", version, "--cert", certificate, "--key", key, target);
    if (program.status != 0)
        fail_msg("status %d: %s", program.status, buffer_string(&program.errors));
    json_t *answer = program_json(&program);
    json_array_foreach(json_object_get(answer, "certificates"), i, entry)
    {
        shown |= strcmp(json_text_at(entry, "from"), "client") == 0;
    }
    json_array_foreach(json_object_get(answer, "checks"), i, entry)
    {
        proved |= strcmp(json_text_at(entry, "what"), "certificate_verify") == 0 &&
                  strcmp(json_text_at(entry, "from"), "client") == 0 &&
                  json_is_true(json_object_get(entry, "ok"));
    }
    assert_true(shown);
    assert_true(proved);
    json_decref(answer);
    program_free(&program);
    peer_stop(&peer);
}

static void a_client_shows_its_certificate_in_both_versions(void **state)
{
    (void)state;
    begin("certificate");
    a_client_shows_its_certificate("1.2");
    a_client_shows_its_certificate("1.3");
}

static void who_has_no_certificate_is_told_of_the_option(void **state)
{
    static const char *const more[] = {"-Verify", "1", NULL};
    struct peer peer;
    struct program program;
    char target[40];
    (void)state;

    begin("none");
    start(&peer, more);
    (void)snprintf(target, sizeof target, "localhost:%u", peer.port);
    PROGRAM(&program, 20, NULL, "report", "-4", "--ca-file", peer.ca_file, target);
    assert_int_equal(program.status, 1);
    assert_non_null(strstr(buffer_string(&program.errors), "--cert"));
    /* Nobody has said close_notify: an alert ended it. */
    assert_null(strstr(buffer_string(&program.output), "close_notify"));
    program_free(&program);
    peer_stop(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_ticket_in_tls12),
        cmocka_unit_test(by_session_id_in_tls12),
        cmocka_unit_test(by_psk_in_tls13),
        cmocka_unit_test(a_session_that_is_too_old_is_forgotten),
        cmocka_unit_test(a_damaged_session_leads_to_a_full_handshake),
        cmocka_unit_test(an_unverified_session_is_not_resumed_by_who_verifies),
        cmocka_unit_test(the_folder_is_bounded),
        cmocka_unit_test(a_restart_resumes_the_run_before),
        cmocka_unit_test(the_user_is_told_what_became_of_it),
        cmocka_unit_test(early_data_may_be_set_before_resume),
        cmocka_unit_test(early_data_is_answered_and_other_programs_can_read_it),
        cmocka_unit_test(a_renegotiated_session_can_be_read_by_other_programs),
        cmocka_unit_test(a_client_shows_its_certificate_in_both_versions),
        cmocka_unit_test(who_has_no_certificate_is_told_of_the_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
