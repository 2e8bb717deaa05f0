/*
 * A page: lines of styled text, made anew from the facts whenever they change, then scrolled,
 * searched and drawn. The panes that show facts, the help and all boxes with text are pages.
 *
 * Everything that comes from outside goes through ui_page_outside(), which makes it safe.
 */
#ifndef TLSTEP_UI_PAGE_H
#define TLSTEP_UI_PAGE_H

#include "canvas.h"

struct ui_span {
    size_t offset, length; /* in the page's text */
    unsigned style;
};

struct ui_line {
    size_t first_span, span_count;
    size_t offset, length; /* all of the line's text */
    int columns;           /* that it takes */
    bool section;          /* a heading that divides the pane */
    bool changed;          /* new since the last step */
};

struct ui_page {
    int columns; /* to wrap at */
    bool ascii;
    bool failed; /* memory ran out: lines are missing */
    struct buffer text;
    struct ui_span *spans;
    size_t span_count, span_capacity;
    struct ui_line *lines;
    size_t count, capacity;
};

/* Empties a page and sets what it is wrapped to. Start with {0}. */
void ui_page_reset(struct ui_page *page, int columns, bool ascii);
void ui_page_free(struct ui_page *page);

/* Begins a line. */
void ui_page_line(struct ui_page *page);
/* A heading: "├ Server name ───┤" where the pane has a border. */
void ui_page_section(struct ui_page *page, const char *title);
/* Adds to the line that was begun last. */
void ui_page_add(struct ui_page *page, unsigned style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with text from outside. */
void ui_page_outside(struct ui_page *page, unsigned style, const char *text);
/* Blanks up to a column of the line. */
void ui_page_column(struct ui_page *page, int column);
/* Adds text, wrapped at blanks (and inside of long words); lines after the first begin with
 * `indent` blanks. The text must be safe already. */
void ui_page_wrap(struct ui_page *page, unsigned style, int indent, const char *text);

/* A line "name   value": the value begins at `column`, and has a line of its own below where it
 * would not fit beside the name. A value of NULL or "" reads as not known yet. */
void ui_page_pair(struct ui_page *page, const char *name, int column, unsigned style,
                  const char *value);

/* Marks the lines that are not in `before`. */
void ui_page_mark_changes(struct ui_page *page, const struct ui_page *before);

/* True when the line contains the text, without regard to case. */
bool ui_page_line_contains(const struct ui_page *page, size_t line, const char *text);
/* The next line that contains `text`, from `from` on (not itself), around the end. -1: none. */
long ui_page_find(const struct ui_page *page, size_t from, const char *text, bool backward);

/* Draws as many lines as fit, from `top` on; lines that changed are bold. A section reaches over
 * the area's edges to the border, which is UI_PAGE_MARGIN columns away. */
#define UI_PAGE_MARGIN 2
void ui_page_draw(const struct ui_page *page, size_t top, const struct ui_area *area);

/* True when `text` is in `where`, without regard to ASCII case. */
bool ui_text_contains(const char *where, size_t length, const char *text);
/* An ASCII letter in lower case; anything else as it is. */
char ui_text_lower(char character);

#endif
