/*
 * One connection of a lab server: a non-blocking socket and session, moved on by the event loop.
 *
 *   connection.c  its life: which state follows which, and time
 *   session.c     the TLS session that the recipe asks for, and what it does of its own accord
 *   clear.c       what is said in clear text, before TLS or instead of it
 *   transport.c   the bytes between session and socket
 */
#ifndef TLSTEP_LAB_CONNECTION_H
#define TLSTEP_LAB_CONNECTION_H

#include <stdatomic.h>

#include "certificate.h"
#include "dialogue.h"

/* What the connections of a server share. Immutable while it runs. */
struct lab_service {
    const struct lab_scenario *scenario;
    struct lab_ca *ca;             /* held */
    struct tls_identity *identity; /* held */
    gnutls_priority_t priority;
    struct tls_memory *memory; /* held: what can be resumed */
    struct pki_trust *
        clients; /* held: who may have signed a client's certificate; NULL where none is demanded */
    int64_t idle_ns;
    struct lab_counts *counts; /* the only thing that changes */
};

/* Written by the server's thread, read by any. */
struct lab_counts {
    atomic_uint_fast64_t connections;
    atomic_uint_fast64_t handshakes;
    atomic_uint_fast64_t refused;
    atomic_size_t open;
};

/* What a piece of work has led to. */
enum lab_progress {
    LAB_MORE, /* there may be more to do at once */
    LAB_WAIT, /* for the socket, or for a time */
    LAB_OVER,
};

enum lab_state {
    LAB_BEGINNING, /* STARTTLS: the dialogue before TLS */
    LAB_CLEAR,     /* HTTP without TLS */
    LAB_ANSWERING, /* waits for the client's first bytes, to answer them with bytes of its own */
    LAB_HANDSHAKE,
    LAB_ACTING,   /* does its trick */
    LAB_TALKING,  /* application data both ways */
    LAB_CLOSING,  /* close_notify is on its way */
    LAB_DRAINING, /* all is said: what the client still sends is read and dropped, so that the kernel
                     has no reason for a reset that would take our last bytes from it */
};

struct lab_connection {
    const struct lab_service *service;
    int fd;
    enum lab_state state;
    gnutls_session_t session;       /* NULL where there is no TLS */
    struct net_dialogue *beginning; /* LAB_BEGINNING; NULL */
    struct buffer clear_in;         /* what of it was not understood yet */
    size_t clear_sent;              /* of what is to be said now */
    bool acted;                     /* the trick is done, or cannot be done */
    bool renegotiating;             /* a new handshake was asked for: answers wait for it */
    struct lab_facts facts;
    struct lab_dialogue dialogue;
    size_t unheard;       /* bytes that GnuTLS has read and not made anything of yet */
    size_t sent;          /* bytes on the wire, for `cut_after` */
    bool cut;             /* the recipe's limit has been reached */
    struct buffer pieces; /* `record_size`: what is on its way, cut into small records */
    bool ciphered;        /* nothing is cut any more */
    size_t record_left;   /* of the record that is being sent, for `delay_ms` */
    int64_t pause_ns;     /* nothing is sent before */
    bool paused;          /* something was to be sent before that */
    short wanted;         /* events to poll for */
    int64_t active_ns;    /* when something happened last */
    int64_t deadline_ns;  /* when it is to be moved on even if nothing happens */
};

/* Takes over the socket. NULL, with the socket closed: out of memory. */
struct lab_connection *lab_connection_new(const struct lab_service *service, int fd);

/* Does what can be done now, bounded, so that the others get their turn. `now_ns`: the time;
 * `ready`: the socket has events. False when it is over and to be freed. */
bool lab_connection_advance(struct lab_connection *connection, bool ready, int64_t now_ns);

void lab_connection_free(struct lab_connection *connection);

/* Our side is done: FIN, and what the client still sends is not looked at. The client may take its time before it closes: it may be
 * someone who reads the answer and then steps on. */
enum lab_progress lab_connection_drain(struct lab_connection *connection);

/* ---- session.c ------------------------------------------------------------------------------- */

/* 0, or what GnuTLS says. */
int lab_session_open(struct lab_connection *connection);
/* After the handshake: takes in early data, and what was agreed. */
void lab_session_begin(struct lab_connection *connection);
/* Does the recipe's trick. What gnutls_handshake() would return: 0, an error, or GNUTLS_E_AGAIN. */
int lab_session_act(struct lab_connection *connection);

/* ---- clear.c --------------------------------------------------------------------------------- */

/* The state that the connection begins in, with what it needs. False: out of memory. */
bool lab_clear_begin(struct lab_connection *connection);
enum lab_progress lab_clear_begin_tls(struct lab_connection *connection); /* LAB_BEGINNING */
enum lab_progress lab_clear_talk(struct lab_connection *connection);      /* LAB_CLEAR */
enum lab_progress lab_clear_answer(struct lab_connection *connection);    /* LAB_ANSWERING */

/* Makes GnuTLS use the connection's socket, in the way the recipe wants (transport.c). */
void lab_transport_install(struct lab_connection *connection);
/* Sends on what GnuTLS takes for sent. False: the connection is broken. */
bool lab_transport_flush(struct lab_connection *connection);

#endif
