/*
 * Packets that were captured beside a live session. The socket's bytes are the stream, and packets annotate it: those that say something
 * of their own (SYN, FIN, RST, what was sent again) are rows; segments with data and bare acknowledgements are not, since there
 * are as many of them as the network likes, and what they carry has rows already.
 */
#ifndef TRACE_ANNOTATION_H
#define TRACE_ANNOTATION_H

#include "tlstep/trace.h"

enum annotation_kind {
    ANNOTATION_NONE,
    ANNOTATION_SYN,
    ANNOTATION_SYN_ACK,
    ANNOTATION_ACK, /* the third packet of the handshake */
    ANNOTATION_FIN,
    ANNOTATION_RST,
    ANNOTATION_AGAIN, /* data, or an end, that was sent before */
    ANNOTATION_SEGMENT,
    ANNOTATION_BARE, /* acknowledges, or updates the window */
};

struct annotation {
    bool packets;  /* they are captured: the kernel's word is not needed */
    bool answered; /* SYN-ACK has been seen */
    bool finished; /* and what the client said to it */
    bool begun[2]; /* `next` is known */
    size_t ends
        [2]; /* of FIN or RST, by side: 1 + index of the event, until the stream ends, too; 0: none */
    uint32_t next[2]; /* sequence number behind what has been sent, by side */
};

/* What a packet is, after those before it. */
enum annotation_kind annotation_take(struct annotation *annotation,
                                     const struct trace_event *event);

/* 0, or -1: out of memory. */
int annotation_extend(struct trace *trace, const struct trace_event *event);

/* The stream of a side has ended: so may the packets. 0, or -1: out of memory. */
int annotation_end(struct trace *trace, enum wire_side from);

/* A packet's row in a few words: "MSS 1460, window scale 7 …", "517 bytes that were sent before". */
struct row;
void annotation_summary(char *out, size_t size, const struct row *row);

#endif
