/*
 * Lab servers under attack: whatever a thousand clients do, the others are served, memory is bounded, and nothing is
 * left behind. And ten thousand good clients, one after another.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab_client.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MS           INT64_C(1000000)

/* Where the heap is a sanitizer's, it looks after leaks itself, and everything takes many times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum {
    BAD_CLIENTS = 1000,
    SERVER_LIMIT = 256,
    /* A session of GnuTLS with its buffers, where a client has made them as large as it can. */
    CONNECTION_MAX = 128 * 1024,
    /* What allocators keep, and tables that grow once. */
    HEAP_NOISE = 256 * 1024,
    HANDSHAKES = SANITIZED ? 500 : 10000,
};

/* ---- bad habits ------------------------------------------------------------------------------ */

static void say(int fd, const void *data, size_t length)
{
    (void)send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT); /* the server may have hung up */
}

static void say_nothing(int fd)
{
    (void)fd;
}

static void say_garbage(int fd)
{
    static unsigned seed = 1; /* the same in every run */
    char garbage[512];

    for (size_t i = 0; i < sizeof garbage; i++) {
        garbage[i] = (char)(rand_r(&seed) & 0xff);
    }
    say(fd, garbage, sizeof garbage);
}

static void say_http(int fd)
{
    say(fd, "GET / HTTP/1.1\r\n\r\n", 18);
}

/* A record that says 200 bytes, a ClientHello that says 196, and the first 20 of them. */
static void say_half_a_hello(int fd)
{
    static const char half[] = "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03"
                               "01234567890123456789";
    say(fd, half, sizeof half - 1);
}

/* A handshake message of 16 MiB, by its length, and as much of it as is taken. */
static void say_a_huge_hello(int fd)
{
    static const char first[5 + 16384] = "\x16\x03\x01\x40\x00\x01\xff\xff\xff";
    static const char next[5 + 16384] = "\x16\x03\x01\x40\x00";

    say(fd, first, sizeof first);
    for (int i = 0; i < 24; i++) {
        say(fd, next, sizeof next);
    }
}

/* A line that never ends, for servers that begin in clear text. */
static void say_a_long_line(int fd)
{
    char line[16384];

    memset(line, 'x', sizeof line);
    for (int i = 0; i < 4; i++) {
        say(fd, line, sizeof line);
    }
}

static void hang_up(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

/* What close() does then: RST instead of FIN. */
static void reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    say(fd, "\x16\x03", 2);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

static const struct habit {
    const char *name;
    void (*act)(int fd);
    bool leaves; /* closes at once */
} habits[] = {
    {"silence", say_nothing, false},
    {"garbage", say_garbage, false},
    {"HTTP", say_http, false},
    {"half a ClientHello", say_half_a_hello, false},
    {"a huge ClientHello", say_a_huge_hello, false},
    {"a long line", say_a_long_line, false},
    {"a FIN", hang_up, false},
    {"a reset", reset, true},
};

/* ---- what the process holds ------------------------------------------------------------------ */

/* Of all threads; 0 under a sanitizer. */
static size_t heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return SANITIZED ? 0 : info.uordblks + info.hblkhd;
}

static void pause_ms(long ms)
{
    const struct timespec pause = {.tv_nsec = ms * MS};
    (void)nanosleep(&pause, NULL);
}

/* The server's ends of connections go when it has seen that the clients' ends are gone. */
static void wait_for_nobody(const struct lab_server *server, const char *after)
{
    int64_t start_ns = clock_monotonic_ns();

    while (lab_tally(server).open > 0) {
        if (lab_client_since_ms(start_ns) > 10000) {
            fail_msg("after %s: %zu connections are still open", after, lab_tally(server).open);
        }
        pause_ms(2);
    }
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            (void)close(fds[i]);
            fds[i] = -1;
        }
    }
}

/* Returns what is connected then, -1 for who has left. */
static int misbehave(const struct lab_server *server, const struct habit *habit)
{
    int fd = lab_client_connect(server);

    habit->act(fd);
    if (habit->leaves) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

/* ---- a thousand of a kind -------------------------------------------------------------------- */

/* All of them are connected at the same time, four times as many as the server keeps. */
static void attack(const struct lab_server *server, const struct habit *habit)
{
    static int bad[BAD_CLIENTS];
    size_t descriptors = process_descriptors(), heap = heap_in_use();

    for (size_t i = 0; i < BAD_CLIENTS; i++) {
        bad[i] = misbehave(server, habit);
        if (i % 100 == 0 && !lab_client_is_served(server)) {
            fail_msg("%s: after %zu bad clients a good one was not served", habit->name, i + 1);
        }
    }
    assert_true(lab_client_is_served(server));
    assert_true(process_descriptors() <= descriptors + BAD_CLIENTS + SERVER_LIMIT);
    if (heap_in_use() > heap + (size_t)SERVER_LIMIT * CONNECTION_MAX) {
        fail_msg("%s: %zu kB of memory", habit->name, (heap_in_use() - heap) / 1024);
    }
    close_all(bad, BAD_CLIENTS);
    wait_for_nobody(server, habit->name);
    assert_int_equal(process_descriptors(), descriptors);
}

static void a_thousand_of_each_kind_keep_nobody_out_and_leave_nothing(void **state)
{
    struct lab_server *server;
    (void)state;

    process_allow_descriptors(BAD_CLIENTS + SERVER_LIMIT + 200);
    server = lab_client_serve("good", SERVER_LIMIT, 0);
    assert_true(lab_client_is_served(server));
    wait_for_nobody(server, "one good client");
    for (size_t i = 0; i < COUNT(habits); i++) {
        size_t heap = heap_in_use();
        attack(server, &habits[i]);
        if (heap_in_use() > heap + HEAP_NOISE) {
            fail_msg("%s leaves %zu kB behind", habits[i].name, (heap_in_use() - heap) / 1024);
        }
    }
    lab_stop(server);
}

static void a_thousand_of_all_kinds_keep_nobody_out(void **state)
{
    static int bad[BAD_CLIENTS];
    struct lab_server *server;
    size_t descriptors;
    (void)state;

    process_allow_descriptors(BAD_CLIENTS + SERVER_LIMIT + 200);
    server = lab_client_serve("good", 64, 0);
    descriptors = process_descriptors();
    for (size_t i = 0; i < BAD_CLIENTS; i++) {
        bad[i] = misbehave(server, &habits[i % COUNT(habits)]);
        if (i % 25 == 0) {
            assert_true(lab_client_is_served(server));
        }
    }
    assert_true(process_descriptors() <= descriptors + BAD_CLIENTS + 64);
    close_all(bad, BAD_CLIENTS);
    wait_for_nobody(server, "all kinds");
    assert_int_equal(process_descriptors(), descriptors);
    assert_true(lab_client_is_served(server));
    lab_stop(server);
}

/* As much as it claims, byte for byte: what it has sent is not kept. */
static void a_huge_message_is_cut_off(void **state)
{
    static const char next[5 + 16384] = "\x16\x03\x01\x40\x00";
    struct lab_server *server = lab_client_serve("good", 0, 0);
    size_t heap = heap_in_use();
    int fd = lab_client_connect(server);
    (void)state;

    say_a_huge_hello(fd);
    for (int i = 0; i < 200 && send(fd, next, sizeof next, MSG_NOSIGNAL) > 0; i++) {
    }
    assert_true(lab_client_is_ended(fd, 5000));
    assert_true(lab_client_is_served(server));
    if (heap_in_use() > heap + CONNECTION_MAX + HEAP_NOISE) {
        fail_msg("%zu kB of memory", (heap_in_use() - heap) / 1024);
    }
    (void)close(fd);
    wait_for_nobody(server, "a huge message");
    assert_int_equal(lab_tally(server).refused, 1);
    lab_stop(server);
}

/* ---- each scenario --------------------------------------------------------------------------- */

/* Dialogues in clear text, small records, delays, proxies: each has states of its own to be left in the middle of. */
static void no_scenario_is_brought_down(void **state)
{
    size_t count, descriptors, threads;
    const struct lab_scenario *all = lab_scenarios(&count);
    (void)state;

    lab_stop(lab_client_serve("good", 0, 0)); /* what the C library opens once */
    descriptors = process_descriptors();
    threads = process_threads();
    for (size_t i = 0; i < count; i++) {
        struct lab_server *server = lab_client_serve(all[i].name, 8, 0);
        int bad[3 * COUNT(habits)];

        for (size_t k = 0; k < COUNT(bad); k++) {
            bad[k] = misbehave(server, &habits[k % COUNT(habits)]);
        }
        (void)close(lab_client_connect(server)); /* it still takes connections */
        pause_ms(5); /* some are stopped in the middle, some at the end */
        if (i % 2 == 0) {
            close_all(bad, COUNT(bad));
            lab_stop(server);
        } else {
            lab_stop(server);
            close_all(bad, COUNT(bad));
        }
        if (process_descriptors() != descriptors || process_threads() != threads) {
            fail_msg("lab:%s: %zu descriptors and %zu threads instead of %zu and %zu", all[i].name,
                     process_descriptors(), process_threads(), descriptors, threads);
        }
    }
}

/* ---- ten thousand good ones ------------------------------------------------------------------ */

static void shake_hands(const struct lab_server *server)
{
    struct lab_client client;
    int status;

    assert_int_equal(lab_client_open(&client, server), 0);
    do {
        status = gnutls_bye(client.session, GNUTLS_SHUT_RDWR);
    } while (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED); /* a ticket was read */
    assert_int_equal(status, 0);
    lab_client_close(&client);
}

static void ten_thousand_handshakes_in_a_row_leave_nothing_behind(void **state)
{
    struct lab_server *server = lab_client_serve("good", 0, 0);
    size_t descriptors = process_descriptors(), heap = 0;
    (void)state;

    for (unsigned i = 1; i <= HANDSHAKES; i++) {
        shake_hands(server);
        if (i == HANDSHAKES / 10) {
            wait_for_nobody(server, "a tenth of them");
            heap = heap_in_use();
        }
    }
    wait_for_nobody(server, "all of them");
    assert_int_equal(lab_tally(server).connections, HANDSHAKES);
    assert_int_equal(lab_tally(server).handshakes, HANDSHAKES);
    assert_int_equal(lab_tally(server).refused, 0);
    assert_int_equal(process_descriptors(), descriptors);
    if (heap_in_use() > heap + HEAP_NOISE) {
        fail_msg("%zu kB of memory more", (heap_in_use() - heap) / 1024);
    }
    lab_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_of_each_kind_keep_nobody_out_and_leave_nothing),
        cmocka_unit_test(a_thousand_of_all_kinds_keep_nobody_out),
        cmocka_unit_test(a_huge_message_is_cut_off),
        cmocka_unit_test(no_scenario_is_brought_down),
        cmocka_unit_test(ten_thousand_handshakes_in_a_row_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
