/* What the hellos agree on. */
#include "hello.h"

#include <stddef.h>
#include <string.h>

/* The paths of a field in the three kinds of hello, which are found by the root of the tree. */
struct hello_paths {
    uint8_t type;
    const char *root;
    const char *version;
    const char *random;
    const char *session_id;
    const char *cipher_suite;
    const char *group;
};

#define PATHS(kind, name, suite, group_path)                                                       \
    {                                                                                              \
        .type = (kind), .root = "handshake." name, .version = "handshake." name ".legacy_version", \
        .random = "handshake." name ".random", .session_id = "handshake." name ".session_id",      \
        .cipher_suite = (suite), .group = (group_path),                                            \
    }

static const struct hello_paths kinds[] = {
    PATHS(WIRE_CLIENT_HELLO, "client_hello", NULL, NULL),
    PATHS(WIRE_SERVER_HELLO, "server_hello", "handshake.server_hello.cipher_suite",
          "extension.key_share.entry.group"),
    PATHS(WIRE_HELLO_RETRY_REQUEST, "hello_retry_request",
          "handshake.hello_retry_request.cipher_suite", "extension.key_share.selected_group"),
};

/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV, RFC 5746 3.3. */
#define RENEGOTIATION_SCSV 0x00ff

bool version_is_tls13(uint16_t version)
{
    return version == WIRE_TLS13 || version >> 8 == 0x7f || version == 0x7e01 || version == 0x7e02;
}

static const struct hello_paths *find_kind(const struct wire_tree *tree)
{
    for (size_t i = 0; tree->count > 0 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(tree->fields[0].type->path, kinds[i].root) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static uint16_t number(const struct wire_tree *tree, const char *path)
{
    uint64_t value = 0;
    return path != NULL && wire_tree_number(tree, path, &value) ? (uint16_t)value : 0;
}

static bool has(const struct wire_tree *tree, const char *path)
{
    return wire_tree_find(tree, path, 0) >= 0;
}

/* The bytes of a field of at most `size`; false when there is none, or it is longer. */
static bool bytes(const struct wire_tree *tree, const char *path, uint8_t *out, size_t size,
                  size_t *length)
{
    long index = wire_tree_find(tree, path, 0);
    if (index < 0 || tree->fields[index].length > size) {
        return false;
    }
    *length = tree->fields[index].length;
    if (*length > 0) {
        memcpy(out, tree->data + tree->fields[index].offset, *length);
    }
    return true;
}

static bool offers_suite(const struct wire_tree *tree, uint16_t suite)
{
    static const char path[] = "handshake.client_hello.cipher_suites.cipher_suite";
    uint64_t value;

    for (long i = wire_tree_find(tree, path, 0); i >= 0;
         i = wire_tree_find(tree, path, (size_t)i + 1)) {
        if (wire_field_number(tree, (size_t)i, &value) && value == suite) {
            return true;
        }
    }
    return false;
}

/* Extensions that say something by being there. */
static const struct {
    const char *name;
    size_t flag;
} flags[] = {
    {"pre_shared_key", offsetof(struct hello, pre_shared_key)},
    {"key_share", offsetof(struct hello, key_share)},
    {"early_data", offsetof(struct hello, early_data)},
    {"extended_master_secret", offsetof(struct hello, extended_master_secret)},
    {"encrypt_then_mac", offsetof(struct hello, encrypt_then_mac)},
    {"renegotiation_info", offsetof(struct hello, secure_renegotiation)},
};

static void read_flags(struct hello *out, const struct wire_tree *tree)
{
    static const char prefix[] = "extension.";
    const size_t before = sizeof prefix - 1;

    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field_type *type = tree->fields[i].type;
        if (type->kind != WIRE_FIELD_GROUP || strncmp(type->path, prefix, before) != 0) {
            continue;
        }
        for (size_t k = 0; k < sizeof flags / sizeof *flags; k++) {
            if (strcmp(type->path + before, flags[k].name) == 0) {
                *(bool *)((char *)out + flags[k].flag) = true;
            }
        }
    }
}

static int read_tree(struct hello *out, const struct wire_tree *tree)
{
    const struct hello_paths *kind = find_kind(tree);
    size_t length;

    if (kind == NULL || !bytes(tree, kind->random, out->random, sizeof out->random, &length) ||
        length != sizeof out->random ||
        (kind->cipher_suite != NULL && !has(tree, kind->cipher_suite))) {
        return 0;
    }
    out->type = kind->type;
    /* RFC 8446 4.2.1: where there is a selected_version, it counts. */
    out->version = number(tree, "extension.supported_versions.selected_version");
    if (out->version == 0) {
        out->version = number(tree, kind->version);
    }
    out->cipher_suite = number(tree, kind->cipher_suite);
    if (out->version == WIRE_TLS12 && out->cipher_suite >> 8 == 0x13) {
        out->version =
            WIRE_TLS13; /* B.4: its suites go with no other; the hello is cut before extensions */
    }
    out->group = number(tree, kind->group);
    (void)bytes(tree, kind->session_id, out->session_id, sizeof out->session_id,
                &out->session_id_length); /* without one, or with too long a one, none */
    read_flags(out, tree);
    out->secure_renegotiation = out->secure_renegotiation || offers_suite(tree, RENEGOTIATION_SCSV);
    return 1;
}

/* draft-ietf-tls-tls13-21 4.1.3 and older: version, random and suite, without session id and compression
 * method. The groups and extensions of those are left to the dissection. */
static bool read_old_draft(struct hello *out, const uint8_t *message, size_t length)
{
    struct reader reader = reader_new(message, length);

    if (reader_u8(&reader) != WIRE_SERVER_HELLO) {
        return false;
    }
    (void)reader_u24(&reader); /* the length has been looked at */
    out->version = reader_u16(&reader);
    const uint8_t *random = reader_bytes(&reader, sizeof out->random);
    out->cipher_suite = reader_u16(&reader);
    if (reader.failed || out->version >> 8 != 0x7f) {
        return false;
    }
    out->type = WIRE_SERVER_HELLO;
    memcpy(out->random, random, sizeof out->random);
    out->key_share = true;
    return true;
}

int hello_read(struct hello *out, struct wire_tree *tree, const uint8_t *message, size_t length)
{
    const struct wire_context context = {.shallow = true};

    *out = (struct hello){0};
    if (read_old_draft(out, message, length)) {
        return 1;
    }
    *out = (struct hello){0};
    if (wire_message_dissect(tree, &context, WIRE_HANDSHAKE, message, length) != 0) {
        return -1;
    }
    return read_tree(out, tree);
}

int hello_read_tree(struct hello *out, const struct wire_tree *tree)
{
    *out = (struct hello){0};
    return read_tree(out, tree);
}

int hello_read_ssl2(struct hello *out, const uint8_t *record, size_t length)
{
    struct reader reader = reader_new(record, length);

    *out = (struct hello){.type = WIRE_CLIENT_HELLO};
    (void)reader_bytes(&reader, 3); /* length and type */
    out->version = reader_u16(&reader);
    size_t suites = reader_u16(&reader);
    size_t id = reader_u16(&reader);
    size_t challenge = reader_u16(&reader);
    (void)reader_bytes(&reader, suites);
    const uint8_t *session_id = reader_bytes(&reader, id);
    const uint8_t *random = reader_bytes(&reader, challenge);
    if (reader.failed) {
        return 0;
    }
    if (id <= sizeof out->session_id && id > 0) {
        memcpy(out->session_id, session_id, id);
        out->session_id_length = id;
    }
    /* Zeros fill it up in front; of a longer one the last 32 bytes count. */
    size_t skip = challenge > sizeof out->random ? challenge - sizeof out->random : 0;
    size_t place = sizeof out->random - (challenge - skip);
    if (random != NULL) {
        memcpy(out->random + place, random + skip, challenge - skip);
    }
    return 1;
}
