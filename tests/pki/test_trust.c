/* Trust stores: what is loaded from where, what is said when it cannot be, and shared by threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "name.h"
#include "scratch.h"
#include "trust.h"
#include "verdict.h"

static struct cert *first, *second, *third, *leaf;

/* Good for the next three calls, too. */
static const char *path_of(const char *name)
{
    static char paths[4][SCRATCH_PATH_MAX];
    static size_t next;

    return scratch_path(paths[next++ % 4], name);
}

static void write_bytes(const char *name, const void *bytes, size_t length)
{
    char path[SCRATCH_PATH_MAX];

    (void)scratch_write(path, name, bytes, length);
}

static void write_text(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static int set_up(void **state)
{
    (void)state;
    first = cert_make(&(struct cert_options){.common_name = "First Root", .ca = true});
    second = cert_make(&(struct cert_options){.common_name = "Second Root", .ca = true});
    third = cert_make(&(struct cert_options){.common_name = "First Root", .ca = true});
    assert_true(first != NULL && second != NULL && third != NULL);
    leaf = cert_make(&(struct cert_options){.common_name = "leaf", .issuer = second});
    assert_non_null(leaf);
    assert_int_equal(cert_write(path_of("two.pem"), CHAIN(first, second, first)), 0);
    assert_int_equal(cert_write(path_of("third.pem"), CHAIN(third)), 0);
    assert_int_equal(cert_write_key(path_of("key.pem"), first), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cert_free(leaf);
    cert_free(first);
    cert_free(second);
    cert_free(third);
    return 0;
}

static struct pki_trust *empty(void)
{
    struct pki_trust *trust = pki_trust_none(NULL);

    assert_non_null(trust);
    return trust;
}

/* How many anchors have this subject. */
static size_t count_of(const struct pki_trust *trust, const struct cert *cert)
{
    struct pki_slice subject, der;
    bool failed = false;
    size_t at = 0, count = 0;

    assert_true(x509_read_subject(cert->der, cert->length, &subject));
    while (trust_next(trust, name_hash(subject, &failed), &at, &der)) {
        count++;
    }
    assert_false(failed);
    return count;
}

/* ---- what is loaded -------------------------------------------------------------------- */

static void pem_files_are_loaded_without_duplicates(void **state)
{
    struct pki_trust *trust = empty();

    (void)state;
    assert_string_equal(pki_trust_name(trust), "none");
    assert_int_equal(pki_trust_add_file(trust, path_of("two.pem"), NULL), 0);
    assert_int_equal(pki_trust_count(trust), 2);
    assert_string_equal(pki_trust_name(trust), path_of("two.pem"));
    assert_int_equal(pki_trust_add_file(trust, path_of("third.pem"), NULL), 0);
    assert_int_equal(pki_trust_count(trust), 3);
    assert_int_equal(count_of(trust, first), 2); /* two roots of one name */
    assert_int_equal(count_of(trust, second), 1);
    pki_trust_release(trust);
}

static void der_files_are_loaded(void **state)
{
    struct pki_trust *trust = empty();
    struct buffer two = {0};

    (void)state;
    buffer_append(&two, first->der, first->length);
    buffer_append(&two, second->der, second->length);
    write_bytes("two.der", two.data, two.length);
    buffer_free(&two);
    assert_int_equal(pki_trust_add_file(trust, path_of("two.der"), NULL), 0);
    assert_int_equal(pki_trust_count(trust), 2);
    pki_trust_release(trust);
}

/* Line ends of other systems, no line ends at all, text around, a key in the same file. */
static void pem_is_read_as_people_write_it(void **state)
{
    struct buffer pem = {0}, strange = {0};
    struct pki_trust *trust = empty();

    (void)state;
    cert_append_pem(&pem, first);
    buffer_text(&strange, "subject=First Root\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n"
                          "-----END EC PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\r\n");
    for (size_t i = strlen("-----BEGIN CERTIFICATE-----\n"); i < pem.length; i++) {
        if (pem.data[i] == '-') {
            break;
        }
        buffer_u8(&strange, pem.data[i] == '\n' ? ' ' : pem.data[i]);
    }
    buffer_text(&strange, "\r\n-----END CERTIFICATE-----");
    write_bytes("strange.pem", strange.data, strange.length);
    assert_int_equal(pki_trust_add_file(trust, path_of("strange.pem"), NULL), 0);
    assert_int_equal(count_of(trust, first), 1);
    buffer_free(&pem);
    buffer_free(&strange);
    pki_trust_release(trust);
}

static void a_folder_is_loaded_and_what_is_no_certificate_passed_over(void **state)
{
    struct pki_trust *trust = empty();

    (void)state;
    assert_int_equal(mkdir(path_of("d"), 0700), 0);
    assert_int_equal(mkdir(path_of("d/more"), 0700), 0);
    assert_int_equal(mkfifo(path_of("d/fifo"), 0600), 0);
    assert_int_equal(cert_write(path_of("d/b.pem"), CHAIN(second)), 0);
    assert_int_equal(cert_write(path_of("d/a.pem"), CHAIN(first)), 0);
    assert_int_equal(symlink("a.pem", path_of("d/12345678.0")), 0);
    assert_int_equal(symlink("nowhere", path_of("d/dangling.0")), 0);
    write_text("d/README", "these are roots");
    write_text("d/empty", "");
    assert_int_equal(pki_trust_add_folder(trust, path_of("d"), NULL), 0);
    assert_int_equal(pki_trust_count(trust), 2);
    assert_string_equal(pki_trust_name(trust), path_of("d"));
    pki_trust_release(trust);
}

static void the_systems_store_is_what_the_environment_says(void **state)
{
    struct pki_trust *trust;
    struct err err = {0};
    char name[300];

    (void)state;
    assert_int_equal(setenv("SSL_CERT_FILE", path_of("two.pem"), 1), 0);
    trust = pki_trust_system(&err);
    assert_non_null(trust);
    assert_int_equal(pki_trust_count(trust), 2);
    assert_string_equal(pki_trust_name(trust), "system");
    assert_int_equal(pki_trust_add_file(trust, path_of("third.pem"), NULL), 0);
    (void)snprintf(name, sizeof name, "system + %s", path_of("third.pem"));
    assert_string_equal(pki_trust_name(trust), name);
    pki_trust_release(trust);

    assert_int_equal(setenv("SSL_CERT_FILE", path_of("nothing.pem"), 1), 0);
    assert_null(pki_trust_system(&err));
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "nothing.pem: No such file or directory"));
    assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
}

/* The bundle of the machine, where it has one: as many anchors as GnuTLS finds in it. */
static void the_systems_bundle_is_read_whole(void **state)
{
    gnutls_x509_trust_list_t list;
    struct pki_trust *trust;
    int count;

    (void)state;
    trust = pki_trust_system(NULL);
    if (trust == NULL) {
        print_message("skipped: this machine has no trust store\n");
        skip();
    }
    assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
    count = gnutls_x509_trust_list_add_system_trust(list, 0, 0);
    assert_int_equal(pki_trust_count(trust), count);
    gnutls_x509_trust_list_deinit(list, 1);
    pki_trust_release(trust);
}

static void many_sources_do_not_make_an_endless_name(void **state)
{
    struct pki_trust *trust = empty();

    (void)state;
    for (int i = 0; i < 20; i++) {
        const struct cert *cert = i % 2 == 0 ? first : second;
        assert_int_equal(pki_trust_add_der(trust, cert->der, cert->length, NULL), 0);
    }
    assert_string_equal(pki_trust_name(trust),
                        "First Root + Second Root + First Root + Second Root + …");
    assert_int_equal(pki_trust_count(trust), 2);
    pki_trust_release(trust);
}

/* ---- what is said ---------------------------------------------------------------------- */

static void expect_refused(const char *name, const char *why)
{
    struct pki_trust *trust = empty();
    struct err err = {0};

    assert_int_equal(pki_trust_add_file(trust, path_of("third.pem"), NULL), 0);
    assert_int_equal(pki_trust_add_file(trust, path_of(name), &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    if (strstr(err.text, why) == NULL || strstr(err.text, "cannot read CA file /") == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    }
    /* And the store is what it was before. */
    assert_int_equal(pki_trust_count(trust), 1);
    assert_int_equal(count_of(trust, third), 1);
    assert_string_equal(pki_trust_name(trust), path_of("third.pem"));
    pki_trust_release(trust);
}

static void a_file_that_does_not_serve_is_refused_with_the_reason(void **state)
{
    struct buffer pem = {0};
    size_t cut;

    (void)state;
    expect_refused("missing.pem", "missing.pem: No such file or directory");
    write_text("empty.pem", "");
    expect_refused("empty.pem", "empty.pem: it is empty");
    write_text("text.pem", "no certificate in here\n");
    expect_refused("text.pem", "text.pem: it holds no certificate");
    write_bytes("binary.pem",
                "\x7f"
                "ELF\0\0\xff\xfe",
                8);
    expect_refused("binary.pem", "binary.pem: it holds no certificate");
    write_bytes("sequence.der", "\x30\x03\x02\x01\x05", 5);
    expect_refused("sequence.der", "sequence.der: it holds no certificate");
    expect_refused("key.pem", "key.pem: it holds no certificate, but: EC PRIVATE KEY");
    expect_refused(".", "it is a directory");
    write_text("trusted.pem", "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n"
                              "-----END TRUSTED CERTIFICATE-----\n");
    expect_refused("trusted.pem", "TRUSTED CERTIFICATE");
    write_text("digits.pem", "-----BEGIN CERTIFICATE-----\nAA?A\n-----END CERTIFICATE-----\n");
    expect_refused("digits.pem", "digits.pem: certificate number 1 of it: it is not base64");
    write_text("short.pem", "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n");
    expect_refused("short.pem", "certificate number 1 of it: its ");

    cert_append_pem(&pem, first);
    cut = pem.length;
    cert_append_pem(&pem, second);
    pem.length -= 40; /* the last END line and a bit more */
    write_bytes("cut.pem", pem.data, pem.length);
    expect_refused("cut.pem", "cut.pem: certificate number 2 of it: its END line is missing");
    pem.length = cut;
    write_bytes("whole.pem", pem.data, pem.length);
    buffer_free(&pem);
}

static void a_path_is_shown_safely(void **state)
{
    struct pki_trust *trust = empty();
    struct err err = {0};

    (void)state;
    assert_int_equal(pki_trust_add_file(trust, path_of("x\x1b[2J.pem"), &err), -1);
    assert_non_null(strstr(err.text, "x\\x1b[2J.pem"));
    assert_int_equal(cert_write(path_of("y\x1b[2J.pem"), CHAIN(first)), 0);
    assert_int_equal(pki_trust_add_file(trust, path_of("y\x1b[2J.pem"), &err), 0);
    assert_non_null(strstr(pki_trust_name(trust), "y\\x1b[2J.pem"));
    pki_trust_release(trust);
}

static void an_unreadable_file_is_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("skipped: root reads every file\n");
        skip();
    }
    write_text("secret.pem", "secret");
    assert_int_equal(chmod(path_of("secret.pem"), 0), 0);
    expect_refused("secret.pem", "secret.pem: Permission denied");
}

static void a_folder_that_does_not_serve_is_refused(void **state)
{
    struct pki_trust *trust = empty();
    struct err err = {0};

    (void)state;
    assert_int_equal(mkdir(path_of("bare"), 0700), 0);
    assert_int_equal(pki_trust_add_folder(trust, path_of("bare"), &err), -1);
    assert_non_null(strstr(err.text, "cannot read CA folder /"));
    assert_non_null(strstr(err.text, "bare: it holds no certificate"));
    assert_int_equal(pki_trust_add_folder(trust, path_of("absent"), &err), -1);
    assert_non_null(strstr(err.text, "absent: No such file or directory"));
    assert_int_equal(pki_trust_add_folder(trust, path_of("two.pem"), &err), -1);
    assert_non_null(strstr(err.text, "two.pem: it is not a folder"));
    assert_int_equal(err.class, ERR_FILE);
    assert_int_equal(pki_trust_count(trust), 0);
    pki_trust_release(trust);
}

static void bytes_that_are_no_certificate_are_no_anchor(void **state)
{
    struct pki_trust *trust = empty();
    struct err err = {0};

    (void)state;
    assert_int_equal(pki_trust_add_der(trust, first->der, first->length - 1, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_int_equal(pki_trust_count(trust), 0);
    pki_trust_release(trust);
}

/* ---- threads and size ------------------------------------------------------------------ */

static void *verify_and_release(void *argument)
{
    struct pki_trust *trust = argument;
    struct pki_slice chain = {second->der, second->length};
    struct pki_request request = {.chain = &chain,
                                  .chain_length = 1,
                                  .trust = trust,
                                  .at = CERT_NOW,
                                  .purpose = PKI_PURPOSE_ANY}; /* it is a CA, no server */

    for (int i = 0; i < 50; i++) {
        struct pki_verification *verdict = pki_verify(&request, NULL);
        if (verdict == NULL || !verdict->ok) {
            abort();
        }
        pki_verification_free(verdict);
        pki_trust_release(pki_trust_retain(trust));
    }
    pki_trust_release(trust);
    return NULL;
}

static void threads_may_share_a_store(void **state)
{
    struct pki_trust *trust = empty();
    pthread_t threads[4];

    (void)state;
    assert_int_equal(pki_trust_add_file(trust, path_of("two.pem"), NULL), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(
            pthread_create(&threads[i], NULL, verify_and_release, pki_trust_retain(trust)), 0);
    }
    pki_trust_release(trust);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void a_large_bundle_is_indexed(void **state)
{
    enum { COUNT = 1000 };
    struct pki_trust *trust = empty();
    struct buffer bundle = {0};
    struct cert *last = NULL;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "Root %d", i);
        cert_free(last);
        last = cert_make(
            &(struct cert_options){.common_name = name, .ca = true, .same_key_as = first});
        assert_non_null(last);
        cert_append_pem(&bundle, last);
    }
    write_bytes("large.pem", bundle.data, bundle.length);
    assert_int_equal(pki_trust_add_file(trust, path_of("large.pem"), NULL), 0);
    assert_int_equal(pki_trust_count(trust), COUNT);
    assert_int_equal(count_of(trust, last), 1);
    assert_int_equal(count_of(trust, first), 0);
    cert_free(last);
    buffer_free(&bundle);
    pki_trust_release(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_files_are_loaded_without_duplicates),
        cmocka_unit_test(der_files_are_loaded),
        cmocka_unit_test(pem_is_read_as_people_write_it),
        cmocka_unit_test(a_folder_is_loaded_and_what_is_no_certificate_passed_over),
        cmocka_unit_test(the_systems_store_is_what_the_environment_says),
        cmocka_unit_test(the_systems_bundle_is_read_whole),
        cmocka_unit_test(many_sources_do_not_make_an_endless_name),
        cmocka_unit_test(a_file_that_does_not_serve_is_refused_with_the_reason),
        cmocka_unit_test(a_path_is_shown_safely),
        cmocka_unit_test(an_unreadable_file_is_refused),
        cmocka_unit_test(a_folder_that_does_not_serve_is_refused),
        cmocka_unit_test(bytes_that_are_no_certificate_are_no_anchor),
        cmocka_unit_test(threads_may_share_a_store),
        cmocka_unit_test(a_large_bundle_is_indexed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
