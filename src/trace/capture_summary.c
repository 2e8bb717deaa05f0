/* One line of the list of conversations. */
#include <string.h>

#include "capture_file.h"
#include "log.h"

void summary_preview(struct trace_conversation *out, const struct capture_conversation *from)
{
    enum capture_end client = client_guess(from);
    enum capture_end server = client == CAPTURE_A ? CAPTURE_B : CAPTURE_A;

    out->stream = from->stream;
    capture_endpoint_text(out->client, sizeof out->client, &from->ends[client]);
    capture_endpoint_text(out->server, sizeof out->server, &from->ends[server]);
    out->start_ns = from->first_ns;
    out->end_ns = from->last_ns;
    out->bytes[WIRE_CLIENT] = from->bytes[client];
    out->bytes[WIRE_SERVER] = from->bytes[server];
    out->packets[WIRE_CLIENT] = from->packets[client];
    out->packets[WIRE_SERVER] = from->packets[server];
}

/* ---- who ---------------------------------------------------------------------------------------------- */

static void swap(uint64_t pair[2])
{
    uint64_t first = pair[0];
    pair[0] = pair[1];
    pair[1] = first;
}

/* The trace knows who the client is. */
static void fill_ends(struct trace_conversation *out, const struct trace *trace)
{
    const struct trace_target *target = trace_target(trace);

    if (target->client == NULL || strcmp(out->client, target->client) == 0) {
        return;
    }
    char client[sizeof out->client];
    memcpy(client, out->client, sizeof client);
    memcpy(out->client, out->server, sizeof out->client);
    memcpy(out->server, client, sizeof out->server);
    swap(out->bytes);
    swap(out->packets);
}

/* ---- what came of it ---------------------------------------------------------------------------------------- */

/* The first row of a layer. NULL: there is none. */
static const struct trace_row *first_row(const struct trace *trace, enum trace_layer layer)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        if (row->layer == layer) {
            return row;
        }
    }
    return NULL;
}

static const struct trace_alert *fatal_alert(const struct trace_facts *facts)
{
    for (size_t i = 0; i < facts->alert_count; i++) {
        if (facts->alerts[i].readable && facts->alerts[i].description != 0 &&
            facts->alerts[i].level == 2) {
            return &facts->alerts[i];
        }
    }
    return NULL;
}

static void alert_verdict(struct trace_conversation *out, const struct trace_alert *alert)
{
    const char *name = wire_registry_name(WIRE_REGISTRY_ALERT, alert->description);
    char number[16];

    (void)snprintf(number, sizeof number, "%u", alert->description); /* three digits */
    out->failed = true;
    /* Names of alerts are short. */
    (void)snprintf(out->verdict, sizeof out->verdict, "alert %s from the %s",
                   name != NULL ? name : number, wire_side_name(alert->from));
}

/* Why there is a handshake that was not done; NULL: it was. */
static const char *broken_off(const struct trace *trace, const struct trace_facts *facts)
{
    enum trace_phase_state state = facts->phases[TRACE_HANDSHAKE].state;
    const struct handshake *first = transcript_handshake_at(&trace->transcript, 0);

    if (!first->server_hello) {
        return first->client_hello ? "no ServerHello" : "no ClientHello";
    }
    if (state != TRACE_BEGUN && state != TRACE_FAILED) {
        return NULL;
    }
    return facts->lost[0] + facts->lost[1] > 0 ? "packets of the handshake are missing"
                                               : "broke off in the handshake";
}

/* The side of which nothing was captured although the other one acknowledges its bytes. -1: none. */
static int missing_side(const struct trace_conversation *out, const struct trace_facts *facts)
{
    for (int side = 0; side < 2; side++) {
        if (out->packets[side] == 0 && facts->lost[side] > 0) {
            return side;
        }
    }
    return -1;
}

/* `said`, and what it does not speak of: bytes that are not in the capture. */
static void say_with_lost(struct trace_conversation *out, const char *said,
                          const struct trace_facts *facts)
{
    uint64_t lost = facts->lost[WIRE_CLIENT] + facts->lost[WIRE_SERVER];
    char number[32];

    if (lost == 0) {
        (void)snprintf(out->verdict, sizeof out->verdict, "%s", said); /* a few words */
        return;
    }
    (void)snprintf(out->verdict, sizeof out->verdict, "%s, %s byte%s not captured", said,
                   text_grouped(number, sizeof number, lost), lost == 1 ? "" : "s"); /* the same */
}

static void verdict(struct trace_conversation *out, const struct trace *trace,
                    const struct trace_facts *facts)
{
    const struct trace_alert *alert = fatal_alert(facts);
    const char *broken = broken_off(trace, facts);
    const struct trace_row *text = first_row(trace, TRACE_LAYER_TEXT);
    int missing = missing_side(out, facts);

    if (alert != NULL) {
        alert_verdict(out, alert);
        return;
    }
    if (!out->tls) {
        (void)snprintf(out->verdict, sizeof out->verdict, "not TLS%s%s", /* a short name */
                       text != NULL ? ": " : "", text != NULL ? text->type : "");
        return;
    }
    if (missing >= 0) { /* of the capture, not of the connection */
        (void)snprintf(out->verdict, sizeof out->verdict, "only the %s's side was captured",
                       wire_side_name((enum wire_side) !missing)); /* fits */
        return;
    }
    if (broken == NULL || facts->mid_stream) {
        say_with_lost(out, broken == NULL ? "complete" : "begins in the middle", facts);
        return;
    }
    out->failed = true;
    (void)snprintf(out->verdict, sizeof out->verdict, "%s", broken); /* a few words */
}

/* A copy that is cut to fit: all of it is safe text. */
static void copy_text(char *out, size_t size, const char *text)
{
    text_safe(out, size, text, strlen(text));
}

int summary_fill(struct trace_conversation *out, const struct capture_conversation *from,
                 struct trace *trace)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    if (facts == NULL) {
        return -1;
    }
    summary_preview(out, from);
    fill_ends(out, trace);
    out->known = true;
    out->tls = first_row(trace, TRACE_LAYER_TLS) != NULL;
    out->version = facts->version;
    out->cipher_suite = facts->cipher_suite;
    out->cipher_suite_known = facts->cipher_suite_known;
    out->readable = facts->has_secrets;
    copy_text(out->starttls, sizeof out->starttls,
              facts->starttls[0] != '\0' ? facts->starttls : facts->proxy);
    copy_text(out->sni, sizeof out->sni, facts->sni);
    copy_text(out->alpn, sizeof out->alpn, facts->alpn);
    verdict(out, trace, facts);
    return 0;
}
