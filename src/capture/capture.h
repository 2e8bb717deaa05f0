/* A capture that is kept: the index of its conversations. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "intake.h"
#include "packet_list.h"

/* With the place of a block whose section is big-endian. */
#define CAPTURE_COMMENTED_BIG_ENDIAN (UINT64_C(1) << 63)

struct secrets_block {
    uint8_t *text;
    size_t length;
};

struct capture {
    struct intake intake;
    struct conversations conversations;
    struct packet_list packets;
    struct secrets_block *secrets;
    size_t secrets_count, secrets_capacity;
    size_t secrets_bytes;
    uint64_t *commented; /* places of blocks with comments */
    size_t commented_count, commented_capacity;
};

#endif
