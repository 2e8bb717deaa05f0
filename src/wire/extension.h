/*
 * Extensions: the table of them and the schemas of their bodies.
 *
 * To add one: its row in extension.c, its schema in the file of its group, declared here, and its
 * fields in docs/fields/extensions.md.
 */
#ifndef TLSTEP_WIRE_EXTENSION_H
#define TLSTEP_WIRE_EXTENSION_H

#include "schema.h"

/* Dissects one extension: type, length and body. */
void extension_dissect(struct dissection *dissection, struct reader *reader, uint16_t depth);

/* Calls `visit` for each field type of every extension. */
void extension_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* True for the leaves that head every extension. */
bool extension_is_header(const struct wire_field_type *type);

/* extension_names.c: who and what is asked for */
extern const struct schema extension_server_name[];
extern const struct schema extension_alpn[];

/* extension_keys.c: groups and key shares */
extern const struct schema extension_supported_groups[];
extern const struct schema extension_ec_point_formats[];
extern const struct schema extension_key_share[];

/* extension_psk.c: resumption and pre-shared keys */
extern const struct schema extension_pre_shared_key[];
extern const struct schema extension_psk_key_exchange_modes[];
extern const struct schema extension_early_data[];
extern const struct schema extension_session_ticket[];

/* extension_certificates.c: certificates, their signatures and their status */
extern const struct schema extension_signature_algorithms[];
extern const struct schema extension_signature_algorithms_cert[];
extern const struct schema extension_status_request[];
extern const struct schema extension_signed_certificate_timestamp[];
extern const struct schema extension_certificate_authorities[];
extern const struct schema extension_compress_certificate[];

/* extension_session.c: the connection itself */
extern const struct schema extension_supported_versions[];
extern const struct schema extension_cookie[];
extern const struct schema extension_max_fragment_length[];
extern const struct schema extension_record_size_limit[];
extern const struct schema extension_renegotiation_info[];
extern const struct schema extension_padding[];
extern const struct schema extension_heartbeat[];

#endif
