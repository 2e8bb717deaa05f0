/* Chains of packets. */
#include "packet_list.h"

#include <stdlib.h>

#include "tlstep/base.h"

#define CHUNK 4096

static struct packet_ref *at(const struct packet_list *list, uint32_t index)
{
    return &list->chunks[index / CHUNK][index % CHUNK];
}

const struct packet_ref *packet_list_at(const struct packet_list *list, uint32_t index)
{
    return at(list, index);
}

static bool make_room(struct packet_list *list)
{
    if (list->count % CHUNK != 0) {
        return true;
    }
    struct packet_ref **chunks =
        array_grow(list->chunks, &list->chunk_capacity, list->count / CHUNK + 1, sizeof(void *));
    if (chunks == NULL) {
        return false;
    }
    list->chunks = chunks;
    chunks[list->count / CHUNK] = malloc(CHUNK * sizeof **chunks);
    return chunks[list->count / CHUNK] != NULL;
}

bool packet_list_add(struct packet_list *list, uint64_t place, uint16_t dialect, uint64_t frame,
                     uint32_t *first, uint32_t *last)
{
    if (list->count >= PACKET_NONE || place >= PACKET_PLACE_MAX || frame > UINT32_MAX ||
        !make_room(list)) {
        return false;
    }
    uint32_t index = (uint32_t)list->count++;
    *at(list, index) = (struct packet_ref){
        .place_and_dialect = place << 16 | dialect, .frame = (uint32_t)frame, .next = PACKET_NONE};
    if (*last != PACKET_NONE) {
        at(list, *last)->next = index;
    } else {
        *first = index;
    }
    *last = index;
    return true;
}

void packet_list_free(struct packet_list *list)
{
    for (size_t i = 0; i * CHUNK < list->count; i++) {
        free(list->chunks[i]);
    }
    free(list->chunks);
    *list = (struct packet_list){0};
}
