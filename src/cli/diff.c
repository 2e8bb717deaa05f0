/* tlstep diff A B: two sessions side by side, each a TARGET, a saved session or FILE#N of a capture; where one of them is a file of
 * certificates, their certificates. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* One side: what was named, and the session that came of it. */
struct session {
    const char *name;
    struct stepper *stepper;
};

/* "x.pcapng#3": the file, and 3 as --stream. A file that is called so comes first. */
static int take_stream(const char *name, char **file, struct stepper_options *options,
                       struct err *err)
{
    const char *number = strrchr(name, '#');

    *file = NULL;
    if (number == NULL || number[1] < '0' || number[1] > '9' || strstr(name, "://") != NULL ||
        access(name, F_OK) == 0) {
        *file = text_duplicate(name, strlen(name));
        return *file != NULL ? 0 : err_memory(err, "reading the arguments");
    }
    *file = text_duplicate(name, (size_t)(number - name));
    if (*file == NULL) {
        return err_memory(err, "reading the arguments");
    }
    return stepper_option_set(options, "stream", number + 1, err);
}

/* Opens or runs one side to its end. 0, or the exit status. */
static int open_session(const struct cli_arguments *arguments, struct session *session)
{
    struct stepper_options options;
    struct err err = {0};
    char *file = NULL;
    int status = 0;

    if (stepper_options_copy(&options, &arguments->options, &err) != 0 ||
        take_stream(session->name, &file, &options, &err) != 0) {
        status = cli_fail(&err);
    } else {
        session->stepper = cli_stepper(arguments, &options, file, &status);
    }
    free(file);
    stepper_options_free(&options);
    if (session->stepper == NULL) {
        return status;
    }
    if (cli_run_whole(session->stepper, &status) != 0) {
        return status;
    }
    cli_warn_of_file(session->stepper);
    status = cli_tell_trouble(session->stepper, 0);
    if (status == 0 && stepper_is_certificates(session->stepper)) {
        return 0;
    }
    if (status == 0 && stepper_listing(session->stepper)) {
        err_set(&err, ERR_USAGE, "no_conversation",
                "%s is a capture of several conversations, or of none: name one as %s#N",
                session->name, session->name);
        status = cli_fail(&err);
    }
    return status;
}

static int print(const struct cli_arguments *arguments, const struct report_comparison *comparison,
                 const char *a, const char *b)
{
    struct buffer out = {0};
    struct err err;
    int status = 0;

    if (arguments->json) {
        json_t *json = report_comparison_json(comparison, a, b);
        char *text = json != NULL ? report_dump_indented(json) : NULL;
        buffer_text(&out, text != NULL ? text : "");
        buffer_u8(&out, '\n');
        out.failed |= text == NULL;
        free(text);
        json_decref(json);
    } else {
        (void)report_comparison_text(comparison, a, b, cli_style(arguments), &out);
    }
    if (out.failed) {
        err_memory(&err, "printing the comparison");
        status = cli_fail(&err);
    } else {
        (void)fwrite(out.data, 1, out.length, stdout); /* main() judges standard output */
    }
    buffer_free(&out);
    return status;
}

/* 0: the same, 1: different; a side that was never connected is no comparison. */
static int outcome(const struct session *a, const struct session *b, size_t differences)
{
    int status_a = stepper_exit_status(a->stepper);
    int status_b = stepper_exit_status(b->stepper);

    if (status_a > 1 || status_b > 1) {
        return status_a > 1 ? status_a : status_b;
    }
    return differences > 0 ? 1 : 0;
}

/* The certificates of a side. 0, or the exit status. */
static int take_chain(const struct session *session, struct report_chain *chain)
{
    bool file = stepper_is_certificates(session->stepper);
    struct trace *trace = stepper_trace(session->stepper);
    const struct trace_facts *facts =
        file ? stepper_facts(session->stepper) : trace_facts(trace, trace_event_count(trace));
    struct err err;

    if (facts == NULL) {
        err_memory(&err, "comparing");
        return cli_fail(&err);
    }
    if (facts->certificate_count == 0) {
        err_set(&err, file ? ERR_USAGE : ERR_TLS, "no_certificate", "%s: %s%s", session->name,
                file ? "these are too many certificates for a chain, or a folder: tlstep certs "
                       "--no-verify lists them"
                     : "no certificate to compare was seen",
                !file && facts->error != NULL ? ", since the session failed" : "");
        return cli_fail(&err);
    }
    *chain = (struct report_chain){facts->certificates, facts->certificate_count,
                                   facts->verification, file};
    return 0;
}

static int compare_chains_of(const struct session *a, const struct session *b,
                             struct report_comparison **comparison)
{
    struct report_chain left;
    struct report_chain right;
    int status = take_chain(a, &left);

    if (status == 0) {
        status = take_chain(b, &right);
    }
    if (status == 0) {
        *comparison = report_compare_chains(&left, &right);
    }
    return status;
}

static int compare(const struct cli_arguments *arguments, const struct session *a,
                   const struct session *b)
{
    struct trace *trace_a = stepper_trace(a->stepper);
    struct trace *trace_b = stepper_trace(b->stepper);
    struct report_comparison *comparison = NULL;
    bool chains = stepper_is_certificates(a->stepper) || stepper_is_certificates(b->stepper);

    if (chains) {
        int failed = compare_chains_of(a, b, &comparison);
        if (failed != 0) {
            return failed;
        }
    } else {
        comparison = report_compare(trace_a, trace_event_count(trace_a), trace_b,
                                    trace_event_count(trace_b));
    }

    if (comparison == NULL) {
        struct err err;
        err_memory(&err, "comparing");
        return cli_fail(&err);
    }
    int status = print(arguments, comparison, a->name, b->name);
    if (status == 0 && chains) {
        status = report_comparison_differences(comparison) > 0 ? 1 : 0;
    } else if (status == 0) {
        status = outcome(a, b, report_comparison_differences(comparison));
    }
    report_comparison_free(comparison);
    return status;
}

int cli_diff(struct cli_arguments *arguments)
{
    struct session a = {.name = arguments->operands[0]};
    struct session b = {.name = arguments->operands[1]};
    struct err err;

    if (arguments->operand_count != 2) {
        err_set(&err, ERR_USAGE, "usage", "diff needs two of TARGET, FILE and FILE#N");
        return cli_fail(&err);
    }
    arguments->options.brief = true;
    int status = open_session(arguments, &a);
    if (status == 0) {
        status = open_session(arguments, &b);
    }
    if (status == 0) {
        status = compare(arguments, &a, &b);
    }
    stepper_free(a.stepper);
    stepper_free(b.stepper);
    return status;
}
