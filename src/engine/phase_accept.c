/*
 * A server's beginning: a client is taken from those that wait, and may ask for a way to somebody else (HTTP CONNECT)
 * before TLS begins.
 */
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "dialogue.h"
#include "failure.h"
#include "phases.h"
#include "post.h"
#include "reader.h"
#include "stop.h"
#include "thread.h"
#include "transport.h"

/* ---- taking a connection ---------------------------------------------------------------------- */

static void post_accepted(struct engine *engine, const struct net_waiting *client)
{
    struct trace_event event = {.kind = TRACE_PHASE, .phase = TRACE_CONNECT, .state = TRACE_DONE};
    struct trace_connection *connection = calloc(1, sizeof *connection);
    struct net_tcp_info info;

    net_tcp_info(engine->socket, &info);
    if (connection != NULL) {
        (void)snprintf(connection->local, sizeof connection->local, "%s", client->local.text);
        (void)snprintf(connection->peer, sizeof connection->peer, "%s", client->peer.text);
        /* The kernel has shaken hands before anybody was told of it; before the session began, for who has waited. */
        connection->syn_ns =
            client->since_ns > engine->start_ns ? client->since_ns - engine->start_ns : 0;
        connection->established_ns = connection->syn_ns;
        connection->rtt_us = info.rtt_us;
        connection->mss = info.mss;
        connection->retransmits = info.retransmits;
    }
    event.connection = connection;
    event.text = text_duplicate(client->peer.text, strlen(client->peer.text));
    pthread_mutex_lock(&engine->lock);
    if (connection == NULL || event.text == NULL) {
        engine->out_of_memory = true;
    }
    engine->phases[TRACE_CONNECT] = TRACE_DONE;
    engine_post_locked(engine, &event);
    pthread_mutex_unlock(&engine->lock);
}

/* No event is older than its session. */
static void tell_wait(struct engine *engine, const struct net_waiting *client)
{
    int64_t waited_ns = engine->start_ns - client->since_ns;

    if (waited_ns >= ENGINE_NS_PER_MS) {
        engine_post_note(engine, "waited", "the client had waited %.1f s for its turn",
                         (double)waited_ns / 1e9);
    }
}

static int fail_connect(struct engine *engine, const struct err *err)
{
    if (!engine_is_ending(engine)) {
        (void)engine_fail_with(engine, err, ENGINE_NO_ALERT); /* always -1 */
        engine_post_phase_failed(engine, TRACE_CONNECT);
    }
    return -1;
}

int engine_accept(struct engine *engine)
{
    struct net_waiting client;
    struct err err;

    engine_post_phase(engine, TRACE_RESOLVE, TRACE_SKIPPED, NULL, "this side listens");
    engine_post_phase(engine, TRACE_CONNECT, TRACE_BEGUN, NULL, NULL);
    engine_wake_owner(engine);
    engine->socket = net_listener_take(engine->service.listener, engine->service.connection,
                                       engine->halt_fd, &client, &err);
    if (engine->socket < 0) {
        return fail_connect(engine, &err);
    }
    tell_wait(engine, &client);
    post_accepted(engine, &client);
    if (engine_reader_start(engine, &err) != 0) {
        return fail_connect(engine, &err);
    }
    return engine_stop_at(engine, TRACE_CONNECT, "connect");
}

/* ---- CONNECT ---------------------------------------------------------------------------------- */

/* A client that begins with a record, or with nothing at all, is left to the handshake. */
static bool asks_in_clear(struct engine *engine)
{
    uint8_t first = 0;

    return engine_wait_for_input(engine, 0, &engine->patience_ns) == ENGINE_INPUT &&
           engine_backlog_look(engine, &first, 1) == 1 && first == 'C';
}

int engine_answer_connect(struct engine *engine, struct net_dialogue *dialogue)
{
    const char *host;
    uint16_t port;
    bool granted = false;

    engine_post_processed(engine);
    if (net_dialogue_asked(dialogue, &host, &port) && engine->service.connecting != NULL &&
        engine_call_begin(engine)) {
        granted = engine->service.connecting(engine->service.context, host, port);
        engine_call_end(engine);
    }
    engine->refused = !granted;
    net_dialogue_answer(dialogue, granted);
    return engine_is_ending(engine) ? -1 : 0;
}

static int converse(struct engine *engine)
{
    struct net_dialogue *dialogue = net_dialogue_new_connect_server();
    int status =
        dialogue != NULL ? engine_hold_dialogue(engine, dialogue) : engine_fail_memory(engine);

    net_dialogue_free(dialogue);
    if (status == 0 && engine->refused) {
        return engine_fail(engine, ERR_NETWORK, "proxy_refused", ENGINE_NO_ALERT,
                           "the client has got 502: whom it asks for cannot be reached");
    }
    return status;
}

int engine_be_asked(struct engine *engine)
{
    if (!engine->service.connect) {
        return 0;
    }
    engine->patience_ns = engine->timeout_ns;
    if (!asks_in_clear(engine)) {
        return engine_is_ending(engine) ? -1 : 0;
    }
    engine_post_phase(engine, TRACE_STARTTLS, TRACE_BEGUN, "http-connect", NULL);
    if (converse(engine) == 0) {
        engine_post_phase(engine, TRACE_STARTTLS, TRACE_DONE, NULL, NULL);
        return 0;
    }
    if (engine->failure.known) {
        engine_post_phase_failed(engine, TRACE_STARTTLS);
    }
    return -1;
}
