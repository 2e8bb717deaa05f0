/* Reading single values: what is shared with those who take structures apart for their own ends. */
#include "der.h"

/* Nearly all values have one byte of tag and one of length: no need to look closer. */
static bool next_short(struct reader *reader, struct wire_der *out)
{
    size_t left = reader_left(reader);
    const uint8_t *bytes;

    if (left < 2) {
        return false; /* where nothing is left there may be no data to point into */
    }
    bytes = reader->data + reader->offset;
    if ((bytes[0] & 0x1f) == 0x1f || bytes[1] >= 0x80 || bytes[1] > left - 2) {
        return false;
    }
    *out = (struct wire_der){bytes[0], bytes + 2, bytes[1], bytes, (size_t)bytes[1] + 2};
    reader->offset += out->whole_length;
    return true;
}

bool wire_der_next(struct reader *reader, struct wire_der *out)
{
    struct der_head head;

    if (next_short(reader, out)) {
        return true;
    }
    if (!der_head_peek(reader, &head) || head.problem != NULL || (head.tag & 0x1f) == 0x1f) {
        reader->failed = true;
        *out = (struct wire_der){0};
        return false;
    }
    out->tag = head.tag;
    out->whole = reader->data + reader->offset;
    out->whole_length = head.size + head.content;
    out->content = out->whole + head.size;
    out->length = head.content;
    reader->offset += out->whole_length;
    return true;
}

/* ---- time -------------------------------------------------------------------------------------- */

static bool two_digits(const uint8_t **at, int *number)
{
    uint8_t tens = (uint8_t)((*at)[0] - '0');
    uint8_t ones = (uint8_t)((*at)[1] - '0');

    *at += 2;
    *number = tens * 10 + ones;
    return tens <= 9 && ones <= 9;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 in the Gregorian calendar; the year starts in March so that the leap day is
 * its last one. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

bool wire_der_time(uint8_t tag, const uint8_t *text, size_t length, int64_t *seconds)
{
    enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };
    bool generalized = tag != DER_TAG_UTC_TIME;
    const uint8_t *at = text;
    int part[PARTS];
    int century = 0;

    if (length != (generalized ? 15 : 13) || text[length - 1] != 'Z' ||
        (generalized && !two_digits(&at, &century))) {
        return false;
    }
    for (int i = 0; i < PARTS; i++) {
        if (!two_digits(&at, &part[i])) {
            return false;
        }
    }
    /* RFC 5280 4.1.2.5.1: two digits are of 1950 to 2049. */
    part[YEAR] += generalized ? century * 100 : (part[YEAR] < 50 ? 2000 : 1900);
    if (part[MONTH] < 1 || part[MONTH] > 12 || part[DAY] < 1 ||
        part[DAY] > days_in_month(part[YEAR], part[MONTH]) || part[HOUR] > 23 ||
        part[MINUTE] > 59 || part[SECOND] > 59) {
        return false;
    }
    *seconds = ((days_from_civil(part[YEAR], part[MONTH], part[DAY]) * 24 + part[HOUR]) * 60 +
                part[MINUTE]) *
                   60 +
               part[SECOND];
    return true;
}

/* ---- strings ----------------------------------------------------------------------------------- */

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

/* Characters of a fixed width. */
static bool append_wide(struct buffer *out, size_t width, const uint8_t *bytes, size_t length)
{
    if (length % width != 0) {
        return false;
    }
    for (size_t i = 0; i < length; i += width) {
        uint32_t code = 0;
        for (size_t j = 0; j < width; j++) {
            code = code << 8 | bytes[i + j];
        }
        append_code_point(out, code);
    }
    return true;
}

bool wire_der_string(struct buffer *out, uint8_t tag, const uint8_t *bytes, size_t length)
{
    switch (tag) {
    case DER_TAG_UTF8_STRING:
    case DER_TAG_PRINTABLE_STRING:
    case DER_TAG_IA5_STRING:
    case DER_TAG_NUMERIC_STRING:
    case DER_TAG_VISIBLE_STRING:
        buffer_append(out, bytes, length);
        return true;
    case DER_TAG_TELETEX_STRING: /* read as Latin-1, which is what issuers mean by it */
        return append_wide(out, 1, bytes, length);
    case DER_TAG_BMP_STRING:
        return append_wide(out, 2, bytes, length);
    case DER_TAG_UNIVERSAL_STRING:
        return append_wide(out, 4, bytes, length);
    default:
        return false;
    }
}
