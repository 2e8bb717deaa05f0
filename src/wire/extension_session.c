/* Extensions about the connection itself: version, sizes, renegotiation, cookies, padding. */
#include "extension.h"

/* ---- supported_versions, RFC 8446 4.2.1 ---------------------------------------------------- */

#define VERSIONS "extension.supported_versions"

static const struct schema version[] = {NAMED(VERSIONS, "version", 2, VERSION), END};
static const struct schema offered[] = {LIST_FROM(VERSIONS, "versions", 1, 2, version), END};
static const struct schema selected[] = {NAMED(VERSIONS, "selected_version", 2, VERSION), END};
static const struct schema *const shapes[] = {offered, selected, NULL};

const struct schema extension_supported_versions[] = {CHOICE(extension_choose_sender, shapes), END};

/* ---- cookie, RFC 8446 4.2.2 ---------------------------------------------------------------- */

const struct schema extension_cookie[] = {VECTOR_FROM("extension.cookie", "cookie", 2, 1), END};

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

/* ---- small ones ---------------------------------------------------------------------------------- */

/* RFC 9146 3 */
const struct schema extension_connection_id[] = {VECTOR("extension.connection_id", "cid", 1), END};

/* RFC 8844 3 */
const struct schema extension_external_id_hash[] = {
    SHORT_VECTOR("extension.external_id_hash", "binding_hash", 0, 32),
    END,
};
const struct schema extension_external_session_id[] = {
    VECTOR_FROM("extension.external_session_id", "session_id", 1, 20),
    END,
};

/* draft-ietf-tls-tlsflags 2: a bit for each flag */
const struct schema extension_tls_flags[] = {VECTOR("extension.tls_flags", "flags", 1), END};

/* RFC 8870 6 */
static const struct schema ekt_cipher[] = {
    NUMBER("extension.supported_ekt_ciphers", "ekt_cipher", 1),
    END,
};
const struct schema extension_supported_ekt_ciphers[] = {
    LIST_FROM("extension.supported_ekt_ciphers", "supported_ciphers", 1, 1, ekt_cipher),
    END,
};
