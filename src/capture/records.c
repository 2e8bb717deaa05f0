/* Walking a capture file. */
#include "records.h"

#include <errno.h>
#include <stdlib.h>

#include "load.h"
#include "pcap.h"
#include "pcapng.h"

/* Interfaces in one section; packets of those beyond are counted and not looked into. */
#define INTERFACES_MAX 65536

void records_begin(struct records *records, struct source *source)
{
    *records = (struct records){0};
    window_begin(&records->window, source);
}

void records_free(struct records *records)
{
    window_free(&records->window);
    dialects_free(&records->dialects);
    free(records->interfaces);
    records->interfaces = NULL;
}

static enum packet_state out_of_memory(void)
{
    errno = ENOMEM;
    return PACKET_ERROR;
}

/* ---- interfaces ------------------------------------------------------------------------------------ */

static enum packet_state add_interface(struct records *records, const struct dialect *dialect)
{
    uint16_t number;

    if (records->interface_count >= INTERFACES_MAX) {
        return PACKET_OK;
    }
    uint16_t *interfaces = array_grow(records->interfaces, &records->interface_capacity,
                                      records->interface_count + 1, sizeof *interfaces);
    if (interfaces == NULL) {
        return out_of_memory();
    }
    records->interfaces = interfaces;
    if (dialects_add(&records->dialects, dialect, &number) != 0) {
        return out_of_memory();
    }
    interfaces[records->interface_count++] = number;
    return PACKET_OK;
}

static uint16_t dialect_of(const struct records *records, uint32_t interface)
{
    return interface < records->interface_count ? records->interfaces[interface] : DIALECTS_NONE;
}

/* ---- the beginning ----------------------------------------------------------------------------------- */

static enum packet_state begin(struct records *records)
{
    const uint8_t *magic;
    struct dialect dialect;
    enum window_state state = window_get(&records->window, 0, 4, &magic);

    if (state == WINDOW_END) {
        return PACKET_DAMAGED; /* too short to be one */
    }
    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    if (load32(magic) == PCAPNG_SECTION) {
        struct pcapng_header header;
        records->format = FORMAT_PCAPNG;
        enum packet_state result =
            pcapng_header(&records->window, 0, &records->big_endian, &header);
        records->begun = result == PACKET_OK;
        return result == PACKET_CUT ? PACKET_DAMAGED : result;
    }
    if (!pcap_is_magic(magic)) {
        return PACKET_DAMAGED;
    }
    enum packet_state result = pcap_begin(&records->window, &dialect);
    if (result != PACKET_OK) {
        return result == PACKET_CUT ? PACKET_DAMAGED : result;
    }
    records->format = FORMAT_PCAP;
    records->place = pcap_first();
    records->begun = true;
    return add_interface(records, &dialect);
}

/* ---- pcapng ------------------------------------------------------------------------------------------- */

static bool is_looked_into(const struct pcapng_header *header)
{
    switch (header->type) {
    case PCAPNG_SECTION:
    case PCAPNG_INTERFACE:
    case PCAPNG_OLD_PACKET:
    case PCAPNG_SIMPLE_PACKET:
    case PCAPNG_NAMES:
    case PCAPNG_STATISTICS:
    case PCAPNG_PACKET:
    case PCAPNG_SECRETS:
        return header->total <= PCAPNG_BLOCK_MAX;
    default:
        return false;
    }
}

/* Brings the block into the window, if it is looked into, and compares its two lengths (3.1). */
static enum packet_state read_block(struct records *records, const struct pcapng_header *header,
                                    struct record *record)
{
    bool whole = is_looked_into(header);
    uint64_t from = whole ? record->place : record->place + header->total - 4;
    const uint8_t *bytes;
    enum window_state state =
        window_get(&records->window, from, whole ? (size_t)header->total : 4, &bytes);

    if (state != WINDOW_OK) {
        return packet_state_of(state);
    }
    const uint8_t *trailer = whole ? bytes + header->total - 4 : bytes;
    uint64_t again = ((uint64_t)load32_in(trailer, records->big_endian) + 3) / 4 * 4;
    if (again != header->total) {
        return PACKET_DAMAGED;
    }
    if (whole) {
        record->block = bytes;
        record->block_length = (size_t)header->total;
        record->big_endian = records->big_endian;
    }
    return PACKET_OK;
}

static bool has_comment(const struct record *record)
{
    struct pcapng_option_value option;
    size_t at = pcapng_options(record->block, record->block_length, record->big_endian);

    while (
        pcapng_next_option(record->block, record->block_length, record->big_endian, &at, &option)) {
        if (option.code == OPTION_COMMENT) {
            return true;
        }
    }
    return false;
}

static enum packet_state take_packet(struct records *records, uint32_t type, struct record *record)
{
    static const struct dialect unknown = {.format = FORMAT_PCAPNG, .link_type = UINT16_MAX};
    struct packet *packet = &record->packet;
    struct dialect dialect = unknown;

    if (record->block_length < PCAPNG_EXTRA + 4) {
        return PACKET_DAMAGED;
    }
    packet->interface = pcapng_packet_interface(record->block, type, records->big_endian);
    packet->dialect = dialect_of(records, packet->interface);
    if (packet->dialect != DIALECTS_NONE) {
        dialect = records->dialects.all[packet->dialect];
    }
    dialect.big_endian = records->big_endian;
    enum packet_state result = pcapng_packet_block(&dialect, &records->window, packet);
    if (result == PACKET_OK) {
        record->kind = RECORD_PACKET;
        packet->frame = ++records->frames;
    }
    return result;
}

/* (4.7) */
static void take_secrets(struct record *record)
{
    const uint8_t *block = record->block;
    size_t fixed = PCAPNG_HEADER + 8;

    if (record->block_length < fixed + 4 ||
        load32_in(block + 8, record->big_endian) != PCAPNG_KEY_LOG) {
        return;
    }
    size_t length = load32_in(block + 12, record->big_endian);
    size_t room = record->block_length - fixed - 4;
    record->kind = RECORD_SECRETS;
    record->secrets = block + fixed;
    record->secrets_length = length < room ? length : room;
}

static enum packet_state look_into(struct records *records, uint32_t type, struct record *record)
{
    struct dialect dialect;

    switch (type) {
    case PCAPNG_SECTION:
        records->interface_count = 0;
        break;
    case PCAPNG_INTERFACE:
        pcapng_interface_dialect(record->block, record->block_length, records->big_endian,
                                 &dialect);
        return add_interface(records, &dialect);
    case PCAPNG_SECRETS:
        take_secrets(record);
        break;
    case PCAPNG_PACKET:
    case PCAPNG_OLD_PACKET:
    case PCAPNG_SIMPLE_PACKET:
        return take_packet(records, type, record);
    default:
        break;
    }
    return PACKET_OK;
}

/* Blocks that Wireshark lists among the packets, and so have a frame number there. */
static bool is_numbered(uint32_t type)
{
    return type == PCAPNG_CUSTOM || type == PCAPNG_CUSTOM_PRIVATE || type == PCAPNG_JOURNAL;
}

static enum packet_state next_block(struct records *records, struct record *record)
{
    struct pcapng_header header = {0};
    enum packet_state result =
        pcapng_header(&records->window, record->place, &records->big_endian, &header);

    if (result == PACKET_OK) {
        result = read_block(records, &header, record);
    }
    if (result != PACKET_OK) {
        return result;
    }
    if (record->block != NULL) {
        result = look_into(records, header.type, record);
        record->commented = has_comment(record);
    }
    if (result == PACKET_OK) {
        records->place = record->place + header.total;
        records->frames += is_numbered(header.type) ? 1 : 0;
    }
    return result;
}

/* ---- both -------------------------------------------------------------------------------------------------- */

static enum packet_state next_pcap(struct records *records, struct record *record)
{
    struct packet *packet = &record->packet;
    enum packet_state result = pcap_packet(&records->dialects.all[0], &records->window, packet);

    if (result != PACKET_OK) {
        return result;
    }
    record->kind = RECORD_PACKET;
    packet->dialect = 0;
    packet->frame = ++records->frames;
    records->place += packet->size;
    return PACKET_OK;
}

enum packet_state records_next(struct records *records, struct record *record)
{
    if (!records->begun) {
        enum packet_state result = begin(records);
        if (result != PACKET_OK) {
            return result;
        }
    }
    *record = (struct record){
        .kind = RECORD_OTHER, .place = records->place, .packet = {.place = records->place}};
    return records->format == FORMAT_PCAP ? next_pcap(records, record)
                                          : next_block(records, record);
}
