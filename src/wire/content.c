/* Records and what they carry beside handshake messages: RFC 8446 5.1, 6, RFC 5246 7.1, RFC 6520 4. */
#include "message.h"

const struct schema message_record[] = {
    NAMED("record", "content_type", 1, CONTENT_TYPE),
    NAMED("record", "version", 2, VERSION),
    {
        .layout = LAYOUT_VECTOR,
        .size = 2,
        .type = {.path = "record.fragment", .name = "fragment", .kind = WIRE_FIELD_BYTES},
        .length_type = {.path = "record.length", .name = "length", .kind = WIRE_FIELD_NUMBER},
    },
    END,
};

const struct schema message_alert[] = {
    NAMED("alert", "level", 1, ALERT_LEVEL),
    NAMED("alert", "description", 1, ALERT),
    END,
};

const struct schema message_change_cipher_spec[] = {
    NAMED("change_cipher_spec", "type", 1, CHANGE_CIPHER_SPEC),
    END,
};

const struct schema message_application_data[] = {REST("application_data", "data"), END};

const struct schema message_heartbeat[] = {
    NAMED("heartbeat", "type", 1, HEARTBEAT_TYPE),
    VECTOR("heartbeat", "payload", 2),
    REST("heartbeat", "padding"),
    END,
};
