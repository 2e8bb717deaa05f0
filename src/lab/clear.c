/* What a lab server says in clear text: before TLS (STARTTLS), or instead of it. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "connection.h"

#define CHUNK 4096

/* Sends what can be sent now. Negative: the connection is broken. */
static ssize_t send_some(struct lab_connection *connection, const void *data, size_t length)
{
    ssize_t sent = send(connection->fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);

    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

static enum lab_progress wait_for(struct lab_connection *connection, short event)
{
    connection->wanted = event;
    return LAB_WAIT;
}

/* Sends all of it, call by call, and counts in `clear_sent`. MORE: it is out. */
static enum lab_progress say(struct lab_connection *connection, const void *data, size_t length)
{
    ssize_t sent = send_some(connection, (const uint8_t *)data + connection->clear_sent,
                             length - connection->clear_sent);

    if (sent < 0) {
        return LAB_OVER;
    }
    connection->clear_sent += (size_t)sent;
    if (connection->clear_sent < length) {
        return wait_for(connection, POLLOUT);
    }
    connection->clear_sent = 0;
    return LAB_MORE;
}

/* Reads what is there. LAB_MORE with *got > 0. */
static enum lab_progress hear(struct lab_connection *connection, uint8_t *data, size_t size,
                              size_t *got)
{
    ssize_t count = recv(connection->fd, data, size, MSG_DONTWAIT);

    *got = 0;
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return wait_for(connection, POLLIN);
    }
    if (count <= 0) {
        return LAB_OVER;
    }
    *got = (size_t)count;
    return LAB_MORE;
}

/* ---- before TLS -------------------------------------------------------------------------- */

/* Understands one line or message of what has come. LAB_WAIT: it is not whole yet. */
static enum lab_progress understand(struct lab_connection *connection)
{
    struct buffer *in = &connection->clear_in;
    struct err err;
    long used =
        in->length > 0 ? net_dialogue_hear(connection->beginning, in->data, in->length, &err) : 0;

    if (used < 0 || in->length > NET_DIALOGUE_MAX) {
        return lab_connection_drain(connection);
    }
    buffer_consume(in, (size_t)used);
    return used > 0 ? LAB_MORE : LAB_WAIT;
}

static enum lab_progress hear_line(struct lab_connection *connection)
{
    uint8_t data[CHUNK];
    size_t got;
    enum lab_progress progress = understand(connection);

    if (progress != LAB_WAIT) {
        return progress;
    }
    progress = hear(connection, data, sizeof data, &got);
    buffer_append(&connection->clear_in, data, got);
    return connection->clear_in.failed ? LAB_OVER : progress;
}

/* RFC 3207 6: what a client has sent before TLS was there counts for nothing in it. */
static enum lab_progress begin_tls(struct lab_connection *connection)
{
    buffer_free(&connection->clear_in);
    connection->state = LAB_HANDSHAKE;
    return lab_session_open(connection) == 0 ? LAB_MORE : LAB_OVER;
}

enum lab_progress lab_clear_begin_tls(struct lab_connection *connection)
{
    struct net_dialogue *beginning = connection->beginning;
    enum lab_progress progress;
    const uint8_t *data;
    size_t length;

    switch (net_dialogue_turn(beginning)) {
    case NET_SAY:
        data = net_dialogue_say(beginning, &length);
        progress = say(connection, data, length);
        if (progress == LAB_MORE) {
            net_dialogue_said(beginning);
        }
        return progress;
    case NET_HEAR:
        return hear_line(connection);
    case NET_DONE:
        break;
    }
    return begin_tls(connection);
}

/* ---- instead of TLS ---------------------------------------------------------------------- */

enum lab_progress lab_clear_talk(struct lab_connection *connection)
{
    struct lab_dialogue *dialogue = &connection->dialogue;
    uint8_t data[CHUNK];
    size_t got;
    enum lab_progress progress;

    if (dialogue->out.length > 0) {
        ssize_t sent = send_some(connection, dialogue->out.data, dialogue->out.length);
        if (sent <= 0) {
            return sent < 0 ? LAB_OVER : wait_for(connection, POLLOUT);
        }
        buffer_consume(&dialogue->out, (size_t)sent);
        return LAB_MORE;
    }
    if (dialogue->close) {
        return lab_connection_drain(connection);
    }
    progress = hear(connection, data, sizeof data, &got);
    lab_dialogue_feed(dialogue, data, got);
    return progress;
}

/* To the client's first bytes, or before them. */
enum lab_progress lab_clear_answer(struct lab_connection *connection)
{
    const struct lab_recipe *recipe = connection->service->scenario->recipe;
    struct lab_bytes answer = recipe->first;
    enum lab_progress progress;
    uint8_t byte;

    if (recipe->greeting != NULL) {
        answer = (struct lab_bytes){recipe->greeting, strlen(recipe->greeting)};
    } else if (recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
               (errno == EAGAIN || errno == EINTR)) {
        return wait_for(connection, POLLIN);
    }
    progress = say(connection, answer.data, answer.length);
    return progress == LAB_MORE ? lab_connection_drain(connection) : progress;
}

/* ---- the beginning ----------------------------------------------------------------------- */

bool lab_clear_begin(struct lab_connection *connection)
{
    const struct lab_scenario *scenario = connection->service->scenario;
    const struct lab_recipe *recipe = scenario->recipe;

    connection->state = LAB_HANDSHAKE;
    if (recipe->silent) {
        connection->state = LAB_DRAINING;
    } else if (recipe->greeting != NULL || recipe->first.length > 0) {
        connection->state = LAB_ANSWERING;
    } else if (recipe->clear) {
        connection->state = LAB_CLEAR;
        lab_facts_in_clear(&connection->facts, scenario);
    } else if (scenario->starttls != NULL) {
        connection->state = LAB_BEGINNING;
        connection->beginning =
            net_dialogue_new(net_protocol_find(scenario->starttls), NET_SERVER, scenario->hostname);
        return connection->beginning != NULL;
    } else {
        return lab_session_open(connection) == 0;
    }
    return true;
}
