/* A peer that sends on and on cannot fill the memory of somebody who only watches: the run ends, and says why. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "loopback.h"
#include "run.h"

#define EVENTS 2000

static void send_on_and_on(gnutls_session_t session, void *argument)
{
    (void)argument;
    while (gnutls_record_send(session, "x", 1) >= 0) {
    }
}

static struct stepper *open_stepper(uint16_t port, struct stepper_options *options)
{
    struct stepper_target target = {0};
    struct err err = {0};
    char input[40];

    (void)snprintf(input, sizeof input, "127.0.0.1:%u", port);
    assert_int_equal(stepper_target_parse(input, &target, &err), 0);
    stepper_options_init(options);
    assert_int_equal(stepper_option_set(options, "no-verify", NULL, &err), 0);
    struct stepper *stepper = stepper_new(&target, options, &err);
    stepper_target_free(&target);
    assert_non_null(stepper);
    return stepper;
}

static void an_endless_run_is_ended(void **state)
{
    const struct loopback_options server_options = {.kind = IDENTITY_ECDSA, .talk = send_on_and_on};
    struct stepper_options options;
    struct loopback server;
    struct err err = {0};

    (void)state;
    assert_int_equal(loopback_start(&server, &server_options), 0);
    struct stepper *stepper = open_stepper(server.port, &options);
    stepper->events_max = EVENTS;
    assert_int_equal(stepper_run(stepper, stepper_command_find("continue"), NULL, &err), 0);
    while (stepper_busy(stepper)) {
        struct pollfd wake = {.fd = stepper_wake_fd(stepper), .events = POLLIN};
        assert_true(poll(&wake, 1, 10000) > 0);
        (void)stepper_pump(stepper);
    }
    struct trace *trace = stepper_trace(stepper);
    size_t count = trace_event_count(trace);
    assert_in_range(count, EVENTS, EVENTS + 10000); /* what came at once, too */
    size_t noted = 0;
    for (size_t i = 0; i < count; i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        noted += event->kind == TRACE_NOTE && strcmp(event->code, "endless") == 0;
    }
    assert_int_equal(noted, 1);
    stepper_free(stepper);
    stepper_options_free(&options);
    loopback_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_endless_run_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
