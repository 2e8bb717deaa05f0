/*
 * The handshake messages of both sides in the order that their hashes go over them, for tests of
 * what is computed from that: Finished, signatures, binders, secrets.
 */
#ifndef SUPPORT_HANDSHAKE_H
#define SUPPORT_HANDSHAKE_H

#include "unseal.h"

#define HANDSHAKE_MESSAGES_MAX 40

struct handshake_message {
    enum wire_side from;
    uint8_t type;
    size_t start; /* in `bytes` */
    size_t end;
};

struct handshake {
    struct buffer bytes;
    struct handshake_message messages[HANDSHAKE_MESSAGES_MAX];
    size_t count;
    const char *hash; /* of the suite's transcript */
};

/* The first handshake of a connection, up to the later Finished. After HelloRetryRequest the first
 * ClientHello is replaced by its hash (RFC 8446 4.4.1). 0 or -1; handshake_free either way. */
int handshake_merge(struct handshake *out, const struct unsealed *unsealed);
void handshake_free(struct handshake *handshake);

/* The first message of this kind, or NULL. */
const struct handshake_message *handshake_find(const struct handshake *handshake,
                                               enum wire_side from, uint8_t type);

/* The hash of the first `end` bytes. Returns its length. */
size_t handshake_hash(const struct handshake *handshake, size_t end, uint8_t out[CRYPT_HASH_MAX]);

/* The first certificate of a side, out of its Certificate message. NULL: none. */
const uint8_t *handshake_certificate(const struct handshake *handshake, enum wire_side from,
                                     bool tls13, size_t *length);

#endif
