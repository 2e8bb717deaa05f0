/*
 * Many sessions, one after the other and side by side: none leaks memory, threads or descriptors,
 * and none disturbs another.
 */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

#define SEQUENTIAL 500
#define PARALLEL   50

static struct identity identity;

/* How many entries a folder of /proc has: descriptors, threads. */
static int count_entries(const char *folder)
{
    DIR *open = opendir(folder);
    int count = 0;

    assert_non_null(open);
    while (readdir(open) != NULL) {
        count++;
    }
    closedir(open);
    return count;
}

/* Of the connect phase; "" when it has none. */
static const char *connect_code(const struct driver *driver)
{
    const struct trace_event *failed = driver_phase(driver, TRACE_CONNECT, TRACE_FAILED);

    return failed != NULL ? failed->code : "";
}

/* In odd runs the session is stepped, in every seventh it is aborted on the way. */
static void run_one(const struct loopback *server, int number)
{
    enum engine_command_kind kind = number % 2 ? ENGINE_STEP : ENGINE_CONTINUE;
    struct driver driver;
    int steps = 0;

    driver_init(&driver, server->port, server->root.data, server->root.size);
    driver.config.linger_ms = 0;
    while (driver_do(&driver, kind) != ENGINE_OVER) {
        if (number % 7 == 1 && ++steps == number % 20) {
            assert_int_equal(driver_do(&driver, ENGINE_ABORT), ENGINE_OVER);
            break;
        }
    }
    assert_string_not_equal(connect_code(&driver), "connect_failed");
    driver_free(&driver);
}

static void one_after_the_other(void **state)
{
    const struct loopback_options options = {.identity = &identity, .tickets = true};
    struct loopback server;
    int descriptors, threads;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    run_one(&server, 0);
    loopback_stop(&server);
    descriptors = count_entries("/proc/self/fd");
    threads = count_entries("/proc/self/task");
    assert_int_equal(loopback_start(&server, &options), 0);
    for (int i = 0; i < SEQUENTIAL; i++) {
        run_one(&server, i);
    }
    loopback_stop(&server);
    assert_int_equal(count_entries("/proc/self/fd"), descriptors);
    assert_int_equal(count_entries("/proc/self/task"), threads);
}

/* One owner drives all of them from one poll loop, a step at a time. */
static void advance(struct driver *drivers, struct pollfd *watched, int *running)
{
    *running = 0;
    for (int i = 0; i < PARALLEL; i++) {
        struct trace_event event;
        enum engine_state state;

        while (engine_take(drivers[i].engine, &event)) {
            drivers[i].count += event.kind == TRACE_STOP; /* this test counts stops only */
            trace_event_clear(&event);
        }
        state = engine_state(drivers[i].engine);
        if (state == ENGINE_PAUSED) {
            driver_give(&drivers[i], ENGINE_STEP);
        }
        *running += state != ENGINE_OVER;
        watched[i] = (struct pollfd){
            .fd = state == ENGINE_OVER ? -1 : engine_wake_fd(drivers[i].engine), .events = POLLIN};
    }
}

static void side_by_side(void **state)
{
    const struct loopback_options options = {.identity = &identity, .tickets = true};
    static struct driver drivers[PARALLEL];
    struct pollfd watched[PARALLEL];
    struct loopback server;
    int running = PARALLEL;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    for (int i = 0; i < PARALLEL; i++) {
        driver_init(&drivers[i], server.port, server.root.data, server.root.size);
        drivers[i].config.linger_ms = 50;
        driver_give(&drivers[i], ENGINE_STEP);
    }
    for (;;) {
        advance(drivers, watched, &running);
        if (running == 0) {
            break;
        }
        assert_true(poll(watched, PARALLEL, DRIVER_PATIENCE_MS) > 0);
    }
    for (int i = 0; i < PARALLEL; i++) {
        assert_int_equal(drivers[i].count, 18); /* the stops of a session with two tickets */
        drivers[i].count = 0;
        driver_free(&drivers[i]);
    }
    loopback_stop(&server);
    assert_int_equal(server.handshakes, PARALLEL);
}

static int make_identity(void **state)
{
    (void)state;
    return identity_make(&identity, IDENTITY_ECDSA, NULL);
}

static int free_identity(void **state)
{
    (void)state;
    identity_free(&identity);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(side_by_side),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
