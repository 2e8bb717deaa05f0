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

/* More payload than the record has room for, with the padding, was Heartbleed: a server answered with
 * its memory (CVE-2014-0160). */
const struct schema message_heartbeat[] = {
    NAMED("heartbeat", "type", 1, HEARTBEAT_TYPE),
    VECTOR("heartbeat", "payload", 2),
    REST_FROM("heartbeat", "padding", 16),
    END,
};
