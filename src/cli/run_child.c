/* The program that is run: its environment, its streams, its end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "run.h"

#define PATIENCE_NS INT64_C(1000000000)
/* As shells have it. */
#define STATUS_SIGNAL 128

/* ---- a private folder ------------------------------------------------------------------------------ */

static int fail(struct err *err, const char *doing)
{
    return err_set(err, ERR_FILE, "file", "cannot %s: %s", doing, strerror(errno));
}

int run_child_prepare(struct run_child *child, struct err *err)
{
    const char *where = getenv("TMPDIR");

    *child = (struct run_child){.kept = {-1, -1}};
    child->folder =
        text_format("%s/tlstep-XXXXXX", where != NULL && where[0] == '/' ? where : "/tmp");
    if (child->folder == NULL) {
        return err_memory(err, "running a program");
    }
    if (mkdtemp(child->folder) == NULL) {
        (void)fail(err, "make a temporary folder");
        free(child->folder);
        child->folder = NULL;
        return -1;
    }
    child->keylog = text_format("%s/keylog", child->folder);
    if (child->keylog == NULL) {
        return err_memory(err, "running a program");
    }
    int fd = file_create_private(child->keylog, "key log", false, err);
    if (fd < 0) {
        return -1;
    }
    (void)close(fd); /* nothing was written */
    return 0;
}

static void remove_folder(struct run_child *child)
{
    if (child->keylog != NULL) {
        (void)unlink(child->keylog); /* nobody could do anything about it */
    }
    if (child->folder != NULL) {
        (void)rmdir(child->folder); /* the same */
    }
    free(child->keylog);
    free(child->folder);
    child->keylog = NULL;
    child->folder = NULL;
}

/* A file for one of its streams, which has no name any more. */
static int make_kept(const struct run_child *child)
{
    char *path = text_format("%s/output", child->folder);
    int fd = path != NULL ? open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;

    if (fd >= 0) {
        (void)unlink(path); /* else removing the folder fails, and its name tells whose it is */
    }
    free(path);
    return fd;
}

/* ---- in the child ------------------------------------------------------------------------------------- */

/* node reads its options from there; what the user has put there stays. */
static bool set_environment(const struct run_child *child)
{
    const char *before = getenv("NODE_OPTIONS");
    char *options = text_format("%s%s--tls-keylog=%s", before != NULL ? before : "",
                                before != NULL && before[0] != '\0' ? " " : "", child->keylog);

    return options != NULL && setenv("SSLKEYLOGFILE", child->keylog, 1) == 0 &&
           setenv("NODE_OPTIONS", options, 1) == 0;
}

static bool set_streams(const struct run_child *child, enum run_output output)
{
    if (output == RUN_TO_ERRORS) {
        return dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
    }
    if (output == RUN_OWN) {
        return true;
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
           dup2(child->kept[0], STDOUT_FILENO) >= 0 && dup2(child->kept[1], STDERR_FILENO) >= 0;
}

/* A group of its own, so that all of it can be ended; with the terminal, where it can type. */
static void lead_group(enum run_output output)
{
    sigset_t set, before;

    (void)setpgid(0, 0); /* fails for leaders of sessions only, which this is not */
    if (output != RUN_KEPT && isatty(STDIN_FILENO)) {
        (void)sigemptyset(&set);
        (void)sigaddset(&set,
                        SIGTTOU); /* who is not in the foreground is stopped by asking for it */
        (void)sigprocmask(SIG_BLOCK, &set, &before);
        (void)tcsetpgrp(STDIN_FILENO,
                        getpid()); /* without it the program is stopped when it reads */
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
    }
}

/* Becomes the program, or tells through `report` why not. */
__attribute__((noreturn)) static void become(const struct run_child *child, char *const *command,
                                             enum run_output output, int report)
{
    lead_group(output);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_DFL);
    cli_signals_let_in(true);
    if (set_environment(child) && set_streams(child, output)) {
        (void)execvp(command[0], command);
    }
    int error = errno;
    (void)!write(report, &error, sizeof error); /* else its exit status tells */
    _exit(error == ENOENT ? 127 : 126);
}

/* ---- starting ------------------------------------------------------------------------------------------- */

/* Why it could not become the program; 0: it could. */
static int wait_for_start(int report)
{
    int error = 0;
    ssize_t count;

    do {
        count = read(report, &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof error ? error : 0;
}

static int keep_streams(struct run_child *child, struct err *err)
{
    for (int i = 0; i < 2; i++) {
        child->kept[i] = make_kept(child);
        if (child->kept[i] < 0) {
            return fail(err, "keep what the program writes");
        }
    }
    return 0;
}

int run_child_start(struct run_child *child, char *const *command, enum run_output output,
                    struct err *err)
{
    char safe[200];
    int report[2];

    if (output == RUN_KEPT && keep_streams(child, err) != 0) {
        return -1;
    }
    if (pipe2(report, O_CLOEXEC) != 0) {
        return fail(err, "start a program");
    }
    (void)fflush(NULL); /* what is buffered would be written twice */
    child->pid = fork();
    if (child->pid == 0) {
        become(child, command, output, report[1]);
    }
    (void)close(report[1]);
    int error = child->pid < 0 ? errno : wait_for_start(report[0]);
    (void)close(report[0]);
    if (child->pid < 0) {
        child->pid = 0;
        errno = error;
        return fail(err, "start a program");
    }
    child->foreground = output != RUN_KEPT && isatty(STDIN_FILENO);
    return error == 0 ? 0
                      : err_set(err, ERR_FILE, "no_program", "cannot run %s: %s",
                                text_safe(safe, sizeof safe, command[0], strlen(command[0])),
                                strerror(error));
}

/* ---- its end --------------------------------------------------------------------------------------------- */

bool run_child_has_ended(struct run_child *child)
{
    if (child->pid > 0 && !child->ended) {
        child->ended = waitpid(child->pid, &child->status, WNOHANG) == child->pid;
    }
    return child->pid <= 0 || child->ended;
}

/* Is anybody of the group left? */
static bool has_group(const struct run_child *child)
{
    return kill(-child->pid, 0) == 0 || errno != ESRCH;
}

static void end_group(struct run_child *child)
{
    static const struct timespec moment = {0, 10000000};
    int64_t until_ns = clock_monotonic_ns() + PATIENCE_NS;

    (void)kill(-child->pid, SIGTERM); /* there may be nobody */
    (void)kill(-child->pid, SIGCONT); /* who is stopped could not end */
    while ((!run_child_has_ended(child) || has_group(child)) && clock_monotonic_ns() < until_ns) {
        (void)nanosleep(&moment, NULL);
    }
    if (!run_child_has_ended(child) || has_group(child)) {
        (void)kill(-child->pid, SIGKILL); /* the same */
    }
    if (!child->ended) {
        child->ended = waitpid(child->pid, &child->status, 0) == child->pid;
    }
}

static void take_terminal_back(void)
{
    sigset_t set, before;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTTOU);
    (void)pthread_sigmask(SIG_BLOCK, &set, &before);
    (void)tcsetpgrp(STDIN_FILENO, getpgrp()); /* a shell does it as well */
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void run_child_end(struct run_child *child)
{
    if (child->pid > 0) {
        end_group(child);
        if (child->foreground) {
            take_terminal_back();
        }
    }
    remove_folder(child);
}

static void print_kept(int kept, int to)
{
    char chunk[16384];
    ssize_t count;

    if (kept < 0 || lseek(kept, 0, SEEK_SET) != 0) {
        return;
    }
    while ((count = read(kept, chunk, sizeof chunk)) > 0 &&
           file_write_all(to, chunk, (size_t)count, "what the program wrote", NULL) == 0) {
    }
}

void run_child_print_kept(struct run_child *child)
{
    print_kept(child->kept[0], STDOUT_FILENO);
    print_kept(child->kept[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) {
        if (child->kept[i] >= 0) {
            (void)close(child->kept[i]); /* it has no name: nothing is lost */
            child->kept[i] = -1;
        }
    }
}

int run_child_exit_status(const struct run_child *child)
{
    return WIFSIGNALED(child->status) ? STATUS_SIGNAL + WTERMSIG(child->status)
                                      : WEXITSTATUS(child->status);
}
