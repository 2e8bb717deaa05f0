/*
 * The queue of events: bounded in number and bytes, in order, and its descriptor is readable
 * exactly when the owner has something to do. An owner that takes nothing holds the session, which
 * goes on when it takes again.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"
#include "queue.h"

static bool is_readable(int fd)
{
    struct pollfd watched = {.fd = fd, .events = POLLIN};

    return poll(&watched, 1, 0) == 1;
}

static void put(struct engine_queue *queue, int64_t number, size_t bytes)
{
    struct trace_event event = {.kind = TRACE_NOTE, .time_ns = number, .length = bytes};

    event.data = bytes > 0 ? malloc(bytes) : NULL;
    assert_true(bytes == 0 || event.data != NULL);
    engine_queue_put(queue, &event);
    assert_null(event.data); /* taken */
}

static void events_come_out_in_order_through_every_wrap(void **state)
{
    struct engine_queue queue;
    struct trace_event event;
    int64_t in = 0, out = 0;
    (void)state;

    assert_int_equal(engine_queue_init(&queue, NULL), 0);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 37 && !engine_queue_is_full(&queue); i++) {
            put(&queue, in++, 10);
        }
        for (int i = 0; i < 31 && engine_queue_take(&queue, &event); i++) {
            assert_int_equal(event.time_ns, out++);
            trace_event_clear(&event);
        }
    }
    while (engine_queue_take(&queue, &event)) {
        assert_int_equal(event.time_ns, out++);
        trace_event_clear(&event);
    }
    assert_int_equal(in, out);
    assert_int_equal(queue.bytes, 0);
    engine_queue_free(&queue);
}

static void it_is_full_by_number_and_by_bytes(void **state)
{
    struct engine_queue queue;
    struct trace_event event;
    size_t count = 0;
    (void)state;

    assert_int_equal(engine_queue_init(&queue, NULL), 0);
    while (!engine_queue_is_full(&queue)) {
        put(&queue, 0, 0);
        count++;
    }
    assert_in_range(count, 100, 10000);
    while (!engine_queue_has_drained(&queue)) {
        assert_true(engine_queue_take(&queue, &event));
        count--;
    }
    assert_true(count > 0);
    engine_queue_free(&queue); /* with what is left in it */

    assert_int_equal(engine_queue_init(&queue, NULL), 0);
    for (count = 0; !engine_queue_is_full(&queue); count++) {
        put(&queue, 0, 1 << 20);
    }
    assert_in_range(count, 4, 64);
    engine_queue_free(&queue);
}

static void the_descriptor_is_readable_when_there_is_something(void **state)
{
    struct engine_queue queue;
    struct trace_event event;
    (void)state;

    assert_int_equal(engine_queue_init(&queue, NULL), 0);
    engine_queue_signal(&queue);
    assert_false(is_readable(queue.wake_fd)); /* no reason */
    put(&queue, 0, 0);
    assert_false(is_readable(queue.wake_fd)); /* not before the poster waits */
    engine_queue_signal(&queue);
    engine_queue_signal(&queue);
    assert_true(is_readable(queue.wake_fd));
    assert_true(engine_queue_take(&queue, &event));
    assert_true(is_readable(queue.wake_fd)); /* until it was found empty */
    assert_false(engine_queue_take(&queue, &event));
    assert_false(is_readable(queue.wake_fd));
    queue.changed = true; /* a new state is a reason, too */
    engine_queue_signal(&queue);
    assert_true(is_readable(queue.wake_fd));
    assert_false(engine_queue_take(&queue, &event));
    assert_false(is_readable(queue.wake_fd));
    engine_queue_free(&queue);
}

/* ---- an owner that is busy elsewhere --------------------------------------------------------- */

static void send_many(gnutls_session_t session, void *argument)
{
    char byte = 'x';
    (void)argument;

    for (int i = 0; i < 2000; i++) {
        if (gnutls_record_send(session, &byte, 1) < 0) {
            return;
        }
    }
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    (void)gnutls_record_recv(session, &byte, 1); /* until the client has gone */
}

static void an_owner_that_takes_nothing_loses_nothing(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .talk = send_many};
    const struct timespec moment = {.tv_nsec = 200000000};
    struct loopback server;
    struct driver driver;
    size_t stops = 0;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    driver_give(&driver, ENGINE_CONTINUE);
    (void)nanosleep(&moment, NULL);
    assert_int_equal(engine_state(driver.engine), ENGINE_RUNNING); /* it waits for room */
    assert_int_equal(driver_wait(&driver), ENGINE_OVER);
    for (size_t i = 0; i < driver.count; i++) {
        stops += driver.events[i].kind == TRACE_STOP &&
                 strcmp(driver.events[i].text, "ApplicationData") == 0;
    }
    assert_int_equal(stops, 2000);
    driver_free(&driver);
    loopback_stop(&server);
}

static void leaving_with_a_full_queue_leaves_nothing(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .talk = send_many};
    const struct timespec moment = {.tv_nsec = 200000000};
    struct loopback server;
    struct driver driver;
    int64_t began;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    driver_give(&driver, ENGINE_CONTINUE);
    (void)nanosleep(&moment, NULL);
    began = clock_monotonic_ns();
    driver_free(&driver);
    assert_true(clock_monotonic_ns() - began < INT64_C(1000000000));
    loopback_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_order_through_every_wrap),
        cmocka_unit_test(it_is_full_by_number_and_by_bytes),
        cmocka_unit_test(the_descriptor_is_readable_when_there_is_something),
        cmocka_unit_test(an_owner_that_takes_nothing_loses_nothing),
        cmocka_unit_test(leaving_with_a_full_queue_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
