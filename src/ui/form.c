/* The options form: state and keys. form_draw.c draws it. */
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "keys.h"

/* ---- rows ---------------------------------------------------------------------------------------- */

static int collect_rows(struct ui_form *form)
{
    size_t count;
    const struct stepper_option *table = stepper_option_table(&count);

    form->rows = calloc(count, sizeof(const struct stepper_option *));
    form->count = 0;
    if (form->rows == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!table[i].later) {
            form->rows[form->count++] = &table[i];
        }
    }
    return 0;
}

static const struct stepper_option *selected_row(const struct ui_form *form)
{
    return form->rows[form->selected];
}

static bool is_text(const struct stepper_option *row)
{
    return row->kind == STEPPER_OPTION_TEXT && row->choices == NULL;
}

/* Loads the value of the selected row into the editor. */
static void load(struct ui_form *form)
{
    char value[UI_EDIT_MAX];

    ui_edit_set(&form->edit,
                stepper_option_get(value, sizeof value, &form->options, selected_row(form)));
}

int ui_form_open(struct ui_form *form, struct stepper *stepper, struct err *err)
{
    ui_form_close(form);
    form->stepper = stepper;
    stepper_options_init(&form->options);
    if (stepper_options_copy(&form->options, stepper_options(stepper), err) != 0) {
        return -1;
    }
    if (collect_rows(form) != 0) {
        stepper_options_free(&form->options);
        return err_memory(err, "opening the options");
    }
    form->open = true;
    load(form);
    return 0;
}

void ui_form_close(struct ui_form *form)
{
    if (form->rows != NULL) {
        stepper_options_free(&form->options);
        free(form->rows);
    }
    *form = (struct ui_form){0};
}

/* ---- values ----------------------------------------------------------------------------------------- */

/* Looks at the row alone, then at all of them together. */
static void check(struct ui_form *form)
{
    form->wrong = stepper_option_set(&form->options, selected_row(form)->name, form->edit.text,
                                     &form->problem) != 0 ||
                  tls_options_check(&form->options.tls, &form->problem) != 0;
}

static void set_value(struct ui_form *form, const char *value)
{
    ui_edit_set(&form->edit, value);
    check(form);
}

static size_t choice_index(const struct ui_form *form, const struct stepper_option *row)
{
    char value[64];

    (void)stepper_option_get(value, sizeof value, &form->options, row);
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(row->choices[i], value) == 0) {
            return i;
        }
    }
    return 0; /* not given is the first one, the default */
}

/* The first choice of an option that is text means that it is not given. */
static void set_choice(struct ui_form *form, size_t index)
{
    const struct stepper_option *row = selected_row(form);

    set_value(form, index == 0 && row->kind == STEPPER_OPTION_TEXT ? "" : row->choices[index]);
}

/* Goes through the values of a flag or a choice. */
static void cycle(struct ui_form *form, int step)
{
    const struct stepper_option *row = selected_row(form);
    size_t count = 0;

    if (row->choices == NULL) {
        set_value(form, strcmp(form->edit.text, "yes") == 0 ? "no" : "yes");
        return;
    }
    while (row->choices[count] != NULL) {
        count++;
    }
    if (count > 0) {
        set_choice(form, (choice_index(form, row) + count + (size_t)step) % count);
    }
}

static void go_to(struct ui_form *form, size_t row)
{
    /* A text that cannot be taken keeps the form where it is: it would be lost. */
    if (form->wrong &&
        stepper_option_set(&form->options, selected_row(form)->name, form->edit.text, NULL) != 0) {
        return;
    }
    form->selected = row;
    load(form);
    check(form);
}

/* ---- applying ---------------------------------------------------------------------------------------- */

static bool differs(const struct ui_form *form, const struct stepper_option *row, char *value,
                    size_t size)
{
    char before[UI_EDIT_MAX];

    (void)stepper_option_get(before, sizeof before, stepper_options(form->stepper), row);
    (void)stepper_option_get(value, size, &form->options, row);
    return strcmp(before, value) != 0;
}

static int apply(struct ui_form *form, size_t *changed)
{
    const struct stepper_command *set = stepper_command_find("set");

    *changed = 0;
    for (size_t i = 0; i < form->count; i++) {
        char value[UI_EDIT_MAX], argument[UI_EDIT_MAX + 64];
        if (!differs(form, form->rows[i], value, sizeof value)) {
            continue;
        }
        (void)snprintf(argument, sizeof argument, "%s %s", form->rows[i]->name, value);
        if (stepper_run(form->stepper, set, argument, &form->problem) != 0) {
            form->wrong = true;
            form->selected = i;
            load(form);
            return -1;
        }
        (*changed)++;
    }
    return 0;
}

/* Has the connection begun, so that only another run can have the new options? */
static bool has_begun(const struct ui_form *form)
{
    return trace_event_count(stepper_trace(form->stepper)) > 0 || stepper_busy(form->stepper);
}

static enum ui_form_result enter(struct ui_form *form)
{
    size_t changed;

    check(form);
    if (form->wrong || apply(form, &changed) != 0) {
        return UI_FORM_GOES_ON;
    }
    if (changed > 0 && has_begun(form)) {
        form->asking = true;
        return UI_FORM_GOES_ON;
    }
    return changed > 0 ? UI_FORM_APPLIED : UI_FORM_CLOSED;
}

/* ---- keys ------------------------------------------------------------------------------------------------ */

static enum ui_form_result answer(const struct ui_form *form, long key)
{
    (void)form;
    if (key == 'y' || key == 'Y' || key == UI_KEY_ENTER) {
        return UI_FORM_RESTART;
    }
    return key == 'n' || key == 'N' || key == UI_KEY_ESCAPE ? UI_FORM_APPLIED : UI_FORM_GOES_ON;
}

static void value_key(struct ui_form *form, long key)
{
    bool text = is_text(selected_row(form));

    if (text) {
        if (ui_edit_key(&form->edit, key)) {
            check(form);
        }
    } else if (key == UI_KEY_SPACE || key == UI_KEY_RIGHT) {
        cycle(form, 1);
    } else if (key == UI_KEY_LEFT) {
        cycle(form, -1);
    }
}

enum ui_form_result ui_form_key(struct ui_form *form, long key)
{
    size_t last = form->count - 1;

    if (form->asking) {
        return answer(form, key);
    }
    switch (key) {
    case UI_KEY_ESCAPE:
        return UI_FORM_CLOSED;
    case UI_KEY_ENTER:
        return enter(form);
    case UI_KEY_UP:
    case UI_KEY_BACK_TAB:
        go_to(form, form->selected > 0 ? form->selected - 1 : last);
        break;
    case UI_KEY_DOWN:
    case UI_KEY_TAB:
        go_to(form, form->selected < last ? form->selected + 1 : 0);
        break;
    case UI_KEY_PAGE_UP:
        go_to(form, 0);
        break;
    case UI_KEY_PAGE_DOWN:
        go_to(form, last);
        break;
    default:
        value_key(form, key);
    }
    return UI_FORM_GOES_ON;
}

void ui_form_click(struct ui_form *form, int y, int x)
{
    size_t row = form->top + (size_t)(y - form->first_y);

    if (y < form->first_y || y >= form->first_y + form->screen_rows || row >= form->count ||
        x < form->x || x >= form->x + form->columns) {
        return;
    }
    if (row == form->selected && !is_text(selected_row(form))) {
        cycle(form, 1);
    } else {
        go_to(form, row);
    }
}
