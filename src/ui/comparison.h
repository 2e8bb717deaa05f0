/*
 * Two sessions, or two messages of one session, side by side: the lines that are shown of a
 * report_comparison, as a tree.
 */
#ifndef TLSTEP_UI_COMPARISON_H
#define TLSTEP_UI_COMPARISON_H

#include "tree.h"

struct ui_comparison {
    struct ui_tree tree;
    size_t *lines; /* of the comparison, for each line of the tree */
    size_t count, capacity;
    bool everything;          /* also what is alike */
    bool failed;              /* memory ran out */
    char left[80], right[80]; /* what is compared; safe */
    /* Two rows of the session in view; otherwise the stepper's comparison is meant. */
    struct report_comparison *rows;
    /* What it was made from. */
    const struct report_comparison *made_from;
    size_t made_count;
    bool made_everything;
};

void ui_comparison_free(struct ui_comparison *comparison);
/* Compares two rows from now on; takes `rows`. */
void ui_comparison_set_rows(struct ui_comparison *comparison, struct report_comparison *rows);

/* What is compared; NULL: nothing is. */
const struct report_comparison *ui_comparison_source(const struct ui_comparison *comparison,
                                                     struct stepper *stepper);
/* Brings the lines up to date. */
void ui_comparison_update(struct ui_comparison *comparison, struct stepper *stepper);
/* The selected line; NULL: there is none. */
const struct report_compared *ui_comparison_selected(const struct ui_comparison *comparison);
/* The line of the comparison at a line of the tree. */
const struct report_compared *ui_comparison_line(const struct ui_comparison *comparison,
                                                 size_t index);

/* A line that differs and need not. */
bool ui_comparison_differs(const struct report_compared *line);
/* Selects the next difference without parts of its own, around the end. False: there is none. */
bool ui_comparison_next(struct ui_comparison *comparison, bool backward);
/* The next line that has a text, around the end. */
bool ui_comparison_find(struct ui_comparison *comparison, const char *text, bool backward);

#endif
