/* Moving the cursor through the log, and the connection where the log ends. */
#include "moves.h"

#include <stdlib.h>
#include <string.h>

int command_engine(struct stepper *stepper, const struct engine_command *command, struct err *err)
{
    struct run *run = run_newest(stepper);

    if (run->over)
        return err_set(err, ERR_USAGE, "over",
                       stepper_live(stepper) ? "the connection is over: restart (R) runs it again"
                                             : "a saved session cannot be continued");
    if (!run_has_source(run) && run_start(stepper, run, err) != 0)
        return -1;
    if (command->kind == ENGINE_STEP && run->state == ENGINE_RUNNING) {
        run->again = true;
        return 0;
    }
    if (run_source_command(run, command, err) != 0)
        return -1;
    run->replay = 0;
    run->state = ENGINE_RUNNING;
    run->follow = true;
    run_follow(run);
    stepper->view = stepper->run_count - 1;
    return 0;
}

/* Only the newest run has a source that could go on. */
static int go_on(struct stepper *stepper, enum engine_command_kind kind, struct err *err)
{
    const struct engine_command command = {.kind = kind};

    if (stepper->certificates)
        return err_set(err, ERR_USAGE, "over",
                       "certificates have no steps: `judge DATE` judges them as of another date");
    if (!stepper_live(stepper))
        return err_set(err, ERR_USAGE, "over", "this is the end of the session: Left goes back");
    if (run_in_view(stepper) != run_newest(stepper))
        return err_set(err, ERR_USAGE, "over",
                       "this run is over; the newest is run %zu: R runs again",
                       stepper_run_count(stepper));
    return command_engine(stepper, &command, err);
}

/* ---- within the log ---- */

/* Where a move through the log ends: told the first stop it passed and the one it is at. */
typedef bool stop_test(const struct stepper *stepper, const struct trace_stop *first,
                       const struct trace_stop *here, const void *argument);

static bool any_stop(const struct stepper *stepper, const struct trace_stop *first,
                     const struct trace_stop *here, const void *argument)
{
    (void)stepper, (void)first, (void)here, (void)argument;
    return true;
}

/* Does a moment fit? In a capture several messages may have come at once: any of them may. */
static bool moment_fits(const struct stepper *stepper, size_t from, size_t to, stop_test *fits,
                        struct trace_stop *first, const void *argument)
{
    struct run *run = run_in_view(stepper);
    struct trace *trace = run->trace;
    struct trace_stop here = run_stop_at(run, to);
    size_t row = stepper->capture != NULL ? trace_row_count_at(trace, from) : 0;
    size_t end = stepper->capture != NULL ? trace_row_count_at(trace, to) : 0;

    do {
        if (row < end) {
            const struct trace_row *shown = trace_row_at(trace, row);
            here.n = shown->n;
            here.at = shown->type;
            here.from = shown->from;
        }
        if (!first->at_stop) {
            *first = here;
        }
        if (fits(stepper, first, &here, argument)) {
            run->sought = row < end && fits != any_stop ? here.n : 0;
            return true;
        }
    } while (++row < end);
    return false;
}

/* Moves forward to the first stop that fits, or to the end. True when one did. */
static bool move_in_log(struct stepper *stepper, stop_test *fits, const void *argument)
{
    struct run *run = run_in_view(stepper);
    struct trace_stop first = {0};
    size_t cursor = run_moment(run);
    size_t end = run_end_position(run);

    for (size_t next = run_moment_after(run, cursor); next > cursor && next <= end;
         next = run_moment_after(run, cursor)) {
        bool found = moment_fits(stepper, cursor, next, fits, &first, argument);
        cursor = next;
        if (found) {
            run_set_cursor(run, cursor);
            run->sought_at = run->cursor;
            return true;
        }
        if (cursor == end) {
            break;
        }
    }
    run_set_cursor(run, end);
    return false;
}

static bool fits_stop(const struct engine_match *match, const struct trace_stop *here)
{
    return here->at_stop && strcmp(match->at, here->at) == 0 &&
           (match->any_side || (here->has_from && match->from == here->from));
}

static bool breaks(const struct stepper *stepper, const struct trace_stop *here)
{
    for (size_t i = 0; i < stepper->breakpoint_count; i++)
        if (fits_stop(&stepper->breakpoints[i], here))
            return true;
    return false;
}

static bool other_flight(const struct stepper *stepper, const struct trace_stop *first,
                         const struct trace_stop *here, const void *argument)
{
    (void)argument;
    return here->phase != first->phase || here->has_from != first->has_from ||
           (here->has_from && here->from != first->from) || breaks(stepper, here);
}

static bool other_phase(const struct stepper *stepper, const struct trace_stop *first,
                        const struct trace_stop *here, const void *argument)
{
    const enum trace_phase *phase = argument;
    (void)first;
    return here->phase != *phase || breaks(stepper, here);
}

static bool breakpoint_only(const struct stepper *stepper, const struct trace_stop *first,
                            const struct trace_stop *here, const void *argument)
{
    (void)first, (void)argument;
    return breaks(stepper, here);
}

static bool matches(const struct stepper *stepper, const struct trace_stop *first,
                    const struct trace_stop *here, const void *argument)
{
    (void)first;
    return fits_stop(argument, here) || breaks(stepper, here);
}

/* ---- the commands ---- */

/* A run of steps in the log, or in the connection when the log is at its end. */
static int move_on(struct stepper *stepper, stop_test *fits, const void *argument,
                   enum engine_command_kind kind, struct err *err)
{
    if (run_in_view(stepper)->follow)
        return go_on(stepper, kind, err);
    (void)move_in_log(stepper, fits, argument); /* the end of the log is a place to be, too */
    return 0;
}

int move_step(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return move_on(stepper, any_stop, NULL, ENGINE_STEP, err);
}

int move_flight(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return move_on(stepper, other_flight, NULL, ENGINE_FLIGHT, err);
}

int move_phase(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct run *run = run_in_view(stepper);
    enum trace_phase phase = run_stop_at(run, run_position(run)).phase;
    (void)argument;
    return move_on(stepper, other_phase, &phase, ENGINE_PHASE, err);
}

int move_continue(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    return move_on(stepper, breakpoint_only, NULL, ENGINE_CONTINUE, err);
}

int move_until(struct stepper *stepper, const char *argument, struct err *err)
{
    struct engine_command command = {.kind = ENGINE_UNTIL};

    if (engine_match_parse(argument, &command.match, err) != 0)
        return -1;
    if (!run_in_view(stepper)->follow && move_in_log(stepper, matches, &command.match))
        return 0;
    if (!stepper_live(stepper) || run_in_view(stepper) != run_newest(stepper))
        return err_set(err, ERR_USAGE, "not_found", "no %s comes after this in the session",
                       argument);
    return command_engine(stepper, &command, err);
}

int move_back(struct stepper *stepper, const char *argument, struct err *err)
{
    struct run *run = run_in_view(stepper);
    size_t moment = run_moment(run);

    (void)argument;
    if (moment == 0)
        return err_set(err, ERR_USAGE, "at_start",
                       "this is the beginning: nothing has happened yet");
    run_set_cursor(run, run_moment_before(run, moment));
    run->follow = false;
    return 0;
}

int move_forward(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument;
    if (run_in_view(stepper)->follow)
        return err_set(err, ERR_USAGE, "at_end",
                       "this is the latest that has happened: Space makes the next step");
    (void)move_in_log(stepper, any_stop, NULL);
    return 0;
}

int move_first(struct stepper *stepper, const char *argument, struct err *err)
{
    (void)argument, (void)err;
    run_set_cursor(run_in_view(stepper), 0);
    return 0;
}

int move_side(struct stepper *stepper, const char *argument, struct err *err)
{
    struct run *run = run_in_view(stepper);
    struct run_pair *pair = run->pair;

    if (pair == NULL)
        return err_set(err, ERR_USAGE, "no_other_side", "only a proxy has two sides");
    enum lab_proxy_side side = pair->side == LAB_PROXY_CLIENT ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
    if (argument != NULL && strcmp(argument, "client") != 0 && strcmp(argument, "server") != 0)
        return err_set(err, ERR_USAGE, "bad_value", "side takes client, server, or nothing");
    if (argument != NULL)
        side = strcmp(argument, "client") == 0 ? LAB_PROXY_CLIENT : LAB_PROXY_SERVER;
    pair->side = side;
    run->trace = pair->traces[side];
    run->cursor = pair->cursors[side];
    run->sought = 0;
    return 0;
}

int move_latest(struct stepper *stepper, const char *argument, struct err *err)
{
    struct run *run = run_in_view(stepper);
    (void)argument, (void)err;
    run_set_cursor(run, run_end_position(run));
    return 0;
}

const struct trace_row *argument_row(struct stepper *stepper, const char *argument, struct err *err)
{
    const struct run *run = run_in_view(stepper);
    char safe[60];
    char *end = NULL;
    unsigned long n = argument[0] >= '0' && argument[0] <= '9' ? strtoul(argument, &end, 10) : 0;

    if (n == 0 || *end != '\0') {
        err_set(err, ERR_USAGE, "bad_value", "'%s' is not the number of a row",
                text_safe(safe, sizeof safe, argument, strlen(argument)));
        return NULL;
    }
    if (n > trace_row_count(run->trace)) {
        err_set(err, ERR_USAGE, "no_such_row", "there is no row %lu; the last is %zu", n,
                trace_row_count(run->trace));
        return NULL;
    }
    return trace_row_at(run->trace, n - 1);
}

int move_goto(struct stepper *stepper, const char *argument, struct err *err)
{
    struct run *run = run_in_view(stepper);
    const struct trace_row *row = argument_row(stepper, argument, err);
    if (row == NULL)
        return -1;
    run_set_cursor(run, run_position_of_row(run, row->n));
    return 0;
}
