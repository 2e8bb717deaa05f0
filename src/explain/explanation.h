/*
 * The explanations as a table, made from docs/fields/ by generate.awk.
 */
#ifndef TLSTEP_EXPLAIN_EXPLANATION_H
#define TLSTEP_EXPLAIN_EXPLANATION_H

#include <stddef.h>

struct explanation {
    const char *id;
    const char *text; /* UTF-8, without line breaks */
};

extern const struct explanation explanations[]; /* in strcmp's order of ids */
extern const size_t explanation_count;

#endif
