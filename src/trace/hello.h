/* What the hellos agree on: the fields of ClientHello, ServerHello and HelloRetryRequest that the
 * keys and the facts need. */
#ifndef TRACE_HELLO_H
#define TRACE_HELLO_H

#include "tlstep/wire.h"

struct hello {
    uint8_t type;          /* WIRE_CLIENT_HELLO, WIRE_SERVER_HELLO, WIRE_HELLO_RETRY_REQUEST */
    uint16_t version;      /* of a server's: negotiated; of a client's: legacy_version */
    uint16_t cipher_suite; /* of a server's */
    uint16_t group;        /* that a server chose; 0 */
    uint8_t random[32];
    uint8_t session_id[32];
    size_t session_id_length;
    bool pre_shared_key;
    bool key_share;
    bool early_data;
    bool extended_master_secret;
    bool encrypt_then_mac;
    bool secure_renegotiation; /* of a client's: also as a signalling cipher suite */
};

/* Reads a hello with its handshake header; `tree` is left with its fields, but for old drafts. Returns 1, 0 when it is too broken to be used (or no
 * hello), or -1 when memory ran out. */
int hello_read(struct hello *out, struct wire_tree *tree, const uint8_t *message, size_t length);

/* The same of a tree that hello_read() has filled. */
int hello_read_tree(struct hello *out, const struct wire_tree *tree);

/* The same for a ClientHello in SSL 2's form (RFC 5246 E.2), with its 2-byte header. */
int hello_read_ssl2(struct hello *out, const uint8_t *record, size_t length);

/* TLS 1.3 or one of its drafts. */
bool version_is_tls13(uint16_t version);

#endif
