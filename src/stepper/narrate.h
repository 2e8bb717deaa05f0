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

/* Parts of them for clear text before TLS: a line that has arrived or is about to be sent, and what follows it or the stop "connect". */
void narrate_text_line(const struct trace_stop *stop, struct buffer *out);
void narrate_text_next(const struct stepper *stepper, const struct trace_stop *stop,
                       struct buffer *out);
/* What the first step does where there is a proxy. False: there is none. */
bool narrate_text_proxy(const struct stepper *stepper, struct buffer *out);

/* Of a proxy. What a side is doing stands in front; false: nothing has happened, and what comes next is said. */
void narrate_pair_side(const struct stepper *stepper, struct buffer *out);
bool narrate_pair_next(struct stepper *stepper, struct buffer *out);

/* narrate_listen.c. Does this program play the server in that run (also one side of a proxy, or in a saved session)? */
bool narrate_is_server(const struct run *run);
/* What a stop that is no message means there; NULL: what it always means. */
const char *narrate_server_stop(const char *at);
/* Of `listen`: what comes next. False: what always comes there. */
bool narrate_listen_next(struct stepper *stepper, struct buffer *out);
/* Of anything that is waited for; of a client also: how to be one. */
void narrate_listen_busy(struct stepper *stepper, const struct run *run, struct buffer *out);
void narrate_listen_over(const struct stepper *stepper, struct buffer *out);

/* narrate_again.c: what the engine has noted since the stop before about resuming and the like: stands in front. */
void narrate_notes(const struct run *run, struct buffer *out);
/* A stop of a session that is resumed, or of a handshake inside one. False: it is like any other. */
bool narrate_again(const struct trace_facts *facts, struct buffer *out);
/* The call that makes the message at such a stop, or will act on it; NULL: it is like any other. */
const char *narrate_again_call(const struct trace_facts *facts);

/* narrate.c: the call that makes the message at a stop go out, or that acts on one that came in. */
const char *narrate_call(const struct trace_stop *stop);
/* narrate_packets.c: what was on the wire since the stop before, where packets were captured: stands in front. */
void narrate_packets(const struct run *run, const struct trace_stop *here, struct buffer *out);

#endif
