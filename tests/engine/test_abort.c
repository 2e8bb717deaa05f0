/*
 * Abort and free at every moment: at each stop, and while the engine waits for a name server, a TCP
 * connection, the peer's bytes, the socket to take bytes, or the trust store. It ends at once, says
 * so in the log, resets the connection, and leaves nothing behind (run under asan and tsan).
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

#define MS INT64_C(1000000)
/* What engine.h promises of engine_free(); under a sanitizer everything takes longer. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define AT_ONCE (1000 * MS)
#else
#define AT_ONCE (100 * MS)
#endif

static struct identity identity;

/* ---- a name server that is stuck ------------------------------------------------------------- */

static atomic_bool resolver_stuck;
static atomic_int resolvers_stuck;

/* Takes the place of the C library's function in this program; only "stuck.test" is stuck. */
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    union {
        void *symbol;
        int (*function)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    } original = {.symbol = dlsym(RTLD_NEXT, "getaddrinfo")};

    if (name == NULL || strcmp(name, "stuck.test") != 0) {
        return original.function(name, service, hints, result);
    }
    atomic_fetch_add(&resolvers_stuck, 1);
    while (atomic_load(&resolver_stuck)) {
        (void)nanosleep(&moment, NULL);
    }
    atomic_fetch_sub(&resolvers_stuck, 1);
    return EAI_AGAIN;
}

/* ---- helpers --------------------------------------------------------------------------------- */

static void start_server(struct loopback *server, const struct loopback_options *options)
{
    struct loopback_options with_identity = *options;

    with_identity.identity = &identity;
    assert_int_equal(loopback_start(server, &with_identity), 0);
}

static void start_client(struct driver *driver, const struct loopback *server, const char *priority)
{
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->options.priority = text_duplicate(priority, strlen(priority));
    driver->config.host = "127.0.0.1";
    driver->options.connect = text_format("127.0.0.1:%u", server->port);
    driver->config.linger_ms = 20;
    driver_start(driver);
}

/* Steps so many times. False when the session is over before. */
static bool step(struct driver *driver, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (driver_do(driver, ENGINE_STEP) == ENGINE_OVER) {
            return false;
        }
    }
    return true;
}

static const struct trace_event *end_of(const struct driver *driver, enum wire_side from)
{
    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_BYTES && event->from == from && event->end != TRACE_OPEN) {
            return event;
        }
    }
    return NULL;
}

static void nap(int64_t ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

static void free_at_once(struct driver *driver)
{
    int64_t began = clock_monotonic_ns();

    driver_free(driver);
    assert_true(clock_monotonic_ns() - began < AT_ONCE);
}

/* ---- at every stop --------------------------------------------------------------------------- */

/* What was under way has failed because of the abort, and nothing else has. */
static void expect_aborted(const struct driver *driver)
{
    bool aborted = false;

    for (size_t i = 0; i < driver->count; i++) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_PHASE && event->state == TRACE_FAILED) {
            assert_string_equal(event->code, "aborted");
            aborted = true;
        }
    }
    assert_true(aborted || driver->count == 0); /* before the first step there is nothing to log */
}

static bool has_written(const struct driver *driver)
{
    for (size_t i = 0; i < driver->count; i++) {
        if (driver->events[i].kind == TRACE_BYTES && driver->events[i].from == WIRE_CLIENT &&
            driver->events[i].length > 0) {
            return true;
        }
    }
    return false;
}

static void expect_user_canceled(const struct driver *driver)
{
    for (size_t i = driver->count; i-- > 0;) {
        const struct trace_event *event = &driver->events[i];
        if (event->kind == TRACE_QUEUED) {
            assert_int_equal(event->content_type, WIRE_ALERT);
            assert_memory_equal(event->data, "\x01\x5a", 2); /* warning, user_canceled (90) */
            return;
        }
    }
    fail_msg("no alert was queued");
}

static void abort_at(struct loopback *server, const char *priority, unsigned steps, bool *over)
{
    struct driver driver;

    start_client(&driver, server, priority);
    *over = !step(&driver, steps);
    if (!*over) {
        bool spoke = has_written(&driver);
        bool closing = driver_phase(&driver, TRACE_CLOSE, TRACE_BEGUN) != NULL;
        const char *stops = driver_stops(&driver);
        char before[sizeof driver.stops];

        (void)snprintf(before, sizeof before, "%s", stops);
        assert_int_equal(driver_do(&driver, ENGINE_ABORT), ENGINE_OVER);
        expect_aborted(&driver);
        assert_string_equal(driver_stops(&driver), before); /* an abort passes no stop */
        if (steps > 0) {
            assert_int_equal(end_of(&driver, WIRE_CLIENT)->end, TRACE_RESET);
            assert_non_null(
                driver_phase(&driver, TRACE_CLOSE, closing ? TRACE_FAILED : TRACE_DONE));
        }
        if (spoke && !closing) {
            expect_user_canceled(&driver);
        }
    }
    free_at_once(&driver);
}

static void abort_everywhere(const char *priority)
{
    struct loopback server;
    bool over = false;
    unsigned steps = 0;

    start_server(&server, &(struct loopback_options){.tickets = true});
    for (; !over; steps++) {
        abort_at(&server, priority, steps, &over);
    }
    assert_true(steps > 12);
    loopback_stop(&server);
}

static void an_abort_at_any_stop_ends_it_at_once(void **state)
{
    (void)state;
    abort_everywhere("NORMAL");
    abort_everywhere("NORMAL:-VERS-ALL:+VERS-TLS1.2");
}

static void leaving_at_any_stop_leaves_nothing(void **state)
{
    struct loopback server;
    bool over = false;
    (void)state;

    start_server(&server, &(struct loopback_options){.tickets = true});
    for (unsigned steps = 0; !over; steps++) {
        struct driver driver;

        start_client(&driver, &server, "NORMAL");
        over = !step(&driver, steps);
        free_at_once(&driver);
    }
    loopback_stop(&server);
}

/* A command has just been given: whatever the threads are doing, they end. */
static void leaving_at_any_moment_leaves_nothing(void **state)
{
    struct loopback server;
    (void)state;

    start_server(&server, &(struct loopback_options){.tickets = true});
    for (int64_t wait_us = 0; wait_us < 4000; wait_us += 50) {
        const struct timespec time = {.tv_nsec = wait_us * 1000};
        struct driver driver;

        start_client(&driver, &server, "NORMAL");
        driver_give(&driver, ENGINE_CONTINUE);
        (void)nanosleep(&time, NULL);
        free_at_once(&driver);
    }
    loopback_stop(&server);
}

static void an_aborted_session_can_be_run_again_to_the_same_stop(void **state)
{
    struct loopback server;
    char reached[sizeof(struct driver){0}.stops];
    (void)state;

    start_server(&server, &(struct loopback_options){.tickets = true});
    for (int run = 0; run < 3; run++) {
        struct driver driver;

        start_client(&driver, &server, "NORMAL");
        assert_int_equal(driver_until(&driver, "CertificateVerify"), ENGINE_PAUSED);
        if (run == 0) {
            (void)snprintf(reached, sizeof reached, "%s", driver_stops(&driver));
        }
        assert_string_equal(driver_stops(&driver), reached);
        assert_int_equal(driver_do(&driver, ENGINE_ABORT), ENGINE_OVER);
        free_at_once(&driver);
    }
    loopback_stop(&server);
}

/* ---- while something is waited for ----------------------------------------------------------- */

static void abort_while_it_waits(struct driver *driver, enum trace_phase phase)
{
    int64_t began = clock_monotonic_ns();

    assert_int_equal(driver_do(driver, ENGINE_ABORT), ENGINE_OVER);
    assert_true(clock_monotonic_ns() - began < AT_ONCE);
    assert_non_null(driver_phase(driver, phase, TRACE_FAILED));
    assert_string_equal(driver_phase(driver, phase, TRACE_FAILED)->code, "aborted");
}

static void a_stuck_name_server_holds_nobody(void **state)
{
    (void)state;
    for (int aborts = 0; aborts < 2; aborts++) {
        struct driver driver;

        atomic_store(&resolver_stuck, true);
        driver_init(&driver, 443, NULL, 0);
        driver.config.host = "stuck.test";
        driver_give(&driver, ENGINE_STEP);
        nap(20);
        if (aborts) {
            abort_while_it_waits(&driver, TRACE_RESOLVE);
        }
        free_at_once(&driver);
        atomic_store(&resolver_stuck, false); /* it ends by itself, long after its owner */
        while (atomic_load(&resolvers_stuck) > 0) {
            nap(1);
        }
        nap(20);
    }
}

static void a_connection_that_never_comes_is_given_up(void **state)
{
    struct loopback server;
    struct driver driver;
    int queued[4];
    (void)state;

    /* The kernel drops SYNs to a listener whose queue is full. */
    start_server(&server, &(struct loopback_options){.stalls = true});
    assert_int_equal(listen(server.socket, 0), 0);
    start_client(&driver, &server, "NORMAL");
    for (size_t i = 0; i < 4; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons(server.port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

        queued[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(queued[i], (const struct sockaddr *)&address, sizeof address); /* queues */
    }
    driver_give(&driver, ENGINE_STEP);
    nap(20);
    assert_int_equal(engine_state(driver.engine), ENGINE_RUNNING);
    abort_while_it_waits(&driver, TRACE_CONNECT);
    free_at_once(&driver);
    for (size_t i = 0; i < 4; i++) {
        (void)close(queued[i]);
    }
    loopback_stop(&server);
}

static void a_silent_server_is_given_up(void **state)
{
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &(struct loopback_options){.stalls = true});
    start_client(&driver, &server, "NORMAL");
    driver_give(&driver, ENGINE_CONTINUE);
    nap(20);
    abort_while_it_waits(&driver, TRACE_HANDSHAKE);
    free_at_once(&driver);
    loopback_stop(&server);
}

static void read_nothing(gnutls_session_t session, void *argument)
{
    int64_t *until = argument;
    (void)session;

    while (clock_monotonic_ns() < *until) {
        nap(5);
    }
}

static void a_server_that_does_not_read_is_given_up(void **state)
{
    static char data[8 << 20];
    int64_t until = clock_monotonic_ns() + 400 * MS;
    struct loopback server;
    struct driver driver;
    (void)state;

    start_server(&server, &(struct loopback_options){.talk = read_nothing, .argument = &until});
    start_client(&driver, &server, "NORMAL");
    assert_int_equal(driver_until(&driver, "data"), ENGINE_PAUSED);
    assert_int_equal(driver_send(&driver, data, sizeof data), ENGINE_PAUSED);
    driver_give(&driver, ENGINE_CONTINUE);
    nap(100);
    abort_while_it_waits(&driver, TRACE_DATA);
    free_at_once(&driver);
    loopback_stop(&server);
}

/* A FIFO that nobody writes to is a trust store that takes for ever to read. */
static void a_trust_store_that_never_loads_holds_nobody(void **state)
{
    char folder[] = "/tmp/tlstep-abort-XXXXXX";
    char fifo[80];
    struct loopback server;
    struct driver driver;
    int writer;
    (void)state;

    assert_non_null(mkdtemp(folder));
    (void)snprintf(fifo, sizeof fifo, "%s/ca.pem", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    start_server(&server, &(struct loopback_options){.tickets = true});
    driver_init(&driver, server.port, server.root.data, server.root.size);
    driver.options.connect = text_format("127.0.0.1:%u", server.port);
    driver.options.ca_file = text_duplicate(fifo, strlen(fifo));
    driver_give(&driver, ENGINE_CONTINUE);
    nap(50);
    abort_while_it_waits(&driver, TRACE_VERIFY);
    free_at_once(&driver);
    writer = open(fifo, O_WRONLY | O_NONBLOCK); /* lets the loader end by itself */
    assert_true(writer >= 0);
    assert_int_equal(close(writer), 0);
    nap(50);
    (void)unlink(fifo);
    (void)rmdir(folder);
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
        cmocka_unit_test(an_abort_at_any_stop_ends_it_at_once),
        cmocka_unit_test(leaving_at_any_stop_leaves_nothing),
        cmocka_unit_test(leaving_at_any_moment_leaves_nothing),
        cmocka_unit_test(an_aborted_session_can_be_run_again_to_the_same_stop),
        cmocka_unit_test(a_stuck_name_server_holds_nobody),
        cmocka_unit_test(a_connection_that_never_comes_is_given_up),
        cmocka_unit_test(a_silent_server_is_given_up),
        cmocka_unit_test(a_server_that_does_not_read_is_given_up),
        cmocka_unit_test(a_trust_store_that_never_loads_holds_nobody),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
