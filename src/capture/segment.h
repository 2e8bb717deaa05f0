/* What a packet is good for: a TCP segment or a UDP datagram, found under all that wraps it. */
#ifndef CAPTURE_SEGMENT_H
#define CAPTURE_SEGMENT_H

#include "tlstep/capture.h"

enum tcp_flags { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

struct segment {
    struct capture_endpoint from, to;
    enum capture_transport transport;
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data; /* payload */
    uint32_t captured;   /* bytes of it that are there */
    uint32_t length;     /* that were on the wire */
};

#endif
