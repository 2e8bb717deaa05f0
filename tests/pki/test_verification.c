/* Verdicts survive the session file exactly; what is no verdict is refused, memory or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "scarcity.h"
#include "verdict.h"

static struct cert *root, *leaf, *bad;
static struct pki_trust *trust, *others;

static int set_up(void **state)
{
    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Test Root", .ca = true});
    leaf = cert_make(&(struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = root});
    bad = cert_make(&(struct cert_options){.common_name = "b\x1b[2Jad\n\xe2\x80\xae\xe2\x80\xac",
                                           .issuer = root,
                                           .hash = GNUTLS_DIG_SHA1,
                                           .not_after = CERT_NOW - CERT_DAY});
    assert_true(root != NULL && leaf != NULL && bad != NULL);
    trust = verdict_trust(CHAIN(root));
    others = verdict_trust(CHAIN(leaf));
    assert_true(trust != NULL && others != NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pki_trust_release(others);
    pki_trust_release(trust);
    cert_free(bad);
    cert_free(leaf);
    cert_free(root);
    return 0;
}

static void assert_texts_equal(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void assert_same_reasons(const struct pki_reason *a, const struct pki_reason *b,
                                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a[i].code, b[i].code);
        assert_int_equal(a[i].certificate, b[i].certificate);
        assert_string_equal(a[i].text, b[i].text);
        assert_string_equal(a[i].mend, b[i].mend);
        assert_string_equal(a[i].field, b[i].field);
        assert_string_equal(a[i].found, b[i].found);
        assert_string_equal(a[i].required, b[i].required);
        assert_string_equal(a[i].reference, b[i].reference);
        assert_string_equal(a[i].here, b[i].here);
    }
}

static void assert_same_paths(const struct pki_verification *a, const struct pki_verification *b)
{
    assert_int_equal(a->path_length, b->path_length);
    assert_memory_equal(a->path, b->path, a->path_length * sizeof *a->path);
    assert_int_equal(a->reason_count, b->reason_count);
    assert_same_reasons(a->reasons, b->reasons, a->reason_count);
    assert_int_equal(a->alternative_count, b->alternative_count);
    for (size_t i = 0; i < a->alternative_count; i++) {
        const struct pki_path *x = &a->alternatives[i], *y = &b->alternatives[i];
        assert_int_equal(x->anchored, y->anchored);
        assert_int_equal(x->ok, y->ok);
        assert_int_equal(x->length, y->length);
        assert_memory_equal(x->certificates, y->certificates, x->length * sizeof *x->certificates);
        assert_int_equal(x->reason_count, y->reason_count);
        assert_same_reasons(x->reasons, y->reasons, x->reason_count);
    }
}

static void assert_same_members(const struct pki_verification *a, const struct pki_verification *b)
{
    for (size_t i = 0; i < a->certificate_count; i++) {
        const struct pki_member *x = &a->members[i], *y = &b->members[i];
        assert_int_equal(x->origin, y->origin);
        assert_int_equal(x->anchor, y->anchor);
        assert_int_equal(x->distrusted, y->distrusted);
        assert_int_equal(x->in_path, y->in_path);
        assert_int_equal(x->in_any, y->in_any);
        assert_int_equal(x->duplicate_of, y->duplicate_of);
        assert_int_equal(x->issuer, y->issuer);
    }
}

static void assert_same(const struct pki_verification *a, const struct pki_verification *b)
{
    assert_int_equal(a->strict, b->strict);
    assert_int_equal(a->misordered, b->misordered);
    assert_int_equal(a->paths_tried, b->paths_tried);
    assert_int_equal(a->expires, b->expires);
    assert_int_equal(a->expires_first, b->expires_first);
    assert_texts_equal(a->purpose, b->purpose);
    assert_texts_equal(a->gave_up, b->gave_up);
    assert_int_equal(a->gnutls_performed, b->gnutls_performed);
    assert_int_equal(a->gnutls_ok, b->gnutls_ok);
    assert_texts_equal(a->gnutls_text, b->gnutls_text);
    assert_texts_equal(a->difference, b->difference);
    assert_int_equal(a->revocation_count, b->revocation_count);
    assert_int_equal(a->sct_count, b->sct_count);
    for (size_t i = 0; i < a->sct_count; i++) {
        assert_int_equal(a->scts[i].source, b->scts[i].source);
        assert_memory_equal(a->scts[i].log_id, b->scts[i].log_id, 32);
        assert_int_equal(a->scts[i].timestamp_ms, b->scts[i].timestamp_ms);
        assert_ptr_equal(a->scts[i].log, b->scts[i].log);
        assert_ptr_equal(a->scts[i].algorithm, b->scts[i].algorithm);
    }
    assert_int_equal(a->performed, b->performed);
    assert_int_equal(a->ok, b->ok);
    assert_int_equal(a->hostname_checked, b->hostname_checked);
    assert_int_equal(a->hostname_ok, b->hostname_ok);
    assert_int_equal(a->anchored, b->anchored);
    assert_int_equal(a->at, b->at);
    assert_int_equal(a->anchors, b->anchors);
    assert_int_equal(a->sent_count, b->sent_count);
    assert_texts_equal(a->trust, b->trust);
    assert_texts_equal(a->name, b->name);
    assert_int_equal(a->certificate_count, b->certificate_count);
    for (size_t i = 0; i < a->certificate_count; i++) {
        assert_int_equal(a->certificates[i].length, b->certificates[i].length);
        assert_memory_equal(a->certificates[i].data, b->certificates[i].data,
                            a->certificates[i].length);
    }
    assert_same_members(a, b);
    assert_same_paths(a, b);
}

/* Through the text of the file and back. */
static void round_trip(const struct pki_verification *verdict)
{
    json_t *json = pki_verification_encode(verdict);
    char *text;
    struct pki_verification *again;
    struct err err;

    assert_non_null(json);
    text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    json_decref(json);
    json = json_loads(text, 0, NULL);
    assert_non_null(json);
    again = pki_verification_decode(json, &err);
    assert_non_null(again);
    assert_same(verdict, again);
    pki_verification_free(again);
    json_decref(json);
    free(text);
}

static void verdicts_come_back_exactly(void **state)
{
    struct cert empty = {.der = (uint8_t *)(uintptr_t) "", .length = 0};
    struct {
        const struct cert *const *chain;
        const char *hostname;
    } cases[] = {
        {CHAIN(leaf), "example.org"},    {CHAIN(leaf, root), NULL},
        {CHAIN(leaf), "bücher.example"}, {CHAIN(bad, leaf), "x\x1b[2J\xff"},
        {CHAIN(&empty), "192.0.2.1"},    {CHAIN(NULL), NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pki_verification *verdict = verdict_of(cases[i].chain, trust, cases[i].hostname);
        assert_non_null(verdict);
        round_trip(verdict);
        pki_verification_free(verdict);
    }
}

/* Alternatives, duplicates, GnuTLS's words, a timestamp of a log that is known and the word of an OCSP response. */
static void all_that_is_known_comes_back(void **state)
{
    static const uint8_t timestamps[] = {
        0x00, 0x34, 0x00, 0x32, 0x00, 1,    2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
        14,   15,   16,   17,   18,   19,   20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32,   0,    0,    0,    0,    0x5e, 0,  0,  0,  0,  0,  4,  3,  0,  3,  1,  2,  3};
    struct cert *old = cert_make(&(struct cert_options){
        .common_name = "Test Root", .ca = true, .same_key_as = root, .not_after = CERT_NOW - 1});
    struct pki_trust *both = verdict_trust(CHAIN(old, root));
    struct pki_request request = {.trust = both,
                                  .hostname = "example.com",
                                  .at = CERT_NOW,
                                  .scts = {timestamps, sizeof timestamps},
                                  .gnutls = true};
    struct pki_verification *verdict = verdict_ask(request, CHAIN(leaf, old, old));

    (void)state;
    assert_non_null(verdict);
    assert_true(verdict->gnutls_performed && verdict->alternative_count > 0);
    assert_int_equal(verdict->sct_count, 1);
    assert_int_equal(verdict->members[2].duplicate_of, 1);
    verdict->revocations = calloc(1, sizeof *verdict->revocations);
    assert_non_null(verdict->revocations);
    verdict->revocations[0] = (struct pki_revocation){.certificate = 0,
                                                      .status = PKI_STATUS_GOOD,
                                                      .source = text_duplicate("ocsp.der", 8),
                                                      .text = text_duplicate("good", 4),
                                                      .this_update = CERT_NOW};
    verdict->revocation_count = 1;
    verdict->difference =
        verdict->difference != NULL ? verdict->difference : text_duplicate("they differ", 11);
    verdict->gave_up = text_duplicate("given up", 8);
    round_trip(verdict);
    pki_verification_free(verdict);
    pki_trust_release(both);
    cert_free(old);
}

/* Sessions that were saved before there were members and alternatives. */
static void an_older_file_is_read(void **state)
{
    static const char *const newer[] = {"members", "alternatives", "revocations", "scts",
                                        "gnutls",  "strict",       "misordered",  "expires",
                                        "purpose", "gave_up",      "paths_tried", "expires_first"};
    struct pki_verification *verdict = verdict_of(CHAIN(leaf), trust, "example.org"), *again;
    json_t *json;

    (void)state;
    assert_non_null(verdict);
    json = pki_verification_encode(verdict);
    for (size_t i = 0; i < sizeof newer / sizeof newer[0]; i++) {
        assert_int_equal(json_object_del(json, newer[i]), 0);
    }
    again = pki_verification_decode(json, NULL);
    assert_non_null(again);
    assert_same_paths(verdict, again);
    assert_int_equal(again->members[0].origin, PKI_SENT);
    assert_int_equal(again->members[1].origin, PKI_STORE);
    assert_true(again->members[1].in_path);
    assert_int_equal(again->expires_first, -1);
    assert_string_equal(again->purpose, "server");
    pki_verification_free(again);
    pki_verification_free(verdict);
    json_decref(json);
}

static void a_verdict_that_was_not_asked_for_comes_back_too(void **state)
{
    struct pki_verification none = {.at = CERT_NOW};
    json_t *json = pki_verification_encode(&none);
    struct pki_verification *again = pki_verification_decode(json, NULL);

    (void)state;
    assert_non_null(again);
    assert_false(again->performed);
    assert_int_equal(again->at, CERT_NOW);
    assert_string_equal(again->trust, "none");
    pki_verification_free(again);
    json_decref(json);
}

/* ---- hostile files --------------------------------------------------------------------- */

static json_t *good_json(void)
{
    struct pki_verification *verdict = verdict_of(CHAIN(bad), trust, "example.org");
    json_t *json;

    assert_non_null(verdict);
    json = pki_verification_encode(verdict);
    assert_non_null(json);
    pki_verification_free(verdict);
    return json;
}

static void each_member_must_be_what_it_should(void **state)
{
    static const char *const members[] = {
        "performed", "ok",   "hostname_checked", "hostname_ok", "anchored", "at", "trust",
        "anchors",   "sent", "certificates",     "path",        "reasons"};
    static const char *const values[] = {"{}",      "-1.5",          "\"?\"",      "[7]",
                                         "[[]]",    "[{}]",          "[-1]",       "[\"?\"]",
                                         "[\"A\"]", "\"a\\u0000b\"", "99999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_t *json = good_json();
        struct pki_verification *verdict = pki_verification_decode(json, NULL);
        struct err err = {0};
        assert_non_null(verdict);
        pki_verification_free(verdict);
        assert_int_equal(json_object_del(json, members[i]), 0);
        assert_null(pki_verification_decode(json, &err));
        assert_string_equal(err.code, "not_a_verification");
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            json_t *value = json_loads(values[j], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
            assert_non_null(value);
            assert_int_equal(json_object_set_new(json, members[i], value), 0);
            verdict = pki_verification_decode(json, &err); /* whatever it says: no harm */
            pki_verification_free(verdict);
        }
        json_decref(json);
    }
    assert_null(pki_verification_decode(NULL, NULL));
}

static void indices_stay_within_the_certificates(void **state)
{
    json_t *json = good_json();
    json_t *reason = json_array_get(json_object_get(json, "reasons"), 0);

    (void)state;
    assert_int_equal(json_object_set_new(reason, "certificate", json_integer(2)), 0);
    assert_null(pki_verification_decode(json, NULL));
    assert_int_equal(json_object_set_new(reason, "certificate", json_integer(-2)), 0);
    assert_null(pki_verification_decode(json, NULL));
    assert_int_equal(json_object_set_new(reason, "certificate", json_integer(1)), 0);
    assert_int_equal(json_object_set_new(json, "sent", json_integer(3)), 0);
    assert_null(pki_verification_decode(json, NULL));
    assert_int_equal(json_object_set_new(json, "sent", json_integer(1)), 0);
    assert_int_equal(json_array_set_new(json_object_get(json, "path"), 0, json_integer(2)), 0);
    assert_null(pki_verification_decode(json, NULL));
    json_decref(json);
}

static void texts_are_made_safe_again(void **state)
{
    json_t *json = good_json();
    json_t *reason = json_array_get(json_object_get(json, "reasons"), 0);
    struct pki_verification *verdict;

    (void)state;
    assert_int_equal(json_object_set_new(reason, "text", json_string("\x1b[2J")), 0);
    assert_int_equal(json_object_set_new(json, "trust", json_string("a\nb")), 0);
    verdict = pki_verification_decode(json, NULL);
    assert_non_null(verdict);
    assert_string_equal(verdict->reasons[0].text, "\\x1b[2J");
    assert_string_equal(verdict->trust, "a\\nb");
    pki_verification_free(verdict);
    json_decref(json);
}

/* ---- memory ---------------------------------------------------------------------------- */

/* Fails each allocation in turn until the work goes through without a failure. */
static void with_scarce_memory(bool (*work)(void))
{
    bool refused = true;

    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    for (unsigned long count = 0; refused; count++) {
        bool done;
        scarcity_begin(count);
        done = work();
        refused = scarcity_end();
        assert_true(done || refused);
        assert_true(count < 100000);
    }
}

/* Without an issuer there is no signature to check: libtasn1, which reads keys for GnuTLS, does not
 * live through this itself. */
static bool judge_and_write(void)
{
    struct pki_verification *verdict = verdict_of(CHAIN(bad, leaf), others, "example.org");
    struct pki_verification *again = NULL;
    json_t *json = NULL;
    bool done;

    if (verdict != NULL) {
        json = pki_verification_encode(verdict);
    }
    if (json != NULL) {
        again = pki_verification_decode(json, NULL);
    }
    done = again != NULL;
    pki_verification_free(again);
    json_decref(json);
    pki_verification_free(verdict);
    return done;
}

static void judging_survives_any_failed_allocation(void **state)
{
    (void)state;
    with_scarce_memory(judge_and_write);
}

static bool fill_a_store(void)
{
    struct err err = {0};
    struct pki_trust *store = pki_trust_none(&err);
    bool done = store != NULL && pki_trust_add_der(store, root->der, root->length, &err) == 0 &&
                pki_trust_add_der(store, leaf->der, leaf->length, &err) == 0;

    pki_trust_release(store);
    assert_true(done || err.class == ERR_MEMORY);
    return done;
}

static void filling_a_store_survives_any_failed_allocation(void **state)
{
    (void)state;
    with_scarce_memory(fill_a_store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_come_back_exactly),
        cmocka_unit_test(all_that_is_known_comes_back),
        cmocka_unit_test(an_older_file_is_read),
        cmocka_unit_test(a_verdict_that_was_not_asked_for_comes_back_too),
        cmocka_unit_test(each_member_must_be_what_it_should),
        cmocka_unit_test(indices_stay_within_the_certificates),
        cmocka_unit_test(texts_are_made_safe_again),
        cmocka_unit_test(judging_survives_any_failed_allocation),
        cmocka_unit_test(filling_a_store_survives_any_failed_allocation),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
