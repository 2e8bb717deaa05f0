/*
 * The transcript: what the log says in records and rows. Extended event by event; reads records
 * in the order in which they came, and lets a direction wait behind a record that has no key yet.
 */
#ifndef TRACE_TRANSCRIPT_H
#define TRACE_TRANSCRIPT_H

#include "record.h"
#include "tlstep/trace.h"

/* What the hellos say that the keys and the meaning of messages depend on. */
struct negotiation {
    uint16_t version; /* 0: not known */
    uint16_t cipher_suite;
    uint8_t client_random[32];
    uint8_t server_random[32];
    bool early_data_offered;
    bool encrypt_then_mac_offered;
    bool encrypt_then_mac;
};

/* A row that got its place on the wire, in the order of the events that showed it there. */
struct crossing {
    size_t event; /* count */
    uint32_t n;
};

/* Progress of PROCESSED and STOP events through the rows of one side and type. */
struct progress {
    size_t processed; /* rows before this index are done with */
    size_t stopped;
    size_t stop; /* 1 + index of a stop whose row is not there yet; 0: none */
};
#define PROGRESS_TYPES 512

struct transcript {
    struct list rows;      /* struct row */
    struct list crossings; /* struct crossing */
    struct direction directions[2];
    struct crypt_keylog *keylog;
    struct negotiation negotiation;
    struct progress progress[2][PROGRESS_TYPES];
    enum wire_side local; /* the side whose messages are queued here */
    bool has_local;
    size_t now;       /* count of events, the one at work included */
    int64_t now_ns;   /* its time */
    uint64_t order;   /* of the next record */
    uint64_t changes; /* of keys and negotiation: what waits is tried again when it has moved */
    bool finished;
    size_t finished_event; /* count: nothing more came from there on */
    bool failed;           /* memory ran out: nothing after `failed_event` is in here */
    size_t failed_event;
    /* Application data that is kept, oldest first. */
    struct list droppable; /* struct droppable */
    size_t droppable_first;
    uint64_t kept;
    uint64_t dropped;
    uint64_t waiting_bytes;
};

/* 0, or -1: out of memory. */
int transcript_init(struct transcript *transcript);
void transcript_free(struct transcript *transcript);

/* Extends the transcript by the event at the end of the log. 0, or -1: out of memory; it is
 * incomplete then and says so. */
int transcript_extend(struct trace *trace);

/* Gives up waiting. */
int transcript_finish(struct trace *trace);

#endif
