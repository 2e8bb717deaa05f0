/*
 * Secrets from beside a trace's own events: key logs, server keys, PSKs, and the master secrets of
 * earlier connections of the same capture. The transcript asks; trace_keys.c answers.
 *
 * Everything is copied out, so that one source may serve several threads. What is remembered is
 * bounded: the oldest is forgotten.
 */
#ifndef TRACE_KEYSOURCE_H
#define TRACE_KEYSOURCE_H

#include "tlstep/crypt.h"

struct trace_keys;

/* The secret of a label. `id` as in struct crypt_secret: the client random, or for CRYPT_RSA and
 * CRYPT_RSA_SESSION_ID what stands there in its place. False: there is none. The caller wipes. */
bool keysource_find(const struct trace_keys *keys, enum crypt_label label, const uint8_t id[32],
                    struct crypt_secret *out);

/* The premaster secret of an EncryptedPreMasterSecret (without its length), by whichever server key
 * fits. 1, 0: none does, -1: out of memory. */
int keysource_premaster(const struct trace_keys *keys, uint16_t client_version,
                        const uint8_t *encrypted, size_t length, uint8_t premaster[48]);

/* PSKs given with --psk; NULL past the last one. Borrowed. */
const uint8_t *keysource_psk(const struct trace_keys *keys, size_t index, size_t *length);

/*
 * Master secrets of TLS 1.2 and older by what resumes them: a session id (RFC 5246 7.4.1.2) or a
 * ticket (RFC 5077). Of several masters that were remembered for the same id, the newest counts.
 * Adding returns 0, or -1: out of memory. An empty id is never remembered, and never found.
 */
int keysource_session_add(struct trace_keys *keys, const uint8_t *id, size_t length,
                          const uint8_t master[48]);
bool keysource_session_find(const struct trace_keys *keys, const uint8_t *id, size_t length,
                            uint8_t master[48]);

/*
 * Reads what has been appended to the key-log files since they were read: a capture that comes through a pipe is older
 * than its secrets. Whole lines only, and so much at a time. Any thread. 0, or -1: out of memory.
 */
int keysource_refresh(struct trace_keys *keys);

/* Lines of key logs, and the servers' private keys that were given. */
size_t keysource_secrets(const struct trace_keys *keys);
size_t keysource_server_keys(const struct trace_keys *keys);

/* True when there is nothing that could open a record. */
bool keysource_is_empty(const struct trace_keys *keys);

/* Count up with each key-log line, and with each session that is remembered. */
uint64_t keysource_changes(const struct trace_keys *keys);
uint64_t keysource_session_changes(const struct trace_keys *keys);

#endif
