/* Functions of the owner's that the worker calls, and what the owner tells and asks while it runs. */
#include "calls.h"

#include <stdlib.h>
#include <string.h>

#include "thread.h"

bool engine_call_begin(struct engine *engine)
{
    bool begun;

    pthread_mutex_lock(&engine->lock);
    begun = !engine->abandoned;
    engine->calling = begun;
    pthread_mutex_unlock(&engine->lock);
    return begun;
}

void engine_call_end(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->calling = false;
    pthread_cond_broadcast(&engine->ended);
    pthread_mutex_unlock(&engine->lock);
}

void engine_await_calls_locked(struct engine *engine)
{
    while (engine->calling) {
        (void)engine_wait_locked(engine, &engine->ended, ENGINE_FOREVER);
    }
}

void engine_hand_on(struct engine *engine, const uint8_t *data, size_t length)
{
    if (engine->received != NULL && engine_call_begin(engine)) {
        engine->received(engine->received_context, data, length);
        engine_call_end(engine);
    }
}

enum engine_outgoing engine_ask_outgoing(struct engine *engine, uint8_t *out, size_t max,
                                         size_t *length)
{
    enum engine_outgoing outgoing = ENGINE_OUTGOING_NONE;

    if (engine_call_begin(engine)) {
        outgoing = engine->outgoing(engine->outgoing_context, out, max, length);
        engine_call_end(engine);
    }
    return outgoing;
}

/* ---- what the owner tells and asks ------------------------------------------------------------ */

int engine_set_name(struct engine *engine, const char *name, struct err *err)
{
    char *copy = text_duplicate(name, strlen(name));
    bool early;

    if (copy == NULL) {
        return err_memory(err, "copying the server's name");
    }
    pthread_mutex_lock(&engine->lock);
    early = engine->state == ENGINE_PAUSED && engine->phases[TRACE_HANDSHAKE] == TRACE_PENDING;
    if (early) {
        free(engine->options.sni);
        engine->options.sni = copy; /* the worker sleeps: it reads it when it is woken up */
    }
    pthread_mutex_unlock(&engine->lock);
    if (!early) {
        free(copy);
        return err_set(err, ERR_USAGE, "wrong_phase",
                       "the handshake has begun: the server's name has been sent");
    }
    return 0;
}

bool engine_peer_leaf(struct engine *engine, struct buffer *out)
{
    bool known;

    pthread_mutex_lock(&engine->lock);
    known = engine->peer_leaf.data != NULL;
    buffer_append(out, engine->peer_leaf.data, engine->peer_leaf.size);
    pthread_mutex_unlock(&engine->lock);
    return known && !out->failed;
}
