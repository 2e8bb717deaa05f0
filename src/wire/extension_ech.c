/* Encrypted Client Hello, and its forerunner for the server's name alone: RFC 9849, RFC 9180,
 * draft-ietf-tls-esni-02. */
#include "extension.h"
#include "public_key.h"

#define ECH "extension.encrypted_client_hello"

/* ---- ECHConfigList (RFC 9849 4) -------------------------------------------------------------- */

#define CONFIG ECH ".config"

static const struct schema symmetric_suite[] = {
    NAMED(ECH, "kdf_id", 2, HPKE_KDF),
    NAMED(ECH, "aead_id", 2, HPKE_AEAD),
    END,
};
static const struct schema suite_entry[] = {STRUCT(CONFIG, "cipher_suite", symmetric_suite), END};
static const struct schema config_extension[] = {
    NUMBER(CONFIG, "extension_type", 2),
    VECTOR(CONFIG, "extension_data", 2),
    END,
};
static const struct schema contents[] = {
    NUMBER(CONFIG, "config_id", 1),
    NAMED(CONFIG, "kem_id", 2, HPKE_KEM),
    VECTOR_FROM(CONFIG, "public_key", 2, 1),
    LIST_FROM(CONFIG, "cipher_suites", 2, 4, suite_entry),
    NUMBER(CONFIG, "maximum_name_length", 1),
    TEXT_VECTOR_FROM(CONFIG, "public_name", 1, 1),
    LIST(CONFIG, "extensions", 2, config_extension),
    END,
};
static const struct schema known_version[] = {
    BLOCK(CONFIG, "contents", 2, contents),
    END,
};
static const struct schema unknown_version[] = {VECTOR(CONFIG, "other_contents", 2), END};
static const struct schema *const versions[] = {known_version, unknown_version, NULL};

/* `rest` starts behind the version, which is the code point of the extension. */
static size_t choose_version(const struct dissection *dissection, struct reader rest)
{
    const uint8_t *version = rest.data + rest.offset - 2;

    (void)dissection; /* the bytes decide */
    return version[0] == 0xfe && version[1] == 0x0d ? 0 : 1;
}

static const struct schema config[] = {
    NAMED(CONFIG, "version", 2, EXTENSION),
    CHOICE(choose_version, versions),
    END,
};
static const struct schema config_entry[] = {STRUCT(ECH, "config", config), END};

/* ---- the extension (RFC 9849 5) -------------------------------------------------------------- */

static const struct schema outer[] = {
    STRUCT(ECH, "cipher_suite", symmetric_suite),
    NUMBER(ECH, "config_id", 1),
    VECTOR(ECH, "enc", 2),
    VECTOR_FROM(ECH, "payload", 2, 1),
    END,
};
static const struct schema other_type[] = {OPTIONAL_REST(ECH, "data"), END};
static const struct schema *const types[] = {outer, schema_empty, other_type, NULL};

/* `rest` starts behind the type. */
static size_t choose_type(const struct dissection *dissection, struct reader rest)
{
    uint8_t type = rest.data[rest.offset - 1];

    (void)dissection; /* the bytes decide */
    return type < 2 ? type : 2;
}

static const struct schema client[] = {
    NAMED(ECH, "type", 1, ECH_TYPE),
    CHOICE(choose_type, types),
    END,
};
static const struct schema retry_configs[] = {
    LIST_FROM(ECH, "retry_configs", 2, 4, config_entry),
    END,
};
static const struct schema confirmation[] = {BYTES(ECH, "confirmation", 8), END};
static const struct schema *const shapes[] = {client, confirmation, retry_configs, NULL};

static size_t choose_shape(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    switch (dissection->message) {
    case WIRE_CLIENT_HELLO:
        return 0;
    case WIRE_HELLO_RETRY_REQUEST:
        return 1;
    default:
        return 2;
    }
}

const struct schema extension_encrypted_client_hello[] = {CHOICE(choose_shape, shapes), END};

/* ---- ech_outer_extensions (RFC 9849 5.1): only in the hello that is hidden ----------------------- */

static const struct schema outer_extension[] = {
    NAMED("extension.ech_outer_extensions", "extension_type", 2, EXTENSION),
    END,
};

const struct schema extension_ech_outer_extensions[] = {
    LIST_FROM("extension.ech_outer_extensions", "outer_extensions", 1, 2, outer_extension),
    END,
};

/* ---- encrypted_server_name (draft-ietf-tls-esni-02) ---------------------------------------------- */

#define ESNI "extension.encrypted_server_name"

static const struct schema esni_client[] = {
    NAMED(ESNI, "cipher_suite", 2, CIPHER_SUITE),
    NAMED(ESNI, "group", 2, GROUP),
    PUBLIC_KEY(ESNI, "key_exchange", 2, public_key_of_group),
    VECTOR(ESNI, "record_digest", 2),
    VECTOR(ESNI, "encrypted_sni", 2),
    END,
};
static const struct schema esni_server[] = {BYTES(ESNI, "nonce", 16), END};
static const struct schema *const esni_shapes[] = {esni_client, esni_server, NULL};

const struct schema extension_encrypted_server_name[] = {
    CHOICE(extension_choose_sender, esni_shapes),
    END,
};
