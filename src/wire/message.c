/* The table of messages, and their common header (RFC 8446 4). */
#include "message.h"

#include "der.h"
#include "extension.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct message {
    uint8_t type; /* enum wire_handshake_type or enum wire_content_type */
    struct wire_field_type root;
    const struct schema *body;
};

#define ROOT(value, id, shown, schema)                                            \
    {                                                                             \
        .type = (value), .root = SCHEMA_PATH(id, shown, GROUP), .body = (schema), \
    }
#define HANDSHAKE(value, part, shown, schema) ROOT(value, "handshake." part, shown, schema)

static const struct message handshakes[] = {
    HANDSHAKE(WIRE_HELLO_REQUEST, "hello_request", "HelloRequest", schema_empty),
    HANDSHAKE(WIRE_CLIENT_HELLO, "client_hello", "ClientHello", message_client_hello),
    HANDSHAKE(WIRE_SERVER_HELLO, "server_hello", "ServerHello", message_server_hello),
    HANDSHAKE(WIRE_NEW_SESSION_TICKET, "new_session_ticket", "NewSessionTicket",
              message_new_session_ticket),
    HANDSHAKE(WIRE_END_OF_EARLY_DATA, "end_of_early_data", "EndOfEarlyData", schema_empty),
    HANDSHAKE(WIRE_HELLO_RETRY_REQUEST, "hello_retry_request", "HelloRetryRequest",
              message_hello_retry_request),
    HANDSHAKE(WIRE_ENCRYPTED_EXTENSIONS, "encrypted_extensions", "EncryptedExtensions",
              message_encrypted_extensions),
    HANDSHAKE(WIRE_CERTIFICATE, "certificate", "Certificate", message_certificate),
    HANDSHAKE(WIRE_SERVER_KEY_EXCHANGE, "server_key_exchange", "ServerKeyExchange",
              message_server_key_exchange),
    HANDSHAKE(WIRE_CERTIFICATE_REQUEST, "certificate_request", "CertificateRequest",
              message_certificate_request),
    HANDSHAKE(WIRE_SERVER_HELLO_DONE, "server_hello_done", "ServerHelloDone", schema_empty),
    HANDSHAKE(WIRE_CERTIFICATE_VERIFY, "certificate_verify", "CertificateVerify",
              message_certificate_verify),
    HANDSHAKE(WIRE_CLIENT_KEY_EXCHANGE, "client_key_exchange", "ClientKeyExchange",
              message_client_key_exchange),
    HANDSHAKE(WIRE_FINISHED, "finished", "Finished", message_finished),
    HANDSHAKE(WIRE_CERTIFICATE_STATUS, "certificate_status", "CertificateStatus",
              message_certificate_status),
    HANDSHAKE(WIRE_KEY_UPDATE, "key_update", "KeyUpdate", message_key_update),
    HANDSHAKE(WIRE_COMPRESSED_CERTIFICATE, "compressed_certificate", "CompressedCertificate",
              message_compressed_certificate),
    HANDSHAKE(WIRE_NEXT_PROTOCOL, "next_protocol", "NextProtocol", message_next_protocol),
    HANDSHAKE(3, "hello_verify_request", "HelloVerifyRequest", message_hello_verify_request),
    HANDSHAKE(21, "certificate_url", "CertificateURL", message_certificate_url),
    HANDSHAKE(23, "supplemental_data", "SupplementalData", message_supplemental_data),
    HANDSHAKE(203, "channel_id", "ChannelID", message_channel_id),
};

static const struct message contents[] = {
    ROOT(WIRE_CHANGE_CIPHER_SPEC, "change_cipher_spec", "ChangeCipherSpec",
         message_change_cipher_spec),
    ROOT(WIRE_ALERT, "alert", "Alert", message_alert),
    ROOT(WIRE_APPLICATION_DATA, "application_data", "ApplicationData", message_application_data),
    ROOT(WIRE_HEARTBEAT, "heartbeat", "Heartbeat", message_heartbeat),
    ROOT(WIRE_SSL2_HELLO, "ssl2_hello", "ClientHello", message_ssl2_hello),
};

static const struct schema unknown_handshake_body[] = {
    OPTIONAL_REST("handshake.unknown", "body"),
    END,
};
static const struct message unknown_handshake =
    HANDSHAKE(0, "unknown", "unknown handshake message", unknown_handshake_body);
static const struct schema unknown_content_body[] = {OPTIONAL_REST("unknown_content", "data"), END};
static const struct message unknown_content =
    ROOT(0, "unknown_content", "unknown content", unknown_content_body);
/* A message of its own type in old drafts only. */
static const struct message draft_retry =
    HANDSHAKE(0, "hello_retry_request", "HelloRetryRequest", message_draft_retry);

static const struct wire_field_type handshake_type = {.path = "handshake.type",
                                                      .name = "type",
                                                      .kind = WIRE_FIELD_NAMED,
                                                      .registry = WIRE_REGISTRY_HANDSHAKE_TYPE};
static const struct schema handshake_length = {
    .size = 3, .length_type = SCHEMA_PATH("handshake.length", "length", NUMBER)};

bool message_is_tls13(const struct dissection *dissection)
{
    return wire_version_is_tls13(dissection->context->version);
}

unsigned message_draft(uint16_t version)
{
    return version >> 8 == 0x7f ? version & 0xff : MESSAGE_NO_DRAFT;
}

bool message_names_signature(const struct dissection *dissection)
{
    uint16_t version = dissection->context->version;
    return version == 0 || version == WIRE_TLS12 || message_is_tls13(dissection);
}

static const struct message *find(const struct message *table, size_t count, uint8_t type,
                                  const struct message *otherwise)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].type == type) {
            return &table[i];
        }
    }
    return otherwise;
}

static void dissect_handshake(struct dissection *dissection, struct reader *reader)
{
    bool retry = wire_is_hello_retry_request(reader->data, reader->length);
    uint8_t type = reader->length == 0 ? 0 : reader->data[0];
    const struct message *message;
    struct reader body;
    size_t root;

    dissection->message = retry ? WIRE_HELLO_RETRY_REQUEST : type;
    message = find(handshakes, COUNT(handshakes), dissection->message, &unknown_handshake);
    if (reader->length == 0) {
        message = &unknown_handshake;
    } else if (type == WIRE_HELLO_RETRY_REQUEST) { /* as it is on the wire */
        message = &draft_retry;
    }
    root = schema_add(dissection, &message->root, 0, 0, 0);
    if (reader->length > 0) {
        schema_add(dissection, &handshake_type, 0, 1, 1);
        reader->offset = 1;
    }
    if (schema_enter(dissection, &handshake_length, reader, &body, 1)) {
        schema_run_all(dissection, message->body, &body, 1);
        if (reader_left(reader) > 0) {
            schema_add(dissection, &error_trailing, reader->offset, reader_left(reader), 1);
        }
    }
    schema_close(dissection, root, reader->length);
}

static void dissect_content(struct dissection *dissection, const struct message *message,
                            struct reader *reader)
{
    size_t root = schema_add(dissection, &message->root, 0, 0, 0);
    schema_run_all(dissection, message->body, reader, 1);
    schema_close(dissection, root, reader->length);
}

int wire_message_dissect(struct wire_tree *tree, const struct wire_context *context,
                         uint8_t content_type, const uint8_t *data, size_t length)
{
    struct dissection dissection = {.tree = tree, .context = context};
    struct reader reader = reader_new(data, length);

    schema_start(tree, data, length);
    if (content_type == WIRE_HANDSHAKE) {
        dissect_handshake(&dissection, &reader);
    } else {
        dissect_content(&dissection,
                        find(contents, COUNT(contents), content_type, &unknown_content), &reader);
    }
    return tree->failed ? -1 : 0;
}

static void visit_message(const struct message *message,
                          void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    visit(&message->root, user);
    schema_visit(message->body, visit, user);
}

void wire_field_types(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (size_t i = 0; i < COUNT(handshakes); i++) {
        visit_message(&handshakes[i], visit, user);
    }
    for (size_t i = 0; i < COUNT(contents); i++) {
        visit_message(&contents[i], visit, user);
    }
    visit_message(&draft_retry, visit, user);
    visit_message(&unknown_handshake, visit, user);
    visit_message(&unknown_content, visit, user);
    visit(&handshake_type, user);
    visit(&handshake_length.length_type, user);
    visit(&error_length, user);
    visit(&error_range, user);
    visit(&error_truncated, user);
    visit(&error_trailing, user);
    visit(&error_too_many, user);
    record_visit(visit, user);
    clear_text_visit(visit, user);
    packet_visit(visit, user);
    extension_visit(visit, user);
    der_visit(visit, user);
}
