/* Where the cursor of a run stands, and where it can. */
#include "run.h"

size_t run_position(const struct run *run)
{
    return run->pair != NULL ? run->pair->at : run->cursor;
}

size_t run_end_position(const struct run *run)
{
    return run->pair != NULL ? run->pair->count : trace_event_count(run->trace);
}

size_t run_moment_before(const struct run *run, size_t position)
{
    return run->pair != NULL ? pair_moment_before(run->pair, position)
                             : trace_moment_before(run->trace, position);
}

size_t run_moment_after(const struct run *run, size_t position)
{
    return run->pair != NULL ? pair_moment_after(run->pair, position)
                             : trace_moment_after(run->trace, position);
}

struct trace_stop run_stop_at(const struct run *run, size_t position)
{
    const struct run_pair *pair = run->pair;

    if (pair == NULL) {
        return report_stop_at(run->trace, position);
    }
    size_t moment = pair_moment_before(pair, position + 1);
    enum lab_proxy_side side = moment > 0 ? pair_side_at(pair, moment) : pair->side;
    return report_stop_at(pair->traces[side], pair_cursor(pair, side, position));
}

size_t run_position_of_row(const struct run *run, uint32_t n)
{
    size_t cursor = trace_moment_of_row(run->trace, n);

    return run->pair != NULL ? pair_position(run->pair, run->pair->side, cursor) : cursor;
}

/* What has just happened is in view: the side whose stop it is. */
static void put(struct run *run, size_t position)
{
    struct run_pair *pair = run->pair;

    if (pair == NULL) {
        run->cursor = position;
        return;
    }
    pair_set(pair, position);
    size_t moment = pair_moment_before(pair, pair->at + 1);
    if (moment > 0) {
        pair->side = pair_side_at(pair, moment);
    }
    run->trace = pair->traces[pair->side];
    run->cursor = pair->cursors[pair->side];
}

void run_follow(struct run *run)
{
    put(run, run_end_position(run));
}

static size_t last_moment(const struct run *run)
{
    return run_moment_before(run, run_end_position(run) + 1);
}

void run_set_cursor(struct run *run, size_t position)
{
    run->follow = position >= last_moment(run);
    put(run, run->follow ? run_end_position(run) : position);
}

struct trace_stop run_stop(const struct run *run)
{
    struct trace_stop stop = run_stop_at(run, run_position(run));

    if (run->sought > 0 && run->sought_at == run->cursor) {
        const struct trace_row *row = trace_row_at(run->trace, run->sought - 1);
        stop.n = row->n;
        stop.at = row->type;
        stop.from = row->from;
    }
    return stop;
}

size_t run_moment(const struct run *run)
{
    return run_moment_before(run, run_position(run) + 1);
}

static size_t stops_of_pair(const struct run *run)
{
    size_t stops = 0;

    for (size_t at = run_moment(run); at > 0; at = run_moment_before(run, at)) {
        stops++;
    }
    return stops;
}

size_t run_stops_passed(const struct run *run)
{
    size_t stops = 0;

    if (run->pair != NULL) {
        return stops_of_pair(run);
    }
    for (size_t i = 0; i < run->cursor && i < trace_event_count(run->trace); i++) {
        stops += trace_event_at(run->trace, i)->kind == TRACE_STOP;
    }
    return stops;
}
