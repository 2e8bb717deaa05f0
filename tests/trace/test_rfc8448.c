/* The five example traces of RFC 8448 are read to the message that the RFC names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conversation_cases.h"

#define TRACES "tests/data/rfc8448_records.txt"

/* Appends one line: a secret, or a record of one side. */
static void append_line(struct trace *trace, const char *word, const char *rest)
{
    static uint8_t record[2048];
    struct trace_event secret = {.kind = TRACE_SECRET};
    long length;

    if (strcmp(word, "secret") == 0) {
        secret.text = (char *)(uintptr_t)rest;
        conversation_append(trace, &secret);
        return;
    }
    length = text_unhex(record, sizeof record, rest, strlen(rest));
    assert_true(length > 0);
    conversation_bytes(trace, strcmp(word, "client") == 0 ? WIRE_CLIENT : WIRE_SERVER, record,
                       (size_t)length);
}

/* The trace whose title begins so. */
static struct trace *read_trace(const char *title)
{
    struct trace *trace = conversation_trace_new();
    FILE *file = fopen(TRACES, "r");
    static char line[6000];
    bool found = false;
    bool inside = false;

    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *rest = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        if (rest == NULL || line[0] == '#') {
            continue;
        }
        *rest++ = '\0';
        if (strcmp(line, "trace") == 0) {
            inside = strncmp(rest, title, strlen(title)) == 0;
            found |= inside;
        } else if (inside) {
            append_line(trace, line, rest);
        }
    }
    assert_int_equal(fclose(file), 0);
    assert_true(found);
    trace_finish(trace);
    return trace;
}

static void expect(const char *title, const char *client, const char *server)
{
    struct trace *trace = read_trace(title);
    char rows[1000];

    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_CLIENT), client);
    assert_string_equal(conversation_rows_text(rows, sizeof rows, trace, WIRE_SERVER), server);
    for (size_t i = 0; i < trace_row_count(trace); i++) {
        assert_int_equal(trace_row_at(trace, i)->encrypted, trace_row_at(trace, i)->decrypted);
        assert_false(trace_row_at(trace, i)->malformed);
    }
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);
    assert_int_equal(facts->version, WIRE_TLS13);
    assert_int_equal(facts->cipher_suite, 0x1301);
    assert_true(facts->has_secrets);
    trace_free(trace);
}

static void section_3_simple(void **state)
{
    struct trace *trace = read_trace("section 3");
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    (void)state;
    expect("section 3", "CH F D A", "SH EE C CV F NST D A");
    assert_int_equal(facts->group, 0x001d);
    assert_int_equal(facts->signature_scheme, 0x0804);
    assert_string_equal(facts->sni, "server");
    assert_int_equal(facts->certificate_count, 1);
    assert_int_equal(facts->application_data[WIRE_CLIENT], 50);
    assert_int_equal(facts->application_data[WIRE_SERVER], 50);
    trace_free(trace);
}

static void section_4_resumed_with_early_data(void **state)
{
    struct trace *trace = read_trace("section 4");
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    (void)state;
    expect("section 4", "CH D EOED F D A", "SH EE F D A");
    assert_int_equal(facts->resumed, TRACE_YES);
    assert_int_equal(facts->early_data, TRACE_YES);
    assert_int_equal(facts->application_data[WIRE_CLIENT], 6 + 50);
    trace_free(trace);
}

static void section_5_hello_retry_request(void **state)
{
    struct trace *trace = read_trace("section 5");
    const struct trace_facts *facts = trace_facts(trace, SIZE_MAX);

    (void)state;
    expect("section 5", "CH CH F A", "HRR SH EE C CV F A");
    assert_int_equal(facts->hello_retry, TRACE_YES);
    assert_int_equal(facts->group, 0x0017);
    /* Of the HelloRetryRequest, as tshark has it for this trace. */
    assert_string_equal(facts->ja3s, "5e782992dd22a63dd5c0ebc97e3f3843");
    trace_free(trace);
}

static void section_6_client_authentication(void **state)
{
    (void)state;
    expect("section 6", "CH C CV F A", "SH EE CR C CV F A");
}

static void section_7_compatibility_mode(void **state)
{
    (void)state;
    expect("section 7", "CH CCS F A", "SH CCS EE C CV F A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section_3_simple),
        cmocka_unit_test(section_4_resumed_with_early_data),
        cmocka_unit_test(section_5_hello_retry_request),
        cmocka_unit_test(section_6_client_authentication),
        cmocka_unit_test(section_7_compatibility_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
