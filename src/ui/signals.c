/*
 * Signals. Those that ask become bytes in a pipe; fatal ones restore the terminal in the handler.
 * A handler may run at any moment, on any thread, so it does nothing but write(), tcsetattr() and
 * sigaction(), which POSIX allows there (signal-safety(7)).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"

static const int asking[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGQUIT};

#define ASKING (sizeof asking / sizeof asking[0])
#define FATAL  (sizeof fatal / sizeof fatal[0])

static struct {
    int pipe[2];
    struct sigaction before_asking[ASKING], before_fatal[FATAL];
    sigset_t mask_before;
    struct termios modes; /* of the terminal before this program */
    char reset[1024];
    volatile sig_atomic_t reset_length; /* 0: the terminal is not ours now */
    bool started;
    char stack[16384]; /* a handler must run even when the stack is what overflowed */
} state = {.pipe = {-1, -1}};

static void note(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t written = write(state.pipe[1], &byte, 1);

    (void)written; /* a full pipe holds signals enough */
    errno = saved;
}

static void restore_and_die(int number)
{
    if (state.reset_length > 0) {
        ssize_t written = write(STDOUT_FILENO, state.reset, (size_t)state.reset_length);
        (void)written; /* there is nobody left to tell */
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &state.modes);
        state.reset_length = 0;
    }
    for (size_t i = 0; i < FATAL; i++) {
        if (fatal[i] == number) {
            (void)sigaction(number, &state.before_fatal[i], NULL);
        }
    }
    /* Blocked until the handler returns; then it ends the program as it would have without us. */
    (void)raise(number);
}

void ui_signals_set_reset(const char *text, size_t length)
{
    state.reset_length = 0;
    if (length <= sizeof state.reset) {
        memcpy(state.reset, text, length);
        state.reset_length = (sig_atomic_t)length;
    }
}

static void install_fatal(void)
{
    stack_t stack = {.ss_sp = state.stack, .ss_size = sizeof state.stack};
    struct sigaction action = {.sa_handler = restore_and_die, .sa_flags = SA_ONSTACK};

    (void)sigaltstack(&stack, NULL); /* without it an overflow of the stack is not restored */
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL; i++) {
        (void)sigaction(fatal[i], &action, &state.before_fatal[i]);
    }
}

int ui_signals_start(struct err *err)
{
    struct sigaction action = {.sa_handler = note};
    sigset_t wanted;

    if (pipe2(state.pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
        return err_set(err, ERR_FILE, "no_pipe", "cannot make a pipe for signals: %s",
                       strerror(errno));
    }
    if (tcgetattr(STDIN_FILENO, &state.modes) != 0) {
        (void)memset(&state.modes, 0, sizeof state.modes);
    }
    (void)sigemptyset(&action.sa_mask);
    (void)sigemptyset(&wanted);
    for (size_t i = 0; i < ASKING; i++) {
        (void)sigaction(asking[i], &action, &state.before_asking[i]);
        (void)sigaddset(&wanted, asking[i]);
    }
    install_fatal();
    /* Whoever started this program, or the caller, may have blocked them. */
    (void)pthread_sigmask(SIG_UNBLOCK, &wanted, &state.mask_before);
    state.started = true;
    return 0;
}

void ui_signals_stop(void)
{
    if (!state.started) {
        return;
    }
    state.started = false;
    state.reset_length = 0;
    (void)pthread_sigmask(SIG_SETMASK, &state.mask_before, NULL);
    for (size_t i = 0; i < ASKING; i++) {
        (void)sigaction(asking[i], &state.before_asking[i], NULL);
    }
    for (size_t i = 0; i < FATAL; i++) {
        (void)sigaction(fatal[i], &state.before_fatal[i], NULL);
    }
    (void)close(state.pipe[0]);
    (void)close(state.pipe[1]);
    state.pipe[0] = state.pipe[1] = -1;
}

int ui_signals_fd(void)
{
    return state.pipe[0];
}

int ui_signals_take(void)
{
    unsigned char byte = 0;

    return read(state.pipe[0], &byte, 1) == 1 ? byte : 0;
}
