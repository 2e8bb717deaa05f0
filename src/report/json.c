/* JSON values to text, and bytes from outside to JSON strings. */
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "tlstep/report.h"

json_t *report_string_json(const char *text)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_text(&emit, NULL, text);
    return emit_parse(&out);
}

/* "\u202e"; beyond 16 bits as two surrogates (RFC 8259 7). */
static void append_escape(struct buffer *out, uint32_t code_point)
{
    if (code_point < 0x10000) {
        buffer_printf(out, "\\u%04x", (unsigned)code_point);
        return;
    }
    code_point -= 0x10000;
    buffer_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + (code_point >> 10)),
                  (unsigned)(0xdc00 + (code_point & 0x3ff)));
}
/* Jansson escapes the control characters that JSON forbids. The others that a terminal obeys are
 * escaped here: they stand in strings only, and every reader undoes it. Takes `text`. */
static char *escape_controls(char *text)
{
    struct buffer out = {0};
    size_t length = strlen(text);
    size_t kept = 0; /* up to here it is in `out` */

    for (size_t i = 0, taken; i < length; i += taken) {
        uint32_t code_point = 0;
        taken =
            text_utf8_decode(text + i, length - i, &code_point); /* Jansson writes nothing else */
        if (taken == 0)
            break;
        if (code_point == '\n' || text_is_safe(code_point))
            continue;
        buffer_append(&out, text + kept, i - kept);
        append_escape(&out, code_point);
        kept = i + taken;
    }
    buffer_append(&out, text + kept, length - kept);
    free(text);
    return buffer_take_string(&out);
}

/* Jansson writes doubles with as many digits as asked for: 15 keep microseconds over years. */
static char *dump(const json_t *json, size_t layout)
{
    char *text = json_dumps(json, layout | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY);
    return text != NULL ? escape_controls(text) : NULL;
}

char *report_dump(const json_t *json)
{
    return dump(json, JSON_COMPACT);
}

char *report_dump_indented(const json_t *json)
{
    return dump(json, JSON_INDENT(2));
}
