/* Clear text before TLS: each line is a stop, its failures say what was said, nobody's bytes are taken for another's, and pauses, time-outs and
 * aborts are as everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clear_text.h"
#include "driver.h"
#include "loopback.h"

static struct identity identity;

static int make_identity(void **state)
{
    (void)state;
    return identity_make(&identity, IDENTITY_ECDSA, NULL);
}

static int free_identity(void **state)
{
    (void)state;
    identity_free(&identity);
    return 0;
}

static void set(char **option, const char *value)
{
    free(*option);
    *option = text_duplicate(value, strlen(value));
    assert_non_null(*option);
}

static void serve(struct loopback *server, bool (*before)(int, void *), const char *argument)
{
    const struct loopback_options options = {
        .identity = &identity, .before = before, .argument = (void *)(uintptr_t)argument};

    assert_int_equal(loopback_start(server, &options), 0);
}

static void expect_failure(struct driver *driver, const char *code, const char *text)
{
    const struct trace_event *failed = driver_phase(driver, TRACE_STARTTLS, TRACE_FAILED);

    if (failed == NULL || strcmp(failed->code, code) != 0 || strstr(failed->text, text) == NULL) {
        fail_msg("expected %s, '%s', got %s, '%s'", code, text,
                 failed != NULL ? failed->code : "no failure", failed != NULL ? failed->text : "");
    }
    assert_null(driver_phase(driver, TRACE_HANDSHAKE, TRACE_BEGUN));
}

/* ---- each protocol ------------------------------------------------------------------------------ */

static void every_protocol_leads_to_tls(void **state)
{
    size_t count;
    const struct net_protocol *protocols = net_protocols(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct loopback server;
        struct driver driver;

        serve(&server, clear_text_serve, protocols[i].name);
        driver_init(&driver, server.port, server.root.data, server.root.size);
        set(&driver.options.starttls, protocols[i].name);
        assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
        if (driver_phase(&driver, TRACE_DATA, TRACE_DONE) == NULL) {
            fail_msg("%s: %s", protocols[i].name, driver_stops(&driver));
        }
        assert_string_equal(driver_phase(&driver, TRACE_STARTTLS, TRACE_BEGUN)->code,
                            protocols[i].name);
        assert_int_equal(server.handshakes, 1);
        driver_free(&driver);
        loopback_stop(&server);
    }
}

static void each_line_is_a_stop(void **state)
{
    struct loopback server;
    struct driver driver;

    (void)state;
    serve(&server, clear_text_serve, "pop3");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "pop3");
    driver_until(&driver, "starttls");
    assert_string_equal(driver_stops(&driver),
                        "resolve connect <+OK >CAPA <+OK <TOP <UIDL <STLS <. >STLS <+OK starttls");
    assert_int_equal(driver_do(&driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(&driver), ">ClientHello");
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_DATA, TRACE_DONE));
    driver_free(&driver);
    loopback_stop(&server);
}

static void lines_can_be_waited_for_by_name(void **state)
{
    struct loopback server;
    struct driver driver;
    struct engine_match match;
    struct err err = {0};

    (void)state;
    serve(&server, clear_text_serve, "smtp");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "smtp");
    driver_until(&driver, "ehlo");
    assert_string_equal(driver_at(&driver), ">EHLO");
    driver_until(&driver, "client:STARTTLS"); /* the line, not the phase */
    assert_string_equal(driver_at(&driver), ">STARTTLS");
    driver_until(&driver, "server:220");
    assert_string_equal(driver_at(&driver), "<220");
    driver_do(&driver, ENGINE_PHASE);
    assert_string_equal(driver_at(&driver), ">ClientHello");
    driver_free(&driver);
    loopback_stop(&server);
    assert_int_equal(engine_match_parse("nonsense", &match, &err), -1);
    assert_string_equal(err.code, "no_such_type");
    assert_int_equal(engine_match_parse("connect", &match, &err), 0);
    assert_string_equal(match.at, "connect");
    assert_int_equal(engine_match_parse("CONNECT", &match, &err), 0);
    assert_string_equal(match.at, "CONNECT");
}

/* ---- what servers do ---------------------------------------------------------------------------- */

static void failures_quote_what_was_said(void **state)
{
    static const struct {
        const char *protocol;
        const char *script;
        const char *code;
        const char *text;
        const char *last; /* stop before close */
    } cases[] = {
        {"smtp", "220 x\r\n|250 STARTTLS\r\n|454 not now\r\n", "starttls_refused",
         "\"454 not now\"", "<454 close"},
        {"smtp", "220 x\r\n|250 SIZE\r\n", "starttls_refused", "does not offer STARTTLS",
         "<250 close"},
        {"imap", "SSH-2.0-OpenSSH_9.2\r\n", "not_the_protocol", "SSH-2.0-OpenSSH_9.2", "close"},
        {"imap", "\x16\x03\x03", "not_the_protocol", "TLS from the first byte", "close"},
        {"smtp", "220 x\r\n|250 STARTTLS\r\n|220 go\r\n250 evil\r\n", "starttls_injection",
         "250 evil", "close"},
        {"postgres", "|N", "starttls_refused", "has no TLS", "<N close"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct loopback server;
        struct driver driver;
        const char *stops;

        serve(&server, clear_text_recite, cases[i].script);
        driver_init(&driver, server.port, server.root.data, server.root.size);
        set(&driver.options.starttls, cases[i].protocol);
        assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
        expect_failure(&driver, cases[i].code, cases[i].text);
        stops = driver_stops(&driver);
        if (strcmp(stops + strlen(stops) - strlen(cases[i].last), cases[i].last) != 0) {
            fail_msg("%s: %s", cases[i].text, stops);
        }
        driver_free(&driver);
        loopback_stop(&server);
    }
}

/* ClientHello, or any TLS byte, never goes out when clear text is under way. */
static void nothing_but_the_dialogue_is_sent(void **state)
{
    struct loopback server;
    struct driver driver;

    (void)state;
    serve(&server, clear_text_recite, "220 x\r\n|250 STARTTLS\r\n|454 no\r\n");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "smtp");
    driver_do(&driver, ENGINE_CONTINUE);
    for (size_t i = 0; i < driver.count; i++) {
        const struct trace_event *event = &driver.events[i];

        if (event->kind == TRACE_BYTES && event->from == WIRE_CLIENT && event->length > 0) {
            assert_true(memcmp(event->data, "EHLO", 4) == 0 ||
                        memcmp(event->data, "STARTTLS", 8) == 0);
        }
    }
    driver_free(&driver);
    loopback_stop(&server);
}

/* Bytes that come behind the go-ahead while the user looks at it are not TLS either. */
static bool go_ahead_and_inject(int socket, void *argument)
{
    const struct timespec soon = {.tv_nsec = 50000000};

    (void)argument;
    if (!clear_text_serve(socket, (void *)(uintptr_t) "ftp")) {
        return false;
    }
    (void)nanosleep(&soon, NULL);
    return clear_text_recite(socket, (void *)(uintptr_t) "230 evil\r\n");
}

static bool is_evil(const struct trace_event *event)
{
    return event->kind == TRACE_BYTES && event->from == WIRE_SERVER && event->length > 3 &&
           memcmp(event->data, "230", 3) == 0;
}

static void clear_text_that_comes_late_is_refused(void **state)
{
    struct loopback server;
    struct driver driver;

    (void)state;
    serve(&server, go_ahead_and_inject, "");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "ftp");
    driver_until(&driver, "starttls");
    (void)driver_wait_for(&driver, is_evil);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    expect_failure(&driver, "starttls_injection", "not taken");
    driver_free(&driver);
    loopback_stop(&server);
}

/* ---- time --------------------------------------------------------------------------------------- */

static void silence_is_a_time_out_and_pauses_are_not(void **state)
{
    const struct timespec longer = {.tv_nsec = 400000000};
    struct loopback server;
    struct driver driver;
    int64_t began;

    (void)state;
    serve(&server, clear_text_recite, "220 x\r\n|");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "smtp");
    set(&driver.options.timeout, "0.3");
    driver_until(&driver, "EHLO");
    (void)nanosleep(&longer, NULL);
    began = clock_monotonic_ns();
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_true(clock_monotonic_ns() - began > INT64_C(250000000));
    expect_failure(&driver, "timeout", "after EHLO within 0.3 s");
    driver_free(&driver);
    loopback_stop(&server);
}

static void a_server_that_waits_itself_may_speak_tls(void **state)
{
    struct loopback server;
    struct driver driver;

    (void)state;
    serve(&server, NULL, "");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "smtp");
    set(&driver.options.timeout, "0.1");
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    expect_failure(&driver, "timeout", "leave out --starttls");
    driver_free(&driver);
    loopback_stop(&server);
}

static void abort_ends_a_silence_within_100_ms(void **state)
{
    struct loopback server;
    struct driver driver;
    int64_t began;

    (void)state;
    serve(&server, clear_text_recite, "");
    driver_init(&driver, server.port, server.root.data, server.root.size);
    set(&driver.options.starttls, "smtp");
    driver_until(&driver, "connect");
    driver_give(&driver, ENGINE_STEP);
    began = clock_monotonic_ns();
    driver_give(&driver, ENGINE_ABORT);
    assert_int_equal(driver_wait(&driver), ENGINE_OVER);
    assert_true(clock_monotonic_ns() - began < INT64_C(100000000));
    assert_string_equal(driver_phase(&driver, TRACE_STARTTLS, TRACE_FAILED)->code, "aborted");
    driver_free(&driver);
    loopback_stop(&server);
}

/* ---- proxies ------------------------------------------------------------------------------------ */

static void through_a_proxy(const char *scheme, const char *user, const char *protocol,
                            const char *stops)
{
    struct tiny_proxy proxy = {.user = user};
    struct loopback server;
    struct driver driver;
    char url[200], asked[40];
    const char *names = strcmp(scheme, "socks5") == 0 ? "socks5" : "http-connect";

    serve(&server, protocol != NULL ? clear_text_serve : NULL, protocol);
    assert_int_equal(tiny_proxy_start(&proxy), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    (void)snprintf(url, sizeof url, "%s://%s%s127.0.0.1:%u", scheme, user != NULL ? user : "",
                   user != NULL ? "@" : "", proxy.port);
    set(&driver.options.proxy, url);
    free(driver.options.connect); /* the proxy looks the name up */
    driver.options.connect = NULL;
    if (protocol != NULL) {
        set(&driver.options.starttls, protocol);
    }
    driver_until(&driver, "ClientHello");
    assert_string_equal(driver_stops(&driver), stops);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_DATA, TRACE_DONE));
    (void)snprintf(asked, sizeof asked, "%s:%u", driver.config.host, server.port);
    assert_string_equal(proxy.asked, asked);
    assert_memory_equal(driver_phase(&driver, TRACE_STARTTLS, TRACE_BEGUN)->code, names,
                        strlen(names));
    driver_free(&driver);
    tiny_proxy_stop(&proxy);
    loopback_stop(&server);
}

static void proxies_are_asked_first(void **state)
{
    (void)state;
    through_a_proxy("http", NULL, NULL, "resolve connect >CONNECT <200 starttls >ClientHello");
    through_a_proxy("http", "me:secret", NULL,
                    "resolve connect >CONNECT <200 starttls >ClientHello");
    through_a_proxy("socks5", NULL, NULL,
                    "resolve connect >SOCKS request <SOCKS reply >SOCKS request <SOCKS reply "
                    "starttls >ClientHello");
    through_a_proxy(
        "socks5", "me:secret", NULL,
        "resolve connect >SOCKS request <SOCKS reply >SOCKS request <SOCKS reply >SOCKS "
        "request <SOCKS reply starttls >ClientHello");
    through_a_proxy("http", NULL, "ftp",
                    "resolve connect >CONNECT <200 <220 >AUTH <234 starttls >ClientHello");
    through_a_proxy("socks5", NULL, "ldap",
                    "resolve connect >SOCKS request <SOCKS reply >SOCKS request <SOCKS reply "
                    ">ExtendedRequest <ExtendedResponse starttls >ClientHello");
}

static void proxies_refuse(void **state)
{
    static const struct {
        struct tiny_proxy proxy;
        const char *scheme;
        const char *code;
        const char *text;
    } cases[] = {
        {{.user = "me:secret"}, "http", "proxy_refused", "wants a user"},
        {{.user = "me:secret"}, "socks5", "proxy_refused", "wants a user"},
        {{.answer = "HTTP/1.1 403 Not that host\r\n\r\n"},
         "http",
         "proxy_refused",
         "403 Not that host"},
        {{.answer = "SSH-2.0-x\r\n"}, "http", "not_the_protocol", "SSH-2.0-x"},
        {{0}, "http", "proxy_refused", "502"}, /* nobody listens on port 1 */
        {{0}, "socks5", "proxy_refused", "was refused a connection there"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tiny_proxy proxy = cases[i].proxy;
        struct driver driver;
        char url[100];

        assert_int_equal(tiny_proxy_start(&proxy), 0);
        driver_init(&driver, 1, NULL, 0);
        free(driver.options.connect);
        driver.options.connect = NULL;
        (void)snprintf(url, sizeof url, "%s://127.0.0.1:%u", cases[i].scheme, proxy.port);
        set(&driver.options.proxy, url);
        assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
        expect_failure(&driver, cases[i].code, cases[i].text);
        driver_free(&driver);
        tiny_proxy_stop(&proxy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_leads_to_tls),
        cmocka_unit_test(each_line_is_a_stop),
        cmocka_unit_test(lines_can_be_waited_for_by_name),
        cmocka_unit_test(failures_quote_what_was_said),
        cmocka_unit_test(nothing_but_the_dialogue_is_sent),
        cmocka_unit_test(clear_text_that_comes_late_is_refused),
        cmocka_unit_test(silence_is_a_time_out_and_pauses_are_not),
        cmocka_unit_test(a_server_that_waits_itself_may_speak_tls),
        cmocka_unit_test(abort_ends_a_silence_within_100_ms),
        cmocka_unit_test(proxies_are_asked_first),
        cmocka_unit_test(proxies_refuse),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
