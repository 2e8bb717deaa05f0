/* The three texts of stepper_explain*() for a capture, and for certificates. */
#ifndef STEPPER_NARRATE_H
#define STEPPER_NARRATE_H

#include "run.h"

void narrate_capture(struct stepper *stepper, struct buffer *out);
void narrate_capture_next(struct stepper *stepper, struct buffer *out);
void narrate_capture_state(struct stepper *stepper, struct buffer *out);

void narrate_certificates(struct stepper *stepper, struct buffer *out);
void narrate_certificates_next(struct stepper *stepper, struct buffer *out);
void narrate_certificates_state(struct stepper *stepper, struct buffer *out);

#endif
