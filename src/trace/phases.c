/* The phases of a captured conversation. */
#include "phases.h"

#include <stdlib.h>
#include <string.h>

#include "hello.h"
#include "log.h"
#include "row.h"

/* ---- saying it ------------------------------------------------------------------------------------- */

static int say(struct phases *phases, struct trace *trace, enum trace_phase phase,
               enum trace_phase_state state, int64_t time_ns)
{
    struct trace_event event = {
        .kind = TRACE_PHASE, .phase = phase, .state = state, .time_ns = time_ns};

    phases->states[phase] = state;
    return trace_append(trace, &event, NULL);
}

static int say_failed(struct phases *phases, struct trace *trace, enum trace_phase phase,
                      int64_t time_ns, const char *code, const char *text)
{
    struct trace_event event = {
        .kind = TRACE_PHASE,
        .phase = phase,
        .state = TRACE_FAILED,
        .time_ns = time_ns,
        .text = text_duplicate(text, strlen(text)),
        .code = text_duplicate(code, strlen(code)),
    };

    if (event.text == NULL || event.code == NULL) {
        trace_event_clear(&event);
        return -1;
    }
    phases->states[phase] = TRACE_FAILED;
    return trace_append(trace, &event, NULL);
}

static bool is_begun(const struct phases *phases, enum trace_phase phase)
{
    return phases->states[phase] == TRACE_BEGUN;
}

static bool is_pending(const struct phases *phases, enum trace_phase phase)
{
    return phases->states[phase] == TRACE_PENDING;
}

/* Ends the phases that stand before TLS. */
static int end_connect(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    return is_begun(phases, TRACE_CONNECT) ? say(phases, trace, TRACE_CONNECT, TRACE_DONE, time_ns)
                                           : 0;
}

static int begin_handshake(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    if (!is_pending(phases, TRACE_HANDSHAKE)) {
        return 0;
    }
    /* Only now is it known that the clear text before led to TLS. */
    if (phases->text && (say(phases, trace, TRACE_STARTTLS, TRACE_BEGUN, phases->text_ns) != 0 ||
                         say(phases, trace, TRACE_STARTTLS, TRACE_DONE, time_ns) != 0)) {
        return -1;
    }
    return say(phases, trace, TRACE_HANDSHAKE, TRACE_BEGUN, time_ns);
}

/* In the middle of a stream: a record under keys, before any message of a handshake. */
static bool is_past_handshake(const struct phases *phases, const struct trace_row *row)
{
    return is_pending(phases, TRACE_CONNECT) && is_pending(phases, TRACE_HANDSHAKE) &&
           row->encrypted;
}

/* The handshake was over before the capture began: nothing is known of it. */
static int skip_handshake(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    if (say(phases, trace, TRACE_HANDSHAKE, TRACE_SKIPPED, time_ns) != 0) {
        return -1;
    }
    return is_pending(phases, TRACE_CLOSE) ? say(phases, trace, TRACE_DATA, TRACE_BEGUN, time_ns)
                                           : 0;
}

static int end_handshake(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    if (!is_begun(phases, TRACE_HANDSHAKE)) {
        return 0;
    }
    if (say(phases, trace, TRACE_HANDSHAKE, TRACE_DONE, time_ns) != 0) {
        return -1;
    }
    return is_pending(phases, TRACE_CLOSE) ? say(phases, trace, TRACE_DATA, TRACE_BEGUN, time_ns)
                                           : 0;
}

static int begin_close(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    if (!is_pending(phases, TRACE_CLOSE)) {
        return 0;
    }
    if (is_begun(phases, TRACE_DATA) && say(phases, trace, TRACE_DATA, TRACE_DONE, time_ns) != 0) {
        return -1;
    }
    return say(phases, trace, TRACE_CLOSE, TRACE_BEGUN, time_ns);
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static int take_alert(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    const struct row *alert = row_of(row);
    char words[200];
    char text[240];

    if (alert->content == NULL || alert->content_length != 2) {
        return 0; /* it cannot be read */
    }
    uint8_t level = alert->content[0];
    uint8_t description = alert->content[1];
    if (description == 0) {
        return is_begun(phases, TRACE_HANDSHAKE) ? 0 : begin_close(phases, trace, row->time_ns);
    }
    /* RFC 8446 6: all alerts are fatal but these two, whatever their level says. */
    bool tls13 = version_is_tls13(alert->version);
    if (tls13 ? description == 90 : level != 2) {
        return 0;
    }
    enum trace_phase phase = is_begun(phases, TRACE_HANDSHAKE) ? TRACE_HANDSHAKE : TRACE_DATA;
    if (!is_begun(phases, phase)) {
        return 0;
    }
    /* It fits. */
    (void)snprintf(text, sizeof text, "the %s refused: %s", wire_side_name(row->from),
                   wire_alert_text(words, sizeof words, level, description));
    return say_failed(phases, trace, phase, row->time_ns, "alert_received", text);
}

/* A record that must be, or come after, the Finished of its side although it cannot be read: in TLS 1.3 the client's
 * first one, in older versions the one behind ChangeCipherSpec. */
static bool stands_for_finished(const struct phases *phases, const struct trace_row *row)
{
    bool tls13 = version_is_tls13(row_of(row)->version);

    if (!row->encrypted) {
        return false;
    }
    if (tls13) {
        return !row->decrypted && row->from == WIRE_CLIENT;
    }
    return phases->changed[row->from] || row->content_type == WIRE_APPLICATION_DATA;
}

static int take_finished(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    bool tls13 = version_is_tls13(row_of(row)->version);

    phases->finished[row->from] = true;
    if (tls13 && row->from == WIRE_CLIENT) {
        phases->finished[WIRE_SERVER] = true; /* the client answers the server's */
    }
    return phases->finished[WIRE_CLIENT] && phases->finished[WIRE_SERVER]
               ? end_handshake(phases, trace, row->time_ns)
               : 0;
}

static int take_tls(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    if ((is_past_handshake(phases, row) ? skip_handshake : begin_handshake)(phases, trace,
                                                                            row->time_ns) != 0) {
        return -1;
    }
    if (row->content_type == WIRE_ALERT) {
        return take_alert(phases, trace, row);
    }
    if (row->content_type == WIRE_CHANGE_CIPHER_SPEC) {
        phases->changed[row->from] = true;
        return 0;
    }
    bool finished = row->content_type == WIRE_HANDSHAKE && row->handshake_type == WIRE_FINISHED &&
                    (!row->encrypted || row->decrypted);
    return finished || stands_for_finished(phases, row) ? take_finished(phases, trace, row) : 0;
}

static int take_end(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    bool reset = strcmp(row->type, "RST") == 0;
    const char *side = wire_side_name(row->from);
    char text[100];

    phases->ended[row->from] = true;
    phases->reset |= reset;
    if (is_begun(phases, TRACE_CONNECT) && reset) {
        (void)snprintf(text, sizeof text, "the %s refused the connection", side); /* it fits */
        return say_failed(phases, trace, TRACE_CONNECT, row->time_ns, "refused", text);
    }
    if (is_begun(phases, TRACE_HANDSHAKE)) {
        (void)snprintf(text, sizeof text, "the %s %s before the handshake was done", side,
                       reset ? "reset the connection" : "closed the connection"); /* it fits */
        if (say_failed(phases, trace, TRACE_HANDSHAKE, row->time_ns,
                       reset ? "connection_reset" : "peer_closed", text) != 0) {
            return -1;
        }
    }
    return begin_close(phases, trace, row->time_ns);
}

static int take_tcp(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    if (strcmp(row->type, "SYN") == 0) {
        return is_pending(phases, TRACE_CONNECT)
                   ? say(phases, trace, TRACE_CONNECT, TRACE_BEGUN, row->time_ns)
                   : 0;
    }
    if (strcmp(row->type, "ACK") == 0) {
        return end_connect(phases, trace, row->time_ns);
    }
    return strcmp(row->type, "FIN") == 0 || strcmp(row->type, "RST") == 0
               ? take_end(phases, trace, row)
               : 0;
}

static int take_row(struct phases *phases, struct trace *trace, const struct trace_row *row)
{
    if (row->layer == TRACE_LAYER_TCP) {
        return take_tcp(phases, trace, row);
    }
    if (end_connect(phases, trace, row->time_ns) != 0) {
        return -1;
    }
    if (row->layer == TRACE_LAYER_TEXT) {
        if (!phases->text) {
            phases->text = true;
            phases->text_ns = row->time_ns;
        }
        return 0;
    }
    return take_tls(phases, trace, row);
}

int phases_event(struct phases *phases, struct trace *trace)
{
    /* What is said here makes no rows. */
    for (; phases->rows < trace_row_count(trace); phases->rows++) {
        if (take_row(phases, trace, trace_row_at(trace, phases->rows)) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- events ------------------------------------------------------------------------------------------ */

int phases_hello(struct phases *phases, struct trace *trace, int64_t time_ns)
{
    return end_connect(phases, trace, time_ns) != 0 ? -1 : begin_handshake(phases, trace, time_ns);
}

struct crossed {
    const struct trace_row *row;
};

static int by_wire(const void *a, const void *b)
{
    const struct trace_row *first = ((const struct crossed *)a)->row;
    const struct trace_row *second = ((const struct crossed *)b)->row;

    if (first->wire_event != second->wire_event) {
        return first->wire_event < second->wire_event ? -1 : 1;
    }
    return (first->n > second->n) - (first->n < second->n);
}

/* Rows that could not be read until the end have late numbers: here they count in the order of the wire. */
static int take_rest(struct phases *phases, struct trace *trace)
{
    size_t count = trace_row_count(trace) - phases->rows;
    struct crossed *rows = calloc(count + 1, sizeof *rows);
    int result = 0;

    if (rows == NULL) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i].row = trace_row_at(trace, phases->rows + i);
    }
    phases->rows += count;
    qsort(rows, count, sizeof *rows, by_wire);
    for (size_t i = 0; i < count && result == 0; i++) {
        result = take_row(phases, trace, rows[i].row);
    }
    free(rows);
    return result;
}

int phases_end(struct phases *phases, struct trace *trace)
{
    const struct trace_event *last = trace_event_at(trace, trace_event_count(trace) - 1);
    int64_t end_ns = last != NULL ? last->time_ns : 0;

    if (take_rest(phases, trace) != 0) {
        return -1;
    }
    bool over = phases->reset || (phases->ended[WIRE_CLIENT] && phases->ended[WIRE_SERVER]);
    return over && is_begun(phases, TRACE_CLOSE)
               ? say(phases, trace, TRACE_CLOSE, TRACE_DONE, end_ns)
               : 0;
}
