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
#include <unistd.h>

#include "command.h"
#include "der.h"
#include "files/pem.h"
#include "scratch.h"
#include "verdict.h"

/* OpenSSL's test certificates lie outside the tree; without them those tests are skipped. */
#define DATA "../shared/data/certs"

/* ---- chains made here ------------------------------------------------------------------ */

enum { CHAIN_MAX = 5 };

struct scenario {
    const char *name;
    const struct cert *chain[CHAIN_MAX];
    const struct cert *anchors[CHAIN_MAX];
    const char *hostname; /* NULL: not checked */
};

static const char *write_certs(char path[SCRATCH_PATH_MAX], const char *name,
                               const struct cert *const *certs)
{
    assert_int_equal(cert_write(scratch_path(path, name), certs), 0);
    return path;
}

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
        CERT_NOW, write_certs(anchors, "anchors.pem", scenario->anchors),
        scenario->chain[1] != NULL ? "-untrusted" : "",
        scenario->chain[1] != NULL ? write_certs(untrusted, "sent.pem", scenario->chain + 1) : "",
        host == NULL ? "" : (is_ip ? "-verify_ip" : "-verify_hostname"), host == NULL ? "" : host,
        write_certs(leaf, "leaf.pem", CHAIN(scenario->chain[0])));

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

static struct cert *make(struct cert_options options)
{
    struct cert *cert = cert_make(&options);

    assert_non_null(cert);
    return cert;
}

static void openssl_agrees_on_chains(void **state)
{
    struct cert *root = make((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *other = make((struct cert_options){.common_name = "Other", .ca = true});
    struct cert *twin = make((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *ca = make((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    struct cert *cross = make(
        (struct cert_options){.common_name = "CA", .ca = true, .issuer = other, .same_key_as = ca});
    struct cert *old_ca = make((struct cert_options){.common_name = "CA",
                                                     .ca = true,
                                                     .issuer = root,
                                                     .same_key_as = ca,
                                                     .not_after = CERT_NOW - 1});
    struct cert *no_ca = make((struct cert_options){.common_name = "no CA", .issuer = root});
    struct cert *good =
        make((struct cert_options){.common_name = "good",
                                   .issuer = ca,
                                   .names = NAMES("DNS:example.org", "DNS:*.w.example.org",
                                                  "IP:192.0.2.1", "IP:2001:db8::1")});
    struct cert *old =
        make((struct cert_options){.common_name = "old", .issuer = ca, .not_after = CERT_NOW - 1});
    struct cert *young = make(
        (struct cert_options){.common_name = "young", .issuer = ca, .not_before = CERT_NOW + 1});
    struct cert *broken =
        make((struct cert_options){.common_name = "broken", .issuer = ca, .break_signature = true});
    struct cert *sha1 =
        make((struct cert_options){.common_name = "sha1", .issuer = ca, .hash = GNUTLS_DIG_SHA1});
    struct cert *small =
        make((struct cert_options){.common_name = "small", .issuer = ca, .key = CERT_RSA_1024});
    struct cert *curve =
        make((struct cert_options){.common_name = "curve", .issuer = ca, .key = CERT_P192});
    struct cert *under = make((struct cert_options){.common_name = "under", .issuer = no_ca});
    struct cert *alone = make((struct cert_options){.common_name = "alone"});
    struct cert *sha1_root = make(
        (struct cert_options){.common_name = "SHA-1 Root", .ca = true, .hash = GNUTLS_DIG_SHA1});
    struct cert *fine = make((struct cert_options){.common_name = "fine", .issuer = sha1_root});
    struct cert *old_root = make((struct cert_options){
        .common_name = "Root", .ca = true, .same_key_as = root, .not_after = CERT_NOW - 1});
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
        {"no intermediate", {good}, {root}, NULL},
        {"unknown root", {good, ca}, {other}, NULL},
        {"unknown root sent", {good, ca, root}, {other}, NULL},
        {"namesake of the root", {good, ca}, {twin}, NULL},
        {"namesake and root", {good, ca}, {twin, root}, NULL},
        {"intermediate is anchor", {good}, {ca}, NULL},
        {"leaf is anchor", {good}, {good}, NULL},
        {"self-signed", {alone}, {root}, NULL},
        {"self-signed and anchor", {alone}, {alone}, NULL},
        {"expired", {old, ca}, {root}, NULL},
        {"not yet valid", {young, ca}, {root}, NULL},
        {"expired intermediate", {good, old_ca}, {root}, NULL},
        {"expired and current intermediate", {good, old_ca, ca}, {root}, NULL},
        {"expired root", {good, ca}, {old_root}, NULL},
        {"expired and current root", {good, ca}, {old_root, root}, NULL},
        {"cross-signed", {good, cross}, {other}, NULL},
        {"cross-signed, both sent", {good, cross, ca}, {other}, NULL},
        /* Not {good, cross, ca} under root: OpenSSL takes the first issuer and never goes back. */
        {"cross-signed, other root", {good, ca, cross}, {root}, NULL},
        {"broken signature", {broken, ca}, {root}, NULL},
        {"SHA-1", {sha1, ca}, {root}, NULL},
        {"SHA-1 on the anchor", {fine}, {sha1_root}, NULL},
        {"small RSA key", {small, ca}, {root}, NULL},
        {"small curve", {curve, ca}, {root}, NULL},
        {"issued by no CA", {under, no_ca}, {root}, NULL},
        {"issued by an anchor that is no CA", {under}, {no_ca}, NULL},
    };
    struct cert *all[] = {root,  other, twin,      ca,     cross,   old_ca, no_ca,
                          good,  old,   young,     broken, sha1,    small,  curve,
                          under, alone, sha1_root, fine,   old_root};

    (void)state;
    if (!command_exists("openssl")) {
        print_message("skipped: no openssl\n");
        skip();
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        compare(&scenarios[i]);
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        cert_free(all[i]);
    }
}

/* ---- tables ---------------------------------------------------------------------------- */

enum { COLUMNS_MAX = 16 };

/* The rows of a tab-separated file, without its heading. Lines are cut up in place. */
static void each_row(const char *path, void (*look)(char **columns))
{
    struct buffer text = {0};
    char *line, *rest;

    assert_int_equal(file_read(path, "table", 1 << 24, &text, NULL), 0);
    rest = (char *)(uintptr_t)buffer_string(&text);
    (void)strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        char *columns[COLUMNS_MAX] = {0};
        for (size_t i = 0; i < COLUMNS_MAX && line != NULL; i++) {
            columns[i] = strsep(&line, "\t");
        }
        look(columns);
    }
    buffer_free(&text);
}

/* The first certificate of a PEM file of OpenSSL's. Owned by the caller. */
static uint8_t *read_pem(const char *name, size_t *length)
{
    struct buffer text = {0};
    struct pem_block block;
    uint8_t *der;
    size_t at = 0;
    char path[300];
    long decoded;

    (void)snprintf(path, sizeof path, DATA "/%s", name);
    assert_int_equal(file_read(path, "certificate", 1 << 20, &text, NULL), 0);
    assert_true(pem_next((struct pki_slice){text.data, text.length}, &at, &block));
    der = malloc(BASE64_BYTES_MAX(block.body.length));
    assert_non_null(der);
    decoded = base64_decode(der, block.body);
    assert_true(decoded > 0);
    *length = (size_t)decoded;
    buffer_free(&text);
    return der;
}

static void skip_without_data(const char *file)
{
    if (access(file, R_OK) != 0) {
        print_message("skipped: no %s\n", file);
        skip();
    }
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

static void compare_fields(char **columns)
{
    size_t length;
    uint8_t *der = read_pem(columns[0], &length);
    struct pki_certificate *facts;
    char text[80];

    /* An OpenSSL "TRUSTED CERTIFICATE" has its trust settings behind the certificate. */
    struct reader reader = reader_new(der, length);
    struct der whole = der_value(&reader, DER_SEQUENCE);

    facts = pki_certificate_new(der, whole.whole.length);
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
    free(der);
    files_compared++;
}

static void openssl_reads_the_same_fields(void **state)
{
    (void)state;
    skip_without_data(DATA "/fields.tsv");
    each_row(DATA "/fields.tsv", compare_fields);
    print_message("%zu certificates have OpenSSL's fields\n", files_compared);
    assert_true(files_compared > 100);
}

/* ---- verify.tsv ------------------------------------------------------------------------ */

enum column { CASE, PURPOSE, LEVEL, OPTIONS, TRUSTED, UNTRUSTED, LEAF, EXPECTED, SAYS = 9 };

static size_t agree, outside, differ;

/* What is refused for a rule that is not judged yet, as OpenSSL words it. */
static bool is_other_rule(const char *says)
{
    static const char *const rules[] = {
        "unsuitable certificate purpose",
        "unhandled critical extension",
        "subtree violation",
        "name constraint",
        "name syntax",
        "unspecified certificate",
        "certificate rejected",
        "path length",
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strstr(says, rules[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool applies(char **columns)
{
    const char *options = columns[OPTIONS];

    return (strcmp(columns[PURPOSE], "sslserver") == 0 || strcmp(columns[PURPOSE], "-") == 0) &&
           /* Strength as we have it: level 2, and nothing at level 1 depends on the difference. */
           (strcmp(columns[LEVEL], "1") == 0 || strcmp(columns[LEVEL], "2") == 0) &&
           (strcmp(options, "-") == 0 || strcmp(options, "-partial_chain") == 0 ||
            strncmp(options, "-attime ", 8) == 0 || strcmp(options, "-check_ss_sig") == 0) &&
           /* Trust settings in TRUSTED CERTIFICATE files, which only OpenSSL has. */
           strpbrk(columns[TRUSTED], "+") == NULL && strstr(columns[TRUSTED], "Auth.") == NULL &&
           strstr(columns[TRUSTED], "anyEKU") == NULL && strstr(columns[TRUSTED], "-any") == NULL &&
           !is_other_rule(columns[SAYS]);
}

static struct pki_trust *trust_of(char *files)
{
    struct pki_trust *trust = pki_trust_none(NULL);
    const char *file;

    assert_non_null(trust);
    while (files[0] != '-' && (file = strsep(&files, ",")) != NULL) {
        char path[300];
        struct err err = {0};
        (void)snprintf(path, sizeof path, DATA "/openssl/%s", file);
        if (pki_trust_add_file(trust, path, &err) != 0) {
            fail_msg("%s", err.text);
        }
        if (files == NULL) {
            break;
        }
    }
    return trust;
}

static size_t add_to_chain(struct pki_slice *chain, size_t count, char *files)
{
    const char *file;

    while (files != NULL && files[0] != '-' && (file = strsep(&files, ",")) != NULL) {
        char name[200];
        (void)snprintf(name, sizeof name, "openssl/%s", file);
        chain[count].data = read_pem(name, &chain[count].length);
        count++;
    }
    return count;
}

/*
 * Every certificate of our trust store is an anchor, self-signed or not, as in GnuTLS, NSS and Go
 * and as RFC 5280 6.1.1 (d) has it: a name and a key. OpenSSL wants -partial_chain for that.
 */
static bool is_known_difference(char **columns, bool ok)
{
    return ok && strcmp(columns[EXPECTED], "fail") == 0 && strcmp(columns[OPTIONS], "-") == 0 &&
           strcmp(columns[TRUSTED], columns[LEAF]) == 0;
}

static void compare_case(char **columns)
{
    struct pki_slice chain[8] = {0};
    struct pki_request request = {.chain = chain, .at = CERT_NOW};
    struct pki_verification *verdict;
    char codes[200], name[200];
    bool known;

    if (!applies(columns)) {
        outside++;
        return;
    }
    (void)snprintf(name, sizeof name, "%s (%s)", columns[CASE], columns[LEAF]);
    if (strncmp(columns[OPTIONS], "-attime ", 8) == 0) {
        request.at = strtoll(columns[OPTIONS] + 8, NULL, 10);
    }
    known = is_known_difference(columns, true);
    request.chain_length = add_to_chain(chain, 0, columns[LEAF]);
    request.chain_length = add_to_chain(chain, request.chain_length, columns[UNTRUSTED]);
    request.trust = trust_of(columns[TRUSTED]);
    verdict = pki_verify(&request, NULL);
    assert_non_null(verdict);
    verdict_codes(codes, sizeof codes, verdict);
    if (verdict->ok == (strcmp(columns[EXPECTED], "ok") == 0)) {
        agree++;
    } else if (known) {
        print_message("differs on purpose: %s: tlstep says %s\n", name, codes);
        differ++;
    } else {
        print_error("%s: tlstep says %s, expected %s (%s)\n", name, codes, columns[EXPECTED],
                    columns[SAYS]);
        fail();
    }
    pki_verification_free(verdict);
    pki_trust_release(request.trust);
    for (size_t i = 0; i < request.chain_length; i++) {
        free((void *)(uintptr_t)chain[i].data);
    }
}

static void openssls_own_chains_are_judged_as_openssl_does(void **state)
{
    (void)state;
    skip_without_data(DATA "/verify.tsv");
    each_row(DATA "/verify.tsv", compare_case);
    print_message("%zu cases agree, %zu differ on purpose, %zu are about other rules\n", agree,
                  differ, outside);
    assert_true(agree > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_agrees_on_chains),
        cmocka_unit_test(openssl_reads_the_same_fields),
        cmocka_unit_test(openssls_own_chains_are_judged_as_openssl_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
