/* A second session beside the one in view: another run, or another conversation of the capture. */
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "moves.h"

void comparison_end(struct stepper *stepper)
{
    report_comparison_free(stepper->comparison);
    trace_free(stepper->second);
    stepper->comparison = NULL;
    stepper->second = NULL;
    stepper->second_run = 0;
}

/* The run of a number, unless it has been forgotten. */
static struct run *run_numbered(struct stepper *stepper, size_t number)
{
    if (number <= stepper->runs_forgotten || number > stepper_run_count(stepper)) {
        return NULL;
    }
    return &stepper->runs[number - stepper->runs_forgotten - 1];
}

static struct trace *second_trace(struct stepper *stepper)
{
    if (stepper->second != NULL) {
        return stepper->second;
    }
    const struct run *run =
        stepper->second_run != 0 ? run_numbered(stepper, stepper->second_run) : NULL;
    return run != NULL ? run->trace : NULL;
}

const struct report_comparison *stepper_comparison(struct stepper *stepper)
{
    struct trace *a = run_in_view(stepper)->trace;
    struct trace *b = second_trace(stepper);

    if (b == NULL) {
        return NULL;
    }
    size_t count_a = trace_event_count(a);
    size_t count_b = trace_event_count(b);
    if (stepper->comparison != NULL && stepper->compared[0] == a && stepper->compared[1] == b &&
        stepper->compared_events[0] == count_a && stepper->compared_events[1] == count_b) {
        return stepper->comparison;
    }
    report_comparison_free(stepper->comparison);
    stepper->comparison = report_compare(a, count_a, b, count_b);
    stepper->compared[0] = a;
    stepper->compared[1] = b;
    stepper->compared_events[0] = count_a;
    stepper->compared_events[1] = count_b;
    return stepper->comparison;
}

/* "3", "run 3": the number, and whether a run is meant. */
static int parse(const char *argument, bool *run, unsigned long *number, struct err *err)
{
    const char *digits = strncmp(argument, "run ", 4) == 0 ? argument + 4 : argument;
    char *end;

    *run = digits != argument;
    *number = strtoul(digits, &end, 10);
    if (digits[0] < '0' || digits[0] > '9' || *end != '\0' || *number > UINT32_MAX) {
        return err_set(
            err, ERR_USAGE, "bad_value",
            "compare takes the number of a conversation, or 'run' and the number of one");
    }
    return 0;
}

int act_compare(struct stepper *stepper, const char *argument, struct err *err)
{
    unsigned long number;
    bool run;

    if (argument == NULL) {
        comparison_end(stepper);
        return 0;
    }
    if (parse(argument, &run, &number, err) != 0) {
        return -1;
    }
    if (stepper->capture != NULL && !run) {
        struct trace *trace = capture_trace_of(stepper, (uint32_t)number, err);
        if (trace == NULL) {
            return -1;
        }
        comparison_end(stepper);
        stepper->second = trace;
        return 0;
    }
    if (run_numbered(stepper, number) == NULL || number == stepper_run_current(stepper)) {
        return err_set(err, ERR_USAGE, "no_such_run",
                       "there is no other run %lu: restart makes another", number);
    }
    comparison_end(stepper);
    stepper->second_run = number;
    return 0;
}

/* ---- the answer ---- */

static void append_name(struct buffer *out, const struct stepper *stepper, struct trace *trace,
                        size_t run)
{
    buffer_text(out, stepper->target.input);
    if (stepper->capture != NULL) {
        buffer_printf(out, "#%u", trace_target(trace)->stream);
    } else {
        buffer_printf(out, " run %zu", run);
    }
}

json_t *ask_differences(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct report_comparison *comparison = stepper_comparison(stepper);
    struct trace *b = second_trace(stepper);
    struct buffer name_a = {0};
    struct buffer name_b = {0};
    json_t *json = NULL;
    (void)argument;

    if (b == NULL) {
        err_set(err, ERR_USAGE, "no_comparison", "nothing is compared: compare N first");
        return NULL;
    }
    append_name(&name_a, stepper, run_in_view(stepper)->trace, stepper_run_current(stepper));
    append_name(&name_b, stepper, b, stepper->second_run);
    if (comparison != NULL && buffer_string(&name_a) != NULL && buffer_string(&name_b) != NULL) {
        json = report_comparison_json(comparison, buffer_string(&name_a), buffer_string(&name_b));
    }
    buffer_free(&name_a);
    buffer_free(&name_b);
    return json;
}
