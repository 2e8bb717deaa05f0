/* Object identifiers (X.690 8.19): their names, and as text. */
#include "oid.h"

#include <inttypes.h>
#include <string.h>

/* Bytes of the subidentifier at the start: to the first one whose high bit is clear. */
static size_t subidentifier(const uint8_t *oid, size_t length)
{
    size_t size = 0;

    while (size < length && (oid[size] & 0x80) != 0) {
        size++;
    }
    return size < length ? size + 1 : length;
}

/* By the numbers of their arcs: of two subidentifiers without needless bytes the longer is larger. */
static int compare(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
    while (a_length > 0 && b_length > 0) {
        size_t a_size = subidentifier(a, a_length);
        size_t b_size = subidentifier(b, b_length);
        int order = a_size != b_size ? (a_size < b_size ? -1 : 1) : memcmp(a, b, a_size);
        if (order != 0) {
            return order;
        }
        a += a_size;
        a_length -= a_size;
        b += b_size;
        b_length -= b_size;
    }
    return (a_length > 0) - (b_length > 0);
}

const char *wire_oid_name(const uint8_t *oid, size_t length)
{
    size_t low = 0;
    size_t high = oid_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct oid_entry *entry = &oid_entries[middle];
        int order = compare((const uint8_t *)entry->oid, entry->length, oid, length);
        if (order == 0) {
            return entry->name;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* ---- as text ----------------------------------------------------------------------------------- */

/* Decimal digits, the lowest first; a subidentifier of 19 bytes (a UUID in 2.25) has 39 of them. */
#define DIGITS_MAX 60

struct digits {
    uint8_t digit[DIGITS_MAX];
    size_t count;
};

static bool times_128_plus(struct digits *number, unsigned add)
{
    unsigned carry = add;

    for (size_t i = 0; i < number->count || carry > 0; i++) {
        if (i == DIGITS_MAX) {
            return false;
        }
        number->count = i < number->count ? number->count : i + 1;
        carry += number->digit[i] * 128u;
        number->digit[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    return true;
}

/* Numbers that fit are written by printf, the others digit by digit. */
static bool write_large(char *out, size_t size, const uint8_t *bytes, size_t length)
{
    struct digits number = {0};

    for (size_t i = 0; i < length; i++) {
        if (!times_128_plus(&number, bytes[i] & 0x7f)) {
            return false;
        }
    }
    if (number.count + 1 > size) {
        return false;
    }
    for (size_t i = 0; i < number.count; i++) {
        out[i] = (char)('0' + number.digit[number.count - 1 - i]);
    }
    out[number.count] = '\0';
    return true;
}

static bool write_arc(char *out, size_t size, const uint8_t *bytes, size_t length, bool first)
{
    uint64_t arc = 0;
    unsigned root;
    int written;

    if (length > 9) { /* 63 bits */
        return !first && write_large(out, size, bytes, length);
    }
    for (size_t i = 0; i < length; i++) {
        arc = arc << 7 | (bytes[i] & 0x7f);
    }
    root = arc < 40 ? 0 : (arc < 80 ? 1 : 2); /* the first holds two arcs (8.19.4) */
    written = first ? snprintf(out, size, "%u.%" PRIu64, root, arc - (uint64_t)40 * root)
                    : snprintf(out, size, "%" PRIu64, arc);
    return written > 0 && (size_t)written < size;
}

char *wire_oid_text(char *out, size_t size, const uint8_t *oid, size_t length)
{
    char text[512];
    size_t used = 0;

    for (size_t at = 0; at < length;) {
        size_t arc = subidentifier(oid + at, length - at);
        bool whole = (oid[at + arc - 1] & 0x80) == 0 && oid[at] != 0x80;
        if (!whole) {
            (void)snprintf(out, size, "malformed");
            return out;
        }
        if (used > 0) {
            text[used++] = '.';
        }
        if (!write_arc(text + used, sizeof text - used - sizeof "…", oid + at, arc, at == 0)) {
            (void)snprintf(text + used, sizeof text - used, "…");
            return text_safe(out, size, text, strlen(text));
        }
        used += strlen(text + used);
        at += arc;
    }
    return used == 0 ? text_safe(out, size, "malformed", 9) : text_safe(out, size, text, used);
}
