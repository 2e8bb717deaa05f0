/* A client's session that resumes an earlier one: the attempt, early data, and what the session leaves behind for the next. */
#ifndef TLSTEP_ENGINE_RESUME_H
#define TLSTEP_ENGINE_RESUME_H

#include "state.h"

/* Before the handshake: config.resumption and --early-data. What cannot be done is a note, and a full handshake follows. -1: the session ends. */
int engine_resume_begin(struct engine *engine);

/* GnuTLS is about to write this record: announces early data, which has no hook. -1 when the session is to end. */
int engine_resume_announce(struct engine *engine, const uint8_t *record, size_t length);

/* After the handshake: says what the server has made of it. -1: the session ends. */
int engine_resume_settle(struct engine *engine);

/* Keeps what resumes this session, for engine_resumption(): after the handshake, and after each ticket. */
void engine_resume_keep(struct engine *engine);

#endif
