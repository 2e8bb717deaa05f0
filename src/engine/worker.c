/* The worker: the phases in order, and how they end. */
#include <stdlib.h>

#include "failure.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "stop.h"
#include "thread.h"

static int reach_peer(struct engine *engine)
{
    if (engine->role == ENGINE_SERVER) {
        return engine_accept(engine) == 0 ? engine_be_asked(engine) : -1;
    }
    return engine_resolve(engine) == 0 && engine_connect(engine) == 0
               ? engine_speak_clear_text(engine)
               : -1;
}

static int run_phases(struct engine *engine)
{
    if (reach_peer(engine) != 0 || engine_handshake(engine) != 0 ||
        engine_exchange_data(engine) != 0) {
        return -1;
    }
    return engine_say_goodbye(engine);
}

/* What is under way has failed, the inner phase first; between two phases, the next one. */
static void fail_phases(struct engine *engine)
{
    static const enum trace_phase order[] = {TRACE_RESOLVE,   TRACE_CONNECT, TRACE_STARTTLS,
                                             TRACE_HANDSHAKE, TRACE_DATA,    TRACE_CLOSE};
    bool failed = false;

    for (int phase = TRACE_PHASE_COUNT - 1; phase >= 0; phase--) {
        if (engine->phases[phase] == TRACE_BEGUN) {
            engine_post_phase_failed(engine, (enum trace_phase)phase);
            failed = true;
        }
    }
    for (size_t i = 0; i < sizeof order / sizeof *order && !failed; i++) {
        if (engine->phases[order[i]] == TRACE_PENDING &&
            (order[i] != TRACE_STARTTLS || engine_has_clear_text(engine))) {
            engine_post_phase_failed(engine, order[i]);
            failed = true;
        }
    }
}

/* Aborted, or out of memory. */
static void end_early(struct engine *engine)
{
    if (engine->out_of_memory) {
        (void)engine_fail_memory(engine); /* always -1 */
    } else {
        engine->failure.known = false;
        (void)engine_fail(engine, ERR_INTERRUPTED, "aborted", ENGINE_NO_ALERT,
                          "the connection was aborted");
    }
    fail_phases(engine);
    if (engine->socket >= 0) {
        engine_reset(engine);
    }
}

static void clean_up(struct engine *engine)
{
    tls_session_free(&engine->tls);
    engine_receive_end(engine);
    free(engine->certificate_message);
    engine->certificate_message = NULL;
}

void engine_worker_run(struct engine *engine)
{
    /* A phase that has failed without the session being told to end has still to hang up. */
    (void)run_phases(engine);
    if (!engine_is_ending(engine) && engine->socket >= 0) {
        (void)engine_hang_up(engine); /* an abort at the last stop has nothing left to end */
    }
    if (engine_is_ending(engine)) {
        end_early(engine);
    }
    clean_up(engine);
    pthread_mutex_lock(&engine->lock);
    engine_set_state_locked(engine, ENGINE_OVER);
    pthread_mutex_unlock(&engine->lock);
}
