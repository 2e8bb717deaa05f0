/* The list of certificates to browse, for the commands that concern it. */
#ifndef TLSTEP_UI_PANE_STORE_H
#define TLSTEP_UI_PANE_STORE_H

#include "certificate.h"
#include "certificates.h"
#include "page_pane.h"
#include "store.h"

struct ui_store_pane {
    struct ui_store store;
    size_t selected; /* place in the list */
    size_t top;
    size_t places_changed;        /* of the store, as drawn last */
    size_t index;                 /* of the selected one, to find it again in another order */
    bool moved;                   /* somebody has chosen a line */
    char trouble[300];            /* why there is no list; safe text */
    struct ui_certificates chain; /* in view: who in it is under the selected one */
    struct ui_certificate shown;  /* the selected one */
    struct ui_page_pane details;
    size_t detailed; /* index, counted from 1, that `details` is of; 0: none */
    /* What the bundle was asked for. */
    bool asked;
    uint64_t generation;
};

/* The bytes of the selected certificate; length 0: the list is empty. Borrowed from the bundle. */
struct pki_slice ui_store_selected(const struct ui_store_pane *pane);
/* What is selected stays so. */
void ui_store_set_filter(struct ui_store_pane *pane, const char *filter);
void ui_store_set_order(struct ui_store_pane *pane, enum ui_store_sort sort, bool descending);
/* What the selected one is, in a line or two: names whole, where it stands, who is under it. Safe text. */
void ui_store_describe(const struct ui_store_pane *pane, struct buffer *out);

#endif
