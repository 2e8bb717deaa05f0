/* Passing a stop, and whether the command under way ends there. */
#include <string.h>

#include "packets.h"
#include "post.h"
#include "stop.h"
#include "thread.h"

static bool same_side(const struct engine_stop *a, const struct engine_stop *b)
{
    return a->has_from == b->has_from && (!a->has_from || a->from == b->from);
}

bool engine_match_fits(const struct engine_match *match, const struct engine_stop *stop)
{
    if (strcmp(match->at, stop->at) != 0) { /* "starttls" is a phase, "STARTTLS" a line */
        return false;
    }
    return match->any_side || (stop->has_from && stop->from == match->from);
}

/* A flight is what one side sends without waiting for the other. What follows it cannot be
 * foreseen, so a flight ends at the first stop that does not belong to it. */
static bool flight_ends(struct engine_run *run, const struct engine_stop *stop)
{
    if (!run->has_passed) {
        run->has_passed = true;
        run->passed = *stop;
        return false;
    }
    return !same_side(&run->passed, stop) || run->passed.phase != stop->phase;
}

bool engine_run_ends(struct engine_run *run, const struct engine_stop *stop)
{
    switch (run->kind) {
    case ENGINE_STEP:
    case ENGINE_ACCEPT:
        return true;
    case ENGINE_FLIGHT:
        return flight_ends(run, stop);
    case ENGINE_PHASE:
        return !run->has_origin || run->origin != stop->phase;
    case ENGINE_UNTIL:
        return engine_match_fits(&run->match, stop);
    case ENGINE_SEND:
    case ENGINE_REKEY:
    case ENGINE_CLOSE:
    case ENGINE_ASK:
        return stop->queued; /* what arrives in between is passed */
    case ENGINE_CONTINUE:
    case ENGINE_ABORT:
        break;
    }
    return false;
}

static bool is_breakpoint_locked(const struct engine *engine, const struct engine_stop *stop)
{
    for (size_t i = 0; i < engine->breakpoint_count; i++) {
        if (engine_match_fits(&engine->breakpoints[i], stop)) {
            return true;
        }
    }
    return false;
}

static void pause_locked(struct engine *engine)
{
    int64_t since = clock_monotonic_ns();

    engine_set_state_locked(engine, ENGINE_PAUSED);
    while (engine->state == ENGINE_PAUSED && !engine->aborting) {
        (void)engine_wait_locked(engine, &engine->wake, ENGINE_FOREVER);
    }
    engine->paused_ns += clock_monotonic_ns() - since;
    engine->state = ENGINE_RUNNING; /* an abort is carried out, too */
}

int64_t engine_active_ns(const struct engine *engine)
{
    return clock_monotonic_ns() - engine->paused_ns;
}

static bool is_ending_locked(const struct engine *engine)
{
    return engine->aborting || engine->out_of_memory;
}

/* After "close" there is nothing left to wait for. */
static bool is_last(const struct engine_stop *stop)
{
    return stop->phase == TRACE_CLOSE && !stop->has_from;
}

static int pass(struct engine *engine, const struct engine_stop *stop)
{
    struct trace_event event = {
        .kind = TRACE_STOP,
        .phase = stop->phase,
        .from = stop->from,
        .queued = stop->queued,
    };
    bool ends, ending;

    bool told = !engine->quiet || !stop->has_from;

    engine_packets_take(engine);
    event.text = told ? text_duplicate(stop->at, strlen(stop->at)) : NULL;
    pthread_mutex_lock(&engine->lock);
    if (told && event.text == NULL) {
        engine->out_of_memory = true;
    }
    if (!is_ending_locked(engine)) {
        if (told) {
            engine_post_locked(engine, &event);
        }
        engine->has_stopped = true;
        engine->stopped = *stop;
        ends = engine_run_ends(&engine->run, stop) || is_breakpoint_locked(engine, stop);
        if (ends && !is_last(stop) && !engine->aborting) {
            pause_locked(engine);
        }
    }
    ending = is_ending_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    trace_event_clear(&event); /* nothing is left in it when it was posted */
    return ending ? -1 : 0;
}

int engine_stop_at(struct engine *engine, enum trace_phase phase, const char *at)
{
    const struct engine_stop stop = {.phase = phase, .at = at};

    return pass(engine, &stop);
}

static int pass_message(struct engine *engine, enum wire_side from, uint8_t content_type,
                        uint8_t handshake_type)
{
    const struct engine_stop stop = {
        .phase = engine->phase, /* only the worker changes it */
        .at = wire_message_name(content_type, handshake_type),
        .has_from = true,
        .from = from,
        .queued = from == engine->local,
    };

    engine->has_exchanged = true;
    engine->latest = stop;
    return pass(engine, &stop);
}

int engine_stop_queued(struct engine *engine, uint8_t content_type, uint8_t handshake_type)
{
    return pass_message(engine, engine->local, content_type, handshake_type);
}

int engine_stop_arrived(struct engine *engine, uint8_t content_type, uint8_t handshake_type)
{
    engine->unprocessed = (struct engine_unprocessed){
        .pending = true,
        .content_type = content_type,
        .handshake_type = handshake_type,
    };
    return pass_message(engine, engine->peer, content_type, handshake_type);
}

int engine_stop_text(struct engine *engine, enum wire_side from, const char *at, bool queued)
{
    const struct engine_stop stop = {
        .phase = TRACE_STARTTLS,
        .at = at,
        .has_from = true,
        .from = from,
        .queued = queued,
    };

    if (!queued) {
        engine->unprocessed = (struct engine_unprocessed){.pending = true};
    }
    engine->has_exchanged = true;
    engine->latest = stop;
    return pass(engine, &stop);
}

bool engine_is_ending(struct engine *engine)
{
    bool ending;

    pthread_mutex_lock(&engine->lock);
    ending = is_ending_locked(engine);
    pthread_mutex_unlock(&engine->lock);
    return ending;
}
