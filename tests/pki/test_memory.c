/*
 * Memory that runs out at each allocation in turn, in what looks at certificates: it says that it failed, or its answer is whole.
 * No signature is checked here, since libtasn1, which reads keys for GnuTLS, does not live through it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scarcity.h"
#include "statements.h"
#include "verdict.h"

static struct cert *root, *leaf;
static struct pki_trust *nobody;
static struct buffer list, response;

static int set_up(void **state)
{
    static const struct cert_extension extensions[] = {
        {"2.5.29.32",
         "30(30(06(678112010201)30(30(06(2b06010505070201)16('http://cps.example/')))))", false},
        {"1.3.6.1.5.5.7.1.1",
         "30(30(06(2b06010505073001)86('http://ocsp.example/'))"
         "30(06(2b06010505073002)86('http://ca.example/')))",
         false},
        {"2.5.29.31", "30(30(a0(a0(86('http://crl.example/')))))", false},
        {"1.3.6.1.5.5.7.1.24", "30(02(05))", false},
        {"1.3.6.1.4.1.99999.1", "0c('unknown')", true},
        {NULL, NULL, false},
    };
    char *entry;

    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    assert_non_null(root);
    leaf = cert_make(&(struct cert_options){.common_name = "l\x1b\xc3\xa4",
                                            .names = NAMES("DNS:example.org", "IP:192.0.2.1"),
                                            .issuer = root,
                                            .extensions = extensions,
                                            .not_after = CERT_NOW - CERT_DAY});
    assert_non_null(leaf);
    entry = crl_entry(leaf, "");
    crl_append(&list, &(struct crl_options){.issuer = root, .entries = entry});
    ocsp_append(&response, &(struct ocsp_options){
                               .certificate = leaf, .issuer = root, .status = OCSP_STATUS_REVOKED});
    free(entry);
    nobody = pki_trust_none(NULL);
    assert_non_null(nobody);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(nobody);
    buffer_free(&list);
    buffer_free(&response);
    cert_free(leaf);
    cert_free(root);
    return 0;
}

static struct pki_slice slice(const struct buffer *buffer)
{
    return (struct pki_slice){buffer->data, buffer->length};
}

/* True when it says that `out` is whole. */
typedef bool (*work_function)(struct buffer *out);

static void starve(work_function work)
{
    struct buffer expected = {0};
    unsigned failures = 0;
    bool refused = true;

    if (!scarcity_works()) {
        print_message("skipped: the sanitizer has an allocator of its own\n");
        skip();
    }
    assert_true(work(&expected));
    assert_true(expected.length > 0);
    for (unsigned long count = 0; refused; count++) {
        struct buffer out = {0};
        scarcity_begin(count);
        bool whole = work(&out);
        refused = scarcity_end();
        if (whole) {
            assert_int_equal(out.length, expected.length);
            assert_memory_equal(out.data, expected.data, out.length);
        }
        assert_true(whole || refused);
        failures += !whole;
        buffer_free(&out);
    }
    assert_true(failures > 3);
    buffer_free(&expected);
}

/* ---- what is looked at ------------------------------------------------------------------- */

/* A zero byte ends each text, so that what stands in two of them is not one. */
static void append(struct buffer *out, const char *text)
{
    buffer_append(out, text != NULL ? text : "(none)", strlen(text != NULL ? text : "(none)") + 1);
}

static void append_all(struct buffer *out, char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        append(out, texts[i]);
    }
}

static bool details(struct buffer *out)
{
    struct pki_certificate *certificate = pki_certificate_new(leaf->der, leaf->length);
    struct pki_details *made = certificate != NULL ? pki_details_new(certificate) : NULL;
    bool whole = made != NULL;

    for (size_t i = 0; whole && i < made->extension_count; i++) {
        append(out, made->extensions[i].oid);
        append(out, made->extensions[i].name);
        assert_non_null(made->extensions[i].text); /* may have fewer words: it is for people */
    }
    if (whole) {
        append_all(out, made->policies, made->policy_count);
        append_all(out, made->ocsp, made->ocsp_count);
        append_all(out, made->issuers, made->issuer_count);
        append_all(out, made->crls, made->crl_count);
        append_all(out, certificate->san, certificate->san_count);
        append(out, made->pin);
    }
    pki_details_free(made);
    pki_certificate_free(certificate);
    return whole && !out->failed;
}

static bool text(struct buffer *out)
{
    struct pki_certificate *certificate = pki_certificate_new(leaf->der, leaf->length);

    if (certificate == NULL) {
        return false;
    }
    pki_certificate_text(out, certificate);
    pki_certificate_free(certificate);
    return !out->failed;
}

static bool lint(struct buffer *out)
{
    struct pki_lint *notes = NULL;
    size_t count = 0;
    bool whole = pki_lint(&notes, &count, (struct pki_slice){leaf->der, leaf->length}, PKI_LEAF,
                          (struct pki_slice){root->der, root->length}, CERT_NOW) == 0;

    for (size_t i = 0; whole && i < count; i++) {
        append(out, notes[i].id);
        append(out, notes[i].text);
    }
    pki_lint_free(notes, count);
    return whole && !out->failed;
}

static bool add_statements(struct pki_revocations *set)
{
    return pki_revocations_add_crl(set, slice(&list), "ca.crl", NULL) == 0 &&
           pki_revocations_add_ocsp(set, slice(&response), "ocsp.der", NULL) == 0;
}

static void append_verdict(struct buffer *out, const struct pki_verification *verdict)
{
    for (size_t i = 0; i < verdict->reason_count; i++) {
        append(out, verdict->reasons[i].text);
        append(out, verdict->reasons[i].mend);
        append(out, verdict->reasons[i].found);
        append(out, verdict->reasons[i].required);
    }
    for (size_t i = 0; i < verdict->revocation_count; i++) {
        append(out, verdict->revocations[i].source);
        append(out, verdict->revocations[i].text);
    }
}

/* Nobody is trusted and the issuer is not there: what is read of the statements cannot be checked, which is said. */
static bool revocation(struct buffer *out)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct pki_staple staple = {0, slice(&response)};
    struct pki_verification *verdict = NULL;

    if (set != NULL && add_statements(set)) {
        verdict = verdict_ask((struct pki_request){.trust = nobody,
                                                   .hostname = "www.example.org",
                                                   .at = CERT_NOW,
                                                   .strict = true,
                                                   .revocations = set,
                                                   .staples = &staple,
                                                   .staple_count = 1,
                                                   .staple_expected = true},
                              CHAIN(leaf));
    }
    if (verdict != NULL) {
        append_verdict(out, verdict);
    }
    bool whole = verdict != NULL && !out->failed;
    pki_verification_free(verdict);
    pki_revocations_free(set);
    return whole;
}

static void details_are_whole_or_none(void **state)
{
    (void)state;
    starve(details);
}

static void a_text_is_whole_or_failed(void **state)
{
    (void)state;
    starve(text);
}

static void lint_is_whole_or_failed(void **state)
{
    (void)state;
    starve(lint);
}

static void a_verdict_with_revocation_is_whole_or_none(void **state)
{
    (void)state;
    starve(revocation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(details_are_whole_or_none),
        cmocka_unit_test(a_text_is_whole_or_failed),
        cmocka_unit_test(lint_is_whole_or_failed),
        cmocka_unit_test(a_verdict_with_revocation_is_whole_or_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
