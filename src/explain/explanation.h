/*
 * The explanations as a table, made from docs/fields/ by generate.awk.
 */
#ifndef TLSTEP_EXPLAIN_EXPLANATION_H
#define TLSTEP_EXPLAIN_EXPLANATION_H

#include <stddef.h>

struct explanation {
    const char *id;
    const char *also; /* other words for a term: "0-RTT, early data"; "" */
    const char *text; /* UTF-8, without line breaks */
};

extern const struct explanation explanations[]; /* in strcmp's order of ids */
extern const size_t explanation_count;

/* The text with exactly this id, or NULL. */
const char *explanation_find(const char *id);

#endif
