/* drive: one command a line in, one JSON object a line out, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"
#include "program.h"

/* "handshake ServerHello server arrived" of an answer's stop; "" before the first. */
static void stop_text(json_t *answer, char out[160])
{
    json_t *stop = json_object_get(answer, "stop");
    out[0] = '\0';
    if (!json_is_object(stop))
        return;
    json_t *from = json_object_get(stop, "from");
    if (from == NULL)
        (void)snprintf(out, 160, "%s %s", json_text_at(stop, "phase"), json_text_at(stop, "at"));
    else
        (void)snprintf(out, 160, "%s %s %s %s", json_text_at(stop, "phase"),
                       json_text_at(stop, "at"), json_string_value(from),
                       json_text_at(stop, "state"));
}

static void expect_stop(struct program *program, size_t line, const char *expected)
{
    char text[160];
    json_t *answer = program_line(program, line);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    stop_text(answer, text);
    if (strcmp(text, expected) != 0)
        fail_msg("line %zu: %s, expected %s", line, text, expected);
    json_decref(answer);
}

static void expect_error(struct program *program, size_t line, const char *code)
{
    json_t *answer = program_line(program, line);
    assert_true(json_is_false(json_object_get(answer, "ok")));
    assert_string_equal(json_text_at(answer, "error.code"), code);
    assert_true(strlen(json_text_at(answer, "error.text")) > 5);
    json_decref(answer);
}

static void steps_through_tls13(void **state)
{
    static const char *const stops[] = {
        "resolve resolve",
        "connect connect",
        "handshake ClientHello client queued",
        "handshake ServerHello server arrived",
        "handshake ChangeCipherSpec server arrived",
        "handshake ChangeCipherSpec client queued",
        "handshake EncryptedExtensions server arrived",
        "handshake Certificate server arrived",
        "handshake CertificateVerify server arrived",
        "verify verify",
        "handshake Finished server arrived",
        "handshake Finished client queued",
        "data data",
        "data NewSessionTicket server arrived",
        "data NewSessionTicket server arrived",
        "close Alert client queued",
        "close Alert server arrived",
        "close close",
    };
    struct buffer script = {0};
    struct program program;
    (void)state;

    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        buffer_text(&script, "step\n");
    PROGRAM(&program, 20, buffer_string(&script), "drive", "lab:good");
    buffer_free(&script);
    assert_int_equal(program.status, 0);
    /* The two ChangeCipherSpecs cross: either may be first. */
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        if (i != 4 && i != 5)
            expect_stop(&program, i, stops[i]);
    json_t *last = program_line(&program, sizeof stops / sizeof stops[0] - 1);
    assert_true(json_is_true(json_object_get(last, "done")));
    json_decref(last);
    program_free(&program);
}

static void looks_back_without_touching_the_session(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "until server:Finished\nback\nback\nforward\ngoto 4\nmessages\nstep\nlatest\nmessages\n"
            "back\nstate\n",
            "drive", "lab:tls12");
    assert_int_equal(program.status, 0);
    expect_stop(&program, 0, "handshake Finished server arrived");
    expect_stop(&program, 1, "handshake ChangeCipherSpec server arrived");
    expect_stop(&program, 2, "handshake NewSessionTicket server arrived");
    expect_stop(&program, 3, "handshake ChangeCipherSpec server arrived");
    expect_stop(&program, 4, "handshake ClientHello client queued");
    expect_stop(&program, 6, "handshake ServerHello server arrived");
    expect_stop(&program, 7, "handshake Finished server arrived");

    /* At row 4, nothing that came later is told. */
    json_t *early = program_line(&program, 5);
    json_t *late = program_line(&program, 8);
    assert_int_equal(json_array_size(json_object_get(early, "messages")), 4);
    assert_string_equal(json_text_at(early, "messages.3.state"), "queued");
    assert_true(json_array_size(json_object_get(late, "messages")) > 10);
    assert_string_equal(json_text_at(late, "messages.3.state"), "sent");
    json_decref(early);
    json_decref(late);

    json_t *before = program_line(&program, 10);
    assert_string_equal(json_text_at(before, "state.negotiated.version"), "TLS 1.2");
    json_decref(before);
    program_free(&program);
}

/* Facts appear when their step happens: unknown is null. */
static void what_is_not_known_yet_is_null(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "until connect\nstate\nuntil ClientHello\nstate\ncerts\nuntil verify\nstate\n", "drive",
            "lab:good");
    json_t *connected = program_line(&program, 1);
    assert_true(json_is_null(json_at(connected, "state.negotiated.version")));
    assert_true(json_is_null(json_at(connected, "state.negotiated.cipher_suite")));
    assert_true(json_is_null(json_at(connected, "state.fingerprints.ja3")));
    assert_string_equal(json_text_at(connected, "state.phases.2.status"), "pending");
    json_t *hello = program_line(&program, 3);
    assert_true(json_is_string(json_at(hello, "state.fingerprints.ja4")));
    assert_true(json_is_null(json_at(hello, "state.negotiated.version")));
    json_t *certificates = program_line(&program, 4);
    assert_int_equal(json_array_size(json_object_get(certificates, "certs")), 0);
    json_t *verified = program_line(&program, 6);
    assert_true(json_is_true(json_at(verified, "state.verification.ok")));
    json_decref(connected);
    json_decref(hello);
    json_decref(certificates);
    json_decref(verified);
    program_free(&program);
}

static void breakpoints_end_a_run(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "break server:Certificate\nbreak verify\ncontinue\ncontinue\nunbreak verify\nrestart\n"
            "continue\ncontinue\n",
            "drive", "--linger", "0", "lab:good");
    assert_int_equal(program.status, 0);
    expect_stop(&program, 2, "handshake Certificate server arrived");
    expect_stop(&program, 3, "verify verify");
    expect_stop(&program, 5, "");
    expect_stop(&program, 6, "handshake Certificate server arrived");
    expect_stop(&program, 7, "close close");
    program_free(&program);
}

static void flights_and_phases(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "phase\nphase\nflight\nflight\nrestart here\nstep\nrestart\nphase\nphase\nphase\n",
            "drive", "lab:tls12");
    expect_stop(&program, 0, "resolve resolve");
    expect_stop(&program, 1, "connect connect");
    expect_stop(&program, 2, "handshake ServerHello server arrived");
    /* Up to the step that was reached, and on from there. */
    json_t *answer = program_line(&program, 3);
    char here[160];
    stop_text(answer, here);
    expect_stop(&program, 4, here);
    json_decref(answer);
    expect_stop(&program, 9, "handshake ClientHello client queued");
    program_free(&program);
}

static void data_goes_both_ways(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "until data\nhttp\nuntil server:ApplicationData\nstate\nrestart\nuntil data\n"
            "send a\\x41\\n\nstate\ncontinue\nstate\n",
            "drive", "lab:tls12");
    assert_int_equal(program.status, 0);
    expect_stop(&program, 1, "data ApplicationData client queued");
    expect_stop(&program, 2, "data ApplicationData server arrived");
    json_t *web = program_line(&program, 3);
    assert_true(json_integer_value(json_at(web, "state.application_data.server")) > 50);
    json_t *queued = program_line(&program, 7);
    json_t *after = program_line(&program, 9);
    assert_int_equal(json_integer_value(json_at(after, "state.application_data.client")), 3);
    assert_true(json_integer_value(json_at(after, "state.application_data.server")) > 0);
    json_decref(web);
    json_decref(queued);
    json_decref(after);
    program_free(&program);
}

static void keys_can_be_renewed(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "until data\nrekey\nsend hello\\n\nuntil server:KeyUpdate\ncontinue\nstate\n", "drive",
            "lab:good");
    assert_int_equal(program.status, 0);
    expect_stop(&program, 1, "data KeyUpdate client queued");
    expect_stop(&program, 2, "data ApplicationData client queued");
    expect_stop(&program, 3, "data KeyUpdate server arrived");
    expect_stop(&program, 4, "close close");
    json_t *after = program_line(&program, 5); /* readable under the new keys */
    assert_int_equal(json_integer_value(json_at(after, "state.application_data.client")), 6);
    json_decref(after);
    program_free(&program);

    PROGRAM(&program, 20, "until data\nrekey\n", "drive", "lab:tls12");
    expect_error(&program, 1, "not_supported");
    program_free(&program);
}

static void http2_gets_no_http1_request(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, "until data\nhttp\n", "drive", "--alpn", "http/1.1", "lab:good");
    expect_stop(&program, 1, "data ApplicationData client queued");
    program_free(&program);
}

static void a_refused_certificate_can_be_accepted_once(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, "until verify\naccept\nuntil data\nhttp\ncontinue\nstate\n", "drive",
            "lab:expired");
    assert_int_equal(program.status, 1); /* refused it was */
    expect_stop(&program, 0, "verify verify");
    expect_stop(&program, 2, "data data");
    json_t *data = program_line(&program, 2); /* accepted: it is no failure any more */
    assert_null(json_object_get(data, "failure"));
    json_decref(data);
    json_t *after = program_line(&program, 5);
    assert_string_equal(json_text_at(after, "state.verification.reasons.0.code"), "expired");
    assert_true(json_integer_value(json_at(after, "state.application_data.server")) > 0);
    json_decref(after);
    program_free(&program);

    PROGRAM(&program, 20, "until verify\nstep\nstep\ncontinue\n", "drive", "lab:expired");
    expect_stop(&program, 1, "handshake Alert client queued");
    assert_int_equal(program.status, 1);
    program_free(&program);

    PROGRAM(&program, 20, "until verify\naccept\n", "drive", "lab:good");
    expect_error(&program, 1, "nothing_refused");
    program_free(&program);
}

static void fields_and_bytes_belong_together(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, "until verify\nfields 5\nbytes 5\nfields 400\nsecrets\n", "drive",
            "lab:good");
    json_t *fields = program_line(&program, 1);
    json_t *bytes = program_line(&program, 2);
    assert_string_equal(json_text_at(fields, "fields.0.buffer"), "message");
    assert_int_equal(json_integer_value(json_at(fields, "fields.0.offset")), 0);
    size_t i;
    json_t *buffer;
    bool found = false;
    json_array_foreach(json_object_get(bytes, "bytes"), i, buffer)
    {
        if (strcmp(json_text_at(buffer, "buffer"), "message") != 0)
            continue;
        found = true;
        assert_memory_equal(json_text_at(buffer, "hex"), "02", 2); /* server_hello */
        assert_int_equal(strlen(json_text_at(buffer, "hex")) / 2,
                         json_integer_value(json_at(fields, "fields.0.length")));
    }
    assert_true(found);
    expect_error(&program, 3, "no_such_row");
    json_t *secrets = program_line(&program, 4);
    assert_true(json_array_size(json_object_get(secrets, "secrets")) >= 2);
    json_decref(fields);
    json_decref(bytes);
    json_decref(secrets);
    program_free(&program);
}

static void mistakes_are_answered(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20,
            "nonsense\nuntil\nstep now\nuntil Nonsense\nback\nset nonsense yes\nhelp\n\n# comment\n"
            "set tls-max 1.2\nuntil ServerHello\nsend early\nset tls-max 1.1\nstate\n",
            "drive", "lab:good");
    expect_error(&program, 0, "no_such_command");
    expect_error(&program, 1, "missing_argument");
    expect_error(&program, 2, "unexpected_argument");
    expect_error(&program, 3, "no_such_type");
    expect_error(&program, 4, "at_start");
    expect_error(&program, 5, "no_such_option");
    expect_error(&program, 6, "no_such_command");
    expect_stop(&program, 8, "handshake ServerHello server arrived");
    expect_error(&program, 9, "wrong_phase");
    json_t *after = program_line(&program, 11);
    assert_string_equal(json_text_at(after, "state.negotiated.version"), "TLS 1.2");
    json_decref(after);
    program_free(&program);
}

/* `abort` ends a command that waits, long before the time-out. */
static void abort_does_not_wait(void **state)
{
    struct hostile *server = hostile_start(hostile_find("silence"));
    struct program program;
    char target[40];
    (void)state;

    assert_non_null(server);
    (void)snprintf(target, sizeof target, "127.0.0.1:%u", hostile_port(server));
    PROGRAM(&program, 20, "until ServerHello\nabort\nstate\nstep\n", "drive", target);
    assert_true(program.seconds < 3);
    assert_int_equal(program.status, 1);
    json_t *answer = program_line(&program, 1);
    assert_true(json_is_true(json_object_get(answer, "ok")));
    assert_true(json_is_true(json_object_get(answer, "done")));
    json_decref(answer);
    expect_error(&program, 3, "over");
    program_free(&program);

    PROGRAM(&program, 20, "until ServerHello\nquit\n", "drive", target);
    assert_true(program.seconds < 3);
    program_free(&program);
    hostile_stop(server, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_through_tls13),
        cmocka_unit_test(looks_back_without_touching_the_session),
        cmocka_unit_test(what_is_not_known_yet_is_null),
        cmocka_unit_test(breakpoints_end_a_run),
        cmocka_unit_test(flights_and_phases),
        cmocka_unit_test(data_goes_both_ways),
        cmocka_unit_test(keys_can_be_renewed),
        cmocka_unit_test(http2_gets_no_http1_request),
        cmocka_unit_test(a_refused_certificate_can_be_accepted_once),
        cmocka_unit_test(fields_and_bytes_belong_together),
        cmocka_unit_test(mistakes_are_answered),
        cmocka_unit_test(abort_does_not_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
