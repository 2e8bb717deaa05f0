/* Fields as text. */
#include <inttypes.h>
#include <string.h>

#include "der.h"
#include "extension.h"
#include "message.h"
#include "public_key.h"
#include "registry.h"

/* ---- leaves -------------------------------------------------------------------------------- */

/* Beyond the registries, whose values have four bytes at most. */
static bool is_huge(uint64_t value)
{
    return value > UINT32_MAX;
}

static void write_huge(char *out, size_t size, const struct wire_field_type *type, uint64_t value)
{
    bool grease = type->registry == WIRE_REGISTRY_QUIC_PARAMETER && value % 31 == 27;
    (void)snprintf(out, size, "%s (0x%" PRIx64 ")", grease ? "GREASE" : "unknown", value);
}

static void write_named(char *out, size_t size, const struct wire_field_type *type, uint64_t value)
{
    const char *name = is_huge(value) ? NULL : wire_registry_name(type->registry, (uint32_t)value);
    char number[16];

    if (is_huge(value)) {
        write_huge(out, size, type, value);
    } else if (name == NULL) { /* that text has the number already */
        wire_registry_text(out, size, type->registry, (uint32_t)value);
    } else {
        registry_number(number, sizeof number, type->registry, (uint32_t)value);
        (void)snprintf(out, size, "%s (%s)", name, number);
    }
}

/* "300 bytes claimed": of a length that goes past the end. */
static void write_claim(char *out, size_t size, const uint8_t *bytes, size_t length)
{
    unsigned long claimed = 0;

    for (size_t i = 0; i < length; i++) {
        claimed = claimed << 8 | bytes[i];
    }
    (void)snprintf(out, size, "%lu bytes claimed", claimed);
}

static void write_bytes(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const uint8_t *bytes = field->length == 0 ? (const uint8_t *)"" : tree->data + field->offset;

    text_hex(out, size, bytes, field->length);
}

/* RFC 8701 2 reserves protocols of two bytes, too. */
static bool is_grease_protocol(const struct wire_field_type *type, const uint8_t *bytes,
                               size_t length)
{
    return type->kind == WIRE_FIELD_TEXT && length == 2 && strcmp(type->name, "protocol") == 0 &&
           wire_is_grease((uint32_t)bytes[0] << 8 | bytes[1]);
}

static void write_leaf(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    const uint8_t *bytes = field->length == 0 ? (const uint8_t *)"" : tree->data + field->offset;
    uint64_t value;

    if (field->type == &error_length || field->type == &error_range) {
        write_claim(out, size, bytes, field->length);
    } else if (is_grease_protocol(field->type, bytes, field->length)) {
        (void)snprintf(out, size, "GREASE (0x%02x%02x)", bytes[0], bytes[1]);
    } else if (field->type->kind == WIRE_FIELD_TEXT) {
        text_safe(out, size, bytes, field->length);
    } else if (field->length > 0 && packet_field_value(out, size, field->type, bytes)) {
        return;
    } else if (!wire_field_number(tree, index, &value)) {
        write_bytes(out, size, tree, index);
    } else if (field->type->kind == WIRE_FIELD_NAMED) {
        write_named(out, size, field->type, value);
    } else {
        (void)snprintf(out, size, "%" PRIu64, value);
    }
}

/* ---- groups -------------------------------------------------------------------------------- */

static bool is_length(const struct wire_field_type *type)
{
    static const char suffix[] = ".length";
    size_t length = strlen(type->path);
    return length >= sizeof suffix - 1 &&
           strcmp(type->path + length - (sizeof suffix - 1), suffix) == 0;
}

static bool is_extension_group(const struct wire_field_type *type)
{
    return type->kind == WIRE_FIELD_GROUP && strncmp(type->path, "extension.", 10) == 0 &&
           strchr(type->path + 10, '.') == NULL;
}

/* What a field adds to the summary of the groups around it: names, texts, numbers. */
static void append_part(struct buffer *summary, const struct wire_tree *tree, size_t index)
{
    const struct wire_field_type *type = tree->fields[index].type;
    char part[120] = "";
    uint64_t value;

    if (type->kind == WIRE_FIELD_ERROR) {
        (void)snprintf(part, sizeof part, "malformed: %s", type->name);
    } else if (type->kind == WIRE_FIELD_TEXT) {
        write_leaf(part, sizeof part, tree, index);
    } else if (type->kind == WIRE_FIELD_NAMED && wire_field_number(tree, index, &value)) {
        if (is_huge(value)) {
            write_huge(part, sizeof part, type, value);
        } else {
            wire_registry_text(part, sizeof part, type->registry, (uint32_t)value);
        }
    } else if (type->kind == WIRE_FIELD_NUMBER && !is_length(type)) {
        write_leaf(part, sizeof part, tree, index);
    }
    if (part[0] != '\0') {
        buffer_printf(summary, "%s%s", summary->length > 0 ? ", " : "", part);
    }
}

/* What a structure of DER says of itself. */
static void append_structure(struct buffer *summary, const struct wire_tree *tree, size_t group,
                             size_t enough)
{
    struct buffer said = {0};

    der_group_append(&said, tree, group, enough);
    if (said.length > 0 && !said.failed) {
        buffer_text(summary, summary->length > 0 ? ", " : "");
        buffer_append(summary, said.data, said.length);
    }
    buffer_free(&said);
}

/* The names of the extensions of a list; of anything else what its leaves add. More than `enough`
 * bytes are not wanted. */
static void summarise(struct buffer *summary, const struct wire_tree *tree, size_t group,
                      size_t enough)
{
    size_t end = group + wire_tree_span(tree, group);
    bool names_only = !is_extension_group(tree->fields[group].type);

    for (size_t i = group + 1; i < end && summary->length <= enough; i++) {
        const struct wire_field_type *type = tree->fields[i].type;
        if (der_is_group(tree, i)) {
            append_structure(summary, tree, i, enough);
            i += wire_tree_span(tree, i) - 1;
        } else if (public_key_is_group(tree, i)) { /* as bytes, which add nothing */
            i += wire_tree_span(tree, i) - 1;
        } else if (names_only && is_extension_group(type)) {
            buffer_printf(summary, "%s%s", summary->length > 0 ? ", " : "", type->name);
            i += wire_tree_span(tree, i) - 1;
        } else if (!extension_is_header(type)) {
            append_part(summary, tree, i);
        }
    }
}

static void write_group(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    struct buffer summary = {0};

    out[0] = '\0';
    if (tree->fields[index].depth == 0) { /* a whole message has no one-line summary */
        return;
    }
    summarise(&summary, tree, index, size);
    if (!summary.failed && summary.length > 0) {
        text_safe(out, size, summary.data,
                  summary.length); /* cut at a character, with an ellipsis */
    }
    buffer_free(&summary);
}

char *wire_field_value(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    if (size == 0) {
        return out;
    }
    if (der_is_field(tree, index) || der_is_group(tree, index)) {
        der_field_value(out, size, tree, index);
    } else if (public_key_is_group(tree, index)) {
        write_bytes(out, size, tree, index);
    } else if (tree->fields[index].type->kind == WIRE_FIELD_GROUP) {
        write_group(out, size, tree, index);
    } else {
        write_leaf(out, size, tree, index);
    }
    return out;
}
