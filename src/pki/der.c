/* DER, read strictly: wire reads the values, here they must be what was asked for. */
#include <string.h>

#include "der.h"

struct der der_any(struct reader *reader)
{
    struct wire_der value;

    if (!wire_der_next(reader, &value)) {
        return (struct der){0};
    }
    return (struct der){.tag = value.tag,
                        .content = {value.content, value.length},
                        .whole = {value.whole, value.whole_length}};
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

/* The first bit of the first byte behind the number of unused ones is bit 0 (X.690 8.6.2). */
unsigned der_named_bits(struct pki_slice content)
{
    unsigned bits = 0;

    for (size_t bit = 0; bit < 9 && 1 + bit / 8 < content.length; bit++) {
        if ((content.data[1 + bit / 8] & (0x80u >> bit % 8)) != 0) {
            bits |= 1u << bit;
        }
    }
    return bits;
}

int64_t der_time(struct reader *reader)
{
    bool generalized = der_is_next(reader, DER_GENERALIZED_TIME);
    struct der value = der_value(reader, generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME);
    int64_t seconds = 0;

    if (!wire_der_time(value.tag, value.content.data, value.content.length, &seconds)) {
        reader->failed = true;
    }
    return seconds;
}

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

struct pki_slice slice_at(const struct buffer *bytes, size_t offset, size_t length)
{
    return (struct pki_slice){length > 0 ? bytes->data + offset : NULL, length};
}

struct pki_slice slice_after(struct pki_slice slice, size_t count)
{
    return (struct pki_slice){slice.data + count, slice.length - count};
}

struct pki_slice slice_of_text(const char *text)
{
    return (struct pki_slice){(const uint8_t *)text, strlen(text)};
}

bool slice_equal(struct pki_slice a, struct pki_slice b)
{
    return a.length == b.length && slice_compare(a, b) == 0;
}

int slice_compare(struct pki_slice a, struct pki_slice b)
{
    if (a.length != b.length) {
        return a.length < b.length ? -1 : 1;
    }
    return a.length == 0 ? 0 : memcmp(a.data, b.data, a.length);
}
