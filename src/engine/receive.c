/* One call of gnutls_record_recv(), and what came of it. */
#include <stdlib.h>

#include "again.h"
#include "calls.h"
#include "failure.h"
#include "phases.h"
#include "post.h"
#include "receive.h"
#include "resume.h"
#include "stop.h"

#define PLAINTEXT_MAX 16384 /* RFC 8446 5.1: the content of a record always fits */

int engine_receive_begin(struct engine *engine)
{
    engine->plaintext = malloc(PLAINTEXT_MAX);
    return engine->plaintext != NULL ? 0 : engine_fail_memory(engine);
}

void engine_receive_end(struct engine *engine)
{
    secret_free(engine->plaintext, PLAINTEXT_MAX);
    engine->plaintext = NULL;
}

void engine_set_may_send(struct engine *engine, bool may_send)
{
    pthread_mutex_lock(&engine->lock);
    engine->may_send = may_send;
    pthread_mutex_unlock(&engine->lock);
}

/* What could not be told from outside and has no hook is stopped at after the fact. */
static int stop_unless_stopped(struct engine *engine, uint8_t content_type)
{
    bool stopped = engine->record_stopped;

    engine->record_stopped = false;
    return stopped ? 0 : engine_stop_arrived(engine, content_type, 0);
}

static enum engine_received close_notify(struct engine *engine)
{
    engine->close_notify_seen = true;
    engine_set_may_send(engine, false);
    if (stop_unless_stopped(engine, WIRE_ALERT) != 0) {
        return ENGINE_FAILED;
    }
    engine_hand_on(engine, NULL, 0);
    return ENGINE_CLOSED;
}

static enum engine_received failed(struct engine *engine, int status)
{
    if (engine_is_ending(engine)) {
        return ENGINE_FAILED;
    }
    if (engine->end_served && engine->ended_how == TRACE_FIN) {
        return ENGINE_CUT;
    }
    engine_set_may_send(engine, false);
    if (status == GNUTLS_E_FATAL_ALERT_RECEIVED && stop_unless_stopped(engine, WIRE_ALERT) != 0) {
        return ENGINE_FAILED;
    }
    (void)engine_fail_library(engine, status); /* always -1 */
    return ENGINE_FAILED;
}

static enum engine_received interpret(struct engine *engine, ssize_t status)
{
    int stopped;

    if (status > 0) {
        engine->awaits_answer = false;
        engine->unheard = 0;
        stopped = stop_unless_stopped(engine, WIRE_APPLICATION_DATA);
        if (stopped == 0) {
            engine_hand_on(engine, engine->plaintext, (size_t)status);
        }
        return stopped == 0 ? ENGINE_GOT : ENGINE_FAILED;
    }
    switch (status) {
    case 0:
        return close_notify(engine);
    case GNUTLS_E_AGAIN:
    case GNUTLS_E_INTERRUPTED:
        /* Also what GnuTLS says after each handshake message, with more to read. */
        return engine->starved ? ENGINE_STARVED : ENGINE_GOT;
    case GNUTLS_E_REHANDSHAKE:
        return engine_renegotiate(engine) == 0 ? ENGINE_GOT : ENGINE_FAILED;
    case GNUTLS_E_REAUTH_REQUEST:
        return engine_reauthenticate(engine) == 0 ? ENGINE_GOT : ENGINE_FAILED;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        return stop_unless_stopped(engine, WIRE_ALERT) == 0 ? ENGINE_GOT : ENGINE_FAILED;
    default:
        return failed(engine, (int)status);
    }
}

enum engine_received engine_receive(struct engine *engine)
{
    enum engine_received got;

    engine->starved = false;
    got = interpret(engine,
                    gnutls_record_recv(engine->tls.session, engine->plaintext, PLAINTEXT_MAX));
    engine_post_processed(engine);
    if (engine->ticket_came) {
        engine->ticket_came = false;
        engine_resume_keep(engine);
    }
    return engine_is_ending(engine) ? ENGINE_FAILED : got;
}
