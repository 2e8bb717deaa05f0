/* Two traces that must show the same. */
#include "trace_compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUFFERS_MAX 64

static void compare_text(const char *text, const char *other)
{
    assert_int_equal(text == NULL, other == NULL);
    if (text != NULL) {
        assert_string_equal(text, other);
    }
}

static void compare_bytes(const void *data, const void *other, size_t length)
{
    if (length > 0) {
        assert_memory_equal(data, other, length);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static void compare_buffers(const struct trace *trace, const struct trace_row *row,
                            const struct trace *other, const struct trace_row *other_row)
{
    struct trace_buffer buffers[BUFFERS_MAX];
    struct trace_buffer others[BUFFERS_MAX];
    size_t count = trace_row_buffers(trace, row, buffers, BUFFERS_MAX);

    assert_int_equal(trace_row_buffers(other, other_row, others, BUFFERS_MAX), count);
    for (size_t i = 0; i < count && i < BUFFERS_MAX; i++) {
        assert_string_equal(buffers[i].name, others[i].name);
        assert_int_equal(buffers[i].length, others[i].length);
        compare_bytes(buffers[i].data, others[i].data, buffers[i].length);
    }
}

void compare_row(const struct trace *trace, const struct trace_row *row, const struct trace *other,
                 const struct trace_row *other_row, unsigned what)
{
    char summary[200];
    char other_summary[200];

    assert_int_equal(row->n, other_row->n);
    assert_string_equal(row->type, other_row->type);
    assert_int_equal(row->layer, other_row->layer);
    assert_int_equal(row->from, other_row->from);
    assert_int_equal(row->content_type, other_row->content_type);
    assert_int_equal(row->handshake_type, other_row->handshake_type);
    assert_int_equal(row->length, other_row->length);
    assert_int_equal(row->observed, other_row->observed);
    assert_int_equal(row->encrypted, other_row->encrypted);
    assert_int_equal(row->decrypted, other_row->decrypted);
    assert_int_equal(row->malformed, other_row->malformed);
    compare_text(row->problem, other_row->problem);
    compare_buffers(trace, row, other, other_row);
    assert_string_equal(trace_row_summary(summary, sizeof summary, trace, row),
                        trace_row_summary(other_summary, sizeof other_summary, other, other_row));
    if ((what & COMPARE_TIMES) != 0) {
        assert_int_equal(row->time_ns, other_row->time_ns);
    }
    if ((what & COMPARE_EVENTS) != 0) {
        assert_int_equal(row->shown_event, other_row->shown_event);
        assert_int_equal(row->queued_event, other_row->queued_event);
        assert_int_equal(row->wire_event, other_row->wire_event);
        assert_int_equal(row->processed_event, other_row->processed_event);
    }
}

void compare_rows(const struct trace *trace, const struct trace *other, unsigned what)
{
    size_t count = trace_row_count(trace);

    assert_int_equal(trace_row_count(other), count);
    for (size_t i = 0; i < count; i++) {
        compare_row(trace, trace_row_at(trace, i), other, trace_row_at(other, i), what);
    }
}

/* ---- events ---------------------------------------------------------------------------------------- */

static void compare_connections(const struct trace_connection *connection,
                                const struct trace_connection *other)
{
    assert_int_equal(connection == NULL, other == NULL);
    if (connection == NULL) {
        return;
    }
    assert_string_equal(connection->local, other->local);
    assert_string_equal(connection->peer, other->peer);
    assert_int_equal(connection->syn_ns, other->syn_ns);
    assert_int_equal(connection->established_ns, other->established_ns);
    assert_int_equal(connection->rtt_us, other->rtt_us);
    assert_int_equal(connection->mss, other->mss);
    assert_int_equal(connection->retransmits, other->retransmits);
}

static void compare_verifications(const struct pki_verification *verification,
                                  const struct pki_verification *other)
{
    assert_int_equal(verification == NULL, other == NULL);
    if (verification == NULL) {
        return;
    }
    assert_int_equal(verification->ok, other->ok);
    assert_int_equal(verification->at, other->at);
    assert_int_equal(verification->reason_count, other->reason_count);
    assert_int_equal(verification->certificate_count, other->certificate_count);
    for (size_t i = 0; i < verification->reason_count; i++) {
        assert_int_equal(verification->reasons[i].code, other->reasons[i].code);
        assert_string_equal(verification->reasons[i].text, other->reasons[i].text);
    }
}

void compare_events(const struct trace *trace, const struct trace *other)
{
    size_t count = trace_event_count(trace);

    assert_int_equal(trace_event_count(other), count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_event *a = trace_event_at(trace, i);
        const struct trace_event *b = trace_event_at(other, i);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->time_ns, b->time_ns);
        assert_int_equal(a->paused_ns, b->paused_ns);
        assert_int_equal(a->from, b->from);
        assert_int_equal(a->phase, b->phase);
        assert_int_equal(a->state, b->state);
        assert_int_equal(a->end, b->end);
        assert_int_equal(a->content_type, b->content_type);
        assert_int_equal(a->handshake_type, b->handshake_type);
        assert_int_equal(a->queued, b->queued);
        assert_int_equal(a->length, b->length);
        assert_int_equal(a->dropped, b->dropped);
        compare_bytes(a->data, b->data, a->length);
        compare_text(a->text, b->text);
        compare_text(a->code, b->code);
        compare_connections(a->connection, b->connection);
        compare_verifications(a->verification, b->verification);
    }
}

/* ---- facts ----------------------------------------------------------------------------------------- */

static void compare_phases(const struct trace_facts *a, const struct trace_facts *b)
{
    for (int i = 0; i < TRACE_PHASE_COUNT; i++) {
        assert_int_equal(a->phases[i].state, b->phases[i].state);
        assert_int_equal(a->phases[i].start_ns, b->phases[i].start_ns);
        assert_int_equal(a->phases[i].elapsed_ns, b->phases[i].elapsed_ns);
        compare_text(a->phases[i].text, b->phases[i].text);
        compare_text(a->phases[i].code, b->phases[i].code);
    }
    assert_int_equal(a->phase, b->phase);
    assert_int_equal(a->over, b->over);
    assert_int_equal(a->failed, b->failed);
    compare_text(a->error, b->error);
    compare_text(a->error_code, b->error_code);
    compare_connections(a->connection, b->connection);
    compare_verifications(a->verification, b->verification);
}

static void compare_stops(const struct trace_stop *a, const struct trace_stop *b)
{
    assert_int_equal(a->at_stop, b->at_stop);
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->phase, b->phase);
    compare_text(a->at, b->at);
    assert_int_equal(a->has_from, b->has_from);
    assert_int_equal(a->from, b->from);
    assert_int_equal(a->queued, b->queued);
}

static void compare_negotiated(const struct trace_facts *a, const struct trace_facts *b)
{
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->cipher_suite, b->cipher_suite);
    assert_int_equal(a->cipher_suite_known, b->cipher_suite_known);
    assert_int_equal(a->group, b->group);
    assert_int_equal(a->signature_scheme, b->signature_scheme);
    assert_string_equal(a->key_exchange, b->key_exchange);
    assert_string_equal(a->alpn, b->alpn);
    assert_int_equal(a->alpn_chosen, b->alpn_chosen);
    assert_int_equal(a->resumed, b->resumed);
    assert_int_equal(a->early_data, b->early_data);
    assert_int_equal(a->hello_retry, b->hello_retry);
    assert_int_equal(a->extended_master_secret, b->extended_master_secret);
    assert_int_equal(a->encrypt_then_mac, b->encrypt_then_mac);
    assert_int_equal(a->secure_renegotiation, b->secure_renegotiation);
    assert_int_equal(a->ocsp_stapled, b->ocsp_stapled);
    assert_string_equal(a->sni, b->sni);
    assert_string_equal(a->ja3, b->ja3);
    assert_string_equal(a->ja3s, b->ja3s);
    assert_string_equal(a->ja4, b->ja4);
}

static void compare_counts(const struct trace_facts *a, const struct trace_facts *b)
{
    assert_int_equal(a->certificate_count, b->certificate_count);
    for (size_t i = 0; i < a->certificate_count; i++) {
        assert_memory_equal(a->certificates[i]->sha256, b->certificates[i]->sha256, 32);
    }
    assert_int_equal(a->alert_count, b->alert_count);
    for (size_t i = 0; i < a->alert_count; i++) {
        assert_int_equal(a->alerts[i].from, b->alerts[i].from);
        assert_int_equal(a->alerts[i].level, b->alerts[i].level);
        assert_int_equal(a->alerts[i].description, b->alerts[i].description);
        assert_int_equal(a->alerts[i].n, b->alerts[i].n);
    }
    assert_int_equal(a->check_count, b->check_count);
    for (size_t i = 0; i < a->check_count; i++) {
        assert_string_equal(a->checks[i].what, b->checks[i].what);
        assert_int_equal(a->checks[i].from, b->checks[i].from);
        assert_int_equal(a->checks[i].ok, b->checks[i].ok);
    }
    assert_int_equal(a->has_secrets, b->has_secrets);
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        assert_int_equal(a->application_data[side], b->application_data[side]);
        assert_int_equal(a->bytes[side], b->bytes[side]);
        assert_int_equal(a->ended[side], b->ended[side]);
    }
}

void compare_facts(struct trace *trace, size_t cursor, struct trace *other, size_t other_cursor)
{
    const struct trace_facts *a = trace_facts(trace, cursor);
    const struct trace_facts *b = trace_facts(other, other_cursor);

    assert_non_null(a);
    assert_non_null(b);
    compare_phases(a, b);
    compare_stops(&a->stop, &b->stop);
    compare_negotiated(a, b);
    compare_counts(a, b);
}

/* ---- a cursor --------------------------------------------------------------------------------------- */

static void compare_waiting(const struct trace *trace, const struct trace *other, size_t cursor)
{
    struct trace_waiting waiting[64];
    struct trace_waiting others[64];
    size_t count = trace_waiting(trace, cursor, waiting, 64);

    assert_int_equal(trace_waiting(other, cursor, others, 64), count);
    for (size_t i = 0; i < count && i < 64; i++) {
        assert_int_equal(waiting[i].from, others[i].from);
        assert_int_equal(waiting[i].time_ns, others[i].time_ns);
        assert_int_equal(waiting[i].length, others[i].length);
    }
}

void compare_at(struct trace *trace, struct trace *other, size_t cursor)
{
    size_t count = trace_row_count_at(trace, cursor);

    assert_int_equal(trace_row_count_at(other, cursor), count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        const struct trace_row *other_row = trace_row_at(other, i);
        assert_int_equal(row->n, other_row->n);
        assert_string_equal(row->type, other_row->type);
        assert_int_equal(row->from, other_row->from);
        assert_int_equal(row->length, other_row->length);
        assert_int_equal(row->shown_event, other_row->shown_event);
        assert_int_equal(trace_row_state(trace, row, cursor),
                         trace_row_state(other, other_row, cursor));
    }
    compare_waiting(trace, other, cursor);
    compare_facts(trace, cursor, other, cursor);
}
