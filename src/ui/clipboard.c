/* OSC 52. */
#include <string.h>

#include "clipboard.h"

bool ui_clipboard_exists(const char *term)
{
    static const char *const without[] = {"linux", "vt", "ansi", "cons", "dumb", "sun", "wy"};

    if (term == NULL || term[0] == '\0') {
        return false;
    }
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        if (strncmp(term, without[i], strlen(without[i])) == 0) {
            return false;
        }
    }
    return true;
}

/* RFC 4648 section 4. */
static void append_base64(struct buffer *out, const uint8_t *data, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t bits = (uint32_t)data[i] << 16;
        bits |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
        bits |= left > 2 ? data[i + 2] : 0;
        buffer_u8(out, (uint8_t)digits[bits >> 18]);
        buffer_u8(out, (uint8_t)digits[bits >> 12 & 63]);
        buffer_u8(out, left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=');
        buffer_u8(out, left > 2 ? (uint8_t)digits[bits & 63] : '=');
    }
}

#define BEGIN "\033]52;c;"
#define END   "\a"

bool ui_clipboard_sequence(struct buffer *out, const void *data, size_t length, bool tmux)
{
    size_t before = out->length;

    if (length > UI_CLIPBOARD_MAX / 4 * 3 - sizeof BEGIN - sizeof END) {
        return false;
    }
    buffer_text(out, BEGIN);
    append_base64(out, data, length);
    buffer_text(out, END);
    if (tmux) { /* tmux(1), allow-passthrough: every ESC inside is doubled */
        buffer_text(out, "\033Ptmux;\033" BEGIN);
        append_base64(out, data, length);
        buffer_text(out, END "\033\\");
    }
    if (out->failed) {
        out->length = before;
    }
    return !out->failed;
}
