/* Distinguished names in OpenSSL's two forms. */
#include "../name.h"

#include <string.h>

#include "text.h"

/* ---- "C = DE, O = x" --------------------------------------------------------------------- */

/* Characters that a value has to be quoted for (RFC 2253 2.4): anywhere, at its beginning, at its end. To OpenSSL the last character
 * is not the first one, too. */
static bool asks_for_quotes(uint8_t byte, bool first, bool last)
{
    return (byte != '\0' && strchr("+,;<>", byte) != NULL) || (byte == ' ' && (first || last)) ||
           (byte == '#' && first && !last);
}

/* Appends the characters; true when the value needs quotes. Every byte beyond ASCII is escaped. */
static bool append_escaped(struct buffer *out, struct pki_slice text)
{
    bool quotes = false;

    for (size_t i = 0; i < text.length; i++) {
        uint8_t byte = text.data[i];
        if (byte < ' ' || byte > '~') {
            buffer_printf(out, "\\%02X", byte);
            continue;
        }
        if (byte == '"' || byte == '\\') {
            buffer_u8(out, '\\');
        }
        quotes |= asks_for_quotes(byte, i == 0, i + 1 == text.length);
        buffer_u8(out, byte);
    }
    return quotes;
}

static bool is_string(uint8_t tag)
{
    static const uint8_t tags[] = {
        DER_UTF8_STRING, DER_NUMERIC_STRING,   DER_PRINTABLE_STRING, DER_TELETEX_STRING,
        DER_IA5_STRING,  DER_UTC_TIME,         DER_GENERALIZED_TIME, DER_VISIBLE_STRING,
        DER_BMP_STRING,  DER_UNIVERSAL_STRING,
    };

    return memchr(tags, tag, sizeof tags) != NULL;
}

/* Bytes that each are a character, in UTF-8. */
static void append_latin(struct buffer *out, struct pki_slice bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        uint8_t byte = bytes.data[i];
        if (byte >= 0x80) {
            buffer_u8(out, (uint8_t)(0xc0 | byte >> 6));
            byte = 0x80 | (byte & 0x3f);
        }
        buffer_u8(out, byte);
    }
}

static bool is_wide(uint8_t tag)
{
    return tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING;
}

static bool append_value(struct buffer *out, const struct der *value)
{
    struct buffer utf8 = {0}, shown = {0};
    struct pki_slice text = value->content;
    bool fine = true, quotes;

    if (!is_string(value->tag)) {
        buffer_u8(out, '#'); /* what is no character string stands as its DER */
        show_hex(out, value->whole);
        return true;
    }
    if (is_wide(value->tag)) {
        fine = wire_der_string(&utf8, value->tag, text.data, text.length);
        text = (struct pki_slice){utf8.data, utf8.length};
    } else if (value->tag != DER_UTF8_STRING) {
        append_latin(&utf8, text);
        text = (struct pki_slice){utf8.data, utf8.length};
    }
    quotes = append_escaped(&shown, text);
    if (fine) {
        buffer_text(out, quotes ? "\"" : "");
        buffer_append(out, shown.data, shown.length);
        buffer_text(out, quotes ? "\"" : "");
    }
    out->failed |= utf8.failed || shown.failed;
    buffer_free(&utf8);
    buffer_free(&shown);
    return fine;
}

static bool show_parts(struct buffer *out, struct name_walk *walk)
{
    struct name_part part;
    bool first = true;

    while (name_walk_next(walk, &part)) {
        buffer_text(out, first ? "" : part.starts_rdn ? ", " : " + ");
        first = false;
        show_attribute(out, part.type);
        buffer_text(out, " = ");
        if (!append_value(out, &part.value)) {
            return false;
        }
    }
    return !walk->rdns.failed;
}

bool show_name(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    return show_parts(out, &walk);
}

bool show_rdn(struct buffer *out, struct pki_slice rdn)
{
    struct name_walk walk = {.rdns = reader_new("", 0), .rdn = reader_new(rdn.data, rdn.length)};
    return rdn.length == 0 || show_parts(out, &walk);
}

/* ---- "/C=DE/O=x" ------------------------------------------------------------------------- */

bool show_name_slashes(struct buffer *out, struct pki_slice name)
{
    struct name_walk walk = name_walk_new(name);
    struct name_part part;

    while (name_walk_next(&walk, &part)) {
        buffer_u8(out, '/');
        show_attribute(out, part.type);
        buffer_u8(out, '=');
        for (size_t i = 0; i < part.value.content.length; i++) {
            uint8_t byte = part.value.content.data[i];
            if (byte < ' ' || byte > '~') {
                buffer_printf(out, "\\x%02X", byte);
                continue;
            }
            buffer_text(out, byte == '/' || byte == '+' ? "\\" : "");
            buffer_u8(out, byte);
        }
    }
    return !walk.rdns.failed;
}
