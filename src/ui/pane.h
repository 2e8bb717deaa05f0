/*
 * A pane: a table of operations and a state of its own. A pane draws from the view (the facts at
 * the cursor, the trace, what is selected) and changes nothing but its own state and the
 * selection. Adding a pane is adding a file and a row in panes.h.
 *
 * Panes that show facts as text give only `build`; scrolling, searching and drawing is done
 * for them (page_pane.c).
 */
#ifndef TLSTEP_UI_PANE_H
#define TLSTEP_UI_PANE_H

#include "canvas.h"
#include "page.h"
#include "panes.h"
#include "theme.h"
#include "tlstep/stepper.h"

enum ui_motion { UI_UP, UI_DOWN, UI_PAGE_UP, UI_PAGE_DOWN, UI_TOP, UI_BOTTOM };
enum ui_action { UI_FOLD, UI_UNFOLD, UI_TOGGLE, UI_UNFOLD_ALL, UI_FOLD_ALL, UI_SWITCH };

struct ui_selection;

/* What there is to see. Borrowed, for one call. */
struct ui_view {
    struct stepper *stepper;
    struct trace *trace;
    size_t cursor;
    const struct trace_facts *facts; /* at the cursor */
    struct ui_selection *selection;  /* the ladder row, its fields and its bytes */
    struct ui_selection *bytes; /* whose bytes are shown: the row's, or those of the key schedule */
    bool bytes_are_secret;
    bool ascii;
    bool in_lesson;     /* a lesson goes on beside the panes */
    bool reasons_apart; /* the pane of reasons is on the screen too */
    bool revealed;      /* secrets are shown; otherwise they must not reach the screen */
    uint64_t
        generation; /* another one when something may have changed without the cursor's moving */
};

/* What something was made from: as long as it is the same, nothing has to be made anew. */
struct ui_moment {
    uint64_t generation;
    const struct trace *trace;
    size_t cursor, event_count;
    const struct pki_verification *verification;
    bool reasons_apart;
};
struct ui_moment ui_moment_of(const struct ui_view *view);
bool ui_moment_is_same(const struct ui_moment *a, const struct ui_moment *b);

struct ui_pane;

struct ui_pane_operations {
    const char *name;  /* "ladder" */
    const char *title; /* "Certificates" */
    const char *tab;   /* the same in few letters: "Certs" */
    const char *
        topic; /* what the lines below explain while it has the keys: an id; NULL: what is selected */
    const char *keys; /* what can be done in it, for its border; NULL */
    size_t state_size;
    void (*free)(void *state);
    /* Is there such a pane now? Where it is not, no key leads to it. NULL: always. */
    bool (*present)(struct stepper *stepper, const struct trace_facts *facts);
    /* The title at the moment, where it changes: safe text into `out`. NULL: `title`. */
    void (*entitle)(void *state, const struct ui_view *view, char *out, size_t size);
    /* Page panes: makes the lines. The state of these begins with a struct ui_page_pane. */
    void (*build)(void *state, const struct ui_view *view, struct ui_page *page);
    /* Its lines are long and change with the moment only, or when it says so (`kept` of its page is made false):
     * they are not made anew for each frame. */
    bool keeps;
    /* What is NULL below is done as for a page; each returns false when there is nothing to do. */
    void (*draw)(void *state, const struct ui_view *view, const struct ui_area *area, bool focused);
    bool (*move)(void *state, const struct ui_view *view, enum ui_motion motion, int rows);
    bool (*act)(void *state, const struct ui_view *view, enum ui_action action);
    bool (*search)(void *state, const struct ui_view *view, const char *text, bool backward);
    bool (*click)(void *state, const struct ui_view *view, int y, int x);
    /* A field tree of its own and which field is selected, to be explained and copied; NULL: there is
     * none now. Where there is no such function the message's tree is meant. */
    const struct wire_tree *(*fields)(void *state, const struct ui_view *view, size_t *selected);
    /* What the last search has found, for the status line: "match 2 of 17". */
    void (*found)(void *state, const struct ui_view *view, char *out, size_t size);
};

struct ui_pane {
    const struct ui_pane_operations *operations;
    void *state;
    struct ui_area area;    /* where it is drawn, with its border; rows 0: not on the screen */
    struct ui_area content; /* inside of the border */
};

#define UI_PANE_DECLARE(id, name, number, place) \
    extern const struct ui_pane_operations ui_pane_##name;
UI_PANES(UI_PANE_DECLARE)
#undef UI_PANE_DECLARE

/* 0, or -1 when memory ran out. */
int ui_pane_init(struct ui_pane *pane, const struct ui_pane_operations *operations);
void ui_pane_free(struct ui_pane *pane);
/* Makes its state as it was in the beginning. */
void ui_pane_forget(struct ui_pane *pane);
/* Where it is drawn from now on; an area without rows takes it off the screen. */
void ui_pane_place(struct ui_pane *pane, const struct ui_area *area);
/* Draws border, title and content. `number`: the key that leads here, 0 for none. */
void ui_pane_draw(struct ui_pane *pane, const struct ui_view *view, int number, bool focused);
/* Makes the lines of page panes at an earlier cursor, to mark what is new since; NULL: nothing
 * is new. To be called again when the pane is placed elsewhere. */
void ui_pane_remember(struct ui_pane *pane, const struct ui_view *before);

/* Each returns false when there is nothing to do. */
bool ui_pane_move(struct ui_pane *pane, const struct ui_view *view, enum ui_motion motion);
bool ui_pane_act(struct ui_pane *pane, const struct ui_view *view, enum ui_action action);
bool ui_pane_search(struct ui_pane *pane, const struct ui_view *view, const char *text,
                    bool backward);
/* A click at a place of the content. */
bool ui_pane_click(struct ui_pane *pane, const struct ui_view *view, int y, int x);

/* Signs in the border of a pane that more lines are above or below its content. */
void ui_pane_draw_more(const struct ui_area *content, bool above, bool below);

#endif
