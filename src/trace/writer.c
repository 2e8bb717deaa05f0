/*
 * Session files, written. The key log stands before the packets that need it although its lines
 * come after them: a secrets block near the beginning of the file holds key-log comments at first,
 * and each line is written over them when it comes. So nothing is held back, nothing is lost when
 * the process is killed, and every reader decrypts in one pass.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "packet.h"
#include "pcapng.h"
#include "redact.h"
#include "session_json.h"

/* Room for a TLS 1.3 session's five to eight lines of at most 233 bytes, and then some. */
#define RESERVED 4096
/* A key-log line that is longer, or not printable, is none. */
#define LINE_MAX_LENGTH 1000
/* Blocks are gathered up to this size before they are written. */
#define FLUSH ((size_t)1024 * 1024)

static const char about[] =
    "A TLS session saved by tlstep. The packets were made from the bytes of the connection: "
    "addresses, times and bytes are real, the cut into segments is not. Comments that begin with "
    "\"tlstep:\" carry the rest of the session (docs/session-format.md).";
static const char interface_about[] = "packets made from a TLS stream, not captured";

struct trace_writer {
    int fd;
    char *what;        /* "session file x.pcapng" */
    bool failed;       /* nothing more is written */
    size_t events;     /* so many have been written */
    struct buffer out; /* blocks that have not been written yet */
    struct packet_flow flow;
    long secrets;         /* lines in the secrets blocks so far */
    off_t reserved;       /* where the reserved secrets stand in the file; -1: nowhere */
    size_t reserved_used; /* bytes of them */
    int error;            /* errno of writing them; 0 */
    const struct redaction *redaction; /* what must not be written; NULL */
    uint64_t offsets[2];               /* of the next byte in each direction's stream */
};

/* ---- output ------------------------------------------------------------------------------------- */

static int flush(struct trace_writer *writer, struct err *err)
{
    int result = 0;

    if (writer->out.failed) {
        result = err_memory(err, "writing a session file");
    } else if (writer->error != 0) {
        result = err_set(err, ERR_FILE, "file", "cannot write %s: %s", writer->what,
                         strerror(writer->error));
    } else if (writer->out.length > 0) {
        result =
            file_write_all(writer->fd, writer->out.data, writer->out.length, writer->what, err);
    }
    writer->out.length = 0;
    if (result != 0) {
        writer->failed = true;
    }
    return result;
}

static int64_t wall_time(const struct trace *trace, int64_t time_ns)
{
    return trace_start_wall_ns(trace) + time_ns;
}

/* A packet with a comment: the event's, or only what it is. Takes `json`. */
static void put_packet(struct trace_writer *writer, int64_t wall_ns, enum wire_side from,
                       unsigned flags, const uint8_t *data, size_t length, json_t *json)
{
    struct buffer packet = {0};
    char *comment = NULL;

    if (json != NULL && json_object_set_new(json, "packet", json_string("made")) == 0) {
        comment = session_json_text(json_incref(json));
    }
    packet_make(&writer->flow, from, flags, data, length, &packet);
    if (comment == NULL || packet.failed) {
        writer->out.failed = true;
    } else {
        pcapng_packet(&writer->out, wall_ns, &packet, comment);
    }
    json_decref(json);
    free(comment);
    buffer_free(&packet);
}

/* ---- the TCP connection -------------------------------------------------------------------------- */

/* The three packets of the TCP handshake, at the times the kernel told. */
static void put_handshake(struct trace_writer *writer, const struct trace *trace,
                          const struct trace_event *event)
{
    const struct trace_connection *connection = event->connection;
    int64_t syn = wall_time(trace, connection != NULL ? connection->syn_ns : event->time_ns);
    int64_t there =
        wall_time(trace, connection != NULL ? connection->established_ns : event->time_ns);

    put_packet(writer, syn, WIRE_CLIENT, PACKET_SYN, NULL, 0, json_object());
    put_packet(writer, there, WIRE_SERVER, PACKET_SYN | PACKET_ACK, NULL, 0, json_object());
    put_packet(writer, there, WIRE_CLIENT, PACKET_ACK, NULL, 0, json_object());
}

/* Addresses and sequence numbers, before the first packet. In a capture the TCP handshake is what was
 * captured of it. */
static void open_flow(struct trace_writer *writer, const struct trace *trace,
                      const struct trace_event *event)
{
    const struct trace_target *target = trace_target(trace);
    bool captured = target->client != NULL && target->server != NULL;
    struct trace_connection ends = {.mss = -1};

    if (writer->flow.open) {
        return;
    }
    if (captured) { /* both fit, or are cut and then not used */
        (void)snprintf(ends.local, sizeof ends.local, "%s", target->client);
        (void)snprintf(ends.peer, sizeof ends.peer, "%s", target->server);
    }
    packet_flow_init(&writer->flow, captured ? &ends : event->connection, target->port);
    writer->flow.open = true;
    if (!captured) {
        put_handshake(writer, trace, event);
    }
}

/* An event's bytes in segments; the first packet carries the event. Takes `json`. */
static void put_bytes(struct trace_writer *writer, const struct trace *trace,
                      const struct trace_event *event, size_t index, json_t *json)
{
    int64_t wall = wall_time(trace, event->time_ns);
    unsigned end = event->end == TRACE_FIN ? PACKET_FIN : PACKET_RST;

    for (size_t offset = 0; offset < event->length;) {
        size_t left = event->length - offset;
        size_t take = left < writer->flow.segment ? left : writer->flow.segment;
        put_packet(writer, wall, event->from, PACKET_PSH | PACKET_ACK, event->data + offset, take,
                   json != NULL ? json : json_pack("{s:I}", "of", (json_int_t)index));
        json = NULL;
        offset += take;
    }
    if (event->end != TRACE_OPEN) {
        put_packet(writer, wall, event->from, end | PACKET_ACK, NULL, 0,
                   json != NULL ? json : json_object());
    }
}

/* ---- secrets --------------------------------------------------------------------------------------- */

/* One printable line that no reader of key logs takes for a comment. */
static bool is_line(const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;

    if (length == 0 || length > LINE_MAX_LENGTH || text[0] == '#') {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

/* What the reserved block holds at first: a comment over all that is left. */
static void reserve_secrets(struct trace_writer *writer)
{
    char room[RESERVED];

    memset(room, ' ', sizeof room);
    room[0] = '#';
    room[sizeof room - 1] = '\n';
    off_t start = lseek(writer->fd, 0, SEEK_CUR);
    if (start < 0) {
        writer->reserved = -1; /* a pipe: each secret gets a block of its own */
        return;
    }
    writer->reserved = start + (off_t)pcapng_secrets(&writer->out, room, sizeof room);
}

/* Writes `text` at the place of the reserved comments. */
static int write_at(const struct trace_writer *writer, const struct buffer *text, off_t offset)
{
    for (size_t done = 0; done < text->length;) {
        ssize_t written =
            pwrite(writer->fd, text->data + done, text->length - done, offset + (off_t)done);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* The line into the reserved block; the rest of that stays a comment. False: no room. */
static bool put_reserved(struct trace_writer *writer, const char *line)
{
    struct buffer text = {.secret = true};
    /* Behind the line stay at least "#" and the line feed that ends the block. */
    size_t needed = strlen(line) + 1;

    if (writer->reserved < 0 || writer->reserved_used + needed + 2 > RESERVED) {
        return false;
    }
    buffer_printf(&text, "%s\n#", line);
    if (text.failed) {
        writer->out.failed = true;
    } else if (write_at(writer, &text, writer->reserved + (off_t)writer->reserved_used) != 0) {
        writer->error = errno;
    }
    buffer_wipe_free(&text);
    writer->reserved_used += needed;
    return true;
}

/* Lines are counted in the order of the file: behind one that has a block of its own, all have. */
static void put_secret(struct trace_writer *writer, const char *line)
{
    struct buffer text = {.secret = true};

    if (put_reserved(writer, line)) {
        return;
    }
    writer->reserved = -1;
    buffer_printf(&text, "%s\n", line);
    if (text.failed) {
        writer->out.failed = true;
    } else {
        (void)pcapng_secrets(&writer->out, text.data, text.length); /* its place does not matter */
    }
    buffer_wipe_free(&text);
}

/* ---- events ---------------------------------------------------------------------------------------- */

/* An event without packets is the comment of a block that other readers pass over. */
static void put_comment(struct trace_writer *writer, int64_t wall_ns, json_t *json)
{
    char *text = session_json_text(json);

    if (text == NULL) {
        writer->out.failed = true;
    } else {
        pcapng_statistics(&writer->out, wall_ns, text);
    }
    free(text);
}

/* A packet without data. Takes `json`. */
static void put_tcp(struct trace_writer *writer, const struct trace *trace,
                    const struct trace_event *event, json_t *json)
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

    for (size_t i = 0; event->text != NULL && i < sizeof packets / sizeof *packets; i++) {
        if (strcmp(event->text, packets[i].text) == 0) {
            open_flow(writer, trace, event);
            put_packet(writer, wall_time(trace, event->time_ns), event->from, packets[i].flags,
                       NULL, 0, json);
            return;
        }
    }
    put_comment(writer, wall_time(trace, event->time_ns), json);
}

/* Takes `json`. */
static void put_blocks(struct trace_writer *writer, const struct trace *trace, size_t index,
                       const struct trace_event *event, json_t *json)
{
    if (event->kind == TRACE_BYTES && (event->length > 0 || event->end != TRACE_OPEN)) {
        open_flow(writer, trace, event);
        put_bytes(writer, trace, event, index, json);
        return;
    }
    if (event->kind == TRACE_TCP) {
        put_tcp(writer, trace, event, json);
        return;
    }
    put_comment(writer, wall_time(trace, event->time_ns), json);
    if (event->kind == TRACE_BYTES || event->kind == TRACE_GAP) {
        writer->flow.ends[event->from].next += (uint32_t)event->dropped;
    }
    if (event->connection != NULL) {
        open_flow(writer, trace, event);
    }
}

static void put_event(struct trace_writer *writer, const struct trace *trace, size_t index,
                      const struct trace_event *event)
{
    struct session_event item = {
        .event = *event,
        .in_packets = event->kind == TRACE_BYTES && event->length > 0,
        .secret = -1,
    };

    if (event->kind == TRACE_SECRET && is_line(event->text)) {
        put_secret(writer, event->text);
        item.secret = writer->secrets++;
    }
    json_t *json = session_event_encode(&item, index);
    if (json == NULL) {
        writer->out.failed = true;
        return;
    }
    put_blocks(writer, trace, index, event, json);
}

/* The event without what must not be written: `data`, from malloc, takes the place of its own. False: out of memory. */
static bool redact(struct trace_writer *writer, struct trace_event *event, uint8_t **data)
{
    *data = malloc(event->length + 1);
    if (*data == NULL) {
        return false;
    }
    if (event->length > 0) {
        memcpy(*data, event->data, event->length);
        event->data = *data;
    }
    switch (event->kind) {
    case TRACE_BYTES:
        redaction_apply(writer->redaction, event->from,
                        writer->offsets[event->from] + event->dropped, *data, event->length);
        return true;
    case TRACE_QUEUED: {
        const struct wire_context context = {.from = event->from, .shallow = true};
        return redaction_message(&context, event->content_type, *data, event->length) == 0;
    }
    case TRACE_SECRET:
        event->text = NULL;
        return true;
    default:
        return true;
    }
}

static void write_event(struct trace_writer *writer, const struct trace *trace, size_t index)
{
    struct trace_event event = *trace_event_at(trace, index); /* borrows what it owns */
    bool in_stream = event.kind == TRACE_BYTES || event.kind == TRACE_GAP;
    uint8_t *copy = NULL;

    if (writer->redaction != NULL && !redact(writer, &event, &copy)) {
        writer->out.failed = true;
    } else {
        put_event(writer, trace, index, &event);
    }
    free(copy);
    writer->offsets[event.from] += in_stream ? event.dropped + event.length : 0;
}

/* ---- the writer ------------------------------------------------------------------------------------ */

static void writer_free(struct trace_writer *writer)
{
    buffer_wipe_free(&writer->out);
    free(writer->what);
    free(writer);
}

static int write_head(struct trace_writer *writer, const struct trace *trace, struct err *err)
{
    char *head = session_json_text(session_head_encode(trace));

    if (head == NULL) {
        return err_memory(err, "writing a session file");
    }
    pcapng_section(&writer->out, about, head);
    free(head);
    pcapng_interface(&writer->out, interface_about);
    reserve_secrets(writer);
    return flush(writer, err);
}

struct trace_writer *trace_writer_new(const char *path, bool force, const struct trace *trace,
                                      struct err *err)
{
    struct trace_writer *writer = calloc(1, sizeof *writer);
    char shown[200];

    if (writer == NULL) {
        (void)err_memory(err, "creating a session file");
        return NULL;
    }
    writer->out.secret = true;
    writer->what =
        text_format("session file %s", text_safe(shown, sizeof shown, path, strlen(path)));
    if (writer->what == NULL) {
        (void)err_memory(err, "creating a session file");
        writer_free(writer);
        return NULL;
    }
    writer->fd = file_create_private(path, "session file", force, err);
    if (writer->fd < 0) {
        writer_free(writer);
        return NULL;
    }
    if (write_head(writer, trace, err) != 0) {
        (void)close(writer->fd); /* the first error is told */
        writer_free(writer);
        return NULL;
    }
    return writer;
}

int trace_writer_update(struct trace_writer *writer, const struct trace *trace, struct err *err)
{
    if (writer->failed) {
        return err_set(err, ERR_FILE, "file", "%s is incomplete: writing it has failed before",
                       writer->what);
    }
    for (; writer->events < trace_event_count(trace); writer->events++) {
        write_event(writer, trace, writer->events);
        if (writer->out.length >= FLUSH && flush(writer, err) != 0) {
            return -1;
        }
    }
    return flush(writer, err);
}

int trace_writer_close(struct trace_writer *writer, const struct trace *trace, struct err *err)
{
    if (writer == NULL) {
        return 0;
    }
    int result = trace_writer_update(writer, trace, err);
    if (result == 0) {
        const struct trace_event *last = trace_event_at(trace, writer->events - 1);
        put_comment(writer, wall_time(trace, last != NULL ? last->time_ns : 0),
                    json_pack("{s:I}", "end", (json_int_t)writer->events));
        result = flush(writer, err);
    }
    if (close(writer->fd) != 0 && result == 0) {
        result =
            err_set(err, ERR_FILE, "file", "cannot write %s: %s", writer->what, strerror(errno));
    }
    writer_free(writer);
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
        (void)err_memory(err, "writing a session file");
    } else {
        struct trace_writer *writer = trace_writer_new(path, force, trace, err);
        if (writer != NULL) {
            writer->redaction = &redaction;
        }
        result = writer != NULL ? trace_writer_close(writer, trace, err) : -1;
    }
    redaction_free(&redaction);
    return result;
}
