/*
 * A comparison while it is made: lines in pre-order, each with its depth. A line's kind is the
 * strongest of what is below it.
 */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "tlstep/report.h"

struct report_comparison {
    struct arena *arena;
    struct report_compared *lines;
    size_t count;
    size_t capacity;
    bool whole;  /* of two sessions, not of two messages */
    bool failed; /* memory ran out */
};

/* Adds a line; strings are copied. Returns its index. */
size_t compare_add(struct report_comparison *comparison, enum report_difference kind,
                   unsigned depth, const char *name, const char *a, const char *b);
/* Says which rows the lines from `first` on belong to. */
void compare_rows_of(struct report_comparison *comparison, size_t first, uint32_t row_a,
                     uint32_t row_b);
/* Adds a line for two values, either of which may be empty: same, changed or on one side only; none for none. */
void compare_values(struct report_comparison *comparison, unsigned depth, const char *name,
                    const char *a, const char *b);
/* All below line `index` have been added: its kind follows from theirs, where it is REPORT_SAME so far. */
void compare_close(struct report_comparison *comparison, size_t index);

/* compare_tree.c: the fields of two messages below a line of depth `depth` - 1. */
void compare_trees(struct report_comparison *comparison, unsigned depth, const struct wire_tree *a,
                   const struct wire_tree *b);

/* compare_rows.c: messages aligned by side and type, and two of them. */
void compare_messages(struct report_comparison *comparison, struct trace *a, size_t cursor_a,
                      struct trace *b, size_t cursor_b);
void compare_message(struct report_comparison *comparison, unsigned depth, struct trace *a,
                     const struct trace_row *row_a, struct trace *b, const struct trace_row *row_b);

/* compare_facts.c: what was negotiated, how it ended. */
void compare_facts(struct report_comparison *comparison, const struct trace_facts *a,
                   const struct trace_facts *b);
void compare_outcome(struct report_comparison *comparison, const struct trace_facts *a,
                     const struct trace_facts *b);

/* compare_certificates.c: the certificates of two sessions; and two chains with what came of them. */
void compare_certificates(struct report_comparison *comparison, const struct trace_facts *a,
                          const struct trace_facts *b);
void compare_chains(struct report_comparison *comparison, const struct report_chain *a,
                    const struct report_chain *b);
/* "accepted", "refused: expired, weak_key"; nothing where nobody has judged. */
const char *compare_verdict_text(struct buffer *out, const struct pki_verification *verification);

#endif
