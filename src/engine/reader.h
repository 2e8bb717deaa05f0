/* The thread on the socket. */
#ifndef TLSTEP_ENGINE_READER_H
#define TLSTEP_ENGINE_READER_H

#include "state.h"

/* Takes bytes from the socket as they arrive, logs them and keeps them for GnuTLS, until the peer's
 * stream ends or the engine is halted. */
void engine_reader_run(struct engine *engine);

#endif
