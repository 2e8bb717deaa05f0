/* Records: RFC 8446 5, RFC 5246 6.2, RFC 7366, RFC 6101 5.2. Their header, how a protected fragment is
 * built, and what was inside of it. */
#include "message.h"

/* ---- the record -------------------------------------------------------------------------------- */

static const struct wire_field_type record_root = SCHEMA_PATH("record", "record", GROUP);
static const struct wire_field_type protected_fragment =
    SCHEMA_PATH("record.fragment", "fragment", GROUP);
static const struct wire_field_type iv = SCHEMA_PATH("record.iv", "IV", BYTES);
static const struct wire_field_type explicit_nonce =
    SCHEMA_PATH("record.explicit_nonce", "explicit nonce", BYTES);
static const struct wire_field_type ciphertext =
    SCHEMA_PATH("record.ciphertext", "ciphertext", BYTES);
static const struct wire_field_type tag = SCHEMA_PATH("record.tag", "authentication tag", BYTES);
static const struct wire_field_type mac = SCHEMA_PATH("record.mac", "MAC", BYTES);

static const struct schema header[] = {
    NAMED("record", "content_type", 1, CONTENT_TYPE),
    NAMED("record", "version", 2, VERSION),
    END,
};
static const struct schema fragment[] = {
    {
        .layout = LAYOUT_VECTOR,
        .size = 2,
        .type = SCHEMA_PATH("record.fragment", "fragment", BYTES),
        .length_type = SCHEMA_PATH("record.length", "length", NUMBER),
    },
    END,
};
static const struct schema open_record[] = {SEQUENCE(header), SEQUENCE(fragment), END};
static const struct schema ssl2_record[] = {
    SEQUENCE(message_ssl2_length),
    REST("record", "fragment"),
    END,
};

/* A leaf of `length` bytes, or of what is left. */
static void add_part(struct dissection *dissection, const struct wire_field_type *type,
                     size_t length, struct reader *reader, uint16_t depth)
{
    size_t left = reader_left(reader);

    if (length > left) {
        length = left;
    }
    schema_add(dissection, type, reader->offset, length, depth);
    reader->offset += length;
}

/* RFC 5246 6.2.3.2, 6.2.3.3: IV or nonce, ciphertext, tag. RFC 7366 3: a MAC behind the ciphertext. */
static void dissect_fragment(struct dissection *dissection, const struct wire_layout *layout,
                             struct reader *inside)
{
    size_t behind = layout->aead ? layout->tag : layout->encrypt_then_mac ? layout->mac : 0;
    size_t left = reader_left(inside);

    if (left < (size_t)layout->iv + behind) {
        schema_add_rest(dissection, &error_truncated, inside, 2);
        return;
    }
    if (layout->iv > 0) {
        add_part(dissection, layout->aead ? &explicit_nonce : &iv, layout->iv, inside, 2);
    }
    add_part(dissection, &ciphertext, left - layout->iv - behind, inside, 2);
    if (behind > 0) {
        add_part(dissection, layout->aead ? &tag : &mac, behind, inside, 2);
    }
}

static void dissect_protected(struct dissection *dissection, const struct wire_layout *layout,
                              struct reader *reader)
{
    struct reader inside;
    size_t group;

    if (!schema_run(dissection, header, reader, 1) ||
        !schema_enter(dissection, fragment, reader, &inside, 1)) {
        return;
    }
    group = schema_add(dissection, &protected_fragment, inside.offset, 0, 1);
    dissect_fragment(dissection, layout, &inside);
    schema_close(dissection, group, reader->offset);
    if (reader_left(reader) > 0) {
        schema_add_rest(dissection, &error_trailing, reader, 1);
    }
}

int wire_record_dissect(struct wire_tree *tree, const struct wire_layout *layout,
                        const uint8_t *data, size_t length)
{
    const struct wire_context context = {0};
    struct dissection dissection = {.tree = tree, .context = &context};
    struct reader reader = reader_new(data, length);
    size_t root;

    schema_start(tree, data, length);
    root = schema_add(&dissection, &record_root, 0, 0, 0);
    if (length > 0 &&
        (data[0] & 0x80) != 0) { /* no record of TLS begins so: an SSL 2 ClientHello */
        schema_run_all(&dissection, ssl2_record, &reader, 1);
    } else if (layout != NULL && layout->is_protected) {
        dissect_protected(&dissection, layout, &reader);
    } else {
        schema_run_all(&dissection, open_record, &reader, 1);
    }
    schema_close(&dissection, root, length);
    return tree->failed ? -1 : 0;
}

/* ---- what was decrypted ------------------------------------------------------------------------ */

static const struct wire_field_type plaintext_root = SCHEMA_PATH("plaintext", "plaintext", GROUP);
static const struct wire_field_type content = SCHEMA_PATH("plaintext.content", "content", BYTES);
static const struct wire_field_type content_type = {.path = "plaintext.content_type",
                                                    .path_length =
                                                        sizeof "plaintext.content_type" - 1,
                                                    .name = "content_type",
                                                    .kind = WIRE_FIELD_NAMED,
                                                    .registry = WIRE_REGISTRY_CONTENT_TYPE};
static const struct wire_field_type zeros = SCHEMA_PATH("plaintext.zeros", "zeros", BYTES);
static const struct wire_field_type plaintext_mac = SCHEMA_PATH("plaintext.mac", "MAC", BYTES);
static const struct wire_field_type padding = SCHEMA_PATH("plaintext.padding", "padding", BYTES);
static const struct wire_field_type padding_length =
    SCHEMA_PATH("plaintext.padding_length", "padding_length", NUMBER);

/* RFC 8446 5.2: TLSInnerPlaintext. */
static void dissect_inner13(struct dissection *dissection, const struct wire_layout *layout,
                            struct reader *reader)
{
    if (reader_left(reader) > 0) {
        add_part(dissection, &content_type, 1, reader, 1);
    }
    if (layout->padding > 0) {
        add_part(dissection, &zeros, layout->padding, reader, 1);
    }
}

/* RFC 5246 6.2.3.1, 6.2.3.2: MAC, padding and the padding's length, where the suite has them. */
static void dissect_inner12(struct dissection *dissection, const struct wire_layout *layout,
                            struct reader *reader)
{
    if (layout->mac > 0 && !layout->encrypt_then_mac) {
        add_part(dissection, &plaintext_mac, layout->mac, reader, 1);
    }
    if (layout->padding > 1) {
        add_part(dissection, &padding, layout->padding - 1, reader, 1);
    }
    if (layout->padding > 0) {
        add_part(dissection, &padding_length, 1, reader, 1);
    }
}

int wire_plaintext_dissect(struct wire_tree *tree, const struct wire_layout *layout,
                           const uint8_t *data, size_t length)
{
    const struct wire_context context = {0};
    struct dissection dissection = {.tree = tree, .context = &context};
    struct reader reader = reader_new(data, length);
    size_t root;

    schema_start(tree, data, length);
    root = schema_add(&dissection, &plaintext_root, 0, 0, 0);
    add_part(&dissection, &content, layout->is_protected ? layout->content : length, &reader, 1);
    if (layout->is_protected && wire_version_is_tls13(layout->version)) {
        dissect_inner13(&dissection, layout, &reader);
    } else if (layout->is_protected) {
        dissect_inner12(&dissection, layout, &reader);
    }
    if (reader_left(&reader) > 0) {
        schema_add_rest(&dissection, &error_trailing, &reader, 1);
    }
    schema_close(&dissection, root, length);
    return tree->failed ? -1 : 0;
}

void record_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    static const struct wire_field_type *const types[] = {
        &record_root, &protected_fragment, &iv,      &explicit_nonce, &ciphertext, &tag,
        &mac,         &plaintext_root,     &content, &content_type,   &zeros,      &plaintext_mac,
        &padding,     &padding_length,
    };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        visit(types[i], user);
    }
    schema_visit(open_record, visit, user);
    schema_visit(ssl2_record, visit, user);
}
