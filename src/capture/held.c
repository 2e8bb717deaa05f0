/* Pieces of a stream behind something that is missing, in sequence and without overlap. */
#include <stdlib.h>
#include <string.h>

#include "assembler.h"

/* Sequence numbers are compared around the circle (RFC 9293 3.4). */
static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

static uint32_t end_of(const struct piece *piece)
{
    return piece->seq + piece->length;
}

/* The first held piece that does not end before `seq`. Most come behind all others. */
static size_t find_place(const struct direction *direction, uint32_t seq)
{
    size_t low = 0;
    size_t high = direction->held_count;

    if (high > 0 && distance(end_of(&direction->held[high - 1]), seq) >= 0) {
        return high;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (distance(end_of(&direction->held[middle]), seq) >= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint8_t *copy(const uint8_t *data, size_t length)
{
    uint8_t *bytes = malloc(length > 0 ? length : 1);

    if (bytes != NULL && length > 0) {
        memcpy(bytes, data, length);
    }
    return bytes;
}

/* `length` bytes of `piece` from `skip` on, before the held piece number `place`. */
static bool insert(struct assembler *assembler, struct direction *direction, size_t place,
                   const struct piece *piece, uint32_t skip, uint32_t length)
{
    struct piece *held = array_grow(direction->held, &direction->held_capacity,
                                    direction->held_count + 1, sizeof *held);
    uint32_t there = piece->captured > skip ? piece->captured - skip : 0;

    there = there < length ? there : length;
    uint8_t *data = held != NULL ? copy(there > 0 ? piece->data + skip : NULL, there) : NULL;
    if (held != NULL) {
        direction->held = held;
    }
    if (data == NULL) {
        assembler->failed = true;
        return false;
    }
    memmove(held + place + 1, held + place, (direction->held_count - place) * sizeof *held);
    held[place] = *piece;
    held[place].seq += skip;
    held[place].length = length;
    held[place].captured = there;
    held[place].data = data;
    direction->held_count++;
    direction->held_bytes += there;
    return true;
}

/* What both have: does it say the same? */
static bool is_equal(const struct piece *held, const struct piece *piece)
{
    int32_t skip = distance(piece->seq, held->seq);
    uint32_t from_held = skip < 0 ? piece->seq - held->seq : 0;
    uint32_t from_piece = skip > 0 ? (uint32_t)skip : 0;

    if (from_held >= held->captured || from_piece >= piece->captured) {
        return true;
    }
    uint32_t left_held = held->captured - from_held;
    uint32_t left_piece = piece->captured - from_piece;
    return memcmp(held->data + from_held, piece->data + from_piece,
                  left_held < left_piece ? left_held : left_piece) == 0;
}

static void add_fin(struct assembler *assembler, struct direction *direction,
                    const struct piece *piece)
{
    for (size_t i = 0; i < direction->held_count; i++) {
        if (direction->held[i].fin) {
            return;
        }
    }
    size_t place = find_place(direction, piece->seq);
    (void)insert(assembler, direction, place, piece, 0, 0); /* `failed` tells */
}

void held_add(struct assembler *assembler, enum capture_end from, const struct piece *piece)
{
    struct direction *direction = &assembler->ends[from];
    uint32_t skip = 0;
    bool differs = false;
    bool repeats = false;

    if (piece->fin) {
        add_fin(assembler, direction, piece);
        return;
    }
    size_t place = find_place(direction, piece->seq);
    while (skip < piece->length) {
        const struct piece *next = place < direction->held_count ? &direction->held[place] : NULL;
        int32_t free_bytes = next != NULL ? distance(piece->seq + skip, next->seq) : INT32_MAX;
        if (free_bytes > 0) {
            uint32_t length = piece->length - skip;
            length = (uint32_t)free_bytes < length ? (uint32_t)free_bytes : length;
            if (!insert(assembler, direction, place, piece, skip, length)) {
                return;
            }
            skip += length;
        } else {
            int32_t covered = distance(piece->seq, end_of(next));
            repeats = true;
            differs = differs || !is_equal(next, piece);
            skip = covered > (int32_t)skip ? (uint32_t)covered : skip;
        }
        place++;
    }
    if (differs || repeats) {
        struct capture_item *note = assembler_put(assembler, CAPTURE_NOTE, from);
        if (note != NULL) {
            note->note = differs ? "overlap differs" : "retransmission";
        }
    }
}

void held_remove(struct direction *direction, size_t count)
{
    if (count == 0) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        direction->held_bytes -= direction->held[i].captured;
    }
    direction->held_count -= count;
    memmove(direction->held, direction->held + count,
            direction->held_count * sizeof *direction->held);
}
