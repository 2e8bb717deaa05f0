/* A capture from its beginning to its end, record by record, in either format. */
#ifndef CAPTURE_RECORDS_H
#define CAPTURE_RECORDS_H

#include "dialects.h"
#include "packet.h"

enum record_kind {
    RECORD_PACKET,
    RECORD_SECRETS, /* a Decryption Secrets Block with a key log */
    RECORD_OTHER,
};

struct record {
    enum record_kind kind;
    uint64_t place;
    struct packet packet;   /* `dialect` may be DIALECTS_NONE */
    const uint8_t *secrets; /* borrowed until the next call */
    size_t secrets_length;
    const uint8_t *block; /* pcapng: the whole block where it was looked into; else NULL */
    size_t block_length;
    bool big_endian;
    bool commented; /* the block has comments */
};

struct records {
    struct window window;
    struct dialects dialects;
    bool begun;
    enum packet_format format;
    bool big_endian;
    uint64_t place;
    uint64_t frames;
    uint16_t *interfaces; /* of the section: numbers of dialects */
    size_t interface_count, interface_capacity;
};

void records_begin(struct records *records, struct source *source);
void records_free(struct records *records);

/* PACKET_DAMAGED while `begun` is false: not a capture at all. PACKET_ERROR: errno. */
enum packet_state records_next(struct records *records, struct record *record);

#endif
