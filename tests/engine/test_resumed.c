/*
 * A resumed TLS 1.2 session: GnuTLS writes no key-log line for it, so the engine makes it from the
 * master secret, in time for the server's Finished to be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

static void run(struct driver *driver, const struct loopback *server, const struct buffer *left)
{
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->options.priority = text_duplicate(TLS12, strlen(TLS12));
    driver->options.resume = true;
    driver->config.resumption = left->data;
    driver->config.resumption_length = left->length;
    driver->config.linger_ms = 20;
    while (driver_do(driver, ENGINE_STEP) != ENGINE_OVER) {
    }
}

static const struct trace_event *secret(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_SECRET) {
            return &driver->events[i];
        }
    }
    return NULL;
}

static void a_resumed_session_has_a_key_log_line_that_opens_it(void **state)
{
    const struct loopback_options options = {.kind = IDENTITY_ECDSA, .tickets = true};
    const struct trace_target target = {.input = "test", .host = "127.0.0.1"};
    struct buffer left = {.secret = true};
    struct loopback server;
    struct driver driver;
    struct trace *trace;
    struct err err;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    run(&driver, &server, &left);
    assert_true(engine_resumption(driver.engine, &left));
    driver_free(&driver);

    run(&driver, &server, &left);
    assert_string_equal(driver_stops(&driver),
                        "resolve connect >ClientHello <ServerHello <ChangeCipherSpec "
                        "<Finished >ChangeCipherSpec >Finished data >Alert <Alert "
                        "close");
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_SKIPPED));
    assert_non_null(secret(&driver));
    assert_memory_equal(secret(&driver)->text, "CLIENT_RANDOM ", 14);
    assert_int_equal(strlen(secret(&driver)->text), 14 + 64 + 1 + 96);
    trace = trace_new(&target, clock_wall_ns());
    assert_non_null(trace);
    for (size_t i = 0; i < driver.count; i++) {
        assert_int_equal(trace_append(trace, &driver.events[i], &err), 0);
    }
    trace_finish(trace);
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        assert_true(!row->encrypted || row->decrypted);
    }
    assert_int_equal(trace_facts(trace, trace_event_count(trace))->resumed, TRACE_YES);
    trace_free(trace);
    driver_free(&driver);
    loopback_stop(&server);
    buffer_wipe_free(&left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_resumed_session_has_a_key_log_line_that_opens_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
