/* May a command be given now? */
#ifndef TLSTEP_ENGINE_COMMAND_H
#define TLSTEP_ENGINE_COMMAND_H

#include "state.h"

/* 0, or -1 with a text for the user that says why not and what to do instead. */
int engine_command_check_locked(const struct engine *engine, const struct engine_command *command,
                                struct err *err);

#endif
