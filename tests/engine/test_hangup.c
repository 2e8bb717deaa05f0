/*
 * The peer hangs up, with FIN or with RST, while the session is paused at some stop: that is seen
 * at once, the session stays where it is, and the next command leads to an end that says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

#define MS INT64_C(1000000)

static struct identity identity;

/* Keeps the connection open until the test ends it. */
static void wait_for_the_end(gnutls_session_t session, void *argument)
{
    char data[100];
    (void)argument;

    while (gnutls_record_recv(session, data, sizeof data) > 0) {
    }
}

static const struct trace_event *end_of_server(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_BYTES && event->from == WIRE_SERVER && event->end != TRACE_OPEN) {
            return event;
        }
    }
    return NULL;
}

static bool is_end_of_server(const struct trace_event *event)
{
    return event->kind == TRACE_BYTES && event->from == WIRE_SERVER && event->end != TRACE_OPEN;
}

/* A failure that tells of the peer's end, or data that was cut off: which of them depends on where
 * the session stood. */
static void expect_told(const struct driver *driver, bool reset)
{
    const struct trace_event *handshake = driver_phase(driver, TRACE_HANDSHAKE, TRACE_FAILED);
    const struct trace_event *data = driver_phase(driver, TRACE_DATA, TRACE_FAILED);
    const struct trace_event *failed = handshake != NULL ? handshake : data;

    assert_non_null(driver_phase(driver, TRACE_CLOSE, TRACE_DONE));
    if (failed == NULL) {
        assert_true(driver_note(driver, "truncated") != NULL ||
                    driver_note(driver, "peer_reset") != NULL ||
                    driver_phase(driver, TRACE_DATA, TRACE_DONE) != NULL);
        return;
    }
    if (strcmp(failed->code, reset ? "peer_reset" : "peer_closed") != 0) {
        /* What is written to a peer that has closed is answered with RST. */
        assert_string_equal(failed->code, "peer_reset");
        assert_false(reset);
    }
    assert_true(strlen(failed->text) > 20);
}

/* False when there are not so many stops. */
static bool hang_up_at(const char *priority, unsigned steps, bool reset)
{
    const struct loopback_options options = {.identity = &identity, .talk = wait_for_the_end};
    enum engine_state state = ENGINE_PAUSED;
    struct loopback server;
    struct driver driver;
    int64_t began;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    driver.options.priority = text_duplicate(priority, strlen(priority));
    driver.config.linger_ms = 20;
    for (unsigned i = 0; i < steps && state == ENGINE_PAUSED; i++) {
        state = driver_do(&driver, ENGINE_STEP);
    }
    if (state == ENGINE_PAUSED && end_of_server(&driver) == NULL) {
        began = clock_monotonic_ns();
        if (reset) {
            loopback_reset(&server);
        } else {
            loopback_hang_up(&server);
        }
        (void)driver_wait_for(&driver, is_end_of_server);
        assert_true(clock_monotonic_ns() - began < 500 * MS);
        assert_int_equal(engine_state(driver.engine), ENGINE_PAUSED); /* nothing moved */
        while (driver_do(&driver, ENGINE_STEP) != ENGINE_OVER) {
        }
        expect_told(&driver, reset);
        assert_string_equal(driver_at(&driver), "close");
    }
    driver_free(&driver);
    loopback_stop(&server);
    return state == ENGINE_PAUSED;
}

#define FIRST_STEP_WITH_A_CONNECTION 2

static void hang_up_everywhere(const char *priority, bool reset)
{
    unsigned steps = FIRST_STEP_WITH_A_CONNECTION;

    while (hang_up_at(priority, steps, reset)) {
        steps++;
    }
    assert_true(steps > 12);
}

static void a_fin_is_seen_while_paused_at_any_stop(void **state)
{
    (void)state;
    hang_up_everywhere("NORMAL", false);
    hang_up_everywhere("NORMAL:-VERS-ALL:+VERS-TLS1.2", false);
}

static void a_reset_is_seen_while_paused_at_any_stop(void **state)
{
    (void)state;
    hang_up_everywhere("NORMAL", true);
    hang_up_everywhere("NORMAL:-VERS-ALL:+VERS-TLS1.2", true);
}

static void data_without_close_notify_is_truncated(void **state)
{
    const struct loopback_options options = {.identity = &identity, .talk = wait_for_the_end};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    assert_int_equal(driver_until(&driver, "data"), ENGINE_PAUSED);
    loopback_hang_up(&server);
    (void)driver_wait_for(&driver, is_end_of_server);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_note(&driver, "truncated"));
    assert_string_equal(driver_phase(&driver, TRACE_CLOSE, TRACE_DONE)->code, "truncated");
    assert_null(driver_phase(&driver, TRACE_DATA, TRACE_FAILED)); /* told, but no failure */
    driver_free(&driver);
    loopback_stop(&server);
}

/* A TLS 1.3 server refuses before it has read the client's last flight. */
static void refuse_early(gnutls_session_t session, void *argument)
{
    atomic_bool *refused = argument;
    char data[100];

    (void)gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REQUIRED);
    atomic_store(refused, true);
    (void)gnutls_record_recv(session, data, sizeof data); /* until it is reset */
}

/* What the server said before it hung up is worth more than the broken pipe. */
static void an_alert_is_read_although_writing_has_failed(void **state)
{
    static atomic_bool refused;
    const struct timespec moment = {.tv_nsec = 100000000};
    const struct loopback_options options = {.identity = &identity,
                                             .talk = refuse_early,
                                             .argument = &refused,
                                             .flags = GNUTLS_ENABLE_EARLY_START};
    const struct trace_event *failed;
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    assert_int_equal(driver_until(&driver, "client:Finished"), ENGINE_PAUSED);
    while (!atomic_load(&refused)) {
        (void)nanosleep(&moment, NULL);
    }
    (void)nanosleep(&moment, NULL); /* the alert arrives, and only then the reset */
    loopback_reset(&server);
    (void)driver_wait_for(&driver, is_end_of_server);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    failed = driver_phase(&driver, TRACE_HANDSHAKE, TRACE_FAILED); /* Finished was never sent */
    assert_non_null(failed);
    assert_string_equal(failed->code, "alert_received");
    assert_non_null(strstr(failed->text, "certificate_required"));
    driver_free(&driver);
    loopback_stop(&server);
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
        cmocka_unit_test(a_fin_is_seen_while_paused_at_any_stop),
        cmocka_unit_test(a_reset_is_seen_while_paused_at_any_stop),
        cmocka_unit_test(data_without_close_notify_is_truncated),
        cmocka_unit_test(an_alert_is_read_although_writing_has_failed),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
