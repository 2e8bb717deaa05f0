/*
 * The certificate tree: it hangs from its root, names an issuer that is not here, and says of everything that
 * was sent for nothing that it was; before a verdict by the names alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/report.h"
#include "verdict.h"

#define NAME "www.example.org"

static struct cert *root;
static struct cert *middle;
static struct cert *lower;
static struct cert *leaf;
static struct cert *stranger;

static int make_certificates(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    middle = cert_make(&(struct cert_options){.common_name = "Middle", .ca = true, .issuer = root});
    lower = cert_make(&(struct cert_options){.common_name = "Lower", .ca = true, .issuer = middle});
    leaf = cert_make(&(struct cert_options){
        .common_name = "Leaf", .names = NAMES("DNS:" NAME), .issuer = lower});
    stranger = cert_make(&(struct cert_options){.common_name = "Stranger", .ca = true});
    return leaf != NULL && stranger != NULL ? 0 : -1;
}

static int free_certificates(void **state)
{
    (void)state;
    cert_free(root);
    cert_free(middle);
    cert_free(lower);
    cert_free(leaf);
    cert_free(stranger);
    return 0;
}

/* ---- trees as text --------------------------------------------------------------------------- */

struct sent {
    struct pki_certificate *certificates[16];
    const struct pki_certificate *borrowed[16];
    size_t count;
};

static void read_sent(struct sent *sent, const struct cert *const *chain)
{
    *sent = (struct sent){0};
    for (; chain[sent->count] != NULL; sent->count++) {
        const struct cert *cert = chain[sent->count];
        sent->certificates[sent->count] = pki_certificate_new(cert->der, cert->length);
        assert_non_null(sent->certificates[sent->count]);
        sent->borrowed[sent->count] = sent->certificates[sent->count];
    }
}

static void free_sent(struct sent *sent)
{
    for (size_t i = 0; i < sent->count; i++) {
        pki_certificate_free(sent->certificates[i]);
    }
}

/* "+Root (trust store (none))", two spaces for each depth; "+" good, "-" bad, "!" warning, "?" waiting, "*" an anchor, "1:" of an
 * alternative. */
static void outline(struct buffer *out, const struct report_chain *chain)
{
    static const char marks[] = {
        [REPORT_TREE_WAITING] = '?',
        [REPORT_TREE_GOOD] = '+',
        [REPORT_TREE_BAD] = '-',
        [REPORT_TREE_WARNING] = '!',
    };
    struct report_tree *tree = report_tree_new(chain);

    assert_non_null(tree);
    for (size_t i = 0; i < report_tree_count(tree); i++) {
        const struct report_tree_node *node = report_tree_at(tree, i);
        buffer_printf(out, "%*s%c%s%s (%s)\n", (int)node->depth * 2, "", marks[node->mark],
                      node->anchor ? "*" : "", node->name, node->place);
        assert_true((node->certificate == NULL) == (node->index == SIZE_MAX));
        assert_true((node->kind == REPORT_TREE_NAMED) == (node->certificate == NULL));
        assert_true(node->alternative == 0 || node->kind != REPORT_TREE_PATH);
    }
    report_tree_free(tree);
}

static void expect(const struct report_chain *chain, const char *text)
{
    struct buffer out = {0};

    outline(&out, chain);
    assert_string_equal(buffer_string(&out), text);
    buffer_free(&out);
}

static void expect_guess(const struct cert *const *chain, const char *text)
{
    struct sent sent;

    read_sent(&sent, chain);
    expect(&(struct report_chain){.certificates = sent.borrowed, .count = sent.count}, text);
    free_sent(&sent);
}

/* The tree of a chain as it is judged with this anchor. */
static void expect_judged(const struct cert *const *chain, const struct cert *anchor,
                          const char *text)
{
    struct pki_trust *trust = verdict_trust(CHAIN(anchor));
    struct pki_verification *verification = verdict_of(chain, trust, NAME);
    struct sent sent;

    assert_non_null(verification);
    free(verification->trust); /* its name is a matter of pki's */
    verification->trust = text_duplicate("test", 4);
    read_sent(&sent, chain);
    expect(&(struct report_chain){sent.borrowed, sent.count, verification, false}, text);
    free_sent(&sent);
    pki_verification_free(verification);
    pki_trust_release(trust);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void before_a_verdict_names_decide(void **state)
{
    (void)state;
    expect_guess(CHAIN(leaf, lower, middle), "?Root (not sent)\n"
                                             "  ?Middle (intermediate, sent 3rd)\n"
                                             "    ?Lower (intermediate, sent 2nd)\n"
                                             "      ?Leaf (leaf, sent 1st)\n");
    expect_guess(CHAIN(leaf, middle, lower, root, lower, stranger),
                 "?Root (root, sent 4th)\n"
                 "  ?Middle (intermediate, sent 2nd)\n"
                 "    ?Lower (intermediate, sent 3rd)\n"
                 "      ?Leaf (leaf, sent 1st)\n"
                 "?Lower (sent 5th, the same as the 3rd)\n"
                 "?Stranger (sent 6th, in no path)\n");
    expect_guess(CHAIN(root), "?Root (leaf, sent 1st)\n");
}

static void an_accepted_path_hangs_from_its_anchor(void **state)
{
    (void)state;
    expect_judged(CHAIN(leaf, lower, middle), root,
                  "+*Root (trust store (test))\n"
                  "  +Middle (intermediate, sent 3rd)\n"
                  "    +Lower (intermediate, sent 2nd)\n"
                  "      +Leaf (leaf, sent 1st)\n");
    expect_judged(CHAIN(leaf, lower, middle, stranger), root,
                  "+*Root (trust store (test))\n"
                  "  +Middle (intermediate, sent 3rd)\n"
                  "    +Lower (intermediate, sent 2nd)\n"
                  "      +Leaf (leaf, sent 1st)\n"
                  "!Stranger (sent 4th, in no path)\n");
}

static void a_duplicate_is_told_from_the_first(void **state)
{
    (void)state;
    expect_judged(CHAIN(leaf, lower, middle, lower), root,
                  "+*Root (trust store (test))\n"
                  "  +Middle (intermediate, sent 3rd)\n"
                  "    +Lower (intermediate, sent 2nd)\n"
                  "      +Leaf (leaf, sent 1st)\n"
                  "!Lower (sent 4th, the same as the 2nd)\n");
}

static void a_missing_issuer_is_named(void **state)
{
    (void)state;
    expect_judged(CHAIN(leaf), root, "?Lower (not sent, not found)\n  -Leaf (leaf, sent 1st)\n");
}

/* Anything may be in a Certificate message. */
static void what_cannot_be_read_stands_there(void **state)
{
    struct pki_certificate *garbage = pki_certificate_new((const uint8_t *)"\x30\x03"
                                                                           "abc",
                                                          5);
    const struct pki_certificate *chain[] = {garbage, garbage};
    (void)state;

    assert_non_null(garbage);
    struct report_tree *tree =
        report_tree_new(&(struct report_chain){.certificates = chain, .count = 2});
    assert_non_null(tree);
    assert_int_equal(report_tree_count(tree), 2);
    assert_int_equal(report_tree_leaf(tree), 0);
    assert_string_equal(report_tree_at(tree, 0)->place, "leaf, sent 1st");
    assert_string_equal(report_tree_at(tree, 1)->place, "sent 2nd, the same as the 1st");
    report_tree_free(tree);
    pki_certificate_free(garbage);
}

static void nothing_is_an_empty_tree(void **state)
{
    (void)state;
    expect_guess(CHAIN(NULL), "");
}

static void names_obey_nobody(void **state)
{
    struct cert *evil = cert_make(&(struct cert_options){.common_name = "a\x1b[31m\xe2\x80\xae"
                                                                        "b",
                                                         .issuer = stranger,
                                                         .names = NAMES("DNS:" NAME)});
    struct buffer out = {0};
    struct sent sent;
    (void)state;

    read_sent(&sent, CHAIN(evil));
    outline(&out, &(struct report_chain){.certificates = sent.borrowed, .count = sent.count});
    assert_null(strchr(buffer_string(&out), '\x1b'));
    assert_null(strstr(buffer_string(&out), "\xe2\x80\xae"));
    assert_non_null(strstr(buffer_string(&out), "a\\x1b[31m\\u{202e}b"));
    buffer_free(&out);
    free_sent(&sent);
    cert_free(evil);
}

/* An alternative path is there, and folded away: it has its number. */
static void an_alternative_has_its_number(void **state)
{
    struct pki_trust *trust = verdict_trust(CHAIN(root));
    struct pki_verification *verification = verdict_of(CHAIN(leaf, lower, middle), trust, NAME);
    struct sent sent;
    size_t indices[] = {0, 1, 2};
    struct pki_reason reason = {.code = PKI_EXPIRED, .certificate = 2};
    struct pki_path path = {
        .certificates = indices, .length = 3, .reasons = &reason, .reason_count = 1};
    (void)state;

    struct pki_path *own = verification->alternatives;
    size_t own_count = verification->alternative_count;
    verification->alternatives = &path;
    verification->alternative_count = 1;
    read_sent(&sent, CHAIN(leaf, lower, middle));
    struct report_tree *tree =
        report_tree_new(&(struct report_chain){sent.borrowed, sent.count, verification, false});
    assert_non_null(tree);
    assert_int_equal(report_tree_count(tree), 8);
    assert_int_equal(report_tree_leaf(tree), 3);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(report_tree_at(tree, i)->alternative, i < 4 ? 0 : 1);
    }
    assert_int_equal(report_tree_at(tree, 4)->kind, REPORT_TREE_NAMED);
    assert_int_equal(report_tree_at(tree, 5)->mark,
                     REPORT_TREE_BAD); /* Middle, in this path only */
    assert_int_equal(report_tree_at(tree, 1)->mark, REPORT_TREE_GOOD);
    report_tree_free(tree);
    free_sent(&sent);
    verification->alternatives = own;
    verification->alternative_count = own_count;
    pki_verification_free(verification);
    pki_trust_release(trust);
}

static void distances_in_words(void **state)
{
    static const struct {
        int64_t date, at;
        const char *text;
    } cases[] = {
        {100 * CERT_DAY, 0, "in 100 days"},
        {2 * CERT_DAY, 0, "in 2 days"},
        {2 * CERT_DAY - 1, 0, "in 47 hours"},
        {0, 12 * CERT_DAY, "12 days ago"},
        {90, 0, "in 90 seconds"},
        {0, 180, "3 minutes ago"},
        {7, 7, "0 seconds ago"},
        {INT64_MAX, INT64_MIN, "in 213503982334601 days"},
    };
    char text[60];
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(report_distance(text, sizeof text, cases[i].date, cases[i].at),
                            cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_a_verdict_names_decide),
        cmocka_unit_test(an_accepted_path_hangs_from_its_anchor),
        cmocka_unit_test(a_duplicate_is_told_from_the_first),
        cmocka_unit_test(a_missing_issuer_is_named),
        cmocka_unit_test(what_cannot_be_read_stands_there),
        cmocka_unit_test(nothing_is_an_empty_tree),
        cmocka_unit_test(names_obey_nobody),
        cmocka_unit_test(an_alternative_has_its_number),
        cmocka_unit_test(distances_in_words),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
