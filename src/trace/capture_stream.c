/*
 * A capture read as it comes: each conversation is decoded while its packets arrive and handed over when it has ended, so that a
 * pipe without end needs only the memory of what is open.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"

/* So long is slept at most: a signal may come just before poll(). */
#define WAKE_UP_MS 250
/* How often key-log files are looked at while a conversation is open. */
#define KEYS_EVERY_NS INT64_C(250000000)
/* Application data kept of each conversation: what has been counted need not be held. */
#define KEEP 0

/* An open conversation: its slot in the feed. */
struct open_one {
    struct playback playback;
    struct open_one *next;
    struct open_one *before;
};

struct stream {
    struct capture_feed *feed;
    struct trace_keys *keys;
    const char *source;
    trace_conversation_visit visit;
    void *user;
    struct open_one *first; /* the open ones, oldest first */
    struct open_one *last;
    int64_t keys_due_ns; /* when the key-log files are to be looked at */
    size_t handed_over;
    bool enough; /* the visitor wants no more */
};

/* ---- open conversations -------------------------------------------------------------------------------- */

static struct open_one *open_conversation(struct stream *stream,
                                          const struct capture_conversation *conversation)
{
    const struct playback_options options = {
        .source = stream->source, .keys = stream->keys, .keep = KEEP};
    struct open_one *one = calloc(1, sizeof *one);

    if (one == NULL) {
        return NULL;
    }
    playback_init(&one->playback, conversation, &options);
    one->before = stream->last;
    if (one->before != NULL) {
        one->before->next = one;
    } else {
        stream->first = one;
    }
    stream->last = one;
    return one;
}

static void forget(struct stream *stream, struct open_one *one)
{
    if (stream->first == one) {
        stream->first = one->next;
    } else {
        one->before->next = one->next;
    }
    if (stream->last == one) {
        stream->last = one->before;
    } else {
        one->next->before = one->before;
    }
    playback_free(&one->playback);
    free(one);
}

/* Hands the conversation over, with the secrets that have been logged meanwhile, and forgets it. */
static int hand_over(struct stream *stream, struct open_one *one, struct err *err)
{
    struct trace_conversation line = {.index = stream->handed_over++};
    struct capture_conversation conversation = one->playback.conversation;

    if (keysource_refresh(stream->keys) != 0) {
        return err_memory(err, "reading a key log");
    }
    struct trace *trace = playback_finish(&one->playback, err);

    forget(stream, one);
    if (trace == NULL) {
        return -1;
    }
    if (summary_fill(&line, &conversation, trace) != 0) {
        trace_free(trace);
        return err_memory(err, "reading a conversation");
    }
    stream->enough = stream->visit(trace, &line, stream->user) != 0;
    return 0;
}

/* The conversation of an event, which may be its first; NULL: out of memory. */
static struct open_one *find_conversation(struct stream *stream,
                                          const struct capture_feed_event *event, struct err *err)
{
    struct open_one *one = *event->slot;

    if (one == NULL) {
        one = open_conversation(stream, &event->conversation);
        *event->slot = one;
    }
    if (one == NULL) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    one->playback.conversation = event->conversation;
    return one;
}

static int take_item(struct stream *stream, const struct capture_feed_event *event, struct err *err)
{
    if (event->conversation.transport != CAPTURE_TCP) {
        return 0;
    }
    struct open_one *one = find_conversation(stream, event, err);
    return one != NULL ? playback_take(&one->playback, &event->item, err) : -1;
}

/* Also of one in which nothing happened. */
static int take_end(struct stream *stream, const struct capture_feed_event *event, struct err *err)
{
    if (event->conversation.transport != CAPTURE_TCP) {
        return 0;
    }
    struct open_one *one = find_conversation(stream, event, err);
    *event->slot = NULL;
    return one != NULL ? hand_over(stream, one, err) : -1;
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

static int sleep_until_more(struct stream *stream, struct err *err)
{
    struct pollfd wait = {.fd = capture_feed_fd(stream->feed), .events = POLLIN};

    if (poll(&wait, 1, WAKE_UP_MS) < 0 && errno != EINTR) {
        return err_set(err, ERR_FILE, "file", "cannot wait for more of %s: %s", stream->source,
                       strerror(errno));
    }
    return 0;
}

static int take_event(struct stream *stream, const struct capture_feed_event *event,
                      struct err *err)
{
    switch (event->state) {
    case CAPTURE_FEED_ITEM:
        return take_item(stream, event, err);
    case CAPTURE_FEED_CLOSED:
        return take_end(stream, event, err);
    case CAPTURE_FEED_SECRETS:
        return trace_keys_add_lines(stream->keys, (const char *)event->item.data,
                                    event->item.length) == 0
                   ? 0
                   : err_memory(err, "reading a key log");
    case CAPTURE_FEED_WAIT:
        return sleep_until_more(stream, err);
    case CAPTURE_FEED_DONE:
        break;
    }
    return 0;
}

/* Key logs grow while the capture runs; so that no conversation holds back its records until its end. */
static int look_for_keys(struct stream *stream, struct err *err)
{
    int64_t now_ns = clock_monotonic_ns();

    if (now_ns < stream->keys_due_ns) {
        return 0;
    }
    stream->keys_due_ns = now_ns + KEYS_EVERY_NS;
    return keysource_refresh(stream->keys) == 0 ? 0 : err_memory(err, "reading a key log");
}

static int read_all(struct stream *stream, const volatile int *stop, struct err *err)
{
    struct capture_feed_event event = {.state = CAPTURE_FEED_WAIT};

    while (event.state != CAPTURE_FEED_DONE && !stream->enough && (stop == NULL || *stop == 0)) {
        if (capture_feed_next(stream->feed, &event, err) != 0 || look_for_keys(stream, err) != 0 ||
            take_event(stream, &event, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* Also when reading has failed: what is still open, in order of the first packet. */
static int hand_over_rest(struct stream *stream, struct err *err)
{
    while (stream->first != NULL && !stream->enough) {
        if (hand_over(stream, stream->first, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int run(struct stream *stream, const volatile int *stop, struct err *err)
{
    struct err later;

    if (read_all(stream, stop, err) != 0) {
        (void)hand_over_rest(stream, &later); /* the first failure is told */
        return -1;
    }
    return hand_over_rest(stream, err);
}

int trace_capture_stream(const char *path, const char *source, struct trace_keys *keys,
                         trace_conversation_visit visit, void *user, const volatile int *stop,
                         struct err *err)
{
    struct trace_keys *own = keys == NULL ? trace_keys_new() : NULL;
    struct stream stream = {
        .keys = keys != NULL ? keys : own,
        .source = source != NULL           ? source
                  : strcmp(path, "-") == 0 ? "standard input"
                                           : path,
        .visit = visit,
        .user = user,
    };
    int result = -1;

    if (stream.keys == NULL) {
        return err_memory(err, "reading a capture");
    }
    stream.feed = capture_feed_open(path, err);
    if (stream.feed != NULL) {
        result = run(&stream, stop, err);
    }
    while (stream.first != NULL) {
        forget(&stream, stream.first);
    }
    capture_feed_close(stream.feed);
    trace_keys_free(own);
    return result;
}
