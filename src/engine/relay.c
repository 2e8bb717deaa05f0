/*
 * A session whose data comes from somewhere else and goes there. Each direction ends by itself (RFC 8446 6.1): after the
 * peer's close_notify what comes from the other session is still passed on to it, and the other way round.
 */
#include "relay.h"

#include "calls.h"
#include "phases.h"
#include "post.h"
#include "reader.h"
#include "receive.h"
#include "stop.h"
#include "thread.h"
#include "transport.h"

/* How long it may take until what was held back "for a moment" is asked for again. */
#define SOON_NS (20 * ENGINE_NS_PER_MS)

void engine_prompt(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->prompted = true;
    pthread_mutex_unlock(&engine->lock);
    engine_wake_worker(engine); /* not only to wait for the lock */
}

/* What may end the waiting: bytes, unless the peer has said all it had to say; a reset in any case. */
static bool has_input_locked(const struct engine *engine)
{
    if (engine->close_notify_seen) {
        return engine->ended_how == TRACE_RESET;
    }
    return engine->backlog.length > engine->starved_at || engine->ended_how != TRACE_OPEN;
}

/* False when the time is up, or the session is to end. */
static bool wait_for_either(struct engine *engine, int64_t patience_ns)
{
    int64_t deadline_ns =
        patience_ns == ENGINE_FOREVER ? ENGINE_FOREVER : clock_monotonic_ns() + patience_ns;
    bool in_time = true;
    bool ending;

    pthread_mutex_lock(&engine->lock);
    engine_queue_signal(&engine->queue);
    while (in_time && !engine->aborting && !engine->out_of_memory && !engine->prompted &&
           !engine->action.pending && !has_input_locked(engine)) {
        in_time = engine_wait_for_peer_locked(engine, deadline_ns);
    }
    ending = engine->aborting || engine->out_of_memory;
    engine->prompted = false;
    pthread_mutex_unlock(&engine->lock);
    return in_time && !ending;
}

/* Where nobody watches (report), a peer that says nothing, or too little, keeps nobody else waiting for ever: it has the time-out
 * once for all it has to say. */
static bool wait_briefly(struct engine *engine)
{
    int64_t began_ns = clock_monotonic_ns();
    bool waited = wait_for_either(engine, engine->patience_ns);

    engine->patience_ns -= clock_monotonic_ns() - began_ns;
    if (!waited && !engine_is_ending(engine)) {
        engine_post_note(engine, "timeout", "the client said nothing more within %g s (--timeout)",
                         (double)engine->timeout_ns / 1e9);
    }
    return waited;
}

/* What this side had to say is said. A peer that does not answer is not waited for without end. */
static bool wait_on(struct engine *engine, enum engine_outgoing outgoing)
{
    if (engine->close_notify_seen && engine->ended_how == TRACE_RESET) {
        return false;
    }
    if (outgoing == ENGINE_OUTGOING_SOON) {
        return wait_for_either(engine, SOON_NS) || !engine_is_ending(engine);
    }
    if (engine->has_said_goodbye) {
        return wait_for_either(engine, engine->timeout_ns);
    }
    return engine->brief ? wait_briefly(engine) : wait_for_either(engine, ENGINE_FOREVER);
}

static bool receive(struct engine *engine, enum engine_outgoing outgoing)
{
    if (engine->close_notify_seen) {
        return !engine->has_said_goodbye && wait_on(engine, outgoing);
    }
    switch (engine_receive(engine)) {
    case ENGINE_GOT:
        return true;
    case ENGINE_STARVED:
        return wait_on(engine, outgoing);
    case ENGINE_CLOSED:
        return !engine->has_said_goodbye;
    case ENGINE_CUT:
        engine_note_truncation(engine);
        return false;
    case ENGINE_FAILED:
        break;
    }
    return false;
}

bool engine_relay(struct engine *engine)
{
    enum engine_outgoing outgoing = ENGINE_OUTGOING_NONE;
    size_t length = 0;

    if (!engine->has_said_goodbye) {
        outgoing = engine_ask_outgoing(engine, engine->relayed, sizeof engine->relayed, &length);
    }
    switch (outgoing) {
    case ENGINE_OUTGOING_DATA:
        return engine_send_data(engine, engine->relayed, length) == 0;
    case ENGINE_OUTGOING_END:
        return engine_send_close_notify(engine) == 0 && !engine->close_notify_seen;
    case ENGINE_OUTGOING_CLOSE:
        return false;
    case ENGINE_OUTGOING_CUT:
        engine->cut_short = true;
        return false;
    case ENGINE_OUTGOING_SOON:
    case ENGINE_OUTGOING_NONE:
        break;
    }
    return receive(engine, outgoing);
}
