/*
 * Time: what waits for the peer ends after --timeout, a pause is not waiting, and the stamps of
 * what arrives during a pause are those of its arrival.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "hostile.h"
#include "loopback.h"

#define MS         INT64_C(1000000)
#define TIMEOUT    "0.3"
#define TIMEOUT_NS (300 * MS)
/* A machine under load is late, never early. */
#define LATEST_NS (5000 * MS)

static struct identity identity;

static void nap(int64_t ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

/* ---- a name server that takes its time ------------------------------------------------------- */

static atomic_bool resolver_slow;
static atomic_int resolvers_left;

/* Takes the place of the C library's function in this program. */
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    union {
        void *symbol;
        int (*function)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    } original = {.symbol = dlsym(RTLD_NEXT, "getaddrinfo")};

    if (name == NULL || strcmp(name, "slow.test") != 0) {
        return original.function(name, service, hints, result);
    }
    while (atomic_load(&resolver_slow)) {
        nap(1);
    }
    atomic_fetch_sub(&resolvers_left, 1);
    return EAI_AGAIN;
}

/* ---- helpers --------------------------------------------------------------------------------- */

static void start_client(struct driver *driver, uint16_t port)
{
    driver_init(driver, port, NULL, 0);
    driver->options.timeout = text_duplicate(TIMEOUT, strlen(TIMEOUT));
}

static size_t bytes_of_server(const struct driver *driver, int64_t *latest_ns)
{
    size_t bytes = 0;

    *latest_ns = 0;
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_BYTES && event->from == WIRE_SERVER && event->length > 0) {
            bytes += event->length;
            *latest_ns = event->time_ns;
        }
    }
    return bytes;
}

/* Runs on and expects that it takes the time-out and fails for that reason. */
static const struct trace_event *expect_timeout(struct driver *driver, enum trace_phase phase)
{
    int64_t began = clock_monotonic_ns();
    int64_t took;
    const struct trace_event *failed;

    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
    took = clock_monotonic_ns() - began;
    assert_in_range(took, TIMEOUT_NS - 10 * MS, LATEST_NS);
    failed = driver_phase(driver, phase, TRACE_FAILED);
    assert_non_null(failed);
    assert_string_equal(failed->code, "timeout");
    assert_non_null(strstr(failed->text, "0.3 s"));
    return failed;
}

/* ---- what times out -------------------------------------------------------------------------- */

static void a_silent_server_times_out_and_is_told_from_a_slow_one(void **state)
{
    struct hostile *server = hostile_start(hostile_find("silence"));
    struct driver driver;
    (void)state;

    assert_non_null(server);
    start_client(&driver, hostile_port(server));
    assert_non_null(strstr(expect_timeout(&driver, TRACE_HANDSHAKE)->text, "ClientHello"));
    driver_free(&driver);
    hostile_stop(server, NULL);
}

static void silence_in_the_middle_times_out_and_says_where(void **state)
{
    struct hostile *server = hostile_start(hostile_find("silence after ServerHello"));
    struct driver driver;
    (void)state;

    assert_non_null(server);
    start_client(&driver, hostile_port(server));
    assert_non_null(strstr(expect_timeout(&driver, TRACE_HANDSHAKE)->text, "ServerHello"));
    driver_free(&driver);
    hostile_stop(server, NULL);
}

static void half_a_record_times_out(void **state)
{
    const struct hostile_step steps[] = {HOSTILE_READ_RECORDS(1),
                                         HOSTILE_SEND_BYTES(22, 3, 3, 0, 49, 2), HOSTILE_HOLDS};
    struct hostile *server = hostile_start(steps);
    struct driver driver;
    (void)state;

    assert_non_null(server);
    start_client(&driver, hostile_port(server));
    (void)expect_timeout(&driver, TRACE_HANDSHAKE);
    driver_free(&driver);
    hostile_stop(server, NULL);
}

/* A byte now and then must not keep a session alive: the time-out is of the whole phase. */
static void a_dripping_server_times_out(void **state)
{
    const struct hostile_step steps[] = {
        HOSTILE_READ_RECORDS(1), HOSTILE_SEND_BYTES(22, 3, 3, 0, 49),
        HOSTILE_WAIT(120),       HOSTILE_SEND_BYTES(2),
        HOSTILE_WAIT(120),       HOSTILE_SEND_BYTES(0),
        HOSTILE_WAIT(120),       HOSTILE_SEND_BYTES(0),
        HOSTILE_WAIT(120),       HOSTILE_SEND_BYTES(45),
        HOSTILE_WAIT(120),       HOSTILE_HOLDS};
    struct hostile *server = hostile_start(steps);
    struct driver driver;
    int64_t latest_ns;
    (void)state;

    assert_non_null(server);
    start_client(&driver, hostile_port(server));
    (void)expect_timeout(&driver, TRACE_HANDSHAKE);
    assert_true(bytes_of_server(&driver, &latest_ns) < 9); /* it would have gone on dripping */
    driver_free(&driver);
    hostile_stop(server, NULL);
}

static void a_connection_that_never_comes_times_out(void **state)
{
    const struct loopback_options options = {.identity = &identity, .stalls = true};
    struct loopback server;
    struct driver driver;
    int queued[4];
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    assert_int_equal(listen(server.socket, 0), 0); /* a full queue drops SYNs */
    for (size_t i = 0; i < 4; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(server.port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

        queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(queued[i], (const struct sockaddr *)&address, sizeof address); /* queues */
    }
    start_client(&driver, server.port);
    (void)expect_timeout(&driver, TRACE_CONNECT);
    assert_string_equal(driver_at(&driver), "resolve");
    driver_free(&driver);
    for (size_t i = 0; i < 4; i++) {
        (void)close(queued[i]);
    }
    loopback_stop(&server);
}

static void a_name_server_that_takes_too_long_times_out(void **state)
{
    struct driver driver;
    (void)state;

    atomic_store(&resolver_slow, true);
    atomic_store(&resolvers_left, 1);
    start_client(&driver, 443);
    driver.config.host = "slow.test";
    (void)expect_timeout(&driver, TRACE_RESOLVE);
    driver_free(&driver);
    atomic_store(&resolver_slow, false);
    while (atomic_load(&resolvers_left) > 0) {
        nap(1);
    }
    nap(20); /* and its thread */
}

static void read_nothing(gnutls_session_t session, void *argument)
{
    atomic_bool *done = argument;
    (void)session;

    while (!atomic_load(done)) {
        nap(1);
    }
}

static void a_server_that_does_not_read_times_out(void **state)
{
    static char data[8 << 20];
    static atomic_bool done;
    const struct loopback_options options = {
        .identity = &identity, .talk = read_nothing, .argument = &done};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    start_client(&driver, server.port);
    assert_int_equal(driver_until(&driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_send(&driver, data, sizeof data), ENGINE_PAUSED);
    (void)expect_timeout(&driver, TRACE_DATA);
    atomic_store(&done, true);
    driver_free(&driver);
    loopback_stop(&server);
}

/* ---- what does not --------------------------------------------------------------------------- */

static void pauses_are_not_counted(void **state)
{
    const struct loopback_options options = {.identity = &identity};
    struct loopback server;
    struct driver driver;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    start_client(&driver, server.port);
    assert_int_equal(driver_until(&driver, "ClientHello"), ENGINE_PAUSED);
    nap(350); /* longer than the time-out */
    assert_int_equal(driver_until(&driver, "Certificate"), ENGINE_PAUSED);
    nap(350);
    assert_int_equal(driver_until(&driver, "data"), ENGINE_PAUSED);
    nap(350);
    assert_int_equal(driver_do(&driver, ENGINE_CONTINUE), ENGINE_OVER);
    assert_non_null(driver_phase(&driver, TRACE_HANDSHAKE, TRACE_DONE));
    assert_null(driver_phase(&driver, TRACE_CLOSE, TRACE_DONE)->code);
    driver_free(&driver);
    loopback_stop(&server);
}

/* The server's whole flight comes while the session is paused at its first message. */
static void a_pause_falsifies_no_arrival_time(void **state)
{
    const struct loopback_options options = {.identity = &identity};
    struct loopback server;
    struct driver driver;
    int64_t resumed_ns, latest_ns, after_ns;
    size_t during;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    driver_init(&driver, server.port, server.root.data, server.root.size);
    assert_int_equal(driver_until(&driver, "ServerHello"), ENGINE_PAUSED);
    nap(300);
    assert_int_equal(driver_wait(&driver), ENGINE_PAUSED);
    resumed_ns = clock_monotonic_ns() - driver.config.start_ns;
    during = bytes_of_server(&driver, &latest_ns);
    assert_true(latest_ns < resumed_ns - 100 * MS);
    assert_int_equal(driver_until(&driver, "client:Finished"), ENGINE_PAUSED);
    assert_int_equal(bytes_of_server(&driver, &after_ns), during); /* it was all there */
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
        cmocka_unit_test(a_silent_server_times_out_and_is_told_from_a_slow_one),
        cmocka_unit_test(silence_in_the_middle_times_out_and_says_where),
        cmocka_unit_test(half_a_record_times_out),
        cmocka_unit_test(a_dripping_server_times_out),
        cmocka_unit_test(a_connection_that_never_comes_times_out),
        cmocka_unit_test(a_name_server_that_takes_too_long_times_out),
        cmocka_unit_test(a_server_that_does_not_read_times_out),
        cmocka_unit_test(pauses_are_not_counted),
        cmocka_unit_test(a_pause_falsifies_no_arrival_time),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
