/*
 * The socket at its worst: reads and writes of one byte, interrupted calls, a socket that is never
 * ready at once, and one that breaks at every call. What the log says stays the same, or the
 * session ends with a reason.
 */
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "driver.h"
#include "loopback.h"

static struct identity identity;

/* ---- the socket ------------------------------------------------------------------------------ */

struct faults {
    size_t at_most; /* bytes a call moves; 0: as asked for */
    int every;      /* so many calls apart, one is refused with `passing`; 0: none */
    int passing;    /* EINTR, EAGAIN */
    int breaks_at;  /* this call and all later ones fail with `fatal`; -1: never */
    int fatal;
};

static struct faults reading, writing;
static atomic_int reads, writes;

/* -1 with errno, or how many bytes may be moved. */
static ssize_t inject(const struct faults *faults, atomic_int *calls, size_t size)
{
    int call = atomic_fetch_add(calls, 1);

    if (faults->breaks_at >= 0 && call >= faults->breaks_at) {
        errno = faults->fatal;
        return -1;
    }
    if (faults->every > 0 && call % faults->every == 0) {
        errno = faults->passing;
        return -1;
    }
    return (ssize_t)(faults->at_most > 0 && size > faults->at_most ? faults->at_most : size);
}

/* These take the place of the C library's functions in this program. Only the engine reads with
 * MSG_DONTWAIT, and only the engine writes with send(). */
ssize_t recv(int fd, void *data, size_t size, int flags)
{
    union {
        void *symbol;
        ssize_t (*function)(int, void *, size_t, int);
    } original = {.symbol = dlsym(RTLD_NEXT, "recv")};
    ssize_t count = flags & MSG_DONTWAIT ? inject(&reading, &reads, size) : (ssize_t)size;

    return count < 0 ? -1 : original.function(fd, data, (size_t)count, flags);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    union {
        void *symbol;
        ssize_t (*function)(int, const void *, size_t, int);
    } original = {.symbol = dlsym(RTLD_NEXT, "send")};
    ssize_t count = inject(&writing, &writes, size);

    return count < 0 ? -1 : original.function(fd, data, (size_t)count, flags);
}

static void set_faults(struct faults for_reading, struct faults for_writing)
{
    reading = for_reading;
    writing = for_writing;
    atomic_store(&reads, 0);
    atomic_store(&writes, 0);
}

static const struct faults none = {.breaks_at = -1};

/* ---- sessions -------------------------------------------------------------------------------- */

static void greet(gnutls_session_t session, void *argument)
{
    static const char data[3000] = {'x'};
    char answer[100];
    (void)argument;

    (void)gnutls_record_send(session, data, sizeof data);
    while (gnutls_record_recv(session, answer, sizeof answer) > 0) {
    }
    (void)gnutls_bye(session, GNUTLS_SHUT_WR);
}

static void run(struct driver *driver, const struct loopback *server)
{
    driver_init(driver, server->port, server->root.data, server->root.size);
    driver->config.linger_ms = 50;
    driver->options.timeout = text_duplicate("5", 1);
    assert_int_equal(driver_do(driver, ENGINE_CONTINUE), ENGINE_OVER);
}

static void expect_all_well(const struct loopback *server)
{
    struct driver driver;

    run(&driver, server);
    assert_string_equal(driver_stops(&driver),
                        "resolve connect >ClientHello <ServerHello >ChangeCipherSpec "
                        "<ChangeCipherSpec <EncryptedExtensions <Certificate <CertificateVerify "
                        "verify <Finished >Finished data <ApplicationData >Alert <Alert close");
    driver_free(&driver);
}

static void short_and_interrupted_calls_change_nothing(void **state)
{
    static const struct {
        struct faults reading;
        struct faults writing;
    } cases[] = {
        {{.at_most = 1, .breaks_at = -1}, {.breaks_at = -1}},
        {{.breaks_at = -1}, {.at_most = 1, .breaks_at = -1}},
        {{.at_most = 7, .breaks_at = -1}, {.at_most = 3, .breaks_at = -1}},
        {{.at_most = 100, .every = 2, .passing = EINTR, .breaks_at = -1},
         {.at_most = 100, .every = 2, .passing = EINTR, .breaks_at = -1}},
        {{.at_most = 100, .every = 3, .passing = EAGAIN, .breaks_at = -1},
         {.at_most = 10, .every = 2, .passing = EAGAIN, .breaks_at = -1}},
    };
    const struct loopback_options options = {.identity = &identity, .talk = greet};
    struct loopback server;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_faults(cases[i].reading, cases[i].writing);
        expect_all_well(&server);
    }
    set_faults(none, none);
    loopback_stop(&server);
}

/* Some phase has failed, or the goodbye has not been said; and it is over, without a time-out. */
static void expect_broken(struct driver *driver)
{
    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        const struct trace_event *failed =
            driver_phase(driver, (enum trace_phase)phase, TRACE_FAILED);

        if (failed != NULL) {
            assert_string_not_equal(failed->code, "timeout");
            assert_string_not_equal(failed->code, "aborted");
            assert_true(strlen(failed->text) > 20);
        }
    }
    assert_string_equal(driver_at(driver), "close");
}

static void break_everywhere(const struct loopback *server, bool writes_break, int error)
{
    int calls = 1;

    for (int at = 0; at < calls; at++) {
        const struct faults broken = {.at_most = 200, .breaks_at = at, .fatal = error};
        const struct faults whole = {.at_most = 200, .breaks_at = -1};
        struct driver driver;

        set_faults(writes_break ? whole : broken, writes_break ? broken : whole);
        run(&driver, server);
        expect_broken(&driver);
        if (atomic_load(writes_break ? &writes : &reads) > at) {
            calls = at + 2; /* it was reached: try the next */
        }
        driver_free(&driver);
    }
    assert_true(calls > 4);
    set_faults(none, none);
}

static void a_socket_that_breaks_at_any_call_ends_it_with_a_reason(void **state)
{
    const struct loopback_options options = {.identity = &identity, .talk = greet};
    struct loopback server;
    (void)state;

    assert_int_equal(loopback_start(&server, &options), 0);
    break_everywhere(&server, false, ECONNRESET);
    break_everywhere(&server, false, EIO);
    break_everywhere(&server, true, ENOBUFS);
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
        cmocka_unit_test(short_and_interrupted_calls_change_nothing),
        cmocka_unit_test(a_socket_that_breaks_at_any_call_ends_it_with_a_reason),
    };
    return cmocka_run_group_tests(tests, make_identity, free_identity);
}
