/*
 * --groups and --sigalgs: what they put into the ClientHello, read from the priority string by GnuTLS itself, and
 * the names that are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "priority.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct tls_options make(const char *groups, const char *sigalgs)
{
    struct tls_options options;

    tls_options_init(&options);
    options.groups = (char *)(uintptr_t)groups;
    options.sigalgs = (char *)(uintptr_t)sigalgs;
    return options;
}

static void groups_are_offered_in_their_order(void **state)
{
    struct tls_options options = make("x25519,secp384r1,SECP256R1,ffdhe2048", NULL);
    static const int expected[] = {GNUTLS_GROUP_X25519, GNUTLS_GROUP_SECP384R1,
                                   GNUTLS_GROUP_SECP256R1, GNUTLS_GROUP_FFDHE2048};
    char *string = tls_priority_build(&options, NULL);
    gnutls_priority_t priority;
    const unsigned *list;
    (void)state;

    assert_non_null(string);
    assert_int_equal(gnutls_priority_init(&priority, string, NULL), 0);
    free(string);
    assert_int_equal(gnutls_priority_group_list(priority, &list), COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(list[i], expected[i]);
    }
    gnutls_priority_deinit(priority);
}

static void they_are_folded_in_beside_a_priority_string_and_versions(void **state)
{
    struct tls_options options = make("secp521r1", "ed25519");
    char priority[] = "SECURE128", min[] = "1.3";
    char *string;
    (void)state;

    options.priority = priority;
    options.tls_min = min;
    string = tls_priority_build(&options, NULL);
    assert_string_equal(string, "SECURE128:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP521R1:"
                                "-SIGN-ALL:+SIGN-EdDSA-Ed25519");
    free(string);
}

/* RFC 8446 4.2.3: what GnuTLS says of the names it was given. */
static void a_scheme_is_every_signature_of_its_number(void **state)
{
    struct tls_options options = make(NULL, "ecdsa_secp256r1_sha256,rsa_pss_rsae_sha384");
    char *string = tls_priority_build(&options, NULL);
    static const gnutls_sign_algorithm_t expected[] = {GNUTLS_SIGN_ECDSA_SECP256R1_SHA256,
                                                       GNUTLS_SIGN_ECDSA_SHA256,
                                                       GNUTLS_SIGN_RSA_PSS_RSAE_SHA384};
    gnutls_priority_t priority;
    const unsigned *list;
    (void)state;

    assert_non_null(string);
    assert_int_equal(gnutls_priority_init(&priority, string, NULL), 0);
    free(string);
    assert_int_equal(gnutls_priority_sign_list(priority, &list), COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(list[i], expected[i]);
    }
    gnutls_priority_deinit(priority);
}

static void what_gnutls_cannot_do_is_refused_with_what_it_can(void **state)
{
    static const struct {
        const char *groups, *sigalgs;
        const char *says, *offers;
    } cases[] = {
        {"x25518", NULL, "--groups: GnuTLS has no group \"x25518\"", "secp256r1"},
        {"x25519,", NULL, "--groups: GnuTLS has no group \"\"", "x25519"},
        {"brainpoolP256r1", NULL, "\"brainpoolP256r1\"", "ffdhe8192"},
        {NULL, "ecdsa_sha256", "--sigalgs: GnuTLS has no signature scheme \"ecdsa_sha256\"",
         "ecdsa_secp256r1_sha256"},
        {NULL, "ed25519,SIGN-ALL", "\"SIGN-ALL\"", "rsa_pss_rsae_sha256"},
        {"x25519:+VERS-TLS1.0", NULL, "\"x25519:+VERS-TLS1.0\"", "x448"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_options options = make(cases[i].groups, cases[i].sigalgs);
        struct err err = {0};

        assert_int_equal(tls_options_check(&options, &err), -1);
        assert_int_equal(err.class, ERR_USAGE);
        assert_non_null(strstr(err.text, cases[i].says));
        assert_non_null(strstr(err.text, cases[i].offers));
    }
}

static void a_name_of_any_length_is_refused(void **state)
{
    char *name = calloc(1, 100001);
    struct tls_options options = make(name, NULL);
    struct err err = {0};
    (void)state;

    assert_non_null(name);
    memset(name, 'x', 100000);
    assert_int_equal(tls_options_check(&options, &err), -1);
    assert_string_equal(err.code, "bad_option");
    free(name);
}

/* Every name that the refusal lists can be given: IANA's registry knows it, and GnuTLS. */
static void every_name_that_is_listed_works(void **state)
{
    static const struct {
        const char *option;
        enum wire_registry registry;
    } cases[] = {{"groups", WIRE_REGISTRY_GROUP}, {"sigalgs", WIRE_REGISTRY_SIGNATURE_SCHEME}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        bool groups = i == 0;
        struct tls_options options = make(groups ? "?" : NULL, groups ? NULL : "?");
        struct err err = {0};
        char *name, *rest;
        size_t count = 0;

        assert_int_equal(tls_options_check(&options, &err), -1);
        name = strstr(err.text, "it has ");
        assert_non_null(name);
        for (name = strtok_r(name + 7, ", ", &rest); name != NULL;
             name = strtok_r(NULL, ", ", &rest)) {
            struct tls_options one = make(groups ? name : NULL, groups ? NULL : name);
            struct err why = {0};

            assert_true(wire_registry_value(cases[i].registry, name) >= 0);
            if (tls_options_check(&one, &why) != 0) {
                fail_msg("%s: %s", name, why.text);
            }
            count++;
        }
        assert_true(count >= 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_offered_in_their_order),
        cmocka_unit_test(they_are_folded_in_beside_a_priority_string_and_versions),
        cmocka_unit_test(a_scheme_is_every_signature_of_its_number),
        cmocka_unit_test(what_gnutls_cannot_do_is_refused_with_what_it_can),
        cmocka_unit_test(a_name_of_any_length_is_refused),
        cmocka_unit_test(every_name_that_is_listed_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
