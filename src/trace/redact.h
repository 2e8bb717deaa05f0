/*
 * What a session or a capture must not give away: where it stands in each direction's stream. Bytes are replaced and never
 * removed, so that lengths, records and sequence numbers stay what they were.
 *
 * Replaced are: the fragments of protected records, of application data and heartbeats; tickets, PSK identities and cookies in hellos
 * and NewSessionTicket; what follows a command that carries a password in clear text before TLS; and bytes that are not TLS, but for the
 * few that tell the protocol.
 */
#ifndef TRACE_REDACT_H
#define TRACE_REDACT_H

#include "tlstep/trace.h"

struct redact_range {
    uint64_t start; /* in the direction's stream, from its first event on */
    uint64_t end;
    uint8_t fill;
};

struct redaction {
    struct redact_range *ranges[2]; /* by side; in order, and apart from one another */
    size_t count[2];
    size_t capacity[2];
    bool failed;
};

/* 0, or -1: out of memory. To be freed either way. */
int redaction_init(struct redaction *redaction, const struct trace *trace);
void redaction_free(struct redaction *redaction);

/* Replaces what must go in bytes that stand at `offset` of the direction. */
void redaction_apply(const struct redaction *redaction, enum wire_side side, uint64_t offset,
                     uint8_t *data, size_t length);

/* The same in a message by itself: a handshake message with its header, or application data. 0, or -1: out of memory. */
int redaction_message(const struct wire_context *context, uint8_t content_type, uint8_t *data,
                      size_t length);

#endif
