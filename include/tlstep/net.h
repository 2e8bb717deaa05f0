/*
 * net: names to addresses, connections, listening sockets. Blocking functions that a thread of
 * their caller runs, each of which ends when a descriptor becomes readable ("cancel").
 */
#ifndef TLSTEP_NET_H
#define TLSTEP_NET_H

#include <sys/socket.h>

#include "tlstep/base.h"

#define NET_ADDRESS_MAX  32
#define NET_ADDRESS_TEXT 72

struct net_address {
    struct sockaddr_storage socket;
    socklen_t length;
    char text[NET_ADDRESS_TEXT]; /* "192.0.2.1:443", "[2001:db8::1]:443" */
};

enum net_family { NET_ANY, NET_IPV4, NET_IPV6 };

/*
 * Looks up `host` (a name, an IPv4 or an IPv6 address; IDN in UTF-8 is converted) and gives the
 * addresses in the order in which they should be tried: the system's order (RFC 6724) with the
 * families interleaved (RFC 8305 4). At most `max`. Returns the number, or -1 with class
 * ERR_NETWORK and code "resolve_failed". Blocks in getaddrinfo, which cannot be interrupted.
 */
long net_resolve(const char *host, uint16_t port, enum net_family family,
                 struct net_address *addresses, size_t max, struct err *err);

/* Reads "ADDR:PORT" or "[V6]:PORT" of numbers, port 1 to 65535. 0, or -1 with class ERR_USAGE and
 * code "bad_address". */
int net_address_parse(const char *text, struct net_address *address, struct err *err);

/* One attempt to connect, as it went. */
struct net_attempt {
    struct net_address address;
    int64_t start_ns; /* clock_monotonic_ns() */
    int64_t end_ns;
    bool connected;
    bool abandoned; /* another one was faster, or it was cancelled; error is 0 then */
    int error;      /* errno (ETIMEDOUT also when our own time was up), 0 */
};

/*
 * Connects to the first address that answers: attempts start 250 ms apart, or as soon as the one
 * before has failed (RFC 8305 5); every address is tried. `attempts` has room for `count` entries and
 * gets one for each that was started, in every case. Returns a connected, non-blocking, close-on-exec
 * socket with TCP_NODELAY, or -1: code "connect_failed" (the text names each address and its reason),
 * "timeout" (both class ERR_NETWORK), or "aborted" (class ERR_INTERRUPTED) when `cancel_fd` became
 * readable; -1 there: it cannot be cancelled. `timeout_ms` is for all of it. At most NET_ADDRESS_MAX
 * addresses are tried.
 */
int net_connect(const struct net_address *addresses, size_t count, int64_t timeout_ms,
                int cancel_fd, struct net_attempt *attempts, size_t *attempt_count,
                struct err *err);

/* What the kernel knows of a connection. Fields are -1 where it does not tell. */
struct net_tcp_info {
    struct net_address local;
    struct net_address peer;
    int64_t rtt_us; /* smoothed round-trip time */
    int mss;        /* of what is sent */
    int retransmits;
};
void net_tcp_info(int fd, struct net_tcp_info *info);

/* Listens on a numeric address ("127.0.0.1", "::1"), port 0: any. Returns a non-blocking,
 * close-on-exec socket and, through `address`, where it listens. */
int net_listen(const char *host, uint16_t port, struct net_address *address, struct err *err);

#endif
