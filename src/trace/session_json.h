/* Events and the head of a session as JSON, and back (docs/session-format.md). */
#ifndef TRACE_SESSION_JSON_H
#define TRACE_SESSION_JSON_H

#include <jansson.h>

#include "tlstep/trace.h"

/* How an event's bytes and its key-log line are kept beside the JSON. */
struct session_event {
    struct trace_event event;
    bool in_packets; /* the data of a TRACE_BYTES event: `length` bytes in packets */
    long secret;     /* the text of a TRACE_SECRET event: number of its line in the secrets
                        blocks, from 0; -1: in the JSON */
};

/* New reference, or NULL: out of memory. */
json_t *session_event_encode(const struct session_event *from, size_t index);

/* Fills `to`, whose event the caller clears. For data in packets, only its length is set. Returns 0; or -1: no such event, or
 * out of memory (`err`). */
int session_event_decode(const json_t *json, struct session_event *to, size_t *index,
                         struct err *err);

json_t *session_head_encode(const struct trace *trace, bool redacted);

/* A trace without events, for a session that was read from `source`. NULL: not a head, or out of memory. */
struct trace *session_head_decode(const json_t *json, const char *source, struct err *err);

/* Compact ASCII text from malloc; takes the reference. NULL: out of memory. */
char *session_json_text(json_t *json);

#endif
