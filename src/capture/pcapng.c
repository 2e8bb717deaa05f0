/* Blocks of pcapng files. Numbers in parentheses are sections of draft-ietf-opsawg-pcapng. */
#include "pcapng.h"

#include <string.h>

#include "load.h"

static size_t padded(size_t length)
{
    return (length + 3) / 4 * 4;
}

/* (3.1) A length is a multiple of 4; writers that forgot are forgiven. */
enum packet_state pcapng_header(struct window *window, uint64_t place, bool *big_endian,
                                struct pcapng_header *header)
{
    const uint8_t *bytes;
    enum window_state state = window_get(window, place, PCAPNG_HEADER, &bytes);

    if (state == WINDOW_END && window_there(window, place) == 0) {
        return PACKET_END;
    }
    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    header->type = load32(bytes); /* a section's reads the same both ways */
    if (header->type == PCAPNG_SECTION) {
        state = window_get(window, place, PCAPNG_EXTRA, &bytes);
        if (state != WINDOW_OK) {
            return packet_state_of(state);
        }
        *big_endian = load32(bytes + 8) == PCAPNG_BYTE_ORDER;
        if (!*big_endian && load32le(bytes + 8) != PCAPNG_BYTE_ORDER) {
            return PACKET_DAMAGED;
        }
    }
    header->type = load32_in(bytes, *big_endian);
    header->total = ((uint64_t)load32_in(bytes + 4, *big_endian) + 3) / 4 * 4;
    return header->total < PCAPNG_EXTRA ? PACKET_DAMAGED : PACKET_OK;
}

/* ---- packets (4.3, 4.4, appendix A) ----------------------------------------------------------- */

/* Bytes before a packet's data, block header included; 0: the block has no packet. */
static size_t packet_fixed(uint32_t type)
{
    switch (type) {
    case PCAPNG_PACKET:
    case PCAPNG_OLD_PACKET:
        return 28;
    case PCAPNG_SIMPLE_PACKET:
        return 12;
    default:
        return 0;
    }
}

uint32_t pcapng_packet_interface(const uint8_t *block, uint32_t type, bool big_endian)
{
    if (type == PCAPNG_SIMPLE_PACKET) {
        return 0;
    }
    return type == PCAPNG_OLD_PACKET ? load16_in(block + 8, big_endian)
                                     : load32_in(block + 8, big_endian);
}

/* (4.4) has no captured length: the snap length cuts, and the block ends. */
static void simple_lengths(const struct dialect *dialect, uint64_t total, struct packet *packet)
{
    uint64_t room = total - 12 - 4;

    packet->captured = packet->length;
    if (dialect->snap != 0 && packet->captured > dialect->snap) {
        packet->captured = dialect->snap;
    }
    if (packet->captured > room) {
        packet->captured = (uint32_t)room;
    }
}

static void read_fixed(const struct dialect *dialect, const uint8_t *block, uint32_t type,
                       uint64_t total, struct packet *packet)
{
    bool big = dialect->big_endian;

    packet->link_type = dialect->link_type;
    packet->timeless = type == PCAPNG_SIMPLE_PACKET;
    if (packet->timeless) {
        packet->length = load32_in(block + 8, big);
        simple_lengths(dialect, total, packet);
        return;
    }
    packet->time_ns =
        packet_time((uint64_t)load32_in(block + 12, big) << 32 | load32_in(block + 16, big),
                    dialect->resolution, dialect->offset_s);
    packet->captured = load32_in(block + 20, big);
    packet->length = load32_in(block + 24, big);
}

enum packet_state pcapng_packet_block(const struct dialect *dialect, struct window *window,
                                      struct packet *packet)
{
    struct pcapng_header header = {0};
    bool big_endian = dialect->big_endian;
    const uint8_t *block;
    enum packet_state result = pcapng_header(window, packet->place, &big_endian, &header);

    if (result != PACKET_OK) {
        return result;
    }
    size_t fixed = packet_fixed(header.type);
    if (fixed == 0 || header.total < fixed + 4) {
        return PACKET_DAMAGED;
    }
    enum window_state state = window_get(window, packet->place, fixed, &block);
    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    read_fixed(dialect, block, header.type, header.total, packet);
    if (packet->captured > PACKET_MAX || packet->captured > header.total - fixed - 4) {
        return PACKET_DAMAGED;
    }
    state = window_get(window, packet->place, fixed + packet->captured, &block);
    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    packet->data = block + fixed;
    packet->size = header.total;
    size_t options = fixed + padded(packet->captured);
    packet->options =
        header.type != PCAPNG_SIMPLE_PACKET && header.total >= options + 8 ? options : 0;
    return PACKET_OK;
}

/* ---- options (3.5) ------------------------------------------------------------------------------ */

/* (4.5) Records of names end with one of type 0. */
static size_t names_options(const uint8_t *block, size_t total, bool big)
{
    size_t at = PCAPNG_HEADER;

    while (at + 4 <= total) {
        uint16_t type = load16_in(block + at, big);
        size_t length = padded(load16_in(block + at + 2, big));
        at += 4 + length;
        if (type == 0) {
            return at;
        }
    }
    return total;
}

size_t pcapng_options(const uint8_t *block, size_t total, bool big_endian)
{
    uint32_t type = load32_in(block, big_endian);
    size_t at = total;

    switch (type) {
    case PCAPNG_SECTION:
        at = PCAPNG_HEADER + 16;
        break;
    case PCAPNG_INTERFACE:
        at = PCAPNG_HEADER + 8;
        break;
    case PCAPNG_STATISTICS:
        at = PCAPNG_HEADER + 12;
        break;
    case PCAPNG_NAMES:
        at = names_options(block, total, big_endian);
        break;
    case PCAPNG_SECRETS:
        if (total >= PCAPNG_HEADER + 8 + 4) {
            at = PCAPNG_HEADER + 8 + padded(load32_in(block + 12, big_endian));
        }
        break;
    case PCAPNG_PACKET:
    case PCAPNG_OLD_PACKET:
        if (total >= packet_fixed(type) + 4) {
            at = packet_fixed(type) + padded(load32_in(block + 20, big_endian));
        }
        break;
    default:
        break;
    }
    return at <= total && total - at >= 8 ? at : 0;
}

bool pcapng_next_option(const uint8_t *block, size_t total, bool big_endian, size_t *at,
                        struct pcapng_option_value *option)
{
    size_t end = total - 4; /* the length again */

    if (*at == 0 || *at + 4 > end) {
        return false;
    }
    option->code = load16_in(block + *at, big_endian);
    option->length = load16_in(block + *at + 2, big_endian);
    option->value = block + *at + 4;
    if (option->code == OPTION_END || option->length > end - *at - 4) {
        return false;
    }
    *at += 4 + padded(option->length);
    return true;
}

/* ---- interfaces (4.2) ---------------------------------------------------------------------------- */

void pcapng_interface_dialect(const uint8_t *block, size_t total, bool big_endian,
                              struct dialect *dialect)
{
    struct pcapng_option_value option;
    size_t at = pcapng_options(block, total, big_endian);

    *dialect = (struct dialect){.format = FORMAT_PCAPNG,
                                .big_endian = big_endian,
                                .resolution = 6,
                                .link_type = UINT16_MAX};
    if (total < PCAPNG_EXTRA + 8) {
        return; /* no room for a link type: unknown */
    }
    dialect->link_type = load16_in(block + 8, big_endian);
    dialect->snap = load32_in(block + 12, big_endian);
    while (pcapng_next_option(block, total, big_endian, &at, &option)) {
        if (option.code == INTERFACE_RESOLUTION && option.length == 1) {
            dialect->resolution = option.value[0];
        } else if (option.code == INTERFACE_OFFSET && option.length == 8) {
            uint32_t first = load32_in(option.value, big_endian);
            uint32_t second = load32_in(option.value + 4, big_endian);
            uint64_t offset =
                big_endian ? (uint64_t)first << 32 | second : (uint64_t)second << 32 | first;
            dialect->offset_s = (int64_t)offset;
        }
    }
}
