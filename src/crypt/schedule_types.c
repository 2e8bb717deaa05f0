/* The fields of the key schedule's tree. */
#include "schedule.h"

#define GROUP(field, text)                                                         \
    {                                                                              \
        {.path = "schedule." field, .name = text, .kind = WIRE_FIELD_GROUP}, false \
    }
#define TEXT(field, text)                                                         \
    {                                                                             \
        {.path = "schedule." field, .name = text, .kind = WIRE_FIELD_TEXT}, false \
    }
#define NUMBER(field, text)                                                         \
    {                                                                               \
        {.path = "schedule." field, .name = text, .kind = WIRE_FIELD_NUMBER}, false \
    }
#define BYTES(field, text)                                                         \
    {                                                                              \
        {.path = "schedule." field, .name = text, .kind = WIRE_FIELD_BYTES}, false \
    }
#define SECRET(field, text)                                                       \
    {                                                                             \
        {.path = "schedule." field, .name = text, .kind = WIRE_FIELD_BYTES}, true \
    }

static const struct row {
    struct wire_field_type type;
    bool secret;
} rows[SCHEDULE_FIELD_COUNT] = {
    [SCHEDULE_TLS13] = GROUP("tls13", "key schedule"),
    [SCHEDULE_EARLY_SECRET] = GROUP("early_secret", "Early Secret"),
    [SCHEDULE_BINDER_KEY] = GROUP("binder_key", "binder key"),
    [SCHEDULE_CLIENT_EARLY_TRAFFIC] = GROUP("client_early_traffic", "client early traffic secret"),
    [SCHEDULE_EARLY_EXPORTER] = GROUP("early_exporter", "early exporter secret"),
    [SCHEDULE_HANDSHAKE_SECRET] = GROUP("handshake_secret", "Handshake Secret"),
    [SCHEDULE_CLIENT_HANDSHAKE_TRAFFIC] =
        GROUP("client_handshake_traffic", "client handshake traffic secret"),
    [SCHEDULE_SERVER_HANDSHAKE_TRAFFIC] =
        GROUP("server_handshake_traffic", "server handshake traffic secret"),
    [SCHEDULE_MASTER_SECRET] = GROUP("master_secret", "Master Secret"),
    [SCHEDULE_CLIENT_APPLICATION_TRAFFIC] =
        GROUP("client_application_traffic", "client application traffic secret"),
    [SCHEDULE_SERVER_APPLICATION_TRAFFIC] =
        GROUP("server_application_traffic", "server application traffic secret"),
    [SCHEDULE_EXPORTER] = GROUP("exporter", "exporter secret"),
    [SCHEDULE_RESUMPTION] = GROUP("resumption", "resumption secret"),
    [SCHEDULE_DERIVED] = GROUP("derived", "derived secret"),
    [SCHEDULE_TLS12] = GROUP("tls12", "keys"),
    [SCHEDULE_PREMASTER] = GROUP("premaster", "premaster secret"),
    [SCHEDULE_MASTER] = GROUP("master", "master secret"),
    [SCHEDULE_KEY_BLOCK] = GROUP("key_block", "key block"),
    [SCHEDULE_RECORD] = GROUP("record", "selected record"),
    [SCHEDULE_DERIVED_FROM] = TEXT("derived_from", "derived from"),
    [SCHEDULE_LABEL] = TEXT("label", "label"),
    [SCHEDULE_CONTEXT] = TEXT("context", "context"),
    [SCHEDULE_CONTEXT_HASH] = BYTES("context_hash", "context hash"),
    [SCHEDULE_PSK] = SECRET("psk", "pre-shared key"),
    [SCHEDULE_SHARED_SECRET] = SECRET("shared_secret", "shared secret"),
    [SCHEDULE_CLIENT_RANDOM] = BYTES("client_random", "client random"),
    [SCHEDULE_SERVER_RANDOM] = BYTES("server_random", "server random"),
    [SCHEDULE_SESSION_HASH] = BYTES("session_hash", "session hash"),
    [SCHEDULE_VALUE] = SECRET("value", "value"),
    [SCHEDULE_SOURCE] = TEXT("source", "known from"),
    [SCHEDULE_UNKNOWN] = TEXT("unknown", "not known"),
    [SCHEDULE_KEY_UPDATES] = NUMBER("key_updates", "key updates before it"),
    [SCHEDULE_KEY] = SECRET("key", "key"),
    [SCHEDULE_IV] = SECRET("iv", "IV"),
    [SCHEDULE_FINISHED_KEY] = SECRET("finished_key", "finished key"),
    [SCHEDULE_CLIENT_MAC_KEY] = SECRET("client_write_mac_key", "client MAC key"),
    [SCHEDULE_SERVER_MAC_KEY] = SECRET("server_write_mac_key", "server MAC key"),
    [SCHEDULE_CLIENT_KEY] = SECRET("client_write_key", "client key"),
    [SCHEDULE_SERVER_KEY] = SECRET("server_write_key", "server key"),
    [SCHEDULE_CLIENT_IV] = SECRET("client_write_iv", "client IV"),
    [SCHEDULE_SERVER_IV] = SECRET("server_write_iv", "server IV"),
    [SCHEDULE_PROTECTED_BY] = TEXT("protected_by", "protected by"),
    [SCHEDULE_SEQUENCE_NUMBER] = NUMBER("sequence_number", "sequence number"),
    [SCHEDULE_NONCE] = SECRET("nonce", "nonce"),
    [SCHEDULE_NONCE_FROM] = TEXT("nonce_from", "made from"),
    [SCHEDULE_ADDITIONAL_DATA] = BYTES("additional_data", "additional data"),
};

const struct wire_field_type *schedule_type(enum schedule_field field)
{
    return &rows[field].type;
}

bool crypt_schedule_is_secret(const struct wire_field_type *type)
{
    for (size_t i = 0; i < SCHEDULE_FIELD_COUNT; i++) {
        if (&rows[i].type == type) {
            return rows[i].secret;
        }
    }
    return false;
}

void crypt_schedule_types(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (size_t i = 0; i < SCHEDULE_FIELD_COUNT; i++) {
        visit(&rows[i].type, user);
    }
}
