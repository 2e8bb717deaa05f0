/* Packets to segments. */
#ifndef CAPTURE_DECODE_H
#define CAPTURE_DECODE_H

#include "fragments.h"
#include "packet.h"
#include "segment.h"

enum decode_result {
    DECODE_NOTHING, /* neither TCP nor UDP */
    DECODE_SEGMENT, /* its data are borrowed from the packet or, until the next call, from `fragments` */
    DECODE_FRAGMENT, /* part of one: `fragments` keeps it until the others come */
    DECODE_LINK,     /* the link type is not known */
};

/* `part` is what the index keeps of the packet; see fragments_parts(). */
enum decode_result decode_packet(const struct packet *packet, struct fragments *fragments,
                                 struct segment *segment);

#endif
