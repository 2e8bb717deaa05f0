/*
 * What is selected: a row of the ladder, one of its buffers, a field of its tree and a byte. It
 * is what links ladder, message tree and bytes: each of these panes draws from it, and moving in
 * one moves the others.
 */
#ifndef TLSTEP_UI_SELECTION_H
#define TLSTEP_UI_SELECTION_H

#include "tree.h"

#define UI_BUFFERS_MAX 16

struct ui_selection {
    uint32_t n;  /* the row's number; 0: none */
    bool follow; /* the row is the one that the cursor has reached */
    const struct trace_row *row;
    struct trace_buffer buffers[UI_BUFFERS_MAX]; /* those that are there at the cursor */
    size_t buffer_count;
    size_t shown;            /* index of the buffer in view */
    char preferred[32];      /* what the user asked to see; "": what says most */
    struct wire_tree fields; /* of the buffer in view */
    struct ui_tree tree;
    size_t byte;   /* the selected byte of the buffer in view */
    bool failed;   /* memory ran out */
    bool redacted; /* --redact: application data is kept back */
    /* What it was made from, to know when to make it anew. */
    const struct trace *trace;
    size_t cursor, event_count;
};

/* For ui_tree_load(): how deep field `index` of a struct wire_tree is. */
uint16_t ui_field_depth(const void *fields, size_t index);

/* --redact keeps the row's bytes back. */
bool ui_selection_is_kept_back(const struct ui_selection *selection);

/* The buffers of a row that are there at the cursor, at most UI_BUFFERS_MAX. Returns how many. */
size_t ui_buffers_at(const struct trace *trace, const struct trace_row *row, size_t cursor,
                     struct trace_buffer *buffers);
/* The one that says most: the message, decompressed if need be; else the last. */
size_t ui_buffer_default(const struct trace_buffer *buffers, size_t count);

void ui_selection_init(struct ui_selection *selection, bool redacted);
void ui_selection_free(struct ui_selection *selection);

/* Brings it up to date with the cursor; call before drawing. */
void ui_selection_update(struct ui_selection *selection, const struct trace *trace, size_t cursor);

/* Selects a row by its number and stops following. False when it is not shown at the cursor. */
bool ui_selection_row(struct ui_selection *selection, const struct trace *trace, size_t cursor,
                      uint32_t n);
/* The same, and a field of its tree, in the buffer of ui_buffer_default(). */
bool ui_selection_field(struct ui_selection *selection, const struct trace *trace, size_t cursor,
                        uint32_t n, size_t field);
/* Goes back to following the cursor. */
void ui_selection_follow(struct ui_selection *selection);

/* Shows the next buffer of the row. False when there is only one. */
bool ui_selection_next_buffer(struct ui_selection *selection);
/* The buffer in view; NULL when there is none. */
const struct trace_buffer *ui_selection_buffer(const struct ui_selection *selection);

/* A field was selected in the tree: the byte goes to its beginning. */
void ui_selection_field_chosen(struct ui_selection *selection);
/* Selects a byte, and the smallest field that holds it. */
void ui_selection_byte(struct ui_selection *selection, size_t byte);
/* The bytes of the selected field in the buffer in view. False when it has none there. */
bool ui_selection_range(const struct ui_selection *selection, size_t *offset, size_t *length);
/* The path of the selected field; NULL when there is none. */
const char *ui_selection_path(const struct ui_selection *selection);

#endif
