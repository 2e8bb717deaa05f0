/* Panes that are pages. */
#include "page_pane.h"
#include "tree.h"

void ui_page_pane_free(void *state)
{
    struct ui_page_pane *pane = state;

    ui_page_free(&pane->page);
    ui_page_free(&pane->before);
}

void ui_page_pane_forget_before(struct ui_page_pane *pane)
{
    pane->has_before = false;
}

static size_t last_top(const struct ui_page_pane *pane, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1;

    return pane->page.count > height ? pane->page.count - height : 0;
}

void ui_page_pane_draw(struct ui_page_pane *pane, const struct ui_area *area, bool focused)
{
    if (pane->has_before && !pane->marked) {
        ui_page_mark_changes(&pane->page, &pane->before);
        pane->marked = true;
    }
    if (pane->top > last_top(pane, area->rows)) {
        pane->top = last_top(pane, area->rows);
    }
    if (pane->found > pane->page.count) {
        pane->found = 0;
    }
    if (pane->found > 0) {
        pane->top = ui_list_scroll(pane->top, pane->found - 1, pane->page.count, area->rows);
    }
    ui_page_draw(&pane->page, pane->top, area);
    if (pane->found > 0) {
        ui_area_restyle(area, (int)(pane->found - 1 - pane->top), 0, area->columns,
                        focused ? UI_SELECTION : UI_ELSEWHERE);
    }
    ui_pane_draw_more(area, pane->top > 0, pane->top < last_top(pane, area->rows));
}

bool ui_page_pane_move(struct ui_page_pane *pane, enum ui_motion motion, int rows)
{
    size_t before = pane->top;

    pane->found = 0;
    pane->top = ui_list_move(pane->top, last_top(pane, rows) + 1, motion, rows);
    return pane->top != before;
}

bool ui_page_pane_search(struct ui_page_pane *pane, const char *text, bool backward)
{
    size_t from = pane->found > 0 ? pane->found - 1 : pane->top;
    long line = pane->page.count > 0 ? ui_page_find(&pane->page, from, text, backward) : -1;

    if (line >= 0) {
        pane->found = (size_t)line + 1;
    }
    return line >= 0;
}
