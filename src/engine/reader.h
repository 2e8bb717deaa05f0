/* The thread on the socket. */
#ifndef TLSTEP_ENGINE_READER_H
#define TLSTEP_ENGINE_READER_H

#include "state.h"

/* With `quiet` there is no such thread: the worker reads where it waits. 0, or -1 with `err`. */
int engine_reader_start(struct engine *engine, struct err *err);

/* The worker waits: until there may be something new to look at. False when the time is up. */
bool engine_wait_for_peer_locked(struct engine *engine, int64_t deadline_ns);

/* Is there no reader, and may bytes be read? Then engine_read_locked() takes what is there. */
bool engine_reads_itself_locked(const struct engine *engine);
void engine_read_locked(struct engine *engine);

/* Takes bytes from the socket as they arrive, logs them and keeps them for GnuTLS, until the peer's
 * stream ends or the engine is halted. */
void engine_reader_run(struct engine *engine);

#endif
