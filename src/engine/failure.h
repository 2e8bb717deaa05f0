/* What went wrong, in words a user can act on. */
#ifndef TLSTEP_ENGINE_FAILURE_H
#define TLSTEP_ENGINE_FAILURE_H

#include "state.h"

#define ENGINE_NO_ALERT (-1)

/* Keeps the first reason. `alert`: the description to send to the peer, or ENGINE_NO_ALERT. Always
 * returns -1. */
int engine_fail(struct engine *engine, enum err_class class, const char *code, int alert,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same with what another room has said. */
int engine_fail_with(struct engine *engine, const struct err *err, int alert);

/* "the client" in place of "the server" where the peer is one: of texts that this room has written. */
void engine_name_peer(const struct engine *engine, char *text);

int engine_fail_memory(struct engine *engine);

/* The peer has kept this side waiting for too long. */
int engine_fail_timeout(struct engine *engine);

/* The first bytes of the peer are not a TLS record. */
int engine_fail_not_tls(struct engine *engine, const uint8_t *data, size_t length);

/* GnuTLS has given up with `status`: says why, as far as the wire, the peer or the library tell. */
int engine_fail_library(struct engine *engine, int status);

/* "ClientHello" of the last message that was queued or has arrived; "the TCP connection" when
 * there is none. */
const char *engine_latest_message(const struct engine *engine);

#endif
