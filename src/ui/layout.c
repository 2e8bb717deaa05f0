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

/* ---- who stands where ---------------------------------------------------------------------------- */

enum ui_pane_id ui_layout_latest(const struct ui_layout_request *request, unsigned places)
{
    enum ui_pane_id latest = UI_PANE_COUNT;

    for (int i = 0; i < UI_PANE_COUNT; i++) {
        if (request->present[i] && (ui_pane_table[i].place & places) != 0 &&
            (latest == UI_PANE_COUNT || request->looked_at[i] > request->looked_at[latest])) {
            latest = (enum ui_pane_id)i;
        }
    }
    return latest;
}

/* Gives a rectangle to the pane that is looked at, of those at some places. */
static void give(struct ui_layout *layout, const struct ui_layout_request *request, unsigned places,
                 struct ui_rect rect)
{
    enum ui_pane_id pane = (ui_pane_table[request->focus].place & places) != 0
                               ? request->focus
                               : ui_layout_latest(request, places);

    if (pane != UI_PANE_COUNT) {
        layout->panes[pane] = rect;
    }
}

/* ---- wide ---------------------------------------------------------------------------------------- */

/* The bytes pane is as wide as a whole number of bytes needs: 16 where there is room, else 8. */
static int bytes_width(int columns)
{
    int sixteen = 4 + 2 + 16 * 4 + 1 + 2 * UI_PAGE_MARGIN;
    int eight = 4 + 2 + 8 * 4 + 1 + 2 * UI_PAGE_MARGIN;

    return columns - sixteen >= 50 ? sixteen : eight;
}

static int side_width(struct ui_rect body)
{
    return between(28, body.columns / 4, 40);
}

static int top_rows(struct ui_rect body)
{
    return between(12, body.rows * 23 / 40, body.rows - 10);
}

static void place_refused(struct ui_layout *layout, const struct ui_layout_request *request,
                          struct ui_rect body)
{
    int side = side_width(body);
    struct ui_rect top = take_rows(&body, top_rows(body));

    layout->panes[UI_PANE_CERTIFICATES] = take_columns(&body, body.columns * 11 / 20);
    layout->panes[UI_PANE_REASONS] = body;
    give(layout, request, UI_PLACE_TOP_LEFT, take_columns(&top, side + 2));
    give(layout, request, UI_PLACE_LADDER, take_columns(&top, top.columns - side));
    give(layout, request, UI_PLACE_TOP_RIGHT, top);
}

/* Two ladders beside each other; what else is about the connection takes turns on the right. */
static void place_two_ladders(struct ui_layout *layout, const struct ui_layout_request *request,
                              struct ui_rect body)
{
    int side = between(24, body.columns / 5, 40);
    struct ui_rect top = take_rows(&body, between(14, body.rows * 3 / 5, body.rows - 9));

    unsigned others = UI_PLACE_TOP_LEFT | UI_PLACE_TOP_RIGHT | UI_PLACE_RIGHT;
    bool beside = body.columns >= 110;

    give(layout, request, UI_PLACE_LADDER, beside ? take_columns(&top, top.columns - side) : top);
    if (beside) {
        give(layout, request, others, top);
    }
    give(layout, request, beside ? UI_PLACE_BOTTOM_LEFT : UI_PLACE_BOTTOM_LEFT | others,
         take_columns(&body, body.columns - bytes_width(body.columns)));
    give(layout, request, UI_PLACE_BOTTOM_RIGHT, body);
}

static void place_wide(struct ui_layout *layout, const struct ui_layout_request *request,
                       struct ui_rect body)
{
    int side = side_width(body);
    struct ui_rect right = body, top;

    body = take_columns(&right, body.columns - side);
    give(layout, request, UI_PLACE_TOP_RIGHT,
         take_rows(&right, between(14, right.rows * 23 / 40, 24)));
    give(layout, request, UI_PLACE_RIGHT, right);
    top = take_rows(&body, top_rows(body));
    give(layout, request, UI_PLACE_TOP_LEFT, take_columns(&top, side + 2));
    give(layout, request, UI_PLACE_LADDER, top);
    give(layout, request, UI_PLACE_BOTTOM_LEFT,
         take_columns(&body, body.columns - bytes_width(body.columns)));
    give(layout, request, UI_PLACE_BOTTOM_RIGHT, body);
}

/* Without a connection: the tree, why it is refused, and below the fields of the selected one. */
static void place_certificates(struct ui_layout *layout, const struct ui_layout_request *request,
                               struct ui_rect body)
{
    struct ui_rect top = body, bytes;
    bool fields = request->present[UI_PANE_FIELDS];

    if (fields) {
        top = take_rows(&body, body.rows * 11 / 20);
    }
    if (request->present[UI_PANE_REASONS]) {
        layout->panes[UI_PANE_CERTIFICATES] = take_columns(&top, top.columns * 11 / 20);
        layout->panes[UI_PANE_REASONS] = top;
    } else {
        layout->panes[UI_PANE_CERTIFICATES] = top;
    }
    if (fields) {
        bytes = body;
        give(layout, request, UI_PLACE_BOTTOM_LEFT,
             take_columns(&bytes, bytes.columns - bytes_width(bytes.columns)));
        give(layout, request, UI_PLACE_BOTTOM_RIGHT, bytes);
    }
}

/* ---- narrower ------------------------------------------------------------------------------------ */

static void place_two_columns(struct ui_layout *layout, const struct ui_layout_request *request,
                              struct ui_rect body)
{
    struct ui_rect left = take_columns(&body, body.columns - bytes_width(0));

    give(layout, request, UI_PLACE_LADDER, take_rows(&left, left.rows * 11 / 20));
    give(layout, request, UI_PLACE_BOTTOM_LEFT, left);
    give(layout, request, UI_PLACE_TOP_LEFT | UI_PLACE_TOP_RIGHT | UI_PLACE_RIGHT,
         take_rows(&body, body.rows * 11 / 20));
    give(layout, request, UI_PLACE_BOTTOM_RIGHT, body);
}

static void place_tall(struct ui_layout *layout, const struct ui_layout_request *request,
                       struct ui_rect body)
{
    give(layout, request, UI_PLACE_LADDER, take_rows(&body, body.rows / 2));
    give(layout, request, ~(unsigned)(UI_PLACE_LADDER | UI_PLACE_WHOLE), body);
}

/* ---- a lesson ------------------------------------------------------------------------------------ */

/* A lesson stands beside the panes from so many columns on. */
#define LESSON_BESIDE 100

static void place_lesson_beside(struct ui_layout *layout, const struct ui_layout_request *request,
                                struct ui_rect *body)
{
    struct ui_rect left = take_columns(body, body->columns - between(36, request->columns / 3, 60));

    layout->lesson = *body;
    *body = left;
}

/* ---- all ---------------------------------------------------------------------------------------------- */

/* Three lines of explanation and one for what comes next, two lines where they are long; on a low
 * screen the panes need them more. */
static int explanation_rows(const struct ui_layout_request *request)
{
    int rows = request->rows;

    if (request->lesson_rows > 0 && request->columns < LESSON_BESIDE && rows < 30) {
        return 2;
    }
    if (rows >= 24) {
        return request->columns >= 160 ? 3 : 4;
    }
    return rows >= 20 ? 3 : 2;
}

void ui_layout_compute(struct ui_layout *layout, const struct ui_layout_request *request)
{
    struct ui_rect body = {.rows = request->rows, .columns = request->columns};
    unsigned place = ui_pane_table[request->focus].place;
    bool wide, two_columns;
    bool below = (place & (UI_PLACE_BOTTOM_LEFT | UI_PLACE_BOTTOM_RIGHT)) != 0;

    *layout = (struct ui_layout){0};
    if (request->rows < UI_ROWS_LEAST || request->columns < UI_COLUMNS_LEAST) {
        layout->too_small = true;
        return;
    }
    layout->head = take_rows(&body, 1);
    layout->hints = take_bottom(&body, 1);
    layout->explanation = take_bottom(&body, explanation_rows(request));
    if (request->lesson_rows > 0 && request->columns >= LESSON_BESIDE) {
        place_lesson_beside(layout, request, &body);
    }
    wide = body.columns >= 110 && request->rows >= 30;
    two_columns = body.columns >= 96 && request->rows >= 24;
    if (!wide) {
        layout->tabs = take_rows(&body, 1);
    }
    if (request->lesson_rows > 0 && layout->lesson.rows == 0) {
        layout->lesson = take_bottom(&body, between(6, request->lesson_rows, body.rows * 3 / 5));
    }
    if (request->zoomed || place == UI_PLACE_WHOLE) {
        layout->panes[request->focus] = body;
    } else if (!request->present[UI_PANE_LADDER] && (wide || two_columns)) {
        place_certificates(layout, request, body);
    } else if ((wide || two_columns) && request->two_ladders) {
        place_two_ladders(layout, request, body);
    } else if (wide && request->present[UI_PANE_REASONS] && !below) {
        place_refused(layout, request, body);
    } else if (wide) {
        place_wide(layout, request, body);
    } else if (two_columns) {
        place_two_columns(layout, request, body);
    } else if (body.rows >= (request->lesson_rows > 0 ? 28 : 34) &&
               request->present[UI_PANE_LADDER]) {
        place_tall(layout, request, body);
    } else {
        layout->panes[request->focus] = body;
    }
}
