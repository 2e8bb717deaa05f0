/*
 * One direction of a proxy: what one session has received and the other has not sent yet. Bounded: who puts in waits
 * while it is full, and so the peer that sends is slowed down through TCP.
 *
 * Nothing in here locks or waits: each call is made with the proxy's lock held.
 */
#ifndef TLSTEP_LAB_PROXY_PIPE_H
#define TLSTEP_LAB_PROXY_PIPE_H

#include "proxy_rules.h"

#define LAB_PIPE_PIECES 64
#define LAB_PIPE_BYTES  ((size_t)256 * 1024)
/* The beginning of what may be a match is held back so long at most: the peer may be waiting for just that. */
#define LAB_PIPE_HOLD_NS (INT64_C(50) * 1000 * 1000)
/* Where piece and record part company: so often at most that is remembered. */
#define LAB_PIPE_SHIFTS 1024

struct lab_piece {
    uint8_t *data; /* malloc'ed; wiped */
    size_t length;
    bool injected; /* by the user: no record has brought it */
};

/* From record `out` on, a record was made of piece `in` + (record - `out`). */
struct lab_shift {
    uint32_t in, out;
};

struct lab_pipe {
    struct lab_piece pieces[LAB_PIPE_PIECES];
    size_t first, count;
    size_t bytes;
    bool ended;  /* by close_notify */
    bool cut;    /* the one that puts in is over, and had not ended it */
    bool gone;   /* the one that takes is over: what is put in is dropped */
    bool failed; /* memory ran out */

    struct buffer work; /* what was taken from the pieces and is not sent */
    int64_t
        held_ns; /* since when there is nothing but what may be the beginning of a match; 0: it is not so */

    uint32_t received, sent;  /* pieces that went to work, records that came out */
    bool injected;            /* the last piece was */
    struct lab_shift *shifts; /* in order */
    size_t shift_count, shift_capacity;
};

void lab_pipe_free(struct lab_pipe *pipe);
bool lab_pipe_is_full(const struct lab_pipe *pipe);
/* Copies a piece; it must not be full. False: no memory. */
bool lab_pipe_put(struct lab_pipe *pipe, const uint8_t *data, size_t length, bool injected);
/* As engine_config.outgoing(). */
enum engine_outgoing lab_pipe_take(struct lab_pipe *pipe, const struct lab_rules *rules,
                                   int64_t now_ns, uint8_t *out, size_t max, size_t *length);
/* The piece that record `sent` (from 1) was made from, the last one of several; 0: not known. */
uint32_t lab_pipe_cause(const struct lab_pipe *pipe, uint32_t sent);

#endif
