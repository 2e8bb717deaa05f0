/* The page that a lab server answers an HTTP request with: what was negotiated. */
#include "facts.h"

#include <string.h>

void lab_page_text(struct buffer *out, const struct lab_facts *facts)
{
    buffer_printf(out, "tlstep lab: %s\n%s.\n\n", facts->scenario->name, facts->scenario->title);
    for (size_t i = 0; i < LAB_FACT_COUNT; i++) {
        const char *value = facts->rows[i].value;
        buffer_printf(out, "%-20s", facts->rows[i].label);
        text_safe_append(out, value, strlen(value));
        buffer_text(out, "\n");
    }
    buffer_printf(out, "\nLook for %s.\n", facts->scenario->look_for);
}

/* Safe for a terminal first, then for a browser. */
static void append_html(struct buffer *out, const char *text)
{
    char safe[LAB_FACT_TEXT * 8];

    text_safe(safe, sizeof safe, text, strlen(text));
    for (const char *at = safe; *at != '\0'; at++) {
        switch (*at) {
        case '<':
            buffer_text(out, "&lt;");
            break;
        case '>':
            buffer_text(out, "&gt;");
            break;
        case '&':
            buffer_text(out, "&amp;");
            break;
        case '"':
            buffer_text(out, "&quot;");
            break;
        default:
            buffer_u8(out, (uint8_t)*at);
        }
    }
}

void lab_page_html(struct buffer *out, const struct lab_facts *facts)
{
    buffer_printf(out,
                  "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
                  "<title>tlstep lab: %s</title>\n"
                  "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto}"
                  "th{text-align:left;padding-right:1em}td{font-family:monospace}</style>\n"
                  "<h1>tlstep lab: %s</h1>\n<p>",
                  facts->scenario->name, facts->scenario->name);
    append_html(out, facts->scenario->title);
    buffer_text(out, ".</p>\n<table>\n");
    for (size_t i = 0; i < LAB_FACT_COUNT; i++) {
        buffer_printf(out, "<tr><th>%s<td>", facts->rows[i].label);
        append_html(out, facts->rows[i].value);
        buffer_text(out, "\n");
    }
    buffer_text(out, "</table>\n<p>Look for ");
    append_html(out, facts->scenario->look_for);
    buffer_text(out, ".</p>\n</html>\n");
}
