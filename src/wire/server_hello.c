/* ServerHello, HelloRetryRequest, EncryptedExtensions: RFC 8446 4.1.3, 4.1.4, 4.3.1, RFC 5246 7.4.1.3. */
#include "message.h"

#define HELLO "handshake.server_hello"

static const struct schema final_shape[] = {
    SHORT_VECTOR(HELLO, "session_id", 0, 32),
    NAMED(HELLO, "cipher_suite", 2, CIPHER_SUITE),
    NAMED(HELLO, "compression_method", 1, COMPRESSION_METHOD),
    OPTIONAL_EXTENSIONS(HELLO),
    END,
};
static const struct schema draft_shape[] = {
    NAMED(HELLO, "cipher_suite", 2, CIPHER_SUITE),
    EXTENSIONS(HELLO),
    END,
};
static const struct schema *const shapes[] = {final_shape, draft_shape, NULL};

/* Until draft 21 of TLS 1.3 ServerHello said the version itself and had no session id; captures of
 * that time exist. `rest` starts behind version and random. */
static size_t choose_shape(const struct dissection *dissection, struct reader rest)
{
    const uint8_t *version = rest.data + rest.offset - 34;

    (void)dissection; /* what was negotiated is not known yet */
    return message_draft((uint16_t)(version[0] << 8 | version[1])) <= 21 ? 1 : 0;
}

const struct schema message_server_hello[] = {
    NAMED(HELLO, "legacy_version", 2, VERSION),
    BYTES(HELLO, "random", 32),
    CHOICE(choose_shape, shapes),
    END,
};

/* A ServerHello on the wire, but its fields mean something else. */
#define RETRY "handshake.hello_retry_request"

const struct schema message_hello_retry_request[] = {
    NAMED(RETRY, "legacy_version", 2, VERSION),
    BYTES(RETRY, "random", 32),
    SHORT_VECTOR(RETRY, "session_id", 0, 32),
    NAMED(RETRY, "cipher_suite", 2, CIPHER_SUITE),
    NAMED(RETRY, "compression_method", 1, COMPRESSION_METHOD),
    EXTENSIONS(RETRY),
    END,
};

/* Until draft 21 a message of its own (type 6): the version, since draft 19 a suite, extensions. */
static const struct schema retry_suite[] = {NAMED(RETRY, "cipher_suite", 2, CIPHER_SUITE), END};
static const struct schema *const retry_suites[] = {retry_suite, schema_empty, NULL};

/* `rest` starts behind the version. */
static size_t choose_retry_suite(const struct dissection *dissection, struct reader rest)
{
    const uint8_t *version = rest.data + rest.offset - 2;

    (void)dissection; /* what was negotiated is not known yet */
    return message_draft((uint16_t)(version[0] << 8 | version[1])) < 19 ? 1 : 0;
}

const struct schema message_draft_retry[] = {
    NAMED(RETRY, "legacy_version", 2, VERSION),
    CHOICE(choose_retry_suite, retry_suites),
    EXTENSIONS(RETRY),
    END,
};

const struct schema message_encrypted_extensions[] = {
    EXTENSIONS("handshake.encrypted_extensions"),
    END,
};
