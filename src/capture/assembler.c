/* TCP segments to streams. */
#include "assembler.h"

#include <stdlib.h>

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

static void note(struct assembler *assembler, enum capture_end from, const char *text)
{
    struct capture_item *item = assembler_put(assembler, CAPTURE_NOTE, from);

    if (item != NULL) {
        item->note = text;
    }
}

static void advance(struct direction *direction, uint32_t count)
{
    direction->next += count;
    direction->offset += count;
}

/* ---- giving ---------------------------------------------------------------------------------------- */

static void give_gap(struct assembler *assembler, enum capture_end from, uint32_t lost)
{
    struct capture_item *item = assembler_put(assembler, CAPTURE_GAP, from);

    if (item != NULL) {
        item->lost = lost;
        advance(&assembler->ends[from], lost);
    }
}

/* In sequence. What the snap length cut off is a gap at once: it would be cut again. */
static void give_bytes(struct assembler *assembler, enum capture_end from, const uint8_t *data,
                       uint32_t captured, uint32_t length)
{
    if (captured > 0) {
        struct capture_item *item = assembler_put(assembler, CAPTURE_BYTES, from);
        if (item != NULL) {
            item->data = data;
            item->length = captured;
            advance(&assembler->ends[from], captured);
        }
    }
    if (captured < length) {
        give_gap(assembler, from, length - captured);
    }
}

static void give_fin(struct assembler *assembler, enum capture_end from)
{
    (void)assembler_put(assembler, CAPTURE_FIN, from); /* `failed` tells */
    assembler->ends[from].fin = true;
}

/* Of a held piece what is still wanted. Takes its data. */
static void give_piece(struct assembler *assembler, enum capture_end from, struct piece *piece)
{
    struct direction *direction = &assembler->ends[from];
    uint32_t skip = direction->next - piece->seq;

    if (piece->fin) {
        free(piece->data);
        give_fin(assembler, from);
        return;
    }
    if (skip >= piece->length) {
        free(piece->data);
        return;
    }
    uint32_t length = piece->length - skip;
    uint32_t captured = piece->captured > skip ? piece->captured - skip : 0;
    if (captured == 0) {
        free(piece->data);
    } else {
        struct capture_item *item = assembler_put_owned(assembler, from, piece->data);
        if (item != NULL) {
            item->data = piece->data + skip;
            item->length = captured;
            advance(direction, captured);
        }
    }
    if (captured < length) {
        give_gap(assembler, from, length - captured);
    }
}

static void give_reset(struct assembler *assembler, enum capture_end from, uint64_t frame,
                       int64_t time_ns)
{
    struct capture_item *item = assembler_put(assembler, CAPTURE_RST, from);

    if (item != NULL) {
        item->frame = frame;
        item->time_ns = time_ns;
    }
}

void assembler_datagram(struct assembler *assembler, enum capture_end from,
                        const struct segment *segment, uint64_t frame, int64_t time_ns)
{
    assembler->frame = frame;
    assembler->time_ns = time_ns;
    struct capture_item *item = assembler_put(assembler, CAPTURE_BYTES, from);
    if (item != NULL) {
        item->data = segment->data;
        item->length = segment->captured;
        item->lost = segment->length - segment->captured;
        assembler->ends[from].offset += segment->length;
    }
}

/* ---- what is held back ----------------------------------------------------------------------------------- */

/* Gives what follows without anything missing; `own`: with the frames the pieces came in. */
static void settle(struct assembler *assembler, enum capture_end from, bool own)
{
    struct direction *direction = &assembler->ends[from];
    uint64_t frame = assembler->frame;
    int64_t time_ns = assembler->time_ns;
    size_t count = 0;

    for (; count < direction->held_count && !direction->fin; count++) {
        struct piece *piece = &direction->held[count];
        if (distance(direction->next, piece->seq) > 0) {
            break;
        }
        if (own) {
            assembler->frame = piece->frame;
            assembler->time_ns = piece->time_ns;
        }
        give_piece(assembler, from, piece);
    }
    if (direction->fin && count < direction->held_count) {
        note(assembler, from, "data after FIN");
        for (; count < direction->held_count; count++) {
            free(direction->held[count].data);
        }
    }
    held_remove(direction, count);
    assembler->frame = frame;
    assembler->time_ns = time_ns;
    if (direction->held_count == 0 && direction->reset_waits) {
        direction->reset_waits = false;
        give_reset(assembler, from, direction->reset_frame, direction->reset_ns);
    }
}

/* Gives up what is missing before the first held piece. The gap is seen with that. */
static void skip_missing(struct assembler *assembler, enum capture_end from)
{
    struct direction *direction = &assembler->ends[from];
    const struct piece *first = &direction->held[0];
    uint64_t frame = assembler->frame;
    int64_t time_ns = assembler->time_ns;

    assembler->frame = first->frame;
    assembler->time_ns = first->time_ns;
    give_gap(assembler, from, first->seq - direction->next);
    assembler->frame = frame;
    assembler->time_ns = time_ns;
    settle(assembler, from, true);
}

static bool is_given_up(const struct assembler *assembler, enum capture_end from)
{
    const struct direction *direction = &assembler->ends[from];

    if (direction->held_bytes > ASSEMBLER_HELD_MAX ||
        direction->held_count > ASSEMBLER_PIECES_MAX) {
        return true;
    }
    bool acked = direction->acked_known && distance(direction->acked, direction->held[0].seq) <= 0;
    return acked && (assembler->may_come == NULL ||
                     !assembler->may_come(assembler->user, from, direction->next));
}

static void give_up_missing(struct assembler *assembler, enum capture_end from)
{
    while (assembler->ends[from].held_count > 0 && !assembler->failed &&
           is_given_up(assembler, from)) {
        skip_missing(assembler, from);
    }
}

/* ---- taking segments ---------------------------------------------------------------------------------------- */

void assembler_start(struct assembler *assembler, enum capture_end end, uint32_t seq)
{
    assembler->ends[end].known = true;
    assembler->ends[end].next = seq;
}

static void take_syn(struct assembler *assembler, enum capture_end from,
                     const struct segment *segment)
{
    struct direction *direction = &assembler->ends[from];

    if (direction->syn) {
        note(assembler, from,
             direction->syn_seq == segment->seq ? "retransmission" : "another SYN");
        return;
    }
    direction->syn = true;
    direction->syn_seq = segment->seq;
    if (!direction->known) {
        assembler_start(assembler, from, segment->seq + 1);
    }
    struct capture_item *item = assembler_put(assembler, CAPTURE_SYN, from);
    if (item != NULL) {
        item->ack = segment->flags & TCP_ACK;
    }
}

/* The first acknowledgement of the answer's SYN. */
static void take_third(struct assembler *assembler, enum capture_end from,
                       const struct segment *segment)
{
    const struct direction *other = &assembler->ends[1 - from];

    if (!assembler->third && assembler->ends[from].syn && other->syn &&
        (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_ACK && segment->ack == other->syn_seq + 1) {
        assembler->third = true;
        (void)assembler_put(assembler, CAPTURE_ACK, from); /* `failed` tells */
    }
}

static void take_ack(struct direction *other, uint32_t ack)
{
    if (!other->acked_known) {
        other->acked_known = true;
        other->first_acked = ack;
        other->acked = ack;
        other->acked_before = ack;
    } else if (distance(other->acked, ack) > 0) {
        other->acked_before = other->acked;
        other->acked = ack;
    }
}

/* It was sent before what is held already. A segment that only follows a lost one is in its place (Wireshark says of it:
 * previous segment not captured). */
static bool is_late(const struct direction *direction, uint32_t seq)
{
    return direction->held_count > 0 &&
           distance(seq, direction->held[direction->held_count - 1].seq) > 0;
}

static void take_data(struct assembler *assembler, enum capture_end from,
                      const struct segment *segment, uint32_t seq)
{
    struct direction *direction = &assembler->ends[from];
    int32_t ahead = distance(direction->next, seq);
    uint32_t length = segment->length;
    uint32_t captured = segment->captured;
    const uint8_t *data = segment->data;

    if (ahead > 0) {
        const struct piece piece = {.seq = seq,
                                    .length = length,
                                    .captured = captured,
                                    .data = (uint8_t *)(uintptr_t)data,
                                    .frame = assembler->frame,
                                    .time_ns = assembler->time_ns};
        size_t held = direction->held_count;
        bool late = is_late(direction, seq);
        held_add(assembler, from, &piece);
        if (late && direction->held_count > held) { /* or all of it was held already */
            note(assembler, from, "out of order");
        }
        return;
    }
    uint32_t known = direction->next - seq; /* `ahead` may be the one number without a negative */
    if (known >= length) {
        note(assembler, from, known == 1 && length == 1 ? "keep-alive" : "retransmission");
        return;
    }
    if (is_late(direction, seq)) {
        note(assembler, from, "out of order");
    }
    if (known > 0) {
        note(assembler, from, "overlap");
        data += known < captured ? known : captured;
        captured = captured > known ? captured - known : 0;
        length -= known;
    }
    /* What is held came first and wins. */
    const struct piece *first = direction->held_count > 0 ? &direction->held[0] : NULL;
    uint32_t room = first != NULL ? first->seq - direction->next : length;
    if (room >= length) {
        give_bytes(assembler, from, data, captured, length);
        return;
    }
    const struct piece rest = {.seq = direction->next,
                               .length = length,
                               .captured = captured,
                               .data = (uint8_t *)(uintptr_t)data,
                               .frame = assembler->frame,
                               .time_ns = assembler->time_ns};
    held_add(assembler, from, &rest);
}

static void take_fin(struct assembler *assembler, enum capture_end from, uint32_t seq)
{
    struct direction *direction = &assembler->ends[from];
    int32_t ahead = distance(direction->next, seq);

    if (ahead == 0 && direction->held_count == 0) {
        give_fin(assembler, from);
    } else if (ahead >= 0) {
        const struct piece piece = {
            .seq = seq, .fin = true, .frame = assembler->frame, .time_ns = assembler->time_ns};
        held_add(assembler, from, &piece);
    }
}

/* RFC 9293 3.5.3; data in it are words for people (3.5.3, RFC 1122 4.2.2.12), not of the stream. */
static void take_reset(struct assembler *assembler, enum capture_end from)
{
    struct direction *direction = &assembler->ends[from];

    if (direction->reset) {
        note(assembler, from, "another RST");
        return;
    }
    direction->reset = true;
    if (direction->held_count == 0) {
        give_reset(assembler, from, assembler->frame, assembler->time_ns);
        return;
    }
    direction->reset_waits = true;
    direction->reset_frame = assembler->frame;
    direction->reset_ns = assembler->time_ns;
}

/* What a segment says about the stream of its sender. */
static void take_stream(struct assembler *assembler, enum capture_end from,
                        const struct segment *segment)
{
    struct direction *direction = &assembler->ends[from];
    uint32_t seq = segment->seq + (segment->flags & TCP_SYN ? 1 : 0);

    if (!direction->known) {
        assembler_start(assembler, from, seq);
    }
    bool fin = segment->flags & TCP_FIN;
    if (direction->fin) {
        bool old = distance(direction->next, seq + segment->length) <= 0;
        if (fin || segment->length > 0) {
            note(assembler, from, old ? "retransmission" : "data after FIN");
        }
        return;
    }
    if (segment->length > 0) {
        take_data(assembler, from, segment, seq);
    }
    if (fin) {
        take_fin(assembler, from, seq + segment->length);
    }
    settle(assembler, from, false);
}

void assembler_take(struct assembler *assembler, enum capture_end from,
                    const struct segment *segment, uint64_t frame, int64_t time_ns)
{
    assembler->frame = frame;
    assembler->time_ns = time_ns;
    if (segment->flags & TCP_RST) {
        take_reset(assembler, from);
        return;
    }
    if (segment->flags & TCP_ACK) {
        take_ack(&assembler->ends[1 - from], segment->ack);
    }
    if (segment->flags & TCP_SYN) {
        take_syn(assembler, from, segment);
    }
    take_third(assembler, from, segment);
    take_stream(assembler, from, segment);
    give_up_missing(assembler, from);
    give_up_missing(assembler, 1 - from);
}

/* ---- the end --------------------------------------------------------------------------------------------------- */

/* Bytes at the end that only the other end's acknowledgements tell of. A last step of 1 is a FIN's. */
static void give_tail(struct assembler *assembler, enum capture_end from)
{
    struct direction *direction = &assembler->ends[from];

    if (direction->fin || !direction->acked_known) {
        return;
    }
    uint32_t next = direction->known ? direction->next : direction->first_acked;
    bool fin = direction->acked - direction->acked_before == 1;
    int32_t lost = distance(next, fin ? direction->acked_before : direction->acked);
    if (lost > 0) {
        give_gap(assembler, from, (uint32_t)lost);
    }
}

void assembler_finish(struct assembler *assembler)
{
    struct direction *ends = assembler->ends;

    while (!assembler->failed && ends[0].held_count + ends[1].held_count > 0) {
        bool first = ends[1].held_count == 0 ||
                     (ends[0].held_count > 0 && ends[0].held[0].frame < ends[1].held[0].frame);
        skip_missing(assembler, first ? CAPTURE_A : CAPTURE_B);
    }
    give_tail(assembler, CAPTURE_A);
    give_tail(assembler, CAPTURE_B);
}

void assembler_free(struct assembler *assembler)
{
    for (size_t end = 0; end < 2; end++) {
        struct direction *direction = &assembler->ends[end];
        for (size_t i = 0; i < direction->held_count; i++) {
            free(direction->held[i].data);
        }
        free(direction->held);
        direction->held = NULL;
        direction->held_count = 0;
    }
}
