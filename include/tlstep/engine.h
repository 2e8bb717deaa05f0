/*
 * engine: one live GnuTLS session, a client's or a server's, as a source of events, stopped and stepped.
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

enum engine_role { ENGINE_CLIENT, ENGINE_SERVER };

/* What a listening session needs. The session's clients are judged with the options' trust (purpose: client). */
struct engine_service {
    struct net_listener *listener; /* held */
    uint32_t connection;           /* the one that was picked (net_listener_take()); 0: the next */
    struct tls_identity *identity; /* held; NULL: identify() */
    /* Who to be for a client that asks for `name` (NULL: for none): a reference for the engine, or NULL with `err`, and then the client gets an
     * alert (unrecognized_name for class ERR_USAGE, else internal_error). Called on the worker, after ClientHello has
     * been stopped at. */
    struct tls_identity *(*identify)(void *context, const char *name, struct err *err);
    void *context;
    struct tls_memory *memory; /* held; NULL: nothing is resumed */
    bool connect; /* a client begins with HTTP CONNECT, or with TLS: both are understood */
    /* What a CONNECT asked for; called on the worker. False: it is refused (502). */
    bool (*connecting)(void *context, const char *host, uint16_t port);
};

enum engine_outgoing {
    ENGINE_OUTGOING_NONE, /* nothing now */
    ENGINE_OUTGOING_SOON, /* nothing now, but within some milliseconds: ask again */
    ENGINE_OUTGOING_DATA,
    ENGINE_OUTGOING_END, /* nothing any more: close_notify */
    ENGINE_OUTGOING_CLOSE, /* nothing any more, and what the peer still says does not count: the session is closed */
    ENGINE_OUTGOING_CUT, /* nothing any more, and it was not the end: TCP is closed without close_notify */
};

struct engine_config {
    const struct tls_options *options; /* checked; copied */
    enum engine_role role;
    struct engine_service service; /* ENGINE_SERVER; copied, references are taken */
    const char
        *host; /* name or address; copied. ENGINE_SERVER: the name it goes by, for dialogues */
    uint16_t port;
    const void
        *resumption; /* --resume: what engine_resumption() of an earlier run gave; copied; NULL */
    size_t resumption_length;
    struct net_capture
        *capture; /* --capture: borrowed, used by the engine's threads until it is over; NULL */
    /* Every piece of application data that was received, as it comes, on the worker: NULL where nobody passes it on. It may block, and has to return
     * when the engine is being freed. `data` NULL: the peer's close_notify. */
    void (*received)(void *context, const uint8_t *data, size_t length);
    void *received_context;
    /* What somebody else has to say in this session: the next piece of it, at most `max` bytes, into `out`, without waiting; also
     * on the worker. With it a session in data goes on until both directions have ended, and nothing is lingered for: engine_prompt()
     * says that there is something. NULL: nobody has. */
    enum engine_outgoing (*outgoing)(void *context, uint8_t *out, size_t max, size_t *length);
    void *outgoing_context;
    const uint8_t *lab_root; /* DER that `--trust lab` means; copied; NULL */
    size_t lab_root_length;
    int64_t linger_ms; /* after the last record in data, before close_notify: 200 */
    /* Nobody looks: the events are only the stops that are no message's and the phases that have failed, a flight leaves in one
     * write, and no thread reads while the worker computes. */
    bool quiet;
    bool brief;       /* nobody will send: a server that goes on and on is not heard to the end */
    int64_t start_ns; /* clock_monotonic_ns() of trace time 0 */
};

/* Nothing is sent and nothing is loaded before the first command. NULL with `err`. */
struct engine *engine_new(const struct engine_config *config, struct err *err);

/* What resumes this session, once it is there: appended to `out` (secret). False: not yet, or never. */
bool engine_resumption(struct engine *engine, struct buffer *out);

/* Aborts what is under way and gives up the engine with the events that were not taken. Returns
 * within 100 ms: threads that cannot be interrupted (getaddrinfo, a huge signature check) finish by
 * themselves and clean up after themselves. NULL is fine. */
void engine_free(struct engine *engine);

/* config.outgoing() has something to say, or will say something else. Any thread. */
void engine_prompt(struct engine *engine);

/* Paused before the handshake has begun: another name to send (SNI) and to verify than the options and the host say. 0, or -1 with class
 * ERR_USAGE (too late) or ERR_MEMORY. */
int engine_set_name(struct engine *engine, const char *name, struct err *err);

/* The certificate (DER) that the peer has shown, once the handshake is done: appended to `out`. False: not yet, or it has shown none. */
bool engine_peer_leaf(struct engine *engine, struct buffer *out);

/* Readable (poll) when engine_take() has something or the state has changed. */
int engine_wake_fd(const struct engine *engine);

/* Takes the oldest event. False when there is none now; only that makes the descriptor quiet. The
 * caller owns the event. An owner that takes none for long stops the session at some 500 events or
 * 16 MiB, and with it the peer, through TCP. */
bool engine_take(struct engine *engine, struct trace_event *event);

enum engine_state {
    ENGINE_PAUSED,  /* waits for a command: before the first step, at a stop */
    ENGINE_RUNNING, /* carries out a command */
    ENGINE_OVER,    /* the connection is over; only engine_free() is left */
};
/* RUNNING until the events that led to another state have been taken: take until empty, ask then. */
enum engine_state engine_state(struct engine *engine);

/* What may end a run of steps: a message type ("ServerHello"), a verb of clear text before TLS ("EHLO", "220"), or resolve, connect, starttls,
 * verify, data, close; from one side or from any. */
struct engine_match {
    char at[32];
    bool any_side;
    enum wire_side from;
};

/* Reads "TYPE", "client:TYPE" or "server:TYPE"; without regard to case. -1 with code "no_such_type"
 * and the list of those there are. */
int engine_match_parse(const char *text, struct engine_match *match, struct err *err);

/*
 * A session moves from stop to stop. A stop is a place where it can be paused: after name lookup
 * and TCP connect, at each line of clear text and behind the last ("starttls"), at each message that is about to be sent and each that has arrived, at the
 * verdict on the certificate, when the handshake is done ("data"), when TCP is closed ("close", and
 * over). Each stop that is passed is an event, also where nothing pauses.
 *
 * Where a refused certificate is not paused at, or the next command is not ENGINE_ACCEPT, the
 * session ends there with the proper alert. In data a step waits for a record as long as
 * engine_config says (after data was sent, up to the time-out), then begins to close.
 */
enum engine_command_kind {
    ENGINE_STEP,     /* to the next stop */
    ENGINE_FLIGHT,   /* through the stops of one side in one phase, to the first that is not of
                        them: what ends a flight is seen only when the next one begins */
    ENGINE_PHASE,    /* to the next stop in another phase */
    ENGINE_CONTINUE, /* to the end, or a breakpoint */
    ENGINE_UNTIL,    /* to a stop that matches, or a breakpoint */
    ENGINE_SEND,     /* data: queue application data, record after record; stops with each queued */
    ENGINE_REKEY,    /* data: queue a KeyUpdate that asks the peer for one too */
    ENGINE_CLOSE,    /* data: queue close_notify */
    ENGINE_ASK, /* data, a server: ask for a certificate once more (TLS 1.3: CertificateRequest; older: HelloRequest, a renegotiation) */
    ENGINE_ACCEPT, /* paused at verify, refused: go on once all the same; then like STEP */
    ENGINE_ABORT,  /* end at once, without close_notify and without a stop: alert user_canceled
                        where it can be sent, TCP reset */
};

struct engine_command {
    enum engine_command_kind kind;
    struct engine_match match; /* ENGINE_UNTIL */
    const void *data;          /* ENGINE_SEND; copied */
    size_t length;
};

/*
 * Gives a command. Refused with class ERR_USAGE and a text for the user when it cannot be done now:
 * code "busy" (a command is under way; only ENGINE_ABORT is taken then), "over", "wrong_phase"
 * ("the handshake has not started: press Space"; also while data is queued), "not_supported" (rekey
 * in TLS 1.2), "nothing_refused", "nothing_to_send".
 *
 * What went wrong stands in the events: the phase that failed has text and code: "resolve_failed",
 * "connect_failed", "starttls_refused", "proxy_refused", "not_the_protocol", "starttls_injection", "timeout", "aborted", "not_tls", "peer_closed", "peer_reset", "write_failed",
 * "alert_received", "tls_error", "refused_certificate", "trust_store", "out_of_memory". Notes have
 * the codes "attempt" (to connect), "accepted" (a refused certificate), "timeout" (no answer to
 * data), "not_sent", "endless" (config.brief), "truncated" (the peer hung up without close_notify;
 * not a failure), or a failure's code while closing.
 */
int engine_command(struct engine *engine, const struct engine_command *command, struct err *err);

/* Replaces the set of breakpoints, which end any run of steps. Copied. */
int engine_set_breakpoints(struct engine *engine, const struct engine_match *matches, size_t count,
                           struct err *err);

#endif
