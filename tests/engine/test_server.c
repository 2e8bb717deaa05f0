/*
 * The engine as a server, with GnuTLS as its client: each message is stopped at in its order, clients' certificates are judged,
 * and waiting for a client can be ended.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "tlstep/lab.h"

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* ---- a client in a thread of its own ---------------------------------------------------------- */

struct client {
    const struct net_address *address;
    const char *priority;
    unsigned flags; /* of gnutls_init, beside GNUTLS_CLIENT */
    bool has_certificate;
    gnutls_certificate_credentials_t credentials; /* of a client that has one */
    pthread_t thread;
    int handshake;                    /* how it ended */
    gnutls_alert_description_t alert; /* the last one received */
    bool closed;                      /* close_notify has come */
};

/* Answers whatever the server wants until it says goodbye. */
static void listen_to_server(struct client *client, gnutls_session_t session)
{
    char data[256];
    ssize_t got;

    do {
        got = gnutls_record_recv(session, data, sizeof data);
        if (got == GNUTLS_E_REAUTH_REQUEST) {
            got = gnutls_reauth(session, 0) == 0 ? 1 : GNUTLS_E_INTERNAL_ERROR;
        } else if (got == GNUTLS_E_REHANDSHAKE) {
            got = gnutls_handshake(session) == 0 ? 1 : GNUTLS_E_INTERNAL_ERROR;
        }
    } while (got > 0 || got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED);
    if (got == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        client->alert = gnutls_alert_get(session);
    }
    client->closed = got == 0;
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
}

static void *run_client(void *argument)
{
    struct client *client = argument;
    gnutls_certificate_credentials_t none;
    gnutls_session_t session;
    struct net_attempt attempt;
    size_t count;
    int fd = net_connect(client->address, 1, 5000, -1, &attempt, &count, NULL);

    if (fd < 0 || gnutls_certificate_allocate_credentials(&none) != 0 ||
        gnutls_init(&session, GNUTLS_CLIENT | client->flags) != 0) {
        return NULL;
    }
    (void)gnutls_priority_set_direct(session, client->priority, NULL);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                                 client->has_certificate ? client->credentials : none);
    (void)gnutls_server_name_set(session, GNUTLS_NAME_DNS, "localhost", 9);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, 10000);
    do {
        client->handshake = gnutls_handshake(session);
    } while (client->handshake < 0 && !gnutls_error_is_fatal(client->handshake));
    if (client->handshake == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        client->alert = gnutls_alert_get(session);
    }
    if (client->handshake == 0) {
        listen_to_server(client, session);
    }
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(none);
    (void)close(fd);
    return NULL;
}

/* ---- a server that is stepped ------------------------------------------------------------------- */

struct service {
    struct lab_ca *ca;
    struct net_listener *listener;
    struct tls_identity *identity;
    struct driver driver;
    struct client client;
};

static void prepare(struct service *service, enum tls_ask ask, const char *priority)
{
    static const char *const names[] = {"localhost"};
    struct err err = {0};
    struct pki_slice root;

    *service = (struct service){.ca = lab_ca_new(&err)};
    assert_non_null(service->ca);
    service->identity = lab_ca_identity(service->ca, names, 1, &err);
    service->listener = net_listener_new("127.0.0.1", 0, &err);
    assert_non_null(service->identity);
    assert_non_null(service->listener);
    root = lab_ca_root(service->ca);
    driver_init(&service->driver, 0, root.data, root.length);
    service->driver.options.ask = ask;
    service->driver.config.role = ENGINE_SERVER;
    service->driver.config.service = (struct engine_service){
        .listener = service->listener,
        .identity = service->identity,
    };
    service->driver.config.linger_ms = 20;
    service->client = (struct client){
        .address = net_listener_address(service->listener),
        .priority = priority,
    };
}

static void call(struct service *service)
{
    assert_int_equal(pthread_create(&service->client.thread, NULL, run_client, &service->client),
                     0);
}

/* A certificate of the same CA, for servers: what a client should not show. */
static void give_certificate(struct service *service)
{
    service->client.has_certificate = true;
    service->client.credentials = tls_identity_credentials(service->identity);
}

static void finish(struct service *service)
{
    while (driver_do(&service->driver, ENGINE_CONTINUE) != ENGINE_OVER) {
    }
    assert_int_equal(pthread_join(service->client.thread, NULL), 0);
}

static void clean_up(struct service *service)
{
    driver_free(&service->driver);
    net_listener_release(service->listener);
    tls_identity_release(service->identity);
    lab_ca_release(service->ca);
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void assert_stops(const char *priority, const char *stops)
{
    struct service service;

    prepare(&service, TLS_ASK_NO, priority);
    call(&service);
    while (driver_do(&service.driver, ENGINE_STEP) != ENGINE_OVER) {
    }
    assert_int_equal(pthread_join(service.client.thread, NULL), 0);
    assert_string_equal(driver_stops(&service.driver), stops);
    assert_int_equal(service.client.handshake, 0);
    assert_true(service.client.closed);
    assert_non_null(driver_phase(&service.driver, TRACE_VERIFY, TRACE_SKIPPED));
    assert_null(driver_phase(&service.driver, TRACE_HANDSHAKE, TRACE_FAILED));
    clean_up(&service);
}

/* ">" is sent by this side. The client's ChangeCipherSpec is for middleboxes (RFC 8446 D.4). */
static void each_message_of_tls_1_3_is_stopped_at(void **state)
{
    (void)state;
    assert_stops(TLS13, "connect <ClientHello >ServerHello >ChangeCipherSpec >EncryptedExtensions "
                        ">Certificate >CertificateVerify >Finished <ChangeCipherSpec <Finished "
                        "data >Alert <Alert close");
}

static void each_message_of_tls_1_2_is_stopped_at(void **state)
{
    (void)state;
    assert_stops(TLS12, "connect <ClientHello >ServerHello >Certificate >ServerKeyExchange "
                        ">ServerHelloDone <ClientKeyExchange <ChangeCipherSpec <Finished "
                        ">ChangeCipherSpec >Finished data >Alert <Alert close");
}

static void waiting_for_a_client_can_be_ended_at_once(void **state)
{
    struct service service;
    int64_t began_ns;
    (void)state;

    prepare(&service, TLS_ASK_NO, TLS13);
    driver_give(&service.driver, ENGINE_STEP);
    (void)usleep(50000);
    began_ns = clock_monotonic_ns();
    assert_int_equal(driver_do(&service.driver, ENGINE_ABORT), ENGINE_OVER);
    assert_true(clock_monotonic_ns() - began_ns < 100 * INT64_C(1000000));
    assert_string_equal(driver_phase(&service.driver, TRACE_CONNECT, TRACE_FAILED)->code,
                        "aborted");
    clean_up(&service);
}

static void a_client_without_the_certificate_that_it_needs_is_told(const char *priority,
                                                                   gnutls_alert_description_t alert)
{
    struct service service;

    prepare(&service, TLS_ASK_REQUIRE, priority);
    call(&service);
    finish(&service);
    assert_int_equal(service.client.alert, alert);
    assert_non_null(strstr(driver_phase(&service.driver, TRACE_HANDSHAKE, TRACE_FAILED)->text,
                           "the client sent no certificate"));
    clean_up(&service);
}

static void a_client_needs_a_certificate_in_tls_1_3(void **state)
{
    (void)state;
    a_client_without_the_certificate_that_it_needs_is_told(TLS13, GNUTLS_A_CERTIFICATE_REQUIRED);
}

static void a_client_that_need_not_have_one_goes_on(void **state)
{
    const char *const priorities[] = {TLS12, TLS13};
    (void)state;

    for (int i = 0; i < 2; i++) {
        struct service service;

        prepare(&service, TLS_ASK_REQUEST, priorities[i]);
        call(&service);
        finish(&service);
        assert_int_equal(service.client.handshake, 0);
        assert_non_null(
            strstr(driver_phase(&service.driver, TRACE_VERIFY, TRACE_SKIPPED)->text, "has none"));
        clean_up(&service);
    }
}

/* extendedKeyUsage is judged for clients, and no host name is. */
static void a_servers_certificate_is_none_for_a_client(void **state)
{
    const char *const priorities[] = {TLS12, TLS13};
    (void)state;

    for (int i = 0; i < 2; i++) {
        struct service service;
        const struct trace_event *verdict = NULL;

        prepare(&service, TLS_ASK_REQUEST, priorities[i]);
        give_certificate(&service);
        call(&service);
        finish(&service);
        for (size_t j = 0; j < service.driver.count; j++) {
            if (service.driver.events[j].kind == TRACE_VERDICT) {
                verdict = &service.driver.events[j];
            }
        }
        assert_non_null(verdict);
        assert_false(verdict->verification->ok);
        assert_int_equal(verdict->verification->reasons[0].code, PKI_EXTENDED_KEY_USAGE);
        assert_false(verdict->verification->hostname_checked);
        assert_true(service.client.alert != 0);
        clean_up(&service);
    }
}

/* --no-verify, so that what is shown counts. */
static void ask_later(const char *priority, unsigned flags, const char *request)
{
    struct service service;

    prepare(&service, TLS_ASK_NO, priority);
    service.driver.options.no_verify = true;
    service.client.flags = flags;
    give_certificate(&service);
    call(&service);
    assert_int_equal(driver_until(&service.driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_do(&service.driver, ENGINE_ASK), ENGINE_PAUSED);
    assert_string_equal(driver_at(&service.driver), request);
    assert_int_equal(driver_until(&service.driver, "client:Finished"), ENGINE_PAUSED);
    assert_non_null(strstr(driver_stops(&service.driver), "<CertificateVerify"));
    finish(&service);
    assert_true(service.client.closed);
    assert_null(driver_phase(&service.driver, TRACE_DATA, TRACE_FAILED));
    clean_up(&service);
}

static void a_certificate_can_be_asked_for_later_in_tls_1_3(void **state)
{
    (void)state;
    ask_later(TLS13, GNUTLS_POST_HANDSHAKE_AUTH, ">CertificateRequest");
}

static void a_certificate_can_be_asked_for_later_in_tls_1_2(void **state)
{
    (void)state;
    ask_later(TLS12, 0, ">HelloRequest");
}

static void a_client_that_has_not_offered_it_is_not_asked_later(void **state)
{
    struct service service;
    (void)state;

    prepare(&service, TLS_ASK_NO, TLS13);
    call(&service);
    assert_int_equal(driver_until(&service.driver, "data"), ENGINE_PAUSED);
    driver_give(&service.driver, ENGINE_ASK);
    (void)driver_wait(&service.driver);
    assert_non_null(driver_note(&service.driver, "not_asked"));
    finish(&service);
    assert_null(strstr(driver_stops(&service.driver), "CertificateRequest"));
    clean_up(&service);
}

static struct tls_identity *know_nobody(void *context, const char *name, struct err *err)
{
    *(bool *)context = name != NULL && strcmp(name, "localhost") == 0;
    (void)err_set(err, ERR_USAGE, "unknown", "nobody is called so");
    return NULL;
}

static void a_name_that_nobody_has_gets_its_alert(void **state)
{
    struct service service;
    bool asked = false;
    (void)state;

    prepare(&service, TLS_ASK_NO, TLS13);
    service.driver.config.service.identity = NULL;
    service.driver.config.service.identify = know_nobody;
    service.driver.config.service.context = &asked;
    call(&service);
    finish(&service);
    assert_true(asked);
    assert_int_equal(service.client.alert, GNUTLS_A_UNRECOGNIZED_NAME);
    clean_up(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_of_tls_1_3_is_stopped_at),
        cmocka_unit_test(each_message_of_tls_1_2_is_stopped_at),
        cmocka_unit_test(waiting_for_a_client_can_be_ended_at_once),
        cmocka_unit_test(a_client_needs_a_certificate_in_tls_1_3),
        cmocka_unit_test(a_client_that_need_not_have_one_goes_on),
        cmocka_unit_test(a_servers_certificate_is_none_for_a_client),
        cmocka_unit_test(a_certificate_can_be_asked_for_later_in_tls_1_3),
        cmocka_unit_test(a_certificate_can_be_asked_for_later_in_tls_1_2),
        cmocka_unit_test(a_client_that_has_not_offered_it_is_not_asked_later),
        cmocka_unit_test(a_name_that_nobody_has_gets_its_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
