/*
 * A capture on standard input: what it holds is found out without taking it, and where the screen needs the keyboard it gives
 * way to the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

/* What a pipe holds at most, and more than the first block of any session. */
#define PEEK_MAX (64u << 10)
/* A pcapng file begins with a section header: its type, and its length in the writer's byte order. */
#define SECTION_TYPE  0x0a0d0d0au
#define SECTION_LEAST 28u

/* Copies what waits in a pipe, which stays there (tee(2)). False: failed. */
static bool copy_waiting(int pipe, struct buffer *out)
{
    int ends[2];

    out->length = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    ssize_t copied = tee(pipe, ends[1], PEEK_MAX, SPLICE_F_NONBLOCK);
    (void)close(ends[1]); /* nothing is buffered */
    while (copied > 0 && buffer_reserve(out, (size_t)copied)) {
        ssize_t got = read(ends[0], out->data + out->length, (size_t)copied);
        if (got <= 0) {
            break;
        }
        out->length += (size_t)got;
        copied -= got;
    }
    (void)close(ends[0]); /* the same */
    return copied == 0 && !out->failed;
}

/* How much of the beginning has to be there before anything can be said; 0: it is no pcapng. */
static size_t needed(const struct buffer *start)
{
    struct reader reader = reader_new(start->data, start->length);

    if (start->length < 12) {
        return 12;
    }
    if (reader_u32(&reader) != SECTION_TYPE) {
        return 0;
    }
    uint32_t length = reader_u32le(&reader); /* tlstep writes little-endian */
    return length < SECTION_LEAST || length > PEEK_MAX / 2 ? 0 : length;
}

/* Waits until enough of it has come. False: it is no session, it ended, or a signal came. */
static bool wait_for_start(struct buffer *start)
{
    static const struct timespec moment = {0, 5000000};

    for (;;) {
        struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
        if (cli_poll(&fd, 1, -1) < 0 && cli_signal() != 0) {
            return false;
        }
        if (!(fd.revents & POLLIN) || !copy_waiting(STDIN_FILENO, start)) {
            return false;
        }
        size_t wanted = needed(start);
        if (wanted == 0 || start->length >= wanted || (fd.revents & POLLHUP)) {
            return wanted != 0 && start->length >= wanted;
        }
        (void)nanosleep(&moment,
                        NULL); /* there is something all the time, so poll() does not wait */
    }
}

/* The beginning as a file, for who judges files. */
static bool is_session_start(const struct buffer *start)
{
    char path[40];
    bool session = false;
    int fd = memfd_create("tlstep", MFD_CLOEXEC);

    if (fd < 0) {
        return false;
    }
    if (file_write_all(fd, start->data, start->length, "peek", NULL) == 0) {
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        session = trace_is_session(path);
    }
    (void)close(fd); /* it is gone with it */
    return session;
}

bool cli_input_holds_session(void)
{
    struct buffer start = {.secret = true};
    struct stat status;

    if (fstat(STDIN_FILENO, &status) != 0) {
        return false;
    }
    if (S_ISREG(status.st_mode)) {
        return trace_is_session("/dev/stdin");
    }
    bool session = S_ISFIFO(status.st_mode) && wait_for_start(&start) && is_session_start(&start);
    buffer_wipe_free(&start);
    return session;
}

/* Waits until at least four bytes are there, unless the pipe ends before or a signal comes. */
static void wait_for_four(int pipe, struct buffer *waiting)
{
    static const struct timespec moment = {0, 5000000};

    for (;;) {
        struct pollfd fd = {.fd = pipe, .events = POLLIN};
        if (cli_poll(&fd, 1, -1) < 0 && cli_signal() != 0) {
            return;
        }
        if (!(fd.revents & POLLIN) || !copy_waiting(pipe, waiting) || waiting->length >= 4 ||
            (fd.revents & POLLHUP)) {
            return;
        }
        (void)nanosleep(&moment, NULL); /* there is something, so poll() does not wait */
    }
}

/* The beginning of a pipe, which stays in it. */
static void peek_pipe(int pipe, uint8_t start[4], size_t *length)
{
    struct buffer waiting = {.secret = true};

    wait_for_four(pipe, &waiting);
    struct reader reader = reader_new(waiting.data, waiting.length);
    for (*length = 0; *length < 4 && reader_left(&reader) > 0; (*length)++) {
        start[*length] = reader_u8(&reader);
    }
    buffer_wipe_free(&waiting);
}

/* A named FIFO can be opened once: who writes to it would find us gone after a look at it. A pipe that a shell has opened for us,
 * <(COMMAND), stays open. */
static bool opens_once(const char *path)
{
    struct stat status;

    return strncmp(path, "/dev/fd/", 8) != 0 && strncmp(path, "/proc/self/fd/", 14) != 0 &&
           stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

bool cli_file_is_capture(const char *path)
{
    bool input = strcmp(path, "-") == 0;
    struct stat status;
    uint8_t start[4];
    size_t length = 0;

    if (!input && opens_once(path)) {
        return false;
    }
    int fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        off_t at = input ? lseek(fd, 0, SEEK_CUR) : 0;
        ssize_t got = pread(fd, start, sizeof start, at < 0 ? 0 : at);
        length = got > 0 ? (size_t)got : 0;
    } else if (fd >= 0 && S_ISFIFO(status.st_mode)) {
        peek_pipe(fd, start, &length);
    }
    if (fd >= 0 && !input) {
        (void)close(fd); /* nothing was written */
    }
    return capture_is_capture(start, length);
}

int cli_input_set_aside(char path[CLI_INPUT_PATH], struct err *err)
{
    int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    int status = 0;

    if (input < 0 || terminal < 0 || dup2(terminal, STDIN_FILENO) < 0) {
        status = err_set(err, ERR_USAGE, "no_terminal",
                         "standard input is the capture, and there is no terminal for the keys: %s",
                         strerror(errno));
    }
    (void)snprintf(path, CLI_INPUT_PATH, "/dev/fd/%d", input);
    if (terminal >= 0) {
        (void)close(terminal); /* standard input is it now */
    }
    return status;
}
