/*
 * Records as they stand in one direction of the stream, and the direction itself: its bytes, its
 * keys, its handshake message under way.
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include "list.h"
#include "tlstep/crypt.h"

struct row;

enum record_kind {
    RECORD_WHOLE,
    RECORD_END, /* the stream ended; `bytes` are what there was of the next record, maybe none */
    RECORD_FOREIGN,  /* from here on the direction does not carry TLS */
    RECORD_GAP,      /* `lost` bytes are missing here */
    RECORD_CUT,      /* `bytes` are what there was of a record before a gap */
    RECORD_FRAGMENT, /* bytes behind a gap that belong to a record whose beginning is missing */
    RECORD_TEXT,     /* a line or message of a dialogue in clear text */
};

/* Which keys protect the records of a direction. In TLS 1.2 and older there is only
 * EPOCH_PLAIN, and ChangeCipherSpec takes its place. */
enum epoch { EPOCH_PLAIN, EPOCH_EARLY, EPOCH_HANDSHAKE, EPOCH_APPLICATION };

/* Which keys a record was opened with, or was tried with: enough to make them again. */
struct key_use {
    bool known;
    uint8_t epoch; /* enum epoch */
    uint32_t updates;
    uint32_t handshake;
    uint64_t sequence;
};

struct record {
    enum record_kind kind;
    uint64_t order;       /* of arrival, over both directions: that of its last byte */
    const uint8_t *bytes; /* with the header: in the event, or `copy`; NULL once dropped */
    uint8_t *copy;        /* of a record that came in several events */
    uint8_t *plaintext;   /* of a decrypted one */
    uint32_t length;      /* of the whole record */
    uint32_t plaintext_length;
    uint32_t plaintext_total; /* with all that was decrypted: MAC, padding, inner type */
    uint8_t header;           /* bytes of header: none in front of an SSL 2 ClientHello */
    uint8_t content_type;     /* outer */
    uint8_t inner_type;       /* of the content: differs from the outer one in TLS 1.3 */
    bool is_protected;        /* it was encrypted */
    bool unverified;          /* it was read without its keys: a NULL cipher */
    bool of_proxy;            /* RECORD_TEXT: said to a proxy, or by one */
    struct wire_layout layout;
    struct key_use key; /* that it was tried with */
    uint64_t lost;      /* RECORD_GAP: bytes */
    size_t first_event; /* index of the event with its first byte */
    size_t wire_event;  /* count: its last byte is there */
    size_t read_event;  /* count: it has been read, or given up; SIZE_MAX */
    int64_t time_ns;
};

struct protection {
    enum epoch epoch;
    bool changed_cipher;         /* ChangeCipherSpec has been seen */
    struct crypt_opener *opener; /* of the epoch, or made after ChangeCipherSpec; NULL: not yet */
    uint32_t updates;            /* KeyUpdates in the epoch */
    uint32_t handshake;          /* TLS 1.2 and older: index of the one that `opener` comes from */
    uint64_t lost; /* bytes that were lost since the last record that could be opened; 0: none */
};

/* What follows when a direction does not carry TLS, or no longer. */
struct foreign {
    bool begun;
    bool ssl2;           /* an SSL 2.0 session */
    const char *problem; /* NULL: there never was any TLS */
    char problem_text[96];
    char type_text[16];   /* "Unknown(83)" */
    uint8_t content_type; /* where a record has it, in the bytes that broke TLS off */
    struct buffer kept;   /* the first FOREIGN_KEPT bytes */
    uint64_t total;
    struct row *row; /* NULL while something before it waits */
};

enum hold_reason {
    HOLD_NONE,
    HOLD_START, /* it begins with something that is no record, or may */
    HOLD_GAP,
};

struct hold {
    enum hold_reason reason;
    struct buffer bytes;
    struct list segments; /* struct hold_segment: whose bytes they are */
    size_t skip;          /* HOLD_GAP: bytes of the record that the gap was in */
    size_t searched;      /* no record begins before this */
    size_t emitted;       /* bytes of clear text that have their rows already */
    size_t proxied;       /* bytes of the dialogue with a proxy */
    bool left_proxy;      /* which ends there */
    bool candidate;       /* a record seems to begin at `searched` */
};

struct direction {
    enum wire_side side;
    struct buffer partial; /* a record that is not complete */
    size_t partial_event;  /* index of the event with its first byte */
    struct list records;
    size_t next;         /* the first record that has not been read */
    size_t used_records; /* rows stand in records before this one */
    bool trimmed;        /* records behind them have been let go */
    uint64_t stuck;      /* the transcript's `changes` when the record at `next` had to wait */
    struct protection protection;
    struct buffer message; /* a handshake message that is not complete */
    size_t message_record; /* the record it began in */
    bool message_lost; /* after a gap: the next handshake bytes may be the middle of a message */
    struct hold hold;
    struct foreign foreign;
    bool begun; /* its first bytes have come */
    bool ended;
    struct {
        const char
            *type; /* FIN or RST, which has no row yet: records before it wait for a key; NULL */
        int64_t time_ns;
        size_t event; /* count of events with it */
    } last;
    /* Queued rows (n) that have not been seen on the wire, oldest first. */
    uint32_t *queued;
    size_t queued_first;
    size_t queued_count;
    size_t queued_capacity;
};

void direction_init(struct direction *direction, enum wire_side side);
void direction_free(struct direction *direction);

/* The content of a record that has been read, whether it was encrypted or not. */
const uint8_t *record_content(const struct record *record, size_t *length);

#endif
