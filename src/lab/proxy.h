/*
 * The intercepting proxy: two engines and what is between them. One file for each part:
 *
 *   proxy.c             making and freeing it, its events
 *   proxy_drive.c       which side moves, and where a command ends
 *   proxy_gate.c        where the client's worker waits for the real server; the way of the data
 *   proxy_pipe.c        what one side has received and the other has not sent
 *   proxy_rules.c       --replace
 *   proxy_imitations.c  certificates made on the spot
 *   proxy_server.c      lab:proxy
 *
 * The owner's thread drives. The workers of both engines come in through the functions of proxy_gate.c; what they
 * share with the owner is under the lock. The lock is never held while an engine's function is called that may wait; engine_prompt() may be.
 */
#ifndef TLSTEP_LAB_PROXY_H
#define TLSTEP_LAB_PROXY_H

#include <pthread.h>
#include <stdatomic.h>

#include "proxy_pipe.h"

enum lab_motion {
    LAB_FRESH,   /* no command yet */
    LAB_GOING,   /* on its way to its next stop, or waiting for its peer, or at the gate */
    LAB_STOPPED, /* paused at a stop */
    LAB_HELD,    /* the same, and it is not its turn */
    LAB_OVER,
};

/* What a command is judged by. */
struct lab_stop {
    enum lab_proxy_side side;
    enum trace_phase phase;
    char at[32];
    bool has_from;
    enum wire_side from;
};

struct lab_half {
    struct lab_proxy *proxy;
    enum lab_proxy_side side;
    struct engine *engine; /* NULL: not yet. Set under the lock */
    enum lab_motion motion;
    enum engine_command_kind given; /* the last command */

    bool has_event;
    struct trace_event event; /* taken from the engine, and not handed out */
    bool has_note;
    struct trace_event note; /* the proxy's own, behind the event that it is about */

    struct lab_stop stop;
    uint64_t stop_number; /* in the order of all stops of both sides; 0: none */
    bool stop_is_new;     /* the command under way has not been judged by it */
    bool connected;       /* has passed "connect" */
    bool established;     /* has passed "data" */
    bool buried;          /* its end has been told to the other side */
    struct err failure;   /* class ERR_NONE: it has not failed */
};

enum lab_gate_kind { LAB_GATE_NONE, LAB_GATE_CONNECT, LAB_GATE_IDENTIFY };
enum lab_gate_answer { LAB_GATE_WAIT, LAB_GATE_YES, LAB_GATE_NO };

/* Where the client's worker waits. All of it under the lock. */
struct lab_gate {
    enum lab_gate_kind kind; /* what it waits for now */
    enum lab_gate_answer answer;
    char host[256]; /* of its CONNECT, "" */
    uint16_t port;
    char name[256];     /* of its ClientHello, "" */
    struct buffer leaf; /* of the real server */
    struct err err;     /* why not */
};

struct lab_proxy {
    /* Constant. */
    struct tls_options options;
    struct tls_options client_options;
    struct lab_imitations *imitations;
    char *host; /* NULL: what the client asks for */
    uint16_t port;
    uint8_t *lab_root;
    size_t lab_root_length;
    bool resume;
    bool quiet;
    int64_t start_ns;
    struct lab_rules rules;
    int wake_fd;   /* an epoll of all that may wake the owner */
    int signal_fd; /* the workers wake the owner */

    /* Shared with the workers. */
    atomic_int_least64_t heard_ns;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ending;
    struct lab_gate gate;
    struct lab_pipe pipes[LAB_PROXY_SIDES]; /* by the side that has received it */

    /* The owner's. */
    struct lab_half halves[LAB_PROXY_SIDES];
    char target_host[256];
    uint16_t target_port;
    char session[300]; /* what the session to the real server is kept under; "": it is not */
    bool named;        /* the real server's name is settled: its handshake may begin */
    bool running;
    struct engine_command command;
    bool has_passed;        /* FLIGHT, PHASE: `passed` is filled */
    struct lab_stop passed; /* the first stop after the command; PHASE: the one it was given at */
    uint64_t stops;
    struct engine_match *breakpoints;
    size_t breakpoint_count;
};

static inline enum lab_proxy_side lab_other_side(enum lab_proxy_side side)
{
    return side == LAB_PROXY_CLIENT ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
}

/* proxy.c: the engine of the real server's side, for this target. 0 or -1. */
int lab_proxy_add_server(struct lab_proxy *proxy, const char *host, uint16_t port, const char *name,
                         struct err *err);

/* proxy_drive.c: moves on what can be moved. True when it has. Only when all events have been taken. */
bool lab_proxy_advance(struct lab_proxy *proxy);

/* proxy_gate.c: engine_service and engine_config of either side; the context is a struct lab_half. */
bool lab_gate_connecting(void *context, const char *host, uint16_t port);
struct tls_identity *lab_gate_identify(void *context, const char *name, struct err *err);
void lab_gate_received(void *context, const uint8_t *data, size_t length);
enum engine_outgoing lab_gate_outgoing(void *context, uint8_t *out, size_t max, size_t *length);
/* Makes the owner look again. */
void lab_proxy_wake(struct lab_proxy *proxy);
/* The owner's side of it. What the client waits for: */
enum lab_gate_kind lab_gate_asked(struct lab_proxy *proxy, struct lab_gate *asked);
void lab_gate_answer(struct lab_proxy *proxy, enum lab_gate_answer answer, const struct err *why);
/* A side is over: the other gets what is on its way, and then the same end. */
void lab_gate_bury(struct lab_proxy *proxy, enum lab_proxy_side side);
/* Puts data on its way to a side, as if the other had received it. */
int lab_gate_send(struct lab_proxy *proxy, enum lab_proxy_side side, const void *data,
                  size_t length, struct err *err);
/* Nobody waits in here any more. */
void lab_gate_end(struct lab_proxy *proxy);

#endif
