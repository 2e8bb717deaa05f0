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

void append_hex(struct buffer *out, struct pki_slice bytes)
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

/* A string as it is compared: lower case, one space between words, none at the ends. */
struct folded {
    const uint8_t *at, *end;
    bool begun;
};

/* The next byte of it, or -1. */
static int folded_next(struct folded *text)
{
    const uint8_t *start = text->at;
    uint8_t c;

    while (text->at < text->end && is_space(*text->at)) {
        text->at++;
    }
    if (text->at == text->end) {
        return -1;
    }
    if (text->at > start && text->begun) {
        return ' '; /* in place of at least one that was skipped */
    }
    text->begun = true;
    c = *text->at++;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static struct folded folded_new(struct pki_slice text)
{
    return (struct folded){text.data, text.data + text.length, false};
}

static bool folded_equal(struct pki_slice a, struct pki_slice b)
{
    struct folded left = folded_new(a), right = folded_new(b);
    int c;

    do {
        c = folded_next(&left);
        if (folded_next(&right) != c) {
            return false;
        }
    } while (c >= 0);
    return true;
}

/* Whether two values are the same: strings of any type by their characters, others by their bytes. */
static bool values_equal(const struct der *a, const struct der *b, bool *failed)
{
    struct buffer scratch_a = {0}, scratch_b = {0};
    struct pki_slice text_a, text_b;
    bool equal;

    if (slice_equal(a->whole, b->whole)) {
        return true;
    }
    equal = string_value(a, &scratch_a, &text_a) && string_value(b, &scratch_b, &text_b) &&
            folded_equal(text_a, text_b);
    *failed |= scratch_a.failed || scratch_b.failed;
    buffer_free(&scratch_a);
    buffer_free(&scratch_b);
    return equal && !*failed;
}

static bool parts_equal(const struct name_part *a, const struct name_part *b, bool *failed)
{
    return slice_equal(a->type, b->type) && values_equal(&a->value, &b->value, failed);
}

bool name_equal(struct pki_slice a, struct pki_slice b, bool *failed)
{
    struct name_walk walk_a = name_walk_new(a), walk_b = name_walk_new(b);
    struct name_part part_a, part_b;

    if (slice_equal(a, b)) {
        return true;
    }
    while (name_walk_next(&walk_a, &part_a)) {
        if (!name_walk_next(&walk_b, &part_b) || part_a.starts_rdn != part_b.starts_rdn ||
            !parts_equal(&part_a, &part_b, failed)) {
            return false;
        }
    }
    return !name_walk_next(&walk_b, &part_b) && !walk_a.rdns.failed && !walk_b.rdns.failed;
}

/* ---- hash ------------------------------------------------------------------------------ */

/* FNV-1a. */
static uint64_t hash_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * 0x100000001b3u;
}

static uint64_t hash_bytes(uint64_t hash, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        hash = hash_byte(hash, bytes.data[i]);
    }
    return hash_byte(hash, 0xff); /* keeps neighbours apart: UTF-8 does not have it */
}

static uint64_t hash_folded(uint64_t hash, struct pki_slice text)
{
    struct folded folded = folded_new(text);
    int c;

    while ((c = folded_next(&folded)) >= 0) {
        hash = hash_byte(hash, (uint8_t)c);
    }
    return hash_byte(hash, 0xff);
}

uint64_t name_hash(struct pki_slice name, bool *failed)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;
    struct buffer scratch = {0};
    uint64_t hash = 0xcbf29ce484222325u;

    while (name_walk_next(&walk, &part)) {
        struct pki_slice text;
        hash = hash_bytes(hash_byte(hash, part.starts_rdn ? ',' : '+'), part.type);
        hash = string_value(&part.value, &scratch, &text) ? hash_folded(hash, text)
                                                          : hash_bytes(hash, part.value.whole);
    }
    *failed |= scratch.failed;
    buffer_free(&scratch);
    return hash;
}

/* ---- one within another ---------------------------------------------------------------- */

bool name_is_within(struct pki_slice name, struct pki_slice base, bool *failed)
{
    struct name_walk names = name_walk_new(name);
    struct name_walk bases = name_walk_new(base);
    struct name_part part, wanted;

    while (name_walk_next(&bases, &wanted)) {
        if (!name_walk_next(&names, &part) || part.starts_rdn != wanted.starts_rdn ||
            !parts_equal(&part, &wanted, failed)) {
            return false;
        }
    }
    /* The last RelativeDistinguishedName must be there as a whole. */
    return !bases.rdns.failed && (!name_walk_next(&names, &part) || part.starts_rdn);
}
