/* tlstep report listen:[ADDR:]PORT: each client that comes, one after the other, until it is interrupted or --count have come. */
#include <stdlib.h>

#include "cli.h"

static int print_json(struct trace *trace)
{
    struct buffer line = {0};
    struct err err;
    int status = 0;

    if (report_line(trace, trace_event_count(trace), &line) != 0) {
        (void)err_memory(&err, "printing the report");
        status = cli_fail(&err);
    } else {
        (void)fwrite(line.data, 1, line.length, stdout); /* main() judges it at the end */
        (void)putchar('\n');
    }
    buffer_free(&line);
    return status;
}

static int print_text(const struct cli_arguments *arguments, struct trace *trace, size_t number)
{
    struct buffer text = {0};
    struct err err;
    int status = 0;

    buffer_printf(&text, "connection %zu\n", number);
    if (report_text(trace, trace_event_count(trace), cli_style(arguments), &text) != 0) {
        (void)err_memory(&err, "printing the report");
        status = cli_fail(&err);
    } else {
        (void)fwrite(text.data, 1, text.length, stdout); /* main() judges it at the end */
    }
    buffer_free(&text);
    return status;
}

static int print(const struct cli_arguments *arguments, struct stepper *stepper)
{
    int status = arguments->json
                     ? print_json(stepper_trace(stepper))
                     : print_text(arguments, stepper_trace(stepper), stepper_run_current(stepper));

    (void)fflush(stdout); /* a line for each client when it has gone */
    return cli_tell_trouble(stepper, status);
}

/* The exit status: that of the first client whose session did not go well. */
static int serve(const struct cli_arguments *arguments, struct stepper *stepper)
{
    struct err err = {0};
    int worst = 0;

    for (long served = 0; arguments->count < 0 || served < arguments->count; served++) {
        int status = 0;

        if (served > 0 && stepper_run(stepper, stepper_command_find("restart"), NULL, &err) != 0) {
            return cli_fail(&err);
        }
        if (cli_run_whole(stepper, &status) != 0) {
            return status;
        }
        status = print(arguments, stepper);
        if (status != 0) {
            return status;
        }
        if (worst == 0) {
            worst = stepper_exit_status(stepper);
        }
    }
    return worst;
}

int cli_report_listen(struct cli_arguments *arguments)
{
    const struct net_address *address;
    struct stepper *stepper;
    struct err err = {0};
    int status = 0;

    arguments->options.brief = true;
    stepper = cli_only_stepper(arguments, &status);
    if (stepper == NULL) {
        return status;
    }
    address = stepper_listens(stepper, &err);
    if (address == NULL || cli_write_ca(arguments, stepper, &err) != 0) {
        status = cli_fail(&err);
    } else {
        cli_tell_listening(arguments, stepper, address);
        status = serve(arguments, stepper);
    }
    stepper_free(stepper);
    return status;
}
