/* Commands that compare: conversations, runs, two rows of the session in view. */
#include <string.h>

#include "commands.h"
#include "comparison.h"
#include "pane_conversations.h"

static struct ui_comparison *comparison_of(struct ui *ui)
{
    return ui->panes[UI_PANE_COMPARISON].state;
}

bool ui_is_comparing(const struct ui *ui)
{
    return ui_comparison_source(ui->panes[UI_PANE_COMPARISON].state, ui->stepper) != NULL;
}

/* ---- sessions ---------------------------------------------------------------------------------------- */

static void name_left(struct ui *ui, char *out, size_t size)
{
    long index = stepper_conversation(ui->stepper);

    if (stepper_capture(ui->stepper) != NULL && index >= 0) {
        const struct trace_conversation *here =
            trace_capture_at(stepper_capture(ui->stepper), (size_t)index);
        (void)snprintf(out, size, "conversation %u", (unsigned)here->stream);
    } else {
        (void)snprintf(out, size, "run %zu", stepper_run_current(ui->stepper));
    }
}

int ui_run_compare(struct ui *ui, const char *argument, long key, struct err *err)
{
    struct ui_comparison *comparison = comparison_of(ui);
    char safe[40];

    (void)key;
    if (ui_run_stepper(ui, "compare", argument, err) != 0) {
        return -1;
    }
    ui_comparison_set_rows(comparison, NULL);
    if (argument == NULL) {
        ui_tell(ui, UI_MARK_GOOD, "Nothing is compared any more.");
        return 0;
    }
    name_left(ui, comparison->left, sizeof comparison->left);
    (void)text_safe(safe, sizeof safe, argument, strlen(argument));
    (void)snprintf(comparison->right, sizeof comparison->right, "%s%s",
                   strncmp(argument, "run ", 4) == 0 ? "" : "conversation ", safe);
    if (!ui_is_comparing(ui)) {
        return err_memory(err, "comparing");
    }
    ui_focus(ui, UI_PANE_COMPARISON);
    return 0;
}

/* ---- marking ------------------------------------------------------------------------------------------ */

/* Two conversations: the first is opened, the second compared with it. */
static int mark_conversation(struct ui *ui, struct err *err)
{
    struct ui_conversations_pane *pane = ui->panes[UI_PANE_CONVERSATIONS].state;
    const struct trace_conversation *selected = ui_conversations_selected(pane, ui->stepper);
    char first[16], second[16];

    if (selected == NULL) {
        return ui_cannot(err, "there is no conversation to compare");
    }
    if (!pane->marked || pane->mark == selected->index) {
        pane->marked = !pane->marked;
        pane->mark = selected->index;
        ui_tell(ui, UI_MARK_GOOD,
                pane->marked ? "Conversation %u is marked: d on another one compares them."
                             : "Conversation %u is no longer marked.",
                (unsigned)selected->stream);
        return 0;
    }
    pane->marked = false;
    (void)snprintf(first, sizeof first, "%u",
                   (unsigned)trace_capture_at(stepper_capture(ui->stepper), pane->mark)->stream);
    (void)snprintf(second, sizeof second, "%u", (unsigned)selected->stream);
    return ui_run_conversation(ui, first, 0, err) != 0 ? -1 : ui_run_compare(ui, second, 0, err);
}

static int compare_rows(struct ui *ui, uint32_t first, uint32_t second, struct err *err)
{
    struct ui_comparison *comparison = comparison_of(ui);
    struct trace *trace = stepper_trace(ui->stepper);
    const struct trace_row *a = trace_row_at(trace, first - 1);
    const struct trace_row *b = trace_row_at(trace, second - 1);
    struct report_comparison *rows = report_compare_rows(trace, a, trace, b);

    if (rows == NULL) {
        return err_memory(err, "comparing");
    }
    ui_comparison_set_rows(comparison, rows);
    (void)snprintf(comparison->left, sizeof comparison->left, "row %u, %s", first, a->type);
    (void)snprintf(comparison->right, sizeof comparison->right, "row %u, %s", second, b->type);
    ui_focus(ui, UI_PANE_COMPARISON);
    return 0;
}

/* Two rows of the session. */
static int mark_row(struct ui *ui, struct err *err)
{
    uint32_t n = ui->selection.n, before = ui->marked_row;

    if (n == 0) {
        return ui_cannot(err, "there is no message to compare");
    }
    if (before != 0 && before != n && before <= trace_row_count(stepper_trace(ui->stepper))) {
        ui->marked_row = 0;
        return compare_rows(ui, before, n, err);
    }
    ui->marked_row = before == n ? 0 : n;
    ui_tell(ui, UI_MARK_GOOD,
            ui->marked_row != 0 ? "Row %u is marked: d on another row compares the messages."
                                : "Row %u is no longer marked.",
            (unsigned)n);
    return 0;
}

int ui_run_mark(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument;
    if (stepper_is_certificates(ui->stepper) || ui->focus == UI_PANE_CERTIFICATES ||
        ui->focus == UI_PANE_REASONS) {
        return ui_run_judge(ui, NULL, key != 0 ? key : 'd', err); /* of another date */
    }
    if (ui->focus == UI_PANE_STORE) {
        return ui_cannot(err, "nothing can be marked in the trust store; T goes back");
    }
    return ui->focus == UI_PANE_CONVERSATIONS ? mark_conversation(ui, err) : mark_row(ui, err);
}

/* ---- in the comparison ---------------------------------------------------------------------------------- */

static int go_to_difference(struct ui *ui, bool backward, struct err *err)
{
    struct ui_comparison *comparison = comparison_of(ui);

    if (ui->focus != UI_PANE_COMPARISON) {
        return ui_cannot(err, "only a comparison has differences; d marks what is to be compared");
    }
    ui_comparison_update(comparison, ui->stepper);
    return ui_comparison_next(comparison, backward) ? 0 : ui_cannot(err, "nothing differs");
}

int ui_run_next_difference(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return go_to_difference(ui, false, err);
}

int ui_run_previous_difference(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    return go_to_difference(ui, true, err);
}

int ui_go_to_compared(struct ui *ui, struct err *err)
{
    const struct report_compared *line = ui_comparison_selected(comparison_of(ui));
    uint32_t n = line == NULL ? 0 : line->row_a != 0 ? line->row_a : 0;
    char number[16];

    if (line != NULL && n == 0 && comparison_of(ui)->rows != NULL) {
        n = line->row_b; /* both are rows of the session in view */
    }
    if (n == 0) {
        return ui_cannot(err, line != NULL && line->row_b != 0
                                  ? "only the other side has this message"
                                  : "this line belongs to no message");
    }
    (void)snprintf(number, sizeof number, "%u", (unsigned)n);
    if (n > trace_row_count_at(stepper_trace(ui->stepper), stepper_cursor(ui->stepper)) &&
        ui_run_stepper(ui, "goto", number, err) != 0) {
        return -1;
    }
    if (!ui_selection_row(&ui->selection, stepper_trace(ui->stepper), stepper_cursor(ui->stepper),
                          n)) {
        return ui_cannot(err, "this message is not there yet");
    }
    ui_focus(ui, UI_PANE_MESSAGE);
    return 0;
}
