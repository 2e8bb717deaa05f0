/* Rows, their bytes, secrets and stops as JSON. */
#include "parts.h"

static void emit_message(struct emit *emit, const struct trace *trace, const struct trace_row *row,
                         size_t cursor)
{
    static const char *const states[] = {
        [TRACE_ROW_HIDDEN] = NULL,           [TRACE_ROW_QUEUED] = "queued",
        [TRACE_ROW_SENT] = "sent",           [TRACE_ROW_ARRIVED] = "arrived",
        [TRACE_ROW_PROCESSED] = "processed", [TRACE_ROW_UNSENT] = "unsent",
    };
    const char *state = states[trace_row_state(trace, row, cursor)];

    emit_open(emit, NULL, '{');
    emit_number(emit, "n", row->n);
    emit_milliseconds(emit, "time_ms", row->time_ns);
    emit_text(emit, "from", wire_side_name(row->from));
    emit_text(emit, "layer", trace_layer_name(row->layer));
    emit_text(emit, "type", row->type);
    emit_number(emit, "length", row->length);
    emit_flag(emit, "observed", row->observed);
    emit_flag(emit, "encrypted", row->encrypted);
    emit_flag(emit, "decrypted", row->decrypted);
    if (row->problem != NULL) {
        emit_text(emit, "problem", row->problem);
    }
    if (state != NULL) {
        emit_text(emit, "state", state);
    }
    emit_close(emit, '}');
}

void part_messages(struct emit *emit, const char *key, struct trace *trace, size_t cursor)
{
    size_t count = trace_row_count_at(trace, cursor);

    emit_open(emit, key, '[');
    for (size_t i = 0; i < count; i++) {
        emit_message(emit, trace, trace_row_at(trace, i), cursor);
    }
    emit_close(emit, ']');
}

json_t *report_messages_json(struct trace *trace, size_t cursor)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    part_messages(&emit, NULL, trace, cursor);
    return emit_parse(&out);
}

/* ---- secrets and stops ---- */

json_t *report_secrets_json(struct trace *trace, size_t cursor)
{
    struct buffer out = {.secret = true};
    struct emit emit = {.out = &out};

    emit_open(&emit, NULL, '[');
    for (size_t i = 0; i < cursor && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind == TRACE_SECRET) {
            emit_text(&emit, NULL, event->text);
        }
    }
    emit_close(&emit, ']');
    return emit_parse(&out);
}

struct trace_stop report_stop_at(struct trace *trace, size_t cursor)
{
    size_t count = trace_row_count_at(trace, cursor);

    if (trace_target(trace)->client == NULL || count == 0) {
        return trace_stop_at(trace, cursor);
    }
    const struct trace_row *row = trace_row_at(trace, count - 1);
    const struct trace_facts *facts = trace_facts(trace, cursor);
    return (struct trace_stop){
        .at_stop = true,
        .n = row->n,
        /* The first packet comes before the phase that it begins. */
        .phase = facts != NULL && facts->phase > TRACE_CONNECT ? facts->phase : TRACE_CONNECT,
        .at = row->type,
        .has_from = true,
        .from = row->from,
    };
}

json_t *report_stop_json(const struct trace_stop *stop)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    if (!stop->at_stop) {
        return json_null();
    }
    emit_open(&emit, NULL, '{');
    if (stop->n > 0) {
        emit_number(&emit, "n", stop->n);
    } else {
        emit_null(&emit, "n");
    }
    emit_text(&emit, "phase", trace_phase_name(stop->phase));
    emit_text(&emit, "at", stop->at);
    if (stop->has_from) {
        emit_text(&emit, "from", wire_side_name(stop->from));
        emit_text(&emit, "state", stop->queued ? "queued" : "arrived");
    }
    emit_close(&emit, '}');
    return emit_parse(&out);
}
