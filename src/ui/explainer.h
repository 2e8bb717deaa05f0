/*
 * The box of explanations: what the selected field is, what its value means, the terms that stand
 * in these texts as links to the glossary, the way back, and a search over all explanations.
 */
#ifndef TLSTEP_UI_EXPLAINER_H
#define TLSTEP_UI_EXPLAINER_H

#include "page_pane.h"

#define UI_TOPICS_MAX 32
#define UI_LINKS_MAX  100
#define UI_TOPIC_SIZE 200

enum ui_topic_kind {
    UI_TOPIC_FIELD, /* id: a field's path; its value, too */
    UI_TOPIC_ID,    /* id: whatever explain_append() knows */
    UI_TOPIC_QUERY, /* id: words that were searched for */
};

struct ui_topic {
    enum ui_topic_kind kind;
    char id[UI_TOPIC_SIZE];
    size_t selected; /* link */
    size_t top;      /* first line in view */
};

struct ui_link {
    char id[UI_TOPIC_SIZE];
    size_t line;
    int column, columns;
};

struct ui_explainer {
    bool open;
    struct ui_topic topics[UI_TOPICS_MAX]; /* the way here; the last one is shown */
    size_t count;
    struct buffer lead;  /* a text before that of the first topic, or instead of it; safe */
    struct buffer value; /* of the field, whole; safe */
    struct buffer means; /* what that value means */
    struct ui_page page;
    struct ui_link links[UI_LINKS_MAX];
    size_t link_count;
    struct ui_area content; /* as drawn last */
};

/* Opens it on a text (safe; "" for none) and a field or another id (NULL: the text is all). For a
 * field `tree` and `index` say which; otherwise `tree` is NULL. `hidden`: its value is secret. */
void ui_explainer_open(struct ui_explainer *box, const char *lead, const char *id,
                       const struct wire_tree *tree, size_t index, bool hidden);
/* Goes on to another topic. */
void ui_explainer_go(struct ui_explainer *box, enum ui_topic_kind kind, const char *id);
void ui_explainer_draw(struct ui_explainer *box, const struct ui_area *area);
/* Takes a key; false: it means nothing here. */
bool ui_explainer_key(struct ui_explainer *box, long key);
/* A click opens a link, or closes the box outside of it. */
void ui_explainer_click(struct ui_explainer *box, int y, int x);
void ui_explainer_free(struct ui_explainer *box);

/* Appends what the value of a field means: "TLS_AES_128_GCM_SHA256: …". False: nothing known. */
bool ui_explain_value(struct buffer *out, const struct wire_tree *tree, size_t index);

/* explainer_page.c: makes the lines and links of the topic in view. */
void ui_explainer_build(struct ui_explainer *box);

#endif
