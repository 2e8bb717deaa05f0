/* Facts at a cursor: the fold. */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include "limit.h"
#include "log.h"
#include "row.h"
#include "text.h"

void facts_free(struct facts *facts)
{
    if (facts != NULL) {
        free(facts->alerts);
        free(facts->checks);
        free(facts->earlier);
        free(facts);
    }
}

int facts_dissect(struct wire_tree *tree, const struct row *row)
{
    const struct wire_context context = row_context(row, true);
    return wire_message_dissect(tree, &context, row->public.content_type, row->content,
                                row->content_length);
}

int facts_dissect_certificate(struct wire_tree *tree, const struct row *row)
{
    const struct wire_context context = row_context(row, true);

    return row->decompressed != NULL
               ? wire_message_dissect(tree, &context, WIRE_HANDSHAKE, row->decompressed,
                                      row->decompressed_length)
               : facts_dissect(tree, row);
}

bool facts_text(char *out, size_t size, const struct wire_tree *tree, const char *path)
{
    long index = wire_tree_find(tree, path, 0);
    if (index < 0) {
        return false;
    }
    text_safe(out, size, tree->data + tree->fields[index].offset, tree->fields[index].length);
    return true;
}

/* Back to the beginning; what was allocated is kept. */
static void reset(struct facts *facts)
{
    struct facts empty = {
        .alerts = facts->alerts,
        .alert_capacity = facts->alert_capacity,
        .checks = facts->checks,
        .check_capacity = facts->check_capacity,
        .earlier = facts->earlier,
        .earlier_capacity = facts->earlier_capacity,
        .outline = facts->outline,
    };

    for (int i = 0; i < TRACE_PHASE_COUNT; i++) {
        empty.public.phases[i].start_ns = -1;
    }
    *facts = empty;
}

/* ---- rows that become visible ------------------------------------------------------------------- */

static int add_alert(struct facts *facts, const struct row *row)
{
    struct trace_alert *alerts = array_grow(facts->alerts, &facts->alert_capacity,
                                            facts->public.alert_count + 1, sizeof *alerts);
    if (alerts == NULL) {
        return -1;
    }
    facts->alerts = alerts;
    bool readable = row->content != NULL && row->content_length == 2;
    alerts[facts->public.alert_count++] = (struct trace_alert){
        .from = row->public.from,
        .readable = readable,
        .level = readable ? row->content[0] : 0,
        .description = readable ? row->content[1] : 0,
        .n = row->public.n,
    };
    return 0;
}

static bool is_tls12(const struct facts *facts)
{
    uint16_t version = facts->public.version;
    return version != 0 && version <= WIRE_TLS12;
}

/* In TLS 1.2 a full handshake shows itself by what follows the ServerHello, and so does one that
 * is resumed by a ticket (RFC 5077 3.1: the session id need not be echoed). */
static void settle_resumed(struct facts *facts, enum trace_known resumed)
{
    if (is_tls12(facts) && (facts->public.resumed == TRACE_UNKNOWN || resumed == TRACE_NO)) {
        facts->public.resumed = resumed;
    }
}

static void server_hello_done(struct facts *facts)
{
    settle_resumed(facts, TRACE_NO);
    if (facts->public.ocsp_stapled == TRACE_UNKNOWN) {
        facts->public.ocsp_stapled = TRACE_NO;
    }
}

static int fold_server_handshake(struct facts *facts, struct row *row)
{
    switch (row->public.handshake_type) {
    case WIRE_HELLO_RETRY_REQUEST:
    case WIRE_SERVER_HELLO:
        return facts_hello(facts, row);
    case WIRE_ENCRYPTED_EXTENSIONS:
        return facts_encrypted_extensions(facts, row);
    case WIRE_CERTIFICATE:
    case WIRE_COMPRESSED_CERTIFICATE:
        settle_resumed(facts, TRACE_NO);
        return facts_certificate(facts, row);
    case WIRE_CERTIFICATE_STATUS:
        facts->public.ocsp_stapled = TRACE_YES;
        return 0;
    case WIRE_SERVER_KEY_EXCHANGE:
        settle_resumed(facts, TRACE_NO);
        return facts_server_key_exchange(facts, row);
    case WIRE_CERTIFICATE_VERIFY:
        return facts_certificate_verify(facts, row);
    case WIRE_SERVER_HELLO_DONE:
        server_hello_done(facts);
        return 0;
    default:
        return 0;
    }
}

static int fold_client_handshake(struct facts *facts, struct row *row)
{
    switch (row->public.handshake_type) {
    case WIRE_CLIENT_HELLO:
        return facts_hello(facts, row);
    case WIRE_CERTIFICATE:
    case WIRE_COMPRESSED_CERTIFICATE:
        return facts_certificate(facts, row);
    default:
        return 0;
    }
}

/* What tells where in the connection the capture began. */
static void fold_first(struct facts *facts, const struct trace_row *row)
{
    bool hello = row->handshake_type == WIRE_CLIENT_HELLO && row->from == WIRE_CLIENT;

    if (!facts->tls_seen) {
        facts->tls_seen = true;
        facts->hello_first = hello;
    }
}

static int fold_row(struct facts *facts, struct row *row)
{
    const struct trace_row *public = &row->public;
    bool server = public->from == WIRE_SERVER;

    if (public->layer == TRACE_LAYER_TEXT && !row->foreign) {
        facts->text_seen = true;
    }
    if (public->layer == TRACE_LAYER_TLS && row->foreign && strcmp(public->type, "SSL2") == 0) {
        facts->public.version = WIRE_SSL2;
    }
    if (public->layer != TRACE_LAYER_TLS || row->foreign) {
        return 0;
    }
    fold_first(facts, public);
    bool hidden = public->encrypted && !public->decrypted && row->problem == NULL;
    if (public->content_type == WIRE_ALERT && hidden) {
        return add_alert(facts, row);
    }
    if (row->content == NULL || row->problem != NULL) {
        return 0; /* it cannot be read, or is not whole */
    }
    if (public->content_type == WIRE_ALERT && row->content_length == 2) {
        return add_alert(facts, row);
    }
    if (public->content_type == WIRE_CHANGE_CIPHER_SPEC && server) {
        settle_resumed(facts, TRACE_YES);
    }
    if (public->content_type == WIRE_SSL2_HELLO) {
        return facts_hello(facts, row);
    }
    if (public->content_type != WIRE_HANDSHAKE) {
        return 0;
    }
    return server ? fold_server_handshake(facts, row) : fold_client_handshake(facts, row);
}

/* ---- rows that cross the wire -------------------------------------------------------------------- */

static bool is_bad_record(const struct trace_row *row)
{
    return row->problem != NULL && strncmp(row->problem, "bad_record", 10) == 0;
}

/* Could this unreadable row have been application data? A record that was cut is none to anyone. */
static bool hides_data(const struct trace_row *row)
{
    bool cut = row->malformed && !is_bad_record(row);

    return row->encrypted && !row->decrypted && !cut && row->content_type == WIRE_APPLICATION_DATA;
}

static void fold_crossing(struct facts *facts, const struct row *own)
{
    const struct trace_row *row = &own->public;
    enum trace_known *ok = &facts->records_ok[row->from];

    if (row->decrypted) {
        facts->decrypted++;
        facts->opened[row->from] = true;
        if (!own->unverified && *ok == TRACE_UNKNOWN) {
            *ok = TRACE_YES;
        }
    } else if (is_bad_record(row)) {
        *ok = TRACE_NO;
        facts->bad_records[row->from]++;
        if (facts->bad_record_n[row->from] == 0) {
            facts->bad_record_n[row->from] = row->n;
        }
    }
    if (row->encrypted && !row->decrypted && row->problem == NULL) {
        facts->unreadable_keys++;
    }
    if (row->problem != NULL && strcmp(row->problem, "suite_not_supported") == 0) {
        facts->unsupported++;
    }
    if (hides_data(row)) {
        facts->unreadable++;
    } else if (row->layer == TRACE_LAYER_TLS && row->content_type == WIRE_APPLICATION_DATA &&
               row->decrypted == row->encrypted) {
        facts->public.application_data[row->from] += row->length;
    }
}

/* ---- the fold ------------------------------------------------------------------------------------- */

/* All records of a side in one check. */
static struct trace_check record_check(struct facts *facts, enum wire_side side)
{
    char *text = facts->record_text[side];
    size_t size = sizeof facts->record_text[side];
    uint64_t bad = facts->bad_records[side];

    text[0] = '\0';
    if (bad == 1) {
        (void)snprintf(text, size, "the tag or MAC of row %u does not match", /* fits */
                       facts->bad_record_n[side]);
    } else if (bad > 1) {
        (void)snprintf(text, size, "row %u and %llu more do not match", /* fits */
                       facts->bad_record_n[side], (unsigned long long)bad - 1);
    }
    return (struct trace_check){.what = "record",
                                .from = side,
                                .ok = facts->records_ok[side],
                                .n = bad == 1 ? facts->bad_record_n[side] : 0,
                                .text = text};
}

/* Those of messages that have crossed the wire, then those of the records. */
static int add_checks(struct trace *trace, struct facts *facts, size_t cursor)
{
    struct trace_facts *public = &facts->public;
    const struct list *results = &trace->checks.results;
    struct trace_check *checks =
        array_grow(facts->checks, &facts->check_capacity, results->count + 2, sizeof *checks);

    if (checks == NULL) {
        return -1;
    }
    facts->checks = checks;
    for (; facts->next_check < results->count; facts->next_check++) {
        const struct check_result *result = list_at(results, facts->next_check);
        if (result->event > cursor) {
            break;
        }
        checks[facts->next_check] = result->public;
    }
    public->check_count = facts->next_check;
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (facts->records_ok[side] != TRACE_UNKNOWN) {
            checks[public->check_count++] = record_check(facts, (enum wire_side)side);
        }
    }
    public->checks = checks;
    return 0;
}

/* Rows given up when the connection was over are shown at the end of the log. */
static int fold_rows(struct trace *trace, struct facts *facts, size_t cursor)
{
    const struct transcript *transcript = &trace->transcript;

    for (; facts->next_row < transcript->rows.count; facts->next_row++) {
        struct row *row = row_at(trace, facts->next_row);
        if (row->public.shown_event > cursor) {
            break;
        }
        if (fold_row(facts, row) != 0) {
            return -1;
        }
    }
    for (; facts->next_crossing < transcript->crossings.count; facts->next_crossing++) {
        const struct crossing *crossing = list_at(&transcript->crossings, facts->next_crossing);
        if (crossing->event > cursor) {
            break;
        }
        fold_crossing(facts, row_at(trace, crossing->n - 1));
    }
    return 0;
}

static int fold(struct trace *trace, struct facts *facts, size_t cursor)
{
    for (; facts->next_event < cursor; facts->next_event++) {
        facts_event(facts, &log_entry(trace, facts->next_event)->event);
    }
    return fold_rows(trace, facts, cursor);
}

/* What came beyond the rows that are kept. */
static void add_overflow(const struct trace *trace, struct facts *facts, size_t cursor)
{
    struct overflow counted = limit_counted(trace, cursor);

    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        facts->public.application_data[side] += counted.data[side] - facts->overflow[side];
        facts->overflow[side] = counted.data[side];
    }
}

/* Names are shorter than their places. */
static void copy_name(char *out, size_t size, const struct net_protocol *protocol)
{
    (void)snprintf(out, size, "%s", protocol != NULL ? protocol->name : "");
}

struct trace_chain trace_judged(const struct trace_facts *facts)
{
    return facts->judged == WIRE_CLIENT
               ? (struct trace_chain){WIRE_CLIENT, facts->client_certificates,
                                      facts->client_certificate_count}
               : (struct trace_chain){WIRE_SERVER, facts->certificates, facts->certificate_count};
}

static void conclude(const struct trace *trace, struct facts *facts, size_t cursor)
{
    struct trace_facts *public = &facts->public;
    const struct transcript *transcript = &trace->transcript;

    public->cursor = cursor;
    public->alerts = facts->alerts;
    public->stop = trace_stop_at(trace, cursor);
    public->judged = trace->target.local == WIRE_SERVER && public->client_certificate_count > 0
                         ? WIRE_CLIENT
                         : WIRE_SERVER;
    public->has_secrets = facts->decrypted > 0 && facts->unreadable == 0;
    facts_phases_finish(facts);
    add_overflow(trace, facts, cursor);
    facts_missing(trace, facts);
    copy_name(public->starttls, sizeof public->starttls,
              facts->text_seen ? transcript->dialogue : NULL);
    copy_name(public->proxy, sizeof public->proxy, facts->text_seen ? transcript->proxy : NULL);
    public->mid_stream =
        transcript->captured && facts->tls_seen && !facts->syn_seen && !facts->hello_first;
    public->over = transcript->finished && cursor >= transcript->finished_event;
    if (transcript->failed && cursor >= transcript->failed_event && !public->failed) {
        public->failed = true;
        public->error = "out of memory: what came after this is not shown";
        public->error_code = "memory";
    }
}

const struct trace_facts *trace_facts(struct trace *trace, size_t cursor)
{
    if (cursor > trace->log.count) {
        cursor = trace->log.count;
    }
    if (trace->facts == NULL) {
        trace->facts = calloc(1, sizeof *trace->facts);
        if (trace->facts == NULL) {
            return NULL;
        }
        trace->facts->outline = trace->outline;
        reset(trace->facts);
    }
    if (trace->facts->next_event > cursor) {
        reset(trace->facts);
    }
    if (fold(trace, trace->facts, cursor) != 0 || checks_extend(trace, cursor) != 0 ||
        add_checks(trace, trace->facts, cursor) != 0) {
        reset(trace->facts);
        return NULL;
    }
    conclude(trace, trace->facts, cursor);
    return &trace->facts->public;
}
