/*
 * A dialogue in clear text. What is said and what it means is net's; here the bytes are carried: what is said goes through the same
 * function as TLS records do, what is heard comes from the same backlog, so that pauses, time-outs and aborts are as everywhere.
 */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "post.h"
#include "stop.h"
#include "transport.h"

/* ---- stops ----------------------------------------------------------------------------------- */

/* The stop at a line or message of one side. */
static int stop_at_line(struct engine *engine, const struct net_dialogue *dialogue,
                        enum net_role role, bool queued, const uint8_t *data, size_t length)
{
    (void)net_protocol_verb(engine->verb, net_dialogue_protocol(dialogue), role, data, length);
    if (queued) {
        engine_post_queued_text(engine, (enum wire_side)role, engine->verb, data, length);
    }
    return engine_stop_text(engine, (enum wire_side)role, engine->verb, queued);
}

/* ---- saying ---------------------------------------------------------------------------------- */

static int say(struct engine *engine, struct net_dialogue *dialogue, enum net_role role)
{
    size_t length;
    const uint8_t *data = net_dialogue_say(dialogue, &length);

    engine_post_processed(engine);
    if (stop_at_line(engine, dialogue, role, true, data, length) != 0 ||
        engine_write(engine, data, length) != 0) {
        return -1;
    }
    net_dialogue_said(dialogue);
    return 0;
}

/* ---- hearing --------------------------------------------------------------------------------- */

static const char *other_side(enum net_role other)
{
    return other == NET_SERVER ? "the other side" : "the client";
}

static int fail_silence(struct engine *engine, const struct net_dialogue *dialogue,
                        enum net_role other)
{
    const char *title = net_dialogue_protocol(dialogue)->title;
    double seconds = (double)engine->timeout_ns / 1e9;

    if (engine->has_exchanged) {
        return engine_fail(engine, ERR_NETWORK, "timeout", ENGINE_NO_ALERT,
                           "%s: %s said nothing more after %s within %g s (--timeout)", title,
                           other_side(other), engine->latest.at, seconds);
    }
    return engine_fail(engine, ERR_NETWORK, "timeout", ENGINE_NO_ALERT,
                       "%s: %s did not begin to speak within %g s (--timeout); where TLS is spoken "
                       "from the first byte on it never does: leave out --starttls there",
                       title, other_side(other), seconds);
}

static int fail_end(struct engine *engine, const struct net_dialogue *dialogue, enum net_role other)
{
    const char *title = net_dialogue_protocol(dialogue)->title;
    bool reset = engine->ended_how == TRACE_RESET;

    return engine_fail(engine, ERR_NETWORK, reset ? "peer_reset" : "peer_closed", ENGINE_NO_ALERT,
                       "%s: %s %s %s%s", title, other_side(other),
                       reset ? "broke the connection" : "closed the connection",
                       engine->has_exchanged ? "after " : "without a word",
                       engine->has_exchanged ? engine->latest.at : "");
}

/* Until there is more than `seen`. */
static int await_more(struct engine *engine, const struct net_dialogue *dialogue,
                      enum net_role other, size_t seen)
{
    switch (engine_wait_for_input(engine, seen, &engine->patience_ns)) {
    case ENGINE_INPUT:
        break;
    case ENGINE_TIMED_OUT:
        return fail_silence(engine, dialogue, other);
    case ENGINE_ENDING:
        return -1;
    }
    return engine_backlog_length(engine) > seen ? 0 : fail_end(engine, dialogue, other);
}

/* It says no, or something else: its last line is stopped at all the same. */
static int fail_line(struct engine *engine, const struct net_dialogue *dialogue,
                     enum net_role other, const uint8_t *data, size_t length, const struct err *err)
{
    size_t unit = net_protocol_unit(net_dialogue_protocol(dialogue), other, data, length, length);

    if (length > 0 &&
        stop_at_line(engine, dialogue, other, false, data, unit > 0 ? unit : length) != 0) {
        return -1;
    }
    return engine_fail_with(engine, err, ENGINE_NO_ALERT);
}

static int hear(struct engine *engine, struct net_dialogue *dialogue, enum net_role other,
                uint8_t *data)
{
    size_t length = engine_backlog_look(engine, data, NET_DIALOGUE_MAX);
    struct err err = {0};
    long used = net_dialogue_hear(dialogue, data, length, &err);

    engine_post_processed(engine);
    if (used < 0) {
        return fail_line(engine, dialogue, other, data, length, &err);
    }
    if (used == 0) {
        return await_more(engine, dialogue, other, length);
    }
    engine_backlog_drop(engine, (size_t)used);
    return stop_at_line(engine, dialogue, other, false, data, (size_t)used);
}

/* A client has asked for a connection, and waits for its answer. */
static bool is_asked(const struct net_dialogue *dialogue)
{
    const char *host;
    uint16_t port;

    return net_dialogue_role(dialogue) == NET_SERVER && net_dialogue_turn(dialogue) == NET_HEAR &&
           net_dialogue_asked(dialogue, &host, &port);
}

int engine_hold_dialogue(struct engine *engine, struct net_dialogue *dialogue)
{
    enum net_role role = net_dialogue_role(dialogue);
    enum net_role other = role == NET_CLIENT ? NET_SERVER : NET_CLIENT;
    uint8_t *data = malloc(NET_DIALOGUE_MAX);
    int status = 0;

    if (data == NULL) {
        return engine_fail_memory(engine);
    }
    while (status == 0 && net_dialogue_turn(dialogue) != NET_DONE) {
        status = net_dialogue_turn(dialogue) == NET_SAY ? say(engine, dialogue, role)
                                                        : hear(engine, dialogue, other, data);
        if (status == 0 && is_asked(dialogue)) {
            status = engine_answer_connect(engine, dialogue);
        }
    }
    if (status == 0) {
        engine_post_processed(engine);
    }
    secret_free(data, NET_DIALOGUE_MAX);
    return status;
}
