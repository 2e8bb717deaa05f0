/* Lines of styled text. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "theme.h"

void ui_page_reset(struct ui_page *page, int columns, bool ascii)
{
    page->columns = columns < 8 ? 8 : columns;
    page->ascii = ascii;
    page->failed = false;
    page->text.length = 0;
    page->text.failed = false;
    page->span_count = 0;
    page->count = 0;
}

void ui_page_free(struct ui_page *page)
{
    buffer_free(&page->text);
    free(page->spans);
    free(page->lines);
    *page = (struct ui_page){0};
}

/* ---- making lines ----------------------------------------------------------------------------- */

static struct ui_line *last_line(struct ui_page *page)
{
    return page->count > 0 ? &page->lines[page->count - 1] : NULL;
}

void ui_page_line(struct ui_page *page)
{
    void *lines = array_grow(page->lines, &page->capacity, page->count + 1, sizeof *page->lines);

    if (lines == NULL) {
        page->failed = true;
        return;
    }
    page->lines = lines;
    page->lines[page->count++] =
        (struct ui_line){.first_span = page->span_count, .offset = page->text.length};
}

void ui_page_section(struct ui_page *page, const char *title)
{
    struct ui_line *line;

    ui_page_line(page);
    ui_page_add(page, UI_TITLE, "%s", title);
    line = last_line(page);
    if (line != NULL) {
        line->section = true;
    }
}

static void add_span(struct ui_page *page, unsigned style, const char *text, size_t length)
{
    struct ui_line *line = last_line(page);
    size_t offset = page->text.length;
    void *spans =
        array_grow(page->spans, &page->span_capacity, page->span_count + 1, sizeof *page->spans);
    int columns = 0;

    if (spans != NULL) {
        page->spans = spans;
    }
    buffer_append(&page->text, text, length);
    if (line == NULL || spans == NULL || page->text.failed) {
        page->failed = true;
        return;
    }
    (void)ui_text_fit(text, length, INT16_MAX, page->ascii, &columns);
    page->spans[page->span_count++] =
        (struct ui_span){.offset = offset, .length = length, .style = style};
    line->span_count++;
    line->length += length;
    line->columns += columns;
}

void ui_page_add(struct ui_page *page, unsigned style, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof text) {
        length = (int)sizeof text - 1;
    }
    if (length > 0) {
        add_span(page, style, text, (size_t)length);
    }
}

void ui_page_outside(struct ui_page *page, unsigned style, const char *text)
{
    struct buffer safe = {0};

    text_safe_append(&safe, text, strlen(text));
    if (safe.failed) {
        page->failed = true;
    } else if (safe.length > 0) {
        add_span(page, style, (const char *)safe.data, safe.length);
    }
    buffer_free(&safe);
}

void ui_page_column(struct ui_page *page, int column)
{
    const struct ui_line *line = last_line(page);

    if (line != NULL && line->columns < column) {
        ui_page_add(page, UI_TEXT, "%*s", column - line->columns, "");
    }
}

/* ---- wrapping ----------------------------------------------------------------------------------- */

/* Where a piece of text that must be cut after at most `fits` bytes is best cut: after a blank,
 * else after a sign that joins words. */
static size_t best_cut(const char *text, size_t length, size_t fits)
{
    if (fits >= length || text[fits] == ' ') {
        return fits;
    }
    for (size_t i = fits; i > 0; i--) {
        if (text[i - 1] == ' ') {
            return i;
        }
    }
    for (size_t i = fits; i > fits / 2; i--) {
        if (strchr("_,/:;-", text[i - 1]) != NULL) {
            return i;
        }
    }
    return fits;
}

static void next_wrapped_line(struct ui_page *page, int indent)
{
    ui_page_line(page);
    ui_page_column(page, indent);
}

void ui_page_wrap(struct ui_page *page, unsigned style, int indent, const char *text)
{
    size_t length = strlen(text);
    const struct ui_line *line = last_line(page);

    if (line == NULL) {
        return;
    }
    while (length > 0 && !page->failed) {
        int room = page->columns - last_line(page)->columns;
        size_t fits = ui_text_fit(text, length, room, page->ascii, NULL);
        size_t cut = best_cut(text, length, fits);
        bool fresh = last_line(page)->columns <= indent;

        /* A word that would fit into a line of its own is not cut to fill this one. */
        if (!fresh && cut < length && text[cut] != ' ' && (cut == 0 || text[cut - 1] != ' ')) {
            next_wrapped_line(page, indent);
            continue;
        }
        if (cut == 0) { /* not one character fits: one is drawn all the same, cut by the area */
            cut = 1;
            while (cut < length && ((unsigned char)text[cut] & 0xc0) == 0x80) {
                cut++;
            }
        }
        add_span(page, style, text, cut);
        text += cut;
        length -= cut;
        while (length > 0 && text[0] == ' ') {
            text++;
            length--;
        }
        if (length > 0) {
            next_wrapped_line(page, indent);
        }
    }
}

void ui_page_pair(struct ui_page *page, const char *name, int column, unsigned style,
                  const char *value)
{
    int columns = value != NULL ? ui_text_columns(value, page->ascii) : 0;

    ui_page_line(page);
    ui_page_add(page, UI_DIM, "%s", name);
    if (columns == 0) {
        ui_page_column(page, column);
        ui_page_add(page, UI_DIM, "·");
        return;
    }
    /* Pieces of it beside the name would be harder to read than all of it below. */
    if (columns > page->columns - column && columns <= page->columns * 3 - 6 &&
        page->columns < 50) {
        if (name[0] != '\0') {
            ui_page_line(page);
        }
        column = 2;
    }
    ui_page_column(page, column);
    ui_page_wrap(page, style, column, value);
}

/* ---- comparing and finding ------------------------------------------------------------------------ */

static const char *line_text(const struct ui_page *page, size_t line)
{
    return (const char *)page->text.data + page->lines[line].offset;
}

/* FNV-1a: lines are told apart by it first. */
static uint64_t hash_line(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* The lines of a page by their text: `slots` has numbers of lines, from 1; a power of two, half of it free. */
struct line_set {
    const struct ui_page *page;
    size_t *slots;
    size_t mask;
};

/* Where a line of this text is, or would be. */
static size_t *find_slot(const struct line_set *set, const char *text, size_t length)
{
    size_t at = hash_line(text, length) & set->mask;

    while (set->slots[at] != 0) {
        size_t line = set->slots[at] - 1;
        if (set->page->lines[line].length == length &&
            memcmp(line_text(set->page, line), text, length) == 0) {
            break;
        }
        at = (at + 1) & set->mask;
    }
    return &set->slots[at];
}

static bool set_fill(struct line_set *set, const struct ui_page *page)
{
    size_t size = 16;

    while (size < 2 * page->count) {
        size *= 2;
    }
    *set = (struct line_set){page, calloc(size, sizeof *set->slots), size - 1};
    for (size_t i = 0; set->slots != NULL && i < page->count; i++) {
        if (page->lines[i].length > 0) {
            *find_slot(set, line_text(page, i), page->lines[i].length) = i + 1;
        }
    }
    return set->slots != NULL;
}

void ui_page_mark_changes(struct ui_page *page, const struct ui_page *before)
{
    struct line_set set;

    if (!set_fill(&set, before)) {
        return; /* nothing is bold for once */
    }
    for (size_t i = 0; i < page->count; i++) {
        struct ui_line *line = &page->lines[i];
        line->changed = line->length > 0 && !line->section &&
                        *find_slot(&set, line_text(page, i), line->length) == 0;
    }
    free(set.slots);
}

char ui_text_lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

bool ui_text_contains(const char *where, size_t length, const char *text)
{
    size_t wanted = strlen(text);

    for (size_t i = 0; i + wanted <= length; i++) {
        size_t same = 0;
        while (same < wanted && ui_text_lower(where[i + same]) == ui_text_lower(text[same])) {
            same++;
        }
        if (same == wanted) {
            return true;
        }
    }
    return false;
}

bool ui_page_line_contains(const struct ui_page *page, size_t line, const char *text)
{
    return page->lines[line].length > 0 &&
           ui_text_contains(line_text(page, line), page->lines[line].length, text);
}

long ui_page_find(const struct ui_page *page, size_t from, const char *text, bool backward)
{
    for (size_t i = 1; i <= page->count; i++) {
        size_t step = backward ? page->count - i : i;
        size_t line = (from + step) % page->count;
        if (ui_page_line_contains(page, line, text)) {
            return (long)line;
        }
    }
    return -1;
}

/* ---- drawing ---------------------------------------------------------------------------------------- */

static void draw_line(const struct ui_page *page, size_t index, const struct ui_area *area, int y)
{
    const struct ui_line *line = &page->lines[index];
    unsigned bold = line->changed ? UI_STYLE_BOLD : 0;
    int x = 0;

    for (size_t i = 0; i < line->span_count && x < area->columns; i++) {
        const struct ui_span *span = &page->spans[line->first_span + i];
        char text[1200];
        size_t length = span->length < sizeof text ? span->length : sizeof text - 1;
        memcpy(text, page->text.data + span->offset, length);
        text[length] = '\0';
        x = ui_area_text(area, y, x, span->style | bold, text);
    }
}

/* "├ Server name ──────┤", from border to border. */
static void draw_section(const struct ui_page *page, size_t index, const struct ui_area *area,
                         int y)
{
    struct ui_area wide = *area;
    const struct ui_line *line = &page->lines[index];

    wide.x -= UI_PAGE_MARGIN;
    wide.columns += 2 * UI_PAGE_MARGIN;
    ui_area_repeat(&wide, y, 1, wide.columns - 2, UI_BORDER, "─");
    ui_area_repeat(&wide, y, 0, 1, UI_BORDER, "├");
    ui_area_repeat(&wide, y, wide.columns - 1, 1, UI_BORDER, "┤");
    ui_area_blank(&wide, y, 1, line->columns + 2, UI_TEXT);
    draw_line(page, index, area, y);
}

void ui_page_draw(const struct ui_page *page, size_t top, const struct ui_area *area)
{
    for (int y = 0; y < area->rows && top + (size_t)y < page->count; y++) {
        size_t line = top + (size_t)y;
        if (page->lines[line].section) {
            draw_section(page, line, area, y);
        } else {
            draw_line(page, line, area, y);
        }
    }
}
