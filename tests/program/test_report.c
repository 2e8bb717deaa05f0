/* What scripts rely on: the report's shape and the exit status, for each lab server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program.h"
#include "tlstep/lab.h"

static bool has_message(json_t *report, const char *from, const char *type)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(report, "messages"), i, entry)
    {
        if (strcmp(json_text_at(entry, "from"), from) == 0 &&
            strcmp(json_text_at(entry, "type"), type) == 0)
            return true;
    }
    return false;
}

static void the_good_server_is_reported_whole(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, NULL, "report", "--json", "lab:good");
    assert_int_equal(program.status, 0);
    json_t *report = program_json(&program);
    assert_string_equal(json_text_at(report, "schema"), "tlstep.report/1");
    assert_string_equal(json_text_at(report, "target.input"), "lab:good");
    assert_string_equal(json_text_at(report, "target.sni"), "good.lab.tlstep.test");
    assert_string_equal(json_text_at(report, "negotiated.version"), "TLS 1.3");
    assert_string_equal(json_text_at(report, "negotiated.version_id"), "0x0304");
    assert_memory_equal(json_text_at(report, "negotiated.cipher_suite.id"), "0x13", 4);
    assert_string_equal(json_text_at(report, "negotiated.key_exchange"), "ECDHE");
    assert_true(json_is_false(json_at(report, "negotiated.resumed")));
    assert_true(json_is_false(json_at(report, "negotiated.hello_retry")));
    assert_string_equal(json_text_at(json_phase(report, "close"), "status"), "done");
    assert_string_equal(json_text_at(report, "certificates.0.role"), "leaf");
    assert_string_equal(json_text_at(report, "certificates.0.from"), "server");
    assert_int_equal(strlen(json_text_at(report, "certificates.0.sha256")), 64);
    assert_true(json_is_true(json_at(report, "verification.ok")));
    assert_true(json_is_true(json_at(report, "verification.hostname_ok")));
    assert_int_equal(json_array_size(json_at(report, "verification.reasons")), 0);
    assert_int_equal(strlen(json_text_at(report, "fingerprints.ja3")), 32);
    assert_int_equal(strlen(json_text_at(report, "fingerprints.ja4")), 36);
    assert_int_equal(json_integer_value(json_at(report, "application_data.client")), 0);
    assert_true(json_integer_value(json_at(report, "bytes.sent")) > 300);
    assert_true(json_integer_value(json_at(report, "bytes.received")) > 500);
    assert_true(has_message(report, "client", "ClientHello"));
    assert_true(has_message(report, "server", "CertificateVerify"));
    assert_true(has_message(report, "client", "Finished"));
    assert_true(has_message(report, "server", "NewSessionTicket"));
    json_decref(report);
    program_free(&program);
}

/* Rows count from 1 without a gap, times do not run backwards on one side, and the TCP handshake
 * is told as the kernel's. */
static void rows_are_numbered_and_honest(void **state)
{
    struct program program;
    double last[2] = {0, 0};
    size_t i;
    json_t *row;
    (void)state;

    PROGRAM(&program, 20, NULL, "report", "--json", "lab:tls12");
    json_t *report = program_json(&program);
    json_array_foreach(json_object_get(report, "messages"), i, row)
    {
        int side = strcmp(json_text_at(row, "from"), "server") == 0;
        double time = json_number_value(json_at(row, "time_ms"));
        assert_int_equal(json_integer_value(json_at(row, "n")), i + 1);
        assert_true(time >= last[side]);
        last[side] = time;
        bool tcp = strcmp(json_text_at(row, "layer"), "tcp") == 0;
        assert_int_equal(json_is_true(json_at(row, "observed")), !tcp);
    }
    assert_true(i > 12);
    assert_string_equal(json_text_at(report, "messages.0.type"), "SYN");
    assert_string_equal(json_text_at(report, "messages.1.type"), "SYN-ACK");
    assert_string_equal(json_text_at(report, "messages.2.type"), "ACK");
    assert_string_equal(json_text_at(report, "negotiated.version"), "TLS 1.2");
    json_decref(report);
    program_free(&program);
}

/* What each is to get is asked of four clients by tests/lab/test_clients.c: here they are targets that start by themselves. */
static void each_scenario_is_a_target(void **state)
{
    size_t count;
    const struct lab_scenario *scenarios = lab_scenarios(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        struct program program;
        char target[80];
        (void)snprintf(target, sizeof target, "lab:%s", scenarios[i].name);
        PROGRAM(&program, 20, NULL, "report", "--json", "--timeout", "1", "--linger", "0", target);
        assert_in_range(program.status, 0, 1);
        json_t *report = program_json(&program);
        assert_string_equal(json_text_at(report, "target.sni"), scenarios[i].hostname);
        assert_string_equal(json_text_at(json_phase(report, "connect"), "status"), "done");
        json_decref(report);
        program_free(&program);
    }
}

/* A refused certificate ends the session at verify, with an alert that says why (RFC 8446 6.2). */
static void a_refused_certificate_gets_its_alert(void **state)
{
    static const char *const cases[][3] = {
        {"lab:expired", "expired", "certificate_expired"},
        {"lab:untrusted-root", "no_trust_anchor", "unknown_ca"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct program program;
        PROGRAM(&program, 20, NULL, "report", "--json", cases[i][0]);
        assert_int_equal(program.status, 1);
        json_t *report = program_json(&program);
        assert_string_equal(json_text_at(report, "verification.reasons.0.code"), cases[i][1]);
        assert_true(strlen(json_text_at(report, "verification.reasons.0.mend")) > 10);
        assert_string_equal(json_text_at(report, "alerts.0.from"), "client");
        assert_string_equal(json_text_at(report, "alerts.0.level"), "fatal");
        assert_string_equal(json_text_at(report, "alerts.0.description"), cases[i][2]);
        assert_string_equal(json_text_at(json_phase(report, "verify"), "status"), "failed");
        assert_string_equal(json_text_at(json_phase(report, "data"), "status"), "pending");
        assert_false(has_message(report, "client", "Finished"));
        json_decref(report);
        program_free(&program);
    }
}

/* What the options turn off is off. */
static void options_change_the_verdict(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, NULL, "report", "--json", "--linger", "0", "--no-verify", "lab:expired");
    assert_int_equal(program.status, 0);
    json_t *report = program_json(&program);
    assert_true(json_is_false(json_at(report, "verification.performed")));
    json_decref(report);
    program_free(&program);

    PROGRAM(&program, 20, NULL, "report", "--linger", "0", "--no-hostname-check", "lab:wrong-host");
    assert_int_equal(program.status, 0);
    program_free(&program);

    PROGRAM(&program, 20, NULL, "report", "--linger", "0", "--at", "2001-01-01T00:00:00Z", "--json",
            "lab:good");
    assert_int_equal(program.status, 1);
    report = program_json(&program);
    assert_string_equal(json_text_at(report, "verification.reasons.0.code"), "not_yet_valid");
    assert_string_equal(json_text_at(report, "verification.at"), "2001-01-01T00:00:00Z");
    json_decref(report);
    program_free(&program);

    PROGRAM(&program, 20, NULL, "report", "--linger", "0", "--trust", "none", "--json", "lab:good");
    assert_int_equal(program.status, 1);
    report = program_json(&program);
    assert_int_equal(json_integer_value(json_at(report, "verification.trust.anchors")), 0);
    json_decref(report);
    program_free(&program);
}

static void certificates_that_end_soon_are_told(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, NULL, "report", "--linger", "0", "--expires-within", "36500", "lab:good");
    assert_int_equal(program.status, 1);
    assert_non_null(strstr(buffer_string(&program.errors), "ends within 36500 days"));
    program_free(&program);
    PROGRAM(&program, 20, NULL, "report", "--linger", "0", "--expires-within", "0", "lab:good");
    assert_int_equal(program.status, 0);
    program_free(&program);
}

static void text_is_for_people(void **state)
{
    struct program program;
    (void)state;

    PROGRAM(&program, 20, NULL, "report", "--ascii", "lab:expired");
    assert_int_equal(program.status, 1);
    const char *text = buffer_string(&program.output);
    for (const char *c = text; *c != '\0'; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f)); /* --ascii, and no colour in a pipe */
    assert_non_null(strstr(text, "refused"));
    assert_non_null(strstr(text, "Mend it: renew"));
    assert_non_null(strstr(text, "CertificateVerify"));
    program_free(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_server_is_reported_whole),
        cmocka_unit_test(rows_are_numbered_and_honest),
        cmocka_unit_test(each_scenario_is_a_target),
        cmocka_unit_test(a_refused_certificate_gets_its_alert),
        cmocka_unit_test(options_change_the_verdict),
        cmocka_unit_test(certificates_that_end_soon_are_told),
        cmocka_unit_test(text_is_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
