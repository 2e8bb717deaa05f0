/* What DER asks of the content of each type (X.690 8, 10, 11). */
#include <string.h>

#include "der.h"

static const struct wire_field_type *check_boolean(struct der_bytes content)
{
    bool good = content.length == 1 && (content.data[0] == 0x00 || content.data[0] == 0xff);
    return good ? NULL : DER_ERROR_TYPE(BOOLEAN); /* 11.1 */
}

static const struct wire_field_type *check_integer(struct der_bytes content)
{
    /* 8.3.2: not all of the first nine bits are the same. */
    bool good = content.length == 1 ||
                (content.length > 1 && !(content.data[0] == 0x00 && content.data[1] < 0x80) &&
                 !(content.data[0] == 0xff && content.data[1] >= 0x80));
    return good ? NULL : DER_ERROR_TYPE(INTEGER);
}

static const struct wire_field_type *check_bits(const struct der_schema *row,
                                                struct der_bytes content)
{
    uint8_t unused, last;

    if (content.length == 0) {
        return DER_ERROR_TYPE(BIT_STRING);
    }
    unused = content.data[0];
    last = content.data[content.length - 1];
    if (content.length == 1) { /* no bits: none are unused (8.6.2.3) */
        return unused == 0 ? NULL : DER_ERROR_TYPE(BIT_STRING);
    }
    /* Unused bits are zero (11.2.1); a list of named ones ends with one that is set (11.2.2). */
    if (unused > 7 || (last & ((1u << unused) - 1)) != 0 ||
        (row->names != NULL && (last >> unused & 1) == 0)) {
        return DER_ERROR_TYPE(BIT_STRING);
    }
    return NULL;
}

bool der_oid_is_valid(struct der_bytes oid)
{
    bool starts = true; /* a subidentifier: 8.19.2 */

    for (size_t i = 0; i < oid.length; i++) {
        if (starts && oid.data[i] == 0x80) {
            return false;
        }
        starts = (oid.data[i] & 0x80) == 0;
    }
    return oid.length > 0 && starts;
}

/* ---- strings ----------------------------------------------------------------------------------- */

static bool is_printable(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(" '()+,-./:=?", c) != NULL);
}

static bool is_numeric(uint8_t c)
{
    return c == ' ' || (c >= '0' && c <= '9');
}

static bool is_ascii(uint8_t c)
{
    return c < 0x80;
}

static bool is_visible(uint8_t c)
{
    return c >= 0x20 && c < 0x7f;
}

static bool all(struct der_bytes content, bool (*is_good)(uint8_t c))
{
    for (size_t i = 0; i < content.length; i++) {
        if (!is_good(content.data[i])) {
            return false;
        }
    }
    return true;
}

static bool string_is_good(uint8_t tag, struct der_bytes content)
{
    switch (tag) {
    case DER_TAG_UTF8_STRING:
        return text_is_utf8(content.data, content.length);
    case DER_TAG_NUMERIC_STRING:
        return all(content, is_numeric);
    case DER_TAG_PRINTABLE_STRING:
        return all(content, is_printable);
    case DER_TAG_TELETEX_STRING:
    case DER_TAG_GENERAL_STRING:
        return true; /* alphabets that switch with escape sequences: every byte has a meaning */
    case DER_TAG_VISIBLE_STRING:
        return all(content, is_visible);
    case DER_TAG_BMP_STRING:
        return content.length % 2 == 0;
    case DER_TAG_UNIVERSAL_STRING:
        return content.length % 4 == 0;
    default:
        return all(content, is_ascii); /* IA5String, also under an implicit tag */
    }
}

/* ---- all of them ------------------------------------------------------------------------------- */

static const struct wire_field_type *check_time(uint8_t tag, struct der_bytes content)
{
    int64_t seconds;
    return wire_der_time(tag, content.data, content.length, &seconds) ? NULL : DER_ERROR_TYPE(TIME);
}

static const struct wire_field_type *check_address(struct der_bytes content)
{
    bool good =
        content.length == 4 || content.length == 8 || content.length == 16 || content.length == 32;
    return good ? NULL : DER_ERROR_TYPE(ADDRESS);
}

const struct wire_field_type *der_check(const struct der_schema *row, uint8_t tag,
                                        struct der_bytes content)
{
    switch (row->type.form) {
    case DER_FORM_BOOLEAN:
        return check_boolean(content);
    case DER_FORM_INTEGER:
    case DER_FORM_SERIAL:
        return check_integer(content);
    case DER_FORM_BITS:
        return check_bits(row, content);
    case DER_FORM_EMPTY:
        return content.length == 0 ? NULL : DER_ERROR_TYPE(NULL);
    case DER_FORM_OID:
        return der_oid_is_valid(content) ? NULL : DER_ERROR_TYPE(OID);
    case DER_FORM_STRING:
        return string_is_good(tag, content) ? NULL : DER_ERROR_TYPE(STRING);
    case DER_FORM_TIME:
        return check_time(tag, content);
    case DER_FORM_ADDRESS:
        return check_address(content);
    default:
        return NULL;
    }
}
