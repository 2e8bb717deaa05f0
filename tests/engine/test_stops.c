/*
 * The stops of a session: their order in every version, and that each is where it says: a queued
 * message has not been written yet, one that has arrived has not been acted on. What the log says
 * is checked by the decoder of the trace room, which knows the wire and the key log only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

static struct identity ecdsa;
static struct identity rsa;

/* ---- what the server does after the handshake ------------------------------------------------ */

static void read_to_end(gnutls_session_t session)
{
    char data[20000];
    ssize_t status;

    do {
        status = gnutls_record_recv(session, data, sizeof data);
    } while (status > 0 || (status < 0 && !gnutls_error_is_fatal((int)status)));
    (void)gnutls_bye(session, GNUTLS_SHUT_WR); /* the client may be gone */
}

static void greet(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_record_send(session, "hello", 5);
    read_to_end(session);
}

static void change_keys(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_session_key_update(session, GNUTLS_KU_PEER);
    (void)gnutls_record_send(session, "hello", 5);
    read_to_end(session);
}

static void renegotiate(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_rehandshake(session);
    (void)gnutls_handshake(session);
    read_to_end(session);
}

static void want_renegotiation(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_rehandshake(session);
    read_to_end(session);
}

static void warn(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_alert_send(session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED);
    (void)gnutls_record_send(session, "hello", 5);
    read_to_end(session);
}

static void say_goodbye(gnutls_session_t session, void *argument)
{
    char data[100];
    (void)argument;

    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    (void)gnutls_record_recv(session, data, sizeof data); /* until the client has gone */
}

/* ---- the sessions ---------------------------------------------------------------------------- */

#define BEFORE "resolve connect "
#define TLS13_FLIGHT                                                                      \
    "<ServerHello >ChangeCipherSpec <ChangeCipherSpec <EncryptedExtensions <Certificate " \
    "<CertificateVerify verify <Finished >Finished data "
#define TLS12_END ">ChangeCipherSpec >Finished <ChangeCipherSpec <Finished data "
#define GOODBYE   ">Alert <Alert close"

static const struct session {
    const char *name;
    const char *client;
    struct loopback_options server;
    const char *stops;
} sessions[] = {
    {"TLS 1.3, ECDSA",
     "NORMAL:-VERS-ALL:+VERS-TLS1.3",
     {.kind = IDENTITY_ECDSA},
     BEFORE ">ClientHello " TLS13_FLIGHT GOODBYE},
    {"TLS 1.3, RSA",
     "NORMAL:-VERS-ALL:+VERS-TLS1.3",
     {.kind = IDENTITY_RSA},
     BEFORE ">ClientHello " TLS13_FLIGHT GOODBYE},
    {"TLS 1.3, tickets and data",
     "NORMAL",
     {.kind = IDENTITY_ECDSA, .tickets = true, .talk = greet},
     BEFORE ">ClientHello " TLS13_FLIGHT
            "<NewSessionTicket <NewSessionTicket <ApplicationData " GOODBYE},
    {"TLS 1.3, HelloRetryRequest",
     "NORMAL",
     {.kind = IDENTITY_ECDSA, .priority = "NORMAL:-GROUP-ALL:+GROUP-SECP384R1"},
     /* GnuTLS reads the server's ChangeCipherSpec only after it has answered. */
     BEFORE ">ClientHello <HelloRetryRequest >ClientHello <ChangeCipherSpec <ServerHello "
            ">ChangeCipherSpec <EncryptedExtensions <Certificate <CertificateVerify verify "
            "<Finished >Finished data " GOODBYE},
    {"TLS 1.3, client certificate",
     "NORMAL",
     {.kind = IDENTITY_ECDSA, .asks_certificate = true},
     BEFORE ">ClientHello <ServerHello >ChangeCipherSpec <ChangeCipherSpec <EncryptedExtensions "
            "<CertificateRequest <Certificate <CertificateVerify verify <Finished >Certificate "
            ">Finished data " GOODBYE},
    {"TLS 1.3 without compatibility",
     "NORMAL:%DISABLE_TLS13_COMPAT_MODE",
     {.kind = IDENTITY_ECDSA, .priority = "NORMAL:%DISABLE_TLS13_COMPAT_MODE"},
     BEFORE ">ClientHello <ServerHello <EncryptedExtensions <Certificate <CertificateVerify verify "
            "<Finished >Finished data " GOODBYE},
    {"TLS 1.3, KeyUpdate",
     "NORMAL",
     {.kind = IDENTITY_ECDSA, .talk = change_keys},
     BEFORE ">ClientHello " TLS13_FLIGHT "<KeyUpdate <ApplicationData " GOODBYE},
    {"TLS 1.3, the server says goodbye",
     "NORMAL",
     {.kind = IDENTITY_ECDSA, .talk = say_goodbye},
     BEFORE ">ClientHello " TLS13_FLIGHT "<Alert >Alert close"},
    {"TLS 1.2, ECDSA",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END GOODBYE},
    {"TLS 1.2, RSA key exchange",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
     {.kind = IDENTITY_RSA},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END GOODBYE},
    {"TLS 1.2, client certificate",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA, .asks_certificate = true},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <CertificateRequest "
            "<ServerHelloDone >Certificate >ClientKeyExchange " TLS12_END GOODBYE},
    {"TLS 1.2, ticket and data",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA, .tickets = true, .talk = greet},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange >ChangeCipherSpec >Finished <NewSessionTicket <ChangeCipherSpec "
            "<Finished data <ApplicationData " GOODBYE},
    {"TLS 1.2, renegotiation wanted",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA, .talk = renegotiate},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END
            "<HelloRequest >ClientHello <ServerHello <Certificate verify <ServerKeyExchange "
            "<ServerHelloDone >ClientKeyExchange >ChangeCipherSpec >Finished <ChangeCipherSpec "
            "<Finished " GOODBYE},
    {"TLS 1.2, renegotiation wanted that would not be safe",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA,
      .priority = "NORMAL:%DISABLE_SAFE_RENEGOTIATION",
      .talk = want_renegotiation},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END "<HelloRequest >Alert " GOODBYE},
    {"TLS 1.2, a warning",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA, .talk = warn},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END "<Alert <ApplicationData " GOODBYE},
    {"TLS 1.2, the server says goodbye",
     "NORMAL:-VERS-ALL:+VERS-TLS1.2",
     {.kind = IDENTITY_ECDSA, .talk = say_goodbye},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END "<Alert >Alert close"},
    {"TLS 1.1",
     "NORMAL:-VERS-ALL:+VERS-TLS1.1",
     {.kind = IDENTITY_RSA},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END GOODBYE},
    {"TLS 1.0",
     "NORMAL:-VERS-ALL:+VERS-TLS1.0",
     {.kind = IDENTITY_RSA, .talk = greet},
     BEFORE ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone "
            ">ClientKeyExchange " TLS12_END "<ApplicationData " GOODBYE},
};

#define SESSION_COUNT (sizeof sessions / sizeof *sessions)

static void start_server(struct loopback *server, const struct session *session)
{
    struct loopback_options options = session->server;

    options.identity = options.kind == IDENTITY_RSA ? &rsa : &ecdsa;
    assert_int_equal(loopback_start(server, &options), 0);
}

static void start_client(struct driver *driver, const struct loopback *server,
                         const struct session *session)
{
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->options.priority = text_duplicate(session->client, strlen(session->client));
    assert_non_null(driver->options.priority);
    /* What a server says by itself must come within the linger, on a busy machine too. */
    driver->config.linger_ms = session->server.talk != NULL ? 400 : 60;
}

/* ---- order ----------------------------------------------------------------------------------- */

static void expect_stops(const struct session *session, struct driver *driver)
{
    const char *stops = driver_stops(driver);

    if (strcmp(stops, session->stops) != 0) {
        fail_msg("%s: stops are\n  %s\nand not\n  %s", session->name, stops, session->stops);
    }
}

static void run_session(const struct session *session, enum engine_command_kind kind)
{
    struct loopback server;
    struct driver driver;

    start_server(&server, session);
    start_client(&driver, &server, session);
    while (driver_do(&driver, kind) != ENGINE_OVER) {
    }
    expect_stops(session, &driver);
    assert_int_equal(server.handshakes, 1);
    driver_free(&driver);
    loopback_stop(&server);
}

static void stepping_stops_at_every_message_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        run_session(&sessions[i], ENGINE_STEP);
    }
}

static void running_through_passes_the_same_stops(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        run_session(&sessions[i], ENGINE_CONTINUE);
    }
}

static void each_step_is_one_stop(void **state)
{
    size_t stops = 0;
    (void)state;

    for (size_t i = 0; i < SESSION_COUNT; i++) {
        struct loopback server;
        struct driver driver;

        start_server(&server, &sessions[i]);
        start_client(&driver, &server, &sessions[i]);
        do {
            size_t seen = driver.count;

            (void)driver_do(&driver, ENGINE_STEP);
            stops = 0;
            for (size_t j = seen; j < driver.count; j++) {
                stops += driver.events[j].kind == TRACE_STOP;
            }
            assert_int_equal(stops, 1);
        } while (engine_state(driver.engine) != ENGINE_OVER);
        driver_free(&driver);
        loopback_stop(&server);
    }
}

/* ---- what the log says at each stop ---------------------------------------------------------- */

/* Takes the driver's events. */
static struct trace *make_trace(struct driver *driver)
{
    const struct trace_target target = {.input = "test", .host = "127.0.0.1", .sni = "localhost"};
    struct trace *trace = trace_new(&target, clock_wall_ns());
    struct err err;

    assert_non_null(trace);
    for (size_t i = 0; i < driver->count; i++) {
        assert_int_equal(trace_append(trace, &driver->events[i], &err), 0);
    }
    trace_finish(trace);
    return trace;
}

static void check_stop(const struct session *session, struct trace *trace, size_t cursor)
{
    const struct trace_stop stop = trace_stop_at(trace, cursor);
    const struct trace_row *row;
    enum trace_row_state expected = stop.queued ? TRACE_ROW_QUEUED : TRACE_ROW_ARRIVED;

    assert_true(stop.at_stop);
    if (!stop.has_from) {
        return;
    }
    if (stop.n == 0) {
        fail_msg("%s: the stop at %s has no row", session->name, stop.at);
    }
    row = trace_row_at(trace, stop.n - 1);
    assert_string_equal(row->type, stop.at);
    assert_int_equal(row->from, stop.from);
    if (trace_row_state(trace, row, cursor) != expected) {
        fail_msg("%s: at the stop %s of the %s its row has state %d, not %d", session->name,
                 stop.at, wire_side_name(stop.from), (int)trace_row_state(trace, row, cursor),
                 (int)expected);
    }
}

/* At the end everything was sent and acted on, and there is no row without a stop. */
static void check_end(const struct session *session, struct trace *trace, size_t stops)
{
    size_t rows = 0;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        enum trace_row_state wanted =
            row->from == WIRE_CLIENT ? TRACE_ROW_SENT : TRACE_ROW_PROCESSED;

        if (row->layer != TRACE_LAYER_TLS) {
            continue;
        }
        rows++;
        assert_false(row->malformed);
        assert_true(!row->encrypted || row->decrypted);
        if (trace_row_state(trace, row, trace_event_count(trace)) != wanted) {
            fail_msg("%s: at the end %s of the %s has state %d", session->name, row->type,
                     wire_side_name(row->from),
                     (int)trace_row_state(trace, row, trace_event_count(trace)));
        }
    }
    assert_int_equal(rows, stops);
}

static void each_stop_is_where_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        struct loopback server;
        struct driver driver;
        struct trace *trace;
        size_t messages = 0;

        start_server(&server, &sessions[i]);
        start_client(&driver, &server, &sessions[i]);
        while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
        }
        trace = make_trace(&driver);
        for (size_t cursor = 1; cursor <= trace_event_count(trace); cursor++) {
            if (trace_event_at(trace, cursor - 1)->kind == TRACE_STOP) {
                check_stop(&sessions[i], trace, cursor);
                messages += trace_stop_at(trace, cursor).has_from;
            }
        }
        check_end(&sessions[i], trace, messages);
        trace_free(trace);
        driver_free(&driver);
        loopback_stop(&server);
    }
}

/* ---- stamps, phases -------------------------------------------------------------------------- */

static void stamps_never_go_backwards(void **state)
{
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &sessions[2]);
    start_client(&driver, &server, &sessions[2]);
    while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    for (size_t i = 1; i < driver.count; i++) {
        assert_true(driver.events[i - 1].time_ns <= driver.events[i].time_ns);
    }
    driver_free(&driver);
    loopback_stop(&server);
}

static void every_phase_begins_and_is_done(void **state)
{
    static const enum trace_phase phases[] = {TRACE_RESOLVE, TRACE_CONNECT, TRACE_HANDSHAKE,
                                              TRACE_VERIFY,  TRACE_DATA,    TRACE_CLOSE};
    const struct trace_connection *connection;
    struct loopback server;
    struct driver driver;
    char peer[40];
    (void)state;

    start_server(&server, &sessions[0]);
    start_client(&driver, &server, &sessions[0]);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        assert_non_null(driver_phase(&driver, phases[i], TRACE_BEGUN));
        assert_non_null(driver_phase(&driver, phases[i], TRACE_DONE));
        assert_null(driver_phase(&driver, phases[i], TRACE_FAILED));
    }
    assert_string_equal(driver_phase(&driver, TRACE_RESOLVE, TRACE_DONE)->text, "127.0.0.1");
    connection = driver_phase(&driver, TRACE_CONNECT, TRACE_DONE)->connection;
    assert_non_null(connection);
    (void)snprintf(peer, sizeof peer, "127.0.0.1:%u", server.port);
    assert_string_equal(connection->peer, peer);
    assert_true(connection->syn_ns <= connection->established_ns);
    assert_true(connection->rtt_us >= 0);
    assert_non_null(driver_note(&driver, "attempt"));
    driver_free(&driver);
    loopback_stop(&server);
}

static void without_verification_there_is_no_verdict(void **state)
{
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &sessions[0]);
    start_client(&driver, &server, &sessions[0]);
    driver.options.no_verify = true;
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_SKIPPED));
    for (size_t i = 0; i < driver.count; i++) {
        assert_int_not_equal(driver.events[i].kind, TRACE_VERDICT);
    }
    assert_null(strstr(driver_stops(&driver), "verify"));
    driver_free(&driver);
    loopback_stop(&server);
}

static void a_given_address_skips_name_lookup(void **state)
{
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &sessions[0]);
    start_client(&driver, &server, &sessions[0]);
    driver.config.host = "no-such-host.invalid";
    driver.options.connect = text_format("127.0.0.1:%u", server.port);
    assert_int_equal(driver_do(&driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_stops(&driver), "connect");
    assert_non_null(driver_phase(&driver, TRACE_RESOLVE, TRACE_SKIPPED));
    driver_free(&driver);
    loopback_stop(&server);
}

static void a_name_is_looked_up_in_a_thread_of_its_own(void **state)
{
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &sessions[0]);
    start_client(&driver, &server, &sessions[0]);
    driver.config.host = "localhost";
    assert_int_equal(driver_do(&driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(&driver), "resolve");
    assert_non_null(strstr(driver_phase(&driver, TRACE_RESOLVE, TRACE_DONE)->text, "127.0.0.1"));
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_CLOSE, TRACE_DONE));
    driver_free(&driver);
    loopback_stop(&server);
}

static int make_identities(void **state)
{
    (void)state;
    return identity_make(&ecdsa, IDENTITY_ECDSA, NULL) != 0 ||
           identity_make(&rsa, IDENTITY_RSA, NULL) != 0;
}

static int free_identities(void **state)
{
    (void)state;
    identity_free(&ecdsa);
    identity_free(&rsa);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepping_stops_at_every_message_in_order),
        cmocka_unit_test(running_through_passes_the_same_stops),
        cmocka_unit_test(each_step_is_one_stop),
        cmocka_unit_test(each_stop_is_where_it_says),
        cmocka_unit_test(stamps_never_go_backwards),
        cmocka_unit_test(every_phase_begins_and_is_done),
        cmocka_unit_test(without_verification_there_is_no_verdict),
        cmocka_unit_test(a_given_address_skips_name_lookup),
        cmocka_unit_test(a_name_is_looked_up_in_a_thread_of_its_own),
    };
    return cmocka_run_group_tests(tests, make_identities, free_identities);
}
