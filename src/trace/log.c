/* The trace: an append-only log, and what is derived from it. */
#include "log.h"

#include <stdlib.h>
#include <string.h>

#include "facts.h"

/* ---- the target -------------------------------------------------------------------------------- */

/* A copy of an optional string. False when memory ran out. */
static bool copy_text(const char **to, const char *from)
{
    *to = from != NULL ? text_duplicate(from, strlen(from)) : NULL;
    return from == NULL || *to != NULL;
}

static bool copy_target(struct trace_target *to, const struct trace_target *from)
{
    to->port = from->port;
    to->stream = from->stream;
    return copy_text(&to->input, from->input) && copy_text(&to->host, from->host) &&
           copy_text(&to->sni, from->sni) && copy_text(&to->source, from->source) &&
           copy_text(&to->client, from->client) && copy_text(&to->server, from->server);
}

static void free_target(struct trace_target *target)
{
    free((char *)target->input);
    free((char *)target->host);
    free((char *)target->sni);
    free((char *)target->source);
    free((char *)target->client);
    free((char *)target->server);
}

/* ---- the trace --------------------------------------------------------------------------------- */

struct trace *trace_new(const struct trace_target *target, int64_t start_wall_ns)
{
    struct trace *trace = calloc(1, sizeof *trace);

    if (trace == NULL) {
        return NULL;
    }
    trace->start_wall_ns = start_wall_ns;
    trace->log = list_of(sizeof(struct log_entry));
    moments_init(&trace->moments);
    checks_init(&trace->checks);
    if (transcript_init(&trace->transcript) != 0 || !copy_target(&trace->target, target)) {
        trace_free(trace);
        return NULL;
    }
    trace->transcript.captured = target->client != NULL;
    trace->target.local = target->local;
    trace->transcript.local = target->local;
    trace->transcript.has_local =
        target->local == WIRE_SERVER; /* a client says so by its first word */
    return trace;
}

void trace_use_keys(struct trace *trace, struct trace_keys *keys)
{
    trace->transcript.keys = keys;
}

void trace_outline(struct trace *trace)
{
    trace->checks.off = true;
    trace->outline = true;
}

void trace_limit_data(struct trace *trace, uint64_t bytes)
{
    trace->transcript.limit = bytes;
}

void trace_free(struct trace *trace)
{
    if (trace == NULL) {
        return;
    }
    facts_free(trace->facts);
    transcript_free(&trace->transcript);
    moments_free(&trace->moments);
    checks_free(&trace->checks);
    for (size_t i = 0; i < trace->log.count; i++) {
        trace_event_clear(&log_entry(trace, i)->event);
    }
    list_free(&trace->log);
    free_target(&trace->target);
    free(trace);
}

const struct trace_target *trace_target(const struct trace *trace)
{
    return &trace->target;
}

int64_t trace_start_wall_ns(const struct trace *trace)
{
    return trace->start_wall_ns;
}

int trace_append(struct trace *trace, struct trace_event *event, struct err *err)
{
    struct log_entry *entry = list_add(&trace->log);

    if (entry == NULL) {
        trace_event_clear(event);
        return err_memory(err, "recording the connection");
    }
    entry->event = *event;
    *event = (struct trace_event){0};
    if (transcript_extend(trace) != 0) {
        return err_memory(err, "reading the connection");
    }
    return 0;
}

void trace_finish(struct trace *trace)
{
    (void)transcript_finish(
        trace); /* a transcript that could not be finished says so in the facts */
}

/* ---- events ------------------------------------------------------------------------------------- */

struct log_entry *log_entry(const struct trace *trace, size_t index)
{
    return list_at(&trace->log, index);
}

void log_drop_data(struct log_entry *entry)
{
    struct trace_event *event = &entry->event;

    secret_free(event->data, event->length);
    event->data = NULL;
    event->dropped += event->length;
    event->length = 0;
}

size_t trace_event_count(const struct trace *trace)
{
    return trace->log.count;
}

const struct trace_event *trace_event_at(const struct trace *trace, size_t index)
{
    return index < trace->log.count ? &log_entry(trace, index)->event : NULL;
}
