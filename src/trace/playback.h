/*
 * From a captured conversation to its trace: each thing that happened on the wire becomes an event, secrets that belong
 * to it come first, phases are added. Until it is known which end is the client, events are held back.
 */
#ifndef TRACE_PLAYBACK_H
#define TRACE_PLAYBACK_H

#include "client.h"
#include "keysource.h"
#include "phases.h"
#include "tlstep/trace.h"

/* What all conversations of a capture have in common; borrowed. */
struct playback_options {
    const char *source;      /* the file's name */
    struct trace_keys *keys; /* never NULL */
    uint64_t keep;           /* bytes of application data */
    bool secrets_first;      /* no more of them will come while it is played */
    bool outline; /* only for a line of the list: nothing is checked, no certificate opened */
    const char *
        lines; /* key-log lines that belong to the conversation, beside those of its random; NULL */
};

/* Kinds of notes of TCP that are counted; the assembler makes fewer. */
#define PLAYBACK_NOTES_MAX 12

/* Segments of which the same is to be said, by enum capture_end: it is said once, at the end. */
struct playback_note {
    const char *text; /* static */
    uint64_t count[2];
};

struct playback {
    struct playback_options options;
    struct capture_conversation conversation;
    struct trace *trace; /* NULL while events are held back */
    enum capture_end client;
    struct client_search search;
    struct trace_event *held; /* `from` is an enum capture_end */
    size_t held_count;
    size_t held_capacity;
    uint64_t keys_seen; /* the keys' count of changes when they were last asked */
    bool has_random;    /* there was a ClientHello: its random, and whether text came before it */
    uint8_t random[32];
    bool text;
    struct playback_note notes[PLAYBACK_NOTES_MAX];
    size_t note_count;
    struct phases phases;
};

void playback_init(struct playback *playback, const struct capture_conversation *conversation,
                   const struct playback_options *options);

/* The next thing that happened. 0, or -1: out of memory. */
int playback_take(struct playback *playback, const struct capture_item *item, struct err *err);

/* The whole trace, which is the caller's. NULL: out of memory. */
struct trace *playback_finish(struct playback *playback, struct err *err);

void playback_free(struct playback *playback);

/*
 * Key-log lines of secrets that a finished trace was read with although they are not in its log: those of
 * renegotiations, and what was computed or learnt from other connections, as CLIENT_RANDOM lines. With them, and nothing
 * else, it can be read again. False: out of memory.
 */
bool playback_used_secrets(const struct trace *trace, const struct trace_keys *keys,
                           struct buffer *lines);

#endif
