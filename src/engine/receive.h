/* One call of gnutls_record_recv(), and what came of it. */
#ifndef TLSTEP_ENGINE_RECEIVE_H
#define TLSTEP_ENGINE_RECEIVE_H

#include "state.h"

enum engine_received {
    ENGINE_GOT,     /* something, which has been stopped at: there may be more */
    ENGINE_STARVED, /* there is nothing more until bytes arrive (`starved_at`) */
    ENGINE_CLOSED,  /* the peer's close_notify */
    ENGINE_CUT,     /* the peer's stream has ended without it */
    ENGINE_FAILED,  /* `failure`, or the session is to end */
};

enum engine_received engine_receive(struct engine *engine);

/* Makes the buffer for what is received. 0 or -1. */
int engine_receive_begin(struct engine *engine);
void engine_receive_end(struct engine *engine);

/* Tells which commands the data phase takes now. */
void engine_set_may_send(struct engine *engine, bool may_send);

#endif
