/* OCSP responses, stapled and from files, decide as RFC 6960 has it; who must staple does (RFC 7633). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "command.h"
#include "scratch.h"
#include "statements.h"
#include "verdict.h"

static struct cert *root, *ca, *leaf, *sibling, *must_staple, *strict_ca, *under_strict_ca;
static struct pki_trust *trust;

#define MUST_STAPLE                                                               \
    .extension = "1.3.6.1.5.5.7.1.24", .extension_value = "\x30\x03\x02\x01\x05", \
    .extension_length = 5
#define OCSP_SIGNING          \
    .extension = "2.5.29.37", \
    .extension_value = "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09", .extension_length = 12

static int set_up(void **state)
{
    (void)state;
    root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    ca = cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = ca});
    sibling = cert_must((struct cert_options){.common_name = "sibling", .issuer = ca});
    must_staple =
        cert_must((struct cert_options){.common_name = "leaf", .issuer = ca, MUST_STAPLE});
    strict_ca = cert_must(
        (struct cert_options){.common_name = "Strict CA", .ca = true, .issuer = root, MUST_STAPLE});
    under_strict_ca = cert_must((struct cert_options){.common_name = "leaf", .issuer = strict_ca});
    trust = verdict_trust(CHAIN(root));
    assert_non_null(trust);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(trust);
    cert_free(root);
    cert_free(ca);
    cert_free(leaf);
    cert_free(sibling);
    cert_free(must_staple);
    cert_free(strict_ca);
    cert_free(under_strict_ca);
    return 0;
}

/* ---- a case -------------------------------------------------------------------------------- */

struct occasion {
    const struct cert *const *chain; /* NULL: leaf, ca */
    const struct ocsp_options *staple;
    const struct ocsp_options *file;
    struct pki_slice bytes; /* stapled as it is */
    size_t staple_for;      /* index into the chain */
    bool expected;          /* the handshake asked for a staple */
    bool strict;
    int64_t at;
    const char *codes;  /* of revocation */
    const char *text;   /* in the first reason about it */
    const char *status; /* of the first entry; NULL: there is none */
    const char *says;   /* in its text */
    int line;
};

static void check_reasons(const struct pki_verification *verdict, const struct occasion *occasion)
{
    const struct pki_reason *first = verdict_revocation(verdict);
    char codes[200];

    if (strcmp(verdict_revocation_codes(codes, sizeof codes, verdict), occasion->codes) != 0) {
        fail_msg("line %d: %s instead of %s%s%s", occasion->line, codes, occasion->codes,
                 first != NULL ? ": " : "", first != NULL ? first->text : "");
    }
    if (occasion->text != NULL && (first == NULL || strstr(first->text, occasion->text) == NULL)) {
        fail_msg("line %d: \"%s\" does not say \"%s\"", occasion->line,
                 first != NULL ? first->text : "", occasion->text);
    }
}

static void check_entries(const struct pki_verification *verdict, const struct occasion *occasion)
{
    const struct pki_revocation *entry = verdict->revocations;

    if (occasion->status == NULL) {
        assert_int_equal(verdict->revocation_count, 0);
        return;
    }
    assert_true(verdict->revocation_count > 0);
    if (strcmp(pki_revocation_status_name(entry->status), occasion->status) != 0 ||
        (occasion->says != NULL && strstr(entry->text, occasion->says) == NULL)) {
        fail_msg("line %d: %s, \"%s\"", occasion->line, pki_revocation_status_name(entry->status),
                 entry->text);
    }
}

static struct pki_verification *verify(const struct occasion *occasion, struct pki_slice staple,
                                       struct pki_revocations *set)
{
    const struct cert *const *chain = occasion->chain != NULL ? occasion->chain : CHAIN(leaf, ca);
    struct pki_staple staples[1] = {{occasion->staple_for, staple}};
    struct pki_request request = {.trust = trust,
                                  .at = occasion->at != 0 ? occasion->at : CERT_NOW,
                                  .strict = occasion->strict,
                                  .revocations = set,
                                  .staples = staples,
                                  .staple_count = staple.length > 0,
                                  .staple_expected = occasion->expected};
    struct pki_verification *verdict = verdict_ask(request, chain);

    assert_non_null(verdict);
    return verdict;
}

static void run(struct occasion occasion)
{
    struct pki_revocations *set = NULL;
    struct buffer staple = {0}, file = {0};
    struct pki_verification *verdict;

    if (occasion.staple != NULL) {
        ocsp_append(&staple, occasion.staple);
    }
    buffer_append(&staple, occasion.bytes.data, occasion.bytes.length);
    if (occasion.file != NULL) {
        set = pki_revocations_new(NULL);
        assert_non_null(set);
        ocsp_append(&file, occasion.file);
        assert_int_equal(pki_revocations_add_ocsp(set, (struct pki_slice){file.data, file.length},
                                                  "r.ocsp", NULL),
                         0);
    }
    verdict = verify(&occasion, (struct pki_slice){staple.data, staple.length}, set);
    check_reasons(verdict, &occasion);
    check_entries(verdict, &occasion);
    pki_verification_free(verdict);
    pki_revocations_free(set);
    buffer_free(&staple);
    buffer_free(&file);
}

/* RUN("ok", "good", .staple = OCSP(…)) */
#define RUN(codes_, status_, ...) \
    run((struct occasion){.codes = (codes_), .status = (status_), .line = __LINE__, __VA_ARGS__})
#define OCSP_OF(certificate_, issuer_, ...) \
    (&(struct ocsp_options){.certificate = (certificate_), .issuer = (issuer_), __VA_ARGS__})
#define OCSP(...) OCSP_OF(leaf, ca, __VA_ARGS__)

/* ---- what it says ---------------------------------------------------------------------------- */

static void a_good_response_is_listed_and_a_revoked_one_refuses(void **state)
{
    (void)state;
    RUN("ok", NULL, .expected = true);
    RUN("ok", "good", .staple = OCSP(.by_key = false),
        .says = "the stapled OCSP response says that it is good");
    RUN("ok", "good", .staple = OCSP(.by_key = true));
    RUN("ok", "good", .staple = OCSP(.sha256 = true));
    RUN("revoked", "revoked", .staple = OCSP(.status = OCSP_STATUS_REVOKED),
        .text = "leaf: revoked on 2026-05-20 08:00 UTC (keyCompromise), says the stapled OCSP "
                "response.");
    RUN("revoked", "revoked", .staple = OCSP(.sha256 = true, .status = OCSP_STATUS_REVOKED));
    RUN("ok", "unknown", .staple = OCSP(.status = OCSP_STATUS_UNKNOWN),
        .says = "does not know this certificate");
    RUN("revocation_unknown", "unknown", .staple = OCSP(.status = OCSP_STATUS_UNKNOWN),
        .strict = true);
}

static void a_file_must_be_of_use_for_the_leaf(void **state)
{
    (void)state;
    RUN("ok", "good", .file = OCSP(.by_key = true), .says = "r.ocsp says that it is good");
    RUN("revoked", "revoked", .file = OCSP(.status = OCSP_STATUS_REVOKED), .text = "says r.ocsp");
    RUN("revocation_unknown", "none", .file = OCSP_OF(sibling, ca, .answer = 0),
        .text = "nothing that was given (1 OCSP response) can tell");
    RUN("revocation_unknown", "unknown", .file = OCSP(.answer = 3),
        .text = "its responder answered tryLater");
    RUN("revocation_unknown", "unknown", .file = OCSP(.break_signature = true));
    /* It does not matter that the staple is good. */
    RUN("revocation_unknown", "good", .file = OCSP(.break_signature = true),
        .staple = OCSP(.by_key = true));
}

static void what_is_revoked_stays_so_whenever_it_is_judged(void **state)
{
    (void)state;
    /* Before the date of revocation, but in the response's time: OpenSSL compares no dates, either. */
    RUN("revoked", "revoked", .at = CERT_NOW - 20 * CERT_DAY,
        .staple = OCSP(.status = OCSP_STATUS_REVOKED, .this_update = CERT_NOW - 21 * CERT_DAY),
        .text = "later than the time it was judged for");
    /* An old response: revoked for good, on hold for a time. */
    RUN("revoked", "revoked",
        .staple = OCSP(.status = OCSP_STATUS_REVOKED, .next_update = CERT_NOW - CERT_DAY / 2));
    RUN("ok", "unknown",
        .staple = OCSP(.status = OCSP_STATUS_HOLD, .next_update = CERT_NOW - CERT_DAY / 2));
    RUN("revoked", "revoked", .staple = OCSP(.status = OCSP_STATUS_HOLD));
}

static void the_newest_of_several_answers_counts(void **state)
{
    (void)state;
    RUN("ok", "revoked",
        .staple = OCSP(.status = OCSP_STATUS_HOLD, .this_update = CERT_NOW - 2 * CERT_DAY),
        .file = OCSP(.by_key = true), .says = "A newer one counts instead.");
    RUN("revoked", "good", .staple = OCSP(.this_update = CERT_NOW - 2 * CERT_DAY),
        .file = OCSP(.status = OCSP_STATUS_REVOKED));
}

/* ---- when it is of use ----------------------------------------------------------------------- */

static void times_count_with_five_minutes_for_clocks(void **state)
{
    (void)state;
    RUN("ok", "good", .staple = OCSP(.next_update = CERT_NOW - 299));
    RUN("ok", "unknown", .staple = OCSP(.next_update = CERT_NOW - 301),
        .says = "it is out of date: a newer one was promised for 2026-06-01 09:54 UTC");
    RUN("ok", "good", .staple = OCSP(.this_update = CERT_NOW + 299));
    RUN("ok", "unknown", .staple = OCSP(.this_update = CERT_NOW + 301), .says = "not valid before");
    RUN("ok", "good", .staple = OCSP(.next_update = STATEMENT_NONE));
    RUN("ok", "unknown",
        .staple = OCSP(.this_update = CERT_NOW - 16 * CERT_DAY, .next_update = STATEMENT_NONE));
    RUN("ok", "unknown", .staple = OCSP(.next_update = CERT_NOW - 2 * CERT_DAY));
}

static void an_unusable_staple_refuses_only_where_every_must_counts(void **state)
{
    struct pki_slice garbage = {(const uint8_t *)"\x30\x03\x0a\x01", 4};

    (void)state;
    RUN("ok", "unknown", .staple = OCSP(.break_signature = true),
        .says = "its signature is not one of the issuer's key");
    RUN("ok", "unknown", .staple = OCSP_OF(sibling, ca, .answer = 0),
        .says = "about another certificate");
    RUN("ok", "unknown", .staple = OCSP(.answer = 6), .says = "unauthorized");
    RUN("ok", "unknown", .bytes = garbage, .says = "cannot be read");
    RUN("revocation_unknown", "unknown", .strict = true, .bytes = garbage);
    RUN("revocation_unknown", "unknown", .strict = true,
        .staple = OCSP_OF(sibling, ca, .answer = 0));
    RUN("ok", "unknown", .staple = OCSP(.extensions = CRITICAL_EXTENSION("2a0304", "05()")),
        .says = "critical extension");
    RUN("ok", "unknown", .staple = OCSP(.single_extensions = CRITICAL_EXTENSION("2a0304", "05()")));
    RUN("ok", "good", .staple = OCSP(.single_extensions = EXTENSION("2a0304", "05()")));
    /* id-pkix-ocsp-nonce, critical. */
    RUN("ok", "good",
        .staple = OCSP(.extensions = CRITICAL_EXTENSION("2b0601050507300102", "04(01)")));
}

static void a_staple_is_for_its_certificate(void **state)
{
    (void)state;
    RUN("revoked", "revoked", .staple_for = 1, .text = "CA: revoked",
        .staple = OCSP_OF(ca, root, .status = OCSP_STATUS_REVOKED));
    RUN("ok", "good", .staple_for = 1, .staple = OCSP_OF(ca, root, .answer = 0));
    /* The leaf was sent twice. */
    RUN("revoked", "revoked", .chain = CHAIN(leaf, leaf, ca), .staple_for = 1,
        .staple = OCSP(.status = OCSP_STATUS_REVOKED));
}

/* ---- who may sign ------------------------------------------------------------------------------ */

static void the_issuer_may_name_a_responder(void **state)
{
    struct cert *good =
        cert_must((struct cert_options){.common_name = "OCSP", .issuer = ca, OCSP_SIGNING});
    struct cert *not_named = cert_must((struct cert_options){.common_name = "OCSP", .issuer = ca});
    struct cert *of_root =
        cert_must((struct cert_options){.common_name = "OCSP", .issuer = root, OCSP_SIGNING});
    struct cert *old = cert_must((struct cert_options){
        .common_name = "OCSP", .issuer = ca, .not_after = CERT_NOW - CERT_DAY, OCSP_SIGNING});

    (void)state;
    RUN("ok", "good", .staple = OCSP(.responder = good, .attached = good));
    RUN("ok", "good", .staple = OCSP(.responder = good, .attached = good, .by_key = true));
    RUN("revoked", "revoked",
        .staple = OCSP(.responder = good, .attached = good, .status = OCSP_STATUS_REVOKED));
    RUN("ok", "unknown", .staple = OCSP(.responder = good),
        .says = "neither by the issuer of this certificate nor by a responder");
    RUN("ok", "unknown",
        .staple =
            OCSP(.responder = not_named, .attached = not_named, .status = OCSP_STATUS_REVOKED),
        .says = "not for signing OCSP responses");
    RUN("ok", "unknown", .staple = OCSP(.responder = of_root, .attached = of_root),
        .says = "not signed by the issuer");
    RUN("ok", "unknown", .staple = OCSP(.responder = old, .attached = old), .says = "has expired");
    RUN("ok", "unknown", .staple = OCSP(.responder = not_named, .attached = good));
    RUN("ok", "unknown", .staple = OCSP(.responder = root));
    cert_free(good);
    cert_free(not_named);
    cert_free(of_root);
    cert_free(old);
}

/* ---- must-staple (RFC 7633) -------------------------------------------------------------------- */

static void who_must_staple_does(void **state)
{
    const struct cert *const *chain = CHAIN(must_staple, ca);

    (void)state;
    RUN("revocation_unknown", NULL, .chain = chain, .expected = true,
        .text =
            "leaf: the certificate demands a stapled OCSP response (must-staple, RFC 7633), and "
            "the server sent none.");
    RUN("ok", NULL, .chain = chain, .expected = false);
    RUN("ok", "good", .chain = chain, .expected = true,
        .staple = OCSP_OF(must_staple, ca, .answer = 0));
    RUN("revocation_unknown", "unknown", .chain = chain, .expected = true,
        .staple = OCSP_OF(must_staple, ca, .next_update = CERT_NOW - CERT_DAY),
        .text = "and the stapled OCSP response cannot be used: it is out of date");
    RUN("revocation_unknown", "unknown", .chain = chain,
        .staple = OCSP_OF(must_staple, ca, .answer = 3));
    RUN("revoked", "revoked", .chain = chain, .expected = true,
        .staple = OCSP_OF(must_staple, ca, .status = OCSP_STATUS_REVOKED));
    RUN("ok", NULL, .expected = true);
}

static void a_ca_may_demand_it_of_those_that_it_issues(void **state)
{
    const struct cert *const *chain = CHAIN(under_strict_ca, strict_ca);

    (void)state;
    RUN("revocation_unknown", NULL, .chain = chain, .expected = true,
        .text = "the certificate of Strict CA demands");
    RUN("ok", "good", .chain = chain, .expected = true,
        .staple = OCSP_OF(under_strict_ca, strict_ca, .answer = 0));
}

/* ---- OpenSSL ----------------------------------------------------------------------------------- */

/* What the tests make is what OpenSSL takes for the same. */
static void openssl_reads_our_responses_the_same_way(void **state)
{
    static const char *const statuses[] = {NULL, OCSP_STATUS_REVOKED, OCSP_STATUS_UNKNOWN};
    static const char *const words[] = {"good\n", "revoked\n", "unknown\n"};
    char roots[SCRATCH_PATH_MAX], leafs[SCRATCH_PATH_MAX], cas[SCRATCH_PATH_MAX],
        response[SCRATCH_PATH_MAX];

    (void)state;
    command_need("openssl");
    cert_write_scratch(roots, "root.pem", CHAIN(root));
    cert_write_scratch(cas, "ca.pem", CHAIN(ca));
    cert_write_scratch(leafs, "leaf.pem", CHAIN(leaf));
    for (size_t i = 0; i < 3; i++) {
        struct buffer der = {0}, says = {0};
        ocsp_append(&der, OCSP(.status = statuses[i], .by_key = i == 1));
        scratch_write(response, "r.der", der.data, der.length);
        (void)command_run(&says,
                          "openssl ocsp -respin %s -issuer %s -cert %s -CAfile %s -verify_other %s "
                          "-attime %lld -no_nonce",
                          response, cas, leafs, roots, cas, (long long)CERT_NOW);
        if (command_count(&says, words[i]) != 1 || command_count(&says, "verify OK") != 1) {
            fail_msg("%s", buffer_string(&says));
        }
        buffer_free(&der);
        buffer_free(&says);
    }
}

/* A response of OpenSSL's own responder, with a CA in files as an operator has it. */
static void responses_of_openssls_responder_are_understood(void **state)
{
    int64_t now = clock_wall_ns() / 1000000000;
    struct cert *own_ca = cert_must((struct cert_options){.common_name = "Own CA",
                                                          .ca = true,
                                                          .not_before = now - CERT_DAY,
                                                          .not_after = now + CERT_DAY});
    struct cert *own = cert_must((struct cert_options){.common_name = "own",
                                                       .issuer = own_ca,
                                                       .serial = "0b01",
                                                       .not_before = now - CERT_DAY,
                                                       .not_after = now + CERT_DAY});
    static const char *const lines[] = {
        "V\t491231235959Z\t\t0B01\tunknown\t/CN=own\n",
        "R\t491231235959Z\t200101000000Z,keyCompromise\t0B01\tunknown\t/CN=own\n"};
    static const char *const codes[] = {"ok", "revoked"};
    struct pki_trust *own_trust = verdict_trust(CHAIN(own_ca));
    char cas[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX], leafs[SCRATCH_PATH_MAX],
        index[SCRATCH_PATH_MAX], response[SCRATCH_PATH_MAX];

    (void)state;
    command_need("openssl");
    cert_write_scratch(cas, "own-ca.pem", CHAIN(own_ca));
    assert_int_equal(cert_write_key(scratch_path(key, "own-ca.key"), own_ca), 0);
    cert_write_scratch(leafs, "own.pem", CHAIN(own));
    for (size_t i = 0; i < 2; i++) {
        struct pki_revocations *set = pki_revocations_new(NULL);
        struct pki_request request = {.trust = own_trust, .at = now, .revocations = set};
        struct pki_verification *verdict;
        struct buffer says = {0};
        struct err err = {0};
        char found[100];
        scratch_write(index, "index.txt", lines[i], strlen(lines[i]));
        if (command_run(
                &says,
                "openssl ocsp -index %s -CA %s -rsigner %s -rkey %s -issuer %s -sha256 -cert %s "
                "-ndays 1 -respout %s",
                index, cas, cas, key, cas, leafs, scratch_path(response, "own.der")) != 0) {
            fail_msg("%s", buffer_string(&says));
        }
        if (pki_revocations_add_ocsp_file(set, response, &err) != 0) {
            fail_msg("%s", err.text);
        }
        verdict = verdict_ask(request, CHAIN(own));
        assert_non_null(verdict);
        assert_string_equal(verdict_codes(found, sizeof found, verdict), codes[i]);
        pki_verification_free(verdict);
        pki_revocations_free(set);
        buffer_free(&says);
    }
    pki_trust_release(own_trust);
    cert_free(own);
    cert_free(own_ca);
}

/* ---- files ------------------------------------------------------------------------------------- */

static void files_may_hold_several_responses(void **state)
{
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct buffer der = {0}, pem = {0};
    char path[SCRATCH_PATH_MAX];
    struct pki_verification *verdict;
    struct occasion occasion = {.strict = false};
    struct err err = {0};
    size_t first;

    (void)state;
    ocsp_append(&der, OCSP_OF(ca, root, .answer = 0));
    first = der.length;
    ocsp_append(&der, OCSP(.by_key = true));
    pki_pem_append(&pem, (struct pki_slice){der.data, first}, "OCSP RESPONSE");
    pki_pem_append(&pem, (struct pki_slice){der.data + first, der.length - first}, "OCSP RESPONSE");
    assert_int_equal(pki_revocations_add_ocsp_file(
                         set, scratch_write(path, "two.pem", pem.data, pem.length), NULL),
                     0);
    verdict = verify(&occasion, (struct pki_slice){0}, set);
    assert_true(verdict->ok);
    assert_int_equal(verdict->revocation_count, 2);
    assert_int_equal(verdict->revocations[0].certificate, 0);
    assert_int_equal(verdict->revocations[1].certificate, 1);
    pki_verification_free(verdict);
    assert_int_equal(pki_revocations_add_crl_file(
                         set, scratch_write(path, "ocsp.der", der.data, der.length), &err),
                     -1);
    assert_non_null(strstr(err.text, "it is an OCSP response, not a CRL"));
    assert_int_equal(pki_revocations_add_ocsp_file(
                         set, scratch_write(path, "cut.der", der.data, der.length - 1), &err),
                     -1);
    assert_non_null(strstr(err.text, "cut.der"));
    pki_revocations_free(set);
    buffer_free(&der);
    buffer_free(&pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_response_is_listed_and_a_revoked_one_refuses),
        cmocka_unit_test(a_file_must_be_of_use_for_the_leaf),
        cmocka_unit_test(what_is_revoked_stays_so_whenever_it_is_judged),
        cmocka_unit_test(the_newest_of_several_answers_counts),
        cmocka_unit_test(times_count_with_five_minutes_for_clocks),
        cmocka_unit_test(an_unusable_staple_refuses_only_where_every_must_counts),
        cmocka_unit_test(a_staple_is_for_its_certificate),
        cmocka_unit_test(the_issuer_may_name_a_responder),
        cmocka_unit_test(who_must_staple_does),
        cmocka_unit_test(a_ca_may_demand_it_of_those_that_it_issues),
        cmocka_unit_test(openssl_reads_our_responses_the_same_way),
        cmocka_unit_test(responses_of_openssls_responder_are_understood),
        cmocka_unit_test(files_may_hold_several_responses),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
