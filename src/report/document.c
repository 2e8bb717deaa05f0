/* The report document, "tlstep.report/1". */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

static json_t *target_json(const struct trace_target *target, const struct trace_facts *facts)
{
    const char *address = facts->connection != NULL ? facts->connection->peer : NULL;
    return json_pack("{s:o, s:o, s:i, s:s?, s:o}", "input", report_string_json(target->input),
                     "host", report_string_json(target->host), "port", (int)target->port, "address",
                     address, "sni",
                     target->sni != NULL ? report_string_json(target->sni) : json_null());
}

static json_t *source_json(const struct trace *trace, const struct trace_facts *facts)
{
    const struct trace_target *target = trace_target(trace);
    const struct trace_connection *connection = facts->connection;
    char start[48];

    time_rfc3339_ms(start, sizeof start, trace_start_wall_ns(trace));
    return json_pack("{s:o, s:i, s:s?, s:s?, s:s, s:o}", "file", report_string_json(target->source),
                     "stream", 0, "client", connection != NULL ? connection->local : NULL, "server",
                     connection != NULL ? connection->peer : NULL, "start", start, "sni",
                     facts->sni[0] != '\0' ? report_string_json(facts->sni) : json_null());
}

static json_t *phase_json(enum trace_phase phase, const struct trace_phase_fact *fact)
{
    /* One that is under way has not ended: it is pending, with a start. */
    enum trace_phase_state state = fact->state == TRACE_BEGUN ? TRACE_PENDING : fact->state;
    json_t *json =
        json_pack("{s:s, s:s, s:o, s:o}", "name", trace_phase_name(phase), "status",
                  trace_phase_state_name(state), "start_ms", part_milliseconds(fact->start_ns),
                  "elapsed_ms", part_milliseconds(fact->start_ns < 0 ? -1 : fact->elapsed_ns));
    if (json == NULL || fact->text == NULL)
        return json;
    const char *key = fact->state == TRACE_FAILED ? "error" : "detail";
    if (part_add(json, key, report_string_json(fact->text)) != 0 ||
        (fact->code != NULL && part_add(json, "code", json_string(fact->code)) != 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *phases_json(const struct trace_facts *facts)
{
    json_t *list = json_array();
    for (int phase = 0; list != NULL && phase < TRACE_PHASE_COUNT; phase++) {
        /* STARTTLS applies to few connections; where it does not, it is absent. */
        if (phase == TRACE_STARTTLS && facts->phases[phase].state == TRACE_PENDING)
            continue;
        if (json_array_append_new(list, phase_json(phase, &facts->phases[phase])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *named_or_null(bool known, enum wire_registry registry, uint16_t id)
{
    return known ? part_named(registry, id) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *negotiated_json(const struct trace_facts *facts)
{
    char version[40];
    wire_registry_text(version, sizeof version, WIRE_REGISTRY_VERSION, facts->version);

    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
        facts->version != 0 ? json_string(version) : json_null(), "version_id",
        facts->version != 0 ? json_sprintf("0x%04x", facts->version) : json_null(), "cipher_suite",
        named_or_null(facts->cipher_suite_known, WIRE_REGISTRY_CIPHER_SUITE, facts->cipher_suite),
        "key_exchange", text_or_null(facts->key_exchange), "group",
        named_or_null(facts->group != 0, WIRE_REGISTRY_GROUP, facts->group), "signature_scheme",
        named_or_null(facts->signature_scheme != 0, WIRE_REGISTRY_SIGNATURE_SCHEME,
                      facts->signature_scheme),
        "alpn", text_or_null(facts->alpn));
    if (json == NULL)
        return NULL;

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
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (part_add(json, flags[i].name, part_known(flags[i].known)) != 0) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

static json_t *alerts_json(const struct trace_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < facts->alert_count; i++) {
        const struct trace_alert *alert = &facts->alerts[i];
        char level[40];
        char description[60];
        wire_registry_text(level, sizeof level, WIRE_REGISTRY_ALERT_LEVEL, alert->level);
        wire_registry_text(description, sizeof description, WIRE_REGISTRY_ALERT,
                           alert->description);
        if (json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:s}", "from", wire_side_name(alert->from),
                                            "level", level, "description", description)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *checks_json(const struct trace_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        if (json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "what", check->what, "from",
                                                  wire_side_name(check->from), "ok",
                                                  part_known(check->ok))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *data_json(const struct trace_facts *facts)
{
    if (!facts->has_secrets)
        return json_pack("{s:n, s:n}", "client", "server");
    return json_pack("{s:I, s:I}", "client", (json_int_t)facts->application_data[WIRE_CLIENT],
                     "server", (json_int_t)facts->application_data[WIRE_SERVER]);
}

/* The notes of the log: connection attempts, truncation, what was dropped. */
static json_t *notes_json(const struct trace *trace, size_t cursor)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < cursor && i < trace_event_count(trace); i++) {
        const struct trace_event *event = trace_event_at(trace, i);
        if (event->kind != TRACE_NOTE)
            continue;
        json_t *json = json_pack("{s:o, s:s?, s:o}", "time_ms", part_milliseconds(event->time_ns),
                                 "code", event->code, "text",
                                 report_string_json(event->text != NULL ? event->text : ""));
        if (json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *report_json(struct trace *trace, size_t cursor)
{
    const struct trace_facts *facts = trace_facts(trace, cursor);
    if (facts == NULL)
        return NULL;

    const struct trace_target *target = trace_target(trace);
    json_t *json = json_pack("{s:s}", "schema", "tlstep.report/1");
    if (json == NULL)
        return NULL;

    json_t *origin =
        target->source != NULL ? source_json(trace, facts) : target_json(target, facts);
    if (part_add(json, target->source != NULL ? "source" : "target", origin) != 0 ||
        part_add(json, "phases", phases_json(facts)) != 0 ||
        part_add(json, "negotiated", negotiated_json(facts)) != 0 ||
        part_add(json, "fingerprints",
                 json_pack("{s:o, s:o, s:o}", "ja3", text_or_null(facts->ja3), "ja3s",
                           text_or_null(facts->ja3s), "ja4", text_or_null(facts->ja4))) != 0 ||
        part_add(json, "certificates", report_certificates_json(trace, cursor)) != 0)
        return json_decref(json), NULL;

    /* Collecting certificates may not disturb the facts, but asking again keeps the rule simple. */
    facts = trace_facts(trace, cursor);
    if (facts == NULL || part_add(json, "verification", part_verification(facts)) != 0 ||
        part_add(json, "messages", report_messages_json(trace, cursor)) != 0 ||
        part_add(json, "alerts", alerts_json(facts)) != 0 ||
        part_add(json, "application_data", data_json(facts)) != 0 ||
        part_add(json, "checks", checks_json(facts)) != 0 ||
        part_add(json, "notes", notes_json(trace, cursor)) != 0 ||
        part_add(json, "bytes",
                 json_pack("{s:I, s:I}", "sent", (json_int_t)facts->bytes[WIRE_CLIENT], "received",
                           (json_int_t)facts->bytes[WIRE_SERVER])) != 0)
        return json_decref(json), NULL;
    return json;
}
