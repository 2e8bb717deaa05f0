/*
 * The functions behind the commands of the screen. Each takes the command's argument (NULL: none
 * was given) and the key that it came from (0: it was typed), and returns 0, or -1 with why it
 * cannot be done now, for the status line.
 */
#ifndef TLSTEP_UI_COMMANDS_H
#define TLSTEP_UI_COMMANDS_H

#include "screen.h"

typedef int ui_screen_command(struct ui *ui, const char *argument, long key, struct err *err);

/* Always -1: "there is nothing above this". */
int ui_cannot(struct err *err, const char *why);

/* redacted.c: -1 where --redact keeps `what` ("secrets are") back, else 0. */
int ui_check_redacted(const struct ui *ui, const char *what, struct err *err);
/* The same for a field, which may be of any tree on the screen. */
int ui_check_redacted_field(struct ui *ui, const struct wire_tree *tree, size_t index,
                            struct err *err);

/* Lets the stepper carry out one of its commands. */
int ui_run_stepper(struct ui *ui, const char *name, const char *argument, struct err *err);

/* commands_capture.c: the list of conversations. */
ui_screen_command ui_run_conversation, ui_run_conversations, ui_run_sort, ui_run_left, ui_run_right;
/* Opens the selected one. */
int ui_open_conversation(struct ui *ui, struct err *err);

/* commands_certificates.c: judging again, browsing, fields, the chain as a file. */
ui_screen_command ui_run_judge, ui_run_store, ui_run_save_chain;
/* Opens the fields of the selected certificate; folds and unfolds the other paths. */
int ui_open_certificate(struct ui *ui, struct err *err);
/* The certificate that is selected in the pane that has the keys; length 0: none is, or it is another kind of pane. */
struct pki_slice ui_selected_certificate(struct ui *ui, const struct ui_view *view);
/* The options have changed: the trust store may be another one. */
void ui_notice_options(struct ui *ui);

/* commands_compare.c */
ui_screen_command ui_run_compare, ui_run_mark, ui_run_next_difference, ui_run_previous_difference;
/* Goes to the message of the selected line. */
int ui_go_to_compared(struct ui *ui, struct err *err);

/* commands_pane.c: within and between panes. */
ui_screen_command ui_run_next_pane, ui_run_previous_pane, ui_run_pane, ui_run_leave, ui_run_follow,
    ui_run_zoom, ui_run_up, ui_run_down, ui_run_page_up, ui_run_page_down, ui_run_top,
    ui_run_bottom, ui_run_toggle, ui_run_fold, ui_run_unfold, ui_run_unfold_all, ui_run_fold_all,
    ui_run_buffer, ui_run_search, ui_run_search_next, ui_run_search_previous;

/* commands_copy.c: taking things away. */
ui_screen_command ui_run_copy, ui_run_save_data;

/* commands_lesson.c */
ui_screen_command ui_run_lesson, ui_run_next_part, ui_run_previous_part, ui_run_hint, ui_run_answer;

/* commands_box.c: boxes, theme, terminal. */
ui_screen_command ui_run_options, ui_run_help, ui_run_explain, ui_run_reveal, ui_run_mouse,
    ui_run_command, ui_run_theme, ui_run_redraw, ui_run_suspend, ui_run_quit;

#endif
