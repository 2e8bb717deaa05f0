/*
 * The certificates at the cursor as the tree that report makes of them. It is made once, and again
 * when the session has moved or something was judged: reading the anchors of the trust store for
 * every key would be felt.
 */
#ifndef TLSTEP_UI_CERTIFICATES_H
#define TLSTEP_UI_CERTIFICATES_H

#include "marks.h"
#include "pane.h"

struct ui_certificates {
    struct report_tree *tree; /* NULL: not made, or memory ran out */
    struct ui_moment moment;
};

/* Start with {0}. True when it was made anew. */
bool ui_certificates_update(struct ui_certificates *certificates, const struct ui_view *view);
void ui_certificates_free(struct ui_certificates *certificates);

enum ui_mark ui_mark_of_node(const struct report_tree_node *node);

/* The moment for which dates are judged: that of the verdict, else of the session, else now. */
int64_t ui_time_of_judgement(const struct ui_view *view);

/* Is a refused certificate what the screen is about? */
bool ui_is_refused(const struct stepper *stepper, const struct trace_facts *facts);

/* The code of a reason as words: "unknown critical extension". Returns `out`. */
char *ui_reason_words(char *out, size_t size, enum pki_reason_code code);
/* Why a chain is refused: all reasons with their rules, values and remedies. */
void ui_reasons_add(struct ui_page *page, const struct pki_verification *verification,
                    const struct report_tree *tree);
/* What is odd about a chain, accepted or not: sent for nothing, out of order, GnuTLS's other opinion, the end of a search. */
void ui_warnings_add(struct ui_page *page, const struct pki_verification *verification,
                     const struct report_tree *tree);

#endif
