#include "recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define START_S   1700000000u
#define SEGMENT   1400
#define HEADERS   54 /* Ethernet, IPv4, TCP */
#define MICROS_MS 1000u

enum { FIN = 1, SYN = 2, ACK = 16 };

struct flow {
    struct buffer *out;
    uint16_t port;
    uint64_t micros; /* of the next packet, since the recording's start */
    uint32_t next[2];
};

static void put_u32le(struct buffer *out, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 24)};
    buffer_append(out, bytes, sizeof bytes);
}

void recording_begin(struct buffer *out)
{
    put_u32le(out, 0xa1b2c3d4);
    put_u32le(out, 0x00040002);
    put_u32le(out, 0);
    put_u32le(out, 0);
    put_u32le(out, 0x40000);
    put_u32le(out, 1); /* Ethernet */
}

static void put_packet_head(struct buffer *out, uint64_t micros, size_t length)
{
    put_u32le(out, START_S + (uint32_t)(micros / 1000000));
    put_u32le(out, (uint32_t)(micros % 1000000));
    put_u32le(out, (uint32_t)length);
    put_u32le(out, (uint32_t)length);
}

static void put_address(struct buffer *out, bool client)
{
    buffer_append(out, client ? "\xc0\x00\x02\x01" : "\xc6\x33\x64\x02", 4);
}

static void put_network(struct buffer *out, bool from_client, uint8_t protocol, size_t length)
{
    buffer_append(out, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0", 14);
    buffer_append(out, "\x45\0", 2);
    buffer_u16(out, (uint16_t)(20 + length));
    buffer_append(out, "\0\1\x40\0\x40", 5);
    buffer_u8(out, protocol);
    buffer_u16(out, 0); /* checksums are often left to the network card */
    put_address(out, from_client);
    put_address(out, !from_client);
}

static void put_segment(struct flow *flow, enum wire_side from, uint8_t flags, const uint8_t *data,
                        size_t length)
{
    struct buffer *out = flow->out;
    bool client = from == WIRE_CLIENT;

    put_packet_head(out, flow->micros, HEADERS + length);
    put_network(out, client, 6, 20 + length);
    buffer_u16(out, client ? flow->port : 443);
    buffer_u16(out, client ? 443 : flow->port);
    buffer_u32(out, flow->next[from]);
    buffer_u32(out, flow->next[!from]);
    buffer_u8(out, 0x50);
    buffer_u8(out, flags);
    buffer_append(out, "\x40\0\0\0\0\0", 6);
    buffer_append(out, data, length);
    flow->next[from] += (uint32_t)length + ((flags & (SYN | FIN)) != 0);
    flow->micros += 100;
}

static struct trace *open_session(const char *session)
{
    char path[80];
    struct err err = {0};

    (void)snprintf(path, sizeof path, "tests/data/%s.pcapng", session);
    struct trace *trace = trace_open(path, &err);
    if (trace == NULL) {
        fail_msg("%s", err.text);
    }
    return trace;
}

void recording_add(struct buffer *out, const char *session, uint16_t port, unsigned start_ms)
{
    struct trace *trace = open_session(session);
    struct flow flow = {out, port, (uint64_t)start_ms * MICROS_MS, {1000, 5000}};

    put_segment(&flow, WIRE_CLIENT, SYN, NULL, 0);
    put_segment(&flow, WIRE_SERVER, SYN | ACK, NULL, 0);
    put_segment(&flow, WIRE_CLIENT, ACK, NULL, 0);
    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        size_t length = event->kind == TRACE_BYTES ? event->length : 0;
        for (size_t at = 0; at < length; at += SEGMENT) {
            size_t part = length - at < SEGMENT ? length - at : SEGMENT;
            put_segment(&flow, event->from, ACK, event->data + at, part);
        }
    }
    put_segment(&flow, WIRE_CLIENT, FIN | ACK, NULL, 0);
    put_segment(&flow, WIRE_SERVER, FIN | ACK, NULL, 0);
    put_segment(&flow, WIRE_CLIENT, ACK, NULL, 0);
    trace_free(trace);
    assert_false(out->failed);
}

void recording_secrets(struct buffer *out, const char *session)
{
    struct trace *trace = open_session(session);

    for (size_t i = 0; i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET) {
            buffer_printf(out, "%s\n", event->text);
        }
    }
    trace_free(trace);
    assert_false(out->failed);
}

void recording_add_dtls(struct buffer *out)
{
    /* A DTLS 1.2 record header, RFC 6347 4.1, and a ClientHello's, 4.2.2. */
    static const uint8_t record[] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0,    0,    16, 1, 0,
                                     0,  4,    0,    0, 0, 0, 0, 0, 0, 4, 0xfe, 0xfd, 0,  0};

    put_packet_head(out, 1000, 42 + sizeof record);
    put_network(out, true, 17, 8 + sizeof record);
    buffer_u16(out, 40000);
    buffer_u16(out, 4433);
    buffer_u16(out, 8 + sizeof record);
    buffer_u16(out, 0);
    buffer_append(out, record, sizeof record);
}
