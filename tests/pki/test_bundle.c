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

#include "certs.h"
#include "command.h"
#include "files/base64.h"
#include "scarcity.h"
#include "scratch.h"

static struct cert *root, *inter, *leaf;

static int set_up(void **state)
{
    char path[SCRATCH_PATH_MAX];

    (void)state;
    root = cert_make(&(struct cert_options){.common_name = "Root", .ca = true});
    inter = cert_make(&(struct cert_options){.common_name = "Inter", .ca = true, .issuer = root});
    leaf = cert_make(&(struct cert_options){
        .common_name = "leaf", .names = NAMES("DNS:example.org"), .issuer = inter});
    assert_true(root != NULL && inter != NULL && leaf != NULL);
    assert_int_equal(
        cert_write(scratch_path(path, "leaf.pem"), (const struct cert *[]){leaf, NULL}), 0);
    assert_int_equal(
        cert_write(scratch_path(path, "rest.pem"), (const struct cert *[]){root, inter, NULL}), 0);
    assert_int_equal(
        cert_write(scratch_path(path, "all.pem"), (const struct cert *[]){leaf, root, inter, NULL}),
        0);
    assert_int_equal(cert_write_key(scratch_path(path, "leaf.key"), leaf), 0);
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

static void expect_der(struct pki_slice found, const struct cert *cert)
{
    assert_int_equal(found.length, cert->length);
    assert_memory_equal(found.data, cert->der, cert->length);
}

/* The bundle holds these, in this order. Frees it. */
static void expect_certs(struct pki_bundle *bundle, const struct cert *const *certs)
{
    size_t count = 0;

    while (certs[count] != NULL) {
        assert_true(count < pki_bundle_count(bundle));
        expect_der(pki_bundle_der(bundle, count), certs[count]);
        count++;
    }
    assert_int_equal(pki_bundle_count(bundle), count);
    pki_bundle_free(bundle);
}
#define CERTS(...) ((const struct cert *const[]){__VA_ARGS__, NULL})

static struct pki_bundle *from_bytes(const void *data, size_t length)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_non_null(bundle);
    if (pki_bundle_add_bytes(bundle, data, length, "test", NULL, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return bundle;
}

static struct pki_bundle *from_buffer(struct buffer *buffer)
{
    struct pki_bundle *bundle = from_bytes(buffer->data, buffer->length);

    buffer_free(buffer);
    return bundle;
}

/* These bytes are refused, the words hold `text`, and the bundle is as it was. */
static void expect_refusal(const void *data, size_t length, const char *text)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_int_equal(pki_bundle_add_bytes(bundle, data, length, "bad\x1b.pem", NULL, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_null(strchr(err.text, '\x1b'));
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

/* Runs a command in the scratch folder. */
static void run(const char *command)
{
    char folder[SCRATCH_PATH_MAX];
    struct buffer output = {0};

    if (command_run(&output, "cd '%s' && timeout 20 %s", scratch_path(folder, "."), command) != 0) {
        fail_msg("%s: %s", command, buffer_string(&output));
    }
    buffer_free(&output);
}

static void need(const char *program)
{
    if (!command_exists(program)) {
        print_message("skipped: no %s\n", program);
        skip();
    }
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
    expect_certs(from_buffer(&text), CERTS(leaf, inter, root));
    with_crs.length -= strlen("-----END CERTIFICATE-----\r\n"); /* the last END is missing */
    expect_certs(from_buffer(&with_crs), CERTS(leaf, inter, root));
}

static void pem_written_is_what_openssl_writes(void **state)
{
    struct buffer ours = {0}, theirs = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    need("openssl");
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
    expect_certs(from_buffer(&text), CERTS(leaf));
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
    bundle = from_buffer(&text);
    assert_string_equal(pki_bundle_remark(bundle), "1 certificate that cannot be read, 2 blocks "
                                                   "that are no certificate, 1 private key");
    expect_certs(bundle, CERTS(leaf));
}

static void base64_without_its_lines_is_read(void **state)
{
    struct buffer text = {0};

    (void)state;
    base64_append(&text, (struct pki_slice){leaf->der, leaf->length});
    expect_certs(from_buffer(&text), CERTS(leaf));
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
    bundle = from_buffer(&bytes);
    assert_string_equal(pki_bundle_remark(bundle), "1 byte that is no DER");
    assert_string_equal(pki_bundle_source(bundle, 1), "test");
    expect_certs(bundle, CERTS(leaf, inter));
}

/* A certificate that is wrong inside is still one: what is wrong is for others to say. */
static void a_malformed_certificate_is_kept(void **state)
{
    static const uint8_t version_9[] = {0x30, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x02, 0x01, 0x08};
    struct pki_bundle *bundle = from_bytes(version_9, sizeof version_9);

    (void)state;
    assert_int_equal(pki_bundle_count(bundle), 1);
    pki_bundle_free(bundle);
}

static void other_der_is_called_by_its_name(void **state)
{
    static const uint8_t ocsp[] = {0x30, 0x03, 0x0a, 0x01, 0x06};
    struct buffer key = {0};
    char path[SCRATCH_PATH_MAX];

    (void)state;
    expect_refusal(ocsp, sizeof ocsp, "an OCSP response");
    expect_refusal(leaf->der, leaf->length - 1, "it is cut");
    need("openssl");
    run("openssl pkey -in leaf.key -outform DER -out key.der");
    assert_int_equal(file_read(scratch_path(path, "key.der"), "key", 10000, &key, NULL), 0);
    expect_refusal(key.data, key.length, "a private key");
    buffer_free(&key);
    run("openssl pkcs8 -topk8 -in leaf.key -outform DER -out key.p8 -passout pass:x");
    assert_int_equal(file_read(scratch_path(path, "key.p8"), "key", 10000, &key, NULL), 0);
    expect_refusal(key.data, key.length, "an encrypted private key");
    buffer_free(&key);
    run("openssl req -new -key leaf.key -subj /CN=x -outform DER -out csr.der");
    assert_int_equal(file_read(scratch_path(path, "csr.der"), "csr", 10000, &key, NULL), 0);
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
    bundle = from_bytes(bytes.data, length);
    assert_string_equal(pki_bundle_remark(bundle), "1 block that is no certificate");
    expect_certs(bundle, CERTS(leaf, inter));
    bytes.length -= 8; /* the ends are cut off */
    expect_refusal(bytes.data, bytes.length, "cut");
    buffer_free(&bytes);
}

static void pkcs7_as_openssl_writes_it(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct buffer der = {0}, pem = {0};
    struct pki_bundle *bundle;

    (void)state;
    need("openssl");
    run("openssl crl2pkcs7 -nocrl -certfile all.pem -out all.p7b");
    run("openssl crl2pkcs7 -nocrl -certfile all.pem -outform DER -out all.p7c");
    assert_int_equal(file_read(scratch_path(path, "all.p7b"), "p7", 100000, &pem, NULL), 0);
    assert_int_equal(file_read(scratch_path(path, "all.p7c"), "p7", 100000, &der, NULL), 0);
    bundle = from_buffer(&pem);
    assert_string_equal(pki_bundle_remark(bundle), "");
    expect_certs(bundle, CERTS(leaf, root, inter));
    expect_certs(from_buffer(&der), CERTS(leaf, root, inter));
    run("openssl smime -sign -in all.pem -signer leaf.pem -inkey leaf.key -outform DER -out s.p7m");
    assert_int_equal(file_read(scratch_path(path, "s.p7m"), "p7", 100000, &der, NULL), 0);
    expect_certs(from_buffer(&der), CERTS(leaf));
    run("openssl smime -encrypt -in all.pem -outform DER -out e.p7m leaf.pem || "
        "openssl cms -encrypt -in all.pem -outform DER -out e.p7m leaf.pem");
    assert_int_equal(file_read(scratch_path(path, "e.p7m"), "p7", 100000, &der, NULL), 0);
    expect_refusal(der.data, der.length, "encrypted message");
    buffer_free(&der);
}

static void crls_stand_beside_certificates(void **state)
{
    char path[SCRATCH_PATH_MAX];
    struct pki_bundle *bundle = pki_bundle_new(NULL);

    (void)state;
    if (!command_exists("certtool")) {
        pki_bundle_free(bundle);
        need("certtool");
    }
    assert_int_equal(cert_write_key(scratch_path(path, "root.key"), root), 0);
    assert_int_equal(cert_write(scratch_path(path, "root.pem"), CERTS(root)), 0);
    (void)scratch_write(path, "crl.cfg", "crl_next_update = 30\ncrl_number = 1\n", 37);
    run("certtool --generate-crl --load-ca-privkey root.key --load-ca-certificate root.pem "
        "--template crl.cfg --outfile crl.pem");
    assert_int_equal(pki_bundle_add(bundle, scratch_path(path, "crl.pem"), NULL, NULL), 0);
    assert_int_equal(pki_bundle_count(bundle), 0);
    assert_int_equal(pki_bundle_crl_count(bundle), 1);
    assert_int_equal(pki_bundle_crl(bundle, 0).data[0], 0x30);
    assert_string_equal(pki_bundle_remark(bundle), "");
    pki_bundle_free(bundle);
}

/* ---- PKCS#12 --------------------------------------------------------------------------- */

struct answer {
    const char *password;
    unsigned asked;
};

static int answer(void *context, const char *path, char *out, size_t size)
{
    struct answer *answer_of = context;

    assert_non_null(strstr(path, ".p12"));
    answer_of->asked++;
    if (answer_of->password == NULL) {
        return -1;
    }
    (void)snprintf(out, size, "%s", answer_of->password);
    return 0;
}

/* Opens "store.p12" with this answer. NULL: it was refused for the password, and the words are these. */
static struct pki_bundle *open_store(const char *password, unsigned asked, const char *refusal)
{
    struct answer context = {.password = password};
    struct pki_password asking = {answer, &context};
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    int result = pki_bundle_add(bundle, scratch_path(path, "store.p12"), &asking, &err);

    assert_int_equal(context.asked, asked);
    if (refusal == NULL && result != 0) {
        fail_msg("%s", err.text);
    }
    if (refusal == NULL) {
        assert_string_equal(pki_bundle_source(bundle, 0), path);
        assert_string_equal(pki_bundle_remark(bundle), "1 private key");
        return bundle;
    }
    assert_int_equal(result, -1);
    assert_int_equal(err.class, ERR_USAGE);
    assert_string_equal(err.code, "password");
    assert_non_null(strstr(err.text, refusal));
    assert_int_equal(pki_bundle_count(bundle), 0);
    pki_bundle_free(bundle);
    return NULL;
}

/* The leaf comes first, then its issuers in order, whatever order the store has. */
static void pkcs12_opens(const char *how, const char *password)
{
    char command[400];

    need("openssl");
    (void)snprintf(
        command, sizeof command,
        "openssl pkcs12 -export -inkey leaf.key -in leaf.pem -certfile rest.pem -name me "
        "-out store.p12 %s -passout 'pass:%s'",
        how, password);
    run(command);
    expect_certs(open_store(password[0] != '\0' ? password : NULL, password[0] != '\0', NULL),
                 CERTS(leaf, inter, root));
}

static void pkcs12_modern(void **state)
{
    (void)state;
    pkcs12_opens("", "gehe\xc3\xbcim");
    assert_null(open_store("falsch", 1, "the password is wrong"));
    assert_null(open_store(NULL, 1, "none was given"));
}

static void pkcs12_old_ciphers(void **state)
{
    (void)state;
    pkcs12_opens("-legacy", "secret"); /* RC2-40 and 3DES, SHA-1 */
    pkcs12_opens("-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1", "secret");
}

static void pkcs12_without_password_asks_nobody(void **state)
{
    (void)state;
    pkcs12_opens("", "");
    pkcs12_opens("-certpbe NONE -keypbe NONE", "");
    pkcs12_opens("-nomac -certpbe NONE -keypbe NONE", "");
}

static void pkcs12_without_mac_still_knows_a_wrong_password(void **state)
{
    (void)state;
    pkcs12_opens("-nomac -certpbe AES-256-CBC", "secret"); /* else openssl encrypts the key alone */
    assert_null(open_store("falsch", 1, "the password is wrong"));
}

/* GnuTLS writes PEM by default, and other key identifiers. */
static void pkcs12_of_certtool(void **state)
{
    (void)state;
    need("certtool");
    run("certtool --to-p12 --load-certificate all.pem --load-privkey leaf.key --p12-name me "
        "--password secret --outfile store.p12");
    expect_certs(open_store("secret", 1, NULL), CERTS(leaf, inter, root));
}

/* A store that would take an hour to open is refused at once. */
static void pkcs12_with_too_many_rounds_is_refused(void **state)
{
    static const uint8_t mac[] = {0x30, 0x26, 0x02, 0x01, 0x03, 0x30, 0x0f, 0x06, 0x09, 0x2a,
                                  0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x02,
                                  0x04, 0x00, 0x30, 0x10, 0x30, 0x06, 0x30, 0x00, 0x04, 0x02,
                                  0x01, 0x01, 0x04, 0x00, 0x02, 0x04, 0x7f, 0xff, 0xff, 0xff};

    (void)state;
    expect_refusal(mac, sizeof mac, "10 million rounds");
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
    assert_int_equal(cert_write(path, CERTS(inter)), 0);
    (void)snprintf(path, sizeof path, "%s/a.pem", folder);
    assert_int_equal(cert_write(path, CERTS(leaf)), 0);
    (void)scratch_write(file, "folder/README", "hello\n", 6);
    (void)snprintf(path, sizeof path, "%s/0a1b2c.0", folder);
    assert_int_equal(symlink("b.crt", path), 0); /* c_rehash's second name for b.crt */
    (void)snprintf(path, sizeof path, "%s/dangling", folder);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_int_equal(pki_bundle_add(bundle, folder, NULL, &err), 0);
    assert_string_equal(pki_bundle_remark(bundle), "1 file without certificates");
    assert_non_null(strstr(pki_bundle_source(bundle, 0), "/0a1b2c.0"));
    expect_certs(bundle, CERTS(inter, leaf));
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
    expect_der(pki_bundle_der(bundle, 0), leaf);
    expect_der(pki_bundle_der(bundle, 41), root);
    assert_string_equal(pki_bundle_source(bundle, 0), "sent");
    pki_bundle_free(bundle);
}

static void memory_that_runs_out_is_said(void **state)
{
    unsigned long refused = 0;

    (void)state;
    if (!scarcity_works()) {
        print_message("skipped: a sanitizer owns the allocator\n");
        skip();
    }
    for (unsigned long left = 0; refused == left; left++) {
        char path[SCRATCH_PATH_MAX];
        struct pki_bundle *bundle = pki_bundle_new(NULL);
        struct err err = {0};
        int result;

        (void)scratch_path(path, "all.pem");
        scarcity_begin(left);
        result = pki_bundle_add(bundle, path, NULL, &err);
        if (scarcity_end()) {
            refused++;
            assert_true(result == 0 || (err.class == ERR_MEMORY && pki_bundle_count(bundle) == 0));
        } else {
            assert_int_equal(result, 0);
        }
        pki_bundle_free(bundle);
    }
    assert_true(refused > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_in_all_its_dress),
        cmocka_unit_test(pem_written_is_what_openssl_writes),
        cmocka_unit_test(base64_of_every_length_comes_back),
        cmocka_unit_test(trusted_certificates_lose_their_trust),
        cmocka_unit_test(what_is_passed_over_is_counted),
        cmocka_unit_test(base64_without_its_lines_is_read),
        cmocka_unit_test(der_one_after_another),
        cmocka_unit_test(a_malformed_certificate_is_kept),
        cmocka_unit_test(other_der_is_called_by_its_name),
        cmocka_unit_test(other_files_are_called_by_their_name),
        cmocka_unit_test(pkcs7_of_indefinite_lengths),
        cmocka_unit_test(pkcs7_as_openssl_writes_it),
        cmocka_unit_test(crls_stand_beside_certificates),
        cmocka_unit_test(pkcs12_modern),
        cmocka_unit_test(pkcs12_old_ciphers),
        cmocka_unit_test(pkcs12_without_password_asks_nobody),
        cmocka_unit_test(pkcs12_without_mac_still_knows_a_wrong_password),
        cmocka_unit_test(pkcs12_of_certtool),
        cmocka_unit_test(pkcs12_with_too_many_rounds_is_refused),
        cmocka_unit_test(a_folder_is_read_in_order),
        cmocka_unit_test(a_folder_without_certificates_is_an_error),
        cmocka_unit_test(adding_more_moves_nothing),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
