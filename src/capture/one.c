/* One packet by itself: the TCP segment in it. */
#include "decode.h"

/* Where IP begins, for the link types that captures of this program have. The cooked headers of "any" have a fixed length
 * (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
static size_t link_header(uint16_t link_type)
{
    switch (link_type) {
    case 1: /* Ethernet, without tags */
        return 14;
    case 113:
        return 16;
    case 276:
        return 20;
    default:
        return 0; /* 101, 228, 229: raw IP */
    }
}

bool capture_segment_read(uint16_t link_type, const uint8_t *data, size_t length, size_t original,
                          struct capture_segment *segment)
{
    struct packet packet = {.link_type = link_type,
                            .data = data,
                            .captured = (uint32_t)length,
                            .length = (uint32_t)original};
    struct fragments fragments = {0};
    struct segment found = {0};
    size_t link = link_header(link_type);
    bool whole = length <= (size_t)PACKET_MAX && original <= UINT32_MAX && length > link &&
                 decode_packet(&packet, &fragments, &found) == DECODE_SEGMENT &&
                 found.transport == CAPTURE_TCP;

    fragments_free(&fragments); /* a fragment alone completes nothing */
    if (!whole) {
        return false;
    }
    *segment = (struct capture_segment){
        .from = found.from,
        .to = found.to,
        .seq = found.seq,
        .ack = found.ack,
        .flags = found.flags,
        .ip = data + link,
        .headers = (size_t)(found.data - data) - link,
        .captured = found.captured,
        .length = found.length,
    };
    return found.data >= data + link && found.data <= data + length;
}
