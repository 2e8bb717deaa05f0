/* What captures may have before TLS and nobody here speaks: SOCKS 4, RDP, HAProxy's header. */
#include <string.h>

#include "proxies.h"

static bool is_socks4(const uint8_t *data, size_t length)
{
    return length >= 8 && data[0] == 4 && data[1] == 1;
}

static void name_socks(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)data;
    (void)length;
    net_verb_set(out, role == NET_CLIENT ? "SOCKS request" : "SOCKS reply");
}

static bool socks4_goes_on(enum net_role role, const uint8_t *data, size_t length)
{
    (void)length;
    return data[0] == (role == NET_CLIENT ? 4 : 0);
}

const struct net_speech net_socks4_speech = {
    {{NULL, is_socks4}, {NULL, NULL}}, NULL, name_socks, socks4_goes_on, NULL,
};

/* TPKT, RFC 1006 6. */
static size_t frame_tpkt(enum net_role role, const uint8_t *data, size_t length)
{
    size_t whole;

    (void)role;
    if (length < 4) {
        return 0;
    }
    whole = (size_t)data[2] << 8 | data[3];
    return whole >= 4 && length >= whole ? whole : 0;
}

static bool is_tpkt(const uint8_t *data, size_t length)
{
    return length >= 7 && data[0] == 3 && data[1] == 0 && data[2] == 0;
}

/* X.224 13.1: the kind of unit stands behind TPKT and a length. */
static void name_x224(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    uint8_t code = length > 5 ? data[5] & 0xf0 : 0;

    (void)role;
    net_verb_set(out, code == 0xe0   ? "ConnectionRequest"
                      : code == 0xd0 ? "ConnectionConfirm"
                                     : "X.224");
}

/* [MS-RDPBCGR] 1.3.1.1 */
const struct net_speech net_rdp_speech = {
    {{NULL, is_tpkt}, {NULL, is_tpkt}}, frame_tpkt, name_x224, NULL, NULL,
};

static bool is_haproxy2(const uint8_t *data, size_t length)
{
    static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";

    return length >= 12 && memcmp(data, signature, 12) == 0;
}

static void name_haproxy(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length)
{
    (void)role;
    (void)data;
    (void)length;
    net_verb_set(out, "PROXY");
}

/* One header of the client's, in front of everything. */
static bool haproxy_goes_on(enum net_role role, const uint8_t *data, size_t length)
{
    size_t looked = length < 6 ? length : 6;

    return role == NET_CLIENT &&
           (memcmp(data, "PROXY ", looked) == 0 || memcmp(data, "\r\n\r\n\0\r", looked) == 0);
}

/* https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt: a line, or a header in binary. */
const struct net_speech net_haproxy_speech = {
    {{"PROXY ", NULL}, {NULL, NULL}}, net_frame_line, name_haproxy, haproxy_goes_on, NULL,
};

const struct net_speech net_haproxy2_speech = {
    {{NULL, is_haproxy2}, {NULL, NULL}}, NULL, name_haproxy, haproxy_goes_on, NULL,
};
