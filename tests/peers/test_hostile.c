/* Hostile servers do what their scripts say, and end at once when they are told to. */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hostile.h"
#include "peer.h"
#include "tlstep/base.h"

/* A record that stands for a ClientHello where only its length counts. */
static const uint8_t hello[] = {22, 3, 1, 0, 4, 1, 0, 0, 0};

static int connect_to(const struct hostile *server)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(hostile_port(server)),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static struct hostile *start(const char *name)
{
    const struct hostile_step *steps = hostile_find(name);
    struct hostile *server;

    assert_non_null(steps);
    server = hostile_start(steps);
    assert_non_null(server);
    return server;
}

/* Reads until `wanted` bytes have come or the stream ends. Returns 0, or errno. */
static int receive(int fd, struct buffer *out, size_t wanted)
{
    uint8_t data[65536];

    while (out->length < wanted) {
        ssize_t count = recv(fd, data, sizeof data, 0);
        if (count <= 0) {
            return count < 0 ? errno : 0;
        }
        buffer_append(out, data, (size_t)count);
    }
    return 0;
}

static void say_hello(int fd)
{
    assert_int_equal(send(fd, hello, sizeof hello, MSG_NOSIGNAL), sizeof hello);
}

static void a_banner_comes_unasked(void **state)
{
    struct hostile *server = start("ssh");
    struct buffer answer = {0};
    int fd = connect_to(server);

    (void)state;
    assert_int_equal(receive(fd, &answer, 8), 0);
    assert_memory_equal(answer.data, "SSH-2.0-", 8);
    say_hello(fd);
    assert_int_equal(receive(fd, &answer, SIZE_MAX), 0); /* FIN */
    assert_non_null(strstr(buffer_string(&answer), "Invalid SSH identification string.\r\n"));
    (void)close(fd);
    buffer_free(&answer);
    hostile_stop(server, NULL);
}

static void an_answer_waits_for_a_whole_record(void **state)
{
    struct hostile *server = start("http");
    struct hostile_report report;
    struct buffer answer = {0};
    int fd = connect_to(server);
    uint8_t byte;

    (void)state;
    for (size_t i = 0; i < sizeof hello; i++) {
        assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
        assert_int_equal(send(fd, &hello[i], 1, MSG_NOSIGNAL), 1);
    }
    assert_int_equal(receive(fd, &answer, SIZE_MAX), 0);
    assert_memory_equal(answer.data, "HTTP/1.1 400 ", 13);
    (void)close(fd);
    buffer_free(&answer);
    hostile_stop(server, &report);
    assert_int_equal(report.connections, 1);
    assert_int_equal(report.received, sizeof hello);
    assert_memory_equal(report.data, hello, sizeof hello);
}

static void fin_and_rst_are_different(void **state)
{
    static const struct {
        const char *name;
        int error;
    } expected[] = {{"close", 0},
                    {"reset", ECONNRESET},
                    {"close after ClientHello", 0},
                    {"reset after ClientHello", ECONNRESET}};

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct hostile *server = start(expected[i].name);
        struct buffer answer = {0};
        int fd = connect_to(server);
        if (strstr(expected[i].name, "after") != NULL) {
            say_hello(fd);
        }
        assert_int_equal(receive(fd, &answer, SIZE_MAX), expected[i].error);
        assert_int_equal(answer.length, 0);
        (void)close(fd);
        hostile_stop(server, NULL);
    }
}

static void a_number_of_bytes_is_waited_for(void **state)
{
    static const struct hostile_step steps[] = {HOSTILE_READ_BYTES(7), HOSTILE_SEND_TEXT("seven"),
                                                HOSTILE_CLOSES};
    struct hostile *server = hostile_start(steps);
    struct buffer answer = {0};
    int fd;
    uint8_t byte;

    (void)state;
    assert_non_null(server);
    fd = connect_to(server);
    assert_int_equal(send(fd, hello, 6, MSG_NOSIGNAL), 6);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    assert_int_equal(send(fd, hello, 3, MSG_NOSIGNAL), 3);
    assert_int_equal(receive(fd, &answer, SIZE_MAX), 0);
    assert_string_equal(buffer_string(&answer), "seven");
    (void)close(fd);
    buffer_free(&answer);
    hostile_stop(server, NULL);
}

static void a_pause_is_one(void **state)
{
    static const struct hostile_step steps[] = {HOSTILE_WAIT(60), HOSTILE_CLOSES};
    struct hostile *server = hostile_start(steps);
    struct buffer answer = {0};
    int64_t begin = clock_monotonic_ns();
    int fd;

    (void)state;
    assert_non_null(server);
    fd = connect_to(server);
    assert_int_equal(receive(fd, &answer, SIZE_MAX), 0);
    assert_true(clock_monotonic_ns() - begin >= 60 * 1000000);
    (void)close(fd);
    hostile_stop(server, NULL);
}

static void silence_ends_when_the_server_is_stopped(void **state)
{
    struct hostile *server = start("silence");
    struct buffer answer = {0};
    int64_t begin;
    int fd = connect_to(server);
    uint8_t byte;

    (void)state;
    say_hello(fd);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
    begin = clock_monotonic_ns();
    hostile_stop(server, NULL);
    assert_true(clock_monotonic_ns() - begin < INT64_C(2000000000));
    (void)receive(fd, &answer, SIZE_MAX); /* FIN or RST: the connection is gone */
    assert_int_equal(answer.length, 0);
    (void)close(fd);
}

static void every_connection_gets_the_script(void **state)
{
    struct hostile *server = start("alert after ClientHello");
    struct hostile_report report;

    (void)state;
    for (int i = 0; i < 3; i++) {
        static const uint8_t alert[] = {21, 3, 3, 0, 2, 2, 40};
        struct buffer answer = {0};
        int fd = connect_to(server);
        say_hello(fd);
        assert_int_equal(receive(fd, &answer, SIZE_MAX), 0);
        assert_int_equal(answer.length, sizeof alert);
        assert_memory_equal(answer.data, alert, sizeof alert);
        (void)close(fd);
        buffer_free(&answer);
    }
    hostile_stop(server, &report);
    assert_int_equal(report.connections, 3);
}

/* Sixteen megabytes to someone who reads nothing: stopping must not wait for them. */
static void a_full_socket_does_not_hold_the_server(void **state)
{
    struct hostile *server = start("certificate sent");
    int fd = connect_to(server);
    int64_t begin;

    (void)state;
    say_hello(fd);
    (void)usleep(50000);
    begin = clock_monotonic_ns();
    hostile_stop(server, NULL);
    assert_true(clock_monotonic_ns() - begin < INT64_C(2000000000));
    (void)close(fd);
}

static void sixteen_megabytes_are_sent(void **state)
{
    struct hostile *server = start("certificate sent");
    struct buffer answer = {0};
    const size_t length = 54 + 12 + (size_t)1024 * (5 + 16384);
    int fd = connect_to(server);

    (void)state;
    say_hello(fd);
    assert_int_equal(receive(fd, &answer, length), 0);
    assert_int_equal(answer.length, length);
    assert_memory_equal(answer.data + 54, "\x16\x03\x03\x00\x07\x0b\xff\xff\xff", 9);
    (void)close(fd);
    buffer_free(&answer);
    hostile_stop(server, NULL);
}

/* ---- against a real client --------------------------------------------------------------- */

#define PATIENT 10000

/* A GnuTLS client's answer after a handshake, in which it verifies nothing. */
static int shake_hands(const struct hostile *server, const char *priority, unsigned milliseconds)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    int fd = connect_to(server);
    int status;

    assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_priority_set_direct(session, priority, NULL), 0);
    assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, milliseconds);
    do {
        status = gnutls_handshake(session);
    } while (status != 0 && gnutls_error_is_fatal(status) == 0);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    (void)close(fd);
    return status;
}

static void a_real_client_believes_the_scripts(void **state)
{
    static const struct {
        const char *name;
        int status;
    } expected[] = {
        {"garbage", GNUTLS_E_UNEXPECTED_PACKET},
        {"long record", GNUTLS_E_RECORD_OVERFLOW},
        {"close", GNUTLS_E_PREMATURE_TERMINATION},
        {"close after ClientHello", GNUTLS_E_PREMATURE_TERMINATION},
        {"close after ServerHello", GNUTLS_E_PREMATURE_TERMINATION},
        {"alert after ClientHello", GNUTLS_E_FATAL_ALERT_RECEIVED},
        {"alert after ServerHello", GNUTLS_E_FATAL_ALERT_RECEIVED},
        {"certificate sent", GNUTLS_E_HANDSHAKE_TOO_LARGE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        struct hostile *server = start(expected[i].name);
        int status = shake_hands(server, "NORMAL:-VERS-ALL:+VERS-TLS1.2", PATIENT);
        if (status != expected[i].status) {
            fail_msg("%s: %s", expected[i].name, gnutls_strerror(status));
        }
        hostile_stop(server, NULL);
    }
}

/* ---- in front of a real server ----------------------------------------------------------- */

static int relayed_handshake(uint16_t port, size_t count, bool bytes)
{
    const struct hostile_step records[] = {HOSTILE_RELAY_RECORDS(port, count), HOSTILE_CLOSES};
    const struct hostile_step single[] = {HOSTILE_RELAY_BYTES(port, count), HOSTILE_CLOSES};
    struct hostile *server = hostile_start(bytes ? single : records);
    int status;

    assert_non_null(server);
    status = shake_hands(server, "NORMAL", PATIENT);
    hostile_stop(server, NULL);
    return status;
}

/* GnuTLS counts what has come, not what is claimed: it waits for the rest. */
static void a_claimed_length_alone_is_waited_for(void **state)
{
    static const char *const names[] = {"certificate claimed", "silence after ServerHello"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct hostile *server = start(names[i]);
        assert_int_equal(shake_hands(server, "NORMAL:-VERS-ALL:+VERS-TLS1.2", 150),
                         GNUTLS_E_TIMEDOUT);
        hostile_stop(server, NULL);
    }
}

static void a_relay_cuts_a_real_handshake_where_it_is_told_to(void **state)
{
    const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_ECDSA};
    struct peer peer;
    int whole = 0;

    (void)state;
    if (peer_start(&peer, &options) == PEER_SKIPPED) {
        print_message("skipped: %s\n", peer.why);
        skip();
    }
    assert_true(peer.pid > 0);
    /* ServerHello, ChangeCipherSpec, four encrypted messages: six records with the Finished. */
    for (size_t records = 0; records < 6; records++) {
        assert_int_equal(relayed_handshake(peer.port, records, false),
                         GNUTLS_E_PREMATURE_TERMINATION);
    }
    assert_int_equal(relayed_handshake(peer.port, 6, false), 0);
    for (size_t bytes = 0; bytes < 1200; bytes += 61) {
        int status = relayed_handshake(peer.port, bytes, true);
        whole += status == 0;
        assert_true(status == 0 || status == GNUTLS_E_PREMATURE_TERMINATION ||
                    status == GNUTLS_E_UNEXPECTED_PACKET_LENGTH);
    }
    assert_true(whole > 0); /* one P-256 certificate: less than a kilobyte */
    peer_stop(&peer);
}

static void a_script_goes_on_after_a_relay(void **state)
{
    const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_ECDSA};
    struct peer peer;
    struct hostile *server;

    (void)state;
    if (peer_start(&peer, &options) == PEER_SKIPPED) {
        print_message("skipped: %s\n", peer.why);
        skip();
    }
    assert_true(peer.pid > 0);
    const struct hostile_step steps[] = {HOSTILE_RELAY_RECORDS(peer.port, 1),
                                         HOSTILE_SEND_ALERT(2, 71), HOSTILE_CLOSES};
    server = hostile_start(steps);
    assert_non_null(server);
    assert_int_equal(shake_hands(server, "NORMAL:-VERS-ALL:+VERS-TLS1.2", PATIENT),
                     GNUTLS_E_FATAL_ALERT_RECEIVED);
    hostile_stop(server, NULL);
    peer_stop(&peer);
}

static void names_are_found(void **state)
{
    (void)state;
    for (const struct hostile_script *script = hostile_scripts; script->name != NULL; script++) {
        assert_ptr_equal(hostile_find(script->name), script->steps);
    }
    assert_null(hostile_find("polite"));
    hostile_stop(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_banner_comes_unasked),
        cmocka_unit_test(an_answer_waits_for_a_whole_record),
        cmocka_unit_test(fin_and_rst_are_different),
        cmocka_unit_test(a_number_of_bytes_is_waited_for),
        cmocka_unit_test(a_pause_is_one),
        cmocka_unit_test(silence_ends_when_the_server_is_stopped),
        cmocka_unit_test(every_connection_gets_the_script),
        cmocka_unit_test(a_full_socket_does_not_hold_the_server),
        cmocka_unit_test(sixteen_megabytes_are_sent),
        cmocka_unit_test(a_real_client_believes_the_scripts),
        cmocka_unit_test(a_claimed_length_alone_is_waited_for),
        cmocka_unit_test(a_relay_cuts_a_real_handshake_where_it_is_told_to),
        cmocka_unit_test(a_script_goes_on_after_a_relay),
        cmocka_unit_test(names_are_found),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
