/* What a run's events come from: an engine, or a proxy, which is two of them. */
#include "listen.h"

bool run_has_source(const struct run *run)
{
    return run->engine != NULL || run->proxy != NULL;
}

int run_source_fd(const struct run *run)
{
    if (run->proxy != NULL) {
        return lab_proxy_wake_fd(run->proxy);
    }
    return run->engine != NULL ? engine_wake_fd(run->engine) : -1;
}

enum engine_state run_source_state(struct run *run)
{
    return run->proxy != NULL ? lab_proxy_state(run->proxy) : engine_state(run->engine);
}

/* The number of a record with data that is about to be sent ties it to the one that it was made from. */
static void note_cause(struct run *run, enum lab_proxy_side side, const struct trace_event *event)
{
    uint32_t record = (uint32_t)run->pair->causes[side].count + 1;

    if (event->kind == TRACE_QUEUED && event->content_type == WIRE_APPLICATION_DATA) {
        pair_note_cause(run->pair, side, lab_proxy_cause(run->proxy, side, record));
    }
}

static bool take_of_proxy(struct stepper *stepper, struct run *run, bool *is_stop, struct err *err)
{
    enum lab_proxy_side side;
    struct trace_event event;

    if (!lab_proxy_take(run->proxy, &side, &event)) {
        return false;
    }
    if (side == LAB_PROXY_SERVER && trace_event_count(run->pair->traces[side]) == 0) {
        front_name_server(stepper, run, err);
    }
    *is_stop = event.kind == TRACE_STOP;
    note_cause(run, side, &event);
    (void)pair_append(run->pair, side, &event, err); /* `err` says it */
    return true;
}

bool run_source_take(struct stepper *stepper, struct run *run, bool *is_stop, struct err *err)
{
    struct trace_event event;

    if (run->proxy != NULL) {
        return take_of_proxy(stepper, run, is_stop, err);
    }
    if (!engine_take(run->engine, &event)) {
        return false;
    }
    *is_stop = event.kind == TRACE_STOP;
    (void)trace_append(run->trace, &event, err); /* `err` says it */
    return true;
}

int run_source_command(struct run *run, const struct engine_command *command, struct err *err)
{
    return run->proxy != NULL ? lab_proxy_command(run->proxy, run->pair->side, command, err)
                              : engine_command(run->engine, command, err);
}

int run_source_breaks(struct stepper *stepper, struct run *run, struct err *err)
{
    const struct engine_match *matches = stepper->breakpoints;
    size_t count = stepper->breakpoint_count;

    if (run->proxy != NULL) {
        return lab_proxy_set_breakpoints(run->proxy, matches, count, err);
    }
    return run->engine != NULL ? engine_set_breakpoints(run->engine, matches, count, err) : 0;
}

void run_source_free(struct run *run)
{
    listen_answer_detach(run->answer);
    engine_free(run->engine);
    listen_answer_free(run->answer);
    run->answer = NULL;
    lab_proxy_free(run->proxy);
    run->engine = NULL;
    run->proxy = NULL;
}
