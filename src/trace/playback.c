/* From a captured conversation to its trace. */
#include "playback.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

/* So many events may come before a ClientHello. */
#define HELD_MAX 4096

/* A line of crypt_secret_line(). */
#define LINE_SIZE 256

void playback_init(struct playback *playback, const struct capture_conversation *conversation,
                   const struct playback_options *options)
{
    *playback = (struct playback){.options = *options, .conversation = *conversation};
}

void playback_free(struct playback *playback)
{
    trace_free(playback->trace);
    for (size_t i = 0; i < playback->held_count; i++) {
        trace_event_clear(&playback->held[i]);
    }
    free(playback->held);
    client_search_free(&playback->search);
    *playback = (struct playback){0};
}

/* ---- the trace ------------------------------------------------------------------------------------- */

/* "192.0.2.1:443" without its port. */
static void cut_port(char *endpoint)
{
    char *colon = strrchr(endpoint, ':');
    if (colon != NULL) {
        *colon = '\0';
    }
}

static int begin_trace(struct playback *playback)
{
    const struct capture_conversation *conversation = &playback->conversation;
    const struct capture_endpoint *client = &conversation->ends[playback->client];
    const struct capture_endpoint *server = &conversation->ends[!playback->client];
    char client_text[64];
    char server_text[64];
    char host[64];

    capture_endpoint_text(client_text, sizeof client_text, client);
    capture_endpoint_text(server_text, sizeof server_text, server);
    memcpy(host, server_text, sizeof host);
    cut_port(host);
    const struct trace_target target = {
        .input = playback->options.source,
        .host = host,
        .port = server->port,
        .source = playback->options.source,
        .client = client_text,
        .server = server_text,
        .stream = conversation->stream,
    };
    playback->trace = trace_new(&target, conversation->first_ns);
    if (playback->trace == NULL) {
        return -1;
    }
    trace_use_keys(playback->trace, playback->options.keys);
    trace_limit_data(playback->trace, playback->options.keep);
    playback->trace->transcript.secrets_first = playback->options.secrets_first;
    if (playback->options.outline) {
        trace_outline(playback->trace);
    }
    return 0;
}

/* ---- secrets ---------------------------------------------------------------------------------------- */

static int append_line(struct trace *trace, const char *line, size_t length, int64_t time_ns)
{
    struct trace_event event = {
        .kind = TRACE_SECRET, .time_ns = time_ns, .text = text_duplicate(line, length)};

    return event.text != NULL ? trace_append(trace, &event, NULL) : -1;
}

static int append_lines(struct trace *trace, const char *lines)
{
    while (lines != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        if (append_line(trace, lines, length, 0) != 0) {
            return -1;
        }
        lines += length + (lines[length] == '\n');
    }
    return 0;
}

/* Labels whose secrets are found by the client random. */
static bool is_by_random(enum crypt_label label)
{
    return label != CRYPT_RSA && label != CRYPT_RSA_SESSION_ID;
}

/* The secrets of a client random that are not in the log. */
static int append_secrets(struct playback *playback, const uint8_t random[32], int64_t time_ns)
{
    struct trace *trace = playback->trace;
    int result = 0;

    for (int label = 0; label < CRYPT_LABEL_COUNT && result == 0; label++) {
        struct crypt_secret secret;
        char line[LINE_SIZE];
        if (!is_by_random((enum crypt_label)label) ||
            crypt_keylog_find(trace->transcript.keylog, (enum crypt_label)label, random) != NULL ||
            !keysource_find(playback->options.keys, (enum crypt_label)label, random, &secret)) {
            continue;
        }
        crypt_secret_line(line, sizeof line, &secret);
        result = append_line(trace, line, strlen(line), time_ns);
        secret_wipe(&secret, sizeof secret);
        secret_wipe(line, sizeof line);
    }
    return result;
}

/* Key-log lines that have come since the ClientHello did. */
static int append_new_secrets(struct playback *playback, int64_t time_ns)
{
    uint64_t changes = keysource_changes(playback->options.keys);
    const struct transcript *transcript = &playback->trace->transcript;

    if (changes == playback->keys_seen) {
        return 0;
    }
    playback->keys_seen = changes;
    for (size_t i = 0; i < transcript->handshakes.count; i++) {
        const struct handshake *handshake = transcript_handshake_at(transcript, i);
        if (handshake->client_hello &&
            append_secrets(playback, handshake->client_random, time_ns) != 0) {
            return -1;
        }
    }
    return 0;
}

static void add_used(struct buffer *lines, const struct crypt_secret *secret)
{
    char line[LINE_SIZE];

    crypt_secret_line(line, sizeof line, secret);
    buffer_text(lines, line);
    buffer_u8(lines, '\n');
    secret_wipe(line, sizeof line);
}

/* The secrets of one handshake that are not in the log. */
static void add_handshake(struct buffer *lines, const struct trace *trace,
                          const struct trace_keys *keys, const struct handshake *handshake)
{
    const struct crypt_keylog *logged = trace->transcript.keylog;
    const uint8_t *random = handshake->client_random;
    struct crypt_secret secret;
    bool found = false;

    for (int label = 0; label < CRYPT_LABEL_COUNT; label++) {
        enum crypt_label by = (enum crypt_label)label;
        if (is_by_random(by) && crypt_keylog_find(logged, by, random) == NULL &&
            keysource_find(keys, by, random, &secret)) {
            add_used(lines, &secret);
            found = true;
        }
    }
    if (!found && handshake->master_known &&
        crypt_keylog_find(logged, CRYPT_CLIENT_RANDOM, random) == NULL) {
        secret = (struct crypt_secret){.label = CRYPT_CLIENT_RANDOM, .length = 48};
        memcpy(secret.client_random, random, sizeof secret.client_random);
        memcpy(secret.secret, handshake->master, 48);
        add_used(lines, &secret);
    }
    secret_wipe(&secret, sizeof secret);
}

bool playback_used_secrets(const struct trace *trace, const struct trace_keys *keys,
                           struct buffer *lines)
{
    const struct transcript *transcript = &trace->transcript;

    for (size_t i = 0; i < transcript->handshakes.count; i++) {
        const struct handshake *handshake = transcript_handshake_at(transcript, i);
        if (handshake->client_hello) {
            add_handshake(lines, trace, keys, handshake);
        }
    }
    return !lines->failed;
}

/* ---- events ------------------------------------------------------------------------------------------ */

/* A copy of text in an event. */
static bool set_text(char **to, const char *text)
{
    *to = text_duplicate(text, strlen(text));
    return *to != NULL;
}

/* The event of an item; `from` is still an end. False: out of memory. */
static bool make_event(const struct playback *playback, const struct capture_item *item,
                       struct trace_event *event)
{
    *event = (struct trace_event){
        .kind = TRACE_TCP,
        .time_ns = item->time_ns - playback->conversation.first_ns,
        .from = (enum wire_side)item->from,
        .frame = item->frame,
    };
    switch (item->kind) {
    case CAPTURE_BYTES:
        event->kind = TRACE_BYTES;
        event->length = item->length;
        event->data = malloc(item->length > 0 ? item->length : 1);
        if (event->data != NULL && item->length > 0) {
            memcpy(event->data, item->data, item->length);
        }
        return event->data != NULL;
    case CAPTURE_GAP:
        event->kind = TRACE_GAP;
        event->dropped = (size_t)item->lost;
        return true;
    case CAPTURE_SYN:
        return set_text(&event->text, item->ack ? "SYN-ACK" : "SYN");
    case CAPTURE_ACK:
        return set_text(&event->text, "ACK");
    case CAPTURE_FIN:
        return set_text(&event->text, "FIN");
    case CAPTURE_RST:
        return set_text(&event->text, "RST");
    case CAPTURE_NOTE:
        break; /* counted: count_note() */
    }
    return false;
}

/* Appends an event of an end, with what follows from it. Takes it. */
static int append(struct playback *playback, struct trace_event *event)
{
    int64_t time_ns = event->time_ns;

    event->from = (enum capture_end)event->from == playback->client ? WIRE_CLIENT : WIRE_SERVER;
    if (append_new_secrets(playback, time_ns) != 0) {
        trace_event_clear(event);
        return -1;
    }
    if (trace_append(playback->trace, event, NULL) != 0) {
        return -1;
    }
    /* Where records may wait for secrets, the order of the rows tells nothing before the end. */
    return playback->options.secrets_first ? phases_event(&playback->phases, playback->trace) : 0;
}

/* It is known who the client is: what was held back goes into the log. */
static int settle(struct playback *playback)
{
    bool plain = playback->has_random && !playback->text;

    if (begin_trace(playback) != 0) {
        return -1;
    }
    playback->keys_seen = keysource_changes(playback->options.keys);
    if ((playback->has_random && append_secrets(playback, playback->random, 0) != 0) ||
        append_lines(playback->trace, playback->options.lines) != 0) {
        return -1;
    }
    for (size_t i = 0; i < playback->held_count; i++) {
        struct trace_event *event = &playback->held[i];
        if (plain && event->kind == TRACE_BYTES) {
            plain = false; /* it begins here: nothing came before */
            if (phases_hello(&playback->phases, playback->trace, event->time_ns) != 0) {
                return -1;
            }
        }
        if (append(playback, event) != 0) {
            return -1;
        }
    }
    free(playback->held);
    playback->held = NULL;
    playback->held_count = 0;
    playback->held_capacity = 0;
    return 0;
}

static int settle_guessed(struct playback *playback)
{
    client_search_free(&playback->search);
    playback->client = client_guess(&playback->conversation);
    return settle(playback);
}

static int hold(struct playback *playback, struct trace_event *event)
{
    struct trace_event *held = array_grow(playback->held, &playback->held_capacity,
                                          playback->held_count + 1, sizeof *held);
    if (held == NULL) {
        trace_event_clear(event);
        return -1;
    }
    playback->held = held;
    held[playback->held_count++] = *event;
    return 0;
}

/* Holds the event back, and looks whether it tells who the client is. Takes it. */
static int look(struct playback *playback, const struct capture_item *item,
                struct trace_event *event)
{
    int found = 0;

    if (hold(playback, event) != 0) {
        return -1;
    }
    if (item->kind == CAPTURE_GAP) {
        client_search_gap(&playback->search, item->from);
    } else if (item->kind == CAPTURE_BYTES) {
        found = client_search_take(&playback->search, item->from, item->data, item->length,
                                   playback->random);
    }
    if (found < 0) {
        return -1;
    }
    if (found == 1) {
        playback->client = item->from;
        playback->has_random = true;
        playback->text = playback->search.text;
        client_search_free(&playback->search);
        return settle(playback);
    }
    if (client_search_is_over(&playback->search) || playback->held_count >= HELD_MAX) {
        return settle_guessed(playback);
    }
    return 0;
}

/* A network that loses packets would fill the log with the same words. */
static void count_note(struct playback *playback, const struct capture_item *item)
{
    size_t i = 0;

    while (i < playback->note_count && strcmp(playback->notes[i].text, item->note) != 0) {
        i++;
    }
    if (i == PLAYBACK_NOTES_MAX) {
        return;
    }
    if (i == playback->note_count) {
        playback->notes[playback->note_count++] = (struct playback_note){.text = item->note};
    }
    playback->notes[i].count[item->from]++;
}

int playback_take(struct playback *playback, const struct capture_item *item, struct err *err)
{
    struct trace_event event;

    if (item->kind == CAPTURE_NOTE) {
        count_note(playback, item);
        return 0;
    }

    if (!make_event(playback, item, &event)) {
        trace_event_clear(&event);
        return err_memory(err, "reading a conversation");
    }
    int result = playback->trace != NULL ? append(playback, &event) : look(playback, item, &event);
    return result == 0 ? 0 : err_memory(err, "reading a conversation");
}

/* ---- the end ------------------------------------------------------------------------------------------- */

static bool is_from_wire(const struct trace_event *event)
{
    switch (event->kind) {
    case TRACE_BYTES:
    case TRACE_TCP:
    case TRACE_GAP:
        return true;
    default:
        return false; /* secrets, and what was added here */
    }
}

/* Records wait for secrets that have not come and will not, and all bytes are still there. */
static bool waits_in_vain(const struct trace *trace)
{
    size_t count = trace_event_count(trace);

    if (trace->transcript.secrets_first || trace_waiting(trace, count, NULL, 0) == 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_BYTES && event->dropped > 0) {
            return false;
        }
    }
    return true;
}

/* From the beginning, now that it is known that no more secrets come: rows and phases are those of a file, where that is known at
 * once, and do not stand behind everything that could be read without waiting. */
static int play_again(struct playback *playback)
{
    struct trace *trace = playback->trace;
    int result = 0;

    playback->trace = NULL;
    playback->phases = (struct phases){0};
    playback->options.secrets_first = true;
    for (size_t i = 0; i < trace_event_count(trace) && result == 0; i++) {
        struct trace_event *event = &log_entry(trace, i)->event;
        if (is_from_wire(event)) {
            event->from =
                (enum wire_side)(event->from == WIRE_CLIENT ? playback->client : !playback->client);
            result = hold(playback, event);
            *event = (struct trace_event){0};
        }
    }
    trace_free(trace);
    return result == 0 ? settle(playback) : -1;
}

static int append_note(struct playback *playback, const struct playback_note *note,
                       enum capture_end end, int64_t time_ns)
{
    unsigned long long count = note->count[end];
    struct trace_event event = {
        .kind = TRACE_NOTE,
        .time_ns = time_ns,
        .from = (enum wire_side)end,
        .text = text_format("%s: %llu segment%s", note->text, count, count == 1 ? "" : "s"),
    };

    if (event.text == NULL || !set_text(&event.code, "tcp")) {
        trace_event_clear(&event);
        return -1;
    }
    return append(playback, &event);
}

/* What there is to say about TCP, once for each end. */
static int append_notes(struct playback *playback, int64_t time_ns)
{
    for (size_t i = 0; i < playback->note_count; i++) {
        for (size_t end = 0; end < 2; end++) {
            const struct playback_note *note = &playback->notes[i];
            if (note->count[end] > 0 &&
                append_note(playback, note, (enum capture_end)end, time_ns) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

struct trace *playback_finish(struct playback *playback, struct err *err)
{
    if (playback->trace == NULL && settle_guessed(playback) != 0) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    int64_t end_ns = playback->conversation.last_ns - playback->conversation.first_ns;
    struct trace *trace = playback->trace;

    if (append_new_secrets(playback, end_ns) != 0) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    if (waits_in_vain(trace)) {
        if (play_again(playback) != 0) {
            (void)err_memory(err, "reading a conversation");
            return NULL;
        }
        trace = playback->trace;
    }
    if (append_notes(playback, end_ns) != 0) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    trace_finish(trace);
    if (phases_end(&playback->phases, trace) != 0) {
        (void)err_memory(err, "reading a conversation");
        return NULL;
    }
    playback->trace = NULL;
    return trace;
}
