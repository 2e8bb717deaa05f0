/* The lines at the bottom: what has happened or what is selected, what comes next, and what the last
 * key led to. */
#include <string.h>

#include "comparison.h"
#include "keys.h"
#include "pane_conversations.h"
#include "pane_store.h"
#include "screen.h"

bool ui_looks_at_field(const struct ui *ui)
{
    return ui->focus == UI_PANE_MESSAGE || ui->focus == UI_PANE_BYTES ||
           ui->panes[ui->focus].operations->fields != NULL;
}

bool ui_hides(const struct ui *ui, const struct wire_field_type *type)
{
    return !ui->revealed && crypt_schedule_is_secret(type);
}

void ui_explain(struct ui *ui, const struct ui_view *view, struct buffer *out)
{
    const struct trace_row *row = ui->selection.row;
    const struct wire_tree *tree = NULL;
    const char *text = NULL;
    size_t index;

    if (ui->focus == UI_PANE_CONVERSATIONS) {
        const struct trace_conversation *conversation =
            ui_conversations_selected(ui->panes[ui->focus].state, ui->stepper);
        if (conversation != NULL) {
            ui_conversation_describe(out, conversation);
            return;
        }
    }
    if (ui->focus == UI_PANE_STORE) {
        size_t before = out->length;
        ui_store_describe(ui->panes[ui->focus].state, out);
        if (out->length > before) {
            return;
        }
    }
    if (ui->focus == UI_PANE_COMPARISON) {
        const struct report_compared *line = ui_comparison_selected(ui->panes[ui->focus].state);
        text = line != NULL ? explain_find(line->name) : NULL;
    }
    if (ui->panes[ui->focus].operations->topic != NULL) {
        text = explain_find(ui->panes[ui->focus].operations->topic);
    } else if (ui_looks_at_field(ui)) {
        tree = ui_selected_field(ui, view, &index);
        text = tree != NULL ? explain_find(tree->fields[index].type->path) : NULL;
    }
    if (text == NULL && row != NULL && !ui->selection.follow && row->n != view->facts->stop.n &&
        ui->focus != UI_PANE_CONNECTION) {
        char id[80];
        (void)snprintf(id, sizeof id, "message.%s", row->type);
        text = explain_find(id);
    }
    if (text != NULL) {
        buffer_text(out, text);
    } else {
        stepper_explain(ui->stepper, out);
    }
}

/* Below the field's text: what its value means. */
static void explain_selected_value(struct ui *ui, const struct ui_view *view, struct buffer *out)
{
    const struct wire_tree *tree;
    size_t index;

    if (!ui_looks_at_field(ui)) {
        return;
    }
    tree = ui_selected_field(ui, view, &index);
    if (tree != NULL && !ui_hides(ui, tree->fields[index].type)) {
        (void)ui_explain_value(out, tree, index);
    }
}

static void add_line(struct ui_page *page, unsigned style, struct buffer *text)
{
    const char *string = buffer_string(text);

    ui_page_line(page);
    if (string != NULL) {
        ui_page_wrap(page, style, 0, string);
    }
    text->length = 0;
}

/* Draws as many lines as there are rows; the last one ends in "…" when there would be more. */
static void draw_cut(const struct ui_page *page, const struct ui_area *area)
{
    ui_page_draw(page, 0, area);
    if (area->rows > 0 && page->count > (size_t)area->rows) {
        int x = page->lines[area->rows - 1].columns;
        (void)ui_area_text(area, area->rows - 1, x < area->columns ? x : area->columns - 1, UI_DIM,
                           "…");
    }
}

static void draw_status(struct ui *ui, const struct ui_area *area)
{
    int x = ui_area_text(area, 0, 0, ui_mark_style(ui->status_mark),
                         ui_mark_text(ui->status_mark, ui->canvas.ascii)) +
            1;

    (void)ui_area_text(area, 0, x, ui_mark_style(ui->status_mark), ui->status);
}

/* While a command is typed: what it is and what it takes. False: it is none yet. */
static bool draw_usage(struct ui *ui, const struct ui_area *area)
{
    const char *line = ui->prompt.edit.text + strspn(ui->prompt.edit.text, " ");
    const struct stepper_command *command;
    char name[40];
    int x;

    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
    command = stepper_command_find(name);
    if (command == NULL) {
        return false;
    }
    x = ui_area_text(area, 0, 0, UI_KEY, command->name) + 1;
    if (command->usage[0] != '\0') {
        x = ui_area_text(area, 0, x, UI_KEY, command->usage) + 1;
    }
    (void)ui_area_text(area, 0, x + 1, UI_DIM, command->help);
    return true;
}

/* "Space: let GnuTLS act on ServerHello". */
static void draw_next(struct ui *ui, const struct ui_area *area)
{
    const struct stepper_command *step = stepper_command_find("step");
    bool busy = stepper_busy(ui->stepper);
    bool ended = stepper_over(ui->stepper) && stepper_at_end(ui->stepper);
    struct buffer next = {0};
    const char *text;
    char key[32] = "Now";
    int x;

    if (stepper_listing(ui->stepper)) {
        x = ui_area_text(area, 0, 0, UI_KEY, "Enter");
        (void)ui_area_text(area, 0, x, UI_TEXT, ": open the selected conversation");
        return;
    }
    if (ui->focus == UI_PANE_STORE || stepper_is_certificates(ui->stepper)) {
        bool fields = ui->focus == UI_PANE_STORE || ui->focus == UI_PANE_CERTIFICATES;
        x = ui_area_text(area, 0, 0, UI_KEY, fields ? "Enter" : "Esc");
        (void)ui_area_text(area, 0, x, UI_TEXT,
                           fields ? ": the fields of the selected certificate" : ": back");
        return;
    }
    stepper_explain_next(ui->stepper, &next);
    text = buffer_string(&next);
    if (text != NULL && text[0] != '\0') {
        if (!busy && !ended && step != NULL) {
            (void)ui_key_first(key, sizeof key, step->keys);
        }
        x = ui_area_text(area, 0, 0, busy || ended ? UI_DIM : UI_KEY, key);
        x = ui_area_text(area, 0, x, UI_TEXT, ": ");
        (void)ui_area_text(area, 0, x, UI_TEXT, text);
    }
    buffer_free(&next);
}

/* The upper lines say what has happened, the last what comes next, or what the last key led to. */
void ui_draw_explanation(struct ui *ui, const struct ui_view *view)
{
    struct ui_area outer = ui_area_of(ui, ui->layout.explanation);
    struct ui_area area = ui_area_part(&outer, 0, 1, outer.rows, outer.columns - 2);
    struct ui_area last = ui_area_part(&area, area.rows - 1, 0, 1, area.columns);
    struct ui_area above = ui_area_part(&area, 0, 0, area.rows - 1, area.columns);
    struct ui_page page = {0};
    struct buffer text = {0};

    if (above.rows == 0 && ui->status[0] == '\0') {
        above = area;
        last.rows = 0;
    }
    ui_page_reset(&page, above.columns, ui->canvas.ascii);
    ui_explain(ui, view, &text);
    add_line(&page, UI_TEXT, &text);
    explain_selected_value(ui, view, &text);
    if (text.length > 0) {
        add_line(&page, UI_TEXT, &text);
    }
    draw_cut(&page, &above);
    if (ui->prompt.kind == UI_PROMPT_COMMAND && last.rows > 0 && draw_usage(ui, &last)) {
        last.rows = 0;
    }
    if (ui->status[0] != '\0') {
        draw_status(ui, &last);
    } else if (last.rows > 0) {
        draw_next(ui, &last);
    }
    buffer_free(&text);
    ui_page_free(&page);
}
