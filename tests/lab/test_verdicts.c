/* tlstep itself judges each scenario's certificates as the scenario's row says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "certificate.h"
#include "tlstep/pki.h"

#define CHAIN_MAX 8

/* All reasons against a scenario's chain, one after the other, as a client of the lab sees it. */
static void judge(const struct lab_scenario *scenario, struct buffer *reasons)
{
    struct lab_ca *ca = lab_ca_new(NULL);
    struct tls_identity *identity;
    struct pki_slice root;
    struct pki_slice chain[CHAIN_MAX];
    struct pki_request request = {
        .chain = chain,
        .trust = pki_trust_none(NULL),
        .hostname = scenario->hostname,
        .at = clock_wall_ns() / 1000000000,
    };
    struct pki_verification *verification;
    gnutls_datum_t der;

    assert_non_null(ca);
    identity = lab_certificates_make(scenario, ca, NULL);
    assert_non_null(identity);
    root = lab_ca_root(ca);
    assert_int_equal(pki_trust_add_der(request.trust, root.data, root.length, NULL), 0);
    while (request.chain_length < CHAIN_MAX &&
           gnutls_certificate_get_crt_raw(tls_identity_credentials(identity), 0,
                                          (unsigned)request.chain_length, &der) == 0) {
        chain[request.chain_length++] = (struct pki_slice){der.data, der.size};
    }
    verification = pki_verify(&request, NULL);
    assert_non_null(verification);
    for (size_t i = 0; i < verification->reason_count; i++) {
        buffer_printf(reasons, "%s%s", i > 0 ? " " : "",
                      pki_reason_name(verification->reasons[i].code));
    }
    assert_int_equal(verification->ok, verification->reason_count == 0);
    pki_verification_free(verification);
    pki_trust_release(request.trust);
    tls_identity_release(identity);
    lab_ca_release(ca);
}

static void the_reason_in_the_row_is_the_only_one(void **state)
{
    size_t count;
    const struct lab_scenario *all = lab_scenarios(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        /* "timeout", "closed" and alerts are not about certificates: those are good. */
        bool is_reason = pki_reason_from_name(all[i].expected) >= 0;
        struct buffer reasons = {0};
        judge(&all[i], &reasons);
        if (strcmp(buffer_string(&reasons), is_reason ? all[i].expected : "") != 0) {
            fail_msg("lab:%s: \"%s\" instead of \"%s\"", all[i].name, buffer_string(&reasons),
                     all[i].expected);
        }
        buffer_free(&reasons);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reason_in_the_row_is_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
