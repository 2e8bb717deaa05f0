/* Text made safe for a terminal, hexadecimal, and small helpers on strings. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tlstep/base.h"

static const char ellipsis[] = "…";

/* ---- safe text ------------------------------------------------------------------------- */

struct range {
    uint32_t first, last;
};

/* Characters that change how their neighbours are read, or cannot be seen at all: they are shown
 * by their number. Bidirectional controls (Unicode UAX 9), zero-width characters, line and
 * paragraph separators, tags, variation selectors, interlinear marks, noncharacters. */
static const struct range unsafe[] = {
    {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
    {0xe000, 0xf8ff}, {0xfdd0, 0xfdef}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x1d173, 0x1d17a}, {0x1fffe, 0x1ffff}, {0xe0000, 0x10ffff},
};

static bool is_unsafe(uint32_t code_point)
{
    if (code_point < unsafe[0].first) {
        return false; /* nearly all there is */
    }
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++) {
        if (code_point >= unsafe[i].first && code_point <= unsafe[i].last) {
            return true;
        }
    }
    return false;
}

bool text_is_safe(uint32_t code_point)
{
    bool control = code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
    return !control && !is_unsafe(code_point);
}

/* The longest form is "\u{10ffff}"; the rest is what the compiler cannot rule out. */
#define SAFE_MAX 16

/* Writes the shown form of the first character of `bytes`; returns how many bytes it took. */
static size_t show_character(char out[SAFE_MAX], const uint8_t *bytes, size_t length)
{
    uint32_t code_point = 0;
    size_t taken = text_utf8_decode(bytes, length, &code_point);

    if (taken == 0) {
        (void)snprintf(out, SAFE_MAX, "\\x%02x", bytes[0]);
        return 1;
    }
    if (code_point == '\n' || code_point == '\t' || code_point == '\r') {
        (void)snprintf(out, SAFE_MAX, "\\%c",
                       code_point == '\n' ? 'n' : (code_point == '\t' ? 't' : 'r'));
    } else if (code_point < 0x20 || code_point == 0x7f) {
        (void)snprintf(out, SAFE_MAX, "\\x%02x", (unsigned)code_point);
    } else if (!text_is_safe(code_point)) {
        (void)snprintf(out, SAFE_MAX, "\\u{%x}", (unsigned)code_point);
    } else {
        memcpy(out, bytes, taken);
        out[taken] = '\0';
    }
    return taken;
}

/* How many bytes from here on are shown as they are and one by one: printable ASCII, nearly all there is. */
static size_t plain_run(const uint8_t *bytes, size_t length)
{
    size_t run = 0;

    while (run < length && bytes[run] >= 0x20 && bytes[run] < 0x7f) {
        run++;
    }
    return run;
}

char *text_safe(char *out, size_t size, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    char shown[SAFE_MAX];
    size_t used, cut; /* `cut`: where the ellipsis goes when it turns out that not all fits */

    if (size == 0) {
        return out;
    }
    used = plain_run(at, length < size ? length : size - 1);
    if (used > 0) {
        memcpy(out, at, used);
    }
    cut = size > sizeof ellipsis ? size - sizeof ellipsis : 0;
    cut = used < cut ? used : cut;
    for (size_t i = used; i < length;) {
        size_t taken = show_character(shown, at + i, length - i);
        size_t shown_length = strlen(shown);
        if (shown_length >= size - used) {
            size_t mark = sizeof ellipsis <= size - cut ? sizeof ellipsis - 1 : 0;
            memcpy(out + cut, ellipsis, mark);
            used = cut + mark;
            break;
        }
        memcpy(out + used, shown, shown_length);
        used += shown_length;
        if (used + sizeof ellipsis <= size) {
            cut = used;
        }
        i += taken;
    }
    out[used] = '\0';
    return out;
}

void text_safe_append(struct buffer *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    char shown[SAFE_MAX];

    for (size_t i = 0; i < length;) {
        size_t run = plain_run(at + i, length - i);
        buffer_append(out, at + i, run);
        i += run;
        if (i < length) {
            i += show_character(shown, at + i, length - i);
            buffer_text(out, shown);
        }
    }
}

/* ---- hexadecimal ----------------------------------------------------------------------- */

char *text_hex(char *out, size_t size, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *at = bytes;
    size_t fit = length;
    size_t used = 0;

    if (size == 0) {
        return out;
    }
    if (length > (size - 1) / 2) {
        fit = size > sizeof ellipsis ? (size - sizeof ellipsis) / 2 : 0;
    }
    for (size_t i = 0; i < fit; i++) {
        out[used++] = digits[at[i] >> 4];
        out[used++] = digits[at[i] & 15];
    }
    if (fit < length && sizeof ellipsis <= size - used) {
        memcpy(out + used, ellipsis, sizeof ellipsis - 1);
        used += sizeof ellipsis - 1;
    }
    out[used] = '\0';
    return out;
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

long text_unhex(uint8_t *out, size_t size, const char *hex, size_t length)
{
    if (length % 2 != 0 || length / 2 > size) {
        return -1;
    }
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(hex[2 * i]);
        int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0) {
            return -1;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return (long)(length / 2);
}

/* ---- strings --------------------------------------------------------------------------- */

char *text_grouped(char *out, size_t size, uint64_t value)
{
    char plain[24];
    size_t length = (size_t)snprintf(plain, sizeof plain, "%" PRIu64, value);
    size_t used = 0;

    for (size_t i = 0; i < length && used + 1 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[used++] = ' ';
        }
        if (used + 1 < size) {
            out[used++] = plain[i];
        }
    }
    if (size > 0) {
        out[used] = '\0';
    }
    return out;
}

static char lower_ascii(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

bool text_equal_nocase(const char *text, const char *other)
{
    while (*text != '\0' && lower_ascii(*text) == lower_ascii(*other)) {
        text++;
        other++;
    }
    return lower_ascii(*text) == lower_ascii(*other);
}

char *text_duplicate(const char *text, size_t length)
{
    size_t size;
    char *copy = size_add(length, 1, &size) ? malloc(size) : NULL;

    if (copy != NULL) {
        if (length > 0) {
            memcpy(copy, text, length);
        }
        copy[length] = '\0';
    }
    return copy;
}

int text_each_line(const char *lines, const char *doing,
                   int (*use)(void *context, const char *line, struct err *err), void *context,
                   struct err *err)
{
    while (lines != NULL && *lines != '\0') {
        size_t length = strcspn(lines, "\n");
        char *line = text_duplicate(lines, length);
        int status = line != NULL ? use(context, line, err) : err_memory(err, doing);

        secret_free(line, line != NULL ? length : 0);
        if (status != 0) {
            return -1;
        }
        lines += length + (lines[length] == '\n');
    }
    return 0;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    char *text = NULL;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    return length < 0 ? NULL : text;
}

void text_unescape(struct buffer *out, const char *text)
{
    static const struct {
        char letter, byte;
    } escapes[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};

    while (*text != '\0') {
        uint8_t byte = (uint8_t)*text;
        size_t used = 1;

        for (size_t i = 0; text[0] == '\\' && i < sizeof escapes / sizeof escapes[0]; i++) {
            if (text[1] == escapes[i].letter) {
                byte = (uint8_t)escapes[i].byte;
                used = 2;
            }
        }
        if (text[0] == '\\' && text[1] == 'x' &&
            text_unhex(&byte, 1, text + 2, strnlen(text + 2, 2)) == 1) {
            used = 4;
        }
        buffer_u8(out, byte);
        text += used;
    }
}
