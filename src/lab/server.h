/* A lab server and its event loop. */
#ifndef TLSTEP_LAB_SERVER_H
#define TLSTEP_LAB_SERVER_H

#include <poll.h>
#include <pthread.h>

#include "connection.h"
#include "front.h"

struct lab_server {
    /* Immutable while the thread runs. */
    struct lab_service service;
    struct lab_counts counts;
    struct net_address address;
    struct lab_front *front; /* `proxied`: what clients connect to; NULL */
    int listener;
    int wake[2]; /* the thread ends when the writing end is closed */
    pthread_t thread;
    size_t limit;

    /* The thread's own. */
    struct lab_connection **connections; /* `limit` of them, `count` used */
    struct pollfd *watched;              /* limit + 2: the wake-up, the listener, the connections */
    size_t count;
    int64_t accept_ns; /* no accept before that: there were no descriptors left */
};

/* The thread: serves until `wake` is closed, then drops its connections. */
void *lab_loop_run(void *server);

#endif
