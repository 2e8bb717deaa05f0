/*
 * A server that sends on and on. A report, which asks nothing, does not wait for the end of it; whoever
 * steps can end it at any time; and closing takes no longer than with a server that is silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "loopback.h"
#include "program.h"

#define SECONDS 20

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* How the server fills the line. */
struct stream {
    size_t record;
    long pause_ms;
};

static void send_on_and_on(gnutls_session_t session, void *argument)
{
    const struct stream *stream = argument;
    const struct timespec pause = {.tv_nsec = stream->pause_ms * 1000000};
    char data[16384];

    memset(data, 'x', sizeof data);
    while (gnutls_record_send(session, data, stream->record) >= 0) {
        if (stream->pause_ms > 0) {
            (void)nanosleep(&pause, NULL);
        }
    }
}

static const char *start(struct loopback *server, struct stream *stream)
{
    static char target[40];
    const struct loopback_options options = {
        .kind = IDENTITY_ECDSA, .talk = send_on_and_on, .argument = stream};

    assert_int_equal(loopback_start(server, &options), 0);
    (void)snprintf(target, sizeof target, "127.0.0.1:%u", server->port);
    return target;
}

static bool has_note(json_t *report, const char *code)
{
    size_t i;
    json_t *note;

    json_array_foreach(json_object_get(report, "notes"), i, note)
    {
        if (strcmp(json_text_at(note, "code"), code) == 0)
            return true;
    }
    return false;
}

static void a_report_ends(void **state)
{
    struct stream streams[] = {{.record = 16384}, {.record = 1}, {.record = 100, .pause_ms = 100}};
    (void)state;

    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        struct loopback server;
        struct program program;
        const char *target = start(&server, &streams[i]);

        PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--timeout", "1",
                target);
        loopback_stop(&server);
        assert_int_equal(program.status, 0);
        assert_int_equal(program.errors.length, 0);
        assert_true(SANITIZED || program.seconds < 4);
        assert_true(SANITIZED || program.peak_kib < 100 * 1024);
        json_t *report = program_json(&program);
        assert_true(has_note(report, "endless"));
        assert_string_equal(json_text_at(json_phase(report, "close"), "status"), "done");
        assert_string_equal(json_text_at(report, "alerts.0.description"), "close_notify");
        assert_true(json_integer_value(json_at(report, "application_data.server")) >= 500);
        json_decref(report);
        program_free(&program);
    }
}

/* Nobody stops a session that someone steps; it is closed when that is asked for, within a second. */
static void whoever_steps_decides(void **state)
{
    struct stream stream = {.record = 100, .pause_ms = 5};
    struct loopback server;
    struct program program;
    const char *target = start(&server, &stream);
    (void)state;

    PROGRAM(&program, SECONDS, "until data\nuntil ApplicationData\nstep\nclose\ncontinue\nstate\n",
            "drive", "--no-verify", target);
    loopback_stop(&server);
    assert_int_equal(program.status, 0);
    assert_true(SANITIZED || program.seconds < 4);
    json_t *closed = program_line(&program, 4);
    assert_true(json_is_true(json_object_get(closed, "done")));
    json_decref(closed);
    json_t *after = program_line(&program, 5);
    assert_false(has_note(json_object_get(after, "state"), "endless"));
    json_decref(after);
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_ends),
        cmocka_unit_test(whoever_steps_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
