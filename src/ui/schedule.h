/*
 * The key schedule at the cursor, for the selected row's record, as a selection of its own: a tree
 * of fields and the bytes that they refer to, so that whatever draws and moves in a message does so
 * in here, too.
 */
#ifndef TLSTEP_UI_SCHEDULE_H
#define TLSTEP_UI_SCHEDULE_H

#include "selection.h"

struct ui_schedule {
    struct ui_selection keys; /* its only buffer is `bytes`; no row */
    struct buffer bytes;      /* secret */
    bool made;
    int columns; /* as drawn last */
    /* What it was made from. */
    const struct trace *trace;
    size_t cursor, event_count;
    uint32_t n;
};

void ui_schedule_free(struct ui_schedule *schedule);
/* Brings it up to date; folds and the selected line stay where the tree keeps its form. */
void ui_schedule_update(struct ui_schedule *schedule, const struct ui_view *view);

#endif
