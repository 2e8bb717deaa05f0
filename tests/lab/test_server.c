/*
 * A lab server as a part of a program: it starts at once, leaves nothing behind when it stops, and
 * goes on serving whatever some of its clients do.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/gnutls.h>

#include "lab_client.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MS           INT64_C(1000000)

/* ---- starting and stopping --------------------------------------------------------------- */

static void it_starts_in_less_than_20_ms(void **state)
{
    int64_t best = INT64_MAX;
    (void)state;

    /* The best of ten: another process may need the processor now and then. */
    for (int i = 0; i < 10; i++) {
        int64_t start_ns = clock_monotonic_ns();
        struct lab_server *server = lab_client_serve("untrusted-root", 0, 0);
        int64_t took = clock_monotonic_ns() - start_ns;
        best = took < best ? took : best;
        lab_stop(server);
    }
    if (best >= 20 * MS) {
        fail_msg("%.1f ms", (double)best / MS);
    }
}

static void starting_and_stopping_leave_nothing_behind(void **state)
{
    static const char *const scenarios[] = {"good", "silent", "cut", "untrusted-root"};
    size_t descriptors_before, threads_before;
    (void)state;

    lab_stop(lab_client_serve("good", 0, 0)); /* what the C library opens once */
    lab_stop(NULL);
    descriptors_before = process_descriptors();
    threads_before = process_threads();
    for (int i = 0; i < 200; i++) {
        struct lab_server *server = lab_client_serve(scenarios[i % 4], 0, 0);
        if (i % 4 == 0) {
            int idle = lab_client_connect(server); /* connected when the server stops */
            if (i % 20 == 0) {
                assert_true(lab_client_is_served(server));
            }
            lab_stop(server);
            assert_true(lab_client_is_ended(idle, 1000));
            (void)close(idle);
        } else {
            lab_stop(server);
        }
    }
    assert_int_equal(process_descriptors(), descriptors_before);
    assert_int_equal(process_threads(), threads_before);
}

static void a_port_in_use_is_an_error_that_leaves_nothing_behind(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct err err = {0};
    size_t before = process_descriptors();
    uint16_t port = ntohs(((const struct sockaddr_in *)&lab_address(server)->socket)->sin_port);
    (void)state;

    assert_null(lab_start("good", port, &err));
    assert_int_equal(err.class, ERR_NETWORK);
    assert_non_null(strstr(err.text, lab_address(server)->text));
    assert_int_equal(process_descriptors(), before);
    lab_stop(server);
}

static void it_listens_where_it_is_told(void **state)
{
    const struct lab_config config = {.host = "127.0.0.2"};
    struct lab_server *server = lab_start_configured("good", &config, NULL);
    (void)state;

    assert_non_null(server);
    assert_int_equal(strncmp(lab_address(server)->text, "127.0.0.2:", 10), 0);
    assert_true(lab_client_is_served(server));
    lab_stop(server);
}

/* Signals belong to the thread that owns the screen. */
static void its_thread_takes_no_signals(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    DIR *directory = opendir("/proc/self/task");
    const struct dirent *entry;
    size_t seen = 0;
    (void)state;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        struct buffer status = {0};
        char path[300];
        const char *blocked;
        if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == getpid()) {
            continue;
        }
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        assert_int_equal(file_read(path, "status", 65536, &status, NULL), 0);
        blocked = strstr(buffer_string(&status), "SigBlk:");
        assert_non_null(blocked);
        seen += (strtoull(blocked + 7, NULL, 16) & (1ULL << (SIGINT - 1))) != 0;
        buffer_free(&status);
    }
    (void)closedir(directory);
    assert_int_equal(seen, process_threads() - 1);
    lab_stop(server);
}

/* ---- talking ----------------------------------------------------------------------------- */

static void an_unfinished_line_is_answered(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct lab_client client;
    (void)state;

    assert_int_equal(lab_client_open(&client, server), 0);
    assert_int_equal(gnutls_record_send(client.session, "hello", 5), 5);
    assert_true(lab_client_hears(&client, "the lab got 5 bytes: hello\n"));
    assert_int_equal(gnutls_record_send(client.session, "again\n", 6), 6);
    assert_true(lab_client_hears(&client, "the lab got 5 bytes: again\n"));
    lab_client_close(&client);
    lab_stop(server);
}

static void close_notify_is_answered_with_close_notify(void **state)
{
    static const char request[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct lab_client client;
    char rest[16];
    int status;
    (void)state;

    /* The client's first … */
    assert_int_equal(lab_client_open(&client, server), 0);
    do {
        status = gnutls_bye(client.session, GNUTLS_SHUT_RDWR);
    } while (status == GNUTLS_E_AGAIN); /* a ticket was read */
    assert_int_equal(status, 0);
    assert_true(lab_client_is_ended(client.fd, 1000));
    lab_client_close(&client);
    /* … and the server's: recv gives 0 for close_notify, an error for a mere FIN. */
    assert_int_equal(lab_client_open(&client, server), 0);
    assert_true(gnutls_record_send(client.session, request, sizeof request - 1) > 0);
    assert_true(lab_client_hears(&client, "keys can read.\n"));
    assert_int_equal(gnutls_record_recv(client.session, rest, sizeof rest), 0);
    assert_true(lab_client_is_ended(client.fd, 1000));
    lab_client_close(&client);
    lab_stop(server);
}

static void a_key_update_is_answered(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct lab_client client;
    (void)state;

    assert_int_equal(lab_client_open(&client, server), 0);
    assert_int_equal(gnutls_protocol_get_version(client.session), GNUTLS_TLS1_3);
    assert_int_equal(gnutls_session_key_update(client.session, GNUTLS_KU_PEER), 0);
    assert_int_equal(gnutls_record_send(client.session, "a\n", 2), 2);
    assert_true(lab_client_hears(&client, "the lab got 1 byte: a\n"));
    lab_client_close(&client);
    lab_stop(server);
}

/* Many answers, none of them read for a while: they come, and nobody else waits for it. */
static void a_client_that_does_not_read_gets_everything_later(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct lab_client client;
    char line[1024];
    size_t answers = 0, sent = 0;
    (void)state;

    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    assert_int_equal(lab_client_open(&client, server), 0);
    assert_int_equal(fcntl(client.fd, F_SETFL, O_NONBLOCK), 0);
    /* Until the server's side of the socket is full and it stops reading as well. */
    while (sent < 64 * 1024) {
        ssize_t status = gnutls_record_send(client.session, line, sizeof line);
        if (status == GNUTLS_E_AGAIN) {
            break;
        }
        assert_int_equal(status, sizeof line);
        sent++;
    }
    assert_true(lab_client_is_served(server));
    assert_int_equal(fcntl(client.fd, F_SETFL, 0), 0);
    while (answers < sent) {
        char heard[16384];
        ssize_t got = gnutls_record_recv(client.session, heard, sizeof heard);
        if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED) {
            continue;
        }
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++) {
            answers += heard[i] == '\n';
        }
    }
    lab_client_close(&client);
    lab_stop(server);
}

/* ---- bad clients ------------------------------------------------------------------------- */

static void quiet_connections_are_dropped_in_time(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 100);
    int fd = lab_client_connect(server);
    struct lab_client client;
    int64_t start_ns = clock_monotonic_ns();
    (void)state;

    assert_true(lab_client_is_ended(fd, 2000));
    assert_true(lab_client_since_ms(start_ns) >= 90);
    (void)close(fd);
    assert_int_equal(lab_client_open(&client, server), 0);
    assert_true(lab_client_is_ended(client.fd, 2000));
    lab_client_close(&client);
    lab_stop(server);
}

static void one_more_than_there_may_be_takes_the_place_of_the_quietest(void **state)
{
    struct lab_server *server = lab_client_serve("good", 4, 0);
    size_t before = process_descriptors();
    int quiet[20];
    struct lab_client client;
    (void)state;

    assert_int_equal(lab_client_open(&client, server), 0);
    for (size_t i = 0; i < 20; i++) {
        quiet[i] = lab_client_connect(server);
        /* Who says something stays. */
        assert_int_equal(gnutls_record_send(client.session, "a\n", 2), 2);
        assert_true(lab_client_hears(&client, "the lab got 1 byte: a\n"));
    }
    assert_true(process_descriptors() <= before + 1 + 20 + 4);
    for (size_t i = 0; i < 16; i++) {
        assert_true(lab_client_is_ended(quiet[i], 1000));
    }
    for (size_t i = 0; i < 20; i++) {
        (void)close(quiet[i]);
    }
    lab_client_close(&client);
    lab_stop(server);
}

static void a_server_without_descriptors_waits_and_goes_on(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    struct rlimit limit, tight;
    int fds[4], gap[64];
    size_t gaps = 0;
    int64_t start_ns;
    clock_t processor;
    (void)state;

    assert_true(lab_client_is_served(server));
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fds[i] >= 0);
    }
    tight = limit;
    tight.rlim_cur = (rlim_t)fds[3] + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    /* Fills any gap below, so that accept() really has none left. */
    while (gaps < COUNT(gap) && (gap[gaps] = dup(fds[0])) >= 0) {
        gaps++;
    }
    assert_int_equal(errno, EMFILE);
    processor = clock();
    start_ns = clock_monotonic_ns();
    for (size_t i = 0; i < COUNT(fds); i++) {
        assert_int_equal(connect(fds[i], (const struct sockaddr *)&lab_address(server)->socket,
                                 lab_address(server)->length),
                         0);
    }
    while (lab_client_since_ms(start_ns) < 300) {
        const struct timespec pause = {.tv_nsec = 50 * MS};
        (void)nanosleep(&pause, NULL);
    }
    /* It does not spin: far less than the 300 ms. */
    assert_true((clock() - processor) * 1000 / CLOCKS_PER_SEC < 150);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(lab_client_is_served(server));
    for (size_t i = 0; i < COUNT(fds); i++) {
        (void)close(fds[i]);
    }
    while (gaps > 0) {
        (void)close(gap[--gaps]);
    }
    lab_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_in_less_than_20_ms),
        cmocka_unit_test(starting_and_stopping_leave_nothing_behind),
        cmocka_unit_test(a_port_in_use_is_an_error_that_leaves_nothing_behind),
        cmocka_unit_test(it_listens_where_it_is_told),
        cmocka_unit_test(its_thread_takes_no_signals),
        cmocka_unit_test(an_unfinished_line_is_answered),
        cmocka_unit_test(close_notify_is_answered_with_close_notify),
        cmocka_unit_test(a_key_update_is_answered),
        cmocka_unit_test(a_client_that_does_not_read_gets_everything_later),
        cmocka_unit_test(quiet_connections_are_dropped_in_time),
        cmocka_unit_test(one_more_than_there_may_be_takes_the_place_of_the_quietest),
        cmocka_unit_test(a_server_without_descriptors_waits_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
