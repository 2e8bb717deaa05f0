/*
 * The screen as a whole: what is shown and what has the keys. Knows no curses: loop.c feeds it
 * keys and copies its canvas to the terminal.
 */
#ifndef TLSTEP_UI_SCREEN_H
#define TLSTEP_UI_SCREEN_H

#include "copy.h"
#include "explainer.h"
#include "form.h"
#include "hints.h"
#include "layout.h"
#include "lesson.h"
#include "marks.h"
#include "menu.h"
#include "progress.h"
#include "prompt.h"
#include "selection.h"
#include "viewer.h"

struct ui {
    struct stepper *stepper;
    struct ui_canvas canvas;
    struct ui_layout layout;
    struct ui_pane panes[UI_PANE_COUNT];
    enum ui_pane_id focus;
    uint32_t looks, looked_at[UI_PANE_COUNT]; /* which panes had the keys, and when */
    bool zoomed;
    struct ui_selection selection;
    struct ui_hints hints;
    struct ui_prompt prompt;
    struct ui_viewer viewer;
    struct ui_menu menu;
    struct ui_explainer explainer;
    struct ui_form form;
    struct ui_lesson lesson;
    struct ui_theme theme;
    char search[UI_EDIT_MAX]; /* the last search */
    char status[600];         /* what the last key led to; "" */
    enum ui_mark status_mark;
    int tab_ends[UI_PANE_COUNT]; /* columns after each tab, for clicks; 0: no tabs */
    int cursor_y, cursor_x;      /* where the terminal's cursor goes; -1: hidden */
    bool mouse;                  /* the mouse is ours, not the terminal's */
    bool revealed;               /* secrets are shown */
    uint64_t generation;         /* counts what may have changed facts without moving the cursor */
    uint32_t marked_row;         /* to be compared with another; 0: none */
    long conversation;           /* of a capture, that is in view */
    struct ui_progress progress; /* of reading a capture */
    char filter_before[UI_EDIT_MAX]; /* of the list, while another one is typed */
    struct buffer to_terminal; /* what the loop shall send to the terminal after the next frame */
    /* What "new since the last step" was made for. */
    const struct trace *marked_trace;
    size_t marked_cursor;
    int marked_columns[UI_PANE_COUNT];
    /* What the loop shall do next. */
    bool quit;
    bool interrupted; /* quit, because of a signal or Ctrl-C */
    bool suspend;
    bool redraw;
    bool theme_changed;
};

/* 0, or -1 when memory ran out. */
int ui_init(struct ui *ui, struct stepper *stepper, bool ascii);
void ui_free(struct ui *ui);

/* Draws everything into the canvas, for a terminal of this size. */
int ui_draw(struct ui *ui, int rows, int columns);

/* What there is to see now. False when memory ran out. */
bool ui_make_view(struct ui *ui, struct ui_view *view);

/* To be called whenever the stepper may have put another session into view: what belongs to the one
 * before is forgotten. */
void ui_notice_session(struct ui *ui);
/* The same, known to be another one. */
void ui_forget_session(struct ui *ui);

/* Something was done that may have changed what panes have made and kept. */
void ui_notice_change(struct ui *ui);
/* There is work left that the next frame goes on with. */
bool ui_is_working(const struct ui *ui);

/* Gives the keys to a pane. */
void ui_focus(struct ui *ui, enum ui_pane_id pane);
/* Is there such a pane now? */
bool ui_is_present(const struct ui *ui, enum ui_pane_id pane);
/* The key that leads to it now, 0 for none. */
int ui_pane_number(const struct ui *ui, enum ui_pane_id pane);
/* Takes the keys from the pane, to the one that had them last at some other place. */
void ui_focus_back(struct ui *ui);

/* commands_copy.c: the field tree of the pane that has the keys, and which field is selected; NULL:
 * there is none. */
const struct wire_tree *ui_selected_field(struct ui *ui, const struct ui_view *view, size_t *index);

/* A rectangle of the layout as an area to draw in. */
struct ui_area ui_area_of(struct ui *ui, struct ui_rect rect);

/* explanation.c: appends what the selected field, the selected row or the last step is, whatever
 * the user is looking at; safe text. */
void ui_explain(struct ui *ui, const struct ui_view *view, struct buffer *out);
/* Is it a field that the user looks at? */
bool ui_looks_at_field(const struct ui *ui);
/* A secret that is not to be shown now. */
bool ui_hides(const struct ui *ui, const struct wire_field_type *type);
void ui_draw_explanation(struct ui *ui, const struct ui_view *view);

/* Sets the status line; the text is made safe. */
void ui_tell(struct ui *ui, enum ui_mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- input (input.c) ---------------------------------------------------------------------------- */

void ui_key(struct ui *ui, long key);

enum ui_mouse { UI_MOUSE_CLICK, UI_MOUSE_WHEEL_UP, UI_MOUSE_WHEEL_DOWN };
void ui_mouse_event(struct ui *ui, enum ui_mouse event, int y, int x);

/* ---- commands (commands.c) ----------------------------------------------------------------------- */

/* Carries out a command, typed (`key` 0) or by its key. An error is told in the status line. */
void ui_command_run(struct ui *ui, const struct stepper_command *command, const char *argument,
                    long key);
/* Carries out a typed line. */
void ui_command_line(struct ui *ui, const char *line);
/* Two sessions or messages are compared: there is such a pane. */
bool ui_is_comparing(const struct ui *ui);
/* commands_certificates.c: keeps the fields that are on the screen those of the certificate that is selected. */
void ui_follow_certificate(struct ui *ui);
/* True when a screen command of the table has a function here; for tests. */
bool ui_command_is_known(const char *name);

#endif
