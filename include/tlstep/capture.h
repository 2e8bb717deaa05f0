/*
 * capture: packets in files and pipes to conversations. pcapng and pcap, link layers, IP, TCP
 * reassembly, and pcapng out. Knows no TLS: what it gives is who talked to whom, and the bytes of each direction in
 * order, with what was lost.
 *
 *   file --> packets --> conversations (index: which packets) --> player: bytes, gaps, SYN, FIN …
 *
 * Every byte is the enemy's: lengths are bounded, tables are bounded, and a damaged file is read as far as it goes.
 * One thread reads a capture; once it has been read to its end, players of different conversations may
 * run in different threads.
 */
#ifndef TLSTEP_CAPTURE_H
#define TLSTEP_CAPTURE_H

#include "tlstep/base.h"

/* ---- conversations -------------------------------------------------------------------------- */

enum capture_transport { CAPTURE_TCP, CAPTURE_UDP };

/* The two ends of a conversation: A sent the first packet that was seen. */
enum capture_end { CAPTURE_A = 0, CAPTURE_B = 1 };

struct capture_endpoint {
    uint8_t family; /* 4 or 6 */
    uint8_t address[16];
    uint16_t port;
};
/* "192.0.2.1:443", "[2001:db8::1]:443". Returns `out`; 64 bytes suffice. */
char *capture_endpoint_text(char *out, size_t size, const struct capture_endpoint *endpoint);

struct capture_conversation {
    enum capture_transport transport;
    uint32_t
        stream; /* from 0, in order of the first packet, TCP and UDP counted apart (as Wireshark's tcp.stream) */
    struct capture_endpoint ends[2];
    int opener;       /* CAPTURE_A or _B: who sent SYN; -1: no SYN was seen */
    int64_t first_ns; /* since 1970, of the first and the last packet */
    int64_t last_ns;
    uint64_t packets[2]; /* by sender */
    uint64_t bytes[2];   /* TCP or UDP payload on the wire, retransmissions included */
    bool ended;          /* FIN from both or RST, and what belongs to it has been seen */
    const char
        *protocol; /* UDP: "DTLS", "QUIC" by the look of the first payloads, else NULL. Static */
};

/* ---- reading a file ------------------------------------------------------------------------------ */

struct capture;

/* True when the bytes at a file's start are pcapng, pcap (any form) or gzip. 4 bytes suffice. */
bool capture_is_capture(const uint8_t *start, size_t length);

/*
 * Opens a capture ("-": standard input; FIFOs too). A regular file is read where it stands; a pipe and a gzip
 * file are copied, as they are read, to a temporary file that has no name and mode 0600, at most 8 GiB (a warning tells). Class ERR_FILE: not readable; code "not_a_capture": not a
 * capture. Reads nothing beyond the first bytes, and of a pipe or gzip file nothing at all: there
 * capture_read() is the first that can say "not_a_capture".
 */
struct capture *capture_open(const char *path, struct err *err);
void capture_close(struct capture *capture);

enum capture_state {
    CAPTURE_MORE, /* the budget was used up */
    CAPTURE_WAIT, /* a pipe has nothing more for now: poll capture_fd() */
    CAPTURE_DONE, /* the end */
};
/* Indexes packets until the monotonic clock reads `until_ns`, the end, or a pipe is empty. -1: cannot be read on (`err`);
 * what has been read stays. */
int capture_read(struct capture *capture, int64_t until_ns, enum capture_state *state,
                 struct err *err);
/* Nothing more will be read: players end where the reading has ended. */
void capture_stop(struct capture *capture);
int capture_fd(const struct capture *capture); /* of a pipe, to poll; else -1 */
/* Bytes read and in all; total 0: not known (a pipe). */
void capture_progress(const struct capture *capture, uint64_t *done, uint64_t *total);

size_t capture_conversation_count(const struct capture *capture);
/* Valid until the next capture_read(). In order of the first packet. */
const struct capture_conversation *capture_conversation_at(const struct capture *capture,
                                                           size_t index);
uint64_t capture_packet_count(const struct capture *capture);
int64_t capture_first_ns(const struct capture *capture);

/* What was odd about the file, in words, for a warning each: cut in the middle, an unknown link type and how many packets had
 * it, IP fragments that never were complete. NULL past the last one. Borrowed. */
const char *capture_warning(const struct capture *capture, size_t index);
/* The file's end was cut off. */
bool capture_truncated(const struct capture *capture);

/* Key-log text of Decryption Secrets Blocks (type "TLSK"), each block once, so far. Borrowed; NULL past the last one. */
const char *capture_secrets(const struct capture *capture, size_t index, size_t *length);

/* Comments of packets and other blocks that begin with `prefix` (tlstep's sessions have "tlstep:"), in file order, of what has
 * been read so far. A visit that does not return 0 ends it with that. -1: `err`. */
typedef int (*capture_comment_visit)(const char *comment, size_t length, void *user);
int capture_comments(struct capture *capture, const char *prefix, capture_comment_visit visit,
                     void *user, struct err *err);

/* ---- playing a conversation ------------------------------------------------------------------------ */

enum capture_item_kind {
    CAPTURE_BYTES, /* the next bytes of a direction, in sequence */
    CAPTURE_GAP,   /* `lost` bytes of a direction were not captured (or cut by the snap length) */
    CAPTURE_SYN,   /* also of the answer: ack says which */
    CAPTURE_ACK,   /* the third packet of the TCP handshake */
    CAPTURE_FIN,
    CAPTURE_RST,
    CAPTURE_NOTE, /* `note`: "retransmission", "overlap differs", "out of order" … */
};

/* One thing that happened in a conversation. `data` is borrowed until the next call. */
struct capture_item {
    enum capture_item_kind kind;
    enum capture_end from;
    bool ack; /* SYN: it is the answer */
    uint64_t
        frame; /* packet number in the file, from 1, as Wireshark counts: the one that completed it */
    int64_t
        time_ns; /* since 1970, of that packet. After a gap both are those in which the bytes came,
                      * and may be smaller than those of the item before */
    const uint8_t *data;
    size_t length;
    uint64_t lost;
    const char *note; /* static */
    uint64_t offset;  /* bytes, gaps: place in the direction's stream, 0 for its first byte seen */
};

struct capture_player;
struct capture_player *capture_player_new(struct capture *capture, size_t conversation,
                                          struct err *err);
/* 1: `item` is filled; 0: nothing more (for now, while the capture is still being read); -1: failed. Where a segment is missing, what
 * came after it is held back until it comes, and given after a CAPTURE_GAP once both the other side's ACK covers it or the conversation is at its
 * end, or 1 MiB waits. Overlapping bytes: the first that came win. Before an acknowledgement is believed, the conversation's next 64 packets
 * are looked through for what is missing: captures have acknowledgements before what they acknowledge.
 * What only acknowledgements tell of is a gap at the end. RST and FIN come once for each direction. A UDP datagram is one
 * CAPTURE_BYTES, `lost` what the snap length cut off. */
int capture_player_next(struct capture_player *player, struct capture_item *item, struct err *err);
void capture_player_free(struct capture_player *player);

/* ---- one packet ------------------------------------------------------------------------------------ */

/* A TCP segment in a packet. */
struct capture_segment {
    struct capture_endpoint from, to;
    uint32_t seq, ack;
    uint8_t flags;     /* FIN 1, SYN 2, RST 4, PSH 8, ACK 16 */
    const uint8_t *ip; /* the packet from its (outer) IP header on; borrowed */
    size_t headers;    /* bytes of that in front of the payload */
    size_t captured;   /* bytes of payload that are there */
    uint32_t length;   /* and that were on the wire */
};
/* A packet that was captured (LINKTYPE_…), `original` bytes long on the wire. False: it has no whole TCP header in it. */
bool capture_segment_read(uint16_t link_type, const uint8_t *data, size_t length, size_t original,
                          struct capture_segment *segment);

/* ---- reading a stream as it comes ----------------------------------------------------------------------- */

/*
 * The same, for a pipe that is not kept: items of all conversations in the order in which they become known.
 * At most 65536 conversations are open at once: the one longest without a packet is ended then, and ones without a packet for 10 minutes of capture time.
 * After FIN from both or RST a conversation is closed when a second of capture time has passed, or a second in which nothing
 * came (call capture_feed_next() again after that time), or its ports are used again. There is no looking ahead: an
 * acknowledgement is believed at once. Errors as of capture_open(), "not_a_capture" from the first capture_feed_next().
 */
struct capture_feed;
struct capture_feed *capture_feed_open(const char *path, struct err *err);
enum capture_feed_state {
    CAPTURE_FEED_ITEM,    /* `item` of `conversation` */
    CAPTURE_FEED_CLOSED,  /* nothing more of `conversation` will come: forget it after this */
    CAPTURE_FEED_SECRETS, /* `item.data`: key-log text of a Decryption Secrets Block */
    CAPTURE_FEED_WAIT,    /* nothing for now: poll capture_feed_fd() */
    CAPTURE_FEED_DONE,
};
struct capture_feed_event {
    enum capture_feed_state state;
    struct capture_conversation conversation; /* a copy; `stream` names it */
    void **slot; /* the caller's pointer for the conversation, NULL at first */
    struct capture_item item;
};
int capture_feed_next(struct capture_feed *feed, struct capture_feed_event *event, struct err *err);
int capture_feed_fd(const struct capture_feed *feed);
const char *capture_feed_warning(const struct capture_feed *feed, size_t index);
void capture_feed_close(struct capture_feed *feed);

/* ---- pcapng out ------------------------------------------------------------------------------------------ */

/*
 * Writes pcapng (draft-ietf-opsawg-pcapng), little-endian, nanoseconds, block by block, each with one write(), so that a killed process
 * leaves a readable file. Mode 0600.
 */
struct capture_writer;
/* `reserve`: bytes of an empty secrets block near the start that capture_writer_secrets() fills. `comment`: of the section, or NULL. */
struct capture_writer *capture_writer_new(const char *path, bool force, uint16_t link_type,
                                          size_t reserve, const char *comment, struct err *err);
int capture_writer_secrets(struct capture_writer *writer, const char *lines, size_t length,
                           struct err *err);
int capture_writer_packet(struct capture_writer *writer, int64_t time_ns, const uint8_t *data,
                          size_t length, size_t original_length, const char *comment,
                          struct err *err);
int capture_writer_comment(struct capture_writer *writer, int64_t time_ns, const char *comment,
                           struct err *err);
int capture_writer_close(struct capture_writer *writer, struct err *err);

/*
 * The same with all there is to say. A text that is longer than CAPTURE_COMMENT_MAX goes on in further comments;
 * what joins them again (a mark before each) is the caller's.
 */
#define CAPTURE_COMMENT_MAX 65532

struct capture_text {
    const char *text;
    size_t length;
};

struct capture_head {
    const char *what; /* "session file", for messages; NULL: "capture" */
    uint16_t link_type;
    const char *interface_name, *interface_description; /* or NULL */
    size_t reserve;
    const struct capture_text *comments; /* of the section */
    size_t comment_count;
};

struct capture_block {
    int64_t time_ns;
    uint16_t link_type;  /* another than the head's gets an interface of its own */
    const uint8_t *data; /* NULL: no packet, only comments, which other readers pass over */
    size_t length, original_length;
    const struct capture_text *comments;
    size_t comment_count;
};

struct capture_writer *capture_writer_begin(const char *path, bool force,
                                            const struct capture_head *head, struct err *err);
/* The same into a descriptor that is open already, a pipe for example; the writer closes it, also when this fails. */
struct capture_writer *capture_writer_attach(int fd, const struct capture_head *head,
                                             struct err *err);
int capture_writer_block(struct capture_writer *writer, const struct capture_block *block,
                         struct err *err);

/* The packets of one conversation as they stand in the file, with their link type and times. */
int capture_copy_conversation(struct capture *capture, size_t conversation,
                              struct capture_writer *writer, struct err *err);
/* The link type of a conversation's first packet. */
uint16_t capture_link_type(const struct capture *capture, size_t conversation);

#endif
