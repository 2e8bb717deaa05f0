/*
 * Any packets of any link type: the first byte chooses that, then each packet has two bytes of length before it. The layers under
 * TCP and UDP, IP fragments, and what becomes of the segments.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/capture/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t links[] = {0,   1,   9,   12,  14,  50,  51,  100, 101, 104, 105, 108,
                                 109, 113, 117, 127, 149, 192, 219, 228, 229, 239, 258, 276};

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_segment(const struct segment *segment)
{
    static volatile uint8_t sum;

    require(segment->captured <= segment->length);
    require(segment->from.family == 4 || segment->from.family == 6);
    for (uint32_t i = 0; i < segment->captured; i++) {
        sum = (uint8_t)(sum + segment->data[i]);
    }
}

/* A copy of its own, so that a byte too far is seen. */
static void decode(struct packet *packet, const uint8_t *data, struct fragments *fragments)
{
    uint8_t *copy = malloc(packet->captured + (packet->captured == 0));
    struct segment segment;

    require(copy != NULL);
    memcpy(copy, data, packet->captured);
    packet->data = copy;
    if (decode_packet(packet, fragments, &segment) == DECODE_SEGMENT) {
        check_segment(&segment);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fragments fragments = {0};
    struct packet packet = {0};

    if (size < 1) {
        return 0;
    }
    packet.link_type = links[data[0] % (sizeof links / sizeof *links)];
    for (size_t at = 1; at + 2 <= size;) {
        size_t wanted = (size_t)data[at] << 8 | data[at + 1];
        at += 2;
        size_t there = size - at < wanted ? size - at : wanted;
        packet.frame++;
        packet.time_ns += 1000000;
        packet.captured = (uint32_t)there;
        packet.length = (uint32_t)wanted;
        decode(&packet, data + at, &fragments);
        at += there;
    }
    fragments_free(&fragments);
    return 0;
}
