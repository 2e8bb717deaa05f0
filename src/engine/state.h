/*
 * What the threads of one engine share, and what each of them does. One file for each part:
 *
 *   engine.c         the public functions: the owner's side
 *   command.c        may a command be given now? what TYPE means
 *   stop.c           passing a stop: does the command under way end here?
 *   post.c           making events; queue.c holds them
 *   thread.c         starting and ending threads, waiting
 *   worker.c         the worker: the phases in order, abort
 *   phase_resolve.c, phase_connect.c, phase_starttls.c (dialogue.c: its lines); of a server phase_accept.c
 *   handshake.c, verify.c, data.c, receive.c, closing.c
 *   transport.c      what GnuTLS reads and writes; record.c what a record tells from outside
 *   resume.c         a session that resumes an earlier one, early data
 *   again.c          handshakes inside a session: renegotiation, post-handshake authentication
 *   relay.c          data from another session and to it; calls.c: functions of the owner's that the worker calls
 *   packets.c        real packets beside it
 *   reader.c         the thread on the socket, or, quiet, the worker that reads by itself; backlog.c what was read
 *   failure.c        what went wrong, in words
 *
 * One lock guards everything that threads share, so that an event's stamp and its place in the log
 * agree. Nothing that takes long happens under it: a non-blocking send or recv at most.
 *
 * A function that ends in _locked is called with the lock held; the others are not. Functions of
 * the worker return 0, or -1 when the session ends: then `failure` says why, or `aborting` is set.
 */
#ifndef TLSTEP_ENGINE_STATE_H
#define TLSTEP_ENGINE_STATE_H

#include <pthread.h>

#include "backlog.h"
#include "queue.h"
#include "tlstep/engine.h"

#define ENGINE_NS_PER_MS INT64_C(1000000)
#define ENGINE_FOREVER   INT64_MAX

enum engine_thread_name {
    ENGINE_WORKER,
    ENGINE_READER,
    ENGINE_RESOLVER, /* only for a name: getaddrinfo cannot be interrupted */
    ENGINE_LOADER,   /* the trust store, beside name lookup and connect */
    ENGINE_THREAD_COUNT
};

struct engine_thread {
    pthread_t id;
    struct engine *engine;
    void (*run)(struct engine *);
    bool started;  /* and neither joined nor given up */
    bool finished; /* only its return is left: joining does not wait */
};

/* A place where a step ends. `at` is static. */
struct engine_stop {
    enum trace_phase phase;
    const char *at;
    bool has_from; /* a message; resolve, connect, verify, data and close have no side */
    enum wire_side from;
    bool queued; /* about to be sent */
};

/* The command that is carried out, and what it needs to know of the way so far. */
struct engine_run {
    enum engine_command_kind kind;
    struct engine_match match; /* ENGINE_UNTIL */
    bool has_passed;
    struct engine_stop passed; /* the first stop after the command was given */
    bool has_origin;
    enum trace_phase origin; /* the phase of the stop at which it was given */
};

/* SEND, REKEY or CLOSE on its way from the owner to the data phase. */
struct engine_action {
    bool pending;
    enum engine_command_kind kind;
    uint8_t *data; /* ENGINE_SEND; wiped when freed */
    size_t length;
};

/* What a resolver thread leaves behind. */
struct engine_lookup {
    bool done;
    long count; /* -1: err */
    struct net_address addresses[NET_ADDRESS_MAX];
    struct err err;
};

/* What a loader thread leaves behind. */
struct engine_loading {
    bool done;
    struct pki_trust *trust;             /* NULL: err */
    struct pki_revocations *revocations; /* NULL: none were asked for */
    struct err err;
};

/* Why the session ends. The first reason is kept: what follows from it is not why. */
struct engine_failure {
    bool known;
    struct err err;
    int alert; /* to tell the peer, -1: none */
};

/* A received message that has been stopped at, and that the library has not acted on yet. */
struct engine_unprocessed {
    bool pending;
    uint8_t content_type;
    uint8_t handshake_type;
};

/* Application data that GnuTLS will send behind a KeyUpdate that it owes: the data is announced
 * once that has gone out. */
struct engine_held {
    const uint8_t *data; /* NULL: none */
    size_t length;
    bool next; /* the KeyUpdate has been written */
};

/* --early-data on its way. */
struct engine_early {
    struct buffer data; /* without escapes */
    bool given;         /* GnuTLS has it */
    size_t announced;   /* bytes of it that were queued */
};

struct engine {
    /* ---- constant while threads run -------------------------------------------------------- */

    struct tls_options options;
    char *host;
    uint16_t port;
    bool has_proxy;                      /* --proxy: it is looked up and connected to */
    struct net_proxy proxy;              /* wiped */
    const struct net_protocol *starttls; /* --starttls; NULL */
    uint8_t *lab_root;
    size_t lab_root_length;
    struct buffer resumption; /* of an earlier session; secret */
    enum engine_role role;
    enum wire_side local, peer;    /* by the role */
    struct engine_service service; /* its references are held */
    int64_t linger_ns;
    bool brief;
    bool quiet;
    void (*received)(void *, const uint8_t *, size_t);
    void *received_context;
    enum engine_outgoing (*outgoing)(void *, uint8_t *, size_t, size_t *);
    void *outgoing_context;
    int64_t timeout_ns;
    int64_t start_ns;
    int capture_fd; /* of --capture; -1: none. Changes only before there is a reader */
    int halt_fd;    /* readable: blocking calls end. Written once, when halted is set */
    int wake_fd;    /* quiet: what `wake` is to a worker that waits on the socket itself; -1 */

    /* ---- shared: under the lock ------------------------------------------------------------ */

    pthread_mutex_t packets;     /* guards these; never taken under `lock` */
    struct net_capture *capture; /* NULL: none, or the owner has taken it back */
    uint16_t local_port;         /* of the connection whose packets are taken; 0: none yet */
    uint16_t peer_port;
    pthread_mutex_t lock;
    pthread_cond_t
        wake; /* the worker: a command, bytes, the end of the stream, a helper's result */
    pthread_cond_t room;  /* who posts or reads: the queue or the backlog has room again */
    pthread_cond_t ended; /* who joins: a thread has finished */
    unsigned references;  /* the owner's, and one for each thread */
    struct engine_thread threads[ENGINE_THREAD_COUNT];

    struct engine_queue queue;
    enum engine_state state;
    uint64_t state_since; /* events that were posted before the state changed */
    bool run_begun;       /* the first command has been given */
    struct engine_run run;
    struct engine_action action;
    struct engine_match *breakpoints;
    size_t breakpoint_count;
    bool has_stopped;
    struct engine_stop stopped; /* the last stop that was passed */

    bool aborting;      /* the owner wants it to end now */
    bool halted;        /* nothing may block any more: aborting, or the reader is to end */
    bool abandoned;     /* the owner has gone: nobody takes events */
    bool out_of_memory; /* something could not be recorded: the session ends */

    enum trace_phase phase; /* the one under way */
    enum trace_phase_state phases[TRACE_PHASE_COUNT];
    bool may_send;   /* the data phase takes SEND, REKEY and CLOSE */
    bool may_accept; /* stopped at verify with a refused certificate */
    bool accepted;   /* and the user wants to go on */
    bool is_tls13;

    bool calling;              /* the worker is in one of the owner's functions */
    bool prompted;             /* engine_prompt() */
    gnutls_datum_t peer_leaf;  /* DER, malloc'ed */
    struct buffer left_behind; /* what resumes this session; secret */

    struct engine_backlog backlog;
    bool throttled;           /* the reader waits for room in the backlog */
    enum trace_end ended_how; /* how the peer's stream has ended */
    int end_error;            /* errno with TRACE_RESET */
    struct engine_lookup lookup;
    struct engine_loading loading;

    /* ---- the reader's and the worker's, one after the other --------------------------------- */

    int socket; /* -1: none. Open as long as the reader runs */

    /* ---- the worker's own ------------------------------------------------------------------ */

    struct net_address addresses[NET_ADDRESS_MAX];
    size_t address_count;
    struct tls_session tls;
    struct engine_failure failure;
    int64_t paused_ns;   /* at stops, so far */
    int64_t patience_ns; /* left of waiting for the peer in this phase; pauses are not counted */

    struct engine_unprocessed unprocessed;
    bool has_exchanged;        /* `latest` is filled */
    struct engine_stop latest; /* the last message that was queued or has arrived */
    char verb[NET_VERB];       /* of clear text: what `at` of its stops points to */

    size_t record_left;   /* of the record that the library is reading; SIZE_MAX: not followed */
    bool has_clear_alert; /* the last alert was not encrypted … */
    uint8_t clear_alert;  /* … and says this */
    bool record_known;    /* the peer has sent at least one record */
    bool record_stopped;  /* its message has been stopped at already, in pull */
    bool pull_waits;      /* handshake: pull blocks. Data phase: it says E_AGAIN */
    bool starved;         /* it has said so since the last call of gnutls_record_recv() */
    size_t starved_at;    /* backlog length when it did */
    size_t unheard;       /* bytes taken by the library since the last message or data it told of */
    bool end_served;      /* the library has been told that the peer's stream has ended */
    int write_error;      /* errno: nothing can be written any more, what is left is read */
    bool has_written;     /* the peer has heard of this side */
    bool write_torn;      /* a record was written in part: whatever follows would be garbage */
    struct engine_held held;

    bool resuming;             /* a session was offered to be resumed */
    struct engine_early early; /* nothing but `data` where none is sent */
    bool renegotiating;        /* HelloRequest has come, and data is taken before it is answered */
    bool ticket_came;          /* TLS 1.3: a NewSessionTicket that is not kept yet */
    bool asked;                /* the server has asked for a certificate */

    bool refused;              /* a CONNECT could not be granted */
    bool identified;           /* service.identify() has been asked */
    bool established;          /* the handshake is done */
    uint8_t *plaintext;        /* what was received, for a moment; wiped */
    bool change_cipher_queued; /* ours */
    bool secret_posted;
    uint8_t *certificate_message; /* the server's, without header; malloc'ed */
    size_t certificate_length;
    bool judged;            /* a verdict has been posted */
    bool close_notify_seen; /* the server's */
    bool truncated;         /* its stream has ended without */
    bool endless;           /* a brief session has heard enough; what comes is not read any more */
    bool owes_key_update;   /* the server has asked for one; it goes out before the next data */
    bool awaits_answer;     /* data was sent and none has come back */
    bool has_said_goodbye;  /* close_notify is written */
    bool cut_short;         /* it is not said: nobody has said it to the other half of the proxy */
    uint8_t relayed[16384]; /* RFC 8446 5.1: a record's worth of what is passed on; wiped */
};

#endif
