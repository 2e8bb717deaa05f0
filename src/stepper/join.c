/*
 * Which message of one side of a proxy caused which of the other. By cause, where the proxy tells it (records with
 * data); else by what each kind can only come from:
 *
 *   client's side                    server's side
 *   CONNECT                  ---->   SYN                  it asks for the connection
 *   its answer               <----   ACK                  which is there
 *   ClientHello              ---->   ClientHello
 *   Certificate (ours)       <----   Certificate          it is imitated
 *   Alert, fatal             <----   the last Alert       the real server's failure ends the client's session, too
 *   close_notify             <--->   close_notify         passed on
 */
#include <stdlib.h>
#include <string.h>

#include "pair.h"

static enum lab_proxy_side other_side(enum lab_proxy_side side)
{
    return side == LAB_PROXY_CLIENT ? LAB_PROXY_SERVER : LAB_PROXY_CLIENT;
}

/* ---- records with data ------------------------------------------------------------------------ */

/* One that does not fit in memory is not joined, and none after it. */
void pair_note_cause(struct run_pair *pair, enum lab_proxy_side side, uint32_t cause)
{
    (void)pair_rows_add(&pair->causes[side], cause);
}

static bool is_data(const struct trace_row *row)
{
    return row->layer == TRACE_LAYER_TLS && row->content_type == WIRE_APPLICATION_DATA &&
           row->length > 0 && (row->decrypted || !row->encrypted);
}

static void index_rows(struct run_pair *pair, enum lab_proxy_side side)
{
    struct trace *trace = pair->traces[side];
    size_t count = trace_row_count(trace);

    for (size_t i = pair->rows_seen[side]; i < count; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        bool own = row->from == trace_target(trace)->local;

        if (is_data(row) &&
            !pair_rows_add(own ? &pair->sent[side] : &pair->received[side], row->n)) {
            return;
        }
        pair->rows_seen[side] = i + 1;
    }
}

static size_t find(const struct pair_rows *list, uint32_t n)
{
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->rows[middle] < n) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < list->count && list->rows[low] == n ? low : SIZE_MAX;
}

static uint32_t cause_of_sent(const struct run_pair *pair, enum lab_proxy_side side, size_t index)
{
    const struct pair_rows *received = &pair->received[other_side(side)];
    uint32_t cause = index < pair->causes[side].count ? pair->causes[side].rows[index] : 0;

    return cause > 0 && cause <= received->count ? received->rows[cause - 1] : 0;
}

/* The first record that was made from it. Causes never go backwards, but for those that are not known. */
static uint32_t effect_of_received(const struct run_pair *pair, enum lab_proxy_side side,
                                   size_t index)
{
    enum lab_proxy_side other = other_side(side);
    const struct pair_rows *causes = &pair->causes[other];
    const struct pair_rows *sent = &pair->sent[other];

    for (size_t i = 0; i < causes->count && i < sent->count; i++) {
        if (causes->rows[i] == index + 1) {
            return sent->rows[i];
        }
        if (causes->rows[i] > index + 1) {
            break;
        }
    }
    return 0;
}

static uint32_t joined_data(struct run_pair *pair, enum lab_proxy_side side, uint32_t n)
{
    size_t index;

    index_rows(pair, LAB_PROXY_CLIENT);
    index_rows(pair, LAB_PROXY_SERVER);
    index = find(&pair->sent[side], n);
    if (index != SIZE_MAX) {
        return cause_of_sent(pair, side, index);
    }
    index = find(&pair->received[side], n);
    return index != SIZE_MAX ? effect_of_received(pair, side, index) : 0;
}

/* ---- the others ------------------------------------------------------------------------------- */

/* What a row is for the table above. */
enum join_kind {
    JOIN_NONE,
    JOIN_ASKING,    /* CONNECT; SYN */
    JOIN_GRANTED,   /* its answer; ACK */
    JOIN_HELLO,     /* ClientHello */
    JOIN_IDENTITY,  /* Certificate, the server's */
    JOIN_GOODBYE_C, /* close_notify that goes from client to server; to the client */
    JOIN_GOODBYE_S,
    JOIN_FAILURE, /* a fatal alert */
};

/* The alert in a row; false when it cannot be read. What says most of a row comes last. */
static bool read_alert(const struct trace *trace, const struct trace_row *row, uint8_t alert[2])
{
    enum { BUFFERS = 8, ALERT = 2 };
    struct trace_buffer buffers[BUFFERS];
    size_t count = trace_row_buffers(trace, row, buffers, BUFFERS);
    const struct trace_buffer *last;

    if (count == 0 || count > BUFFERS || (row->encrypted && !row->decrypted)) {
        return false;
    }
    last = &buffers[count - 1];
    size_t header = strcmp(last->name, "record") == 0 ? WIRE_RECORD_HEADER : 0;
    if (last->length < header + ALERT) {
        return false;
    }
    memcpy(alert, last->data + header, ALERT);
    return true;
}

static enum join_kind kind_of_alert(const struct trace *trace, const struct trace_row *row)
{
    enum { FATAL = 2, CLOSE_NOTIFY = 0 }; /* RFC 8446 6 */
    uint8_t alert[2];

    if (!read_alert(trace, row, alert)) {
        return JOIN_NONE;
    }
    if (alert[1] == CLOSE_NOTIFY) {
        return row->from == WIRE_CLIENT ? JOIN_GOODBYE_C : JOIN_GOODBYE_S;
    }
    return alert[0] == FATAL ? JOIN_FAILURE : JOIN_NONE;
}

static enum join_kind kind_of_tls(const struct trace *trace, const struct trace_row *row)
{
    if (row->content_type == WIRE_ALERT) {
        return kind_of_alert(trace, row);
    }
    if (row->content_type != WIRE_HANDSHAKE) {
        return JOIN_NONE;
    }
    if (row->handshake_type == WIRE_CLIENT_HELLO) {
        return JOIN_HELLO;
    }
    return row->handshake_type == WIRE_CERTIFICATE && row->from == WIRE_SERVER ? JOIN_IDENTITY
                                                                               : JOIN_NONE;
}

static enum join_kind kind_of(const struct trace *trace, enum lab_proxy_side side,
                              const struct trace_row *row)
{
    if (row->layer == TRACE_LAYER_TLS) {
        return kind_of_tls(trace, row);
    }
    if (side == LAB_PROXY_CLIENT && row->layer == TRACE_LAYER_TEXT) {
        return row->from == WIRE_CLIENT ? JOIN_ASKING : JOIN_GRANTED;
    }
    if (side == LAB_PROXY_SERVER && row->layer == TRACE_LAYER_TCP && row->from == WIRE_CLIENT) {
        return strcmp(row->type, "SYN") == 0   ? JOIN_ASKING
               : strcmp(row->type, "ACK") == 0 ? JOIN_GRANTED
                                               : JOIN_NONE;
    }
    return JOIN_NONE;
}

/* Rows of a handshake, and the end: the first rows, and the last, are all that come into question. */
#define LOOKED_AT ((size_t)64)

static uint32_t first_of_kind(const struct run_pair *pair, enum lab_proxy_side side,
                              enum join_kind kind)
{
    const struct trace *trace = pair->traces[side];
    size_t count = trace_row_count(trace);
    size_t tail = count > 2 * LOOKED_AT ? count - LOOKED_AT : LOOKED_AT;

    for (size_t i = 0; i < count; i = i + 1 == LOOKED_AT && tail > i ? tail : i + 1) {
        if (kind_of(trace, side, trace_row_at(trace, i)) == kind) {
            return trace_row_at(trace, i)->n;
        }
    }
    return 0;
}

uint32_t pair_joined(struct run_pair *pair, enum lab_proxy_side side, uint32_t n)
{
    const struct trace *trace = pair->traces[side];
    const struct trace_row *row;
    enum join_kind kind;

    if (n == 0 || n > trace_row_count(trace)) {
        return 0;
    }
    row = trace_row_at(trace, n - 1);
    if (is_data(row)) {
        return joined_data(pair, side, n);
    }
    kind = kind_of(trace, side, row);
    if (kind == JOIN_NONE || first_of_kind(pair, side, kind) != n) {
        return 0; /* a second one answers something else: HelloRetryRequest, a renegotiation */
    }
    return first_of_kind(pair, other_side(side), kind);
}
