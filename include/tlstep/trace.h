/*
 * trace: the append-only log of one connection, the transcript decoded from it, the facts at a
 * cursor, and sessions in files.
 *
 *   events (bytes, secrets, phases, verdicts) --> transcript (records, rows) --> facts at a cursor
 *
 * Everything is a fold over the log: the transcript is extended by trace_append() from the event
 * alone and never asks where it came from, so that a live session and an opened one go through
 * the same code. One thread owns a trace; nothing in here locks.
 *
 * The cursor is a number of events: at cursor c the first c events have happened and nothing
 * logged later is used. trace_event_count() is the end of the log.
 */
#ifndef TLSTEP_TRACE_H
#define TLSTEP_TRACE_H

#include "tlstep/capture.h"
#include "tlstep/explain.h"
#include "tlstep/pki.h"

/* ---- events ------------------------------------------------------------------------------ */

enum trace_phase {
    TRACE_RESOLVE,
    TRACE_CONNECT,
    TRACE_STARTTLS,
    TRACE_HANDSHAKE,
    TRACE_VERIFY,
    TRACE_DATA,
    TRACE_CLOSE,
    TRACE_PHASE_COUNT
};
const char *trace_phase_name(enum trace_phase phase); /* "handshake" */

enum trace_phase_state {
    TRACE_PENDING, /* not begun: never in an event */
    TRACE_BEGUN,
    TRACE_DONE,
    TRACE_FAILED,
    TRACE_SKIPPED,
};
const char *trace_phase_state_name(enum trace_phase_state state); /* "done" */

enum trace_event_kind {
    TRACE_BYTES,  /* bytes crossed the wire, or the stream ended (`end`) */
    TRACE_SECRET, /* `text`: one key-log line */
    TRACE_QUEUED, /* a message is about to be sent: content_type, data (handshake: with header); in phase starttls a
                     line or message in clear text, `text` being what it is called */
    TRACE_PROCESSED, /* the library has acted on the message that `from` sent and that is oldest
                        among its unprocessed ones of this content_type and handshake_type */
    TRACE_PHASE,     /* phase, state; text: detail or reason, code: error code; connection */
    TRACE_VERDICT,   /* verification */
    TRACE_NOTE,      /* text: something worth telling; code: what kind ("attempt", "timeout" …) */
    TRACE_GAP,       /* `dropped` bytes of `from`'s stream were not captured */
    TRACE_TCP, /* a TCP packet of a capture without data of its own. text: "SYN", "SYN-ACK", "ACK", "FIN", "RST" */
    TRACE_STOP,   /* a place where a step ends: phase, text: `at` (message type or resolve,
                        connect, starttls, verify, data, close; in phase starttls also a verb: "EHLO", "250"), from, queued or
                        arrived */
    TRACE_PACKET, /* a packet captured beside a live session, stamped by the kernel: `data` from its IP header up to its payload, of
                     which `dropped` bytes were there (they are the stream's) */
};

/* How a stream ended, in a TRACE_BYTES event (with or without bytes). */
enum trace_end { TRACE_OPEN, TRACE_FIN, TRACE_RESET };

/* What the kernel told of the TCP connection (phase connect, done). */
struct trace_connection {
    char local[80]; /* "192.0.2.1:50000", "[2001:db8::1]:50000" */
    char peer[80];
    int64_t syn_ns; /* trace times: connect() called, connection there */
    int64_t established_ns;
    int64_t rtt_us;  /* TCP_INFO; -1 unknown */
    int mss;         /* -1 unknown */
    int retransmits; /* -1 unknown */
    bool packets;    /* TRACE_PACKET events tell of it: nothing is said for the kernel */
};

struct trace_event {
    enum trace_event_kind kind;
    int64_t time_ns; /* since the trace's start, stamped where it happened */
    enum wire_side from;
    enum trace_phase phase;
    enum trace_phase_state state;
    enum trace_end end;
    uint8_t content_type;
    uint8_t handshake_type;
    int64_t paused_ns; /* TRACE_PHASE, TRACE_STOP: paused at stops so far, in all of the run */
    bool queued;       /* TRACE_STOP: about to be sent, else arrived (or a phase's end) */
    uint8_t *data;     /* malloc'ed, owned by the event */
    size_t length;
    size_t dropped;                      /* bytes that were here and were dropped to bound memory */
    uint64_t frame;                      /* packet number in the capture, 0: none */
    char *text;                          /* malloc'ed, owned; NULL */
    char *code;                          /* malloc'ed, owned; NULL */
    struct trace_connection *connection; /* malloc'ed, owned; NULL */
    struct pki_verification *verification; /* owned; NULL */
};

/* Frees what the event owns (secrets wiped) and resets it to zero. */
void trace_event_clear(struct trace_event *event);

/* ---- the trace --------------------------------------------------------------------------- */

struct trace;

/* What is being looked at; strings are copied. */
struct trace_target {
    const char *input; /* as the user gave it */
    const char *host;
    uint16_t port;
    const char *sni;      /* NULL: none is sent */
    enum wire_side local; /* the side that this program plays: WIRE_SERVER when it has listened */
    const char *source;   /* NULL for a live session, else the file's name */
    const char *client;   /* a capture: "192.0.2.1:50000"; NULL */
    const char *server;
    uint32_t stream; /* a capture: number of the TCP conversation in the file, from 0 */
};

/* `start_wall_ns`: clock_wall_ns() at trace time 0. NULL: out of memory. */
struct trace *trace_new(const struct trace_target *target, int64_t start_wall_ns);
void trace_free(struct trace *trace);

const struct trace_target *trace_target(const struct trace *trace);
int64_t trace_start_wall_ns(const struct trace *trace);

/*
 * Appends an event and extends the transcript. Takes what the event owns and resets `event` to
 * zero, also on failure. Returns -1 only when memory ran out; the trace then stays as it was
 * before, or (`err` code "memory") the transcript says that it is incomplete.
 */
int trace_append(struct trace *trace, struct trace_event *event, struct err *err);

/* Nothing more will come: records that still wait for a secret get their numbers. Idempotent. A
 * `close` phase that is done or failed has the same effect. */
void trace_finish(struct trace *trace);

/* What secrets may come from beside the trace's own events (a capture's key logs, server keys, earlier connections). Borrowed: must outlive
 * the trace. To be called before the first event. */
struct trace_keys;
void trace_use_keys(struct trace *trace, struct trace_keys *keys);

/* Keeps no more application data than this (default TRACE_DATA_LIMIT); 0: none, rows and sums stay. Before the first event. */
void trace_limit_data(struct trace *trace, uint64_t bytes);

size_t trace_event_count(const struct trace *trace);
const struct trace_event *trace_event_at(const struct trace *trace, size_t index);

/* Application data beyond this is dropped, oldest first; `trace_dropped` says how much. */
#define TRACE_DATA_LIMIT (64u << 20)
uint64_t trace_dropped(const struct trace *trace);

/* ---- the transcript: rows ---------------------------------------------------------------- */

enum trace_layer { TRACE_LAYER_TCP, TRACE_LAYER_TEXT, TRACE_LAYER_TLS };
const char *trace_layer_name(enum trace_layer layer);

/* One buffer of a row. Borrowed from the trace; valid until it is freed or, for application
 * data, until the next trace_append(). */
struct trace_buffer {
    const char *name; /* "record", "plaintext", "message", "decompressed message", "packet" */
    const uint8_t *data;
    size_t length;
    const void *owner; /* of trace: what trace_buffer_dissect() needs */
};

/*
 * One row of the ladder. Rows are numbered from 1 in the order in which they could be read; a
 * number never changes. Pointers to rows stay valid as long as the trace.
 * Members ending in _event are counts: the thing has happened at cursors >= the member; SIZE_MAX: never.
 */
struct trace_row {
    uint32_t n;
    enum trace_layer layer;
    enum wire_side from;
    const char *type;       /* "ClientHello", "SYN", "Encrypted": CONTRACT.md's names */
    uint8_t content_type;   /* TLS layer; the inner one when decrypted */
    uint8_t handshake_type; /* WIRE_HELLO_RETRY_REQUEST for that */
    uint32_t length;        /* body without its 4-byte header; bytes of data, of a record */
    int64_t time_ns;        /* crossed the wire (last byte); queued rows: when it was queued */
    bool observed;          /* false: reported by the kernel, not seen in bytes */
    bool encrypted;         /* on the wire */
    bool decrypted;         /* encrypted, and readable here */
    bool dropped;           /* its bytes were dropped (TRACE_DATA_LIMIT) */
    bool malformed;         /* `problem` says why */
    const char *problem;    /* static or owned by the trace: "bad_record_mac", NULL */
    size_t shown_event;     /* it has a number (queued, or readable) */
    size_t queued_event;    /* it was about to be sent */
    size_t wire_event;      /* its last byte crossed the wire */
    size_t processed_event; /* the library has acted on it */
};

size_t trace_row_count(const struct trace *trace); /* all, at the end of the log */
const struct trace_row *trace_row_at(const struct trace *trace, size_t index); /* n - 1 */
/* Rows that are shown at a cursor are the first so many (numbers grow with shown_event). */
size_t trace_row_count_at(const struct trace *trace, size_t cursor);

enum trace_row_state {
    TRACE_ROW_HIDDEN,
    TRACE_ROW_QUEUED,    /* about to be sent */
    TRACE_ROW_SENT,      /* by this side */
    TRACE_ROW_ARRIVED,   /* from the peer, not processed yet */
    TRACE_ROW_PROCESSED, /* from the peer, and acted upon */
    TRACE_ROW_UNSENT,    /* queued, and the connection ended before it was sent */
};
/* `local` is the side that this program plays (WIRE_CLIENT unless it listened). */
enum trace_row_state trace_row_state(const struct trace *trace, const struct trace_row *row,
                                     size_t cursor);

/* The row's buffers: each record it stands in, the decrypted content, the message. Returns how many. */
size_t trace_row_buffers(const struct trace *trace, const struct trace_row *row,
                         struct trace_buffer *buffers, size_t max);

/* Dissects the row: its message, or its record when it cannot be read. `tree` as in wire.h; its
 * data is borrowed from the trace. `buffer` (may be NULL) tells which buffer offsets refer to. */
int trace_row_dissect(const struct trace *trace, const struct trace_row *row,
                      struct wire_tree *tree, struct trace_buffer *buffer);

/* Dissects any buffer that trace_row_buffers() gave: a record (with IV, tag, MAC as fields), a plaintext (with padding and MAC), a message. */
int trace_buffer_dissect(const struct trace *trace, const struct trace_row *row,
                         const struct trace_buffer *buffer, struct wire_tree *tree);

/* The keys of the connection as known at a cursor, with key, IV, nonce for the row's record (row NULL: none). As
 * crypt_schedule_tree(). */
int trace_schedule(struct trace *trace, size_t cursor, const struct trace_row *row,
                   struct wire_tree *tree, struct buffer *bytes);

/* Application data of one side up to a cursor, appended to `out` (at most `limit` bytes). Returns false when some is missing: dropped,
 * lost or not readable. */
bool trace_application_data(const struct trace *trace, size_t cursor, enum wire_side from,
                            size_t limit, struct buffer *out);

/* The row in a few words for the ladder and --plain: "TLS 1.3, 1.2 · 5 suites · x25519". Safe text; "" when
 * there is nothing to add. Returns `out`. */
char *trace_row_summary(char *out, size_t size, const struct trace *trace,
                        const struct trace_row *row);

/* Packets that were captured beside a live session (TRACE_PACKET), among the events from `from` up to `to`. */
struct trace_packets {
    size_t count;
    size_t segments[2];     /* with data of their own, by side */
    uint64_t bytes[2];      /* of that data */
    size_t again[2];        /* retransmissions, not among the segments */
    size_t bare;            /* acknowledgements alone, but the one that ends the handshake */
    bool syn, syn_ack, ack; /* the TCP handshake */
    bool fin[2], rst[2];
};
struct trace_packets trace_packets_between(const struct trace *trace, size_t from, size_t to);

/* Records that have arrived or were sent and cannot be read at a cursor, but may be later. */
struct trace_waiting {
    enum wire_side from;
    int64_t time_ns;
    uint32_t length; /* of the fragment */
};
/* Fills up to `max`, in order; returns how many there are. */
size_t trace_waiting(const struct trace *trace, size_t cursor, struct trace_waiting *out,
                     size_t max);

/* ---- moments: where the cursor can stand -------------------------------------------------- */

/* The cursor of the moment before or after `cursor`: the TRACE_STOP events where the log has any,
 * otherwise rows and phases. 0 is the beginning, trace_event_count() the end. */
size_t trace_moment_before(const struct trace *trace, size_t cursor);
size_t trace_moment_after(const struct trace *trace, size_t cursor);
/* The cursor at which row `n` is the thing that just happened (the stop at it, else its shown_event). 0: no such row. */
size_t trace_moment_of_row(const struct trace *trace, uint32_t n);

/* The stop that a cursor stands at. */
struct trace_stop {
    bool at_stop; /* false: before the first one */
    uint32_t n;   /* row number, 0: none */
    enum trace_phase phase;
    const char *at; /* message type, or resolve, connect, verify, data, close */
    bool has_from;  /* false for resolve, connect, verify, data, close */
    enum wire_side from;
    bool queued;
};
struct trace_stop trace_stop_at(const struct trace *trace, size_t cursor);

/* ---- facts at a cursor ---------------------------------------------------------------------- */

/* Yes, no, or not known (yet). */
enum trace_known { TRACE_UNKNOWN, TRACE_NO, TRACE_YES };

struct trace_phase_fact {
    enum trace_phase_state state;
    int64_t start_ns;   /* -1: not begun */
    int64_t elapsed_ns; /* pauses at stops are not counted */
    const char *text;   /* detail ("127.0.0.1:443") or the reason of the failure; NULL */
    const char *code;
};

struct trace_alert {
    enum wire_side from;
    bool readable; /* false: it is encrypted, and what it says is not known */
    uint8_t level;
    uint8_t description;
    uint32_t n; /* its row */
};

struct trace_check {
    const char *
        what; /* "finished", "certificate_verify", "server_key_exchange", "psk_binder", "record", "extended_master_secret" */
    enum wire_side from;
    enum trace_known ok;
    uint32_t n;       /* its row; 0: several */
    const char *text; /* what was expected, or why it is not known: safe text; "" */
};

/* The certificates of one Certificate message. */
struct trace_chain {
    enum wire_side from;
    const struct pki_certificate *const *certificates;
    size_t count;
};

/* What is known at a cursor. Borrowed from the trace; valid until the next trace_facts() or append. */
struct trace_facts {
    size_t cursor;
    struct trace_phase_fact phases[TRACE_PHASE_COUNT];
    enum trace_phase phase; /* the one under way, or the last that began */
    bool over;              /* nothing more will happen */
    bool failed;            /* some phase failed */
    bool accepted;          /* the certificate was refused, and the user went on all the same */
    const char *error;      /* text of the first failure, NULL */
    const char *error_code;
    const struct trace_connection *connection; /* NULL */
    struct trace_stop stop;

    uint16_t version; /* negotiated; 0: not known yet */
    uint16_t cipher_suite;
    bool cipher_suite_known;
    uint16_t group;            /* 0 */
    uint16_t signature_scheme; /* of the server's CertificateVerify or ServerKeyExchange; 0 */
    char key_exchange[32];     /* "ECDHE", "" */
    char alpn[256];            /* safe text; "" */
    enum trace_known alpn_chosen;
    enum trace_known resumed;
    enum trace_known early_data;
    enum trace_known hello_retry;
    enum trace_known extended_master_secret; /* TLS 1.2 and older */
    enum trace_known encrypt_then_mac;
    enum trace_known secure_renegotiation;
    enum trace_known ocsp_stapled;
    char sni[256]; /* that the ClientHello carried, safe text; "" */

    const struct pki_certificate *const *certificates; /* the server's, as sent, leaf first */
    size_t certificate_count;
    const struct pki_certificate *const *client_certificates; /* the client's, as sent */
    size_t client_certificate_count;
    const struct trace_chain
        *earlier; /* that others took the place of, in a renegotiation, oldest first */
    size_t earlier_count;
    const struct pki_verification *verification; /* the newest verdict, NULL */
    enum wire_side judged; /* whose certificates that is, or will be, about: the peer's */

    const struct trace_alert *alerts;
    size_t alert_count;
    const struct trace_check *checks;
    size_t check_count;
    bool has_secrets;             /* application data could be counted */
    uint64_t application_data[2]; /* bytes by side */
    uint64_t bytes[2];            /* on the wire, by side */
    bool ended[2];                /* FIN or RST by side */
    uint64_t lost[2];             /* bytes that were not captured, by side */
    bool mid_stream;              /* a capture that began after the connection */
    const char *
        missing_secrets; /* what is missing to read what is encrypted, and how to get it: one line; NULL */
    char starttls[16];      /* "smtp": the clear text before TLS was such a dialogue; "" */
    char proxy[16];         /* "http-connect": before everything else stood a proxy's; "" */
    char ja3[33], ja3s[33]; /* hex MD5 of the first ClientHello, and of its answer; "" */
    char ja4[40];
};

/* Facts are asked for one line of a list: without checks, certificates and fingerprints, which cost more than all the rest.
 * Before the first trace_facts(). */
void trace_outline(struct trace *trace);

/* NULL: out of memory. */
const struct trace_facts *trace_facts(struct trace *trace, size_t cursor);

/* The certificates that facts->verification is about, or would be: the server's, and where this program has listened and a client has
 * shown some, that client's. */
struct trace_chain trace_judged(const struct trace_facts *facts);

/* What the server sent beside its certificates to prove them, for pki_verify(). */
struct trace_evidence {
    struct pki_staple *staples; /* owned; their bytes are the trace's */
    size_t staple_count;
    size_t capacity;
    struct pki_slice scts; /* the list in the extension signed_certificate_timestamp, of the leaf */
    bool staple_asked;     /* the last ClientHello had status_request */
};
/* Up to a cursor. 0, or -1: out of memory. Valid until the next append; to be cleared. */
int trace_evidence(struct trace *trace, size_t cursor, struct trace_evidence *out);
/* Puts it into a request, which borrows it. */
void trace_evidence_give(const struct trace_evidence *evidence, struct pki_request *request);
void trace_evidence_clear(struct trace_evidence *evidence);

/* ---- sessions in files ------------------------------------------------------------------------ */

/*
 * pcapng (draft-ietf-opsawg-pcapng): packets made from the stream and marked so, a Decryption
 * Secrets Block before them that fills up as the secrets come, and comments "tlstep:1 {json}" that
 * carry the events (docs/session-format.md). Written with mode 0600, block by block, so that a
 * killed process leaves a readable file.
 */
struct trace_writer;
struct trace_writer *trace_writer_new(const char *path, bool force, const struct trace *trace,
                                      struct err *err);
/* Writes the events that are new since the last call. 0 or -1 (disk full …). */
int trace_writer_update(struct trace_writer *writer, const struct trace *trace, struct err *err);
/* Writes what is left and closes. NULL is fine. */
int trace_writer_close(struct trace_writer *writer, const struct trace *trace, struct err *err);

/* The whole trace into a file at once. A trace of a capture is saved in packets made from the stream, too; for the real ones see
 * trace_capture_save(). `redact`: without secrets, application data, cookies and tickets. */
int trace_save(const struct trace *trace, const char *path, bool force, struct err *err);
int trace_save_redacted(const struct trace *trace, const char *path, bool force, struct err *err);

/* Opens a session that tlstep saved ("-": standard input). A capture from another program gives
 * code "not_a_session", what is no capture at all "not_a_capture" (ERR_FILE). A file that was cut is read as far as
 * it goes, with a TRACE_NOTE of code "truncated" at its end. */
struct trace *trace_open(const char *path, struct err *err);

/* ---- captures ----------------------------------------------------------------------------------- */

/* Key logs, server keys and PSKs that captures are read with. May be used by several threads once it is filled. */
struct trace_keys *trace_keys_new(void);
void trace_keys_free(struct trace_keys *keys);
int trace_keys_add_keylog(struct trace_keys *keys, const char *path, struct err *err); /* a file */
int trace_keys_add_lines(struct trace_keys *keys, const char *lines, size_t length); /* its text */
int trace_keys_add_server_key(struct trace_keys *keys, const char *path, struct err *err);
int trace_keys_add_psk(struct trace_keys *keys, const char *hex, struct err *err); /* "00112233…" */

/* A capture in a file: a list of TCP conversations, and a trace of each that is asked for. */
struct trace_capture;

/* Takes `keys` (NULL: none), also on failure. Opens as capture_open(); Decryption Secrets Blocks anywhere in a file count. */
struct trace_capture *trace_capture_open(const char *path, struct trace_keys *keys,
                                         struct err *err);
void trace_capture_close(struct trace_capture *capture);

/* Reads on until the monotonic clock says `until_ns`: first the index, then what each conversation is. Like capture_read(). */
int trace_capture_read(struct trace_capture *capture, int64_t until_ns, enum capture_state *state,
                       struct err *err);
/* The same, but no further than the index: for who opens conversations without looking at the list. */
int trace_capture_read_index(struct trace_capture *capture, int64_t until_ns,
                             enum capture_state *state, struct err *err);
/* Nothing more will be read: what has been indexed is all there is, and can be opened. */
void trace_capture_stop(struct trace_capture *capture);
/* The index is complete, so that any conversation can be opened; a file's index comes long before the end of reading. */
bool trace_capture_indexed(const struct trace_capture *capture);
void trace_capture_progress(const struct trace_capture *capture, uint64_t *done, uint64_t *total);
struct capture *trace_capture_file(struct trace_capture *capture); /* borrowed */
const char *trace_capture_warning(const struct trace_capture *capture, size_t index);

/* One line of the list. Strings are safe text, owned by the capture. */
struct trace_conversation {
    size_t index; /* for trace_capture_trace() */
    uint32_t stream;
    char client[64]; /* "192.0.2.1:50000" */
    char server[64];
    int64_t start_ns; /* since 1970 */
    int64_t end_ns;
    uint64_t bytes[2]; /* TCP payload by enum wire_side */
    uint64_t packets[2];
    bool known; /* what follows has been found out */
    bool tls;   /* TLS was seen in it */
    char starttls[16];
    uint16_t version; /* 0: not known */
    uint16_t cipher_suite;
    bool cipher_suite_known;
    char sni[256];
    char alpn[64];
    bool readable; /* there are secrets for its data */
    bool failed;   /* a fatal alert, or it broke off in the handshake */
    char verdict
        [96]; /* in a few words: "complete", "alert unknown_ca from the client", "no ServerHello" */
};
size_t trace_capture_count(const struct trace_capture *capture); /* TCP conversations so far */
const struct trace_conversation *trace_capture_at(const struct trace_capture *capture,
                                                  size_t index);

/* The trace of a conversation, whole, with the cursor's end at its last packet. `keep`: bytes of application data to keep. Any thread once
 * indexed; each call makes its own. A conversation without TLS gives a trace, too. NULL with `err`. */
struct trace *trace_capture_trace(struct trace_capture *capture, size_t index, uint64_t keep,
                                  struct err *err);

/* Writes one conversation in its real packets, with the secrets that belong to it (`redact`: without, and as trace_save_redacted()). */
int trace_capture_save(struct trace_capture *capture, size_t index, const struct trace *trace,
                       const char *path, bool force, bool redact, struct err *err);

/* Reads a capture as it comes and hands over each TCP conversation when it has ended, with its trace (which the callee frees). `visit` returns
 * 0 to go on. Sleeps in poll(2); `stop` (may be NULL) is looked at after each wake-up: what is open then is handed over, as at the end.
 * `source` (NULL: the path) is what the traces call it; it must outlive them, too.
 * `keys` (NULL: none) are borrowed and must outlive the traces; with NULL a trace must be freed before the visitor returns. */
typedef int (*trace_conversation_visit)(struct trace *trace,
                                        const struct trace_conversation *conversation, void *user);
int trace_capture_stream(const char *path, const char *source, struct trace_keys *keys,
                         trace_conversation_visit visit, void *user, const volatile int *stop,
                         struct err *err);

/* True when the file is a session that tlstep saved (trace_open reads it), not somebody else's capture: compressed, or rewritten by
 * another program, it is one of those. False for pipes, of which nothing is read. */
bool trace_is_session(const char *path);

/* Appends the key-log lines to a file (created with mode 0600), those of events from `from_event` on. Returns the new
 * event count through `from_event`. */
int trace_keylog_append(const struct trace *trace, const char *path, size_t *from_event,
                        struct err *err);

#endif
