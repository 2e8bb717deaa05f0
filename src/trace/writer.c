/*
 * Session files, written: each event into packets made from the stream, or a comment, as it comes. Secrets
 * go into the block that the capture's writer keeps for them at the beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "packet.h"
#include "redact.h"
#include "redact_text.h"
#include "session_comment.h"
#include "session_json.h"

/* Room for a TLS 1.3 session's five to eight lines of at most 233 bytes, and then some. */
#define RESERVED 4096
/* A key-log line that is longer, or not printable, is none. */
#define LINE_MAX_LENGTH 1000
#define LINKTYPE_RAW    101

static const char about[] =
    "A TLS session saved by tlstep. The packets were made from the bytes of the connection: "
    "addresses, times and bytes are real, the cut into segments is not. Comments that begin with "
    "\"tlstep:\" carry the rest of the session (docs/session-format.md).";
static const char interface_about[] = "packets made from a TLS stream, not captured";

struct trace_writer {
    struct capture_writer *out;
    size_t events; /* so many have been written */
    bool failed;   /* nothing more is written */
    struct packet_flow flow;
    long secrets;                      /* lines in the secrets blocks so far */
    const struct redaction *redaction; /* what must not be written; NULL */
    uint64_t offsets[2];               /* of the next byte in each direction's stream */
};

static int no_memory(struct err *err)
{
    return err_memory(err, "writing a session file");
}

static int64_t wall_time(const struct trace *trace, int64_t time_ns)
{
    return trace_start_wall_ns(trace) + time_ns;
}

/* ---- blocks -------------------------------------------------------------------------------------- */

/* A packet, or none (NULL), with JSON. Takes `json`. */
static int put_block(struct trace_writer *writer, int64_t wall_ns, const struct buffer *packet,
                     json_t *json, struct err *err)
{
    struct session_comments comments = {0};
    char *text = session_json_text(json);
    int result = -1;

    if (text == NULL || session_comments_make(&comments, NULL, text) != 0) {
        (void)no_memory(err);
    } else {
        const struct capture_block block = {
            .time_ns = wall_ns > 0 ? wall_ns : 0,
            .link_type = LINKTYPE_RAW,
            .data = packet != NULL ? packet->data : NULL,
            .length = packet != NULL ? packet->length : 0,
            .original_length = packet != NULL ? packet->length : 0,
            .comments = comments.list,
            .comment_count = comments.count,
        };
        result = capture_writer_block(writer->out, &block, err);
    }
    session_comments_free(&comments);
    free(text);
    return result;
}

/* An event without packets. Takes `json`. */
static int put_comment(struct trace_writer *writer, int64_t wall_ns, json_t *json, struct err *err)
{
    return put_block(writer, wall_ns, NULL, json, err);
}

/* A packet with a comment: the event's, or only what it is. Takes `json`. */
static int put_packet(struct trace_writer *writer, int64_t wall_ns, enum wire_side from,
                      unsigned flags, const struct pki_slice *data, json_t *json, struct err *err)
{
    struct buffer packet = {.secret = true};
    int result = -1;

    packet_make(&writer->flow, from, flags, data != NULL ? data->data : NULL,
                data != NULL ? data->length : 0, &packet);
    if (packet.failed || json == NULL ||
        json_object_set_new(json, "packet", json_string("made")) != 0) {
        json_decref(json);
        (void)no_memory(err);
    } else {
        result = put_block(writer, wall_ns, &packet, json, err);
    }
    buffer_wipe_free(&packet);
    return result;
}

/* ---- the TCP connection -------------------------------------------------------------------------- */

/* The three packets of the TCP handshake, at the times the kernel told. */
static int put_handshake(struct trace_writer *writer, const struct trace *trace,
                         const struct trace_event *event, struct err *err)
{
    const struct trace_connection *connection = event->connection;
    int64_t syn = wall_time(trace, connection != NULL ? connection->syn_ns : event->time_ns);
    int64_t there =
        wall_time(trace, connection != NULL ? connection->established_ns : event->time_ns);

    if (put_packet(writer, syn, WIRE_CLIENT, PACKET_SYN, NULL, json_object(), err) != 0 ||
        put_packet(writer, there, WIRE_SERVER, PACKET_SYN | PACKET_ACK, NULL, json_object(), err) !=
            0) {
        return -1;
    }
    return put_packet(writer, there, WIRE_CLIENT, PACKET_ACK, NULL, json_object(), err);
}

/* Addresses and sequence numbers, before the first packet. In a capture the TCP handshake is what was
 * captured of it. */
static int open_flow(struct trace_writer *writer, const struct trace *trace,
                     const struct trace_event *event, struct err *err)
{
    const struct trace_target *target = trace_target(trace);
    bool captured = target->client != NULL && target->server != NULL;
    struct trace_connection ends = {.mss = -1};

    if (writer->flow.open) {
        return 0;
    }
    if (captured) { /* both fit, or are cut and then not used */
        (void)snprintf(ends.local, sizeof ends.local, "%s", target->client);
        (void)snprintf(ends.peer, sizeof ends.peer, "%s", target->server);
    }
    const struct trace_connection *told = event->connection;
    if (!captured && told != NULL &&
        target->local == WIRE_SERVER) { /* who is local is not the client */
        ends = *told;
        memcpy(ends.local, told->peer, sizeof ends.local);
        memcpy(ends.peer, told->local, sizeof ends.peer);
        told = &ends;
    }
    packet_flow_init(&writer->flow, captured ? &ends : told, target->port);
    writer->flow.open = true;
    return captured ? 0 : put_handshake(writer, trace, event, err);
}

/* What the packets of an event say: the first one carries it. Takes `json` when it was not taken before. */
static json_t *next_json(json_t **json, size_t index)
{
    json_t *own = *json;

    *json = NULL;
    return own != NULL ? own : json_pack("{s:I}", "of", (json_int_t)index);
}

/* An event's bytes in segments, and its end. Takes `json`. */
static int put_bytes(struct trace_writer *writer, const struct trace *trace, size_t index,
                     const struct trace_event *event, json_t *json, struct err *err)
{
    int64_t wall = wall_time(trace, event->time_ns);
    unsigned end = event->end == TRACE_FIN ? PACKET_FIN : PACKET_RST;
    int result = open_flow(writer, trace, event, err);

    for (size_t offset = 0; offset < event->length && result == 0;) {
        size_t left = event->length - offset;
        const struct pki_slice part = {event->data + offset,
                                       left < writer->flow.segment ? left : writer->flow.segment};
        result = put_packet(writer, wall, event->from, PACKET_PSH | PACKET_ACK, &part,
                            next_json(&json, index), err);
        offset += part.length;
    }
    if (result == 0 && event->end != TRACE_OPEN) {
        json_t *own = json != NULL ? json : json_object();
        json = NULL;
        result = put_packet(writer, wall, event->from, end | PACKET_ACK, NULL, own, err);
    }
    json_decref(json);
    return result;
}

/* A packet without data. Takes `json`. */
static int put_tcp(struct trace_writer *writer, const struct trace *trace,
                   const struct trace_event *event, json_t *json, struct err *err)
{
    static const struct {
        const char *text;
        unsigned flags;
    } packets[] = {
        {"SYN", PACKET_SYN},
        {"SYN-ACK", PACKET_SYN | PACKET_ACK},
        {"ACK", PACKET_ACK},
        {"FIN", PACKET_FIN | PACKET_ACK},
        {"RST", PACKET_RST | PACKET_ACK},
    };
    int64_t wall = wall_time(trace, event->time_ns);

    for (size_t i = 0; event->text != NULL && i < sizeof packets / sizeof *packets; i++) {
        if (strcmp(event->text, packets[i].text) != 0) {
            continue;
        }
        if (open_flow(writer, trace, event, err) != 0) {
            json_decref(json);
            return -1;
        }
        return put_packet(writer, wall, event->from, packets[i].flags, NULL, json, err);
    }
    return put_comment(writer, wall, json, err);
}

/* ---- events ---------------------------------------------------------------------------------------- */

/* The key-log line of an event: one that is printable, and that no reader of key logs takes for a comment. NULL: it has none. */
static const char *line_of(const struct trace_event *event)
{
    const char *text = event->kind == TRACE_SECRET ? event->text : NULL;
    size_t length = text != NULL ? strlen(text) : 0;

    if (length == 0 || length > LINE_MAX_LENGTH || text[0] == '#') {
        return NULL;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e) {
            return NULL;
        }
    }
    return text;
}

/* Takes `json`. */
static int put_blocks(struct trace_writer *writer, const struct trace *trace, size_t index,
                      const struct trace_event *event, json_t *json, struct err *err)
{
    if (event->kind == TRACE_BYTES && (event->length > 0 || event->end != TRACE_OPEN)) {
        return put_bytes(writer, trace, index, event, json, err);
    }
    if (event->kind == TRACE_TCP) {
        return put_tcp(writer, trace, event, json, err);
    }
    if (put_comment(writer, wall_time(trace, event->time_ns), json, err) != 0) {
        return -1;
    }
    if (event->kind == TRACE_BYTES || event->kind == TRACE_GAP) {
        writer->flow.ends[event->from].next += (uint32_t)event->dropped;
    }
    return event->connection != NULL ? open_flow(writer, trace, event, err) : 0;
}

static int put_event(struct trace_writer *writer, const struct trace *trace, size_t index,
                     const struct trace_event *event, struct err *err)
{
    struct session_event item = {
        .event = *event,
        .in_packets = event->kind == TRACE_BYTES && event->length > 0,
        .secret = -1,
    };

    const char *line = line_of(event);

    if (line != NULL) {
        if (capture_writer_secrets(writer->out, line, strlen(line), err) != 0) {
            return -1;
        }
        item.secret = writer->secrets++;
    }
    json_t *json = session_event_encode(&item, index);
    return json != NULL ? put_blocks(writer, trace, index, event, json, err) : no_memory(err);
}

/* A line that was announced is wiped as the line itself is. */
static void redact_queued_text(enum wire_side side, uint8_t *data, size_t length)
{
    bool after_command = false; /* no dialogue of ours logs in over several lines */
    size_t from;
    size_t to = length;

    if (redact_text(side, data, &from, &to, &after_command)) {
        memset(data + from, 'x', to - from);
    }
}

/* The event without what must not be written: `data`, from malloc, takes the place of its own. False: out of memory. */
static bool redact(const struct trace_writer *writer, struct trace_event *event, uint8_t **data)
{
    *data = malloc(event->length + 1);
    if (*data == NULL) {
        return false;
    }
    if (event->length > 0) {
        memcpy(*data, event->data, event->length);
        event->data = *data;
    }
    if (event->kind == TRACE_BYTES) {
        redaction_apply(writer->redaction, event->from,
                        writer->offsets[event->from] + event->dropped, *data, event->length);
    } else if (event->kind == TRACE_QUEUED && event->phase == TRACE_STARTTLS) {
        redact_queued_text(event->from, *data, event->length);
    } else if (event->kind == TRACE_QUEUED) {
        const struct wire_context context = {.from = event->from, .shallow = true};
        return redaction_message(&context, event->content_type, *data, event->length) == 0;
    } else if (event->kind == TRACE_SECRET) {
        event->text = NULL;
    }
    return true;
}

static int write_event(struct trace_writer *writer, const struct trace *trace, size_t index,
                       struct err *err)
{
    struct trace_event event = *trace_event_at(trace, index); /* borrows what it owns */
    bool in_stream = event.kind == TRACE_BYTES || event.kind == TRACE_GAP;
    uint8_t *copy = NULL;
    int result = writer->redaction != NULL && !redact(writer, &event, &copy)
                     ? no_memory(err)
                     : put_event(writer, trace, index, &event, err);

    free(copy);
    writer->offsets[event.from] += in_stream ? event.dropped + event.length : 0;
    return result;
}

/* ---- the writer ------------------------------------------------------------------------------------ */

static struct capture_writer *begin_file(const char *path, bool force, const struct trace *trace,
                                         bool redacted, struct err *err)
{
    struct session_comments comments = {0};
    char *head = session_json_text(session_head_encode(trace, redacted));
    struct capture_writer *out = NULL;

    if (head == NULL || session_comments_make(&comments, about, head) != 0) {
        (void)no_memory(err);
    } else {
        const struct capture_head parts = {
            .what = "session file",
            .link_type = LINKTYPE_RAW,
            .interface_name = "tlstep",
            .interface_description = interface_about,
            .reserve = RESERVED,
            .comments = comments.list,
            .comment_count = comments.count,
        };
        out = capture_writer_begin(path, force, &parts, err);
    }
    session_comments_free(&comments);
    free(head);
    return out;
}

static struct trace_writer *writer_new(const char *path, bool force, const struct trace *trace,
                                       const struct redaction *redaction, struct err *err)
{
    struct trace_writer *writer = calloc(1, sizeof *writer);

    if (writer == NULL) {
        (void)err_memory(err, "creating a session file");
        return NULL;
    }
    writer->redaction = redaction;
    /* What was redacted once stays so. */
    writer->out = begin_file(path, force, trace, redaction != NULL || trace->redacted, err);
    if (writer->out == NULL) {
        free(writer);
        return NULL;
    }
    return writer;
}

struct trace_writer *trace_writer_new(const char *path, bool force, const struct trace *trace,
                                      struct err *err)
{
    return writer_new(path, force, trace, NULL, err);
}

int trace_writer_update(struct trace_writer *writer, const struct trace *trace, struct err *err)
{
    if (writer->failed) {
        return err_set(err, ERR_FILE, "file",
                       "the session file is incomplete: writing it has failed before");
    }
    for (; writer->events < trace_event_count(trace); writer->events++) {
        if (write_event(writer, trace, writer->events, err) != 0) {
            writer->failed = true;
            return -1;
        }
    }
    return 0;
}

int trace_writer_close(struct trace_writer *writer, const struct trace *trace, struct err *err)
{
    if (writer == NULL) {
        return 0;
    }
    int result = trace_writer_update(writer, trace, err);
    if (result == 0) {
        const struct trace_event *last = trace_event_at(trace, writer->events - 1);
        result = put_comment(writer, wall_time(trace, last != NULL ? last->time_ns : 0),
                             json_pack("{s:I}", "end", (json_int_t)writer->events), err);
    }
    /* The first failure is told. */
    if (capture_writer_close(writer->out, result == 0 ? err : NULL) != 0) {
        result = -1;
    }
    free(writer);
    return result;
}

int trace_save(const struct trace *trace, const char *path, bool force, struct err *err)
{
    struct trace_writer *writer = trace_writer_new(path, force, trace, err);

    return writer != NULL ? trace_writer_close(writer, trace, err) : -1;
}

int trace_save_redacted(const struct trace *trace, const char *path, bool force, struct err *err)
{
    struct redaction redaction;
    int result = redaction_init(&redaction, trace);

    if (result != 0) {
        (void)no_memory(err);
    } else {
        struct trace_writer *writer = writer_new(path, force, trace, &redaction, err);
        result = writer != NULL ? trace_writer_close(writer, trace, err) : -1;
    }
    redaction_free(&redaction);
    return result;
}
