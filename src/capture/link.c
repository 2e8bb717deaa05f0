/* Link layers: what a packet begins with, by the link type of its interface. */
#include "layers.h"
#include "load.h"

/* Link types (https://www.tcpdump.org/linktypes.html). */
static const struct {
    uint16_t link_type;
    enum layer layer;
} links[] = {
    {0, LAYER_NULL},       /* NULL: BSD loopback */
    {1, LAYER_ETHERNET},   /* ETHERNET */
    {9, LAYER_PPP},        /* PPP */
    {12, LAYER_IP},        /* DLT_RAW of most systems */
    {14, LAYER_IP},        /* DLT_RAW of OpenBSD */
    {50, LAYER_HDLC},      /* PPP_HDLC */
    {51, LAYER_PPPOE},     /* PPP_ETHER */
    {100, LAYER_LLC},      /* ATM_RFC1483 */
    {101, LAYER_IP},       /* RAW */
    {104, LAYER_HDLC},     /* C_HDLC */
    {105, LAYER_WLAN},     /* IEEE802_11 */
    {108, LAYER_NULL},     /* LOOP: OpenBSD loopback */
    {109, LAYER_ENC},      /* ENC: OpenBSD IPsec */
    {113, LAYER_COOKED},   /* LINUX_SLL */
    {117, LAYER_PFLOG},    /* PFLOG */
    {127, LAYER_RADIOTAP}, /* IEEE802_11_RADIOTAP */
    {149, LAYER_PKTAP},    /* DLT_USER2, as which macOS writes PKTAP */
    {192, LAYER_PPI},      /* PPI */
    {219, LAYER_MPLS},     /* MPLS */
    {228, LAYER_IPV4},     /* IPV4 */
    {229, LAYER_IPV6},     /* IPV6 */
    {239, LAYER_NFLOG},    /* NFLOG */
    {258, LAYER_PKTAP},    /* PKTAP */
    {276, LAYER_COOKED_2}, /* LINUX_SLL2 */
};

enum layer layer_of_link(unsigned link_type)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (links[i].link_type == link_type) {
            return links[i].layer;
        }
    }
    return LAYER_UNKNOWN;
}

enum layer layer_of_ethertype(unsigned type)
{
    switch (type) {
    case 0x0800:
        return LAYER_IPV4;
    case 0x86dd:
        return LAYER_IPV6;
    case 0x8100: /* 802.1Q */
    case 0x88a8: /* 802.1ad */
    case 0x9100: /* before it was a standard */
    case 0x9200:
    case 0x9300:
        return LAYER_VLAN;
    case 0x8926:
        return LAYER_VN_TAG;
    case 0x88e7:
        return LAYER_SERVICE_TAG;
    case 0x8847:
    case 0x8848:
        return LAYER_MPLS;
    case 0x8864:
        return LAYER_PPPOE;
    case 0x880b:
        return LAYER_PPP;
    case 0x6558:
        return LAYER_ETHERNET;
    default:
        return LAYER_UNKNOWN;
    }
}

/* A length where a type is expected: IEEE 802.3, with LLC behind it. */
static enum layer type_or_length(struct cursor *cursor, unsigned type)
{
    if (type >= 0x0600) {
        return layer_of_ethertype(type);
    }
    layer_limit(cursor, type);
    return LAYER_LLC;
}

enum layer layer_ethernet(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 14);

    return header != NULL ? type_or_length(cursor, load16(header + 12)) : LAYER_UNKNOWN;
}

enum layer layer_ethertype(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 2);

    return header != NULL ? type_or_length(cursor, load16(header)) : LAYER_UNKNOWN;
}

/* 802.2, and SNAP (RFC 1042). */
enum layer layer_llc(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 3);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    if (header[0] == 0x06 && header[1] == 0x06) {
        return LAYER_IPV4;
    }
    if (header[0] != 0xaa || header[1] != 0xaa || header[2] != 0x03) {
        return LAYER_UNKNOWN;
    }
    header = layer_take(cursor, 5);
    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    uint32_t organisation = load32(header) >> 8;
    bool ethertype = organisation == 0 || organisation == 0x0000f8;
    return ethertype ? layer_of_ethertype(load16(header + 3)) : LAYER_UNKNOWN;
}

/* An address family as some system numbers it, in either byte order. */
static enum layer family(uint32_t number)
{
    switch (number) {
    case 2:
        return LAYER_IPV4;
    case 10: /* Linux */
    case 23: /* Windows */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* macOS */
        return LAYER_IPV6;
    default:
        return LAYER_UNKNOWN;
    }
}

enum layer layer_null(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 4);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    enum layer layer = family(load32(header));
    if (layer == LAYER_UNKNOWN) {
        layer = family(load32le(header));
    }
    return layer;
}

/* Linux's protocol field: an EtherType, or a small number of its own. */
static enum layer cooked(unsigned protocol)
{
    return protocol == 4 ? LAYER_LLC : layer_of_ethertype(protocol);
}

enum layer layer_cooked(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 16);

    return header != NULL ? cooked(load16(header + 14)) : LAYER_UNKNOWN;
}

enum layer layer_cooked_2(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 20);

    return header != NULL ? cooked(load16(header)) : LAYER_UNKNOWN;
}

/* Linux netfilter: type-length-value, in the byte order of the machine, that of the first
 * length that makes sense. The payload is type 9. */
enum layer layer_nflog(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 4);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    enum layer layer = header[0] == 2 ? LAYER_IPV4 : header[0] == 10 ? LAYER_IPV6 : LAYER_UNKNOWN;
    while (cursor->left >= 4) {
        bool big = load16le(cursor->data) > load16(cursor->data);
        size_t length = load16_in(cursor->data, big);
        unsigned type = load16_in(cursor->data + 2, big);
        if (length < 4) {
            return LAYER_UNKNOWN;
        }
        if (type == 9) {
            (void)layer_take(cursor, 4); /* seen above */
            layer_limit(cursor, length - 4);
            return layer;
        }
        if (layer_take(cursor, (length + 3) / 4 * 4) == NULL) {
            return LAYER_UNKNOWN;
        }
    }
    return LAYER_UNKNOWN;
}

enum layer layer_ppi(struct cursor *cursor)
{
    if (cursor->left < 8) {
        return LAYER_UNKNOWN;
    }
    unsigned length = load16le(cursor->data + 2);
    uint32_t link = load32le(cursor->data + 4);
    return length >= 8 && layer_take(cursor, length) != NULL && link < UINT16_MAX
               ? layer_of_link(link)
               : LAYER_UNKNOWN;
}

/* macOS: who sent it, then the packet with a link type of its own. */
enum layer layer_pktap(struct cursor *cursor)
{
    if (cursor->left < 12) {
        return LAYER_UNKNOWN;
    }
    uint32_t length = load32le(cursor->data);
    uint32_t link = load32le(cursor->data + 8);
    return length >= 12 && layer_take(cursor, length) != NULL && link < UINT16_MAX
               ? layer_of_link(link)
               : LAYER_UNKNOWN;
}

/* BSD's packet filter: length, address family, and more; padded to 4 bytes. */
enum layer layer_pflog(struct cursor *cursor)
{
    if (cursor->left < 2) {
        return LAYER_UNKNOWN;
    }
    size_t length = ((size_t)cursor->data[0] + 3) / 4 * 4;
    enum layer layer = family(cursor->data[1]);
    return length >= 4 && layer_take(cursor, length) != NULL ? layer : LAYER_UNKNOWN;
}

enum layer layer_enc(struct cursor *cursor)
{
    return layer_take(cursor, 12) != NULL ? LAYER_IP : LAYER_UNKNOWN;
}
