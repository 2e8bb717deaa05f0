/* A dialogue in clear text, carried over the socket, with a stop at each line. */
#ifndef TLSTEP_ENGINE_DIALOGUE_H
#define TLSTEP_ENGINE_DIALOGUE_H

#include "state.h"

/* Until it is done. `patience_ns` is for all of it and of what is held before and after in the phase. -1: it has failed, and `failure` says why,
 * or the session is to end. */
int engine_hold_dialogue(struct engine *engine, struct net_dialogue *dialogue);

/* phase_accept.c: whether what a client has asked for can be had. */
int engine_answer_connect(struct engine *engine, struct net_dialogue *dialogue);

#endif
