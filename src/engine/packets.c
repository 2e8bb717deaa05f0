/* Real packets beside the session, stamped by the kernel. */
#include "packets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "post.h"

/* What a filter of all addresses takes. */
#define FILTER_MAX (NET_ADDRESS_MAX * 60 + 60)
/* So many in a row: whoever takes them has something else to do, too. */
#define TAKEN_AT_ONCE 512

void engine_packets_lend(struct engine *engine, struct net_capture *capture)
{
    engine->capture = capture;
    engine->capture_fd = capture != NULL ? net_capture_fd(capture) : -1;
}

void engine_packets_give_back(struct engine *engine)
{
    pthread_mutex_lock(&engine->packets);
    engine->capture = NULL;
    pthread_mutex_unlock(&engine->packets);
}

bool engine_packets_are_taken(const struct engine *engine)
{
    return engine->capture_fd >= 0;
}

/* ---- which packets ------------------------------------------------------------------------------------- */

static uint16_t port_of(const struct net_address *address)
{
    const struct sockaddr *socket = (const struct sockaddr *)&address->socket;

    return ntohs(socket->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)socket)->sin6_port
                                               : ((const struct sockaddr_in *)socket)->sin_port);
}

/* "192.0.2.1:443" or "[2001:db8::1%2]:443" as a filter has it. */
static void add_host(struct buffer *filter, const struct net_address *address)
{
    const char *text = address->text[0] == '[' ? address->text + 1 : address->text;
    size_t length = address->text[0] == '[' ? strcspn(text, "%]") : strcspn(text, ":");

    buffer_printf(filter, "%shost %.*s", filter->length > 0 ? " or " : "", (int)length, text);
}

void engine_packets_filter(struct engine *engine)
{
    struct buffer hosts = {0};
    char filter[FILTER_MAX];
    struct err err = {0};

    if (!engine_packets_are_taken(engine) || engine->address_count == 0) {
        return;
    }
    for (size_t i = 0; i < engine->address_count; i++) {
        add_host(&hosts, &engine->addresses[i]);
    }
    (void)snprintf(filter, sizeof filter, "tcp and port %u and (%.*s)",
                   port_of(&engine->addresses[0]), (int)hosts.length,
                   hosts.length > 0 ? (const char *)hosts.data : "");
    buffer_free(&hosts);
    pthread_mutex_lock(&engine->packets);
    if (engine->capture != NULL && net_capture_filter(engine->capture, filter, &err) != 0) {
        engine_packets_lend(engine, NULL); /* everything else goes on */
    }
    pthread_mutex_unlock(&engine->packets);
    if (err.class != ERR_NONE) {
        engine_post_note(engine, err.code, "%s", err.text);
    }
}

void engine_packets_begin(struct engine *engine, const struct net_tcp_info *info)
{
    if (engine_packets_are_taken(engine)) {
        pthread_mutex_lock(&engine->packets);
        engine->local_port = port_of(&info->local);
        engine->peer_port = port_of(&info->peer);
        pthread_mutex_unlock(&engine->packets);
    }
}

/* ---- taking them --------------------------------------------------------------------------------------- */

/* The kernel stamps by the wall clock, the log has the monotonic one. The difference is asked for now: somebody may have set the clock. */
static int64_t trace_time(const struct engine *engine, int64_t wall_ns)
{
    int64_t now_ns = clock_monotonic_ns();
    int64_t time_ns = now_ns - (clock_wall_ns() - wall_ns) - engine->start_ns;

    return time_ns > 0 ? time_ns : 1; /* 0 would be stamped anew */
}

/* Headers alone: what they carry is in the stream. */
static void post_packet(struct engine *engine, enum wire_side from, int64_t wall_ns,
                        const struct capture_segment *segment)
{
    struct trace_event event = {
        .kind = TRACE_PACKET,
        .from = from,
        .time_ns = trace_time(engine, wall_ns),
        .data = malloc(segment->headers),
        .length = segment->headers,
        .dropped = segment->length,
    };

    pthread_mutex_lock(&engine->lock);
    if (event.data == NULL) {
        engine->out_of_memory = true;
        pthread_cond_broadcast(&engine->wake);
    } else {
        memcpy(event.data, segment->ip, segment->headers);
        engine_post_locked(engine, &event);
    }
    pthread_mutex_unlock(&engine->lock);
}

static void sort_out(struct engine *engine, uint16_t link_type, const struct net_packet *packet)
{
    struct capture_segment segment;

    if (!capture_segment_read(link_type, packet->data, packet->length, packet->original,
                              &segment)) {
        return;
    }
    if (segment.from.port == engine->local_port && segment.to.port == engine->peer_port) {
        post_packet(engine, engine->local, packet->wall_ns, &segment);
    } else if (segment.from.port == engine->peer_port && segment.to.port == engine->local_port) {
        post_packet(engine, engine->peer, packet->wall_ns, &segment);
    }
}

void engine_packets_take(struct engine *engine)
{
    struct net_packet packet;

    if (!engine_packets_are_taken(engine)) {
        return;
    }
    pthread_mutex_lock(&engine->packets);
    struct net_capture *capture = engine->local_port != 0 ? engine->capture : NULL;
    for (int i = 0; capture != NULL && i < TAKEN_AT_ONCE && net_capture_next(capture, &packet);
         i++) {
        sort_out(engine, (uint16_t)net_capture_link_type(capture), &packet);
    }
    pthread_mutex_unlock(&engine->packets);
}
