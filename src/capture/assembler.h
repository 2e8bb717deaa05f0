/*
 * The two byte streams of one TCP connection (RFC 9293 3.4), put together from segments as they come, as items in
 * the order in which they become known. What came before something that is missing is given at once, what came
 * after it is held back: until it comes, or it is known not to come.
 *
 * Where bytes come twice, the first win: those given before, or those held.
 */
#ifndef CAPTURE_ASSEMBLER_H
#define CAPTURE_ASSEMBLER_H

#include "segment.h"

/* Bytes and pieces held back in one direction. */
#define ASSEMBLER_HELD_MAX   ((size_t)1024 * 1024)
#define ASSEMBLER_PIECES_MAX 8192

/* A piece of a direction's stream behind something that is missing; without length, its end (FIN). */
struct piece {
    uint32_t seq;
    uint32_t length;   /* on the wire */
    uint32_t captured; /* bytes of it in `data` */
    bool fin;
    uint8_t *data;
    uint64_t frame;
    int64_t time_ns;
};

struct direction {
    bool known;      /* `next` is */
    uint32_t next;   /* sequence number of the next byte */
    uint64_t offset; /* of that byte in the stream */
    bool syn;        /* has been given */
    bool fin;        /* has been given: nothing follows */
    bool acked_known;
    uint32_t first_acked, acked; /* what the other end says it has */
    uint32_t acked_before;       /* its last step */
    bool answered;
    uint32_t syn_seq;
    struct piece *held; /* in sequence */
    size_t held_count, held_capacity, held_bytes;
    bool reset;       /* RST came */
    bool reset_waits; /* behind something that is missing */
    uint64_t reset_frame;
    int64_t reset_ns;
};

struct queued_item {
    struct capture_item item;
    uint8_t *owned; /* the item's data when they are not the packet's */
};

/* Items that have become known and have not been asked for. Connections may share one, as long as it is emptied
 * before another one's segment is taken. */
struct item_queue {
    struct queued_item *items;
    size_t start, count, capacity;
    uint8_t *given; /* data of the item given last */
};

struct assembler {
    struct direction ends[2];
    bool third;               /* the third packet of the handshake has been given */
    struct item_queue *queue; /* the caller's */
    uint64_t frame;           /* of the packet that is being taken */
    int64_t time_ns;
    bool failed; /* memory ran out */
    /* Asked before something is given up: may `from`'s byte `seq` still come? NULL: no. */
    bool (*may_come)(void *user, enum capture_end from, uint32_t seq);
    void *user;
};

/* Where a direction's data begin, when that is known beforehand. */
void assembler_start(struct assembler *assembler, enum capture_end end, uint32_t seq);
/* The segment's data are borrowed until all items have been taken. */
void assembler_take(struct assembler *assembler, enum capture_end from,
                    const struct segment *segment, uint64_t frame, int64_t time_ns);
/* UDP: a datagram is an item as it is; `lost` is what the snap length cut off. */
void assembler_datagram(struct assembler *assembler, enum capture_end from,
                        const struct segment *segment, uint64_t frame, int64_t time_ns);
/* Nothing more will come: what is held back follows after gaps. */
void assembler_finish(struct assembler *assembler);
void assembler_free(struct assembler *assembler);

/* queue.c: the next item; its data are borrowed until the next call. */
bool item_queue_next(struct item_queue *queue, struct capture_item *item);
void item_queue_free(struct item_queue *queue);

/* Appends an item of the packet that is being taken; NULL when memory ran out. */
struct capture_item *assembler_put(struct assembler *assembler, enum capture_item_kind kind,
                                   enum capture_end from);
/* The same with data that the queue frees. */
struct capture_item *assembler_put_owned(struct assembler *assembler, enum capture_end from,
                                         uint8_t *owned);

/* held.c: keeps a piece that lies behind `next`, without what is held already. */
void held_add(struct assembler *assembler, enum capture_end from, const struct piece *piece);
/* Takes out the first `count` pieces, whose data have been given away. */
void held_remove(struct direction *direction, size_t count);

#endif
