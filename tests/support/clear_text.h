/*
 * What comes before TLS, on the other side of a test: servers that speak a STARTTLS protocol in front of TLS, or read from a script; a tiny
 * proxy. The servers' words are net's own; whether others understand them is tests/net/test_starttls_peers.c's subject.
 */
#ifndef SUPPORT_CLEAR_TEXT_H
#define SUPPORT_CLEAR_TEXT_H

#include <pthread.h>

#include "tlstep/net.h"

/* For struct loopback_options.before; the argument is the protocol's name. False: the client said something else. */
bool clear_text_serve(int socket, void *protocol);

/* The same, out of a script: what is said, each part behind what the client has sent since the last ('|' stands in between); then silence. */
bool clear_text_recite(int socket, void *script);

/* Plays one side against a script without a socket: what the other says, with '|' where it waits for an answer. Returns the error's code,
 * "done", or "waits" when the script has ended too early. */
const char *clear_text_hear(struct net_dialogue *dialogue, const char *said, size_t length,
                            struct err *err);

/* A proxy on 127.0.0.1: CONNECT or SOCKS 5, by what the client begins with. One connection at a time. */
struct tiny_proxy {
    const char *user;   /* and password, "user:password"; NULL: whoever comes */
    const char *answer; /* said instead of connecting: "HTTP/1.1 403 No\r\n\r\n"; NULL */
    uint16_t port;
    char asked[300]; /* "host:port" of the last one */
    int socket;
    int client; /* -1 */
    pthread_t thread;
    pthread_mutex_t lock;
};
int tiny_proxy_start(struct tiny_proxy *proxy);
void tiny_proxy_stop(struct tiny_proxy *proxy);

#endif
