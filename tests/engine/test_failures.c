/*
 * What goes wrong is said in words: the phase that failed, a code for scripts, a text that names
 * what happened after what, and the alert that the peer gets where there is one to send.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "hostile.h"
#include "loopback.h"

#define NO_ALERT (-1)

static struct identity identity;

/* The alert that this side has queued; NO_ALERT. */
static int queued_alert(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_QUEUED && event->content_type == WIRE_ALERT) {
            assert_int_equal(event->length, 2);
            assert_int_equal(event->data[0], GNUTLS_AL_FATAL);
            return event->data[1];
        }
    }
    return NO_ALERT;
}

static void expect_failure(struct driver *driver, enum trace_phase phase, const char *code,
                           const char *text)
{
    const struct trace_event *failed = driver_phase(driver, phase, TRACE_FAILED);

    if (failed == NULL || strcmp(failed->code, code) != 0 || strstr(failed->text, text) == NULL) {
        fail_msg("expected %s, '%s', got %s, '%s'", code, text,
                 failed != NULL ? failed->code : "no failure", failed != NULL ? failed->text : "");
    }
    /* What is outside never obeys anything in the text. */
    for (const char *c = failed->text; *c != '\0'; c++) {
        assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
    }
}

/* ---- servers that do what they should not ---------------------------------------------------- */

static const struct hostile_case {
    const char *script;
    const char *code;
    const char *text;
    int alert;
} hostile_cases[] = {
    {"ssh", "not_tls", "the server said 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7', which is SSH",
     NO_ALERT},
    {"http", "not_tls", "the server said 'HTTP/1.1 400 Bad Request', which is HTTP", NO_ALERT},
    {"smtp", "not_tls", "which is SMTP; it may want another port, or --starttls smtp", NO_ALERT},
    {"garbage", "not_tls", "\\x80", NO_ALERT},
    {"long record", "tls_error", "claims more bytes than TLS allows", GNUTLS_A_RECORD_OVERFLOW},
    {"unknown message", "tls_error", "no place here", GNUTLS_A_UNEXPECTED_MESSAGE},
    {"close after ClientHello", "peer_closed", "after ClientHello without sending a byte",
     NO_ALERT},
    {"reset after ClientHello", "peer_reset", "after ClientHello", NO_ALERT},
    {"close in a record", "peer_closed", "after ClientHello", NO_ALERT},
    {"alert after ClientHello", "alert_received", "handshake_failure", NO_ALERT},
    {"alert after ServerHello", "alert_received", "internal_error", NO_ALERT},
    {"close after ServerHello", "peer_closed", "after ServerHello", NO_ALERT},
    {"certificate claimed", "timeout", "after ServerHello", NO_ALERT},
    {"certificate sent", "tls_error", "larger than this client takes", GNUTLS_A_DECODE_ERROR},
};

static void a_hostile_server_is_told_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof hostile_cases / sizeof *hostile_cases; i++) {
        const struct hostile_case *test = &hostile_cases[i];
        struct hostile *server = hostile_start(hostile_find(test->script));
        struct driver driver;

        assert_non_null(server);
        driver_init(&driver, hostile_port(server), NULL, 0);
        driver.options.timeout = text_duplicate("0.3", 3);
        assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
        expect_failure(&driver, TRACE_HANDSHAKE, test->code, test->text);
        if (queued_alert(&driver) != test->alert) {
            fail_msg("%s: alert %d and not %d", test->script, queued_alert(&driver), test->alert);
        }
        assert_string_equal(driver_at(&driver), "close");
        driver_free(&driver);
        hostile_stop(server, NULL);
    }
}

/* A close_notify instead of the handshake's end, and warnings without end. */
static void run_script(const struct hostile_step *steps, struct driver *driver)
{
    struct hostile *server = hostile_start(steps);

    assert_non_null(server);
    driver_init(driver, hostile_port(server), NULL, 0);
    driver->options.timeout = text_duplicate("2", 1);
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    hostile_stop(server, NULL);
}

static void a_goodbye_in_the_handshake_is_a_closed_connection(void **state)
{
    const struct hostile_step steps[] = {HOSTILE_READ_RECORDS(1),
                                         HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO),
                                         HOSTILE_SEND_ALERT(1, 0), HOSTILE_HOLDS};
    struct driver driver;
    (void)state;

    run_script(steps, &driver);
    expect_failure(&driver, TRACE_HANDSHAKE, "peer_closed", "close_notify");
    assert_string_equal(driver_stops(&driver),
                        "resolve connect >ClientHello <ServerHello <Alert close");
    driver_free(&driver);
}

static void warnings_without_end_end_it(void **state)
{
    const struct hostile_step steps[] = {
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO),
        HOSTILE_SEND_TIMES(200, 21, 3, 3, 0, 2, 1, 90), HOSTILE_HOLDS};
    struct driver driver;
    (void)state;

    run_script(steps, &driver);
    assert_non_null(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_FAILED));
    assert_non_null(strstr(driver_stops(&driver), "<ServerHello <Alert <Alert <Alert"));
    driver_free(&driver);
}

/* ---- what the two ends do not agree on ------------------------------------------------------- */

static void connect_to(struct driver *driver, const struct loopback_options *options,
                       const char *priority, struct loopback *server)
{
    assert_int_equal(loopback_start(server, options), 0);
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->options.priority = text_duplicate(priority, strlen(priority));
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
}

static void a_version_that_the_server_refuses_is_named(void **state)
{
    const struct hostile_step steps[] = {HOSTILE_READ_RECORDS(1), HOSTILE_SEND_ALERT(2, 70),
                                         HOSTILE_CLOSES};
    struct driver driver;
    (void)state;

    run_script(steps, &driver);
    expect_failure(&driver, TRACE_HANDSHAKE, "alert_received", "protocol_version");
    expect_failure(&driver, TRACE_HANDSHAKE, "alert_received", "--tls-max");
    driver_free(&driver);
}

static void nothing_in_common_is_named(void **state)
{
    const struct loopback_options options = {.identity = &identity,
                                             .priority = "NORMAL:-GROUP-ALL:+GROUP-SECP384R1"};
    struct loopback server;
    struct driver driver;
    (void)state;

    connect_to(&driver, &options, "NORMAL:-GROUP-ALL:+GROUP-X25519", &server);
    expect_failure(&driver, TRACE_HANDSHAKE, "alert_received", "handshake_failure");
    driver_free(&driver);
    loopback_stop(&server);
}

/* ---- certificates that the library refuses before it asks ------------------------------------ */

static const struct trace_event *verdict(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_VERDICT) {
            return &driver->events[i];
        }
    }
    return NULL;
}

/* A certificate that allows its key to encrypt, not to sign. */
static void make_encipherer(struct identity *wrong)
{
    static const uint8_t key_encipherment[] = {3, 2, 5, 0x20}; /* RFC 5280 4.2.1.3 */
    const int64_t now = clock_wall_ns() / 1000000000;
    const struct cert_options options = {
        .common_name = "localhost",
        .names = NAMES("DNS:localhost"),
        .not_before = now - 3600,
        .not_after = now + CERT_DAY,
        .extension = "2.5.29.15",
        .extension_value = key_encipherment,
        .extension_length = sizeof key_encipherment,
    };

    *wrong = (struct identity){.leaf = cert_make(&options)};
    assert_non_null(wrong->leaf);
    wrong->root = wrong->leaf->crt;
    wrong->certificate = wrong->leaf->crt;
    wrong->key = wrong->leaf->key;
}

/* GnuTLS 3.7.9 refuses it in a TLS 1.3 handshake before the verify function is called. */
static void a_key_used_against_its_certificate_is_judged_all_the_same(void **state)
{
    struct identity wrong;
    const struct loopback_options options = {
        .identity = &wrong, .priority = "NORMAL:%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS"};
    struct loopback server;
    struct driver driver;
    (void)state;

    make_encipherer(&wrong);
    connect_to(&driver, &options, "NORMAL:-VERS-ALL:+VERS-TLS1.3", &server);
    assert_non_null(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_FAILED));
    assert_string_equal(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_FAILED)->code, "tls_error");
    assert_non_null(verdict(&driver));
    assert_true(verdict(&driver)->verification->performed);
    assert_int_equal(verdict(&driver)->verification->sent_count, 1);
    driver_free(&driver);
    loopback_stop(&server);
    identity_free(&wrong);
}

static void a_certificate_that_cannot_be_read_is_judged_all_the_same(void **state)
{
    const struct hostile_step steps[] = {
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(HOSTILE_SERVER_HELLO),
        /* Certificate, one entry of four bytes that are no certificate */
        HOSTILE_SEND_BYTES(22, 3, 3, 0, 14, 11, 0, 0, 10, 0, 0, 7, 0, 0, 4, 1, 2, 3, 4),
        HOSTILE_HOLDS};
    struct hostile *server = hostile_start(steps);
    struct driver driver;
    (void)state;

    assert_non_null(server);
    driver_init(&driver, hostile_port(server), NULL, 0);
    driver.options.no_verify = false;
    driver.options.trust = TLS_TRUST_NONE;
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_FAILED));
    assert_non_null(verdict(&driver));
    assert_false(verdict(&driver)->verification->ok);
    assert_int_equal(verdict(&driver)->verification->sent_count, 1);
    assert_int_equal(verdict(&driver)->verification->certificates[0].length, 4);
    expect_failure(&driver, TRACE_VERIFY, "refused_certificate", "");
    driver_free(&driver);
    hostile_stop(server, NULL);
}

/* ---- before TLS ------------------------------------------------------------------------------ */

static void a_trust_store_that_cannot_be_read_fails_at_verify(void **state)
{
    const struct loopback_options options = {.identity = &identity};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    driver.options.ca_file = text_duplicate("/nonexistent/ca.pem", 19);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    expect_failure(&driver, TRACE_VERIFY, "trust_store", "/nonexistent/ca.pem");
    expect_failure(&driver, TRACE_HANDSHAKE, "trust_store", "No such file");
    assert_null(strstr(driver_stops(&driver), "verify")); /* nothing was judged */
    assert_int_equal(queued_alert(&driver), GNUTLS_A_INTERNAL_ERROR);
    driver_free(&driver);
    loopback_stop(&server);
}

static void a_closed_port_fails_at_connect(void **state)
{
    const struct loopback_options options = {.identity = &identity, .stalls = true};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    loopback_stop(&server); /* its port was free a moment ago */
    driver_init(&driver, server.port, NULL, 0);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    expect_failure(&driver, TRACE_CONNECT, "connect_failed", "refused");
    assert_string_equal(driver_stops(&driver), "resolve");
    assert_non_null(driver_note(&driver, "attempt"));
    assert_null(driver_phase(&driver, TRACE_CLOSE, TRACE_BEGUN)); /* nothing to close */
    driver_free(&driver);
}

static void an_unknown_host_fails_at_resolve(void **state)
{
    struct driver driver;
    (void)state;

    driver_init(&driver, 443, NULL, 0);
    driver.config.host = "no-such-host.invalid"; /* RFC 6761 6.4 */
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    expect_failure(&driver, TRACE_RESOLVE, "resolve_failed", "no-such-host.invalid");
    assert_string_equal(driver_stops(&driver), "");
    driver_free(&driver);
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hostile_server_is_told_in_words),
        cmocka_unit_test(a_goodbye_in_the_handshake_is_a_closed_connection),
        cmocka_unit_test(warnings_without_end_end_it),
        cmocka_unit_test(a_version_that_the_server_refuses_is_named),
        cmocka_unit_test(nothing_in_common_is_named),
        cmocka_unit_test(a_key_used_against_its_certificate_is_judged_all_the_same),
        cmocka_unit_test(a_certificate_that_cannot_be_read_is_judged_all_the_same),
        cmocka_unit_test(a_trust_store_that_cannot_be_read_fails_at_verify),
        cmocka_unit_test(a_closed_port_fails_at_connect),
        cmocka_unit_test(an_unknown_host_fails_at_resolve),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
