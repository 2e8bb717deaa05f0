/* The list of conversations, for the commands that concern it. */
#ifndef TLSTEP_UI_PANE_CONVERSATIONS_H
#define TLSTEP_UI_PANE_CONVERSATIONS_H

#include "conversations.h"
#include "pane.h"

struct ui_conversations_pane {
    struct ui_conversations list;
    size_t selected; /* place in the list */
    size_t top;
    bool moved; /* somebody has chosen a line: it stays selected wherever it goes */
    int widest[UI_CONVERSATION_COLUMNS]; /* of what has been on the screen */
    bool marked;                         /* one is marked, to be compared with another */
    size_t mark;                         /* its index in the capture */
};

/* The selected conversation; NULL: the list is empty. */
const struct trace_conversation *ui_conversations_selected(const struct ui_conversations_pane *pane,
                                                           struct stepper *stepper);
/* What is selected stays so when the list is made anew. */
void ui_conversations_set_filter(struct ui_conversations_pane *pane, const char *filter);
void ui_conversations_set_order(struct ui_conversations_pane *pane,
                                enum ui_conversation_column column, bool descending);

#endif
