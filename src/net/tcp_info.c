/* What the kernel knows of a connection (tcp(7)). */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "address.h"

/* An older kernel fills fewer fields and says so through the length. */
#define HAS(length, field) \
    ((length) >= offsetof(struct tcp_info, field) + sizeof((struct tcp_info *)0)->field)

typedef int (*name_function)(int, struct sockaddr *, socklen_t *);

static void read_name(struct net_address *address, int fd, name_function get_name)
{
    struct sockaddr_storage socket = {0};
    socklen_t length = sizeof socket;

    if (get_name(fd, (struct sockaddr *)&socket, &length) != 0) {
        length = 0;
    }
    net_address_set(address, (struct sockaddr *)&socket, length);
}

void net_tcp_info(int fd, struct net_tcp_info *info)
{
    struct tcp_info kernel = {0};
    socklen_t length = sizeof kernel;

    *info = (struct net_tcp_info){.rtt_us = -1, .mss = -1, .retransmits = -1};
    read_name(&info->local, fd, getsockname);
    read_name(&info->peer, fd, getpeername);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &kernel, &length) != 0) {
        return;
    }
    /* A smoothed round-trip time of 0 means that none was measured yet. */
    if (HAS(length, tcpi_rtt) && kernel.tcpi_rtt > 0) {
        info->rtt_us = kernel.tcpi_rtt;
    }
    if (HAS(length, tcpi_snd_mss)) {
        info->mss = (int)kernel.tcpi_snd_mss;
    }
    if (HAS(length, tcpi_total_retrans)) {
        info->retransmits = (int)kernel.tcpi_total_retrans;
    }
}
