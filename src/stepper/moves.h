/* The functions behind the command table, by what they do. Each carries out one command. */
#ifndef STEPPER_MOVES_H
#define STEPPER_MOVES_H

#include "run.h"

/* Moving: moves.c. */
int move_step(struct stepper *stepper, const char *argument, struct err *err);
int move_flight(struct stepper *stepper, const char *argument, struct err *err);
int move_phase(struct stepper *stepper, const char *argument, struct err *err);
int move_continue(struct stepper *stepper, const char *argument, struct err *err);
int move_until(struct stepper *stepper, const char *argument, struct err *err);
int move_back(struct stepper *stepper, const char *argument, struct err *err);
int move_forward(struct stepper *stepper, const char *argument, struct err *err);
int move_goto(struct stepper *stepper, const char *argument, struct err *err);
int move_first(struct stepper *stepper, const char *argument, struct err *err);
int move_side(struct stepper *stepper, const char *argument, struct err *err);
int move_latest(struct stepper *stepper, const char *argument, struct err *err);

/* Acting: acts.c. */
int act_break(struct stepper *stepper, const char *argument, struct err *err);
int act_unbreak(struct stepper *stepper, const char *argument, struct err *err);
/* Could this value of an option ever be right? */
int act_check_option(const char *name, const char *value, struct err *err);
int act_set(struct stepper *stepper, const char *argument, struct err *err);
int act_send(struct stepper *stepper, const char *argument, struct err *err);
int act_http(struct stepper *stepper, const char *argument, struct err *err);
int act_rekey(struct stepper *stepper, const char *argument, struct err *err);
int act_ask(struct stepper *stepper, const char *argument, struct err *err);
int act_close(struct stepper *stepper, const char *argument, struct err *err);
int act_accept(struct stepper *stepper, const char *argument, struct err *err);
int act_abort(struct stepper *stepper, const char *argument, struct err *err);
int act_restart(struct stepper *stepper, const char *argument, struct err *err);
int act_run(struct stepper *stepper, const char *argument, struct err *err);
/* What write-ca calls its file in a folder of CAs. */
#define WRITE_CA_FILE "lab-root.pem"
int act_write_ca(struct stepper *stepper, const char *argument, struct err *err);
int act_save(struct stepper *stepper, const char *argument, struct err *err);
int act_conversation(struct stepper *stepper, const char *argument, struct err *err);
int act_conversations(struct stepper *stepper, const char *argument, struct err *err);

/* A second session: compare.c. */
int act_compare(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_differences(struct stepper *stepper, const char *argument, struct err *err);

/* Gives a command to the newest run's engine, starting it when it has not been. */
int command_engine(struct stepper *stepper, const struct engine_command *command, struct err *err);

/* Asking: asks.c. */
json_t *ask_state(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_messages(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_fields(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_bytes(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_secrets(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_certs(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_schedule(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_checks(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_follow(struct stepper *stepper, const char *argument, struct err *err);
json_t *ask_conversations(struct stepper *stepper, const char *argument, struct err *err);

/* A row number that is shown at the cursor; NULL with `err`. */
const struct trace_row *argument_row(struct stepper *stepper, const char *argument,
                                     struct err *err);

#endif
