#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int child_limit_ms = 10000;
int child_status = 0;

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* The master side of a new pseudo-terminal, and the path of the other side. -1 when there is none. */
static int terminal_open(const struct child_screen *screen, char *path, size_t size)
{
    struct winsize window = {.ws_col = screen->columns, .ws_row = screen->rows};
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0)
        return -1;
    if (grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, path, size) == 0 &&
        ioctl(master, TIOCSWINSZ, &window) == 0)
        return master;
    close(master);
    return -1;
}

/* Standard input and output are `path`, standard error is `errors`. A session leader's first terminal
 * becomes its controlling one. */
static int spawn(pid_t *pid, char **argv, const char *path, int errors, bool terminal)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    error = posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, 0, 1);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, errors, 2);
    if (!error && terminal)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    if (!error)
        error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Reads what the screen prints until the marker, types the key, and reads on until the program closes
 * its terminal. Returns when the marker was there, 0 when it never was. */
static double watch(int master, const struct child_screen *screen, double begin)
{
    char seen[1 << 16];
    size_t length = 0;
    double complete = 0;
    struct pollfd readable = {.fd = master, .events = POLLIN};

    while (now_ms() - begin < child_limit_ms) {
        if (poll(&readable, 1, child_limit_ms) <= 0)
            break;
        if (length == sizeof seen - 1)
            length = 0; /* more than a frame: only after the marker, where nothing is looked for */
        ssize_t got = read(master, seen + length, sizeof seen - 1 - length);
        if (got <= 0)
            break; /* EIO: nobody has the other side open any more */
        length += (size_t)got;
        seen[length] = '\0';
        if (complete == 0 && memmem(seen, length, screen->marker, strlen(screen->marker))) {
            complete = now_ms();
            if (write(master, screen->key, strlen(screen->key)) < 0)
                break;
        }
    }
    return complete;
}

/* Waits for the end, at most until the time limit; then ends it. */
static int wait_for(pid_t pid, double begin, struct rusage *usage)
{
    int status = 0;
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};

    if (ended.fd >= 0) {
        int left = child_limit_ms - (int)(now_ms() - begin);
        if (poll(&ended, 1, left > 0 ? left : 0) == 0)
            kill(pid, SIGKILL);
        close(ended.fd);
    }
    wait4(pid, &status, 0, usage);
    return status;
}

/* Says how it failed, and what it said itself. */
static bool succeeded(const char *name, int status, int errors)
{
    char said[4096];

    if (WIFEXITED(status) && WEXITSTATUS(status) == child_status)
        return true;
    if (WIFEXITED(status))
        (void)fprintf(stderr, "%s: exit status %d\n", name, WEXITSTATUS(status));
    else
        (void)fprintf(stderr, "%s: killed by signal %d\n", name, WTERMSIG(status));
    ssize_t length = pread(errors, said, sizeof said, 0);
    if (length > 0)
        (void)fwrite(said, 1, (size_t)length, stderr);
    return false;
}

static bool run(char **argv, const struct child_screen *screen, const char *path, int errors,
                int master, struct child_figures *figures)
{
    struct rusage usage = {0};
    pid_t pid;
    double begin = now_ms();
    int error = spawn(&pid, argv, path, errors, master >= 0);

    if (error) {
        (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(error));
        return false;
    }
    double complete = master >= 0 ? watch(master, screen, begin) : 0;
    int status = wait_for(pid, begin, &usage);
    double end = master >= 0 ? complete : now_ms();
    figures->wall_ms = end - begin;
    figures->cpu_ms = milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
    figures->rss_mib = (double)usage.ru_maxrss / 1024;
    if (!succeeded(argv[0], status, errors))
        return false;
    if (master >= 0 && complete == 0) {
        (void)fprintf(stderr, "%s: never showed \"%s\"\n", argv[0], screen->marker);
        return false;
    }
    return true;
}

bool child_run(char **argv, const struct child_screen *screen, struct child_figures *figures)
{
    char path[64] = "/dev/null";
    int errors = memfd_create("errors", MFD_CLOEXEC);
    int master = screen->marker ? terminal_open(screen, path, sizeof path) : -1;
    bool fine = errors >= 0 && (master >= 0 || !screen->marker);

    if (fine)
        fine = run(argv, screen, path, errors, master, figures);
    else
        (void)fprintf(stderr, "no pseudo-terminal or memory file: %s\n", strerror(errno));
    if (master >= 0)
        close(master);
    if (errors >= 0)
        close(errors);
    return fine;
}
