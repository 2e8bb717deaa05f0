/* A capture that is kept: the index of its conversations. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "intake.h"
#include "packet_list.h"

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
    bool secrets_left_out;
    uint64_t *commented; /* places of blocks with comments, and the byte order in bit 63 */
    size_t commented_count, commented_capacity;
    bool overfull; /* there were more packets or conversations than can be kept */
    char text[100];
};

#endif
