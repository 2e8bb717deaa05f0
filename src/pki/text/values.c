/* Bytes, numbers, times. */
#include <inttypes.h>
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

void show_hex(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        buffer_printf(out, "%02X", bytes.data[i]);
    }
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

int show_bit_names(struct buffer *out, struct pki_slice content, const char *const *names)
{
    int count = 0;

    if (content.length == 0 || content.data[0] > 7) {
        return -1;
    }
    for (size_t i = 0; names[i] != NULL && 1 + i / 8 < content.length; i++) {
        if ((content.data[1 + i / 8] & (0x80u >> i % 8)) != 0) {
            buffer_printf(out, "%s%s", count == 0 ? "" : ", ", names[i]);
            count++;
        }
    }
    return count;
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

/* An INTEGER's content taken apart. */
struct integer {
    bool negative;
    struct pki_slice magnitude; /* without leading zeros */
    struct buffer scratch;      /* where it lies when it is not in the content as it is */
};

/* False, and `*failed`, when memory ran out; else scratch is to be freed. */
static bool integer_read(struct integer *out, struct pki_slice content, bool *failed)
{
    unsigned carry = 1;

    *out = (struct integer){.negative = content.length > 0 && (content.data[0] & 0x80) != 0,
                            .magnitude = content};
    if (out->negative) {
        buffer_append(&out->scratch, content.data, content.length);
        if (out->scratch.failed) {
            *failed = true;
            return false;
        }
        for (size_t i = content.length; i-- > 0;) {
            unsigned byte = (uint8_t)~out->scratch.data[i] + carry;
            out->scratch.data[i] = (uint8_t)byte;
            carry = byte >> 8;
        }
        out->magnitude = (struct pki_slice){out->scratch.data, out->scratch.length};
    }
    out->magnitude = without_leading_zeros(out->magnitude);
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

void show_integer(struct buffer *out, struct pki_slice content)
{
    struct integer integer;

    if (!integer_read(&integer, content, &out->failed)) {
        return;
    }
    buffer_text(out, integer.negative ? "-" : "");
    if (integer.magnitude.length == 0) {
        buffer_u8(out, '0');
    } else if (der_integer_bits(integer.magnitude) <= DECIMAL_BITS) {
        append_decimal(out, integer.magnitude);
    } else {
        buffer_text(out, "0x");
        show_hex(out, integer.magnitude);
    }
    buffer_free(&integer.scratch);
}

void show_integer_hex(struct buffer *out, struct pki_slice content)
{
    struct integer integer;

    if (!integer_read(&integer, content, &out->failed)) {
        return;
    }
    buffer_text(out, integer.negative ? "-" : "");
    show_hex(out, integer.magnitude);
    buffer_text(out, integer.magnitude.length == 0 ? "00" : "");
    buffer_free(&integer.scratch);
}

void show_integer_pairs(struct buffer *out, struct pki_slice content)
{
    static const uint8_t zero[] = {0};
    struct integer integer;

    if (!integer_read(&integer, content, &out->failed)) {
        return;
    }
    show_pairs(out, integer.magnitude.length > 0 ? integer.magnitude
                                                 : (struct pki_slice){zero, sizeof zero});
    buffer_free(&integer.scratch);
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
    struct integer integer;
    uint64_t number;

    if (!integer_read(&integer, content, &out->failed)) {
        return;
    }
    number =
        integer.magnitude.length <= sizeof number ? small_number(integer.magnitude) : UINT64_MAX;
    /* -1 is what OpenSSL's function returns for a number that does not fit, so that is what it takes this one for, too */
    if (number <= (uint64_t)INT64_MAX + integer.negative && !(integer.negative && number == 1)) {
        buffer_printf(out, " %s%" PRIu64 " (%s0x%" PRIx64 ")\n", integer.negative ? "-" : "",
                      number, integer.negative ? "-" : "", number);
    } else {
        buffer_printf(out, "\n%12s%s", "", integer.negative ? " (Negative)" : "");
        show_bytes(out, integer.magnitude, 0, SIZE_MAX);
    }
    buffer_free(&integer.scratch);
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
