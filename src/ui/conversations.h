/*
 * The conversations of a capture as a list: those that match a filter, in the order of a column. In
 * the capture's own order and without a filter it is the capture itself and costs nothing, however
 * long it is; otherwise it is made anew when filter, column or capture change.
 */
#ifndef TLSTEP_UI_CONVERSATIONS_H
#define TLSTEP_UI_CONVERSATIONS_H

#include "tlstep/trace.h"
#include "words.h"

enum ui_conversation_column {
    UI_CONVERSATION_NUMBER, /* the order of the capture */
    UI_CONVERSATION_TIME,
    UI_CONVERSATION_CLIENT,
    UI_CONVERSATION_SERVER,
    UI_CONVERSATION_SNI,
    UI_CONVERSATION_VERSION,
    UI_CONVERSATION_SUITE,
    UI_CONVERSATION_ALPN,
    UI_CONVERSATION_KEYS,
    UI_CONVERSATION_BYTES,
    UI_CONVERSATION_LASTED,
    UI_CONVERSATION_VERDICT,
    UI_CONVERSATION_COLUMNS
};

struct ui_conversations {
    char filter[UI_FILTER_MAX]; /* words that all must be in some column; "": everything */
    enum ui_conversation_column sort;
    bool descending;
    bool failed; /* memory ran out: lines are missing */
    size_t count;
    uint64_t most; /* bytes of the largest conversation */
    /* Indices in the capture, when the list is not simply all of it. */
    size_t *shown;
    size_t capacity;
    /* What it was made from. */
    const struct trace_capture *capture;
    size_t total;
    size_t measured; /* conversations that `most` is of */
    int64_t made_ns;
    bool complete; /* nothing was being read any more */
};

void ui_conversations_free(struct ui_conversations *list);

/* Brings the list up to date while a capture is `reading`. True when places may have changed. */
bool ui_conversations_update(struct ui_conversations *list, const struct trace_capture *capture,
                             bool reading);
/* Narrows or widens the list. */
void ui_conversations_filter(struct ui_conversations *list, const char *filter);
void ui_conversations_sort(struct ui_conversations *list, enum ui_conversation_column column,
                           bool descending);

/* The index in the capture of what stands at a place. */
size_t ui_conversations_at(const struct ui_conversations *list, size_t place);
/* The place of an index in the capture, or of what comes next; 0 in an empty list. */
size_t ui_conversations_place(const struct ui_conversations *list, size_t index);

const char *ui_conversation_title(enum ui_conversation_column column); /* "server name" */
/* What stands in a column: safe text; "" where it is not known. Returns `out`. */
char *ui_conversation_text(char *out, size_t size, const struct trace_conversation *conversation,
                           enum ui_conversation_column column);
/* All of it, for the lines below. */
void ui_conversation_describe(struct buffer *out, const struct trace_conversation *conversation);

#endif
