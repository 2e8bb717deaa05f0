/*
 * Which end of a captured conversation is the client: the one that sends ClientHello, and where none comes, the one
 * that opened the TCP connection, and where that was not captured, the one with the higher port.
 */
#ifndef TRACE_CLIENT_H
#define TRACE_CLIENT_H

#include "tlstep/capture.h"
#include "tlstep/wire.h"

/* The bytes of both ends so far, as long as no ClientHello has been found in them. Start with {0}. */
struct client_search {
    struct buffer bytes[2]; /* by enum capture_end */
    size_t searched[2];
    bool text; /* found: something stands before the ClientHello */
};

/* More bytes of one end. 1: they hold a ClientHello, whose random is in `random`; 0: not so far; -1: out of memory. */
int client_search_take(struct client_search *search, enum capture_end end, const uint8_t *data,
                       size_t length, uint8_t random[32]);

/* Bytes of an end were lost: what follows does not go on from what is there. */
void client_search_gap(struct client_search *search, enum capture_end end);

/* True when it is no use to look any further. */
bool client_search_is_over(const struct client_search *search);

void client_search_free(struct client_search *search);

/* The client where no ClientHello says so. */
enum capture_end client_guess(const struct capture_conversation *conversation);

#endif
