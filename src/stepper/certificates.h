/* Certificates without a connection, and certificates that are judged again. */
#ifndef STEPPER_CERTIFICATES_H
#define STEPPER_CERTIFICATES_H

#include "run.h"

/* Opens the file, folder or trust store of the target; judges what is in it when it is a chain. */
int certificates_open_target(struct stepper *stepper, struct err *err);
void certificates_end(struct stepper *stepper);

/* judge.c: judges the certificates in view; `date` as the command takes it. */
int judge_again(struct stepper *stepper, const char *date, struct err *err);
/* The facts with the certificates and the verdict that are in view. Takes what the trace says; NULL stays NULL. */
const struct trace_facts *judge_facts(struct stepper *stepper, const struct trace_facts *facts);
/* Forgets that verdict. */
void judge_end(struct stepper *stepper);

int act_judge(struct stepper *stepper, const char *argument, struct err *err);

#endif
