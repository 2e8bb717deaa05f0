/* The places of panes on screens of all sizes. */
#include "layout.h"

static int between(int least, int value, int most)
{
    return value < least ? least : value > most ? most : value;
}

/* Cuts rows off the top, or columns off the left. */
static struct ui_rect take_rows(struct ui_rect *from, int rows)
{
    struct ui_rect taken = *from;

    taken.rows = between(0, rows, from->rows);
    from->y += taken.rows;
    from->rows -= taken.rows;
    return taken;
}

static struct ui_rect take_columns(struct ui_rect *from, int columns)
{
    struct ui_rect taken = *from;

    taken.columns = between(0, columns, from->columns);
    from->x += taken.columns;
    from->columns -= taken.columns;
    return taken;
}

static struct ui_rect take_bottom(struct ui_rect *from, int rows)
{
    struct ui_rect top = take_rows(from, from->rows - rows);
    struct ui_rect bottom = *from;

    *from = top;
    return bottom;
}

/* ---- wide ---------------------------------------------------------------------------------------- */

/* The bytes pane is as wide as a whole number of bytes needs: 16 where there is room, else 8. */
static int bytes_width(int columns)
{
    int sixteen = 4 + 2 + 16 * 4 + 1 + 2 * UI_PAGE_MARGIN;
    int eight = 4 + 2 + 8 * 4 + 1 + 2 * UI_PAGE_MARGIN;

    return columns - sixteen >= 50 ? sixteen : eight;
}

static void place_wide(struct ui_layout *layout, struct ui_rect body, bool refused)
{
    int side = between(28, body.columns / 4, 40);
    struct ui_rect top, right;

    if (refused) {
        top = take_rows(&body, between(12, body.rows * 23 / 40, body.rows - 10));
        layout->panes[UI_PANE_CERTIFICATES] = take_columns(&body, body.columns * 11 / 20);
        layout->panes[UI_PANE_REASONS] = body;
        layout->panes[UI_PANE_CONNECTION] = take_columns(&top, side + 2);
        layout->panes[UI_PANE_LADDER] = take_columns(&top, top.columns - side);
        layout->panes[UI_PANE_CIPHER] = top;
        return;
    }
    right = body;
    body = take_columns(&right, body.columns - side);
    layout->panes[UI_PANE_CIPHER] = take_rows(&right, between(14, right.rows * 23 / 40, 24));
    layout->panes[UI_PANE_CERTIFICATES] = right;
    top = take_rows(&body, between(12, body.rows * 23 / 40, body.rows - 10));
    layout->panes[UI_PANE_CONNECTION] = take_columns(&top, side + 2);
    layout->panes[UI_PANE_LADDER] = top;
    layout->panes[UI_PANE_MESSAGE] = take_columns(&body, body.columns - bytes_width(body.columns));
    layout->panes[UI_PANE_BYTES] = body;
}

/* ---- narrower ------------------------------------------------------------------------------------ */

/* The pane that has the place which several share. */
static enum ui_pane_id shared_pane(const struct ui_layout_request *request)
{
    return request->focus == UI_PANE_CONNECTION || request->focus == UI_PANE_CIPHER ||
                   request->focus == UI_PANE_CERTIFICATES || request->focus == UI_PANE_REASONS
               ? request->focus
               : request->beside;
}

static void place_two_columns(struct ui_layout *layout, struct ui_rect body,
                              const struct ui_layout_request *request)
{
    struct ui_rect left = take_columns(&body, body.columns - bytes_width(0));

    layout->panes[UI_PANE_LADDER] = take_rows(&left, left.rows * 11 / 20);
    layout->panes[UI_PANE_MESSAGE] = left;
    layout->panes[shared_pane(request)] = take_rows(&body, body.rows * 11 / 20);
    layout->panes[UI_PANE_BYTES] = body;
}

static void place_tall(struct ui_layout *layout, struct ui_rect body,
                       const struct ui_layout_request *request)
{
    enum ui_pane_id below = request->focus == UI_PANE_LADDER ? request->beside : request->focus;

    layout->panes[UI_PANE_LADDER] = take_rows(&body, body.rows / 2);
    layout->panes[below] = body;
}

/* ---- all ---------------------------------------------------------------------------------------------- */

/* Three lines of explanation and one for what comes next, two lines where they are long; on a low
 * screen the panes need them more. */
static int explanation_rows(int rows, int columns)
{
    if (rows >= 24) {
        return columns >= 160 ? 3 : 4;
    }
    return rows >= 20 ? 3 : 2;
}

void ui_layout_compute(struct ui_layout *layout, const struct ui_layout_request *request)
{
    struct ui_rect body = {.rows = request->rows, .columns = request->columns};
    bool message = request->focus == UI_PANE_MESSAGE || request->focus == UI_PANE_BYTES;
    bool wide = request->columns >= 110 && request->rows >= 30;
    bool two_columns = request->columns >= 96 && request->rows >= 24;

    *layout = (struct ui_layout){0};
    if (request->rows < UI_ROWS_LEAST || request->columns < UI_COLUMNS_LEAST) {
        layout->too_small = true;
        return;
    }
    layout->head = take_rows(&body, 1);
    layout->hints = take_bottom(&body, 1);
    layout->explanation = take_bottom(&body, explanation_rows(request->rows, request->columns));
    if (!wide) {
        layout->tabs = take_rows(&body, 1);
    }
    if (request->zoomed) {
        layout->panes[request->focus] = body;
    } else if (wide) {
        place_wide(layout, body, request->refused && !message);
    } else if (two_columns) {
        place_two_columns(layout, body, request);
    } else if (request->rows >= 40) {
        place_tall(layout, body, request);
    } else {
        layout->panes[request->focus] = body;
    }
}
