/* tlstep report TARGET|FILE. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static int print_json(struct trace *trace, size_t cursor, bool one_line)
{
    json_t *json = report_json(trace, cursor);
    char *text = NULL;
    struct err err;

    if (json != NULL)
        text = one_line ? report_dump(json) : report_dump_indented(json);
    json_decref(json);
    if (text == NULL) {
        err_memory(&err, "printing the report");
        return cli_fail(&err);
    }
    (void)puts(text); /* main() judges standard output at the end */
    free(text);
    return 0;
}

static int print_text(struct trace *trace, size_t cursor, unsigned style)
{
    struct buffer text = {0};
    struct err err;
    int status = 0;

    if (report_text(trace, cursor, style, &text) != 0) {
        err_memory(&err, "printing the report");
        status = cli_fail(&err);
    } else {
        (void)fwrite(text.data, 1, text.length, stdout);
    }
    buffer_free(&text);
    return status;
}

/* What failed, and what ends soon, on stderr. */
static int tell_outcome(const struct cli_arguments *arguments, struct stepper *stepper,
                        struct trace *trace, size_t end)
{
    const struct trace_facts *facts = trace_facts(trace, end);
    int status = stepper_exit_status(stepper);
    struct err err = {0};

    if (facts != NULL && facts->failed && facts->error != NULL && stepper_live(stepper)) {
        err_set(&err, ERR_TLS, "failed", "%s", facts->error);
        (void)cli_fail(&err); /* the status is the report's */
    }
    if (arguments->expires_within < 0)
        return status;
    struct buffer text = {0};
    if (report_expires_within(trace, end, arguments->expires_within, &text)) {
        err_set(&err, ERR_TLS, "expires", "a certificate ends within %ld days: %s",
                arguments->expires_within, buffer_string(&text));
        (void)cli_fail(&err);
        if (status == 0)
            status = 1;
    }
    buffer_free(&text);
    return status;
}

static int report_session(struct cli_arguments *arguments)
{
    int status = 0;
    struct stepper *stepper = cli_only_stepper(arguments, &status);

    if (stepper == NULL) {
        return status;
    }
    cli_warn_of_file(stepper);
    if (cli_run_whole(stepper, &status) != 0) {
        stepper_free(stepper);
        return status;
    }
    struct trace *trace = stepper_trace(stepper);
    size_t end = trace_event_count(trace);
    status = arguments->json ? print_json(trace, end, !stepper_live(stepper))
                             : print_text(trace, end, cli_style(arguments));
    if (status == 0) {
        status = tell_outcome(arguments, stepper, trace, end);
    }
    status = cli_tell_trouble(stepper, status);
    stepper_free(stepper);
    return status;
}

/* A FILE that is no session of ours. What cannot be read as a target is told by who opens it. */
static bool is_capture(struct cli_arguments *arguments)
{
    struct stepper_target target;

    if (arguments->operand_count != 1 ||
        cli_target(arguments, arguments->operands[0], &target, NULL) != 0) {
        return false;
    }
    if (target.kind == STEPPER_FILE && strcmp(target.host, "-") == 0) {
        arguments->options.session = cli_input_holds_session();
    }
    bool capture =
        target.kind == STEPPER_FILE && !stepper_opens_session(target.host, &arguments->options);
    stepper_target_free(&target);
    return capture;
}

/* Certificates alone are no session: there is nothing to report of them but what another command says better. */
static bool is_certificates(const struct cli_arguments *arguments)
{
    struct stepper_target target = {0};

    if (arguments->operand_count != 1 ||
        cli_target(arguments, arguments->operands[0], &target, NULL) != 0) {
        return false;
    }
    /* What is in a folder nobody has looked at: reading it as a capture says that it is one. */
    struct stat status;
    bool certificates = target.kind == STEPPER_FILE && stepper_finds_certificates(target.host) &&
                        (stat(target.host, &status) != 0 || !S_ISDIR(status.st_mode));
    stepper_target_free(&target);
    return certificates;
}

/* A name or a FILE is the default: told by who opens it. */
static enum stepper_target_kind kind_of(const struct cli_arguments *arguments)
{
    struct stepper_target target;

    if (cli_target(arguments, arguments->operands[0], &target, NULL) != 0) {
        return STEPPER_HOST;
    }
    enum stepper_target_kind kind = target.kind;
    stepper_target_free(&target);
    return kind;
}

int cli_report(struct cli_arguments *arguments)
{
    struct err err;

    if (arguments->operand_count == 0) {
        err_set(&err, ERR_USAGE, "usage", "report needs a TARGET or a FILE");
        return cli_fail(&err);
    }
    if (is_certificates(arguments)) {
        err_set(&err, ERR_USAGE, "usage",
                "%s holds certificates, and no session to report: tlstep certs %s",
                arguments->operands[0], arguments->operands[0]);
        return cli_fail(&err);
    }
    switch (kind_of(arguments)) {
    case STEPPER_PROXY:
        return cli_report_proxy(arguments);
    case STEPPER_LISTEN:
        return cli_report_listen(arguments);
    default:
        break;
    }
    arguments->options.brief = true;
    if (arguments->all_addresses) {
        return cli_report_addresses(arguments);
    }
    if (is_capture(arguments)) {
        if (arguments->options.save != NULL) {
            err_set(&err, ERR_USAGE, "usage",
                    "--save is for a connection; a FILE is saved already");
            return cli_fail(&err);
        }
        return cli_report_capture(arguments, arguments->operands[0], NULL);
    }
    return report_session(arguments);
}
