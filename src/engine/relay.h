/* A session whose data comes from somewhere else and goes there: one half of a proxy. */
#ifndef TLSTEP_ENGINE_RELAY_H
#define TLSTEP_ENGINE_RELAY_H

#include "state.h"

/* One turn of the data phase: something is passed on, or received, or waited for. False when both directions have
 * ended, or the session is to end. */
bool engine_relay(struct engine *engine);

#endif
