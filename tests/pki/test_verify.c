/* Every rule refuses what it should, gives its reason and nothing else, and all reasons are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verdict.h"

/* A root, an intermediate and good leafs under it; each test makes what is wrong itself. */
static struct cert *root, *inter, *leaf;
static struct pki_trust *trust;

static int set_up(void **state)
{
    (void)state;
    root = cert_must((struct cert_options){.common_name = "Test Root", .ca = true});
    inter = cert_must((struct cert_options){.common_name = "Test CA", .ca = true, .issuer = root});
    leaf = cert_must((struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org", "IP:192.0.2.1"), .issuer = inter});
    trust = verdict_trust(CHAIN(root));
    assert_non_null(trust);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(trust);
    cert_free(leaf);
    cert_free(inter);
    cert_free(root);
    return 0;
}

/* What a chain should lead to. */
struct expected {
    const char *codes; /* "ok" or reason codes */
    const char *path;
    const char *text; /* in the first reason's text; NULL: any */
    const char *mend; /* in its remedy */
};

static void judge(const struct cert *const *chain, struct pki_trust *anchors, const char *hostname,
                  struct expected expected)
{
    struct pki_verification *verdict = verdict_of(chain, anchors, hostname);
    char codes[300], path[100];

    assert_non_null(verdict);
    assert_true(verdict->performed);
    assert_int_equal(verdict->hostname_ok, verdict->hostname_checked &&
                                               strstr(expected.codes, "hostname_mismatch") == NULL);
    verdict_codes(codes, sizeof codes, verdict);
    assert_string_equal(codes, expected.codes);
    assert_string_equal(verdict_path(path, sizeof path, verdict), expected.path);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        assert_true(verdict->reasons[i].certificate < (long)verdict->certificate_count);
        assert_true(verdict->reasons[i].text[0] != '\0' && verdict->reasons[i].mend[0] != '\0');
    }
    if (expected.text != NULL && strstr(verdict->reasons[0].text, expected.text) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", verdict->reasons[0].text, expected.text);
    }
    if (expected.mend != NULL && strstr(verdict->reasons[0].mend, expected.mend) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", verdict->reasons[0].mend, expected.mend);
    }
    pki_verification_free(verdict);
}

/* EXPECT("expired", "0 1 2", .text = .text = …, .mend = .mend = …) */
#define EXPECT(codes_, ...) ((struct expected){.codes = codes_, .path = __VA_ARGS__})

/* ---- accepted -------------------------------------------------------------------------- */

static void a_good_chain_is_accepted_in_any_order(void **state)
{
    (void)state;
    judge(CHAIN(leaf, inter), trust, "example.org", EXPECT("ok", "0 1 2"));
    judge(CHAIN(leaf, inter, root), trust, "example.org", EXPECT("ok", "0 1 2"));
    judge(CHAIN(leaf, root, inter), trust, "example.org", EXPECT("ok", "0 2 1"));
    judge(CHAIN(leaf, leaf, inter, inter), trust, "192.0.2.1", EXPECT("ok", "0 2 4"));
    judge(CHAIN(leaf, inter), trust, NULL, EXPECT("ok", "0 1 2"));
}

static void what_the_path_does_not_need_is_ignored(void **state)
{
    struct cert *other = cert_must((struct cert_options){.common_name = "Other CA", .ca = true});

    (void)state;
    judge(CHAIN(leaf, other, inter), trust, "example.org", EXPECT("ok", "0 2 3"));
    cert_free(other);
}

static void any_certificate_of_the_store_is_an_anchor(void **state)
{
    struct pki_trust *partial = verdict_trust(CHAIN(inter));
    struct pki_trust *direct = verdict_trust(CHAIN(leaf));

    (void)state;
    judge(CHAIN(leaf), partial, "example.org", EXPECT("ok", "0 1"));
    judge(CHAIN(leaf, inter, root), partial, "example.org", EXPECT("ok", "0 1"));
    judge(CHAIN(leaf), direct, "example.org", EXPECT("ok", "0"));
    pki_trust_release(partial);
    pki_trust_release(direct);
}

static void names_chain_whatever_their_case_and_spaces(void **state)
{
    struct cert *shouting = cert_must(
        (struct cert_options){.common_name = "  TEST   root ", .ca = true, .same_key_as = root});
    struct pki_trust *anchors = verdict_trust(CHAIN(shouting));

    (void)state;
    judge(CHAIN(leaf, inter), anchors, "example.org", EXPECT("ok", "0 1 2"));
    pki_trust_release(anchors);
    cert_free(shouting);
}

/* The old root was sent, the clients have the new one; and the other way round. */
static void a_root_renewed_with_its_key_is_found(void **state)
{
    struct cert *renewed = cert_must(
        (struct cert_options){.common_name = "Test Root", .ca = true, .same_key_as = root});
    struct pki_trust *anchors = verdict_trust(CHAIN(renewed));

    (void)state;
    judge(CHAIN(leaf, inter, root), anchors, "example.org", EXPECT("ok", "0 1 3"));
    pki_trust_release(anchors);
    cert_free(renewed);
}

/* Two certificates for one CA: by an expired root and by a good one. */
static void a_cross_signed_way_around_an_expired_root_is_found(void **state)
{
    struct cert *old_root = cert_must((struct cert_options){
        .common_name = "Old Root", .ca = true, .not_after = CERT_NOW - CERT_DAY});
    struct cert *cross = cert_must((struct cert_options){
        .common_name = "Test CA", .ca = true, .issuer = old_root, .same_key_as = inter});
    struct pki_trust *both = verdict_trust(CHAIN(old_root, root));
    struct pki_trust *old = verdict_trust(CHAIN(old_root));

    (void)state;
    judge(CHAIN(leaf, cross, inter), both, "example.org", EXPECT("ok", "0 2 3"));
    judge(CHAIN(leaf, inter, cross), both, "example.org", EXPECT("ok", "0 1 3"));
    judge(CHAIN(leaf, inter, cross), old, "example.org",
          EXPECT("expired", "0 2 3", .text = "Old Root: valid until 2026-05-31 10:00 UTC",
                 .mend = "another trust anchor"));
    pki_trust_release(both);
    pki_trust_release(old);
    cert_free(cross);
    cert_free(old_root);
}

/* ---- refused --------------------------------------------------------------------------- */

static void dates_are_checked_to_the_second(void **state)
{
    struct cert *edges = cert_must((struct cert_options){
        .common_name = "edges", .issuer = inter, .not_before = CERT_NOW, .not_after = CERT_NOW});
    struct cert *late = cert_must(
        (struct cert_options){.common_name = "late", .issuer = inter, .not_after = CERT_NOW - 1});
    struct cert *early = cert_must(
        (struct cert_options){.common_name = "early", .issuer = inter, .not_before = CERT_NOW + 1});
    struct cert *old =
        cert_must((struct cert_options){.common_name = "example.org",
                                        .issuer = inter,
                                        .not_after = CERT_NOW - 12 * CERT_DAY - 5400});

    (void)state;
    judge(CHAIN(edges, inter), trust, NULL, EXPECT("ok", "0 1 2"));
    judge(CHAIN(late, inter), trust, NULL, EXPECT("expired", "0 1 2", .text = "(1 second)"));
    judge(CHAIN(early, inter), trust, NULL,
          EXPECT("not_yet_valid", "0 1 2",
                 .text = "early: valid from 2026-06-01 10:00 UTC, judged for 2026-06-01 10:00 UTC "
                         "(1 second too early).",
                 .mend = "clock"));
    judge(
        CHAIN(old, inter), trust, NULL,
        EXPECT("expired", "0 1 2",
               .text =
                   "example.org: valid until 2026-05-20 08:30 UTC, judged for 2026-06-01 10:00 UTC "
                   "(12 days).",
               .mend = "renew the certificate of example.org."));
    cert_free(edges);
    cert_free(late);
    cert_free(early);
    cert_free(old);
}

static void now_is_said_only_of_now(void **state)
{
    int64_t now = clock_wall_ns() / 1000000000;
    struct cert *old = cert_must((struct cert_options){.common_name = "old",
                                                       .ca = true,
                                                       .not_before = now - 9 * CERT_DAY,
                                                       .not_after = now - 2 * CERT_DAY});
    struct pki_trust *anchors = verdict_trust(CHAIN(old));
    struct pki_verification *verdict = verdict_ask(
        (struct pki_request){.trust = anchors, .at = now, .purpose = PKI_PURPOSE_ANY}, CHAIN(old));

    (void)state;
    assert_non_null(verdict);
    assert_int_equal(verdict->reason_count, 1);
    assert_non_null(strstr(verdict->reasons[0].text, ", now is 20"));
    assert_non_null(strstr(verdict->reasons[0].text, "(2 days)."));
    pki_verification_free(verdict);
    pki_trust_release(anchors);
    cert_free(old);
}

static void an_expired_intermediate_is_named(void **state)
{
    struct cert *old = cert_must((struct cert_options){
        .common_name = "Old CA", .ca = true, .issuer = root, .not_after = CERT_NOW - 7200});
    struct cert *under = cert_must((struct cert_options){.common_name = "leaf", .issuer = old});

    (void)state;
    judge(CHAIN(under, old), trust, NULL,
          EXPECT("expired", "0 1 2", .text = "Old CA: valid until",
                 .mend = "send the certificate of Old CA"));
    cert_free(under);
    cert_free(old);
}

static void a_wrong_host_name_lists_the_right_ones(void **state)
{
    struct cert *many = cert_must(
        (struct cert_options){.common_name = "many",
                              .issuer = inter,
                              .names = NAMES("DNS:a.example", "email:x@y.example", "DNS:b.example",
                                             "DNS:c.example", "DNS:d.example", "DNS:e.example",
                                             "IP:2001:db8::1", "DNS:g.example", "DNS:h.example")});
    struct cert *none =
        cert_must((struct cert_options){.common_name = "www.example.org", .issuer = inter});

    (void)state;
    judge(CHAIN(leaf, inter), trust, "www.example.org",
          EXPECT("hostname_mismatch", "0 1 2",
                 .text = "leaf: valid for example.org, 192.0.2.1, asked for www.example.org.",
                 .mend = "add DNS:www.example.org to the subjectAltName"));
    judge(CHAIN(leaf, inter), trust, "192.0.2.2",
          EXPECT("hostname_mismatch", "0 1 2", .text = "asked for 192.0.2.2.",
                 .mend = "add IP:192.0.2.2 to"));
    judge(CHAIN(many, inter), trust, "bücher.example",
          EXPECT("hostname_mismatch", "0 1 2",
                 .text =
                     "many: valid for a.example, b.example, c.example, d.example, e.example, "
                     "2001:db8::1 and 2 more, asked for bücher.example (xn--bcher-kva.example).",
                 .mend = "DNS:xn--bcher-kva.example"));
    judge(
        CHAIN(none, inter), trust, "www.example.org",
        EXPECT("hostname_mismatch", "0 1 2",
               .text =
                   "www.example.org: names no host in its subjectAltName, asked for "
                   "www.example.org. Its common name is that, but clients no longer look there."));
    judge(CHAIN(inter, leaf), trust, "example.org",
          EXPECT("hostname_mismatch key_usage", "0 2",
                 .mend = "send the server's own certificate first"));
    cert_free(many);
    cert_free(none);
}

static void a_missing_intermediate_is_told_from_an_unknown_root(void **state)
{
    struct cert *second =
        cert_must((struct cert_options){.common_name = "Second CA", .ca = true, .issuer = inter});
    struct cert *under = cert_must((struct cert_options){.common_name = "under", .issuer = second});
    struct cert *other = cert_must((struct cert_options){.common_name = "Other Root", .ca = true});
    struct pki_trust *others = verdict_trust(CHAIN(other));
    struct pki_trust *none = pki_trust_none(NULL);

    (void)state;
    /* The leaf alone. */
    judge(CHAIN(leaf), trust, NULL,
          EXPECT(
              "missing_intermediate", "0",
              .text =
                  "leaf: its issuer Test CA was not sent and is not in the trust store (Test Root, "
                  "1 anchor).",
              .mend = "send the certificate of Test CA after that of leaf"));
    /* A gap in the middle. */
    judge(CHAIN(under, inter, root), trust, NULL,
          EXPECT("missing_intermediate", "0", .text = "its issuer Second CA"));
    judge(CHAIN(under, second, root), trust, NULL,
          EXPECT("missing_intermediate", "0 1", .text = "its issuer Test CA"));
    /* All there, but the clients do not know the root. */
    judge(CHAIN(leaf, inter), others, NULL,
          EXPECT(
              "no_trust_anchor", "0 1",
              .text =
                  "Test CA: its issuer Test Root was not sent and is not in the trust store (Other "
                  "Root, 1 anchor)."));
    judge(CHAIN(leaf, inter, root), others, NULL,
          EXPECT("no_trust_anchor", "0 1 2",
                 .text = "Test Root: the chain ends at this root, which is not in the trust store",
                 .mend = "give Test Root to the clients as a trust anchor"));
    /* Nobody knows anything. */
    judge(CHAIN(leaf, inter), none, NULL,
          EXPECT("no_trust_anchor", "0 1", .text = "the trust store is empty"));
    judge(CHAIN(leaf), none, NULL,
          EXPECT("no_trust_anchor", "0", .text = "the trust store is empty"));
    judge(CHAIN(leaf, inter, root), none, NULL,
          EXPECT("no_trust_anchor", "0 1 2", .text = "not in the trust store (none)"));
    pki_trust_release(others);
    pki_trust_release(none);
    cert_free(other);
    cert_free(under);
    cert_free(second);
}

static void a_self_signed_leaf_is_called_that(void **state)
{
    struct cert *alone = cert_must((struct cert_options){
        .common_name = "alone", .names = NAMES("DNS:example.org"), .hash = GNUTLS_DIG_SHA1});
    struct pki_trust *known = verdict_trust(CHAIN(alone));

    (void)state;
    judge(CHAIN(alone), trust, "example.org",
          EXPECT("self_signed", "0", .text = "alone: signed with its own key"));
    judge(CHAIN(alone, inter), trust, "example.org", EXPECT("self_signed", "0"));
    judge(CHAIN(alone), known, "example.org", EXPECT("ok", "0"));
    pki_trust_release(known);
    cert_free(alone);
}

static void a_wrong_signature_is_found_whatever_the_hash(void **state)
{
    struct cert *broken = cert_must(
        (struct cert_options){.common_name = "broken", .issuer = inter, .break_signature = true});
    struct cert *forged = cert_must((struct cert_options){
        .common_name = "forged", .issuer = inter, .signed_by = leaf, .hash = GNUTLS_DIG_SHA1});
    struct cert *own =
        cert_must((struct cert_options){.common_name = "own", .break_signature = true});

    (void)state;
    judge(CHAIN(broken, inter), trust, NULL,
          EXPECT("bad_signature", "0 1 2",
                 .text = "broken: its signature (ecdsa-with-SHA256) does not "
                         "fit the key of Test CA"));
    judge(CHAIN(forged, inter), trust, NULL, EXPECT("bad_signature weak_signature", "0 1 2"));
    judge(CHAIN(own), trust, NULL, EXPECT("self_signed bad_signature", "0"));
    cert_free(broken);
    cert_free(forged);
    cert_free(own);
}

/* An issuer of the right name and the wrong key is no issuer when the key identifiers say so, and
 * a wrong signature when nothing does. */
static void a_namesake_of_the_issuer_is_not_taken_for_it(void **state)
{
    struct cert *namesake =
        cert_must((struct cert_options){.common_name = "Test CA", .ca = true, .issuer = root});
    struct cert *quiet = cert_must(
        (struct cert_options){.common_name = "quiet", .issuer = inter, .without_key_ids = true});

    (void)state;
    judge(CHAIN(leaf, namesake), trust, NULL,
          EXPECT("missing_intermediate", "0", .text = "The Test CA that was sent has another key"));
    judge(CHAIN(leaf, namesake, inter), trust, NULL, EXPECT("ok", "0 2 3"));
    judge(CHAIN(quiet, namesake), trust, NULL, EXPECT("bad_signature", "0 1 2"));
    judge(CHAIN(quiet, namesake, inter), trust, NULL, EXPECT("ok", "0 2 3"));
    cert_free(namesake);
    cert_free(quiet);
}

static void weak_hashes_count_except_on_the_anchor(void **state)
{
    struct cert *old_root = cert_must(
        (struct cert_options){.common_name = "SHA-1 Root", .ca = true, .hash = GNUTLS_DIG_SHA1});
    struct cert *under =
        cert_must((struct cert_options){.common_name = "under", .issuer = old_root});
    struct cert *weak = cert_must(
        (struct cert_options){.common_name = "weak", .issuer = inter, .hash = GNUTLS_DIG_SHA1});
    struct pki_trust *anchors = verdict_trust(CHAIN(old_root));

    (void)state;
    judge(CHAIN(under), anchors, NULL, EXPECT("ok", "0 1"));
    judge(CHAIN(under, old_root), anchors, NULL, EXPECT("ok", "0 1"));
    judge(CHAIN(weak, inter), trust, NULL,
          EXPECT("weak_signature", "0 1 2", .text = "weak: signed with SHA-1",
                 .mend = "signed with SHA-256"));
    pki_trust_release(anchors);
    cert_free(weak);
    cert_free(under);
    cert_free(old_root);
}

static void weak_keys_count_everywhere(void **state)
{
    struct cert *small = cert_must(
        (struct cert_options){.common_name = "small", .issuer = inter, .key = CERT_RSA_1024});
    struct cert *curve =
        cert_must((struct cert_options){.common_name = "curve", .issuer = inter, .key = CERT_P192});
    struct cert *weak_root = cert_must(
        (struct cert_options){.common_name = "Weak Root", .ca = true, .key = CERT_RSA_1024});
    struct cert *under =
        cert_must((struct cert_options){.common_name = "under", .issuer = weak_root});
    struct pki_trust *anchors = verdict_trust(CHAIN(weak_root));

    (void)state;
    judge(CHAIN(small, inter), trust, NULL,
          EXPECT("weak_key", "0 1 2",
                 .text = "its RSA key has 1024 bits, at least 2048 are required."));
    judge(CHAIN(curve, inter), trust, NULL,
          EXPECT("weak_key", "0 1 2",
                 .text = "its ECDSA key has 192 bits, at least 224 are required."));
    judge(CHAIN(under), anchors, NULL, EXPECT("weak_key", "0 1", .text = "Weak Root: its RSA key"));
    pki_trust_release(anchors);
    cert_free(under);
    cert_free(weak_root);
    cert_free(curve);
    cert_free(small);
}

static void only_a_ca_may_issue(void **state)
{
    struct cert *under = cert_must((struct cert_options){.common_name = "under", .issuer = leaf});
    struct cert *old_root = cert_must((struct cert_options){.common_name = "v1", .version = 1});
    struct cert *old_leaf =
        cert_must((struct cert_options){.common_name = "leaf", .issuer = old_root});
    struct cert *not_root = cert_must((struct cert_options){.common_name = "no CA"});
    struct cert *its_leaf =
        cert_must((struct cert_options){.common_name = "leaf", .issuer = not_root});
    struct pki_trust *anchors = verdict_trust(CHAIN(old_root, not_root));

    (void)state;
    judge(CHAIN(under, leaf, inter), trust, NULL,
          EXPECT("not_a_ca", "0 1 2 3", .text = "leaf: issued under, but is no CA"));
    judge(CHAIN(its_leaf), anchors, NULL, EXPECT("not_a_ca", "0 1", .text = "no CA: issued leaf"));
    /* Version 1 has no way to say it; as an anchor it need not. */
    judge(CHAIN(old_leaf), anchors, NULL, EXPECT("ok", "0 1"));
    pki_trust_release(anchors);
    cert_free(its_leaf);
    cert_free(not_root);
    cert_free(old_leaf);
    cert_free(old_root);
    cert_free(under);
}

static void what_is_no_certificate_is_malformed(void **state)
{
    struct cert rubbish = {.der = (uint8_t *)(uintptr_t) "\x30\x03rub", .length = 5};
    struct cert empty = {.der = (uint8_t *)(uintptr_t) "", .length = 0};
    struct cert cut = {.der = leaf->der, .length = leaf->length - 1};
    struct pki_verification *verdict;

    (void)state;
    judge(CHAIN(&rubbish), trust, "example.org",
          EXPECT("malformed", "0", .text = "the certificate sent 1st cannot be read"));
    judge(CHAIN(&cut, inter), trust, "example.org",
          EXPECT("malformed", "0", .text = "it ends early"));
    judge(CHAIN(&empty), trust, NULL, EXPECT("malformed", "0", .text = "it is empty"));
    judge(CHAIN(leaf, &rubbish, inter), trust, "example.org",
          EXPECT("malformed", "0 2 3", .text = "the certificate sent 2nd cannot be read",
                 .mend = "replace"));
    verdict = verdict_of(CHAIN(&cut), trust, "example.org");
    assert_non_null(verdict);
    assert_false(verdict->hostname_checked); /* it could not be */
    pki_verification_free(verdict);
    judge(CHAIN(NULL), trust, "example.org",
          EXPECT("malformed", "", .text = "no certificate was sent",
                 .mend = "give the server a certificate"));
}

static void all_reasons_are_given(void **state)
{
    struct cert *bad = cert_must((struct cert_options){.common_name = "bad",
                                                       .issuer = leaf,
                                                       .key = CERT_RSA_1024,
                                                       .hash = GNUTLS_DIG_SHA1,
                                                       .not_after = CERT_NOW - CERT_DAY,
                                                       .break_signature = true});
    struct pki_trust *none = pki_trust_none(NULL);

    (void)state;
    judge(CHAIN(bad, leaf, inter), trust, "example.org",
          EXPECT("bad_signature not_a_ca expired hostname_mismatch weak_signature weak_key",
                 "0 1 2 3"));
    judge(CHAIN(bad, leaf, inter), none, "example.org",
          EXPECT("no_trust_anchor bad_signature not_a_ca expired hostname_mismatch "
                 "weak_signature weak_key",
                 "0 1 2"));
    pki_trust_release(none);
    cert_free(bad);
}

static void every_kind_of_signature_is_checked(void **state)
{
    static const struct {
        enum cert_key key;
        gnutls_digest_algorithm_t hash;
    } kinds[] = {
        {CERT_P256, GNUTLS_DIG_SHA512},    {CERT_P384, GNUTLS_DIG_SHA384},
        {CERT_ED25519, GNUTLS_DIG_SHA512}, {CERT_RSA, GNUTLS_DIG_SHA256},
        {CERT_RSA_PSS, GNUTLS_DIG_SHA384},
    };

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct cert *ca = cert_must((struct cert_options){
            .common_name = "CA", .ca = true, .key = kinds[i].key, .hash = kinds[i].hash});
        struct cert *good = cert_must(
            (struct cert_options){.common_name = "good", .issuer = ca, .hash = kinds[i].hash});
        struct cert *bad = cert_must((struct cert_options){
            .common_name = "bad", .issuer = ca, .hash = kinds[i].hash, .break_signature = true});
        struct pki_trust *anchors = verdict_trust(CHAIN(ca));
        judge(CHAIN(good), anchors, NULL, EXPECT("ok", "0 1"));
        judge(CHAIN(bad), anchors, NULL, EXPECT("bad_signature", "0 1"));
        pki_trust_release(anchors);
        cert_free(bad);
        cert_free(good);
        cert_free(ca);
    }
}

/* ---- hostile --------------------------------------------------------------------------- */

/* Names that would clear the screen, turn the writing direction, or end a string early. */
static void texts_are_safe_for_a_terminal(void **state)
{
    static const char evil[] = "x\x1b[2J\n\xe2\x80\xae\\0\xff";
    struct cert *ca = cert_must((struct cert_options){.common_name = evil, .ca = true});
    struct cert *bad = cert_must((struct cert_options){.common_name = evil,
                                                       .issuer = ca,
                                                       .not_after = CERT_NOW - CERT_DAY,
                                                       .names = NAMES("DNS:good.org\\0.evil.org")});
    struct pki_verification *verdict = verdict_of(CHAIN(bad), trust, "good.org");

    (void)state;
    assert_non_null(verdict);
    assert_int_equal(verdict->reason_count, 3);
    for (size_t i = 0; i < verdict->reason_count; i++) {
        const char *texts[] = {verdict->reasons[i].text, verdict->reasons[i].mend};
        for (size_t j = 0; j < 2; j++) {
            char safe[2000];
            assert_string_equal(text_safe(safe, sizeof safe, texts[j], strlen(texts[j])), texts[j]);
        }
    }
    assert_non_null(strstr(verdict->reasons[0].text, "x\\x1b[2J\\n\\u{202e}\\x00\\xff"));
    assert_non_null(strstr(verdict->reasons[2].text, "good.org\\x00.evil.org"));
    pki_verification_free(verdict);
    cert_free(bad);
    cert_free(ca);
}

/* Sixty certificates of one name, each signed by all the others' key: all ways look alike. */
static void a_maze_of_cross_signing_is_given_up(void **state)
{
    enum { COUNT = 60, LINKS = 6 };
    struct cert *certs[COUNT * LINKS], *heads[COUNT], *end;
    struct pki_slice chain[COUNT * LINKS + 1];
    struct pki_request request = {.chain = chain, .trust = trust, .at = CERT_NOW};
    struct pki_verification *verdict;
    int64_t began;

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "CA %zu", i % 10);
        heads[i] = cert_must(
            (struct cert_options){.common_name = name, .ca = true, .without_key_ids = true});
    }
    for (size_t i = 0; i < COUNT * LINKS; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "CA %zu", i % COUNT % 10);
        certs[i] =
            cert_must((struct cert_options){.common_name = name,
                                            .ca = true,
                                            .without_key_ids = true,
                                            .same_key_as = heads[i % COUNT],
                                            .issuer = heads[(i * 7 + i / COUNT + 1) % COUNT]});
    }
    end = cert_must((struct cert_options){.common_name = "leaf", .issuer = heads[0]});
    chain[request.chain_length++] = (struct pki_slice){end->der, end->length};
    for (size_t i = 0; i < COUNT * LINKS; i++) {
        chain[request.chain_length++] = (struct pki_slice){certs[i]->der, certs[i]->length};
    }
    began = clock_monotonic_ns();
    verdict = pki_verify(&request, NULL);
    assert_true(clock_monotonic_ns() - began < 5 * INT64_C(1000000000));
    assert_non_null(verdict);
    assert_false(verdict->ok);
    assert_non_null(strstr(verdict->reasons[0].text, "given up"));
    pki_verification_free(verdict);
    cert_free(end);
    for (size_t i = 0; i < COUNT * LINKS; i++) {
        cert_free(certs[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        cert_free(heads[i]);
    }
}

static void reasons_have_names_references_and_alerts(void **state)
{
    (void)state;
    for (int code = 0; code < PKI_REASON_COUNT; code++) {
        const char *name = pki_reason_name((enum pki_reason_code)code);
        assert_int_equal(pki_reason_from_name(name), code);
        assert_int_equal(strncmp(pki_reason_reference((enum pki_reason_code)code), "RFC ", 4), 0);
        assert_true(pki_reason_alert((enum pki_reason_code)code) >= 42);
    }
    assert_int_equal(pki_reason_from_name("no_such_reason"), -1);
    assert_int_equal(pki_reason_alert(PKI_EXPIRED), 45);
    assert_int_equal(pki_reason_alert(PKI_NO_TRUST_ANCHOR), 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_chain_is_accepted_in_any_order),
        cmocka_unit_test(what_the_path_does_not_need_is_ignored),
        cmocka_unit_test(any_certificate_of_the_store_is_an_anchor),
        cmocka_unit_test(names_chain_whatever_their_case_and_spaces),
        cmocka_unit_test(a_root_renewed_with_its_key_is_found),
        cmocka_unit_test(a_cross_signed_way_around_an_expired_root_is_found),
        cmocka_unit_test(dates_are_checked_to_the_second),
        cmocka_unit_test(now_is_said_only_of_now),
        cmocka_unit_test(an_expired_intermediate_is_named),
        cmocka_unit_test(a_wrong_host_name_lists_the_right_ones),
        cmocka_unit_test(a_missing_intermediate_is_told_from_an_unknown_root),
        cmocka_unit_test(a_self_signed_leaf_is_called_that),
        cmocka_unit_test(a_wrong_signature_is_found_whatever_the_hash),
        cmocka_unit_test(a_namesake_of_the_issuer_is_not_taken_for_it),
        cmocka_unit_test(weak_hashes_count_except_on_the_anchor),
        cmocka_unit_test(weak_keys_count_everywhere),
        cmocka_unit_test(only_a_ca_may_issue),
        cmocka_unit_test(what_is_no_certificate_is_malformed),
        cmocka_unit_test(all_reasons_are_given),
        cmocka_unit_test(every_kind_of_signature_is_checked),
        cmocka_unit_test(texts_are_safe_for_a_terminal),
        cmocka_unit_test(a_maze_of_cross_signing_is_given_up),
        cmocka_unit_test(reasons_have_names_references_and_alerts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
