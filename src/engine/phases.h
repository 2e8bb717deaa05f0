/* The phases of a session, in order. Each posts its own phase events and stops, and returns 0, or
 * -1 when the session ends there. */
#ifndef TLSTEP_ENGINE_PHASES_H
#define TLSTEP_ENGINE_PHASES_H

#include "state.h"

/* The worker: all phases, and how they end. */
void engine_worker_run(struct engine *engine);

/* The loader: reads the trust store, so that verification need not wait for it. */
void engine_loader_run(struct engine *engine);
/* Loading needs no thread: no file is read. */
bool engine_has_trust_at_hand(const struct engine *engine);
/* Starts that thread, once: by the owner at the start, or by a server's worker when it asks for a certificate later. When it cannot be
 * started verification says why. */
void engine_load_trust(struct engine *engine);

/* Name lookup: fills `addresses`. */
int engine_resolve(struct engine *engine);

/* TCP: `socket` is connected afterwards and the reader runs. */
int engine_connect(struct engine *engine);

/* Is anything to be said in clear text before TLS (--proxy, --starttls)? */
bool engine_has_clear_text(const struct engine *engine);
/* Which dialogues those are, for whoever reads the log: "http-connect smtp". NULL: none. */
const char *engine_dialogue_names(const struct engine *engine, char *out, size_t size);

/* Says it, up to the stop "starttls"; nothing happens when there is nothing to be said. */
int engine_speak_clear_text(struct engine *engine);

/* A server: the listener's next client, or the one that was picked. */
int engine_accept(struct engine *engine);
/* A client that begins with HTTP CONNECT: what it asks for, and the answer. */
int engine_be_asked(struct engine *engine);

/* The handshake up to the stop "data". */
int engine_handshake(struct engine *engine);

/* GnuTLS's handshake, from stop to stop, to its end; also inside a session. -1: the session ends. */
int engine_shake_hands(struct engine *engine);

/* Application data until it is time to close. */
int engine_exchange_data(struct engine *engine);

/* Sends data, record after record, each stopped at when it is queued. */
int engine_send_data(struct engine *engine, const uint8_t *data, size_t length);
/* The peer's stream has ended without close_notify. */
void engine_note_truncation(struct engine *engine);
/* This side's close_notify, once. */
int engine_send_close_notify(struct engine *engine);

/* close_notify in both directions. */
int engine_say_goodbye(struct engine *engine);

/* TCP close and the stop "close". */
int engine_hang_up(struct engine *engine);

/* TCP reset, without a stop. */
void engine_reset(struct engine *engine);

/* The failure's phase event, and its alert to the peer where there is one to send. */
int engine_refuse(struct engine *engine, enum trace_phase phase);

/* The verify function of the session (gnutls_certificate_verify_function). */
int engine_verify(gnutls_session_t session);

/* After a failed handshake: judges a chain that the library refused before it asked. */
void engine_verify_late(struct engine *engine);

/* Sets the function that is told of handshake messages. */
void engine_hooks_attach(struct engine *engine);

#endif
