/*
 * What a lab server says to the application data it gets. Knows no TLS and no sockets: bytes in,
 * bytes out.
 *
 * A request in HTTP/1.x is answered with the page; any other line is answered with a line. Bytes that
 * end without a newline are answered when the client pauses.
 */
#ifndef TLSTEP_LAB_DIALOGUE_H
#define TLSTEP_LAB_DIALOGUE_H

#include "facts.h"

struct lab_dialogue {
    const struct lab_facts *facts; /* borrowed; complete before the first lab_dialogue_feed() */
    struct buffer in;              /* not answered yet: at most LAB_HEAD_MAX bytes and one feed */
    struct buffer out;             /* answers, to be sent and consumed by the caller */
    bool close;                    /* nothing more is said after `out` */
};

#define LAB_HEAD_MAX ((size_t)16 * 1024) /* of a request's head, and of a line */

/* Takes bytes from the client. Does nothing once `close` is set. Memory that runs out closes. */
void lab_dialogue_feed(struct lab_dialogue *dialogue, const void *data, size_t length);

/* Is there something that lab_dialogue_pause() would answer? */
bool lab_dialogue_waits(const struct lab_dialogue *dialogue);

/* The client has not said anything for a while: answers an unfinished line. */
void lab_dialogue_pause(struct lab_dialogue *dialogue);

void lab_dialogue_free(struct lab_dialogue *dialogue);

#endif
