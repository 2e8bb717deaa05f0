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
    RECORD_FOREIGN, /* from here on the direction does not carry TLS */
};

struct record {
    enum record_kind kind;
    uint64_t order;       /* of arrival, over both directions */
    const uint8_t *bytes; /* with the header: in the event, or `copy`; NULL once dropped */
    uint8_t *copy;        /* of a record that came in several events */
    uint8_t *plaintext;   /* of a decrypted one */
    uint32_t length;      /* of the whole record */
    uint32_t plaintext_length;
    uint8_t content_type; /* outer */
    uint8_t inner_type;   /* of the content: differs from the outer one in TLS 1.3 */
    bool is_protected;    /* it was encrypted */
    size_t first_event;   /* index of the event with its first byte */
    size_t wire_event;    /* count: its last byte is there */
    size_t read_event;    /* count: it has been read, or given up; SIZE_MAX */
    int64_t time_ns;
};

/* Which keys protect the records of a direction. In TLS 1.2 and older there is only
 * EPOCH_PLAIN, and ChangeCipherSpec takes its place. */
enum epoch { EPOCH_PLAIN, EPOCH_EARLY, EPOCH_HANDSHAKE, EPOCH_APPLICATION };

struct protection {
    enum epoch epoch;
    bool changed_cipher;         /* ChangeCipherSpec has been seen */
    struct crypt_opener *opener; /* of the epoch, or made after ChangeCipherSpec; NULL: not yet */
};

/* What follows when a direction does not carry TLS, or no longer. */
struct foreign {
    bool begun;
    const char *problem; /* NULL: there never was any TLS */
    char problem_text[96];
    char type_text[16];   /* "Unknown(83)" */
    uint8_t content_type; /* where a record has it, in the bytes that broke TLS off */
    struct buffer kept;   /* the first FOREIGN_KEPT bytes */
    uint64_t total;
    struct row *row; /* NULL while something before it waits */
};

struct direction {
    enum wire_side side;
    struct buffer partial; /* a record that is not complete */
    size_t partial_event;  /* index of the event with its first byte */
    struct list records;
    size_t next;    /* the first record that has not been read */
    uint64_t stuck; /* the transcript's `changes` when the record at `next` had to wait */
    struct protection protection;
    struct buffer message; /* a handshake message that is not complete */
    size_t message_record; /* the record it began in */
    struct foreign foreign;
    bool ended;
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
