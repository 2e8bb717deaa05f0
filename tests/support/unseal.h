/*
 * Reads both directions of one TLS connection with its key log, by the shortest possible decoder:
 * enough to ask of crypt whether a whole conversation opens. Knows renegotiation, HelloRetryRequest,
 * early data and KeyUpdate.
 */
#ifndef SUPPORT_UNSEAL_H
#define SUPPORT_UNSEAL_H

#include "tlstep/crypt.h"

struct unsealed {
    uint16_t version;
    uint16_t cipher_suite;
    bool encrypt_then_mac;
    struct buffer application[2]; /* by enum wire_side */
    struct buffer messages[2];    /* handshake messages, whole, one after the other */
    size_t opened[2];             /* protected records that were opened */
    size_t padding[2];            /* sum over those */
    size_t finished[2];
    size_t key_updates[2];
    size_t alerts[2];
    struct err err; /* of the record that could not be opened */
};

/* Returns 0 when every record of both directions could be read to the end; -1 with `err`.
 * unseal_free either way. */
int unseal(struct unsealed *out, const struct buffer directions[2],
           const struct crypt_keylog *keylog);
void unseal_free(struct unsealed *unsealed);

#endif
