/* Functions of the owner's that the worker calls: never after engine_free() has returned, never under the lock. */
#ifndef TLSTEP_ENGINE_CALLS_H
#define TLSTEP_ENGINE_CALLS_H

#include "state.h"

/* Around each such call. False: the owner is leaving, nothing is called any more. */
bool engine_call_begin(struct engine *engine);
void engine_call_end(struct engine *engine);

/* engine_free(): aborting is set, so that none begins; waits for the one that is under way. */
void engine_await_calls_locked(struct engine *engine);

/* config.received(), where there is one. NULL: the peer's close_notify. */
void engine_hand_on(struct engine *engine, const uint8_t *data, size_t length);

/* config.outgoing(). */
enum engine_outgoing engine_ask_outgoing(struct engine *engine, uint8_t *out, size_t max,
                                         size_t *length);

#endif
