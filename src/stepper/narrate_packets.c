/*
 * Which step caused which packets, in words: "connect() → SYN, SYN-ACK, ACK". The packets since the stop before are those that the
 * call under way between the two has caused, or that came while it waited.
 */
#include <string.h>

#include "narrate.h"

static void add(struct buffer *out, size_t start, const char *text)
{
    buffer_printf(out, "%s%s", out->length > start ? ", " : "", text);
}

static void add_segments(struct buffer *out, size_t start, const struct trace_packets *packets,
                         enum wire_side from)
{
    char text[120];
    char bytes[32];
    size_t count = packets->segments[from];

    if (count > 0) {
        (void)snprintf(text, sizeof text, "%zu segment%s of %s bytes from the %s", count,
                       count == 1 ? "" : "s",
                       text_grouped(bytes, sizeof bytes, packets->bytes[from]),
                       wire_side_name(from));
        add(out, start, text);
    }
    if (packets->again[from] > 0) {
        (void)snprintf(text, sizeof text, "%zu sent again by the %s", packets->again[from],
                       wire_side_name(from));
        add(out, start, text);
    }
}

static void add_ends(struct buffer *out, size_t start, const struct trace_packets *packets,
                     enum wire_side from)
{
    char text[60];

    if (packets->fin[from] || packets->rst[from]) {
        (void)snprintf(text, sizeof text, "%s from the %s", packets->rst[from] ? "RST" : "FIN",
                       wire_side_name(from));
        add(out, start, text);
    }
}

static void add_packets(struct buffer *out, const struct trace_packets *packets)
{
    const struct {
        bool there;
        const char *text;
    } handshake[] = {{packets->syn, "SYN"}, {packets->syn_ack, "SYN-ACK"}, {packets->ack, "ACK"}};
    size_t start = out->length;
    char text[60];

    for (size_t i = 0; i < sizeof handshake / sizeof handshake[0]; i++) {
        if (handshake[i].there) {
            add(out, start, handshake[i].text);
        }
    }
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        add_segments(out, start, packets, (enum wire_side)side);
    }
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        add_ends(out, start, packets, (enum wire_side)side);
    }
    if (packets->bare > 0) {
        (void)snprintf(text, sizeof text, "%zu bare ACK%s", packets->bare,
                       packets->bare == 1 ? "" : "s");
        add(out, start, text);
    }
}

/* The call that went on from the stop before: what was about to be sent then was sent by it. */
static const char *call_between(const struct trace_stop *before, const struct trace_stop *here)
{
    if (strcmp(here->at, "connect") == 0 || strcmp(here->at, "close") == 0) {
        return here->at[1] == 'o' ? "connect()" : "close()";
    }
    return narrate_call(before->at_stop && before->queued ? before : here);
}

void narrate_packets(const struct run *run, const struct trace_stop *here, struct buffer *out)
{
    size_t moment = run_moment(run);
    size_t from = moment > 0 ? trace_moment_before(run->trace, moment) : 0;
    struct trace_packets packets = trace_packets_between(run->trace, from, run->cursor);

    if (packets.count > 0) {
        struct trace_stop before = trace_stop_at(run->trace, from);
        buffer_printf(out, "%s → ", call_between(&before, here));
        add_packets(out, &packets);
        buffer_text(out, ". ");
    }
}
