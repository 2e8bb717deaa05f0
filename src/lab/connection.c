/*
 * A connection's life: handshake, talk, close, drain. Each state has one function that does a piece of
 * work and says whether there may be more to do at once, whether the socket has to be waited for, or
 * whether all is over.
 */
#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)

/* After this an unfinished line is answered as it is. */
#define PAUSE_NS (250 * NS_PER_MS)

/* Pieces of work in one turn of the event loop. */
#define TURN_LIMIT 32

/* The most that a record holds (RFC 8446 5.1): what is received at once leaves nothing behind in
 * GnuTLS that poll would not tell of. */
#define RECORD_MAX 16384

/* ---- beginning and end ------------------------------------------------------------------- */

struct lab_connection *lab_connection_new(const struct lab_service *service, int fd)
{
    struct lab_connection *connection = calloc(1, sizeof *connection);
    const int on = 1;

    if (connection == NULL) {
        (void)close(fd); /* nothing was written */
        return NULL;
    }
    connection->service = service;
    connection->fd = fd;
    atomic_fetch_add(&service->counts->connections, 1);
    atomic_fetch_add(&service->counts->open, 1);
    connection->wanted = POLLIN;
    connection->active_ns = clock_monotonic_ns();
    connection->deadline_ns = connection->active_ns + service->idle_ns;
    connection->dialogue.facts = &connection->facts;
    /* A flight is to leave when it is written. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (service->scenario->recipe->greeting != NULL || service->scenario->starttls != NULL) {
        connection->wanted = POLLIN | POLLOUT; /* it may be the server who begins */
    }
    if (!lab_clear_begin(connection)) {
        lab_connection_free(connection);
        return NULL;
    }
    return connection;
}

void lab_connection_free(struct lab_connection *connection)
{
    if (connection == NULL) {
        return;
    }
    if (connection->session != NULL) {
        gnutls_deinit(connection->session);
    }
    atomic_fetch_sub(&connection->service->counts->open, 1);
    lab_dialogue_free(&connection->dialogue);
    net_dialogue_free(connection->beginning);
    buffer_free(&connection->clear_in);
    buffer_free(&connection->pieces);
    (void)close(connection->fd); /* whatever was to be sent is with the kernel */
    free(connection);
}

/* ---- moving on --------------------------------------------------------------------------- */

/* GnuTLS could not go on: which event would let it? */
static enum lab_progress wait_for_socket(struct lab_connection *connection)
{
    if (connection->paused) {
        connection->wanted = 0; /* the time is waited for */
        return LAB_WAIT;
    }
    connection->wanted = gnutls_record_get_direction(connection->session) == 1 ? POLLOUT : POLLIN;
    return LAB_WAIT;
}

static bool would_block(ssize_t status)
{
    return status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED;
}

enum lab_progress lab_connection_drain(struct lab_connection *connection)
{
    /* The client decides how long this takes, and how much the session holds. */
    if (connection->session != NULL) {
        gnutls_deinit(connection->session);
        connection->session = NULL;
    }
    if (shutdown(connection->fd, SHUT_WR) != 0) {
        return LAB_OVER;
    }
    connection->state = LAB_DRAINING;
    connection->deadline_ns = clock_monotonic_ns() + connection->service->idle_ns;
    return LAB_MORE;
}

/* Tells the client why, as far as the socket takes it without waiting. */
static enum lab_progress fail(struct lab_connection *connection, ssize_t status)
{
    if (connection->state == LAB_HANDSHAKE) {
        atomic_fetch_add(&connection->service->counts->refused, 1);
    }
    if (status != GNUTLS_E_PUSH_ERROR && status != GNUTLS_E_PULL_ERROR &&
        status != GNUTLS_E_PREMATURE_TERMINATION && status != GNUTLS_E_FATAL_ALERT_RECEIVED) {
        (void)gnutls_alert_send_appropriate(connection->session, (int)status);
    }
    return lab_connection_drain(connection);
}

static enum lab_progress advance_handshake(struct lab_connection *connection)
{
    int status = gnutls_handshake(connection->session);

    if (status == GNUTLS_E_SUCCESS) {
        atomic_fetch_add(&connection->service->counts->handshakes, 1);
        connection->unheard = 0;
        connection->renegotiating = false;
        connection->state = connection->acted ? LAB_TALKING : LAB_ACTING;
        lab_session_begin(connection);
        return LAB_MORE;
    }
    if (connection->cut) {
        return lab_connection_drain(connection);
    }
    if (would_block(status)) {
        return wait_for_socket(connection);
    }
    return gnutls_error_is_fatal(status) ? fail(connection, status) : LAB_MORE;
}

/* Data of the client may come in between: it waits where it is. */
static enum lab_progress advance_act(struct lab_connection *connection)
{
    int status = lab_session_act(connection);

    if (would_block(status)) {
        return wait_for_socket(connection);
    }
    connection->acted = true;
    connection->state = LAB_TALKING;
    return status < 0 && status != GNUTLS_E_GOT_APPLICATION_DATA && gnutls_error_is_fatal(status)
               ? fail(connection, status)
               : LAB_MORE;
}

static enum lab_progress send_answer(struct lab_connection *connection)
{
    struct buffer *out = &connection->dialogue.out;
    size_t most = connection->service->scenario->recipe->record_size;
    size_t length = most > 0 && out->length > most ? most : out->length;
    ssize_t sent = gnutls_record_send(connection->session, out->data, length);

    if (would_block(sent)) {
        return wait_for_socket(connection); /* called again with the same bytes */
    }
    if (sent < 0) {
        return gnutls_error_is_fatal((int)sent) ? fail(connection, sent) : LAB_MORE;
    }
    buffer_consume(out, (size_t)sent);
    return LAB_MORE;
}

static enum lab_progress receive(struct lab_connection *connection)
{
    uint8_t data[RECORD_MAX];
    ssize_t got = gnutls_record_recv(connection->session, data, sizeof data);

    if (got > 0) {
        connection->unheard = 0;
        lab_dialogue_feed(&connection->dialogue, data, (size_t)got);
        return LAB_MORE;
    }
    if (got == 0) {
        connection->state = LAB_CLOSING; /* the client's close_notify */
        return LAB_MORE;
    }
    if (would_block(got)) {
        return wait_for_socket(connection);
    }
    if (got == GNUTLS_E_REHANDSHAKE && connection->renegotiating) {
        connection->state = LAB_HANDSHAKE;
        return LAB_MORE;
    }
    if (got == GNUTLS_E_WARNING_ALERT_RECEIVED) {
        connection->renegotiating = false; /* no_renegotiation: it does not want to */
        return LAB_MORE;
    }
    if (got == GNUTLS_E_REHANDSHAKE) {
        /* RFC 5246 7.2.2: a server that does not want to renegotiate may say so and go on. */
        (void)gnutls_alert_send(connection->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        return LAB_MORE;
    }
    return gnutls_error_is_fatal((int)got) ? fail(connection, got) : LAB_MORE;
}

/* Answers go out before anything else is read: a client that does not read cannot make them pile up. */
static enum lab_progress advance_talk(struct lab_connection *connection)
{
    if (connection->dialogue.out.length > LAB_HEAD_MAX) {
        connection->renegotiating =
            false; /* it talks on instead, and has been waited for long enough */
    }
    if (connection->dialogue.out.length > 0 && !connection->renegotiating) {
        return send_answer(connection);
    }
    if (connection->dialogue.close && !connection->renegotiating) {
        connection->state = LAB_CLOSING;
        return LAB_MORE;
    }
    return receive(connection);
}

static enum lab_progress advance_close(struct lab_connection *connection)
{
    if (connection->service->scenario->recipe->farewell != NULL) {
        return lab_connection_drain(connection); /* that is what it is about */
    }
    int status = gnutls_bye(connection->session, GNUTLS_SHUT_WR);

    return would_block(status) ? wait_for_socket(connection) : lab_connection_drain(connection);
}

static enum lab_progress advance_drain(struct lab_connection *connection)
{
    uint8_t dropped[4096];
    ssize_t got = recv(connection->fd, dropped, sizeof dropped, MSG_DONTWAIT);

    if (got > 0) {
        return LAB_MORE;
    }
    connection->wanted = POLLIN;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? LAB_WAIT : LAB_OVER;
}

static enum lab_progress (*const advance[])(struct lab_connection *connection) = {
    [LAB_BEGINNING] = lab_clear_begin_tls, [LAB_CLEAR] = lab_clear_talk,
    [LAB_ANSWERING] = lab_clear_answer,    [LAB_DRAINING] = advance_drain,
    [LAB_HANDSHAKE] = advance_handshake,   [LAB_ACTING] = advance_act,
    [LAB_TALKING] = advance_talk,          [LAB_CLOSING] = advance_close,
};

/* ---- time -------------------------------------------------------------------------------- */

static bool waits_for_pause(const struct lab_connection *connection)
{
    return (connection->state == LAB_TALKING || connection->state == LAB_CLEAR) &&
           lab_dialogue_waits(&connection->dialogue);
}

/* A draining connection keeps the deadline it has. */
static void set_deadline(struct lab_connection *connection)
{
    int64_t patience = connection->service->idle_ns;

    if (connection->state == LAB_DRAINING) {
        return;
    }
    if (waits_for_pause(connection) && patience > PAUSE_NS) {
        patience = PAUSE_NS;
    }
    connection->deadline_ns = connection->active_ns + patience;
    if (connection->paused) {
        connection->deadline_ns = connection->pause_ns;
    }
}

/* False when that is the end of it. */
static bool deadline_reached(struct lab_connection *connection)
{
    if (connection->paused) {
        connection->paused = false;
        return true;
    }
    if (!waits_for_pause(connection)) {
        return false;
    }
    lab_dialogue_pause(&connection->dialogue);
    return true;
}

bool lab_connection_advance(struct lab_connection *connection, bool ready, int64_t now_ns)
{
    enum lab_progress progress = LAB_MORE;

    if (ready) {
        connection->active_ns = now_ns;
    } else if (now_ns < connection->deadline_ns) {
        return true;
    } else if (!deadline_reached(connection)) {
        return false;
    }
    if (!lab_transport_flush(connection)) {
        return false;
    }
    for (int i = 0; i < TURN_LIMIT && progress == LAB_MORE; i++) {
        progress = advance[connection->state](connection);
    }
    if (progress == LAB_OVER) {
        return false;
    }
    if (progress == LAB_MORE) {
        connection->wanted = POLLIN | POLLOUT; /* whatever it is, as soon as it is possible */
    }
    if (connection->pieces.length > 0) {
        connection->wanted |= POLLOUT;
    }
    set_deadline(connection);
    return true;
}
