/* What the ladder with one side and the one with two have in common. */
#ifndef TLSTEP_UI_LADDER_H
#define TLSTEP_UI_LADDER_H

#include "pane.h"

/* More than this are counted, not shown one by one. */
#define UI_WAITING_MAX 64

/* The lines are rows, then records that wait for their keys, then the tail. */
struct ui_ladder {
    size_t top; /* first line on the screen */
    struct trace_waiting waiting[UI_WAITING_MAX];
    size_t waiting_count;
    struct ui_page tail;
};

/* pane_ladder.c: one row, as wide as the area. The view is of the row's own side. */
void ui_ladder_draw_row(const struct ui_area *area, int y, const struct ui_view *view,
                        const struct trace_row *row);
/* The stop that is no message, what failed, before any row what comes next: into the tail. */
void ui_ladder_add_stop(struct ui_page *page, const struct ui_view *view);
void ui_ladder_add_failure(struct ui_page *page, const struct ui_view *view);
void ui_ladder_add_next(struct ui_page *page, const struct ui_view *view);

/* ladder_pair.c: two sides beside each other, the proxy in the middle. */
void ui_ladder_draw_pair(struct ui_ladder *ladder, const struct ui_view *view,
                         const struct ui_area *area, bool focused);
/* The row of the side in view at a line below the head; 0: the other side's, or none. */
uint32_t ui_ladder_pair_row(const struct ui_ladder *ladder, const struct ui_view *view, int line);

#endif
