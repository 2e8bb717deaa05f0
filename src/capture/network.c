/* IPv4 (RFC 791), IPv6 (RFC 8200), their fragments and extension headers. */
#include <string.h>

#include "layers.h"
#include "load.h"

enum ip_protocol {
    IP_HOP_BY_HOP = 0,
    IP_IPV4 = 4,
    IP_TCP = 6,
    IP_UDP = 17,
    IP_IPV6 = 41,
    IP_ROUTING = 43,
    IP_FRAGMENT = 44,
    IP_GRE = 47,
    IP_AUTHENTICATION = 51,
    IP_DESTINATION = 60,
    IP_ETHERNET = 97,
    IP_MOBILITY = 135,
    IP_MPLS = 137,
    IP_HIP = 139,
    IP_SHIM6 = 140,
    IP_ETHERNET_PLAIN = 143,
};

enum layer layer_of_ip(unsigned protocol)
{
    switch (protocol) {
    case IP_TCP:
        return LAYER_TCP;
    case IP_UDP:
        return LAYER_UDP;
    case IP_IPV4:
        return LAYER_IPV4;
    case IP_IPV6:
        return LAYER_IPV6;
    case IP_GRE:
        return LAYER_GRE;
    case IP_AUTHENTICATION:
        return LAYER_AUTHENTICATION;
    case IP_ETHERNET:
        return LAYER_ETHER_IP;
    case IP_ETHERNET_PLAIN:
        return LAYER_ETHERNET;
    case IP_MPLS:
        return LAYER_MPLS;
    default:
        return LAYER_UNKNOWN;
    }
}

enum layer layer_version(struct cursor *cursor)
{
    if (cursor->left == 0) {
        return LAYER_UNKNOWN;
    }
    switch (cursor->data[0] >> 4) {
    case 4:
        return LAYER_IPV4;
    case 6:
        return LAYER_IPV6;
    default:
        return LAYER_UNKNOWN;
    }
}

static void set_addresses(struct cursor *cursor, uint8_t family, const uint8_t *from,
                          const uint8_t *to)
{
    struct segment *segment = cursor->segment;
    size_t size = family == 4 ? 4 : 16;

    memset(&segment->from, 0, sizeof segment->from);
    memset(&segment->to, 0, sizeof segment->to);
    segment->from.family = family;
    segment->to.family = family;
    memcpy(segment->from.address, from, size);
    memcpy(segment->to.address, to, size);
}

/* Puts the cursor on the whole datagram once its last fragment is here. */
static enum layer reassemble(struct cursor *cursor, const struct fragment *fragment)
{
    const uint8_t *data;
    size_t length;

    if (cursor->left < cursor->wire) {
        return LAYER_UNKNOWN; /* cut by the snap length: it can never be whole */
    }
    if (!fragments_add(cursor->fragments, fragment, cursor->data, cursor->left, &data, &length)) {
        return LAYER_WAITS;
    }
    cursor->tunnelled = false; /* its data may have been in the datagram before */
    cursor->data = data;
    cursor->left = length;
    cursor->wire = length;
    return layer_of_ip(fragment->protocol);
}

/* Total length 0 is what a sender sees whose network card cuts the segments. */
static bool limit_ipv4(struct cursor *cursor, unsigned total, size_t header)
{
    if (total == 0) {
        return true;
    }
    if (total < header) {
        return false;
    }
    layer_limit(cursor, total - header);
    return true;
}

enum layer layer_ipv4(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 20);

    if (header == NULL || header[0] >> 4 != 4) {
        return LAYER_UNKNOWN;
    }
    size_t length = (size_t)(header[0] & 0x0f) * 4;
    if (length < 20 || layer_take(cursor, length - 20) == NULL ||
        !limit_ipv4(cursor, load16(header + 2), length)) {
        return LAYER_UNKNOWN;
    }
    set_addresses(cursor, 4, header + 12, header + 16);
    unsigned place = load16(header + 6);
    bool more = place & 0x2000;
    if (!more && (place & 0x1fff) == 0) {
        return layer_of_ip(header[9]);
    }
    const struct fragment fragment = {
        .from = cursor->segment->from,
        .to = cursor->segment->to,
        .id = load16(header + 4),
        .protocol = header[9],
        .offset = (place & 0x1fff) * 8,
        .more = more,
        .time_ns = cursor->time_ns,
    };
    return reassemble(cursor, &fragment);
}

/* RFC 8200 4.5 */
static enum layer ipv6_fragment(struct cursor *cursor, uint8_t *next)
{
    const uint8_t *header = layer_take(cursor, 8);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    unsigned place = load16(header + 2);
    if ((place & 0xfff9) == 0) { /* atomic: nothing to put together (RFC 6946) */
        *next = header[0];
        return LAYER_IPV6;
    }
    const struct fragment fragment = {
        .from = cursor->segment->from,
        .to = cursor->segment->to,
        .id = load32(header + 4),
        .protocol = header[0],
        .offset = place & 0xfff8,
        .more = place & 1,
        .time_ns = cursor->time_ns,
    };
    return reassemble(cursor, &fragment);
}

static bool is_extension(uint8_t protocol)
{
    switch (protocol) {
    case IP_HOP_BY_HOP:
    case IP_ROUTING:
    case IP_DESTINATION:
    case IP_MOBILITY:
    case IP_HIP:
    case IP_SHIM6:
        return true;
    default:
        return false;
    }
}

/* RFC 8200 4: a chain, walked once through the bytes that are there. */
static enum layer ipv6_extensions(struct cursor *cursor, uint8_t next)
{
    for (;;) {
        if (next == IP_FRAGMENT) {
            enum layer layer = ipv6_fragment(cursor, &next);
            if (layer != LAYER_IPV6) {
                return layer;
            }
            continue;
        }
        if (!is_extension(next)) {
            return layer_of_ip(next);
        }
        if (cursor->left < 8) {
            return LAYER_UNKNOWN;
        }
        next = cursor->data[0];
        if (layer_take(cursor, ((size_t)cursor->data[1] + 1) * 8) == NULL) {
            return LAYER_UNKNOWN;
        }
    }
}

enum layer layer_ipv6(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 40);

    if (header == NULL || header[0] >> 4 != 6) {
        return LAYER_UNKNOWN;
    }
    set_addresses(cursor, 6, header + 8, header + 24);
    unsigned length = load16(header + 4);
    if (length != 0) { /* 0: a jumbogram, or cut by the network card later */
        layer_limit(cursor, length);
    }
    return ipv6_extensions(cursor, header[6]);
}

/* RFC 4302 2: the length counts 4-byte words, less two. */
enum layer layer_authentication(struct cursor *cursor)
{
    if (cursor->left < 12) {
        return LAYER_UNKNOWN;
    }
    uint8_t next = cursor->data[0];
    if (layer_take(cursor, ((size_t)cursor->data[1] + 2) * 4) == NULL) {
        return LAYER_UNKNOWN;
    }
    return ipv6_extensions(cursor, next);
}
