/*
 * Which function the screen has for each command of the stepper's table, and how commands are
 * carried out: those of the screen here, all others by the stepper.
 */
#include <stdlib.h>
#include <string.h>

#include "commands.h"

int ui_cannot(struct err *err, const char *why)
{
    return err_set(err, ERR_USAGE, "nothing_to_do", "%s", why);
}

/* ---- commands that take the selected row from the screen --------------------------------------------- */

/* Also where it fails, a command may have changed what panes have made. */
static int let_run(struct ui *ui, const struct stepper_command *command, const char *argument,
                   struct err *err)
{
    int result = stepper_run(ui->stepper, command, argument, err);

    ui_notice_change(ui);
    return result;
}

int ui_run_stepper(struct ui *ui, const char *name, const char *argument, struct err *err)
{
    const struct stepper_command *command = stepper_command_find(name);

    return command != NULL ? let_run(ui, command, argument, err)
                           : ui_cannot(err, "there is no such command");
}

/* b sets and takes away a breakpoint at the selected row's message. */
static int run_break(struct ui *ui, const char *argument, long key, struct err *err)
{
    const struct trace_row *row = ui->selection.row;
    char type[80];
    bool set;

    if (key == 0) {
        return ui_run_stepper(ui, "break", argument, err);
    }
    if (row == NULL || ui->focus != UI_PANE_LADDER) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "break ");
        return 0;
    }
    (void)snprintf(type, sizeof type, "%s:%s", wire_side_name(row->from), row->type);
    set = !stepper_breaks_at(ui->stepper, row->type, row->from);
    if (ui_run_stepper(ui, set ? "break" : "unbreak", type, err) != 0) {
        return -1;
    }
    ui_tell(ui, UI_MARK_GOOD, set ? "Runs stop at %s." : "Runs no longer stop at %s.", type);
    return 0;
}

/* g goes to the selected row, where that is another one than the cursor's. */
static int run_goto(struct ui *ui, const char *argument, long key, struct err *err)
{
    char number[16];

    if (key == 0) {
        return ui_run_stepper(ui, "goto", argument, err);
    }
    if (ui->selection.follow || ui->selection.n == 0) {
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, "goto ");
        return 0;
    }
    (void)snprintf(number, sizeof number, "%u", (unsigned)ui->selection.n);
    return ui_run_stepper(ui, "goto", number, err);
}

/* ---- the table --------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    ui_screen_command *run;
} commands[] = {
    {"next-pane", ui_run_next_pane},
    {"previous-pane", ui_run_previous_pane},
    {"pane", ui_run_pane},
    {"zoom", ui_run_zoom},
    {"leave", ui_run_leave},
    {"up", ui_run_up},
    {"down", ui_run_down},
    {"page-up", ui_run_page_up},
    {"page-down", ui_run_page_down},
    {"top", ui_run_top},
    {"bottom", ui_run_bottom},
    {"toggle", ui_run_toggle},
    {"fold", ui_run_fold},
    {"unfold", ui_run_unfold},
    {"unfold-all", ui_run_unfold_all},
    {"fold-all", ui_run_fold_all},
    {"buffer", ui_run_buffer},
    {"follow", ui_run_follow},
    {"copy", ui_run_copy},
    {"save-data", ui_run_save_data},
    {"reveal", ui_run_reveal},
    {"search", ui_run_search},
    {"search-next", ui_run_search_next},
    {"search-previous", ui_run_search_previous},
    {"options", ui_run_options},
    {"help", ui_run_help},
    {"explain", ui_run_explain},
    {"command", ui_run_command},
    {"theme", ui_run_theme},
    {"mouse", ui_run_mouse},
    {"redraw", ui_run_redraw},
    {"suspend", ui_run_suspend},
    {"quit", ui_run_quit},
    {"break", run_break},
    {"goto", run_goto},
    {"conversation", ui_run_conversation},
    {"conversations", ui_run_conversations},
    {"sort", ui_run_sort},
    {"compare", ui_run_compare},
    {"mark", ui_run_mark},
    {"next-difference", ui_run_next_difference},
    {"previous-difference", ui_run_previous_difference},
    {"back", ui_run_left},
    {"forward", ui_run_right},
    {"judge", ui_run_judge},
    {"store", ui_run_store},
    {"save-chain", ui_run_save_chain},
    {"lesson", ui_run_lesson},
    {"next-part", ui_run_next_part},
    {"previous-part", ui_run_previous_part},
    {"hint", ui_run_hint},
    {"answer", ui_run_answer},
};

static ui_screen_command *find_command(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return commands[i].run;
        }
    }
    return NULL;
}

bool ui_command_is_known(const char *name)
{
    return find_command(name) != NULL;
}

/* ---- carrying out -------------------------------------------------------------------------------------------- */

/* Answers with secrets are hidden even from who asks for them by name: a projector is public. */
static int check_hidden(const struct ui *ui, const struct stepper_command *command, struct err *err)
{
    if (strcmp(command->name, "secrets") != 0) {
        return 0;
    }
    if (ui_check_redacted(ui, "secrets are", err) != 0) {
        return -1;
    }
    return ui->revealed ? 0 : err_set(err, ERR_USAGE, "hidden", "secrets are hidden: x shows them");
}

/* The answer to a question, in a box. */
static int ask(struct ui *ui, const struct stepper_command *command, const char *argument,
               struct err *err)
{
    struct json_t *answer, *value;
    struct buffer text = {0};
    char *dump;

    if (check_hidden(ui, command, err) != 0) {
        return -1;
    }
    answer = stepper_answer(ui->stepper, command, argument, err);
    if (answer == NULL) {
        return -1;
    }
    value = json_object_get(answer, command->answer_name);
    dump = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    json_decref(answer);
    if (dump == NULL) {
        return err_memory(err, "writing the answer");
    }
    buffer_text(&text, dump);
    free(dump);
    ui_viewer_open_text(&ui->viewer, command->name, &text);
    return 0;
}

/* What a pane shows better than JSON does. */
static const struct {
    const char *name;
    enum ui_pane_id pane;
    const char *absent;
} shown[] = {
    {"schedule", UI_PANE_SCHEDULE, "no session is in view, or it has no keys yet"},
    {"differences", UI_PANE_COMPARISON, "nothing is compared: d marks what is to be"},
};

/* Goes to the pane that answers, for a row where one is named. */
static int go_to_answer(struct ui *ui, size_t answer, const char *argument, struct err *err)
{
    unsigned long n = argument != NULL ? strtoul(argument, NULL, 10) : 0;

    if (!ui_is_present(ui, shown[answer].pane)) {
        return ui_cannot(err, shown[answer].absent);
    }
    if (argument != NULL &&
        (n > UINT32_MAX || !ui_selection_row(&ui->selection, stepper_trace(ui->stepper),
                                             stepper_cursor(ui->stepper), (uint32_t)n))) {
        return ui_cannot(err, "there is no such row here");
    }
    ui_focus(ui, shown[answer].pane);
    return 0;
}

static bool wants_argument(const struct stepper_command *command)
{
    return command->usage[0] != '\0' && command->usage[0] != '[';
}

/* What a command has done that cannot be seen elsewhere. */
static void tell_done(struct ui *ui, const struct stepper_command *command, const char *argument)
{
    const bool redact = stepper_options(ui->stepper)->redact;
    const char *folder = stepper_options(ui->stepper)->tls.ca_dir;
    const char *given =
        argument == NULL && strcmp(command->name, "write-ca") == 0 ? folder : argument;
    const struct {
        const char *name, *format;
    } done[] = {
        {"save", redact ? "Saved to %s, redacted: without secrets, application data, cookies and "
                          "tickets."
                        : "Saved to %s, secrets included."},
        {"write-ca", "The lab's root is in %s."},
        {"set", "Set %s: the next run uses it."},
        {"break", "Runs stop at %s."},
        {"unbreak", "Runs no longer stop at %s."},
    };

    for (size_t i = 0; i < sizeof done / sizeof done[0]; i++) {
        if (strcmp(done[i].name, command->name) == 0 && ui->status[0] == '\0' && given != NULL) {
            char text[300];
            size_t before = strcspn(done[i].format, "%");
            (void)snprintf(text, sizeof text, "%.*s%s%s", (int)before, done[i].format, given,
                           done[i].format + before + 2);
            net_proxy_hide_password(text);
            ui_tell(ui, UI_MARK_GOOD, "%s", text);
        }
    }
}

static int carry_out(struct ui *ui, const struct stepper_command *command, const char *argument,
                     long key, struct err *err)
{
    ui_screen_command *run = find_command(command->name);
    char line[80];

    if (key != 0 && wants_argument(command) && run == NULL) {
        (void)snprintf(line, sizeof line, "%s ", command->name);
        ui_prompt_open(&ui->prompt, UI_PROMPT_COMMAND, line);
        return 0;
    }
    if (run != NULL) {
        return run(ui, argument, key, err);
    }
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        if (strcmp(command->name, shown[i].name) == 0) {
            return go_to_answer(ui, i, argument, err);
        }
    }
    if (command->kind == STEPPER_ASKING) {
        return ask(ui, command, argument, err);
    }
    return let_run(ui, command, argument, err);
}

/* Where a command has left the session. */
struct place {
    const struct trace *trace;
    size_t cursor;
    bool busy;
    bool follow; /* the selection follows the cursor */
};

static struct place find_place(const struct ui *ui)
{
    return (struct place){
        .trace = stepper_trace(ui->stepper),
        .cursor = stepper_cursor(ui->stepper),
        .busy = stepper_busy(ui->stepper),
        .follow = ui->selection.follow,
    };
}

/* Whoever moves wants to see where that leads, and that nothing moved if it did not. */
static void follow_move(struct ui *ui, const struct stepper_command *command,
                        const struct place *before)
{
    struct place after = find_place(ui);
    bool moved = after.trace != before->trace || after.cursor != before->cursor || after.busy;

    if (!moved && command->kind != STEPPER_MOVING) {
        return;
    }
    if (!moved && before->follow && ui->status[0] == '\0' && ui->prompt.kind == UI_PROMPT_NONE) {
        ui_tell(ui, UI_MARK_WARNING, "this is where the view is already");
    }
    if (ui->prompt.kind == UI_PROMPT_NONE) {
        ui_selection_follow(&ui->selection);
    }
}

void ui_command_run(struct ui *ui, const struct stepper_command *command, const char *argument,
                    long key)
{
    struct place before = find_place(ui);
    struct err err = {0};

    if (carry_out(ui, command, argument, key, &err) != 0) {
        ui_tell(ui, UI_MARK_WARNING, "%s", err.text);
        return;
    }
    if (strcmp(command->name, "set") == 0) {
        ui_notice_options(ui);
    }
    ui_notice_session(ui);
    if (command->kind != STEPPER_SCREEN) {
        follow_move(ui, command, &before);
    }
    tell_done(ui, command, argument);
}

/* Blanks at the end (completion leaves one) belong to nothing but text. */
static void trim(const struct stepper_command *command, char *argument)
{
    size_t length = strlen(argument);

    while (command->argument != STEPPER_ARGUMENT_TEXT && length > 0 &&
           argument[length - 1] == ' ') {
        argument[--length] = '\0';
    }
}

void ui_command_line(struct ui *ui, const char *line)
{
    const struct stepper_command *command;
    const char *given;
    char argument[UI_EDIT_MAX] = "";
    struct err err = {0};

    if (line[strspn(line, " ")] == '\0') {
        return;
    }
    if (stepper_command_parse(line, &command, &given, &err) != 0) {
        ui_tell(ui, UI_MARK_WARNING, "%s", err.text);
        return;
    }
    if (given != NULL) {
        (void)snprintf(argument, sizeof argument, "%s", given);
        trim(command, argument);
    }
    if (wants_argument(command) && argument[0] == '\0') {
        ui_tell(ui, UI_MARK_WARNING, "%s needs an argument: %s %s", command->name, command->name,
                command->usage);
        return;
    }
    ui_command_run(ui, command, argument[0] != '\0' ? argument : NULL, 0);
}
