/*
 * The intercepting proxy under attack: whatever a thousand clients do, the others are served within seconds, memory,
 * threads and descriptors are bounded, nothing is left behind, and it ends at once while all of them are connected.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab_client.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Where the heap is a sanitizer's, it looks after leaks itself, and everything takes many times as long. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum {
    BAD_CLIENTS = SANITIZED ? 200 : 1000,
    GOOD_EVERY = BAD_CLIENTS / 5,
    SERVER_LIMIT = 16,
    /* Two engines, each with what a reader reads at once, a backlog and a session of GnuTLS. */
    CONNECTION_MAX = 1024 * 1024,
    HEAP_NOISE = 2 * 1024 * 1024, /* arenas of threads that are gone */
    /* Of one proxy: two engines with a worker, a reader, a resolver and a loader each. */
    THREADS_MAX = 8,
    DESCRIPTORS_MAX = 12,
    PATIENCE_MS = 10000,
    END_MS = SANITIZED ? 5000 : 1000,
};

/* ---- bad habits -------------------------------------------------------------------------------- */

static void say(int fd, const void *data, size_t length)
{
    (void)send(fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT); /* the proxy may have hung up */
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

/* A record that says 200 bytes, a ClientHello that says 196, and the first 20 of them. */
static void say_half_a_hello(int fd)
{
    static const char half[] = "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03"
                               "01234567890123456789";
    say(fd, half, sizeof half - 1);
}

static const char huge_first[5 + 16384] = "\x16\x03\x01\x40\x00\x01\xff\xff\xff";
static const char huge_next[5 + 16384] = "\x16\x03\x01\x40\x00";

/* A handshake message of 16 MiB, by its length, and as much of it as is taken. */
static void say_a_huge_hello(int fd)
{
    say(fd, huge_first, sizeof huge_first);
    for (int i = 0; i < 24; i++) {
        say(fd, huge_next, sizeof huge_next);
    }
}

/* What GnuTLS writes, and then nothing: the answer is not even read. */
static void say_a_hello(int fd)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;

    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), 0);
    assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
    assert_int_equal(gnutls_set_default_priority(session), 0);
    assert_int_equal(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), 0);
    gnutls_transport_set_int2(session, -1, fd);
    (void)gnutls_handshake(session); /* ends where the answer is to be read */
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
}

static void close_in_the_middle(int fd)
{
    say_a_hello(fd);
    (void)shutdown(fd, SHUT_RDWR);
}

static void ask_without_end(int fd)
{
    char line[16384];

    memset(line, 'x', sizeof line);
    say(fd, "CONNECT ", 8);
    for (int i = 0; i < 4; i++) {
        say(fd, line, sizeof line);
    }
}

/* Headers without end, each of them a good one. */
static void ask_with_headers_without_end(int fd)
{
    char headers[21 * 1000 + 1] = "";

    for (size_t i = 0; i + 21 <= sizeof headers; i += 21) {
        memcpy(headers + i, "X-Header: something\r\n", 21);
    }
    say(fd, "CONNECT localhost:443 HTTP/1.1\r\n", 32);
    for (int i = 0; i < 4; i++) {
        say(fd, headers, sizeof headers - 1);
    }
}

/* Port 1: nobody is there. */
static void ask_for_who_refuses(int fd)
{
    static const char asked[] = "CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n";
    say(fd, asked, sizeof asked - 1);
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
    {"half a ClientHello", say_half_a_hello, false},
    {"a huge ClientHello", say_a_huge_hello, false},
    {"a ClientHello and then nothing", say_a_hello, false},
    {"a close in the middle", close_in_the_middle, true},
    {"a CONNECT line without end", ask_without_end, false},
    {"headers without end", ask_with_headers_without_end, false},
    {"CONNECT to who refuses", ask_for_who_refuses, false},
    {"a FIN", hang_up, false},
    {"a reset", reset, true},
};

/* ---- what the process holds -------------------------------------------------------------------- */

/* Of all threads; 0 under a sanitizer. */
static size_t heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return SANITIZED ? 0 : info.uordblks + info.hblkhd;
}

static void wait_for(size_t (*count)(void), size_t most, const char *of_what, const char *after)
{
    int64_t start_ns = clock_monotonic_ns();

    while (count() > most) {
        if (lab_client_since_ms(start_ns) > PATIENCE_MS) {
            fail_msg("after %s: %zu %s instead of %zu", after, count(), of_what, most);
        }
        (void)usleep(5000);
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
static int misbehave(const struct lab_server *proxy, const struct habit *habit)
{
    int fd = lab_client_connect(proxy);

    habit->act(fd);
    if (habit->leaves) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void assert_good_one_is_served(const struct lab_server *proxy, const char *beside)
{
    int64_t start_ns = clock_monotonic_ns();

    if (!lab_client_is_served(proxy)) {
        fail_msg("beside %s a good client was not served", beside);
    }
    if (lab_client_since_ms(start_ns) > PATIENCE_MS / 2) {
        fail_msg("beside %s a good client waits for %d ms", beside,
                 (int)lab_client_since_ms(start_ns));
    }
}

/* ---- a thousand of a kind ---------------------------------------------------------------------- */

/* All of them are connected at the same time, many times as many as the proxy keeps. */
static void attack(const struct lab_server *proxy, const struct habit *habit)
{
    static int bad[BAD_CLIENTS];
    size_t descriptors = process_descriptors(), threads = process_threads(), heap = heap_in_use();
    size_t most;

    for (size_t i = 0; i < BAD_CLIENTS; i++) {
        bad[i] = misbehave(proxy, habit);
        if (i % GOOD_EVERY == GOOD_EVERY - 1) {
            assert_good_one_is_served(proxy, habit->name);
        }
    }
    most = heap + (size_t)(SERVER_LIMIT + 2) * CONNECTION_MAX;
    wait_for(heap_in_use, most, "bytes of memory", habit->name);
    wait_for(process_threads, threads + (size_t)SERVER_LIMIT * THREADS_MAX, "threads", habit->name);
    wait_for(process_descriptors,
             descriptors + BAD_CLIENTS + NET_WAITING_MAX + (size_t)SERVER_LIMIT * DESCRIPTORS_MAX,
             "descriptors", habit->name);
    close_all(bad, BAD_CLIENTS);
    assert_good_one_is_served(proxy, habit->name);
    wait_for(process_descriptors, descriptors, "descriptors", habit->name);
    wait_for(process_threads, threads, "threads", habit->name);
}

static void a_thousand_of_each_kind_keep_nobody_out_and_leave_nothing(void **state)
{
    size_t descriptors, threads;
    struct lab_server *proxy;
    (void)state;

    process_allow_descriptors(BAD_CLIENTS + NET_WAITING_MAX + SERVER_LIMIT * DESCRIPTORS_MAX + 200);
    lab_stop(lab_client_serve("proxy", 0, 0)); /* what libraries open once */
    descriptors = process_descriptors();
    threads = process_threads();
    proxy = lab_client_serve("proxy", SERVER_LIMIT, 0);
    assert_good_one_is_served(proxy, "nobody");
    wait_for(process_threads, threads + 2, "threads", "one good client"); /* proxy and server */
    (void)usleep(50000);
    for (size_t i = 0; i < COUNT(habits); i++) {
        size_t heap = heap_in_use();
        attack(proxy, &habits[i]);
        wait_for(heap_in_use, heap + HEAP_NOISE, "bytes of memory", habits[i].name);
    }
    lab_stop(proxy);
    wait_for(process_descriptors, descriptors, "descriptors", "the end");
    wait_for(process_threads, threads, "threads", "the end");
}

/* ---- one that claims a lot --------------------------------------------------------------------- */

/* As much as it claims, byte for byte: what it has sent is not kept. */
static void a_huge_message_is_cut_off(void **state)
{
    struct lab_server *proxy = lab_client_serve("proxy", 0, 0);
    int fd = lab_client_connect(proxy);
    size_t sent = 0;
    (void)state;

    say(fd, huge_first, sizeof huge_first);
    for (int i = 0; i < 1024 && send(fd, huge_next, sizeof huge_next, MSG_NOSIGNAL) > 0; i++) {
        sent += sizeof huge_next;
    }
    assert_true(sent < (size_t)15 << 20); /* before it was whole */
    assert_true(lab_client_is_ended(fd, PATIENCE_MS));
    (void)close(fd);
    assert_good_one_is_served(proxy, "a huge message");
    lab_stop(proxy);
}

/* ---- the end ------------------------------------------------------------------------------------ */

/* Each is in another state then. */
static void it_ends_at_once_while_all_are_connected(void **state)
{
    enum { CLIENTS = 64 };
    size_t descriptors, threads;
    struct lab_server *proxy;
    int64_t start_ns, took_ms;
    int bad[CLIENTS];
    (void)state;

    descriptors = process_descriptors();
    threads = process_threads();
    proxy = lab_client_serve("proxy", CLIENTS, 0);
    for (size_t i = 0; i < CLIENTS; i++) {
        bad[i] = misbehave(proxy, &habits[i % COUNT(habits)]);
    }
    start_ns = clock_monotonic_ns();
    lab_stop(proxy);
    took_ms = lab_client_since_ms(start_ns);
    if (took_ms > END_MS) {
        fail_msg("it took %d ms", (int)took_ms);
    }
    close_all(bad, CLIENTS);
    wait_for(process_descriptors, descriptors, "descriptors", "the end");
    wait_for(process_threads, threads, "threads", "the end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_of_each_kind_keep_nobody_out_and_leave_nothing),
        cmocka_unit_test(a_huge_message_is_cut_off),
        cmocka_unit_test(it_ends_at_once_while_all_are_connected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
