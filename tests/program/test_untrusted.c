/*
 * Names in a certificate are written by its maker. Escape sequences, bidirectional marks, line feeds
 * and zero bytes in them reach no terminal, neither as text nor in JSON, and no name hides another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "loopback.h"
#include "program.h"

#define SECONDS 10

/* Clears the screen, sets the title, turns the direction, begins a line, and is not UTF-8. */
#define ESCAPES "\x1b[2J\x1b]0;owned\x07"
#define BIDI       \
    "\xe2\x80\xae" \
    "gnp.exe"      \
    "\xe2\x81\xa6"
#define NEWLINES "\r\ntlstep: all is well\n"
#define C1     \
    "\xc2\x9b" \
    "31m"

struct world {
    struct identity identity;
    struct loopback server;
    char target[40];
};

static int start(void **state)
{
    static struct world world;
    int64_t now = clock_wall_ns() / 1000000000;
    const struct cert_options root = {.common_name = "root " ESCAPES BIDI,
                                      .organization = NEWLINES C1,
                                      .ca = true,
                                      .not_before = now - CERT_DAY,
                                      .not_after = now + CERT_DAY};
    struct cert_options leaf = {
        .common_name = "leaf " ESCAPES BIDI NEWLINES,
        .organization = C1 "\x7f",
        .names = NAMES("DNS:" ESCAPES ".example", "DNS:localhost\\0.example", "email:" NEWLINES,
                       "URI:http://" ESCAPES "/", "DNS:\xff\xfe"),
        .not_before = now - CERT_DAY,
        .not_after = now + CERT_DAY,
    };
    const struct loopback_options options = {.identity = &world.identity};

    world.identity.root_cert = cert_make(&root);
    leaf.issuer = world.identity.root_cert;
    world.identity.leaf = leaf.issuer != NULL ? cert_make(&leaf) : NULL;
    if (world.identity.leaf == NULL)
        return -1;
    world.identity.root = world.identity.root_cert->crt;
    world.identity.certificate = world.identity.leaf->crt;
    world.identity.key = world.identity.leaf->key;
    if (loopback_start(&world.server, &options) != 0)
        return -1;
    (void)snprintf(world.target, sizeof world.target, "localhost:%u", world.server.port);
    *state = &world;
    return 0;
}

static int stop(void **state)
{
    struct world *world = *state;
    loopback_stop(&world->server);
    identity_free(&world->identity);
    return 0;
}

/* ---- what is shown --------------------------------------------------------------------------- */

/* In words, on both streams; the names can be seen, escaped. */
static void text_is_shown_not_obeyed(void **state)
{
    const struct world *world = *state;
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", world->target);
    assert_int_equal(program.status, 1);
    program_is_harmless(&program);
    assert_non_null(strstr(buffer_string(&program.output), "leaf \\x1b[2J"));
    assert_non_null(strstr(buffer_string(&program.output), "\\u{202e}"));
    assert_null(strstr(buffer_string(&program.errors), "\ntlstep: all is well"));
    program_free(&program);
}

static void json_is_escaped(void **state)
{
    const struct world *world = *state;
    struct program program;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", world->target);
    assert_int_equal(program.status, 1);
    program_is_harmless(&program);
    json_t *report = program_json(&program);
    /* Readers get the name as it is. */
    assert_non_null(strstr(json_text_at(report, "certificates.0.subject"), BIDI NEWLINES));
    assert_int_equal(json_array_size(json_at(report, "certificates.0.san")), 5);
    json_decref(report);
    program_free(&program);
}

/* The messages, their fields and bytes, the certificates, the state: all that drive can be asked. */
static void drive_is_escaped(void **state)
{
    const struct world *world = *state;
    struct program program;

    PROGRAM(&program, SECONDS,
            "until verify\ncerts\nstate\nmessages\nfields 4\nfields 5\nfields 8\nfields 9\n"
            "bytes 9\nsecrets\naccept\nhttp\ncontinue\nstate\n",
            "drive", world->target);
    program_is_harmless(&program);
    for (size_t line = 0; line < 14; line++)
        json_decref(program_line(&program, line)); /* fails when it is none */
    program_free(&program);

    PROGRAM(&program, SECONDS, "continue\ncerts\nstate\nmessages\nfields 9\naccept\nstep\n",
            "--plain", world->target);
    program_is_harmless(&program);
    program_free(&program);
}

/* ---- what is believed ------------------------------------------------------------------------ */

/* "localhost" before a zero byte is not localhost. */
static void a_zero_byte_ends_no_name(void **state)
{
    const struct world *world = *state;
    struct program program;
    bool mismatch = false;
    size_t i;
    json_t *reason;

    PROGRAM(&program, SECONDS, NULL, "report", "--json", world->target);
    json_t *report = program_json(&program);
    assert_true(json_is_false(json_at(report, "verification.hostname_ok")));
    json_array_foreach(json_at(report, "verification.reasons"), i, reason)
    {
        mismatch |= strcmp(json_text_at(reason, "code"), "hostname_mismatch") == 0;
        assert_null(strchr(json_text_at(reason, "text"), '\n'));
    }
    assert_true(mismatch);
    json_decref(report);
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_shown_not_obeyed),
        cmocka_unit_test(json_is_escaped),
        cmocka_unit_test(drive_is_escaped),
        cmocka_unit_test(a_zero_byte_ends_no_name),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
