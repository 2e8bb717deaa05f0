/* Every reason code has a name, a place in an RFC, an alert and an explanation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/explain.h"
#include "tlstep/pki.h"

/* CONTRACT.md's list, which scripts rely on. */
static const char *const contract[] = {
    "expired",
    "not_yet_valid",
    "hostname_mismatch",
    "no_trust_anchor",
    "self_signed",
    "missing_intermediate",
    "bad_signature",
    "weak_signature",
    "weak_key",
    "not_a_ca",
    "path_length",
    "name_constraint",
    "key_usage",
    "extended_key_usage",
    "revoked",
    "revocation_unknown",
    "policy",
    "unknown_critical_extension",
    "malformed",
    "not_conforming",
};

static void codes_are_those_of_the_contract(void **state)
{
    (void)state;
    assert_int_equal(PKI_REASON_COUNT, sizeof contract / sizeof contract[0]);
    for (size_t i = 0; i < PKI_REASON_COUNT; i++) {
        long code = pki_reason_from_name(contract[i]);
        if (code < 0) {
            fail_msg("no reason is called %s", contract[i]);
        }
        assert_string_equal(pki_reason_name((enum pki_reason_code)code), contract[i]);
        assert_non_null(strstr(pki_reason_reference((enum pki_reason_code)code), "RFC "));
    }
    assert_int_equal(pki_reason_from_name("expire"), -1);
}

/* RFC 8446 6.2: only alerts that are about certificates. */
static void alerts_are_about_certificates(void **state)
{
    (void)state;
    for (enum pki_reason_code code = 0; code < PKI_REASON_COUNT; code++) {
        uint8_t alert = pki_reason_alert(code);
        assert_true((alert >= 42 && alert <= 46) || alert == 48);
    }
    assert_int_equal(pki_reason_alert(PKI_EXPIRED), 45);
    assert_int_equal(pki_reason_alert(PKI_REVOKED), 44);
    assert_int_equal(pki_reason_alert(PKI_NO_TRUST_ANCHOR), 48);
}

static void each_is_explained(void **state)
{
    (void)state;
    for (enum pki_reason_code code = 0; code < PKI_REASON_COUNT; code++) {
        char id[80];
        (void)snprintf(id, sizeof id, "reason.%s", pki_reason_name(code));
        if (explain_find(id) == NULL) {
            fail_msg("docs/fields/reasons.md has no text for %s", id);
        }
    }
    assert_non_null(explain_find("expired"));
    assert_non_null(explain_find("wrong host"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_contract),
        cmocka_unit_test(alerts_are_about_certificates),
        cmocka_unit_test(each_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
