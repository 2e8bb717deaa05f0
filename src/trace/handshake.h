/* Handshakes of a connection: the first one, and in TLS 1.2 and older those that renegotiate. */
#ifndef TRACE_HANDSHAKE_H
#define TRACE_HANDSHAKE_H

#include "tlstep/trace.h"

struct handshake;
struct row;

/* A handshake message has got its row on the wire: it is remembered where something depends on it. 0, or -1: out of
 * memory. Other rows are passed over. */
int handshake_take_row(struct trace *trace, struct row *row);

/*
 * The master secret of TLS 1.2 and older: from the key logs, from the session that is resumed, or from a premaster secret
 * (key logs, server keys, PSKs). 1 with it in `handshake`, 0: not known (yet), -1: out of memory.
 */
int handshake_find_master(struct trace *trace, struct handshake *handshake);

/* The same from a premaster secret alone, which is compared with what was logged. */
int handshake_compute_master(struct trace *trace, struct handshake *handshake);

/* RFC 7627 3: the hash of all messages up to ClientKeyExchange. Its length; 0: out of memory, or no such hash. */
size_t handshake_session_hash(struct trace *trace, const struct handshake *handshake,
                              uint8_t out[CRYPT_HASH_MAX]);

/* A secret of the trace's own events, or from beside it. The caller wipes. */
bool handshake_secret(const struct trace *trace, const struct handshake *handshake,
                      enum crypt_label label, struct crypt_secret *out);

/* True when a row's content counts in the transcript hash of its handshake (RFC 8446 4.4.1, RFC 5246 7.4.9): `data` and
 * `length` are what counts. */
bool handshake_counts(const struct row *row, const uint8_t **data, size_t *length);

#endif
