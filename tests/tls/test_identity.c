/*
 * What a side shows: the right certificate for the name and for what the client can check, in the
 * order given, and files that are read as people have them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "certs.h"
#include "command.h"
#include "shown.h"
#include "tlstep/tls.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define ECDSA_ONLY "NORMAL:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"
#define RSA_ONLY   "NORMAL:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256"

static struct {
    struct cert *root, *middle, *a, *b, *rsa;
} made;

static int set_up(void **state)
{
    (void)state;
    made.root = cert_must((struct cert_options){.common_name = "root", .ca = true});
    made.middle =
        cert_must((struct cert_options){.common_name = "middle", .ca = true, .issuer = made.root});
    made.a = cert_must((struct cert_options){
        .common_name = "a", .names = NAMES("DNS:a.example"), .issuer = made.middle});
    made.b = cert_must((struct cert_options){.common_name = "b",
                                             .names = NAMES("DNS:b.example", "DNS:*.c.example"),
                                             .issuer = made.middle});
    made.rsa = cert_must((struct cert_options){.common_name = "rsa",
                                               .names = NAMES("DNS:a.example"),
                                               .issuer = made.middle,
                                               .key = CERT_RSA});
    return 0;
}

static int tear_down(void **state)
{
    struct cert *all[] = {made.a, made.b, made.rsa, made.middle, made.root};
    (void)state;

    for (size_t i = 0; i < COUNT(all); i++) {
        cert_free(all[i]);
    }
    return 0;
}

static struct pki_slice slice(const struct cert *cert)
{
    return (struct pki_slice){cert->der, cert->length};
}

/* DER; gnutls_free(). */
static gnutls_datum_t key_of(const struct cert *cert)
{
    gnutls_datum_t der;

    assert_int_equal(gnutls_x509_privkey_export2_pkcs8(cert->key, GNUTLS_X509_FMT_DER, NULL,
                                                       GNUTLS_PKCS_PLAIN, &der),
                     0);
    return der;
}

/* Leaves with their keys, each with the root and the CA behind it: in that order, which is no chain's. */
static struct tls_identity *identity_of(const struct cert *const *leaves, struct err *err)
{
    struct tls_identity_part parts[3] = {0};
    struct pki_slice chains[3][3];
    gnutls_datum_t keys[3];
    struct tls_identity *identity;
    size_t count = 0;

    for (; leaves[count] != NULL; count++) {
        chains[count][0] = slice(leaves[count]);
        chains[count][1] = slice(made.root);
        chains[count][2] = slice(made.middle);
        keys[count] = key_of(leaves[count]);
        parts[count] = (struct tls_identity_part){
            .chain = chains[count],
            .chain_length = 3,
            .key = {keys[count].data, keys[count].size},
        };
    }
    identity = tls_identity_new(parts, count, err);
    for (size_t i = 0; i < count; i++) {
        gnutls_free(keys[i].data);
    }
    return identity;
}

/* GnuTLS gives the function nothing but the session. */
static const struct tls_identity *choosing;

static int choose(gnutls_session_t session)
{
    return tls_identity_choose(choosing, session);
}

static void assert_shows(const struct tls_identity *identity, const char *name,
                         const char *priority, const struct cert *expected)
{
    struct shown shown;

    choosing = identity;
    assert_int_equal(shown_get(&shown, tls_identity_credentials(identity), choose, name, priority),
                     0);
    if (shown.leaf.length != expected->length ||
        memcmp(shown.leaf.data, expected->der, expected->length) != 0) {
        fail_msg("another certificate than expected for %s with %s", name != NULL ? name : "nobody",
                 priority != NULL ? priority : "NORMAL");
    }
    shown_free(&shown);
}

static void name_and_kind_of_key_choose_the_certificate(void **state)
{
    struct tls_identity *identity = identity_of(CHAIN(made.a, made.b, made.rsa), NULL);
    (void)state;

    assert_non_null(identity);
    assert_shows(identity, "a.example", ECDSA_ONLY, made.a);
    assert_shows(identity, "a.example", RSA_ONLY, made.rsa);
    assert_shows(identity, "b.example", NULL, made.b);
    assert_shows(identity, "any.c.example", NULL, made.b);
    assert_shows(identity, "ANY.c.Example", NULL, made.b);
    assert_shows(identity, "no.label.c.example", NULL, made.a);
    assert_shows(identity, ".c.example", NULL, made.a);
    assert_shows(identity, "c.example", NULL, made.a);
    assert_shows(identity, NULL, NULL, made.a);
    assert_shows(identity, "unknown.example", NULL, made.a);
    assert_int_equal(tls_identity_leaf(identity).length, made.a->length);
    assert_memory_equal(tls_identity_leaf(identity).data, made.a->der, made.a->length);
    tls_identity_release(identity);
}

static void a_chain_is_sent_in_the_order_given(void **state)
{
    struct tls_identity *identity = identity_of(CHAIN(made.a), NULL);
    struct buffer expected = {0};
    struct shown shown;
    (void)state;

    assert_non_null(identity);
    assert_int_equal(shown_get(&shown, tls_identity_credentials(identity), NULL, NULL, NULL), 0);
    cert_append_pem(&expected, made.a);
    cert_append_pem(&expected, made.root);
    cert_append_pem(&expected, made.middle);
    assert_string_equal(buffer_string(&shown.chain), buffer_string(&expected));
    buffer_free(&expected);
    shown_free(&shown);
    tls_identity_release(identity);
}

static void the_last_who_holds_it_frees_it(void **state)
{
    struct tls_identity *identity = identity_of(CHAIN(made.a), NULL);
    (void)state;

    assert_ptr_equal(tls_identity_hold(identity), identity);
    tls_identity_release(identity);
    assert_shows(identity, NULL, NULL, made.a);
    tls_identity_release(identity);
    tls_identity_release(NULL);
}

static void what_is_no_identity_is_refused(void **state)
{
    static const uint8_t garbage[] = {0x30, 0x82, 0xff, 0xff, 1, 2, 3};
    const struct pki_slice bad = {garbage, sizeof garbage}, good = slice(made.a);
    gnutls_datum_t own = key_of(made.a), other = key_of(made.b);
    const struct pki_slice own_key = {own.data, own.size}, other_key = {other.data, other.size};
    const struct tls_identity_part cases[] = {
        {.chain = &good, .chain_length = 1, .key = other_key},
        {.chain = &good, .chain_length = 1, .key = bad},
        {.chain = &good, .chain_length = 1},
        {.chain = &bad, .chain_length = 1, .key = own_key},
        {.chain = &good, .chain_length = 0, .key = own_key},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        if (tls_identity_new(&cases[i], 1, &err) != NULL) {
            fail_msg("case %zu is taken", i);
        }
        assert_int_equal(err.class, ERR_TLS);
        assert_string_equal(err.code, "bad_identity");
    }
    assert_null(tls_identity_new(cases, 0, NULL));
    gnutls_free(own.data);
    gnutls_free(other.data);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void write_der(char path[SCRATCH_PATH_MAX], const char *name, const struct cert *cert)
{
    (void)scratch_write(path, name, cert->der, cert->length);
}

static void files_are_read_as_people_have_them(void **state)
{
    char chain[SCRATCH_PATH_MAX], leaf_der[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX];
    char key_der[SCRATCH_PATH_MAX], sec1[SCRATCH_PATH_MAX], both[SCRATCH_PATH_MAX];
    const struct {
        const char *cert, *key;
    } cases[] = {{chain, key}, {chain, key_der}, {leaf_der, key}, {chain, sec1}, {both, NULL}};
    struct buffer out = {0};
    (void)state;

    command_need("openssl");
    (void)cert_write_scratch(chain, "chain.pem", CHAIN(made.a, made.middle));
    write_der(leaf_der, "leaf.der", made.a);
    assert_int_equal(cert_write_key(scratch_path(key, "key.pem"), made.a), 0);
    (void)scratch_path(key_der, "key.der");
    (void)scratch_path(sec1, "sec1.pem");
    (void)scratch_path(both, "both.pem");
    assert_int_equal(command_run(&out,
                                 "openssl pkey -in %s -outform DER -out %s && "
                                 "openssl ec -in %s -out %s && cat %s %s > %s",
                                 key, key_der, key, sec1, sec1, chain, both),
                     0);
    buffer_free(&out);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        struct tls_identity *identity = tls_identity_load(cases[i].cert, cases[i].key, &err);
        if (identity == NULL) {
            fail_msg("case %zu: %s", i, err.text);
        }
        assert_shows(identity, "a.example", NULL, made.a);
        tls_identity_release(identity);
    }
}

static void what_is_wrong_with_a_file_is_said(void **state)
{
    char chain[SCRATCH_PATH_MAX], key[SCRATCH_PATH_MAX], other[SCRATCH_PATH_MAX];
    char encrypted[SCRATCH_PATH_MAX], garbage[SCRATCH_PATH_MAX], missing[SCRATCH_PATH_MAX];
    const struct {
        const char *cert, *key, *says, *names;
    } cases[] = {
        {chain, other, "--cert", "not that of its first certificate"},
        {chain, NULL, "--cert", "--key names the file"},
        {chain, garbage, "--key", "no private key"},
        {chain, encrypted, "--key", "encrypted"},
        {chain, missing, "--key", "No such file"},
        {missing, key, "--cert", "No such file"},
        {garbage, key, "--cert", "certificate"},
        {key, key, "--cert", "certificate"},
    };
    struct buffer out = {0};
    (void)state;

    command_need("openssl");
    (void)cert_write_scratch(chain, "wrong-chain.pem", CHAIN(made.a, made.middle));
    assert_int_equal(cert_write_key(scratch_path(key, "wrong-key.pem"), made.a), 0);
    assert_int_equal(cert_write_key(scratch_path(other, "other-key.pem"), made.b), 0);
    (void)scratch_write(garbage, "garbage.pem", "\x1b[2Jgarbage", 11);
    (void)scratch_path(missing, "missing.pem");
    assert_int_equal(command_run(&out, "openssl pkey -in %s -aes256 -passout pass:x -out %s", key,
                                 scratch_path(encrypted, "encrypted.pem")),
                     0);
    buffer_free(&out);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct err err = {0};
        assert_null(tls_identity_load(cases[i].cert, cases[i].key, &err));
        if (strstr(err.text, cases[i].says) == NULL || strstr(err.text, cases[i].names) == NULL ||
            (err.class != ERR_FILE && err.class != ERR_USAGE)) {
            fail_msg("case %zu: class %d, %s", i, (int)err.class, err.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_and_kind_of_key_choose_the_certificate),
        cmocka_unit_test(a_chain_is_sent_in_the_order_given),
        cmocka_unit_test(the_last_who_holds_it_frees_it),
        cmocka_unit_test(what_is_no_identity_is_refused),
        cmocka_unit_test(files_are_read_as_people_have_them),
        cmocka_unit_test(what_is_wrong_with_a_file_is_said),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
