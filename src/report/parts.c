#include "parts.h"

#include <stdlib.h>
#include <string.h>

json_t *part_milliseconds(int64_t ns)
{
    if (ns < 0)
        return json_null();
    int64_t microseconds = (ns + 500) / 1000;
    return json_real((double)microseconds / 1000.0);
}

json_t *part_known(enum trace_known known)
{
    return known == TRACE_UNKNOWN ? json_null() : json_boolean(known == TRACE_YES);
}

json_t *part_named(enum wire_registry registry, uint16_t id)
{
    char name[80];
    wire_registry_text(name, sizeof name, registry, id);
    return json_pack("{s:s, s:o}", "name", name, "id", json_sprintf("0x%04x", id));
}

json_t *report_string_json(const char *text)
{
    struct buffer utf8 = {0};

    (void)text_utf8_append(&utf8, text, strlen(text)); /* whether it changed matters in raw only */
    const char *string = buffer_string(&utf8);
    json_t *json = string != NULL ? json_stringn(string, utf8.length) : NULL;
    buffer_free(&utf8);
    return json;
}

json_t *part_hex(const void *data, size_t length)
{
    size_t size;
    if (!size_multiply(length, 2, &size) || !size_add(size, 1, &size))
        return NULL;
    char *hex = malloc(size);
    if (hex == NULL)
        return NULL;
    text_hex(hex, size, data, length);
    json_t *json = json_string(hex);
    free(hex);
    return json;
}

int part_add(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value);
}

int part_add_text(json_t *object, const char *key, const char *text)
{
    if (text == NULL)
        return part_add(object, key, json_null());
    if (part_add(object, key, report_string_json(text)) != 0)
        return -1;
    if (text_is_utf8(text, strlen(text)))
        return 0;
    char raw[64];
    (void)snprintf(raw, sizeof raw, "%s_raw", key); /* keys are short constants of ours */
    return part_add(object, raw, part_hex(text, strlen(text)));
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
    if (buffer_string(&out) == NULL)
        buffer_free(&out);
    return (char *)out.data;
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
