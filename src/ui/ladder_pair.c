/*
 * The ladder of a proxy: the client's side on the left, the server's on the right, each line a message of one of them,
 * from the first to the last on one time axis. Between the two is the proxy: a line leads from a message to the one
 * that it caused on the other side.
 *
 *     #  client      tlstep     │ proxy │  #  tlstep      server
 *     2  ClientHello ─────────▶ ├─┐     │
 *                               │ └────▶│ 1  ClientHello ─────▶
 */
#include <string.h>

#include "ladder.h"
#include "marks.h"
#include "selection.h"

#define HEAD_ROWS 1

/* Lines that lead from one side to the other stand beside each other in lanes, two columns each. */
#define LANES        3
#define LANES_NARROW 2
#define ROWS_MAX     200

/* Where things stand. */
struct places {
    int time;   /* columns of the time on the left; 0: no room */
    int half;   /* of each side */
    int gutter; /* of the proxy, with its two edges */
    int lanes;
};

static struct places find_places(int columns)
{
    struct places places = {.lanes = columns >= 100 ? LANES : LANES_NARROW};

    places.gutter = 2 * places.lanes + 3;
    places.time = columns >= 88 ? 8 : 0;
    places.half = (columns - places.gutter - places.time) / 2;
    return places;
}

static struct ui_area area_of_side(const struct ui_area *area, const struct places *places,
                                   enum lab_proxy_side side)
{
    int x = places->time + (side == LAB_PROXY_SERVER ? places->half + places->gutter : 0);

    return ui_area_part(area, 0, x, area->rows, places->half);
}

static struct ui_area area_between(const struct ui_area *area, const struct places *places)
{
    return ui_area_part(area, 0, places->time + places->half, area->rows, places->gutter);
}

/* What there is to see of one side. */
static struct ui_view view_of(const struct ui_view *view, enum lab_proxy_side side)
{
    struct ui_view of_side = *view;

    if (side == stepper_side(view->stepper)) {
        return of_side;
    }
    of_side.trace = stepper_side_trace(view->stepper, side);
    of_side.cursor = stepper_side_cursor(view->stepper, side);
    of_side.facts = trace_facts(of_side.trace, of_side.cursor);
    return of_side;
}

/* ---- the proxy in the middle ------------------------------------------------------------------ */

/* A join of two lines: the cause is the upper one. */
struct join {
    size_t from, to;
    enum lab_proxy_side side; /* of the cause */
};

/* The other line that a line is joined with; false: none. */
static bool find_join(const struct ui_view *view, const struct stepper_line *lines, size_t line,
                      struct join *join)
{
    enum lab_proxy_side side = lines[line].side;
    enum lab_proxy_side other = side == LAB_PROXY_CLIENT ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
    uint32_t n = stepper_joined(view->stepper, side, lines[line].n);
    size_t partner = n > 0 ? stepper_line_of(view->stepper, other, n) : SIZE_MAX;

    if (partner == SIZE_MAX) {
        return false;
    }
    *join = partner < line ? (struct join){.from = partner, .to = line, .side = other}
                           : (struct join){.from = line, .to = partner, .side = side};
    return true;
}

/* What is on the screen of the gutter: a lane is taken up to a line. */
struct gutter {
    struct ui_area area;
    size_t top;
    size_t taken[LANES]; /* up to this line, exclusive */
    int lanes;
};

static int lane_column(int lane)
{
    return 2 + 2 * lane;
}

static int free_lane(const struct gutter *gutter, size_t from)
{
    for (int lane = 0; lane < gutter->lanes; lane++) {
        if (gutter->taken[lane] <= from) {
            return lane;
        }
    }
    return -1;
}

/* From an edge of the gutter to the lane; other lanes are crossed. */
static void draw_stub(const struct gutter *gutter, int y, int column, enum lab_proxy_side side,
                      unsigned style)
{
    int first = side == LAB_PROXY_CLIENT ? 1 : column + 1;
    int last = side == LAB_PROXY_CLIENT ? column - 1 : gutter->area.columns - 2;

    ui_area_repeat(&gutter->area, y, first, last - first + 1, style, "─");
}

static void draw_join(struct gutter *gutter, const struct join *join, unsigned style)
{
    enum lab_proxy_side other =
        join->side == LAB_PROXY_CLIENT ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
    int lane = free_lane(gutter, join->from);
    int column = lane_column(lane);
    long top = (long)gutter->top;
    long from = (long)join->from - top, to = (long)join->to - top;

    if (lane < 0) {
        return; /* more at once than there is room for */
    }
    gutter->taken[lane] = join->to + 1;
    for (long y = from < 0 ? 0 : from; y <= to && y < gutter->area.rows; y++) {
        ui_area_repeat(&gutter->area, (int)y, column, 1, style, "│");
    }
    if (from >= 0) {
        draw_stub(gutter, (int)from, column, join->side, style);
        ui_area_repeat(&gutter->area, (int)from, column, 1, style,
                       join->side == LAB_PROXY_CLIENT ? "┐" : "┌");
    }
    if (to < gutter->area.rows) {
        draw_stub(gutter, (int)to, column, other, style);
        ui_area_repeat(&gutter->area, (int)to, column, 1, style,
                       other == LAB_PROXY_CLIENT ? "┘" : "└");
        ui_area_repeat(&gutter->area, (int)to,
                       other == LAB_PROXY_CLIENT ? 1 : gutter->area.columns - 2, 1, style,
                       other == LAB_PROXY_CLIENT ? "◀" : "▶");
    }
}

/* Both of a join that is in view, and those that pass through from above: each once, by its upper line. */
static void draw_joins(const struct ui_view *view, const struct stepper_line *lines, size_t count,
                       struct gutter *gutter)
{
    size_t rows = (size_t)gutter->area.rows;
    size_t end = gutter->top + rows < count ? gutter->top + rows : count;
    size_t first = gutter->top > ROWS_MAX ? gutter->top - ROWS_MAX : 0;
    struct join join;

    for (size_t line = first; line < end; line++) {
        if (!find_join(view, lines, line, &join) || join.from != line || join.to < gutter->top) {
            continue;
        }
        bool selected =
            view->selection->n > 0 && ((lines[join.from].side == stepper_side(view->stepper) &&
                                        lines[join.from].n == view->selection->n) ||
                                       (lines[join.to].side == stepper_side(view->stepper) &&
                                        lines[join.to].n == view->selection->n));
        draw_join(gutter, &join,
                  (join.side == LAB_PROXY_CLIENT ? UI_CLIENT : UI_SERVER) |
                      (selected ? UI_STYLE_BOLD : 0));
    }
}

static void draw_edges(const struct ui_area *between, int rows)
{
    for (int y = 0; y < rows; y++) {
        ui_area_repeat(between, y, 0, 1, UI_DIM, "│");
        ui_area_repeat(between, y, between->columns - 1, 1, UI_DIM, "│");
    }
}

/* ---- the sides -------------------------------------------------------------------------------- */

static void draw_head(const struct ui_area *area, const struct places *places,
                      const struct ui_view *view)
{
    static const char *const ends[LAB_PROXY_SIDES][2] = {{"client", "tlstep"},
                                                         {"tlstep", "server"}};
    struct ui_area between = area_between(area, places);
    int word = ui_text_columns("proxy", area->canvas->ascii);

    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        struct ui_area half = area_of_side(area, places, (enum lab_proxy_side)side);
        unsigned shown = (int)stepper_side(view->stepper) == side ? UI_STYLE_BOLD : 0;

        ui_area_text_right(&half, 0, 4, UI_DIM, "#");
        (void)ui_area_text(&half, 0, 7, UI_CLIENT | shown, ends[side][0]);
        ui_area_text_right(&half, 0, half.columns - (half.columns >= 36 ? 9 : 0), UI_SERVER | shown,
                           ends[side][1]);
    }
    draw_edges(&between, HEAD_ROWS);
    (void)ui_area_text_in(&between, 0, (between.columns - word) / 2, word, UI_DIM, "proxy");
    if (places->time > 0) {
        ui_area_text_right(area, 0, places->time - 1, UI_DIM, "ms");
    }
}

static void draw_line(const struct ui_area *body, int y, const struct places *places,
                      const struct ui_view *view, const struct stepper_line *line, bool focused)
{
    const struct trace_row *row = trace_row_at(view->trace, line->n - 1);
    struct ui_area half = area_of_side(body, places, line->side);
    bool in_view = line->side == stepper_side(view->stepper);
    uint32_t selected = view->selection->n;
    char text[24];

    ui_ladder_draw_row(&half, y, view, row);
    if (places->time > 0) {
        (void)snprintf(text, sizeof text, "%.1f", (double)row->time_ns / 1e6);
        ui_area_text_right(body, y, places->time - 1, UI_DIM, text);
    }
    if (in_view && line->n == selected) {
        ui_area_restyle(&half, y, 0, half.columns, focused ? UI_SELECTION : UI_ELSEWHERE);
    } else if (!in_view && selected > 0 &&
               stepper_joined(view->stepper, stepper_side(view->stepper), selected) == line->n) {
        ui_area_restyle(&half, y, 0, half.columns, UI_ELSEWHERE);
    }
}

/* What a side has to say beside its rows. */
static void add_side(struct ui_page *page, const struct ui_view *view, enum lab_proxy_side side)
{
    size_t before;

    if (view->facts == NULL) {
        return;
    }
    if (side == stepper_side(view->stepper)) {
        ui_ladder_add_stop(page, view);
    }
    if (!view->facts->failed) {
        return;
    }
    ui_page_line(page);
    ui_page_add(page, side == LAB_PROXY_CLIENT ? UI_CLIENT : UI_SERVER, "%s",
                side == LAB_PROXY_CLIENT ? "The client's side" : "The server's side");
    before = page->count;
    ui_ladder_add_failure(page, view);
    if (page->count == before) {
        ui_page_add(page, UI_BAD, " has failed");
    }
}

/* A note of the proxy's own, which says what a client's refusal means. */
static void add_note(struct ui_page *page, const struct ui_view *view)
{
    const struct trace *trace = view->trace;

    for (size_t i = view->cursor; i > 0 && i + 64 > view->cursor; i--) {
        const struct trace_event *event = trace_event_at(trace, i - 1);

        if (event->kind == TRACE_NOTE && event->code != NULL && event->text != NULL &&
            strcmp(event->code, "distrusted") == 0) {
            ui_page_line(page);
            ui_mark_add(page, UI_MARK_WARNING);
            ui_page_wrap(page, UI_TEXT, ui_mark_columns(page->ascii), event->text);
            return;
        }
    }
}

static void make_tail(struct ui_ladder *ladder, const struct ui_view views[LAB_PROXY_SIDES],
                      int columns, size_t lines)
{
    struct ui_page *tail = &ladder->tail;
    const struct ui_view *in_view = &views[stepper_side(views[0].stepper)];

    ui_page_reset(tail, columns, in_view->ascii);
    for (int side = 0; side < LAB_PROXY_SIDES; side++) {
        add_side(tail, &views[side], (enum lab_proxy_side)side);
    }
    add_note(tail, &views[LAB_PROXY_CLIENT]);
    if (lines == 0 && !in_view->facts->failed) {
        ui_ladder_add_next(tail, in_view);
    }
}

/* ---- all -------------------------------------------------------------------------------------- */

static size_t scroll(const struct ui_ladder *ladder, const struct ui_view *view, size_t lines,
                     size_t total, int height)
{
    size_t selected =
        stepper_line_of(view->stepper, stepper_side(view->stepper), view->selection->n);
    size_t top = ladder->top;

    if (stepper_at_end(view->stepper) && view->selection->follow && total > 0) {
        return ui_list_scroll(top, total - 1, total, height);
    }
    return ui_list_scroll(top, selected != SIZE_MAX ? selected : lines, total, height);
}

void ui_ladder_draw_pair(struct ui_ladder *ladder, const struct ui_view *view,
                         const struct ui_area *area, bool focused)
{
    const struct ui_view views[LAB_PROXY_SIDES] = {view_of(view, LAB_PROXY_CLIENT),
                                                   view_of(view, LAB_PROXY_SERVER)};
    struct places places = find_places(area->columns);
    struct ui_area body = ui_area_part(area, HEAD_ROWS, 0, area->rows - HEAD_ROWS, area->columns);
    struct gutter gutter = {.area = area_between(&body, &places), .lanes = places.lanes};
    const struct stepper_line *lines;
    size_t count, total;
    int rows;

    lines = stepper_lines(view->stepper, &count);
    make_tail(ladder, views, area->columns, count);
    total = count + ladder->tail.count;
    ladder->top = scroll(ladder, view, count, total, body.rows);
    gutter.top = ladder->top;
    draw_head(area, &places, view);
    rows = ladder->top < count ? (int)(count - ladder->top) : 0;
    rows = rows < body.rows ? rows : body.rows;
    draw_edges(&gutter.area, rows);
    gutter.area.rows = rows;
    draw_joins(view, lines, count, &gutter);
    for (int y = 0; y < body.rows && ladder->top + (size_t)y < total; y++) {
        size_t line = ladder->top + (size_t)y;

        if (line < count && views[lines[line].side].facts != NULL) {
            draw_line(&body, y, &places, &views[lines[line].side], &lines[line], focused);
        } else if (line >= count) {
            struct ui_area below = ui_area_part(&body, y, 0, 1, body.columns);
            ui_page_draw(&ladder->tail, line - count, &below);
        }
    }
    ui_pane_draw_more(&body, ladder->top > 0, ladder->top + (size_t)body.rows < total);
}

uint32_t ui_ladder_pair_row(const struct ui_ladder *ladder, const struct ui_view *view, int line)
{
    size_t count;
    const struct stepper_line *lines = stepper_lines(view->stepper, &count);
    size_t index = ladder->top + (size_t)line;

    return index < count && lines[index].side == stepper_side(view->stepper) ? lines[index].n : 0;
}
