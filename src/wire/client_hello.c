/* ClientHello: RFC 8446 4.1.2, RFC 5246 7.4.1.2. */
#include "message.h"

#define HELLO "handshake.client_hello"

static const struct schema cipher_suite[] = {
    NAMED(HELLO ".cipher_suites", "cipher_suite", 2, CIPHER_SUITE),
    END,
};
static const struct schema compression_method[] = {
    NAMED(HELLO ".compression_methods", "compression_method", 1, COMPRESSION_METHOD),
    END,
};

const struct schema message_client_hello[] = {
    NAMED(HELLO, "legacy_version", 2, VERSION),
    BYTES(HELLO, "random", 32),
    SHORT_VECTOR(HELLO, "session_id", 0, 32),
    LIST_FROM(HELLO, "cipher_suites", 2, 2, cipher_suite),
    LIST_FROM(HELLO, "compression_methods", 1, 1, compression_method),
    OPTIONAL_EXTENSIONS(HELLO),
    END,
};
