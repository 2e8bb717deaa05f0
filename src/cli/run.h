/*
 * tlstep run -- COMMAND: a program, its packets and its key log.
 *
 *   run.c          the subcommand
 *   run_child.c    starting the program, its streams, its end
 *   run_packets.c  a thread: packets and key log into a pipe, as a capture that is read as it comes
 *   run_owner.c    which connections are the program's
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <sys/types.h>

#include "tlstep/capture.h"
#include "tlstep/net.h"

/* ---- the program ----------------------------------------------------------------------------- */

enum run_output {
    RUN_KEPT, /* the screen has the terminal: both streams are kept for later, nothing can be typed */
    RUN_OWN,       /* the program has our streams */
    RUN_TO_ERRORS, /* the same, but standard output is ours alone: it writes to standard error */
};

struct run_child {
    char *folder; /* private, temporary; NULL */
    char *keylog; /* in it */
    pid_t pid;    /* and process group; 0: none */
    int status;   /* as wait(2) gives it, once it has ended */
    bool ended;
    int kept[2];     /* standard output and error that were kept; -1 */
    bool foreground; /* it was given the terminal */
};

/* A folder that only this user can read, with an empty key log. */
int run_child_prepare(struct run_child *child, struct err *err);
/* Starts it, before any thread: with SSLKEYLOGFILE, and NODE_OPTIONS for node, which does not look at that. */
int run_child_start(struct run_child *child, char *const *command, enum run_output output,
                    struct err *err);
/* Has it ended? Does not wait. */
bool run_child_has_ended(struct run_child *child);
/* Ends what is left of its process group (SIGTERM, after a second SIGKILL), takes the terminal back, removes the folder. */
void run_child_end(struct run_child *child);
/* What it wrote meanwhile, to our own streams. */
void run_child_print_kept(struct run_child *child);
/* Its exit status as a shell has it: 128 and the signal's number for one that a signal has ended. */
int run_child_exit_status(const struct run_child *child);

/* ---- its connections ------------------------------------------------------------------------- */

enum run_owner {
    RUN_UNKNOWN, /* no process of the group has it, now */
    RUN_GROUP,   /* a process of the group has the socket */
    RUN_OTHER,   /* another user's */
};

/* The processes of a group, as they were lately. */
#define RUN_GROUP_MAX 256
struct run_group {
    pid_t id;
    pid_t members[RUN_GROUP_MAX];
    size_t count;
};
void run_group_refresh(struct run_group *group);

/* Who has opened the connection that this segment (a SYN) begins; sock_diag(7), proc(5). */
enum run_owner run_owner_find(const struct run_group *group, const struct capture_segment *syn);

/* ---- packets ----------------------------------------------------------------------------------- */

struct run_packets;

/* What is captured goes to `pipe`, which is taken, and to `save` (closed by the caller; NULL). Everything else is borrowed until
 * run_packets_end(). Starts the thread. NULL with `err`. */
struct run_packets *run_packets_new(struct net_capture *capture, struct run_child *child, int pipe,
                                    struct capture_writer *save, struct err *err);
/* The thread ends by itself some moments after the program has; this ends it now. Waits for it. */
void run_packets_end(struct run_packets *packets);
/* What it has seen, once it has ended. */
struct run_seen {
    uint64_t connections;
    uint64_t secrets; /* lines of the key log */
    uint64_t dropped; /* packets that the kernel had no room for */
    struct err err;   /* --save has failed; class ERR_NONE: not */
};
struct run_seen run_packets_seen(const struct run_packets *packets);
void run_packets_free(struct run_packets *packets); /* NULL is fine */

#endif
