/* What was checked of a row: Finished, signatures, binders, MACs and tags. */
#ifndef TLSTEP_UI_CHECKS_H
#define TLSTEP_UI_CHECKS_H

#include "marks.h"

/* True when something of row `n` was checked with a result: the mark for it; one that is wrong
 * counts before all that are right. */
bool ui_check_mark(const struct trace_facts *facts, uint32_t n, enum ui_mark *mark);

/* "certificate_verify" as people know it: "CertificateVerify". */
const char *ui_check_words(const char *what);

/* Adds a line for each check of the row: what, the result, what was expected. */
void ui_checks_add(struct ui_page *page, const struct trace_facts *facts, uint32_t n);

#endif
