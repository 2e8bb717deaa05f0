/* The report document, "tlstep.report/1". */
#include "parts.h"

void part_target(struct emit *emit, const struct trace_target *target,
                 const struct trace_facts *facts)
{
    emit_open(emit, "target", '{');
    emit_text(emit, "input", target->input);
    emit_text(emit, "host", target->host);
    emit_number(emit, "port", target->port);
    emit_text(emit, "address", facts->connection != NULL ? facts->connection->peer : NULL);
    emit_text(emit, "sni", target->sni);
    emit_close(emit, '}');
}

/* A conversation of a capture knows its ends; a session of tlstep has what the kernel told of them. */
void part_source(struct emit *emit, const char *key, const struct trace *trace,
                 const struct trace_facts *facts)
{
    const struct trace_target *target = trace_target(trace);
    const struct trace_connection *connection = facts->connection;
    const char *local = connection != NULL ? connection->local : NULL;
    const char *peer = connection != NULL ? connection->peer : NULL;
    const char *client = target->local == WIRE_SERVER ? peer : local;
    const char *server = target->local == WIRE_SERVER ? local : peer;
    char start[48];

    emit_open(emit, key, '{');
    emit_text(emit, "file", target->source);
    emit_number(emit, "stream", target->stream);
    emit_text(emit, "client", target->client != NULL ? target->client : client);
    emit_text(emit, "server", target->server != NULL ? target->server : server);
    emit_text(emit, "start", time_rfc3339_ms(start, sizeof start, trace_start_wall_ns(trace)));
    emit_text_or_null(emit, "sni", facts->sni);
    emit_close(emit, '}');
}

static void emit_phase(struct emit *emit, enum trace_phase phase,
                       const struct trace_phase_fact *fact)
{
    /* One that is under way has not ended: it is pending, with a start. */
    enum trace_phase_state state = fact->state == TRACE_BEGUN ? TRACE_PENDING : fact->state;

    emit_open(emit, NULL, '{');
    emit_text(emit, "name", trace_phase_name(phase));
    emit_text(emit, "status", trace_phase_state_name(state));
    emit_milliseconds(emit, "start_ms", fact->start_ns);
    emit_milliseconds(emit, "elapsed_ms", fact->start_ns < 0 ? -1 : fact->elapsed_ns);
    if (fact->text != NULL) {
        emit_text(emit, fact->state == TRACE_FAILED ? "error" : "detail", fact->text);
        if (fact->code != NULL) {
            emit_text(emit, "code", fact->code);
        }
    }
    emit_close(emit, '}');
}

static void emit_phases(struct emit *emit, const struct trace_facts *facts)
{
    emit_open(emit, "phases", '[');
    for (int phase = 0; phase < TRACE_PHASE_COUNT; phase++) {
        /* STARTTLS applies to few connections; where it does not, it is absent. */
        if (phase != TRACE_STARTTLS || facts->phases[phase].state != TRACE_PENDING) {
            emit_phase(emit, phase, &facts->phases[phase]);
        }
    }
    emit_close(emit, ']');
}

static void emit_negotiated(struct emit *emit, const struct trace_facts *facts)
{
    const struct {
        const char *name;
        enum trace_known known;
    } flags[] = {
        {"resumed", facts->resumed},
        {"early_data", facts->early_data},
        {"hello_retry", facts->hello_retry},
        {"extended_master_secret", facts->extended_master_secret},
        {"encrypt_then_mac", facts->encrypt_then_mac},
        {"secure_renegotiation", facts->secure_renegotiation},
        {"ocsp_stapled", facts->ocsp_stapled},
    };
    char version[40];

    emit_open(emit, "negotiated", '{');
    if (facts->version != 0) {
        emit_text(
            emit, "version",
            wire_registry_text(version, sizeof version, WIRE_REGISTRY_VERSION, facts->version));
        emit_id(emit, "version_id", facts->version);
    } else {
        emit_null(emit, "version");
        emit_null(emit, "version_id");
    }
    emit_named(emit, "cipher_suite", facts->cipher_suite_known, WIRE_REGISTRY_CIPHER_SUITE,
               facts->cipher_suite);
    emit_text_or_null(emit, "key_exchange", facts->key_exchange);
    emit_named(emit, "group", facts->group != 0, WIRE_REGISTRY_GROUP, facts->group);
    emit_named(emit, "signature_scheme", facts->signature_scheme != 0,
               WIRE_REGISTRY_SIGNATURE_SCHEME, facts->signature_scheme);
    emit_text_or_null(emit, "alpn", facts->alpn);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        emit_known(emit, flags[i].name, flags[i].known);
    }
    emit_close(emit, '}');
}

static void emit_fingerprints(struct emit *emit, const struct trace_facts *facts)
{
    emit_open(emit, "fingerprints", '{');
    emit_text_or_null(emit, "ja3", facts->ja3);
    emit_text_or_null(emit, "ja3s", facts->ja3s);
    emit_text_or_null(emit, "ja4", facts->ja4);
    emit_close(emit, '}');
}

static void emit_alerts(struct emit *emit, const struct trace_facts *facts)
{
    char level[60] = "";
    char description[60] = "";

    emit_open(emit, "alerts", '[');
    for (size_t i = 0; i < facts->alert_count; i++) {
        const struct trace_alert *alert = &facts->alerts[i];
        if (alert->readable) {
            wire_registry_text(level, sizeof level, WIRE_REGISTRY_ALERT_LEVEL, alert->level);
            wire_registry_text(description, sizeof description, WIRE_REGISTRY_ALERT,
                               alert->description);
        } else {
            level[0] = description[0] = '\0';
        }
        emit_open(emit, NULL, '{');
        emit_text(emit, "from", wire_side_name(alert->from));
        emit_text_or_null(emit, "level", level);
        emit_text_or_null(emit, "description", description);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_checks(struct emit *emit, const char *key, const struct trace_facts *facts)
{
    emit_open(emit, key, '[');
    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        emit_open(emit, NULL, '{');
        emit_text(emit, "what", check->what);
        emit_text(emit, "from", wire_side_name(check->from));
        emit_known(emit, "ok", check->ok);
        if (check->n > 0) {
            emit_number(emit, "n", check->n);
        }
        emit_text_given(emit, "text", check->text);
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

static void emit_data(struct emit *emit, const struct trace_facts *facts)
{
    emit_open(emit, "application_data", '{');
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (facts->has_secrets) {
            emit_number(emit, wire_side_name(side), facts->application_data[side]);
        } else {
            emit_null(emit, wire_side_name(side));
        }
    }
    emit_close(emit, '}');
}

/* The notes of the log: connection attempts, truncation, what was dropped. */
static void emit_notes(struct emit *emit, const struct trace *trace, size_t cursor)
{
    emit_open(emit, "notes", '[');
    for (size_t i = 0; i < cursor && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind != TRACE_NOTE) {
            continue;
        }
        emit_open(emit, NULL, '{');
        emit_milliseconds(emit, "time_ms", event->time_ns);
        emit_text(emit, "code", event->code);
        emit_text(emit, "text", event->text != NULL ? event->text : "");
        emit_close(emit, '}');
    }
    emit_close(emit, ']');
}

/* What a capture has not: what was lost, and secrets. */
static void emit_absences(struct emit *emit, const struct trace_facts *facts)
{
    if (facts->missing_secrets != NULL) {
        emit_text(emit, "missing_secrets", facts->missing_secrets);
    }
    if (facts->lost[WIRE_CLIENT] > 0 || facts->lost[WIRE_SERVER] > 0 || facts->mid_stream) {
        emit_open(emit, "lost", '{');
        emit_number(emit, "client", facts->lost[WIRE_CLIENT]);
        emit_number(emit, "server", facts->lost[WIRE_SERVER]);
        emit_flag(emit, "mid_stream", facts->mid_stream);
        emit_close(emit, '}');
    }
}

static void emit_document(struct emit *emit, struct trace *trace, size_t cursor,
                          const struct trace_facts *facts)
{
    enum wire_side local = trace_target(trace)->local;

    emit_open(emit, NULL, '{');
    emit_text(emit, "schema", "tlstep.report/1");
    if (trace_target(trace)->source != NULL) {
        part_source(emit, "source", trace, facts);
    } else {
        part_target(emit, trace_target(trace), facts);
    }
    emit_phases(emit, facts);
    emit_text_given(emit, "starttls", facts->starttls);
    emit_text_given(emit, "proxy", facts->proxy);
    emit_negotiated(emit, facts);
    emit_fingerprints(emit, facts);
    if (part_certificates(emit, "certificates", facts) != 0) {
        emit->out->failed = true;
    }
    part_verification(emit, "verification", facts->verification);
    part_messages(emit, "messages", trace, cursor);
    emit_alerts(emit, facts);
    emit_data(emit, facts);
    emit_checks(emit, "checks", facts);
    emit_absences(emit, facts);
    emit_notes(emit, trace, cursor);
    emit_open(emit, "bytes", '{');
    emit_number(emit, "sent", facts->bytes[local]);
    emit_number(emit, "received", facts->bytes[local == WIRE_CLIENT ? WIRE_SERVER : WIRE_CLIENT]);
    emit_close(emit, '}');
    emit_close(emit, '}');
}

int report_line(struct trace *trace, size_t cursor, struct buffer *out)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    struct emit emit = {.out = out};

    if (facts == NULL) {
        return -1;
    }
    emit_document(&emit, trace, cursor, facts);
    return out->failed ? -1 : 0;
}

json_t *report_facts_json(struct trace *trace, size_t cursor, const struct trace_facts *facts)
{
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    emit_document(&emit, trace, cursor, facts);
    if (out.failed) {
        buffer_free(&out);
        return NULL;
    }
    return emit_parse(&out);
}

json_t *report_json(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);

    return facts != NULL ? report_facts_json(trace, cursor, facts) : NULL;
}

json_t *report_checks_json(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    struct buffer out = {0};
    struct emit emit = {.out = &out};

    if (facts == NULL) {
        return NULL;
    }
    emit_checks(&emit, NULL, facts);
    return emit_parse(&out);
}
