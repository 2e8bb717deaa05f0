/* tlstep [TARGET] and tlstep open FILE. */
#include <string.h>

#include "cli.h"

/* A capture from standard input leaves that to the keys. */
static int free_input(struct cli_arguments *arguments, struct err *err)
{
    static char path[CLI_INPUT_PATH]; /* operands are borrowed */

    if (arguments->operand_count != 1 || strcmp(arguments->operands[0], "-") != 0) {
        return 0;
    }
    arguments->options.session = cli_input_holds_session();
    if (cli_input_set_aside(path, err) != 0) {
        return -1;
    }
    arguments->operands[0] = path;
    return 0;
}

int cli_show(struct cli_arguments *arguments, struct stepper *stepper)
{
    struct err err = {0};
    int status = 0;

    if (arguments->ui.theme != NULL && ui_theme_check(arguments->ui.theme, &err) != 0)
        return cli_fail(&err);
    /* The screen shows how far the reading is, and what is odd about the file. */
    if (arguments->plain && cli_read_whole(stepper) == 0) {
        cli_warn_of_file(stepper);
    }
    if (arguments->plain)
        status = cli_plain(stepper, arguments);
    else if (ui_run(stepper, &arguments->ui, &err) != 0)
        status = cli_fail(&err);
    return cli_tell_trouble(stepper, status);
}

static int run_screen(struct cli_arguments *arguments)
{
    struct err err = {0};
    int status = 0;

    if (arguments->ui.theme != NULL && ui_theme_check(arguments->ui.theme, &err) != 0)
        return cli_fail(&err);
    if (free_input(arguments, &err) != 0) {
        return cli_fail(&err);
    }
    struct stepper *stepper = cli_only_stepper(arguments, &status);
    if (stepper == NULL)
        return status;
    status = cli_show(arguments, stepper);
    stepper_free(stepper);
    return status;
}

int cli_screen(struct cli_arguments *arguments)
{
    return run_screen(arguments);
}

int cli_open(struct cli_arguments *arguments)
{
    struct err err;

    if (arguments->operand_count == 0) {
        err_set(&err, ERR_USAGE, "usage", "open needs the file of a saved session or a capture");
        return cli_fail(&err);
    }
    return run_screen(arguments);
}
