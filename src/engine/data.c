/*
 * Application data: what the peer sends, what the user sends.
 *
 * Pull never waits in here. All waiting is done between calls of gnutls_record_recv(), so that a
 * command of the user that needs GnuTLS finds it idle.
 */
#include "again.h"
#include "failure.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "relay.h"
#include "stop.h"
#include "transport.h"

/* ---- what the user sends --------------------------------------------------------------------- */

static struct engine_action take_action(struct engine *engine)
{
    struct engine_action action;

    pthread_mutex_lock(&engine->lock);
    action = engine->action;
    engine->action = (struct engine_action){0};
    pthread_mutex_unlock(&engine->lock);
    return action;
}

/* Stops with the data queued: now, or behind the KeyUpdate that GnuTLS sends first of its own
 * accord when the peer has asked for one (RFC 8446 4.6.3). */
static int announce(struct engine *engine, const uint8_t *data, size_t length)
{
    if (engine->owes_key_update) {
        engine->held = (struct engine_held){.data = data, .length = length};
        return 0;
    }
    engine_post_queued(engine, WIRE_APPLICATION_DATA, 0, data, length);
    return engine_stop_queued(engine, WIRE_APPLICATION_DATA, 0);
}

/* One record. Returns how many bytes were sent, or -1. */
static ssize_t send_record(struct engine *engine, const uint8_t *data, size_t length)
{
    ssize_t sent;

    if (announce(engine, data, length) != 0) {
        return -1;
    }
    engine->patience_ns = engine->timeout_ns;
    sent = gnutls_record_send(engine->tls.session, data, length);
    engine->held = (struct engine_held){0};
    if (engine_is_ending(engine)) {
        return -1;
    }
    return sent > 0 ? sent : engine_fail_library(engine, (int)sent);
}

int engine_send_data(struct engine *engine, const uint8_t *data, size_t length)
{
    size_t record_max = gnutls_record_get_max_size(engine->tls.session);

    while (length > 0) {
        ssize_t sent = send_record(engine, data, length < record_max ? length : record_max);

        if (sent < 0) {
            return -1;
        }
        data += sent;
        length -= (size_t)sent;
    }
    engine->awaits_answer = true;
    return 0;
}

/* Announced by its hook. RFC 8446 4.6.3. */
static int rekey(struct engine *engine)
{
    int status;

    engine->patience_ns = engine->timeout_ns;
    status = gnutls_session_key_update(engine->tls.session, GNUTLS_KU_PEER);
    if (engine_is_ending(engine)) {
        return -1;
    }
    return status == 0 ? 0 : engine_fail_library(engine, status);
}

/* While data is queued no more is taken; behind a KeyUpdate it is. */
static int perform(struct engine *engine, const struct engine_action *action)
{
    int status;

    if (action->kind == ENGINE_REKEY) {
        return rekey(engine);
    }
    if (action->kind == ENGINE_ASK) {
        return engine_ask_again(engine);
    }
    engine_set_may_send(engine, false);
    status = engine_send_data(engine, action->data, action->length);
    engine_set_may_send(engine, status == 0);
    return status;
}

/* ---- the phase ------------------------------------------------------------------------------- */

/* False when it is time to close, or the session is to end. */
static bool wait_for_more(struct engine *engine)
{
    int64_t patience_ns = engine->awaits_answer ? engine->timeout_ns : engine->linger_ns;
    enum engine_waited waited = engine_wait_for_input(engine, engine->starved_at, &patience_ns);

    if (waited == ENGINE_TIMED_OUT && engine->awaits_answer) {
        engine_post_note(engine, "timeout",
                         "the server did not answer the data within %g s (--timeout)",
                         (double)engine->timeout_ns / 1e9);
    }
    return waited == ENGINE_INPUT;
}

void engine_note_truncation(struct engine *engine)
{
    engine->truncated = true;
    engine_post_note(engine, "truncated",
                     "the server closed the connection without close_notify: what it sent may be "
                     "incomplete");
}

/* True as long as there is something to receive. */
static bool receive(struct engine *engine)
{
    switch (engine_receive(engine)) {
    case ENGINE_GOT:
        return true;
    case ENGINE_STARVED:
        return wait_for_more(engine);
    case ENGINE_CUT:
        engine_note_truncation(engine);
        return false;
    case ENGINE_CLOSED:
    case ENGINE_FAILED:
        break;
    }
    return false;
}

/* A server that was asked nothing may greet and send tickets. One that sends without end would never
 * be heard to the end, which is what a brief session (report) waits for. */
#define BRIEF_RECORDS 1000

static bool is_enough(struct engine *engine, size_t records, int64_t until_ns)
{
    if (!engine->brief || (records < BRIEF_RECORDS && engine_active_ns(engine) < until_ns)) {
        return false;
    }
    engine->endless = true;
    engine_post_note(engine, "endless",
                     "the server goes on sending although it was asked nothing: closed after %zu "
                     "records",
                     records);
    return true;
}

static void exchange(struct engine *engine)
{
    int64_t until_ns = engine_active_ns(engine) + engine->timeout_ns;
    size_t records = 0;
    bool more;

    do {
        struct engine_action action = take_action(engine);

        if (!action.pending && engine->outgoing != NULL) {
            more = engine_relay(engine);
        } else if (!action.pending) {
            more = receive(engine) && !is_enough(engine, ++records, until_ns);
        } else {
            more = action.kind != ENGINE_CLOSE && perform(engine, &action) == 0;
            secret_free(action.data, action.length);
        }
    } while (more);
}

/* Data that the user gave when the peer's goodbye was already there. */
static void drop_action(struct engine *engine)
{
    struct engine_action action = take_action(engine);

    if (action.pending && action.kind == ENGINE_SEND) {
        engine_post_note(engine, "not_sent",
                         "the data was not sent: the connection is being closed");
    }
    secret_free(action.data, action.length);
}

int engine_exchange_data(struct engine *engine)
{
    engine->pull_waits = false;
    engine_post_phase(engine, TRACE_DATA, TRACE_BEGUN, NULL, NULL);
    engine_set_may_send(engine, true);
    engine->patience_ns = engine->timeout_ns; /* of a relay that is brief */
    if (engine_stop_at(engine, TRACE_DATA, "data") == 0) {
        exchange(engine);
    }
    engine_set_may_send(engine, false);
    if (engine_is_ending(engine)) {
        return -1;
    }
    drop_action(engine);
    if (engine->failure.known) {
        return engine_refuse(engine, TRACE_DATA);
    }
    engine_post_phase(engine, TRACE_DATA, TRACE_DONE, NULL, NULL);
    return 0;
}
