/* Waiting for the connection, with signals let in only here. */
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static volatile sig_atomic_t caught;
static volatile sig_atomic_t ends_at_once;
static sigset_t unblocked;

static void catch_signal(int number)
{
    caught = number;
    if (ends_at_once) {
        _exit(ERR_INTERRUPTED);
    }
}

void cli_signals_block(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = catch_signal};
    sigset_t set;

    (void)sigemptyset(&action.sa_mask); /* these fail for bad arguments only */
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaddset(&set, numbers[i]);
        (void)sigaction(numbers[i], &action, NULL);
    }
    (void)sigprocmask(SIG_BLOCK, &set, &unblocked);
}

int cli_signal(void)
{
    return caught;
}

const volatile int *cli_signal_flag(void)
{
    return &caught;
}

void cli_signals_let_in(bool in)
{
    static sigset_t blocked;
    const sigset_t *set = in ? &unblocked : &blocked;
    (void)pthread_sigmask(SIG_SETMASK, set,
                          in ? &blocked : NULL); /* fails for bad arguments only */
}

bool cli_signals_end(bool at_once)
{
    bool before = ends_at_once;

    ends_at_once = at_once;
    if (at_once != before) {
        cli_signals_let_in(at_once);
    }
    return before;
}

int cli_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
    struct timespec timeout = {timeout_ms / 1000, (timeout_ms % 1000) * 1000000L};
    int ready = ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, &unblocked);
    return ready < 0 ? -1 : ready;
}

int cli_wait(struct stepper *stepper)
{
    for (;;) {
        (void)stepper_pump(stepper); /* whether something changed matters to a screen only */
        if (!stepper_busy(stepper))
            return 0;
        struct pollfd wake = {.fd = stepper_wake_fd(stepper), .events = POLLIN};
        (void)cli_poll(&wake, 1, -1); /* a signal shows below */
        if (cli_signal() != 0)
            return -1;
    }
}

int cli_read_whole(struct stepper *stepper)
{
    for (;;) {
        (void)stepper_pump(stepper); /* whether something changed matters to a screen only */
        struct pollfd wake = {.fd = stepper_wake_fd(stepper), .events = POLLIN};
        bool reading = stepper_reading(stepper);
        if (stepper_capture(stepper) == NULL || (!reading && wake.fd < 0)) {
            return 0;
        }
        (void)cli_poll(&wake, 1, reading ? 0 : -1); /* a signal shows below */
        if (cli_signal() != 0) {
            return -1;
        }
    }
}

unsigned cli_style(const struct cli_arguments *arguments)
{
    unsigned style = REPORT_PLAIN;
    if (!arguments->ui.no_color && isatty(STDOUT_FILENO))
        style |= REPORT_COLOUR;
    if (arguments->ui.ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        style |= REPORT_ASCII;
    if (arguments->options.redact) {
        style |= REPORT_REDACT;
    }
    return style;
}
