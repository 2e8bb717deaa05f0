/*
 * Facts: a fold over the log and the rows up to a cursor. It goes on from where it stands when the
 * cursor moves forward, and starts again when it moves back; folding thousands of rows of data
 * costs well under a millisecond, because they only add to counters.
 */
#ifndef TRACE_FACTS_H
#define TRACE_FACTS_H

#include "tlstep/trace.h"

struct row;

struct facts {
    struct trace_facts public;
    size_t next_event; /* index: the events before it have been folded in */
    size_t next_row;
    size_t next_crossing;
    int64_t work_ns; /* time of the last phase or stop, without the pauses before it */
    int64_t begun_work_ns[TRACE_PHASE_COUNT]; /* the same when each phase began */
    enum trace_phase last_begun;              /* phase */
    /* Backing of the arrays. */
    struct trace_alert *alerts;
    size_t alert_capacity;
    struct trace_check *checks;
    size_t check_capacity;
    struct trace_chain *earlier;
    size_t earlier_capacity;
    size_t next_check; /* of the results of checks.c */
    char record_text[2][80];
    char missing_text[300];
    /* What later messages are compared with. */
    uint8_t session_id[32];
    size_t session_id_length;
    bool client_hello_seen;
    uint64_t decrypted;       /* records */
    bool opened[2];           /* some record of the side was decrypted */
    uint64_t unreadable;      /* records that may have been application data */
    uint64_t unreadable_keys; /* records that no key was there for */
    uint64_t unsupported;     /* records under a cipher that the library has not got */
    enum trace_known records_ok[2];
    uint32_t bad_record_n[2]; /* the first one */
    uint64_t bad_records[2];
    uint64_t overflow[2]; /* application data that has no rows, so far */
    bool syn_seen;
    bool text_seen; /* a dialogue in clear text */
    bool tls_seen;
    bool hello_first; /* the first TLS row is a ClientHello */
    bool outline;     /* without certificates and fingerprints */
};

void facts_free(struct facts *facts);

/* facts_phase.c: what an event says by itself. */
void facts_event(struct facts *facts, const struct trace_event *event);
void facts_phases_finish(struct facts *facts);

/* A row has become visible: facts_hello.c, facts_keys.c, facts_certificates.c. Each returns 0, or -1: out of memory. */
int facts_hello(struct facts *facts, const struct row *row);
int facts_encrypted_extensions(struct facts *facts, const struct row *row);
int facts_server_key_exchange(struct facts *facts, const struct row *row);
int facts_certificate_verify(struct facts *facts, const struct row *row);
int facts_certificate(struct facts *facts, struct row *row);

/* fingerprint.c: JA3, JA3S, JA4 of a hello. 0, or -1: out of memory. */
int fingerprint_client(struct trace_facts *facts, const struct wire_tree *hello);
int fingerprint_server(struct trace_facts *facts, const struct wire_tree *hello);

/* The first text field at a path, made safe. False when there is none. */
bool facts_text(char *out, size_t size, const struct wire_tree *tree, const char *path);

/* Dissects a row's content; DER stays closed. 0, or -1: out of memory. */
int facts_dissect(struct wire_tree *tree, const struct row *row);
/* The same for a Certificate row, also for one that was sent compressed. */
int facts_dissect_certificate(struct wire_tree *tree, const struct row *row);

/* facts_missing.c: what is missing to read what is encrypted. */
void facts_missing(const struct trace *trace, struct facts *facts);

#endif
