/* Where the packets of each conversation are: 16 bytes each, chained, in chunks that never move. */
#ifndef CAPTURE_PACKET_LIST_H
#define CAPTURE_PACKET_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_NONE UINT32_MAX
/* Places are 48 bits: 256 TiB. */
#define PACKET_PLACE_MAX (UINT64_C(1) << 48)

struct packet_ref {
    uint64_t place_and_dialect;
    uint32_t frame;
    uint32_t next;
};

struct packet_list {
    struct packet_ref **chunks;
    size_t chunk_capacity;
    size_t count;
};

static inline uint64_t packet_ref_place(const struct packet_ref *ref)
{
    return ref->place_and_dialect >> 16;
}

static inline uint16_t packet_ref_dialect(const struct packet_ref *ref)
{
    return (uint16_t)ref->place_and_dialect;
}

const struct packet_ref *packet_list_at(const struct packet_list *list, uint32_t index);

/* Appends to the chain that `first` and `last` describe. False: out of memory, or of numbers. */
bool packet_list_add(struct packet_list *list, uint64_t place, uint16_t dialect, uint64_t frame,
                     uint32_t *first, uint32_t *last);
void packet_list_free(struct packet_list *list);

#endif
