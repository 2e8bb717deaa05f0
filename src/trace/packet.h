/*
 * TCP packets made from a stream: what the connection may have looked like on the wire, for
 * programs that read captures. Sequence numbers, acknowledgements and checksums are right; the cut into
 * segments is ours.
 */
#ifndef TRACE_PACKET_H
#define TRACE_PACKET_H

#include "tlstep/trace.h"

enum packet_flags {
    PACKET_FIN = 1,
    PACKET_SYN = 2,
    PACKET_RST = 4,
    PACKET_PSH = 8,
    PACKET_ACK = 16
};

struct packet_end {
    uint8_t address[16]; /* IPv4: the first four */
    uint16_t port;
    uint32_t next; /* sequence number */
};

struct packet_flow {
    bool open; /* the three packets of the handshake have been made */
    bool ipv6;
    struct packet_end ends[2]; /* by enum wire_side */
    uint16_t identification;   /* of the next IPv4 packet */
    size_t segment;            /* bytes of data in a packet, at most */
};

/* Addresses and segment size from the connection. Where it is NULL, or its addresses cannot be
 * read, documentation addresses (RFC 5737) stand for them. */
void packet_flow_init(struct packet_flow *flow, const struct trace_connection *connection,
                      uint16_t server_port);

/* Appends an IP packet and moves on the sender's sequence number. */
void packet_make(struct packet_flow *flow, enum wire_side from, unsigned flags, const uint8_t *data,
                 size_t length, struct buffer *out);

/* The TCP payload of an IP packet. False when it is none, or cut. */
bool packet_payload(const uint8_t *packet, size_t length, struct pki_slice *payload);

#endif
