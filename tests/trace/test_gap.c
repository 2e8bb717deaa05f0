/* Behind bytes that were not captured, records are found and decrypted again, and what is missing is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "log.h"
#include "partition.h"
#include "row.h"

static struct trace *capture_new(void)
{
    const struct trace_target target = {.input = "file.pcap",
                                        .source = "file.pcap",
                                        .client = "192.0.2.1:50000",
                                        .server = "192.0.2.2:443",
                                        .host = "192.0.2.2",
                                        .port = 443};
    struct trace *trace = trace_new(&target, 0);

    assert_non_null(trace);
    return trace;
}

static void append_gap(struct trace *trace, enum wire_side from, size_t lost)
{
    conversation_append(trace,
                        &(struct trace_event){.kind = TRACE_GAP, .from = from, .dropped = lost});
}

static void append_syn(struct trace *trace)
{
    static const char *const texts[] = {"SYN", "SYN-ACK", "ACK"};

    for (int i = 0; i < 3; i++) {
        conversation_append(trace, &(struct trace_event){.kind = TRACE_TCP,
                                                         .from = i == 1 ? WIRE_SERVER : WIRE_CLIENT,
                                                         .text = (char *)(uintptr_t)texts[i]});
    }
}

static void append_secrets(struct trace *trace, const struct conversation *conversation)
{
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_SECRET) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
}

/* As a capture with its key log: all secrets first, then packets. The event `lost` was not captured (SIZE_MAX: all were), and nothing before
 * `from`. */
static struct trace *captured(const struct conversation *conversation, size_t lost, size_t from)
{
    struct trace *trace = capture_new();

    append_secrets(trace, conversation);
    if (from == 0) {
        append_syn(trace);
    }
    for (size_t i = from; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind != TRACE_BYTES) {
            continue;
        }
        if (i == lost) {
            append_gap(trace, event->from, event->length);
        } else {
            conversation_append(trace, event);
        }
    }
    trace_finish(trace);
    return trace;
}

/* ---- what is found again -------------------------------------------------------------------------- */

static const struct trace_row *find_data(const struct trace *trace, const struct row *wanted)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct row *row = row_at(trace, i);
        if (row->public.from == wanted->public.from && row->public.decrypted &&
            strcmp(row->public.type, wanted->public.type) == 0 && row->content != NULL &&
            row->content_length == wanted->content_length &&
            memcmp(row->content, wanted->content, row->content_length) == 0) {
            return &row->public;
        }
    }
    return NULL;
}

static const struct record *first_record(const struct trace *trace, const struct row *row)
{
    return list_at(&trace->transcript.directions[row->public.from].records, row->first_record);
}

/* The index of the captured event that has the conversation's event at `index`. */
static size_t event_index(const struct conversation *conversation, size_t index)
{
    size_t at = 3;

    for (size_t i = 0; i < conversation->count; i++) {
        at += conversation->events[i].kind == TRACE_SECRET;
        at += i < index && conversation->events[i].kind == TRACE_BYTES;
    }
    return at;
}

/* Application data whose records come whole behind the loss is there, decrypted. In TLS 1.0 a record needs the one before
 * it. */
static size_t expect_data_behind(const struct conversation *conversation, const struct trace *whole,
                                 const struct trace *lossy, size_t lost)
{
    size_t event = event_index(conversation, lost);
    size_t found = 0;

    for (size_t i = 0; i < trace_row_count(whole); i++) {
        const struct row *row = row_at(whole, i);
        if (row->public.content_type == WIRE_APPLICATION_DATA &&
            first_record(whole, row)->first_event > event) {
            if (strcmp(conversation_cases[conversation - conversations].name, "tls10") != 0) {
                assert_non_null(find_data(lossy, row));
            }
            found++;
        }
    }
    return found;
}

/* What the keys of later records do not follow from. */
static bool harmless(const struct conversation *conversation, const struct trace *whole,
                     size_t lost)
{
    size_t event = event_index(conversation, lost);

    for (size_t i = 0; i < trace_row_count(whole); i++) {
        const struct row *row = row_at(whole, i);
        bool there = row->record_count > 0 && first_record(whole, row)->first_event <= event &&
                     row->public.wire_event > event;
        if (there && (strcmp(row->public.type, "ClientHello") == 0 ||
                      strcmp(row->public.type, "ServerHello") == 0 ||
                      strcmp(row->public.type, "HelloRetryRequest") == 0 ||
                      strcmp(row->public.type, "KeyUpdate") == 0)) {
            return false;
        }
    }
    return true;
}

static size_t rows_of_type(const struct trace *trace, const char *type)
{
    size_t count = 0;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        count += strcmp(trace_row_at(trace, i)->type, type) == 0;
    }
    return count;
}

static void a_lost_segment_hides_only_itself(void **state)
{
    size_t found = 0;

    (void)state;
    for (size_t c = 0; c < conversation_case_count; c++) {
        struct trace *whole = captured(&conversations[c], SIZE_MAX, 0);
        for (size_t i = 0; i < conversations[c].count; i++) {
            const struct trace_event *event = &conversations[c].events[i];
            if (event->kind != TRACE_BYTES || event->length == 0) {
                continue;
            }
            struct trace *lossy = captured(&conversations[c], i, 0);
            const struct trace_facts *facts = trace_facts(lossy, SIZE_MAX);
            assert_int_equal(facts->lost[event->from], event->length);
            assert_int_equal(facts->lost[!event->from], 0);
            assert_int_equal(rows_of_type(lossy, "Gap"), 1);
            for (size_t k = 0; k < facts->check_count; k++) {
                assert_int_not_equal(facts->checks[k].ok, TRACE_NO);
            }
            /* Behind a lost renegotiation or KeyUpdate nothing can be known. */
            if (!conversation_cases[c].options.renegotiate &&
                harmless(&conversations[c], whole, i)) {
                found += expect_data_behind(&conversations[c], whole, lossy, i);
            }
            trace_free(lossy);
        }
        trace_free(whole);
    }
    assert_true(found > 50);
}

/* ---- one long record stream, cut anywhere ------------------------------------------------------------ */

/* GnuTLS pushes record by record: the server's data is made one stretch of bytes. Its index. */
static size_t data_event(struct conversation *conversation)
{
    struct buffer data = {0};
    size_t first = SIZE_MAX;

    for (size_t i = 0; i < conversation->count; i++) {
        struct trace_event *event = &conversation->events[i];
        if (event->kind != TRACE_BYTES || event->from != WIRE_SERVER ||
            (event->length < 16000 && first == SIZE_MAX)) {
            continue;
        }
        first = first == SIZE_MAX ? i : first;
        buffer_append(&data, event->data, event->length);
        free(event->data);
        event->data = NULL;
        event->length = 0;
    }
    assert_true(data.length > 100000);
    conversation->events[first].data = data.data;
    conversation->events[first].length = data.length;
    return first;
}

static int hold_download(struct conversation *conversation, const char *priority)
{
    static char data[100000];
    struct conversation_options options = {
        .server = priority, .bare = true, .data = data, .data_length = sizeof data};

    struct wiretap_credentials credentials;

    memset(data, 'x', sizeof data);
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    int result = conversation_hold(conversation, &credentials, &options);
    wiretap_credentials_free(&credentials);
    return result;
}

/* Loses [from, to) of the event `index`, which has many records; `piece` is how the rest is cut. */
static struct trace *cut_download(const struct conversation *conversation, size_t index,
                                  size_t from, size_t to, size_t piece)
{
    struct trace *trace = capture_new();

    append_secrets(trace, conversation);
    append_syn(trace);
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind != TRACE_BYTES) {
            continue;
        }
        if (i != index) {
            conversation_append(trace, event);
            continue;
        }
        conversation_bytes(trace, event->from, event->data, from);
        append_gap(trace, event->from, to - from);
        for (size_t at = to; at < event->length; at += piece) {
            size_t left = event->length - at;
            conversation_bytes(trace, event->from, event->data + at, left < piece ? left : piece);
        }
    }
    trace_finish(trace);
    return trace;
}

static void records_are_found_wherever_the_loss_begins_and_ends(void **state)
{
    static const char *const priorities[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.3",
        "NONE:+VERS-TLS1.2:+ECDHE-RSA:+AES-128-GCM:+AEAD:+GROUP-ALL:+SIGN-ALL",
        "NONE:+VERS-TLS1.2:+ECDHE-RSA:+AES-128-CBC:+SHA1:+MAC-ALL:+GROUP-ALL:+SIGN-ALL",
    };
    static const size_t spans[][2] = {{7, 8},         {1, 30000},     {16405, 16406},
                                      {20000, 40000}, {20000, 50001}, {3, 70000}};
    static const size_t pieces[] = {1, 1460, 100000};

    (void)state;
    for (size_t p = 0; p < sizeof priorities / sizeof *priorities; p++) {
        struct conversation conversation;
        assert_int_equal(hold_download(&conversation, priorities[p]), 0);
        size_t index = data_event(&conversation);
        for (size_t s = 0; s < sizeof spans / sizeof *spans; s++) {
            for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
                struct trace *trace =
                    cut_download(&conversation, index, spans[s][0], spans[s][1], pieces[k]);
                const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
                /* All but the records that the loss touches. */
                size_t most = 16384 * ((spans[s][1] - spans[s][0]) / 16384 + 2);
                assert_true(facts->application_data[WIRE_SERVER] >= 100000 - most);
                assert_true(facts->application_data[WIRE_SERVER] < 100000);
                struct buffer data = {0};
                assert_false(trace_application_data(trace, SIZE_MAX, WIRE_SERVER, SIZE_MAX, &data));
                assert_int_equal(data.length, facts->application_data[WIRE_SERVER]);
                buffer_free(&data);
                trace_free(trace);
            }
        }
        conversation_free(&conversation);
    }
}

/* Small records that fit nowhere behind a huge gap: each try costs, not only its bytes. Without a bound on that it took
 * nine seconds. */
static void a_search_in_vain_is_short(void **state)
{
    static uint8_t records[300][30];
    const struct conversation *conversation = conversation_case_held("tls12-gcm");
    struct trace *trace = capture_new();
    clock_t start = clock();

    (void)state;
    append_syn(trace);
    append_secrets(trace, conversation);
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_BYTES) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
    append_gap(trace, WIRE_SERVER, (size_t)1 << 30);
    for (size_t i = 0; i < 300; i++) {
        const uint8_t header[] = {23, 3, 3, 0, 25};
        memcpy(records[i], header, sizeof header);
    }
    conversation_bytes(trace, WIRE_SERVER, records, sizeof records);
    trace_finish(trace);
    const struct trace_row *last = trace_row_at(trace, trace_row_count(trace) - 1);
    assert_string_equal(last->problem, "its place behind the lost bytes was not found");
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    trace_free(trace);
}

/* ---- captures that begin late ------------------------------------------------------------------------- */

static void a_capture_may_begin_in_the_middle(void **state)
{
    size_t c = conversation_case_index("tls12-gcm");

    (void)state;
    for (size_t from = 1; from < conversations[c].count; from++) {
        struct trace *trace = captured(&conversations[c], SIZE_MAX, from);
        const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
        bool tls = false;
        for (size_t i = 0; i < trace_row_count(trace); i++) {
            const struct trace_row *row = trace_row_at(trace, i);
            tls |= row->layer == TRACE_LAYER_TLS;
            assert_string_not_equal(row->type, "NotTLS");
        }
        if (tls && facts->sni[0] == '\0') {
            assert_true(facts->mid_stream);
        }
        trace_free(trace);
    }
}

/* In the middle of a record: its rest is a row of its own, and TLS begins with the next one. */
static void the_rest_of_a_record_is_no_other_protocol(void **state)
{
    struct conversation conversation;
    struct trace *trace = capture_new();

    (void)state;
    assert_int_equal(hold_download(&conversation, "NORMAL:-VERS-ALL:+VERS-TLS1.3"), 0);
    const struct trace_event *event = &conversation.events[data_event(&conversation)];
    conversation_bytes(trace, WIRE_SERVER, event->data + 100, event->length - 100);
    trace_finish(trace);
    assert_string_equal(trace_row_at(trace, 0)->type, "Fragment");
    assert_int_equal(trace_row_at(trace, 0)->length, 5 + 16384 + 1 + 16 - 100);
    assert_string_equal(trace_row_at(trace, 1)->type, "ApplicationData");
    assert_true(trace_facts(trace, SIZE_MAX)->mid_stream);
    assert_non_null(trace_facts(trace, SIZE_MAX)->missing_secrets);
    trace_free(trace);
    conversation_free(&conversation);
}

/* An alert under keys is no alert in clear that is too long (RFC 5246 6.2.3), and the handshake was before. */
static void an_alert_in_the_middle_is_encrypted(void **state)
{
    static const uint8_t alert[5 + 26] = {21, 3, 3, 0, 26, 0x91, 0xc1};
    struct trace *trace = capture_new();

    (void)state;
    conversation_bytes(trace, WIRE_SERVER, alert, sizeof alert);
    trace_finish(trace);
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    assert_int_equal(trace_row_count(trace), 1);
    assert_string_equal(trace_row_at(trace, 0)->type, "Alert");
    assert_true(trace_row_at(trace, 0)->encrypted);
    assert_null(trace_row_at(trace, 0)->problem);
    assert_int_equal(facts->alert_count, 1);
    assert_false(facts->alerts[0].readable);
    trace_free(trace);
}

/* ---- messages cut by a gap ------------------------------------------------------------------------------ */

static void a_message_that_is_cut_says_so(void **state)
{
    static const uint8_t certificate[] = {22, 3, 3, 0, 20, 11, 0, 0, 40, 0, 0, 37, 1,
                                          2,  3, 4, 5, 6,  7,  8, 9, 1,  2, 3, 4};
    static const uint8_t done[] = {22, 3, 3, 0, 4, 14, 0, 0, 0};
    struct trace *trace = capture_new();

    (void)state;
    append_syn(trace);
    conversation_bytes(trace, WIRE_SERVER, certificate, sizeof certificate);
    append_gap(trace, WIRE_SERVER, 29);
    conversation_bytes(trace, WIRE_SERVER, done, sizeof done);
    trace_finish(trace);
    assert_int_equal(trace_row_count(trace), 6);
    assert_string_equal(trace_row_at(trace, 3)->type, "Certificate");
    assert_string_equal(trace_row_at(trace, 3)->problem, "20 of 44 bytes were captured");
    assert_true(trace_row_at(trace, 3)->malformed);
    assert_string_equal(trace_row_at(trace, 4)->type, "Gap");
    assert_int_equal(trace_row_at(trace, 4)->length, 29);
    assert_string_equal(trace_row_at(trace, 5)->type, "ServerHelloDone");
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_segment_hides_only_itself),
        cmocka_unit_test(records_are_found_wherever_the_loss_begins_and_ends),
        cmocka_unit_test(a_search_in_vain_is_short),
        cmocka_unit_test(a_capture_may_begin_in_the_middle),
        cmocka_unit_test(the_rest_of_a_record_is_no_other_protocol),
        cmocka_unit_test(an_alert_in_the_middle_is_encrypted),
        cmocka_unit_test(a_message_that_is_cut_says_so),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
