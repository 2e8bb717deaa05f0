/* tlstep report proxy:[ADDR:]PORT[=TARGET]: each client that comes, both sides of it, until it is interrupted. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char *const side_names[LAB_PROXY_SIDES] = {"client", "server"};

static int print_json(struct trace *trace, enum lab_proxy_side side, size_t number)
{
    json_t *json = report_json(trace, trace_event_count(trace));
    char *text = NULL;
    struct err err;

    if (json != NULL && json_object_set_new(json, "side", json_string(side_names[side])) == 0 &&
        json_object_set_new(json, "connection", json_integer((json_int_t)number)) == 0) {
        text = report_dump(json);
    }
    json_decref(json);
    if (text == NULL) {
        (void)err_memory(&err, "printing the report");
        return cli_fail(&err);
    }
    (void)puts(text); /* main() judges standard output at the end */
    free(text);
    return 0;
}

static int print_text(const struct cli_arguments *arguments, struct trace *trace,
                      enum lab_proxy_side side, size_t number)
{
    struct buffer text = {0};
    struct err err;
    int status = 0;

    buffer_printf(&text, "connection %zu, the %s's side\n", number, side_names[side]);
    if (report_text(trace, trace_event_count(trace), cli_style(arguments), &text) != 0) {
        (void)err_memory(&err, "printing the report");
        status = cli_fail(&err);
    } else {
        (void)fwrite(text.data, 1, text.length, stdout); /* main() judges it at the end */
    }
    buffer_free(&text);
    return status;
}

static int print_both(const struct cli_arguments *arguments, struct stepper *stepper)
{
    int status = 0;

    for (int i = 0; i < LAB_PROXY_SIDES && status == 0; i++) {
        enum lab_proxy_side side = (enum lab_proxy_side)i;
        struct trace *trace = stepper_side_trace(stepper, side);
        size_t number = stepper_run_current(stepper);

        if (side == LAB_PROXY_SERVER && trace_event_count(trace) == 0) {
            break; /* the client never said whom it wanted */
        }
        status = arguments->json ? print_json(trace, side, number)
                                 : print_text(arguments, trace, side, number);
    }
    (void)fflush(stdout); /* a line for each client when it has gone */
    return status;
}

/* One client after the other. The exit status. */
static int serve(const struct cli_arguments *arguments, struct stepper *stepper)
{
    struct err err = {0};
    int status = 0;

    for (;;) {
        if (cli_run_whole(stepper, &status) != 0) {
            return status;
        }
        status = print_both(arguments, stepper);
        status = cli_tell_trouble(stepper, status);
        if (status != 0) {
            return status;
        }
        if (stepper_run(stepper, stepper_command_find("restart"), NULL, &err) != 0) {
            return cli_fail(&err);
        }
    }
}

int cli_report_proxy(struct cli_arguments *arguments)
{
    const struct net_address *address;
    struct stepper *stepper;
    struct err err = {0};
    int status = 0;

    stepper = cli_only_stepper(arguments, &status);
    if (stepper == NULL) {
        return status;
    }
    address = stepper_listens(stepper, &err);
    if (address == NULL || cli_write_ca(arguments, stepper, &err) != 0) {
        status = cli_fail(&err);
    } else {
        (void)fprintf(stderr, "tlstep: an intercepting proxy on %s\n", address->text);
        status = serve(arguments, stepper);
    }
    stepper_free(stepper);
    return status;
}
