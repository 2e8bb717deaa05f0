/* Distinguished names. */
#include <stdlib.h>
#include <string.h>

#include "name.h"

/* ---- walking --------------------------------------------------------------------------- */

struct name_walk name_walk_new(struct pki_slice name)
{
    struct reader whole = reader_new(name.data, name.length);
    return (struct name_walk){.rdns = der_enter(&whole, DER_SEQUENCE)};
}

bool name_walk_next(struct name_walk *walk, struct name_part *part)
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

/* A string value as UTF-8; where the certificate says UTF-8 or ASCII: its bytes as they are.
 * `scratch` holds what had to be converted. False when it is no character string. */
static bool string_value(const struct der *value, struct buffer *scratch, struct pki_slice *out)
{
    switch (value->tag) {
    case DER_TELETEX_STRING:
    case DER_BMP_STRING:
    case DER_UNIVERSAL_STRING:
        break;
    case DER_UTF8_STRING:
    case DER_PRINTABLE_STRING:
    case DER_IA5_STRING:
    case DER_NUMERIC_STRING:
    case DER_VISIBLE_STRING:
        *out = value->content; /* no conversion, so no copy */
        return true;
    default:
        return false;
    }
    scratch->length = 0;
    if (!wire_der_string(scratch, value->tag, value->content.data, value->content.length)) {
        return false;
    }
    *out = (struct pki_slice){scratch->data, scratch->length};
    return true;
}

void append_without_zeros(struct buffer *out, struct pki_slice bytes)
{
    while (bytes.length > 0) {
        const uint8_t *zero = memchr(bytes.data, 0, bytes.length);
        size_t before = zero != NULL ? (size_t)(zero - bytes.data) : bytes.length;

        buffer_append(out, bytes.data, before);
        if (zero == NULL) {
            return;
        }
        buffer_text(out, "\\x00");
        bytes.data += before + 1;
        bytes.length -= before + 1;
    }
}

/* ---- as text (RFC 4514) ---------------------------------------------------------------- */

/* RFC 4514 2.4: what would be taken for syntax gets a backslash. */
static void append_escaped(struct buffer *out, struct pki_slice text)
{
    static const bool special[256] = {[0] = true,   ['"'] = true, ['+'] = true, [','] = true,
                                      [';'] = true, ['<'] = true, ['>'] = true, ['\\'] = true};
    size_t plain = 0; /* where what has not been written yet begins */

    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        bool at_edge = (c == ' ' && (i == 0 || i + 1 == text.length)) || (c == '#' && i == 0);
        if (!at_edge && !special[c]) {
            continue;
        }
        buffer_append(out, text.data + plain, i - plain);
        buffer_u8(out, '\\');
        if (c == 0) {
            buffer_text(out, "00");
        } else {
            buffer_u8(out, c);
        }
        plain = i + 1;
    }
    if (plain < text.length) {
        buffer_append(out, text.data + plain, text.length - plain);
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
    const char *name = wire_attribute_name(part->type.data, part->type.length);
    struct buffer scratch = {0};
    struct pki_slice text;

    if (name != NULL && string_value(&part->value, &scratch, &text)) {
        buffer_text(out, name);
        buffer_u8(out, '=');
        append_escaped(out, text);
    } else {
        char oid[128];
        buffer_text(out, name != NULL
                             ? name
                             : wire_oid_text(oid, sizeof oid, part->type.data, part->type.length));
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
        if (slice_is(part.type, "\x55\x04\x03")) {
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

/* Equal parts have equal bytes. Lengths keep neighbours apart. */
static void append_canonical_part(struct buffer *out, const struct name_part *part,
                                  struct buffer *scratch)
{
    struct pki_slice text;
    size_t start;

    buffer_u8(out, part->starts_rdn ? ',' : '+');
    buffer_u32(out, (uint32_t)part->type.length);
    buffer_append(out, part->type.data, part->type.length);
    start = out->length;
    if (string_value(&part->value, scratch, &text)) {
        append_folded(out, text);
    } else {
        buffer_append(out, part->value.whole.data, part->value.whole.length);
    }
    buffer_u32(out, (uint32_t)(out->length - start));
}

/* A form in which equal names have equal bytes. */
static void append_canonical(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;
    struct buffer scratch = {0};

    while (name_walk_next(&walk, &part)) {
        append_canonical_part(out, &part, &scratch);
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

static bool parts_equal(const struct name_part *a, const struct name_part *b, bool *failed)
{
    struct buffer scratch = {0}, canonical_a = {0}, canonical_b = {0};
    bool equal;

    append_canonical_part(&canonical_a, a, &scratch);
    append_canonical_part(&canonical_b, b, &scratch);
    *failed |= canonical_a.failed || canonical_b.failed || scratch.failed;
    equal = !*failed && slice_equal((struct pki_slice){canonical_a.data, canonical_a.length},
                                    (struct pki_slice){canonical_b.data, canonical_b.length});
    buffer_free(&scratch);
    buffer_free(&canonical_a);
    buffer_free(&canonical_b);
    return equal;
}

bool name_is_within(struct pki_slice name, struct pki_slice base, bool *failed)
{
    struct name_walk names = name_walk_new(name);
    struct name_walk bases = name_walk_new(base);
    struct name_part part, wanted;

    while (name_walk_next(&bases, &wanted)) {
        if (!name_walk_next(&names, &part) || !slice_equal(part.type, wanted.type) ||
            !parts_equal(&part, &wanted, failed)) {
            return false;
        }
    }
    /* The last RelativeDistinguishedName must be there as a whole. */
    return !bases.rdns.failed && (!name_walk_next(&names, &part) || part.starts_rdn);
}
