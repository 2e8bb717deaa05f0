/* UTF-8, strictly: no overlong forms, no surrogates, nothing past U+10FFFF (RFC 3629). */
#include <string.h>
#include <wchar.h>

#include "tlstep/base.h"

/* Length of a character by its first byte, the bits that byte gives, and the smallest code
 * point that may take so many bytes. */
struct lead {
    uint8_t mask, match;
    uint8_t length;
    uint32_t smallest;
};

static const struct lead leads[] = {
    {0x80, 0x00, 1, 0},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

size_t text_utf8_decode(const void *bytes, size_t length, uint32_t *code_point)
{
    const uint8_t *at = bytes;
    const struct lead *lead = NULL;
    uint32_t value;

    if (length == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if ((at[0] & leads[i].mask) == leads[i].match) {
            lead = &leads[i];
        }
    }
    if (lead == NULL || lead->length > length) {
        return 0;
    }
    value = at[0] & (uint8_t)~lead->mask;
    for (size_t i = 1; i < lead->length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (at[i] & 0x3fu);
    }
    if (value < lead->smallest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return 0;
    }
    *code_point = value;
    return lead->length;
}

bool text_is_utf8(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint32_t code_point;

    for (size_t i = 0; i < length;) {
        size_t taken = text_utf8_decode(at + i, length - i, &code_point);
        if (taken == 0) {
            return false;
        }
        i += taken;
    }
    return true;
}

bool text_utf8_append(struct buffer *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint32_t code_point;
    bool unchanged = true;

    for (size_t i = 0; i < length;) {
        size_t taken = text_utf8_decode(at + i, length - i, &code_point);
        if (taken == 0) {
            buffer_printf(out, "\\x%02x", at[i]);
            unchanged = false;
            taken = 1;
        } else {
            buffer_append(out, at + i, taken);
        }
        i += taken;
    }
    return unchanged;
}

size_t text_width(const char *text)
{
    size_t left = strlen(text);
    size_t width = 0;
    uint32_t code_point;

    while (left > 0) {
        size_t taken = text_utf8_decode(text, left, &code_point);
        int columns = taken == 0 ? 1 : wcwidth((wchar_t)code_point);
        width += columns < 0 ? 1 : (size_t)columns; /* what cannot be shown takes one "?" */
        taken = taken == 0 ? 1 : taken;
        text += taken;
        left -= taken;
    }
    return width;
}
