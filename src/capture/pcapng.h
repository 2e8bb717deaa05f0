/*
 * pcapng (draft-ietf-opsawg-pcapng), block by block: types and codes, what blocks hold, options.
 */
#ifndef CAPTURE_PCAPNG_H
#define CAPTURE_PCAPNG_H

#include "packet.h"

enum pcapng_type {
    PCAPNG_INTERFACE = 1,
    PCAPNG_OLD_PACKET = 2,
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_NAMES = 4,
    PCAPNG_STATISTICS = 5,
    PCAPNG_PACKET = 6,
    PCAPNG_JOURNAL = 9,
    PCAPNG_SECRETS = 10,
    PCAPNG_CUSTOM = 0x0bad,
    PCAPNG_CUSTOM_PRIVATE = 0x40000bad, /* not to be copied to other files */
    PCAPNG_SECTION = 0x0a0d0d0a,
};

#define PCAPNG_BYTE_ORDER 0x1a2b3c4d
#define PCAPNG_KEY_LOG    0x544c534b /* "TLSK" */
#define PCAPNG_HEADER     8
/* Header, and the length again at the end. */
#define PCAPNG_EXTRA 12
/* Blocks that are looked into are no larger; others are passed over at any size. */
#define PCAPNG_BLOCK_MAX ((uint64_t)64 * 1024 * 1024)

enum pcapng_option {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_DESCRIPTION = 3,
    INTERFACE_RESOLUTION = 9,
    INTERFACE_OFFSET = 14,
};

struct pcapng_header {
    uint32_t type;
    uint64_t total; /* bytes in the file, padding included */
};

/* The beginning of the block at `place`. A section header sets the byte order, for itself too. */
enum packet_state pcapng_header(struct window *window, uint64_t place, bool *big_endian,
                                struct pcapng_header *header);

/* Where the options of a whole block begin; 0: it has none, or cannot have them. */
size_t pcapng_options(const uint8_t *block, size_t total, bool big_endian);

struct pcapng_option_value {
    uint16_t code;
    const uint8_t *value;
    uint16_t length;
};
/* The option at `*at` in a block; moves on. False at the end, also of what can be read. */
bool pcapng_next_option(const uint8_t *block, size_t total, bool big_endian, size_t *at,
                        struct pcapng_option_value *option);

/* The dialect of an interface, from its whole description block. */
void pcapng_interface_dialect(const uint8_t *block, size_t total, bool big_endian,
                              struct dialect *dialect);

/* Which interface of its section the packet block (at least 28 bytes of it) is from. */
uint32_t pcapng_packet_interface(const uint8_t *block, uint32_t type, bool big_endian);

#endif
