/* Which anchors the options lead to: --trust chooses, --ca-file and --ca-dir add. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "scratch.h"
#include "tlstep/tls.h"

/* A folder with two roots in it, the DER of a third, and an empty folder. */
struct fixture {
    char folder[SCRATCH_PATH_MAX];
    char empty[SCRATCH_PATH_MAX];
    char first[SCRATCH_PATH_MAX];
    char second[SCRATCH_PATH_MAX];
    gnutls_datum_t lab;
};

static void make_root(const char *name, gnutls_x509_crt_fmt_t format, gnutls_datum_t *out)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    const char *place;
    char dn[40];

    (void)snprintf(dn, sizeof dn, "CN=%s", name);
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(
                         key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    assert_int_equal(gnutls_x509_crt_init(&crt), 0);
    assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(crt, "\x01", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_dn(crt, dn, &place), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600), 0);
    assert_int_equal(gnutls_x509_crt_set_basic_constraints(crt, 1, -1), 0);
    assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
    assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(crt, format, out), 0);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

static void write_root(char *path, const char *name, const char *subject)
{
    gnutls_datum_t pem;

    make_root(subject, GNUTLS_X509_FMT_PEM, &pem);
    (void)scratch_write(path, name, pem.data, pem.size);
    gnutls_free(pem.data);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    assert_int_equal(mkdir(scratch_path(fixture.folder, "roots"), 0700), 0);
    assert_int_equal(mkdir(scratch_path(fixture.empty, "empty"), 0700), 0);
    write_root(fixture.first, "roots/first.pem", "first");
    write_root(fixture.second, "roots/second.pem", "second");
    make_root("lab", GNUTLS_X509_FMT_DER, &fixture.lab);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    gnutls_free(fixture->lab.data);
    return 0;
}

static size_t anchors(const struct tls_options *options, const gnutls_datum_t *lab)
{
    struct err err = {0};
    struct pki_trust *trust = tls_options_trust(options, lab != NULL ? lab->data : NULL,
                                                lab != NULL ? lab->size : 0, &err);
    size_t count;

    if (trust == NULL) {
        fail_msg("%s", err.text);
    }
    count = pki_trust_count(trust);
    pki_trust_release(trust);
    return count;
}

static void options_choose_and_add_anchors(void **state)
{
    struct fixture *fixture = *state;
    const struct {
        enum tls_trust trust;
        bool file, folder, lab;
        size_t count;
    } cases[] = {
        {TLS_TRUST_NONE, false, false, false, 0},
        {TLS_TRUST_NONE, false, false, true, 0},
        {TLS_TRUST_DEFAULT, true, false, false, 1},
        {TLS_TRUST_DEFAULT, false, true, false, 2},
        /* The folder holds the file's root as well: once is enough. */
        {TLS_TRUST_DEFAULT, true, true, false, 2},
        {TLS_TRUST_NONE, true, false, false, 1},
        {TLS_TRUST_DEFAULT, false, false, true, 1},
        {TLS_TRUST_LAB, false, false, true, 1},
        {TLS_TRUST_LAB, true, false, true, 2},
        {TLS_TRUST_DEFAULT, true, false, true, 1},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_options options;
        size_t count;
        tls_options_init(&options);
        options.trust = cases[i].trust;
        options.ca_file = cases[i].file ? fixture->first : NULL;
        options.ca_dir = cases[i].folder ? fixture->folder : NULL;
        count = anchors(&options, cases[i].lab ? &fixture->lab : NULL);
        if (count != cases[i].count) {
            fail_msg("case %zu: %zu anchors", i, count);
        }
    }
}

static void the_systems_anchors_are_the_default_and_can_be_added_to(void **state)
{
    struct fixture *fixture = *state;
    struct tls_options options;
    size_t system;

    tls_options_init(&options);
    /* A system of one anchor, whatever this machine has. */
    assert_int_equal(setenv("SSL_CERT_FILE", fixture->second, 1), 0);
    system = anchors(&options, NULL);
    assert_int_equal(system, 1);
    options.trust = TLS_TRUST_SYSTEM;
    options.ca_file = fixture->first;
    assert_int_equal(anchors(&options, NULL), 2);
    assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

static void failures_name_the_option(void **state)
{
    struct fixture *fixture = *state;
    struct tls_options options;
    struct err err = {0};

    tls_options_init(&options);
    options.ca_dir = fixture->empty;
    assert_null(tls_options_trust(&options, NULL, 0, &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "--ca-dir"));
    assert_non_null(strstr(err.text, fixture->empty));

    tls_options_init(&options);
    options.trust = TLS_TRUST_LAB;
    assert_null(tls_options_trust(&options, NULL, 0, &err));
    assert_int_equal(err.class, ERR_USAGE);
    assert_string_equal(err.code, "no_lab_ca");

    options.trust = TLS_TRUST_DEFAULT;
    options.ca_file = fixture->folder;
    assert_null(tls_options_trust(&options, NULL, 0, &err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "--ca-file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_choose_and_add_anchors),
        cmocka_unit_test(the_systems_anchors_are_the_default_and_can_be_added_to),
        cmocka_unit_test(failures_name_the_option),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
