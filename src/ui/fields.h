/*
 * The fields of one certificate, wherever it comes from: a selection of its own, like that of the key
 * schedule, so that whatever draws and moves in a message does so in here, too. The same certificate as text, and as PEM.
 */
#ifndef TLSTEP_UI_FIELDS_H
#define TLSTEP_UI_FIELDS_H

#include "page_pane.h"
#include "selection.h"

enum ui_fields_form { UI_FIELDS_TREE, UI_FIELDS_TEXT, UI_FIELDS_PEM, UI_FIELDS_FORMS };

struct ui_fields {
    struct ui_selection fields;          /* its only buffer is the certificate; no row */
    struct pki_certificate *certificate; /* a copy of its own; NULL: none */
    char name[200];                      /* safe text */
    enum ui_fields_form form;
    struct ui_page_pane text; /* of the other two forms */
    enum ui_pane_id from;     /* who opened it */
    int rows, columns;        /* as drawn last */
};

/* Shows a certificate; nothing happens when it is the one that is shown. 0, or -1: out of memory. */
int ui_fields_show(struct ui_fields *fields, struct pki_slice der);
void ui_fields_free(struct ui_fields *fields);

#endif
