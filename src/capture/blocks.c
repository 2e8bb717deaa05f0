/* Blocks, made. Numbers in parentheses are sections of draft-ietf-opsawg-pcapng. */
#include "blocks.h"

#include <string.h>

#include "pcapng.h"

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

/* (3.5) Lengths have 16 bits: what is longer goes on in another option of the same code. */
static void put_option(struct buffer *out, uint32_t code, const void *value, size_t length)
{
    const uint8_t *bytes = value;

    do {
        size_t take = length < CAPTURE_COMMENT_MAX ? length : CAPTURE_COMMENT_MAX;
        put16(out, code);
        put16(out, (uint32_t)take);
        buffer_append(out, bytes, take);
        pad(out, take);
        bytes += take;
        length -= take;
    } while (length > 0);
}

static void put_comments(struct buffer *out, const struct capture_text *comments, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_option(out, OPTION_COMMENT, comments[i].text, comments[i].length);
    }
    put32(out, OPTION_END);
}

static void put_time(struct buffer *out, int64_t time_ns)
{
    uint64_t time = time_ns > 0 ? (uint64_t)time_ns : 0;

    put32(out, (uint32_t)(time >> 32));
    put32(out, (uint32_t)time);
}

/* (4.1) The length of the section is not known when it begins. */
void blocks_section(struct buffer *out, const struct capture_text *comments, size_t count)
{
    static const char application[] = "tlstep " TLSTEP_VERSION;
    size_t start = begin_block(out, PCAPNG_SECTION);

    put32(out, PCAPNG_BYTE_ORDER);
    put16(out, 1);
    put16(out, 0);
    put32(out, UINT32_MAX);
    put32(out, UINT32_MAX);
    put_option(out, SECTION_APPLICATION, application, strlen(application));
    put_comments(out, comments, count);
    end_block(out, start);
}

/* (4.2) Packets are never cut; times are in nanoseconds. */
void blocks_interface(struct buffer *out, uint16_t link_type, const char *name,
                      const char *description)
{
    static const uint8_t nanoseconds = 9;
    size_t start = begin_block(out, PCAPNG_INTERFACE);

    put16(out, link_type);
    put16(out, 0);
    put32(out, 0);
    if (name != NULL) {
        put_option(out, INTERFACE_NAME, name, strlen(name));
    }
    if (description != NULL) {
        put_option(out, INTERFACE_DESCRIPTION, description, strlen(description));
    }
    put_option(out, INTERFACE_RESOLUTION, &nanoseconds, 1);
    put32(out, OPTION_END);
    end_block(out, start);
}

/* (4.3) */
void blocks_packet(struct buffer *out, uint32_t interface, const struct capture_block *block)
{
    size_t start = begin_block(out, PCAPNG_PACKET);

    put32(out, interface);
    put_time(out, block->time_ns);
    put32(out, (uint32_t)block->length);
    put32(out, (uint32_t)block->original_length);
    buffer_append(out, block->data, block->length);
    pad(out, block->length);
    if (block->comment_count > 0) {
        put_comments(out, block->comments, block->comment_count);
    }
    end_block(out, start);
}

/* (4.6) */
void blocks_statistics(struct buffer *out, const struct capture_block *block)
{
    size_t start = begin_block(out, PCAPNG_STATISTICS);

    put32(out, 0);
    put_time(out, block->time_ns);
    put_comments(out, block->comments, block->comment_count);
    end_block(out, start);
}

/* (4.7) */
size_t blocks_secrets(struct buffer *out, const void *text, size_t length)
{
    size_t start = begin_block(out, PCAPNG_SECRETS);

    put32(out, PCAPNG_KEY_LOG);
    put32(out, (uint32_t)length);
    size_t offset = out->length;
    buffer_append(out, text, length);
    pad(out, length);
    end_block(out, start);
    return offset;
}
