/* The bounded reader: the only way bytes from outside are looked at. */
#include "tlstep/base.h"

const uint8_t *reader_bytes(struct reader *reader, size_t count)
{
    const uint8_t *start;

    if (reader->failed || count > reader->length - reader->offset) {
        reader->failed = true;
        return NULL;
    }
    if (count == 0) {
        /* A reader of nothing may have no data: what is returned must still differ from failure. */
        return reader->data != NULL ? reader->data + reader->offset : (const uint8_t *)"";
    }
    start = reader->data + reader->offset;
    reader->offset += count;
    return start;
}

static uint64_t read_big_endian(struct reader *reader, size_t count)
{
    const uint8_t *bytes = reader_bytes(reader, count);
    uint64_t value = 0;

    if (bytes == NULL) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

uint8_t reader_u8(struct reader *reader)
{
    return (uint8_t)read_big_endian(reader, 1);
}

uint16_t reader_u16(struct reader *reader)
{
    return (uint16_t)read_big_endian(reader, 2);
}

uint32_t reader_u24(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 3);
}

uint32_t reader_u32(struct reader *reader)
{
    return (uint32_t)read_big_endian(reader, 4);
}

uint64_t reader_u64(struct reader *reader)
{
    return read_big_endian(reader, 8);
}

uint16_t reader_u16le(struct reader *reader)
{
    const uint8_t *bytes = reader_bytes(reader, 2);
    return bytes == NULL ? 0 : (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t reader_u32le(struct reader *reader)
{
    uint32_t low;

    if (reader_left(reader) < 4) {
        reader->failed = true; /* and nothing is consumed */
        return 0;
    }
    low = reader_u16le(reader);
    return low | (uint32_t)reader_u16le(reader) << 16;
}
