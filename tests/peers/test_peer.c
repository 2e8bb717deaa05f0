/* The servers that other tests connect to are what they say: program, versions, certificate. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "peer.h"

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* Shakes hands, verifying the certificate against the peer's root. Returns GnuTLS's answer; fills
 * the version and whether the server's certificate is the one that was made for it. */
static int shake_hands(const struct peer *peer, const char *priority, const char *say, char *answer,
                       size_t size, gnutls_protocol_t *version)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    const gnutls_datum_t *chain;
    gnutls_datum_t own;
    unsigned count;
    ssize_t got = 0;
    int fd = connect_to(peer->port);
    int status;

    assert_true(fd >= 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
    assert_int_equal(
        gnutls_certificate_set_x509_trust_file(credentials, peer->ca_file, GNUTLS_X509_FMT_PEM), 1);
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_priority_set_direct(session, priority, NULL), 0);
    assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
    gnutls_session_set_verify_cert(session, "localhost", 0);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, 10000);
    do {
        status = gnutls_handshake(session);
    } while (status != 0 && gnutls_error_is_fatal(status) == 0);
    if (status == 0) {
        *version = gnutls_protocol_get_version(session);
        chain = gnutls_certificate_get_peers(session, &count);
        assert_non_null(chain);
        assert_int_equal(
            gnutls_x509_crt_export2(peer->identity.certificate, GNUTLS_X509_FMT_DER, &own), 0);
        assert_int_equal(chain[0].size, own.size);
        assert_memory_equal(chain[0].data, own.data, own.size);
        gnutls_free(own.data);
        assert_int_equal(gnutls_record_send(session, say, strlen(say)), strlen(say));
        do {
            got = gnutls_record_recv(session, answer, size - 1);
        } while (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED);
        answer[got > 0 ? got : 0] = '\0';
    }
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    (void)close(fd);
    return status;
}

#define HTTP_REQUEST "GET / HTTP/1.0\r\n\r\n"

static void start_or_skip(struct peer *peer, const struct peer_options *options)
{
    switch (peer_start(peer, options)) {
    case PEER_RUNS:
        break;
    case PEER_SKIPPED:
        peer_stop(peer);
        print_message("skipped: %s\n", peer->why);
        skip();
        break;
    case PEER_FAILED:
        peer_stop(peer);
        fail_msg("%s", peer->why);
    }
}

/* Both versions by default, and only the one that was asked for. */
static void serves(enum peer_program program, enum identity_kind kind)
{
    const struct peer_options both = {.program = program, .kind = kind};
    const struct peer_options only12 = {
        .program = program, .kind = kind, .oldest = 0x0303, .newest = 0x0303};
    gnutls_protocol_t version;
    struct peer peer;
    char answer[4096];

    start_or_skip(&peer, &both);
    assert_int_equal(shake_hands(&peer, "NORMAL", HTTP_REQUEST, answer, sizeof answer, &version),
                     0);
    assert_int_equal(version, GNUTLS_TLS1_3);
    assert_memory_equal(answer, "HTTP/1.", 7);
    assert_int_equal(shake_hands(&peer, "NORMAL:-VERS-ALL:+VERS-TLS1.2", HTTP_REQUEST, answer,
                                 sizeof answer, &version),
                     0);
    assert_int_equal(version, GNUTLS_TLS1_2);
    assert_memory_equal(answer, "HTTP/1.", 7);
    peer_stop(&peer);

    start_or_skip(&peer, &only12);
    assert_int_equal(shake_hands(&peer, "NORMAL", HTTP_REQUEST, answer, sizeof answer, &version),
                     0);
    assert_int_equal(version, GNUTLS_TLS1_2);
    assert_int_not_equal(shake_hands(&peer, "NORMAL:-VERS-ALL:+VERS-TLS1.3", HTTP_REQUEST, answer,
                                     sizeof answer, &version),
                         0);
    peer_stop(&peer);
}

static void openssl_serves(void **state)
{
    (void)state;
    serves(PEER_OPENSSL, IDENTITY_RSA);
    serves(PEER_OPENSSL, IDENTITY_ECDSA);
}

static void gnutls_serves(void **state)
{
    (void)state;
    serves(PEER_GNUTLS, IDENTITY_RSA);
    serves(PEER_GNUTLS, IDENTITY_ECDSA);
}

static void nginx_serves(void **state)
{
    (void)state;
    serves(PEER_NGINX, IDENTITY_RSA);
    serves(PEER_NGINX, IDENTITY_ECDSA);
}

static void node_serves(void **state)
{
    (void)state;
    serves(PEER_NODE, IDENTITY_RSA);
    serves(PEER_NODE, IDENTITY_ECDSA);
}

static void old_versions_are_served_when_asked_for(void **state)
{
    static const enum peer_program programs[] = {PEER_OPENSSL, PEER_GNUTLS};

    (void)state;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        const struct peer_options options = {
            .program = programs[i], .kind = IDENTITY_RSA, .oldest = 0x0301, .newest = 0x0302};
        gnutls_protocol_t version;
        struct peer peer;
        char answer[4096];
        start_or_skip(&peer, &options);
        assert_int_equal(shake_hands(&peer, "NORMAL:-VERS-ALL:+VERS-TLS1.0:+VERS-TLS1.1",
                                     HTTP_REQUEST, answer, sizeof answer, &version),
                         0);
        assert_int_equal(version, GNUTLS_TLS1_1);
        assert_int_equal(shake_hands(&peer, "NORMAL:-VERS-ALL:+VERS-TLS1.0", HTTP_REQUEST, answer,
                                     sizeof answer, &version),
                         0);
        assert_int_equal(version, GNUTLS_TLS1_0);
        peer_stop(&peer);
    }
}

static void echoes(void **state)
{
    static const struct {
        enum peer_program program;
        const char *answer;
    } expected[] = {{PEER_OPENSSL, "olleh\n"}, {PEER_GNUTLS, "hello\n"}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct peer_options options = {
            .program = expected[i].program, .kind = IDENTITY_ECDSA, .service = PEER_ECHO};
        gnutls_protocol_t version;
        struct peer peer;
        char answer[64];
        start_or_skip(&peer, &options);
        assert_int_equal(shake_hands(&peer, "NORMAL", "hello\n", answer, sizeof answer, &version),
                         0);
        assert_string_equal(answer, expected[i].answer);
        peer_stop(&peer);
    }
}

static void further_arguments_reach_the_program(void **state)
{
    static const char *const more[] = {"-groups", "P-384", NULL};
    const struct peer_options options = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    gnutls_protocol_t version;
    struct peer peer;
    char answer[4096];

    (void)state;
    start_or_skip(&peer, &options);
    assert_int_not_equal(shake_hands(&peer, "NORMAL:-GROUP-ALL:+GROUP-SECP256R1", HTTP_REQUEST,
                                     answer, sizeof answer, &version),
                         0);
    assert_int_equal(shake_hands(&peer, "NORMAL:-GROUP-ALL:+GROUP-SECP384R1", HTTP_REQUEST, answer,
                                 sizeof answer, &version),
                     0);
    peer_stop(&peer);
}

static void nothing_is_left_of_a_stopped_one(void **state)
{
    const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_ECDSA};
    struct peer peer;
    char folder[sizeof peer.folder];
    pid_t pid;

    (void)state;
    start_or_skip(&peer, &options);
    memcpy(folder, peer.folder, sizeof folder);
    pid = peer.pid;
    assert_int_equal(access(peer.ca_file, R_OK), 0);
    peer_stop(&peer);
    assert_int_equal(access(folder, F_OK), -1);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
    assert_int_equal(connect_to(peer.port), -1);
    peer_stop(&peer); /* once more does no harm */
}

static void what_cannot_start_says_why(void **state)
{
    static const char *const more[] = {"-no_such_option", NULL};
    const struct peer_options wrong = {
        .program = PEER_OPENSSL, .kind = IDENTITY_ECDSA, .more = more};
    const struct peer_options echo = {.program = PEER_NODE, .service = PEER_ECHO};
    struct peer peer;

    (void)state;
    if (peer_start(&peer, &wrong) == PEER_SKIPPED) {
        print_message("skipped: %s\n", peer.why);
        skip();
    }
    assert_string_equal(peer.why, "openssl: ended at once");
    peer_stop(&peer);
    assert_int_equal(peer_start(&peer, &echo), PEER_SKIPPED);
    assert_string_equal(peer.why, "node cannot echo");
    peer_stop(&peer);
}

static void daemons_are_asked_for(void **state)
{
    const struct peer_options options = {.program = PEER_NGINX};
    const char *peers = getenv("PEERS");
    struct peer peer;

    (void)state;
    if (peers != NULL && strcmp(peers, "yes") == 0) {
        print_message("skipped: PEERS=yes is set\n");
        skip();
    }
    assert_int_equal(peer_start(&peer, &options), PEER_SKIPPED);
    assert_string_equal(peer.why, "nginx needs PEERS=yes");
    peer_stop(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_serves),
        cmocka_unit_test(gnutls_serves),
        cmocka_unit_test(nginx_serves),
        cmocka_unit_test(node_serves),
        cmocka_unit_test(old_versions_are_served_when_asked_for),
        cmocka_unit_test(echoes),
        cmocka_unit_test(further_arguments_reach_the_program),
        cmocka_unit_test(nothing_is_left_of_a_stopped_one),
        cmocka_unit_test(what_cannot_start_says_why),
        cmocka_unit_test(daemons_are_asked_for),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
