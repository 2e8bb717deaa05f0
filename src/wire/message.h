/*
 * Messages: the schemas of their bodies, one file for each family.
 *
 * To add one: its row in message.c, its schema in a file, declared here, and its fields in
 * docs/fields/messages.md.
 */
#ifndef TLSTEP_WIRE_MESSAGE_H
#define TLSTEP_WIRE_MESSAGE_H

#include "schema.h"

/* client_hello.c */
extern const struct schema message_client_hello[];

/* server_hello.c */
extern const struct schema message_server_hello[];
extern const struct schema message_hello_retry_request[];
extern const struct schema message_encrypted_extensions[];

/* certificate.c */
extern const struct schema message_certificate[];
extern const struct schema message_certificate_request[];
extern const struct schema message_certificate_verify[];
extern const struct schema message_certificate_status[];
extern const struct schema message_compressed_certificate[];

/* key_exchange.c */
extern const struct schema message_server_key_exchange[];
extern const struct schema message_client_key_exchange[];

/* session.c */
extern const struct schema message_finished[];
extern const struct schema message_new_session_ticket[];
extern const struct schema message_key_update[];
extern const struct schema message_next_protocol[];

/* content.c: what is no handshake message */
extern const struct schema message_alert[];
extern const struct schema message_change_cipher_spec[];
extern const struct schema message_application_data[];
extern const struct schema message_heartbeat[];
extern const struct schema message_record[];

/* TLS 1.3 has messages of its own shape (its drafts, 0x7fNN, too). While the version is unknown it
 * is taken for an older one: what can be read without keys is. */
bool message_is_tls13(const struct dissection *dissection);

/* True since TLS 1.2: signatures name their algorithm (RFC 5246 4.7). */
bool message_names_signature(const struct dissection *dissection);

#endif
