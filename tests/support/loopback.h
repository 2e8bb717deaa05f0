/*
 * A GnuTLS server on 127.0.0.1 inside the test, each connection in a thread of its own, that does
 * what the test tells it. Knows nothing of tlstep.
 */
#ifndef SUPPORT_LOOPBACK_H
#define SUPPORT_LOOPBACK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "identity.h"

struct loopback_options {
    enum identity_kind kind;
    const struct identity *identity; /* instead of one that is made; outlives the server */
    const char *priority;            /* NULL: NORMAL */
    unsigned flags;                  /* of gnutls_init, beside GNUTLS_SERVER */
    bool tickets;
    bool asks_certificate;
    bool stalls; /* connections wait in the kernel: nobody accepts them */
    /* After the handshake. NULL: waits for close_notify and answers it. */
    void (*talk)(gnutls_session_t session, void *argument);
    /* Before TLS: clear text. False: the connection ends there. */
    bool (*before)(int socket, void *argument);
    /* Instead of all TLS. */
    void (*raw)(int socket, void *argument);
    void *argument;
};

#define LOOPBACK_CONNECTIONS 1024

struct loopback {
    struct loopback_options options;
    struct identity identity;
    gnutls_datum_t root; /* DER of what signed the server's certificate */
    uint16_t port;
    int socket;
    bool accepts;
    pthread_t acceptor;
    gnutls_certificate_credentials_t credentials;
    gnutls_datum_t ticket_key;

    pthread_mutex_t lock; /* guards what follows */
    pthread_t threads[LOOPBACK_CONNECTIONS];
    int sockets[LOOPBACK_CONNECTIONS]; /* -1: closed */
    unsigned count;
    unsigned handshakes;              /* that succeeded */
    int status;                       /* of the last handshake that ended */
    gnutls_alert_description_t alert; /* the last one that a handshake or talk received */
};

/* 0, or -1 with a line on stderr. The struct must not move while the server runs. */
int loopback_start(struct loopback *server, const struct loopback_options *options);

/* Drops its connections and joins its threads. */
void loopback_stop(struct loopback *server);

/* Hang up the last connection (waiting for the first one), from the test's thread: with FIN, with
 * RST. */
void loopback_hang_up(struct loopback *server);
void loopback_reset(struct loopback *server);

#endif
