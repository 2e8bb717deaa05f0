/* Drawing the options form: fields, what is wrong, and the command line that does the same. */
#include <string.h>

#include "form.h"
#include "marks.h"
#include "tree.h"

#define LABEL_COLUMNS 22
#define FORM_COLUMNS  100
#define FOOT_ROWS     7

/* ---- one row ---------------------------------------------------------------------------------- */

static void draw_choices(const struct ui_area *area, int y, int x, const struct stepper_option *row,
                         const char *value)
{
    bool any = false;

    for (size_t i = 1; row->choices[i] != NULL; i++) {
        any |= strcmp(row->choices[i], value) == 0;
    }
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        bool chosen = strcmp(row->choices[i], value) == 0 || (i == 0 && !any);
        x = ui_area_text(area, y, x, chosen ? UI_STYLE_BOLD : UI_DIM, chosen ? "(•) " : "( ) ");
        x = ui_area_text(area, y, x, chosen ? UI_STYLE_BOLD : UI_DIM, row->choices[i]) + 2;
    }
}

static void draw_text(const struct ui_area *area, int y, int x, const char *value,
                      const struct stepper_option *row)
{
    char safe[2 * UI_EDIT_MAX];
    int columns = area->columns - x - 2;

    (void)ui_area_text(area, y, x, UI_DIM, "[");
    ui_area_text_right(area, y, area->columns, UI_DIM, "]");
    if (value[0] != '\0') {
        (void)ui_area_text_in(area, y, x + 1, columns, UI_TEXT,
                              text_safe(safe, sizeof safe, value, strlen(value)));
    } else {
        (void)ui_area_text_in(area, y, x + 1, columns, UI_DIM, row->argument);
    }
}

/* Draws a field; returns the column of the cursor when it is the selected one, -1 otherwise. */
static int draw_row(const struct ui_form *form, const struct ui_area *area, int y, size_t index)
{
    const struct stepper_option *row = form->rows[index];
    bool selected = index == form->selected;
    char value[UI_EDIT_MAX];

    (void)ui_area_text_in(area, y, 0, LABEL_COLUMNS - 1, selected ? UI_SELECTION : UI_TEXT,
                          row->label);
    (void)stepper_option_get(value, sizeof value, &form->options, row);
    if (row->choices != NULL) {
        draw_choices(area, y, LABEL_COLUMNS, row, value);
        return selected ? LABEL_COLUMNS + 1 : -1;
    }
    if (row->kind == STEPPER_OPTION_FLAG) {
        (void)ui_area_text(area, y, LABEL_COLUMNS, UI_TEXT,
                           strcmp(value, "yes") == 0 ? "[x]" : "[ ]");
        return selected ? LABEL_COLUMNS + 1 : -1;
    }
    if (strcmp(row->name, "proxy") == 0) {
        net_proxy_hide_password(value); /* until somebody edits it */
    }
    draw_text(area, y, LABEL_COLUMNS, value, row);
    if (!selected) {
        return -1;
    }
    return ui_edit_draw(&form->edit, area, y, LABEL_COLUMNS + 1, area->columns - LABEL_COLUMNS - 2,
                        UI_TEXT);
}

/* ---- below the rows --------------------------------------------------------------------------- */

static void add_summary(struct ui_page *page, const struct ui_form *form)
{
    size_t suites, groups;

    if (tls_priority_summary(&form->options.tls, &suites, &groups, NULL) == 0) {
        ui_page_line(page);
        ui_page_add(page, UI_DIM, "What GnuTLS makes of it: ");
        ui_page_add(page, UI_TEXT, "%zu cipher suites, %zu groups", suites, groups);
    }
}

static void add_command_line(struct ui_page *page, const struct ui_form *form)
{
    struct buffer line = {0}, safe = {0};
    const char *text;

    if (stepper_command_line(&line, &form->options, stepper_target(form->stepper)) == 0) {
        text_safe_append(&safe, line.data, line.length);
        text = buffer_string(&safe);
        ui_page_line(page);
        ui_page_add(page, UI_DIM, "Same as: ");
        ui_page_wrap(page, UI_TEXT, 9, text != NULL ? text : "");
    }
    buffer_free(&line);
    buffer_free(&safe);
}

static void build_foot(struct ui_page *page, const struct ui_form *form)
{
    ui_page_line(page);
    if (form->asking) {
        ui_page_wrap(page, UI_WARNING, 0, "Run the connection again with these options now?");
        ui_page_add(page, UI_KEY, "  y");
        ui_page_add(page, UI_TEXT, " yes  ");
        ui_page_add(page, UI_KEY, "n");
        ui_page_add(page, UI_TEXT, " at the next restart");
    } else if (form->wrong) {
        ui_mark_add(page, UI_MARK_BAD);
        ui_page_wrap(page, UI_BAD, ui_mark_columns(page->ascii), form->problem.text);
    } else {
        ui_page_wrap(page, UI_DIM, 0, form->rows[form->selected]->help);
    }
    add_summary(page, form);
    add_command_line(page, form);
}

/* ---- all ---------------------------------------------------------------------------------------- */

static struct ui_area place_box(const struct ui_form *form, const struct ui_area *area)
{
    int columns = area->columns < FORM_COLUMNS ? area->columns : FORM_COLUMNS;
    int rows = (int)form->count + FOOT_ROWS;

    if (rows > area->rows) {
        rows = area->rows;
    }
    return ui_area_part(area, 0, (area->columns - columns) / 2, rows, columns);
}

static void draw_frame(const struct ui_area *box, int divider)
{
    for (int y = 0; y < box->rows; y++) {
        ui_area_blank(box, y, 0, box->columns, UI_TEXT);
    }
    ui_area_border(box, UI_FOCUS);
    ui_area_caption(box, UI_FOCUS, "Options for the next run", "");
    ui_area_text_right(box, box->rows - 1, box->columns - 2, UI_TEXT,
                       " Enter: apply  Esc: leave as is  Space: change ");
    ui_area_repeat(box, divider, 1, box->columns - 2, UI_FOCUS, "─");
    ui_area_repeat(box, divider, 0, 1, UI_FOCUS, "├");
    ui_area_repeat(box, divider, box->columns - 1, 1, UI_FOCUS, "┤");
}

void ui_form_draw(struct ui_form *form, const struct ui_area *area, int *y, int *x)
{
    struct ui_area box = place_box(form, area);
    int foot = FOOT_ROWS - 3;
    struct ui_area fields = ui_area_part(&box, 1, UI_PAGE_MARGIN, box.rows - 3 - foot,
                                         box.columns - 2 * UI_PAGE_MARGIN);
    struct ui_area below =
        ui_area_part(&box, box.rows - 1 - foot, UI_PAGE_MARGIN, foot, fields.columns);
    struct ui_page page = {0};

    *y = *x = -1;
    draw_frame(&box, box.rows - 2 - foot);
    form->top = ui_list_scroll(form->top, form->selected, form->count, fields.rows);
    form->screen_rows = fields.rows;
    form->first_y = fields.y;
    form->x = fields.x;
    form->columns = fields.columns;
    for (int row = 0; row < fields.rows && form->top + (size_t)row < form->count; row++) {
        int cursor = draw_row(form, &fields, row, form->top + (size_t)row);
        if (cursor >= 0 && !form->asking) {
            *y = fields.y + row;
            *x = fields.x + cursor;
        }
    }
    ui_pane_draw_more(&fields, form->top > 0, form->top + (size_t)fields.rows < form->count);
    ui_page_reset(&page, below.columns, area->canvas->ascii);
    build_foot(&page, form);
    ui_page_draw(&page, 0, &below);
    ui_page_free(&page);
}
