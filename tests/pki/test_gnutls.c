/* GnuTLS's verdict stands beside ours, at the same time and for the same name; each difference is a known one and written down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "gnutls_verdict.h"
#include "openssl_suite.h"
#include "verdict.h"

static struct pki_verification *ask(struct pki_request request, const struct cert *const *chain)
{
    struct pki_verification *verdict;

    request.gnutls = true;
    verdict = verdict_ask(request, chain);
    assert_non_null(verdict);
    assert_true(verdict->gnutls_performed);
    return verdict;
}

static void it_is_asked_for_the_same_time_and_name(void **state)
{
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *leaf = cert_must((struct cert_options){
        .common_name = "leaf", .issuer = root, .names = NAMES("DNS:example.org")});
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct {
        int64_t at;
        const char *hostname;
        bool ok;
        const char *words;
    } cases[] = {
        {CERT_NOW, "example.org", true, "The certificate is trusted"},
        {CERT_NOW, "example.com", false, "does not match the expected"},
        {CERT_NOW + 300 * CERT_DAY, "example.org", false, "expired"},
        {CERT_NOW - 300 * CERT_DAY, "example.org", false, "not yet valid"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pki_verification *verdict = ask(
            (struct pki_request){.trust = trust, .at = cases[i].at, .hostname = cases[i].hostname},
            CHAIN(leaf));
        assert_int_equal(verdict->ok, cases[i].ok);
        assert_int_equal(verdict->gnutls_ok, cases[i].ok);
        assert_null(verdict->difference);
        assert_non_null(strstr(verdict->gnutls_text, cases[i].words));
        pki_verification_free(verdict);
    }
    pki_trust_release(trust);
    cert_free(leaf);
    cert_free(root);
}

static void a_difference_names_both_reasons_and_who_is_right(void **state)
{
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *quiet =
        cert_must((struct cert_options){.common_name = "example.org", .issuer = root});
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct pki_verification *verdict =
        ask((struct pki_request){.trust = trust, .at = CERT_NOW, .hostname = "example.org"},
            CHAIN(quiet));

    (void)state;
    assert_false(verdict->ok);
    assert_true(verdict->gnutls_ok);
    assert_string_equal(
        verdict->difference,
        "tlstep refuses it (hostname_mismatch), GnuTLS accepts it: without names in "
        "subjectAltName, GnuTLS takes the common name for one. RFC 9525 2 is on "
        "tlstep's side.");
    pki_verification_free(verdict);
    pki_trust_release(trust);
    cert_free(quiet);
    cert_free(root);
}

static void what_it_cannot_read_harms_nobody(void **state)
{
    struct cert rubbish = {.der = (uint8_t *)(uintptr_t) "\x30\x03rub", .length = 5};
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = root});
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    const struct cert *const *chains[] = {CHAIN(&rubbish), CHAIN(NULL), CHAIN(leaf, &rubbish)};

    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++) {
        struct pki_verification *verdict =
            ask((struct pki_request){.trust = trust, .at = CERT_NOW}, chains[i]);
        assert_false(verdict->ok);
        assert_true(strlen(verdict->gnutls_text) > 0);
        assert_int_equal(verdict->difference != NULL, verdict->gnutls_ok);
        pki_verification_free(verdict);
    }
    pki_trust_release(trust);
    cert_free(leaf);
    cert_free(root);
}

/* ---- its clock ------------------------------------------------------------------------- */

/* In 70 kB: no certificate of today, and GnuTLS's time grows with the square of a certificate's parts. */
static void it_is_not_asked_what_would_keep_it_busy(void **state)
{
    static const uint8_t filling[70000] = {0x04, 0x83, 0x01, 0x11, 0x6b}; /* an OCTET STRING */
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *leaf = cert_must((struct cert_options){.common_name = "leaf",
                                                        .issuer = root,
                                                        .names = NAMES("DNS:example.org"),
                                                        .extension = "1.3.6.1.4.1.99999.1",
                                                        .extension_value = filling,
                                                        .extension_length = sizeof filling});
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct pki_verification *verdict = verdict_ask(
        (struct pki_request){.trust = trust, .at = CERT_NOW, .gnutls = true}, CHAIN(leaf));

    (void)state;
    assert_non_null(verdict);
    assert_true(verdict->ok);
    assert_false(verdict->gnutls_performed);
    assert_null(verdict->difference);
    pki_verification_free(verdict);
    pki_trust_release(trust);
    cert_free(leaf);
    cert_free(root);
}

static void *look_at_the_clock(void *argument)
{
    const struct cert *cert = argument;

    for (int i = 0; i < 200; i++) {
        unsigned status = 0;
        if (gnutls_x509_crt_verify(cert->crt, &cert->crt, 1, 0, &status) != 0 || status != 0) {
            abort(); /* the other thread's time */
        }
    }
    return NULL;
}

/* GnuTLS has one clock for all; a verdict for another time must not be seen by a session of another thread. */
static void other_threads_keep_their_time(void **state)
{
    struct cert *now = cert_must((struct cert_options){.common_name = "now",
                                                       .ca = true,
                                                       .not_before = time(NULL) - CERT_DAY,
                                                       .not_after = time(NULL) + CERT_DAY});
    struct pki_trust *trust = verdict_trust(CHAIN(now));
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, look_at_the_clock, now), 0);
    for (int i = 0; i < 100; i++) {
        pki_verification_free(ask((struct pki_request){.trust = trust, .at = 1}, CHAIN(now)));
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_null(look_at_the_clock(now));
    pki_trust_release(trust);
    cert_free(now);
}

/* ---- the table ------------------------------------------------------------------------- */

static void every_row_stands_in_the_documentation(void **state)
{
    struct buffer text = {0};

    (void)state;
    if (access("docs/verification.md", R_OK) != 0) {
        print_message("skipped: not in the source tree\n");
        skip();
    }
    assert_int_equal(file_read("docs/verification.md", "text", 1 << 20, &text, NULL), 0);
    assert_true(gnutls_difference_count() > 20);
    for (size_t i = 0; i < gnutls_difference_count(); i++) {
        char cell[80];
        (void)snprintf(cell, sizeof cell, "| `%s` |", gnutls_difference_id(i));
        if (strstr(buffer_string(&text), cell) == NULL) {
            fail_msg("docs/verification.md has no row %s", cell);
        }
    }
    buffer_free(&text);
}

/* OpenSSL's chains: where GnuTLS differs from us, the table knows why. */

/* GnuTLS 3.7.9 forgets a few bytes of a name constraint that it does not know (otherName); sanitizers would hold it against us. */
static bool leaks_in_gnutls(const char *leaf)
{
#ifdef __SANITIZE_ADDRESS__
    return strstr(leaf, "othername") != NULL;
#else
    (void)leaf;
    return false;
#endif
}

struct differences {
    size_t all, unknown;
};

static void judge_row(void *context, char **columns)
{
    struct differences *differences = context;
    static const char *const purposes[] = {"sslserver", "sslclient", "-"};
    struct pki_request request = {.at = CERT_NOW, .gnutls = true};
    struct pki_slice chain[1 + SUITE_FILES_MAX];
    struct pki_verification *verdict;
    size_t purpose = 0;

    while (purpose < 3 && strcmp(columns[SUITE_PURPOSE], purposes[purpose]) != 0) {
        purpose++;
    }
    if (purpose == 3 || leaks_in_gnutls(columns[SUITE_LEAF])) {
        return;
    }
    request.purpose = (enum pki_purpose)purpose;
    request.strength = (enum pki_strength)(PKI_STRENGTH_0 + (columns[SUITE_LEVEL][0] - '0'));
    assert_int_equal(suite_certificates(chain, columns[SUITE_LEAF]), 1);
    request.chain_length = 1 + suite_certificates(chain + 1, columns[SUITE_UNTRUSTED]);
    request.chain = chain;
    request.trust = suite_trust(columns[SUITE_TRUSTED]);
    verdict = pki_verify(&request, NULL);
    assert_non_null(verdict);
    assert_int_equal(verdict->difference != NULL, verdict->ok != verdict->gnutls_ok);
    differences->all += verdict->difference != NULL;
    if (verdict->difference != NULL && strstr(verdict->difference, "not known") != NULL) {
        print_error("%s under %s: %s\n", columns[SUITE_LEAF], columns[SUITE_TRUSTED],
                    verdict->difference);
        differences->unknown++;
    }
    if (getenv("TLSTEP_SHOW") != NULL && verdict->difference != NULL) {
        print_message("%s %s: %s\n", columns[SUITE_LEAF], columns[SUITE_TRUSTED],
                      verdict->difference);
    }
    pki_verification_free(verdict);
    pki_trust_release(request.trust);
    suite_certificates_free(chain, request.chain_length);
}

static void differences_on_openssls_chains_are_known(void **state)
{
    struct differences differences = {0};

    (void)state;
    suite_each_row("verify.tsv", judge_row, &differences);
    print_message("GnuTLS differs in %zu cases\n", differences.all);
    assert_int_equal(differences.unknown, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_for_the_same_time_and_name),
        cmocka_unit_test(a_difference_names_both_reasons_and_who_is_right),
        cmocka_unit_test(what_it_cannot_read_harms_nobody),
        cmocka_unit_test(it_is_not_asked_what_would_keep_it_busy),
        cmocka_unit_test(other_threads_keep_their_time),
        cmocka_unit_test(every_row_stands_in_the_documentation),
        cmocka_unit_test(differences_on_openssls_chains_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
