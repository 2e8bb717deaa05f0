/* The table of extensions, and one extension: struct Extension of RFC 8446 4.2. */
#include "extension.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct extension {
    uint16_t type;
    struct wire_field_type group;
    const struct schema *body; /* NULL: shown as opaque bytes */
};

/* Value, last part of the path, IANA's name, schema. */
#define EXTENSION(value, part, iana, schema)                                                     \
    {                                                                                            \
        .type = (value), .group = SCHEMA_PATH("extension." part, iana, GROUP), .body = (schema), \
    }
#define ROW(value, name, schema) EXTENSION(value, name, name, schema)

/* In ascending order. */
static const struct extension extensions[] = {
    ROW(0, "server_name", extension_server_name),
    ROW(1, "max_fragment_length", extension_max_fragment_length),
    ROW(2, "client_certificate_url", schema_empty),
    ROW(3, "trusted_ca_keys", extension_trusted_ca_keys),
    ROW(4, "truncated_hmac", schema_empty),
    ROW(5, "status_request", extension_status_request),
    ROW(6, "user_mapping", extension_user_mapping),
    ROW(7, "client_authz", extension_client_authz),
    ROW(8, "server_authz", extension_server_authz),
    ROW(9, "cert_type", extension_cert_type),
    ROW(10, "supported_groups", extension_supported_groups),
    ROW(11, "ec_point_formats", extension_ec_point_formats),
    ROW(12, "srp", extension_srp),
    ROW(13, "signature_algorithms", extension_signature_algorithms),
    ROW(14, "use_srtp", extension_use_srtp),
    ROW(15, "heartbeat", extension_heartbeat),
    EXTENSION(16, "alpn", "application_layer_protocol_negotiation", extension_alpn),
    ROW(17, "status_request_v2", extension_status_request_v2),
    ROW(18, "signed_certificate_timestamp", extension_signed_certificate_timestamp),
    ROW(19, "client_certificate_type", extension_client_certificate_type),
    ROW(20, "server_certificate_type", extension_server_certificate_type),
    ROW(21, "padding", extension_padding),
    ROW(22, "encrypt_then_mac", schema_empty),
    ROW(23, "extended_master_secret", schema_empty),
    ROW(24, "token_binding", extension_token_binding),
    ROW(25, "cached_info", extension_cached_info),
    ROW(26, "tls_lts", NULL),
    ROW(27, "compress_certificate", extension_compress_certificate),
    ROW(28, "record_size_limit", extension_record_size_limit),
    ROW(29, "pwd_protect", NULL),
    ROW(30, "pwd_clear", NULL),
    ROW(31, "password_salt", NULL),
    ROW(32, "ticket_pinning", NULL),
    ROW(33, "tls_cert_with_extern_psk", schema_empty),
    ROW(34, "delegated_credential", extension_delegated_credential),
    ROW(35, "session_ticket", extension_session_ticket),
    ROW(36, "TLMSP", NULL),
    ROW(37, "TLMSP_proxying", NULL),
    ROW(38, "TLMSP_delegate", NULL),
    ROW(39, "supported_ekt_ciphers", extension_supported_ekt_ciphers),
    EXTENSION(40, "key_share", "key_share_draft", extension_key_share),
    ROW(41, "pre_shared_key", extension_pre_shared_key),
    ROW(42, "early_data", extension_early_data),
    ROW(43, "supported_versions", extension_supported_versions),
    ROW(44, "cookie", extension_cookie),
    ROW(45, "psk_key_exchange_modes", extension_psk_key_exchange_modes),
    ROW(46, "ticket_early_data_info", extension_ticket_early_data_info),
    ROW(47, "certificate_authorities", extension_certificate_authorities),
    ROW(48, "oid_filters", extension_oid_filters),
    ROW(49, "post_handshake_auth", schema_empty),
    ROW(50, "signature_algorithms_cert", extension_signature_algorithms_cert),
    ROW(51, "key_share", extension_key_share),
    ROW(52, "transparency_info", extension_transparency_info),
    ROW(53, "connection_id_deprecated", NULL),
    ROW(54, "connection_id", extension_connection_id),
    ROW(55, "external_id_hash", extension_external_id_hash),
    ROW(56, "external_session_id", extension_external_session_id),
    ROW(57, "quic_transport_parameters", extension_quic_transport_parameters),
    ROW(58, "ticket_request", extension_ticket_request),
    ROW(59, "dnssec_chain", extension_dnssec_chain),
    ROW(60, "sequence_number_encryption_algorithms", NULL),
    ROW(61, "rrc", schema_empty),
    ROW(62, "tls_flags", extension_tls_flags),
    ROW(13172, "next_protocol_negotiation", extension_next_protocol_negotiation),
    ROW(17513, "application_settings_old", extension_application_settings_old),
    ROW(17613, "application_settings", extension_application_settings),
    ROW(30031, "channel_id_old", schema_empty),
    ROW(30032, "channel_id", schema_empty),
    ROW(64768, "ech_outer_extensions", extension_ech_outer_extensions),
    ROW(65037, "encrypted_client_hello", extension_encrypted_client_hello),
    ROW(65281, "renegotiation_info", extension_renegotiation_info),
    ROW(65445, "quic_transport_parameters_draft", extension_quic_transport_parameters_draft),
    ROW(65486, "encrypted_server_name", extension_encrypted_server_name),
};

static const struct wire_field_type unknown_group =
    SCHEMA_PATH("extension.unknown", "unknown extension", GROUP);
static const struct wire_field_type grease_group = SCHEMA_PATH("extension.grease", "GREASE", GROUP);
static const struct schema type_field = NAMED("extension", "type", 2, EXTENSION);
static const struct schema length_field = {
    .size = 2, .length_type = SCHEMA_PATH("extension.length", "length", NUMBER)};
static const struct schema opaque_body[] = {OPTIONAL_REST("extension", "data"), END};

static const struct extension *find(uint16_t type)
{
    size_t low = 0;
    size_t high = COUNT(extensions);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (extensions[middle].type == type) {
            return &extensions[middle];
        }
        if (extensions[middle].type < type) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static const struct wire_field_type *group_type(const struct extension *extension, uint16_t type)
{
    if (extension != NULL) {
        return &extension->group;
    }
    return wire_is_grease(type) ? &grease_group : &unknown_group;
}

size_t extension_choose_sender(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    return dissection->message == WIRE_CLIENT_HELLO ? 0 : 1;
}

bool extension_is_header(const struct wire_field_type *type)
{
    return type == &type_field.type || type == &length_field.length_type;
}

void extension_dissect(struct dissection *dissection, struct reader *reader, uint16_t depth)
{
    size_t start = reader->offset;
    struct reader peek = *reader;
    uint16_t type = reader_u16(&peek);
    const struct extension *extension = find(type);
    bool known = extension != NULL && extension->body != NULL;
    uint16_t inner = (uint16_t)(depth + 1);
    struct reader body;
    size_t group;

    if (peek.failed) {
        schema_add(dissection, &error_truncated, start, reader->length - start, depth);
        reader->offset = reader->length;
        return;
    }
    group = schema_add(dissection, group_type(extension, type), start, 0, depth);
    schema_add(dissection, &type_field.type, start, 2, inner);
    reader->offset = peek.offset;
    if (schema_enter(dissection, &length_field, reader, &body, inner)) {
        schema_run_all(dissection, known ? extension->body : opaque_body, &body, inner);
    }
    schema_close(dissection, group, reader->offset);
}

void extension_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (size_t i = 0; i < COUNT(extensions); i++) {
        visit(&extensions[i].group, user);
        if (extensions[i].body != NULL) {
            schema_visit(extensions[i].body, visit, user);
        }
    }
    visit(&unknown_group, user);
    visit(&grease_group, user);
    visit(&type_field.type, user);
    visit(&length_field.length_type, user);
    schema_visit(opaque_body, visit, user);
}
