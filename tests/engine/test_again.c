/*
 * Handshakes inside a session that is up: a server's HelloRequest in TLS 1.2, its late CertificateRequest in TLS 1.3. Each
 * message is stopped at, and the log is complete: everything in it can be read, and all that can be checked is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"
#include "scratch.h"

#define TLS12_HANDSHAKE                                                                  \
    ">ClientHello <ServerHello <Certificate verify <ServerKeyExchange <ServerHelloDone " \
    ">ClientKeyExchange >ChangeCipherSpec >Finished <ChangeCipherSpec <Finished "

/* ---- what the server does ---------------------------------------------------------------------- */

static void read_to_end(gnutls_session_t session)
{
    char data[1024];
    ssize_t status;

    do {
        status = gnutls_record_recv(session, data, sizeof data);
    } while (status > 0 || (status < 0 && !gnutls_error_is_fatal((int)status)));
    (void)gnutls_bye(session, GNUTLS_SHUT_WR); /* the client may be gone */
}

/* Data that is sent before the client has answered HelloRequest belongs to the old session. */
static void renegotiate_and_talk(gnutls_session_t session, void *argument)
{
    (void)argument;
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    (void)gnutls_rehandshake(session);
    (void)gnutls_record_send(session, "before", 6);
    (void)gnutls_handshake(session);
    (void)gnutls_record_send(session, "after", 5);
    read_to_end(session);
}

static void want_renegotiation(gnutls_session_t session, void *argument)
{
    (void)argument;
    (void)gnutls_rehandshake(session);
    read_to_end(session);
}

static void authenticate_twice(gnutls_session_t session, void *argument)
{
    int *subject_seen = argument;

    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    for (int i = 0; i < 2; i++) {
        if (gnutls_reauth(session, 0) == 0) {
            unsigned count = 0;
            (void)gnutls_certificate_get_peers(session, &count);
            *subject_seen += count > 0;
        }
    }
    (void)gnutls_record_send(session, "welcome", 7);
    read_to_end(session);
}

/* It follows HelloRequest at once. */
static void let_data_come(void)
{
    const struct timespec time = {.tv_nsec = 100000000};

    (void)nanosleep(&time, NULL); /* a shorter pause shows in the stops */
}

/* ---- the client -------------------------------------------------------------------------------- */

static void connect_with_certificate(struct driver *driver, const struct loopback *server,
                                     const char *priority)
{
    char folder[SCRATCH_PATH_MAX], certificate[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX];

    (void)scratch_path(folder, "");
    assert_int_equal(identity_write(&server->identity, folder), 0);
    (void)scratch_path(certificate, "certificate.pem");
    (void)scratch_path(key, "key.pem");
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->options.priority = text_duplicate(priority, strlen(priority));
    driver->options.cert = text_duplicate(certificate, strlen(certificate));
    driver->options.key = text_duplicate(key, strlen(key));
    driver->config.linger_ms = 50;
}

static struct trace *trace_of(const struct driver *driver)
{
    const struct trace_target target = {.input = "test", .host = "127.0.0.1"};
    struct trace *trace = trace_new(&target, clock_wall_ns());
    struct err err;

    assert_non_null(trace);
    for (size_t i = 0; i < driver->count; i++) {
        assert_int_equal(trace_append(trace, &driver->events[i], &err), 0);
    }
    trace_finish(trace);
    return trace;
}

/* Everything can be read, and no check fails. Returns how many checks of Finished there are. */
static size_t all_is_well(struct trace *trace)
{
    const struct trace_facts *facts = trace_facts(trace, trace_event_count(trace));
    size_t finished = 0;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->encrypted && !row->decrypted) {
            fail_msg("%s in row %u cannot be read", row->type, row->n);
        }
    }
    for (size_t i = 0; i < facts->check_count; i++) {
        if (facts->checks[i].ok != TRACE_YES) {
            fail_msg("%s of the %s: %s", facts->checks[i].what,
                     wire_side_name(facts->checks[i].from), facts->checks[i].text);
        }
        finished += strcmp(facts->checks[i].what, "finished") == 0;
    }
    assert_false(facts->failed);
    return finished;
}

static void a_renegotiation_is_a_second_handshake(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .talk = renegotiate_and_talk};
    struct loopback server;
    struct driver driver;
    struct trace *trace;
    const struct trace_facts *facts;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    connect_with_certificate(&driver, &server, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    (void)driver_until(&driver, "HelloRequest");
    let_data_come();
    while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    assert_string_equal(
        driver_stops(&driver),
        "resolve connect " TLS12_HANDSHAKE "data <HelloRequest <ApplicationData >ClientHello "
        "<ServerHello <Certificate verify <ServerKeyExchange <CertificateRequest "
        "<ServerHelloDone >Certificate >ClientKeyExchange >CertificateVerify "
        ">ChangeCipherSpec >Finished <ChangeCipherSpec <Finished <ApplicationData >Alert <Alert "
        "close");
    trace = trace_of(&driver);
    assert_int_equal(all_is_well(trace), 4);
    facts = trace_facts(trace, trace_event_count(trace));
    assert_int_equal(facts->application_data[WIRE_SERVER], 11);
    assert_int_equal(facts->client_certificate_count, 1);
    assert_int_equal(facts->earlier_count, 1); /* the first handshake's */
    assert_int_equal(facts->phases[TRACE_DATA].state, TRACE_DONE);
    trace_free(trace);
    driver_free(&driver);
    loopback_stop(&server);
}

/* RFC 5746: a server that cannot prove that both handshakes have the same client. */
static void an_unsafe_renegotiation_is_refused_and_the_session_goes_on(void **state)
{
    const struct loopback_options options = {
        .kind = IDENTITY_ECDSA,
        .priority = "NORMAL:%DISABLE_SAFE_RENEGOTIATION",
        .talk = want_renegotiation,
    };
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    connect_with_certificate(&driver, &server, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    (void)driver_until(&driver, "HelloRequest");
    while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    assert_non_null(driver_note(&driver, "renegotiation_refused"));
    assert_non_null(driver_phase(&driver, TRACE_DATA, TRACE_DONE));
    assert_non_null(strstr(driver_stops(&driver), "<HelloRequest >Alert >Alert <Alert close"));
    driver_free(&driver);
    loopback_stop(&server);
}

static void nothing_is_sent_in_the_middle_of_a_renegotiation(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .talk = renegotiate_and_talk};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    connect_with_certificate(&driver, &server, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    (void)driver_until(&driver, "HelloRequest");
    let_data_come();
    (void)driver_until(&driver, "client:ClientHello");
    driver_refused(&driver, ENGINE_CLOSE, "wrong_phase");
    (void)driver_until(&driver, "server:Finished");
    (void)driver_until(&driver, "server:ApplicationData");
    driver_send(&driver, "hi", 2);
    assert_string_equal(driver_at(&driver), ">ApplicationData");
    driver_free(&driver);
    loopback_stop(&server);
}

static void a_late_certificate_request_is_answered_each_time(void **state)
{
    int seen = 0;
    const struct loopback_options options = {
        .kind = IDENTITY_ECDSA,
        .flags = GNUTLS_POST_HANDSHAKE_AUTH,
        .talk = authenticate_twice,
        .argument = &seen,
    };
    struct loopback server;
    struct driver driver;
    struct trace *trace;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    connect_with_certificate(&driver, &server, "NORMAL");
    while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    assert_non_null(strstr(driver_stops(&driver),
                           "data <CertificateRequest >Certificate >CertificateVerify >Finished "
                           "<CertificateRequest >Certificate >CertificateVerify >Finished "
                           "<ApplicationData >Alert <Alert close"));
    trace = trace_of(&driver);
    assert_int_equal(all_is_well(trace), 4);
    assert_int_equal(trace_facts(trace, trace_event_count(trace))->client_certificate_count, 1);
    trace_free(trace);
    driver_free(&driver);
    loopback_stop(&server);
    assert_int_equal(seen, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_renegotiation_is_a_second_handshake),
        cmocka_unit_test(an_unsafe_renegotiation_is_refused_and_the_session_goes_on),
        cmocka_unit_test(nothing_is_sent_in_the_middle_of_a_renegotiation),
        cmocka_unit_test(a_late_certificate_request_is_answered_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
