/* Packets and capture files made by hand, to the byte, for tests of how they are read. */
#ifndef SUPPORT_PACKETS_H
#define SUPPORT_PACKETS_H

#include "tlstep/base.h"

enum { PACKETS_FIN = 1, PACKETS_SYN = 2, PACKETS_RST = 4, PACKETS_PSH = 8, PACKETS_ACK = 16 };

/* Between a client, 192.0.2.1 or 2001:db8::1, and a server, 198.51.100.2 or 2001:db8::2, port 443. */
struct packets_tcp {
    bool ipv6;
    bool from_server;
    uint16_t port; /* of the client */
    uint32_t seq, ack;
    uint8_t flags;
    const void *data;
    size_t length;
};

/* Appends an IP packet. */
void packets_tcp(struct buffer *out, const struct packets_tcp *tcp);
/* The same from client to server; `server_port` chooses. */
void packets_udp(struct buffer *out, uint16_t port, uint16_t server_port, const void *data,
                 size_t length);
/* An IP header (without options or fragments) before what stands in `out`. */
void packets_put_ipv4(struct buffer *out, uint8_t protocol);
void packets_put_ipv6(struct buffer *out, uint8_t protocol);
/* Bytes before what stands in `out`. */
void packets_put(struct buffer *out, const void *bytes, size_t length);
void packets_put_hex(struct buffer *out, const char *hex);

/* ---- files ---------------------------------------------------------------------------------------- */

#define PACKETS_MICROSECONDS 0xa1b2c3d4
#define PACKETS_NANOSECONDS  0xa1b23c4d
#define PACKETS_KUZNETZOV    0xa1b2cd34

/* A capture in one of both byte orders. */
struct packets_file {
    struct buffer bytes;
    bool big_endian;
    bool wide; /* pcap: Kuznetzov's records */
};

void packets_pcap(struct packets_file *file, uint32_t magic, uint16_t link_type);
void packets_pcap_add(struct packets_file *file, uint32_t seconds, uint32_t fraction,
                      const struct buffer *packet, size_t length);

/* A block around `body`; the body's numbers are the caller's, made with these. */
void packets_block(struct packets_file *file, uint32_t type, const struct buffer *body);
void packets_put16(const struct packets_file *file, struct buffer *out, uint16_t value);
void packets_put32(const struct packets_file *file, struct buffer *out, uint32_t value);
/* Section header; interface description with link type and options; enhanced packet. */
void packets_section(struct packets_file *file);
void packets_interface(struct packets_file *file, uint16_t link_type, const struct buffer *options);
void packets_option(const struct packets_file *file, struct buffer *out, uint16_t code,
                    const void *value, size_t length);
void packets_enhanced(struct packets_file *file, uint32_t interface, uint64_t time,
                      const struct buffer *packet, size_t length, const struct buffer *options);

#endif
