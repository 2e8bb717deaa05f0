/* Listening sockets: where they listen, and refusals that name the address and the way out. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tlstep/net.h"

static uint16_t port_of(const struct net_address *address)
{
    return ntohs(((const struct sockaddr_in *)&address->socket)->sin_port);
}

static void port_0_becomes_the_one_that_was_found(void **state)
{
    struct net_address address;
    int fd = net_listen("127.0.0.1", 0, &address, NULL);
    (void)state;
    assert_true(fd >= 0);
    assert_int_not_equal(port_of(&address), 0);
    assert_int_equal(accept(fd, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN); /* does not block */
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    (void)close(fd);
}

static void a_port_in_use_is_named(void **state)
{
    struct net_address first, second;
    struct err err = {0};
    int fd = net_listen("127.0.0.1", 0, &first, NULL);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(net_listen("127.0.0.1", port_of(&first), &second, &err), -1);
    assert_int_equal(err.class, ERR_NETWORK);
    assert_string_equal(err.code, "listen_failed");
    assert_non_null(strstr(err.text, first.text));
    assert_non_null(strstr(err.text, "another program"));
    (void)close(fd);
}

static void a_port_is_free_again_after_closing(void **state)
{
    struct net_address first, second;
    struct net_attempt attempt;
    size_t count;
    int fd = net_listen("127.0.0.1", 0, &first, NULL);
    int client = net_connect(&first, 1, 1000, -1, &attempt, &count, NULL);
    int server = accept(fd, NULL, NULL);
    (void)state;
    assert_true(client >= 0 && server >= 0);
    (void)close(server); /* closes first: this side's port is in TIME_WAIT afterwards */
    (void)close(client);
    (void)close(fd);
    fd = net_listen("127.0.0.1", port_of(&first), &second, NULL);
    assert_true(fd >= 0);
    (void)close(fd);
}

static void an_address_of_another_machine_is_refused(void **state)
{
    struct net_address address;
    struct err err = {0};
    (void)state;
    assert_int_equal(net_listen("203.0.113.7", 0, &address, &err), -1);
    assert_non_null(strstr(err.text, "does not have that address"));
}

static void a_name_is_refused(void **state)
{
    static const char *const hosts[] = {"localhost", "", "127.1", "\x1b[2J"};
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct net_address address;
        struct err err = {0};
        assert_int_equal(net_listen(hosts[i], 0, &address, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_null(strchr(err.text, 0x1b));
    }
}

/* ---- those that wait ------------------------------------------------------------------------- */

struct taker {
    struct net_listener *listener;
    int cancel_fd;
    int fd;
    struct net_waiting told;
};

static void *take(void *argument)
{
    struct taker *taker = argument;

    taker->fd = net_listener_take(taker->listener, 0, taker->cancel_fd, &taker->told, NULL);
    return NULL;
}

static int connect_to(struct net_listener *listener)
{
    struct net_attempt attempt;
    size_t count;
    int fd = net_connect(net_listener_address(listener), 1, 1000, -1, &attempt, &count, NULL);

    assert_true(fd >= 0);
    return fd;
}

/* Nothing else would wake it up: the socket is quiet once somebody has collected. */
static void who_waits_hears_of_a_client_that_another_thread_has_collected(void **state)
{
    struct net_listener *listener = net_listener_new("127.0.0.1", 0, NULL);
    (void)state;
    assert_non_null(listener);
    for (int i = 0; i < 50; i++) {
        struct taker taker = {.listener = listener, .fd = -1};
        struct pollfd come = {.fd = net_listener_fd(listener), .events = POLLIN};
        pthread_t thread;
        int cancel[2];
        int client;

        assert_int_equal(pipe(cancel), 0);
        taker.cancel_fd = cancel[0];
        assert_int_equal(pthread_create(&thread, NULL, take, &taker), 0);
        client = connect_to(listener);
        (void)poll(&come, 1, i % 2 == 0 ? 0 : 20); /* sometimes the taker is faster */
        (void)net_listener_collect(listener);
        for (int tries = 0; tries < 100 && net_listener_waiting(listener, NULL, 0) > 0; tries++) {
            (void)poll(NULL, 0, 10);
        }
        (void)!write(cancel[1], "", 1);
        assert_int_equal(pthread_join(thread, NULL), 0);
        if (taker.fd < 0) {
            fail_msg("round %d: the client was not taken", i);
        }
        assert_int_equal(taker.told.number, i + 1);
        (void)close(taker.fd);
        (void)close(client);
        (void)close(cancel[0]);
        (void)close(cancel[1]);
    }
    net_listener_release(listener);
}

static void two_that_wait_get_one_client_each(void **state)
{
    struct net_listener *listener = net_listener_new("127.0.0.1", 0, NULL);
    struct taker takers[2];
    pthread_t threads[2];
    int clients[2], cancel[2];
    (void)state;
    assert_non_null(listener);
    assert_int_equal(pipe(cancel), 0);
    for (int i = 0; i < 2; i++) {
        takers[i] = (struct taker){.listener = listener, .cancel_fd = cancel[0], .fd = -1};
        assert_int_equal(pthread_create(&threads[i], NULL, take, &takers[i]), 0);
    }
    (void)poll(NULL, 0, 20); /* both wait by now, mostly */
    for (int i = 0; i < 2; i++) {
        clients[i] = connect_to(listener);
    }
    (void)net_listener_collect(listener);
    for (int tries = 0; tries < 100 && net_listener_waiting(listener, NULL, 0) > 0; tries++) {
        (void)poll(NULL, 0, 10);
    }
    (void)poll(NULL, 0, 20);
    (void)!write(cancel[1], "", 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(takers[i].fd >= 0);
        (void)close(takers[i].fd);
        (void)close(clients[i]);
        (void)close(cancel[i]);
    }
    assert_int_not_equal(takers[0].told.number, takers[1].told.number);
    net_listener_release(listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_0_becomes_the_one_that_was_found),
        cmocka_unit_test(a_port_in_use_is_named),
        cmocka_unit_test(a_port_is_free_again_after_closing),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
        cmocka_unit_test(a_name_is_refused),
        cmocka_unit_test(who_waits_hears_of_a_client_that_another_thread_has_collected),
        cmocka_unit_test(two_that_wait_get_one_client_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
