/* What the files of this folder give to the table in src/net/protocols.c: what stands before everything else. */
#ifndef TLSTEP_NET_PROXIES_H
#define TLSTEP_NET_PROXIES_H

#include "../dialogue.h"

extern const struct net_speech net_connect_speech;
extern const struct net_script net_connect_client, net_connect_server;

extern const struct net_speech net_socks5_speech;
extern const struct net_script net_socks5_client;

/* Only recognised in captures. */
extern const struct net_speech net_socks4_speech, net_rdp_speech;
extern const struct net_speech net_haproxy_speech, net_haproxy2_speech;

#endif
