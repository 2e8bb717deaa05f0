/* The words of a filter: what is listed must have all of them, whatever their case. */
#ifndef TLSTEP_UI_WORDS_H
#define TLSTEP_UI_WORDS_H

#include <stddef.h>

#define UI_FILTER_MAX   256
#define UI_FILTER_WORDS 16

struct ui_words {
    char text[UI_FILTER_MAX];
    const char *words[UI_FILTER_WORDS]; /* in lower case */
    size_t count;
};

void ui_words_split(struct ui_words *words, const char *filter);

#endif
