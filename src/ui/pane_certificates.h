/* Which certificate is selected, for the commands that concern it. */
#ifndef TLSTEP_UI_PANE_CERTIFICATES_H
#define TLSTEP_UI_PANE_CERTIFICATES_H

#include "certificate.h"
#include "certificates.h"
#include "page_pane.h"

/* A line of the tree: a certificate, or one that folds or heads the paths that were not taken. */
struct ui_certificates_line {
    enum { UI_LINE_NODE, UI_LINE_FOLD, UI_LINE_PATH } kind;
    size_t node;          /* UI_LINE_NODE */
    unsigned alternative; /* UI_LINE_PATH: its number, from 1 */
};

struct ui_certificates_pane {
    struct ui_page_pane base;
    struct ui_certificates certificates;
    struct ui_certificate shown; /* the selected one */
    struct ui_certificates_line *lines;
    size_t count, capacity;
    size_t selected; /* line, counted from 1; 0: the leaf */
    size_t leaf;     /* its line */
    bool unfolded;   /* the paths that were not taken */
};

/* The node of the selected line; NULL: there is none, or it is not here. */
const struct report_tree_node *ui_certificates_selected(struct ui_certificates_pane *pane,
                                                        const struct ui_view *view);
/* Folds or unfolds the other paths, where that line is selected. */
bool ui_certificates_toggle(struct ui_certificates_pane *pane);

#endif
