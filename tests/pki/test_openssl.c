/* Verdicts and facts against OpenSSL's, on chains made here and on OpenSSL's own test chains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <inttypes.h>

#include "command.h"
#include "openssl_suite.h"
#include "scratch.h"
#include "verdict.h"

/* ---- chains made here ------------------------------------------------------------------ */

enum { CHAIN_MAX = 5 };

struct scenario {
    const char *name;
    const struct cert *chain[CHAIN_MAX];
    const struct cert *anchors[CHAIN_MAX];
    const char *hostname; /* NULL: not checked */
};

/* What `openssl verify` says: level 2 is our strength, and any trusted certificate an anchor. */
static bool openssl_accepts(const struct scenario *scenario)
{
    char leaf[SCRATCH_PATH_MAX], untrusted[SCRATCH_PATH_MAX], anchors[SCRATCH_PATH_MAX];
    const char *host = scenario->hostname;
    struct buffer output = {0};
    bool is_ip = host != NULL && strspn(host, "0123456789.:abcdef") == strlen(host);
    int status = command_run(
        &output,
        "openssl verify -attime %" PRId64 " -purpose sslserver -auth_level 2 -partial_chain "
        "-no-CApath -CAfile %s %s %s %s %s %s",
        CERT_NOW, cert_write_scratch(anchors, "anchors.pem", scenario->anchors),
        scenario->chain[1] != NULL ? "-untrusted" : "",
        scenario->chain[1] != NULL ? cert_write_scratch(untrusted, "sent.pem", scenario->chain + 1)
                                   : "",
        host == NULL ? "" : (is_ip ? "-verify_ip" : "-verify_hostname"), host == NULL ? "" : host,
        cert_write_scratch(leaf, "leaf.pem", CHAIN(scenario->chain[0])));

    assert_int_equal(command_count(&output, status == 0 ? ": OK" : "verification failed"), 1);
    buffer_free(&output);
    return status == 0;
}

static void compare(const struct scenario *scenario)
{
    struct pki_trust *trust = verdict_trust(scenario->anchors);
    struct pki_verification *verdict = verdict_of(scenario->chain, trust, scenario->hostname);
    bool accepts = openssl_accepts(scenario);
    char codes[200];

    assert_non_null(verdict);
    if (verdict->ok != accepts) {
        fail_msg("%s: tlstep says %s, openssl %s", scenario->name,
                 verdict_codes(codes, sizeof codes, verdict), accepts ? "ok" : "no");
    }
    pki_verification_free(verdict);
    pki_trust_release(trust);
}

/* What most chains are made of. */
static struct cert *root, *other, *ca, *good;

static int set_up(void **state)
{
    (void)state;
    root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    other = cert_must((struct cert_options){.common_name = "Other", .ca = true});
    ca = cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    good = cert_must((struct cert_options){.common_name = "good",
                                           .issuer = ca,
                                           .names = NAMES("DNS:example.org", "DNS:*.w.example.org",
                                                          "IP:192.0.2.1", "IP:2001:db8::1")});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cert_free(root);
    cert_free(other);
    cert_free(ca);
    cert_free(good);
    return 0;
}

static void compare_all(const struct scenario *scenarios, size_t count)
{
    command_need("openssl");
    for (size_t i = 0; i < count; i++) {
        compare(&scenarios[i]);
    }
}
#define COMPARE_ALL(scenarios) compare_all(scenarios, sizeof scenarios / sizeof scenarios[0])

static void openssl_agrees_on_names(void **state)
{
    const struct scenario scenarios[] = {
        {"good", {good, ca}, {root}, "example.org"},
        {"root sent too", {good, ca, root}, {root}, "example.org"},
        {"wrong order", {good, root, ca}, {root}, "example.org"},
        {"wildcard", {good, ca}, {root}, "a.w.example.org"},
        {"wildcard, two labels", {good, ca}, {root}, "a.b.w.example.org"},
        {"wildcard, no label", {good, ca}, {root}, "w.example.org"},
        {"other host", {good, ca}, {root}, "example.com"},
        {"address", {good, ca}, {root}, "192.0.2.1"},
        {"other address", {good, ca}, {root}, "192.0.2.2"},
        {"v6 address", {good, ca}, {root}, "2001:db8::1"},
        {"other v6 address", {good, ca}, {root}, "2001:db8::2"},
    };

    (void)state;
    COMPARE_ALL(scenarios);
}

static void openssl_agrees_on_anchors_and_issuers(void **state)
{
    struct cert *twin = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *cross = cert_must(
        (struct cert_options){.common_name = "CA", .ca = true, .issuer = other, .same_key_as = ca});
    struct cert *no_ca = cert_must((struct cert_options){.common_name = "no CA", .issuer = root});
    struct cert *under = cert_must((struct cert_options){.common_name = "under", .issuer = no_ca});
    struct cert *alone = cert_must((struct cert_options){.common_name = "alone"});
    struct cert *broken = cert_must(
        (struct cert_options){.common_name = "broken", .issuer = ca, .break_signature = true});
    const struct scenario scenarios[] = {
        {"no intermediate", {good}, {root}, NULL},
        {"unknown root", {good, ca}, {other}, NULL},
        {"unknown root sent", {good, ca, root}, {other}, NULL},
        {"namesake of the root", {good, ca}, {twin}, NULL},
        {"namesake and root", {good, ca}, {twin, root}, NULL},
        {"intermediate is anchor", {good}, {ca}, NULL},
        {"leaf is anchor", {good}, {good}, NULL},
        {"self-signed", {alone}, {root}, NULL},
        {"self-signed and anchor", {alone}, {alone}, NULL},
        {"cross-signed", {good, cross}, {other}, NULL},
        {"cross-signed, both sent", {good, cross, ca}, {other}, NULL},
        /* Not {good, cross, ca} under root: OpenSSL takes the first issuer and never goes back. */
        {"cross-signed, other root", {good, ca, cross}, {root}, NULL},
        {"broken signature", {broken, ca}, {root}, NULL},
        {"issued by no CA", {under, no_ca}, {root}, NULL},
        {"issued by an anchor that is no CA", {under}, {no_ca}, NULL},
    };

    (void)state;
    COMPARE_ALL(scenarios);
    cert_free(twin);
    cert_free(cross);
    cert_free(no_ca);
    cert_free(under);
    cert_free(alone);
    cert_free(broken);
}

static void openssl_agrees_on_dates(void **state)
{
    struct cert *old_ca = cert_must((struct cert_options){.common_name = "CA",
                                                          .ca = true,
                                                          .issuer = root,
                                                          .same_key_as = ca,
                                                          .not_after = CERT_NOW - 1});
    struct cert *old_root = cert_must((struct cert_options){
        .common_name = "Root", .ca = true, .same_key_as = root, .not_after = CERT_NOW - 1});
    struct cert *old = cert_must(
        (struct cert_options){.common_name = "old", .issuer = ca, .not_after = CERT_NOW - 1});
    struct cert *young = cert_must(
        (struct cert_options){.common_name = "young", .issuer = ca, .not_before = CERT_NOW + 1});
    const struct scenario scenarios[] = {
        {"expired", {old, ca}, {root}, NULL},
        {"not yet valid", {young, ca}, {root}, NULL},
        {"expired intermediate", {good, old_ca}, {root}, NULL},
        {"expired and current intermediate", {good, old_ca, ca}, {root}, NULL},
        {"expired root", {good, ca}, {old_root}, NULL},
        {"expired and current root", {good, ca}, {old_root, root}, NULL},
    };

    (void)state;
    COMPARE_ALL(scenarios);
    cert_free(old_ca);
    cert_free(old_root);
    cert_free(old);
    cert_free(young);
}

static void openssl_agrees_on_strength(void **state)
{
    struct cert *sha1 = cert_must(
        (struct cert_options){.common_name = "sha1", .issuer = ca, .hash = GNUTLS_DIG_SHA1});
    struct cert *sha1_root = cert_must(
        (struct cert_options){.common_name = "SHA-1 Root", .ca = true, .hash = GNUTLS_DIG_SHA1});
    struct cert *fine =
        cert_must((struct cert_options){.common_name = "fine", .issuer = sha1_root});
    struct cert *small = cert_must(
        (struct cert_options){.common_name = "small", .issuer = ca, .key = CERT_RSA_1024});
    struct cert *curve =
        cert_must((struct cert_options){.common_name = "curve", .issuer = ca, .key = CERT_P192});
    const struct scenario scenarios[] = {
        {"SHA-1", {sha1, ca}, {root}, NULL},
        {"SHA-1 on the anchor", {fine}, {sha1_root}, NULL},
        {"small RSA key", {small, ca}, {root}, NULL},
        {"small curve", {curve, ca}, {root}, NULL},
    };

    (void)state;
    COMPARE_ALL(scenarios);
    cert_free(sha1);
    cert_free(sha1_root);
    cert_free(fine);
    cert_free(small);
    cert_free(curve);
}

/* ---- fields.tsv ------------------------------------------------------------------------ */

static size_t files_compared;

/* OpenSSL's names of keys and algorithms, and ours. */
static const char *our_name(const char *theirs)
{
    static const char *const names[][2] = {
        {"rsaEncryption", "RSA"}, {"rsa", "RSA"},
        {"rsassaPss", "RSA-PSS"}, {"ED25519", "Ed25519"},
        {"X25519", "X25519"},     {"id-ecPublicKey", "ECDSA"},
        {"SM2", "curveSM2"},      {"prime256v1", "secp256r1"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i][0], theirs) == 0) {
            return names[i][1];
        }
    }
    fail_msg("what is %s?", theirs);
    return NULL;
}

/* `key` is cut up. */
static void compare_key(const struct pki_certificate *facts, char *key)
{
    const char *type = strsep(&key, " ");
    const char *bits = strsep(&key, " ");

    assert_string_equal(facts->key_type, our_name(type));
    if (bits != NULL) {
        assert_int_equal(facts->key_bits, strtoul(bits, NULL, 10));
    }
    if (key != NULL) {
        assert_string_equal(facts->key_curve, our_name(key));
    } else {
        assert_null(facts->key_curve);
    }
}

/* "DNS:a, IP Address:b, email:c" is "a", "b", "email:c". */
static void compare_names(const struct pki_certificate *facts, char *names)
{
    static const char *const dropped[] = {"DNS:", "IP Address:"};
    size_t i = 0;

    while (names != NULL && *names != '\0' && i < facts->san_count) {
        char *name = strsep(&names, ",");
        name += name[0] == ' ';
        for (size_t j = 0; j < 2; j++) {
            size_t length = strlen(dropped[j]);
            name += strncmp(name, dropped[j], length) == 0 ? length : 0;
        }
        assert_string_equal(facts->san[i++], name);
    }
    assert_int_equal(i, facts->san_count);
}

static void compare_fields(void *context, char **columns)
{
    struct pki_slice der = suite_certificate(columns[0]);
    struct pki_certificate *facts;
    char text[80];

    (void)context;
    facts = pki_certificate_new(der.data, der.length);
    assert_non_null(facts);
    if (facts->malformed) {
        fail_msg("%s: %s", columns[0], facts->problem);
    }
    assert_string_equal(text_hex(text, sizeof text, facts->sha256, 32), columns[1]);
    assert_string_equal(facts->subject, columns[2]);
    assert_string_equal(facts->issuer, columns[3]);
    assert_true(text_equal_nocase(facts->serial, columns[4]));
    assert_string_equal(time_rfc3339(text, sizeof text, facts->not_before), columns[5]);
    assert_string_equal(time_rfc3339(text, sizeof text, facts->not_after), columns[6]);
    if (columns[7][0] != '0') { /* the bytes of an otherName */
        compare_names(facts, columns[7]);
    }
    if (strcmp(columns[9], "rsassaPss") == 0) {
        assert_string_equal(facts->signature_algorithm, "RSASSA-PSS");
    } else {
        assert_true(text_equal_nocase(facts->signature_algorithm, columns[9]));
    }
    /* "rsa" is X.500's identifier: OpenSSL's column is of the key written anew with PKCS #1's. */
    if (strncmp(columns[8], "rsa ", 4) != 0) {
        assert_string_equal(text_hex(text, sizeof text, facts->spki_sha256, 32), columns[10]);
    }
    compare_key(facts, columns[8]);
    assert_int_equal(facts->is_ca, strcmp(columns[11], "true") == 0);
    pki_certificate_free(facts);
    suite_certificates_free(&der, 1);
    files_compared++;
}

static void openssl_reads_the_same_fields(void **state)
{
    (void)state;
    suite_each_row("fields.tsv", compare_fields, NULL);
    print_message("%zu certificates have OpenSSL's fields\n", files_compared);
    assert_true(files_compared > 100);
}

/* ---- verify.tsv: OpenSSL's own chains ----------------------------------------------------- */

static size_t agreed, differing, outside, wrong;

/* What is no question for a TLS client. */
static const struct {
    enum suite_column column;
    const char *start;
    const char *why;
} not_for_us[] = {
    {SUITE_PURPOSE, "timestampsign", "time-stamping (RFC 3161)"},
    {SUITE_OPTIONS, "-vfyopt", "SM2 (GnuTLS has none)"},
    {SUITE_OPTIONS, "-allow_proxy_certs", "proxy certificates (RFC 3820) are refused in TLS"},
    {SUITE_OPTIONS, "-verify_depth", "a limit of openssl's command"},
};

/*
 * Where tlstep decides otherwise, and why. Each must be met. OpenSSL takes the first issuer that it trusts and never goes back;
 * RFC 5280 6 calls a path valid, not a certificate, so any that is will do (RFC 4158 2.3).
 */
#define ANOTHER_PATH "another path is valid: RFC 5280 6.1, RFC 4158 2.3"
static struct difference {
    const char *name;
    const char *trusted;
    bool accepted; /* by tlstep */
    const char *why;
    bool met;
} differences[] = {
    {"fail trusted-first path with server mistrust",
     "root-cert.pem,root2-serverAuth.pem,ca-root2.pem", true, ANOTHER_PATH, false},
    {"fail trusted-first path with client trust", "root-cert.pem,root2+clientAuth.pem,ca-root2.pem",
     true, ANOTHER_PATH, false},
    {"fail client purpose", "root-cert.pem,cca-cert.pem", true, ANOTHER_PATH, false},
    {"fail client mistrust and client purpose", "root-cert.pem,cca-clientAuth.pem", true,
     ANOTHER_PATH, false},
    {"fail trusted Ed25519-signed self-issued X25519 cert", "ee-ed25519.pem", true,
     "any trusted certificate is an anchor, not only one that signed itself: RFC 5280 6.1.1 (d)",
     false},
    {"Accept PSS signature using SHA1 at auth level 0", "root-cert.pem", false,
     "GnuTLS cannot check RSASSA-PSS with SHA-1, which TLS never had: RFC 8446 4.2.3", false},
};

/* OpenSSL's error numbers (openssl/x509_vfy.h) and which codes of ours say the same. */
static const struct {
    unsigned error;
    const char *says;
    const char *codes;
} errors[] = {
    {1, "unspecified", "name_constraint"}, /* it gave up on names times constraints */
    {10, "expired", "expired"},
    {18, "self-signed", "self_signed no_trust_anchor"},
    {20, "no issuer", "no_trust_anchor missing_intermediate bad_signature self_signed key_usage"},
    {26, "purpose", "extended_key_usage key_usage"},
    {28, "rejected", "no_trust_anchor self_signed missing_intermediate extended_key_usage"},
    {34, "critical extension", "unknown_critical_extension"},
    {40, "proxy", "unknown_critical_extension"},
    {42, "policy", "policy"},
    {47, "permitted", "name_constraint"},
    {48, "excluded", "name_constraint"},
    {51, "constraint type", "name_constraint"},
    {53, "constraint syntax", "name_constraint"},
    {66, "leaf's key", "weak_key"},
    {67, "CA's key", "weak_key"},
    {68, "digest", "weak_signature"},
    {79, "no CA", "not_a_ca key_usage"},
    {80, "path length without CA", "not_conforming"},
    {85, "no key identifier", "not_conforming"},
    {94, "explicit curve", "malformed"},
};

static bool applies(char **columns)
{
    for (size_t i = 0; i < sizeof not_for_us / sizeof not_for_us[0]; i++) {
        if (strncmp(columns[not_for_us[i].column], not_for_us[i].start,
                    strlen(not_for_us[i].start)) == 0) {
            return false;
        }
    }
    return true;
}

/* Any trusted certificate is an anchor here, so -partial_chain says nothing new; nor does -check_ss_sig. */
static void read_options(struct pki_request *request, char *options, const char **policies)
{
    char *word;

    while ((word = strsep(&options, " ")) != NULL) {
        if (strcmp(word, "-attime") == 0) {
            request->at = strtoll(strsep(&options, " "), NULL, 10);
        } else if (strcmp(word, "-policy") == 0) {
            policies[0] = strsep(&options, " ");
            request->policies = policies;
        } else if (strcmp(word, "-explicit_policy") == 0) {
            request->require_explicit_policy = true;
        } else if (strcmp(word, "-x509_strict") == 0) {
            request->strict = true;
        } else if (strcmp(word, "-") != 0 && strcmp(word, "-partial_chain") != 0 &&
                   strcmp(word, "-policy_check") != 0 && strcmp(word, "-check_ss_sig") != 0) {
            fail_msg("what is %s?", word);
        }
    }
}

static enum pki_purpose purpose_of(const char *purpose)
{
    if (strcmp(purpose, "sslserver") == 0) {
        return PKI_PURPOSE_SERVER;
    }
    return strcmp(purpose, "sslclient") == 0 ? PKI_PURPOSE_CLIENT : PKI_PURPOSE_ANY;
}

static bool is_among(const char *codes, enum pki_reason_code code)
{
    const char *name = pki_reason_name(code);
    const char *at = strstr(codes, name);
    size_t length = strlen(name);

    return at != NULL && (at == codes || at[-1] == ' ') &&
           (at[length] == '\0' || at[length] == ' ');
}

/* "26 at depth 2: …": one of our reasons must be of that kind. */
static bool is_sensible(const struct pki_verification *verdict, const char *says)
{
    unsigned error = (unsigned)strtoul(says, NULL, 10);

    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        for (size_t j = 0; errors[i].error == error && j < verdict->reason_count; j++) {
            if (is_among(errors[i].codes, verdict->reasons[j].code)) {
                return true;
            }
        }
    }
    return false;
}

static struct difference *find_difference(char **columns, bool accepted)
{
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        struct difference *difference = &differences[i];
        if (strcmp(difference->name, columns[SUITE_CASE]) == 0 &&
            difference->accepted == accepted &&
            strcmp(difference->trusted, columns[SUITE_TRUSTED]) == 0) {
            return difference;
        }
    }
    return NULL;
}

static void weigh(char **columns, const struct pki_verification *verdict)
{
    bool expected = strcmp(columns[SUITE_EXPECTED], "ok") == 0;
    struct difference *difference;
    char codes[300];

    verdict_codes(codes, sizeof codes, verdict);
    if (verdict->ok == expected && (verdict->ok || is_sensible(verdict, columns[SUITE_SAYS]))) {
        agreed++;
        return;
    }
    difference = verdict->ok == expected ? NULL : find_difference(columns, verdict->ok);
    if (difference != NULL) {
        print_message("differs: %s: tlstep says %s (%s)\n", columns[SUITE_CASE], codes,
                      difference->why);
        difference->met = true;
        differing++;
        return;
    }
    print_error("%s (%s under %s): tlstep says %s, expected %s (%s)\n", columns[SUITE_CASE],
                columns[SUITE_LEAF], columns[SUITE_TRUSTED], codes, columns[SUITE_EXPECTED],
                columns[SUITE_SAYS]);
    wrong++;
}

static void compare_case(void *context, char **columns)
{
    struct pki_slice leaf[SUITE_FILES_MAX] = {0}, untrusted[SUITE_FILES_MAX] = {0};
    const char *policies[2] = {NULL, NULL};
    struct pki_request request = {.chain = leaf,
                                  .intermediates = untrusted,
                                  .at = CERT_NOW,
                                  .purpose = purpose_of(columns[SUITE_PURPOSE])};
    char trusted[300], given[300], name[300];
    struct pki_verification *verdict;

    (void)context;
    if (!applies(columns)) {
        outside++;
        return;
    }
    request.strength = PKI_STRENGTH_0 + (enum pki_strength)strtoul(columns[SUITE_LEVEL], NULL, 10);
    read_options(&request, columns[SUITE_OPTIONS], policies);
    (void)snprintf(trusted, sizeof trusted, "%s", columns[SUITE_TRUSTED]);
    (void)snprintf(given, sizeof given, "%s", columns[SUITE_UNTRUSTED]);
    (void)snprintf(name, sizeof name, "%s", columns[SUITE_LEAF]);
    request.trust = suite_trust(trusted);
    request.chain_length = 1;
    assert_int_equal(suite_certificates(leaf, name), 1);
    request.intermediate_count = suite_certificates(untrusted, given);
    verdict = pki_verify(&request, NULL);
    assert_non_null(verdict);
    weigh(columns, verdict);
    pki_verification_free(verdict);
    pki_trust_release(request.trust);
    suite_certificates_free(leaf, 1);
    suite_certificates_free(untrusted, request.intermediate_count);
}

static void openssls_own_chains_are_judged_as_openssl_does(void **state)
{
    (void)state;
    suite_each_row("verify.tsv", compare_case, NULL);
    print_message("%zu cases agree, %zu differ on purpose, %zu do not apply\n", agreed, differing,
                  outside);
    for (size_t i = 0; i < sizeof differences / sizeof differences[0]; i++) {
        if (!differences[i].met) {
            print_error("no longer differs: %s\n", differences[i].name);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(agreed + differing + outside, 169);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_agrees_on_names),
        cmocka_unit_test(openssl_agrees_on_anchors_and_issuers),
        cmocka_unit_test(openssl_agrees_on_dates),
        cmocka_unit_test(openssl_agrees_on_strength),
        cmocka_unit_test(openssl_reads_the_same_fields),
        cmocka_unit_test(openssls_own_chains_are_judged_as_openssl_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
