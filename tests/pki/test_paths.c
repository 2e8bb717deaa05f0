/* The right path is found among many, the tree knows every certificate, and what the store forbids is not walked over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"
#include "verdict.h"

static struct cert *root, *inter, *leaf;
static struct pki_trust *trust;

static int set_up(void **state)
{
    (void)state;
    root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    inter = cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    leaf = cert_must((struct cert_options){.common_name = "leaf", .issuer = inter});
    trust = verdict_trust(CHAIN(root));
    return trust != NULL ? 0 : -1;
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

/* Judges, and expects codes and a path: "expired", "0 1 2". Owned by the caller. */
static struct pki_verification *judge(const struct cert *const *chain, struct pki_trust *anchors,
                                      const char *codes, const char *path)
{
    struct pki_verification *verdict = verdict_of(chain, anchors, NULL);
    char text[300];

    assert_non_null(verdict);
    assert_string_equal(verdict_codes(text, sizeof text, verdict), codes);
    assert_string_equal(verdict_path(text, sizeof text, verdict), path);
    return verdict;
}

static void expect(const struct cert *const *chain, struct pki_trust *anchors, const char *codes,
                   const char *path)
{
    pki_verification_free(judge(chain, anchors, codes, path));
}

/* ---- the right one among many ---------------------------------------------------------- */

static void a_valid_intermediate_is_found_beside_an_expired_one(void **state)
{
    struct cert *old = cert_must((struct cert_options){.common_name = "CA",
                                                       .ca = true,
                                                       .issuer = root,
                                                       .same_key_as = inter,
                                                       .not_after = CERT_NOW - 1});
    struct cert *older = cert_must((struct cert_options){.common_name = "CA",
                                                         .ca = true,
                                                         .issuer = root,
                                                         .same_key_as = inter,
                                                         .not_after = CERT_NOW - CERT_DAY});

    (void)state;
    expect(CHAIN(leaf, old, older, inter), trust, "ok", "0 3 4");
    expect(CHAIN(leaf, old, older), trust, "expired", "0 1 3");
    cert_free(old);
    cert_free(older);
}

/* CAs of one name and key, each wrong in a way of its own but for one, which may stand anywhere. */
static void one_good_way_is_found_among_bad_ones(void **state)
{
    static const char purpose[] = "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
    static const char no_ca[] = "\x30\x00";
    static const char no_signing[] = "\x03\x02\x01\x02";
    static const char names[] = "\x30\x10\xa0\x0e\x30\x0c\x82\x0aother.test";
    const struct cert_options base = {
        .common_name = "CA", .ca = true, .issuer = root, .same_key_as = inter};
    struct cert_options options[7];
    const struct cert *chain[10] = {0};
    struct cert *named = cert_must((struct cert_options){
        .common_name = "named", .issuer = inter, .names = NAMES("DNS:www.example.org")});
    enum { COUNT = 7 };
    struct cert *bad[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        options[i] = base;
    }
    options[0].not_after = CERT_NOW - 1;
    options[1].not_before = CERT_NOW + 1;
    options[2].break_signature = true;
    options[3].extension = "2.5.29.37", options[3].extension_value = purpose;
    options[3].extension_length = sizeof purpose - 1;
    options[4].extension = "2.5.29.19", options[4].extension_value = no_ca;
    options[4].extension_length = sizeof no_ca - 1;
    options[5].extension = "2.5.29.15", options[5].extension_value = no_signing;
    options[5].extension_length = sizeof no_signing - 1;
    options[6].extension = "2.5.29.30", options[6].extension_value = names;
    options[6].extension_length = sizeof names - 1;
    for (size_t i = 0; i < COUNT; i++) {
        bad[i] = cert_must(options[i]);
        struct pki_verification *verdict = verdict_of(CHAIN(named, bad[i]), trust, NULL);
        assert_non_null(verdict);
        if (i != 6) { /* name constraints are another rule's business */
            assert_false(verdict->ok);
        }
        pki_verification_free(verdict);
    }
    for (size_t place = 1; place <= COUNT + 1; place++) {
        char path[20];
        struct pki_verification *verdict;
        size_t next = 0;
        chain[0] = named;
        for (size_t i = 1; i <= COUNT + 1; i++) {
            chain[i] = i == place ? inter : bad[next++];
        }
        (void)snprintf(path, sizeof path, "0 %zu %d", place, COUNT + 2);
        verdict = verdict_of(chain, trust, NULL);
        assert_non_null(verdict);
        assert_true(verdict->ok);
        assert_null(verdict->gave_up);
        pki_verification_free(verdict);
    }
    for (size_t i = 0; i < COUNT; i++) {
        cert_free(bad[i]);
    }
    cert_free(named);
}

/* A hundred CAs of one name, of which one has the right key; without key identifiers only signatures tell. */
static void the_right_key_is_found_among_a_hundred_namesakes(void **state)
{
    enum { COUNT = 100 };
    struct cert *others[COUNT];
    struct pki_slice chain[COUNT + 2];
    struct cert *quiet = cert_must(
        (struct cert_options){.common_name = "quiet", .issuer = inter, .without_key_ids = true});
    const struct cert *leafs[] = {leaf, quiet};

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        others[i] =
            cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
        chain[i + 1] = (struct pki_slice){others[i]->der, others[i]->length};
    }
    chain[COUNT + 1] = (struct pki_slice){inter->der, inter->length};
    for (size_t i = 0; i < 2; i++) {
        struct pki_request request = {
            .chain = chain, .chain_length = COUNT + 2, .trust = trust, .at = CERT_NOW};
        struct pki_verification *verdict;
        chain[0] = (struct pki_slice){leafs[i]->der, leafs[i]->length};
        verdict = pki_verify(&request, NULL);
        assert_non_null(verdict);
        assert_true(verdict->ok);
        assert_int_equal(verdict->path[1], COUNT + 1);
        pki_verification_free(verdict);
    }
    for (size_t i = 0; i < COUNT; i++) {
        cert_free(others[i]);
    }
    cert_free(quiet);
}

static void a_wrong_key_identifier_is_tried_last_not_never(void **state)
{
    static const char other_id[] = "\x04\x04\x01\x02\x03\x04";
    struct cert *odd = cert_must((struct cert_options){.common_name = "CA",
                                                       .ca = true,
                                                       .issuer = root,
                                                       .same_key_as = inter,
                                                       .extension = "2.5.29.14",
                                                       .extension_value = other_id,
                                                       .extension_length = sizeof other_id - 1});

    (void)state;
    expect(CHAIN(leaf, odd), trust, "ok", "0 1 2");
    expect(CHAIN(leaf, odd, inter), trust, "ok", "0 2 3");
    cert_free(odd);
}

static void long_paths_are_found(void **state)
{
    enum { LENGTH = 24 };
    struct cert *certs[LENGTH];
    struct pki_slice chain[LENGTH];
    struct pki_request request = {.chain = chain, .trust = trust, .at = CERT_NOW};
    struct pki_verification *verdict;

    (void)state;
    for (size_t i = 0; i < LENGTH; i++) {
        char name[20];
        (void)snprintf(name, sizeof name, "CA %zu", i);
        certs[i] = cert_must((struct cert_options){
            .common_name = name, .ca = i + 1 < LENGTH, .issuer = i == 0 ? root : certs[i - 1]});
        chain[LENGTH - 1 - i] = (struct pki_slice){certs[i]->der, certs[i]->length};
    }
    request.chain_length = LENGTH;
    verdict = pki_verify(&request, NULL);
    assert_non_null(verdict);
    assert_true(verdict->ok);
    assert_int_equal(verdict->path_length, LENGTH + 1);
    assert_false(verdict->misordered);
    pki_verification_free(verdict);
    for (size_t i = 0; i < LENGTH; i++) {
        cert_free(certs[i]);
    }
}

/* ---- roots ----------------------------------------------------------------------------- */

/* A new key of the same name, certified by the old one: clients that have either root get there. */
static void a_root_with_a_new_key_is_reached_from_the_old_one(void **state)
{
    struct cert *new_root = cert_must((struct cert_options){.common_name = "Root", .ca = true});
    struct cert *new_with_old = cert_must((struct cert_options){
        .common_name = "Root", .ca = true, .issuer = root, .same_key_as = new_root});
    struct cert *under =
        cert_must((struct cert_options){.common_name = "under", .issuer = new_root});
    struct pki_trust *both = verdict_trust(CHAIN(root, new_root));

    (void)state;
    expect(CHAIN(under, new_with_old), trust, "ok", "0 1 2");
    expect(CHAIN(under, new_with_old, new_root), trust, "ok", "0 1 3");
    expect(CHAIN(under, new_with_old), both, "ok", "0 2");
    pki_trust_release(both);
    cert_free(under);
    cert_free(new_with_old);
    cert_free(new_root);
}

static void an_expired_root_is_passed_by_for_the_renewed_one(void **state)
{
    struct cert *old = cert_must((struct cert_options){
        .common_name = "Root", .ca = true, .same_key_as = root, .not_after = CERT_NOW - 1});
    struct pki_trust *both = verdict_trust(CHAIN(old, root));
    struct pki_trust *only_old = verdict_trust(CHAIN(old));

    (void)state;
    expect(CHAIN(leaf, inter, old), both, "ok", "0 1 3");
    expect(CHAIN(leaf, inter, root), only_old, "expired", "0 1 3");
    pki_trust_release(both);
    pki_trust_release(only_old);
    cert_free(old);
}

/* An intermediate that is an anchor itself, and has ended: its root is an anchor, too. */
static void a_path_goes_on_beyond_an_anchor_that_does_not_serve(void **state)
{
    struct cert *old = cert_must((struct cert_options){.common_name = "CA",
                                                       .ca = true,
                                                       .issuer = root,
                                                       .same_key_as = inter,
                                                       .not_after = CERT_NOW - 1});
    struct pki_trust *both = verdict_trust(CHAIN(old, root));
    struct pki_trust *partial = verdict_trust(CHAIN(inter, root));

    (void)state;
    expect(CHAIN(leaf, inter), both, "ok", "0 1 2");
    expect(CHAIN(leaf, inter, root), partial, "ok", "0 1");
    pki_trust_release(both);
    pki_trust_release(partial);
    cert_free(old);
}

static void two_cas_that_certify_each_other_do_not_make_a_path(void **state)
{
    struct cert *a = cert_must((struct cert_options){.common_name = "A", .ca = true});
    struct cert *b = cert_must((struct cert_options){.common_name = "B", .ca = true, .issuer = a});
    struct cert *a_by_b = cert_must(
        (struct cert_options){.common_name = "A", .ca = true, .issuer = b, .same_key_as = a});
    struct cert *under = cert_must((struct cert_options){.common_name = "under", .issuer = b});

    (void)state;
    expect(CHAIN(under, b, a_by_b), trust, "no_trust_anchor", "0 1 2");
    expect(CHAIN(under, a_by_b, b), trust, "no_trust_anchor", "0 2 1");
    cert_free(under);
    cert_free(a_by_b);
    cert_free(b);
    cert_free(a);
}

/* ---- what the tree shows --------------------------------------------------------------- */

static void every_certificate_is_known_for_what_it_is(void **state)
{
    struct cert *stray = cert_must((struct cert_options){.common_name = "Stray", .ca = true});
    struct pki_verification *verdict =
        judge(CHAIN(leaf, stray, inter, inter), trust, "ok", "0 2 4");
    const struct pki_member expected[] = {
        {PKI_SENT, false, false, true, true, -1, 2},
        {PKI_SENT, false, false, false, false, -1, -1},
        {PKI_SENT, false, false, true, true, -1, 4},
        {PKI_SENT, false, false, false, false, 2, 4},
        {PKI_STORE, true, false, true, true, -1, -1},
    };

    (void)state;
    assert_int_equal(verdict->certificate_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct pki_member *member = &verdict->members[i];
        assert_int_equal(member->origin, expected[i].origin);
        assert_int_equal(member->anchor, expected[i].anchor);
        assert_int_equal(member->distrusted, expected[i].distrusted);
        assert_int_equal(member->in_path, expected[i].in_path);
        assert_int_equal(member->in_any, expected[i].in_any);
        assert_int_equal(member->duplicate_of, expected[i].duplicate_of);
        assert_int_equal(member->issuer, expected[i].issuer);
    }
    assert_false(verdict->misordered);
    assert_int_equal(verdict->paths_tried, 1);
    assert_int_equal(verdict->alternative_count, 0);
    assert_string_equal(verdict->purpose, "server");
    pki_verification_free(verdict);

    verdict = judge(CHAIN(leaf, root, inter), trust, "ok", "0 2 1");
    assert_true(verdict->misordered);
    assert_true(verdict->members[1].anchor && verdict->members[1].origin == PKI_SENT);
    pki_verification_free(verdict);
    cert_free(stray);
}

static void the_first_to_end_decides_how_long_it_lasts(void **state)
{
    struct cert *brief = cert_must((struct cert_options){
        .common_name = "Brief", .ca = true, .issuer = root, .not_after = CERT_NOW + CERT_DAY});
    struct cert *under = cert_must((struct cert_options){.common_name = "under", .issuer = brief});
    struct pki_verification *verdict = judge(CHAIN(under, brief), trust, "ok", "0 1 2");

    (void)state;
    assert_int_equal(verdict->expires_first, 1);
    assert_int_equal(verdict->expires, CERT_NOW + CERT_DAY);
    pki_verification_free(verdict);
    cert_free(under);
    cert_free(brief);
}

static void given_certificates_fill_the_gaps(void **state)
{
    struct cert *stray = cert_must((struct cert_options){.common_name = "Stray", .ca = true});
    struct pki_slice given[] = {{stray->der, stray->length}, {inter->der, inter->length}};
    struct pki_verification *verdict = verdict_ask(
        (struct pki_request){
            .intermediates = given, .intermediate_count = 2, .trust = trust, .at = CERT_NOW},
        CHAIN(leaf));
    char path[20];

    (void)state;
    assert_non_null(verdict);
    assert_string_equal(verdict_path(path, sizeof path, verdict), "0 1 2");
    assert_true(verdict->ok);
    assert_int_equal(verdict->sent_count, 1);
    assert_int_equal(verdict->certificate_count, 3); /* the stray one is of no use */
    assert_int_equal(verdict->members[1].origin, PKI_GIVEN);
    assert_int_equal(verdict->members[2].origin, PKI_STORE);
    pki_verification_free(verdict);
    cert_free(stray);
}

static void other_ways_are_shown_with_their_reasons(void **state)
{
    struct cert *old_root = cert_must((struct cert_options){
        .common_name = "Old Root", .ca = true, .not_after = CERT_NOW - CERT_DAY});
    struct cert *cross = cert_must((struct cert_options){
        .common_name = "CA", .ca = true, .issuer = old_root, .same_key_as = inter});
    struct pki_trust *both = verdict_trust(CHAIN(old_root, root));
    struct pki_verification *verdict = judge(CHAIN(leaf, cross, inter), both, "ok", "0 2 3");

    (void)state;
    assert_int_equal(verdict->alternative_count, 1);
    assert_int_equal(verdict->alternatives[0].length, 3);
    assert_int_equal(verdict->alternatives[0].certificates[1], 1);
    assert_int_equal(verdict->alternatives[0].certificates[2], 4);
    assert_true(verdict->alternatives[0].anchored);
    assert_false(verdict->alternatives[0].ok);
    assert_int_equal(verdict->alternatives[0].reason_count, 1);
    assert_int_equal(verdict->alternatives[0].reasons[0].code, PKI_EXPIRED);
    assert_int_equal(verdict->alternatives[0].reasons[0].certificate, 4);
    assert_true(verdict->members[1].in_any && !verdict->members[1].in_path);
    assert_true(verdict->members[4].anchor && verdict->members[4].origin == PKI_STORE);
    pki_verification_free(verdict);

    /* A way that ends in nothing is one, too. */
    verdict = judge(CHAIN(leaf, inter, cross), trust, "ok", "0 1 3");
    assert_int_equal(verdict->alternative_count, 1);
    assert_false(verdict->alternatives[0].anchored);
    assert_int_equal(verdict->alternatives[0].reasons[0].code, PKI_NO_TRUST_ANCHOR);
    pki_verification_free(verdict);
    pki_trust_release(both);
    cert_free(cross);
    cert_free(old_root);
}

/* ---- trust settings -------------------------------------------------------------------- */

/* CertAux with lists of key purposes: the last byte of each, id-kp-…; 0: anyExtendedKeyUsage. */
static void append_purpose(struct buffer *out, int purpose)
{
    static const uint8_t any[] = {0x06, 0x04, 0x55, 0x1d, 0x25, 0x00};
    uint8_t oid[] = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, (uint8_t)purpose};

    buffer_append(out, purpose == 0 ? any : oid, purpose == 0 ? sizeof any : sizeof oid);
}

#define NOTHING (-1)

/* Adds a TRUSTED CERTIFICATE that is trusted and rejected for one purpose each, or NOTHING. */
static void add_trusted(struct pki_trust *store, const struct cert *cert, int trusted, int rejected)
{
    struct buffer lists = {0}, der = {0}, pem = {0};
    char path[SCRATCH_PATH_MAX];

    for (int i = 0; i < 2; i++) {
        struct buffer list = {0};
        if ((i == 0 ? trusted : rejected) != NOTHING) {
            append_purpose(&list, i == 0 ? trusted : rejected);
            buffer_u8(&lists, i == 0 ? 0x30 : 0xa0);
            buffer_u8(&lists, (uint8_t)list.length);
            buffer_append(&lists, list.data, list.length);
        }
        buffer_free(&list);
    }
    buffer_append(&der, cert->der, cert->length);
    buffer_u8(&der, 0x30);
    buffer_u8(&der, (uint8_t)(lists.length + 4));
    buffer_append(&der, lists.data, lists.length);
    buffer_append(&der, "\x0c\x02me", 4); /* alias */
    pki_pem_append(&pem, (struct pki_slice){der.data, der.length}, "TRUSTED CERTIFICATE");
    (void)scratch_write(path, "trusted.pem", pem.data, pem.length);
    assert_int_equal(pki_trust_add_file(store, path, NULL), 0);
    buffer_free(&lists);
    buffer_free(&der);
    buffer_free(&pem);
}

static void an_anchor_serves_only_what_it_is_trusted_for(void **state)
{
    enum { ANY = 0, SERVER = 1, CLIENT = 2 };
    static const struct {
        int trusted, rejected;
        const char *codes;
    } cases[] = {
        {SERVER, NOTHING, "ok"},
        {ANY, NOTHING, "ok"},
        {NOTHING, CLIENT, "ok"},
        {SERVER, CLIENT, "ok"},
        {NOTHING, NOTHING, "ok"},
        {CLIENT, NOTHING, "no_trust_anchor"},
        {SERVER, SERVER, "no_trust_anchor"},
        {NOTHING, SERVER, "no_trust_anchor"},
        {NOTHING, ANY, "no_trust_anchor"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pki_trust *store = pki_trust_none(NULL);
        struct pki_verification *verdict;
        add_trusted(store, root, cases[i].trusted, cases[i].rejected);
        verdict = judge(CHAIN(leaf, inter), store, cases[i].codes, "0 1 2");
        assert_int_equal(verdict->members[2].distrusted, !verdict->ok);
        assert_int_equal(verdict->members[2].anchor, verdict->ok);
        if (!verdict->ok) {
            assert_non_null(strstr(verdict->reasons[0].text, "does not trust it for TLS servers"));
            assert_non_null(strstr(verdict->reasons[0].here, "on this machine, forbid it"));
        }
        pki_verification_free(verdict);
        pki_trust_release(store);
    }
}

/* Neither the certificate that the store forbids nor its twin with another signature is a way. */
static void a_distrusted_intermediate_is_not_walked_over(void **state)
{
    struct cert *twin = cert_must((struct cert_options){
        .common_name = "CA", .ca = true, .issuer = root, .same_key_as = inter});
    struct cert *namesake =
        cert_must((struct cert_options){.common_name = "CA", .ca = true, .issuer = root});
    struct cert *under =
        cert_must((struct cert_options){.common_name = "under", .issuer = namesake});
    struct pki_trust *store = verdict_trust(CHAIN(root));
    struct pki_verification *verdict;

    (void)state;
    add_trusted(store, inter, NOTHING, 1);
    verdict = judge(CHAIN(leaf, inter), store, "no_trust_anchor", "0 1 2");
    assert_true(verdict->members[1].distrusted && verdict->members[2].anchor);
    assert_int_equal(verdict->reasons[0].certificate, 1);
    pki_verification_free(verdict);
    expect(CHAIN(leaf, twin), store, "no_trust_anchor", "0 1 2");
    /* Another CA of that name is another CA. What is forbidden is shown all the same. */
    verdict = judge(CHAIN(under, namesake), store, "ok", "0 1 2");
    assert_int_equal(verdict->certificate_count, 4);
    assert_true(verdict->members[3].distrusted && verdict->members[3].origin == PKI_STORE);
    pki_verification_free(verdict);
    pki_trust_release(store);
    cert_free(under);
    cert_free(namesake);
    cert_free(twin);
}

/* ---- this machine ---------------------------------------------------------------------- */

static void a_wrong_clock_is_said_to_be_one(void **state)
{
    int64_t now = clock_wall_ns() / 1000000000;
    struct {
        int64_t from, until;
        const char *here;
    } cases[] = {
        {now + 100 * CERT_DAY, now + 200 * CERT_DAY, "before any certificate of the path was made"},
        {now - 900 * CERT_DAY, now - 800 * CERT_DAY, "more than a year after every certificate"},
        {now - 9 * CERT_DAY, now - 2 * CERT_DAY, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cert *cert = cert_must((struct cert_options){
            .common_name = "it", .not_before = cases[i].from, .not_after = cases[i].until});
        struct pki_trust *anchors = verdict_trust(CHAIN(cert));
        struct pki_verification *verdict =
            verdict_ask((struct pki_request){.trust = anchors, .at = now}, CHAIN(cert));
        assert_non_null(verdict);
        assert_int_equal(verdict->reason_count, 1);
        assert_non_null(strstr(verdict->reasons[0].here, cases[i].here));
        assert_int_equal(verdict->reasons[0].here[0] == '\0', cases[i].here[0] == '\0');
        pki_verification_free(verdict);
        pki_trust_release(anchors);
        cert_free(cert);
    }
}

static void a_chosen_trust_store_is_named(void **state)
{
    struct cert *other = cert_must((struct cert_options){.common_name = "Other Root", .ca = true});
    char path[SCRATCH_PATH_MAX];
    struct pki_trust *store;
    struct pki_verification *verdict;

    (void)state;
    cert_write_scratch(path, "chosen.pem", CHAIN(other));
    assert_int_equal(setenv("SSL_CERT_FILE", path, 1), 0);
    store = pki_trust_system(NULL);
    assert_non_null(store);
    verdict = judge(CHAIN(leaf, inter, root), store, "no_trust_anchor", "0 1 2");
    assert_non_null(strstr(verdict->reasons[0].here, "SSL_CERT_FILE"));
    assert_non_null(strstr(verdict->reasons[0].here, "chosen.pem, 1 anchor."));
    pki_verification_free(verdict);
    assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
    pki_trust_release(store);
    cert_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_valid_intermediate_is_found_beside_an_expired_one),
        cmocka_unit_test(one_good_way_is_found_among_bad_ones),
        cmocka_unit_test(the_right_key_is_found_among_a_hundred_namesakes),
        cmocka_unit_test(a_wrong_key_identifier_is_tried_last_not_never),
        cmocka_unit_test(long_paths_are_found),
        cmocka_unit_test(a_root_with_a_new_key_is_reached_from_the_old_one),
        cmocka_unit_test(an_expired_root_is_passed_by_for_the_renewed_one),
        cmocka_unit_test(a_path_goes_on_beyond_an_anchor_that_does_not_serve),
        cmocka_unit_test(two_cas_that_certify_each_other_do_not_make_a_path),
        cmocka_unit_test(every_certificate_is_known_for_what_it_is),
        cmocka_unit_test(the_first_to_end_decides_how_long_it_lasts),
        cmocka_unit_test(given_certificates_fill_the_gaps),
        cmocka_unit_test(other_ways_are_shown_with_their_reasons),
        cmocka_unit_test(an_anchor_serves_only_what_it_is_trusted_for),
        cmocka_unit_test(a_distrusted_intermediate_is_not_walked_over),
        cmocka_unit_test(a_wrong_clock_is_said_to_be_one),
        cmocka_unit_test(a_chosen_trust_store_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
