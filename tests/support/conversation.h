/*
 * A TLS conversation as the log of a trace has it: two GnuTLS sessions in one thread, client and server,
 * whose every push, key-log line and hook becomes an event, in the order in which they happen. The client is
 * the side that is stepped.
 */
#ifndef SUPPORT_CONVERSATION_H
#define SUPPORT_CONVERSATION_H

#include <gnutls/gnutls.h>

#include "tlstep/trace.h"
#include "wiretap.h"

struct conversation_options {
    const char *client; /* priority string; NULL: as `server`'s */
    const char *server; /* NULL: "NORMAL" */
    const char *alpn;   /* offered and chosen; NULL */
    bool request_certificate;
    bool rekey; /* both sides change their keys between the data */
    bool renegotiate;
    bool resume;     /* a first conversation goes before, and its session is resumed */
    bool early_data; /* with `resume`, in TLS 1.3 */
    bool no_tickets;
    bool raw_keys;      /* RFC 7250: the credentials may have raw public keys */
    bool bare;          /* only bytes and secrets, no queued, processed, stop and phase events */
    const char *data;   /* what the client sends and the server answers with; NULL: "hello" */
    size_t data_length; /* 0: its length as a string */
};

struct conversation {
    struct trace_event *events;
    size_t count;
    size_t capacity;
    bool failed;
};

/* Holds the conversation. 0, or -1 when GnuTLS refuses. conversation_free() either way. */
int conversation_hold(struct conversation *conversation,
                      const struct wiretap_credentials *credentials,
                      const struct conversation_options *options);
void conversation_free(struct conversation *conversation);

/* An empty trace of "example.test:443". */
struct trace *conversation_trace_new(void);

/* And one of a capture: "file.pcap", from 192.0.2.1:50000 to 192.0.2.2:443. */
struct trace *conversation_capture_new(void);

/* Appends a copy of an event; ends the test when memory runs out. */
void conversation_append(struct trace *trace, const struct trace_event *event);

/* A trace with all the events, not finished. */
struct trace *conversation_trace(const struct conversation *conversation);

/* Bytes of one side, for traces made by hand. `time_ns` 0. */
void conversation_bytes(struct trace *trace, enum wire_side from, const void *data, size_t length);
void conversation_end(struct trace *trace, enum wire_side from, enum trace_end end);

#endif
