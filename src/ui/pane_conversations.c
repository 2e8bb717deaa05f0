/* The conversations of a capture, one a line. What has no room in its line stands below, whole. */
#include <string.h>

#include "marks.h"
#include "pane_conversations.h"
#include "progress.h"
#include "tree.h"

/* The line of titles, and the mark before each line. */
#define HEAD_ROWS 1
#define GUTTER    2
#define BAR       6

/* ---- columns --------------------------------------------------------------------------------------- */

/* The first to go where there is little room are those of the highest `rank`. */
static const struct column {
    int least, most;
    int rank;
    bool right; /* numbers */
} columns_of[UI_CONVERSATION_COLUMNS] = {
    [UI_CONVERSATION_NUMBER] = {1, 9, 0, true},    [UI_CONVERSATION_TIME] = {8, 8, 7, false},
    [UI_CONVERSATION_CLIENT] = {15, 47, 5, false}, [UI_CONVERSATION_SERVER] = {15, 47, 4, false},
    [UI_CONVERSATION_SNI] = {22, 60, 0, false},    [UI_CONVERSATION_VERSION] = {7, 10, 2, false},
    [UI_CONVERSATION_SUITE] = {12, 40, 6, false},  [UI_CONVERSATION_ALPN] = {4, 16, 8, false},
    [UI_CONVERSATION_KEYS] = {4, 4, 10, false},    [UI_CONVERSATION_BYTES] = {5, 14, 3, true},
    [UI_CONVERSATION_LASTED] = {7, 10, 9, true},   [UI_CONVERSATION_VERDICT] = {14, 60, 1, false},
};

struct placed {
    int x[UI_CONVERSATION_COLUMNS];
    int columns[UI_CONVERSATION_COLUMNS]; /* 0: not there */
    int bar;                              /* columns of the bar before the bytes */
};

/* Widths only grow, so that nothing jumps while the list scrolls. */
static void measure(struct ui_conversations_pane *pane, const struct trace_conversation *here,
                    bool ascii)
{
    char text[300];

    for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
        enum ui_conversation_column column = (enum ui_conversation_column)i;
        int columns =
            ui_text_columns(ui_conversation_text(text, sizeof text, here, column), ascii) +
            (column == UI_CONVERSATION_VERDICT ? ui_mark_columns(ascii) : 0);
        pane->widest[i] = columns > pane->widest[i] ? columns : pane->widest[i];
    }
}

static int wanted(const struct ui_conversations_pane *pane, int i)
{
    int title = (int)strlen(ui_conversation_title((enum ui_conversation_column)i)) +
                ((int)pane->list.sort == i ? 2 : 0);
    int most = columns_of[i].most;
    int widest = pane->widest[i] > title ? pane->widest[i] : title;

    return widest < most ? widest : most > title ? most : title;
}

static int least(const struct ui_conversations_pane *pane, int i)
{
    int all = wanted(pane, i);

    return columns_of[i].least < all && (int)pane->list.sort != i ? columns_of[i].least : all;
}

/* Takes in columns by rank as long as they fit in their least width. Returns what is left. */
static int choose(const struct ui_conversations_pane *pane, struct placed *placed, int room)
{
    for (int rank = 0; rank <= 10; rank++) {
        for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
            int columns = least(pane, i);
            if (columns_of[i].rank == rank && columns + 1 <= room) {
                placed->columns[i] = columns;
                room -= columns + 1;
            }
        }
    }
    return room;
}

static void place(const struct ui_conversations_pane *pane, struct placed *placed, int columns)
{
    int room, x = GUTTER;

    *placed = (struct placed){0};
    room = choose(pane, placed, columns - GUTTER);
    for (int rank = 0; rank <= 10; rank++) {
        for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
            int more = wanted(pane, i) - placed->columns[i];
            if (columns_of[i].rank == rank && placed->columns[i] > 0 && more > 0) {
                more = more < room ? more : room;
                placed->columns[i] += more;
                room -= more;
            }
        }
    }
    if (room > BAR) {
        placed->bar = BAR;
        placed->columns[UI_CONVERSATION_BYTES] += BAR + 1;
    }
    for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
        placed->x[i] = x;
        x += placed->columns[i] > 0 ? placed->columns[i] + 1 : 0;
    }
}

/* ---- drawing ----------------------------------------------------------------------------------------- */

static void draw_titles(const struct ui_conversations_pane *pane, const struct placed *placed,
                        const struct ui_area *area)
{
    for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
        bool sorted = (int)pane->list.sort == i;
        char title[40];
        if (placed->columns[i] == 0) {
            continue;
        }
        (void)snprintf(title, sizeof title, "%s%s",
                       ui_conversation_title((enum ui_conversation_column)i),
                       !sorted                 ? ""
                       : pane->list.descending ? " ▼"
                                               : " ▲");
        if (columns_of[i].right) {
            struct ui_area cell = ui_area_part(area, 0, placed->x[i], 1, placed->columns[i]);
            ui_area_text_right(&cell, 0, cell.columns, sorted ? UI_KEY : UI_DIM, title);
        } else {
            (void)ui_area_text_in(area, 0, placed->x[i], placed->columns[i],
                                  sorted ? UI_KEY : UI_DIM, title);
        }
    }
}

static enum ui_mark mark_of(const struct trace_conversation *here)
{
    if (!here->known || !here->tls) {
        return UI_MARK_WAITING;
    }
    return here->failed ? UI_MARK_BAD : UI_MARK_GOOD;
}

static void draw_verdict(const struct trace_conversation *here, const struct ui_area *cell,
                         unsigned style)
{
    bool ascii = cell->canvas->ascii;
    enum ui_mark mark = mark_of(here);

    (void)ui_area_text(cell, 0, 0, ui_mark_style(mark), ui_mark_text(mark, ascii));
    (void)ui_area_text(cell, 0, ui_mark_columns(ascii), mark == UI_MARK_BAD ? UI_BAD : style,
                       here->known ? here->verdict : "not looked at yet");
}

/* As long as its part of the largest; something is always seen of what has any. */
static void draw_bar(const struct trace_conversation *here, uint64_t most,
                     const struct ui_area *cell)
{
    uint64_t bytes = here->bytes[0] + here->bytes[1];
    int columns = most > 0 ? (int)((double)bytes / (double)most * BAR + 0.5) : 0;

    if (columns == 0 && bytes > 0) {
        columns = 1;
    }
    ui_area_repeat(cell, 0, 0, columns < BAR ? columns : BAR, UI_DIM, "▓");
}

static void draw_line(const struct ui_conversations_pane *pane, const struct placed *placed,
                      const struct ui_area *area, int y, const struct trace_conversation *here)
{
    unsigned style = here->known && !here->tls ? UI_DIM : UI_TEXT;
    char text[300];

    if (pane->marked && pane->mark == here->index) {
        (void)ui_area_text(area, y, 0, UI_WARNING, "d");
    }
    for (int i = 0; i < UI_CONVERSATION_COLUMNS; i++) {
        struct ui_area cell = ui_area_part(area, y, placed->x[i], 1, placed->columns[i]);
        if (placed->columns[i] == 0) {
            continue;
        }
        (void)ui_conversation_text(text, sizeof text, here, (enum ui_conversation_column)i);
        if (i == UI_CONVERSATION_VERDICT) {
            draw_verdict(here, &cell, style);
        } else if (columns_of[i].right) {
            ui_area_text_right(&cell, 0, cell.columns, style, text);
        } else {
            (void)ui_area_text(&cell, 0, 0, style, text);
        }
        if (i == UI_CONVERSATION_BYTES && placed->bar > 0) {
            draw_bar(here, pane->list.most, &cell);
        }
    }
}

/* "/exam  12 of 100 000 conversations" */
static void draw_filter(const struct ui_conversations_pane *pane, const struct ui_area *area)
{
    char count[32], total[32], text[UI_FILTER_MAX + 100], filter[UI_FILTER_MAX];

    (void)snprintf(text, sizeof text, "%s of %s have \"%s\" in some column; Esc shows all",
                   text_grouped(count, sizeof count, pane->list.count),
                   text_grouped(total, sizeof total, pane->list.total),
                   text_safe(filter, sizeof filter, pane->list.filter, strlen(pane->list.filter)));
    (void)ui_area_text(area, 0, GUTTER, UI_WARNING, text);
}

static const char *empty_text(const struct ui_conversations_pane *pane, bool reading)
{
    if (pane->list.failed) {
        return "not enough memory to list them";
    }
    if (pane->list.filter[0] != '\0') {
        return "no conversation matches";
    }
    return reading ? "no conversation yet" : "there is no TCP conversation in this capture";
}

/* The list has been made anew: what was selected may stand elsewhere. */
static void update(struct ui_conversations_pane *pane, const struct ui_view *view)
{
    struct trace_capture *capture = stepper_capture(view->stepper);
    size_t index =
        pane->selected < pane->list.count ? ui_conversations_at(&pane->list, pane->selected) : 0;

    if (ui_conversations_update(&pane->list, capture, ui_is_reading(view->stepper))) {
        pane->selected = pane->moved ? ui_conversations_place(&pane->list, index) : 0;
    }
}

static void draw(void *state, const struct ui_view *view, const struct ui_area *area, bool focused)
{
    struct ui_conversations_pane *pane = state;
    struct trace_capture *capture = stepper_capture(view->stepper);
    struct placed placed;
    struct ui_area body;
    int head;

    if (capture == NULL) {
        return;
    }
    update(pane, view);
    head = HEAD_ROWS + (pane->list.filter[0] != '\0');
    body = ui_area_part(area, head, 0, area->rows - head, area->columns);
    pane->top = ui_list_scroll(pane->top, pane->selected, pane->list.count, body.rows);
    for (int y = 0; y < body.rows && pane->top + (size_t)y < pane->list.count; y++) {
        size_t index = ui_conversations_at(&pane->list, pane->top + (size_t)y);
        measure(pane, trace_capture_at(capture, index), view->ascii);
    }
    place(pane, &placed, area->columns);
    if (head > HEAD_ROWS) {
        draw_filter(pane, area);
    }
    if (pane->list.count == 0) {
        (void)ui_area_text(&body, 0, GUTTER, UI_DIM,
                           empty_text(pane, ui_is_reading(view->stepper)));
        return;
    }
    struct ui_area titles = ui_area_part(area, head - HEAD_ROWS, 0, HEAD_ROWS, area->columns);
    draw_titles(pane, &placed, &titles);
    for (int y = 0; y < body.rows && pane->top + (size_t)y < pane->list.count; y++) {
        size_t place_of = pane->top + (size_t)y;
        draw_line(pane, &placed, &body, y,
                  trace_capture_at(capture, ui_conversations_at(&pane->list, place_of)));
        if (place_of == pane->selected) {
            ui_area_restyle(&body, y, 0, body.columns, focused ? UI_SELECTION : UI_ELSEWHERE);
        }
    }
    ui_pane_draw_more(&body, pane->top > 0, pane->top + (size_t)body.rows < pane->list.count);
}

/* ---- keys -------------------------------------------------------------------------------------------- */

static bool move(void *state, const struct ui_view *view, enum ui_motion motion, int rows)
{
    struct ui_conversations_pane *pane = state;
    size_t before = pane->selected;

    (void)view;
    pane->moved = true;
    pane->selected = ui_list_move(before, pane->list.count, motion, rows - HEAD_ROWS);
    return pane->selected != before;
}

static bool click(void *state, const struct ui_view *view, int y, int x)
{
    struct ui_conversations_pane *pane = state;
    int line = y - HEAD_ROWS - (pane->list.filter[0] != '\0');

    (void)view, (void)x;
    if (line < 0 || pane->top + (size_t)line >= pane->list.count) {
        return false;
    }
    pane->moved = true;
    pane->selected = pane->top + (size_t)line;
    return true;
}

static void free_state(void *state)
{
    struct ui_conversations_pane *pane = state;

    ui_conversations_free(&pane->list);
}

static bool present(struct stepper *stepper, const struct trace_facts *facts)
{
    (void)facts;
    return stepper_listing(stepper);
}

/* Typed as a command, a search is a filter. */
static bool search(void *state, const struct ui_view *view, const char *text, bool backward)
{
    struct ui_conversations_pane *pane = state;

    (void)view, (void)backward;
    ui_conversations_set_filter(pane, text);
    return pane->list.count > 0;
}

/* ---- for commands -------------------------------------------------------------------------------------- */

const struct trace_conversation *ui_conversations_selected(const struct ui_conversations_pane *pane,
                                                           struct stepper *stepper)
{
    const struct trace_capture *capture = stepper_capture(stepper);

    if (capture == NULL || pane->list.capture != capture || pane->selected >= pane->list.count) {
        return NULL;
    }
    return trace_capture_at(capture, ui_conversations_at(&pane->list, pane->selected));
}

static size_t selected_index(const struct ui_conversations_pane *pane)
{
    return pane->selected < pane->list.count ? ui_conversations_at(&pane->list, pane->selected) : 0;
}

void ui_conversations_set_filter(struct ui_conversations_pane *pane, const char *filter)
{
    size_t index = selected_index(pane);

    ui_conversations_filter(&pane->list, filter);
    pane->selected = ui_conversations_place(&pane->list, index);
    pane->moved = true;
}

void ui_conversations_set_order(struct ui_conversations_pane *pane,
                                enum ui_conversation_column column, bool descending)
{
    size_t index = selected_index(pane);

    ui_conversations_sort(&pane->list, column, descending);
    pane->selected = pane->moved ? ui_conversations_place(&pane->list, index) : 0;
}

const struct ui_pane_operations ui_pane_conversations = {
    .name = "conversations",
    .title = "Conversations",
    .tab = "List",
    .keys = "Enter open  / filter  ← → sort by  S turn around  d compare",
    .state_size = sizeof(struct ui_conversations_pane),
    .free = free_state,
    .present = present,
    .draw = draw,
    .move = move,
    .search = search,
    .click = click,
};
