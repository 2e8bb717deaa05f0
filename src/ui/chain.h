/*
 * The certificates of a server as a tree that hangs from its root: first the path (or, before
 * it was judged, the way the certificates name each other), then those that are in no path.
 */
#ifndef TLSTEP_UI_CHAIN_H
#define TLSTEP_UI_CHAIN_H

#include "marks.h"
#include "tlstep/trace.h"

struct ui_chain_node {
    const struct pki_certificate *certificate; /* NULL: known by its name only */
    struct pki_certificate *owned;             /* the same, when it was read here */
    const char *name; /* of one that is not here: the issuer's subject, from outside */
    int depth;
    size_t sent; /* its place among those sent, from 1; 0: from the trust store, or not here */
    bool unused; /* sent, and in no path */
    bool anchor; /* the path ends here, at something trusted */
    enum ui_mark mark;
};

struct ui_chain {
    struct ui_chain_node *nodes;
    size_t count;
    size_t leaf; /* index of the server's own certificate; `count` when there is none */
};

/* Borrows from the facts. 0, or -1 when memory ran out (the chain is empty then). */
int ui_chain_init(struct ui_chain *chain, const struct trace_facts *facts);
void ui_chain_free(struct ui_chain *chain);

/* The name of a node, safe text. Returns `out`. */
char *ui_chain_name(char *out, size_t size, const struct ui_chain_node *node);

/* Is a refused certificate what the screen is about? */
bool ui_is_refused(const struct trace_facts *facts);

/* Why a chain is refused: a list of reasons with their references and remedies. */
void ui_chain_add_reasons(struct ui_page *page, const struct pki_verification *verification,
                          const struct ui_chain *chain);

#endif
