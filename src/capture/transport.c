/* TCP (RFC 9293) and UDP (RFC 768), the tunnels over UDP included. */
#include "layers.h"
#include "load.h"

static void set_ports(struct segment *segment, const uint8_t *header)
{
    segment->from.port = load16(header);
    segment->to.port = load16(header + 2);
}

static enum layer set_payload(struct cursor *cursor)
{
    cursor->segment->data = cursor->data;
    cursor->segment->captured = (uint32_t)cursor->left;
    cursor->segment->length = (uint32_t)cursor->wire;
    return LAYER_DONE;
}

/* Options may be cut; then so is all of the payload. */
static void skip_options(struct cursor *cursor, size_t length)
{
    size_t there = length < cursor->left ? length : cursor->left;

    (void)layer_take(cursor, there); /* no more than there is */
    cursor->wire -= length - there;
}

enum layer layer_tcp(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 20);
    struct segment *segment = cursor->segment;

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    size_t length = (size_t)(header[12] >> 4) * 4;
    if (length < 20 || length - 20 > cursor->wire) {
        return LAYER_UNKNOWN;
    }
    set_ports(segment, header);
    segment->transport = CAPTURE_TCP;
    segment->seq = load32(header + 4);
    segment->ack = load32(header + 8);
    segment->flags = header[13];
    skip_options(cursor, length - 20);
    return set_payload(cursor);
}

/* What is known by its port. */
static enum layer tunnel(unsigned port)
{
    switch (port) {
    case 2152:
        return LAYER_GTP;
    case 3544: /* Teredo (RFC 4380), without the indications of some packets */
        return LAYER_IPV6;
    case 4789:
    case 8472: /* Linux before there was a number */
        return LAYER_VXLAN;
    case 6081:
        return LAYER_GENEVE;
    default:
        return LAYER_UNKNOWN;
    }
}

enum layer layer_udp(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 8);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    unsigned length = load16(header + 4);
    if (length != 0 && length < 8) {
        return LAYER_UNKNOWN;
    }
    if (length != 0) {
        layer_limit(cursor, length - 8);
    }
    set_ports(cursor->segment, header);
    cursor->segment->transport = CAPTURE_UDP;
    cursor->segment->flags = 0;
    (void)set_payload(cursor); /* always LAYER_DONE */
    enum layer inside = tunnel(cursor->segment->to.port);
    if (inside == LAYER_UNKNOWN) {
        return LAYER_DONE;
    }
    if (!cursor->tunnelled) {
        cursor->tunnelled = true;
        cursor->outer = *cursor->segment;
    }
    return inside;
}
