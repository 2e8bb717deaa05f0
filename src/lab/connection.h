/*
 * One connection of a lab server: a non-blocking socket and session, moved on by the event loop.
 */
#ifndef TLSTEP_LAB_CONNECTION_H
#define TLSTEP_LAB_CONNECTION_H

#include "certificate.h"
#include "dialogue.h"

/* What the connections of a server share. Immutable while it runs. */
struct lab_service {
    const struct lab_scenario *scenario;
    struct lab_ca *ca;             /* held */
    struct tls_identity *identity; /* held */
    gnutls_priority_t priority;
    gnutls_datum_t ticket_key;
    int64_t idle_ns;
};

enum lab_state {
    LAB_HANDSHAKE,
    LAB_TALKING,  /* application data both ways */
    LAB_CLOSING,  /* close_notify is on its way */
    LAB_DRAINING, /* all is said: what the client still sends is read and dropped, so that the kernel
                     has no reason for a reset that would take our last bytes from it */
};

struct lab_connection {
    const struct lab_service *service;
    int fd;
    enum lab_state state;
    gnutls_session_t session; /* NULL in scenario "silent" */
    struct lab_facts facts;
    struct lab_dialogue dialogue;
    size_t sent;         /* bytes on the wire, for `cut_after` */
    bool cut;            /* the recipe's limit has been reached */
    short wanted;        /* events to poll for */
    int64_t active_ns;   /* when something happened last */
    int64_t deadline_ns; /* when it is to be moved on even if nothing happens */
};

/* Takes over the socket. NULL, with the socket closed: out of memory. */
struct lab_connection *lab_connection_new(const struct lab_service *service, int fd);

/* Does what can be done now, bounded, so that the others get their turn. `now_ns`: the time;
 * `ready`: the socket has events. False when it is over and to be freed. */
bool lab_connection_advance(struct lab_connection *connection, bool ready, int64_t now_ns);

void lab_connection_free(struct lab_connection *connection);

/* Makes GnuTLS use the connection's socket, in the way the recipe wants (transport.c). */
void lab_transport_install(struct lab_connection *connection);

#endif
