/*
 * Connections that wait to be taken: their order, those who hang up, how many there may be, and that whoever waits for
 * one can be told to stop.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab_client.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { CROWD = 1000, PATIENCE_MS = 5000 };

static struct net_listener *start(void)
{
    struct err err = {0};
    struct net_listener *listener = net_listener_new("127.0.0.1", 0, &err);

    if (listener == NULL) {
        fail_msg("%s", err.text);
    }
    return listener;
}

static int come(const struct net_listener *listener)
{
    struct net_attempt attempt;
    struct err err = {0};
    size_t count;
    int fd =
        net_connect(net_listener_address(listener), 1, PATIENCE_MS, -1, &attempt, &count, &err);

    if (fd < 0) {
        fail_msg("%s", err.text);
    }
    return fd;
}

static void leave_with_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    (void)close(fd);
}

/* What is on its way over loopback arrives. */
static void await(const struct net_listener *listener)
{
    struct pollfd watched = {.fd = net_listener_fd(listener), .events = POLLIN};

    assert_int_equal(poll(&watched, 1, PATIENCE_MS), 1);
}

/* Is this the server's end of that? */
static void assert_joined(int server, int client)
{
    char byte = 0;

    assert_int_equal(send(client, "x", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(poll(&(struct pollfd){.fd = server, .events = POLLIN}, 1, PATIENCE_MS), 1);
    assert_int_equal(recv(server, &byte, 1, 0), 1);
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
}

/* ---- taking ----------------------------------------------------------------------------------- */

static void they_are_taken_in_the_order_of_coming(void **state)
{
    struct net_listener *listener = start();
    struct net_waiting told;
    int clients[3];
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
    }
    for (size_t i = 0; i < COUNT(clients); i++) {
        int fd = net_listener_take(listener, 0, -1, &told, NULL);
        assert_true(fd >= 0);
        assert_int_equal(told.number, i + 1);
        assert_joined(fd, clients[i]);
        assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
        assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        assert_string_equal(told.local.text, net_listener_address(listener)->text);
        (void)close(fd);
    }
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

static void one_is_picked_by_its_number_and_a_number_is_used_once(void **state)
{
    struct net_listener *listener = start();
    struct net_waiting told, waiting[4];
    struct err err = {0};
    int clients[3], fd;
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
    }
    await(listener);
    assert_true(net_listener_collect(listener));
    assert_false(net_listener_collect(listener));
    assert_int_equal(net_listener_waiting(listener, waiting, 2), 3); /* more than were asked for */
    fd = net_listener_take(listener, 2, -1, &told, NULL);
    assert_true(fd >= 0);
    assert_int_equal(told.number, 2);
    assert_joined(fd, clients[1]);
    (void)close(fd);
    assert_int_equal(net_listener_take(listener, 2, -1, &told, &err), -1);
    assert_string_equal(err.code, "no_such_connection");
    assert_int_equal(net_listener_take(listener, 4, -1, &told, &err),
                     -1); /* does not wait for it */
    assert_int_equal(net_listener_waiting(listener, waiting, 4), 2);
    assert_int_equal(waiting[0].number, 1);
    assert_int_equal(waiting[1].number, 3);
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

static void who_has_hung_up_is_told_and_passed_over(void **state)
{
    struct net_listener *listener = start();
    struct net_waiting told, waiting[4];
    int gone = come(listener), reset = come(listener), spoken = come(listener), fd;
    (void)state;

    (void)close(gone);
    leave_with_reset(reset);
    assert_int_equal(send(spoken, "bye", 3, MSG_NOSIGNAL), 3);
    assert_int_equal(shutdown(spoken, SHUT_WR), 0); /* what it has said is still worth reading */
    await(listener);
    (void)net_listener_collect(listener);
    assert_int_equal(net_listener_waiting(listener, waiting, 4), 3);
    assert_true(waiting[0].ended);
    assert_true(waiting[1].ended);
    assert_false(waiting[2].ended);
    fd = net_listener_take(listener, 0, -1, &told, NULL);
    assert_true(fd >= 0);
    assert_int_equal(told.number, 3);
    (void)close(fd);
    fd = net_listener_take(listener, 1, -1, &told,
                           NULL); /* by its number it can be had all the same */
    assert_true(fd >= 0 && told.ended);
    (void)close(fd);
    (void)close(spoken);
    net_listener_release(listener);
}

/* ---- too many --------------------------------------------------------------------------------- */

static void when_all_are_there_the_newest_is_refused(void **state)
{
    struct net_listener *listener = start();
    int clients[NET_WAITING_MAX + 8];
    struct net_waiting waiting[NET_WAITING_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
        assert_int_equal(send(clients[i], "x", 1, MSG_NOSIGNAL), 1);
        (void)net_listener_collect(listener);
    }
    assert_int_equal(net_listener_waiting(listener, waiting, NET_WAITING_MAX), NET_WAITING_MAX);
    for (size_t i = 0; i < COUNT(clients); i++) {
        bool refused = i >= NET_WAITING_MAX;
        assert_int_equal(lab_client_is_ended(clients[i], refused ? PATIENCE_MS : 1), refused);
        assert_true(refused || waiting[i].number == i + 1);
    }
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

/* Those who say nothing, or only half of what they have begun, keep nobody out who speaks. */
static void who_says_nothing_makes_room_and_waits(void **state)
{
    static const char half[] = "\x16\x03\x01\x00\x08half";
    static const char whole[] = "\x16\x03\x01\x00\x05whole";
    struct net_listener *listener = start();
    int bad[2 * NET_WAITING_MAX], good = -1, fd;
    struct net_waiting told;
    (void)state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        bad[i] = come(listener);
        if (i % 2 == 0) {
            (void)send(bad[i], half, sizeof half - 1, MSG_NOSIGNAL);
        }
        (void)net_listener_collect(listener);
        if (i == COUNT(bad) / 2) {
            good = come(listener);
            assert_int_equal(send(good, whole, sizeof whole - 1, MSG_NOSIGNAL), sizeof whole - 1);
            (void)net_listener_collect(listener);
        }
    }
    assert_true(lab_client_is_ended(bad[0], PATIENCE_MS));
    fd = net_listener_take(listener, 0, -1, &told, NULL);
    assert_true(fd >= 0);
    assert_joined(fd, good);
    (void)close(fd);
    fd = net_listener_take(listener, 0, -1, &told, NULL); /* when there is nobody better */
    assert_true(fd >= 0);
    (void)close(fd);
    (void)close(good);
    close_all(bad, COUNT(bad));
    net_listener_release(listener);
}

static void who_has_hung_up_makes_room(void **state)
{
    struct net_listener *listener = start();
    int clients[NET_WAITING_MAX], last;
    struct net_waiting waiting[NET_WAITING_MAX];
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
        (void)net_listener_collect(listener);
    }
    (void)close(clients[7]);
    last = come(listener);
    await(listener);
    assert_true(net_listener_collect(listener));
    assert_int_equal(net_listener_waiting(listener, waiting, NET_WAITING_MAX), NET_WAITING_MAX);
    assert_int_equal(waiting[7].number, 9);
    assert_int_equal(waiting[NET_WAITING_MAX - 1].number, NET_WAITING_MAX + 1);
    assert_false(lab_client_is_ended(last, 1));
    clients[7] = last;
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

/* Whoever comes and goes, as many as there are: nothing of them stays, and who stays is served. */
static void a_thousand_who_come_and_go_leave_nothing(void **state)
{
    size_t descriptors = process_descriptors();
    struct net_listener *listener = start();
    size_t most = process_descriptors() + NET_WAITING_MAX + 1;
    struct net_waiting told;
    int good, fd;
    (void)state;

    for (int i = 0; i < CROWD; i++) {
        int bad = come(listener);
        if (i % 2 == 0) {
            (void)send(bad, "\x16\x03", 2, MSG_NOSIGNAL);
        }
        leave_with_reset(bad);
        (void)net_listener_collect(listener);
        assert_true(process_descriptors() <= most);
    }
    good = come(listener);
    fd = net_listener_take(listener, 0, -1, &told, NULL);
    assert_true(fd >= 0);
    assert_joined(fd, good);
    (void)close(fd);
    (void)close(good);
    net_listener_release(listener);
    assert_int_equal(process_descriptors(), descriptors);
}

/* A crowd that comes at once stays with the kernel until there is room: nobody is refused who could be taken. */
static void a_crowd_is_taken_in_as_there_is_room(void **state)
{
    struct net_listener *listener = start();
    int clients[2 * NET_WAITING_MAX];
    struct net_waiting told;
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
    }
    await(listener);
    for (size_t i = 0; i < COUNT(clients); i++) {
        int fd = net_listener_take(listener, 0, -1, &told, NULL);
        assert_true(fd >= 0);
        assert_int_equal(told.number, i + 1);
        assert_joined(fd, clients[i]);
        (void)close(fd);
    }
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

/* ---- waiting ---------------------------------------------------------------------------------- */

struct taking {
    struct net_listener *listener;
    int cancel_fd;
    int fd;
    struct err err;
};

static void *take(void *argument)
{
    struct taking *taking = argument;

    taking->fd = net_listener_take(taking->listener, 0, taking->cancel_fd, NULL, &taking->err);
    return NULL;
}

static void take_in_thread(struct taking *taking, struct net_listener *listener, pthread_t *thread)
{
    *taking = (struct taking){.listener = listener, .cancel_fd = eventfd(0, EFD_CLOEXEC)};
    assert_true(taking->cancel_fd >= 0);
    assert_int_equal(pthread_create(thread, NULL, take, taking), 0);
}

/* How long it has taken since `start_ns` that the thread is there, in milliseconds. */
static int64_t join_ms(pthread_t thread, int64_t start_ns)
{
    assert_int_equal(pthread_join(thread, NULL), 0);
    return lab_client_since_ms(start_ns);
}

static void waiting_ends_when_it_is_cancelled(void **state)
{
    const uint64_t one = 1;
    struct net_listener *listener = start();
    struct taking taking;
    pthread_t thread;
    int64_t start_ns;
    (void)state;

    take_in_thread(&taking, listener, &thread);
    (void)usleep(20000); /* it waits now, most likely; else it finds it at once */
    start_ns = clock_monotonic_ns();
    assert_int_equal(write(taking.cancel_fd, &one, sizeof one), sizeof one);
    assert_in_range(join_ms(thread, start_ns), 0, 500);
    assert_int_equal(taking.fd, -1);
    assert_string_equal(taking.err.code, "aborted");
    (void)close(taking.cancel_fd);
    net_listener_release(listener);
}

/* Each connection goes to one of them, and both can be told to stop while the other waits. */
static void two_threads_take_one_each(void **state)
{
    const uint64_t one = 1;
    struct net_listener *listener = start();
    struct taking taking[3];
    pthread_t threads[3];
    int clients[2], cancelled = 0;
    (void)state;

    for (size_t i = 0; i < COUNT(threads); i++) {
        take_in_thread(&taking[i], net_listener_hold(listener), &threads[i]);
    }
    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
        assert_false(lab_client_is_ended(clients[i], 50));
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(write(taking[i].cancel_fd, &one, sizeof one), sizeof one);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        (void)join_ms(threads[i], 0);
        cancelled += taking[i].fd < 0;
        assert_true(taking[i].fd >= 0 || strcmp(taking[i].err.code, "aborted") == 0);
        if (taking[i].fd >= 0) {
            (void)close(taking[i].fd);
        }
        (void)close(taking[i].cancel_fd);
        net_listener_release(listener); /* what the thread had held */
    }
    assert_int_equal(cancelled, 1);
    for (size_t i = 0; i < COUNT(clients); i++) {
        assert_true(lab_client_is_ended(clients[i], PATIENCE_MS));
    }
    close_all(clients, COUNT(clients));
    net_listener_release(listener);
}

/* Those who wait when nobody listens any more hear of it. */
static void the_last_one_closes_all(void **state)
{
    size_t descriptors = process_descriptors();
    struct net_listener *listener = start();
    int clients[8];
    (void)state;

    for (size_t i = 0; i < COUNT(clients); i++) {
        clients[i] = come(listener);
    }
    await(listener);
    (void)net_listener_collect(listener);
    net_listener_release(net_listener_hold(listener));
    assert_false(lab_client_is_ended(clients[0], 1));
    net_listener_release(listener);
    for (size_t i = 0; i < COUNT(clients); i++) {
        assert_true(lab_client_is_ended(clients[i], PATIENCE_MS));
    }
    close_all(clients, COUNT(clients));
    assert_int_equal(process_descriptors(), descriptors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_taken_in_the_order_of_coming),
        cmocka_unit_test(one_is_picked_by_its_number_and_a_number_is_used_once),
        cmocka_unit_test(who_has_hung_up_is_told_and_passed_over),
        cmocka_unit_test(when_all_are_there_the_newest_is_refused),
        cmocka_unit_test(who_says_nothing_makes_room_and_waits),
        cmocka_unit_test(who_has_hung_up_makes_room),
        cmocka_unit_test(a_thousand_who_come_and_go_leave_nothing),
        cmocka_unit_test(a_crowd_is_taken_in_as_there_is_room),
        cmocka_unit_test(waiting_ends_when_it_is_cancelled),
        cmocka_unit_test(two_threads_take_one_each),
        cmocka_unit_test(the_last_one_closes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
