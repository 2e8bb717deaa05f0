/* Real conversations are read to the last message, in every version, whatever the cipher. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "partition.h"

/* Calls `expect` with a trace of each conversation. */
static void each(void (*expect)(const struct conversation_case *conversation, struct trace *trace))
{
    for (size_t i = 0; i < conversation_case_count; i++) {
        struct trace *trace = conversation_trace(&conversations[i]);
        print_message("# %s\n", conversation_cases[i].name);
        expect(&conversation_cases[i], trace);
        trace_free(trace);
    }
}

static void expect_rows(const struct conversation_case *conversation, struct trace *trace)
{
    char rows[1000];

    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_CLIENT),
                        conversation->client);
    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_SERVER),
                        conversation->server);
}

static void messages_come_in_the_order_of_the_rfcs(void **state)
{
    (void)state;
    each(expect_rows);
}

/* TLS 1.3 protects everything behind ServerHello but ChangeCipherSpec; older versions all that comes
 * behind the first ChangeCipherSpec of that side. */
static void expect_encryption(const struct conversation_case *conversation, struct trace *trace)
{
    bool changed[2] = {false, false};
    bool tls13 = conversation->version == WIRE_TLS13;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        bool ccs = row->content_type == WIRE_CHANGE_CIPHER_SPEC;
        bool hello =
            strstr(row->type, "Hello") != NULL && strcmp(row->type, "ServerHelloDone") != 0;
        bool hidden = tls13 ? !ccs && !hello : changed[row->from];
        if (row->layer != TRACE_LAYER_TLS) {
            continue;
        }
        assert_int_equal(row->encrypted, hidden);
        assert_int_equal(row->decrypted, hidden);
        assert_false(row->malformed);
        assert_null(row->problem);
        assert_int_not_equal(row->wire_event, SIZE_MAX);
        changed[row->from] |= ccs;
    }
}

static void what_is_encrypted_is_decrypted(void **state)
{
    (void)state;
    each(expect_encryption);
}

static void expect_facts(const struct conversation_case *conversation, struct trace *trace)
{
    const struct trace_facts *facts = trace_facts(trace, trace_event_count(trace));
    const struct conversation_options *options = &conversation->options;
    uint64_t sent = options->rekey || options->renegotiate ? 10 : 5; /* "hello", once or twice */
    const char *alpn = options->alpn != NULL ? options->alpn : "";

    assert_non_null(facts);
    assert_int_equal(facts->version, conversation->version);
    assert_string_equal(facts->key_exchange, conversation->key_exchange);
    assert_string_equal(facts->sni, "example.test");
    assert_string_equal(facts->alpn, alpn);
    assert_int_equal(facts->alpn_chosen, options->alpn != NULL ? TRACE_YES : TRACE_NO);
    assert_int_equal(facts->resumed, options->resume ? TRACE_YES : TRACE_NO);
    assert_int_equal(facts->early_data, options->early_data ? TRACE_YES : TRACE_NO);
    assert_int_equal(facts->hello_retry,
                     strncmp(conversation->server, "HRR", 3) == 0 ? TRACE_YES : TRACE_NO);
    assert_int_equal(facts->certificate_count, options->resume ? 0 : 1);
    assert_true(facts->has_secrets);
    assert_int_equal(facts->application_data[WIRE_SERVER], sent);
    assert_int_equal(facts->application_data[WIRE_CLIENT],
                     options->early_data ? sent + strlen("early hello") : sent);
    /* Records of both sides, and two Finished at least. */
    assert_in_range(facts->check_count, 4, 16);
    for (size_t i = 0; i < facts->check_count; i++) {
        const struct trace_check *check = &facts->checks[i];
        bool binder = strcmp(check->what, "psk_binder") == 0; /* of a ticket */
        print_message("%s %s: %s\n", wire_side_name(check->from), check->what, check->text);
        assert_int_equal(check->ok, binder ? TRACE_UNKNOWN : TRACE_YES);
    }
    assert_int_equal(facts->alert_count, 2);
    assert_int_equal(facts->alerts[0].description, 0);
    assert_true(facts->over);
    assert_false(facts->failed);
    assert_true(facts->ended[WIRE_CLIENT]);
    assert_true(facts->ended[WIRE_SERVER]);
}

static void facts_are_what_was_agreed_on(void **state)
{
    (void)state;
    each(expect_facts);
}

static void tls12_extensions_become_facts(void **state)
{
    struct trace *trace = conversation_trace(conversation_case_held("tls12-cbc"));
    const struct trace_facts *facts = trace_facts(trace, trace_event_count(trace));

    (void)state;
    assert_int_equal(facts->encrypt_then_mac, TRACE_YES);
    assert_int_equal(facts->extended_master_secret, TRACE_YES);
    assert_int_equal(facts->secure_renegotiation, TRACE_YES);
    assert_int_equal(facts->ocsp_stapled, TRACE_NO);
    trace_free(trace);
    trace = conversation_trace(conversation_case_held("tls12-cbc-mac-first"));
    assert_int_equal(trace_facts(trace, SIZE_MAX)->encrypt_then_mac, TRACE_NO);
    trace_free(trace);
    trace = conversation_trace(conversation_case_held("tls13"));
    assert_int_equal(trace_facts(trace, SIZE_MAX)->encrypt_then_mac, TRACE_UNKNOWN);
    trace_free(trace);
}

/* Each byte of a message is in one leaf of its tree, which is a dissection of the row's last buffer, or of the data that its
 * last plaintext begins with. */
static void expect_trees(const struct conversation_case *conversation, struct trace *trace)
{
    struct wire_tree tree = {0};

    (void)conversation;
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        struct trace_buffer dissected;
        struct trace_buffer buffers[16];
        size_t count = trace_row_buffers(trace, row, buffers, 16);
        assert_int_equal(trace_row_dissect(trace, row, &tree, &dissected), 0);
        if (row->layer == TRACE_LAYER_TCP) {
            assert_int_equal(tree.count + count, 0);
            continue;
        }
        assert_in_range(count, 1, 16);
        assert_string_equal(dissected.name, buffers[count - 1].name);
        assert_true(dissected.length <= buffers[count - 1].length);
        assert_memory_equal(dissected.data, buffers[count - 1].data, dissected.length);
        assert_true(tree.count > 0);
        assert_int_equal(tree.fields[0].length, dissected.length);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(trace_buffer_dissect(trace, row, &buffers[k], &tree), 0);
            assert_true(partition_holds(&tree));
            assert_ptr_equal(tree.data, buffers[k].data);
            assert_int_equal(tree.length, buffers[k].length);
        }
    }
    wire_tree_free(&tree);
}

static void rows_are_dissected(void **state)
{
    (void)state;
    each(expect_trees);
}

static void tcp_rows_tell_what_the_kernel_did(void **state)
{
    static const char *const types[] = {"SYN", "SYN-ACK", "ACK"};
    static const int64_t times[] = {1, 2, 2};
    struct trace *trace = conversation_trace(&conversations[0]);
    size_t count = trace_row_count(trace);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        assert_int_equal(row->layer, TRACE_LAYER_TCP);
        assert_string_equal(row->type, types[i]);
        assert_int_equal(row->from, i == 1 ? WIRE_SERVER : WIRE_CLIENT);
        assert_int_equal(row->time_ns, times[i]);
        assert_false(row->observed);
    }
    assert_string_equal(trace_row_at(trace, count - 1)->type, "FIN");
    assert_int_equal(trace_row_at(trace, count - 1)->from, WIRE_CLIENT);
    assert_string_equal(trace_row_at(trace, count - 2)->type, "FIN");
    assert_int_equal(trace_row_at(trace, count - 2)->from, WIRE_SERVER);
    trace_free(trace);
}

/* "TLS 1.3, 1.2 · 5 suites · x25519": what a row says in the ladder. */
static void rows_say_what_is_in_them(void **state)
{
    static const char *const expected[][2] = {
        {"ClientHello", "TLS 1.3 · 1 suite · secp256r1 · h2"},
        {"ServerHello", "TLS 1.3 · TLS_AES_256_GCM_SHA384 · secp256r1"},
        {"EncryptedExtensions", "h2"},
        {"Certificate", "localhost"},
        {"ApplicationData", "hello"},
        {"Alert", "close_notify"},
    };
    struct trace *trace = conversation_trace(&conversations[0]);
    size_t found = 0;

    (void)state;
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        char summary[200];
        char cut[12];
        trace_row_summary(summary, sizeof summary, trace, row);
        for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
            if (strcmp(expected[k][0], row->type) == 0) {
                assert_non_null(strstr(summary, expected[k][1]));
                found++;
            }
        }
        trace_row_summary(cut, sizeof cut, trace, row);
        assert_true(text_is_utf8(cut, strlen(cut)));
    }
    assert_true(found >= sizeof expected / sizeof *expected);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_come_in_the_order_of_the_rfcs),
        cmocka_unit_test(what_is_encrypted_is_decrypted),
        cmocka_unit_test(facts_are_what_was_agreed_on),
        cmocka_unit_test(tls12_extensions_become_facts),
        cmocka_unit_test(rows_are_dissected),
        cmocka_unit_test(tcp_rows_tell_what_the_kernel_did),
        cmocka_unit_test(rows_say_what_is_in_them),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
