/* Packets beside a live session. */
#include "annotation.h"

#include <string.h>

#include "log.h"
#include "row.h"

#define LINKTYPE_RAW 101

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

/* ---- what a packet is ------------------------------------------------------------------------------ */

static bool read_headers(const struct trace_event *event, struct capture_segment *segment)
{
    size_t original = 0;

    return event->length > 0 && size_add(event->length, event->dropped, &original) &&
           capture_segment_read(LINKTYPE_RAW, event->data, event->length, original, segment);
}

/* RFC 9293 3.4: numbers are compared in a circle. */
static bool is_behind(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

/* Moves on what the side has sent; false: all of it had been sent before. */
static bool advance(struct annotation *annotation, enum wire_side from,
                    const struct capture_segment *segment)
{
    uint32_t bytes =
        segment->length + ((segment->flags & SYN) != 0) + ((segment->flags & FIN) != 0);
    uint32_t end = segment->seq + bytes;

    if (annotation->begun[from] && !is_behind(end, annotation->next[from])) {
        return false;
    }
    annotation->begun[from] = true;
    annotation->next[from] = end;
    return true;
}

enum annotation_kind annotation_take(struct annotation *annotation, const struct trace_event *event)
{
    struct capture_segment segment;

    if (!read_headers(event, &segment)) {
        return ANNOTATION_NONE;
    }
    if ((segment.flags & RST) != 0) {
        return ANNOTATION_RST;
    }
    bool fresh = advance(annotation, event->from, &segment);
    if ((segment.flags & SYN) != 0) {
        bool answer = (segment.flags & ACK) != 0;
        annotation->answered |= answer;
        return answer ? ANNOTATION_SYN_ACK : ANNOTATION_SYN;
    }
    bool third = annotation->answered && !annotation->finished && event->from == WIRE_CLIENT;
    annotation->finished |= third;
    if ((segment.flags & FIN) != 0) {
        return fresh ? ANNOTATION_FIN : ANNOTATION_AGAIN;
    }
    if (segment.length > 0) {
        return fresh ? ANNOTATION_SEGMENT : ANNOTATION_AGAIN;
    }
    return third ? ANNOTATION_ACK : ANNOTATION_BARE;
}

/* ---- rows --------------------------------------------------------------------------------------------- */

static int add_row(struct trace *trace, const struct trace_event *event, enum annotation_kind kind)
{
    static const char *const types[] = {
        [ANNOTATION_SYN] = "SYN",    [ANNOTATION_SYN_ACK] = "SYN-ACK",
        [ANNOTATION_ACK] = "ACK",    [ANNOTATION_FIN] = "FIN",
        [ANNOTATION_RST] = "RST",    [ANNOTATION_AGAIN] = "Retransmission",
        [ANNOTATION_SEGMENT] = NULL, [ANNOTATION_BARE] = NULL,
    };

    return types[kind] != NULL ? row_add_packet(trace, event, types[kind], (uint8_t)kind) : 0;
}

/* Packets are faster than the bytes that they bring: the end of a side stands behind the messages that came before it. */
static bool waits(const struct transcript *transcript, const struct trace_event *event,
                  enum annotation_kind kind)
{
    const struct direction *direction = &transcript->directions[event->from];
    bool ends = kind == ANNOTATION_FIN || kind == ANNOTATION_RST;
    bool over = direction->ended && direction->last.type == NULL; /* and its rows are there */

    return ends && !transcript->finished && !over && transcript->annotation.ends[event->from] == 0;
}

int annotation_extend(struct trace *trace, const struct trace_event *event)
{
    struct transcript *transcript = &trace->transcript;
    enum annotation_kind kind = annotation_take(&transcript->annotation, event);

    transcript->annotation.packets = true;
    if (waits(transcript, event, kind)) {
        transcript->annotation.ends[event->from] = transcript->now;
        return 0;
    }
    return add_row(trace, event, kind);
}

int annotation_end(struct trace *trace, enum wire_side from)
{
    size_t *end = &trace->transcript.annotation.ends[from];

    if (*end == 0) {
        return 0;
    }
    const struct trace_event *event = trace_event_at(trace, *end - 1);
    struct capture_segment segment;
    *end = 0;
    return add_row(trace, event,
                   read_headers(event, &segment) && (segment.flags & RST) != 0 ? ANNOTATION_RST
                                                                               : ANNOTATION_FIN);
}

/* ---- in words ----------------------------------------------------------------------------------------- */

/* What a SYN says of its side. */
static void say_options(struct buffer *out, const struct row *row)
{
    struct wire_tree tree = {0};
    uint64_t value;

    if (wire_packet_dissect(&tree, row->content, row->content_length) == 0) {
        if (wire_tree_number(&tree, "tcp.option.maximum_segment_size.value", &value)) {
            buffer_printf(out, "MSS %u", (unsigned)value);
        }
        if (wire_tree_number(&tree, "tcp.option.window_scale.shift", &value)) {
            buffer_printf(out, "%swindow scale %u", out->length > 0 ? " · " : "", (unsigned)value);
        }
        if (wire_tree_find(&tree, "tcp.option.sack_permitted", 0) >= 0) {
            buffer_text(out, out->length > 0 ? " · SACK" : "SACK");
        }
        if (wire_tree_find(&tree, "tcp.option.timestamps", 0) >= 0) {
            buffer_text(out, out->length > 0 ? " · timestamps" : "timestamps");
        }
    }
    wire_tree_free(&tree);
}

void annotation_summary(char *out, size_t size, const struct row *row)
{
    struct buffer words = {0};

    if (row->packet == ANNOTATION_SYN || row->packet == ANNOTATION_SYN_ACK) {
        say_options(&words, row);
    } else if (row->packet == ANNOTATION_AGAIN && row->public.length > 0) {
        buffer_printf(&words, "%u bytes that were sent before", row->public.length);
    } else if (row->packet == ANNOTATION_AGAIN) {
        buffer_text(&words, "what was said before");
    } else if (row->public.length > 0) {
        buffer_printf(&words, "with %u bytes", row->public.length);
    }
    (void)snprintf(out, size, "%.*s", (int)words.length,
                   words.length > 0 ? (const char *)words.data : "");
    buffer_free(&words);
}

/* ---- between two moments ------------------------------------------------------------------------------ */

static void count(struct trace_packets *packets, const struct trace_event *event,
                  enum annotation_kind kind)
{
    packets->count++;
    packets->syn |= kind == ANNOTATION_SYN;
    packets->syn_ack |= kind == ANNOTATION_SYN_ACK;
    packets->ack |= kind == ANNOTATION_ACK;
    packets->fin[event->from] |= kind == ANNOTATION_FIN;
    packets->rst[event->from] |= kind == ANNOTATION_RST;
    packets->again[event->from] += kind == ANNOTATION_AGAIN;
    packets->bare += kind == ANNOTATION_BARE;
    if (event->dropped > 0 && kind != ANNOTATION_AGAIN) {
        packets->segments[event->from]++;
        packets->bytes[event->from] += event->dropped;
    }
}

struct trace_packets trace_packets_between(const struct trace *trace, size_t from, size_t to)
{
    struct trace_packets packets = {0};
    struct annotation annotation = {0};

    /* From the beginning: what is sent again is only known from what was sent before. */
    for (size_t i = 0; i < to && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_PACKET) {
            enum annotation_kind kind = annotation_take(&annotation, event);
            if (i >= from) {
                count(&packets, event, kind);
            }
        }
    }
    return packets;
}
