/* ServerHello, HelloRetryRequest, EncryptedExtensions: RFC 8446 4.1.3, 4.1.4, 4.3.1, RFC 5246 7.4.1.3. */
#include "message.h"

/* HelloRetryRequest is a ServerHello on the wire, but its fields mean something else. */
#define SERVER_HELLO(parent)                                                                       \
    NAMED(parent, "legacy_version", 2, VERSION), BYTES(parent, "random", 32),                      \
        VECTOR(parent, "session_id", 1), NAMED(parent, "cipher_suite", 2, CIPHER_SUITE),           \
        NAMED(parent, "compression_method", 1, COMPRESSION_METHOD), OPTIONAL_EXTENSIONS(parent)

const struct schema message_server_hello[] = {SERVER_HELLO("handshake.server_hello"), END};

const struct schema message_hello_retry_request[] = {
    SERVER_HELLO("handshake.hello_retry_request"),
    END,
};

const struct schema message_encrypted_extensions[] = {
    EXTENSIONS("handshake.encrypted_extensions"),
    END,
};
