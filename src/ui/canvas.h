/*
 * A screen of cells in memory. Everything that is drawn is drawn into one of these; only
 * terminal.c knows curses and copies it to the real screen. So a test can look at a pane without
 * a terminal.
 *
 * Text is UTF-8 and must be safe already (text_safe); columns are a terminal's columns, so a
 * wide character takes two. A canvas that is `ascii` shows everything in ASCII: signs that
 * tlstep itself uses have a spelling of their own ("→" is "->"), others become "?".
 */
#ifndef TLSTEP_UI_CANVAS_H
#define TLSTEP_UI_CANVAS_H

#include <wchar.h>

#include "tlstep/base.h"

/* A style is a role of the theme (theme.h) with these added. */
#define UI_STYLE_ROLE    0x00ffu
#define UI_STYLE_BOLD    0x0100u
#define UI_STYLE_REVERSE 0x0200u

/* One base character and what combines with it. */
#define UI_CELL_CHARACTERS 4

struct ui_cell {
    wchar_t text[UI_CELL_CHARACTERS];
    uint16_t style;
    uint8_t columns; /* 2: a wide character; 0: its right half */
};

struct ui_canvas {
    int rows, columns;
    bool ascii;
    struct ui_cell *cells; /* rows * columns */
};

/* Changes the size; what was drawn is lost. Start with {0}. 0, or -1 when memory ran out. */
int ui_canvas_resize(struct ui_canvas *canvas, int rows, int columns);
void ui_canvas_clear(struct ui_canvas *canvas);
void ui_canvas_free(struct ui_canvas *canvas);
/* The cell at a place; NULL outside. */
struct ui_cell *ui_canvas_cell(const struct ui_canvas *canvas, int y, int x);
/* One row as UTF-8 without trailing blanks, for tests. Appends to `out`. */
void ui_canvas_row_text(const struct ui_canvas *canvas, int y, struct buffer *out);

/* A rectangle of the canvas. Drawing in it never touches a cell outside. */
struct ui_area {
    struct ui_canvas *canvas;
    int y, x, rows, columns;
};

struct ui_area ui_area_all(struct ui_canvas *canvas);
/* A part of an area, by its place in it; cut to fit. */
struct ui_area ui_area_part(const struct ui_area *area, int y, int x, int rows, int columns);

/* Writes text at a place of the area and returns the column after it. What does not fit is cut,
 * with "…" in the last column. */
int ui_area_text(const struct ui_area *area, int y, int x, unsigned style, const char *text);
/* The same, in at most `columns` columns. */
int ui_area_text_in(const struct ui_area *area, int y, int x, int columns, unsigned style,
                    const char *text);
/* The same, ending before column `end`. */
void ui_area_text_right(const struct ui_area *area, int y, int end, unsigned style,
                        const char *text);
/* One-column sign, repeated. */
void ui_area_repeat(const struct ui_area *area, int y, int x, int columns, unsigned style,
                    const char *sign);
/* Gives cells another style and leaves their text. */
void ui_area_restyle(const struct ui_area *area, int y, int x, int columns, unsigned style);
/* Blanks a part of a row. */
void ui_area_blank(const struct ui_area *area, int y, int x, int columns, unsigned style);
/* A border along the edge of the area. */
void ui_area_border(const struct ui_area *area, unsigned style);

/* A title and a word at the right into the upper border of a box. */
void ui_area_caption(const struct ui_area *area, unsigned style, const char *title,
                     const char *right);

/* Columns that text takes on such a canvas. */
int ui_text_columns(const char *text, bool ascii);
/* How many bytes of `text` fit into `columns`, and how many columns those take. */
size_t ui_text_fit(const char *text, size_t length, int columns, bool ascii, int *taken);

#endif
