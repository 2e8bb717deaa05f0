/* Parts of the text report. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "pen.h"

/* text_certificates.c. 0, or -1: out of memory. */
int text_certificates(const struct pen *pen, const struct trace_facts *facts);
void text_verdict(const struct pen *pen, const struct trace_facts *facts);

#endif
