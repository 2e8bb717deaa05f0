/* Tags, labels and tunnels between a link layer and the IP packet that matters. */
#include "layers.h"
#include "load.h"

/* ---- on Ethernet ---------------------------------------------------------------------------------- */

enum layer layer_vlan(struct cursor *cursor)
{
    return layer_take(cursor, 2) != NULL ? LAYER_ETHERTYPE : LAYER_UNKNOWN;
}

enum layer layer_vn_tag(struct cursor *cursor)
{
    return layer_take(cursor, 4) != NULL ? LAYER_ETHERTYPE : LAYER_UNKNOWN;
}

/* 802.1ah: a whole frame behind the tag. */
enum layer layer_service_tag(struct cursor *cursor)
{
    return layer_take(cursor, 4) != NULL ? LAYER_ETHERNET : LAYER_UNKNOWN;
}

/* RFC 3032. What follows the last label is guessed from its first half byte, as routers do; 0 is a
 * pseudowire's control word (RFC 4385). */
enum layer layer_mpls(struct cursor *cursor)
{
    const uint8_t *label;

    do {
        label = layer_take(cursor, 4);
        if (label == NULL || cursor->left == 0) {
            return LAYER_UNKNOWN;
        }
    } while ((label[2] & 1) == 0);
    switch (cursor->data[0] >> 4) {
    case 4:
        return LAYER_IPV4;
    case 6:
        return LAYER_IPV6;
    case 0:
        return layer_take(cursor, 4) != NULL ? LAYER_ETHERNET : LAYER_UNKNOWN;
    default:
        return LAYER_ETHERNET;
    }
}

/* RFC 2516: the length keeps Ethernet's padding away. */
enum layer layer_pppoe(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 6);

    if (header == NULL || header[0] != 0x11 || header[1] != 0) {
        return LAYER_UNKNOWN;
    }
    layer_limit(cursor, load16(header + 4));
    return LAYER_PPP;
}

/* ---- PPP -------------------------------------------------------------------------------------------- */

enum layer layer_of_ppp(unsigned protocol)
{
    switch (protocol) {
    case 0x0021:
        return LAYER_IPV4;
    case 0x0057:
        return LAYER_IPV6;
    case 0x0281:
    case 0x0283:
        return LAYER_MPLS;
    default:
        return LAYER_UNKNOWN;
    }
}

/* RFC 1661, RFC 1662: address and control may be left out, and a zero byte of the protocol. */
enum layer layer_ppp(struct cursor *cursor)
{
    if (cursor->left >= 2 && cursor->data[0] == 0xff && cursor->data[1] == 0x03) {
        (void)layer_take(cursor, 2); /* seen above */
    }
    const uint8_t *protocol = layer_take(cursor, 1);
    if (protocol == NULL) {
        return LAYER_UNKNOWN;
    }
    if (protocol[0] & 1) {
        return layer_of_ppp(protocol[0]);
    }
    return layer_take(cursor, 1) != NULL ? layer_of_ppp(load16(protocol)) : LAYER_UNKNOWN;
}

/* PPP in HDLC framing, or Cisco's, which has an EtherType. */
enum layer layer_hdlc(struct cursor *cursor)
{
    bool cisco = cursor->left >= 4 && (cursor->data[0] == 0x0f || cursor->data[0] == 0x8f);

    if (!cisco) {
        return LAYER_PPP;
    }
    const uint8_t *header = layer_take(cursor, 4);
    return layer_of_ethertype(load16(header + 2));
}

/* ---- over IP ------------------------------------------------------------------------------------------ */

enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };
#define GRE_ACKNOWLEDGE 0x0080

/* A list of routes ends with an empty one (RFC 1701). */
static bool skip_routes(struct cursor *cursor)
{
    const uint8_t *route;

    do {
        route = layer_take(cursor, 4);
        if (route == NULL || layer_take(cursor, route[3]) == NULL) {
            return false;
        }
    } while (route[0] != 0 || route[1] != 0 || route[3] != 0);
    return true;
}

static enum layer gre_payload(unsigned type, bool sequenced)
{
    switch (type) {
    case 0x88be: /* without a sequence number there is no header: ERSPAN type I */
        return sequenced ? LAYER_ERSPAN_2 : LAYER_ETHERNET;
    case 0x22eb:
        return LAYER_ERSPAN_3;
    case 0x0001:
        return LAYER_IP; /* some routers */
    default:             /* Aruba's access points wrap the frames of the air */
        return type >= 0x8200 && type < 0x8400 ? LAYER_WLAN : layer_of_ethertype(type);
    }
}

/* RFC 2784, RFC 2890; version 1 is PPTP's (RFC 2637). */
enum layer layer_gre(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 4);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    unsigned flags = load16(header);
    size_t more = 0;
    if ((flags & 7) > 1) {
        return LAYER_UNKNOWN;
    }
    bool pptp = (flags & 7) == 1;
    more += !pptp && flags & (GRE_CHECKSUM | GRE_ROUTING) ? 4 : 0;
    more += flags & GRE_KEY ? 4 : 0;
    more += flags & GRE_SEQUENCE ? 4 : 0;
    more += pptp && flags & GRE_ACKNOWLEDGE ? 4 : 0;
    if (layer_take(cursor, more) == NULL ||
        (!pptp && flags & GRE_ROUTING && !skip_routes(cursor))) {
        return LAYER_UNKNOWN;
    }
    return gre_payload(load16(header + 2), flags & GRE_SEQUENCE);
}

/* draft-foschiano-erspan */
enum layer layer_erspan_2(struct cursor *cursor)
{
    return layer_take(cursor, 8) != NULL ? LAYER_ETHERNET : LAYER_UNKNOWN;
}

enum layer layer_erspan_3(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 12);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    bool more = header[11] & 1;
    return !more || layer_take(cursor, 8) != NULL ? LAYER_ETHERNET : LAYER_UNKNOWN;
}

/* RFC 3378 */
enum layer layer_ether_ip(struct cursor *cursor)
{
    return layer_take(cursor, 2) != NULL ? LAYER_ETHERNET : LAYER_UNKNOWN;
}

/* ---- over UDP ------------------------------------------------------------------------------------------- */

/* RFC 7348 */
enum layer layer_vxlan(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 8);

    return header != NULL && header[0] == 0x08 ? LAYER_ETHERNET : LAYER_UNKNOWN;
}

/* RFC 8926 */
enum layer layer_geneve(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 8);

    if (header == NULL || header[0] >> 6 != 0 ||
        layer_take(cursor, (size_t)(header[0] & 0x3f) * 4) == NULL) {
        return LAYER_UNKNOWN;
    }
    return layer_of_ethertype(load16(header + 2));
}

/* 3GPP TS 29.281 5: version 1, a user's packet. Extension headers are chained. */
enum layer layer_gtp(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 8);

    if (header == NULL || header[0] >> 4 != 3 || header[1] != 0xff) {
        return LAYER_UNKNOWN;
    }
    if ((header[0] & 7) == 0) {
        return LAYER_IP;
    }
    const uint8_t *optional = layer_take(cursor, 4);
    uint8_t next = optional != NULL ? optional[3] : 0;
    while (next != 0) {
        size_t length = cursor->left > 0 ? (size_t)cursor->data[0] * 4 : 0;
        const uint8_t *extension = length > 0 ? layer_take(cursor, length) : NULL;
        if (extension == NULL) {
            return LAYER_UNKNOWN;
        }
        next = extension[length - 1];
    }
    return optional != NULL ? LAYER_IP : LAYER_UNKNOWN;
}
