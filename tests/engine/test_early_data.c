/*
 * --resume and --early-data, with gnutls-serv: what one session leaves behind resumes the next, and the data
 * that goes out with its ClientHello is stopped at, can be read in the log, and is answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "driver.h"
#include "peer.h"

#define TEXT "early line\\r\\n"

static void start(struct peer *peer, const char *const *more)
{
    const struct peer_options options = {
        .program = PEER_GNUTLS, .kind = IDENTITY_ECDSA, .service = PEER_ECHO, .more = more};
    enum peer_status status = peer_start(peer, &options);

    if (status == PEER_SKIPPED) {
        print_message("skipped: %s\n", peer->why);
        peer_stop(peer);
        skip();
    }
    if (status != PEER_RUNS) {
        fail_msg("%s", peer->why);
    }
}

static void prepare(struct driver *driver, const struct peer *peer, const struct buffer *left)
{
    driver_init(driver, peer->port, peer->identity.root_cert->der,
                peer->identity.root_cert->length);
    driver->options.resume = true;
    driver->options.early_data = text_duplicate(TEXT, strlen(TEXT));
    driver->config.resumption = left->data;
    driver->config.resumption_length = left->length;
    driver->config.linger_ms = 100;
}

static void run(struct driver *driver)
{
    while (driver_do(driver, ENGINE_STEP) != ENGINE_OVER) {
    }
}

/* A full handshake, and what it leaves behind. */
static void leave_behind(const struct peer *peer, struct buffer *left)
{
    struct driver driver;
    struct buffer none = {0};

    prepare(&driver, peer, &none);
    (void)driver_until(&driver, "data");
    assert_false(engine_resumption(driver.engine, &none)); /* TLS 1.3: no ticket yet */
    run(&driver);
    assert_non_null(driver_note(&driver, "nothing_to_resume"));
    assert_true(engine_resumption(driver.engine, left));
    driver_free(&driver);
}

static bool has_secret(const struct driver *driver, const char *label)
{
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_SECRET && strncmp(event->text, label, strlen(label)) == 0) {
            return true;
        }
    }
    return false;
}

/* `accepted`: whether the facts say so, too. */
static void read_log(const struct driver *driver, enum trace_known accepted, uint64_t from_client)
{
    const struct trace_target target = {.input = "test", .host = "127.0.0.1"};
    struct trace *trace = trace_new(&target, clock_wall_ns());
    const struct trace_facts *facts;
    struct err err;

    assert_non_null(trace);
    for (size_t i = 0; i < driver->count; i++) {
        assert_int_equal(trace_append(trace, &driver->events[i], &err), 0);
    }
    trace_finish(trace);
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->encrypted && !row->decrypted) {
            fail_msg("%s in row %u cannot be read", row->type, row->n);
        }
    }
    facts = trace_facts(trace, trace_event_count(trace));
    assert_int_equal(facts->early_data, accepted);
    assert_int_equal(facts->application_data[WIRE_CLIENT], from_client);
    for (size_t i = 0; i < facts->check_count; i++) {
        assert_int_not_equal(facts->checks[i].ok, TRACE_NO);
    }
    trace_free(trace);
}

static void early_data_goes_out_with_client_hello_and_is_answered(void **state)
{
    static const char *const more[] = {"--earlydata", NULL};
    struct buffer left = {.secret = true};
    struct peer peer;
    struct driver driver;
    (void)state;

    start(&peer, more);
    leave_behind(&peer, &left);
    prepare(&driver, &peer, &left);
    run(&driver);
    assert_non_null(strstr(driver_stops(&driver),
                           "resolve connect >ClientHello >ApplicationData <ServerHello "));
    assert_non_null(strstr(driver_stops(&driver), "<Finished >EndOfEarlyData >Finished data "));
    assert_true(has_secret(&driver, "CLIENT_EARLY_TRAFFIC_SECRET "));
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_SKIPPED));
    read_log(&driver, TRACE_YES, strlen("early line\r\n"));
    driver_free(&driver);
    peer_stop(&peer);
    buffer_wipe_free(&left);
}

/* Another server of the same name: it knows nothing of the session. */
static void refused_early_data_is_told_and_not_sent_again(void **state)
{
    static const char *const more[] = {"--earlydata", NULL};
    struct buffer left = {.secret = true};
    struct peer peer, other;
    struct driver driver;
    (void)state;

    start(&peer, more);
    leave_behind(&peer, &left);
    start(&other, more);
    prepare(&driver, &other, &left);
    run(&driver);
    assert_non_null(strstr(driver_stops(&driver), ">ClientHello >ApplicationData <ServerHello "));
    assert_null(strstr(driver_stops(&driver), "EndOfEarlyData"));
    assert_null(strstr(driver_stops(&driver), "<ApplicationData"));
    assert_non_null(driver_note(&driver, "not_resumed"));
    assert_non_null(driver_note(&driver, "early_data_refused"));
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_DONE));
    read_log(&driver, TRACE_NO, strlen("early line\r\n"));
    driver_free(&driver);
    peer_stop(&peer);
    peer_stop(&other);
    buffer_wipe_free(&left);
}

/* RFC 8446 4.2.10: only where the ticket says so. */
static void a_server_that_takes_none_is_sent_none(void **state)
{
    struct buffer left = {.secret = true};
    struct peer peer;
    struct driver driver;
    (void)state;

    start(&peer, NULL);
    leave_behind(&peer, &left);
    prepare(&driver, &peer, &left);
    run(&driver);
    assert_null(strstr(driver_stops(&driver), "ApplicationData"));
    assert_non_null(driver_note(&driver, "early_data_not_sent"));
    assert_null(driver_note(&driver, "not_resumed"));
    read_log(&driver, TRACE_NO, 0);
    driver_free(&driver);
    peer_stop(&peer);
    buffer_wipe_free(&left);
}

/* The options changed between the runs: TLS 1.2 has no use for the ticket. */
static void a_session_of_another_version_is_not_offered(void **state)
{
    static const char *const more[] = {"--earlydata", NULL};
    struct buffer left = {.secret = true};
    struct peer peer;
    struct driver driver;
    (void)state;

    start(&peer, more);
    leave_behind(&peer, &left);
    prepare(&driver, &peer, &left);
    driver.options.tls_max = text_duplicate("1.2", 3);
    run(&driver);
    assert_null(strstr(driver_stops(&driver), "ApplicationData"));
    assert_non_null(driver_note(&driver, "not_resumable"));
    assert_non_null(driver_phase(&driver, TRACE_VERIFY, TRACE_DONE));
    driver_free(&driver);
    peer_stop(&peer);
    buffer_wipe_free(&left);
}

static void garbage_is_no_session(void **state)
{
    struct buffer garbage = {0};
    struct peer peer;
    struct driver driver;
    (void)state;

    start(&peer, NULL);
    for (unsigned i = 0; i < 500; i++) {
        buffer_u8(&garbage, (uint8_t)(i * 167));
    }
    prepare(&driver, &peer, &garbage);
    run(&driver);
    assert_non_null(driver_note(&driver, "not_resumable"));
    assert_non_null(driver_phase(&driver, TRACE_CLOSE, TRACE_DONE));
    driver_free(&driver);
    peer_stop(&peer);
    buffer_free(&garbage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_data_goes_out_with_client_hello_and_is_answered),
        cmocka_unit_test(refused_early_data_is_told_and_not_sent_again),
        cmocka_unit_test(a_server_that_takes_none_is_sent_none),
        cmocka_unit_test(a_session_of_another_version_is_not_offered),
        cmocka_unit_test(garbage_is_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
