/* A capture in a file: its conversations, and what has been found out about them. */
#ifndef TRACE_CAPTURE_FILE_H
#define TRACE_CAPTURE_FILE_H

#include <pthread.h>

#include "list.h"
#include "playback.h"

/* One TCP conversation. */
struct item {
    struct trace_conversation public;
    size_t conversation; /* its index in the capture */
};

/* The conversation whose trace is being made, so that a slice of time may end within. */
struct summary {
    struct capture_player *player; /* NULL: none is at work */
    struct playback playback;
    size_t index;
};

struct trace_capture {
    struct capture *file;
    struct trace_keys *keys;
    char *source;
    struct list items;    /* struct item */
    size_t conversations; /* of the capture: looked at */
    size_t datagrams[3];  /* UDP conversations: DTLS, QUIC, others */
    size_t secrets;       /* secrets blocks that have been taken */
    bool indexed;
    struct summary summary;
    size_t summarized; /* items before this one are known */
    size_t next;       /* where to look for the next one to summarise */
    /* So many conversations, from the first on, have been decoded: what can be learnt from them is known. */
    pthread_mutex_t lock;
    size_t learnt;
    char warning[200];
};

struct item *capture_item_at(const struct trace_capture *capture, size_t index);

/* What is known before anything is decoded. */
void summary_preview(struct trace_conversation *out, const struct capture_conversation *from);
/* All of it, from the whole trace. 0, or -1: out of memory. */
int summary_fill(struct trace_conversation *out, const struct capture_conversation *from,
                 struct trace *trace);

/* Nothing more will come of an item: it has ended, or the capture has been read to its end. */
bool capture_is_complete(const struct trace_capture *capture, size_t index);

/* A conversation has been decoded: when all before it have, the next one is `index` + 1. */
void capture_has_learnt(struct trace_capture *capture, size_t index);

/* Key-log files grow while a pipe is captured: takes in what is new. 0, or -1: out of memory. Any thread. */
int capture_refresh_keys(struct trace_capture *capture, struct err *err);

struct playback_options capture_playback_options(const struct trace_capture *capture,
                                                 uint64_t keep);

#endif
