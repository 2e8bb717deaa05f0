/*
 * The table of conversations: found by both endpoints, in constant time whatever the endpoints are.
 * Where ports are used again, the newest conversation is found; older ones stay in the list.
 */
#ifndef CAPTURE_CONVERSATIONS_H
#define CAPTURE_CONVERSATIONS_H

#include "segment.h"

#define CONVERSATION_NONE UINT32_MAX

struct conversation {
    struct capture_conversation public;
    uint32_t hash;
    uint32_t chain;       /* the next one in the same bucket */
    uint32_t first, last; /* packets, in struct packet_list */
    uint32_t base[2];     /* TCP: the sequence number of each end's SYN, as far as it can be told */
    uint32_t start[2];    /* TCP: of each end's first byte of data */
    bool base_known[2];
    bool start_known[2];
    bool syn_seen[2];
    bool fin_seen[2];
    bool reset;
    uint8_t looked; /* UDP: payloads that have been looked at */
    uint16_t link_type;
};

struct conversations {
    struct conversation **chunks;
    size_t chunk_capacity;
    size_t count;
    uint32_t *buckets;
    size_t bucket_count; /* a power of two */
    size_t in_buckets;
    uint32_t free;   /* removed ones, by `chain` */
    uint32_t recent; /* found last: segments come in runs */
    uint64_t seed;
    uint32_t streams[2]; /* next number, by transport */
};

void conversations_begin(struct conversations *table);
void conversations_free(struct conversations *table);
struct conversation *conversations_at(const struct conversations *table, uint32_t index);

/* The newest one between the segment's ends, or CONVERSATION_NONE; `from`: who sent the segment. */
uint32_t conversations_find(struct conversations *table, const struct segment *segment,
                            enum capture_end *from);
/* A new one that hides an older one between the same ends. CONVERSATION_NONE: out of memory. */
uint32_t conversations_add(struct conversations *table, const struct segment *segment);
/* Takes one out; its number will be used again. */
void conversations_remove(struct conversations *table, uint32_t index);

#endif
