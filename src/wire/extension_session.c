/* Extensions about the connection itself: version, sizes, renegotiation, cookies, padding. */
#include "extension.h"

/* ---- supported_versions, RFC 8446 4.2.1 ---------------------------------------------------- */

#define VERSIONS "extension.supported_versions"

static const struct schema version[] = {NAMED(VERSIONS, "version", 2, VERSION), END};
static const struct schema offered[] = {LIST(VERSIONS, "versions", 1, version), END};
static const struct schema selected[] = {NAMED(VERSIONS, "selected_version", 2, VERSION), END};
static const struct schema *const shapes[] = {offered, selected, NULL};

static size_t choose_versions(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    return dissection->message == WIRE_CLIENT_HELLO ? 0 : 1;
}

const struct schema extension_supported_versions[] = {CHOICE(choose_versions, shapes), END};

/* ---- cookie, RFC 8446 4.2.2 ---------------------------------------------------------------- */

const struct schema extension_cookie[] = {VECTOR("extension.cookie", "cookie", 2), END};

/* ---- max_fragment_length, RFC 6066 4 ------------------------------------------------------- */

const struct schema extension_max_fragment_length[] = {
    NAMED("extension.max_fragment_length", "max_fragment_length", 1, MAX_FRAGMENT_LENGTH),
    END,
};

/* ---- record_size_limit, RFC 8449 4 --------------------------------------------------------- */

const struct schema extension_record_size_limit[] = {
    NUMBER("extension.record_size_limit", "record_size_limit", 2),
    END,
};

/* ---- renegotiation_info, RFC 5746 3.2 ------------------------------------------------------ */

const struct schema extension_renegotiation_info[] = {
    VECTOR("extension.renegotiation_info", "renegotiated_connection", 1),
    END,
};

/* ---- padding, RFC 7685 3 ------------------------------------------------------------------- */

const struct schema extension_padding[] = {OPTIONAL_REST("extension.padding", "padding"), END};

/* ---- heartbeat, RFC 6520 2 ----------------------------------------------------------------- */

const struct schema extension_heartbeat[] = {
    NAMED("extension.heartbeat", "mode", 1, HEARTBEAT_MODE),
    END,
};
