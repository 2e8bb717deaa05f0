/* The table of subcommands, and a stepper for their operand. */
#include <string.h>

#include "cli.h"

/* clang-format off */
static const struct cli_command table[] = {
    {"", "[TARGET]", "the screen; without TARGET on the built-in lab server lab:good", cli_screen,
     false},
    {"open", "FILE", "the screen, on a saved session", cli_open, true},
    {"report", "TARGET|FILE", "run all steps and print what was found", cli_report, false},
    {"drive", "TARGET|FILE", "step from a script: commands on stdin, a JSON line each on stdout",
     cli_drive, false},
    {"certs", NULL, NULL, NULL, false},
    {"scan", NULL, NULL, NULL, false},
    {"diff", "A B", "two sessions compared, each a TARGET, a FILE, or FILE#N for conversation N",
     cli_diff, false},
    {"lab", NULL, NULL, NULL, false},
    {"listen", NULL, NULL, NULL, false},
    {"proxy", NULL, NULL, NULL, false},
    {"run", NULL, NULL, NULL, false},
    {"lesson", NULL, NULL, NULL, false},
    {"explain", "FIELD|TERM|VALUE",
     "what it means; explain --search WORDS looks in all texts, explain --list lists them",
     cli_explain, false},
};
/* clang-format on */

const struct cli_command *cli_command_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

/* Options that say how to read a FILE would be passed over in silence. */
static int check_live(const struct stepper_options *options, struct err *err)
{
    size_t count;
    const struct stepper_option *rows = stepper_option_file_table(&count);
    char value[8];

    for (size_t i = 0; i < count; i++) {
        if (stepper_option_get(value, sizeof value, options, &rows[i])[0] != '\0') {
            return err_set(err, ERR_USAGE, "usage", "--%s is for a FILE", rows[i].name);
        }
    }
    if (options->keylog != NULL && strchr(options->keylog, '\n') != NULL) {
        return err_set(err, ERR_USAGE, "usage", "a connection writes one key log: --keylog once");
    }
    return tls_options_check(&options->tls, err);
}

/* Options that would be passed over in silence where nothing is sent. */
static int check_target(const struct cli_arguments *arguments,
                        const struct stepper_options *options, const struct stepper_target *target,
                        struct err *err)
{
    if (target->kind != STEPPER_FILE) {
        return check_live(options, err);
    }
    if (arguments->keylog_given) {
        return err_set(
            err, ERR_USAGE, "not_in_this_version",
            "a key log beside a FILE is not in this version; a session that tlstep saved "
            "has its secrets in it");
    }
    if (options->save != NULL) {
        return err_set(err, ERR_USAGE, "usage",
                       "--save is for a connection; a FILE is saved already");
    }
    return 0;
}

struct stepper *cli_stepper(const struct cli_arguments *arguments,
                            const struct stepper_options *options, const char *operand, int *status)
{
    struct stepper_target target = {0};
    struct stepper *stepper = NULL;
    struct err err = {0};
    int parsed = arguments->command->file_only ? stepper_target_file(operand, &target, &err)
                                               : stepper_target_parse(operand, &target, &err);

    if (parsed == 0 && check_target(arguments, options, &target, &err) == 0) {
        stepper = stepper_new(&target, options, &err);
    }
    stepper_target_free(&target);
    if (stepper == NULL) {
        *status = cli_fail(&err);
    }
    return stepper;
}

struct stepper *cli_only_stepper(const struct cli_arguments *arguments, int *status)
{
    struct err err;

    if (arguments->operand_count > 1) {
        err_set(&err, ERR_USAGE, "usage",
                "one TARGET at a time, and '%s' is no subcommand: '%s' is too many",
                arguments->operands[0], arguments->operands[1]);
        *status = cli_fail(&err);
        return NULL;
    }
    return cli_stepper(arguments, &arguments->options,
                       arguments->operand_count > 0 ? arguments->operands[0] : "lab:good", status);
}

int cli_run_whole(struct stepper *stepper, int *status)
{
    struct err err = {0};

    /* `continue` pauses nowhere without breakpoints, but for a refused certificate it may. */
    while (!stepper_over(stepper)) {
        if (stepper_run(stepper, stepper_command_find("continue"), NULL, &err) != 0) {
            *status = cli_fail(&err);
            return -1;
        }
        if (cli_wait(stepper) != 0) {
            err_set(&err, ERR_INTERRUPTED, "interrupted", "interrupted");
            *status = cli_fail(&err);
            return -1;
        }
    }
    return 0;
}

int cli_fail(const struct err *err)
{
    char text[sizeof err->text * 4];

    (void)fflush(stdout); /* results first; the state of stdout is judged at the end */
    (void)fprintf(stderr, "tlstep: %s\n",
                  text_safe(text, sizeof text, err->text, strlen(err->text)));
    return err_exit_status(err->class);
}

void cli_warn_of_cut(struct stepper *stepper)
{
    struct trace *trace = stepper_trace(stepper);
    size_t count = trace_event_count(trace);
    const struct trace_event *last = count > 0 ? trace_event_at(trace, count - 1) : NULL;
    struct err err;

    if (stepper_live(stepper) || last == NULL || last->kind != TRACE_NOTE || last->code == NULL ||
        strcmp(last->code, "truncated") != 0)
        return;
    err_set(&err, ERR_FILE, last->code, "%s: %s", trace_target(trace)->source, last->text);
    (void)cli_fail(&err); /* a warning: what is there has been read */
}

int cli_tell_trouble(struct stepper *stepper, int status)
{
    struct err err = {0};

    while (stepper_trouble(stepper, &err)) {
        int failed = cli_fail(&err);
        if (status == 0)
            status = failed;
    }
    return status;
}
