/*
 * What has arrived and is not read yet: kept in order through every split and wrap, and never more
 * than the bound, also when the peer sends without end; then it goes on where it stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "backlog.h"
#include "driver.h"
#include "loopback.h"

/* ---- the ring -------------------------------------------------------------------------------- */

/* The n-th byte of an endless stream that does not repeat with any power of two. */
static uint8_t stream_byte(size_t n)
{
    return (uint8_t)(n % 251);
}

static void add(struct engine_backlog *backlog, size_t *added, size_t count)
{
    static uint8_t bytes[70000];

    assert_true(count <= sizeof bytes);
    for (size_t i = 0; i < count; i++) {
        bytes[i] = stream_byte(*added + i);
    }
    assert_true(engine_backlog_add(backlog, bytes, count));
    *added += count;
}

static void take(struct engine_backlog *backlog, size_t *taken, size_t count)
{
    static uint8_t bytes[70000];
    size_t expected = count < backlog->length ? count : backlog->length;

    assert_true(count <= sizeof bytes);
    assert_int_equal(engine_backlog_peek(backlog, bytes, count), expected);
    memset(bytes, 0, expected);
    assert_int_equal(engine_backlog_take(backlog, bytes, count), expected);
    for (size_t i = 0; i < expected; i++) {
        assert_int_equal(bytes[i], stream_byte(*taken + i));
    }
    *taken += expected;
}

static void bytes_come_out_as_they_went_in(void **state)
{
    struct engine_backlog backlog = {0};
    unsigned random = 12345;
    size_t added = 0, taken = 0;
    (void)state;

    for (int i = 0; i < 4000; i++) {
        random = random * 1103515245u + 12345u;
        add(&backlog, &added, random >> 16 & 0xfff);
        take(&backlog, &taken, random >> 8 & 0xfff);
        assert_int_equal(backlog.length, added - taken);
    }
    take(&backlog, &taken, 70000);
    engine_backlog_free(&backlog);
}

static void it_grows_to_its_bound_and_no_further(void **state)
{
    struct engine_backlog backlog = {0};
    size_t added = 0, taken = 0;
    (void)state;

    take(&backlog, &taken, 1); /* nothing is there */
    while (engine_backlog_room(&backlog) > 0) {
        add(&backlog, &added,
            engine_backlog_room(&backlog) < 65536 ? engine_backlog_room(&backlog) : 65536);
        assert_true(backlog.capacity <= ENGINE_BACKLOG_MAX);
    }
    assert_int_equal(backlog.length, ENGINE_BACKLOG_MAX);
    while (backlog.length > 0) {
        take(&backlog, &taken, 65537);
    }
    assert_int_equal(taken, added);
    engine_backlog_free(&backlog);
}

/* ---- a peer that floods ---------------------------------------------------------------------- */

#define FLOOD ((size_t)20 << 20)

static void flood(gnutls_session_t session, void *argument)
{
    static char data[16384];
    ssize_t sent = 1;
    (void)argument;

    for (size_t left = FLOOD; left > 0 && sent > 0; left -= (size_t)sent) {
        sent = gnutls_record_send(session, data, left < sizeof data ? left : sizeof data);
    }
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    (void)gnutls_record_recv(session, data, sizeof data); /* until the client has gone */
}

static size_t received(const struct driver *driver)
{
    size_t bytes = 0;

    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_BYTES && driver->events[i].from == WIRE_SERVER) {
            bytes += driver->events[i].length;
        }
    }
    return bytes;
}

/* Takes events until for a while none have come. */
static void settle(struct driver *driver)
{
    const struct timespec moment = {.tv_nsec = 50000000};
    size_t before;

    do {
        before = driver->count;
        (void)nanosleep(&moment, NULL);
        assert_int_equal(driver_wait(driver), ENGINE_PAUSED);
    } while (driver->count > before);
}

static void reading_stops_at_the_bound_and_goes_on(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .talk = flood};
    struct loopback server;
    struct driver driver;
    size_t handshake, stops = 0;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    assert_int_equal(driver_until(&driver, "client:Finished"), ENGINE_PAUSED);
    handshake = received(&driver);
    assert_int_equal(driver_until(&driver, "data"), ENGINE_PAUSED);
    settle(&driver);
    assert_in_range(received(&driver) - handshake, ENGINE_BACKLOG_MAX, ENGINE_BACKLOG_MAX);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_true(received(&driver) > FLOOD);
    for (size_t i = 0; i < driver.count; i++) {
        stops += driver.events[i].kind == TRACE_STOP &&
                 strcmp(driver.events[i].text, "ApplicationData") == 0;
    }
    assert_int_equal(stops, FLOOD / 16384);
    assert_null(driver_phase(&driver, TRACE_DATA, TRACE_FAILED));
    assert_null(driver_phase(&driver, TRACE_CLOSE, TRACE_DONE)->code);
    driver_free(&driver);
    loopback_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_as_they_went_in),
        cmocka_unit_test(it_grows_to_its_bound_and_no_further),
        cmocka_unit_test(reading_stops_at_the_bound_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
