/*
 * Extensions: the table of them and the schemas of their bodies.
 *
 * To add one: its row in extension.c, its schema in the file of its group, declared here, and its
 * fields in docs/fields/extensions.md. Its name stands in data/extension.tsv; a test holds both
 * together.
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

/* For CHOICE between what a ClientHello has (0) and what answers it (1). */
schema_chooser extension_choose_sender;

/* extension_names.c: who and what is asked for */
extern const struct schema extension_server_name[];
extern const struct schema extension_alpn[];
extern const struct schema extension_next_protocol_negotiation[];
extern const struct schema extension_application_settings[];
extern const struct schema extension_application_settings_old[];
extern const struct schema extension_srp[];
extern const struct schema extension_dnssec_chain[];

/* extension_keys.c: groups and key shares */
extern const struct schema extension_supported_groups[];
extern const struct schema extension_ec_point_formats[];
extern const struct schema extension_key_share[];

/* extension_psk.c: resumption and pre-shared keys */
extern const struct schema extension_pre_shared_key[];
extern const struct schema extension_psk_key_exchange_modes[];
extern const struct schema extension_early_data[];
extern const struct schema extension_ticket_early_data_info[];
extern const struct schema extension_session_ticket[];
extern const struct schema extension_ticket_request[];

/* extension_certificates.c: certificates and their signatures */
extern const struct schema extension_signature_algorithms[];
extern const struct schema extension_signature_algorithms_cert[];
extern const struct schema extension_signed_certificate_timestamp[];
extern const struct schema extension_certificate_authorities[];
extern const struct schema extension_compress_certificate[];
extern const struct schema extension_client_certificate_type[];
extern const struct schema extension_server_certificate_type[];
extern const struct schema extension_cert_type[];
extern const struct schema extension_oid_filters[];
extern const struct schema extension_delegated_credential[];
extern const struct schema extension_transparency_info[];

/* extension_status.c: proofs that certificates still hold */
extern const struct schema extension_status_request[];
extern const struct schema extension_status_request_v2[];

/* extension_session.c: the connection itself */
extern const struct schema extension_supported_versions[];
extern const struct schema extension_cookie[];
extern const struct schema extension_max_fragment_length[];
extern const struct schema extension_record_size_limit[];
extern const struct schema extension_renegotiation_info[];
extern const struct schema extension_padding[];
extern const struct schema extension_heartbeat[];
extern const struct schema extension_connection_id[];
extern const struct schema extension_external_id_hash[];
extern const struct schema extension_external_session_id[];
extern const struct schema extension_tls_flags[];
extern const struct schema extension_supported_ekt_ciphers[];

/* extension_ech.c: encrypted hellos */
extern const struct schema extension_encrypted_client_hello[];
extern const struct schema extension_ech_outer_extensions[];
extern const struct schema extension_encrypted_server_name[];

/* extension_quic.c */
extern const struct schema extension_quic_transport_parameters[];
extern const struct schema extension_quic_transport_parameters_draft[];

/* extension_legacy.c: hardly met today */
extern const struct schema extension_trusted_ca_keys[];
extern const struct schema extension_user_mapping[];
extern const struct schema extension_client_authz[];
extern const struct schema extension_server_authz[];
extern const struct schema extension_use_srtp[];
extern const struct schema extension_token_binding[];
extern const struct schema extension_cached_info[];

#endif
