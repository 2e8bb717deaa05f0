/*
 * Servers that refuse: each alert is told as what it is, at whatever point of the handshake it comes,
 * with what the user can do about it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "loopback.h"
#include "peer.h"
#include "program.h"

#define SECONDS 10 /* until something counts as hanging, also under sanitizers */

static const char *local_target(uint16_t port)
{
    static char target[40];
    (void)snprintf(target, sizeof target, "127.0.0.1:%u", port);
    return target;
}

/* The last alert is the server's, fatal, and of this name. */
static void last_alert_is(json_t *report, const char *name)
{
    json_t *alerts = json_object_get(report, "alerts");
    json_t *last = json_array_get(alerts, json_array_size(alerts) - 1);

    assert_string_equal(json_text_at(last, "from"), "server");
    assert_string_equal(json_text_at(last, "level"), "fatal");
    assert_string_equal(json_text_at(last, "description"), name);
}

/* ---- a server that gives up at each of its messages ------------------------------------------ */

/* A GnuTLS server that gives up at the n-th message that it sends or receives. */
struct quitter {
    gnutls_certificate_credentials_t credentials;
    const char *priority;
    unsigned at;
    unsigned seen;
    int status; /* of its handshake */
};

static int count_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                         const gnutls_datum_t *message)
{
    struct quitter *quitter = gnutls_session_get_ptr(session);
    (void)when, (void)message;

    /* By then a server of TLS 1.2 has changed its keys, and has not sent the message that says so. */
    if (type == GNUTLS_HANDSHAKE_FINISHED && incoming == 0 &&
        gnutls_protocol_get_version(session) == GNUTLS_TLS1_2)
        return 0;
    if (++quitter->seen != quitter->at)
        return 0;
    (void)gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
    return GNUTLS_E_INTERNAL_ERROR;
}

static void give_up_at_message(int socket, void *argument)
{
    struct quitter *quitter = argument;
    gnutls_session_t session;

    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL) != 0)
        return;
    gnutls_session_set_ptr(session, quitter);
    (void)gnutls_priority_set_direct(session, quitter->priority, NULL);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, quitter->credentials);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       count_message);
    gnutls_transport_set_int(session, socket);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    do {
        quitter->status = gnutls_handshake(session);
    } while (quitter->status < 0 && !gnutls_error_is_fatal(quitter->status));
    if (quitter->status == 0)
        (void)gnutls_bye(session, GNUTLS_SHUT_RDWR);
    gnutls_deinit(session);
}

/* Returns whether the server got that far. */
static bool refused_at(struct quitter *quitter, unsigned message)
{
    const struct loopback_options options = {.raw = give_up_at_message, .argument = quitter};
    struct loopback server;
    struct program program;

    quitter->at = message;
    quitter->seen = 0;
    assert_int_equal(loopback_start(&server, &options), 0);
    PROGRAM(&program, SECONDS, NULL, "report", "--json", "--linger", "20", "--no-verify",
            local_target(server.port));
    loopback_stop(&server);
    json_t *report = program_json(&program);
    bool refused = quitter->status != 0;
    if (refused) {
        assert_int_equal(program.status, 1);
        assert_non_null(strstr(buffer_string(&program.errors), "(internal_error, 80)"));
        last_alert_is(report, "internal_error");
    } else {
        assert_int_equal(program.status, 0);
    }
    json_decref(report);
    program_free(&program);
    return refused;
}

/* Returns how many messages the handshake has. */
static unsigned refused_at_each_message(const char *priority)
{
    struct quitter quitter = {.priority = priority};
    struct identity identity;
    unsigned messages = 0;

    assert_int_equal(identity_make(&identity, IDENTITY_ECDSA, NULL), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&quitter.credentials), 0);
    assert_int_equal(gnutls_certificate_set_x509_key(quitter.credentials, &identity.certificate, 1,
                                                     identity.key),
                     0);
    while (messages < 20 && refused_at(&quitter, messages + 1))
        messages++;
    gnutls_certificate_free_credentials(quitter.credentials);
    identity_free(&identity);
    return messages;
}

static void refused_at_each_message_of_tls12(void **state)
{
    (void)state; /* two hellos, Certificate, two key exchanges, ServerHelloDone, Finished */
    assert_int_equal(refused_at_each_message("NORMAL:-VERS-ALL:+VERS-TLS1.2"), 7);
}

static void refused_at_each_message_of_tls13(void **state)
{
    (void)
        state; /* two hellos, EncryptedExtensions, Certificate, CertificateVerify, Finished twice */
    assert_int_equal(refused_at_each_message("NORMAL:-VERS-ALL:+VERS-TLS1.3"), 7);
}

/* ---- openssl, for its own reasons ------------------------------------------------------------ */

static const char *const demands_certificate[] = {"-Verify", "1", NULL};
static const char *const speaks_h2[] = {"-alpn", "h2", NULL};

/* clang-format off */
static const struct {
    const char *what;
    const char *const *server; /* its further arguments */
    uint16_t oldest, newest;   /* its versions */
    const char *options[3];    /* of tlstep */
    const char *alert;
    const char *advice; /* in the message */
} refusals[] = {
    {"only TLS 1.3", NULL, 0x0304, 0x0304, {"--tls-max", "1.2"}, "protocol_version", "--tls-max"},
    {"only TLS 1.2", NULL, 0x0303, 0x0303, {"--tls-min", "1.3"}, "protocol_version", "--tls-min"},
    {"no suite shared", NULL, 0x0303, 0x0303, {"--priority", "NONE:+VERS-TLS1.2:+RSA:+CAMELLIA-128-CBC:+SHA1:+SIGN-ALL"},
     "handshake_failure", "--priority"},
    {"client certificate, TLS 1.2", demands_certificate, 0x0303, 0x0303, {NULL}, "handshake_failure", "server refused"},
    {"client certificate, TLS 1.3", demands_certificate, 0x0304, 0x0304, {NULL}, "certificate_required", "client certificate"},
    {"no protocol shared", speaks_h2, 0, 0, {"--alpn", "http/1.1"}, "no_application_protocol", "--alpn"},
};
/* clang-format on */

static void openssl_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct peer_options options = {.program = PEER_OPENSSL,
                                             .kind = IDENTITY_ECDSA,
                                             .oldest = refusals[i].oldest,
                                             .newest = refusals[i].newest,
                                             .more = refusals[i].server};
        const char *const *more = refusals[i].options;
        struct peer peer;
        struct program program;

        if (peer_start(&peer, &options) != PEER_RUNS) {
            peer_stop(&peer);
            print_message("skipped: %s\n", peer.why);
            skip();
        }
        print_message("%s\n", refusals[i].what);
        /* Options come after TARGET as well as before it. */
        PROGRAM(&program, SECONDS, NULL, "report", "--json", "--linger", "100", "--ca-file",
                peer.ca_file, local_target(peer.port), more[0], more[1]);
        peer_stop(&peer);
        assert_int_equal(program.status, 1);
        if (strstr(buffer_string(&program.errors), refusals[i].advice) == NULL)
            fail_msg("no '%s' in %s", refusals[i].advice, buffer_string(&program.errors));
        json_t *report = program_json(&program);
        last_alert_is(report, refusals[i].alert);
        json_decref(report);
        program_free(&program);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_at_each_message_of_tls12),
        cmocka_unit_test(refused_at_each_message_of_tls13),
        cmocka_unit_test(openssl_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
