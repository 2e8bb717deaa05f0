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
    struct trace_check checks[2];
    /* What later messages are compared with. */
    uint8_t session_id[32];
    size_t session_id_length;
    bool client_hello_seen;
    uint64_t decrypted;  /* records */
    uint64_t unreadable; /* records that may have been application data */
    enum trace_known records_ok[2];
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
int fingerprint_client(struct trace_facts *facts, const uint8_t *message, size_t length);
int fingerprint_server(struct trace_facts *facts, const uint8_t *message, size_t length);

/* The first text field at a path, made safe. False when there is none. */
bool facts_text(char *out, size_t size, const struct wire_tree *tree, const char *path);

/* Dissects a row's content. 0, or -1: out of memory. */
int facts_dissect(struct wire_tree *tree, const struct row *row);

#endif
