/* Commands that open boxes, and those that concern the theme and the terminal. */
#include <string.h>

#include "commands.h"
#include "help.h"

/* ---- boxes ------------------------------------------------------------------------------------------------ */

int ui_run_options(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (!stepper_live(ui->stepper)) {
        return ui_cannot(err, "a saved session has no options to change");
    }
    return ui_form_open(&ui->form, ui->stepper, err);
}

int ui_run_help(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui_viewer_open(&ui->viewer, "Keys and commands", ui_help_build, ui->stepper);
    return 0;
}

/* A term, a value or a field by its name; what has no text of that name is searched for. */
static void explain_word(struct ui *ui, const char *word)
{
    struct buffer text = {0};
    bool known = explain_append(&text, word);

    buffer_free(&text);
    ui_explainer_open(&ui->explainer, "", word, NULL, 0, false);
    if (!known) {
        ui->explainer.count = 0;
        ui_explainer_go(&ui->explainer, UI_TOPIC_QUERY, word);
    }
}

/* What the selected field is, or what has happened. */
int ui_run_explain(struct ui *ui, const char *argument, long key, struct err *err)
{
    const struct wire_tree *tree;
    struct ui_view view;
    struct buffer lead = {0};
    size_t index = 0;

    (void)key;
    if (argument != NULL) {
        explain_word(ui, argument);
        return 0;
    }
    if (!ui_make_view(ui, &view)) {
        return err_memory(err, "explaining");
    }
    tree = ui_looks_at_field(ui) ? ui_selected_field(ui, &view, &index) : NULL;
    if (tree != NULL) {
        ui_explainer_open(&ui->explainer, "", tree->fields[index].type->path, tree, index,
                          ui_hides(ui, tree->fields[index].type));
        return 0;
    }
    ui_explain(ui, &view, &lead);
    if (buffer_string(&lead) != NULL) {
        ui_explainer_open(&ui->explainer, buffer_string(&lead), NULL, NULL, 0, false);
    }
    buffer_free(&lead);
    return 0;
}

int ui_run_command(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "");
    return 0;
}

/* A projector is public: secrets are shown when somebody asks for them. */
int ui_run_reveal(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key;
    if (ui_check_redacted(ui, "secrets are", err) != 0) {
        return -1;
    }
    ui->revealed = !ui->revealed;
    if (!ui->revealed && ui->viewer.open) {
        ui->viewer.open = false; /* it may show one */
    }
    ui_tell(ui, ui->revealed ? UI_MARK_WARNING : UI_MARK_GOOD,
            ui->revealed ? "Secrets are shown now; x hides them." : "Secrets are hidden.");
    return 0;
}

/* ---- the terminal ------------------------------------------------------------------------------------- */

struct next_theme {
    const char *current;
    bool found, taken;
    char first[64], name[64];
};

static bool look_for_next(void *context, const char *name)
{
    struct next_theme *next = context;

    if (next->first[0] == '\0') {
        (void)snprintf(next->first, sizeof next->first, "%s", name);
    }
    if (next->found) {
        (void)snprintf(next->name, sizeof next->name, "%s", name);
        next->taken = true;
        return false;
    }
    next->found = strcmp(name, next->current) == 0;
    return true;
}

int ui_run_theme(struct ui *ui, const char *argument, long key, struct err *err)
{
    struct next_theme next = {.current = ui->theme.name};
    struct ui_theme theme;

    (void)key;
    if (argument == NULL) {
        ui_theme_names(look_for_next, &next);
        argument = next.taken ? next.name : next.first;
    }
    if (ui_theme_load(&theme, argument, err) != 0) {
        return -1;
    }
    ui->theme = theme;
    ui->theme_changed = true;
    ui_tell(ui, UI_MARK_GOOD, "Theme %s. To keep it: theme = %s in the configuration.", theme.name,
            theme.name);
    return 0;
}

/* Without it the terminal itself can select text. */
int ui_run_mouse(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui->mouse = !ui->mouse;
    ui_tell(ui, UI_MARK_GOOD,
            ui->mouse ? "The mouse selects and scrolls here."
                      : "The mouse is the terminal's again: it can select text.");
    return 0;
}

int ui_run_redraw(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui->redraw = true;
    return 0;
}

int ui_run_suspend(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui->suspend = true;
    return 0;
}

int ui_run_quit(struct ui *ui, const char *argument, long key, struct err *err)
{
    (void)argument, (void)key, (void)err;
    ui->quit = true;
    return 0;
}
