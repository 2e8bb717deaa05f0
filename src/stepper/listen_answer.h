/* What this side says to the client of a listening run: the page that a request is answered with. */
#ifndef STEPPER_LISTEN_ANSWER_H
#define STEPPER_LISTEN_ANSWER_H

#include "listen.h"

/* Watches the engine's wake-up from `wake_fd` (epoll). NULL: out of memory. */
struct listen_answer *listen_answer_new(int wake_fd);
/* From when the engine is there. -1 with `err`. */
int listen_answer_attach(struct listen_answer *answer, struct engine *engine, struct err *err);
/* For engine_config. */
enum engine_outgoing listen_answer_next(void *context, uint8_t *out, size_t max, size_t *length);
void listen_answer_heard(void *context, const uint8_t *data, size_t length);
/* Answers a request once it is whole, on the owner's thread. -1: out of memory. */
int listen_answer_look(struct listen_answer *answer, struct run *run, const char *where,
                       struct err *err);

#endif
