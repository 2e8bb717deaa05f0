/* Starting and stopping real TLS servers. */
#include "peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "peer_command.h"

#define START_MS   20000 /* node, on a machine with much else to do */
#define STOP_MS    2000
#define POLL_MS    5
#define PORT_TRIES 5

const char *peer_name(enum peer_program program)
{
    return peer_programs[program].name;
}

static int fail(struct peer *peer, const char *what, const char *why)
{
    (void)snprintf(peer->why, sizeof peer->why, "%s: %s", what, why);
    return -1;
}

static void pause_ms(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    (void)nanosleep(&time, NULL); /* a shorter pause does no harm */
}

/* ---- whether it can run here ------------------------------------------------------------- */

/* Looks for a program in PATH and where daemons are. */
static bool find_program(const char *file, char *path, size_t size)
{
    char *folders = text_format("%s:/usr/sbin:/sbin", getenv("PATH") != NULL ? getenv("PATH") : "");
    bool found = false;
    char *save = NULL;

    for (char *folder = folders == NULL ? NULL : strtok_r(folders, ":", &save);
         folder != NULL && !found; folder = strtok_r(NULL, ":", &save)) {
        (void)snprintf(path, size, "%s/%s", folder, file);
        found = access(path, X_OK) == 0;
    }
    free(folders);
    return found;
}

static bool can_run(struct peer *peer, const struct peer_options *options, char *path, size_t size)
{
    const struct peer_program_row *row = &peer_programs[options->program];
    const char *peers = getenv("PEERS");

    if (row->daemon && (peers == NULL || strcmp(peers, "yes") != 0)) {
        (void)snprintf(peer->why, sizeof peer->why, "%s needs PEERS=yes", row->name);
        return false;
    }
    if (options->service == PEER_ECHO && !row->echoes) {
        (void)snprintf(peer->why, sizeof peer->why, "%s cannot echo", row->name);
        return false;
    }
    if (!find_program(row->file, path, size)) {
        (void)snprintf(peer->why, sizeof peer->why, "no %s here", row->file);
        return false;
    }
    return true;
}

/* ---- its folder -------------------------------------------------------------------------- */

static int make_folder(struct peer *peer, enum identity_kind kind)
{
    const char *root = getenv("TMPDIR");

    (void)snprintf(peer->folder, sizeof peer->folder, "%s/peer.XXXXXX",
                   root != NULL && strlen(root) < sizeof peer->folder - 20 ? root : "/tmp");
    if (mkdtemp(peer->folder) == NULL) {
        peer->folder[0] = '\0';
        return fail(peer, "folder", strerror(errno));
    }
    (void)snprintf(peer->ca_file, sizeof peer->ca_file, "%s/root.pem", peer->folder);
    (void)snprintf(peer->log_file, sizeof peer->log_file, "%s/log", peer->folder);
    if (identity_make(&peer->identity, kind, NULL) != 0 ||
        identity_write(&peer->identity, peer->folder) != 0) {
        return fail(peer, "certificate", "cannot be made");
    }
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void show_log(const struct peer *peer)
{
    struct buffer log = {0};

    if (file_read(peer->log_file, "log", 1 << 20, &log, NULL) == 0 && log.length > 0) {
        (void)fprintf(stderr, "%s:\n%s\n", peer->log_file, buffer_string(&log));
    }
    buffer_free(&log);
}

/* ---- its port ---------------------------------------------------------------------------- */

/* One of those that the kernel does not hand out by itself (ip_local_port_range). */
static uint16_t random_port(void)
{
    uint16_t number = 0;

    if (getrandom(&number, sizeof number, 0) != sizeof number) {
        number = (uint16_t)getpid();
    }
    return (uint16_t)(20000 + number % 12000);
}

/* The inode of the socket that listens on a port, from one of the kernel's tables; 0: none. */
static unsigned long listening_inode(const char *table, uint16_t port)
{
    FILE *file = fopen(table, "re");
    unsigned long inode = 0;
    char line[512];

    while (file != NULL && inode == 0 && fgets(line, sizeof line, file) != NULL) {
        unsigned local;
        unsigned state;
        unsigned long found;
        if (sscanf(line, " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s %*s %*s %lu", &local,
                   &state, &found) == 3 &&
            state == 0x0a && local == port) {
            inode = found;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return inode;
}

/* Whether a process has this socket open. A port that another test's server has taken in the
 * meantime is not ours, and asking the kernel instead of connecting leaves the server alone. */
static bool has_socket(pid_t pid, unsigned long inode)
{
    char folder[64];
    char wanted[64];
    DIR *entries;
    const struct dirent *entry;
    bool found = false;

    (void)snprintf(folder, sizeof folder, "/proc/%ld/fd", (long)pid);
    (void)snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    entries = opendir(folder);
    while (entries != NULL && !found && (entry = readdir(entries)) != NULL) {
        char target[64];
        ssize_t length = readlinkat(dirfd(entries), entry->d_name, target, sizeof target - 1);
        if (length > 0) {
            target[length] = '\0';
            found = strcmp(target, wanted) == 0;
        }
    }
    if (entries != NULL) {
        (void)closedir(entries);
    }
    return found;
}

static bool listens(const struct peer *peer)
{
    unsigned long v4 = listening_inode("/proc/net/tcp", peer->port);
    unsigned long v6 = v4 != 0 ? 0 : listening_inode("/proc/net/tcp6", peer->port);

    return (v4 != 0 && has_socket(peer->pid, v4)) || (v6 != 0 && has_socket(peer->pid, v6));
}

/* ---- its process ------------------------------------------------------------------------- */

static bool has_ended(struct peer *peer)
{
    if (waitpid(peer->pid, NULL, WNOHANG) == 0) {
        return false;
    }
    peer->pid = 0;
    return true;
}

/* In the child: only calls that are safe there while other threads ran in the parent. */
static void run(const char *path, const char *const *arguments, int log, pid_t parent)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing outlives a test that crashes */
    if (null < 0 || getppid() != parent || dup2(null, STDIN_FILENO) < 0 ||
        dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0) {
        _exit(126);
    }
    (void)execv(path, (char *const *)arguments);
    _exit(127);
}

static int spawn(struct peer *peer, const char *path, const char *const *arguments)
{
    int log = open(peer->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pid_t parent = getpid();

    if (log < 0) {
        return fail(peer, peer->log_file, strerror(errno));
    }
    peer->pid = fork();
    if (peer->pid == 0) {
        run(path, arguments, log, parent);
    }
    (void)close(log);
    if (peer->pid < 0) {
        peer->pid = 0;
        return fail(peer, "fork", strerror(errno));
    }
    return 0;
}

/* Returns 0 when it listens, 1 when it ended before (a port that was taken), -1 when it does
 * neither. */
static int wait_until_it_listens(struct peer *peer)
{
    for (int waited = 0; waited < START_MS; waited += POLL_MS) {
        if (listens(peer)) {
            return 0;
        }
        if (has_ended(peer)) {
            return 1;
        }
        pause_ms(POLL_MS);
    }
    return -1;
}

static int try_port(struct peer *peer, const struct peer_options *options, const char *path)
{
    const struct peer_program_row *row = &peer_programs[options->program];
    struct peer_command command = {.count = 0};
    int status;

    peer->port = random_port();
    peer_command_add(&command, row->name);
    status = row->prepare(peer, options, &command);
    for (const char *const *more = options->more; more != NULL && *more != NULL; more++) {
        peer_command_add(&command, *more);
    }
    if (status == 0) {
        status = spawn(peer, path, command.arguments);
    }
    if (status == 0) {
        status = wait_until_it_listens(peer);
        if (status != 0) {
            (void)fail(peer, row->name, status > 0 ? "ended at once" : "does not listen");
        }
    }
    peer_command_free(&command);
    return status;
}

enum peer_status peer_start(struct peer *peer, const struct peer_options *options)
{
    char path[512];
    int status;

    memset(peer, 0, sizeof *peer);
    if (!can_run(peer, options, path, sizeof path)) {
        return PEER_SKIPPED;
    }
    status = make_folder(peer, options->kind);
    if (status == 0) {
        status = 1;
        for (int tries = 0; status > 0 && tries < PORT_TRIES; tries++) {
            status = try_port(peer, options, path);
        }
    }
    if (status == 0) {
        return PEER_RUNS;
    }
    show_log(peer);
    return PEER_FAILED;
}

void peer_stop(struct peer *peer)
{
    if (peer->pid > 0) {
        (void)kill(peer->pid, SIGTERM);
        for (int waited = 0; waited < STOP_MS && !has_ended(peer); waited += POLL_MS) {
            pause_ms(POLL_MS);
        }
    }
    if (peer->pid > 0) {
        (void)kill(peer->pid, SIGKILL);
        (void)waitpid(peer->pid, NULL, 0);
        peer->pid = 0;
    }
    if (peer->folder[0] != '\0') {
        (void)nftw(peer->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        peer->folder[0] = '\0';
    }
    identity_free(&peer->identity);
}
