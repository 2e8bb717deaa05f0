/* Commands that change something: the connection, the options, the breakpoints, the runs. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "moves.h"

/* ---- breakpoints ---- */

static long breakpoint_find(const struct stepper *stepper, const struct engine_match *match)
{
    for (size_t i = 0; i < stepper->breakpoint_count; i++) {
        const struct engine_match *here = &stepper->breakpoints[i];
        if (text_equal_nocase(here->at, match->at) && here->any_side == match->any_side &&
            (here->any_side || here->from == match->from))
            return (long)i;
    }
    return -1;
}

static int breakpoints_changed(struct stepper *stepper, struct err *err)
{
    return run_source_breaks(stepper, run_newest(stepper), err);
}

int act_break(struct stepper *stepper, const char *argument, struct err *err)
{
    struct engine_match match;
    size_t count = stepper->breakpoint_count;

    if (engine_match_parse(argument, &match, err) != 0)
        return -1;
    if (breakpoint_find(stepper, &match) >= 0)
        return 0;
    char *name = match.any_side ? text_duplicate(match.at, strlen(match.at))
                                : text_format("%s:%s", wire_side_name(match.from), match.at);
    void *matches = array_grow(stepper->breakpoints, &stepper->breakpoint_capacity, count + 1,
                               sizeof *stepper->breakpoints);
    if (matches != NULL)
        stepper->breakpoints = matches;
    void *names = array_grow(stepper->breakpoint_names, &stepper->breakpoint_name_capacity,
                             count + 1, sizeof *stepper->breakpoint_names);
    if (names != NULL)
        stepper->breakpoint_names = names;
    if (name == NULL || matches == NULL || names == NULL) {
        free(name);
        return err_memory(err, "setting a breakpoint");
    }
    stepper->breakpoints[count] = match;
    stepper->breakpoint_names[count] = name;
    stepper->breakpoint_count++;
    return breakpoints_changed(stepper, err);
}

int act_unbreak(struct stepper *stepper, const char *argument, struct err *err)
{
    struct engine_match match;

    if (engine_match_parse(argument, &match, err) != 0)
        return -1;
    long index = breakpoint_find(stepper, &match);
    if (index < 0 && !match.any_side) {
        /* The one that stops there may be for both sides. */
        match.any_side = true;
        index = breakpoint_find(stepper, &match);
    }
    if (index < 0)
        return err_set(err, ERR_USAGE, "no_such_breakpoint", "there is no breakpoint at %s",
                       argument);
    free(stepper->breakpoint_names[index]);
    size_t after = stepper->breakpoint_count - (size_t)index - 1;
    memmove(&stepper->breakpoints[index], &stepper->breakpoints[index + 1],
            after * sizeof *stepper->breakpoints);
    memmove(&stepper->breakpoint_names[index], &stepper->breakpoint_names[index + 1],
            after * sizeof *stepper->breakpoint_names);
    stepper->breakpoint_count--;
    return breakpoints_changed(stepper, err);
}

/* ---- options ---- */

/* Judges one value alone, beside defaults, so that the order in which options are set is free. */
int act_check_option(const char *name, const char *value, struct err *err)
{
    struct stepper_options alone;
    struct err why = {0};

    stepper_options_init(&alone);
    int status = stepper_option_set(&alone, name, value, err);
    if (status == 0 && tls_options_check(&alone.tls, &why) != 0 &&
        strcmp(why.code, "contradiction") != 0) { /* what is missing may still come */
        status = err_set(err, why.class, why.code, "%s", why.text);
    }
    stepper_options_free(&alone);
    return status;
}

static bool is_of_judging(const char *name)
{
    const struct stepper_option *row = stepper_option_find(name);
    return row != NULL && row->judging;
}

/* The trust store in view may be another one now. */
static void forget_store(struct stepper *stepper)
{
    if (!stepper->certificates) {
        pki_bundle_free(stepper->bundle);
        stepper->bundle = NULL;
    }
}

int act_set(struct stepper *stepper, const char *argument, struct err *err)
{
    size_t length = strcspn(argument, " \t");
    const char *value = argument + length;
    struct run *run = run_newest(stepper);

    value += strspn(value, " \t");
    char *name = text_duplicate(argument, length);
    if (name == NULL)
        return err_memory(err, "setting an option");
    int status = 0;
    if (!stepper_live(stepper) && !is_of_judging(name)) {
        status = err_set(err, ERR_USAGE, "over",
                         "a file has no options to set but those that certificates are judged by");
    }
    if (status == 0)
        status = act_check_option(name, value, err);
    if (status == 0)
        status = stepper_option_set(&stepper->options, name, value, err);
    free(name);
    if (status == 0)
        forget_store(stepper);
    if (status != 0 || run->started)
        return status;

    /* Nothing has been sent yet: the empty run takes the new options at once. */
    run_clear(run);
    stepper->run_count--;
    return run_add(stepper, err);
}

/* ---- the connection ---- */

static int send_bytes(struct stepper *stepper, const struct buffer *bytes, struct err *err)
{
    const struct engine_command command = {
        .kind = ENGINE_SEND, .data = bytes->data, .length = bytes->length};

    if (bytes->failed)
        return err_memory(err, "sending data");
    return command_engine(stepper, &command, err);
}

int act_send(struct stepper *stepper, const char *argument, struct err *err)
{
    struct buffer bytes = {0};
    text_unescape(&bytes, argument); /* send_bytes() looks at `failed` */
    int status = send_bytes(stepper, &bytes, err);
    buffer_free(&bytes);
    return status;
}

int act_http(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace_facts *facts =
        trace_facts(run_newest(stepper)->trace, trace_event_count(run_newest(stepper)->trace));
    const struct trace_target *target = trace_target(run_newest(stepper)->trace);
    struct buffer request = {0};

    (void)argument;
    if (facts != NULL && strcmp(facts->alpn, "h2") == 0)
        return err_set(
            err, ERR_USAGE, "alpn_h2",
            "both sides agreed on HTTP/2 (ALPN h2), where an HTTP/1.1 request would be a "
            "protocol error: restart with --alpn http/1.1 to send one");
    const char *host = target->sni != NULL ? target->sni : target->host;
    bool v6 = strchr(host, ':') != NULL;
    buffer_printf(&request, "GET / HTTP/1.1\r\nHost: %s%s%s", v6 ? "[" : "", host, v6 ? "]" : "");
    if (target->port != 443)
        buffer_printf(&request, ":%u", target->port);
    buffer_text(&request, "\r\nUser-Agent: tlstep/" TLSTEP_VERSION
                          "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    int status = send_bytes(stepper, &request, err);
    buffer_free(&request);
    return status;
}

static int simple(struct stepper *stepper, enum engine_command_kind kind, struct err *err)
{
    const struct engine_command command = {.kind = kind};

    if (!run_newest(stepper)->started)
        return err_set(err, ERR_USAGE, "wrong_phase",
                       "nothing has been connected yet: press Space");
    return command_engine(stepper, &command, err);
}

int act_rekey(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return simple(stepper, ENGINE_REKEY, err);
}

int act_ask(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return simple(stepper, ENGINE_ASK, err);
}

int act_close(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return simple(stepper, ENGINE_CLOSE, err);
}

int act_accept(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return simple(stepper, ENGINE_ACCEPT, err);
}

int act_abort(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return simple(stepper, ENGINE_ABORT, err);
}

/* ---- runs ---- */

int act_restart(struct stepper *stepper, const char *argument, struct err *err)
{
    bool same = argument != NULL && strcmp(argument, "here") == 0;

    if (!stepper_live(stepper))
        return err_set(err, ERR_USAGE, "over", "a saved session cannot be run again");
    if (argument != NULL && !same)
        return err_set(err, ERR_USAGE, "bad_value",
                       "restart takes nothing, or 'here' to go to the step that was reached");
    if (!run_newest(stepper)->started)
        return err_set(err, ERR_USAGE, "wrong_phase", "nothing has been run yet: press Space");

    size_t replay = same ? run_stops_passed(run_in_view(stepper)) : 0;
    if (!run_newest(stepper)->over)
        run_end(stepper, run_newest(stepper));
    if (run_add(stepper, err) != 0)
        return -1;
    if (replay == 0)
        return 0;
    const struct engine_command step = {.kind = ENGINE_STEP};
    if (command_engine(stepper, &step, err) != 0)
        return -1;
    run_newest(stepper)->replay = replay;
    return 0;
}

int act_run(struct stepper *stepper, const char *argument, struct err *err)
{
    char *end = NULL;
    unsigned long number = strtoul(argument, &end, 10);
    size_t oldest = stepper->runs_forgotten + 1;

    if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || number < oldest ||
        number > stepper_run_count(stepper))
        return err_set(err, ERR_USAGE, "no_such_run", "there are runs %zu to %zu", oldest,
                       stepper_run_count(stepper));
    stepper->view = number - oldest;
    return 0;
}

static int save_trace(const struct stepper *stepper, const struct trace *trace, const char *path,
                      struct err *err)
{
    const struct stepper_options *options = &stepper->options;

    return options->redact ? trace_save_redacted(trace, path, options->force, err)
                           : trace_save(trace, path, options->force, err);
}

/* Each side of a proxy has a file of its own. */
static int save_pair(const struct stepper *stepper, const struct run_pair *pair, const char *path,
                     struct err *err)
{
    char *other = output_path(path, "-server");
    int status = other != NULL ? 0 : err_memory(err, "saving both sides");

    if (status == 0)
        status = save_trace(stepper, pair->traces[LAB_PROXY_CLIENT], path, err);
    if (status == 0)
        status = save_trace(stepper, pair->traces[LAB_PROXY_SERVER], other, err);
    free(other);
    return status;
}

int act_save(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct trace *trace = run_in_view(stepper)->trace;
    const struct stepper_options *options = &stepper->options;

    if (stepper_listing(stepper)) {
        return err_set(err, ERR_USAGE, "no_conversation",
                       "no conversation is open: open the one to be saved");
    }
    if (stepper->capture != NULL) {
        return trace_capture_save(stepper->capture, (size_t)stepper->conversation, trace, argument,
                                  options->force, options->redact, err);
    }
    if (run_in_view(stepper)->pair != NULL) {
        return save_pair(stepper, run_in_view(stepper)->pair, argument, err);
    }
    return save_trace(stepper, trace, argument, err);
}

/* ---- captures ---- */

int act_conversation(struct stepper *stepper, const char *argument, struct err *err)
{
    char safe[60];
    char *end = NULL;
    unsigned long stream = strtoul(argument, &end, 10);

    if (stepper->capture == NULL) {
        return err_set(err, ERR_USAGE, "no_capture", "this is one session, not a capture");
    }
    if (argument[0] < '0' || argument[0] > '9' || *end != '\0' || stream > UINT32_MAX) {
        return err_set(err, ERR_USAGE, "bad_value", "'%s' is not the number of a conversation",
                       text_safe(safe, sizeof safe, argument, strlen(argument)));
    }
    return capture_show(stepper, (uint32_t)stream, err);
}

int act_conversations(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    if (stepper->capture == NULL) {
        return err_set(err, ERR_USAGE, "no_capture", "this is one session, not a capture");
    }
    return capture_show_list(stepper, err);
}
