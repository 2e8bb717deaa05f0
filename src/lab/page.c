/* The page that an HTTP request is answered with: what was negotiated. */
#include "facts.h"

#include <string.h>

/* ---- for a terminal -------------------------------------------------------------------------- */

static void write_text(struct buffer *out, const struct lab_page *page)
{
    buffer_printf(out, "tlstep %s: %s\n%s.\n\n", page->room, page->name, page->title);
    for (size_t i = 0; i < page->count; i++) {
        const char *value = page->rows[i].value;

        buffer_printf(out, "%-20s", page->rows[i].label);
        text_safe_append(out, value, strlen(value));
        buffer_text(out, "\n");
    }
    if (page->look_for != NULL) {
        buffer_printf(out, "\nLook for %s.\n", page->look_for);
    }
}

/* ---- for a browser ----------------------------------------------------------------------------- */

static const char *entity(uint8_t character)
{
    switch (character) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

/* Safe for a terminal first, then for a browser. */
static void append_html(struct buffer *out, const char *text)
{
    struct buffer safe = {0};

    text_safe_append(&safe, text, strlen(text));
    for (size_t i = 0; i < safe.length; i++) {
        const char *escaped = entity(safe.data[i]);

        if (escaped != NULL) {
            buffer_text(out, escaped);
        } else {
            buffer_u8(out, safe.data[i]);
        }
    }
    out->failed |= safe.failed;
    buffer_free(&safe);
}

static void write_html(struct buffer *out, const struct lab_page *page)
{
    buffer_printf(out,
                  "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
                  "<title>tlstep %s: %s</title>\n"
                  "<style>body{font:16px/1.5 sans-serif;max-width:40em;margin:3em auto}"
                  "th{text-align:left;vertical-align:top;padding-right:1em}"
                  "td{font-family:monospace}</style>\n"
                  "<h1>tlstep %s: %s</h1>\n<p>",
                  page->room, page->name, page->room, page->name);
    append_html(out, page->title);
    buffer_text(out, ".</p>\n<table>\n");
    for (size_t i = 0; i < page->count; i++) {
        buffer_printf(out, "<tr><th>%s<td>", page->rows[i].label);
        append_html(out, page->rows[i].value);
        buffer_text(out, "\n");
    }
    buffer_text(out, "</table>\n");
    if (page->look_for != NULL) {
        buffer_text(out, "<p>Look for ");
        append_html(out, page->look_for);
        buffer_text(out, ".</p>\n");
    }
    buffer_text(out, "</html>\n");
}

void lab_page_write(struct buffer *out, const struct lab_page *page, bool html)
{
    (html ? write_html : write_text)(out, page);
}

void lab_facts_write(struct buffer *out, const struct lab_facts *facts, bool html)
{
    struct lab_page_row rows[LAB_FACT_COUNT];
    struct lab_page page = {
        .room = "lab",
        .name = facts->scenario->name,
        .title = facts->scenario->title,
        .count = LAB_FACT_COUNT,
        .look_for = facts->scenario->look_for,
    };

    for (size_t i = 0; i < LAB_FACT_COUNT; i++) {
        rows[i] = (struct lab_page_row){facts->rows[i].label, facts->rows[i].value};
    }
    page.rows = rows;
    lab_page_write(out, &page, html);
}
