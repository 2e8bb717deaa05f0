/* A set of dialects. */
#include "dialects.h"

#include <stdlib.h>

static bool is_same(const struct dialect *a, const struct dialect *b)
{
    return a->format == b->format && a->big_endian == b->big_endian && a->header == b->header &&
           a->resolution == b->resolution && a->swapped == b->swapped &&
           a->link_type == b->link_type && a->snap == b->snap && a->offset_s == b->offset_s;
}

static size_t hash(const struct dialect *dialect)
{
    uint64_t mix = (uint64_t)dialect->offset_s;

    mix = (mix ^ dialect->snap) * UINT64_C(0x9e3779b97f4a7c15);
    mix = (mix ^ dialect->link_type ^ (uint64_t)dialect->resolution << 16 ^
           (uint64_t)dialect->big_endian << 24) *
          UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mix >> 40);
}

int dialects_add(struct dialects *dialects, const struct dialect *dialect, uint16_t *number)
{
    const size_t slots = sizeof dialects->slots / sizeof *dialects->slots;
    size_t slot = hash(dialect) % slots;

    for (; dialects->slots[slot] != 0; slot = (slot + 1) % slots) {
        *number = (uint16_t)(dialects->slots[slot] - 1);
        if (is_same(&dialects->all[*number], dialect)) {
            return 0;
        }
    }
    if (dialects->count == DIALECTS_MAX) {
        *number = DIALECTS_NONE;
        return 0;
    }
    struct dialect *all =
        array_grow(dialects->all, &dialects->capacity, dialects->count + 1, sizeof *all);
    if (all == NULL) {
        return -1;
    }
    dialects->all = all;
    *number = (uint16_t)dialects->count;
    all[dialects->count++] = *dialect;
    dialects->slots[slot] = (uint16_t)dialects->count;
    return 0;
}

void dialects_free(struct dialects *dialects)
{
    free(dialects->all);
    dialects->all = NULL;
    dialects->count = 0;
}
