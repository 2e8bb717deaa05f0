/* The capture behind a STEPPER_FILE target, and the second session of a comparison. */
#ifndef STEPPER_CAPTURE_H
#define STEPPER_CAPTURE_H

#include "run.h"

/* Opens the file of the target: a session that tlstep saved as it is, anything else as a capture. */
int capture_open_target(struct stepper *stepper, struct err *err);
void capture_end(struct stepper *stepper);

/* Reads on for a slice. True when something changed. */
bool capture_pump(struct stepper *stepper);

/* Puts conversation `stream` into view, with the cursor at its beginning. */
int capture_show(struct stepper *stepper, uint32_t stream, struct err *err);
/* Puts the list into view. */
int capture_show_list(struct stepper *stepper, struct err *err);
/* The whole trace of a conversation; the caller's. NULL with `err`. */
struct trace *capture_trace_of(struct stepper *stepper, uint32_t stream, struct err *err);

/* compare.c: forgets the second session. */
void comparison_end(struct stepper *stepper);

#endif
