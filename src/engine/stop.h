/* Passing a stop, and whether the command under way ends there. */
#ifndef TLSTEP_ENGINE_STOP_H
#define TLSTEP_ENGINE_STOP_H

#include "state.h"

/* Does a run of steps end at this stop? Remembers in `run` what it has passed. */
bool engine_run_ends(struct engine_run *run, const struct engine_stop *stop);

/* A stop's name, and its side where the match asks for one. */
bool engine_match_fits(const struct engine_match *match, const struct engine_stop *stop);

/* Posts the stop and, where the command or a breakpoint says so, pauses until the next command. -1
 * when the session is to end. */
int engine_stop_at(struct engine *engine, enum trace_phase phase, const char *at);

/* The same for a message of this content type and handshake type, in the phase under way. */
int engine_stop_queued(struct engine *engine, uint8_t content_type, uint8_t handshake_type);
/* Received: it is then waiting for engine_post_processed(). */
int engine_stop_arrived(struct engine *engine, uint8_t content_type, uint8_t handshake_type);

/* The same for a line of a dialogue in clear text. `at` stays where it is until the next one. */
int engine_stop_text(struct engine *engine, enum wire_side from, const char *at, bool queued);

/* A clock that stands still during pauses. The worker's. */
int64_t engine_active_ns(const struct engine *engine);

/* Does the session have to end, whatever it is doing? */
bool engine_is_ending(struct engine *engine);

#endif
