/*
 * How a protocol in clear text is spoken: how each side begins, where a line or message ends, what it is called. What the
 * dialogues are made of, and what recognises them in captures.
 */
#ifndef TLSTEP_NET_SPEECH_H
#define TLSTEP_NET_SPEECH_H

#include "tlstep/net.h"

/* The length of the line or message at the start of `data`; 0: it is not whole; NET_NO_UNIT: nothing that begins so can be one. */
typedef size_t net_framing(enum net_role role, const uint8_t *data, size_t length);
#define NET_NO_UNIT SIZE_MAX

/* Writes what it is called; may leave it empty. */
typedef void net_naming(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length);

/* How one side begins: with one of several words, divided by '|', or so that a test passes. Neither: it is not looked at. */
struct net_clue {
    const char *words;
    bool (*passes)(const uint8_t *data, size_t length);
};

struct net_speech {
    struct net_clue begins[2]; /* by role */
    net_framing *frame;        /* NULL: a segment at a time */
    net_naming *verb;
    /* A proxy's: may these bytes, at least one, be the beginning of another message of it? */
    bool (*goes_on)(enum net_role role, const uint8_t *data, size_t length);
    net_framing *first_frame; /* of the first message; NULL: as all others */
};

/* ---- shared by several protocols ---------------------------------------------------------- */

/* Through the next LF. */
size_t net_frame_line(enum net_role role, const uint8_t *data, size_t length);
/* One BER element, X.690 8.1.3, of definite length. */
size_t net_frame_ber(enum net_role role, const uint8_t *data, size_t length);

/* The first word, in capitals. */
void net_name_first(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length);
/* The same; of a server its three digits, which a hyphen may follow (RFC 5321 4.2). */
void net_name_reply(char out[NET_VERB], enum net_role role, const uint8_t *data, size_t length);

/* The word with this number, from 0, in capitals; empty when there is none. */
void net_verb_word(char out[NET_VERB], const uint8_t *data, size_t length, size_t number);
void net_verb_set(char out[NET_VERB], const char *name);

bool net_is_blank(uint8_t byte);
/* Does it begin with one of the words, divided by '|'? Without regard to case. */
bool net_begins_with(const uint8_t *data, size_t length, const char *words);

#endif
