/* Certificates from files: every container that users have, found by its content, and plain words for what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles.h"
#include "command.h"
#include "files/base64.h"
#include "scratch.h"

static struct cert *root, *inter, *leaf;

static int set_up(void **state)
{
    (void)state;
    bundle_make_files(&root, &inter, &leaf);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cert_free(root);
    cert_free(inter);
    cert_free(leaf);
    return 0;
}

/* ---- helpers --------------------------------------------------------------------------- */

static void append_der(struct buffer *out, const struct cert *cert)
{
    buffer_append(out, cert->der, cert->length);
}

/* These bytes are refused, the words hold `text`, and the bundle is as it was. */
static void expect_refusal(const void *data, size_t length, const char *text)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_int_equal(pki_bundle_add_bytes(bundle, data, length, "bad\x1b.pem", NULL, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_null(strchr(err.text, '\x1b'));
    assert_true(text_is_utf8(err.text, strlen(err.text)));
    if (strstr(err.text, text) == NULL) {
        fail_msg("\"%s\" is not in: %s", text, err.text);
    }
    assert_int_equal(pki_bundle_count(bundle), 0);
    assert_string_equal(pki_bundle_remark(bundle), "");
    pki_bundle_free(bundle);
}

static void expect_text_refusal(const char *bytes, const char *text)
{
    expect_refusal(bytes, strlen(bytes), text);
}

/* ---- PEM ------------------------------------------------------------------------------- */

static void pem_in_all_its_dress(void **state)
{
    struct buffer text = {0}, with_crs = {0};

    (void)state;
    buffer_text(&text, "\xef\xbb\xbfsubject=CN = leaf\n");
    pki_pem_append(&text, (struct pki_slice){leaf->der, leaf->length}, "CERTIFICATE");
    buffer_text(&text, "some - text -- between\n-----BEGIN nothing\n");
    pki_pem_append(&text, (struct pki_slice){inter->der, inter->length}, "X509 CERTIFICATE");
    pki_pem_append(&text, (struct pki_slice){root->der, root->length}, "CERTIFICATE");
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '\n') {
            buffer_u8(&with_crs, '\r');
        }
        buffer_u8(&with_crs, text.data[i]);
    }
    bundle_expect_certs(bundle_of_buffer(&text), CHAIN(leaf, inter, root));
    with_crs.length -= strlen("-----END CERTIFICATE-----\r\n"); /* the last END is missing */
    bundle_expect_certs(bundle_of_buffer(&with_crs), CHAIN(leaf, inter, root));
}

static void pem_written_is_what_openssl_writes(void **state)
{
    struct buffer ours = {0}, theirs = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    command_need("openssl");
    pki_pem_append(&ours, (struct pki_slice){leaf->der, leaf->length}, "CERTIFICATE");
    assert_int_equal(command_run(&theirs, "openssl x509 -in '%s'", scratch_path(path, "leaf.pem")),
                     0);
    assert_string_equal(buffer_string(&ours), buffer_string(&theirs));
    buffer_free(&ours);
    buffer_free(&theirs);
}

static void base64_of_every_length_comes_back(void **state)
{
    (void)state;
    for (size_t length = 1; length < 200; length++) {
        uint8_t bytes[200] = {0x30}, back[BASE64_BYTES_MAX(400)];
        struct buffer text = {0};

        for (size_t i = 1; i < length; i++) {
            bytes[i] = (uint8_t)(i * 37 + length);
        }
        base64_append(&text, (struct pki_slice){bytes, length});
        assert_int_equal(base64_decode(back, (struct pki_slice){text.data, text.length}), length);
        assert_memory_equal(back, bytes, length);
        buffer_free(&text);
    }
}

static void trusted_certificates_lose_their_trust(void **state)
{
    struct buffer text = {0}, bytes = {0};

    (void)state;
    append_der(&bytes, leaf);
    buffer_append(&bytes, "\x30\x03\x0c\x01x", 5);
    pki_pem_append(&text, (struct pki_slice){bytes.data, bytes.length}, "TRUSTED CERTIFICATE");
    buffer_free(&bytes);
    bundle_expect_certs(bundle_of_buffer(&text), CHAIN(leaf));
}

/* As openssl writes them, with settings of its own behind the certificate. */
static void trusted_certificates_of_openssl(void **state)
{
    struct buffer pem;

    (void)state;
    command_need("openssl");
    bundle_run(
        "openssl x509 -in leaf.pem -trustout -addtrust serverAuth -addreject emailProtection "
        "-setalias \"$(printf '\\033[31mred')\" -out trusted.pem");
    pem = bundle_file("trusted.pem");
    assert_non_null(strstr(buffer_string(&pem), "BEGIN TRUSTED CERTIFICATE"));
    bundle_expect_certs(bundle_of_buffer(&pem), CHAIN(leaf));
}

static void what_is_passed_over_is_counted(void **state)
{
    struct buffer text = {0};
    struct pki_bundle *bundle;

    (void)state;
    buffer_text(&text, "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
                       "-----BEGIN CERTIFICATE-----\nM!!=\n-----END CERTIFICATE-----\n");
    pki_pem_append(&text, (struct pki_slice){leaf->der, leaf->length}, "CERTIFICATE");
    buffer_text(&text, "-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n"
                       "-----BEGIN EC PARAMETERS-----\nMAA=\n-----END EC PARAMETERS-----\n");
    bundle = bundle_of_buffer(&text);
    assert_string_equal(pki_bundle_remark(bundle), "1 certificate that cannot be read, 2 blocks "
                                                   "that are no certificate, 1 private key");
    bundle_expect_certs(bundle, CHAIN(leaf));
}

static void base64_without_its_lines_is_read(void **state)
{
    struct buffer text = {0};

    (void)state;
    base64_append(&text, (struct pki_slice){leaf->der, leaf->length});
    bundle_expect_certs(bundle_of_buffer(&text), CHAIN(leaf));
}

/* ---- DER ------------------------------------------------------------------------------- */

static void der_one_after_another(void **state)
{
    struct buffer bytes = {0};
    struct pki_bundle *bundle;

    (void)state;
    append_der(&bytes, leaf);
    append_der(&bytes, inter);
    buffer_text(&bytes, "\n");
    bundle = bundle_of_buffer(&bytes);
    assert_string_equal(pki_bundle_remark(bundle), "1 byte that is no DER");
    assert_string_equal(pki_bundle_source(bundle, 1), "test");
    bundle_expect_certs(bundle, CHAIN(leaf, inter));
}

/* A certificate that is wrong inside is still one: what is wrong is for others to say. */
static void a_malformed_certificate_is_kept(void **state)
{
    static const uint8_t version_9[] = {0x30, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x08};
    struct pki_bundle *bundle = bundle_of_bytes(version_9, sizeof version_9);

    (void)state;
    assert_int_equal(pki_bundle_count(bundle), 1);
    pki_bundle_free(bundle);
}

static void other_der_is_called_by_its_name(void **state)
{
    static const uint8_t ocsp[] = {0x30, 0x03, 0x0a, 0x01, 0x06};
    struct buffer key = {0};

    (void)state;
    expect_refusal(ocsp, sizeof ocsp, "an OCSP response");
    expect_refusal(leaf->der, leaf->length - 1, "it is cut");
    command_need("openssl");
    bundle_run("openssl pkey -in leaf.key -outform DER -out key.der");
    key = bundle_file("key.der");
    expect_refusal(key.data, key.length, "a private key");
    buffer_free(&key);
    bundle_run("openssl pkcs8 -topk8 -in leaf.key -outform DER -out key.p8 -passout pass:x");
    key = bundle_file("key.p8");
    expect_refusal(key.data, key.length, "an encrypted private key");
    buffer_free(&key);
    bundle_run("openssl req -new -key leaf.key -subj /CN=x -outform DER -out csr.der");
    key = bundle_file("csr.der");
    expect_refusal(key.data, key.length, "a certificate request");
    buffer_free(&key);
}

static void other_files_are_called_by_their_name(void **state)
{
    (void)state;
    expect_refusal("", 0, "it is empty");
    expect_text_refusal("\xef\xbb\xbf", "it is empty");
    expect_text_refusal("hello\n", "neither PEM nor DER");
    expect_text_refusal("\n <!DOCTYPE HTML><title>404</title>", "an HTML page");
    expect_text_refusal("\xef\xbb\xbf<html>", "an HTML page");
    expect_refusal("\xff\xfe-\0-\0-\0", 8, "UTF-16");
    expect_refusal("-\0-\0-\0-\0", 8, "UTF-16");
    expect_refusal("\xfe\xed\xfe\xed\0\0\0\x02", 8, "Java key store");
    expect_text_refusal("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
                        "a private key");
    expect_text_refusal("-----BEGIN CERTIFICATE-----\nM!!!\n-----END CERTIFICATE-----\n",
                        "not base64");
    expect_text_refusal("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END",
                        "CERTIFICATE REQUEST");
    expect_text_refusal("-----BEGIN CERTIFICATE-----", "is empty");
    /* A label as long as labels are read, hostile to the last byte: the words are not cut within a character. */
    expect_text_refusal(
        "-----BEGIN \x1b]0;\x01\x02\x03\x04\x05\x06\x07\x08\x80\x81\x82\x83\x84\x85\x86"
        "\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94-----\nMAA=\n-----END",
        "\xe2\x80\xa6");
}

/* ---- PKCS#7 ---------------------------------------------------------------------------- */

/* As Windows and Java write it: everything that can be has an indefinite length. */
static void pkcs7_of_indefinite_lengths(void **state)
{
    struct buffer bytes = {0};
    struct pki_bundle *bundle;
    size_t length;

    (void)state;
    buffer_append(&bytes, "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80",
                  17);
    buffer_append(&bytes,
                  "\x02\x01\x01\x31\x00\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", 18);
    buffer_append(&bytes, "\xa0\x80\x24\x80\x04\x01x\x00\x00\x00\x00\x00\x00\xa0\x80", 15);
    append_der(&bytes, leaf);
    buffer_append(&bytes, "\xa1\x03\x02\x01\x01", 5); /* an attribute certificate, or so */
    append_der(&bytes, inter);
    buffer_append(&bytes, "\x00\x00\x31\x00\x00\x00\x00\x00\x00\x00", 10);
    length = bytes.length;
    bundle = bundle_of_bytes(bytes.data, length);
    assert_string_equal(pki_bundle_remark(bundle), "1 block that is no certificate");
    bundle_expect_certs(bundle, CHAIN(leaf, inter));
    bytes.length -= 8; /* the ends are cut off */
    expect_refusal(bytes.data, bytes.length, "cut");
    buffer_free(&bytes);
}

static void pkcs7_as_openssl_writes_it(void **state)
{
    struct buffer der = {0}, pem = {0};
    struct pki_bundle *bundle;

    (void)state;
    command_need("openssl");
    bundle_run("openssl crl2pkcs7 -nocrl -certfile all.pem -out all.p7b");
    bundle_run("openssl crl2pkcs7 -nocrl -certfile all.pem -outform DER -out all.p7c");
    pem = bundle_file("all.p7b");
    der = bundle_file("all.p7c");
    bundle = bundle_of_buffer(&pem);
    assert_string_equal(pki_bundle_remark(bundle), "");
    bundle_expect_certs(bundle, CHAIN(leaf, root, inter));
    bundle_expect_certs(bundle_of_buffer(&der), CHAIN(leaf, root, inter));
    bundle_run(
        "openssl smime -sign -in all.pem -signer leaf.pem -inkey leaf.key -outform DER -out s.p7m");
    der = bundle_file("s.p7m");
    bundle_expect_certs(bundle_of_buffer(&der), CHAIN(leaf));
    bundle_run("openssl smime -encrypt -in all.pem -outform DER -out e.p7m leaf.pem || "
               "openssl cms -encrypt -in all.pem -outform DER -out e.p7m leaf.pem");
    der = bundle_file("e.p7m");
    expect_refusal(der.data, der.length, "encrypted message");
    buffer_free(&der);
}

/* A CRL of the root in "crl.pem". */
static void make_crl(void)
{
    char path[SCRATCH_PATH_MAX];

    assert_int_equal(cert_write_key(scratch_path(path, "root.key"), root), 0);
    cert_write_scratch(path, "root.pem", CHAIN(root));
    (void)scratch_write(path, "crl.cfg", "crl_next_update = 30\ncrl_number = 1\n", 37);
    bundle_run("certtool --generate-crl --load-ca-privkey root.key --load-ca-certificate root.pem "
               "--template crl.cfg --outfile crl.pem");
}

/* PKCS#7 holds both, and so does a PEM file in which they are mixed. */
static void crls_come_out_of_containers(void **state)
{
    static const char *const files[] = {"both.p7b", "both.p7c", "both.pem"};

    (void)state;
    command_need("certtool");
    command_need("openssl");
    make_crl();
    bundle_run("openssl crl2pkcs7 -in crl.pem -certfile all.pem -out both.p7b");
    bundle_run("openssl crl2pkcs7 -in crl.pem -certfile all.pem -outform DER -out both.p7c");
    bundle_run("cat leaf.pem crl.pem rest.pem > both.pem");
    bundle_run("openssl crl -in crl.pem -outform DER -out crl.der");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct buffer crl = bundle_file("crl.der"), file = bundle_file(files[i]);
        struct pki_bundle *bundle = bundle_of_buffer(&file);
        assert_int_equal(pki_bundle_crl_count(bundle), 1);
        assert_int_equal(pki_bundle_crl(bundle, 0).length, crl.length);
        assert_memory_equal(pki_bundle_crl(bundle, 0).data, crl.data, crl.length);
        assert_string_equal(pki_bundle_remark(bundle), "");
        bundle_expect_certs(bundle, CHAIN(leaf, root, inter));
        buffer_free(&crl);
    }
}

static void crls_stand_beside_certificates(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct pki_bundle *bundle;

    (void)state;
    command_need("certtool");
    make_crl();
    bundle = pki_bundle_new(NULL);
    assert_int_equal(pki_bundle_add(bundle, scratch_path(path, "crl.pem"), NULL, NULL), 0);
    assert_int_equal(pki_bundle_count(bundle), 0);
    assert_int_equal(pki_bundle_crl_count(bundle), 1);
    assert_int_equal(pki_bundle_crl(bundle, 0).data[0], 0x30);
    assert_string_equal(pki_bundle_remark(bundle), "");
    pki_bundle_free(bundle);
}

/* ---- files and folders ------------------------------------------------------------------ */

static void a_folder_is_read_in_order(void **state)
{
    char folder[SCRATCH_PATH_MAX], path[SCRATCH_PATH_MAX + 20], file[SCRATCH_PATH_MAX];
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    (void)state;
    assert_int_equal(mkdir(scratch_path(folder, "folder"), 0700), 0);
    (void)snprintf(path, sizeof path, "%s/b.crt", folder);
    assert_int_equal(cert_write(path, CHAIN(inter)), 0);
    (void)snprintf(path, sizeof path, "%s/a.pem", folder);
    assert_int_equal(cert_write(path, CHAIN(leaf)), 0);
    (void)scratch_write(file, "folder/README", "hello\n", 6);
    (void)snprintf(path, sizeof path, "%s/0a1b2c.0", folder);
    assert_int_equal(symlink("b.crt", path), 0); /* c_rehash's second name for b.crt */
    (void)snprintf(path, sizeof path, "%s/dangling", folder);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(pki_bundle_add(bundle, folder, NULL, &err), 0);
    assert_string_equal(pki_bundle_remark(bundle), "1 file without certificates");
    assert_non_null(strstr(pki_bundle_source(bundle, 0), "/0a1b2c.0"));
    bundle_expect_certs(bundle, CHAIN(inter, leaf));
}

/* Says so, and leaves the bundle empty. */
static void expect_unreadable(const char *path, const char *words)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_int_equal(pki_bundle_add(bundle, path, NULL, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    if (strstr(err.text, words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, err.text);
    }
    assert_int_equal(pki_bundle_count(bundle), 0);
    pki_bundle_free(bundle);
}

/* A file of any size costs no memory before it is known to be too large. */
static void huge_files_are_refused(void **state)
{
    char path[SCRATCH_PATH_MAX];

    (void)state;
    (void)scratch_write(path, "huge.pem", "", 0);
    assert_int_equal(truncate(path, ((off_t)256 << 20) + 1), 0); /* takes no blocks on the disk */
    expect_unreadable(path, "larger than");
    assert_int_equal(truncate(path, 1000000), 0);
    expect_unreadable(path, "neither PEM nor DER"); /* zeros */
}

static void what_cannot_be_read_is_said(void **state)
{
    char path[SCRATCH_PATH_MAX];

    (void)state;
    expect_unreadable(scratch_path(path, "nowhere.pem"), "No such file");
    expect_unreadable("/dev/null", "not a file");
    if (geteuid() == 0) {
        print_message("skipped in part: root may read everything\n");
        return;
    }
    (void)scratch_write(path, "secret.pem", "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    expect_unreadable(path, "Permission denied");
}

/* Names of files are as hostile as what is in them. */
static void names_of_files_are_safe(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    (void)state;
    (void)scratch_write(path, "a\x1b[2J.pem", "x", 1);
    assert_int_equal(pki_bundle_add(bundle, path, NULL, &err), -1);
    assert_null(strchr(err.text, '\x1b'));
    assert_non_null(strstr(err.text, "a\\x1b[2J.pem"));
    pki_bundle_free(bundle);
}

static void a_folder_without_certificates_is_an_error(void **state)
{
    char folder[SCRATCH_PATH_MAX], file[SCRATCH_PATH_MAX];
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    (void)state;
    assert_int_equal(mkdir(scratch_path(folder, "bare"), 0700), 0);
    (void)scratch_write(file, "bare/README", "hello\n", 6);
    assert_int_equal(pki_bundle_add(bundle, folder, NULL, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "holds no certificate"));
    assert_string_equal(pki_bundle_remark(bundle), "");
    pki_bundle_free(bundle);
}

/* What fails leaves the others where they are; pointers stay good while more is added. */
static void adding_more_moves_nothing(void **state)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct pki_trust *trust = pki_trust_none(NULL);
    char path[SCRATCH_PATH_MAX];
    struct pki_slice first;

    (void)state;
    assert_int_equal(pki_trust_add_der(trust, root->der, root->length, NULL), 0);
    assert_int_equal(pki_bundle_add_der(bundle, leaf->der, leaf->length, "sent", NULL), 0);
    first = pki_bundle_der(bundle, 0);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pki_bundle_add(bundle, scratch_path(path, "rest.pem"), NULL, NULL), 0);
        assert_int_equal(pki_bundle_add(bundle, scratch_path(path, "none"), NULL, NULL), -1);
    }
    assert_int_equal(pki_bundle_add_trust(bundle, trust, NULL), 0);
    pki_trust_release(trust);
    assert_ptr_equal(pki_bundle_der(bundle, 0).data, first.data);
    assert_int_equal(pki_bundle_count(bundle), 42);
    bundle_expect_der(pki_bundle_der(bundle, 0), leaf);
    bundle_expect_der(pki_bundle_der(bundle, 41), root);
    assert_string_equal(pki_bundle_source(bundle, 0), "sent");
    pki_bundle_free(bundle);
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    bundle_starve("all.pem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_in_all_its_dress),
        cmocka_unit_test(pem_written_is_what_openssl_writes),
        cmocka_unit_test(base64_of_every_length_comes_back),
        cmocka_unit_test(trusted_certificates_lose_their_trust),
        cmocka_unit_test(trusted_certificates_of_openssl),
        cmocka_unit_test(what_is_passed_over_is_counted),
        cmocka_unit_test(base64_without_its_lines_is_read),
        cmocka_unit_test(der_one_after_another),
        cmocka_unit_test(a_malformed_certificate_is_kept),
        cmocka_unit_test(other_der_is_called_by_its_name),
        cmocka_unit_test(other_files_are_called_by_their_name),
        cmocka_unit_test(pkcs7_of_indefinite_lengths),
        cmocka_unit_test(pkcs7_as_openssl_writes_it),
        cmocka_unit_test(crls_stand_beside_certificates),
        cmocka_unit_test(crls_come_out_of_containers),
        cmocka_unit_test(huge_files_are_refused),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(names_of_files_are_safe),
        cmocka_unit_test(a_folder_is_read_in_order),
        cmocka_unit_test(a_folder_without_certificates_is_an_error),
        cmocka_unit_test(adding_more_moves_nothing),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
