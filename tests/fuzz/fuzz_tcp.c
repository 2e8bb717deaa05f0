/*
 * TCP streams whose bytes are known, in any pieces: each 6 bytes of input are a segment of either side, at any place,
 * in any order, with any flags, cut by a snap length. Whatever is given must be the bytes of that place, in
 * order and once.
 */
#include <stdlib.h>
#include <string.h>

#include "../../src/capture/assembler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STREAM 4096

static uint8_t streams[2][STREAM + 256];

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

struct seen {
    uint64_t next[2];
    uint64_t start[2]; /* place of the first byte in the stream */
    bool fin[2];
};

static void check_items(struct item_queue *queue, struct seen *seen)
{
    struct capture_item item;

    while (item_queue_next(queue, &item)) {
        if (item.kind == CAPTURE_FIN) {
            require(!seen->fin[item.from]);
            seen->fin[item.from] = true;
        }
        if (item.kind != CAPTURE_BYTES && item.kind != CAPTURE_GAP) {
            continue;
        }
        uint64_t place = seen->start[item.from] + item.offset;
        require(!seen->fin[item.from] && item.offset == seen->next[item.from]);
        require(item.length + item.lost > 0);
        seen->next[item.from] += item.length + item.lost;
        if (item.kind == CAPTURE_BYTES) {
            require(place + item.length <= sizeof streams[0]);
            require(memcmp(item.data, streams[item.from] + place, item.length) == 0);
        }
    }
}

/* Direction and flags, 12 bits of place, length, snap length, acknowledgement. */
static struct segment segment_of(const uint8_t *bytes, const uint32_t isn[2],
                                 enum capture_end *from)
{
    static const uint8_t flags[] = {TCP_ACK,           TCP_ACK, TCP_ACK,           TCP_ACK,
                                    TCP_ACK | TCP_FIN, TCP_SYN, TCP_SYN | TCP_ACK, TCP_RST};
    uint32_t place = (uint32_t)(bytes[0] & 0x0f) << 8 | bytes[1];
    struct segment segment = {0};

    *from = bytes[0] >> 7;
    segment.flags = flags[bytes[0] >> 4 & 7];
    segment.length = bytes[2];
    segment.captured = bytes[3] < 200 || bytes[3] > segment.length ? segment.length : bytes[3];
    segment.data = streams[*from] + place;
    segment.seq = isn[*from] + 1 + place;
    segment.ack = isn[1 - *from] + 1 + ((uint32_t)bytes[4] << 4 | bytes[5] >> 4);
    if (segment.flags & TCP_SYN) { /* stands before the first byte */
        segment.seq = isn[*from];
        segment.data = streams[*from];
    }
    return segment;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct item_queue queue = {0};
    struct assembler assembler = {.queue = &queue};
    struct seen seen = {0};
    const uint32_t isn[2] = {0xfffff000, 77};

    for (size_t i = 0; i < sizeof streams; i++) {
        streams[i / sizeof streams[0]][i % sizeof streams[0]] = (uint8_t)(i * 167 + i / 251);
    }
    for (size_t at = 0; at + 6 <= size; at += 6) {
        enum capture_end from;
        struct segment segment = segment_of(data + at, isn, &from);
        bool known = assembler.ends[from].known;
        assembler_take(&assembler, from, &segment, at / 6 + 1, (int64_t)at);
        if (!known && assembler.ends[from].known) {
            seen.start[from] = segment.flags & TCP_SYN ? 0 : segment.seq - isn[from] - 1;
        }
        check_items(&queue, &seen);
    }
    assembler_finish(&assembler);
    check_items(&queue, &seen);
    require(assembler.ends[0].held_count + assembler.ends[1].held_count == 0);
    require(!assembler.failed);
    assembler_free(&assembler);
    item_queue_free(&queue);
    return 0;
}
