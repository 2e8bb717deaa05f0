/* Numbers at a place in bytes that are known to be there. */
#ifndef CAPTURE_LOAD_H
#define CAPTURE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t load16(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static inline uint32_t load32(const uint8_t *bytes)
{
    return (uint32_t)load16(bytes) << 16 | load16(bytes + 2);
}

static inline uint16_t load16le(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[1] << 8 | bytes[0]);
}

static inline uint32_t load32le(const uint8_t *bytes)
{
    return (uint32_t)load16le(bytes + 2) << 16 | load16le(bytes);
}

/* In the byte order of a capture file. */
static inline uint16_t load16_in(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? load16(bytes) : load16le(bytes);
}

static inline uint32_t load32_in(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? load32(bytes) : load32le(bytes);
}

#endif
