/* Graphs of certificates made by chance and by malice: what is accepted is right, and the search ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <inttypes.h>

#include "command.h"
#include "scratch.h"
#include "verdict.h"

/* Numbers that are the same in every run (xorshift, Marsaglia 2003). */
static uint32_t chance_state;

static uint32_t chance(uint32_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 17;
    chance_state ^= chance_state << 5;
    return chance_state % below;
}

/* ---- OpenSSL is asked about our paths -------------------------------------------------- */

enum { KEYS = 5, CERTS = 14 };

/* CAs of few names and keys that certify one another, some ended, some no CA, some of a limited path length. */
static struct cert *random_ca(struct cert *const *heads)
{
    static const char limited[] = "\x30\x06\x01\x01\xff\x02\x01\x00";
    const struct cert *key = heads[chance(KEYS)];
    const struct cert *issuer = heads[chance(KEYS)];
    static const char *const names[] = {"CA 0", "CA 1", "CA 2", "CA 3", "CA 4"};
    struct cert_options options = {.ca = chance(8) != 0,
                                   .same_key_as = key,
                                   .issuer = issuer,
                                   .without_key_ids = chance(2) == 0,
                                   .not_after = chance(6) == 0 ? CERT_NOW - 1 : 0,
                                   .break_signature = chance(10) == 0};

    for (size_t i = 0; i < KEYS; i++) {
        options.common_name = heads[i] == key ? names[i] : options.common_name;
    }
    if (options.ca && chance(4) == 0) {
        options.extension = "2.5.29.19";
        options.extension_value = limited;
        options.extension_length = sizeof limited - 1;
    }
    return cert_make(&options);
}

/* The path alone, without what would make OpenSSL take another way and never come back. */
static bool openssl_accepts(const struct pki_verification *verdict)
{
    struct buffer output = {0}, pem[3] = {{0}, {0}, {0}}; /* leaf, between, anchor */
    char paths[3][SCRATCH_PATH_MAX];
    static const char *const names[] = {"leaf.pem", "between.pem", "anchor.pem"};
    int status;

    for (size_t i = 0; i < verdict->path_length; i++) {
        size_t file = i == 0 ? 0 : (i + 1 < verdict->path_length ? 1 : 2);
        pki_pem_append(&pem[file], verdict->certificates[verdict->path[i]], "CERTIFICATE");
    }
    for (size_t i = 0; i < 3; i++) {
        (void)scratch_write(paths[i], names[i], pem[i].data, pem[i].length);
    }
    status = command_run(&output,
                         "openssl verify -attime %" PRId64 " -purpose sslserver -auth_level 2 "
                         "-partial_chain -no-CApath -CAfile %s %s %s %s",
                         CERT_NOW, paths[2], pem[1].length > 0 ? "-untrusted" : "",
                         pem[1].length > 0 ? paths[1] : "", paths[0]);
    if (status != 0) {
        print_error("%s\n", buffer_string(&output));
    }
    for (size_t i = 0; i < 3; i++) {
        buffer_free(&pem[i]);
    }
    buffer_free(&output);
    return status == 0;
}

static void what_is_accepted_openssl_accepts_too(void **state)
{
    enum { GRAPHS = 60 };
    static const char *const names[] = {"CA 0", "CA 1", "CA 2", "CA 3", "CA 4"};
    struct cert *heads[KEYS];
    size_t accepted = 0, refused = 0;

    (void)state;
    command_need("openssl");
    chance_state = 2463534242u;
    for (size_t i = 0; i < KEYS; i++) {
        heads[i] = cert_make(&(struct cert_options){.common_name = names[i], .ca = true});
        assert_non_null(heads[i]);
    }
    for (size_t graph = 0; graph < GRAPHS; graph++) {
        struct cert *certs[CERTS];
        const struct cert *chain[CERTS + 1] = {0};
        struct pki_trust *trust = verdict_trust(CHAIN(heads[chance(2)]));
        struct pki_verification *verdict;
        certs[0] = cert_make(
            &(struct cert_options){.common_name = "leaf", .issuer = heads[1 + chance(KEYS - 1)]});
        for (size_t i = 1; i < CERTS; i++) {
            certs[i] = random_ca(heads);
        }
        for (size_t i = 0; i < CERTS; i++) {
            assert_non_null(certs[i]);
            chain[i] = certs[i];
        }
        verdict = verdict_of(chain, trust, NULL);
        assert_non_null(verdict);
        assert_null(verdict->gave_up);
        if (verdict->ok && verdict->path_length > 1) {
            accepted++;
            assert_true(openssl_accepts(verdict));
        } else {
            refused++;
        }
        pki_verification_free(verdict);
        pki_trust_release(trust);
        for (size_t i = 0; i < CERTS; i++) {
            cert_free(certs[i]);
        }
    }
    print_message("%zu graphs have a path that OpenSSL accepts, %zu have none\n", accepted,
                  refused);
    assert_true(accepted > 10 && refused > 10);
    for (size_t i = 0; i < KEYS; i++) {
        cert_free(heads[i]);
    }
}

/* ---- ten thousand ---------------------------------------------------------------------- */

enum { MANY = 10000, REAL = 1000, RINGS = 40 };

/* A bundle in which everybody of a few names seems to have certified everybody else: some really have; of the others, which are
 * copies with another serial number, only the signatures tell that they have not. */
struct bundle {
    struct pki_slice chain[MANY + 1];
    struct cert *certs[REAL];
    struct cert *heads[RINGS];
    struct buffer copies;
};

static void append_copy(struct bundle *bundle, size_t index)
{
    const struct cert *cert = bundle->certs[index % REAL];
    size_t at = bundle->copies.length;

    buffer_append(&bundle->copies, cert->der, cert->length);
    assert_false(bundle->copies.failed);
    for (size_t i = 0; i < 4; i++) { /* within the signature */
        bundle->copies.data[at + cert->length - 5 - i] ^= (uint8_t)(index >> (i * 8));
    }
    bundle->chain[index + 1].length = cert->length;
}

static void fill(struct bundle *bundle, size_t names)
{
    char name[20];

    chance_state = 88675123u;
    for (size_t i = 0; i < RINGS; i++) {
        (void)snprintf(name, sizeof name, "CA %zu", i % names);
        bundle->heads[i] = cert_make(
            &(struct cert_options){.common_name = name, .ca = true, .without_key_ids = true});
        assert_non_null(bundle->heads[i]);
    }
    for (size_t i = 0; i < REAL; i++) {
        size_t head = chance(RINGS);
        (void)snprintf(name, sizeof name, "CA %zu", head % names);
        bundle->certs[i] =
            cert_make(&(struct cert_options){.common_name = name,
                                             .ca = true,
                                             .without_key_ids = true,
                                             .same_key_as = bundle->heads[head],
                                             .issuer = bundle->heads[chance(RINGS)]});
        assert_non_null(bundle->certs[i]);
        bundle->chain[i + 1] = (struct pki_slice){bundle->certs[i]->der, bundle->certs[i]->length};
    }
    for (size_t i = REAL; i < MANY; i++) {
        append_copy(bundle, i);
    }
    for (size_t i = REAL, offset = 0; i < MANY; i++) {
        bundle->chain[i + 1].data = bundle->copies.data + offset;
        offset += bundle->chain[i + 1].length;
    }
}

static void empty(struct bundle *bundle)
{
    for (size_t i = 0; i < REAL; i++) {
        cert_free(bundle->certs[i]);
    }
    for (size_t i = 0; i < RINGS; i++) {
        cert_free(bundle->heads[i]);
    }
    buffer_free(&bundle->copies);
}

/* A second on a machine of its own; sanitizers and neighbours get more. */
#define TIME_MAX (4 * INT64_C(1000000000))

static struct pki_verification *judge_bundle(struct bundle *bundle, struct pki_trust *trust)
{
    struct pki_request request = {.chain = bundle->chain,
                                  .chain_length = MANY + 1,
                                  .trust = trust,
                                  .at = CERT_NOW,
                                  .gnutls = true};
    int64_t began = clock_monotonic_ns();
    struct pki_verification *verdict = pki_verify(&request, NULL);

    began = clock_monotonic_ns() - began;
    assert_non_null(verdict);
    print_message("%" PRId64 " ms, %zu paths: %s\n", began / 1000000, verdict->paths_tried,
                  verdict->gave_up != NULL ? verdict->gave_up : "searched to the end");
    assert_true(began < TIME_MAX);
    return verdict;
}

static void ten_thousand_that_certify_each_other_are_given_up(void **state)
{
    static const size_t names[] = {1, 10};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct bundle *bundle = calloc(1, sizeof *bundle);
        struct cert *root, *end;
        struct pki_trust *unknown, *known;
        struct pki_verification *verdict;
        assert_non_null(bundle);
        fill(bundle, names[i]);
        root = cert_make(&(struct cert_options){.common_name = "CA 0", .ca = true});
        end = cert_make(&(struct cert_options){
            .common_name = "leaf", .issuer = bundle->heads[1], .without_key_ids = true});
        assert_non_null(root);
        assert_non_null(end);
        bundle->chain[0] = (struct pki_slice){end->der, end->length};
        unknown = verdict_trust(CHAIN(root));
        known = verdict_trust(CHAIN(bundle->heads[1]));

        verdict = judge_bundle(bundle, unknown);
        assert_false(verdict->ok);
        assert_non_null(verdict->gave_up);
        assert_non_null(strstr(verdict->gave_up, "given up"));
        pki_verification_free(verdict);

        /* And who has an anchor near by finds it in the crowd. */
        verdict = judge_bundle(bundle, known);
        assert_true(verdict->ok);
        assert_null(verdict->gave_up);
        assert_int_equal(verdict->path_length, 2);
        pki_verification_free(verdict);
        pki_trust_release(unknown);
        pki_trust_release(known);
        cert_free(end);
        cert_free(root);
        empty(bundle);
        free(bundle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_accepted_openssl_accepts_too),
        cmocka_unit_test(ten_thousand_that_certify_each_other_are_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
