/* The table of datagrams that are not whole yet. */
#include "fragments.h"

#include <stdlib.h>
#include <string.h>

#define DATAGRAMS_MAX 256
#define DATAGRAM_SIZE 65536
/* Fragments but the last are whole units of 8 bytes. */
#define UNIT     8
#define UNITS    (DATAGRAM_SIZE / UNIT)
#define GIVEN_UP INT64_C(60000000000)

struct datagram {
    struct capture_endpoint from, to;
    uint32_t id;
    uint8_t protocol;
    int64_t begun_ns;
    uint8_t *data; /* DATAGRAM_SIZE at most, as much as has come */
    size_t capacity;
    size_t total; /* known with the last fragment; 0 before */
    size_t units; /* that have come */
    uint8_t map[UNITS / 8];
    struct fragment_part *parts;
    size_t part_count, part_capacity;
};

static void release(struct datagram *datagram)
{
    free(datagram->data);
    free(datagram->parts);
    datagram->data = NULL;
    datagram->parts = NULL;
}

static void drop(struct fragments *fragments, size_t index)
{
    release(&fragments->datagrams[index]);
    fragments->count--;
    if (index < fragments->count) {
        fragments->datagrams[index] = fragments->datagrams[fragments->count];
    }
}

static bool is_same(const struct datagram *datagram, const struct fragment *fragment)
{
    return datagram->id == fragment->id && datagram->protocol == fragment->protocol &&
           datagram->from.family == fragment->from.family &&
           memcmp(datagram->from.address, fragment->from.address, 16) == 0 &&
           memcmp(datagram->to.address, fragment->to.address, 16) == 0;
}

static struct datagram *add_datagram(struct fragments *fragments, const struct fragment *fragment)
{
    if (fragments->datagrams == NULL) {
        fragments->datagrams = calloc(DATAGRAMS_MAX, sizeof *fragments->datagrams);
        if (fragments->datagrams == NULL) {
            fragments->failed = true;
            return NULL;
        }
    }
    if (fragments->count == DATAGRAMS_MAX) {
        size_t oldest = 0;
        for (size_t i = 1; i < fragments->count; i++) {
            if (fragments->datagrams[i].begun_ns < fragments->datagrams[oldest].begun_ns) {
                oldest = i;
            }
        }
        drop(fragments, oldest);
        fragments->given_up++;
    }
    struct datagram *datagram = &fragments->datagrams[fragments->count++];
    *datagram = (struct datagram){.from = fragment->from,
                                  .to = fragment->to,
                                  .id = fragment->id,
                                  .protocol = fragment->protocol,
                                  .begun_ns = fragment->time_ns};
    return datagram;
}

static struct datagram *find(struct fragments *fragments, const struct fragment *fragment)
{
    for (size_t i = 0; i < fragments->count; i++) {
        struct datagram *datagram = &fragments->datagrams[i];
        if (!is_same(datagram, fragment)) {
            continue;
        }
        if (fragment->time_ns - datagram->begun_ns < GIVEN_UP) {
            return datagram;
        }
        drop(fragments, i);
        fragments->given_up++;
        break;
    }
    return add_datagram(fragments, fragment);
}

static bool make_room(struct datagram *datagram, size_t end)
{
    if (datagram->data != NULL && end <= datagram->capacity) {
        return true;
    }
    size_t capacity = (end + 4095) / 4096 * 4096;
    uint8_t *data = realloc(datagram->data, capacity);
    if (data == NULL) {
        return false;
    }
    datagram->data = data;
    datagram->capacity = capacity;
    return true;
}

/* Unit by unit: those that are there already stay. */
static void copy_units(struct datagram *datagram, size_t offset, const uint8_t *data, size_t length)
{
    for (size_t done = 0; done < length; done += UNIT) {
        size_t unit = (offset + done) / UNIT;
        size_t size = length - done < UNIT ? length - done : UNIT;
        uint8_t bit = (uint8_t)(1U << unit % 8);
        if ((datagram->map[unit / 8] & bit) == 0) {
            datagram->map[unit / 8] |= bit;
            datagram->units++;
            memcpy(datagram->data + offset + done, data + done, size);
        }
    }
}

static bool remember_part(struct fragments *fragments, struct datagram *datagram)
{
    struct fragment_part *parts = array_grow(datagram->parts, &datagram->part_capacity,
                                             datagram->part_count + 1, sizeof *parts);
    if (parts == NULL) {
        return false;
    }
    datagram->parts = parts;
    parts[datagram->part_count++] = fragments->part;
    return true;
}

/* Counts again what lies before the end: a fragment may have claimed a place behind it. */
static bool is_whole(const struct datagram *datagram)
{
    size_t needed = (datagram->total + UNIT - 1) / UNIT;

    if (datagram->total == 0 || datagram->units < needed) {
        return false;
    }
    for (size_t unit = 0; unit < needed; unit++) {
        if ((datagram->map[unit / 8] & 1U << unit % 8) == 0) {
            return false;
        }
    }
    return true;
}

/* The datagram leaves the table; its bytes and parts stay until the next packet. */
static void hand_over(struct fragments *fragments, struct datagram *datagram)
{
    fragments->whole = datagram->data;
    fragments->parts = datagram->parts;
    fragments->part_count = datagram->part_count;
    datagram->data = NULL;
    datagram->parts = NULL;
    drop(fragments, (size_t)(datagram - fragments->datagrams));
}

static bool is_possible(const struct fragment *fragment, size_t length)
{
    return length > 0 && fragment->offset + length <= DATAGRAM_SIZE &&
           (!fragment->more || length % UNIT == 0);
}

bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
                   const uint8_t *data, size_t length, const uint8_t **whole, size_t *whole_length)
{
    if (!is_possible(fragment, length)) {
        return false;
    }
    struct datagram *datagram = find(fragments, fragment);
    if (datagram == NULL) {
        return false;
    }
    size_t end = fragment->offset + length;
    if (datagram->part_count >= UNITS) {
        return false;
    }
    if (!make_room(datagram, end)) {
        fragments->failed = true;
        return false;
    }
    copy_units(datagram, fragment->offset, data, length);
    if (!fragment->more && datagram->total == 0) {
        datagram->total = end;
    }
    if (is_whole(datagram)) {
        *whole_length = datagram->total;
        free(fragments->whole); /* of an outer datagram that this one came in: `data` are copied */
        free(fragments->parts);
        hand_over(fragments, datagram);
        *whole = fragments->whole;
        return true;
    }
    if (!remember_part(fragments, datagram)) {
        fragments->failed = true;
    }
    return false;
}

void fragments_forget_parts(struct fragments *fragments)
{
    if (fragments->whole != NULL) {
        free(fragments->whole);
        free(fragments->parts);
        fragments->whole = NULL;
        fragments->parts = NULL;
        fragments->part_count = 0;
    }
}

uint64_t fragments_incomplete(const struct fragments *fragments)
{
    return fragments->given_up + fragments->count;
}

void fragments_free(struct fragments *fragments)
{
    fragments_forget_parts(fragments);
    for (size_t i = 0; i < fragments->count; i++) {
        release(&fragments->datagrams[i]);
    }
    free(fragments->datagrams);
    *fragments = (struct fragments){0};
}
