/* CRLs decide as RFC 5280 6.3.3 has it, in the manner of NIST's PKITS 4.4, 4.14 and 4.15; OpenSSL decides each case, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "scratch.h"
#include "statements.h"
#include "verdict.h"

static struct cert *root, *ca, *leaf, *sibling;
static struct pki_trust *trust;
static char *leaf_entry, *leaf_entry_hold, *leaf_entry_removed, *ca_entry, *sibling_entry;

#define REASON(code) EXTENSION("551d15", "0a(" code ")")

static int set_up(void **state)
{
    (void)state;
    root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    ca = cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = ca});
    sibling = cert_must((struct cert_options){.common_name = "sibling", .issuer = ca});
    trust = verdict_trust(CHAIN(root));
    leaf_entry = crl_entry(leaf, REASON("01"));
    leaf_entry_hold = crl_entry(leaf, REASON("06"));
    leaf_entry_removed = crl_entry(leaf, REASON("08"));
    sibling_entry = crl_entry(sibling, "");
    ca_entry = crl_entry(ca, "");
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
    free(leaf_entry);
    free(leaf_entry_hold);
    free(leaf_entry_removed);
    free(sibling_entry);
    free(ca_entry);
    return 0;
}

/* ---- a case ------------------------------------------------------------------------------ */

#define CRLS_MAX 4

struct trial_of_crls {
    const struct cert *const *chain; /* NULL: leaf, ca */
    struct crl_options crls[CRLS_MAX];
    bool strict;
    bool all;            /* OpenSSL: -crl_check_all */
    const char *codes;   /* what we say */
    const char *text;    /* in the first reason */
    int line;            /* of the test */
    const char *openssl; /* why OpenSSL decides otherwise; NULL: it does not */
};

static void append_pem(struct buffer *out, struct pki_slice der, const char *label)
{
    pki_pem_append(out, der, label);
    assert_false(out->failed);
}

/* Does OpenSSL accept it? */
static bool openssl_accepts(const struct cert *const *chain, struct buffer *crls, bool all,
                            struct buffer *says)
{
    char roots[SCRATCH_PATH_MAX], leafs[SCRATCH_PATH_MAX], others[SCRATCH_PATH_MAX],
        lists[SCRATCH_PATH_MAX];

    cert_write_scratch(roots, "root.pem", CHAIN(root));
    cert_write_scratch(leafs, "leaf.pem", CHAIN(chain[0]));
    cert_write_scratch(others, "others.pem", chain);
    scratch_write(lists, "crls.pem", crls->data, crls->length);
    return command_run(says,
                       "openssl verify %s -extended_crl -use_deltas -attime %lld -CAfile %s "
                       "-untrusted %s -CRLfile %s %s",
                       all ? "-crl_check_all" : "-crl_check", (long long)CERT_NOW, roots, others,
                       lists, leafs) == 0;
}

static struct pki_verification *verify(const struct cert *const *chain, struct pki_revocations *set,
                                       bool strict)
{
    struct pki_request request = {.trust = trust,
                                  .at = CERT_NOW,
                                  .strict = strict,
                                  .purpose = PKI_PURPOSE_ANY,
                                  .revocations = set};
    struct pki_verification *verdict = verdict_ask(request, chain);

    assert_non_null(verdict);
    return verdict;
}

static void check_words(const struct pki_verification *verdict, const char *text)
{
    const struct pki_reason *reason = verdict_revocation(verdict);

    if (reason == NULL) {
        assert_null(text);
        return;
    }
    assert_true(reason->certificate >= 0 && reason->mend[0] != '\0');
    assert_true(reason->required[0] != '\0');
    if (text != NULL && strstr(reason->text, text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", reason->text, text);
    }
}

static void run(struct trial_of_crls trial)
{
    const struct cert *const *chain = trial.chain != NULL ? trial.chain : CHAIN(leaf, ca);
    struct pki_revocations *set = pki_revocations_new(NULL);
    struct buffer pem = {0}, says = {0};
    struct pki_verification *verdict;
    struct err err = {0};
    char codes[200];

    assert_non_null(set);
    for (size_t i = 0; i < CRLS_MAX && trial.crls[i].issuer != NULL; i++) {
        struct buffer der = {0};
        char name[20];
        crl_append(&der, &trial.crls[i]);
        append_pem(&pem, (struct pki_slice){der.data, der.length}, "X509 CRL");
        (void)snprintf(name, sizeof name, "%zu.crl", i);
        if (pki_revocations_add_crl(set, (struct pki_slice){der.data, der.length}, name, &err) !=
            0) {
            fail_msg("%s", err.text);
        }
        buffer_free(&der);
    }
    verdict = verify(chain, set, trial.strict);
    if (strcmp(verdict_revocation_codes(codes, sizeof codes, verdict), trial.codes) != 0) {
        fail_msg("line %d: %s instead of %s", trial.line, codes, trial.codes);
    }
    check_words(verdict, trial.text);
    if (command_exists("openssl") && !trial.strict) {
        bool accepted = openssl_accepts(chain, &pem, trial.all, &says);
        if (accepted != (strcmp(trial.codes, "ok") == 0) && trial.openssl == NULL) {
            fail_msg("line %d: tlstep says %s, openssl: %s", trial.line, codes,
                     buffer_string(&says));
        }
        if (accepted == (strcmp(trial.codes, "ok") == 0) && trial.openssl != NULL) {
            fail_msg("line %d: openssl decides as we do", trial.line);
        }
    }
    pki_verification_free(verdict);
    pki_revocations_free(set);
    buffer_free(&pem);
    buffer_free(&says);
}

/* RUN("revoked", .crls = {…}, …) */
#define RUN(codes_, ...) \
    run((struct trial_of_crls){.codes = (codes_), .line = __LINE__, __VA_ARGS__})

/* ---- plain ones (PKITS 4.4) ---------------------------------------------------------------- */

static void who_is_listed_is_revoked(void **state)
{
    (void)state;
    RUN("ok", .crls = {{.issuer = ca}});
    RUN("ok", .crls = {{.issuer = ca, .entries = sibling_entry}});
    RUN("revoked", .crls = {{.issuer = ca, .entries = leaf_entry}},
        .text = "leaf: revoked on 2026-05-20 08:00 UTC (keyCompromise), says 0.crl.");
    RUN("revoked", .crls = {{.issuer = ca, .entries = leaf_entry_hold}});
}

static void a_revoked_ca_refuses_all_under_it(void **state)
{
    (void)state;
    RUN("ok", .crls = {{.issuer = ca}, {.issuer = root}}, .all = true);
    RUN("revoked", .crls = {{.issuer = ca}, {.issuer = root, .entries = ca_entry}}, .all = true,
        .text = "CA: revoked");
    /* A CA that nothing is known of is passed over, but not with --strict. */
    RUN("ok", .crls = {{.issuer = ca}});
    RUN("revocation_unknown",
        .crls = {{.issuer = ca, .extensions = EXTENSION("551d23", "30(80(01))")}}, .strict = true,
        .text = "CA: whether it is revoked is not known");
}

static void the_leaf_must_be_covered(void **state)
{
    struct cert *other = cert_must((struct cert_options){.common_name = "Other", .ca = true});

    (void)state;
    RUN("revocation_unknown", .crls = {{.issuer = root}},
        .text = "nothing that was given (1 CRL) can tell");
    /* The same serial number on another CA's list says nothing (x509-limbo has that case, too). */
    RUN("revocation_unknown", .crls = {{.issuer = other, .entries = leaf_entry}});
    RUN("ok", .crls = {{.issuer = other, .entries = leaf_entry}, {.issuer = ca}});
    cert_free(other);
}

static void times_count(void **state)
{
    (void)state;
    RUN("revocation_unknown", .crls = {{.issuer = ca, .next_update = CERT_NOW - 60}},
        .text = "0.crl cannot be used: it is out of date: a newer one was promised for "
                "2026-06-01 09:59 UTC");
    RUN("revocation_unknown", .crls = {{.issuer = ca, .this_update = CERT_NOW + 60}},
        .text = "it is not valid before 2026-06-01 10:01 UTC");
    RUN("ok", .crls = {{.issuer = ca, .next_update = STATEMENT_NONE}});
    /* An old list still says who is revoked, unless that was for a time only. */
    RUN("revoked", .crls = {{.issuer = ca, .next_update = CERT_NOW - 60, .entries = leaf_entry}});
    RUN("revocation_unknown",
        .crls = {{.issuer = ca, .next_update = CERT_NOW - 60, .entries = leaf_entry_hold}});
}

static void the_newest_of_several_counts(void **state)
{
    (void)state;
    RUN("ok",
        .crls = {{.issuer = ca, .this_update = CERT_NOW - 3 * CERT_DAY, .entries = leaf_entry_hold},
                 {.issuer = ca, .number = "02"}});
    RUN("revoked", .crls = {{.issuer = ca, .this_update = CERT_NOW - 3 * CERT_DAY},
                            {.issuer = ca, .number = "02", .entries = leaf_entry}});
}

static void only_the_issuers_signature_counts(void **state)
{
    (void)state;
    RUN("revocation_unknown", .crls = {{.issuer = ca, .break_signature = true}},
        .text = "its signature is not one of its issuer's key");
    RUN("revocation_unknown", .crls = {{.issuer = ca, .signed_by = root, .entries = leaf_entry}});
    /* PKITS 4.4.7, Two CRLs: the one with the wrong signature is passed over. */
    RUN("ok", .crls = {{.issuer = ca, .signed_by = root, .entries = leaf_entry}, {.issuer = ca}},
        .openssl = "it looks at the first one of a name only");
}

static void a_ca_without_crl_sign_signs_no_crl(void **state)
{
    struct cert *other = cert_must((struct cert_options){.common_name = "CA",
                                                         .ca = true,
                                                         .issuer = root,
                                                         .same_key_as = ca,
                                                         .extension = "2.5.29.15",
                                                         .extension_value = "\x03\x02\x02\x04",
                                                         .extension_length = 4});

    (void)state;
    RUN("revocation_unknown", .chain = CHAIN(leaf, other), .crls = {{.issuer = ca}},
        .text = "keyUsage without cRLSign");
    cert_free(other);
}

/* PKITS 4.4.8 to 4.4.10. */
static void what_is_not_understood_cannot_say_good(void **state)
{
    char *odd_leaf = crl_entry(leaf, CRITICAL_EXTENSION("2a0304", "05()"));
    char *odd_sibling = crl_entry(sibling, CRITICAL_EXTENSION("2a0304", "05()"));

    (void)state;
    RUN("ok", .crls = {{.issuer = ca, .extensions = EXTENSION("2a0304", "05()")}});
    RUN("revocation_unknown",
        .crls = {{.issuer = ca, .extensions = CRITICAL_EXTENSION("2a0304", "05()")}},
        .text = "it has a critical extension that is not known here");
    RUN("revoked", .crls = {{.issuer = ca,
                             .extensions = CRITICAL_EXTENSION("2a0304", "05()"),
                             .entries = leaf_entry}});
    RUN("revocation_unknown", .crls = {{.issuer = ca, .entries = odd_sibling}});
    RUN("revoked", .crls = {{.issuer = ca, .entries = odd_leaf}});
    free(odd_leaf);
    free(odd_sibling);
}

/* PKITS 4.4.14 to 4.4.18. */
static void serial_numbers_of_any_size_and_sign_are_found(void **state)
{
    static const char *const serials[] = {"ff", "80", "00ff",
                                          "7f0102030405060708090a0b0c0d0e0f101112", "ff7f"};

    (void)state;
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        struct cert *odd = cert_must(
            (struct cert_options){.common_name = "odd", .issuer = ca, .serial = serials[i]});
        struct cert *next = cert_must((struct cert_options){
            .common_name = "odd", .issuer = ca, .serial = serials[(i + 1) % 5]});
        char *entry = crl_entry(odd, "");
        RUN("revoked", .chain = CHAIN(odd, ca), .crls = {{.issuer = ca, .entries = entry}});
        RUN("ok", .chain = CHAIN(next, ca), .crls = {{.issuer = ca, .entries = entry}});
        free(entry);
        cert_free(odd);
        cert_free(next);
    }
}

#define AKI EXTENSION("551d23", "30(80(01))")

static void each_must_counts_with_strict_only(void **state)
{
    struct cert *direct = cert_must((struct cert_options){.common_name = "direct", .issuer = root});
    const struct cert *const *chain = CHAIN(direct);

    (void)state;
    RUN("ok", .chain = chain, .crls = {{.issuer = root, .extensions = AKI}}, .strict = true);
    RUN("ok", .chain = chain, .crls = {{.issuer = root, .number = ""}});
    RUN("revocation_unknown", .chain = chain,
        .crls = {{.issuer = root, .number = "", .extensions = AKI}}, .strict = true,
        .text = "it has no cRLNumber (RFC 5280 5.2.3)");
    /* OpenSSL takes a critical one for an extension that it does not know. */
    RUN("revocation_unknown", .chain = chain,
        .crls = {{.issuer = root,
                  .number = "",
                  .extensions = CRITICAL_EXTENSION("551d14", "02(01)")}},
        .text = "its cRLNumber is critical");
    RUN("revocation_unknown", .chain = chain, .crls = {{.issuer = root}}, .strict = true,
        .text = "authorityKeyIdentifier");
    RUN("ok", .chain = chain, .crls = {{.issuer = root, .version_1 = true}});
    RUN("revocation_unknown", .chain = chain, .crls = {{.issuer = root, .version_1 = true}},
        .strict = true, .text = "version");
    RUN("revocation_unknown", .chain = chain,
        .crls = {{.issuer = root, .extensions = AKI, .next_update = STATEMENT_NONE}},
        .strict = true, .text = "nextUpdate");
    cert_free(direct);
}

/* ---- distribution points (PKITS 4.14) -------------------------------------------------------- */

#define IDP(value) CRITICAL_EXTENSION("551d1c", "30(" value ")")
#define POINT_A    "a0(a0(86('http://a/')))"
#define POINT_B    "a0(a0(86('http://b/')))"

/* A leaf with cRLDistributionPoints. */
static struct cert *leaf_with_points(const char *points)
{
    return cert_must((struct cert_options){.common_name = "leaf",
                                           .issuer = ca,
                                           .extensions = EXTENSIONS({"2.5.29.31", points, false})});
}

static void a_crl_may_be_for_one_kind_of_certificates(void **state)
{
    (void)state;
    RUN("ok", .crls = {{.issuer = ca, .extensions = IDP("81(ff)")}});
    RUN("revocation_unknown", .crls = {{.issuer = ca, .extensions = IDP("82(ff)")}});
    RUN("revocation_unknown", .crls = {{.issuer = ca, .extensions = IDP("85(ff)")}});
    RUN("ok", .crls = {{.issuer = ca}, {.issuer = root, .extensions = IDP("82(ff)")}}, .all = true);
    RUN("ok", .crls = {{.issuer = ca},
                       {.issuer = root, .extensions = IDP("81(ff)"), .entries = ca_entry}});
}

static void points_have_to_meet(void **state)
{
    struct cert *a = leaf_with_points("30(30(" POINT_A "))");
    struct cert *both = leaf_with_points("30(30(a0(a0(86('http://b/') 86('http://a/')))))");
    char *entry = crl_entry(a, "");

    (void)state;
    RUN("ok", .chain = CHAIN(a, ca), .crls = {{.issuer = ca}});
    RUN("ok", .chain = CHAIN(a, ca), .crls = {{.issuer = ca, .extensions = IDP(POINT_A)}});
    RUN("revoked", .chain = CHAIN(a, ca),
        .crls = {{.issuer = ca, .extensions = IDP(POINT_A), .entries = entry}});
    RUN("revocation_unknown", .chain = CHAIN(a, ca),
        .crls = {{.issuer = ca, .extensions = IDP(POINT_B), .entries = entry}});
    RUN("ok", .chain = CHAIN(both, ca), .crls = {{.issuer = ca, .extensions = IDP(POINT_A)}});
    RUN("revocation_unknown", .crls = {{.issuer = ca, .extensions = IDP(POINT_A)}});
    free(entry);
    cert_free(a);
    cert_free(both);
}

/* nameRelativeToCRLIssuer, on either side (PKITS 4.14.1 to 4.14.9). */
static void relative_names_are_completed(void **state)
{
    static const char relative[] = "a0(a1(30(06(550403) 0c('point'))))";
    static const char full[] = "a0(a0(a4(30(31(30(06(550403) 0c('CA'))) "
                               "31(30(06(550403) 0c('point')))))))";
    static const char other[] = "a0(a1(30(06(550403) 0c('another'))))";
    const char *const forms[] = {relative, full};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char points[300], good[300], bad[300];
        struct cert *pointed;
        (void)snprintf(points, sizeof points, "30(30(%s))", forms[i % 2]);
        (void)snprintf(good, sizeof good, IDP("%s"), forms[i / 2]);
        (void)snprintf(bad, sizeof bad, IDP("%s"), other);
        pointed = leaf_with_points(points);
        RUN("ok", .chain = CHAIN(pointed, ca), .crls = {{.issuer = ca, .extensions = good}});
        RUN("revocation_unknown", .chain = CHAIN(pointed, ca),
            .crls = {{.issuer = ca, .extensions = bad}});
        cert_free(pointed);
    }
}

/* PKITS 4.14.15 to 4.14.21. */
static void all_reasons_have_to_be_covered(void **state)
{
    static const char compromise[] = IDP("83(0560)"), rest[] = IDP("83(071f80)");
    struct cert *split = leaf_with_points("30(30(" POINT_A "81(0560)) 30(" POINT_B "81(071f80)))");
    char *entry = crl_entry(split, "");

    (void)state;
    RUN("revocation_unknown", .crls = {{.issuer = ca, .extensions = compromise}},
        .text = "0.crl does not list it (as of 2026-05-31 10:00 UTC, until 2026-06-07 10:00 UTC), "
                "and speaks only of these reasons: keyCompromise, cACompromise.");
    RUN("ok",
        .crls = {{.issuer = ca, .extensions = compromise}, {.issuer = ca, .extensions = rest}});
    RUN("revoked", .crls = {{.issuer = ca, .extensions = compromise, .entries = leaf_entry}});
    RUN("ok", .chain = CHAIN(split, ca),
        .crls = {{.issuer = ca, .extensions = IDP(POINT_A "83(0560)")},
                 {.issuer = ca, .extensions = IDP(POINT_B "83(071f80)")}});
    RUN("revoked", .chain = CHAIN(split, ca),
        .crls = {{.issuer = ca, .extensions = IDP(POINT_A "83(0560)")},
                 {.issuer = ca, .extensions = IDP(POINT_B "83(071f80)"), .entries = entry}});
    RUN("revocation_unknown", .chain = CHAIN(split, ca),
        .crls = {{.issuer = ca, .extensions = IDP(POINT_A "83(0560)")},
                 {.issuer = ca, .extensions = IDP(POINT_A "83(071f80)")}});
    free(entry);
    cert_free(split);
}

/* ---- who may sign (PKITS 4.4.19 to 4.4.21, 4.5, 4.14.22 to 4.14.35) -------------------------- */

/* Notation of authorityKeyIdentifier for a key. */
static char *key_id_of(const struct cert *cert)
{
    uint8_t id[64];
    size_t size = sizeof id;
    char hex[2 * sizeof id + 4];

    assert_int_equal(gnutls_x509_crt_get_subject_key_id(cert->crt, id, &size, NULL), 0);
    return text_format(EXTENSION("551d23", "30(80(%s))"), text_hex(hex, sizeof hex, id, size));
}

static void a_ca_may_have_a_key_for_crls_alone(void **state)
{
    struct cert *key =
        cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    struct cert *self =
        cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = ca});
    struct cert *stray = cert_must((struct cert_options){.common_name = "CA", .ca = true});
    char *entry = crl_entry(key, ""), *of_key = key_id_of(key), *of_self = key_id_of(self);

    (void)state;
    RUN("ok", .chain = CHAIN(leaf, ca, key),
        .crls = {{.issuer = ca, .signed_by = key, .extensions = of_key}});
    RUN("ok", .chain = CHAIN(leaf, ca, self),
        .crls = {{.issuer = ca, .signed_by = self, .extensions = of_self}});
    RUN("revoked", .chain = CHAIN(leaf, ca, key),
        .crls = {{.issuer = ca, .signed_by = key, .extensions = of_key, .entries = leaf_entry}});
    RUN("revocation_unknown", .crls = {{.issuer = ca, .signed_by = key, .extensions = of_key}});
    RUN("revocation_unknown", .chain = CHAIN(leaf, ca, stray),
        .crls = {{.issuer = ca, .signed_by = stray, .entries = leaf_entry}},
        .text = "does not lead to the trust anchor of this path");
    RUN("revocation_unknown", .chain = CHAIN(leaf, ca, key),
        .crls = {{.issuer = ca, .signed_by = key, .extensions = of_key},
                 {.issuer = root, .entries = entry}},
        .text = "or is revoked", .all = true);
    free(of_key);
    free(of_self);
    free(entry);
    cert_free(key);
    cert_free(self);
    cert_free(stray);
}

static void an_indirect_crl_lists_certificates_of_others(void **state)
{
    struct cert *agent =
        cert_must((struct cert_options){.common_name = "Agent", .ca = true, .issuer = root});
    struct cert *pointed = leaf_with_points("30(30(a2(a4(30(31(30(06(550403)0c('Agent'))))))))");
    char *of_ca =
        crl_entry(pointed, CRITICAL_EXTENSION("551d1d", "30(a4(30(31(30(06(550403)0c('CA'))))))"));
    char *other_of_ca =
        crl_entry(sibling, CRITICAL_EXTENSION("551d1d", "30(a4(30(31(30(06(550403)0c('CA'))))))"));
    char *plain = crl_entry(pointed, "");
    char both[600];
    const struct cert *const *chain = CHAIN(pointed, ca, agent);

    (void)state;
    RUN("ok", .chain = chain, .crls = {{.issuer = agent, .extensions = IDP("84(ff)")}});
    RUN("revoked", .chain = chain,
        .crls = {{.issuer = agent, .extensions = IDP("84(ff)"), .entries = of_ca}});
    /* Without certificateIssuer the entry is about a certificate of the agent's. */
    RUN("ok", .chain = chain,
        .crls = {{.issuer = agent, .extensions = IDP("84(ff)"), .entries = plain}});
    /* Once said, the issuer holds for the entries that follow (5.3.3). */
    (void)snprintf(both, sizeof both, "%s%s", other_of_ca, plain);
    RUN("revoked", .chain = chain,
        .crls = {{.issuer = agent, .extensions = IDP("84(ff)"), .entries = both}});
    (void)snprintf(both, sizeof both, "%s%s", plain, other_of_ca);
    RUN("ok", .chain = chain,
        .crls = {{.issuer = agent, .extensions = IDP("84(ff)"), .entries = both}});
    RUN("revocation_unknown", .chain = chain, .crls = {{.issuer = agent}});
    /* A certificate that names no cRLIssuer is none of an agent's business. */
    RUN("revocation_unknown", .chain = CHAIN(leaf, ca, agent),
        .crls = {{.issuer = agent, .extensions = IDP("84(ff)")}});
    free(of_ca);
    free(other_of_ca);
    free(plain);
    cert_free(agent);
    cert_free(pointed);
}

/* ---- delta CRLs (PKITS 4.15) ----------------------------------------------------------------- */

/* OpenSSL looks for a delta only where somebody says that there is one. */
#define FRESHEST    EXTENSION("551d2e", "30(30(" POINT_A "))")
#define DELTA(base) CRITICAL_EXTENSION("551d1b", "02(" base ")")

/* Complete CRLs: of nobody, of the leaf on hold, and out of date. */
#define BASE                                                 \
    {                                                        \
        .issuer = ca, .number = "01", .extensions = FRESHEST \
    }
#define HELD                                                                             \
    {                                                                                    \
        .issuer = ca, .number = "01", .extensions = FRESHEST, .entries = leaf_entry_hold \
    }
#define OLD                                                                                \
    {                                                                                      \
        .issuer = ca, .number = "01", .extensions = FRESHEST, .next_update = CERT_NOW - 60 \
    }

static void deltas_change_the_complete_crl(void **state)
{
    (void)state;
    RUN("revocation_unknown", .crls = {{.issuer = ca, .number = "02", .extensions = DELTA("01")}});
    RUN("ok", .crls = {BASE, {.issuer = ca, .number = "02", .extensions = DELTA("01")}});
    RUN("revoked", .text = "says 1.crl",
        .crls = {BASE,
                 {.issuer = ca, .number = "02", .extensions = DELTA("01"), .entries = leaf_entry}});
    RUN("ok", .crls = {HELD,
                       {.issuer = ca,
                        .number = "02",
                        .extensions = DELTA("01"),
                        .entries = leaf_entry_removed}});
    RUN("revoked", .crls = {HELD, {.issuer = ca, .number = "02", .extensions = DELTA("01")}});
    /* RFC 5280 6.3.3 (k): an entry that is to be removed lists nobody, wherever it stands. */
    RUN("ok", .crls = {{.issuer = ca, .entries = leaf_entry_removed}});
}

static void deltas_have_their_time(void **state)
{
    (void)state;
    /* A delta that is out of date removes nothing, but whom it lists for good is revoked. */
    RUN("revoked", .text = "says 1.crl",
        .crls = {BASE,
                 {.issuer = ca,
                  .number = "02",
                  .extensions = DELTA("01"),
                  .entries = leaf_entry,
                  .next_update = CERT_NOW - 60}});
    RUN("revoked", .text = "says 0.crl",
        .openssl = "it looks at the time of a delta only when the complete CRL is out of date",
        .crls = {HELD,
                 {.issuer = ca,
                  .number = "02",
                  .extensions = DELTA("01"),
                  .entries = leaf_entry_removed,
                  .next_update = CERT_NOW - 60}});
    /* A delta keeps an old list alive; one that begins after it does not. */
    RUN("ok", .crls = {OLD, {.issuer = ca, .number = "03", .extensions = DELTA("01")}});
    RUN("revocation_unknown",
        .crls = {OLD, {.issuer = ca, .number = "03", .extensions = DELTA("02")}});
    RUN("revocation_unknown", .crls = {OLD,
                                       {.issuer = ca,
                                        .number = "03",
                                        .extensions = DELTA("01"),
                                        .next_update = CERT_NOW - 60}});
}

static void deltas_that_do_not_fit_change_nothing(void **state)
{
    (void)state;
    /* One of another scope, another key or of an older number changes nothing. */
    RUN("revoked", .crls = {HELD,
                            {.issuer = ca,
                             .number = "02",
                             .extensions = DELTA("01") IDP("81(ff)"),
                             .entries = leaf_entry_removed}});
    RUN("revoked", .crls = {HELD,
                            {.issuer = ca,
                             .signed_by = root,
                             .number = "02",
                             .extensions = DELTA("01"),
                             .entries = leaf_entry_removed}});
    RUN("revoked", .crls = {HELD,
                            {.issuer = ca,
                             .number = "01",
                             .extensions = DELTA("01"),
                             .entries = leaf_entry_removed}});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_listed_is_revoked),
        cmocka_unit_test(a_revoked_ca_refuses_all_under_it),
        cmocka_unit_test(the_leaf_must_be_covered),
        cmocka_unit_test(times_count),
        cmocka_unit_test(the_newest_of_several_counts),
        cmocka_unit_test(only_the_issuers_signature_counts),
        cmocka_unit_test(a_ca_without_crl_sign_signs_no_crl),
        cmocka_unit_test(what_is_not_understood_cannot_say_good),
        cmocka_unit_test(serial_numbers_of_any_size_and_sign_are_found),
        cmocka_unit_test(each_must_counts_with_strict_only),
        cmocka_unit_test(a_crl_may_be_for_one_kind_of_certificates),
        cmocka_unit_test(points_have_to_meet),
        cmocka_unit_test(relative_names_are_completed),
        cmocka_unit_test(all_reasons_have_to_be_covered),
        cmocka_unit_test(a_ca_may_have_a_key_for_crls_alone),
        cmocka_unit_test(an_indirect_crl_lists_certificates_of_others),
        cmocka_unit_test(deltas_change_the_complete_crl),
        cmocka_unit_test(deltas_have_their_time),
        cmocka_unit_test(deltas_that_do_not_fit_change_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
