/*
 * Who is held to whose name constraints (RFC 5280 6.1.3 (b), (c)), what is said of it, what it may cost; and the matrix of
 * BetterTLS, with OpenSSL beside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "constrained.h"

/* ---- who is held to whose constraints ----------------------------------------------------- */

/* The text of a chain's only reason must be this (or begin so); NULL: accepted. */
static void expect_chain(const struct cert *const *chain, const struct cert *anchor,
                         const char *text)
{
    struct pki_trust *anchors = verdict_trust(CHAIN(anchor));

    assert_non_null(anchors);
    constrained_expect(chain, anchors, text, "chain", 0);
    pki_trust_release(anchors);
}

/* RFC 5280 6.1.1 (d) takes name and key of an anchor only; clients take it at its word. */
static void an_anchor_is_taken_at_its_word(void **state)
{
    struct cert *anchor = constrained_ca(PERMITTED(DNS("example.org")), NULL);
    struct cert *good =
        constrained_leaf(&(struct constrained_row){.names = {"DNS:www.example.org"}});
    struct cert *bad =
        constrained_leaf(&(struct constrained_row){.names = {"DNS:www.example.com"}});

    (void)state;
    expect_chain(CHAIN(good), anchor, NULL);
    expect_chain(CHAIN(bad), anchor, NOT_PERMITTED);
    cert_free(good);
    cert_free(bad);
    cert_free(anchor);
}

/* A CA cannot give what it has not got: constraints of all CAs hold together. */
static void constraints_of_all_cas_hold(void **state)
{
    struct cert *upper = constrained_ca(PERMITTED(DNS("example.org")), root);
    struct cert *lower =
        cert_must((struct cert_options){.common_name = "Lower CA",
                                        .ca = true,
                                        .issuer = upper,
                                        .extension = "2.5.29.30",
                                        .extension_value = "\x30\x11\xa0\x0f\x30\x0d\x82\x0b"
                                                           "example.com",
                                        .extension_length = 19});
    struct cert *org = cert_must((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = lower});
    struct cert *com = cert_must((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.com"), .issuer = lower});

    (void)state;
    expect_chain(CHAIN(org, lower, upper), root, "Lower CA may issue for (DNS:example.com)");
    expect_chain(CHAIN(com, lower, upper), root, "Limited CA may issue for (DNS:example.org)");
    cert_free(com);
    cert_free(org);
    cert_free(lower);
    cert_free(upper);
}

/* 6.1.3 (b): a CA's name counts, too, unless it is self-issued and not the last of the path; its common name is no host. */
static void intermediates_are_held_to_constraints(void **state)
{
    struct cert *upper = constrained_ca(PERMITTED(DIR(O_("Good")) DNS("example.org")), root);
    struct cert *good = cert_must((struct cert_options){
        .common_name = "www.example.com", .organization = "Good", .ca = true, .issuer = upper});
    struct cert *bad =
        cert_must((struct cert_options){.common_name = "Bad CA", .ca = true, .issuer = upper});
    struct cert *renewed =
        cert_must((struct cert_options){.common_name = "Limited CA", .ca = true, .issuer = upper});
    struct cert *leafs[] = {
        cert_must(
            (struct cert_options){.common_name = "leaf", .organization = "Good", .issuer = good}),
        cert_must(
            (struct cert_options){.common_name = "leaf", .organization = "Good", .issuer = bad}),
        cert_must((struct cert_options){
            .common_name = "leaf", .organization = "Good", .issuer = renewed}),
        cert_must(
            (struct cert_options){.common_name = "leaf", .organization = "Bad", .issuer = renewed}),
    };

    (void)state;
    expect_chain(CHAIN(leafs[0], good, upper), root, NULL);
    expect_chain(
        CHAIN(leafs[1], bad, upper), root,
        "Bad CA: CN=Bad CA is not among the names that Limited CA may issue for (O=Good).");
    expect_chain(CHAIN(leafs[2], renewed, upper), root, NULL);
    expect_chain(CHAIN(leafs[3], renewed, upper), root, "leaf: CN=leaf,O=Bad is not among");
    expect_chain(CHAIN(renewed, upper), root, "Limited CA: CN=Limited CA is not among");
    for (size_t i = 0; i < sizeof leafs / sizeof leafs[0]; i++) {
        cert_free(leafs[i]);
    }
    cert_free(renewed);
    cert_free(bad);
    cert_free(good);
    cert_free(upper);
}

/* The leaf's own constraints are nobody's. */
static void a_certificate_is_not_held_to_its_own(void **state)
{
    struct cert *leaf =
        cert_must((struct cert_options){.common_name = "leaf",
                                        .names = NAMES("DNS:example.org"),
                                        .issuer = root,
                                        .extension = "2.5.29.30",
                                        .extension_value = "\x30\x11\xa1\x0f\x30\x0d\x82\x0b"
                                                           "example.org",
                                        .extension_length = 19});

    (void)state;
    expect_chain(CHAIN(leaf), root, NULL);
    cert_free(leaf);
}

/* Common names in two bytes a character, e-mail in UTF-8, several of each. */
static void every_string_type_of_a_subject_is_read(void **state)
{
    static const uint8_t wide[] = "\x1e\x1c\0e\0v\0i\0l\0.\0e\0x\0a\0m\0p\0l\0e\0.\0x";
    static const struct {
        struct cert_attribute attributes[3];
        const char *text;
    } subjects[] = {
        {{{.oid = "2.5.4.3", .der = wide, .length = 30}}, "CN=evil.example.x " NOT_PERMITTED},
        {{{.oid = "2.5.4.3", .text = "www.example.org"}, {.oid = "2.5.4.3", .text = "a.example"}},
         "CN=a.example " NOT_PERMITTED},
        {{{.oid = "2.5.4.3", .text = "a.example"}, {.oid = "2.5.4.3", .text = "www.example.org"}},
         "CN=a.example " NOT_PERMITTED},
        {{{.oid = "1.2.840.113549.1.9.1",
           .der = "\x0c\x0d"
                  "a@example.org",
           .length = 15}},
         "emailAddress=a@example.org " BAD_NAME},
        {{{.oid = "1.2.840.113549.1.9.1",
           .der = "\x16\x0d"
                  "a@example.org",
           .length = 15}},
         NULL},
    };
    struct cert *ca = constrained_ca(PERMITTED(DNS("example.org") EMAIL("example.org")), root);

    (void)state;
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        struct cert *leaf = cert_must((struct cert_options){
            .attributes = subjects[i].attributes, .issuer = ca, .same_key_as = leaf_key});
        constrained_expect(CHAIN(leaf, ca), trust, subjects[i].text, "subject", i);
        cert_free(leaf);
    }
    cert_free(ca);
}

/* ---- what is said ----------------------------------------------------------------------- */

static void a_reason_names_name_constraint_and_ca(void **state)
{
    struct cert *ca =
        constrained_ca(PERMITTED(DNS("example.org") DNS("example.net")) EXCLUDED(NET_10), root);
    struct cert *leaf = constrained_leaf(
        &(struct constrained_row){.names = {"DNS:www.example.com", "IP:10.0.0.1", "IP:11.0.0.1"}});
    struct pki_verification *verdict = verdict_of(CHAIN(leaf, ca), trust, NULL);
    const struct pki_reason *reasons = verdict->reasons;

    (void)state;
    assert_int_equal(verdict->reason_count, 2);
    assert_string_equal(
        reasons[0].text,
        "Joe Bloggs: DNS:www.example.com is not among the names that Limited CA may "
        "issue for (DNS:example.org, DNS:example.net).");
    assert_string_equal(reasons[0].mend, "have the certificate issued by a CA that may issue for "
                                         "DNS:www.example.com, or leave that name out of it.");
    assert_string_equal(reasons[0].field, "subjectAltName");
    assert_string_equal(reasons[0].found, "DNS:www.example.com");
    assert_string_equal(reasons[0].required, "DNS:example.org, DNS:example.net");
    assert_string_equal(reasons[0].reference, "RFC 5280 6.1.3 (b)");
    assert_int_equal(reasons[0].certificate, 0);
    assert_string_equal(
        reasons[1].text,
        "Joe Bloggs: IP:10.0.0.1 is among the names that Limited CA must not issue for "
        "(IP:10.0.0.0/8).");
    assert_string_equal(reasons[1].found, "IP:10.0.0.1");
    assert_string_equal(reasons[1].required, "not IP:10.0.0.0/8");
    assert_string_equal(reasons[1].reference, "RFC 5280 6.1.3 (c)");
    pki_verification_free(verdict);
    cert_free(leaf);
    cert_free(ca);
}

/* ---- bounds ----------------------------------------------------------------------------- */

/* A certificate with `count` times this value in an extension: SEQUENCE, and what else is around it. */
static struct cert *make_many(const char *oid, const char *format, unsigned count,
                              const struct cert *issuer)
{
    char value[200];

    (void)snprintf(value, sizeof value, format, count);
    return cert_must((struct cert_options){.common_name = issuer == root ? "Limited CA" : "leaf",
                                           .ca = issuer == root,
                                           .issuer = issuer,
                                           .same_key_as = issuer == root ? ca_key : leaf_key,
                                           .extensions = EXTENSIONS({oid, value, false})});
}

/* 2^20 pairs, as with OpenSSL, of which the common name is one name more. */
static void too_many_names_and_constraints_are_refused(void **state)
{
    static const struct {
        const char *constraints;
        unsigned constraint_count, name_count;
        const char *text;
    } counts[] = {
        {"30(a1([%u 30(82('a.example'))]))", 1024, 1023, NULL},
        {"30(a1([%u 30(82('a.example'))]))", 1024, 1024, "are too many to be compared"},
        {"30(a0([%u 30(82('example.org'))]))", 1024, 1023, NULL},
        {"30(a1([%u 30(87(0a000000ff000000))]))", 6000, 200, "are too many to be compared"},
        {"30(a1([%u 30(82('a.example'))]))", 20, 5000, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct cert *ca =
            make_many("2.5.29.30", counts[i].constraints, counts[i].constraint_count, root);
        struct cert *leaf =
            make_many("2.5.29.17", "30([%u 82('www.example.org')])", counts[i].name_count, ca);
        constrained_expect(CHAIN(leaf, ca), trust, counts[i].text, "count", i);
        cert_free(leaf);
        cert_free(ca);
    }
}

/* A few names of 60 kB are as much work as many short ones: what is counted is bytes, too. */
static void long_names_cost_what_they_weigh(void **state)
{
    struct cert *ca = make_many(
        "2.5.29.30",
        "30(a1([%u 30(a4(30(31(30(06(550403) 0c([60000 41]))) 31(30(06(550403) 0c('b'))))))]))", 40,
        root);
    struct cert *leaf = make_many(
        "2.5.29.17",
        "30([%u a4(30(31(30(06(550403) 0c([60000 61]))) 31(30(06(550403) 0c('c')))))])", 40, ca);

    (void)state;
    constrained_expect(CHAIN(leaf, ca), trust, "are too many to be compared", "long", 0);
    cert_free(leaf);
    cert_free(ca);
}

/* Only the first few of many bad names are reported. */
static void a_thousand_bad_names_are_a_few_reasons(void **state)
{
    struct cert *ca = constrained_ca(EXCLUDED(DNS("example.org")), root);
    struct cert *leaf = make_many("2.5.29.17", "30([%u 82('www.example.org')])", 1000, ca);
    struct pki_verification *verdict = verdict_of(CHAIN(leaf, ca), trust, NULL);

    (void)state;
    assert_in_range(verdict->reason_count, 1, 8);
    pki_verification_free(verdict);
    cert_free(leaf);
    cert_free(ca);
}

/* ---- the matrix of BetterTLS ------------------------------------------------------------ */

/*
 * Every mixture of a DNS name, an address and a common name, each inside, outside or absent, with every mixture of permitted
 * and excluded subtrees of each form. A small judge of its own stands beside, and OpenSSL.
 */
enum side { ABSENT, INSIDE, OUTSIDE, SIDES };
enum limit { UNLIMITED, PERMIT_IT, PERMIT_OTHER, EXCLUDE_IT, EXCLUDE_OTHER, BOTH, LIMITS };
#define LEAFS (SIDES * SIDES * SIDES)
#define CAS   (LIMITS * LIMITS)

static struct cert *make_matrix_leaf(size_t number)
{
    static const char *const dns[] = {NULL, "DNS:www.example.org", "DNS:www.example.com"};
    static const char *const ip[] = {NULL, "IP:10.0.0.1", "IP:192.0.2.1"};
    static const char *const cn[] = {"nobody", "www.example.org", "www.example.com"};
    struct constrained_row row = {.common_name = cn[number / (SIDES * SIDES)]};
    size_t count = 0;

    if (dns[number % SIDES] != NULL) {
        row.names[count++] = dns[number % SIDES];
    }
    if (ip[number / SIDES % SIDES] != NULL) {
        row.names[count++] = ip[number / SIDES % SIDES];
    }
    return constrained_leaf(&row);
}

static struct cert *make_matrix_ca(size_t number)
{
    static const struct {
        const char *permitted, *excluded;
    } dns[LIMITS] = {{"", ""},
                     {DNS("example.org"), ""},
                     {DNS("example.net"), ""},
                     {"", DNS("example.org")},
                     {"", DNS("example.net")},
                     {DNS("example.org"), DNS("www.example.org")}},
      ip[LIMITS] = {{"", ""},
                    {NET_10, ""},
                    {IP("0b000000 ff000000"), ""},
                    {"", NET_10},
                    {"", IP("0b000000 ff000000")},
                    {NET_10, IP("0a000000 ffffff00")}};
    size_t d = number % LIMITS, i = number / LIMITS;
    char constraints[400];

    (void)snprintf(constraints, sizeof constraints, "a0(%s%s) a1(%s%s)", dns[d].permitted,
                   ip[i].permitted, dns[d].excluded, ip[i].excluded);
    return constrained_ca(constraints, root);
}

static bool is_allowed(enum side name, enum limit limit)
{
    static const bool inside[LIMITS] = {
        [UNLIMITED] = true, [PERMIT_IT] = true, [EXCLUDE_OTHER] = true};
    static const bool outside[LIMITS] = {
        [UNLIMITED] = true, [EXCLUDE_IT] = true, [EXCLUDE_OTHER] = true};

    return name == ABSENT || (name == INSIDE ? inside[limit] : outside[limit]);
}

/* What BetterTLS says, except that a common name counts only where no DNS name is. */
static bool oracle(size_t leaf, size_t ca)
{
    enum side dns = (enum side)(leaf % SIDES), ip = (enum side)(leaf / SIDES % SIDES),
              common_name = (enum side)(leaf / (SIDES * SIDES));

    return is_allowed(dns != ABSENT ? dns : common_name, (enum limit)(ca % LIMITS)) &&
           is_allowed(ip, (enum limit)(ca / LIMITS));
}

static void every_mixture_is_judged_as_by_others(void **state)
{
    bool has_openssl = command_exists("openssl");
    char root_path[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX];
    struct cert *leafs[LEAFS];
    struct buffer files = {0};

    (void)state;
    constrained_write(root_path, "matrix-root", 0, root);
    for (size_t i = 0; i < LEAFS; i++) {
        leafs[i] = make_matrix_leaf(i);
        constrained_write(path, "matrix", i, leafs[i]);
        buffer_printf(&files, " %s", strrchr(path, '/') + 1);
    }
    path[strrchr(path, '/') - path] = '\0'; /* the folder */
    for (size_t i = 0; i < CAS; i++) {
        char ca_path[SCRATCH_PATH_MAX], good[40];
        struct buffer output = {0};
        struct cert *ca = make_matrix_ca(i);
        constrained_write(ca_path, "matrix-ca", i, ca);
        if (has_openssl) {
            assert_true(command_run(&output,
                                    "cd %s; openssl verify -attime %lld -CAfile %s -untrusted %s%s "
                                    "2>&1",
                                    path, (long long)CERT_NOW, root_path, ca_path,
                                    buffer_string(&files)) >= 0);
        }
        for (size_t j = 0; j < LEAFS; j++) {
            struct pki_verification *verdict = verdict_of(CHAIN(leafs[j], ca), trust, NULL);
            assert_non_null(verdict);
            (void)snprintf(good, sizeof good, "matrix-%zu.pem: OK", j);
            if (verdict->ok != oracle(j, i) ||
                (has_openssl && verdict->ok != (command_count(&output, good) == 1))) {
                fail_msg("leaf %zu, CA %zu: %s", j, i, verdict->ok ? "ok" : "refused");
            }
            pki_verification_free(verdict);
        }
        buffer_free(&output);
        cert_free(ca);
    }
    for (size_t i = 0; i < LEAFS; i++) {
        cert_free(leafs[i]);
    }
    buffer_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_anchor_is_taken_at_its_word),
        cmocka_unit_test(constraints_of_all_cas_hold),
        cmocka_unit_test(intermediates_are_held_to_constraints),
        cmocka_unit_test(a_certificate_is_not_held_to_its_own),
        cmocka_unit_test(every_string_type_of_a_subject_is_read),
        cmocka_unit_test(a_reason_names_name_constraint_and_ca),
        cmocka_unit_test(too_many_names_and_constraints_are_refused),
        cmocka_unit_test(long_names_cost_what_they_weigh),
        cmocka_unit_test(a_thousand_bad_names_are_a_few_reasons),
        cmocka_unit_test(every_mixture_is_judged_as_by_others),
    };
    return cmocka_run_group_tests(tests, constrained_set_up, constrained_tear_down);
}
