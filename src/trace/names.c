/* Names of phases, states, layers and events, as reports and session files have them. */
#include "names.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const phases[] = {
    [TRACE_RESOLVE] = "resolve",     [TRACE_CONNECT] = "connect", [TRACE_STARTTLS] = "starttls",
    [TRACE_HANDSHAKE] = "handshake", [TRACE_VERIFY] = "verify",   [TRACE_DATA] = "data",
    [TRACE_CLOSE] = "close",
};
static const char *const states[] = {
    [TRACE_PENDING] = "pending", [TRACE_BEGUN] = "begun",     [TRACE_DONE] = "done",
    [TRACE_FAILED] = "failed",   [TRACE_SKIPPED] = "skipped",
};
static const char *const kinds[] = {
    [TRACE_BYTES] = "bytes",         [TRACE_SECRET] = "secret", [TRACE_QUEUED] = "queued",
    [TRACE_PROCESSED] = "processed", [TRACE_PHASE] = "phase",   [TRACE_VERDICT] = "verdict",
    [TRACE_NOTE] = "note",           [TRACE_GAP] = "gap",       [TRACE_TCP] = "tcp",
    [TRACE_STOP] = "stop",           [TRACE_PACKET] = "packet",
};
static const char *const ends[] = {
    [TRACE_OPEN] = "open",
    [TRACE_FIN] = "fin",
    [TRACE_RESET] = "reset",
};
static const char *const layers[] = {
    [TRACE_LAYER_TCP] = "tcp",
    [TRACE_LAYER_TEXT] = "text",
    [TRACE_LAYER_TLS] = "tls",
};

static const char *name_at(const char *const *names, size_t count, size_t value)
{
    return value < count ? names[value] : "unknown";
}

static long value_of(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

const char *trace_phase_name(enum trace_phase phase)
{
    return name_at(phases, COUNT(phases), phase);
}

const char *trace_phase_state_name(enum trace_phase_state state)
{
    return name_at(states, COUNT(states), state);
}

const char *trace_layer_name(enum trace_layer layer)
{
    return name_at(layers, COUNT(layers), layer);
}

const char *name_of_kind(enum trace_event_kind kind)
{
    return name_at(kinds, COUNT(kinds), kind);
}

const char *name_of_end(enum trace_end end)
{
    return name_at(ends, COUNT(ends), end);
}

long name_to_kind(const char *name)
{
    return value_of(kinds, COUNT(kinds), name);
}

long name_to_end(const char *name)
{
    return value_of(ends, COUNT(ends), name);
}

long name_to_phase(const char *name)
{
    return value_of(phases, COUNT(phases), name);
}

long name_to_state(const char *name)
{
    return value_of(states, COUNT(states), name);
}

long name_to_side(const char *name)
{
    static const char *const sides[] = {[WIRE_CLIENT] = "client", [WIRE_SERVER] = "server"};
    return value_of(sides, COUNT(sides), name);
}
