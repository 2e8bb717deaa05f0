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

enum progress { MORE, WAIT, OVER };

/* ---- opening ----------------------------------------------------------------------------- */

static int choose_certificate(gnutls_session_t session)
{
    const struct lab_connection *connection = gnutls_session_get_ptr(session);

    return tls_identity_choose(connection->service->identity, session);
}

static int open_session(struct lab_connection *connection)
{
    static const gnutls_datum_t http = {(unsigned char *)(uintptr_t) "http/1.1", 8};
    const struct lab_service *service = connection->service;
    gnutls_session_t session;
    int status = gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK);

    if (status != GNUTLS_E_SUCCESS) {
        return status;
    }
    connection->session = session;
    if ((status = gnutls_priority_set(session, service->priority)) < 0 ||
        (status = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
                                         tls_identity_credentials(service->identity))) < 0 ||
        (status = gnutls_session_ticket_enable_server(session, &service->ticket_key)) < 0 ||
        (status = gnutls_alpn_set_protocols(session, &http, 1, 0)) < 0) {
        return status;
    }
    gnutls_session_set_ptr(session, connection);
    gnutls_handshake_set_post_client_hello_function(session, choose_certificate);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    lab_transport_install(connection);
    return 0;
}

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
    connection->state = LAB_HANDSHAKE;
    connection->wanted = POLLIN;
    connection->active_ns = clock_monotonic_ns();
    connection->deadline_ns = connection->active_ns + service->idle_ns;
    connection->dialogue.facts = &connection->facts;
    /* A flight is to leave when it is written. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (service->scenario->recipe->silent) {
        connection->state = LAB_DRAINING;
    } else if (open_session(connection) != 0) {
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
    lab_dialogue_free(&connection->dialogue);
    (void)close(connection->fd); /* whatever was to be sent is with the kernel */
    free(connection);
}

/* ---- moving on --------------------------------------------------------------------------- */

/* GnuTLS could not go on: which event would let it? */
static enum progress wait_for_socket(struct lab_connection *connection)
{
    connection->wanted = gnutls_record_get_direction(connection->session) == 1 ? POLLOUT : POLLIN;
    return WAIT;
}

static bool would_block(ssize_t status)
{
    return status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED;
}

/* Our side is done: FIN, and what the client still sends is not looked at. The client may take its time
 * before it closes: it may be someone who reads the answer and then steps on. */
static enum progress drain(struct lab_connection *connection)
{
    if (shutdown(connection->fd, SHUT_WR) != 0) {
        return OVER;
    }
    connection->state = LAB_DRAINING;
    connection->deadline_ns = clock_monotonic_ns() + connection->service->idle_ns;
    return MORE;
}

/* Tells the client why, as far as the socket takes it without waiting. */
static enum progress fail(struct lab_connection *connection, ssize_t status)
{
    if (status != GNUTLS_E_PUSH_ERROR && status != GNUTLS_E_PULL_ERROR &&
        status != GNUTLS_E_PREMATURE_TERMINATION && status != GNUTLS_E_FATAL_ALERT_RECEIVED) {
        (void)gnutls_alert_send_appropriate(connection->session, (int)status);
    }
    return drain(connection);
}

static enum progress advance_handshake(struct lab_connection *connection)
{
    int status = gnutls_handshake(connection->session);

    if (status == GNUTLS_E_SUCCESS) {
        lab_facts_collect(&connection->facts, connection->session, connection->service->scenario);
        connection->state = LAB_TALKING;
        return MORE;
    }
    if (connection->cut) {
        return drain(connection);
    }
    if (would_block(status)) {
        return wait_for_socket(connection);
    }
    return gnutls_error_is_fatal(status) ? fail(connection, status) : MORE;
}

static enum progress send_answer(struct lab_connection *connection)
{
    struct buffer *out = &connection->dialogue.out;
    ssize_t sent = gnutls_record_send(connection->session, out->data, out->length);

    if (would_block(sent)) {
        return wait_for_socket(connection); /* called again with the same bytes */
    }
    if (sent < 0) {
        return gnutls_error_is_fatal((int)sent) ? fail(connection, sent) : MORE;
    }
    buffer_consume(out, (size_t)sent);
    return MORE;
}

static enum progress receive(struct lab_connection *connection)
{
    uint8_t data[RECORD_MAX];
    ssize_t got = gnutls_record_recv(connection->session, data, sizeof data);

    if (got > 0) {
        lab_dialogue_feed(&connection->dialogue, data, (size_t)got);
        return MORE;
    }
    if (got == 0) {
        connection->state = LAB_CLOSING; /* the client's close_notify */
        return MORE;
    }
    if (would_block(got)) {
        return wait_for_socket(connection);
    }
    if (got == GNUTLS_E_REHANDSHAKE) {
        /* RFC 5246 7.2.2: a server that does not want to renegotiate may say so and go on. */
        (void)gnutls_alert_send(connection->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        return MORE;
    }
    return gnutls_error_is_fatal((int)got) ? fail(connection, got) : MORE;
}

/* Answers go out before anything else is read: a client that does not read cannot make them pile up. */
static enum progress advance_talk(struct lab_connection *connection)
{
    if (connection->dialogue.out.length > 0) {
        return send_answer(connection);
    }
    if (connection->dialogue.close) {
        connection->state = LAB_CLOSING;
        return MORE;
    }
    return receive(connection);
}

static enum progress advance_close(struct lab_connection *connection)
{
    int status = gnutls_bye(connection->session, GNUTLS_SHUT_WR);

    return would_block(status) ? wait_for_socket(connection) : drain(connection);
}

static enum progress advance_drain(struct lab_connection *connection)
{
    uint8_t dropped[4096];
    ssize_t got = recv(connection->fd, dropped, sizeof dropped, MSG_DONTWAIT);

    if (got > 0) {
        return MORE;
    }
    connection->wanted = POLLIN;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? WAIT : OVER;
}

static enum progress (*const advance[])(struct lab_connection *connection) = {
    [LAB_DRAINING] = advance_drain,
    [LAB_HANDSHAKE] = advance_handshake,
    [LAB_TALKING] = advance_talk,
    [LAB_CLOSING] = advance_close,
};

/* ---- time -------------------------------------------------------------------------------- */

static bool waits_for_pause(const struct lab_connection *connection)
{
    return connection->state == LAB_TALKING && lab_dialogue_waits(&connection->dialogue);
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
}

/* False when that is the end of it. */
static bool deadline_reached(struct lab_connection *connection)
{
    if (!waits_for_pause(connection)) {
        return false;
    }
    lab_dialogue_pause(&connection->dialogue);
    return true;
}

bool lab_connection_advance(struct lab_connection *connection, bool ready, int64_t now_ns)
{
    enum progress progress = MORE;

    if (ready) {
        connection->active_ns = now_ns;
    } else if (now_ns < connection->deadline_ns) {
        return true;
    } else if (!deadline_reached(connection)) {
        return false;
    }
    for (int i = 0; i < TURN_LIMIT && progress == MORE; i++) {
        progress = advance[connection->state](connection);
    }
    if (progress == OVER) {
        return false;
    }
    if (progress == MORE) {
        connection->wanted = POLLIN | POLLOUT; /* whatever it is, as soon as it is possible */
    }
    set_deadline(connection);
    return true;
}
