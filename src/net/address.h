/* Socket addresses as this room handles them. */
#ifndef TLSTEP_NET_ADDRESS_H
#define TLSTEP_NET_ADDRESS_H

#include "tlstep/net.h"

/* Takes over a socket address and writes its text. An address that is empty, too long or of an
 * unknown family becomes length 0 and "". */
void net_address_set(struct net_address *address, const struct sockaddr *socket, socklen_t length);

/* Same family, address, zone and port. */
bool net_address_equal(const struct net_address *address, const struct net_address *other);

/* Reads a numeric address without a port. Returns 0, or an error of getaddrinfo. */
int net_address_numeric(const char *host, uint16_t port, struct net_address *address);

#endif
