/* Blocks of pcapng files, written. Sections are those of draft-ietf-opsawg-pcapng. */
#include <string.h>

#include "pcapng.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINKTYPE_RAW     101
#define KEY_LOG          0x544c534b /* "TLSK" */

enum option { OPTION_END = 0, OPTION_COMMENT = 1 };
enum section_option { SECTION_APPLICATION = 4 };
enum interface_option { INTERFACE_NAME = 2, INTERFACE_DESCRIPTION = 3, INTERFACE_RESOLUTION = 9 };

/* Options have a 16-bit length; a round number stays below it. */
#define COMMENT_MAX 65000

static void put16(struct buffer *out, uint32_t value)
{
    buffer_u8(out, (uint8_t)value);
    buffer_u8(out, (uint8_t)(value >> 8));
}

static void put32(struct buffer *out, uint32_t value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

static void pad(struct buffer *out, size_t length)
{
    for (; length % 4 != 0; length++) {
        buffer_u8(out, 0);
    }
}

/* Begins a block; its lengths are filled in by end_block(). */
static size_t begin_block(struct buffer *out, uint32_t type)
{
    size_t start = out->length;
    put32(out, type);
    put32(out, 0);
    return start;
}

static void end_block(struct buffer *out, size_t start)
{
    size_t total = out->length - start + 4;

    put32(out, (uint32_t)total);
    if (!out->failed) {
        memcpy(out->data + start + 4, out->data + out->length - 4, 4);
    }
}

/* 3.5: code, length, value, padding. */
static void put_option(struct buffer *out, uint32_t code, const void *value, size_t length)
{
    put16(out, code);
    put16(out, (uint32_t)length);
    buffer_append(out, value, length);
    pad(out, length);
}

static void put_text(struct buffer *out, uint32_t code, const char *text)
{
    put_option(out, code, text, strlen(text));
}

/* The JSON in as many comments as it needs; it is ASCII, so it may be cut anywhere. */
static void put_json(struct buffer *out, const char *json)
{
    const char *mark = PCAPNG_MARK;
    size_t left = json != NULL ? strlen(json) : 0;

    while (left > 0) {
        size_t take = left < COMMENT_MAX ? left : COMMENT_MAX;
        size_t length = strlen(mark) + take;
        put16(out, OPTION_COMMENT);
        put16(out, (uint32_t)length);
        buffer_text(out, mark);
        buffer_append(out, json, take);
        pad(out, length);
        json += take;
        left -= take;
        mark = PCAPNG_MARK_MORE;
    }
}

static void end_options(struct buffer *out)
{
    put_option(out, OPTION_END, NULL, 0);
}

static void put_time(struct buffer *out, int64_t wall_ns)
{
    uint64_t time = wall_ns > 0 ? (uint64_t)wall_ns : 0;
    put32(out, (uint32_t)(time >> 32));
    put32(out, (uint32_t)time);
}

/* 4.1. The length of the section is not known when it begins. */
void pcapng_section(struct buffer *out, const char *about, const char *json)
{
    size_t start = begin_block(out, PCAPNG_SECTION);

    put32(out, BYTE_ORDER_MAGIC);
    put16(out, 1);
    put16(out, 0);
    put32(out, UINT32_MAX);
    put32(out, UINT32_MAX);
    put_text(out, SECTION_APPLICATION, "tlstep " TLSTEP_VERSION);
    put_text(out, OPTION_COMMENT, about);
    put_json(out, json);
    end_options(out);
    end_block(out, start);
}

/* 4.2 */
void pcapng_interface(struct buffer *out, const char *about)
{
    static const uint8_t nanoseconds = 9;
    size_t start = begin_block(out, PCAPNG_INTERFACE);

    put16(out, LINKTYPE_RAW);
    put16(out, 0);
    put32(out, 0); /* packets are never cut */
    put_text(out, INTERFACE_NAME, "tlstep");
    put_text(out, INTERFACE_DESCRIPTION, about);
    put_option(out, INTERFACE_RESOLUTION, &nanoseconds, 1);
    end_options(out);
    end_block(out, start);
}

/* 4.3 */
void pcapng_packet(struct buffer *out, int64_t wall_ns, const struct buffer *packet,
                   const char *json)
{
    size_t start = begin_block(out, PCAPNG_PACKET);

    put32(out, 0);
    put_time(out, wall_ns);
    put32(out, (uint32_t)packet->length);
    put32(out, (uint32_t)packet->length);
    buffer_append(out, packet->data, packet->length);
    pad(out, packet->length);
    put_json(out, json);
    end_options(out);
    end_block(out, start);
}

/* 4.6 */
void pcapng_statistics(struct buffer *out, int64_t wall_ns, const char *json)
{
    size_t start = begin_block(out, PCAPNG_STATISTICS);

    put32(out, 0);
    put_time(out, wall_ns);
    put_json(out, json);
    end_options(out);
    end_block(out, start);
}

/* 4.7 */
size_t pcapng_secrets(struct buffer *out, const void *data, size_t length)
{
    size_t start = begin_block(out, PCAPNG_SECRETS);

    put32(out, KEY_LOG);
    put32(out, (uint32_t)length);
    size_t offset = out->length;
    buffer_append(out, data, length);
    pad(out, length);
    end_block(out, start);
    return offset;
}
