/*
 * Commands: where each run of steps ends, what is refused and with which word, sending, changing
 * keys, closing, and going on with a refused certificate.
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

static struct identity identity;

/* ---- one client and one server --------------------------------------------------------------- */

struct fixture {
    struct loopback server;
    struct driver driver;
};

static void open_fixture(struct fixture *fixture, const struct loopback_options *options)
{
    struct loopback_options with_identity = *options;

    with_identity.identity = &identity;
    assert_int_equal(loopback_start(&fixture->server, &with_identity), 0);
    driver_init(&fixture->driver, fixture->server.port, fixture->server.root.data,
                fixture->server.root.size);
    fixture->driver.config.linger_ms = 30;
}

static void close_fixture(struct fixture *fixture)
{
    driver_free(&fixture->driver);
    loopback_stop(&fixture->server);
}

/* Answers each record with "<length>", and says goodbye after the client. */
static void echo(gnutls_session_t session, void *argument)
{
    char data[20000], answer[40];
    ssize_t status;
    (void)argument;

    do {
        status = gnutls_record_recv(session, data, sizeof data);
        if (status > 0) {
            (void)snprintf(answer, sizeof answer, "%zd", status);
            (void)gnutls_record_send(session, answer, strlen(answer));
        }
    } while (status > 0 || (status < 0 && !gnutls_error_is_fatal((int)status)));
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
}

static const struct loopback_options plain = {.talk = echo};

/* ---- TYPE ------------------------------------------------------------------------------------ */

static void a_type_is_a_message_or_a_stop_with_or_without_side(void **state)
{
    struct engine_match match;
    struct err err;
    (void)state;

    assert_int_equal(engine_match_parse("ServerHello", &match, &err), 0);
    assert_string_equal(match.at, "ServerHello");
    assert_true(match.any_side);
    assert_int_equal(engine_match_parse("server:finished", &match, &err), 0);
    assert_string_equal(match.at, "Finished");
    assert_false(match.any_side);
    assert_int_equal(match.from, WIRE_SERVER);
    assert_int_equal(engine_match_parse("CLIENT:alert", &match, &err), 0);
    assert_string_equal(match.at, "Alert");
    assert_int_equal(match.from, WIRE_CLIENT);
    assert_int_equal(engine_match_parse("VERIFY", &match, &err), 0);
    assert_string_equal(match.at, "verify");
    assert_int_equal(engine_match_parse("HelloRetryRequest", &match, &err), 0);
    assert_int_equal(engine_match_parse("ChangeCipherSpec", &match, &err), 0);
    assert_int_equal(engine_match_parse("ApplicationData", &match, &err), 0);
}

static void an_unknown_type_is_answered_with_the_known_ones(void **state)
{
    static const char *const wrong[] = {"",
                                        "Hello",
                                        "client:",
                                        "server:verify",
                                        "both:Alert",
                                        "Unknown(99)",
                                        "client:server:Alert",
                                        "\x1b[31m"};
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct engine_match match;
        struct err err = {0};

        assert_int_equal(engine_match_parse(wrong[i], &match, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_string_equal(err.code, "no_such_type");
        assert_non_null(strstr(err.text, "ClientHello"));
        assert_non_null(strstr(err.text, "verify"));
        assert_null(strchr(err.text, '\x1b'));
    }
}

/* ---- where a run ends ------------------------------------------------------------------------ */

/* Gives the same command until the session is over, and compares where it paused. */
static void expect_pauses(enum engine_command_kind kind, const char *priority, const char *expected)
{
    struct fixture fixture;
    char pauses[600] = "";

    open_fixture(&fixture, &plain);
    fixture.driver.options.priority = text_duplicate(priority, strlen(priority));
    while (driver_do(&fixture.driver, kind) == ENGINE_PAUSED) {
        size_t length = strlen(pauses);

        (void)snprintf(pauses + length, sizeof pauses - length, "%s ", driver_at(&fixture.driver));
    }
    assert_string_equal(pauses, expected);
    close_fixture(&fixture);
}

static void a_flight_ends_where_the_other_side_or_phase_begins(void **state)
{
    (void)state;
    expect_pauses(ENGINE_FLIGHT, TLS12,
                  "connect <ServerHello verify >ClientKeyExchange <ChangeCipherSpec data <Alert ");
    expect_pauses(ENGINE_FLIGHT, "NORMAL",
                  "connect <ServerHello <ChangeCipherSpec verify >Finished >Alert ");
}

static void a_phase_ends_where_another_one_begins(void **state)
{
    (void)state;
    expect_pauses(ENGINE_PHASE, TLS12,
                  "resolve connect >ClientHello verify <ServerKeyExchange data >Alert ");
    expect_pauses(ENGINE_PHASE, "NORMAL",
                  "resolve connect >ClientHello verify <Finished data >Alert ");
}

static void until_runs_to_a_type_of_a_side(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_fixture(&fixture, &plain);
    assert_int_equal(driver_until(driver, "connect"), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "connect");
    assert_int_equal(driver_until(driver, "client:finished"), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">Finished");
    assert_int_equal(driver_until(driver, "Alert"), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">Alert");
    assert_int_equal(driver_until(driver, "server:Alert"), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "<Alert");
    assert_int_equal(driver_until(driver, "ServerHello"), ENGINE_OVER); /* it does not come again */
    close_fixture(&fixture);
}

static void a_breakpoint_ends_every_run(void **state)
{
    static const enum engine_command_kind runs[] = {ENGINE_CONTINUE, ENGINE_FLIGHT, ENGINE_PHASE};
    struct engine_match breakpoints[2];
    struct err err;
    (void)state;

    assert_int_equal(engine_match_parse("Certificate", &breakpoints[0], &err), 0);
    assert_int_equal(engine_match_parse("data", &breakpoints[1], &err), 0);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        struct fixture fixture;
        struct driver *driver = &fixture.driver;

        open_fixture(&fixture, &plain);
        assert_int_equal(driver_until(driver, "ServerHello"), ENGINE_PAUSED);
        assert_int_equal(engine_set_breakpoints(driver->engine, breakpoints, 2, &err), 0);
        assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_PAUSED);
        assert_string_equal(driver_at(driver), "<Certificate");
        assert_int_equal(driver_until(driver, "client:Finished"), ENGINE_PAUSED);
        assert_int_equal(driver_do(driver, runs[i]), ENGINE_PAUSED);
        assert_string_equal(driver_at(driver), "data");
        assert_int_equal(engine_set_breakpoints(driver->engine, NULL, 0, &err), 0);
        assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
        close_fixture(&fixture);
    }
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void commands_are_refused_where_they_make_no_sense(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_fixture(&fixture, &plain);
    driver_refused(driver, ENGINE_SEND, "wrong_phase");
    driver_refused(driver, ENGINE_ACCEPT, "nothing_refused");
    assert_int_equal(driver_until(driver, "ServerHello"), ENGINE_PAUSED);
    driver_refused(driver, ENGINE_SEND, "wrong_phase");
    driver_refused(driver, ENGINE_REKEY, "wrong_phase");
    driver_refused(driver, ENGINE_CLOSE, "wrong_phase");
    assert_int_equal(driver_until(driver, "verify"), ENGINE_PAUSED);
    driver_refused(driver, ENGINE_ACCEPT, "nothing_refused");
    assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_do(driver, ENGINE_CLOSE), ENGINE_PAUSED);
    driver_refused(driver, ENGINE_SEND, "wrong_phase");
    driver_refused(driver, ENGINE_CLOSE, "wrong_phase");
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    driver_refused(driver, ENGINE_STEP, "over");
    driver_refused(driver, ENGINE_ABORT, "over");
    close_fixture(&fixture);
}

static void a_running_engine_takes_nothing_but_abort(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_fixture(&fixture, &(struct loopback_options){.stalls = true});
    driver_give(driver, ENGINE_CONTINUE);
    driver_refused(driver, ENGINE_STEP, "busy");
    driver_refused(driver, ENGINE_SEND, "busy");
    assert_int_equal(driver_do(driver, ENGINE_ABORT), ENGINE_OVER);
    close_fixture(&fixture);
}

static void nothing_happens_before_the_first_command(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_fixture(&fixture, &plain);
    driver_start(driver);
    assert_int_equal(driver_wait(driver), ENGINE_PAUSED);
    assert_int_equal(driver->count, 0);
    assert_int_equal(driver_do(driver, ENGINE_ABORT), ENGINE_OVER);
    assert_int_equal(driver->count, 0);
    driver_refused(driver, ENGINE_STEP, "over");
    close_fixture(&fixture);
}

/* ---- sending --------------------------------------------------------------------------------- */

static size_t written_by_client(const struct driver *driver)
{
    size_t written = 0;

    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_BYTES && driver->events[i].from == WIRE_CLIENT) {
            written += driver->events[i].length;
        }
    }
    return written;
}

static void data_stops_queued_and_the_answer_stops_arrived(void **state)
{
    static const char *const priorities[] = {"NORMAL", TLS12};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        struct driver *driver = &fixture.driver;
        const struct trace_event *queued;
        size_t before;

        open_fixture(&fixture, &plain);
        driver->options.priority = text_duplicate(priorities[i], strlen(priorities[i]));
        assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
        before = written_by_client(driver);
        assert_int_equal(driver_send(driver, "GET /\r\n", 7), ENGINE_PAUSED);
        assert_string_equal(driver_at(driver), ">ApplicationData");
        queued = &driver->events[driver->count - 2];
        assert_int_equal(queued->kind, TRACE_QUEUED);
        assert_int_equal(queued->content_type, WIRE_APPLICATION_DATA);
        assert_int_equal(queued->length, 7);
        assert_memory_equal(queued->data, "GET /\r\n", 7);
        assert_int_equal(written_by_client(driver), before); /* nothing has been written yet */
        driver_refused(driver, ENGINE_SEND, "wrong_phase");
        assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
        assert_string_equal(driver_at(driver), "<ApplicationData");
        assert_true(written_by_client(driver) > before);
        assert_int_equal(driver_send(driver, "more", 4), ENGINE_PAUSED); /* and again */
        assert_string_equal(driver_at(driver), ">ApplicationData");
        assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
        assert_non_null(driver_phase(driver, TRACE_CLOSE, TRACE_DONE));
        close_fixture(&fixture);
    }
}

static void nothing_to_send_is_refused(void **state)
{
    struct fixture fixture;
    const struct engine_command nothing = {.kind = ENGINE_SEND, .data = "", .length = 0};
    struct err err;
    (void)state;

    open_fixture(&fixture, &plain);
    assert_int_equal(driver_until(&fixture.driver, "data"), ENGINE_PAUSED);
    assert_int_equal(engine_command(fixture.driver.engine, &nothing, &err), -1);
    assert_string_equal(err.code, "nothing_to_send");
    close_fixture(&fixture);
}

static void long_data_becomes_one_stop_for_each_record(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    static char data[40000];
    size_t queued = 0, records = 0;
    (void)state;

    open_fixture(&fixture, &plain);
    memset(data, 'x', sizeof data);
    assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_send(driver, data, sizeof data), ENGINE_PAUSED);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(driver_at(driver), ">ApplicationData");
        assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    }
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_QUEUED && event->content_type == WIRE_APPLICATION_DATA) {
            assert_true(event->length <= 16384);
            queued += event->length;
            records++;
        }
    }
    assert_int_equal(records, 3);
    assert_int_equal(queued, sizeof data);
    close_fixture(&fixture);
}

static void read_silently(gnutls_session_t session, void *argument)
{
    char data[100];
    (void)argument;

    while (gnutls_record_recv(session, data, sizeof data) > 0) {
    }
}

static void an_answer_is_waited_for_longer_than_the_linger(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    int64_t began;
    (void)state;

    open_fixture(&fixture, &(struct loopback_options){.talk = read_silently});
    driver->options.timeout = text_duplicate("0.3", 3);
    assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_send(driver, "x", 1), ENGINE_PAUSED);
    began = clock_monotonic_ns();
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">Alert");
    assert_in_range(clock_monotonic_ns() - began, INT64_C(290000000), INT64_C(3000000000));
    assert_non_null(driver_note(driver, "timeout"));
    close_fixture(&fixture);
}

/* ---- changing keys --------------------------------------------------------------------------- */

static void rekey_queues_a_key_update_and_data_goes_on_under_new_keys(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    const uint8_t update_requested[] = {WIRE_KEY_UPDATE, 0, 0, 1, 1};
    (void)state;

    open_fixture(&fixture, &plain);
    assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_do(driver, ENGINE_REKEY), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">KeyUpdate");
    assert_int_equal(driver->events[driver->count - 2].length, sizeof update_requested);
    assert_memory_equal(driver->events[driver->count - 2].data, update_requested,
                        sizeof update_requested);
    assert_int_equal(driver_send(driver, "hello", 5), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">ApplicationData");
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "<KeyUpdate"); /* the peer's own, before its answer */
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "<ApplicationData");
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_null(driver_phase(driver, TRACE_DATA, TRACE_FAILED));
    close_fixture(&fixture);
}

static void rekey_and_echo(gnutls_session_t session, void *argument)
{
    (void)gnutls_session_key_update(session, GNUTLS_KU_PEER);
    echo(session, argument);
}

static void an_owed_key_update_goes_out_before_the_data_and_is_a_stop(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_fixture(&fixture, &(struct loopback_options){.talk = rekey_and_echo});
    assert_int_equal(driver_until(driver, "server:KeyUpdate"), ENGINE_PAUSED);
    assert_int_equal(driver_send(driver, "hello", 5), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">KeyUpdate");
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">ApplicationData");
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "<ApplicationData");
    assert_int_equal(driver_send(driver, "again", 5), ENGINE_PAUSED); /* nothing is owed any more */
    assert_string_equal(driver_at(driver), ">ApplicationData");
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    close_fixture(&fixture);
}

static void an_older_version_cannot_change_keys(void **state)
{
    struct fixture fixture;
    (void)state;

    open_fixture(&fixture, &plain);
    fixture.driver.options.priority = text_duplicate(TLS12, strlen(TLS12));
    assert_int_equal(driver_until(&fixture.driver, "data"), ENGINE_PAUSED);
    driver_refused(&fixture.driver, ENGINE_REKEY, "not_supported");
    close_fixture(&fixture);
}

/* ---- closing --------------------------------------------------------------------------------- */

static void close_queues_close_notify(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    const struct trace_event *queued;
    (void)state;

    open_fixture(&fixture, &plain);
    driver->config.linger_ms = 60000; /* a step would wait long */
    assert_int_equal(driver_until(driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_do(driver, ENGINE_CLOSE), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">Alert");
    queued = &driver->events[driver->count - 2];
    assert_int_equal(queued->content_type, WIRE_ALERT);
    assert_memory_equal(queued->data, "\x01\x00", 2);
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), "<Alert");
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_OVER);
    assert_string_equal(driver_at(driver), "close");
    assert_null(driver_phase(driver, TRACE_CLOSE, TRACE_DONE)->code);
    close_fixture(&fixture);
}

/* ---- a refused certificate ------------------------------------------------------------------- */

static void open_refused(struct fixture *fixture, const char *priority)
{
    open_fixture(fixture, &plain);
    fixture->driver.options.priority = text_duplicate(priority, strlen(priority));
    free(fixture->driver.options.verify_name);
    fixture->driver.options.verify_name = text_duplicate("other.test", 10);
}

static const struct trace_event *verdict(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_VERDICT) {
            return &driver->events[i];
        }
    }
    return NULL;
}

static void expect_refusal(struct driver *driver, const char *before_the_end)
{
    const struct trace_event *failed = driver_phase(driver, TRACE_VERIFY, TRACE_FAILED);

    assert_non_null(failed);
    assert_string_equal(failed->code, "refused_certificate");
    assert_non_null(strstr(failed->text, "other.test"));
    assert_string_equal(driver_phase(driver, TRACE_HANDSHAKE, TRACE_FAILED)->code,
                        "refused_certificate");
    assert_non_null(strstr(driver_stops(driver), before_the_end));
    assert_non_null(verdict(driver));
    assert_false(verdict(driver)->verification->ok);
}

static void a_refused_certificate_ends_the_session_with_an_alert(void **state)
{
    static const char *const priorities[] = {"NORMAL", TLS12};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;

        open_refused(&fixture, priorities[i]);
        assert_int_equal(driver_do(&fixture.driver, ENGINE_CONTINUE), ENGINE_OVER);
        expect_refusal(&fixture.driver, "verify >Alert close");
        driver_free(&fixture.driver);
        loopback_stop(&fixture.server);
        /* What the server heard: bad_certificate for a wrong name. */
        assert_int_equal(fixture.server.handshakes, 0);
        assert_int_equal(fixture.server.alert, pki_reason_alert(PKI_HOSTNAME_MISMATCH));
    }
}

static void stepping_pauses_at_a_refused_certificate_and_the_next_step_refuses(void **state)
{
    struct fixture fixture;
    struct driver *driver = &fixture.driver;
    (void)state;

    open_refused(&fixture, "NORMAL");
    assert_int_equal(driver_until(driver, "verify"), ENGINE_PAUSED);
    assert_non_null(driver_phase(driver, TRACE_VERIFY, TRACE_FAILED));
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_PAUSED);
    assert_string_equal(driver_at(driver), ">Alert");
    assert_non_null(driver_phase(driver, TRACE_HANDSHAKE, TRACE_FAILED));
    driver_refused(driver, ENGINE_ACCEPT, "nothing_refused");
    assert_int_equal(driver_do(driver, ENGINE_STEP), ENGINE_OVER);
    expect_refusal(driver, "verify >Alert close");
    close_fixture(&fixture);
}

static void the_user_may_go_on_with_a_refused_certificate(void **state)
{
    static const char *const priorities[] = {"NORMAL", TLS12};
    static const char *const next[] = {"<Finished", "<ServerKeyExchange"};
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        struct fixture fixture;
        struct driver *driver = &fixture.driver;

        open_refused(&fixture, priorities[i]);
        assert_int_equal(driver_until(driver, "verify"), ENGINE_PAUSED);
        assert_int_equal(driver_do(driver, ENGINE_ACCEPT), ENGINE_PAUSED);
        assert_string_equal(driver_at(driver), next[i]);
        assert_non_null(driver_note(driver, "accepted"));
        assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
        assert_non_null(driver_phase(driver, TRACE_HANDSHAKE, TRACE_DONE));
        assert_null(driver_phase(driver, TRACE_HANDSHAKE, TRACE_FAILED));
        close_fixture(&fixture);
    }
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
        cmocka_unit_test(a_type_is_a_message_or_a_stop_with_or_without_side),
        cmocka_unit_test(an_unknown_type_is_answered_with_the_known_ones),
        cmocka_unit_test(a_flight_ends_where_the_other_side_or_phase_begins),
        cmocka_unit_test(a_phase_ends_where_another_one_begins),
        cmocka_unit_test(until_runs_to_a_type_of_a_side),
        cmocka_unit_test(a_breakpoint_ends_every_run),
        cmocka_unit_test(commands_are_refused_where_they_make_no_sense),
        cmocka_unit_test(a_running_engine_takes_nothing_but_abort),
        cmocka_unit_test(nothing_happens_before_the_first_command),
        cmocka_unit_test(data_stops_queued_and_the_answer_stops_arrived),
        cmocka_unit_test(nothing_to_send_is_refused),
        cmocka_unit_test(long_data_becomes_one_stop_for_each_record),
        cmocka_unit_test(an_answer_is_waited_for_longer_than_the_linger),
        cmocka_unit_test(rekey_queues_a_key_update_and_data_goes_on_under_new_keys),
        cmocka_unit_test(an_owed_key_update_goes_out_before_the_data_and_is_a_stop),
        cmocka_unit_test(an_older_version_cannot_change_keys),
        cmocka_unit_test(close_queues_close_notify),
        cmocka_unit_test(a_refused_certificate_ends_the_session_with_an_alert),
        cmocka_unit_test(stepping_pauses_at_a_refused_certificate_and_the_next_step_refuses),
        cmocka_unit_test(the_user_may_go_on_with_a_refused_certificate),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
