/*
 * IP fragments until their datagram is whole. Where fragments overlap, the first that came wins. The table is
 * bounded: the oldest datagram makes room, and one that is older than a minute is given up.
 */
#ifndef CAPTURE_FRAGMENTS_H
#define CAPTURE_FRAGMENTS_H

#include "tlstep/capture.h"

struct fragment {
    struct capture_endpoint from, to; /* without ports */
    uint32_t id;
    uint8_t protocol;
    uint32_t offset;
    bool more;
    int64_t time_ns;
};

/* A packet that had a fragment, as the caller wants to remember it. */
struct fragment_part {
    uint64_t place;
    uint32_t frame;
    uint16_t dialect; /* its own: the others may be in another section */
};

struct datagram;
struct fragments {
    struct datagram *datagrams; /* allocated with the first fragment */
    size_t count;
    struct fragment_part part; /* of the packet that is being decoded: set by the caller */
    uint64_t given_up;
    bool failed;                 /* memory ran out */
    uint8_t *whole;              /* the datagram that was completed last */
    struct fragment_part *parts; /* the other packets it came in */
    size_t part_count;
};

/* True when the datagram is whole with this fragment: its bytes are borrowed until the next call. */
bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
                   const uint8_t *data, size_t length, const uint8_t **whole, size_t *whole_length);
void fragments_forget_parts(struct fragments *fragments);
/* Datagrams that were never whole, those still waited for included. */
uint64_t fragments_incomplete(const struct fragments *fragments);
void fragments_free(struct fragments *fragments);

#endif
