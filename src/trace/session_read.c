/* Session files, read: block by block, as far as they go. */
#include "session_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "packet.h"
#include "pcapng.h"
#include "session_json.h"

struct session {
    struct trace *trace;
    const char *name;
    struct buffer json; /* of the block at work */
    /* Key-log lines of the secrets blocks, each ended by a zero. */
    struct buffer lines;
    size_t *line_offsets;
    size_t line_count;
    size_t line_capacity;
    /* An event whose bytes are not all there. */
    struct session_event pending;
    struct buffer bytes;
    bool has_pending;
    bool ended; /* the end that the writer wrote has been read */
};

enum outcome { GO_ON, STOP, NO_MEMORY };

/* ---- secrets --------------------------------------------------------------------------------------- */

static bool add_line(struct session *session, const uint8_t *line, size_t length)
{
    size_t *offsets = array_grow(session->line_offsets, &session->line_capacity,
                                 session->line_count + 1, sizeof *offsets);
    if (offsets == NULL) {
        return false;
    }
    session->line_offsets = offsets;
    offsets[session->line_count++] = session->lines.length;
    buffer_append(&session->lines, line, length);
    buffer_u8(&session->lines, 0);
    return !session->lines.failed;
}

/* Lines of a key log; what begins with # is a comment or room for more. */
static enum outcome take_secrets(struct session *session, const struct pcapng_block *block)
{
    struct pki_slice data;

    if (!pcapng_data(block, &data)) {
        return GO_ON; /* secrets of another protocol */
    }
    const uint8_t *at = data.data;
    const uint8_t *end = data.data + data.length;
    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *stop = feed != NULL ? feed : end;
        if (stop > at && *at != '#' && !add_line(session, at, (size_t)(stop - at))) {
            return NO_MEMORY;
        }
        at = stop + 1;
    }
    return GO_ON;
}

/* The text of a secret that stands in a block. Without that block it stays empty. */
static bool fetch_secret(const struct session *session, struct session_event *item)
{
    if (item->secret < 0 || (size_t)item->secret >= session->line_count) {
        return true;
    }
    const char *line = (const char *)session->lines.data + session->line_offsets[item->secret];
    item->event.text = text_duplicate(line, strlen(line));
    return item->event.text != NULL;
}

/* ---- events ---------------------------------------------------------------------------------------- */

static enum outcome append(struct session *session, struct trace_event *event)
{
    return trace_append(session->trace, event, NULL) == 0 ? GO_ON : NO_MEMORY;
}

/* The pending event has all its bytes, or gets no more. */
static enum outcome finish_pending(struct session *session)
{
    session->has_pending = false;
    session->pending.event.data = session->bytes.data;
    session->pending.event.length = session->bytes.length;
    session->bytes = (struct buffer){0};
    return append(session, &session->pending.event);
}

/* More bytes for the pending event. */
static enum outcome take_payload(struct session *session, const struct pcapng_block *block)
{
    struct pki_slice packet;
    struct pki_slice payload;
    size_t wanted = session->pending.event.length - session->bytes.length;

    if (!pcapng_data(block, &packet) || !packet_payload(packet.data, packet.length, &payload) ||
        payload.length > wanted || payload.length == 0) {
        return STOP;
    }
    buffer_append(&session->bytes, payload.data, payload.length);
    if (session->bytes.failed) {
        return NO_MEMORY;
    }
    return payload.length == wanted ? finish_pending(session) : GO_ON;
}

static enum outcome take_event(struct session *session, const struct pcapng_block *block,
                               const json_t *json)
{
    struct session_event item;
    struct err err = {0};
    size_t index;

    if (session->has_pending) {
        return STOP; /* bytes are missing */
    }
    if (session_event_decode(json, &item, &index, &err) != 0 ||
        index != trace_event_count(session->trace)) {
        trace_event_clear(&item.event);
        return err.class == ERR_MEMORY ? NO_MEMORY : STOP;
    }
    if (!fetch_secret(session, &item)) {
        trace_event_clear(&item.event);
        return NO_MEMORY;
    }
    if (item.in_packets) {
        session->pending = item;
        session->has_pending = true;
        return take_payload(session, block);
    }
    return append(session, &item.event);
}

static enum outcome take_json(struct session *session, const struct pcapng_block *block,
                              const json_t *json)
{
    const json_t *end = json_object_get(json, "end");

    if (json_object_get(json, "event") != NULL) {
        return take_event(session, block, json);
    }
    if (json_object_get(json, "of") != NULL) {
        bool same = session->has_pending && json_integer_value(json_object_get(json, "of")) ==
                                                (json_int_t)trace_event_count(session->trace);
        return same ? take_payload(session, block) : STOP;
    }
    if (json_is_integer(end)) {
        session->ended = !session->has_pending &&
                         json_integer_value(end) == (json_int_t)trace_event_count(session->trace);
        return STOP;
    }
    return GO_ON;
}

static json_t *block_json(struct session *session, const struct pcapng_block *block)
{
    session->json.length = 0;
    pcapng_json(block, &session->json);
    return session->json.length > 0 ? json_loadb((const char *)session->json.data,
                                                 session->json.length, JSON_REJECT_DUPLICATES, NULL)
                                    : NULL;
}

static enum outcome take_block(struct session *session, const struct pcapng_block *block)
{
    if (block->type == PCAPNG_SECRETS) {
        return take_secrets(session, block);
    }
    if (block->type == PCAPNG_SECTION) {
        return STOP; /* something was put behind the session */
    }
    json_t *json = block_json(session, block);
    if (session->json.failed) {
        return NO_MEMORY;
    }
    if (json == NULL) {
        return session->json.length > 0 ? STOP : GO_ON;
    }
    enum outcome outcome = take_json(session, block, json);
    json_decref(json);
    return outcome;
}

/* ---- the whole file -------------------------------------------------------------------------------- */

static struct trace *not_a_session(const struct session *session, enum pcapng_read why,
                                   struct err *err)
{
    char name[200];

    text_safe(name, sizeof name, session->name, strlen(session->name));
    switch (why) {
    case PCAPNG_ERROR:
        (void)err_set(err, ERR_FILE, "file", "cannot read session file %s: %s", name,
                      strerror(errno));
        break;
    case PCAPNG_NO_MEMORY:
        (void)err_memory(err, "opening a session file");
        break;
    case PCAPNG_BLOCK:
    case PCAPNG_FOREIGN:
        (void)err_set(err, ERR_FILE, "not_a_session", "%s is a capture that tlstep did not save",
                      name);
        break;
    case PCAPNG_CUT:
        (void)err_set(err, ERR_FILE, "truncated", "%s ends before the session begins", name);
        break;
    default:
        (void)err_set(err, ERR_FILE, "not_a_capture", "%s is not a capture file", name);
    }
    return NULL;
}

/* The first block tells whose file it is. */
static struct trace *read_head(struct session *session, struct pcapng_reader *reader,
                               struct err *err)
{
    struct pcapng_block block;
    enum pcapng_read result = pcapng_next(reader, &block);
    json_t *json = result == PCAPNG_BLOCK ? block_json(session, &block) : NULL;
    struct trace *trace = json != NULL && json_object_get(json, "session") != NULL
                              ? session_head_decode(json, session->name, err)
                              : not_a_session(session, result, err);
    json_decref(json);
    return trace;
}

/* Says where the session breaks off. */
static int add_note(struct session *session)
{
    size_t count = trace_event_count(session->trace);
    const struct trace_event *last = trace_event_at(session->trace, count - 1);
    struct trace_event note = {
        .kind = TRACE_NOTE,
        .time_ns = last != NULL ? last->time_ns : 0,
        .text = text_format("the file ends here: the session was not saved to its end"),
        .code = text_format("truncated"),
    };
    if (note.text == NULL || note.code == NULL) {
        trace_event_clear(&note);
        return -1;
    }
    return trace_append(session->trace, &note, NULL);
}

static enum outcome read_blocks(struct session *session, struct pcapng_reader *reader)
{
    struct pcapng_block block;
    enum pcapng_read result = pcapng_next(reader, &block);

    while (result == PCAPNG_BLOCK) {
        enum outcome outcome = take_block(session, &block);
        if (outcome != GO_ON) {
            return outcome;
        }
        result = pcapng_next(reader, &block);
    }
    return result == PCAPNG_NO_MEMORY ? NO_MEMORY : STOP;
}

static void session_clear(struct session *session)
{
    buffer_wipe_free(&session->json);
    buffer_wipe_free(&session->lines);
    buffer_wipe_free(&session->bytes);
    free(session->line_offsets);
    if (session->has_pending) {
        session->pending.event.length = 0; /* its bytes are elsewhere */
        trace_event_clear(&session->pending.event);
    }
}

struct trace *session_read(FILE *file, const char *name, struct err *err)
{
    struct pcapng_reader reader = {.file = file, .block = {.secret = true}};
    struct session session = {.name = name,
                              .json = {.secret = true},
                              .lines = {.secret = true},
                              .bytes = {.secret = true}};

    session.trace = read_head(&session, &reader, err);
    if (session.trace != NULL) {
        enum outcome outcome = read_blocks(&session, &reader);
        if (outcome == STOP && session.has_pending && session.bytes.length > 0) {
            session.pending.event.end = TRACE_OPEN; /* the bytes before it are not all there */
            outcome = finish_pending(&session);
        }
        if (outcome == NO_MEMORY || (!session.ended && add_note(&session) != 0)) {
            (void)err_memory(err, "opening a session file");
            trace_free(session.trace);
            session.trace = NULL;
        } else {
            trace_finish(session.trace);
        }
    }
    session_clear(&session);
    pcapng_reader_free(&reader);
    return session.trace;
}

struct trace *trace_open(const char *path, struct err *err)
{
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "rbe");
    char name[200];
    struct stat status;

    text_safe(name, sizeof name, path, strlen(path));
    if (file == NULL) {
        (void)err_set(err, ERR_FILE, "file", "cannot read session file %s: %s", name,
                      strerror(errno));
        return NULL;
    }
    struct trace *trace = NULL;
    if (fstat(fileno(file), &status) == 0 && S_ISDIR(status.st_mode)) {
        (void)err_set(err, ERR_FILE, "file", "cannot read session file %s: it is a directory",
                      name);
    } else {
        trace = session_read(file, standard_input ? "standard input" : path, err);
    }
    if (!standard_input) {
        (void)fclose(file); /* nothing was written */
    }
    return trace;
}

/* ---- is it one? ------------------------------------------------------------------------------------- */

/* What a block says about the file: 1 a session, 0 none, -1 nothing. Programs that rewrite captures
 * drop the blocks of events, or put others in front. */
static int judge_block(struct session *session, const struct pcapng_block *block)
{
    if (block->type == PCAPNG_SECTION) {
        return 0;
    }
    json_t *json = block_json(session, block);
    const json_t *event = json_object_get(json, "event");
    int judgement = -1;

    if (event != NULL) {
        judgement = json_integer_value(event) == 0;
    } else if (json_object_get(json, "end") != NULL) {
        judgement = json_integer_value(json_object_get(json, "end")) == 0;
    } else if (json == NULL && block->type == PCAPNG_PACKET) {
        judgement = 0; /* a packet that we did not make */
    }
    json_decref(json);
    return judgement;
}

/* The head, and then the first event. A file that ends between them was cut. */
static bool is_session(struct session *session, struct pcapng_reader *reader)
{
    struct pcapng_block block;
    int judgement = -1;

    if (pcapng_next(reader, &block) != PCAPNG_BLOCK) {
        return false;
    }
    json_t *head = block_json(session, &block);
    bool ours = json_is_object(json_object_get(head, "session"));
    json_decref(head);
    while (ours && judgement < 0 && pcapng_next(reader, &block) == PCAPNG_BLOCK) {
        judgement = judge_block(session, &block);
    }
    return ours && judgement != 0;
}

bool trace_is_session(const char *path)
{
    struct pcapng_reader reader = {.block = {.secret = true}};
    struct session session = {.json = {.secret = true}};
    struct stat status;

    /* Not from a pipe: what is read there is gone. */
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return false;
    }
    reader.file = fopen(path, "rbe");
    if (reader.file == NULL) {
        return false;
    }
    bool ours = is_session(&session, &reader);
    (void)fclose(reader.file); /* nothing was written */
    pcapng_reader_free(&reader);
    buffer_wipe_free(&session.json);
    return ours;
}
