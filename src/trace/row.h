/* Rows of the transcript: how they come into being, cross the wire and are processed. */
#ifndef TRACE_ROW_H
#define TRACE_ROW_H

#include "record.h"
#include "tlstep/trace.h"

struct certificate_list;

struct row {
    struct trace_row public; /* first: the public pointer is this one */
    size_t first_record;     /* in its direction */
    size_t record_count;
    const uint8_t *content; /* the message or the data; NULL: cannot be read, or dropped */
    size_t content_length;
    uint8_t *copy;    /* of a message that stands in several records */
    char *problem;    /* when it is not static */
    uint16_t version; /* negotiated when it came */
    uint16_t cipher_suite;
    uint8_t certificate_type[2]; /* by side: what a Certificate message has in it (RFC 7250) */
    uint32_t handshake;          /* index of the handshake that it came in */
    struct wire_tree
        *hello;            /* the fields of a hello in `content`, shallow; NULL: dissect it again */
    char *name;            /* its type, when that is not static */
    uint8_t packet;        /* of TRACE_PACKET: enum annotation_kind of its packet; 0: none */
    bool foreign;          /* its content is no TLS, or not any more */
    bool unverified;       /* it was read without keys: no MAC has been checked */
    uint8_t *decompressed; /* of a CompressedCertificate: the Certificate message; NULL */
    size_t decompressed_length;
    size_t queued_index;                   /* of its TRACE_QUEUED event */
    size_t stop_event;                     /* the cursor of its stop; SIZE_MAX: none */
    struct certificate_list *certificates; /* of a Certificate message, once looked at */
};

struct row *row_of(const struct trace_row *row);
struct row *row_at(const struct trace *trace, size_t index);
void row_free(struct row *row);
/* What the meaning of its message depends on. */
struct wire_context row_context(const struct row *row, bool shallow);

/* Adds a row like `shape`, which gets its number and becomes visible with the event at work.
 * NULL: out of memory. */
struct row *row_add(struct trace *trace, const struct trace_row *shape);

/* A message, or the content of a record, that could be read. */
struct content {
    uint8_t content_type;
    const uint8_t *data;
    size_t length;
    uint8_t *copy; /* `data`, when the row shall own it */
    size_t first_record;
    size_t record_count;
    const char *problem; /* static; NULL */
    char *problem_copy;  /* the same from malloc; NULL */
};

/* Makes the row of what crossed the wire, or finds the queued one that it is. Takes the copies,
 * also on failure. */
int row_cross(struct trace *trace, struct direction *direction, struct content *content);

/* The row of a record that cannot be read. `problem` is static, or `copy`, which the row takes (also
 * on failure), or NULL. */
int row_unreadable(struct trace *trace, struct direction *direction, size_t index,
                   const char *problem, char *copy);

/* The rows of events that are no bytes. */
int row_queue(struct trace *trace, size_t event_index);
void row_process(struct trace *trace, const struct trace_event *event);
/* `observed`: seen in a capture, and not told by the kernel. */
int row_add_tcp(struct trace *trace, enum wire_side from, const char *type, int64_t time_ns,
                bool observed);
/* Of the event that was the `event`-th. */
int row_add_tcp_at(struct trace *trace, enum wire_side from, const char *type, int64_t time_ns,
                   bool observed, size_t event);

/* The same of a packet beside the session, whose headers are `content`; borrowed from its event. */
int row_add_packet(struct trace *trace, const struct trace_event *event, const char *type,
                   uint8_t packet);

/* The rows of records that are none: lost bytes, the rest of a record, clear text. */
int row_gap(struct trace *trace, struct direction *direction, size_t index, uint64_t lost);
int row_fragment(struct trace *trace, struct direction *direction, size_t index);
int row_text(struct trace *trace, struct direction *direction, size_t index);

/* Index of a row's type in `struct transcript`'s progress; all of clear text has the one that no record has. */
#define ROW_PROGRESS_TEXT 0
size_t row_progress(const struct row *row);
/* Of a message type, and of a name; -1: no such name. */
size_t row_progress_type(uint8_t content_type, uint8_t handshake_type);
long row_progress_find(const char *name);

/* The type of a handshake message with its header, HelloRetryRequest told apart. */
uint8_t row_handshake_type(const uint8_t *message, size_t length);

#endif
