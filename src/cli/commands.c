/* The table of subcommands, and a stepper for their operand. */
#include <string.h>

#include "cli.h"

/* clang-format off */
static const struct cli_command table[] = {
    {"", "[TARGET]", "the screen; without TARGET on the built-in lab server lab:good", cli_screen},
    {"open", "FILE", "the screen, on a saved session", cli_open},
    {"report", "TARGET|FILE", "run all steps and print what was found", cli_report},
    {"drive", "TARGET|FILE", "step from a script: commands on stdin, a JSON line each on stdout",
     cli_drive},
    {"certs", NULL, NULL, NULL},
    {"scan", NULL, NULL, NULL},
    {"diff", NULL, NULL, NULL},
    {"lab", NULL, NULL, NULL},
    {"listen", NULL, NULL, NULL},
    {"proxy", NULL, NULL, NULL},
    {"run", NULL, NULL, NULL},
    {"lesson", NULL, NULL, NULL},
    {"explain", NULL, NULL, NULL},
};
/* clang-format on */

const struct cli_command *cli_command_table(size_t *count)
{
    *count = sizeof table / sizeof table[0];
    return table;
}

struct stepper *cli_stepper(const struct cli_arguments *arguments, int *status)
{
    const char *operand = arguments->operand_count > 0 ? arguments->operands[0] : "lab:good";
    struct stepper_target target = {0};
    struct stepper *stepper = NULL;
    struct err err = {0};

    if (arguments->operand_count > 1)
        err_set(&err, ERR_USAGE, "usage", "one TARGET at a time; '%s' is too many",
                arguments->operands[1]);
    else if (stepper_target_parse(operand, &target, &err) == 0 &&
             (target.kind == STEPPER_FILE || tls_options_check(&arguments->options.tls, &err) == 0))
        stepper = stepper_new(&target, &arguments->options, &err);
    stepper_target_free(&target);
    if (stepper == NULL)
        *status = cli_fail(&err);
    return stepper;
}

int cli_fail(const struct err *err)
{
    char text[sizeof err->text * 4];

    (void)fflush(stdout); /* results first; the state of stdout is judged at the end */
    (void)fprintf(stderr, "tlstep: %s\n",
                  text_safe(text, sizeof text, err->text, strlen(err->text)));
    return err_exit_status(err->class);
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
