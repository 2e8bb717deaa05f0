/* IEEE 802.11 data frames in clear text, with or without radiotap. */
#include "layers.h"
#include "load.h"

enum layer layer_radiotap(struct cursor *cursor)
{
    if (cursor->left < 8) {
        return LAYER_UNKNOWN;
    }
    unsigned length = load16le(cursor->data + 2);
    return length >= 8 && layer_take(cursor, length) != NULL ? LAYER_WLAN : LAYER_UNKNOWN;
}

#define TYPE_DATA   0x08
#define WITH_QOS    0x80
#define NO_DATA     0x40
#define BOTH_SYSTEM 0x03
#define PROTECTED   0x40
#define ORDER       0x80
#define AGGREGATE   0x80

/* Several frames in one (9.3.2.2 of the standard): only the first is looked at. */
static enum layer first_of_aggregate(struct cursor *cursor)
{
    const uint8_t *header = layer_take(cursor, 14);

    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    layer_limit(cursor, load16(header + 12));
    return LAYER_LLC;
}

enum layer layer_wlan(struct cursor *cursor)
{
    size_t length = 24;

    if (cursor->left < 2) {
        return LAYER_UNKNOWN;
    }
    uint8_t kind = cursor->data[0];
    uint8_t flags = cursor->data[1];
    if ((kind & 0x0c) != TYPE_DATA || kind & NO_DATA || flags & PROTECTED) {
        return LAYER_UNKNOWN;
    }
    length += (flags & BOTH_SYSTEM) == BOTH_SYSTEM ? 6 : 0; /* a fourth address */
    length += kind & WITH_QOS ? 2 : 0;
    length += kind & WITH_QOS && flags & ORDER ? 4 : 0; /* HT control */
    const uint8_t *header = layer_take(cursor, length);
    if (header == NULL) {
        return LAYER_UNKNOWN;
    }
    size_t control = 24 + ((flags & BOTH_SYSTEM) == BOTH_SYSTEM ? 6 : 0);
    bool aggregate = kind & WITH_QOS && header[control] & AGGREGATE;
    return aggregate ? first_of_aggregate(cursor) : LAYER_LLC;
}
