/* Making events. They are stamped where they are posted, under the lock, so that stamps never go
 * backwards in the log. An event that cannot be made for want of memory sets `out_of_memory`: the
 * session then ends, because a log with a hole would lie. */
#ifndef TLSTEP_ENGINE_POST_H
#define TLSTEP_ENGINE_POST_H

#include "state.h"

/* Waits until the queue takes an event (or nobody wants events any more). */
void engine_wait_for_room_locked(struct engine *engine);

/* Stamps (unless it has a time already) and queues; takes what the event owns. */
void engine_post_locked(struct engine *engine, struct trace_event *event);
void engine_post(struct engine *engine, struct trace_event *event);

/* Bytes that have just crossed the wire, the end of a stream, or both. */
void engine_post_bytes_locked(struct engine *engine, enum wire_side from, const void *data,
                              size_t length, enum trace_end end);

void engine_post_phase(struct engine *engine, enum trace_phase phase, enum trace_phase_state state,
                       const char *code, const char *text);
/* With the failure's code and text. */
void engine_post_phase_failed(struct engine *engine, enum trace_phase phase);
void engine_post_note(struct engine *engine, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* `body`: of a handshake message, which gets its 4-byte header here; else the whole content. */
void engine_post_queued(struct engine *engine, uint8_t content_type, uint8_t handshake_type,
                        const void *body, size_t length);

/* A line of a dialogue in clear text. */
void engine_post_queued_text(struct engine *engine, enum wire_side from, const char *verb,
                             const uint8_t *data, size_t length);

/* The received message that is waiting for it, if any, has been acted on by the library. */
void engine_post_processed(struct engine *engine);

/* One line for the key log: label, client random, secret. */
void engine_post_secret(struct engine *engine, const char *label, const gnutls_datum_t *random,
                        const gnutls_datum_t *secret);

/* Takes the verification. */
void engine_post_verdict(struct engine *engine, struct pki_verification *verification);

#endif
