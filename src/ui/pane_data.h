/* The state of the pane of application data, for the command that saves what it shows. */
#ifndef TLSTEP_UI_PANE_DATA_H
#define TLSTEP_UI_PANE_DATA_H

#include "data.h"

struct ui_data_pane {
    struct ui_data data;
    bool hex;
    bool chosen;           /* by the user; otherwise the data decides */
    int side;              /* 0: both, 1: the client's, 2: the server's */
    size_t top;            /* first line on the screen */
    size_t seen;           /* lines that there were when it was drawn last */
    size_t found;          /* line of the last match, from 1; 0: none */
    size_t which, matches; /* that match, and how many there are */
};

/* UI_DATA_SIDE() of the sides that are shown. */
unsigned ui_data_pane_sides(const struct ui_data_pane *pane);

#endif
