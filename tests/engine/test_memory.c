/*
 * Memory that runs out in the engine, at every allocation of a session: the session ends with a
 * reason, and nothing crashes, hangs or leaks. Only allocations of this program's own code fail, as
 * the big numbers under GnuTLS abort the process where they get no memory. The server is another
 * process.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

/* ---- memory ---------------------------------------------------------------------------------- */

/* tests/support/scarcity.c counts for the whole process; here it matters who asks. */
static pthread_t owner;
static atomic_bool armed, for_owner;
static atomic_long countdown;
static atomic_bool refused;

static bool memory_can_run_out(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern const char __executable_start, etext; /* by the linker */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static bool refuse(const void *caller)
{
    bool own = (const char *)caller >= &__executable_start && (const char *)caller < &etext;

    if (!atomic_load(&armed) || !own ||
        (pthread_equal(pthread_self(), owner) != 0) != atomic_load(&for_owner) ||
        atomic_fetch_sub(&countdown, 1) != 0) {
        return false;
    }
    atomic_store(&refused, true);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return refuse(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
#endif

static void arm(long count, bool in_owner)
{
    owner = pthread_self();
    atomic_store(&refused, false);
    atomic_store(&countdown, count);
    atomic_store(&for_owner, in_owner);
    atomic_store(&armed, true);
}

/* True when an allocation was refused. */
static bool disarm(void)
{
    atomic_store(&armed, false);
    return atomic_load(&refused);
}

/* ---- the server, in a process of its own ----------------------------------------------------- */

struct address {
    uint16_t port;
    size_t root_length;
    uint8_t root[2048];
};

static struct address address;
static pid_t server_process;
static int lifeline = -1; /* the server ends when it is closed */

static void greet(gnutls_session_t session, void *argument)
{
    char data[100];
    (void)argument;

    (void)gnutls_record_send(session, "hello", 5);
    while (gnutls_record_recv(session, data, sizeof data) > 0) {
    }
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
}

static void serve(int told, int alive)
{
    const struct loopback_options options = {
        .kind = IDENTITY_ECDSA, .tickets = true, .talk = greet};
    static struct loopback server;
    struct address here = {0};
    char byte;

    if (loopback_start(&server, &options) == 0 && server.root.size <= sizeof here.root) {
        here.port = server.port;
        here.root_length = server.root.size;
        memcpy(here.root, server.root.data, server.root.size);
        if (write(told, &here, sizeof here) == (ssize_t)sizeof here) {
            (void)!read(alive, &byte, 1); /* until the test has ended */
        }
    }
    _exit(0);
}

static int start_server(void **state)
{
    int told[2], alive[2];
    (void)state;

    if (pipe(told) != 0 || pipe(alive) != 0) {
        return -1;
    }
    server_process = fork();
    if (server_process == 0) {
        (void)close(alive[1]);
        serve(told[1], alive[0]);
    }
    lifeline = alive[1];
    (void)close(alive[0]);
    (void)close(told[1]);
    if (server_process < 0 || read(told[0], &address, sizeof address) != (ssize_t)sizeof address) {
        return -1;
    }
    return close(told[0]);
}

static int stop_server(void **state)
{
    (void)state;
    (void)close(lifeline);
    return waitpid(server_process, NULL, 0) == server_process ? 0 : -1;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void skip_where_a_sanitizer_allocates(void)
{
    if (!memory_can_run_out()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
}

static void expect_reason(const struct driver *driver, bool done)
{
    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        const struct trace_event *failed =
            driver_phase(driver, (enum trace_phase)phase, TRACE_FAILED);

        if (failed != NULL) {
            assert_true(failed->code == NULL || strcmp(failed->code, "aborted") != 0);
            done = true;
        }
    }
    assert_true(done);
}

/* One session in which an allocation of its threads fails. False when it did not get so far. */
static bool starve_session(long count, enum engine_command_kind kind)
{
    struct driver driver;
    bool starved;

    driver_init(&driver, address.port, address.root, address.root_length);
    driver.config.host = "localhost";
    driver.options.ipv4_only = true;
    driver.config.linger_ms = 30;
    driver_start(&driver);
    arm(count, false);
    while (driver_do(&driver, kind) != ENGINE_OVER) {
    }
    starved = disarm();
    /* A session may do without: a note, a name in the cache. */
    expect_reason(&driver, driver_phase(&driver, TRACE_CLOSE, TRACE_DONE) != NULL);
    driver_free(&driver);
    return starved;
}

static void a_session_without_memory_ends_with_a_reason(void **state)
{
    long count = 0;
    (void)state;

    skip_where_a_sanitizer_allocates();
    while (starve_session(count, count % 2 ? ENGINE_STEP : ENGINE_CONTINUE)) {
        count += count < 150 ? 1 : 3;
    }
    assert_true(count > 60);
}

/* The owner's own calls. */
static bool starve_owner(long count)
{
    const struct engine_command command = {.kind = ENGINE_CONTINUE};
    struct tls_options options;
    struct engine_config config = {.options = &options,
                                   .host = "127.0.0.1",
                                   .port = address.port,
                                   .lab_root = address.root,
                                   .lab_root_length = address.root_length};
    struct engine *engine;
    struct err err = {0};
    bool starved;

    tls_options_init(&options);
    options.verify_name = text_duplicate("localhost", 9);
    arm(count, true);
    engine = engine_new(&config, &err);
    if (engine != NULL) {
        (void)engine_command(engine, &command, &err); /* may lack a thread */
    }
    starved = disarm();
    if (engine == NULL) {
        assert_int_equal(err.class, ERR_MEMORY);
    }
    engine_free(engine);
    tls_options_free(&options);
    return starved;
}

static void an_engine_without_memory_is_not_made(void **state)
{
    long count = 0;
    (void)state;

    skip_where_a_sanitizer_allocates();
    while (starve_owner(count)) {
        count++;
    }
    assert_true(count >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_without_memory_ends_with_a_reason),
        cmocka_unit_test(an_engine_without_memory_is_not_made),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
