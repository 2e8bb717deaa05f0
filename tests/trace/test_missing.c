/* What is missing to read what is encrypted: which secrets were given, and why they do not help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"
#include "identity.h"
#include "scratch.h"
#include "tlstep/report.h"

/* Secrets of nobody's connection. */
#define RANDOM  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TRAFFIC "0303030303030303030303030303030303030303030303030303030303030303"
#define OTHERS                                                                                    \
    "CLIENT_TRAFFIC_SECRET_0 " RANDOM " " TRAFFIC "\nSERVER_TRAFFIC_SECRET_0 " RANDOM " " TRAFFIC \
    "\n"

static const char do_not_fit[] = "the secrets given do not fit this connection";

/* The packets of a conversation, read with `keys`. */
static struct trace *captured(const char *name, struct trace_keys *keys)
{
    const struct conversation *conversation = conversation_case_held(name);
    struct trace *trace = conversation_capture_new();

    trace_use_keys(trace, keys);
    for (size_t i = 0; i < conversation->count; i++) {
        if (conversation->events[i].kind == TRACE_BYTES) {
            conversation_append(trace, &conversation->events[i]);
        }
    }
    trace_finish(trace);
    return trace;
}

static const char *missing(struct trace *trace)
{
    return trace_facts(trace, SIZE_MAX)->missing_secrets;
}

static void says(struct trace *trace, const char *wanted)
{
    const char *text = missing(trace);

    if (text == NULL || strstr(text, wanted) == NULL) {
        fail_msg("\"%s\" without \"%s\"", text != NULL ? text : "", wanted);
    }
}

/* The secrets of a conversation; those of the label `wrong` (NULL: none) end in another digit. */
static struct trace_keys *secrets_of(const char *name, const char *wrong)
{
    const struct conversation *conversation = conversation_case_held(name);
    struct trace_keys *keys = trace_keys_new();

    assert_non_null(keys);
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        char line[400];
        if (event->kind != TRACE_SECRET) {
            continue;
        }
        size_t length = strlen(event->text);
        assert_true(length < sizeof line);
        memcpy(line, event->text, length + 1);
        if (wrong != NULL && strstr(line, wrong) != NULL) {
            line[length - 1] = line[length - 1] == '0' ? '1' : '0';
        }
        assert_int_equal(trace_keys_add_lines(keys, line, length), 0);
    }
    return keys;
}

static void anothers_key_log_is_told_from_none(void **state)
{
    static const char *const names[] = {"tls13", "tls12-gcm"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct trace_keys *keys = trace_keys_new();
        assert_non_null(keys);
        assert_int_equal(trace_keys_add_lines(keys, OTHERS, strlen(OTHERS)), 0);
        struct trace *trace = captured(names[i], keys);
        says(trace, "the key log has 2 secrets, none of this connection (client random ");
        assert_null(strstr(missing(trace), "client random 0011223344556677"));
        trace_free(trace);
        trace_keys_free(keys);
    }
}

/* With the right ones nothing is missing; with wrong ones it is the secrets that do not fit, not a line that lacks. */
static void wrong_secrets_are_told_from_missing_ones(void **state)
{
    static const char *const cases[][2] = {{"tls13", "TRAFFIC_SECRET"},
                                           {"tls12-gcm", "CLIENT_RANDOM"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct trace_keys *keys = secrets_of(cases[i][0], NULL);
        struct trace *trace = captured(cases[i][0], keys);
        assert_null(missing(trace));
        trace_free(trace);
        trace_keys_free(keys);

        struct buffer text = {0};
        keys = secrets_of(cases[i][0], cases[i][1]);
        trace = captured(cases[i][0], keys);
        says(trace, do_not_fit);
        assert_int_equal(report_text(trace, SIZE_MAX, 0, &text), 0);
        assert_non_null(strstr(buffer_string(&text), do_not_fit));
        buffer_free(&text);
        trace_free(trace);
        trace_keys_free(keys);
    }
}

/* A traffic secret is as long as the hash of the cipher suite, RFC 8446 7.1. */
static void secrets_of_the_wrong_length_do_not_fit(void **state)
{
    struct trace *plain = captured("tls13", NULL);
    const struct conversation *conversation = conversation_case_held("tls13");
    struct trace_keys *keys = trace_keys_new();

    (void)state;
    assert_non_null(keys);
    for (size_t i = 0; i < conversation->count; i++) {
        const struct trace_event *event = &conversation->events[i];
        if (event->kind == TRACE_SECRET) { /* a byte less */
            assert_int_equal(trace_keys_add_lines(keys, event->text, strlen(event->text) - 2), 0);
        }
    }
    struct trace *trace = captured("tls13", keys);
    says(plain, "no CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    says(trace, do_not_fit);
    trace_free(plain);
    trace_free(trace);
    trace_keys_free(keys);
}

static void a_server_key_cannot_help_against_forward_secrecy(void **state)
{
    static const char *const cases[][2] = {
        {"tls13", "TLS 1.3 has forward secrecy: log the secrets of one side"},
        {"tls12-gcm", "ECDHE has forward secrecy: log the secrets of one side"},
    };
    struct identity identity;
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    struct trace_keys *keys = trace_keys_new();

    (void)state;
    assert_non_null(keys);
    assert_int_equal(identity_make(&identity, IDENTITY_RSA, NULL), 0);
    assert_int_equal(identity_write(&identity, scratch_path(path, "")), 0);
    if (trace_keys_add_server_key(keys, scratch_path(path, "key.pem"), &err) != 0) {
        fail_msg("%s", err.text);
    }
    for (size_t i = 0; i < 2; i++) {
        struct trace *trace = captured(cases[i][0], keys);
        says(trace, "the server's private key cannot help: ");
        says(trace, cases[i][1]);
        trace_free(trace);
    }
    identity_free(&identity);
    trace_keys_free(keys);
}

/* Nobody can log what is not there any more; also when what was redacted is saved once more. */
static void a_redacted_file_says_so(void **state)
{
    static const char text[] = "this file was redacted when it was saved";
    struct trace_keys *keys = secrets_of("tls13", NULL);
    struct trace *saved[2] = {captured("tls13", keys),
                              conversation_trace(conversation_case_held("tls13"))};
    struct err err = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_null(missing(saved[i]));
        assert_int_equal(
            trace_save_redacted(saved[i], scratch_path(path, "redacted.pcapng"), true, &err), 0);
        struct trace *first = trace_open(path, &err);
        assert_non_null(first);
        assert_non_null(missing(first));
        assert_string_equal(missing(first), text);
        assert_int_equal(trace_save(first, scratch_path(path, "again.pcapng"), true, &err), 0);
        struct trace *again = trace_open(path, &err);
        assert_non_null(again);
        assert_non_null(missing(again));
        assert_string_equal(missing(again), text);
        trace_free(first);
        trace_free(again);
        trace_free(saved[i]);
    }
    trace_keys_free(keys);
}

static void a_whole_file_lacks_nothing(void **state)
{
    struct trace *trace = conversation_trace(conversation_case_held("tls13"));
    struct err err = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    assert_int_equal(trace_save(trace, scratch_path(path, "whole.pcapng"), true, &err), 0);
    struct trace *opened = trace_open(path, &err);
    assert_non_null(opened);
    assert_null(missing(opened));
    trace_free(opened);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anothers_key_log_is_told_from_none),
        cmocka_unit_test(wrong_secrets_are_told_from_missing_ones),
        cmocka_unit_test(secrets_of_the_wrong_length_do_not_fit),
        cmocka_unit_test(a_server_key_cannot_help_against_forward_secrecy),
        cmocka_unit_test(a_redacted_file_says_so),
        cmocka_unit_test(a_whole_file_lacks_nothing),
    };
    return cmocka_run_group_tests(tests, conversation_cases_hold, conversation_cases_free);
}
