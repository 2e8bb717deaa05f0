/* Distinguished names. */
#include <stdlib.h>
#include <string.h>

#include "name.h"

/* ---- walking --------------------------------------------------------------------------- */

/* One AttributeTypeAndValue of a Name. */
struct name_part {
    struct pki_slice type;
    struct der value;
    bool starts_rdn; /* the first of its RelativeDistinguishedName */
};

struct name_walk {
    struct reader rdns;
    struct reader rdn;
};

static struct name_walk name_walk_new(struct pki_slice name)
{
    struct reader whole = reader_new(name.data, name.length);
    return (struct name_walk){.rdns = der_enter(&whole, DER_SEQUENCE)};
}

/* The next part. False at the end, or, with `rdns.failed`, at the first malformed one. */
static bool name_walk_next(struct name_walk *walk, struct name_part *part)
{
    struct reader pair;

    part->starts_rdn = reader_left(&walk->rdn) == 0;
    if (part->starts_rdn) {
        if (reader_left(&walk->rdns) == 0) {
            return false;
        }
        walk->rdn = der_enter(&walk->rdns, DER_SET);
    }
    pair = der_enter(&walk->rdn, DER_SEQUENCE);
    part->type = der_value(&pair, DER_OID).content;
    part->value = der_any(&pair);
    if (walk->rdn.failed || !der_done(&pair)) {
        walk->rdns.failed = true;
        return false;
    }
    return true;
}

struct pki_slice name_read(struct reader *reader)
{
    struct pki_slice name = der_value(reader, DER_SEQUENCE).whole;
    struct name_walk walk = name_walk_new(name);
    struct name_part part;

    while (name_walk_next(&walk, &part)) {
    }
    if (walk.rdns.failed) {
        reader->failed = true;
    }
    return name;
}

/* ---- strings --------------------------------------------------------------------------- */

static void append_code_point(struct buffer *out, uint32_t code)
{
    if (code >= 0x110000 || (code >= 0xd800 && code < 0xe000)) {
        code = 0xfffd; /* not a character: shown as one that stands for it */
    }
    if (code < 0x80) {
        buffer_u8(out, (uint8_t)code);
        return;
    }
    if (code < 0x800) {
        buffer_u8(out, (uint8_t)(0xc0 | code >> 6));
    } else if (code < 0x10000) {
        buffer_u8(out, (uint8_t)(0xe0 | code >> 12));
        buffer_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
    } else {
        buffer_u8(out, (uint8_t)(0xf0 | code >> 18));
        buffer_u8(out, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
        buffer_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
    }
    buffer_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
}

/* Characters of a fixed width: TeletexString (read as Latin-1, which is what issuers mean by it),
 * BMPString, UniversalString. */
static bool append_wide(struct buffer *out, struct pki_slice content, size_t width)
{
    if (content.length % width != 0) {
        return false;
    }
    for (size_t i = 0; i < content.length; i += width) {
        uint32_t code = 0;
        for (size_t j = 0; j < width; j++) {
            code = code << 8 | content.data[i + j];
        }
        append_code_point(out, code);
    }
    return true;
}

/* A string value as UTF-8; where the certificate says UTF-8 or ASCII: its bytes as they are.
 * `scratch` holds what had to be converted. False when it is no character string. */
static bool string_value(const struct der *value, struct buffer *scratch, struct pki_slice *out)
{
    size_t width;

    switch (value->tag) {
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_NUMERIC_STRING:
    case DER_VISIBLE_STRING:
        *out = value->content;
        return true;
    case DER_TELETEX_STRING:
        width = 1;
        break;
    case DER_BMP_STRING:
        width = 2;
        break;
    case DER_UNIVERSAL_STRING:
        width = 4;
        break;
    default:
        return false;
    }
    scratch->length = 0;
    if (!append_wide(scratch, value->content, width)) {
        return false;
    }
    *out = (struct pki_slice){scratch->data, scratch->length};
    return true;
}

void append_without_zeros(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.data[i] == 0) {
            buffer_text(out, "\\x00");
        } else {
            buffer_u8(out, bytes.data[i]);
        }
    }
}

/* ---- as text (RFC 4514) ---------------------------------------------------------------- */

#define ID_AT           "\x55\x04"
#define ID_PKCS9        "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define ID_UCL          "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01"
#define ID_JURISDICTION "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01"

/* Short names: RFC 4514 3 and IANA's registry of LDAP descriptors; the last four are not in it
 * but in everyone's output (CA/Browser Forum EV guidelines 9.2). */
static const struct {
    const char *oid;
    const char *name;
} attribute_names[] = {
    {ID_AT "\x03", "CN"},
    {ID_AT "\x04", "SN"},
    {ID_AT "\x05", "serialNumber"},
    {ID_AT "\x06", "C"},
    {ID_AT "\x07", "L"},
    {ID_AT "\x08", "ST"},
    {ID_AT "\x09", "street"},
    {ID_AT "\x0a", "O"},
    {ID_AT "\x0b", "OU"},
    {ID_AT "\x0c", "title"},
    {ID_AT "\x0d", "description"},
    {ID_AT "\x0f", "businessCategory"},
    {ID_AT "\x11", "postalCode"},
    {ID_AT "\x29", "name"},
    {ID_AT "\x2a", "GN"},
    {ID_AT "\x2b", "initials"},
    {ID_AT "\x2c", "generationQualifier"},
    {ID_AT "\x2e", "dnQualifier"},
    {ID_AT "\x41", "pseudonym"},
    {ID_AT "\x61", "organizationIdentifier"},
    {ID_UCL "\x01", "UID"},
    {ID_UCL "\x19", "DC"},
    {ID_PKCS9 "\x01", "emailAddress"},
    {ID_PKCS9 "\x02", "unstructuredName"},
    {ID_JURISDICTION "\x01", "jurisdictionL"},
    {ID_JURISDICTION "\x02", "jurisdictionST"},
    {ID_JURISDICTION "\x03", "jurisdictionC"},
};

static const char *attribute_name(struct pki_slice type)
{
    for (size_t i = 0; i < sizeof attribute_names / sizeof attribute_names[0]; i++) {
        const char *oid = attribute_names[i].oid;
        if (slice_equal(type, (struct pki_slice){(const uint8_t *)oid, strlen(oid)})) {
            return attribute_names[i].name;
        }
    }
    return NULL;
}

/* RFC 4514 2.4: what would be taken for syntax gets a backslash. */
static void append_escaped(struct buffer *out, struct pki_slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool at_edge = (c == ' ' && (i == 0 || i + 1 == text.length)) || (c == '#' && i == 0);
        if (c == 0) {
            buffer_text(out, "\\00");
        } else if (at_edge || strchr("\"+,;<>\\", c) != NULL) {
            buffer_u8(out, '\\');
            buffer_u8(out, c);
        } else {
            buffer_u8(out, c);
        }
    }
}

static void append_hex(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        buffer_printf(out, "%02x", bytes.data[i]);
    }
}

/* RFC 4514 2.3, 2.4: a value whose type or syntax has no string form is '#' and its DER in hex. */
static void append_part(struct buffer *out, const struct name_part *part)
{
    const char *name = attribute_name(part->type);
    struct buffer scratch = {0};
    struct pki_slice text;

    if (name != NULL && string_value(&part->value, &scratch, &text)) {
        buffer_text(out, name);
        buffer_u8(out, '=');
        append_escaped(out, text);
    } else {
        char oid[128];
        buffer_text(out, name != NULL ? name : der_oid_text(oid, sizeof oid, part->type));
        buffer_text(out, "=#");
        append_hex(out, part->value.whole);
    }
    out->failed |= scratch.failed;
    buffer_free(&scratch);
}

void name_append_text(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;
    struct name_part *parts = NULL;
    size_t count = 0, capacity = 0;

    while (name_walk_next(&walk, &part)) {
        struct name_part *grown = array_grow(parts, &capacity, count + 1, sizeof *parts);
        if (grown == NULL) {
            out->failed = true;
            break;
        }
        parts = grown;
        parts[count++] = part;
    }
    for (size_t i = count; i-- > 0;) {
        append_part(out, &parts[i]);
        if (i > 0) {
            buffer_u8(out, parts[i].starts_rdn ? ',' : '+');
        }
    }
    free(parts);
}

bool name_append_common_name(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;
    struct der last = {0};
    struct buffer scratch = {0};
    struct pki_slice text;
    bool found;

    while (name_walk_next(&walk, &part)) {
        if (slice_is(part.type, ID_AT "\x03")) {
            last = part.value;
        }
    }
    found = string_value(&last, &scratch, &text) && text.length > 0;
    if (found) {
        append_without_zeros(out, text);
    }
    out->failed |= scratch.failed;
    buffer_free(&scratch);
    return found;
}

/* ---- comparison ------------------------------------------------------------------------ */

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Lower case, one space between words, none at the ends. */
static void append_folded(struct buffer *out, struct pki_slice text)
{
    bool pending_space = false;
    size_t start = out->length;

    if (!buffer_reserve(out, text.length)) {
        return;
    }
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (is_space(c)) {
            pending_space = out->length > start;
            continue;
        }
        if (pending_space) {
            out->data[out->length++] = ' '; /* in place of at least one that was skipped */
            pending_space = false;
        }
        out->data[out->length++] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
}

/* A form in which equal names have equal bytes. Lengths keep neighbours apart. */
static void append_canonical(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;
    struct buffer scratch = {0};
    struct pki_slice text;

    while (name_walk_next(&walk, &part)) {
        size_t start;
        buffer_u8(out, part.starts_rdn ? ',' : '+');
        buffer_u32(out, (uint32_t)part.type.length);
        buffer_append(out, part.type.data, part.type.length);
        start = out->length;
        if (string_value(&part.value, &scratch, &text)) {
            append_folded(out, text);
        } else {
            buffer_append(out, part.value.whole.data, part.value.whole.length);
        }
        buffer_u32(out, (uint32_t)(out->length - start));
    }
    out->failed |= scratch.failed;
    buffer_free(&scratch);
}

bool name_equal(struct pki_slice a, struct pki_slice b, bool *failed)
{
    struct buffer canonical_a = {0}, canonical_b = {0};
    bool equal;

    if (slice_equal(a, b)) {
        return true;
    }
    append_canonical(&canonical_a, a);
    append_canonical(&canonical_b, b);
    *failed |= canonical_a.failed || canonical_b.failed;
    equal = !*failed && slice_equal((struct pki_slice){canonical_a.data, canonical_a.length},
                                    (struct pki_slice){canonical_b.data, canonical_b.length});
    buffer_free(&canonical_a);
    buffer_free(&canonical_b);
    return equal;
}

uint64_t name_hash(struct pki_slice name, bool *failed)
{
    struct buffer canonical = {0};
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

    append_canonical(&canonical, name);
    for (size_t i = 0; i < canonical.length; i++) {
        hash = (hash ^ canonical.data[i]) * 0x100000001b3u;
    }
    *failed |= canonical.failed;
    buffer_free(&canonical);
    return hash;
}
