/* Handshake messages of both sides in one order. */
#include "handshake.h"

#include <string.h>

/* Whether the other side speaks next. */
static bool ends_flight(enum wire_side from, const uint8_t *message, size_t length)
{
    if (from == WIRE_CLIENT) {
        return message[0] == WIRE_CLIENT_HELLO || message[0] == WIRE_FINISHED;
    }
    return message[0] == WIRE_SERVER_HELLO_DONE || message[0] == WIRE_FINISHED ||
           wire_is_hello_retry_request(message, length);
}

/* RFC 8446 4.4.1: message_hash takes the place of the first ClientHello. */
static void replace_client_hello(struct handshake *out)
{
    uint8_t hash[CRYPT_HASH_MAX];
    size_t length = handshake_hash(out, out->bytes.length, hash);

    buffer_consume(&out->bytes, out->bytes.length);
    buffer_u8(&out->bytes, 254);
    buffer_u24(&out->bytes, (uint32_t)length);
    buffer_append(&out->bytes, hash, length);
    out->count = 0;
}

static bool add(struct handshake *out, enum wire_side from, const uint8_t *message, size_t length)
{
    if (out->count == HANDSHAKE_MESSAGES_MAX) {
        return false;
    }
    if (wire_is_hello_retry_request(message, length)) {
        replace_client_hello(out);
    }
    out->messages[out->count++] = (struct handshake_message){
        .from = from,
        .type = message[0],
        .start = out->bytes.length,
        .end = out->bytes.length + length,
    };
    buffer_append(&out->bytes, message, length);
    return !out->bytes.failed;
}

/* One flight. False when there is none. */
static bool take_flight(struct handshake *out, enum wire_side from, struct reader *reader)
{
    while (reader_left(reader) >= WIRE_HANDSHAKE_HEADER) {
        const uint8_t *message = reader->data + reader->offset;
        size_t length = WIRE_HANDSHAKE_HEADER +
                        ((size_t)message[1] << 16 | (size_t)message[2] << 8 | message[3]);
        if (reader_bytes(reader, length) == NULL || !add(out, from, message, length)) {
            return false;
        }
        if (ends_flight(from, message, length)) {
            return true;
        }
    }
    return false;
}

int handshake_merge(struct handshake *out, const struct unsealed *unsealed)
{
    struct reader readers[2];

    memset(out, 0, sizeof *out);
    out->hash = crypt_transcript_hash_name(unsealed->version, unsealed->cipher_suite);
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        readers[side] = reader_new(unsealed->messages[side].data, unsealed->messages[side].length);
    }
    for (int turn = 0; handshake_find(out, WIRE_CLIENT, WIRE_FINISHED) == NULL ||
                       handshake_find(out, WIRE_SERVER, WIRE_FINISHED) == NULL;
         turn++) {
        if (out->hash == NULL ||
            !take_flight(out, (enum wire_side)(turn % 2), &readers[turn % 2])) {
            return -1;
        }
    }
    return 0;
}

void handshake_free(struct handshake *handshake)
{
    buffer_free(&handshake->bytes);
}

const struct handshake_message *handshake_find(const struct handshake *handshake,
                                               enum wire_side from, uint8_t type)
{
    for (size_t i = 0; i < handshake->count; i++) {
        if (handshake->messages[i].from == from && handshake->messages[i].type == type) {
            return &handshake->messages[i];
        }
    }
    return NULL;
}

size_t handshake_hash(const struct handshake *handshake, size_t end, uint8_t out[CRYPT_HASH_MAX])
{
    struct crypt_hash *hash = crypt_hash_new(handshake->hash);
    size_t length = 0;

    if (hash != NULL && crypt_hash_add(hash, handshake->bytes.data, end) == 0) {
        length = crypt_hash_value(hash, out);
    }
    crypt_hash_free(hash);
    return length;
}

const uint8_t *handshake_certificate(const struct handshake *handshake, enum wire_side from,
                                     bool tls13, size_t *length)
{
    const struct handshake_message *message = handshake_find(handshake, from, WIRE_CERTIFICATE);
    struct reader reader;

    if (message == NULL) {
        return NULL;
    }
    reader = reader_new(handshake->bytes.data + message->start, message->end - message->start);
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    if (tls13) {
        (void)reader_bytes(&reader, reader_u8(&reader)); /* certificate_request_context */
    }
    (void)reader_u24(&reader);
    *length = reader_u24(&reader);
    return reader_bytes(&reader, *length);
}
