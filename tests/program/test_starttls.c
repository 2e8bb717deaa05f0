/*
 * Clear text before TLS through the whole program: URL schemes and --starttls, --proxy, what the report and `drive` say of each line, exit
 * statuses, and that a saved session shows the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clear_text.h"
#include "command.h"
#include "loopback.h"
#include "program.h"
#include "scratch.h"

#define SECONDS 15

static struct identity identity;

static int set_up(void **state)
{
    (void)state;
    return identity_make(&identity, IDENTITY_ECDSA, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    identity_free(&identity);
    return 0;
}

static void serve(struct loopback *server, bool (*before)(int, void *), const char *argument)
{
    const struct loopback_options options = {
        .identity = &identity, .before = before, .argument = (void *)(uintptr_t)argument};

    assert_int_equal(loopback_start(server, &options), 0);
}

static const char *url_of(const char *scheme, uint16_t port)
{
    static char url[80];

    (void)snprintf(url, sizeof url, "%s%s127.0.0.1:%u", scheme, scheme[0] != '\0' ? "://" : "",
                   port);
    return url;
}

/* ---- reports ------------------------------------------------------------------------------------ */

/* "server 220, client EHLO, …" of all rows with the layer "text". */
static const char *text_rows(json_t *report)
{
    static char out[2000];
    size_t index;
    json_t *row;

    out[0] = '\0';
    json_array_foreach(json_object_get(report, "messages"), index, row)
    {
        if (strcmp(json_text_at(row, "layer"), "text") == 0) {
            size_t length = strlen(out);
            (void)snprintf(out + length, sizeof out - length, "%s%c%s", length > 0 ? " " : "",
                           json_text_at(row, "from")[0] == 'c' ? '>' : '<',
                           json_text_at(row, "type"));
            assert_true(json_is_true(json_object_get(row, "observed")));
            assert_true(json_integer_value(json_object_get(row, "length")) > 0);
        }
    }
    return out;
}

static void a_report_of_every_protocol(void **state)
{
    static const struct {
        const char *scheme;
        const char *protocol;
        const char *rows;
    } cases[] = {
        {"smtp", "smtp", "<220 >EHLO <250 <250 <250 <250 >STARTTLS <220"},
        {"lmtp", "lmtp", "<220 >LHLO <250 <250 <250 <250 >STARTTLS <220"},
        {"imap", "imap", "<OK >CAPABILITY <CAPABILITY <OK >STARTTLS <OK"},
        {"pop3", "pop3", "<+OK >CAPA <+OK <TOP <UIDL <STLS <. >STLS <+OK"},
        {"ftp", "ftp", "<220 >AUTH <234"},
        {"ldap", "ldap", ">ExtendedRequest <ExtendedResponse"},
        {"xmpp", "xmpp",
         "><stream:stream> <<stream:stream> <<stream:features> ><starttls> <<proceed>"},
        {"postgresql", "postgres", ">SSLRequest <S"},
        {"mysql", "mysql", "<Handshake >SSLRequest"},
        {"nntp", "nntp", "<200 >CAPABILITIES <101 <VERSION <READER <STARTTLS <. >STARTTLS <382"},
        {"sieve", "sieve",
         "<\"IMPLEMENTATION\" <\"SIEVE\" <\"STARTTLS\" <\"VERSION\" <OK >STARTTLS <OK"},
        {"irc", "irc", ">STARTTLS <670"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loopback server;
        struct program program;
        json_t *report;

        serve(&server, clear_text_serve, cases[i].protocol);
        PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--linger", "10",
                url_of(cases[i].scheme, server.port));
        if (program.status != 0)
            fail_msg("%s: %s", cases[i].scheme, buffer_string(&program.errors));
        report = program_json(&program);
        assert_string_equal(json_text_at(report, "starttls"), cases[i].protocol);
        assert_null(json_object_get(report, "proxy"));
        assert_string_equal(json_text_at(json_phase(report, "starttls"), "status"), "done");
        assert_string_equal(text_rows(report), cases[i].rows);
        assert_string_equal(json_text_at(report, "negotiated.version"), "TLS 1.3");
        json_decref(report);
        program_free(&program);
        loopback_stop(&server);
    }
}

static void options_do_what_schemes_do(void **state)
{
    struct loopback server;
    struct program program;
    json_t *report;

    (void)state;
    serve(&server, clear_text_serve, "ftp");
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--linger", "10",
            "--starttls", "ftp", url_of("smtp", server.port)); /* the option counts */
    assert_int_equal(program.status, 0);
    report = program_json(&program);
    assert_string_equal(json_text_at(report, "starttls"), "ftp");
    json_decref(report);
    program_free(&program);
    loopback_stop(&server);

    PROGRAM(&program, SECONDS, NULL, "report", "--starttls", "gopher", "127.0.0.1:1");
    assert_int_equal(program.status, 2);
    assert_non_null(strstr(buffer_string(&program.errors), "smtp, lmtp, ftp, imap, pop3"));
    program_free(&program);
}

/* ---- failures ------------------------------------------------------------------------------------ */

static void failures_have_exit_status_3(void **state)
{
    static const struct {
        const char *script;
        const char *code;
        const char *words;
    } cases[] = {
        {"220 x\r\n|250 STARTTLS\r\n|454 4.7.0 not now\r\n", "starttls_refused",
         "454 4.7.0 not now"},
        {"220 x\r\n|250-x\r\n250 SIZE 1\r\n", "starttls_refused", "does not offer STARTTLS"},
        {"SSH-2.0-OpenSSH_9.2p1\r\n", "not_the_protocol", "SSH-2.0-OpenSSH_9.2p1"},
        {"\x15\x03\x01\x02\x02\x0a", "not_the_protocol", "speaks TLS from the first byte"},
        {"220 x\r\n|250 STARTTLS\r\n|220 go\r\nevil\r\n", "starttls_injection", "evil"},
        {"220 \x1b]0;title\x07\r\n|502 \x1b[2J\r\n", "starttls_refused", "\\x1b[2J"},
        {"", "timeout", "did not begin to speak"},
        {"220 x\r\n|", "timeout", "after EHLO"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loopback server;
        struct program program;
        json_t *report;

        serve(&server, clear_text_recite, cases[i].script);
        PROGRAM(&program, SECONDS, NULL, "report", "--json", "--timeout", "0.5",
                url_of("smtp", server.port));
        if (program.status != 3 || strstr(buffer_string(&program.errors), cases[i].words) == NULL)
            fail_msg("'%s': %d, %s", cases[i].words, program.status,
                     buffer_string(&program.errors));
        program_is_harmless(&program);
        report = program_json(&program);
        assert_string_equal(json_text_at(json_phase(report, "starttls"), "code"), cases[i].code);
        assert_string_equal(json_text_at(json_phase(report, "handshake"), "status"), "pending");
        json_decref(report);
        program_free(&program);
        loopback_stop(&server);
    }
}

/* ---- step by step --------------------------------------------------------------------------------- */

static void expect_stop(struct program *program, size_t index, const char *at, const char *from,
                        const char *state)
{
    json_t *line = program_line(program, index);
    json_t *n = json_at(line, "stop.n");

    assert_string_equal(json_text_at(line, "stop.phase"), "starttls");
    assert_string_equal(json_text_at(line, "stop.at"), at);
    if (from != NULL) {
        assert_string_equal(json_text_at(line, "stop.from"), from);
        assert_string_equal(json_text_at(line, "stop.state"), state);
        assert_true(json_is_integer(n)); /* its row is there, also before it is sent */
    } else {
        assert_true(json_is_null(n));
    }
    json_decref(line);
}

static void drive_stops_at_each_line(void **state)
{
    struct loopback server;
    struct program program;
    json_t *line;

    (void)state;
    serve(&server, clear_text_serve, "imap");
    PROGRAM(&program, SECONDS,
            "step\nstep\nstep\nstep\nback\nforward\nuntil STARTTLS\nbytes 8\nuntil starttls\nstep\n"
            "fields 8\n"
            "continue\n",
            "drive", "--no-verify", "--connect", url_of("", server.port), "--starttls", "imap",
            "localhost");
    assert_int_equal(program.status, 0);
    expect_stop(&program, 1, "OK", "server", "arrived");
    expect_stop(&program, 2, "CAPABILITY", "client", "queued");
    expect_stop(&program, 3, "CAPABILITY", "server", "arrived");
    expect_stop(&program, 4, "CAPABILITY", "client", "queued");
    expect_stop(&program, 5, "CAPABILITY", "server", "arrived");
    expect_stop(&program, 6, "STARTTLS", "client", "queued");
    line = program_line(&program, 7);
    assert_string_equal(json_text_at(line, "bytes.0.hex"), "6132205354415254544c530d0a");
    json_decref(line);
    expect_stop(&program, 8, "starttls", NULL, NULL);
    line = program_line(&program, 9);
    assert_string_equal(json_text_at(line, "stop.at"), "ClientHello");
    json_decref(line);
    line = program_line(&program, 10);
    assert_non_null(
        memmem(program.output.data, program.output.length, "a2 STARTTLS\\\\r\\\\n", 15));
    assert_non_null(memmem(program.output.data, program.output.length, "\"text.line\"", 11));
    json_decref(line);
    program_free(&program);
    loopback_stop(&server);
}

/* ---- proxies --------------------------------------------------------------------------------------- */

static void through(const char *scheme, const char *user, const char *protocol, const char *name,
                    const char *rows)
{
    struct tiny_proxy proxy = {.user = user};
    struct loopback server;
    struct program program;
    char url[100], asked[40];
    json_t *report;

    serve(&server, protocol != NULL ? clear_text_serve : NULL, protocol);
    assert_int_equal(tiny_proxy_start(&proxy), 0);
    (void)snprintf(url, sizeof url, "%s://%s%s127.0.0.1:%u", scheme, user != NULL ? user : "",
                   user != NULL ? "@" : "", proxy.port);
    (void)snprintf(asked, sizeof asked, "localhost:%u", server.port);
    char target[80];
    (void)snprintf(target, sizeof target, "%s://%s", protocol != NULL ? protocol : "https", asked);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--linger", "10", "--proxy",
            url, target);
    if (program.status != 0)
        fail_msg("%s: %s", url, buffer_string(&program.errors));
    assert_string_equal(proxy.asked, asked); /* the name: the proxy looks it up */
    report = program_json(&program);
    assert_string_equal(json_text_at(report, "proxy"), name);
    assert_string_equal(text_rows(report), rows);
    if (protocol != NULL)
        assert_string_equal(json_text_at(report, "starttls"), protocol);
    assert_null(memmem(program.output.data, program.output.length, "me:secret", 9));
    json_decref(report);
    program_free(&program);
    tiny_proxy_stop(&proxy);
    loopback_stop(&server);
}

static void proxies_and_what_is_behind_them(void **state)
{
    (void)state;
    through("http", NULL, NULL, "http-connect", ">CONNECT <200");
    through("http", "me:secret", NULL, "http-connect", ">CONNECT <200");
    through("http", NULL, "smtp", "http-connect",
            ">CONNECT <200 <220 >EHLO <250 <250 <250 <250 >STARTTLS <220");
    through("socks5", NULL, NULL, "socks5",
            ">SOCKS request <SOCKS reply >SOCKS request <SOCKS reply");
    through("socks5", "me:secret", "pop3", "socks5",
            ">SOCKS request <SOCKS reply >SOCKS request <SOCKS reply >SOCKS request <SOCKS reply "
            "<+OK >CAPA <+OK <TOP <UIDL <STLS <. >STLS <+OK");
}

/* --connect is where the proxy shall connect to. */
static void a_proxy_is_asked_for_a_given_address(void **state)
{
    struct tiny_proxy proxy = {0};
    struct loopback server;
    struct program program;
    char url[100], given[40];

    (void)state;
    serve(&server, NULL, NULL);
    assert_int_equal(tiny_proxy_start(&proxy), 0);
    (void)snprintf(url, sizeof url, "socks5://127.0.0.1:%u", proxy.port);
    (void)snprintf(given, sizeof given, "127.0.0.1:%u", server.port);
    PROGRAM(&program, SECONDS, NULL, "report", "--no-verify", "--linger", "10", "--proxy", url,
            "--connect", given, "no-such-host.invalid");
    if (program.status != 0)
        fail_msg("%s", buffer_string(&program.errors));
    assert_string_equal(proxy.asked, given);
    program_free(&program);
    tiny_proxy_stop(&proxy);
    loopback_stop(&server);
}

static void a_proxy_that_refuses(void **state)
{
    struct tiny_proxy proxy = {.answer = "HTTP/1.1 403 Not for you\r\n\r\n"};
    struct program program;
    char url[100];

    (void)state;
    assert_int_equal(tiny_proxy_start(&proxy), 0);
    (void)snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%u", proxy.port);
    PROGRAM(&program, SECONDS, NULL, "report", "--proxy", url, "example.org");
    assert_int_equal(program.status, 3);
    assert_non_null(strstr(buffer_string(&program.errors), "403 Not for you"));
    assert_null(strstr(buffer_string(&program.errors), "secret"));
    program_free(&program);
    tiny_proxy_stop(&proxy);

    PROGRAM(&program, SECONDS, NULL, "report", "--proxy", "ftp://me:secret@x", "example.org");
    assert_int_equal(program.status, 2);
    assert_non_null(strstr(buffer_string(&program.errors), "--proxy"));
    assert_null(strstr(buffer_string(&program.errors), "secret"));
    program_free(&program);
}

static void a_lab_server_through_a_proxy(void **state)
{
    struct tiny_proxy proxy = {0};
    struct program program;
    char url[100];
    json_t *report;

    (void)state;
    assert_int_equal(tiny_proxy_start(&proxy), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", proxy.port);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--proxy", url, "lab:good");
    assert_int_equal(program.status, 0);
    report = program_json(&program);
    assert_true(json_is_true(json_at(report, "verification.ok")));
    assert_string_equal(json_text_at(report, "proxy"), "http-connect");
    json_decref(report);
    program_free(&program);
    tiny_proxy_stop(&proxy);
}

/* ---- files ------------------------------------------------------------------------------------------ */

/* All but where it comes from. */
static void expect_same(json_t *live, json_t *saved)
{
    const char *key;
    json_t *value;

    json_object_foreach(live, key, value)
    {
        if (strcmp(key, "target") != 0 && !json_equal(value, json_object_get(saved, key)))
            fail_msg("%s differs", key);
    }
}

static void a_saved_session_shows_the_same_and_keeps_no_password_when_redacted(void **state)
{
    struct tiny_proxy proxy = {.user = "me:secret"};
    struct loopback server;
    struct program program;
    char path[SCRATCH_PATH_MAX], url[100], target[60];
    json_t *live, *saved;

    (void)state;
    serve(&server, clear_text_serve, "imap");
    (void)snprintf(target, sizeof target, "imap://localhost:%u", server.port);
    for (int redacted = 0; redacted < 2; redacted++) {
        struct buffer found = {0};

        proxy = (struct tiny_proxy){.user = "me:secret"};
        assert_int_equal(tiny_proxy_start(&proxy), 0);
        (void)snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%u", proxy.port);
        scratch_path(path, redacted ? "redacted.pcapng" : "imap.pcapng");
        if (redacted)
            PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--linger", "10",
                    "--save", path, "--redact", "--proxy", url, target);
        else
            PROGRAM(&program, SECONDS, NULL, "report", "--json", "--no-verify", "--linger", "10",
                    "--save", path, "--proxy", url, target);
        assert_int_equal(program.status, 0);
        live = program_json(&program);
        program_free(&program);
        PROGRAM(&program, SECONDS, NULL, "report", "--json", path);
        assert_int_equal(program.status, 0);
        saved = program_json(&program);
        program_free(&program);
        if (redacted) {
            assert_string_equal(text_rows(saved), text_rows(live));
        } else {
            expect_same(live, saved);
        }
        json_decref(live);
        json_decref(saved);
        /* In base64, and as hexadecimal in the comments. */
        assert_int_equal(
            command_run(&found, "grep -a -i -c -e bWU6c2VjcmV0 -e 6257553663325 '%s'", path),
            redacted ? 1 : 0);
        buffer_free(&found);
        tiny_proxy_stop(&proxy);
    }
    loopback_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_every_protocol),
        cmocka_unit_test(options_do_what_schemes_do),
        cmocka_unit_test(failures_have_exit_status_3),
        cmocka_unit_test(drive_stops_at_each_line),
        cmocka_unit_test(proxies_and_what_is_behind_them),
        cmocka_unit_test(a_proxy_is_asked_for_a_given_address),
        cmocka_unit_test(a_proxy_that_refuses),
        cmocka_unit_test(a_lab_server_through_a_proxy),
        cmocka_unit_test(a_saved_session_shows_the_same_and_keeps_no_password_when_redacted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
