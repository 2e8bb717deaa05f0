/* What was negotiated, fact by fact, in words: the text report and comparisons are made from it. */
#ifndef REPORT_FACT_H
#define REPORT_FACT_H

#include "tlstep/trace.h"

struct fact_row {
    const char *name;
    /* Writes safe text; nothing where it is not known or does not apply. `member`: offset in the facts of what it is about. */
    void (*text)(char *out, size_t size, const struct trace_facts *facts, size_t member);
    size_t member;
};
const struct fact_row *fact_table(size_t *count);
void fact_text(char *out, size_t size, const struct fact_row *row, const struct trace_facts *facts);

#endif
