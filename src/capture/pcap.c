/* pcap, the older format (draft-ietf-opsawg-pcap): a file header, then records. */
#include "pcap.h"

#include <string.h>

#include "load.h"

#define FILE_HEADER 24

/* Magic numbers, as a big-endian machine writes them. */
static const struct form {
    uint32_t magic;
    uint8_t resolution;
    uint8_t record;
} forms[] = {
    {0xa1b2c3d4, 6, 16},
    {0xa1b23c4d, 9, 16},
    {0xa1b2cd34, 6, 24}, /* Kuznetzov's: interface, protocol and packet type behind the lengths */
};

static const struct form *find_form(uint32_t magic)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].magic == magic) {
            return &forms[i];
        }
    }
    return NULL;
}

bool pcap_is_magic(const uint8_t *bytes)
{
    return find_form(load32(bytes)) != NULL || find_form(load32le(bytes)) != NULL;
}

enum { LENGTHS_IN_ORDER, LENGTHS_SWAPPED, LENGTHS_PERHAPS_SWAPPED };

/* Versions before 2.3 had the length on the wire first, 2.3 had both ways. */
static uint8_t order_of_lengths(unsigned major, unsigned minor)
{
    if (major != 2 || minor > 3) {
        return LENGTHS_IN_ORDER;
    }
    return minor == 3 ? LENGTHS_PERHAPS_SWAPPED : LENGTHS_SWAPPED;
}

enum packet_state pcap_begin(struct window *window, struct dialect *dialect)
{
    const uint8_t *header;
    enum window_state state = window_get(window, 0, FILE_HEADER, &header);

    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    const struct form *form = find_form(load32(header));
    bool big_endian = form != NULL;
    if (form == NULL) {
        form = find_form(load32le(header));
    }
    if (form == NULL) {
        return PACKET_DAMAGED;
    }
    *dialect = (struct dialect){
        .format = FORMAT_PCAP,
        .big_endian = big_endian,
        .header = form->record,
        .resolution = form->resolution,
        .swapped =
            order_of_lengths(load16_in(header + 4, big_endian), load16_in(header + 6, big_endian)),
        /* The upper half tells of frame check sequences. */
        .link_type = (uint16_t)load32_in(header + 20, big_endian),
    };
    return PACKET_OK;
}

uint64_t pcap_first(void)
{
    return FILE_HEADER;
}

static void put_lengths_in_order(const struct dialect *dialect, struct packet *packet)
{
    if (dialect->swapped == LENGTHS_SWAPPED ||
        (dialect->swapped == LENGTHS_PERHAPS_SWAPPED && packet->captured > packet->length)) {
        uint32_t captured = packet->length;
        packet->length = packet->captured;
        packet->captured = captured;
    }
}

enum packet_state pcap_packet(const struct dialect *dialect, struct window *window,
                              struct packet *packet)
{
    const uint8_t *header;
    enum window_state state = window_get(window, packet->place, dialect->header, &header);

    if (state != WINDOW_OK) {
        bool nothing = state == WINDOW_END && window_there(window, packet->place) == 0;
        return nothing ? PACKET_END : packet_state_of(state);
    }
    packet->captured = load32_in(header + 8, dialect->big_endian);
    packet->length = load32_in(header + 12, dialect->big_endian);
    put_lengths_in_order(dialect, packet);
    if (packet->captured > PACKET_MAX) {
        return PACKET_DAMAGED;
    }
    uint64_t fraction = load32_in(header + 4, dialect->big_endian);
    uint64_t second = dialect->resolution == 9 ? 1000000000 : 1000000;
    packet->time_ns = packet_time(load32_in(header, dialect->big_endian) * second + fraction,
                                  dialect->resolution, 0);
    packet->size = dialect->header + packet->captured;
    packet->link_type = dialect->link_type;
    state = window_get(window, packet->place, packet->size, &header);
    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    packet->data = header + dialect->header;
    return PACKET_OK;
}
