/* The line at the bottom where commands and searches are typed, with history and completion. */
#ifndef TLSTEP_UI_PROMPT_H
#define TLSTEP_UI_PROMPT_H

#include "complete.h"
#include "edit.h"

enum ui_prompt_kind { UI_PROMPT_NONE, UI_PROMPT_COMMAND, UI_PROMPT_SEARCH };

#define UI_HISTORY_MAX 100

struct ui_history {
    char *lines[UI_HISTORY_MAX]; /* oldest first; owned */
    size_t count;
};

struct ui_prompt {
    enum ui_prompt_kind kind;
    struct ui_edit edit;
    struct ui_history histories[2]; /* commands, searches */
    size_t recalled;                /* lines back in the history; 0: the line being typed */
    char typed[UI_EDIT_MAX];        /* that line, while another is recalled */
    struct ui_candidates candidates;
    bool listing;  /* candidates are shown */
    size_t chosen; /* which one Tab has put in; `count`: none yet */
};

enum ui_prompt_result { UI_PROMPT_GOES_ON, UI_PROMPT_CANCELLED, UI_PROMPT_ENTERED };

/* Opens it with a text that is there already. */
void ui_prompt_open(struct ui_prompt *prompt, enum ui_prompt_kind kind, const char *text);
/* Takes a key. After UI_PROMPT_ENTERED the line is in edit.text and in the history. */
enum ui_prompt_result ui_prompt_key(struct ui_prompt *prompt, long key);
void ui_prompt_free(struct ui_prompt *prompt);

/* Draws the line; returns the column of the cursor. */
int ui_prompt_draw(const struct ui_prompt *prompt, const struct ui_area *area);
/* How many rows the candidates take in so many columns; 0: none are listed. */
int ui_prompt_candidate_rows(const struct ui_prompt *prompt, int columns, bool ascii);
/* Draws what could be meant, above the line. */
void ui_prompt_draw_candidates(const struct ui_prompt *prompt, const struct ui_area *area);

#endif
