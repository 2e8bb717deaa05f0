/* Sets of CRLs: from files of every form, large ones, and when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "scratch.h"
#include "statements.h"
#include "verdict.h"

static struct cert *root, *ca, *leaf;
static struct pki_trust *trust;
static char *leaf_entry, *ca_entry;

static int set_up(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    ca = cert_make(&(struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    leaf = cert_make(&(struct cert_options){.common_name = "leaf", .issuer = ca});
    assert_true(root != NULL && ca != NULL && leaf != NULL);
    trust = verdict_trust(CHAIN(root));
    leaf_entry = crl_entry(leaf, "");
    ca_entry = crl_entry(ca, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(trust);
    cert_free(root);
    cert_free(ca);
    cert_free(leaf);
    free(leaf_entry);
    free(ca_entry);
    return 0;
}

static struct pki_verification *verify(struct pki_revocations *set)
{
    struct pki_request request = {.trust = trust, .at = CERT_NOW, .revocations = set};
    struct pki_verification *verdict = verdict_ask(request, CHAIN(leaf, ca));

    assert_non_null(verdict);
    return verdict;
}

/* ---- files --------------------------------------------------------------------------------- */

static void expect_refused(const char *path, const char *says)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct err err = {0};

    assert_int_equal(pki_revocations_add_crl_file(set, path, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    if (strstr(err.text, says) == NULL || strstr(err.text, path) == NULL) {
        fail_msg("\"%s\" does not say \"%s\" of %s", err.text, says, path);
    }
    pki_revocations_free(set);
}

static void files_may_hold_several(void **state)
{
    struct buffer der = {0}, text = {0};
    char path[SCRATCH_PATH_MAX], pem[SCRATCH_PATH_MAX], codes[200];
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct pki_verification *verdict;
    size_t first;

    (void)state;
    crl_append(&der, &(struct crl_options){.issuer = ca});
    first = der.length;
    crl_append(&der, &(struct crl_options){.issuer = root, .entries = ca_entry});
    scratch_write(path, "two.crl", der.data, der.length);
    cert_append_pem(&text, ca);
    pki_pem_append(&text, (struct pki_slice){der.data, first}, "X509 CRL");
    pki_pem_append(&text, (struct pki_slice){der.data + first, der.length - first}, "X509 CRL");
    scratch_write(pem, "two.pem", text.data, text.length);
    assert_int_equal(pki_revocations_add_crl_file(set, path, NULL), 0);
    verdict = verify(set);
    assert_string_equal(verdict_codes(codes, sizeof codes, verdict), "revoked");
    assert_int_equal(verdict->revocation_count, 2);
    assert_string_equal(pki_revocation_status_name(verdict->revocations[0].status), "good");
    assert_string_equal(pki_revocation_status_name(verdict->revocations[1].status), "revoked");
    assert_int_equal(verdict->revocations[1].certificate, 1);
    assert_int_equal(verdict->revocations[1].revoked_at, 1779264000); /* 2026-05-20T08:00:00Z */
    assert_string_equal(verdict->revocations[1].source, path);
    pki_verification_free(verdict);
    /* The same two again are the same two. */
    assert_int_equal(pki_revocations_add_crl_file(set, pem, NULL), 0);
    verdict = verify(set);
    assert_int_equal(verdict->revocation_count, 2);
    pki_verification_free(verdict);
    pki_revocations_free(set);
    buffer_free(&der);
    buffer_free(&text);
}

static void errors_name_file_and_reason(void **state)
{
    struct buffer der = {0}, text = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    crl_append(&der, &(struct crl_options){.issuer = ca, .entries = leaf_entry});
    expect_refused("/nowhere/x.crl", "No such file");
    expect_refused(scratch_write(path, "cut.crl", der.data, der.length - 1), "cut short");
    expect_refused(scratch_write(path, "empty.crl", "", 0), "empty");
    expect_refused(scratch_write(path, "cert.crl", leaf->der, leaf->length), "a certificate");
    cert_append_pem(&text, leaf);
    expect_refused(scratch_write(path, "cert.pem", text.data, text.length), "CERTIFICATE");
    expect_refused(scratch_write(path, "page.html", "<html>", 6), "HTML");
    der.data[20] ^= 0xff;
    expect_refused(scratch_write(path, "odd.crl", der.data, der.length), "cannot be read");
    buffer_free(&der);
    buffer_free(&text);
}

/* ---- size ---------------------------------------------------------------------------------- */

static void a_hundred_thousand_entries_are_no_burden(void **state)
{
    struct buffer entries = {0}, der = {0};
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct pki_verification *verdict;
    int64_t start;
    char codes[200];

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        buffer_printf(&entries, "30(02(1b%06x)17('260520080000Z'))", i);
    }
    buffer_text(&entries, leaf_entry);
    crl_append(&der, &(struct crl_options){.issuer = ca, .entries = buffer_string(&entries)});
    assert_int_equal(
        pki_revocations_add_crl(set, (struct pki_slice){der.data, der.length}, "big.crl", NULL), 0);
    start = clock_monotonic_ns();
    verdict = verify(set);
    print_message("a list of %zu bytes was searched in %lld ms\n", der.length,
                  (long long)(clock_monotonic_ns() - start) / 1000000);
    assert_string_equal(verdict_codes(codes, sizeof codes, verdict), "revoked");
    assert_true(clock_monotonic_ns() - start < (int64_t)3 * 1000000000);
    pki_verification_free(verdict);
    pki_revocations_free(set);
    buffer_free(&entries);
    buffer_free(&der);
}

/* ---- memory -------------------------------------------------------------------------------- */

/* True when all could be read. */
static bool read_both(const char *crl, const struct buffer *response)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct err err = {0};
    bool done = set != NULL && pki_revocations_add_crl_file(set, crl, &err) == 0 &&
                pki_revocations_add_ocsp(set, (struct pki_slice){response->data, response->length},
                                         "a.ocsp", &err) == 0;

    assert_true(done || set == NULL || err.class == ERR_MEMORY);
    pki_revocations_free(set);
    return done;
}

/* Whichever allocation fails. (Judging ends in GnuTLS, which 3.7.9 does not survive: gnutls_pubkey_import.) */
static void memory_that_runs_out_is_an_error_like_others(void **state)
{
    struct buffer crl = {0}, pem = {0}, response = {0};
    bool done = false, refused = true;
    unsigned long count = 0;
    char path[SCRATCH_PATH_MAX];

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    crl_append(&crl, &(struct crl_options){.issuer = ca, .entries = leaf_entry});
    ocsp_append(&response, &(struct ocsp_options){.certificate = leaf, .issuer = ca});
    pki_pem_append(&pem, (struct pki_slice){crl.data, crl.length}, "X509 CRL");
    scratch_write(path, "a.pem", pem.data, pem.length);
    for (; refused && count < 1000; count++) {
        scarcity_begin(count);
        done = read_both(path, &response);
        refused = scarcity_end();
        assert_true(done || refused);
    }
    assert_true(done && !refused && count > 5);
    buffer_free(&crl);
    buffer_free(&pem);
    buffer_free(&response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_may_hold_several),
        cmocka_unit_test(errors_name_file_and_reason),
        cmocka_unit_test(a_hundred_thousand_entries_are_no_burden),
        cmocka_unit_test(memory_that_runs_out_is_an_error_like_others),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
