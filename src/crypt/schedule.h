/*
 * The inside of the key schedule's tree: its field types, and a builder that appends bytes and fields
 * together, so that each byte of the buffer is in one leaf.
 */
#ifndef CRYPT_SCHEDULE_H
#define CRYPT_SCHEDULE_H

#include <gnutls/gnutls.h>

#include "tlstep/crypt.h"

enum schedule_field {
    /* groups */
    SCHEDULE_TLS13,
    SCHEDULE_EARLY_SECRET,
    SCHEDULE_BINDER_KEY,
    SCHEDULE_CLIENT_EARLY_TRAFFIC,
    SCHEDULE_EARLY_EXPORTER,
    SCHEDULE_HANDSHAKE_SECRET,
    SCHEDULE_CLIENT_HANDSHAKE_TRAFFIC,
    SCHEDULE_SERVER_HANDSHAKE_TRAFFIC,
    SCHEDULE_MASTER_SECRET,
    SCHEDULE_CLIENT_APPLICATION_TRAFFIC,
    SCHEDULE_SERVER_APPLICATION_TRAFFIC,
    SCHEDULE_EXPORTER,
    SCHEDULE_RESUMPTION,
    SCHEDULE_DERIVED,
    SCHEDULE_TLS12,
    SCHEDULE_PREMASTER,
    SCHEDULE_MASTER,
    SCHEDULE_KEY_BLOCK,
    SCHEDULE_RECORD,
    /* leaves */
    SCHEDULE_DERIVED_FROM,
    SCHEDULE_LABEL,
    SCHEDULE_CONTEXT,
    SCHEDULE_CONTEXT_HASH,
    SCHEDULE_PSK,
    SCHEDULE_SHARED_SECRET,
    SCHEDULE_CLIENT_RANDOM,
    SCHEDULE_SERVER_RANDOM,
    SCHEDULE_SESSION_HASH,
    SCHEDULE_VALUE,
    SCHEDULE_SOURCE,
    SCHEDULE_UNKNOWN,
    SCHEDULE_KEY_UPDATES,
    SCHEDULE_KEY,
    SCHEDULE_IV,
    SCHEDULE_FINISHED_KEY,
    SCHEDULE_CLIENT_MAC_KEY,
    SCHEDULE_SERVER_MAC_KEY,
    SCHEDULE_CLIENT_KEY,
    SCHEDULE_SERVER_KEY,
    SCHEDULE_CLIENT_IV,
    SCHEDULE_SERVER_IV,
    SCHEDULE_PROTECTED_BY,
    SCHEDULE_SEQUENCE_NUMBER,
    SCHEDULE_NONCE,
    SCHEDULE_NONCE_FROM,
    SCHEDULE_ADDITIONAL_DATA,
    SCHEDULE_FIELD_COUNT
};

const struct wire_field_type *schedule_type(enum schedule_field field);

/* A secret that may be known. */
struct schedule_secret {
    uint8_t data[CRYPT_HASH_MAX];
    size_t length;
    bool known;
};

struct schedule_builder {
    const struct crypt_schedule *in;
    struct wire_tree *tree;
    struct buffer *bytes;
    uint16_t depth;
    bool failed; /* memory ran out, also inside GnuTLS */
};

/* A group around what is added until it ends. Returns what schedule_end() takes. */
size_t schedule_begin(struct schedule_builder *builder, enum schedule_field group);
void schedule_end(struct schedule_builder *builder, size_t group);

void schedule_bytes(struct schedule_builder *builder, enum schedule_field field, const void *data,
                    size_t length);
void schedule_number(struct schedule_builder *builder, enum schedule_field field, uint64_t value);
void schedule_text(struct schedule_builder *builder, enum schedule_field field, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

/*
 * The value of a secret and where it comes from: computed, out of the key log, or both, and whether they
 * agree. Neither known: `unknown` in words. Returns the one that counts, the key log's first: the
 * connection's records open with it.
 */
struct schedule_secret schedule_value(struct schedule_builder *builder,
                                      const struct schedule_secret *computed,
                                      const struct crypt_secret *logged, const char *unknown);

/* The trees of TLS 1.3 and of what came before. */
void schedule_tls13(struct schedule_builder *builder);
void schedule_tls12(struct schedule_builder *builder);

/* The selected record, `protected_by` in words. */
void schedule_record(struct schedule_builder *builder, const char *protected_by);

#endif
