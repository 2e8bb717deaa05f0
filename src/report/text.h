/* Parts of the text report. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "parts.h"
#include "pen.h"

/* Where values begin, and how much of one from outside is shown without REPORT_ALL. */
#define TEXT_LABEL_COLUMNS 12
#define TEXT_VALUE_MAX     400
#define TEXT_NAMES_MAX     100

/* What is said of a certificate: as much as a report has room for, or all that is worth seeing. */
enum text_detail { TEXT_BRIEF, TEXT_FULL };

/* text_tree.c: the tree with its alternatives folded to a line each, unless all is asked for. 0, or -1: out of memory. */
int text_tree(const struct pen *pen, const struct report_tree *tree,
              const struct pki_verification *verification);
enum mark text_mark(enum report_tree_mark mark);

/* text_certificates.c: certificates of a session's peers, the tree first. 0, or -1: out of memory. */
int text_certificates(const struct pen *pen, const struct trace_facts *facts, int64_t at);
/* The certificates of a tree, leaf first: those of the path, and what else was sent. `at`: the time that dates are seen from. */
int text_members(const struct pen *pen, const struct report_chain *chain,
                 const struct report_tree *tree, int64_t at, enum text_detail detail);

/* text_details.c: extensions, addresses, timestamps and lint notes of certificate `index`. 0, or -1: out of memory. */
int text_details(const struct pen *pen, const struct report_chain *chain, size_t index,
                 const struct pki_certificate *certificate);

/* text_verdict.c; nothing where nobody has judged. */
void text_verdict(const struct pen *pen, const struct report_chain *chain, enum text_detail detail);

/* "       key         RSA …": a label and a value of ours, or one from outside. */
void text_row(const struct pen *pen, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void text_row_outside(const struct pen *pen, const char *label, const char *value);
/* A value from outside, safe, cut where not all is asked for. */
void text_outside(const struct pen *pen, const char *value);

#endif
