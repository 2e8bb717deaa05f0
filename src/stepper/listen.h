/*
 * STEPPER_LISTEN: what stays over the runs (the socket that listens, what this side shows, what resumes sessions), the server's
 * session of a run, and the answer to an HTTP request in it.
 */
#ifndef STEPPER_LISTEN_H
#define STEPPER_LISTEN_H

#include "run.h"

/* Listens, unless it does already. NULL with `err`. */
const struct net_address *listen_open(struct stepper *stepper, struct err *err);
/* Readable when somebody has come, or the engine of the run has something; -1: it does not listen yet. */
int listen_wake_fd(const struct stepper *stepper);
/* Takes in who has come, and answers a request that is whole by now. True when something changed. */
bool listen_pump(struct stepper *stepper);
/* Makes the engine of a run, which takes the client that was picked, or the next. */
int listen_start(struct stepper *stepper, struct run *run, const struct tls_options *tls,
                 int64_t start_ns, struct err *err);
void listen_end(struct stepper *stepper);

/* What is to be said to the client of a run. Its engine's worker asks for it: freed after the engine. NULL is fine. */
struct listen_answer;
void listen_answer_detach(struct listen_answer *answer); /* before the engine goes */
void listen_answer_free(struct listen_answer *answer);

/* The commands. */
int act_pick(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_waiting(struct stepper *stepper, const char *argument, struct err *err);

#endif
