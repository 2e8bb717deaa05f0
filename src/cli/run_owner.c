/*
 * Whose connection is it? The kernel says which inode a socket has (sock_diag(7)), /proc/PID/fd who has it open. That is looked up
 * once for each connection, when its SYN comes, and only for processes of the group: on a busy machine there is no time for
 * all others. What is not found is not somebody else's for sure: the program may be over, or have begun another one just now.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run.h"

/* ---- sockets --------------------------------------------------------------------------------------- */

struct question {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
};

/* The numbers of the socket at `local` that talks to `remote`, or listens for it. */
static struct question ask_for(const struct capture_endpoint *local,
                               const struct capture_endpoint *remote)
{
    struct question question = {
        .header = {.nlmsg_len = sizeof question,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST},
        .request = {.sdiag_family = local->family == 4 ? AF_INET : AF_INET6,
                    .sdiag_protocol = IPPROTO_TCP,
                    .idiag_states = UINT32_MAX,
                    .id = {.idiag_sport = htons(local->port),
                           .idiag_dport = htons(remote->port),
                           .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}}},
    };

    memcpy(question.request.id.idiag_src, local->address, 16);
    memcpy(question.request.id.idiag_dst, remote->address, 16);
    return question;
}

struct socket_found {
    unsigned long inode; /* 0: none, or nobody has it open */
    unsigned user;
};

/* sock_diag(7): one socket of thousands in some microseconds, which reading /proc/net/tcp would not be. */
static struct socket_found find_socket(int netlink, const struct capture_endpoint *local,
                                       const struct capture_endpoint *remote)
{
    const struct question question = ask_for(local, remote);
    struct {
        struct nlmsghdr header;
        struct inet_diag_msg found;
        /* cppcheck-suppress unusedStructMember ; room for attributes, which nobody reads */
        char rest[1024];
    } answer;
    struct socket_found none = {0};

    if (send(netlink, &question, sizeof question, 0) != (ssize_t)sizeof question) {
        return none;
    }
    ssize_t length = recv(netlink, &answer, sizeof answer, 0); /* the kernel has answered already */
    if (length < (ssize_t)(sizeof answer.header + sizeof answer.found) ||
        answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) {
        return none;
    }
    return (struct socket_found){.inode = answer.found.idiag_inode, .user = answer.found.idiag_uid};
}

/* What is looked for among the processes. */
struct look_up {
    unsigned long opener;   /* inode of the socket that sent the SYN; 0 */
    unsigned long listener; /* inode of the one that gets it, when it is here; 0 */
    bool foreign;           /* the opener is of another user, whose processes cannot be looked at */
};

static struct look_up find_sockets(const struct capture_segment *syn)
{
    struct look_up look_up = {0};
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

    if (netlink < 0) {
        return look_up; /* nothing can be known then */
    }
    struct socket_found opener = find_socket(netlink, &syn->from, &syn->to);
    look_up.opener = opener.inode;
    look_up.foreign = opener.inode != 0 && geteuid() != 0 && opener.user != geteuid();
    look_up.listener = find_socket(netlink, &syn->to, &syn->from).inode;
    (void)close(netlink);
    return look_up;
}

/* ---- processes -------------------------------------------------------------------------------------- */

/* The process group stands behind the name in parentheses, in which anything may be. */
static bool is_in_group(const char *process, pid_t group)
{
    char path[300];
    char text[1024];

    (void)snprintf(path, sizeof path, "/proc/%s/stat", process); /* names of processes are short */
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t length = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file); /* nothing was written */
    text[length] = '\0';
    const char *behind = strrchr(text, ')');
    char *parent = NULL;
    if (behind == NULL || strlen(behind) < 4) {
        return false;
    }
    (void)strtol(behind + 4, &parent, 10); /* ") S PARENT GROUP" */
    return strtol(parent, NULL, 10) == group;
}

void run_group_refresh(struct run_group *group)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;

    group->count = 0;
    while (processes != NULL && group->count < RUN_GROUP_MAX &&
           (entry = readdir(processes)) != NULL) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
            is_in_group(entry->d_name, group->id)) {
            group->members[group->count++] = (pid_t)strtol(entry->d_name, NULL, 10);
        }
    }
    if (processes != NULL) {
        (void)closedir(processes);
    }
}

static bool has_socket(pid_t process, const struct look_up *look_up)
{
    static const char socket_name[] = "socket:[";
    char path[40];
    char target[64];
    bool found = false;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)process); /* it fits */
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        unsigned long inode = strncmp(target, socket_name, sizeof socket_name - 1) == 0
                                  ? strtoul(target + sizeof socket_name - 1, NULL, 10)
                                  : 0;
        found = inode != 0 && (inode == look_up->opener || inode == look_up->listener);
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return found;
}

enum run_owner run_owner_find(const struct run_group *group, const struct capture_segment *syn)
{
    struct look_up look_up = find_sockets(syn);

    if (look_up.opener == 0 && look_up.listener == 0) {
        return RUN_UNKNOWN;
    }
    for (size_t i = 0; i < group->count; i++) {
        if (has_socket(group->members[i], &look_up)) {
            return RUN_GROUP;
        }
    }
    return look_up.foreign ? RUN_OTHER : RUN_UNKNOWN;
}
