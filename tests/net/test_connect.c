/*
 * Connecting: the first address that answers wins, every address gets its attempt, and an abort
 * or a deadline ends it at once. Addresses that never answer are loopback listeners whose queue
 * of connections is full: the kernel drops further SYNs.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "scarcity.h"
#include "tlstep/net.h"

#define MS INT64_C(1000000)

/* ---- peers ------------------------------------------------------------------------------- */

static int listen_on(const char *host, struct net_address *address)
{
    struct err err;
    int fd = net_listen(host, 0, address, &err);
    if (fd < 0) {
        fail_msg("%s", err.text);
    }
    return fd;
}

/* A port that was free a moment ago. */
static void closed_port(struct net_address *address)
{
    assert_int_equal(close(listen_on("127.0.0.1", address)), 0);
}

struct deaf {
    struct net_address address;
    int listener;
    int queued[4];
};

static void deaf_open(struct deaf *deaf)
{
    deaf->listener = listen_on("127.0.0.1", &deaf->address);
    assert_int_equal(listen(deaf->listener, 0), 0);
    for (size_t i = 0; i < 4; i++) {
        deaf->queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(deaf->queued[i] >= 0);
        (void)connect(deaf->queued[i], (struct sockaddr *)&deaf->address.socket,
                      deaf->address.length); /* fills the queue */
    }
}

static void deaf_close(struct deaf *deaf)
{
    for (size_t i = 0; i < 4; i++) {
        (void)close(deaf->queued[i]);
    }
    (void)close(deaf->listener);
}

static int64_t elapsed_ms(int64_t since_ns)
{
    return (clock_monotonic_ns() - since_ns) / MS;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

/* ---- tests ------------------------------------------------------------------------------- */

static void a_connected_socket_is_ready_to_use(void **state)
{
    struct net_address address;
    struct net_attempt attempt;
    struct net_tcp_info info;
    size_t count;
    int nodelay = 0;
    socklen_t length = sizeof nodelay;
    int listener = listen_on("127.0.0.1", &address);
    int fd = net_connect(&address, 1, 1000, -1, &attempt, &count, NULL);
    (void)state;

    assert_true(fd >= 0);
    assert_int_equal(count, 1);
    assert_true(attempt.connected);
    assert_false(attempt.abandoned);
    assert_int_equal(attempt.error, 0);
    assert_true(attempt.end_ns >= attempt.start_ns);
    assert_string_equal(attempt.address.text, address.text);

    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &length), 0);
    assert_int_not_equal(nodelay, 0);

    net_tcp_info(fd, &info);
    assert_string_equal(info.peer.text, address.text);
    assert_int_equal(strncmp(info.local.text, "127.0.0.1:", 10), 0);
    assert_true(info.rtt_us > 0 && info.rtt_us < 1000000);
    assert_true(info.mss >= 500);
    assert_int_equal(info.retransmits, 0);
    (void)close(fd);
    (void)close(listener);
}

static void what_the_kernel_does_not_tell_is_minus_one(void **state)
{
    struct net_tcp_info info;
    (void)state;
    net_tcp_info(-1, &info);
    assert_int_equal(info.rtt_us, -1);
    assert_int_equal(info.mss, -1);
    assert_int_equal(info.retransmits, -1);
    assert_int_equal(info.local.length, 0);
    assert_string_equal(info.peer.text, "");
}

static void a_refused_address_is_followed_by_the_next_at_once(void **state)
{
    struct net_address addresses[3];
    struct net_attempt attempts[3];
    size_t count;
    int64_t start;
    int listener, fd;
    (void)state;

    closed_port(&addresses[0]);
    closed_port(&addresses[1]);
    listener = listen_on("127.0.0.1", &addresses[2]);
    start = clock_monotonic_ns();
    fd = net_connect(addresses, 3, 5000, -1, attempts, &count, NULL);
    assert_true(fd >= 0);
    assert_true(elapsed_ms(start) < 200); /* the delay of 250 ms was not waited for */
    assert_int_equal(count, 3);
    assert_int_equal(attempts[0].error, ECONNREFUSED);
    assert_int_equal(attempts[1].error, ECONNREFUSED);
    assert_false(attempts[1].connected);
    assert_true(attempts[2].connected);
    (void)close(fd);
    (void)close(listener);
}

static void an_address_that_is_silent_is_overtaken_after_250_ms(void **state)
{
    struct deaf deaf;
    struct net_address addresses[2];
    struct net_attempt attempts[2];
    size_t count;
    int64_t between;
    int listener, fd, before;
    (void)state;

    deaf_open(&deaf);
    addresses[0] = deaf.address;
    listener = listen_on("127.0.0.1", &addresses[1]);
    before = open_descriptors();
    fd = net_connect(addresses, 2, 5000, -1, attempts, &count, NULL);
    assert_true(fd >= 0);
    assert_int_equal(count, 2);
    between = (attempts[1].start_ns - attempts[0].start_ns) / MS;
    assert_true(between >= 249 && between < 1000);
    assert_true(attempts[0].abandoned);
    assert_int_equal(attempts[0].error, 0);
    assert_true(attempts[1].connected);
    (void)close(fd);
    assert_int_equal(open_descriptors(), before); /* the slower one was closed too */
    (void)close(listener);
    deaf_close(&deaf);
}

static void all_failed_names_each_address_and_its_reason(void **state)
{
    struct net_address addresses[3];
    struct net_attempt attempts[3];
    struct err err = {0};
    size_t count;
    (void)state;

    closed_port(&addresses[0]);
    closed_port(&addresses[1]);
    /* A broadcast address is refused by connect() itself, before any packet. */
    assert_int_equal(net_address_parse("255.255.255.255:1", &addresses[2], NULL), 0);
    assert_int_equal(net_connect(addresses, 3, 5000, -1, attempts, &count, &err), -1);
    assert_int_equal(count, 3);
    assert_int_equal(err.class, ERR_NETWORK);
    assert_string_equal(err.code, "connect_failed");
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(strstr(err.text, addresses[i].text));
        assert_int_not_equal(attempts[i].error, 0);
        assert_false(attempts[i].abandoned);
    }
    assert_non_null(strstr(err.text, "connection refused"));
}

static void no_address_at_all_is_an_error(void **state)
{
    struct err err = {0};
    size_t count = 7;
    (void)state;
    assert_int_equal(net_connect(NULL, 0, 1000, -1, NULL, &count, &err), -1);
    assert_int_equal(count, 0);
    assert_string_equal(err.code, "connect_failed");
}

static void time_that_is_up_ends_it(void **state)
{
    struct deaf deaf;
    struct net_attempt attempt;
    struct err err = {0};
    size_t count;
    int64_t start, took;
    int before;
    (void)state;

    deaf_open(&deaf);
    before = open_descriptors();
    start = clock_monotonic_ns();
    assert_int_equal(net_connect(&deaf.address, 1, 150, -1, &attempt, &count, &err), -1);
    took = elapsed_ms(start);
    assert_true(took >= 150 && took < 600);
    assert_string_equal(err.code, "timeout");
    assert_int_equal(err.class, ERR_NETWORK);
    assert_non_null(strstr(err.text, "0.15 s"));
    assert_non_null(strstr(err.text, deaf.address.text));
    assert_int_equal(count, 1);
    assert_int_equal(attempt.error, ETIMEDOUT);
    assert_false(attempt.abandoned);
    assert_int_equal(open_descriptors(), before);
    deaf_close(&deaf);
}

static void *write_later(void *argument)
{
    const struct timespec pause = {.tv_nsec = 100 * MS};
    (void)nanosleep(&pause, NULL);
    assert_int_equal(write(*(int *)argument, "x", 1), 1);
    return NULL;
}

static void an_abort_is_noticed_while_waiting(void **state)
{
    struct deaf deaf;
    struct net_attempt attempt;
    struct err err = {0};
    pthread_t thread;
    size_t count;
    int64_t start;
    int ends[2];
    (void)state;

    deaf_open(&deaf);
    assert_int_equal(pipe(ends), 0);
    start = clock_monotonic_ns();
    assert_int_equal(pthread_create(&thread, NULL, write_later, &ends[1]), 0);
    assert_int_equal(net_connect(&deaf.address, 1, 60000, ends[0], &attempt, &count, &err), -1);
    assert_true(elapsed_ms(start) < 200);
    assert_string_equal(err.code, "aborted");
    assert_int_equal(err.class, ERR_INTERRUPTED);
    assert_int_equal(count, 1);
    assert_true(attempt.abandoned);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    deaf_close(&deaf);
}

static void an_abort_before_the_start_tries_nothing(void **state)
{
    struct net_address address;
    struct net_attempt attempt;
    struct err err = {0};
    size_t count = 7;
    int ends[2];
    int listener = listen_on("127.0.0.1", &address);
    (void)state;

    assert_int_equal(pipe(ends), 0);
    (void)close(ends[1]); /* a hang-up is an abort as well */
    assert_int_equal(net_connect(&address, 1, 1000, ends[0], &attempt, &count, &err), -1);
    assert_string_equal(err.code, "aborted");
    assert_int_equal(count, 0);
    (void)close(ends[0]);
    (void)close(listener);
}

static void ipv6_works_like_ipv4(void **state)
{
    struct net_address address;
    struct net_attempt attempt;
    struct err err;
    size_t count;
    int fd;
    int listener = net_listen("::1", 0, &address, &err);
    (void)state;

    if (listener < 0) {
        print_message("skipped: no IPv6 on this machine's loopback\n");
        skip();
    }
    assert_int_equal(strncmp(address.text, "[::1]:", 6), 0);
    fd = net_connect(&address, 1, 1000, -1, &attempt, &count, &err);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)close(listener);
}

/* The kernel picks the port it is asked to connect to once in 28 000 times; binding to it first makes
 * that certain. This definition stands before the C library's for the whole test program. */
static const struct net_address *bind_first;

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    if (bind_first != NULL &&
        bind(fd, (const struct sockaddr *)&bind_first->socket, bind_first->length) != 0) {
        return -1;
    }
    return (int)syscall(SYS_connect, fd, address.__sockaddr__, length);
}

static void a_connection_to_oneself_is_nobodys_answer(void **state)
{
    struct net_address self;
    struct net_attempt attempt;
    struct err err = {0};
    size_t count;
    int fd;
    (void)state;

    closed_port(&self);
    bind_first = &self;
    fd = net_connect(&self, 1, 1000, -1, &attempt, &count, &err);
    bind_first = NULL;
    assert_int_equal(fd, -1);
    assert_int_equal(attempt.error, ECONNREFUSED);
    assert_false(attempt.connected);
    assert_string_equal(err.code, "connect_failed");
}

static void memory_that_runs_out_is_told(void **state)
{
    struct net_address address;
    struct net_attempt attempt;
    struct err err = {0};
    size_t count;
    (void)state;

    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    closed_port(&address);
    scarcity_begin(0); /* the only allocation is for the text of the failure */
    assert_int_equal(net_connect(&address, 1, 1000, -1, &attempt, &count, &err), -1);
    assert_true(scarcity_end());
    assert_int_equal(err.class, ERR_MEMORY);
    assert_int_equal(attempt.error, ECONNREFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connected_socket_is_ready_to_use),
        cmocka_unit_test(what_the_kernel_does_not_tell_is_minus_one),
        cmocka_unit_test(a_refused_address_is_followed_by_the_next_at_once),
        cmocka_unit_test(an_address_that_is_silent_is_overtaken_after_250_ms),
        cmocka_unit_test(all_failed_names_each_address_and_its_reason),
        cmocka_unit_test(no_address_at_all_is_an_error),
        cmocka_unit_test(time_that_is_up_ends_it),
        cmocka_unit_test(an_abort_is_noticed_while_waiting),
        cmocka_unit_test(an_abort_before_the_start_tries_nothing),
        cmocka_unit_test(ipv6_works_like_ipv4),
        cmocka_unit_test(a_connection_to_oneself_is_nobodys_answer),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
