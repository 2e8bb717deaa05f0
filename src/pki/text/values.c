/* Bytes, numbers, times. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

/* OpenSSL writes larger numbers in hexadecimal. */
#define DECIMAL_BITS 127
#define NUMBER_WIDTH 15

void show_indent(struct buffer *out, unsigned indent)
{
    buffer_printf(out, "%*s", (int)indent, "");
}

void show_safe(struct buffer *out, struct pki_slice bytes)
{
    text_safe_append(out, bytes.data, bytes.length);
}

void show_pairs(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        buffer_printf(out, "%s%02X", i == 0 ? "" : ":", bytes.data[i]);
    }
}

void show_bytes(struct buffer *out, struct pki_slice bytes, unsigned indent, size_t width)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (i % width == 0) {
            buffer_text(out, i > 0 ? "\n" : "");
            show_indent(out, indent);
        }
        buffer_printf(out, "%02x%s", bytes.data[i], i + 1 == bytes.length ? "" : ":");
    }
    buffer_u8(out, '\n');
}

/* ---- numbers ------------------------------------------------------------------------------- */

static struct pki_slice without_leading_zeros(struct pki_slice bytes)
{
    while (bytes.length > 0 && bytes.data[0] == 0) {
        bytes.data++;
        bytes.length--;
    }
    return bytes;
}

/* An INTEGER's magnitude without leading zeros, in `scratch` where it is not in the content as it is. False: out of memory. */
static bool read_magnitude(struct buffer *scratch, struct pki_slice content, bool *negative,
                           struct pki_slice *magnitude)
{
    unsigned carry = 1;

    *negative = content.length > 0 && (content.data[0] & 0x80) != 0;
    *magnitude = content;
    if (*negative) {
        buffer_append(scratch, content.data, content.length);
        if (scratch->failed) {
            return false;
        }
        for (size_t i = content.length; i-- > 0;) {
            unsigned byte = (uint8_t)~scratch->data[i] + carry;
            scratch->data[i] = (uint8_t)byte;
            carry = byte >> 8;
        }
        *magnitude = (struct pki_slice){scratch->data, scratch->length};
    }
    *magnitude = without_leading_zeros(*magnitude);
    return true;
}

/* At most DECIMAL_BITS bits: long division by ten, the last digit first. */
static void append_decimal(struct buffer *out, struct pki_slice magnitude)
{
    uint8_t number[DECIMAL_BITS / 8 + 1];
    char digits[3 * sizeof number + 1];
    size_t at = sizeof digits - 1;
    bool more;

    memcpy(number, magnitude.data, magnitude.length);
    digits[at] = '\0';
    do {
        unsigned rest = 0;
        more = false;
        for (size_t i = 0; i < magnitude.length; i++) {
            unsigned part = rest << 8 | number[i];
            number[i] = (uint8_t)(part / 10);
            rest = part % 10;
            more |= number[i] != 0;
        }
        digits[--at] = (char)('0' + rest);
    } while (more);
    buffer_text(out, digits + at);
}

static void append_hex(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        buffer_printf(out, "%02X", bytes.data[i]);
    }
    buffer_text(out, bytes.length == 0 ? "00" : "");
}

void show_integer(struct buffer *out, struct pki_slice content)
{
    struct buffer scratch = {0};
    struct pki_slice magnitude;
    bool negative;

    if (!read_magnitude(&scratch, content, &negative, &magnitude)) {
        out->failed = true;
        return;
    }
    buffer_text(out, negative ? "-" : "");
    if (magnitude.length == 0) {
        buffer_u8(out, '0');
    } else if (der_integer_bits(magnitude) <= DECIMAL_BITS) {
        append_decimal(out, magnitude);
    } else {
        buffer_text(out, "0x");
        append_hex(out, magnitude);
    }
    buffer_free(&scratch);
}

void show_integer_hex(struct buffer *out, struct pki_slice content)
{
    struct buffer scratch = {0};
    struct pki_slice magnitude;
    bool negative;

    if (!read_magnitude(&scratch, content, &negative, &magnitude)) {
        out->failed = true;
        return;
    }
    buffer_text(out, negative ? "-" : "");
    append_hex(out, magnitude);
    buffer_free(&scratch);
}

void show_integer_pairs(struct buffer *out, struct pki_slice content)
{
    static const uint8_t zero[] = {0};
    struct buffer scratch = {0};
    struct pki_slice magnitude;
    bool negative;

    if (!read_magnitude(&scratch, content, &negative, &magnitude)) {
        out->failed = true;
        return;
    }
    show_pairs(out, magnitude.length > 0 ? magnitude : (struct pki_slice){zero, sizeof zero});
    buffer_free(&scratch);
}

static uint64_t small_number(struct pki_slice magnitude)
{
    uint64_t number = 0;

    for (size_t i = 0; i < magnitude.length; i++) {
        number = number << 8 | magnitude.data[i];
    }
    return number;
}

void show_number(struct buffer *out, unsigned indent, const char *label, struct pki_slice magnitude)
{
    struct buffer padded = {0};
    uint64_t small;

    magnitude = without_leading_zeros(magnitude);
    show_indent(out, indent);
    if (magnitude.length <= sizeof small) {
        small = small_number(magnitude);
        buffer_printf(out, small == 0 ? "%s 0\n" : "%s %" PRIu64 " (0x%" PRIx64 ")\n", label, small,
                      small);
        return;
    }
    buffer_printf(out, "%s\n", label);
    if ((magnitude.data[0] & 0x80) != 0) {
        buffer_u8(&padded, 0);
    }
    buffer_append(&padded, magnitude.data, magnitude.length);
    show_bytes(out, (struct pki_slice){padded.data, padded.length}, indent + 4, NUMBER_WIDTH);
    out->failed |= padded.failed;
    buffer_free(&padded);
}

void show_serial(struct buffer *out, struct pki_slice content)
{
    struct buffer scratch = {0};
    struct pki_slice magnitude;
    bool negative;
    uint64_t number;

    if (!read_magnitude(&scratch, content, &negative, &magnitude)) {
        out->failed = true;
        return;
    }
    number = magnitude.length <= sizeof number ? small_number(magnitude) : UINT64_MAX;
    /* -1 is what OpenSSL's function returns for a number that does not fit, so that is what it takes this one for, too */
    if (number <= (uint64_t)INT64_MAX + negative && !(negative && number == 1)) {
        buffer_printf(out, " %s%" PRIu64 " (%s0x%" PRIx64 ")\n", negative ? "-" : "", number,
                      negative ? "-" : "", number);
    } else {
        buffer_printf(out, "\n%12s%s", "", negative ? " (Negative)" : "");
        show_bytes(out, magnitude, 0, SIZE_MAX);
    }
    buffer_free(&scratch);
}

/* ---- times ----------------------------------------------------------------------------------- */

void show_time(struct buffer *out, int64_t seconds, int milliseconds)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t time = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&time, &tm) == NULL) {
        buffer_text(out, "Bad time value");
        return;
    }
    buffer_printf(out, "%s %2d %02d:%02d:%02d", months[tm.tm_mon], tm.tm_mday, tm.tm_hour,
                  tm.tm_min, tm.tm_sec);
    if (milliseconds >= 0) {
        buffer_printf(out, ".%03d", milliseconds);
    }
    buffer_printf(out, " %d GMT", tm.tm_year + 1900);
}
