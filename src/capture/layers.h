/*
 * The layers of a packet. Each is a function that takes its header off the cursor and names what
 * comes next; decode.c walks from one to the other. They are grouped by file: link.c, encapsulation.c (tags,
 * labels and tunnels), wireless.c, network.c, transport.c.
 */
#ifndef CAPTURE_LAYERS_H
#define CAPTURE_LAYERS_H

#include "fragments.h"
#include "segment.h"

enum layer {
    LAYER_UNKNOWN, /* nothing that could carry TCP or UDP, or a header that is cut */
    LAYER_DONE,    /* the segment is filled */
    LAYER_WAITS,   /* an IP fragment: the rest is in other packets */
    LAYER_ETHERNET,
    LAYER_ETHERTYPE, /* 2 bytes of type, then that */
    LAYER_LLC,
    LAYER_VLAN,
    LAYER_VN_TAG,
    LAYER_SERVICE_TAG,
    LAYER_MPLS,
    LAYER_PPPOE,
    LAYER_PPP,
    LAYER_HDLC,
    LAYER_NULL,
    LAYER_COOKED,
    LAYER_COOKED_2,
    LAYER_NFLOG,
    LAYER_PPI,
    LAYER_PKTAP,
    LAYER_PFLOG,
    LAYER_ENC,
    LAYER_RADIOTAP,
    LAYER_WLAN,
    LAYER_ERSPAN_2,
    LAYER_ERSPAN_3,
    LAYER_GRE,
    LAYER_ETHER_IP,
    LAYER_VXLAN,
    LAYER_GENEVE,
    LAYER_GTP,
    LAYER_IP, /* the version decides */
    LAYER_IPV4,
    LAYER_IPV6,
    LAYER_AUTHENTICATION,
    LAYER_TCP,
    LAYER_UDP,
    LAYER_COUNT,
};

struct cursor {
    const uint8_t *data;
    size_t left; /* bytes that are there */
    size_t wire; /* bytes that were on the wire, at least `left` */
    struct fragments *fragments;
    struct segment *segment;
    int64_t time_ns;
    bool tunnelled;       /* `outer` is filled */
    struct segment outer; /* the datagram that may be a tunnel's, for when it is none */
};

/* The next `count` bytes; NULL when they are not there. */
static inline const uint8_t *layer_take(struct cursor *cursor, size_t count)
{
    const uint8_t *bytes = cursor->data;

    if (count > cursor->left) {
        return NULL;
    }
    cursor->data += count;
    cursor->left -= count;
    cursor->wire -= count;
    return bytes;
}

/* Only the first `wire` bytes belong to what comes next. */
static inline void layer_limit(struct cursor *cursor, size_t wire)
{
    if (wire < cursor->wire) {
        cursor->wire = wire;
        cursor->left = cursor->left < wire ? cursor->left : wire;
    }
}

/* What an EtherType, a PPP protocol, an IP protocol and a link type stand for. */
enum layer layer_of_ethertype(unsigned type);
enum layer layer_of_ppp(unsigned protocol);
enum layer layer_of_ip(unsigned protocol);
enum layer layer_of_link(unsigned link_type);

enum layer layer_ethernet(struct cursor *cursor);
enum layer layer_ethertype(struct cursor *cursor);
enum layer layer_llc(struct cursor *cursor);
enum layer layer_vn_tag(struct cursor *cursor);
enum layer layer_service_tag(struct cursor *cursor);
enum layer layer_vlan(struct cursor *cursor);
enum layer layer_mpls(struct cursor *cursor);
enum layer layer_pppoe(struct cursor *cursor);
enum layer layer_ppp(struct cursor *cursor);
enum layer layer_hdlc(struct cursor *cursor);
enum layer layer_null(struct cursor *cursor);
enum layer layer_cooked(struct cursor *cursor);
enum layer layer_cooked_2(struct cursor *cursor);
enum layer layer_nflog(struct cursor *cursor);
enum layer layer_ppi(struct cursor *cursor);
enum layer layer_pktap(struct cursor *cursor);
enum layer layer_pflog(struct cursor *cursor);
enum layer layer_enc(struct cursor *cursor);
enum layer layer_radiotap(struct cursor *cursor);
enum layer layer_wlan(struct cursor *cursor);
enum layer layer_erspan_2(struct cursor *cursor);
enum layer layer_erspan_3(struct cursor *cursor);
enum layer layer_gre(struct cursor *cursor);
enum layer layer_ether_ip(struct cursor *cursor);
enum layer layer_vxlan(struct cursor *cursor);
enum layer layer_geneve(struct cursor *cursor);
enum layer layer_gtp(struct cursor *cursor);
enum layer layer_version(struct cursor *cursor);
enum layer layer_ipv4(struct cursor *cursor);
enum layer layer_ipv6(struct cursor *cursor);
enum layer layer_authentication(struct cursor *cursor);
enum layer layer_tcp(struct cursor *cursor);
enum layer layer_udp(struct cursor *cursor);

#endif
