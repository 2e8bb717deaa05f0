/* The TCP connection. */
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "packets.h"
#include "phases.h"
#include "post.h"
#include "reader.h"
#include "stop.h"
#include "thread.h"

static void post_attempt(struct engine *engine, const struct net_attempt *attempt)
{
    double took_ms = (double)(attempt->end_ns - attempt->start_ns) / 1e6;
    const char *address = attempt->address.text;

    if (attempt->connected) {
        engine_post_note(engine, "attempt", "%s: connected in %.1f ms", address, took_ms);
    } else if (attempt->abandoned) {
        engine_post_note(engine, "attempt", "%s: given up after %.1f ms", address, took_ms);
    } else {
        engine_post_note(engine, "attempt", "%s: %s (after %.1f ms)", address,
                         strerror(attempt->error), took_ms);
    }
}

static const struct net_attempt *post_attempts(struct engine *engine,
                                               const struct net_attempt *attempts, size_t count)
{
    const struct net_attempt *winner = NULL;

    for (size_t i = 0; i < count; i++) {
        post_attempt(engine, &attempts[i]);
        if (attempts[i].connected) {
            winner = &attempts[i];
        }
    }
    return winner;
}

/* What the kernel did in connect(), which nobody saw: told by the kernel afterwards. */
static void post_done(struct engine *engine, const struct net_attempt *winner)
{
    struct trace_event event = {.kind = TRACE_PHASE, .phase = TRACE_CONNECT, .state = TRACE_DONE};
    struct trace_connection *connection = calloc(1, sizeof *connection);
    struct net_tcp_info info;

    net_tcp_info(engine->socket, &info);
    engine_packets_begin(engine, &info);
    if (connection != NULL) {
        (void)snprintf(connection->local, sizeof connection->local, "%s", info.local.text);
        (void)snprintf(connection->peer, sizeof connection->peer, "%s", info.peer.text);
        connection->syn_ns = winner->start_ns - engine->start_ns;
        connection->established_ns = winner->end_ns - engine->start_ns;
        connection->rtt_us = info.rtt_us;
        connection->mss = info.mss;
        connection->retransmits = info.retransmits;
        connection->packets = engine_packets_are_taken(engine);
    }
    event.connection = connection;
    event.text = text_duplicate(winner->address.text, strlen(winner->address.text));
    pthread_mutex_lock(&engine->lock);
    if (connection == NULL || event.text == NULL) {
        engine->out_of_memory = true;
    }
    engine->phases[TRACE_CONNECT] = TRACE_DONE;
    engine_post_locked(engine, &event);
    pthread_mutex_unlock(&engine->lock);
}

/* The attempt that has made `socket`; NULL: none has. */
static const struct net_attempt *connect_any(struct engine *engine, struct net_attempt *attempts)
{
    const struct net_attempt *winner;
    size_t count = 0;
    struct err err = {0};

    engine->socket =
        net_connect(engine->addresses, engine->address_count, engine->timeout_ns / ENGINE_NS_PER_MS,
                    engine->halt_fd, attempts, &count, &err);
    winner = post_attempts(engine, attempts, count);
    if (winner == NULL && !engine_is_ending(engine)) {
        if (engine->has_proxy) {
            (void)err_prefix(&err, "--proxy"); /* always -1 */
        }
        (void)engine_fail_with(engine, &err, ENGINE_NO_ALERT); /* always -1 */
    }
    return winner;
}

int engine_connect(struct engine *engine)
{
    struct net_attempt attempts[NET_ADDRESS_MAX];
    const struct net_attempt *winner;
    struct err err;
    char names[40]; /* "http-connect xmpp-server" */

    engine_post_phase(engine, TRACE_CONNECT, TRACE_BEGUN,
                      engine_dialogue_names(engine, names, sizeof names), NULL);
    engine_wake_owner(engine);
    engine_packets_filter(engine);
    winner = connect_any(engine, attempts);
    if (winner == NULL) {
        if (engine->failure.known) {
            engine_post_phase_failed(engine, TRACE_CONNECT);
        }
        return -1;
    }
    post_done(engine, winner);
    if (engine_reader_start(engine, &err) != 0) {
        (void)engine_fail_with(engine, &err, ENGINE_NO_ALERT); /* always -1 */
        engine_post_phase_failed(engine, TRACE_CONNECT);       /* nobody could use it */
        return -1;
    }
    return engine_stop_at(engine, TRACE_CONNECT, "connect");
}
