/* Finding records. */
#include "sync.h"

/* A record header, a handshake header and a version: as much as is looked at of a hello. */
#define HELLO_LOOK (WIRE_RECORD_HEADER + WIRE_HANDSHAKE_HEADER + 2)
/* A protected record has at least a MAC or a tag (of CCM_8) in it. */
#define PROTECTED_MIN 8

static size_t fragment_length(const uint8_t *header)
{
    return (size_t)header[3] << 8 | header[4];
}

bool sync_is_header(const uint8_t *data, size_t length)
{
    if (length < WIRE_RECORD_HEADER || data[1] != 3 || data[2] > 4) {
        return false;
    }
    size_t fragment = fragment_length(data);
    switch (data[0]) {
    case WIRE_CHANGE_CIPHER_SPEC:
        return fragment == 1 || (fragment >= PROTECTED_MIN && fragment < 128);
    case WIRE_ALERT:
        return fragment == 2 || (fragment >= PROTECTED_MIN && fragment < 512);
    case WIRE_HANDSHAKE:
    case WIRE_APPLICATION_DATA:
    case WIRE_HEARTBEAT:
        return fragment > 0 && fragment <= WIRE_RECORD_MAX;
    default:
        return false;
    }
}

/* RFC 8446 4: a hello fits its record, or goes on in the next one. */
static bool is_hello(const uint8_t *data, size_t length, enum wire_side side)
{
    uint8_t type = side == WIRE_CLIENT ? WIRE_CLIENT_HELLO : WIRE_SERVER_HELLO;

    if (length < HELLO_LOOK || !sync_is_header(data, length) || data[0] != WIRE_HANDSHAKE) {
        return false;
    }
    const uint8_t *message = data + WIRE_RECORD_HEADER;
    uint8_t major = message[WIRE_HANDSHAKE_HEADER];
    /* The drafts of TLS 1.3 put 0x7fXX where the version stands. */
    return message[0] == type && message[1] == 0 && (major == 3 || major == 0x7f || major == 0x7e);
}

bool sync_find_hello(const uint8_t *data, size_t length, enum wire_side side, size_t *from)
{
    for (; *from + HELLO_LOOK <= length; (*from)++) {
        if (data[*from] == WIRE_HANDSHAKE && is_hello(data + *from, length - *from, side)) {
            return true;
        }
    }
    return false;
}

bool sync_find_record(const uint8_t *data, size_t length, size_t *from, bool *candidate)
{
    *candidate = false;
    for (; *from + WIRE_RECORD_HEADER <= length; (*from)++) {
        if (!sync_is_header(data + *from, length - *from)) {
            continue;
        }
        size_t next = *from + WIRE_RECORD_HEADER + fragment_length(data + *from);
        if (next == length || (next < length && sync_is_header(data + next, length - next))) {
            return true;
        }
        if (next + WIRE_RECORD_HEADER > length) {
            *candidate = true;
            return false;
        }
    }
    return false;
}
