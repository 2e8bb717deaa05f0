/* What records carry beside handshake messages: RFC 8446 5.1, 6, RFC 5246 7.1, RFC 6520 4. */
#include "message.h"

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
