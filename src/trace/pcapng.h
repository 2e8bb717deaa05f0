/*
 * Blocks of session files, read one by one, from a pipe as well: pcapng (draft-ietf-opsawg-pcapng), little-endian, as
 * far as tlstep writes it. What others write is the room capture's.
 */
#ifndef TRACE_PCAPNG_H
#define TRACE_PCAPNG_H

#include <stdio.h>

#include "tlstep/pki.h"

enum pcapng_block_type {
    PCAPNG_INTERFACE = 1,
    PCAPNG_STATISTICS = 5,
    PCAPNG_PACKET = 6,
    PCAPNG_SECRETS = 10,
    PCAPNG_SECTION = 0x0a0d0d0a,
};

/* ---- reading ------------------------------------------------------------------------------------ */

enum pcapng_read {
    PCAPNG_END,     /* the file ends where a block ends */
    PCAPNG_BLOCK,   /* a block has been read */
    PCAPNG_CUT,     /* the file ends in a block, or the block is broken */
    PCAPNG_FOREIGN, /* not a file of ours: another byte order, another format, compressed */
    PCAPNG_NO_FILE, /* no capture at all */
    PCAPNG_ERROR,   /* read error, errno says which */
    PCAPNG_NO_MEMORY,
};

struct pcapng_block {
    uint32_t type;
    const uint8_t *body; /* borrowed from the reader until the next block */
    size_t length;
};

/* A reader keeps one block in memory, and only as much of it as has come. */
struct pcapng_reader {
    FILE *file;
    struct buffer block;
    bool begun;
};

enum pcapng_read pcapng_next(struct pcapng_reader *reader, struct pcapng_block *block);
void pcapng_reader_free(struct pcapng_reader *reader);

/* Appends the JSON of a block's comments; nothing when it has none. */
void pcapng_json(const struct pcapng_block *block, struct buffer *out);

/* The data of a packet or secrets block. False when it is broken, or a secrets block of another kind. */
bool pcapng_data(const struct pcapng_block *block, struct pki_slice *data);

#endif
