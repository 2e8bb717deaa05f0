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
extern const struct schema message_draft_retry[]; /* of type 6, until draft 21 */
extern const struct schema message_encrypted_extensions[];

/* certificate.c */
extern const struct schema message_certificate[];
extern const struct schema message_certificate_request[];
extern const struct schema message_certificate_verify[];
extern const struct schema message_certificate_status[];
extern const struct schema message_compressed_certificate[];
extern const struct schema message_certificate_url[];
extern const struct schema message_supplemental_data[];

/* server_key_exchange.c, client_key_exchange.c */
extern const struct schema message_server_key_exchange[];
extern const struct schema message_client_key_exchange[];

/* session.c */
extern const struct schema message_finished[];
extern const struct schema message_new_session_ticket[];
extern const struct schema message_key_update[];
extern const struct schema message_next_protocol[];
extern const struct schema message_channel_id[];
extern const struct schema message_hello_verify_request[];

/* content.c: what is no handshake message */
extern const struct schema message_alert[];
extern const struct schema message_change_cipher_spec[];
extern const struct schema message_application_data[];
extern const struct schema message_heartbeat[];

/* ssl2.c: a ClientHello in SSL 2.0's form, and the length in front of its record */
extern const struct schema message_ssl2_hello[];
extern const struct schema message_ssl2_length[];

/* record.c: calls `visit` for each field type of records and of what is inside them. */
void record_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* packet.c: the same of packets; and the value of a field of theirs. False: it has none of its own. */
void packet_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user);
bool packet_field_value(char *out, size_t size, const struct wire_field_type *type,
                        const uint8_t *bytes);

/* clear_text.c: the same for what comes before TLS. */
void clear_text_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* TLS 1.3 has messages of its own shape (its drafts, too). While the version is unknown it is taken
 * for an older one: what can be read without keys is. */
bool message_is_tls13(const struct dissection *dissection);

/* The number of a draft of TLS 1.3 (0x7fNN); what is no draft comes after all of them. */
#define MESSAGE_NO_DRAFT 0x100
unsigned message_draft(uint16_t version);

/* True since TLS 1.2: signatures name their algorithm (RFC 5246 4.7). */
bool message_names_signature(const struct dissection *dissection);

#endif
