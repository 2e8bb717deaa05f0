#include "loopback.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* One connection: which of the server's. */
struct connection {
    struct loopback *server;
    unsigned index;
};

static struct connection connections[LOOPBACK_CONNECTIONS];

/* ---- one connection -------------------------------------------------------------------------- */

static void answer_close_notify(gnutls_session_t session)
{
    char data[1024];
    ssize_t status;

    do {
        status = gnutls_record_recv(session, data, sizeof data);
    } while (status > 0 || (status < 0 && !gnutls_error_is_fatal((int)status)));
    if (status == 0) {
        (void)gnutls_bye(session, GNUTLS_SHUT_WR); /* the client may be gone */
    }
}

static int configure(struct loopback *server, gnutls_session_t session, int socket)
{
    const char *priority = server->options.priority;
    int status = priority != NULL ? gnutls_priority_set_direct(session, priority, NULL)
                                  : gnutls_set_default_priority(session);

    if (status == 0) {
        status = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, server->credentials);
    }
    if (status == 0 && server->options.tickets) {
        status = gnutls_session_ticket_enable_server(session, &server->ticket_key);
    }
    if (server->options.asks_certificate) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    }
    gnutls_transport_set_int(session, socket);
    gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
    return status;
}

static void serve_tls(struct loopback *server, int socket)
{
    gnutls_session_t session;
    int status;

    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NO_SIGNAL | server->options.flags) != 0) {
        return;
    }
    status = configure(server, session, socket);
    while (status == 0) {
        status = gnutls_handshake(session);
        if (status == 0 || gnutls_error_is_fatal(status)) {
            break;
        }
        status = 0;
    }
    pthread_mutex_lock(&server->lock);
    server->handshakes += status == 0;
    server->status = status;
    server->alert = gnutls_alert_get(session);
    pthread_mutex_unlock(&server->lock);
    if (status == 0 && server->options.talk != NULL) {
        server->options.talk(session, server->options.argument);
    } else if (status == 0) {
        answer_close_notify(session);
    } else {
        (void)gnutls_alert_send_appropriate(session, status); /* the client may be gone */
    }
    pthread_mutex_lock(&server->lock);
    if (gnutls_alert_get(session) != 0) {
        server->alert = gnutls_alert_get(session);
    }
    pthread_mutex_unlock(&server->lock);
    gnutls_deinit(session);
}

static void *serve(void *argument)
{
    struct connection *connection = argument;
    struct loopback *server = connection->server;
    int socket = server->sockets[connection->index];

    if (server->options.raw != NULL) {
        server->options.raw(socket, server->options.argument);
    } else if (server->options.before == NULL ||
               server->options.before(socket, server->options.argument)) {
        serve_tls(server, socket);
    }
    pthread_mutex_lock(&server->lock);
    if (server->sockets[connection->index] >= 0) {
        (void)close(socket);
        server->sockets[connection->index] = -1;
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- the server ------------------------------------------------------------------------------ */

/* A test that goes wrong must not wait for ever. */
static void limit_waiting(int socket)
{
    const struct timeval limit = {.tv_sec = 20};

    (void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void *accept_all(void *argument)
{
    struct loopback *server = argument;
    int socket;

    while ((socket = accept(server->socket, NULL, NULL)) >= 0) {
        struct connection *connection;

        limit_waiting(socket);
        pthread_mutex_lock(&server->lock);
        connection = &connections[server->count];
        *connection = (struct connection){.server = server, .index = server->count};
        server->sockets[server->count] = socket;
        if (server->count < LOOPBACK_CONNECTIONS - 1 &&
            pthread_create(&server->threads[server->count], NULL, serve, connection) == 0) {
            server->count++;
        } else {
            (void)close(socket);
        }
        pthread_mutex_unlock(&server->lock);
    }
    return NULL;
}

static int listen_anywhere(struct loopback *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;

    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->socket < 0 ||
        bind(server->socket, (const struct sockaddr *)&address, length) != 0 ||
        listen(server->socket, 128) != 0 ||
        getsockname(server->socket, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    server->port = ntohs(address.sin_port);
    return 0;
}

static int make_credentials(struct loopback *server)
{
    const struct identity *identity = server->options.identity;
    gnutls_x509_crt_t chain[2];
    int status = 0;

    if (identity == NULL) {
        status = identity_make(&server->identity, server->options.kind, NULL);
        identity = &server->identity;
    }
    if (status != 0) {
        return -1;
    }
    chain[0] = identity->certificate;
    chain[1] = identity->root;
    status = gnutls_certificate_allocate_credentials(&server->credentials);
    status = status != 0
                 ? status
                 : gnutls_certificate_set_x509_key(server->credentials, chain, 2, identity->key);
    status = status != 0 ? status : gnutls_session_ticket_key_generate(&server->ticket_key);
    return status != 0
               ? status
               : gnutls_x509_crt_export2(identity->root, GNUTLS_X509_FMT_DER, &server->root);
}

int loopback_start(struct loopback *server, const struct loopback_options *options)
{
    memset(server, 0, sizeof *server);
    server->options = *options;
    server->socket = -1;
    pthread_mutex_init(&server->lock, NULL);
    if ((options->raw == NULL && make_credentials(server) != 0) || listen_anywhere(server) != 0) {
        fprintf(stderr, "loopback: cannot start a server\n");
        loopback_stop(server);
        return -1;
    }
    server->accepts =
        !options->stalls && pthread_create(&server->acceptor, NULL, accept_all, server) == 0;
    return 0;
}

void loopback_stop(struct loopback *server)
{
    if (server->socket >= 0) {
        (void)shutdown(server->socket, SHUT_RDWR); /* accept() returns */
    }
    if (server->accepts) {
        pthread_join(server->acceptor, NULL);
    }
    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < server->count; i++) {
        if (server->sockets[i] >= 0) {
            (void)shutdown(server->sockets[i], SHUT_RDWR); /* its thread notices */
        }
    }
    pthread_mutex_unlock(&server->lock);
    for (unsigned i = 0; i < server->count; i++) {
        pthread_join(server->threads[i], NULL);
    }
    if (server->socket >= 0) {
        (void)close(server->socket);
    }
    if (server->credentials != NULL) {
        gnutls_certificate_free_credentials(server->credentials);
    }
    gnutls_free(server->root.data);
    gnutls_free(server->ticket_key.data);
    if (server->options.identity == NULL && server->options.raw == NULL) {
        identity_free(&server->identity);
    }
    pthread_mutex_destroy(&server->lock);
}

/* The kernel may have made the connection before accept() has returned. */
static void wait_for_connection(struct loopback *server)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    bool connected = false;

    for (int tries = 0; !connected && tries < 5000; tries++) {
        pthread_mutex_lock(&server->lock);
        connected = server->count > 0;
        pthread_mutex_unlock(&server->lock);
        if (!connected) {
            (void)nanosleep(&moment, NULL);
        }
    }
}

static void end_last(struct loopback *server, bool reset)
{
    const struct linger none = {.l_onoff = 1, .l_linger = 0};

    wait_for_connection(server);
    pthread_mutex_lock(&server->lock);
    if (server->count > 0 && server->sockets[server->count - 1] >= 0) {
        int socket = server->sockets[server->count - 1];

        if (reset) {
            /* Disconnecting resets the connection. The thread that reads keeps its descriptor. */
            const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
            int same = dup(socket);

            (void)setsockopt(same, SOL_SOCKET, SO_LINGER, &none, sizeof none);
            (void)connect(same, &nowhere, sizeof nowhere);
            (void)close(same);
        } else {
            (void)shutdown(socket, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
}

void loopback_hang_up(struct loopback *server)
{
    end_last(server, false);
}

void loopback_reset(struct loopback *server)
{
    end_last(server, true);
}
