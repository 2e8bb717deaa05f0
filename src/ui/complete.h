/* What could be meant: completion of the command line. */
#ifndef TLSTEP_UI_COMPLETE_H
#define TLSTEP_UI_COMPLETE_H

#include "tlstep/stepper.h"

#define UI_CANDIDATES_MAX 512
#define UI_CANDIDATE_SIZE 256

struct ui_candidates {
    size_t from; /* where the word that is completed begins in the line */
    size_t count;
    char words[UI_CANDIDATES_MAX][UI_CANDIDATE_SIZE];
};

/* Fills in what the last word of `line` could become: command names, message types, options and
 * their values, themes, files. Sorted as their tables are. */
void ui_complete(const char *line, struct ui_candidates *out);

/* The beginning that all candidates share; at least the word that was typed. Returns `out`. */
char *ui_complete_common(char *out, size_t size, const struct ui_candidates *candidates);

#endif
