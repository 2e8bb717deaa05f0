/*
 * Where everything is, for each size of the screen:
 *
 *   wide (from 110 x 30)   three columns as in docs: connection, ladder, cipher; below message
 *                          and bytes, the certificates on the right
 *   refused                the same, but below are the certificates and why they are refused
 *   certificates           without a connection: the tree, why it is refused, fields and bytes
 *   two columns (from 96)  ladder and message on the left; on the right one of the others, and
 *                          the bytes
 *   tall (from 40 rows)    the ladder above, one other pane below
 *   small                  one pane, the others are tabs
 *
 * A lesson takes the right third of screens from 100 columns on, the bottom of others; the panes share
 * what is left as on a smaller screen.
 *
 * Below 60 x 15 nothing is shown but a request to enlarge.
 */
#ifndef TLSTEP_UI_LAYOUT_H
#define TLSTEP_UI_LAYOUT_H

#include "pane.h"

#define UI_COLUMNS_LEAST 60
#define UI_ROWS_LEAST    15

struct ui_rect {
    int y, x, rows, columns;
};

struct ui_layout_request {
    int rows, columns;
    enum ui_pane_id focus;
    bool zoomed;
    int lesson_rows;  /* that a lesson needs over the whole width, 0: none goes on */
    bool two_ladders; /* a proxy: they need the room of what stands left of them */
    bool present[UI_PANE_COUNT];
    uint32_t looked_at[UI_PANE_COUNT]; /* the larger, the later */
};

struct ui_layout {
    bool too_small;
    struct ui_rect head, tabs, lesson, explanation, hints; /* rows 0: not there */
    struct ui_rect panes[UI_PANE_COUNT];                   /* rows 0: not on the screen */
};

void ui_layout_compute(struct ui_layout *layout, const struct ui_layout_request *request);

/* Of the panes at some places (a set) that are present, the one that was looked at last, else the
 * first of the table; UI_PANE_COUNT: there is none. */
enum ui_pane_id ui_layout_latest(const struct ui_layout_request *request, unsigned places);

#endif
