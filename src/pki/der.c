/* DER, read strictly. */
#include <inttypes.h>
#include <string.h>

#include "der.h"

/* Length octets (X.690 8.1.3, 10.1): definite, in as few bytes as possible. */
static size_t read_length(struct reader *reader)
{
    uint8_t first = reader_u8(reader);
    size_t octets = first & 0x7f;
    size_t length = 0;

    if (first < 0x80) {
        return first;
    }
    if (octets == 0 || octets > 4) {
        reader->failed = true; /* indefinite, or larger than any certificate */
        return 0;
    }
    for (size_t i = 0; i < octets; i++) {
        length = length << 8 | reader_u8(reader);
    }
    if (length < 0x80 || length >> (8 * (octets - 1)) == 0) {
        reader->failed = true;
    }
    return length;
}

struct der der_any(struct reader *reader)
{
    struct reader at = *reader;
    struct der value = {0};
    size_t length;

    value.tag = reader_u8(&at);
    if ((value.tag & 0x1f) == 0x1f) {
        at.failed = true;
    }
    length = read_length(&at);
    value.content.data = reader_bytes(&at, length);
    if (at.failed) {
        reader->failed = true;
        return (struct der){0};
    }
    value.content.length = length;
    value.whole.data = reader->data + reader->offset;
    value.whole.length = at.offset - reader->offset;
    *reader = at;
    return value;
}

bool der_is_next(const struct reader *reader, uint8_t tag)
{
    return reader_left(reader) > 0 && reader->data[reader->offset] == tag;
}

struct der der_value(struct reader *reader, uint8_t tag)
{
    if (!der_is_next(reader, tag)) {
        reader->failed = true;
        return (struct der){0};
    }
    return der_any(reader);
}

struct reader der_enter(struct reader *reader, uint8_t tag)
{
    struct der value = der_value(reader, tag);
    struct reader inner = reader_new(value.content.data, value.content.length);

    inner.failed = reader->failed;
    return inner;
}

bool der_done(const struct reader *reader)
{
    return !reader->failed && reader->offset == reader->length;
}

uint32_t der_small_number(struct reader *reader)
{
    struct pki_slice content = der_value(reader, DER_INTEGER).content;
    uint32_t number = 0;

    if (content.length == 0 || content.length > 4 || (content.data[0] & 0x80) != 0) {
        reader->failed = true;
        return 0;
    }
    for (size_t i = 0; i < content.length; i++) {
        number = number << 8 | content.data[i];
    }
    return number;
}

bool der_boolean(struct reader *reader)
{
    struct pki_slice content = der_value(reader, DER_BOOLEAN).content;

    if (content.length != 1 || (content.data[0] != 0x00 && content.data[0] != 0xff)) {
        reader->failed = true;
        return false;
    }
    return content.data[0] != 0;
}

struct pki_slice der_bit_string(struct reader *reader)
{
    struct pki_slice content = der_value(reader, DER_BIT_STRING).content;

    if (content.length == 0 || content.data[0] != 0) {
        reader->failed = true;
        return (struct pki_slice){0};
    }
    return (struct pki_slice){content.data + 1, content.length - 1};
}

/* ---- time ------------------------------------------------------------------------------ */

/* Two digits at `*at`, which moves on; -1000000 when they are none, which no sum of fields hides. */
static int two_digits(const uint8_t **at)
{
    int tens = (*at)[0] - '0';
    int ones = (*at)[1] - '0';

    *at += 2;
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1000000 : tens * 10 + ones;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 in the Gregorian calendar; the year starts in March so that the leap day
 * is its last one. */
static int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

int64_t der_time(struct reader *reader)
{
    bool generalized = der_is_next(reader, DER_GENERALIZED_TIME);
    struct pki_slice text =
        der_value(reader, generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME).content;
    const uint8_t *at = text.data;
    int year, month, day, hour, minute, second;

    if (text.length != (generalized ? 15 : 13) || text.data[text.length - 1] != 'Z') {
        reader->failed = true;
        return 0;
    }
    year = two_digits(&at);
    if (generalized) {
        year = year * 100 + two_digits(&at);
    } else {
        year += year < 50 ? 2000 : 1900; /* RFC 5280 4.1.2.5.1 */
    }
    month = two_digits(&at);
    day = two_digits(&at);
    hour = two_digits(&at);
    minute = two_digits(&at);
    second = two_digits(&at);
    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
        reader->failed = true;
        return 0;
    }
    return ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
}

/* ---- numbers and names ----------------------------------------------------------------- */

unsigned der_integer_bits(struct pki_slice content)
{
    size_t bits;

    while (content.length > 0 && content.data[0] == 0) {
        content.data++;
        content.length--;
    }
    if (content.length == 0 || content.length > UINT32_MAX / 8) {
        return 0;
    }
    bits = content.length * 8;
    for (uint8_t top = content.data[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1)) {
        bits--;
    }
    return (unsigned)bits;
}

/* One arc, in front of it a dot; the first subidentifier holds two (X.690 8.19.4). */
static size_t arc_print(char *out, size_t size, uint64_t arc, bool first)
{
    unsigned root = arc < 40 ? 0 : (arc < 80 ? 1 : 2);
    int length = first ? snprintf(out, size, "%u.%" PRIu64, root, arc - (uint64_t)40 * root)
                       : snprintf(out, size, ".%" PRIu64, arc);

    return length < 0 ? size : (size_t)length;
}

char *der_oid_text(char *out, size_t size, struct pki_slice oid)
{
    char text[256];
    size_t used = 0, length;
    uint64_t arc = 0;

    for (size_t i = 0; i < oid.length; i++) {
        bool too_large = arc >> 56 != 0; /* than anyone's registry: not worth big numbers */
        arc = arc << 7 | (oid.data[i] & 0x7f);
        if ((oid.data[i] & 0x80) != 0 && !too_large) {
            continue;
        }
        length =
            too_large ? sizeof text : arc_print(text + used, sizeof text - used, arc, used == 0);
        if (length + sizeof "…" > sizeof text - used) {
            (void)snprintf(text + used, sizeof text - used, "…");
            used += strlen(text + used);
            break;
        }
        used += length;
        arc = 0;
    }
    return text_safe(out, size, text, used);
}

bool slice_equal(struct pki_slice a, struct pki_slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}
