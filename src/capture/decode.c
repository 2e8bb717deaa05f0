/* From layer to layer. */
#include "decode.h"

#include "layers.h"

/* Wrapping that is deeper is an attack. */
#define LAYERS_MAX 32

static enum layer (*const walk[LAYER_COUNT])(struct cursor *) = {
    [LAYER_ETHERNET] = layer_ethernet,
    [LAYER_ETHERTYPE] = layer_ethertype,
    [LAYER_LLC] = layer_llc,
    [LAYER_VLAN] = layer_vlan,
    [LAYER_VN_TAG] = layer_vn_tag,
    [LAYER_SERVICE_TAG] = layer_service_tag,
    [LAYER_MPLS] = layer_mpls,
    [LAYER_PPPOE] = layer_pppoe,
    [LAYER_PPP] = layer_ppp,
    [LAYER_HDLC] = layer_hdlc,
    [LAYER_NULL] = layer_null,
    [LAYER_COOKED] = layer_cooked,
    [LAYER_COOKED_2] = layer_cooked_2,
    [LAYER_NFLOG] = layer_nflog,
    [LAYER_PPI] = layer_ppi,
    [LAYER_PKTAP] = layer_pktap,
    [LAYER_PFLOG] = layer_pflog,
    [LAYER_ENC] = layer_enc,
    [LAYER_RADIOTAP] = layer_radiotap,
    [LAYER_WLAN] = layer_wlan,
    [LAYER_ERSPAN_2] = layer_erspan_2,
    [LAYER_ERSPAN_3] = layer_erspan_3,
    [LAYER_GRE] = layer_gre,
    [LAYER_ETHER_IP] = layer_ether_ip,
    [LAYER_VXLAN] = layer_vxlan,
    [LAYER_GENEVE] = layer_geneve,
    [LAYER_GTP] = layer_gtp,
    [LAYER_IP] = layer_version,
    [LAYER_IPV4] = layer_ipv4,
    [LAYER_IPV6] = layer_ipv6,
    [LAYER_AUTHENTICATION] = layer_authentication,
    [LAYER_TCP] = layer_tcp,
    [LAYER_UDP] = layer_udp,
};

enum decode_result decode_packet(const struct packet *packet, struct fragments *fragments,
                                 struct segment *segment)
{
    struct cursor cursor;
    cursor.data = packet->data;
    cursor.left = packet->captured;
    cursor.wire = packet->length > packet->captured ? packet->length : packet->captured;
    cursor.fragments = fragments;
    cursor.segment = segment;
    cursor.time_ns = packet->time_ns;
    cursor.tunnelled = false; /* `outer` is not looked at */
    enum layer layer = layer_of_link(packet->link_type);

    if (layer == LAYER_UNKNOWN) {
        return DECODE_LINK;
    }
    fragments_forget_parts(fragments);
    for (int i = 0; i < LAYERS_MAX && walk[layer] != NULL; i++) {
        layer = walk[layer](&cursor);
    }
    if (layer == LAYER_WAITS) {
        return DECODE_FRAGMENT;
    }
    if (layer != LAYER_DONE && cursor.tunnelled) {
        *segment = cursor.outer;
        return DECODE_SEGMENT;
    }
    return layer == LAYER_DONE ? DECODE_SEGMENT : DECODE_NOTHING;
}
