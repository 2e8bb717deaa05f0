/*
 * What a lab server says to the application data it gets. Knows no TLS and no sockets: bytes in,
 * bytes out. Who speaks is decided by what was agreed:
 *
 *   dialogue.c  HTTP/1.x, answered with the page; any other line with a line. Bytes that end without a newline are answered when
 *               the client pauses.
 *   h2.c        HTTP/2 (ALPN h2)
 *   replies.c   the protocols that began with STARTTLS
 */
#ifndef TLSTEP_LAB_DIALOGUE_H
#define TLSTEP_LAB_DIALOGUE_H

#include "facts.h"

struct lab_dialogue;

struct lab_speaker {
    /* Answers what is complete at the front of `in`. Returns how much that was, 0: nothing is. */
    size_t (*answer)(struct lab_dialogue *dialogue, const uint8_t *in, size_t length);
    bool pauses; /* an unfinished line is answered, too, when nothing follows */
};
extern const struct lab_speaker lab_speaker_http1, lab_speaker_http2, lab_speaker_mail,
    lab_speaker_imap, lab_speaker_postgres, lab_speaker_mute;
/* By the protocol that it began with (NULL: TLS from the start) and by ALPN. */
const struct lab_speaker *lab_speaker_for(const char *starttls, const char *alpn);

struct lab_dialogue {
    const struct lab_speaker *speaker; /* NULL: HTTP/1 */
    bool prefaced;                     /* HTTP/2: the client's preface has come */
    const struct lab_page *page;       /* in place of the facts', for one request; borrowed, NULL */
    const struct lab_facts *facts;     /* borrowed; complete before the first lab_dialogue_feed() */
    struct buffer in;  /* not answered yet: at most LAB_HEAD_MAX bytes and one feed */
    struct buffer out; /* answers, to be sent and consumed by the caller */
    bool close;        /* nothing more is said after `out` */
};

#define LAB_HEAD_MAX ((size_t)16 * 1024) /* of a request's head, and of a line */
/* Of answers to what has come at once: a request of HTTP/2 has nine bytes, its answer a hundred times as many. Who asks for more is
 * answered so far, and then hung up on. */
#define LAB_OUT_MAX ((size_t)128 * 1024)

/* Takes bytes from the client. Does nothing once `close` is set. Memory that runs out closes. */
void lab_dialogue_feed(struct lab_dialogue *dialogue, const void *data, size_t length);

/* Is there something that lab_dialogue_pause() would answer? */
bool lab_dialogue_waits(const struct lab_dialogue *dialogue);

/* The client has not said anything for a while: answers an unfinished line. */
void lab_dialogue_pause(struct lab_dialogue *dialogue);

void lab_dialogue_free(struct lab_dialogue *dialogue);

#endif
