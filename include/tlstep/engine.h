/*
 * engine: one live GnuTLS client session as a source of events, stopped and stepped.
 *
 * Threads. The owner creates the engine, gives commands and drains events; only the owner calls
 * functions of this header. Behind it: a worker that drives name lookup, TCP connect and GnuTLS
 * (and blocks inside a hook while paused), a reader that takes bytes from the socket as they
 * arrive, and loaders (resolver, trust store). They post events, stamped by themselves, to one
 * bounded queue with a wake-up descriptor. The owner never touches a gnutls_session_t. All signals
 * are blocked in every thread but the owner.
 */
#ifndef TLSTEP_ENGINE_H
#define TLSTEP_ENGINE_H

#include "tlstep/tls.h"
#include "tlstep/trace.h"

struct engine;

struct engine_config {
    const struct tls_options *options; /* checked; copied */
    const char *host;                  /* name or address; copied */
    uint16_t port;
    const uint8_t *lab_root; /* DER that `--trust lab` means; copied; NULL */
    size_t lab_root_length;
    int64_t linger_ms;       /* after the last record in data, before close_notify: 200 */
    int64_t start_ns;        /* clock_monotonic_ns() of trace time 0 */
};

/* Nothing is sent and nothing is loaded before the first command. NULL with `err`. */
struct engine *engine_new(const struct engine_config *config, struct err *err);

/* Aborts what is under way and gives up the engine. Returns within 100 ms: threads that cannot be
 * interrupted (getaddrinfo, a huge signature check) finish by themselves and clean up after
 * themselves. NULL is fine. */
void engine_free(struct engine *engine);

/* Readable (poll) when engine_take() has something or the state has changed. */
int engine_wake_fd(const struct engine *engine);

/* Takes the oldest event. False when there is none now. The caller owns the event. */
bool engine_take(struct engine *engine, struct trace_event *event);

enum engine_state {
    ENGINE_PAUSED,  /* waits for a command: before the first step, at a stop */
    ENGINE_RUNNING, /* carries out a command */
    ENGINE_OVER,    /* the connection is over; only engine_free() is left */
};
/* The state after all events before it: take until empty, then ask. */
enum engine_state engine_state(struct engine *engine);

/* What may end a run of steps: a message type ("ServerHello"), or resolve, connect, verify, data,
 * close; from one side or from any. */
struct engine_match {
    char at[32];
    bool any_side;
    enum wire_side from;
};

/* Reads "TYPE", "client:TYPE" or "server:TYPE"; without regard to case. -1 with code "no_such_type" and
 * the list of those there are. */
int engine_match_parse(const char *text, struct engine_match *match, struct err *err);

enum engine_command_kind {
    ENGINE_STEP,     /* to the next stop */
    ENGINE_FLIGHT,   /* to the next stop where the direction or the phase has changed */
    ENGINE_PHASE,    /* to the next stop in another phase */
    ENGINE_CONTINUE, /* to the end (or a breakpoint, or a refused certificate) */
    ENGINE_UNTIL,    /* to a stop that matches, or a breakpoint */
    ENGINE_SEND,     /* data: queue application data; stops with it queued */
    ENGINE_REKEY,    /* queue a KeyUpdate that asks the peer for one too */
    ENGINE_CLOSE,    /* queue close_notify */
    ENGINE_ACCEPT,   /* at verify, refused: go on once all the same; then like STEP */
    ENGINE_ABORT,    /* end at once, without close_notify: alert user_canceled where it can be sent, TCP reset */
};

struct engine_command {
    enum engine_command_kind kind;
    struct engine_match match; /* ENGINE_UNTIL */
    const void *data;          /* ENGINE_SEND; copied */
    size_t length;
};

/*
 * Gives a command. Refused with class ERR_USAGE and a text for the user when it cannot be done now: code "busy" (a command
 * is under way; only ENGINE_ABORT is taken then), "over", "wrong_phase" ("the handshake has not started: press Space"),
 * "not_supported" (rekey in TLS 1.2), "nothing_refused".
 */
int engine_command(struct engine *engine, const struct engine_command *command, struct err *err);

/* Replaces the set of breakpoints, which end any run of steps. Copied. */
int engine_set_breakpoints(struct engine *engine, const struct engine_match *matches, size_t count,
                           struct err *err);

#endif
