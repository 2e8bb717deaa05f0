/* The packets of a program and its key log, as they come, as one capture. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "run.h"

/* How often the key log and the program are looked at while no packet comes. */
#define LOOK_EVERY_MS 20
/* After the program has ended, what is still on its way: so long without a packet, and so long at most. */
#define QUIET_NS  INT64_C(200000000)
#define LINGER_NS INT64_C(1000000000)
/* Connections that are remembered, in a table by their ends; each has so many places where it may stand. */
#define CONNECTIONS_MAX 4096
#define PLACES          8
/* How often it is looked who is in the process group. */
#define GROUP_NS INT64_C(20000000)
#define TCP_SYN  2
#define TCP_ACK  16
/* Bytes of packets that are held back for all of them. */
#define HELD_MAX ((size_t)16 << 20)
#define RANDOM   32
#define HEX      ((size_t)2 * RANDOM)
/* Client randoms that are remembered: a thousand. */
#define RANDOMS_MAX (1000 * HEX)
/* Packets in a row before the key log is looked at again. */
#define BURST 128

enum fate { NONE, IGNORED, HELD, FOLLOWED };

/* One whose opener could not be found any more: its packets are kept until the key log has its client random, which only the
 * program can know. */
struct connection {
    struct capture_endpoint ends[2];
    uint64_t order; /* of its SYN among all */
    uint32_t syn;   /* its first sequence number */
    enum fate fate;
    bool has_random;
    char random[2 * RANDOM + 1]; /* of its ClientHello, in hex as key logs have it */
    struct buffer held;          /* struct net_packet with its bytes behind it, again and again */
};

struct run_packets {
    struct net_capture *capture;
    struct run_child *child;
    struct capture_writer *pipe; /* NULL: nobody reads it any more */
    struct capture_writer *save; /* NULL: none, or it has failed */
    int keylog;
    struct buffer line; /* of the key log, not whole yet; secret */
    struct buffer
        randoms; /* client randoms of it, in small hex one behind the other, for hellos that are looked at later */
    struct connection connections[CONNECTIONS_MAX];
    size_t held;    /* bytes in all of them */
    uint64_t count; /* of connections so far */
    struct run_group group;
    int64_t group_due_ns; /* when it is looked at again */
    uint16_t link_type;
    struct run_seen seen;
    atomic_bool at_once;
    pthread_t thread;
    bool started;
};

/* ---- writing ------------------------------------------------------------------------------------------ */

static void drop_pipe(struct run_packets *packets)
{
    (void)capture_writer_close(packets->pipe, NULL); /* the reader has gone: it knows */
    packets->pipe = NULL;
}

static void drop_save(struct run_packets *packets, const struct err *err)
{
    packets->seen.err = *err;
    packets->save = NULL;
}

static void put_packet(struct run_packets *packets, const struct net_packet *packet)
{
    const struct capture_block block = {.time_ns = packet->wall_ns,
                                        .link_type = packets->link_type,
                                        .data = packet->data,
                                        .length = packet->length,
                                        .original_length = packet->original};
    struct err err;

    if (packets->pipe != NULL && capture_writer_block(packets->pipe, &block, NULL) != 0) {
        drop_pipe(packets);
    }
    if (packets->save != NULL && capture_writer_block(packets->save, &block, &err) != 0) {
        drop_save(packets, &err);
    }
}

static void put_secrets(struct run_packets *packets, const char *lines, size_t length)
{
    struct err err;

    if (packets->pipe != NULL && capture_writer_secrets(packets->pipe, lines, length, NULL) != 0) {
        drop_pipe(packets);
    }
    if (packets->save != NULL && capture_writer_secrets(packets->save, lines, length, &err) != 0) {
        drop_save(packets, &err);
    }
}

/* ---- which packets ---------------------------------------------------------------------------------------- */

static bool is_end(const struct capture_endpoint *a, const struct capture_endpoint *b)
{
    return a->port == b->port && a->family == b->family &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

static bool is_of(const struct connection *connection, const struct capture_segment *segment)
{
    int end = is_end(&connection->ends[0], &segment->from) ? 0 : 1;

    return is_end(&connection->ends[end], &segment->from) &&
           is_end(&connection->ends[!end], &segment->to);
}

/* The same for both directions. */
static size_t place_of(const struct capture_endpoint *a, const struct capture_endpoint *b)
{
    uint32_t hash = (uint32_t)a->port * b->port + a->port + b->port;

    for (size_t i = 0; i < sizeof a->address; i++) {
        hash += (uint32_t)(a->address[i] + b->address[i]) * (uint32_t)(2 * i + 257);
    }
    return (hash * 2654435761u) >> 16;
}

static struct connection *at(struct run_packets *packets, size_t place, size_t i)
{
    return &packets->connections[(place + i) % CONNECTIONS_MAX];
}

static struct connection *find(struct run_packets *packets, const struct capture_segment *segment)
{
    size_t place = place_of(&segment->from, &segment->to);

    for (size_t i = 0; i < PLACES; i++) {
        struct connection *connection = at(packets, place, i);
        if (connection->fate != NONE && is_of(connection, segment)) {
            return connection;
        }
    }
    return NULL;
}

/* A place for a new one: a free one, else that of the oldest, the program's own last of all. */
static struct connection *find_place(struct run_packets *packets,
                                     const struct capture_segment *segment)
{
    size_t place = place_of(&segment->from, &segment->to);
    struct connection *best = at(packets, place, 0);

    for (size_t i = 1; i < PLACES; i++) {
        struct connection *here = at(packets, place, i);
        if (here->fate < best->fate || (here->fate == best->fate && here->order < best->order)) {
            best = here;
        }
    }
    return best;
}

static void let_go(struct run_packets *packets, struct connection *connection)
{
    packets->held -= connection->held.length;
    buffer_free(&connection->held);
}

/* Only connections that begin while the program runs can be its own. */
static struct connection *begin(struct run_packets *packets, const struct capture_segment *syn)
{
    static const enum fate fates[] = {
        [RUN_GROUP] = FOLLOWED, [RUN_OTHER] = IGNORED, [RUN_UNKNOWN] = HELD};
    struct connection *connection = find(packets, syn); /* its ports are used again */

    connection = connection != NULL ? connection : find_place(packets, syn);
    let_go(packets, connection);
    *connection = (struct connection){
        .ends = {syn->from, syn->to}, .order = ++packets->count, .syn = syn->seq};
    connection->fate = fates[run_owner_find(&packets->group, syn)];
    packets->seen.connections += connection->fate == FOLLOWED;
    return connection;
}

/* ---- connections that are held back -------------------------------------------------------------------- */

/* RFC 8446 4.1.2, 5.1: a record of type handshake that begins with a ClientHello has its random at byte 11. */
static void look_for_hello(struct connection *connection, const struct capture_segment *segment)
{
    const uint8_t *payload = segment->ip + segment->headers;

    if (!connection->has_random && segment->captured >= 11 + RANDOM && payload[0] == 22 &&
        payload[5] == 1) {
        connection->has_random = true;
        (void)text_hex(connection->random, sizeof connection->random, payload + 11, RANDOM);
    }
}

static void hold(struct run_packets *packets, struct connection *connection,
                 const struct net_packet *packet, const struct capture_segment *segment)
{
    size_t before = connection->held.length;

    if (packets->held + sizeof *packet + packet->length > HELD_MAX) {
        connection->fate = IGNORED;
        let_go(packets, connection);
        return;
    }
    look_for_hello(connection, segment);
    buffer_append(&connection->held, packet, sizeof *packet);
    buffer_append(&connection->held, packet->data, packet->length);
    packets->held += connection->held.length - before;
    if (connection->held.failed) {
        connection->fate = IGNORED;
        let_go(packets, connection);
    }
}

static void release(struct run_packets *packets, struct connection *connection)
{
    struct reader reader = reader_new(connection->held.data, connection->held.length);
    struct net_packet packet;

    while (reader_left(&reader) >= sizeof packet) {
        memcpy(&packet, reader_bytes(&reader, sizeof packet), sizeof packet);
        packet.data = reader_bytes(&reader, packet.length); /* it was put there with it */
        put_packet(packets, &packet);
    }
    let_go(packets, connection);
    connection->fate = FOLLOWED;
    packets->seen.connections++;
}

/* The oldest of them are forgotten: a program may write them without end. */
static void remember_random(struct run_packets *packets, const char *random)
{
    if (packets->randoms.length >= RANDOMS_MAX) {
        buffer_consume(&packets->randoms, RANDOMS_MAX / 2);
    }
    for (size_t i = 0; i < HEX; i++) {
        char c = random[i];
        buffer_u8(&packets->randoms, (uint8_t)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c));
    }
}

/* The key log may be further than the packets that are looked at. */
static bool is_logged(const struct run_packets *packets, const struct connection *connection)
{
    const struct buffer *randoms = &packets->randoms;

    for (size_t offset = 0; connection->has_random && offset + HEX <= randoms->length;
         offset += HEX) {
        if (memcmp(randoms->data + offset, connection->random, HEX) == 0) {
            return true;
        }
    }
    return false;
}

/* A line of the key log: LABEL, client random, secret. */
static void look_for_random(struct run_packets *packets, const char *line, size_t length)
{
    const char *random = memchr(line, ' ', length);

    if (random == NULL || length - (size_t)(random + 1 - line) < HEX) {
        return;
    }
    remember_random(packets, random + 1);
    for (uint64_t i = 0; packets->held > 0 && i < CONNECTIONS_MAX; i++) {
        struct connection *connection = &packets->connections[i];
        if (connection->fate == HELD && connection->has_random &&
            strncasecmp(connection->random, random + 1, HEX) == 0) {
            release(packets, connection);
        }
    }
}

/* ---- the key log --------------------------------------------------------------------------------------- */

static void take_line(struct run_packets *packets, const char *line, size_t length)
{
    if (length > 0 && line[0] != '#') {
        packets->seen.secrets++;
        look_for_random(packets, line, length);
    }
}

/* Whole lines only: a program may be in the middle of one. */
static void pass_lines(struct run_packets *packets)
{
    struct buffer *line = &packets->line;
    const uint8_t *last = line->length > 0 ? memrchr(line->data, '\n', line->length) : NULL;

    if (last == NULL) {
        return;
    }
    size_t length = (size_t)(last - line->data) + 1;
    put_secrets(packets, (const char *)line->data, length);
    for (size_t offset = 0; offset < length;) {
        const uint8_t *end =
            memchr(line->data + offset, '\n', length - offset); /* the last byte is one */
        take_line(packets, (const char *)line->data + offset, (size_t)(end - line->data) - offset);
        offset = (size_t)(end - line->data) + 1;
    }
    buffer_consume(line, length);
}

static void read_keylog(struct run_packets *packets)
{
    uint8_t chunk[4096];
    ssize_t count;

    while ((count = read(packets->keylog, chunk, sizeof chunk)) > 0) {
        buffer_append(&packets->line, chunk, (size_t)count);
        pass_lines(packets);
    }
    secret_wipe(chunk, sizeof chunk);
}

/* ---- packets ----------------------------------------------------------------------------------------------- */

static void take_segment(struct run_packets *packets, const struct net_packet *packet,
                         const struct capture_segment *segment)
{
    struct connection *connection = find(packets, segment);
    bool begins = (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

    /* The same SYN once more is a retransmission. */
    if (begins && (connection == NULL || connection->syn != segment->seq)) {
        connection = begin(packets, segment);
    }
    if (connection != NULL && connection->fate == FOLLOWED) {
        put_packet(packets, packet);
    } else if (connection != NULL && connection->fate == HELD) {
        hold(packets, connection, packet, segment);
        if (connection->fate == HELD && is_logged(packets, connection)) {
            release(packets, connection);
        }
    }
}

/* What is there now. True: there was something. */
static bool take_packets(struct run_packets *packets)
{
    struct net_packet packet;
    struct capture_segment segment;
    int taken = 0;

    for (; taken < BURST && net_capture_next(packets->capture, &packet); taken++) {
        if (capture_segment_read(packets->link_type, packet.data, packet.length, packet.original,
                                 &segment)) {
            take_segment(packets, &packet, &segment);
        }
    }
    return taken > 0;
}

/* ---- the thread ------------------------------------------------------------------------------------------- */

static void follow(struct run_packets *packets)
{
    int64_t ended_ns = 0;
    int64_t latest_ns = 0;

    while (!packets->at_once) {
        struct pollfd fd = {.fd = net_capture_fd(packets->capture), .events = POLLIN};
        (void)poll(&fd, 1, LOOK_EVERY_MS); /* what it says is seen by reading */
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns >= packets->group_due_ns) {
            run_group_refresh(&packets->group);
            packets->group_due_ns = now_ns + GROUP_NS;
        }
        read_keylog(packets); /* before the packets that were sealed with what is in it */
        if (take_packets(packets)) {
            latest_ns = now_ns;
        }
        if (ended_ns == 0 && run_child_has_ended(packets->child)) {
            ended_ns = now_ns;
        }
        int64_t since_ns = latest_ns > ended_ns ? latest_ns : ended_ns;
        if (ended_ns != 0 && (now_ns - since_ns > QUIET_NS || now_ns - ended_ns > LINGER_NS)) {
            break;
        }
    }
    read_keylog(packets); /* also of connections that are still held back */
}

static void *run(void *argument)
{
    struct run_packets *packets = argument;

    follow(packets);
    drop_pipe(packets);
    return NULL;
}

static int start(struct run_packets *packets, struct err *err)
{
    sigset_t all, before;

    (void)sigfillset(&all); /* signals are for the main thread alone */
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&packets->thread, NULL, run, packets);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    packets->started = error == 0;
    return error == 0 ? 0
                      : err_set(err, ERR_MEMORY, "no_thread", "cannot start a thread: %s",
                                strerror(error));
}

static int set_up(struct run_packets *packets, int pipe, struct err *err)
{
    const struct capture_head head = {
        .what = "capture",
        .link_type = packets->link_type,
        .interface_name = "any",
    };

    packets->pipe = capture_writer_attach(pipe, &head, err);
    if (packets->pipe == NULL) {
        return -1;
    }
    packets->keylog = open(packets->child->keylog, O_RDONLY | O_CLOEXEC);
    if (packets->keylog < 0) {
        return err_set(err, ERR_FILE, "file", "cannot read key log %s: %s", packets->child->keylog,
                       strerror(errno));
    }
    return start(packets, err);
}

struct run_packets *run_packets_new(struct net_capture *capture, struct run_child *child, int pipe,
                                    struct capture_writer *save, struct err *err)
{
    struct run_packets *packets = calloc(1, sizeof *packets);

    if (packets == NULL) {
        (void)close(pipe); /* nothing was written */
        (void)err_memory(err, "running a program");
        return NULL;
    }
    packets->capture = capture;
    packets->child = child;
    packets->save = save;
    packets->keylog = -1;
    packets->group = (struct run_group){.id = child->pid, .members = {child->pid}, .count = 1};
    packets->line.secret = true;
    packets->link_type = (uint16_t)net_capture_link_type(capture);
    if (set_up(packets, pipe, err) != 0) {
        run_packets_free(packets);
        return NULL;
    }
    return packets;
}

void run_packets_end(struct run_packets *packets)
{
    if (packets->started) {
        packets->at_once = true;
        (void)pthread_join(packets->thread, NULL);
        packets->started = false;
        packets->seen.dropped = net_capture_dropped(packets->capture);
    }
}

struct run_seen run_packets_seen(const struct run_packets *packets)
{
    return packets->seen;
}

void run_packets_free(struct run_packets *packets)
{
    if (packets == NULL) {
        return;
    }
    run_packets_end(packets);
    drop_pipe(packets);
    if (packets->keylog >= 0) {
        (void)close(packets->keylog); /* nothing was written */
    }
    buffer_wipe_free(&packets->line);
    buffer_free(&packets->randoms);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        buffer_free(&packets->connections[i].held);
    }
    free(packets);
}
