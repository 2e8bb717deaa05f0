/*
 * Real TLS servers as processes of their own, on a free loopback port, with a certificate made for
 * them. Knows nothing of tlstep.
 *
 *     struct peer peer;
 *     const struct peer_options options = {.program = PEER_OPENSSL, .kind = IDENTITY_RSA};
 *     if (peer_start(&peer, &options) != PEER_RUNS) {
 *         print_message("skipped: %s\n", peer.why);
 *         skip();
 *     }
 *     … connect to 127.0.0.1, peer.port; trust peer.ca_file; the name is "localhost" …
 *     peer_stop(&peer);
 */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "identity.h"

enum peer_program {
    PEER_OPENSSL, /* openssl s_server */
    PEER_GNUTLS,  /* gnutls-serv, which listens on all addresses */
    PEER_NGINX,   /* a daemon, so only with PEERS=yes in the environment */
    PEER_NODE,
    PEER_PROGRAM_COUNT
};
const char *peer_name(enum peer_program program); /* "openssl" */

/* What it does with the data that it gets. */
enum peer_service {
    PEER_HTTP, /* answers a request with a page */
    PEER_ECHO, /* openssl: each line reversed, gnutls: as it came; nginx and node cannot */
};

struct peer_options {
    enum peer_program program;
    enum identity_kind kind; /* of its certificate */
    enum peer_service service;
    uint16_t oldest; /* TLS versions, 0x0301 to 0x0304; 0: 1.2 and 1.3 */
    uint16_t newest;
    const char *const
        *more; /* further arguments of openssl or gnutls-serv, NULL-terminated, or NULL */
};

enum peer_status {
    PEER_RUNS,
    PEER_SKIPPED, /* it cannot run here: `why` says so */
    PEER_FAILED,  /* it did not start: `why`, and its output on stderr */
};

struct peer {
    pid_t pid; /* 0: does not run */
    uint16_t port;
    char folder[80];   /* removed by peer_stop */
    char ca_file[128]; /* the root that signed its certificate */
    char log_file[128];
    struct identity identity; /* certificate and root, to compare with what a client saw */
    char why[200];
};

/* Starts a server and waits until it accepts connections. peer_stop in every case, from the same
 * thread: the kernel ends the server with the thread that started it. */
enum peer_status peer_start(struct peer *peer, const struct peer_options *options);

/* Ends it, by its process id, and removes its folder. */
void peer_stop(struct peer *peer);

#endif
