/*
 * HTTP/2 (RFC 9113), as much of it as answers requests with the page: the preface, SETTINGS and PING with their
 * acknowledgements, and one response to each request. What requests say is not looked at: there is one page. So nothing of HPACK
 * (RFC 7541) is decoded, and what is sent needs no table that the other side would have to know.
 */
#include "dialogue.h"

#include <string.h>

#define FRAME_HEADER 9
#define FRAME_MAX    16384 /* RFC 9113 4.2: nobody may send more unless we say so */

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY };
enum { ACK = 0x1, END_STREAM = 0x1, END_HEADERS = 0x4 };
enum { NO_ERROR = 0x0, PROTOCOL_ERROR = 0x1, FRAME_SIZE_ERROR = 0x6 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
#define PREFACE_LENGTH (sizeof preface - 1)

struct frame {
    size_t length;
    uint8_t type;
    uint8_t flags;
    uint32_t stream;
    const uint8_t *payload;
};

static void put_frame(struct buffer *out, uint8_t type, uint8_t flags, uint32_t stream,
                      const void *payload, size_t length)
{
    buffer_u8(out, (uint8_t)(length >> 16));
    buffer_u16(out, (uint16_t)length);
    buffer_u8(out, type);
    buffer_u8(out, flags);
    buffer_u32(out, stream);
    buffer_append(out, payload, length);
}

/* RFC 9113 5.4.1: says why, and ends the connection. */
static void give_up(struct lab_dialogue *dialogue, uint32_t error)
{
    const uint8_t payload[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)error};

    put_frame(&dialogue->out, GOAWAY, 0, 0, payload, sizeof payload);
    dialogue->close = true;
}

/* RFC 7541 6.2.2: without indexing, the name from the static table, the value as it is. */
static void put_header(struct buffer *out, uint8_t name, const char *value)
{
    buffer_u8(out, 0x0f); /* the index does not fit into four bits */
    buffer_u8(out, (uint8_t)(name - 0x0f));
    buffer_u8(out, (uint8_t)strlen(value));
    buffer_text(out, value);
}

static void put_body(struct buffer *out, uint32_t stream, const struct buffer *body)
{
    size_t at = 0;

    do {
        size_t left = body->length - at;
        size_t length = left < FRAME_MAX ? left : FRAME_MAX;
        uint8_t flags = length == left ? END_STREAM : 0;
        put_frame(out, DATA, flags, stream, body->data + at, length);
        at += length;
    } while (at < body->length);
}

static void respond(struct lab_dialogue *dialogue, uint32_t stream)
{
    struct buffer headers = {0}, body = {0};
    char length[24];

    lab_facts_write(&body, dialogue->facts, false);
    (void)snprintf(length, sizeof length, "%zu", body.length); /* it fits */
    buffer_u8(&headers, 0x88);                             /* :status 200, RFC 7541 appendix A */
    put_header(&headers, 31, "text/plain; charset=utf-8"); /* content-type */
    put_header(&headers, 28, length);                      /* content-length */
    put_frame(&dialogue->out, HEADERS, END_HEADERS, stream, headers.data, headers.length);
    put_body(&dialogue->out, stream, &body);
    dialogue->out.failed |= headers.failed || body.failed;
    buffer_free(&headers);
    buffer_free(&body);
}

/* Of a request with a body the end is waited for. */
static void take_frame(struct lab_dialogue *dialogue, const struct frame *frame)
{
    bool request = frame->type == HEADERS || frame->type == DATA;

    if (request && (frame->stream % 2 == 0)) {
        give_up(dialogue, PROTOCOL_ERROR); /* RFC 9113 5.1.1: a client's streams are odd */
    } else if (request && (frame->flags & END_STREAM) != 0) {
        respond(dialogue, frame->stream);
    } else if (frame->type == SETTINGS && (frame->flags & ACK) == 0) {
        put_frame(&dialogue->out, SETTINGS, ACK, 0, "", 0);
    } else if (frame->type == PING && (frame->flags & ACK) == 0 && frame->length == 8) {
        put_frame(&dialogue->out, PING, ACK, 0, frame->payload, frame->length);
    } else if (frame->type == GOAWAY) {
        dialogue->close = true;
    }
}

/* RFC 9113 3.4: a fixed text, and our SETTINGS in answer. */
static size_t take_preface(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    size_t have = length < PREFACE_LENGTH ? length : PREFACE_LENGTH;

    if (memcmp(in, preface, have) != 0) {
        give_up(dialogue, PROTOCOL_ERROR);
        return length;
    }
    if (have < PREFACE_LENGTH) {
        return 0;
    }
    dialogue->prefaced = true;
    put_frame(&dialogue->out, SETTINGS, 0, 0, "", 0);
    return PREFACE_LENGTH;
}

static size_t answer(struct lab_dialogue *dialogue, const uint8_t *in, size_t length)
{
    struct reader reader = reader_new(in, length);
    struct frame frame;

    if (!dialogue->prefaced) {
        return length > 0 ? take_preface(dialogue, in, length) : 0;
    }
    frame.length = reader_u24(&reader);
    frame.type = reader_u8(&reader);
    frame.flags = reader_u8(&reader);
    frame.stream = reader_u32(&reader) & 0x7fffffff;
    if (reader.failed) {
        return 0;
    }
    if (frame.length > FRAME_MAX) {
        give_up(dialogue, FRAME_SIZE_ERROR);
        return length;
    }
    frame.payload = reader_bytes(&reader, frame.length);
    if (reader.failed) {
        return 0;
    }
    take_frame(dialogue, &frame);
    return FRAME_HEADER + frame.length;
}

const struct lab_speaker lab_speaker_http2 = {.answer = answer};
