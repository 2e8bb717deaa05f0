/* The stepper as a whole: its life and what can be asked of it. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "certificates.h"
#include "listen.h"
#include "resumption.h"

static int copy_target(struct stepper_target *to, const struct stepper_target *from,
                       struct err *err)
{
    *to = *from;
    to->input = text_duplicate(from->input, strlen(from->input));
    to->host = text_duplicate(from->host, strlen(from->host));
    if (from->beyond != NULL)
        to->beyond = text_duplicate(from->beyond, strlen(from->beyond));
    return to->input != NULL && to->host != NULL && (from->beyond == NULL || to->beyond != NULL)
               ? 0
               : err_memory(err, "reading the target");
}

struct stepper *stepper_new(const struct stepper_target *target,
                            const struct stepper_options *options, struct err *err)
{
    struct stepper *stepper = calloc(1, sizeof *stepper);
    if (stepper == NULL) {
        err_memory(err, "starting");
        return NULL;
    }
    stepper->events_max = RUN_EVENTS_MAX;
    stepper_options_init(&stepper->options);
    int status = copy_target(&stepper->target, target, err);
    if (status == 0)
        status = stepper_options_copy(&stepper->options, options, err);
    if (status == 0)
        status = target->kind == STEPPER_FILE ? capture_open_target(stepper, err)
                                              : run_add(stepper, err);
    if (status == 0)
        return stepper;
    stepper_free(stepper);
    return NULL;
}

void stepper_free(struct stepper *stepper)
{
    if (stepper == NULL)
        return;
    if (stepper->run_count > 0 && run_has_source(run_newest(stepper)))
        run_end(stepper, run_newest(stepper));
    capture_end(stepper);
    certificates_end(stepper);
    for (size_t i = 0; i < stepper->run_count; i++)
        run_clear(&stepper->runs[i]);
    for (size_t i = 0; i < stepper->breakpoint_count; i++)
        free(stepper->breakpoint_names[i]);
    free(stepper->breakpoint_names);
    free(stepper->breakpoints);
    front_end(stepper);
    listen_end(stepper);
    lab_stop(stepper->lab);
    resumption_forget(stepper);
    net_capture_close(stepper->packets);
    stepper_options_free(&stepper->options);
    stepper_target_free(&stepper->target);
    free(stepper);
}

int stepper_reopen(struct stepper *stepper, const struct stepper_target *target,
                   const struct stepper_options *options, struct err *err)
{
    struct stepper *other = stepper_new(target, options, err);

    if (other == NULL)
        return -1;
    stepper_use_capture(other, stepper->packets); /* it cannot be opened again */
    stepper->packets = NULL;
    struct stepper before = *stepper;
    *stepper = *other;
    *other = before;
    stepper_free(other);
    return 0;
}

void stepper_use_capture(struct stepper *stepper, struct net_capture *packets)
{
    net_capture_close(stepper->packets);
    stepper->packets = packets;
}

int stepper_wake_fd(const struct stepper *stepper)
{
    const struct run *newest = run_newest((struct stepper *)stepper);

    if (stepper->waiting) {
        return capture_fd(trace_capture_file(stepper->capture));
    }
    return stepper->service != NULL ? listen_wake_fd(stepper) : run_source_fd(newest);
}

bool stepper_pump(struct stepper *stepper)
{
    bool changed;

    if (stepper->capture != NULL) {
        return capture_pump(stepper);
    }
    changed = run_pump(stepper, run_newest(stepper));
    return listen_pump(stepper) || changed;
}

bool stepper_busy(const struct stepper *stepper)
{
    const struct run *newest = run_newest((struct stepper *)stepper);
    return run_has_source(newest) && newest->state == ENGINE_RUNNING;
}

bool stepper_live(const struct stepper *stepper)
{
    return stepper->target.kind != STEPPER_FILE;
}

bool stepper_over(const struct stepper *stepper)
{
    return run_in_view(stepper)->over;
}

bool stepper_done(const struct stepper *stepper)
{
    return run_in_view(stepper)->over && run_in_view(stepper)->follow;
}

const struct stepper_target *stepper_target(const struct stepper *stepper)
{
    return &stepper->target;
}

const struct stepper_options *stepper_options(const struct stepper *stepper)
{
    return &stepper->options;
}

struct trace *stepper_trace(const struct stepper *stepper)
{
    return run_in_view(stepper)->trace;
}

size_t stepper_cursor(const struct stepper *stepper)
{
    return run_in_view(stepper)->cursor;
}

bool stepper_at_end(const struct stepper *stepper)
{
    return run_in_view(stepper)->follow;
}

const struct trace_facts *stepper_facts(struct stepper *stepper)
{
    const struct run *run = run_in_view(stepper);
    return judge_facts(stepper, trace_facts(run->trace, run->cursor));
}

size_t stepper_run_count(const struct stepper *stepper)
{
    return stepper->runs_forgotten + stepper->run_count;
}

size_t stepper_run_current(const struct stepper *stepper)
{
    return stepper->runs_forgotten + stepper->view + 1;
}

const char *const *stepper_breakpoints(const struct stepper *stepper, size_t *count)
{
    *count = stepper->breakpoint_count;
    return (const char *const *)stepper->breakpoint_names;
}

bool stepper_breaks_at(const struct stepper *stepper, const char *at, enum wire_side from)
{
    for (size_t i = 0; i < stepper->breakpoint_count; i++) {
        const struct engine_match *match = &stepper->breakpoints[i];
        if (text_equal_nocase(match->at, at) && (match->any_side || match->from == from))
            return true;
    }
    return false;
}

bool stepper_trouble(struct stepper *stepper, struct err *err)
{
    if (stepper->trouble.class == ERR_NONE)
        return false;
    *err = stepper->trouble;
    stepper->trouble = (struct err){0};
    return true;
}

int stepper_exit_status(struct stepper *stepper)
{
    const struct run *run = run_in_view(stepper);
    if (stepper->target.kind == STEPPER_FILE)
        return 0;
    if (run->pair != NULL)
        return pair_exit_status(run->pair);
    return report_exit_status(run->trace, trace_event_count(run->trace));
}
