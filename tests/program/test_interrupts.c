/* Signals: whatever the program waits for, it ends at once and with status 130. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "program.h"
#include "scratch.h"

#define AT_ONCE 3 /* seconds, on a busy machine and under sanitizers too; the time-out is 60 */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNALS (sizeof signals / sizeof *signals)

/* ---- a server that says nothing --------------------------------------------------------------- */

struct silent {
    int listener;
    char target[40];
};

static void silent_start(struct silent *silent)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    silent->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(silent->listener >= 0);
    assert_int_equal(bind(silent->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(silent->listener, 8), 0);
    assert_int_equal(getsockname(silent->listener, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(silent->target, sizeof silent->target, "127.0.0.1:%u", ntohs(address.sin_port));
}

/* Returns the connection, after its ClientHello has come: the program is waiting by then. */
static int silent_accept(const struct silent *silent)
{
    const struct timeval limit = {.tv_sec = 10};
    uint8_t byte;
    int fd;

    assert_int_equal(setsockopt(silent->listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit),
                     0);
    fd = accept(silent->listener, NULL, NULL);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(recv(fd, &byte, 1, MSG_PEEK), 1);
    return fd;
}

/* Reads until the program has hung up. */
static void drain(int fd)
{
    uint8_t data[4096];

    while (recv(fd, data, sizeof data, 0) > 0) {
    }
    (void)close(fd);
}

/* Signals the program and waits for its end. */
static void interrupt(struct program *program, int number)
{
    int64_t begin_ns = clock_monotonic_ns();

    assert_int_equal(kill(program->pid, number), 0);
    program_finish(program, AT_ONCE);
    if (program->status != 130)
        fail_msg("signal %d: status %d after %.1f s\n%s", number, program->status,
                 (double)(clock_monotonic_ns() - begin_ns) / 1e9, buffer_string(&program->errors));
}

/* ---- what is interrupted ----------------------------------------------------------------------- */

static void report_ends(void **state)
{
    struct silent silent;
    (void)state;

    silent_start(&silent);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct program program;
        program_start(
            &program, NULL,
            (const char *const[]){"report", "--json", "--timeout", "60", silent.target, NULL});
        int fd = silent_accept(&silent);
        interrupt(&program, signals[i]);
        drain(fd);
        assert_non_null(strstr(buffer_string(&program.errors), "interrupted"));
        program_is_harmless(&program);
        program_free(&program);
    }
    (void)close(silent.listener);
}

/* In the middle of a command, and its answer comes all the same; and waiting for the next line. */
static void drive_ends(void **state)
{
    struct silent silent;
    (void)state;

    silent_start(&silent);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct program program;
        program_start(&program, "step\nuntil ServerHello\n",
                      (const char *const[]){"drive", "--timeout", "60", silent.target, NULL});
        int fd = silent_accept(&silent);
        interrupt(&program, signals[i]);
        drain(fd);
        json_t *answer = program_line(&program, 1);
        assert_true(json_is_false(json_object_get(answer, "ok")));
        assert_string_equal(json_text_at(answer, "error.code"), "interrupted");
        json_decref(answer);
        program_free(&program);
    }
    (void)close(silent.listener);
}

static void plain_ends(void **state)
{
    struct silent silent;
    (void)state;

    silent_start(&silent);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct program program;
        program_start(&program, "continue\n",
                      (const char *const[]){"--plain", "--timeout", "60", silent.target, NULL});
        int fd = silent_accept(&silent);
        interrupt(&program, signals[i]);
        drain(fd);
        program_free(&program);
    }
    (void)close(silent.listener);
}

/* Anchors from a FIFO that nobody writes to: the thread that opens it cannot be ended, the program can. */
static void waiting_for_anchors_ends(void **state)
{
    const struct timespec moment = {.tv_nsec = 300000000};
    char path[SCRATCH_PATH_MAX];
    struct program program;
    (void)state;

    assert_int_equal(mkfifo(scratch_path(path, "fifo.pem"), 0600), 0);
    program_start(&program, NULL,
                  (const char *const[]){"report", "--ca-file", path, "lab:good", NULL});
    (void)nanosleep(&moment, NULL); /* nothing tells from outside that it has come so far */
    interrupt(&program, SIGINT);
    program_free(&program);
}

/* The same where certificates are read. */
static void waiting_for_files_ends(void **state)
{
    const struct timespec moment = {.tv_nsec = 300000000};
    char path[SCRATCH_PATH_MAX];
    (void)state;

    assert_int_equal(mkfifo(scratch_path(path, "silent.pem"), 0600), 0);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct program program;
        program_start(&program, NULL, (const char *const[]){"certs", path, NULL});
        (void)nanosleep(&moment, NULL);
        interrupt(&program, signals[i]);
        program_free(&program);
    }
}

/* What was saved until then can be opened. */
static void the_saved_session_is_whole(void **state)
{
    struct silent silent;
    struct program program;
    char path[SCRATCH_PATH_MAX];
    (void)state;

    silent_start(&silent);
    program_start(&program, NULL,
                  (const char *const[]){"report", "--timeout", "60", "--save",
                                        scratch_path(path, "session.pcapng"), silent.target, NULL});
    int fd = silent_accept(&silent);
    interrupt(&program, SIGTERM);
    drain(fd);
    program_free(&program);
    (void)close(silent.listener);

    PROGRAM(&program, 10, NULL, "report", "--json", path);
    assert_int_equal(program.status, 0);
    assert_int_equal(program.errors.length, 0);
    assert_non_null(strstr(buffer_string(&program.output), "\"ClientHello\""));
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_ends),
        cmocka_unit_test(drive_ends),
        cmocka_unit_test(plain_ends),
        cmocka_unit_test(waiting_for_anchors_ends),
        cmocka_unit_test(waiting_for_files_ends),
        cmocka_unit_test(the_saved_session_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
