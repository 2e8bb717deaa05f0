/* A hash table with chains over chunks that never move. */
#include "conversations.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHUNK 512

void conversations_begin(struct conversations *table)
{
    *table = (struct conversations){.free = CONVERSATION_NONE, .recent = CONVERSATION_NONE};
    /* Nobody who writes a file shall know which endpoints collide. Without, it is only slower. */
    if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) != sizeof table->seed) {
        table->seed = (uint64_t)clock_monotonic_ns();
    }
}

void conversations_free(struct conversations *table)
{
    for (size_t i = 0; i * CHUNK < table->count; i++) {
        free(table->chunks[i]);
    }
    free(table->chunks);
    free(table->buckets);
    *table = (struct conversations){.free = CONVERSATION_NONE, .recent = CONVERSATION_NONE};
}

struct conversation *conversations_at(const struct conversations *table, uint32_t index)
{
    return &table->chunks[index / CHUNK][index % CHUNK];
}

/* ---- finding -------------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t value, uint64_t seed)
{
    value = (value ^ seed) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 32) * UINT64_C(0xc4ceb9fe1a85ec53);
    return value ^ value >> 29;
}

static uint64_t hash_end(const struct capture_endpoint *end, uint64_t seed)
{
    uint64_t halves[2];

    memcpy(halves, end->address, sizeof halves);
    uint64_t hash = mix(halves[0], seed);
    if (end->family == 6) {
        hash = mix(halves[1], hash);
    }
    return mix(end->port, hash);
}

/* The same for both directions. */
static uint32_t hash_segment(const struct segment *segment, uint64_t seed)
{
    uint64_t hash = hash_end(&segment->from, seed) + hash_end(&segment->to, seed);

    return (uint32_t)(mix(hash, segment->transport) >> 32);
}

static bool is_end(const struct capture_endpoint *a, const struct capture_endpoint *b)
{
    return a->port == b->port && a->family == b->family &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

static bool is_between(const struct conversation *conversation, const struct segment *segment,
                       enum capture_end *from)
{
    const struct capture_conversation *public = &conversation->public;

    if (public->transport != segment->transport) {
        return false;
    }
    if (is_end(&public->ends[CAPTURE_A], &segment->from) &&
        is_end(&public->ends[CAPTURE_B], &segment->to)) {
        *from = CAPTURE_A;
        return true;
    }
    *from = CAPTURE_B;
    return is_end(&public->ends[CAPTURE_B], &segment->from) &&
           is_end(&public->ends[CAPTURE_A], &segment->to);
}

uint32_t conversations_find(struct conversations *table, const struct segment *segment,
                            enum capture_end *from)
{
    if (table->recent != CONVERSATION_NONE &&
        is_between(conversations_at(table, table->recent), segment, from)) {
        return table->recent;
    }
    if (table->bucket_count == 0) {
        return CONVERSATION_NONE;
    }
    uint32_t hash = hash_segment(segment, table->seed);
    uint32_t index = table->buckets[hash & (table->bucket_count - 1)];
    while (index != CONVERSATION_NONE) {
        const struct conversation *conversation = conversations_at(table, index);
        if (conversation->hash == hash && is_between(conversation, segment, from)) {
            table->recent = index;
            return index;
        }
        index = conversation->chain;
    }
    return CONVERSATION_NONE;
}

/* ---- adding and removing ---------------------------------------------------------------------------- */

static bool grow_buckets(struct conversations *table)
{
    size_t count = table->bucket_count == 0 ? 256 : table->bucket_count * 2;

    if (table->in_buckets < table->bucket_count) {
        return true;
    }
    uint32_t *buckets = malloc(count * sizeof *buckets);
    if (buckets == NULL) {
        return false;
    }
    memset(buckets, 0xff, count * sizeof *buckets);
    for (size_t i = 0; i < table->bucket_count; i++) {
        uint32_t next;
        for (uint32_t index = table->buckets[i]; index != CONVERSATION_NONE; index = next) {
            struct conversation *conversation = conversations_at(table, index);
            uint32_t *bucket = &buckets[conversation->hash & (count - 1)];
            next = conversation->chain;
            conversation->chain = *bucket;
            *bucket = index;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = count;
    return true;
}

/* The link that leads to `index`. */
static uint32_t *find_link(struct conversations *table, uint32_t index)
{
    uint32_t hash = conversations_at(table, index)->hash;
    uint32_t *link = &table->buckets[hash & (table->bucket_count - 1)];

    while (*link != index && *link != CONVERSATION_NONE) {
        link = &conversations_at(table, *link)->chain;
    }
    return link;
}

static void unlink_one(struct conversations *table, uint32_t index)
{
    uint32_t *link = find_link(table, index);

    if (*link == index) {
        *link = conversations_at(table, index)->chain;
        table->in_buckets--;
    }
    if (table->recent == index) {
        table->recent = CONVERSATION_NONE;
    }
}

static uint32_t take_free(struct conversations *table)
{
    uint32_t index = table->free;

    if (index != CONVERSATION_NONE) {
        table->free = conversations_at(table, index)->chain;
        return index;
    }
    if (table->count >= CONVERSATION_NONE) {
        return CONVERSATION_NONE;
    }
    if (table->count % CHUNK == 0) {
        struct conversation **chunks = array_grow(table->chunks, &table->chunk_capacity,
                                                  table->count / CHUNK + 1, sizeof(void *));
        if (chunks == NULL) {
            return CONVERSATION_NONE;
        }
        table->chunks = chunks;
        chunks[table->count / CHUNK] = malloc(CHUNK * sizeof **chunks);
        if (chunks[table->count / CHUNK] == NULL) {
            return CONVERSATION_NONE;
        }
    }
    return (uint32_t)table->count++;
}

uint32_t conversations_add(struct conversations *table, const struct segment *segment)
{
    enum capture_end from;
    uint32_t hidden = conversations_find(table, segment, &from);

    if (hidden != CONVERSATION_NONE) {
        unlink_one(table, hidden);
    }
    uint32_t index = grow_buckets(table) ? take_free(table) : CONVERSATION_NONE;
    if (index == CONVERSATION_NONE) {
        return index;
    }
    struct conversation *conversation = conversations_at(table, index);
    uint32_t hash = hash_segment(segment, table->seed);
    uint32_t *bucket = &table->buckets[hash & (table->bucket_count - 1)];
    *conversation = (struct conversation){
        .public = {.transport = segment->transport,
                   .stream = table->streams[segment->transport]++,
                   .ends = {segment->from, segment->to},
                   .opener = -1},
        .hash = hash,
        .chain = *bucket,
        .first = UINT32_MAX,
        .last = UINT32_MAX,
    };
    *bucket = index;
    table->in_buckets++;
    table->recent = index;
    return index;
}

void conversations_remove(struct conversations *table, uint32_t index)
{
    unlink_one(table, index);
    conversations_at(table, index)->chain = table->free;
    table->free = index;
}
