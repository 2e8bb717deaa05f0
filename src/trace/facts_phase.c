/* Facts that events tell by themselves: phases, bytes, the verdict. */
#include <string.h>

#include "facts.h"

static void fold_bytes(struct trace_facts *facts, const struct trace_event *event)
{
    facts->bytes[event->from] += event->length + event->dropped;
    if (event->end != TRACE_OPEN) {
        facts->ended[event->from] = true;
    }
}

static void fold_packet(struct facts *facts, const struct trace_event *event)
{
    const char *type = event->text != NULL ? event->text : "";

    if (strcmp(type, "FIN") == 0 || strcmp(type, "RST") == 0) {
        facts->public.ended[event->from] = true;
    }
    facts->syn_seen |= strncmp(type, "SYN", 3) == 0;
}

static void fold_failure(struct trace_facts *facts, const struct trace_event *event)
{
    if (facts->failed) {
        return; /* the first one tells why */
    }
    facts->failed = true;
    facts->error = event->text;
    facts->error_code = event->code;
}

static void fold_phase(struct facts *facts, const struct trace_event *event)
{
    struct trace_phase_fact *phase = &facts->public.phases[event->phase];

    phase->state = event->state;
    phase->text = event->text != NULL ? event->text : phase->text;
    phase->code = event->code;
    if (event->state == TRACE_SKIPPED) {
        return;
    }
    if (phase->start_ns < 0 || event->state == TRACE_BEGUN) {
        phase->start_ns = event->time_ns;
        facts->begun_work_ns[event->phase] = facts->work_ns;
        facts->last_begun = event->phase;
    }
    phase->elapsed_ns = facts->work_ns - facts->begun_work_ns[event->phase];
    if (event->connection != NULL) {
        facts->public.connection = event->connection;
    }
    if (event->state == TRACE_FAILED) {
        fold_failure(&facts->public, event);
    }
}

void facts_event(struct facts *facts, const struct trace_event *event)
{
    if (event->kind == TRACE_PHASE || event->kind == TRACE_STOP) {
        facts->work_ns = event->time_ns - event->paused_ns;
    }
    switch (event->kind) {
    case TRACE_BYTES:
        fold_bytes(&facts->public, event);
        break;
    case TRACE_GAP:
        facts->public.lost[event->from] += event->dropped;
        break;
    case TRACE_TCP:
        fold_packet(facts, event);
        break;
    case TRACE_PHASE:
        fold_phase(facts, event);
        break;
    case TRACE_NOTE:
        if (event->code != NULL && strcmp(event->code, "accepted") == 0) {
            facts->public.accepted = true;
        }
        break;
    case TRACE_VERDICT:
        facts->public.verification = event->verification;
        break;
    default:
        break;
    }
}

/* The phase under way; phases may stand in one another (verify in the handshake). */
static enum trace_phase current_phase(const struct facts *facts)
{
    const struct trace_phase_fact *phases = facts->public.phases;
    enum trace_phase current = facts->last_begun;

    for (int i = TRACE_PHASE_COUNT - 1; i >= 0 && phases[current].state != TRACE_BEGUN; i--) {
        if (phases[i].state == TRACE_BEGUN) {
            current = (enum trace_phase)i;
        }
    }
    return current;
}

void facts_phases_finish(struct facts *facts)
{
    for (int i = 0; i < TRACE_PHASE_COUNT; i++) {
        struct trace_phase_fact *phase = &facts->public.phases[i];
        if (phase->state == TRACE_BEGUN) {
            phase->elapsed_ns = facts->work_ns - facts->begun_work_ns[i];
        }
    }
    facts->public.phase = current_phase(facts);
}
