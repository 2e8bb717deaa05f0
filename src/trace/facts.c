/* Facts at a cursor: the fold. */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "row.h"

void facts_free(struct facts *facts)
{
    if (facts != NULL) {
        free(facts->alerts);
        free(facts);
    }
}

int facts_dissect(struct wire_tree *tree, const struct row *row)
{
    const struct wire_context context = {
        .from = row->public.from, .version = row->version, .cipher_suite = row->cipher_suite};
    return wire_message_dissect(tree, &context, row->public.content_type, row->content,
                                row->content_length);
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
    struct facts empty = {.alerts = facts->alerts, .alert_capacity = facts->alert_capacity};

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
    alerts[facts->public.alert_count++] = (struct trace_alert){
        .from = row->public.from,
        .level = row->content[0],
        .description = row->content[1],
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

static int fold_row(struct facts *facts, struct row *row)
{
    const struct trace_row *public = &row->public;
    bool server = public->from == WIRE_SERVER;

    if (public->layer != TRACE_LAYER_TLS || row->foreign || row->content == NULL) {
        return 0;
    }
    if (public->content_type == WIRE_ALERT && row->content_length == 2) {
        return add_alert(facts, row);
    }
    if (public->content_type == WIRE_CHANGE_CIPHER_SPEC && server) {
        settle_resumed(facts, TRACE_YES);
    }
    if (public->content_type != WIRE_HANDSHAKE) {
        return 0;
    }
    if (public->handshake_type == WIRE_CLIENT_HELLO && !server) {
        return facts_hello(facts, row);
    }
    return server ? fold_server_handshake(facts, row) : 0;
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

static void fold_crossing(struct facts *facts, const struct trace_row *row)
{
    enum trace_known *ok = &facts->records_ok[row->from];

    if (row->decrypted) {
        facts->decrypted++;
        *ok = *ok == TRACE_NO ? TRACE_NO : TRACE_YES;
    } else if (is_bad_record(row)) {
        *ok = TRACE_NO;
    }
    if (hides_data(row)) {
        facts->unreadable++;
    } else if (row->layer == TRACE_LAYER_TLS && row->content_type == WIRE_APPLICATION_DATA &&
               row->decrypted == row->encrypted) {
        facts->public.application_data[row->from] += row->length;
    }
}

/* ---- the fold ------------------------------------------------------------------------------------- */

static void add_checks(struct facts *facts)
{
    struct trace_facts *public = &facts->public;

    public->check_count = 0;
    for (int side = WIRE_CLIENT; side <= WIRE_SERVER; side++) {
        if (facts->records_ok[side] != TRACE_UNKNOWN) {
            facts->checks[public->check_count++] = (struct trace_check){
                .what = "record", .from = (enum wire_side)side, .ok = facts->records_ok[side]};
        }
    }
    public->checks = facts->checks;
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
        fold_crossing(facts, &row_at(trace, crossing->n - 1)->public);
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

static void conclude(const struct trace *trace, struct facts *facts, size_t cursor)
{
    struct trace_facts *public = &facts->public;
    const struct transcript *transcript = &trace->transcript;

    public->cursor = cursor;
    public->alerts = facts->alerts;
    public->stop = trace_stop_at(trace, cursor);
    public->has_secrets = facts->decrypted > 0 && facts->unreadable == 0;
    facts_phases_finish(facts);
    add_checks(facts);
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
        reset(trace->facts);
    }
    if (trace->facts->next_event > cursor) {
        reset(trace->facts);
    }
    if (fold(trace, trace->facts, cursor) != 0) {
        reset(trace->facts);
        return NULL;
    }
    conclude(trace, trace->facts, cursor);
    return &trace->facts->public;
}
