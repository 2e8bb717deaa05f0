/* Cells, and drawing into them by column. */
#include <stdlib.h>
#include <string.h>

#include "canvas.h"
#include "keys.h"

/* ---- ASCII ------------------------------------------------------------------------------- */

/* ---- one character of a text ---------------------------------------------------------------- */

/* The next character of a text as a canvas shows it. */
struct glyph {
    wchar_t character;
    const char *spelled; /* instead of `character`, when not NULL */
    int columns;
    size_t bytes;
};

static struct glyph next_glyph(const char *text, size_t length, bool ascii)
{
    uint32_t code_point = 0;
    size_t bytes = text_utf8_decode(text, length, &code_point);
    struct glyph glyph = {.character = L'?', .columns = 1, .bytes = bytes};

    if (bytes == 0) {
        glyph.bytes = 1;
        return glyph;
    }
    if (code_point >= 0x20 && code_point < 0x7f) {
        glyph.character = (wchar_t)code_point;
        return glyph;
    }
    if (ascii && code_point >= 0x7f) {
        glyph.spelled = text_ascii_spelling(code_point);
        glyph.columns = (int)strlen(glyph.spelled);
        return glyph;
    }
    /* Control characters have no width: they cannot come this far unless someone forgot
     * text_safe(), and even then the terminal gets a question mark. */
    glyph.columns = wcwidth((wchar_t)code_point);
    if (glyph.columns < 0) {
        glyph.columns = 1;
    } else {
        glyph.character = (wchar_t)code_point;
    }
    return glyph;
}

size_t ui_text_fit(const char *text, size_t length, int columns, bool ascii, int *taken)
{
    size_t at = 0;
    int used = 0;

    while (at < length) {
        struct glyph glyph = next_glyph(text + at, length - at, ascii);
        if (used + glyph.columns > columns) {
            break;
        }
        used += glyph.columns;
        at += glyph.bytes;
    }
    if (taken != NULL) {
        *taken = used;
    }
    return at;
}

int ui_text_columns(const char *text, bool ascii)
{
    int columns = 0;

    (void)ui_text_fit(text, strlen(text), INT16_MAX, ascii, &columns);
    return columns;
}

/* ---- the canvas --------------------------------------------------------------------------- */

int ui_canvas_resize(struct ui_canvas *canvas, int rows, int columns)
{
    struct ui_cell *cells;

    if (rows < 1 || columns < 1) {
        rows = columns = 1;
    }
    if (canvas->cells == NULL || rows != canvas->rows || columns != canvas->columns) {
        cells = calloc((size_t)rows * (size_t)columns, sizeof *cells);
        if (cells == NULL) {
            return -1;
        }
        free(canvas->cells);
        canvas->cells = cells;
        canvas->rows = rows;
        canvas->columns = columns;
    }
    ui_canvas_clear(canvas);
    return 0;
}

static void set_blank(struct ui_cell *cell, unsigned style)
{
    *cell = (struct ui_cell){.text = {L' '}, .style = (uint16_t)style, .columns = 1};
}

void ui_canvas_clear(struct ui_canvas *canvas)
{
    for (int i = 0; i < canvas->rows * canvas->columns; i++) {
        set_blank(&canvas->cells[i], 0);
    }
}

void ui_canvas_free(struct ui_canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct ui_canvas){0};
}

struct ui_cell *ui_canvas_cell(const struct ui_canvas *canvas, int y, int x)
{
    if (canvas->cells == NULL || y < 0 || x < 0 || y >= canvas->rows || x >= canvas->columns) {
        return NULL;
    }
    return &canvas->cells[y * canvas->columns + x];
}

void ui_canvas_row_text(const struct ui_canvas *canvas, int y, struct buffer *out)
{
    int end = canvas->columns;

    while (end > 0 && ui_canvas_cell(canvas, y, end - 1)->text[0] == L' ') {
        end--;
    }
    for (int x = 0; x < end; x++) {
        const struct ui_cell *cell = ui_canvas_cell(canvas, y, x);
        for (size_t i = 0; i < UI_CELL_CHARACTERS && cell->text[i] != 0; i++) {
            char bytes[5];
            buffer_text(out, ui_key_utf8(bytes, (uint32_t)cell->text[i]));
        }
    }
}

/* ---- areas -------------------------------------------------------------------------------- */

struct ui_area ui_area_all(struct ui_canvas *canvas)
{
    return (struct ui_area){.canvas = canvas, .rows = canvas->rows, .columns = canvas->columns};
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

struct ui_area ui_area_part(const struct ui_area *area, int y, int x, int rows, int columns)
{
    y = least(most(y, 0), area->rows);
    x = least(most(x, 0), area->columns);
    return (struct ui_area){
        .canvas = area->canvas,
        .y = area->y + y,
        .x = area->x + x,
        .rows = least(most(rows, 0), area->rows - y),
        .columns = least(most(columns, 0), area->columns - x),
    };
}

static struct ui_cell *cell_at(const struct ui_area *area, int y, int x)
{
    if (y < 0 || x < 0 || y >= area->rows || x >= area->columns) {
        return NULL;
    }
    return ui_canvas_cell(area->canvas, area->y + y, area->x + x);
}

/* Drawing over one half of a wide character leaves a blank where the other half was. */
static void mend_halves(const struct ui_area *area, int y, int x)
{
    const struct ui_canvas *canvas = area->canvas;
    struct ui_cell *cell = ui_canvas_cell(canvas, area->y + y, area->x + x);
    struct ui_cell *other;

    if (cell != NULL && cell->columns == 0) {
        other = ui_canvas_cell(canvas, area->y + y, area->x + x - 1);
        if (other != NULL) {
            set_blank(other, other->style);
        }
    } else if (cell != NULL && cell->columns == 2) {
        other = ui_canvas_cell(canvas, area->y + y, area->x + x + 1);
        if (other != NULL) {
            set_blank(other, other->style);
        }
    }
}

static void put_character(const struct ui_area *area, int y, int x, unsigned style,
                          wchar_t character, int columns)
{
    struct ui_cell *cell = cell_at(area, y, x);

    if (cell == NULL || (columns == 2 && cell_at(area, y, x + 1) == NULL)) {
        return;
    }
    for (int i = 0; i < columns; i++) {
        mend_halves(area, y, x + i);
    }
    *cell = (struct ui_cell){
        .text = {character}, .style = (uint16_t)style, .columns = (uint8_t)columns};
    if (columns == 2) {
        *cell_at(area, y, x + 1) = (struct ui_cell){.style = (uint16_t)style};
    }
}

/* A combining character joins the one before it; where there is no room it is left out. */
static void put_combining(const struct ui_area *area, int y, int x, wchar_t character)
{
    struct ui_cell *cell = cell_at(area, y, x - 1);

    if (cell != NULL && cell->columns == 0) {
        cell = cell_at(area, y, x - 2);
    }
    if (cell == NULL) {
        return;
    }
    for (size_t i = 1; i < UI_CELL_CHARACTERS - 1; i++) {
        if (cell->text[i] == 0) {
            cell->text[i] = character;
            return;
        }
    }
}

static int put_glyph(const struct ui_area *area, int y, int x, unsigned style,
                     const struct glyph *glyph)
{
    if (glyph->spelled != NULL) {
        for (int i = 0; i < glyph->columns; i++) {
            put_character(area, y, x + i, style, (wchar_t)glyph->spelled[i], 1);
        }
    } else if (glyph->columns == 0) {
        put_combining(area, y, x, glyph->character);
    } else {
        put_character(area, y, x, style, glyph->character, glyph->columns);
    }
    return x + glyph->columns;
}

int ui_area_text_in(const struct ui_area *area, int y, int x, int columns, unsigned style,
                    const char *text)
{
    bool ascii = area->canvas->ascii;
    size_t length = strlen(text);
    int room = least(columns, area->columns - x);
    size_t fits;
    bool cut;

    if (room <= 0) {
        return x;
    }
    fits = ui_text_fit(text, length, room, ascii, NULL);
    cut = fits < length;
    if (cut) {
        fits = ui_text_fit(text, length, room - (ascii ? 2 : 1), ascii, NULL);
    }
    for (size_t at = 0; at < fits;) {
        struct glyph glyph = next_glyph(text + at, length - at, ascii);
        x = put_glyph(area, y, x, style, &glyph);
        at += glyph.bytes;
    }
    if (cut) {
        struct glyph mark = {.character = L'…',
                             .spelled = ascii ? ".." : NULL,
                             .columns = ascii ? least(2, room) : 1};
        x = put_glyph(area, y, x, style, &mark);
    }
    return x;
}

int ui_area_text(const struct ui_area *area, int y, int x, unsigned style, const char *text)
{
    return ui_area_text_in(area, y, x, area->columns - x, style, text);
}

void ui_area_text_right(const struct ui_area *area, int y, int end, unsigned style,
                        const char *text)
{
    int columns = ui_text_columns(text, area->canvas->ascii);

    (void)ui_area_text_in(area, y, most(end - columns, 0), least(columns, end), style, text);
}

void ui_area_repeat(const struct ui_area *area, int y, int x, int columns, unsigned style,
                    const char *sign)
{
    struct glyph glyph = next_glyph(sign, strlen(sign), area->canvas->ascii);

    for (int end = x + columns; x < end && glyph.columns == 1;) {
        x = put_glyph(area, y, x, style, &glyph);
    }
}

void ui_area_restyle(const struct ui_area *area, int y, int x, int columns, unsigned style)
{
    for (int i = 0; i < columns; i++) {
        struct ui_cell *cell = cell_at(area, y, x + i);
        if (cell != NULL) {
            cell->style = (uint16_t)style;
        }
    }
}

void ui_area_blank(const struct ui_area *area, int y, int x, int columns, unsigned style)
{
    ui_area_repeat(area, y, x, columns, style, " ");
}

void ui_area_border(const struct ui_area *area, unsigned style)
{
    int bottom = area->rows - 1;
    int right = area->columns - 1;

    if (bottom < 1 || right < 1) {
        return;
    }
    ui_area_repeat(area, 0, 1, right - 1, style, "─");
    ui_area_repeat(area, bottom, 1, right - 1, style, "─");
    for (int y = 1; y < bottom; y++) {
        ui_area_repeat(area, y, 0, 1, style, "│");
        ui_area_repeat(area, y, right, 1, style, "│");
    }
    ui_area_repeat(area, 0, 0, 1, style, "╭");
    ui_area_repeat(area, 0, right, 1, style, "╮");
    ui_area_repeat(area, bottom, 0, 1, style, "╰");
    ui_area_repeat(area, bottom, right, 1, style, "╯");
}

void ui_area_caption(const struct ui_area *area, unsigned style, const char *title,
                     const char *right)
{
    int columns = ui_text_columns(right, area->canvas->ascii);
    int start = area->columns - columns - 3;
    int x = ui_area_text_in(area, 0, 2, start - 4, style, title);

    ui_area_blank(area, 0, 1, 1, style);
    ui_area_blank(area, 0, x, 1, style);
    if (columns > 0) {
        ui_area_blank(area, 0, start, columns + 2, style);
        (void)ui_area_text(area, 0, start + 1, style, right);
    }
}
