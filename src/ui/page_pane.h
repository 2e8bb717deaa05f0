/* What panes that are pages have in common: drawing, scrolling, searching. */
#ifndef TLSTEP_UI_PAGE_PANE_H
#define TLSTEP_UI_PAGE_PANE_H

#include "pane.h"

/* The beginning of the state of such a pane. */
struct ui_page_pane {
    struct ui_page page;   /* as drawn last */
    struct ui_page before; /* at the moment before, to mark what is new */
    bool has_before;
    size_t top;   /* the first line on the screen */
    size_t found; /* line of the last match, from 1; 0: none */
    bool marked;  /* what is new has been marked */
    /* What the page of a pane that keeps it was made from. */
    bool kept;
    int columns;
    struct ui_moment moment;
};

void ui_page_pane_free(void *state);
/* What was there a moment ago does not compare with what is there now. */
void ui_page_pane_forget_before(struct ui_page_pane *pane);
void ui_page_pane_draw(struct ui_page_pane *pane, const struct ui_area *area, bool focused);
bool ui_page_pane_move(struct ui_page_pane *pane, enum ui_motion motion, int rows);
bool ui_page_pane_search(struct ui_page_pane *pane, const char *text, bool backward);

#endif
