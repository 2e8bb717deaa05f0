/* Every rule of lint finds its breach, and nothing in a chain that keeps them all; --strict makes each MUST a reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "certs.h"
#include "command.h"
#include "forged.h"
#include "lint_cases.h"
#include "scratch.h"

/* OpenSSL's test certificates lie outside the tree; without them that test is skipped. */
#define DATA "../shared/data/certs/openssl"

/* ---- helpers ------------------------------------------------------------------------------ */

static struct pki_slice slice_of(const struct buffer *buffer)
{
    return (struct pki_slice){buffer->data, buffer->length};
}

/* The ids of the notes on one of them, each with spaces around it. */
static void append_notes(struct buffer *out, const struct forged_chain *chain, enum pki_place place,
                         int64_t at)
{
    struct pki_slice issuer = chain->slices[place == PKI_ROOT ? PKI_ROOT : place + 1];
    struct pki_lint *notes;
    size_t count;

    assert_int_equal(
        pki_lint(&notes, &count, chain->slices[place], place, issuer, at != 0 ? at : CERT_NOW), 0);
    buffer_text(out, " ");
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, "%s ", notes[i].id);
        assert_non_null(notes[i].text);
        assert_true(strlen(notes[i].text) > 0 && strlen(notes[i].text) < 500);
    }
    assert_non_null(buffer_string(out));
    pki_lint_free(notes, count);
}

static bool has_id(const struct buffer *notes, const char *id)
{
    char wanted[80];

    (void)snprintf(wanted, sizeof wanted, " %s ", id);
    return strstr((const char *)notes->data, wanted) != NULL;
}

static struct pki_verification *judge(const struct forged_chain *chain, bool strict)
{
    struct pki_verification *verdict = forged_chain_judge(
        chain, (struct pki_request){.hostname = "www.example.org", .strict = strict});

    assert_non_null(verdict);
    return verdict;
}

static const struct pki_reason *find_breach(const struct pki_verification *verdict, const char *id)
{
    for (size_t i = 0; i < verdict->reason_count; i++) {
        if (verdict->reasons[i].code == PKI_NOT_CONFORMING &&
            strstr(verdict->reasons[i].text, id) != NULL) {
            return &verdict->reasons[i];
        }
    }
    return NULL;
}

static struct pki_lint_row row_of(const char *id)
{
    for (size_t i = 0; i < pki_lint_row_count(); i++) {
        if (strcmp(pki_lint_row_at(i).id, id) == 0) {
            return pki_lint_row_at(i);
        }
    }
    fail_msg("no row %s", id);
    return (struct pki_lint_row){0};
}

/* ---- the rules ---------------------------------------------------------------------------- */

static void a_good_chain_has_no_notes(void **state)
{
    struct forged_chain chain;

    forged_chain_change(&chain, PKI_LEAF, NULL);
    for (enum pki_place place = PKI_LEAF; place < FORGED_PLACES; place++) {
        struct buffer notes = {0};
        append_notes(&notes, &chain, place, 0);
        assert_string_equal((const char *)notes.data, " ");
        buffer_free(&notes);
    }
    forged_chain_free(&chain);
    (void)state;
}

static void each_breach_is_found(void **state)
{
    for (size_t i = 0; i < lint_case_count; i++) {
        const struct lint_case *row = &lint_cases[i];
        struct forged_chain chain;
        struct buffer notes = {0};
        forged_chain_change(&chain, row->place, row->changes);
        append_notes(&notes, &chain, row->place, row->at);
        if (!has_id(&notes, row->id)) {
            fail_msg("case %zu: %s is not found, but%s", i, row->id, (const char *)notes.data);
        }
        buffer_free(&notes);
        forged_chain_free(&chain);
    }
    (void)state;
}

static void each_rule_has_a_case(void **state)
{
    for (size_t i = 0; i < pki_lint_row_count(); i++) {
        const char *id = pki_lint_row_at(i).id;
        size_t cases = 0;
        for (size_t k = 0; k < lint_case_count; k++) {
            cases += strcmp(lint_cases[k].id, id) == 0;
        }
        if (cases == 0) {
            fail_msg("no certificate breaks %s", id);
        }
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(pki_lint_row_at(k).id, id);
        }
    }
    (void)state;
}

/* What is usual in test chains and private ones, and no breach of a MUST. */
static const struct {
    enum pki_place place;
    struct forged_change changes[10];
} usual[] = {
    {PKI_LEAF, /* no pointers to anywhere, ten years, key usage not critical */
     {{FORGED_VALIDITY, "30(17('200501000000Z') 17('300501000000Z'))", NULL, false},
      {FORGED_EXTENSION, "03(0780)", FORGED_USAGE, false},
      {FORGED_EXTENSION, NULL, FORGED_SKI, false},
      {FORGED_EXTENSION, NULL, FORGED_CP, false},
      {FORGED_EXTENSION, NULL, FORGED_AIA, false},
      {FORGED_EXTENSION, NULL, FORGED_CRLDP, false},
      {FORGED_EXTENSION, NULL, FORGED_SCTS, false},
      {FORGED_EXTENSION, NULL, FORGED_BASIC, false}}},
    {PKI_LEAF, /* no subject; a thousand years */
     {{FORGED_SUBJECT, "30()", NULL, false},
      {FORGED_VALIDITY, "30(17('700101000000Z') 18('29690503000000Z'))", NULL, false},
      {FORGED_EXTENSION, "30(82('example.com'))", FORGED_SAN, true}}},
    {PKI_LEAF, /* a common name that is no host */
     {{FORGED_SUBJECT, "30(31(30(06(550403)0c('test server'))))", NULL, false},
      {FORGED_EXTENSION, "30(06(2b06010505070301) 06(2b06010505070302))", FORGED_EKU, false},
      {FORGED_EXTENSION, "30(82('localhost') 87(7f000001))", FORGED_SAN, false}}},
    {PKI_LEAF, /* A-labels, long serial numbers */
     {{FORGED_SERIAL, "02(00[19 ff])", NULL, false},
      {FORGED_SUBJECT, "30()", NULL, false},
      {FORGED_EXTENSION, "30(82('xn--bcher-kva.example') 82('*.a-b.example.org'))", FORGED_SAN,
       true}}},
    {PKI_INTERMEDIATE, /* neither extended key usage nor policies nor pointers */
     {{FORGED_EXTENSION, NULL, FORGED_EKU, false},
      {FORGED_EXTENSION, NULL, FORGED_CP, false},
      {FORGED_EXTENSION, NULL, FORGED_AIA, false},
      {FORGED_EXTENSION, NULL, FORGED_CRLDP, false}}},
    {PKI_INTERMEDIATE, /* constrained */
     {{FORGED_EXTENSION,
       "30(a0(30(82('example.org')) 30(82()) 30(87(c6336400 ffffff00)) 30(86('.example.org'))) "
       "a1(30(82('bad.example.org'))))",
       FORGED_NC, true}}},
    {PKI_ROOT, /* usage without critical and cRLSign; says whose key it was signed with */
     {{FORGED_EXTENSION, "03(0204)", FORGED_USAGE, false},
      {FORGED_EXTENSION, "30(80([20 01]))", FORGED_AKI, false},
      {FORGED_SERIAL, "02(01)", NULL, false},
      {FORGED_VALIDITY, "30(17('700101000000Z') 18('29690503000000Z'))", NULL, false}}},
};

static void usual_chains_break_nothing(void **state)
{
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        struct forged_chain chain;
        struct pki_lint *notes;
        size_t count;
        forged_chain_change(&chain, usual[i].place, usual[i].changes);
        assert_int_equal(pki_lint(&notes, &count, chain.slices[usual[i].place], usual[i].place,
                                  (struct pki_slice){0}, CERT_NOW),
                         0);
        for (size_t k = 0; k < count; k++) {
            if (notes[k].level == PKI_LINT_MUST) {
                fail_msg("chain %zu: %s: %s", i, notes[k].id, notes[k].text);
            }
        }
        pki_lint_free(notes, count);
        forged_chain_free(&chain);
    }
    (void)state;
}

static void notes_say_what_was_found_and_what_is_required(void **state)
{
    const struct forged_change change[] = {
        {FORGED_EXTENSION, "30(82('a_b.example.org'))", FORGED_SAN, false},
        {FORGED_SUBJECT, "30(31(30(06(550403)0c('a_b.example.org'))))", NULL, false},
        {FORGED_NOTHING, NULL, NULL, false}};
    struct buffer certificate = {0};
    struct pki_lint *notes;
    size_t count;

    forged_append(&certificate, PKI_LEAF, change);
    assert_int_equal(
        pki_lint(&notes, &count, slice_of(&certificate), PKI_LEAF, (struct pki_slice){0}, CERT_NOW),
        0);
    assert_int_equal(count, 1);
    assert_string_equal(notes[0].id, "san_dns_underscore");
    assert_string_equal(notes[0].source, "CA/B BR 7.1.2.7.12");
    assert_int_equal(notes[0].level, PKI_LINT_MUST);
    assert_string_equal(notes[0].text, "subjectAltName has the dNSName \"a_b.example.org\"; "
                                       "required: a dNSName has no underscore");
    pki_lint_free(notes, count);
    buffer_free(&certificate);
    (void)state;
}

static void text_out_of_certificates_is_safe(void **state)
{
    const struct forged_change change[] = {
        {FORGED_EXTENSION, "30(82(1b'[2J' e280ae 'evil'))", FORGED_SAN, false},
        {FORGED_SUBJECT, "30(31(30(06(550403)0c(1b'[2J.' 00 [9000 'x']))))", NULL, false},
        {FORGED_NOTHING, NULL, NULL, false}};
    struct buffer certificate = {0};
    struct pki_lint *notes;
    size_t count;

    forged_append(&certificate, PKI_LEAF, change);
    assert_int_equal(
        pki_lint(&notes, &count, slice_of(&certificate), PKI_LEAF, (struct pki_slice){0}, CERT_NOW),
        0);
    assert_true(count > 3);
    for (size_t i = 0; i < count; i++) {
        assert_null(strchr(notes[i].text, '\x1b'));
        assert_null(strstr(notes[i].text, "\xe2\x80\xae"));
        assert_true(strlen(notes[i].text) < 400);
    }
    pki_lint_free(notes, count);
    buffer_free(&certificate);
    (void)state;
}

/* ---- --strict ----------------------------------------------------------------------------- */

static void strict_accepts_the_good_chain(void **state)
{
    struct forged_chain chain;
    struct pki_verification *verdict;

    forged_chain_change(&chain, PKI_LEAF, NULL);
    verdict = judge(&chain, true);
    assert_true(verdict->ok);
    pki_verification_free(verdict);
    forged_chain_free(&chain);
    (void)state;
}

static void strict_refuses_each_breach_of_a_must(void **state)
{
    for (size_t i = 0; i < lint_case_count; i++) {
        const struct lint_case *row = &lint_cases[i];
        struct pki_verification *verdict;
        const struct pki_reason *reason;
        struct forged_chain chain;
        bool must = row_of(row->id).level == PKI_LINT_MUST;
        if (row->path_breaks) {
            continue;
        }
        forged_chain_change(&chain, row->place, row->changes);
        verdict = judge(&chain, true);
        reason = find_breach(verdict, row->id);
        if ((reason != NULL) != must) {
            fail_msg("case %zu: %s is %s", i, row->id, must ? "not refused" : "refused");
        }
        if (reason != NULL) {
            assert_string_equal(reason->reference, row_of(row->id).source);
            assert_int_equal(reason->certificate, row->place);
            assert_true(reason->found[0] != '\0' && reason->field[0] != '\0');
            assert_string_equal(reason->required, row_of(row->id).summary);
            assert_non_null(strstr(reason->mend, "issued again"));
        }
        pki_verification_free(verdict);
        verdict = judge(&chain, false);
        assert_null(find_breach(verdict, row->id));
        pki_verification_free(verdict);
        forged_chain_free(&chain);
    }
    (void)state;
}

#define OPENSSL_VERIFY                                                                          \
    "openssl verify %s -attime %lld -purpose sslserver -no-CApath -CAfile root.pem -untrusted " \
    "intermediate.pem"

/* Runs it on these files, with the rest of the chain as it is in the test's folder. */
static void openssl_verify(struct buffer *output, const char *option, const char *leafs)
{
    char folder[SCRATCH_PATH_MAX];
    int status = command_run(output, "cd '%s' && " OPENSSL_VERIFY " %s", scratch_path(folder, "."),
                             option, (long long)CERT_NOW, leafs);

    assert_in_range(status, 0, 2); /* 1: cannot be loaded; no other failure is an answer */
}

static bool openssl_accepts(const struct lint_case *row, const char *option)
{
    char path[FORGED_PLACES][SCRATCH_PATH_MAX];
    struct forged_chain chain;
    struct buffer output = {0};
    bool accepted;

    forged_chain_change(&chain, row->place, row->changes);
    forged_chain_write(path, &chain);
    openssl_verify(&output, option, "leaf.pem");
    accepted = command_count(&output, "leaf.pem: OK\n") == 1;
    buffer_free(&output);
    forged_chain_free(&chain);
    return accepted;
}

static void check_stricter(const struct lint_case *row)
{
    if (row_of(row->id).level != PKI_LINT_MUST) {
        fail_msg("%s is refused by openssl", row->id);
    }
}

/* The leafs of all cases at once: the rest of the chain is the same for each. Returns of how many OpenSSL is stricter. */
static size_t compare_leafs(void)
{
    char path[FORGED_PLACES][SCRATCH_PATH_MAX], name[40];
    struct buffer strict = {0}, usual_output = {0};
    struct forged_chain chain;
    size_t stricter = 0;

    forged_chain_change(&chain, PKI_LEAF, NULL);
    forged_chain_write(path, &chain);
    forged_chain_free(&chain);
    for (size_t i = 0; i < lint_case_count; i++) {
        struct buffer der = {0}, pem = {0};
        if (lint_cases[i].place == PKI_LEAF) {
            (void)snprintf(name, sizeof name, "case-%zu.pem", i);
            forged_append(&der, PKI_LEAF, lint_cases[i].changes);
            pki_pem_append(&pem, slice_of(&der), "CERTIFICATE");
            (void)scratch_write(path[PKI_LEAF], name, pem.data, pem.length);
        }
        buffer_free(&der);
        buffer_free(&pem);
    }
    openssl_verify(&strict, "-x509_strict", "case-*.pem");
    openssl_verify(&usual_output, "", "case-*.pem");
    for (size_t i = 0; i < lint_case_count; i++) {
        (void)snprintf(name, sizeof name, "case-%zu.pem: OK\n", i);
        if (command_count(&strict, name) == 0 && command_count(&usual_output, name) == 1) {
            check_stricter(&lint_cases[i]);
            stricter++;
        }
    }
    buffer_free(&strict);
    buffer_free(&usual_output);
    return stricter;
}

/* Whatever OpenSSL refuses for -x509_strict alone is a breach of a MUST here. */
static void openssl_is_no_stricter(void **state)
{
    size_t stricter;

    (void)state;
    command_need("openssl");
    stricter = compare_leafs();
    for (size_t i = 0; i < lint_case_count; i++) {
        const struct lint_case *row = &lint_cases[i];
        if (row->place != PKI_LEAF && !openssl_accepts(row, "-x509_strict") &&
            openssl_accepts(row, "")) {
            check_stricter(row);
            stricter++;
        }
    }
    assert_true(stricter >= 10);
    assert_true(openssl_accepts(&(struct lint_case){.place = PKI_LEAF}, "-x509_strict"));
}

/* RFC 6818 2: nobody but its owner issued it. */
static void a_trusted_self_signed_leaf_is_let_be(void **state)
{
    struct cert *own = cert_make(
        &(struct cert_options){.common_name = "own.example", .names = NAMES("DNS:own.example")});
    struct pki_trust *trust = pki_trust_none(NULL);
    struct pki_verification *verdict;
    struct pki_slice sent;

    assert_non_null(own);
    assert_non_null(trust);
    sent = (struct pki_slice){own->der, own->length};
    assert_int_equal(pki_trust_add_der(trust, own->der, own->length, NULL), 0);
    verdict = pki_verify(
        &(struct pki_request){
            .chain = &sent, .chain_length = 1, .trust = trust, .at = CERT_NOW, .strict = true},
        NULL);
    assert_non_null(verdict);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        assert_int_not_equal(verdict->reasons[i].code, PKI_NOT_CONFORMING);
    }
    pki_verification_free(verdict);
    pki_trust_release(trust);
    cert_free(own);
    (void)state;
}

/* ---- hostile bytes ------------------------------------------------------------------------ */

static size_t lint_everywhere(struct pki_slice certificate, struct pki_slice issuer)
{
    size_t all = 0;

    for (enum pki_place place = PKI_LEAF; place < FORGED_PLACES; place++) {
        struct pki_lint *notes;
        size_t count;
        assert_int_equal(pki_lint(&notes, &count, certificate, place, issuer, CERT_NOW), 0);
        all += count;
        pki_lint_free(notes, count);
    }
    return all;
}

/* Each byte of a certificate turned into others: read or not, it ends, and within the bytes. */
static void no_byte_leads_astray(void **state)
{
    static const uint8_t values[] = {0x00, 0xff, 0x80, 0x30};
    struct forged_chain chain;

    forged_chain_change(&chain, PKI_LEAF, NULL);
    for (size_t i = 0; i < chain.der[PKI_LEAF].length; i++) {
        uint8_t *byte = &chain.der[PKI_LEAF].data[i];
        uint8_t before = *byte;
        for (size_t k = 0; k < sizeof values; k++) {
            *byte = values[k];
            (void)lint_everywhere(chain.slices[PKI_LEAF], chain.slices[PKI_INTERMEDIATE]);
        }
        *byte = before;
    }
    assert_int_equal(lint_everywhere((struct pki_slice){0}, (struct pki_slice){0}), 3);
    forged_chain_free(&chain);
    (void)state;
}

/* Ten thousand names, policies, constraints and common names: no rule compares each with each. */
static void many_of_everything_take_no_time(void **state)
{
    const struct forged_change changes[] = {
        {FORGED_EXTENSION, "30([9000 82('www.example.org')])", FORGED_SAN, false},
        {FORGED_EXTENSION, "30([9000 30(06(67810c010201))])", FORGED_CP, false},
        {FORGED_EXTENSION, "30([9000 30(06(67810c010201)06(67810c010202))])", "551d21", true},
        {FORGED_SUBJECT, "30([9000 31(30(06(550403)0c('a.example.com')))])", NULL, false},
        {FORGED_NOTHING, NULL, NULL, false}};
    struct buffer certificate = {0};
    int64_t start;

    forged_append(&certificate, PKI_LEAF, changes);
    start = clock_monotonic_ns();
    assert_true(lint_everywhere(slice_of(&certificate), slice_of(&certificate)) > 10);
    assert_true(clock_monotonic_ns() - start < INT64_C(5000000000));
    buffer_free(&certificate);
    (void)state;
}

static void openssl_test_certificates_are_read(void **state)
{
    DIR *folder = opendir(DATA);
    struct dirent *entry;
    size_t count = 0, notes = 0;

    (void)state;
    if (folder == NULL) {
        print_message("skip: no %s\n", DATA);
        skip();
    }
    while ((entry = readdir(folder)) != NULL) {
        struct pki_bundle *bundle = pki_bundle_new(NULL);
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", DATA, entry->d_name);
        assert_non_null(bundle);
        if (entry->d_name[0] != '.' && pki_bundle_add(bundle, path, NULL, NULL) == 0) {
            for (size_t i = 0; i < pki_bundle_count(bundle); i++, count++) {
                notes += lint_everywhere(pki_bundle_der(bundle, i), (struct pki_slice){0});
            }
        }
        pki_bundle_free(bundle);
    }
    (void)closedir(folder);
    assert_true(count > 100 && notes > count);
}

/* ---- docs/lint.md ------------------------------------------------------------------------- */

static void append_table_row(struct buffer *out, size_t index)
{
    struct pki_lint_row row = pki_lint_row_at(index);

    buffer_printf(out, "| `%s` | %s | %s | %s | %s |\n", row.id, pki_lint_level_name(row.level),
                  row.where, row.source, row.summary);
}

static void the_manual_has_each_rule(void **state)
{
    struct buffer manual = {0};
    size_t lines = 0;

    assert_int_equal(file_read("docs/lint.md", "manual", 1 << 20, &manual, NULL), 0);
    assert_non_null(buffer_string(&manual));
    for (size_t i = 0; i < pki_lint_row_count(); i++) {
        struct buffer row = {0};
        append_table_row(&row, i);
        if (strstr((const char *)manual.data, buffer_string(&row)) == NULL) {
            fail_msg("docs/lint.md (test_lint --table prints its table) lacks %s",
                     (const char *)row.data);
        }
        buffer_free(&row);
    }
    for (const char *at = (const char *)manual.data; (at = strstr(at, "\n| `")) != NULL; at++) {
        lines++;
    }
    assert_int_equal(lines, pki_lint_row_count());
    buffer_free(&manual);
    (void)state;
}

static int print_table(void)
{
    struct buffer table = {0};

    for (size_t i = 0; i < pki_lint_row_count(); i++) {
        append_table_row(&table, i);
    }
    (void)fputs(buffer_string(&table), stdout);
    buffer_free(&table);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_has_no_notes),
        cmocka_unit_test(each_breach_is_found),
        cmocka_unit_test(each_rule_has_a_case),
        cmocka_unit_test(usual_chains_break_nothing),
        cmocka_unit_test(notes_say_what_was_found_and_what_is_required),
        cmocka_unit_test(text_out_of_certificates_is_safe),
        cmocka_unit_test(strict_accepts_the_good_chain),
        cmocka_unit_test(strict_refuses_each_breach_of_a_must),
        cmocka_unit_test(openssl_is_no_stricter),
        cmocka_unit_test(a_trusted_self_signed_leaf_is_let_be),
        cmocka_unit_test(no_byte_leads_astray),
        cmocka_unit_test(many_of_everything_take_no_time),
        cmocka_unit_test(openssl_test_certificates_are_read),
        cmocka_unit_test(the_manual_has_each_rule),
    };

    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        return print_table();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
