/* How a certificate of the store stands to the chain in view: "who in this chain is under it". */
#ifndef TLSTEP_UI_STORE_CHAIN_H
#define TLSTEP_UI_STORE_CHAIN_H

#include "store.h"
#include "tlstep/report.h"

enum ui_store_relation {
    UI_STORE_APART,
    UI_STORE_ISSUER,   /* somebody in the chain names it as the issuer */
    UI_STORE_IN_CHAIN, /* it is one of the chain */
    UI_STORE_ANCHOR,   /* that ends the path */
};

/* `tree` may be NULL: there is no chain. */
enum ui_store_relation ui_store_relation(const struct report_tree *tree,
                                         const struct ui_store *store,
                                         const struct ui_store_row *row);
/* Appends it in words, with the names of those under it; nothing where there is nothing to say. */
void ui_store_relate(struct buffer *out, const struct report_tree *tree,
                     const struct ui_store *store, const struct ui_store_row *row);

#endif
