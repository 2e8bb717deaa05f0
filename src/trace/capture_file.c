/* Captures in files: opened, indexed and summed up in slices of time. */
#include "capture_file.h"

#include <stdlib.h>
#include <string.h>

/* So many items are played between two looks at the clock. */
#define ITEMS_AT_A_TIME 64

enum datagram { DATAGRAM_DTLS, DATAGRAM_QUIC, DATAGRAM_OTHER };

/* ---- opening ----------------------------------------------------------------------------------------- */

static struct trace_capture *capture_new(const char *path, struct trace_keys *keys)
{
    struct trace_capture *capture = calloc(1, sizeof *capture);

    if (capture == NULL || pthread_mutex_init(&capture->lock, NULL) != 0) {
        free(capture);
        trace_keys_free(keys);
        return NULL;
    }
    capture->items = list_of(sizeof(struct item));
    capture->keys = keys != NULL ? keys : trace_keys_new();
    /* A descriptor that was set aside for a pipe is what was standard input. */
    bool standard_input = strcmp(path, "-") == 0 || strncmp(path, "/dev/fd/", 8) == 0;
    const char *source = standard_input ? "standard input" : path;
    capture->source = text_duplicate(source, strlen(source));
    if (capture->keys == NULL || capture->source == NULL) {
        trace_capture_close(capture);
        return NULL;
    }
    return capture;
}

struct trace_capture *trace_capture_open(const char *path, struct trace_keys *keys, struct err *err)
{
    struct trace_capture *capture = capture_new(path, keys);

    if (capture == NULL) {
        (void)err_memory(err, "opening a capture");
        return NULL;
    }
    capture->file = capture_open(path, err);
    if (capture->file == NULL) {
        trace_capture_close(capture);
        return NULL;
    }
    return capture;
}

void trace_capture_close(struct trace_capture *capture)
{
    if (capture == NULL) {
        return;
    }
    capture_player_free(capture->summary.player);
    playback_free(&capture->summary.playback);
    capture_close(capture->file);
    trace_keys_free(capture->keys);
    list_free(&capture->items);
    free(capture->source);
    (void)pthread_mutex_destroy(&capture->lock); /* nobody holds it any more */
    free(capture);
}

/* ---- the index ------------------------------------------------------------------------------------------ */

struct item *capture_item_at(const struct trace_capture *capture, size_t index)
{
    return list_at(&capture->items, index);
}

static void count_datagrams(struct trace_capture *capture, const char *protocol)
{
    enum datagram kind = DATAGRAM_OTHER;

    if (protocol != NULL && strcmp(protocol, "DTLS") == 0) {
        kind = DATAGRAM_DTLS;
    } else if (protocol != NULL && strcmp(protocol, "QUIC") == 0) {
        kind = DATAGRAM_QUIC;
    }
    capture->datagrams[kind]++;
}

/* Takes in the conversations that are new since the last time. */
static int take_conversations(struct trace_capture *capture)
{
    size_t count = capture_conversation_count(capture->file);

    for (; capture->conversations < count; capture->conversations++) {
        const struct capture_conversation *conversation =
            capture_conversation_at(capture->file, capture->conversations);
        if (conversation->transport != CAPTURE_TCP) {
            continue;
        }
        struct item *item = list_add(&capture->items);
        if (item == NULL) {
            return -1;
        }
        item->conversation = capture->conversations;
        item->public.index = capture->items.count - 1;
        summary_preview(&item->public, conversation);
    }
    return 0;
}

/* The protocol of a UDP conversation may show only in its later packets. */
static void count_all_datagrams(struct trace_capture *capture)
{
    for (size_t i = 0; i < capture->conversations; i++) {
        const struct capture_conversation *conversation = capture_conversation_at(capture->file, i);
        if (conversation->transport == CAPTURE_UDP) {
            count_datagrams(capture, conversation->protocol);
        }
    }
}

static int take_secrets(struct trace_capture *capture)
{
    size_t length;
    const char *lines;

    while ((lines = capture_secrets(capture->file, capture->secrets, &length)) != NULL) {
        capture->secrets++;
        if (trace_keys_add_lines(capture->keys, lines, length) != 0) {
            return -1;
        }
    }
    return 0;
}

int trace_capture_read_index(struct trace_capture *capture, int64_t until_ns,
                             enum capture_state *state, struct err *err)
{
    *state = CAPTURE_DONE;
    if (capture->indexed) {
        return 0;
    }
    int result = capture_read(capture->file, until_ns, state, err);

    if (take_secrets(capture) != 0 || take_conversations(capture) != 0) {
        return err_memory(err, "reading a capture");
    }
    if (result != 0) {
        return -1;
    }
    if (*state == CAPTURE_DONE) {
        capture->indexed = true;
        count_all_datagrams(capture);
    }
    return 0;
}

/* ---- summaries ------------------------------------------------------------------------------------------ */

bool capture_is_complete(const struct trace_capture *capture, size_t index)
{
    size_t conversation = capture_item_at(capture, index)->conversation;
    return capture->indexed || capture_conversation_at(capture->file, conversation)->ended;
}

/* The first conversation that is complete and not known, from `capture->next` on: in a pipe, the ones that
 * are still open are passed over. False: there is none. */
static bool find_next(struct trace_capture *capture)
{
    while (capture->summarized < capture->items.count &&
           capture_item_at(capture, capture->summarized)->public.known) {
        capture->summarized++;
    }
    if (capture->next < capture->summarized) {
        capture->next = capture->summarized;
    }
    for (; capture->next < capture->items.count; capture->next++) {
        if (!capture_item_at(capture, capture->next)->public.known &&
            capture_is_complete(capture, capture->next)) {
            return true;
        }
    }
    return false;
}

int capture_refresh_keys(struct trace_capture *capture, struct err *err)
{
    if (capture_fd(capture->file) < 0 || keysource_refresh(capture->keys) == 0) {
        return 0;
    }
    return err_memory(err, "reading a key log");
}

static int begin_summary(struct trace_capture *capture, struct err *err)
{
    struct summary *summary = &capture->summary;
    struct playback_options options = capture_playback_options(capture, 0);
    size_t conversation = capture_item_at(capture, capture->next)->conversation;

    if (capture_refresh_keys(capture, err) != 0) {
        return -1;
    }
    options.outline = true;
    summary->index = capture->next;
    summary->player = capture_player_new(capture->file, conversation, err);
    if (summary->player == NULL) {
        return -1;
    }
    playback_init(&summary->playback, capture_conversation_at(capture->file, conversation),
                  &options);
    return 0;
}

static int end_summary(struct trace_capture *capture, struct err *err)
{
    struct summary *summary = &capture->summary;
    struct item *item = capture_item_at(capture, summary->index);
    struct trace *trace = playback_finish(&summary->playback, err);

    if (trace == NULL) {
        return -1;
    }
    int result = summary_fill(&item->public,
                              capture_conversation_at(capture->file, item->conversation), trace);
    trace_free(trace);
    playback_free(&summary->playback);
    capture_player_free(summary->player);
    summary->player = NULL;
    item->public.known = true;
    capture_has_learnt(capture, summary->index);
    return result == 0 ? 0 : err_memory(err, "reading a conversation");
}

/* Some steps of the summary at work. */
static int go_on(struct trace_capture *capture, struct err *err)
{
    struct summary *summary = &capture->summary;
    struct capture_item item;

    if (summary->player == NULL && begin_summary(capture, err) != 0) {
        return -1;
    }
    for (int i = 0; i < ITEMS_AT_A_TIME; i++) {
        int result = capture_player_next(summary->player, &item, err);
        if (result < 0) {
            return -1;
        }
        if (result == 0) {
            return end_summary(capture, err);
        }
        if (playback_take(&summary->playback, &item, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int trace_capture_read(struct trace_capture *capture, int64_t until_ns, enum capture_state *state,
                       struct err *err)
{
    int result = trace_capture_read_index(capture, until_ns, state, err);
    if (result != 0 || *state == CAPTURE_MORE) {
        return result;
    }
    capture->next = 0; /* of those that were passed over, some may be complete now */
    while (capture->summary.player != NULL || find_next(capture)) {
        if (clock_monotonic_ns() >= until_ns) {
            *state = CAPTURE_MORE;
            return 0;
        }
        if (go_on(capture, err) != 0) {
            return -1;
        }
    }
    return 0;
}

void trace_capture_stop(struct trace_capture *capture)
{
    if (!capture->indexed) {
        capture_stop(capture->file);
        capture->indexed = true;
        count_all_datagrams(capture);
    }
}

/* ---- asking ----------------------------------------------------------------------------------------------- */

bool trace_capture_indexed(const struct trace_capture *capture)
{
    return capture->indexed;
}

/* The bytes are gone through twice: for the index, and for the summaries. */
void trace_capture_progress(const struct trace_capture *capture, uint64_t *done, uint64_t *total)
{
    capture_progress(capture->file, done, total);
    if (*total == 0 && !capture->indexed) {
        return;
    }
    if (capture->indexed) {
        size_t count = capture->items.count;
        *done = *total = *done; /* of a pipe, too, all is known now */
        *done += count > 0 ? *done * capture->summarized / count : *done;
    }
    *total *= 2;
}

struct capture *trace_capture_file(struct trace_capture *capture)
{
    return capture->file;
}

/* What is behind the warnings of the file: what is not decoded. */
static const char *warn_of_datagrams(struct trace_capture *capture)
{
    size_t dtls = capture->datagrams[DATAGRAM_DTLS];
    size_t quic = capture->datagrams[DATAGRAM_QUIC];

    if (dtls == 0 && quic == 0) {
        return NULL;
    }
    /* Always fits: two numbers. */
    (void)snprintf(capture->warning, sizeof capture->warning,
                   "not decoded in this version: conversations over UDP (DTLS: %zu, QUIC: %zu)",
                   dtls, quic);
    return capture->warning;
}

const char *trace_capture_warning(const struct trace_capture *capture, size_t index)
{
    const char *warning = capture_warning(capture->file, index);

    if (warning != NULL || !capture->indexed ||
        (index > 0 && capture_warning(capture->file, index - 1) == NULL)) {
        return warning;
    }
    return warn_of_datagrams((struct trace_capture *)(uintptr_t)capture); /* text of our own */
}

size_t trace_capture_count(const struct trace_capture *capture)
{
    return capture->items.count;
}

const struct trace_conversation *trace_capture_at(const struct trace_capture *capture, size_t index)
{
    if (index >= capture->items.count) {
        return NULL;
    }
    struct item *item = capture_item_at(capture, index);
    if (!item->public.known) { /* more packets may have come */
        summary_preview(&item->public, capture_conversation_at(capture->file, item->conversation));
    }
    return &item->public;
}
