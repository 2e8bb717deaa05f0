/* Fields of DER as text: what each form's content means. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "der.h"

/* Only where the form is that of a row: the type is its first member then. */
static const struct der_schema *row_of(const struct wire_field_type *type)
{
    return (const struct der_schema *)(const void *)type;
}

static struct der_bytes bytes_of(const struct wire_tree *tree, size_t index)
{
    const struct wire_field *field = &tree->fields[index];
    return field->length == 0 ? (struct der_bytes){(const uint8_t *)"", 0}
                              : (struct der_bytes){tree->data + field->offset, field->length};
}

/* ---- tags and lengths -------------------------------------------------------------------------- */

static void append_tag(struct buffer *out, const struct der_head *head)
{
    static const char *const universal[] = {
        [0x01] = "BOOLEAN",
        [0x02] = "INTEGER",
        [0x03] = "BIT STRING",
        [0x04] = "OCTET STRING",
        [0x05] = "NULL",
        [0x06] = "OBJECT IDENTIFIER",
        [0x0a] = "ENUMERATED",
        [0x0c] = "UTF8String",
        [0x10] = "SEQUENCE",
        [0x11] = "SET",
        [0x12] = "NumericString",
        [0x13] = "PrintableString",
        [0x14] = "TeletexString",
        [0x16] = "IA5String",
        [0x17] = "UTCTime",
        [0x18] = "GeneralizedTime",
        [0x1a] = "VisibleString",
        [0x1b] = "GeneralString",
        [0x1c] = "UniversalString",
        [0x1e] = "BMPString",
    };
    static const char *const classes[] = {"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
    bool structured = head->number == 0x10 || head->number == 0x11;

    if (head->tag >> 6 != 0 || head->number >= sizeof universal / sizeof universal[0] ||
        universal[head->number] == NULL) {
        buffer_printf(out, "[%s%u]", classes[head->tag >> 6], (unsigned)head->number);
        return;
    }
    buffer_text(out, universal[head->number]);
    if (structured != ((head->tag & 0x20) != 0)) {
        buffer_text(out, structured ? " (primitive)" : " (constructed)");
    }
}

/* "SEQUENCE, 12 bytes; BIT STRING, 257 bytes, 0 unused bits". What is no tag and length is left out. */
static void append_heads(struct buffer *out, struct der_bytes bytes, size_t enough)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    struct der_head head;

    while (out->length <= enough && der_head_peek(&reader, &head)) {
        buffer_text(out, out->length > 0 ? "; " : "");
        append_tag(out, &head);
        reader.offset += head.size;
        if (head.problem == DER_ERROR_TYPE(INDEFINITE)) {
            buffer_text(out, ", length not given");
        } else {
            buffer_printf(out, ", %zu byte%s", head.claimed, head.claimed == 1 ? "" : "s");
        }
        if (head.tag == DER_TAG_BIT_STRING && reader_left(&reader) > 0) {
            unsigned unused = reader_u8(&reader);
            buffer_printf(out, ", %u unused bit%s", unused, unused == 1 ? "" : "s");
        }
    }
}

/* The tag of the value in a leaf: its header stands before it. 0: there is none. */
static uint8_t tag_of(const struct wire_tree *tree, size_t index)
{
    struct der_bytes bytes;
    struct reader reader;
    struct der_head head;
    uint8_t tag = 0;

    if (index == 0 || !der_is_field(tree, index - 1)) {
        return 0;
    }
    bytes = bytes_of(tree, index - 1);
    reader = reader_new(bytes.data, bytes.length);
    while (der_head_peek(&reader, &head)) {
        tag = head.tag;
        reader.offset += head.size;
        if (tag == DER_TAG_BIT_STRING && reader_left(&reader) > 0) {
            reader.offset++;
        }
    }
    return tag;
}

/* ---- numbers and bits -------------------------------------------------------------------------- */

static const char *name_at(const char *const *names, uint64_t number)
{
    for (uint64_t i = 0; names != NULL && names[i] != NULL; i++) {
        if (i == number) {
            return names[i][0] == '\0' ? NULL : names[i];
        }
    }
    return NULL;
}

static void append_hex(struct buffer *out, struct der_bytes bytes, size_t enough)
{
    for (size_t i = 0; i < bytes.length && out->length <= enough; i++) {
        buffer_printf(out, "%02x", bytes.data[i]);
    }
}

/* The zero byte in front of a number whose first bit is set is no digit. One byte stays. */
static struct der_bytes without_zeros(struct der_bytes bytes)
{
    while (bytes.length > 1 && bytes.data[0] == 0) {
        bytes.data++;
        bytes.length--;
    }
    return bytes;
}

/* Decimal up to four bytes, hexadecimal beyond: such numbers are compared, not counted with. */
static void append_integer(struct buffer *out, const struct der_schema *row, struct der_bytes bytes,
                           bool brief, size_t enough)
{
    bool negative = bytes.length > 0 && (bytes.data[0] & 0x80) != 0;
    int64_t number = negative ? -1 : 0;
    const char *name;

    if (bytes.length == 0) {
        return;
    }
    if (!negative) {
        bytes = without_zeros(bytes);
    }
    if (bytes.length > 4 || row->type.form == DER_FORM_SERIAL) {
        buffer_text(out, negative ? "negative: 0x" : "0x");
        append_hex(out, bytes, enough);
        return;
    }
    for (size_t i = 0; i < bytes.length; i++) {
        number = (int64_t)((uint64_t)number << 8 | bytes.data[i]);
    }
    name = number < 0 ? NULL : name_at(row->names, (uint64_t)number);
    if (name == NULL) {
        buffer_printf(out, "%" PRId64, number);
    } else {
        buffer_printf(out, brief ? "%s" : "%s (%" PRId64 ")", name, number);
    }
}

/* "2048 bits" */
static void append_size(struct buffer *out, struct der_bytes bytes)
{
    size_t bits;

    bytes = without_zeros(bytes);
    bits = bytes.length * 8;
    for (unsigned bit = 0x80; bits > 0 && bit > 0 && (bytes.data[0] & bit) == 0; bit >>= 1) {
        bits--;
    }
    buffer_printf(out, "%zu bits", bits);
}

static void append_bits(struct buffer *out, const struct der_schema *row, struct der_bytes bytes,
                        size_t enough)
{
    size_t start = out->length;

    if (row->names == NULL || bytes.length == 0) {
        bytes.data += bytes.length > 0;
        bytes.length -= bytes.length > 0;
        append_hex(out, bytes, enough);
        return;
    }
    for (size_t bit = 0; bit < (bytes.length - 1) * 8 && out->length <= enough; bit++) {
        const char *name;
        if ((bytes.data[1 + bit / 8] & 0x80 >> bit % 8) == 0) {
            continue;
        }
        buffer_text(out, out->length > start ? ", " : "");
        name = name_at(row->names, bit);
        if (name != NULL) {
            buffer_text(out, name);
        } else {
            buffer_printf(out, "bit %zu", bit);
        }
    }
    if (out->length == start) {
        buffer_text(out, "none");
    }
}

static void append_boolean(struct buffer *out, struct der_bytes bytes)
{
    buffer_text(out, bytes.length == 1 && bytes.data[0] == 0 ? "FALSE" : "TRUE");
    if (bytes.length != 1 || (bytes.data[0] != 0 && bytes.data[0] != 0xff)) {
        buffer_text(out, " (0x");
        append_hex(out, bytes, out->length + 16);
        buffer_text(out, ")");
    }
}

/* ---- identifiers, strings, times, addresses ----------------------------------------------------- */

static void append_oid(struct buffer *out, struct der_bytes bytes, bool brief)
{
    const char *name = wire_oid_name(bytes.data, bytes.length);
    char text[256];

    if (name != NULL && brief) {
        buffer_text(out, name);
        return;
    }
    wire_oid_text(text, sizeof text, bytes.data, bytes.length);
    if (name == NULL) {
        buffer_text(out, text);
    } else {
        buffer_printf(out, "%s (%s)", name, text);
    }
}

/* In the encoding that the tag says; bytes as they are where it says none or is broken. */
static void append_string(struct buffer *out, uint8_t tag, struct der_bytes bytes, size_t enough)
{
    size_t most = 4 * enough + 4; /* bytes of so many characters, one more so that none is cut */
    size_t length = bytes.length < most ? bytes.length : most;

    if (!wire_der_string(out, tag, bytes.data, length)) {
        buffer_append(out, bytes.data, length);
    }
}

static void append_time(struct buffer *out, uint8_t tag, struct der_bytes bytes, bool brief)
{
    char text[40];
    int64_t seconds;

    if (!wire_der_time(tag, bytes.data, bytes.length, &seconds)) {
        buffer_append(out, bytes.data, bytes.length < 64 ? bytes.length : 64);
        return;
    }
    buffer_text(out, time_rfc3339(text, sizeof text, seconds));
    if (!brief) {
        buffer_printf(out, " (%.*s)", (int)bytes.length, (const char *)bytes.data);
    }
}

static void append_milliseconds(struct buffer *out, struct der_bytes bytes)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    uint64_t milliseconds = reader_u64(&reader);
    char text[40];

    if (reader.failed || milliseconds > INT64_MAX / 1000000) {
        append_hex(out, bytes, out->length + 16);
    } else {
        buffer_text(out, time_rfc3339_ms(text, sizeof text, (int64_t)milliseconds * 1000000));
    }
}

/* Four or sixteen bytes, or twice as many: an address and a mask (RFC 5280 4.2.1.10). */
static void append_address(struct buffer *out, struct der_bytes bytes)
{
    bool masked = bytes.length == 8 || bytes.length == 32;
    size_t length = masked ? bytes.length / 2 : bytes.length;
    int family = length == 4 ? AF_INET : AF_INET6;
    char text[INET6_ADDRSTRLEN];

    if (length != 4 && length != 16) {
        append_hex(out, bytes, out->length + 64);
        return;
    }
    for (size_t at = 0; at < bytes.length; at += length) {
        if (inet_ntop(family, bytes.data + at, text, sizeof text) != NULL) {
            buffer_printf(out, "%s%s", at > 0 ? "/" : "", text);
        }
    }
}

/* ---- a field ----------------------------------------------------------------------------------- */

/* `brief`: as part of what a group says. */
static void append_leaf(struct buffer *out, const struct wire_tree *tree, size_t index, bool brief,
                        size_t enough)
{
    const struct wire_field_type *type = tree->fields[index].type;
    struct der_bytes bytes = bytes_of(tree, index);

    switch (type->form) {
    case DER_FORM_HEADER:
    case DER_FORM_ERROR:
        append_heads(out, bytes, enough);
        if (out->length == 0) {
            append_hex(out, bytes, enough);
        }
        break;
    case DER_FORM_BOOLEAN:
        append_boolean(out, bytes);
        break;
    case DER_FORM_INTEGER:
    case DER_FORM_SERIAL:
        append_integer(out, row_of(type), bytes, brief, enough);
        break;
    case DER_FORM_BITS:
        append_bits(out, row_of(type), bytes, enough);
        break;
    case DER_FORM_EMPTY:
        buffer_text(out, "NULL");
        break;
    case DER_FORM_OID:
        append_oid(out, bytes, brief);
        break;
    case DER_FORM_STRING:
        append_string(out, tag_of(tree, index), bytes, enough);
        break;
    case DER_FORM_TIME:
        append_time(out, tag_of(tree, index), bytes, brief);
        break;
    case DER_FORM_ADDRESS:
        append_address(out, bytes);
        break;
    case DER_FORM_MILLISECONDS:
        append_milliseconds(out, bytes);
        break;
    default:
        append_hex(out, bytes, enough);
        break;
    }
}

bool der_is_field(const struct wire_tree *tree, size_t index)
{
    return tree->fields[index].type->form != DER_FORM_NONE;
}

bool der_is_group(const struct wire_tree *tree, size_t index)
{
    const struct wire_field_type *type = tree->fields[index].type;
    return type->kind == WIRE_FIELD_GROUP &&
           (type->form == DER_FORM_GROUP ||
            (index + 1 < tree->count && tree->fields[index + 1].depth > tree->fields[index].depth &&
             der_is_field(tree, index + 1)));
}

bool der_field_number(const struct wire_tree *tree, size_t index, uint64_t *value)
{
    struct der_bytes bytes = bytes_of(tree, index);
    uint8_t form = tree->fields[index].type->form;

    if (bytes.length == 0 ||
        (form != DER_FORM_BOOLEAN && form != DER_FORM_INTEGER && form != DER_FORM_SERIAL)) {
        return false;
    }
    if (form == DER_FORM_BOOLEAN) {
        *value = bytes.length != 1 || bytes.data[0] != 0;
        return true;
    }
    if ((bytes.data[0] & 0x80) != 0) {
        return false;
    }
    bytes = without_zeros(bytes);
    *value = 0;
    for (size_t i = 0; i < bytes.length && i < 8; i++) {
        *value = *value << 8 | bytes.data[i];
    }
    return bytes.length <= 8;
}

/* ---- what a group says ------------------------------------------------------------------------- */

static void append_parts(struct buffer *out, const struct wire_tree *tree, size_t group,
                         size_t enough);

/* Appends the part of one field after a separator. */
static void append_part(struct buffer *out, const struct wire_tree *tree, size_t index,
                        size_t start, size_t enough)
{
    const struct wire_field_type *type = tree->fields[index].type;
    const struct der_schema *row = row_of(type);
    size_t before = out->length;
    size_t named;

    buffer_text(out, out->length > start ? ", " : "");
    if (row->say == DER_SAY_NAME) {
        buffer_text(out, type->name);
        return;
    }
    buffer_text(out, row->label != NULL ? row->label : "");
    named = out->length;
    if (row->say == DER_SAY_SIZE) {
        append_size(out, bytes_of(tree, index));
    } else if (type->form == DER_FORM_GROUP) {
        append_parts(out, tree, index, enough);
    } else {
        append_leaf(out, tree, index, true, enough);
    }
    if (out->length == named) { /* nothing to say, so nothing is said */
        out->length = before;
    }
}

/* A BOOLEAN speaks when it is TRUE, and by its name. */
static void append_flag(struct buffer *out, const struct wire_tree *tree, size_t index,
                        size_t start)
{
    struct der_bytes bytes = bytes_of(tree, index);

    if (bytes.length != 1 || bytes.data[0] != 0) {
        buffer_printf(out, "%s%s", out->length > start ? ", " : "",
                      row_of(tree->fields[index].type)->label);
    }
}

static void append_child(struct buffer *out, const struct wire_tree *tree, size_t index,
                         size_t start, size_t enough)
{
    const struct wire_field_type *type = tree->fields[index].type;

    if (type->form == DER_FORM_MILLISECONDS) { /* of a list of SCTs, which is no DER */
        buffer_text(out, out->length > start ? ", " : "");
        append_leaf(out, tree, index, true, enough);
    } else if (type->form == DER_FORM_NONE || row_of(type)->say == DER_SAY_NOTHING) {
        return;
    } else if (type->form == DER_FORM_BOOLEAN) {
        append_flag(out, tree, index, start);
    } else {
        append_part(out, tree, index, start, enough);
    }
}

static void append_parts(struct buffer *out, const struct wire_tree *tree, size_t group,
                         size_t enough)
{
    uint16_t depth = tree->fields[group].depth;
    size_t start = out->length;

    for (size_t i = group + 1; i < tree->count && tree->fields[i].depth > depth; i++) {
        /* Fields of a structure without rows of its own (SCTs) are looked through. */
        if (tree->fields[i].depth == depth + 1 ||
            tree->fields[i].type->form == DER_FORM_MILLISECONDS) {
            append_child(out, tree, i, start, enough);
        }
        if (out->length > enough) {
            return;
        }
    }
}

/* The first error in a group, however deep. */
static const struct wire_field_type *first_error(const struct wire_tree *tree, size_t group)
{
    uint16_t depth = tree->fields[group].depth;

    for (size_t i = group + 1; i < tree->count && tree->fields[i].depth > depth; i++) {
        if (tree->fields[i].type->kind == WIRE_FIELD_ERROR) {
            return tree->fields[i].type;
        }
    }
    return NULL;
}

void der_group_append(struct buffer *out, const struct wire_tree *tree, size_t group, size_t enough)
{
    const struct wire_field_type *wrong = first_error(tree, group);
    size_t start = out->length;

    if (wrong != NULL) {
        buffer_printf(out, "malformed: %s; ", wrong->name);
    }
    append_parts(out, tree, group, start + enough);
    if (wrong != NULL && out->data != NULL && out->data[out->length - 2] == ';') {
        out->length -= 2;
    }
}

void der_field_value(char *out, size_t size, const struct wire_tree *tree, size_t index)
{
    struct buffer text = {0};

    out[0] = '\0';
    if (tree->fields[index].type->kind == WIRE_FIELD_GROUP) {
        der_group_append(&text, tree, index, size);
    } else {
        append_leaf(&text, tree, index, false, size);
    }
    if (!text.failed && text.length > 0) {
        text_safe(out, size, text.data, text.length); /* cut at a character, with an ellipsis */
    }
    buffer_free(&text);
}
