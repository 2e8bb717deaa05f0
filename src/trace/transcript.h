/*
 * The transcript: what the log says in records and rows. Extended event by event; reads records
 * in the order in which they came, and lets a direction wait behind a record that has no key yet.
 */
#ifndef TRACE_TRANSCRIPT_H
#define TRACE_TRANSCRIPT_H

#include "annotation.h"
#include "record.h"
#include "tlstep/trace.h"

/*
 * One handshake of the connection, from its ClientHello on: what the hellos say that the keys and the meaning
 * of messages depend on, and in TLS 1.2 and older its secrets. Until its ServerHello has come, version and suite are
 * those of the handshake before it, under whose keys it is held.
 */
struct handshake {
    uint16_t version; /* 0: not known */
    uint16_t cipher_suite;
    uint8_t client_random[32];
    uint8_t server_random[32];
    uint16_t
        client_version; /* that the ClientHello has outside of extensions: in the premaster secret */
    bool client_hello;  /* it has been seen */
    bool server_hello;  /* the same, and no HelloRetryRequest */
    bool psk_used;      /* the server chose one */
    bool early_data_offered;
    bool encrypt_then_mac_offered;
    bool encrypt_then_mac;
    bool extended_master_offered;
    bool extended_master_secret;
    bool certificate_types_offered; /* the client knows others than X.509 */
    uint8_t certificate_type[2];    /* by side, RFC 7250 */
    uint8_t session_id[32];         /* that the server gave it */
    uint8_t session_id_length;
    uint8_t offered_id[32]; /* that the client offered */
    uint8_t offered_id_length;
    uint32_t client_hello_n; /* rows; 0: none */
    uint32_t key_exchange_n; /* ClientKeyExchange */
    uint32_t first_n;        /* the first handshake message of it */
    bool master_known;
    bool master_from_premaster; /* it was computed, not logged */
    uint8_t master[48];
    uint64_t master_tried; /* the transcript's `changes` when it was looked for in vain */
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

/* More rows than this are not kept: what crosses the wire is counted. The same for the records they stand in,
 * of which a message may have any number, and for records that wait for a secret. */
#define ROW_MAX     ((size_t)100000)
#define RECORD_MAX  ((size_t)500000)
#define WAITING_MAX ROW_MAX

/* What had been counted beyond the rows when an event was over. */
struct overflow {
    size_t event; /* count */
    uint64_t rows;
    uint64_t data[2]; /* bytes of application data by side */
};

struct transcript {
    struct annotation annotation; /* of packets beside a live session */
    struct list rows;             /* struct row */
    struct list crossings;        /* struct crossing */
    struct direction directions[2];
    struct crypt_keylog *keylog;
    struct trace_keys *keys; /* secrets from beside the log; NULL. Borrowed */
    struct list handshakes;  /* struct handshake: at least one */
    /* In clear text, before TLS; NULL. First that with a proxy, then another. */
    const struct net_protocol *proxy;
    const struct net_protocol *dialogue;
    bool dialogue_known; /* told, not recognised */
    bool captured;       /* the log comes from somebody else's capture */
    bool secrets_first;  /* all secrets that will ever come are there before the first record */
    bool in_dialogue;    /* phase starttls is under way, or will be behind connect */
    bool syn_seen;
    bool ssl2; /* an SSL 2 ClientHello was answered in SSL 2 */
    uint64_t
        resume_budget; /* what may yet be spent in search of a place in the key stream: see keys.c */
    size_t decompressed;      /* bytes of decompressed certificates */
    struct wire_tree scratch; /* of the message at work */
    bool scratch_is_hello;    /* it is of the hello that gets its row next */
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
    uint64_t limit; /* of `kept` */
    uint64_t kept;
    uint64_t dropped;
    uint64_t waiting_bytes;
    /* What came beyond ROW_MAX rows, or RECORD_MAX records, is only counted. */
    bool full;
    struct list overflows; /* struct overflow, one an event */
};

/* The handshake at work: the newest. */
struct handshake *transcript_handshake(const struct transcript *transcript);
/* The handshake by its index. */
struct handshake *transcript_handshake_at(const struct transcript *transcript, size_t index);

/* 0, or -1: out of memory. */
int transcript_init(struct transcript *transcript);
void transcript_free(struct transcript *transcript);

/* Extends the transcript by the event at the end of the log. 0, or -1: out of memory; it is
 * incomplete then and says so. */
int transcript_extend(struct trace *trace);

/* Gives up waiting. */
int transcript_finish(struct trace *trace);

#endif
