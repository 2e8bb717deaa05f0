/*
 * One packet as a file has it, and the dialect that says how to read it: what an interface
 * description (pcapng) or a file header (pcap) lay down for the packets after it. With its dialect, a
 * packet can be read again from its place alone.
 */
#ifndef CAPTURE_PACKET_H
#define CAPTURE_PACKET_H

#include "window.h"

/* No link has larger packets; a greater claim is damage. libpcap's own bound is 256 KiB. */
#define PACKET_MAX ((uint32_t)1 << 20)

enum packet_format { FORMAT_PCAP, FORMAT_PCAPNG };

struct dialect {
    uint8_t format;
    bool big_endian;
    uint8_t header;     /* pcap: bytes before each packet's data, 16 or 24 */
    uint8_t resolution; /* of times, as pcapng's if_tsresol: 6 is microseconds */
    uint8_t swapped;    /* pcap before 2.4: which of the two lengths comes first */
    uint16_t link_type;
    uint32_t snap;    /* 0: no limit */
    int64_t offset_s; /* added to times */
};

struct packet {
    uint64_t frame; /* in the file, from 1 */
    uint64_t place; /* of its record or block */
    uint64_t size;  /* of that */
    int64_t time_ns;
    bool timeless; /* a Simple Packet Block has no time; `time_ns` is left alone */
    uint16_t dialect;
    uint16_t link_type;
    uint32_t interface; /* pcapng: number in its section */
    const uint8_t *data;
    uint32_t captured;
    uint32_t length; /* on the wire */
    size_t options;  /* pcapng: where options begin in the block; 0: none */
};

enum packet_state {
    PACKET_OK,
    PACKET_WAIT,
    PACKET_END,     /* nothing is left */
    PACKET_CUT,     /* the bytes end in the middle */
    PACKET_DAMAGED, /* no sense can be made of them */
    PACKET_ERROR,   /* errno */
};

/* What a window's state means in the middle of a record. */
enum packet_state packet_state_of(enum window_state state);

/* pcap_packet.c, pcapng_packet.c: the packet at `packet->place`. */
enum packet_state pcap_packet(const struct dialect *dialect, struct window *window,
                              struct packet *packet);
enum packet_state pcapng_packet_block(const struct dialect *dialect, struct window *window,
                                      struct packet *packet);

/* Reads a packet again. */
enum packet_state packet_read(const struct dialect *dialect, struct window *window,
                              struct packet *packet);

/* A time of `units`, as if_tsresol and if_tsoffset say (draft-ietf-opsawg-pcapng 4.2). */
int64_t packet_time(uint64_t units, uint8_t resolution, int64_t offset_s);

#endif
