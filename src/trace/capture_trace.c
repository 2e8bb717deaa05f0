/* The trace of one conversation of a capture, and what other conversations have to be decoded for it. */
#include <string.h>

#include "capture_file.h"
#include "hello.h"
#include "log.h"

struct playback_options capture_playback_options(const struct trace_capture *capture, uint64_t keep)
{
    return (struct playback_options){
        .source = capture->source, .keys = capture->keys, .keep = keep, .secrets_first = true};
}

/* ---- playing ------------------------------------------------------------------------------------------ */

static struct trace *play_items(struct capture_player *player, struct playback *playback,
                                struct err *err)
{
    struct capture_item item;
    int result = capture_player_next(player, &item, err);

    while (result == 1) {
        if (playback_take(playback, &item, err) != 0) {
            return NULL;
        }
        result = capture_player_next(player, &item, err);
    }
    return result == 0 ? playback_finish(playback, err) : NULL;
}

static struct trace *play(struct trace_capture *capture, size_t index,
                          const struct playback_options *options, struct err *err)
{
    size_t conversation = capture_item_at(capture, index)->conversation;
    struct capture_player *player = capture_player_new(capture->file, conversation, err);
    struct playback playback;

    if (player == NULL) {
        return NULL;
    }
    playback_init(&playback, capture_conversation_at(capture->file, conversation), options);
    struct trace *trace = play_items(player, &playback, err);
    playback_free(&playback);
    capture_player_free(player);
    return trace;
}

/* ---- learning from earlier conversations ----------------------------------------------------------------- */

static size_t learnt(struct trace_capture *capture)
{
    (void)pthread_mutex_lock(&capture->lock); /* a normal mutex that is there: cannot fail */
    size_t count = capture->learnt;
    (void)pthread_mutex_unlock(&capture->lock); /* the same */
    return count;
}

void capture_has_learnt(struct trace_capture *capture, size_t index)
{
    (void)pthread_mutex_lock(&capture->lock); /* a normal mutex that is there: cannot fail */
    if (capture->learnt == index) {
        capture->learnt = index + 1;
    }
    (void)pthread_mutex_unlock(&capture->lock); /* the same */
}

/* The last handshake resumed a session (there was no ClientKeyExchange: RFC 5246 7.3), and its master secret is not known. */
static bool misses_master(const struct trace *trace)
{
    const struct transcript *transcript = &trace->transcript;
    const struct handshake *handshake = transcript_handshake(transcript);

    return handshake->server_hello && !version_is_tls13(handshake->version) &&
           !handshake->master_known && handshake->key_exchange_n == 0 &&
           transcript->directions[WIRE_SERVER].protection.changed_cipher;
}

/* Decodes the conversations before this one that have not been yet. True when there was anything to learn from them. */
static bool learn(struct trace_capture *capture, size_t index)
{
    uint64_t before = keysource_session_changes(capture->keys);
    const struct playback_options options = capture_playback_options(capture, 0);

    for (size_t next = learnt(capture); next < index; next = learnt(capture)) {
        /* One that cannot be read teaches nothing. */
        trace_free(play(capture, next, &options, NULL));
        capture_has_learnt(capture, next);
    }
    return keysource_session_changes(capture->keys) != before;
}

/* ---- with everything it takes ------------------------------------------------------------------------------ */

/* Plays again with the secrets that came to light on the way at the beginning of the log, so that they count from there on and are
 * saved with it. Takes the trace. */
static struct trace *play_with_secrets(struct trace_capture *capture, size_t index,
                                       const struct playback_options *options, struct trace *trace,
                                       struct err *err)
{
    struct buffer lines = {.secret = true};
    struct playback_options again = *options;

    if (!playback_used_secrets(trace, capture->keys, &lines)) {
        (void)err_memory(err, "reading a conversation");
        trace_free(trace);
        trace = NULL;
    } else if (lines.length > 0) {
        again.lines = buffer_string(&lines);
        trace_free(trace);
        trace = again.lines != NULL ? play(capture, index, &again, err) : NULL;
    }
    buffer_wipe_free(&lines);
    return trace;
}

struct trace *trace_capture_trace(struct trace_capture *capture, size_t index, uint64_t keep,
                                  struct err *err)
{
    const struct playback_options options = capture_playback_options(capture, keep);

    if (index >= capture->items.count) {
        (void)err_set(err, ERR_USAGE, "no_such_stream", "there is no conversation %zu in %s", index,
                      capture->source);
        return NULL;
    }
    if (!capture_is_complete(capture, index)) {
        (void)err_set(err, ERR_USAGE, "not_complete",
                      "conversation %zu has not ended yet, and %s goes on: stop reading first",
                      index, capture->source);
        return NULL;
    }
    if (capture_refresh_keys(capture, err) != 0) {
        return NULL;
    }
    struct trace *trace = play(capture, index, &options, err);
    if (trace == NULL) {
        return NULL;
    }
    if (misses_master(trace) && !keysource_is_empty(capture->keys) && learn(capture, index)) {
        trace_free(trace);
        trace = play(capture, index, &options, err);
    }
    capture_has_learnt(capture, index);
    return trace != NULL && keep > 0 ? play_with_secrets(capture, index, &options, trace, err)
                                     : trace;
}
