/*
 * The questions that the public suites ask (x509-limbo, BetterTLS, NIST PKITS), each under a name: what clients usually
 * say, and what --strict says. In every case one thing is wrong, or unusual, in a chain that is good otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "forged.h"

#define PART(part, value)         FORGED_##part, value, NULL, false
#define EXT(oid, critical, value) FORGED_EXTENSION, value, oid, critical
#define GONE(oid)                 FORGED_EXTENSION, NULL, oid, false
#define VALID(from, until)        PART(VALIDITY, "30(17('" from "') 17('" until "'))")
#define SAN(names)                EXT(FORGED_SAN, false, "30(" names ")")
#define EKU(purposes)             EXT(FORGED_EKU, false, "30(" purposes ")")
#define NC(subtrees)              EXT(FORGED_NC, true, "30(" subtrees ")")
#define PERMITTED(base)           "a0(30(" base "))"
#define EXCLUDED(base)            "a1(30(" base "))"
#define DNS(name)                 "82('" name "')"
#define CN(name)                  "31(30(06(550403)0c('" name "')))"
/* Names as in forged.c, with strings of any type. */
#define CA_NAME(organization, cn) \
    "30(31(30(06(550406)13('NO'))) 31(30(06(55040a)" organization ")) 31(30(06(550403)" cn ")))"

#define SERVER      "06(2b06010505070301)"
#define CLIENT      "06(2b06010505070302)"
#define EMAIL       "06(2b06010505070304)"
#define ANY_PURPOSE "06(551d2500)"
#define PRECERT     "06(2b06010401d679020404)"
#define UNKNOWN     "2b0601040183b33a851a01"
#define PCONSTRAINT "551d24"

/* A verdict: the first reason's code. */
#define OK       "ok"
#define LINT     "not_conforming"
#define UNKNOWNX "unknown_critical_extension"

static const struct suite_case {
    const char *name;
    enum pki_place place; /* of what is changed */
    struct forged_change changes[4];
    const char *usual;
    const char *strict; /* NULL: the same */
    const char *host;   /* NULL: www.example.org */
} cases[] = {
    {"good", PKI_LEAF, .changes = {{0}}, OK},

    /* What must be there, and once. */
    {"unknown critical extension in the leaf", PKI_LEAF, .changes = {{EXT(UNKNOWN, true, "")}},
     UNKNOWNX},
    {"unknown critical extension in the CA", PKI_INTERMEDIATE,
     .changes = {{EXT(UNKNOWN, true, "")}}, UNKNOWNX},
    {"unknown critical extension in the root", PKI_ROOT, .changes = {{EXT(UNKNOWN, true, "")}},
     UNKNOWNX},
    {"unknown extension", PKI_LEAF, .changes = {{EXT(UNKNOWN, false, "")}}, OK},
    {"unknown extension twice", PKI_LEAF,
     .changes = {{PART(EXTENSIONS, "a3(30([2 30(06(" UNKNOWN ")04())]))")}}, "malformed"},
    {"SAN that is no DER", PKI_LEAF, .changes = {{EXT(FORGED_SAN, false, "'example.com'")}},
     "malformed"},
    {"AIA that is no DER", PKI_LEAF, .changes = {{EXT(FORGED_AIA, false, "'malformed'")}}, OK,
     LINT},
    {"leaf without key usage", PKI_LEAF, .changes = {{GONE(FORGED_USAGE)}}, OK},
    {"leaf without basic constraints", PKI_LEAF, .changes = {{GONE(FORGED_BASIC)}}, OK},
    {"leaf without purposes", PKI_LEAF, .changes = {{GONE(FORGED_EKU)}}, OK, LINT},
    {"leaf without AKI", PKI_LEAF, .changes = {{GONE(FORGED_AKI)}}, OK, LINT},
    {"CA without AKI", PKI_INTERMEDIATE, .changes = {{GONE(FORGED_AKI)}}, OK, LINT},
    {"CA without SKI", PKI_INTERMEDIATE, .changes = {{GONE(FORGED_SKI)}}, OK, LINT},
    {"root without SKI", PKI_ROOT, .changes = {{GONE(FORGED_SKI)}}, OK, LINT},
    {"root with an AKI of another key", PKI_ROOT,
     .changes = {{EXT(FORGED_AKI, false, "30(80([20 77]))")}}, OK, LINT},
    {"root with its issuer in the AKI", PKI_ROOT,
     .changes = {{EXT(FORGED_AKI, false, "30(80([20 01]) a1(a4(30(" CN("x") "))) 82(01))")}}, OK,
     LINT},
    {"CA without basic constraints", PKI_INTERMEDIATE, .changes = {{GONE(FORGED_BASIC)}},
     "not_a_ca"},
    {"CA that is none", PKI_INTERMEDIATE, .changes = {{EXT(FORGED_BASIC, true, "30()")}},
     "not_a_ca"},
    {"basic constraints not critical", PKI_INTERMEDIATE,
     .changes = {{EXT(FORGED_BASIC, false, "30(01(ff))")}}, OK, LINT},
    {"CA that may not sign", PKI_INTERMEDIATE, .changes = {{EXT(FORGED_USAGE, true, "03(0102)")}},
     "key_usage"},
    {"root that may not sign", PKI_ROOT, .changes = {{EXT(FORGED_USAGE, true, "03(0102)")}},
     "key_usage"},
    {"leaf that may sign certificates", PKI_LEAF,
     .changes = {{EXT(FORGED_USAGE, true, "03(0284)")}}, OK, LINT},
    {"leaf that is a CA", PKI_LEAF, .changes = {{EXT(FORGED_BASIC, true, "30(01(ff))")}}, OK, LINT},
    {"leaf of version 1", PKI_LEAF, .changes = {{PART(VERSION, NULL)}, {PART(EXTENSIONS, NULL)}},
     "hostname_mismatch"},
    {"CA of version 1", PKI_INTERMEDIATE,
     .changes = {{PART(VERSION, NULL)}, {PART(EXTENSIONS, NULL)}}, "not_a_ca"},
    {"path length of the root used up", PKI_ROOT,
     .changes = {{EXT(FORGED_BASIC, true, "30(01(ff)02(00))")}}, "path_length"},
    {"serial of zero", PKI_LEAF, .changes = {{PART(SERIAL, "02(00)")}}, OK, LINT},
    {"serial of 20 bytes", PKI_LEAF, .changes = {{PART(SERIAL, "02(7f[19 ff])")}}, OK},
    {"serial of 21 bytes", PKI_LEAF, .changes = {{PART(SERIAL, "02(00[20 ff])")}}, OK, LINT},
    {"no subject, SAN not critical", PKI_LEAF, .changes = {{PART(SUBJECT, "30()")}}, OK, LINT},
    {"signature algorithms differ", PKI_LEAF,
     .changes = {{PART(INNER, "30(06(2a8648ce3d040303))")}}, "bad_signature"},
    {"policy demanded, none there", PKI_INTERMEDIATE,
     .changes = {{EXT(PCONSTRAINT, true, "30(80(00))")}, {GONE(FORGED_CP)}}, "policy"},
    {"policy demanded, and there", PKI_INTERMEDIATE,
     .changes = {{EXT(PCONSTRAINT, true, "30(80(00))")}}, OK},
    {"policy constraints not critical", PKI_INTERMEDIATE,
     .changes = {{EXT(PCONSTRAINT, false, "30(80(03))")}}, OK, LINT},

    /* Purposes. */
    {"client's certificate", PKI_LEAF, .changes = {{EKU(CLIENT)}}, "extended_key_usage"},
    {"server and client", PKI_LEAF, .changes = {{EKU(SERVER CLIENT)}}, OK},
    {"server and any purpose", PKI_LEAF, .changes = {{EKU(SERVER ANY_PURPOSE)}}, OK, LINT},
    {"server and e-mail", PKI_LEAF, .changes = {{EKU(SERVER EMAIL)}}, OK, LINT},
    {"server and precertificates", PKI_LEAF, .changes = {{EKU(SERVER PRECERT)}}, OK, LINT},
    {"CA for e-mail", PKI_INTERMEDIATE, .changes = {{EKU(EMAIL)}}, "extended_key_usage"},
    {"root with purposes", PKI_ROOT, .changes = {{EKU(SERVER)}}, OK, LINT},

    /* Time: both ends belong to it (RFC 5280 4.1.2.5). */
    {"first second", PKI_LEAF, .changes = {{VALID("260601100000Z", "260801000000Z")}}, OK},
    {"a second early", PKI_LEAF, .changes = {{VALID("260601100001Z", "260801000000Z")}},
     "not_yet_valid"},
    {"last second", PKI_LEAF, .changes = {{VALID("260501000000Z", "260601100000Z")}}, OK},
    {"a second late", PKI_LEAF, .changes = {{VALID("260501000000Z", "260601095959Z")}}, "expired"},
    {"CA expired", PKI_INTERMEDIATE, .changes = {{VALID("250501000000Z", "260601095959Z")}},
     "expired"},
    {"root expired", PKI_ROOT, .changes = {{VALID("200501000000Z", "260601095959Z")}}, "expired"},
    {"GeneralizedTime after 2049", PKI_ROOT,
     .changes = {{PART(VALIDITY, "30(17('500101000000Z') 18('20500101000000Z'))")}}, OK},

    /* Who is meant. */
    {"no SAN", PKI_LEAF, .changes = {{GONE(FORGED_SAN)}}, "hostname_mismatch"},
    {"wildcard for one label", PKI_LEAF, .changes = {{0}}, OK, NULL, "foo.example.org"},
    {"wildcard for two labels", PKI_LEAF, .changes = {{0}}, "hostname_mismatch", NULL,
     "a.b.example.org"},
    {"wildcard for none", PKI_LEAF, .changes = {{0}}, "hostname_mismatch", NULL, "example.org"},
    {"address", PKI_LEAF, .changes = {{0}}, OK, NULL, "198.51.100.1"},
    {"wildcard within a label", PKI_LEAF, .changes = {{SAN(DNS("ww*.example.org"))}},
     "hostname_mismatch"},
    {"wildcard further on", PKI_LEAF, .changes = {{SAN(DNS("www.*.org"))}}, "hostname_mismatch"},
    {"wildcard for a registry", PKI_LEAF, .changes = {{SAN(DNS("*.org"))}}, "hostname_mismatch",
     NULL, "example.org"},
    {"common name that is no SAN", PKI_LEAF,
     .changes = {{PART(SUBJECT, "30(" CN("WWW.example.org") ")")}}, OK, LINT},
    {"SAN critical beside a subject", PKI_LEAF,
     .changes = {{EXT(FORGED_SAN, true, "30(" DNS("www.example.org") ")")}}, OK, LINT},

    /* Names of CAs (PKITS 4.3). */
    {"spaces in the issuer's name", PKI_LEAF,
     .changes = {{PART(ISSUER, CA_NAME("0c('Example')", "0c('  Example   CA ')"))}}, OK},
    {"case of the issuer's name", PKI_LEAF,
     .changes = {{PART(ISSUER, CA_NAME("0c('EXAMPLE')", "0c('example ca')"))}}, OK},
    {"PrintableString for UTF8String", PKI_LEAF,
     .changes = {{PART(ISSUER, CA_NAME("13('Example')", "13('Example CA')"))}}, OK},
    {"another issuer", PKI_LEAF,
     .changes = {{PART(ISSUER, CA_NAME("0c('Example')", "0c('Other CA')"))}},
     "missing_intermediate"},

    /* Name constraints. */
    {"permitted", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED(DNS("example.org")))}}, OK},
    {"not permitted", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED(DNS("example.com")))}},
     "name_constraint"},
    {"excluded", PKI_INTERMEDIATE, .changes = {{NC(EXCLUDED(DNS("example.org")))}},
     "name_constraint"},
    {"permitted and excluded", PKI_INTERMEDIATE,
     .changes = {{NC(PERMITTED(DNS("example.org")) EXCLUDED(DNS("www.example.org")))}},
     "name_constraint"},
    {"wildcard over an excluded name (CVE-2025-61727)", PKI_INTERMEDIATE,
     .changes = {{NC(EXCLUDED(DNS("secret.example.org")))}}, "name_constraint"},
    {"of another kind", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED("81('example.com')"))}}, OK},
    {"in the root", PKI_ROOT, .changes = {{NC(PERMITTED(DNS("example.com")))}}, "name_constraint"},
    {"with a dot", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED(DNS(".example.org")))}}, OK, LINT},
    {"with a wildcard", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED(DNS("*.example.org")))}},
     "name_constraint"},
    {"address without mask", PKI_INTERMEDIATE, .changes = {{NC(PERMITTED("87(c6336401)"))}},
     "name_constraint"},
    {"not critical", PKI_INTERMEDIATE,
     .changes = {{EXT(FORGED_NC, false, "30(" PERMITTED(DNS("example.org")) ")")}}, OK, LINT},
    {"in a leaf", PKI_LEAF, .changes = {{NC(PERMITTED(DNS("example.org")))}}, OK, LINT},
};

/* The code of the first reason. */
static const char *judge(const struct suite_case *row, bool strict)
{
    struct forged_chain chain;
    struct pki_verification *verdict;
    const char *code;

    forged_chain_change(&chain, row->place, row->changes);
    verdict = forged_chain_judge(
        &chain, (struct pki_request){.hostname = row->host != NULL ? row->host : "www.example.org",
                                     .strict = strict});
    assert_non_null(verdict);
    assert_int_equal(verdict->ok, verdict->reason_count == 0);
    code = verdict->ok ? OK : pki_reason_name(verdict->reasons[0].code);
    pki_verification_free(verdict);
    forged_chain_free(&chain);
    return code;
}

static size_t compare(bool strict)
{
    size_t wrong = 0;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *expected = strict && cases[i].strict != NULL ? cases[i].strict : cases[i].usual;
        const char *code = judge(&cases[i], strict);
        /* What is refused anyway may break a MUST as well; then either may come first. */
        bool fits = strict && strcmp(expected, OK) != 0 ? strcmp(code, OK) != 0
                                                        : strcmp(code, expected) == 0;
        if (!fits) {
            print_error("%s: %s, expected %s\n", cases[i].name, code, expected);
            wrong++;
        }
    }
    return wrong;
}

static void usually_what_clients_accept_is_accepted(void **state)
{
    (void)state;
    assert_int_equal(compare(false), 0);
}

static void strictly_every_must_is_kept(void **state)
{
    (void)state;
    assert_int_equal(compare(true), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usually_what_clients_accept_is_accepted),
        cmocka_unit_test(strictly_every_must_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
