/* The table of extensions, and one extension: struct Extension of RFC 8446 4.2. */
#include "extension.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct extension {
    uint16_t type;
    struct wire_field_type group;
    const struct schema *body; /* NULL: shown as opaque bytes */
};

/* Value, last part of the path, IANA's name, schema. */
#define EXTENSION(value, part, iana, schema)                                          \
    {                                                                                 \
        .type = (value),                                                              \
        .group = {.path = "extension." part, .name = iana, .kind = WIRE_FIELD_GROUP}, \
        .body = (schema),                                                             \
    }
#define ROW(value, name, schema) EXTENSION(value, name, name, schema)

/* In ascending order. */
static const struct extension extensions[] = {
    ROW(0, "server_name", extension_server_name),
    ROW(1, "max_fragment_length", extension_max_fragment_length),
    ROW(2, "client_certificate_url", NULL),
    ROW(3, "trusted_ca_keys", NULL),
    ROW(4, "truncated_hmac", schema_empty),
    ROW(5, "status_request", extension_status_request),
    ROW(6, "user_mapping", NULL),
    ROW(7, "client_authz", NULL),
    ROW(8, "server_authz", NULL),
    ROW(9, "cert_type", NULL),
    ROW(10, "supported_groups", extension_supported_groups),
    ROW(11, "ec_point_formats", extension_ec_point_formats),
    ROW(12, "srp", NULL),
    ROW(13, "signature_algorithms", extension_signature_algorithms),
    ROW(14, "use_srtp", NULL),
    ROW(15, "heartbeat", extension_heartbeat),
    EXTENSION(16, "alpn", "application_layer_protocol_negotiation", extension_alpn),
    ROW(17, "status_request_v2", NULL),
    ROW(18, "signed_certificate_timestamp", extension_signed_certificate_timestamp),
    ROW(19, "client_certificate_type", NULL),
    ROW(20, "server_certificate_type", NULL),
    ROW(21, "padding", extension_padding),
    ROW(22, "encrypt_then_mac", schema_empty),
    ROW(23, "extended_master_secret", schema_empty),
    ROW(24, "token_binding", NULL),
    ROW(25, "cached_info", NULL),
    ROW(26, "tls_lts", NULL),
    ROW(27, "compress_certificate", extension_compress_certificate),
    ROW(28, "record_size_limit", extension_record_size_limit),
    ROW(29, "pwd_protect", NULL),
    ROW(30, "pwd_clear", NULL),
    ROW(31, "password_salt", NULL),
    ROW(32, "ticket_pinning", NULL),
    ROW(33, "tls_cert_with_extern_psk", NULL),
    ROW(34, "delegated_credential", NULL),
    ROW(35, "session_ticket", extension_session_ticket),
    ROW(36, "TLMSP", NULL),
    ROW(37, "TLMSP_proxying", NULL),
    ROW(38, "TLMSP_delegate", NULL),
    ROW(39, "supported_ekt_ciphers", NULL),
    ROW(41, "pre_shared_key", extension_pre_shared_key),
    ROW(42, "early_data", extension_early_data),
    ROW(43, "supported_versions", extension_supported_versions),
    ROW(44, "cookie", extension_cookie),
    ROW(45, "psk_key_exchange_modes", extension_psk_key_exchange_modes),
    ROW(47, "certificate_authorities", extension_certificate_authorities),
    ROW(48, "oid_filters", NULL),
    ROW(49, "post_handshake_auth", schema_empty),
    ROW(50, "signature_algorithms_cert", extension_signature_algorithms_cert),
    ROW(51, "key_share", extension_key_share),
    ROW(52, "transparency_info", NULL),
    ROW(53, "connection_id_deprecated", NULL),
    ROW(54, "connection_id", NULL),
    ROW(55, "external_id_hash", NULL),
    ROW(56, "external_session_id", NULL),
    ROW(57, "quic_transport_parameters", NULL),
    ROW(58, "ticket_request", NULL),
    ROW(59, "dnssec_chain", NULL),
    ROW(60, "sequence_number_encryption_algorithms", NULL),
    ROW(61, "rrc", NULL),
    ROW(62, "tls_flags", NULL),
    ROW(13172, "next_protocol_negotiation", NULL),
    ROW(17513, "application_settings_old", NULL),
    ROW(17613, "application_settings", NULL),
    ROW(30031, "channel_id_old", NULL),
    ROW(30032, "channel_id", NULL),
    ROW(64768, "ech_outer_extensions", NULL),
    ROW(65037, "encrypted_client_hello", NULL),
    ROW(65281, "renegotiation_info", extension_renegotiation_info),
    ROW(65445, "quic_transport_parameters_draft", NULL),
    ROW(65486, "encrypted_server_name", NULL),
};

static const struct wire_field_type unknown_group = {
    .path = "extension.unknown", .name = "unknown extension", .kind = WIRE_FIELD_GROUP};
static const struct wire_field_type grease_group = {
    .path = "extension.grease", .name = "GREASE", .kind = WIRE_FIELD_GROUP};
static const struct wire_field_type type_field = {.path = "extension.type",
                                                  .name = "type",
                                                  .kind = WIRE_FIELD_NAMED,
                                                  .registry = WIRE_REGISTRY_EXTENSION};
static const struct wire_field_type length_field = {
    .path = "extension.length", .name = "length", .kind = WIRE_FIELD_NUMBER};
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

bool extension_is_header(const struct wire_field_type *type)
{
    return type == &type_field || type == &length_field;
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
    schema_add(dissection, &type_field, start, 2, inner);
    reader->offset = peek.offset;
    if (schema_enter(dissection, &length_field, 2, reader, &body, inner)) {
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
    visit(&type_field, user);
    visit(&length_field, user);
    schema_visit(opaque_body, visit, user);
}
