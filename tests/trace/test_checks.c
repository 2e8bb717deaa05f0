/* What is checked: right conversations pass, and where one byte of a message is another one, the check that covers it says what should
 * have been there. What is not known is said, and is no failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/abstract.h>
#include <zlib.h>

#include "conversation_cases.h"
#include "log.h"
#include "partition.h"
#include "row.h"
#include "tlstep/report.h"

/* The conversation as a capture with its key log in front; `changed` is the event whose byte `at` is another one. */
static struct trace *captured(const struct conversation *conversation, size_t changed, size_t at)
{
    struct trace *trace = conversation_capture_new();

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < conversation->count; i++) {
            struct trace_event *event = &conversation->events[i];
            if (event->kind != (pass == 0 ? TRACE_SECRET : TRACE_BYTES)) {
                continue;
            }
            bool change = pass == 1 && i == changed;
            if (change) {
                event->data[at] ^= 1;
            }
            conversation_append(trace, event);
            if (change) {
                event->data[at] ^= 1;
            }
        }
    }
    trace_finish(trace);
    return trace;
}

/* The outcome of the first check of a kind; -1: there is none. */
static int outcome(struct trace *trace, const char *what, enum wire_side from)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    for (size_t i = 0; i < facts->check_count; i++) {
        if (strcmp(facts->checks[i].what, what) == 0 && facts->checks[i].from == from) {
            assert_true(facts->checks[i].ok != TRACE_NO || facts->checks[i].text[0] != '\0');
            return (int)facts->checks[i].ok;
        }
    }
    return -1;
}

static int count_checks(struct trace *trace, const char *what)
{
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    int count = 0;

    for (size_t i = 0; i < facts->check_count; i++) {
        count += strcmp(facts->checks[i].what, what) == 0;
    }
    return count;
}

/* Where a row's message stands in the conversation: the event, and the offset of its byte from the end. */
static size_t find_event(const struct conversation *conversation, const uint8_t *bytes,
                         size_t length, size_t *offset)
{
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind != TRACE_BYTES || event->length < length) {
            continue;
        }
        const uint8_t *found = memmem(event->data, event->length, bytes, length);
        if (found != NULL) {
            *offset = (size_t)(found - event->data);
            return i;
        }
    }
    fail_msg("the message is in no event");
    return 0;
}

static const struct row *find_row(const struct trace *trace, const char *type, enum wire_side from)
{
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct row *row = row_at(trace, i);
        if (strcmp(row->public.type, type) == 0 && row->public.from == from) {
            return row;
        }
    }
    fail_msg("no %s", type);
    return NULL;
}

/* The trace in which the last byte of a field (NULL: of all) of a message that is sent in clear is another one. */
static struct trace *tampered(const char *name, const char *type, enum wire_side from,
                              const char *path)
{
    const struct conversation *conversation = conversation_case_held(name);
    struct trace *trace = captured(conversation, SIZE_MAX, 0);
    const struct row *row = find_row(trace, type, from);
    size_t offset = 0;
    size_t event = find_event(conversation, row->content, row->content_length, &offset);
    size_t end = row->content_length;

    if (path != NULL) {
        struct wire_tree tree = {0};
        assert_int_equal(trace_row_dissect(trace, &row->public, &tree, NULL), 0);
        long index = wire_tree_find(&tree, path, 0);
        assert_true(index >= 0);
        end = tree.fields[index].offset + tree.fields[index].length;
        wire_tree_free(&tree);
    }
    trace_free(trace);
    return captured(conversation, event, offset + end - 1);
}

static void a_changed_parameter_breaks_its_signature(void **state)
{
    struct trace *trace = tampered("tls12-gcm", "ServerKeyExchange", WIRE_SERVER,
                                   "handshake.server_key_exchange.public_key");

    (void)state;
    assert_int_equal(outcome(trace, "server_key_exchange", WIRE_SERVER), TRACE_NO);
    /* The transcript is another one, too. */
    assert_int_equal(outcome(trace, "finished", WIRE_CLIENT), TRACE_NO);
    assert_int_equal(outcome(trace, "record", WIRE_CLIENT), TRACE_YES);
    trace_free(trace);
    trace = tampered("tls10", "ServerKeyExchange", WIRE_SERVER, NULL);
    assert_int_equal(outcome(trace, "server_key_exchange", WIRE_SERVER), TRACE_NO);
    trace_free(trace);
}

static void a_changed_message_shows_in_finished(void **state)
{
    static const struct {
        const char *name;
        const char *type;
        enum wire_side from;
    } cases[] = {
        {"tls12-gcm", "Certificate", WIRE_SERVER},
        {"tls12-cbc", "ClientKeyExchange", WIRE_CLIENT},
        {"tls11", "Certificate", WIRE_SERVER},
        {"tls10", "Certificate", WIRE_SERVER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trace *trace = tampered(cases[i].name, cases[i].type, cases[i].from, NULL);
        assert_int_equal(outcome(trace, "finished", WIRE_CLIENT), TRACE_NO);
        assert_int_equal(outcome(trace, "finished", WIRE_SERVER), TRACE_NO);
        trace_free(trace);
    }
    /* In TLS 1.3 the session id of the ClientHello counts, and nothing depends on it but the hash. */
    const struct conversation *tls13 = conversation_case_held("tls13");
    size_t first = 0;
    while (tls13->events[first].kind != TRACE_BYTES) {
        first++;
    }
    struct trace *trace = captured(tls13, first, 5 + 4 + 2 + 32 + 1 + 5);
    assert_int_equal(outcome(trace, "finished", WIRE_SERVER), TRACE_NO);
    assert_int_equal(outcome(trace, "finished", WIRE_CLIENT), TRACE_NO);
    assert_int_equal(outcome(trace, "certificate_verify", WIRE_SERVER), TRACE_NO);
    assert_int_equal(outcome(trace, "record", WIRE_SERVER), TRACE_YES);
    trace_free(trace);
}

static void a_changed_record_is_named(void **state)
{
    const struct conversation *conversation = conversation_case_held("tls13");
    size_t last = conversation->count;

    (void)state;
    while (conversation->events[--last].kind != TRACE_BYTES ||
           conversation->events[last].length == 0) {
    }
    struct trace *trace = captured(conversation, last, conversation->events[last].length - 1);
    enum wire_side from = conversation->events[last].from;
    assert_int_equal(outcome(trace, "record", from), TRACE_NO);
    assert_int_equal(outcome(trace, "record", !from), TRACE_YES);
    trace_free(trace);
}

static void each_handshake_has_its_own_checks(void **state)
{
    struct trace *trace = captured(conversation_case_held("tls12-renegotiation"), SIZE_MAX, 0);

    (void)state;
    assert_int_equal(count_checks(trace, "finished"), 4);
    assert_int_equal(count_checks(trace, "server_key_exchange"), 2);
    trace_free(trace);
}

/* What the first handshake showed is not lost when the second one shows something. */
static void certificates_of_earlier_handshakes_are_kept(void **state)
{
    struct trace *trace = captured(conversation_case_held("tls12-renegotiation"), SIZE_MAX, 0);
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    (void)state;
    assert_int_equal(facts->certificate_count, 1);
    assert_int_equal(facts->earlier_count, 1);
    assert_int_equal(facts->earlier[0].from, WIRE_SERVER);
    assert_int_equal(facts->earlier[0].count, 1);
    assert_memory_equal(facts->earlier[0].certificates[0]->sha256, facts->certificates[0]->sha256,
                        32);
    json_t *list = report_certificates_json(facts);
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
    /* And back again. */
    assert_int_equal(trace_facts(trace, 0)->earlier_count, 0);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->earlier_count, 1);
    trace_free(trace);
}

/* The secrets of a cipher that the library has not got do not help, and that is said: ARIA-GCM, RFC 6209. */
static void a_cipher_that_is_not_there_is_named(void **state)
{
    const struct conversation *conversation = conversation_case_held("tls12-gcm");
    struct trace_event *event = conversation->events;

    (void)state;
    while (event->kind != TRACE_BYTES || event->from != WIRE_SERVER) {
        event++;
    }
    uint8_t *suite = event->data + 5 + 4 + 2 + 32;
    suite += 1 + suite[0];
    const uint8_t before[2] = {suite[0], suite[1]};
    suite[0] = 0xc0;
    suite[1] = 0x61;
    struct trace *trace = captured(conversation, SIZE_MAX, 0);
    suite[0] = before[0];
    suite[1] = before[1];
    assert_string_equal(trace_facts(trace, SIZE_MAX)->missing_secrets,
                        "the secrets are there, but this GnuTLS cannot decrypt "
                        "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384");
    trace_free(trace);
}

/* A line of a list needs none of this, and gets the rest. */
static void an_outline_has_no_checks(void **state)
{
    struct trace *trace = captured(&conversations[0], SIZE_MAX, 0);

    (void)state;
    trace_outline(trace);
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    assert_int_equal(count_checks(trace, "finished") + count_checks(trace, "certificate_verify"),
                     0);
    assert_int_equal(facts->certificate_count, 0);
    assert_string_equal(facts->ja3, "");
    assert_string_equal(facts->sni, "example.test");
    assert_int_equal(facts->version, conversation_cases[0].version);
    trace_free(trace);
}

/* ---- what is missing ---------------------------------------------------------------------------------- */

static void what_is_missing_is_said(void **state)
{
    static const char *const cases[][2] = {
        {"tls13", "no CLIENT_HANDSHAKE_TRAFFIC_SECRET"},
        {"tls12-gcm", "no CLIENT_RANDOM"},
    };

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        const struct conversation *conversation = conversation_case_held(cases[c][0]);
        struct trace *trace = conversation_capture_new();
        for (size_t i = 0; i < conversation->count; i++) {
            if (conversation->events[i].kind == TRACE_BYTES) {
                conversation_append(trace, &conversation->events[i]);
            }
        }
        trace_finish(trace);
        const char *text = trace_facts(trace, SIZE_MAX)->missing_secrets;
        assert_non_null(text);
        assert_memory_equal(text, cases[c][1], strlen(cases[c][1]));
        assert_non_null(strstr(text, "SSLKEYLOGFILE"));
        assert_null(strstr(text, "--server-key")); /* of no use for ECDHE */
        trace_free(trace);
        trace = captured(conversation, SIZE_MAX, 0);
        assert_null(trace_facts(trace, SIZE_MAX)->missing_secrets);
        trace_free(trace);
    }
}

/* ---- the key schedule ----------------------------------------------------------------------------------- */

static void every_row_has_its_keys(void **state)
{
    (void)state;
    for (size_t c = 0; c < conversation_case_count; c++) {
        struct trace *trace = captured(&conversations[c], SIZE_MAX, 0);
        for (size_t i = 0; i < trace_row_count(trace); i++) {
            const struct trace_row *row = trace_row_at(trace, i);
            struct wire_tree tree = {0};
            struct buffer bytes = {.secret = true};
            assert_int_equal(trace_schedule(trace, SIZE_MAX, row, &tree, &bytes), 0);
            assert_true(tree.count > 0);
            assert_true(!row->decrypted || wire_tree_find(&tree, "schedule.record", 0) >= 0);
            wire_tree_free(&tree);
            buffer_wipe_free(&bytes);
        }
        trace_free(trace);
    }
}

/* ---- compressed certificates (RFC 8879) ------------------------------------------------------------------- */

/* A CompressedCertificate of a TLS 1.3 Certificate with one entry, in clear, behind a ServerHello. `claim` is added to the
 * length that it says. */
static struct trace *compressed(int claim, bool damage)
{
    static const uint8_t hello[] = {22, 3, 3, 0, 50, 2, 0,    0, 46, 3, 3, 0, 1,  2, 3, 4, 5, 6, 7,
                                    8,  9, 0, 1, 2,  3, 4,    5, 6,  7, 8, 9, 0,  1, 2, 3, 4, 5, 6,
                                    7,  8, 9, 0, 1,  0, 0x13, 1, 0,  0, 6, 0, 43, 0, 2, 3, 4};
    /* Context, list, certificate, extensions. */
    static const uint8_t body[] = {0, 0, 0, 9, 0, 0, 4, 0x30, 2, 5, 0, 0, 0};
    struct trace *trace = conversation_trace_new();
    uint8_t packed[100];
    uLongf length = sizeof packed;
    struct buffer record = {0};

    assert_int_equal(compress(packed, &length, body, sizeof body), Z_OK);
    packed[damage ? length - 1 : 0] ^= damage ? 1 : 0;
    buffer_u8(&record, 22);
    buffer_u16(&record, 0x0303);
    buffer_u16(&record, (uint16_t)(length + 12));
    buffer_u8(&record, 25);
    buffer_u24(&record, (uint32_t)length + 8);
    buffer_u16(&record, 1);
    buffer_u24(&record, (uint32_t)((int)sizeof body + claim));
    buffer_u24(&record, (uint32_t)length);
    buffer_append(&record, packed, length);
    assert_false(record.failed);
    conversation_bytes(trace, WIRE_SERVER, hello, sizeof hello);
    conversation_bytes(trace, WIRE_SERVER, record.data, record.length);
    buffer_free(&record);
    return trace;
}

static void a_compressed_certificate_is_one(void **state)
{
    struct trace *trace = compressed(0, false);
    struct trace_buffer buffers[4];
    struct wire_tree tree = {0};
    const struct trace_row *row = trace_row_at(trace, 1);

    (void)state;
    assert_string_equal(row->type, "CompressedCertificate");
    assert_null(row->problem);
    assert_int_equal(trace_row_buffers(trace, row, buffers, 4), 3);
    assert_string_equal(buffers[2].name, "decompressed message");
    assert_int_equal(buffers[2].length, 4 + 13);
    assert_int_equal(trace_buffer_dissect(trace, row, &buffers[2], &tree), 0);
    assert_true(partition_holds(&tree));
    assert_true(wire_tree_find(&tree, "handshake.certificate.certificate", 0) >= 0 ||
                wire_tree_find(&tree, "handshake.certificate.entry", 0) >= 0);
    assert_int_equal(trace_facts(trace, SIZE_MAX)->certificate_count, 1);
    wire_tree_free(&tree);
    trace_free(trace);
}

static void wrong_lengths_are_told(void **state)
{
    static const struct {
        int claim;
        bool damage;
        const char *problem;
    } cases[] = {
        {-1, false, "it is longer than uncompressed_length says"},
        {1, false, "it is shorter than uncompressed_length says"},
        {16000000, false, "it is shorter than uncompressed_length says"},
        {0, true, "it cannot be decompressed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trace *trace = compressed(cases[i].claim, cases[i].damage);
        const struct trace_row *row = trace_row_at(trace, 1);
        assert_true(row->malformed);
        assert_string_equal(row->problem, cases[i].problem);
        trace_free(trace);
    }
}

/* ---- raw public keys ---------------------------------------------------------------------------------- */

/* Credentials that have the key of a certificate alone. */
static gnutls_certificate_credentials_t raw_key(const struct identity *identity)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_pubkey_t public;
    gnutls_datum_t spki;
    gnutls_datum_t key;

    assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
    assert_int_equal(gnutls_pubkey_init(&public), 0);
    assert_int_equal(gnutls_pubkey_import_x509(public, identity->certificate, 0), 0);
    assert_int_equal(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &spki), 0);
    assert_int_equal(gnutls_x509_privkey_export2(identity->key, GNUTLS_X509_FMT_DER, &key), 0);
    assert_int_equal(gnutls_certificate_set_rawpk_key_mem(credentials, &spki, &key,
                                                          GNUTLS_X509_FMT_DER, NULL, 0, NULL, 0, 0),
                     0);
    gnutls_pubkey_deinit(public);
    gnutls_free(spki.data);
    gnutls_free(key.data);
    return credentials;
}

/* Each Certificate message has a key in it, and nothing is malformed. */
static void expect_raw_keys(struct trace *trace)
{
    size_t count = 0;

    for (size_t i = 0; i < trace_row_count(trace); i++) {
        const struct trace_row *row = trace_row_at(trace, i);
        struct wire_tree tree = {0};
        assert_null(row->problem);
        if (strcmp(row->type, "Certificate") == 0) {
            char words[200];
            assert_int_equal(trace_row_dissect(trace, row, &tree, NULL), 0);
            assert_true(wire_tree_find(&tree, "handshake.certificate.raw_public_key", 0) >= 0);
            assert_string_equal(trace_row_summary(words, sizeof words, trace, row),
                                "a raw public key");
            count++;
        }
        wire_tree_free(&tree);
    }
    assert_int_equal(count, 2);
}

/* RFC 7250: the hellos (in TLS 1.3 EncryptedExtensions) say that Certificate has a key in it, by which what it signs is checked. */
static void raw_public_keys_are_keys(void **state)
{
    static const char *const versions[] = {
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CTYPE-ALL:+CTYPE-RAWPK",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:-CTYPE-ALL:+CTYPE-RAWPK"};
    struct wiretap_credentials credentials;

    (void)state;
    assert_int_equal(wiretap_credentials_make(&credentials), 0);
    gnutls_certificate_free_credentials(credentials.server);
    gnutls_certificate_free_credentials(credentials.client);
    credentials.server = raw_key(&credentials.ecdsa);
    credentials.client = raw_key(&credentials.ecdsa);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const struct conversation_options options = {
            .server = versions[i], .request_certificate = true, .raw_keys = true};
        struct conversation conversation = {0};
        assert_int_equal(conversation_hold(&conversation, &credentials, &options), 0);
        struct trace *trace = captured(&conversation, SIZE_MAX, 0);
        expect_raw_keys(trace);
        assert_int_equal(outcome(trace, "certificate_verify", WIRE_CLIENT), TRACE_YES);
        assert_int_equal(
            outcome(trace, i == 0 ? "certificate_verify" : "server_key_exchange", WIRE_SERVER),
            TRACE_YES);
        assert_int_equal(trace_facts(trace, SIZE_MAX)->certificate_count, 0);
        trace_free(trace);
        conversation_free(&conversation);
    }
    wiretap_credentials_free(&credentials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_parameter_breaks_its_signature),
        cmocka_unit_test(a_changed_message_shows_in_finished),
        cmocka_unit_test(a_changed_record_is_named),
        cmocka_unit_test(each_handshake_has_its_own_checks),
        cmocka_unit_test(certificates_of_earlier_handshakes_are_kept),
        cmocka_unit_test(a_cipher_that_is_not_there_is_named),
        cmocka_unit_test(an_outline_has_no_checks),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(every_row_has_its_keys),
        cmocka_unit_test(a_compressed_certificate_is_one),
        cmocka_unit_test(wrong_lengths_are_told),
        cmocka_unit_test(raw_public_keys_are_keys),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
