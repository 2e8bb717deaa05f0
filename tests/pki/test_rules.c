/* The rules for one certificate of a path: each broken on its own, and OpenSSL's opinion of the same chain. */
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
#include "forged.h"
#include "scratch.h"
#include "verdict.h"

/* ---- one change in a good chain of three -------------------------------------------------- */

enum { CHANGES_MAX = 4 };

struct rule_case {
    const char *name;
    struct forged_change changes[FORGED_PLACES][CHANGES_MAX]; /* by place */
    enum pki_purpose purpose;
    enum pki_strength strength;
    const char *codes;
    const char *field, *found, *required; /* of the first reason; NULL: not looked at */
    const char *mend;                     /* a part of it */
    bool openssl_otherwise;               /* OpenSSL accepts what is refused here, or the reverse */
};

#define PART(part, value)                 \
    {                                     \
        FORGED_##part, value, NULL, false \
    }
#define EXT(oid, critical, value)              \
    {                                          \
        FORGED_EXTENSION, value, oid, critical \
    }
#define GONE(oid)                          \
    {                                      \
        FORGED_EXTENSION, NULL, oid, false \
    }
#define EKU(value)  EXT(FORGED_EKU, false, "30(" value ")")
#define SERVER_AUTH "06(2b06010505070301)"
#define CLIENT_AUTH "06(2b06010505070302)"
#define ANY_PURPOSE "06(551d2500)"
#define RSA(size, algorithm) \
    PART(KEY, "30(30(" algorithm ") 03(00 30(02(00[" size " c1]) 02(010001))))")
#define NAMELESS(part)        PART(part, "30()")
#define PKCS1                 "06(2a864886f70d010101)05()"
#define EC(parameters, point) PART(KEY, "30(30(06(2a8648ce3d0201)" parameters ") 03(00" point "))")
#define P256                  "06(2a8648ce3d030107)"
#define P256_GENERATOR                                                     \
    "04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296 " \
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define P224_GENERATOR                                             \
    "04 b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21 " \
    "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34"
#define P192_GENERATOR                                     \
    "04 188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012 " \
    "07192b95ffc8da78631011ed6b24cdd573f977a11e794811"
#define UNKNOWN  "2a0304"
#define POISON   "2b06010401d679020403"
#define FEATURE  "2b06010505070118"
#define NO_CHECK "2b0601050507300105"
#define PROXY    "2b0601050507010e"
#define NETSCAPE "6086480186f8420101"
#define LEAF     .changes[PKI_LEAF]
#define INTER    .changes[PKI_INTERMEDIATE]
#define ROOT     .changes[PKI_ROOT]
#define V1       PART(VERSION, NULL), PART(EXTENSIONS, NULL)
#define CRITICAL "unknown_critical_extension"

/* clang-format off */
static const struct rule_case cases[] = {
    {"a good chain", .codes = "ok"},

    /* ca */
    {"intermediate without basicConstraints", INTER = {GONE(FORGED_BASIC)}, .codes = "not_a_ca",
     .field = "basicConstraints.cA", .found = "absent", .required = "TRUE"},
    {"intermediate with cA FALSE", INTER = {EXT(FORGED_BASIC, true, "30()")}, .codes = "not_a_ca",
     .found = "FALSE", .mend = "issued by a CA: Example CA may not"},
    {"intermediate with version 1", INTER = {V1}, .codes = "not_a_ca", .found = "absent"},
    {"root without basicConstraints", ROOT = {GONE(FORGED_BASIC)}, .codes = "not_a_ca",
     .openssl_otherwise = true /* is content with keyCertSign; Go and GnuTLS are not */},
    {"root with cA FALSE", ROOT = {EXT(FORGED_BASIC, true, "30()")}, .codes = "not_a_ca"},
    {"root with version 1", ROOT = {V1}, .codes = "ok"},
    {"leaf with version 1", LEAF = {V1}, .codes = "ok"},
    {"root with basicConstraints not critical",
     ROOT = {EXT(FORGED_BASIC, false, "30(01(ff))")}, .codes = "ok"},
    {"intermediate with basicConstraints not critical",
     INTER = {EXT(FORGED_BASIC, false, "30(01(ff))")}, .codes = "ok"},
    {"leaf that could be a CA", LEAF = {EXT(FORGED_BASIC, true, "30(01(ff))")}, .codes = "ok"},
    {"leaf without basicConstraints", LEAF = {GONE(FORGED_BASIC)}, .codes = "ok"},

    {"CA without a name", ROOT = {NAMELESS(SUBJECT), NAMELESS(ISSUER)}, INTER = {NAMELESS(ISSUER)},
     .codes = "ok" /* lint tells: RFC 5280 4.1.2.6 */},
    {"intermediate without a name", INTER = {NAMELESS(SUBJECT)}, LEAF = {NAMELESS(ISSUER)},
     .codes = "ok"},

    /* path length */
    {"root allows no CA below", ROOT = {EXT(FORGED_BASIC, true, "30(01(ff)02(00))")},
     .codes = "path_length", .field = "basicConstraints.pathLenConstraint",
     .found = "1 CA below it", .required = "at most 0 CAs"},
    {"root allows one CA below", ROOT = {EXT(FORGED_BASIC, true, "30(01(ff)02(01))")},
     .codes = "ok"},
    {"leaf with a path length", LEAF = {EXT(FORGED_BASIC, true, "30(02(00))")}, .codes = "ok"},
    {"root allows more than a long holds", ROOT = {EXT(FORGED_BASIC, true, "30(01(ff)02([9 7f]))")},
     .codes = "ok"},

    /* key usage */
    {"intermediate without keyCertSign", INTER = {EXT(FORGED_USAGE, true, "03(0780)")},
     .codes = "key_usage", .field = "keyUsage", .found = "digitalSignature",
     .required = "keyCertSign", .mend = "issued by a CA whose key usage has keyCertSign"},
    {"root without keyCertSign", ROOT = {EXT(FORGED_USAGE, true, "03(0102)")},
     .codes = "key_usage", .found = "cRLSign"},
    {"intermediate without keyUsage", INTER = {GONE(FORGED_USAGE)}, .codes = "ok"},
    {"root without keyUsage", ROOT = {GONE(FORGED_USAGE)}, .codes = "ok"},
    {"leaf without keyUsage", LEAF = {GONE(FORGED_USAGE)}, .codes = "ok"},
    {"leaf that deciphers", LEAF = {EXT(FORGED_USAGE, true, "03(0520)")}, .codes = "ok"},
    {"leaf that agrees", LEAF = {EXT(FORGED_USAGE, true, "03(0308)")}, .codes = "ok"},
    {"leaf that only commits", LEAF = {EXT(FORGED_USAGE, true, "03(0640)")}, .codes = "key_usage",
     .found = "nonRepudiation", .required = "digitalSignature or keyEncipherment or keyAgreement",
     .mend = "issued with the key usage digitalSignature"},
    {"leaf that only signs certificates", LEAF = {EXT(FORGED_USAGE, true, "03(0204)")},
     .codes = "key_usage"},
    {"leaf that may do nothing", LEAF = {EXT(FORGED_USAGE, true, "03(0700)")},
     .codes = "key_usage", .found = "nothing"},
    {"leaf that only commits, any purpose", LEAF = {EXT(FORGED_USAGE, true, "03(0640)")},
     .purpose = PKI_PURPOSE_ANY, .codes = "ok"},
    {"client that only deciphers",
     LEAF = {EXT(FORGED_USAGE, true, "03(0520)"), EKU(CLIENT_AUTH)}, INTER = {GONE(FORGED_EKU)},
     .purpose = PKI_PURPOSE_CLIENT, .codes = "key_usage"},
    {"client", LEAF = {EKU(CLIENT_AUTH)}, INTER = {GONE(FORGED_EKU)},
     .purpose = PKI_PURPOSE_CLIENT, .codes = "ok"},

    /* extended key usage */
    {"server as a client", .purpose = PKI_PURPOSE_CLIENT,
     .codes = "extended_key_usage extended_key_usage"},
    {"leaf without purposes", LEAF = {GONE(FORGED_EKU)}, .codes = "ok"},
    {"leaf for clients", LEAF = {EKU(CLIENT_AUTH)}, .codes = "extended_key_usage",
     .field = "extKeyUsage", .found = "clientAuth (1.3.6.1.5.5.7.3.2)",
     .required = "serverAuth (1.3.6.1.5.5.7.3.1)",
     .mend = "have www.example.org issued with the extended key usage serverAuth"},
    {"leaf for clients, any purpose", LEAF = {EKU(CLIENT_AUTH)}, .purpose = PKI_PURPOSE_ANY,
     .codes = "ok"},
    {"leaf for both", LEAF = {EKU(CLIENT_AUTH SERVER_AUTH)}, .codes = "ok"},
    {"leaf for anything", LEAF = {EKU(ANY_PURPOSE)}, .codes = "extended_key_usage"},
    {"leaf for anything and servers", LEAF = {EKU(ANY_PURPOSE SERVER_AUTH)}, .codes = "ok"},
    {"leaf with critical purposes",
     LEAF = {EXT(FORGED_EKU, true, "30(" SERVER_AUTH ")")}, .codes = "ok"},
    {"leaf for nothing", LEAF = {EKU("")}, .codes = "extended_key_usage", .found = "nothing"},
    {"intermediate for clients", INTER = {EKU(CLIENT_AUTH)}, .codes = "extended_key_usage",
     .mend = "have www.example.org issued by a CA for TLS servers"},
    {"intermediate for anything", INTER = {EKU(ANY_PURPOSE)}, .codes = "ok",
     .openssl_otherwise = true /* Go, GnuTLS and BoringSSL accept it, RFC 5280 4.2.1.12 */},
    {"intermediate without purposes", INTER = {GONE(FORGED_EKU)}, .codes = "ok"},
    {"root for servers", ROOT = {EKU(SERVER_AUTH)}, .codes = "ok"},
    {"root for clients", ROOT = {EKU(CLIENT_AUTH)}, .codes = "extended_key_usage"},
    {"Netscape's client", LEAF = {EXT(NETSCAPE, false, "03(0780)")},
     .codes = "extended_key_usage", .field = "netscapeCertType"},
    {"Netscape's server", LEAF = {EXT(NETSCAPE, false, "03(0640)")}, .codes = "ok"},
    {"Netscape's client as a CA", INTER = {EXT(NETSCAPE, false, "03(0780)")}, .codes = "ok"},

    /* critical extensions */
    {"leaf with an unknown critical extension", LEAF = {EXT(UNKNOWN, true, "0500")},
     .codes = CRITICAL, .field = "extensions", .found = "1.2.3.4, critical",
     .required = "not critical, or absent"},
    {"intermediate with one", INTER = {EXT(UNKNOWN, true, "0500")}, .codes = CRITICAL},
    {"root with one", ROOT = {EXT(UNKNOWN, true, "0500")}, .codes = CRITICAL},
    {"leaf with two", LEAF = {EXT(UNKNOWN, true, "0500"), EXT("2a0305", true, "0500")},
     .codes = CRITICAL " " CRITICAL},
    {"unknown, not critical", LEAF = {EXT(UNKNOWN, false, "0500")}, .codes = "ok"},
    {"precertificate", LEAF = {EXT(POISON, true, "0500")}, .codes = CRITICAL,
     .field = "CT poison", .mend = "install the certificate, not the precertificate"},
    {"critical authority key identifier",
     LEAF = {EXT(FORGED_AKI, true, "30(80([20 02]))")}, .codes = CRITICAL},
    {"critical subject key identifier", INTER = {EXT(FORGED_SKI, true, "04([20 02])")},
     .codes = CRITICAL, .field = "subjectKeyIdentifier"},
    {"critical authority information access",
     LEAF = {EXT(FORGED_AIA, true, "30(30(06(2b06010505073001)86('http://a.example/')))")},
     .codes = CRITICAL},
    {"critical TLS feature", LEAF = {EXT(FEATURE, true, "30(02(05))")}, .codes = CRITICAL},
    {"critical names", LEAF = {EXT(FORGED_SAN, true, "30(82('www.example.org'))")},
     .codes = "ok"},
    {"critical policies", LEAF = {EXT(FORGED_CP, true, "30(30(06(67810c010201)))")},
     .codes = "ok"},
    {"critical CRL distribution points",
     LEAF = {EXT(FORGED_CRLDP, true, "30(30(a0(a0(86('http://crl.example.org/')))))")},
     .codes = "ok"},
    {"critical OCSP no check", LEAF = {EXT(NO_CHECK, true, "0500")}, .codes = "ok"},
    {"proxy certificate",
     LEAF = {EXT(PROXY, true, "30(30(06(2b06010505071501)))")}, .codes = CRITICAL,
     .field = "proxyCertInfo", .mend = "issued by a CA"},

    /* keys */
    {"RSA 2048", LEAF = {RSA("256", PKCS1)}, .codes = "ok"},
    {"RSA 1024", LEAF = {RSA("128", PKCS1)}, .codes = "weak_key",
     .field = "subjectPublicKeyInfo", .found = "RSA, 1024 bits", .required = "at least 2048 bits"},
    {"RSA 1024 at level 1", LEAF = {RSA("128", PKCS1)}, .strength = PKI_STRENGTH_1, .codes = "ok"},
    {"RSA 768 at level 1", LEAF = {RSA("96", PKCS1)}, .strength = PKI_STRENGTH_1,
     .codes = "weak_key"},
    {"RSA 512 at level 0", LEAF = {RSA("64", PKCS1)}, .strength = PKI_STRENGTH_0, .codes = "ok"},
    {"RSA 2048 at level 3", LEAF = {RSA("256", PKCS1)}, .strength = PKI_STRENGTH_3,
     .codes = "weak_key", .required = "at least 3072 bits", .mend = "RSA with 3072 bits"},
    {"RSA 3072 at level 3", LEAF = {RSA("384", PKCS1)}, .strength = PKI_STRENGTH_3,
     .codes = "ok"},
    {"P-256 at level 3", .strength = PKI_STRENGTH_3, .codes = "ok"},
    {"P-224", LEAF = {EC("06(2b81040021)", P224_GENERATOR)}, .codes = "ok"},
    {"P-224 at level 3", LEAF = {EC("06(2b81040021)", P224_GENERATOR)},
     .strength = PKI_STRENGTH_3, .codes = "weak_key"},
    {"P-192", LEAF = {EC("06(2a8648ce3d030101)", P192_GENERATOR)}, .codes = "weak_key",
     .found = "ECDSA, 192 bits", .required = "at least 224 bits"},
    {"P-192 at level 1", LEAF = {EC("06(2a8648ce3d030101)", P192_GENERATOR)},
     .strength = PKI_STRENGTH_1, .codes = "ok"},
    {"curve of nobody", LEAF = {EC("06(2a03)", P256_GENERATOR)}, .codes = "weak_key",
     .found = "1.2.3"},
    {"key of nobody", LEAF = {PART(KEY, "30(30(06(2a03)) 03(0001))")}, .codes = "weak_key"},
    {"key of nobody at level 0", LEAF = {PART(KEY, "30(30(06(2a03)) 03(0001))")},
     .strength = PKI_STRENGTH_0, .codes = "ok",
     .openssl_otherwise = true /* looks for an explicit curve and gives up */},
    {"X25519", LEAF = {PART(KEY, "30(30(06(2b656e)) 03(00[32 09]))")}, .codes = "ok"},

    /* malformed */
    {"explicit curve", LEAF = {EC("30(02(01))", P256_GENERATOR)}, .codes = "malformed",
     .found = "explicit parameters", .required = "a named curve"},
    {"curve by silence", LEAF = {EC("05()", P256_GENERATOR)}, .codes = "malformed"},
    {"point too short", LEAF = {EC(P256, "04[63 01]")}, .codes = "malformed"},
    {"point of no kind", LEAF = {EC(P256, "05[64 01]")}, .codes = "malformed"},
    {"RSA key without exponent",
     LEAF = {PART(KEY, "30(30(" PKCS1 ") 03(00 30(02(00[256 c1]))))")}, .codes = "malformed"},
    {"RSA key that goes on",
     LEAF = {PART(KEY, "30(30(" PKCS1 ") 03(00 30(02(00[256 c1]) 02(03) 02(03))))")},
     .codes = "malformed"},
    {"RSASSA-PSS key", LEAF = {RSA("256", "06(2a864886f70d01010a)")}, .codes = "ok"},
    {"RSASSA-PSS key with parameters of nothing",
     LEAF = {RSA("256", "06(2a864886f70d01010a)30(02(01))")}, .codes = "malformed"},
    {"keyUsage of no bits at all", LEAF = {EXT(FORGED_USAGE, true, "03()")}, .codes = "malformed"},
    {"keyUsage is no BIT STRING", LEAF = {EXT(FORGED_USAGE, true, "04(80)")}, .codes = "malformed"},
    {"purposes are no SEQUENCE", LEAF = {EXT(FORGED_EKU, false, "04(80)")}, .codes = "malformed"},
    {"validity in the wrong order",
     LEAF = {PART(VALIDITY, "30(17('260801000000Z') 17('260501000000Z'))")},
     .codes = "not_yet_valid expired", .field = "validity.notBefore",
     .found = "2026-08-01 00:00 UTC", .required = "2026-06-01 10:00 UTC or earlier"},
    {"the last second",
     LEAF = {PART(VALIDITY, "30(17('260501000000Z') 17('260601100000Z'))")}, .codes = "ok",
     .openssl_otherwise = true /* RFC 5280 4.1.2.5: "inclusive" */},
    {"the second after",
     LEAF = {PART(VALIDITY, "30(17('260501000000Z') 17('260601095959Z'))")}, .codes = "expired",
     .field = "validity.notAfter", .required = "2026-06-01 10:00 UTC or later"},
    {"the first second",
     LEAF = {PART(VALIDITY, "30(17('260601100000Z') 17('260701000000Z'))")}, .codes = "ok"},
    {"the second before",
     LEAF = {PART(VALIDITY, "30(17('260601100001Z') 17('260701000000Z'))")},
     .codes = "not_yet_valid"},
    {"one extension twice",
     LEAF = {EXT("551d12", false, "30(82('a.example'))"),
             PART(EXTENSIONS, "a3(30([2 30(06(551d13)04(30()))]))")}, .codes = "malformed"},
};
/* clang-format on */

static void forge(struct forged_chain *chain, const struct rule_case *row)
{
    const struct forged_change *changes[FORGED_PLACES];

    for (size_t i = 0; i < FORGED_PLACES; i++) {
        changes[i] = row->changes[i];
    }
    forged_chain_make(chain, changes);
}

static void expect_text(const struct rule_case *row, const char *what, const char *expected,
                        const char *text)
{
    if (expected != NULL && strcmp(expected, text) != 0) {
        fail_msg("%s: %s is \"%s\", expected \"%s\"", row->name, what, text, expected);
    }
}

static bool judge(const struct rule_case *row, const struct forged_chain *chain)
{
    struct pki_verification *verdict = forged_chain_judge(
        chain, (struct pki_request){.purpose = row->purpose, .strength = row->strength});
    char codes[300];
    bool ok;

    assert_non_null(verdict);
    expect_text(row, "the verdict", row->codes, verdict_codes(codes, sizeof codes, verdict));
    if (verdict->reason_count > 0) {
        const struct pki_reason *reason = &verdict->reasons[0];
        expect_text(row, "the field", row->field, reason->field);
        expect_text(row, "what was found", row->found, reason->found);
        expect_text(row, "what is required", row->required, reason->required);
        assert_true(reason->text[0] != '\0' && reason->text[strlen(reason->text) - 1] == '.');
        assert_true(reason->mend[0] != '\0' && reason->mend[strlen(reason->mend) - 1] == '.');
        if (row->mend != NULL && strstr(reason->mend, row->mend) == NULL) {
            fail_msg("%s: to mend it: \"%s\"", row->name, reason->mend);
        }
    }
    ok = verdict->ok;
    pki_verification_free(verdict);
    return ok;
}

static void each_rule_is_broken_on_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct forged_chain chain;
        forge(&chain, &cases[i]);
        (void)judge(&cases[i], &chain);
        forged_chain_free(&chain);
    }
}

/* ---- OpenSSL's opinion ------------------------------------------------------------------- */

static bool openssl_accepts(const struct rule_case *row, const struct forged_chain *chain)
{
    static const char *const purposes[] = {
        [PKI_PURPOSE_SERVER] = "-purpose sslserver",
        [PKI_PURPOSE_CLIENT] = "-purpose sslclient",
        [PKI_PURPOSE_ANY] = "",
    };
    char path[FORGED_PLACES][SCRATCH_PATH_MAX];
    unsigned level = row->strength == PKI_STRENGTH_USUAL ? 2 : row->strength - PKI_STRENGTH_0;
    struct buffer output = {0};
    int status;

    forged_chain_write(path, chain);
    status = command_run(&output,
                         "openssl verify -attime %" PRId64 " %s -auth_level %u -no-CApath "
                         "-CAfile %s -untrusted %s %s 2>&1",
                         CERT_NOW, purposes[row->purpose], level, path[PKI_ROOT],
                         path[PKI_INTERMEDIATE], path[PKI_LEAF]);
    buffer_free(&output);
    return status == 0;
}

static void openssl_agrees(void **state)
{
    size_t disagreements = 0;

    (void)state;
    command_need("openssl");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct forged_chain chain;
        bool accepted = strcmp(cases[i].codes, "ok") == 0;
        forge(&chain, &cases[i]);
        if ((openssl_accepts(&cases[i], &chain) == accepted) == cases[i].openssl_otherwise) {
            print_error("%s: tlstep says %s, OpenSSL does%s\n", cases[i].name, cases[i].codes,
                        cases[i].openssl_otherwise ? ", too" : " not");
            disagreements++;
        }
        forged_chain_free(&chain);
    }
    assert_int_equal(disagreements, 0);
}

/* Rules broken at several places at once, taken by chance. */
static void openssl_agrees_on_mixtures(void **state)
{
    enum { MIXTURES = 100, COUNT = sizeof cases / sizeof cases[0] };
    size_t disagreements = 0;
    uint32_t seed = 5280;

    (void)state;
    command_need("openssl");
    for (size_t i = 0; i < MIXTURES; i++) {
        struct rule_case mixture = {.name = "mixture"};
        struct forged_chain chain;
        const char *names[FORGED_PLACES];
        bool accepted;
        for (size_t place = 0; place < FORGED_PLACES; place++) {
            const struct rule_case *row;
            do {
                seed = seed * 1664525u + 1013904223u;
                row = &cases[(seed >> 8) % COUNT];
            } while (row->purpose != PKI_PURPOSE_SERVER || row->strength != PKI_STRENGTH_USUAL ||
                     row->openssl_otherwise);
            memcpy(mixture.changes[place], row->changes[place], sizeof row->changes[place]);
            names[place] = row->name;
        }
        forge(&chain, &mixture);
        accepted = judge(&mixture, &chain);
        if (accepted != openssl_accepts(&mixture, &chain)) {
            print_error("%s, %s, %s: tlstep says %s\n", names[0], names[1], names[2],
                        accepted ? "ok" : "no");
            disagreements++;
        }
        forged_chain_free(&chain);
    }
    assert_int_equal(disagreements, 0);
}

/* ---- longer paths ------------------------------------------------------------------------ */

static void expect_codes(const struct cert *const *chain, const struct cert *anchor,
                         const char *expected)
{
    struct pki_trust *trust = verdict_trust(CHAIN(anchor));
    struct pki_verification *verdict = verdict_of(chain, trust, NULL);
    char codes[300];

    assert_non_null(verdict);
    assert_string_equal(verdict_codes(codes, sizeof codes, verdict), expected);
    pki_verification_free(verdict);
    pki_trust_release(trust);
}

#define LIMIT(n) EXTENSIONS({"2.5.29.19", "30(01(ff)02(" #n "))", true})

/* RFC 5280 6.1.4 (l): self-issued ones do not count; the leaf is no intermediate, even if it could be one. */
static void self_issued_cas_do_not_count(void **state)
{
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *zero = cert_must((struct cert_options){
        .common_name = "Zero", .ca = true, .issuer = root, .extensions = LIMIT(00)});
    struct cert *again =
        cert_must((struct cert_options){.common_name = "Zero", .ca = true, .issuer = zero});
    struct cert *below =
        cert_must((struct cert_options){.common_name = "Below", .ca = true, .issuer = zero});
    struct cert *below_again =
        cert_must((struct cert_options){.common_name = "Below", .ca = true, .issuer = again});
    struct cert *leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = again});
    struct cert *low = cert_must((struct cert_options){.common_name = "low", .issuer = below});
    struct cert *lower =
        cert_must((struct cert_options){.common_name = "lower", .issuer = below_again});
    struct cert *usable =
        cert_must((struct cert_options){.common_name = "Usable",
                                        .ca = true,
                                        .issuer = zero,
                                        .extensions = EXTENSIONS({"2.5.29.15", "03(0284)", true})});

    (void)state;
    expect_codes(CHAIN(leaf, again, zero), root, "ok");
    expect_codes(CHAIN(low, below, zero), root, "path_length");
    expect_codes(CHAIN(lower, below_again, again, zero), root, "path_length");
    expect_codes(CHAIN(usable, zero), root, "ok");
    /* As an anchor its own limit counts. */
    expect_codes(CHAIN(leaf, again), zero, "ok");
    expect_codes(CHAIN(low, below), zero, "path_length");
    cert_free(usable);
    cert_free(lower);
    cert_free(low);
    cert_free(leaf);
    cert_free(below_again);
    cert_free(below);
    cert_free(again);
    cert_free(zero);
    cert_free(root);
}

/* Every limit that is broken is named, not the first one only. */
static void each_broken_limit_is_named(void **state)
{
    struct cert *root = cert_must(
        (struct cert_options){.common_name = "Root", .ca = true, .extensions = LIMIT(01)});
    struct cert *one = cert_must((struct cert_options){
        .common_name = "One", .ca = true, .issuer = root, .extensions = LIMIT(00)});
    struct cert *two = cert_must((struct cert_options){
        .common_name = "Two", .ca = true, .issuer = one, .extensions = LIMIT(03)});
    struct cert *three =
        cert_must((struct cert_options){.common_name = "Three", .ca = true, .issuer = two});
    struct cert *leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = three});

    (void)state;
    expect_codes(CHAIN(leaf, three, two, one), root, "path_length path_length");
    expect_codes(CHAIN(leaf, three, two), two, "ok");
    cert_free(leaf);
    cert_free(three);
    cert_free(two);
    cert_free(one);
    cert_free(root);
}

/* ---- signatures by level ----------------------------------------------------------------- */

static void expect_at(const struct cert *cert, const struct cert *anchor,
                      enum pki_strength strength, const char *expected)
{
    struct pki_trust *trust = verdict_trust(CHAIN(anchor));
    struct pki_verification *verdict = verdict_ask(
        (struct pki_request){.trust = trust, .at = CERT_NOW, .strength = strength}, CHAIN(cert));
    char codes[300];

    assert_non_null(verdict);
    assert_string_equal(verdict_codes(codes, sizeof codes, verdict), expected);
    if (!verdict->ok) {
        assert_string_equal(verdict->reasons[0].required, "SHA-256 or better");
    }
    pki_verification_free(verdict);
    pki_trust_release(trust);
}

static void hashes_are_judged_by_level(void **state)
{
    static const struct {
        gnutls_digest_algorithm_t hash;
        const char *codes[5]; /* by level; the first is the usual one */
    } rows[] = {
        {GNUTLS_DIG_SHA1,
         {"weak_signature", "ok", "weak_signature", "weak_signature", "weak_signature"}},
        {GNUTLS_DIG_SHA224, {"ok", "ok", "ok", "ok", "weak_signature"}},
        {GNUTLS_DIG_SHA256, {"ok", "ok", "ok", "ok", "ok"}},
        {GNUTLS_DIG_SHA384, {"ok", "ok", "ok", "ok", "ok"}},
    };
    /* Its own signature is as weak as can be, and nobody needs it. */
    struct cert *root = cert_must(
        (struct cert_options){.common_name = "Root", .ca = true, .hash = GNUTLS_DIG_SHA1});

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cert *leaf = cert_must(
            (struct cert_options){.common_name = "leaf", .issuer = root, .hash = rows[i].hash});
        for (size_t level = 0; level < 5; level++) {
            expect_at(leaf, root, (enum pki_strength)level, rows[i].codes[level]);
        }
        cert_free(leaf);
    }
    cert_free(root);
}

/* DSA is measured twice: a large p does not help a small q. */
static void the_subgroup_of_dsa_counts(void **state)
{
    struct cert *root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *leaf = cert_must(
        (struct cert_options){.common_name = "leaf", .issuer = root, .key = CERT_DSA_1024});

    (void)state;
    expect_codes(CHAIN(leaf), root, "weak_key");
    cert_free(leaf);
    cert_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_broken_on_its_own),
        cmocka_unit_test(openssl_agrees),
        cmocka_unit_test(openssl_agrees_on_mixtures),
        cmocka_unit_test(self_issued_cas_do_not_count),
        cmocka_unit_test(each_broken_limit_is_named),
        cmocka_unit_test(hashes_are_judged_by_level),
        cmocka_unit_test(the_subgroup_of_dsa_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
