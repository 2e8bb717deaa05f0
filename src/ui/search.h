/*
 * Searching the fields of all messages, by name or value. What was found is kept, in the order of
 * the messages, as long as text and cursor stay the same: the next match needs no new search.
 */
#ifndef TLSTEP_UI_SEARCH_H
#define TLSTEP_UI_SEARCH_H

#include "tlstep/trace.h"

/* Where a field is: a row's number and an index into the tree of ui_buffer_default(). */
struct ui_match {
    uint32_t n;
    uint32_t field;
};

#define UI_MATCHES_MAX 100000

struct ui_search {
    char text[256];
    uint8_t bytes[128]; /* that the text names, when it is hexadecimal digits */
    long byte_count;    /* at most 0: none */
    const struct trace *trace;
    size_t cursor;
    struct ui_match *matches;
    size_t count, capacity;
    size_t scanned; /* rows that have been looked through */
    size_t rows;    /* rows that there are at the cursor */
    size_t current; /* the match that was found last */
    bool wrapped;   /* and that was beyond the end */
    bool failed;    /* memory ran out: matches are missing */
};

void ui_search_free(struct ui_search *search);

/* Finds the match after `from` (backward: before it), around the end. False: there is none. */
bool ui_search_find(struct ui_search *search, const struct trace *trace, size_t cursor,
                    const char *text, struct ui_match from, bool backward, struct ui_match *found);

/* "match 2 of 17", "match 1 of 17, from the beginning again", "match 2 of 900 or more". */
void ui_search_describe(const struct ui_search *search, char *out, size_t size);

#endif
