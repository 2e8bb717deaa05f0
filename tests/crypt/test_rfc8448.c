/* Secrets, keys, IVs and records of RFC 8448's five example traces of TLS 1.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handshake.h"
#include "hkdf.h"
#include "rfc8448.h"

#define TRACES      "tests/data/rfc8448.txt"
#define SUITE       0x1301 /* TLS_AES_128_GCM_SHA256, in all five */
#define OPENERS_MAX 8

/* The openers of one trace, by the name of their keys. */
struct trace {
    char names[OPENERS_MAX][32];
    struct crypt_opener *openers[OPENERS_MAX];
    size_t count;
};

static void end_trace(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        crypt_opener_free(trace->openers[i]);
    }
    trace->count = 0;
}

static size_t unhex(uint8_t *out, size_t size, const char *hex)
{
    long length = text_unhex(out, size, hex, strlen(hex));

    assert_true(length >= 0);
    return (size_t)length;
}

static void expect_expansion(const uint8_t *secret, const char *label, const char *hex)
{
    uint8_t expected[32];
    uint8_t output[32];
    size_t length = unhex(expected, sizeof expected, hex);

    assert_int_equal(crypt_hkdf_expand_label(GNUTLS_MAC_SHA256, secret, 32, label, output, length),
                     0);
    assert_memory_equal(output, expected, length);
}

/* keys NAME SECRET KEY IV */
static void read_keys(struct trace *trace, char *save)
{
    const char *name = strtok_r(NULL, " \n", &save);
    const char *secret_hex = strtok_r(NULL, " \n", &save);
    const char *key_hex = strtok_r(NULL, " \n", &save);
    const char *iv_hex = strtok_r(NULL, " \n", &save);
    uint8_t secret[32];
    struct err err;

    assert_non_null(iv_hex);
    assert_int_equal(unhex(secret, sizeof secret, secret_hex), 32);
    expect_expansion(secret, "key", key_hex);
    expect_expansion(secret, "iv", iv_hex);
    assert_true(trace->count < OPENERS_MAX);
    (void)snprintf(trace->names[trace->count], sizeof trace->names[0], "%s", name);
    trace->openers[trace->count] = crypt_opener_new_tls13(SUITE, secret, sizeof secret, &err);
    assert_non_null(trace->openers[trace->count]);
    trace->count++;
}

/* record NAME TYPE START RECORD */
static void read_record(struct trace *trace, char *save)
{
    const char *name = strtok_r(NULL, " \n", &save);
    const char *type = strtok_r(NULL, " \n", &save);
    const char *start_hex = strtok_r(NULL, " \n", &save);
    const char *record_hex = strtok_r(NULL, " \n", &save);
    uint8_t start[64];
    uint8_t record[2048];
    uint8_t plain[2048];
    struct crypt_opened opened;
    struct err err;
    size_t which = 0;
    size_t start_length;
    size_t length;

    assert_non_null(record_hex);
    while (which < trace->count && strcmp(trace->names[which], name) != 0) {
        which++;
    }
    assert_true(which < trace->count);
    start_length = unhex(start, sizeof start, start_hex);
    length = unhex(record, sizeof record, record_hex);
    assert_int_equal(crypt_opener_open(trace->openers[which], record, length, plain, &opened, &err),
                     0);
    assert_int_equal(opened.content_type, strtol(type, NULL, 10));
    assert_int_equal(opened.length, length - WIRE_RECORD_HEADER - 1 - 16);
    assert_int_equal(opened.padding, 0);
    assert_memory_equal(plain, start, start_length);
}

static void all_traces_open(void **state)
{
    FILE *file = fopen(TRACES, "r");
    struct trace trace = {.count = 0};
    char line[8192];
    int traces = 0;
    int records = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *save;
        const char *word = strtok_r(line, " \n", &save);
        if (word == NULL || word[0] == '#') {
            continue;
        }
        if (strcmp(word, "trace") == 0) {
            end_trace(&trace);
            traces++;
        } else if (strcmp(word, "keys") == 0) {
            read_keys(&trace, save);
        } else {
            assert_string_equal(word, "record");
            read_record(&trace, save);
            records++;
        }
    }
    end_trace(&trace);
    (void)fclose(file);
    assert_int_equal(traces, 5);
    assert_int_equal(records, 27);
}

static void a_label_that_is_too_long_is_refused(void **state)
{
    char label[251];
    uint8_t secret[32] = {0};
    uint8_t output[16];

    (void)state;
    memset(label, 'x', sizeof label - 1);
    label[250] = '\0';
    assert_int_not_equal(
        crypt_hkdf_expand_label(GNUTLS_MAC_SHA256, secret, 32, label, output, sizeof output), 0);
    label[249] = '\0';
    assert_int_equal(
        crypt_hkdf_expand_label(GNUTLS_MAC_SHA256, secret, 32, label, output, sizeof output), 0);
}

/* ---- derivations ---------------------------------------------------------------------------- */

/* Derive-Secret(parent, label, messages up to `end`): what the RFC calls `name`, where the trace has it. */
static int expect_derived(const struct rfc8448 *trace, const struct handshake *handshake,
                          const char *parent, const char *label, size_t end, const char *name)
{
    uint8_t secret[CRYPT_SECRET_MAX];
    uint8_t expected[CRYPT_SECRET_MAX];
    uint8_t hash[CRYPT_HASH_MAX];
    uint8_t output[32];
    const struct crypt_hkdf hkdf = {
        .hash = GNUTLS_MAC_SHA256,
        .secret = secret,
        .secret_length = rfc8448_value(trace, parent, secret),
        .label = label,
        .context = hash,
        .context_length = handshake_hash(handshake, end, hash),
    };

    if (hkdf.secret_length == 0 || rfc8448_value(trace, name, expected) == 0) {
        return 0;
    }
    assert_int_equal(crypt_hkdf_expand(&hkdf, output, sizeof output), 0);
    if (memcmp(output, expected, sizeof output) != 0) {
        fail_msg("%s from %s", name, parent);
    }
    return 1;
}

/* HKDF-Extract(salt, input): what the RFC calls `name`. */
static int expect_extracted(const struct rfc8448 *trace, const char *salt, const char *input,
                            const char *name)
{
    uint8_t salt_bytes[CRYPT_SECRET_MAX];
    uint8_t input_bytes[CRYPT_SECRET_MAX];
    uint8_t expected[CRYPT_SECRET_MAX];
    uint8_t output[32];
    size_t length = input == NULL ? 0 : rfc8448_value(trace, input, input_bytes);

    if ((salt != NULL && rfc8448_value(trace, salt, salt_bytes) == 0) ||
        (input != NULL && length == 0) || rfc8448_value(trace, name, expected) == 0) {
        return 0;
    }
    assert_int_equal(crypt_hkdf_extract(GNUTLS_MAC_SHA256, salt == NULL ? NULL : salt_bytes,
                                        input == NULL ? NULL : input_bytes, length, output),
                     0);
    if (memcmp(output, expected, sizeof output) != 0) {
        fail_msg("%s", name);
    }
    return 1;
}

static void every_secret_comes_from_the_one_before(void **state)
{
    int compared = 0;

    (void)state;
    for (size_t t = 0; t < RFC8448_TRACES; t++) {
        struct rfc8448 trace;
        struct unsealed unsealed;
        struct handshake h;
        assert_int_equal(rfc8448_read(&trace, t), 0);
        assert_int_equal(unseal(&unsealed, trace.sent, trace.keylog), 0);
        assert_int_equal(handshake_merge(&h, &unsealed), 0);
        size_t client_hello = h.messages[0].end;
        size_t server_hello = 0;
        for (size_t i = 0; i < h.count; i++) { /* the last: the first may be HelloRetryRequest */
            server_hello =
                h.messages[i].type == WIRE_SERVER_HELLO ? h.messages[i].end : server_hello;
        }
        size_t server_finished = handshake_find(&h, WIRE_SERVER, WIRE_FINISHED)->end;
        size_t client_finished = handshake_find(&h, WIRE_CLIENT, WIRE_FINISHED)->end;
        const struct {
            const char *parent;
            const char *label;
            size_t end;
            const char *name;
        } derived[] = {
            {"early_secret", "derived", 0, "handshake_derived"},
            {"resumption_early", "derived", 0, "handshake_derived"},
            {"resumption_early", "res binder", 0, "resumption_binder_key"},
            {"resumption_early", "c e traffic", client_hello, "c_e_traffic"},
            {"resumption_early", "e exp master", client_hello, "e_exp_master"},
            {"handshake", "derived", 0, "application_derived"},
            {"handshake", "c hs traffic", server_hello, "c_hs_traffic"},
            {"handshake", "s hs traffic", server_hello, "s_hs_traffic"},
            {"application", "c ap traffic", server_finished, "c_ap_traffic"},
            {"application", "s ap traffic", server_finished, "s_ap_traffic"},
            {"application", "exp master", server_finished, "exp_master"},
            {"application", "res master", client_finished, "res_master"},
        };
        for (size_t i = 0; i < sizeof derived / sizeof *derived; i++) {
            compared += expect_derived(&trace, &h, derived[i].parent, derived[i].label,
                                       derived[i].end, derived[i].name);
        }
        compared += expect_extracted(&trace, NULL, NULL, "early_secret");
        compared += expect_extracted(&trace, NULL, "resumption", "resumption_early");
        compared += expect_extracted(&trace, "handshake_derived", "shared_secret", "handshake");
        compared += expect_extracted(&trace, "application_derived", NULL, "application");
        handshake_free(&h);
        unseal_free(&unsealed);
        rfc8448_free(&trace);
    }
    assert_int_equal(compared, 44); /* all that is in the file */
}

/* RFC 8446 4.6.1: the pre-shared key of the first trace's ticket, which the second one resumes. */
static void a_ticket_gives_the_next_sessions_key(void **state)
{
    static const uint8_t nonce[2] = {0, 0};
    uint8_t secret[CRYPT_SECRET_MAX];
    uint8_t expected[CRYPT_SECRET_MAX];
    uint8_t output[32];
    struct rfc8448 trace;

    (void)state;
    assert_int_equal(rfc8448_read(&trace, 0), 0);
    const struct crypt_hkdf hkdf = {
        .hash = GNUTLS_MAC_SHA256,
        .secret = secret,
        .secret_length = rfc8448_value(&trace, "res_master", secret),
        .label = "resumption",
        .context = nonce,
        .context_length = sizeof nonce,
    };
    assert_int_equal(rfc8448_value(&trace, "resumption", expected), 32);
    assert_int_equal(crypt_hkdf_expand(&hkdf, output, sizeof output), 0);
    assert_memory_equal(output, expected, 32);
    rfc8448_free(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_traces_open),
        cmocka_unit_test(every_secret_comes_from_the_one_before),
        cmocka_unit_test(a_ticket_gives_the_next_sessions_key),
        cmocka_unit_test(a_label_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
