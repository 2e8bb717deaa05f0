/* Drawing panes with their borders, and handing keys to them. */
#include <stdlib.h>
#include <string.h>

#include "page_pane.h"

int ui_pane_init(struct ui_pane *pane, const struct ui_pane_operations *operations)
{
    *pane = (struct ui_pane){.operations = operations, .state = calloc(1, operations->state_size)};
    return pane->state != NULL ? 0 : -1;
}

void ui_pane_free(struct ui_pane *pane)
{
    if (pane->state != NULL && pane->operations->free != NULL) {
        pane->operations->free(pane->state);
    }
    free(pane->state);
    *pane = (struct ui_pane){0};
}

void ui_pane_forget(struct ui_pane *pane)
{
    if (pane->operations->free != NULL) {
        pane->operations->free(pane->state);
    }
    memset(pane->state, 0, pane->operations->state_size);
}

/* ---- what things are made from ------------------------------------------------------------------ */

struct ui_moment ui_moment_of(const struct ui_view *view)
{
    return (struct ui_moment){
        .generation = view->generation,
        .trace = view->trace,
        .cursor = view->cursor,
        .event_count = trace_event_count(view->trace),
        .verification = view->facts->verification,
        .reasons_apart = view->reasons_apart,
    };
}

bool ui_moment_is_same(const struct ui_moment *a, const struct ui_moment *b)
{
    return a->generation == b->generation && a->trace == b->trace && a->cursor == b->cursor &&
           a->event_count == b->event_count && a->verification == b->verification &&
           a->reasons_apart == b->reasons_apart;
}

/* ---- drawing ------------------------------------------------------------------------------------ */

/* "Message 6: Finished · arrived · 52 bytes": where there is no room for all of it, what stands last
 * can be missed. */
static void cut_title(char *title, int columns, bool ascii)
{
    static const char joint[] = " · ";

    while (ui_text_columns(title, ascii) > columns) {
        char *last = NULL;
        for (char *at = title; (at = strstr(at, joint)) != NULL; at++) {
            last = at;
        }
        if (last == NULL) {
            return;
        }
        *last = '\0';
    }
}

/* What can be done, at the right, where that leaves room for the title. Returns its columns. */
static int draw_keys(const struct ui_pane *pane, const struct ui_area *top, const char *title,
                     int x, bool focused)
{
    const char *keys = pane->operations->keys;
    int columns = keys != NULL ? ui_text_columns(keys, top->canvas->ascii) + 2 : 0;

    if (columns == 0 || !focused ||
        x + ui_text_columns(title, top->canvas->ascii) + columns + 2 > top->columns) {
        return 0;
    }
    ui_area_blank(top, 0, top->columns - columns, columns, UI_DIM);
    (void)ui_area_text(top, 0, top->columns - columns + 1, UI_DIM, keys);
    return columns;
}

static void draw_frame(const struct ui_pane *pane, const struct ui_view *view, int number,
                       bool focused)
{
    unsigned style = focused ? UI_FOCUS : UI_TITLE;
    struct ui_area top = ui_area_part(&pane->area, 0, 2, 1, pane->area.columns - 4);
    char title[400];
    int x = 0;

    ui_area_border(&pane->area, focused ? UI_FOCUS : UI_BORDER);
    if (pane->operations->entitle != NULL) {
        pane->operations->entitle(pane->state, view, title, sizeof title);
    } else {
        (void)snprintf(title, sizeof title, "%s", pane->operations->title);
    }
    /* The number is the key that leads here. */
    if (number > 0) {
        char digit[16];
        (void)snprintf(digit, sizeof digit, "%d ", number);
        x = ui_area_text(&top, 0, x, UI_DIM, digit);
    }
    top.columns -= draw_keys(pane, &top, title, x, focused);
    cut_title(title, top.columns - x - 1, view->ascii);
    x = ui_area_text_in(&top, 0, x, top.columns - x - 1, style, title);
    ui_area_blank(&top, 0, x, 1, style);
    ui_area_blank(&pane->area, 0, 1, 1, style);
}

void ui_pane_draw_more(const struct ui_area *content, bool above, bool below)
{
    struct ui_area frame = *content;

    frame.x += content->columns + UI_PAGE_MARGIN - 1;
    frame.columns = 1;
    if (above) {
        ui_area_repeat(&frame, 0, 0, 1, UI_DIM, "▲");
    }
    if (below) {
        ui_area_repeat(&frame, frame.rows - 1, 0, 1, UI_DIM, "▼");
    }
}

void ui_pane_place(struct ui_pane *pane, const struct ui_area *area)
{
    pane->area = *area;
    pane->content =
        ui_area_part(area, 1, UI_PAGE_MARGIN, area->rows - 2, area->columns - 2 * UI_PAGE_MARGIN);
}

static void build_page(struct ui_pane *pane, const struct ui_view *view)
{
    struct ui_page_pane *page = pane->state;
    const struct ui_moment moment = ui_moment_of(view);

    if (pane->operations->keeps && page->kept && page->columns == pane->content.columns &&
        ui_moment_is_same(&page->moment, &moment)) {
        return;
    }
    ui_page_reset(&page->page, pane->content.columns, view->ascii);
    pane->operations->build(pane->state, view, &page->page);
    page->marked = false;
    page->kept = !page->page.failed;
    page->columns = pane->content.columns;
    page->moment = moment;
}

void ui_pane_draw(struct ui_pane *pane, const struct ui_view *view, int number, bool focused)
{
    draw_frame(pane, view, number, focused);
    if (pane->operations->build != NULL) {
        build_page(pane, view);
    }
    if (pane->operations->draw != NULL) {
        pane->operations->draw(pane->state, view, &pane->content, focused);
    } else {
        ui_page_pane_draw(pane->state, &pane->content, focused);
    }
}

void ui_pane_remember(struct ui_pane *pane, const struct ui_view *before)
{
    struct ui_page_pane *page = pane->state;

    if (pane->operations->build == NULL) {
        return;
    }
    page->has_before = before != NULL;
    page->kept = false;
    if (before != NULL) {
        ui_page_reset(&page->before, pane->content.columns, before->ascii);
        pane->operations->build(pane->state, before, &page->before);
    }
}

/* ---- keys ---------------------------------------------------------------------------------------- */

bool ui_pane_move(struct ui_pane *pane, const struct ui_view *view, enum ui_motion motion)
{
    if (pane->operations->move != NULL) {
        return pane->operations->move(pane->state, view, motion, pane->content.rows);
    }
    return ui_page_pane_move(pane->state, motion, pane->content.rows);
}

bool ui_pane_act(struct ui_pane *pane, const struct ui_view *view, enum ui_action action)
{
    return pane->operations->act != NULL && pane->operations->act(pane->state, view, action);
}

bool ui_pane_search(struct ui_pane *pane, const struct ui_view *view, const char *text,
                    bool backward)
{
    if (pane->operations->search != NULL) {
        return pane->operations->search(pane->state, view, text, backward);
    }
    return ui_page_pane_search(pane->state, text, backward);
}

bool ui_pane_click(struct ui_pane *pane, const struct ui_view *view, int y, int x)
{
    return pane->operations->click != NULL && pane->operations->click(pane->state, view, y, x);
}
