/*
 * Signatures that openssl made, with every kind of key and scheme that GnuTLS can verify: each is found right under its
 * own scheme, wrong under any other, and wrong with one bit changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "command.h"
#include "scratch.h"
#include "tlstep/crypt.h"

/* Keys, certificates, bare public keys. */
static const char script[] =
    "set -e\n"
    "key() { name=$1; shift; openssl genpkey -quiet -out $name.key \"$@\" 2>/dev/null ||\n"
    "        openssl genpkey -out $name.key \"$@\" 2>/dev/null\n"
    "        openssl req -x509 -key $name.key -subj /CN=$name -days 1 -outform DER -out $name.crt\n"
    "        openssl pkey -in $name.key -pubout -outform DER -out $name.spki; }\n"
    "key rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048\n"
    "key pss -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048\n"
    "key p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256\n"
    "key p384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384\n"
    "key p521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521\n"
    "key ed25519 -algorithm ED25519\n"
    "key ed448 -algorithm ED448\n"
    "openssl dsaparam -out dsa.params 1024 2>/dev/null\n"
    "openssl gendsa -out dsa.key dsa.params 2>/dev/null\n"
    "openssl req -x509 -key dsa.key -subj /CN=dsa -days 1 -outform DER -out dsa.crt\n"
    "openssl pkey -in dsa.key -pubout -outform DER -out dsa.spki\n";

static const struct row {
    uint16_t version;
    uint16_t scheme;
    const char *key;
    const char *sign; /* openssl's arguments */
} rows[] = {
    {WIRE_TLS12, 0x0101, "rsa", "dgst -md5"},
    {WIRE_TLS12, 0x0201, "rsa", "dgst -sha1"},
    {WIRE_TLS12, 0x0301, "rsa", "dgst -sha224"},
    {WIRE_TLS12, 0x0401, "rsa", "dgst -sha256"},
    {WIRE_TLS12, 0x0501, "rsa", "dgst -sha384"},
    {WIRE_TLS12, 0x0601, "rsa", "dgst -sha512"},
    {WIRE_TLS13, 0x0804, "rsa",
     "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS13, 0x0805, "rsa",
     "dgst -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS13, 0x0806, "rsa",
     "dgst -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS13, 0x0809, "pss", "dgst -sha256 -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS13, 0x080a, "pss", "dgst -sha384 -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS13, 0x080b, "pss", "dgst -sha512 -sigopt rsa_pss_saltlen:digest"},
    {WIRE_TLS12, 0x0203, "p256", "dgst -sha1"},
    {WIRE_TLS12, 0x0303, "p256", "dgst -sha224"},
    {WIRE_TLS13, 0x0403, "p256", "dgst -sha256"},
    {WIRE_TLS13, 0x0503, "p384", "dgst -sha384"},
    {WIRE_TLS13, 0x0603, "p521", "dgst -sha512"},
    {WIRE_TLS12, 0x0403, "p384", "dgst -sha256"}, /* the curve is free before TLS 1.3 */
    {WIRE_TLS13, 0x0807, "ed25519", "pkeyutl -rawin"},
    {WIRE_TLS13, 0x0808, "ed448", "pkeyutl -rawin"},
    {WIRE_TLS12, 0x0202, "dsa", "dgst -sha1"},
    {WIRE_TLS12, 0x0402, "dsa", "dgst -sha256"},
    {WIRE_TLS11, 0, "rsa", "dgst -md5-sha1"},
    {WIRE_TLS10, 0, "dsa", "dgst -sha1"},
    {WIRE_TLS10, 0, "p256", "dgst -sha1"},
};

#define CONTENT "what both ends have said to each other so far"

static char folder[SCRATCH_PATH_MAX];

static int make_keys(void **state)
{
    struct buffer output = {0};
    char path[SCRATCH_PATH_MAX];
    int status;

    (void)state;
    if (!command_exists("openssl")) {
        return 0;
    }
    scratch_write(path, "content", CONTENT, strlen(CONTENT));
    scratch_write(path, "script", script, strlen(script));
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strlen(path) - strlen("/script")), path);
    status = command_run(&output, "cd '%s' && timeout 60 sh script", folder);
    if (status != 0) {
        print_error("%s\n", buffer_string(&output));
    }
    buffer_free(&output);
    return status;
}

static void read_into(struct buffer *out, const char *name, const char *extension)
{
    char path[SCRATCH_PATH_MAX + 40];
    struct err err;

    (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, extension);
    if (file_read(path, "test file", 1 << 16, out, &err) != 0) {
        fail_msg("%s", err.text);
    }
}

static void sign(const struct row *row, struct buffer *signature)
{
    struct buffer output = {0};
    bool digest = strncmp(row->sign, "dgst", 4) == 0;
    int status =
        digest ? command_run(&output, "cd '%s' && openssl %s -sign %s.key -out signature content",
                             folder, row->sign, row->key)
               : command_run(&output,
                             "cd '%s' && openssl %s -sign -inkey %s.key -in content -out signature",
                             folder, row->sign, row->key);

    if (status != 0) {
        fail_msg("openssl %s: %s", row->sign, buffer_string(&output));
    }
    buffer_free(&output);
    read_into(signature, "signature", "");
}

static struct crypt_check check(const struct row *row, uint16_t scheme, const struct buffer *key,
                                const struct buffer *content, const struct buffer *signature)
{
    const struct crypt_signature parameters = {
        .version = row->version,
        .scheme = scheme,
        .certificate = {key->data, key->length},
        .content = {content->data, content->length},
        .value = {signature->data, signature->length},
    };
    struct crypt_check result;

    crypt_signature_check(&parameters, &result);
    return result;
}

static void expect_wrong(const struct row *row, const struct buffer *key,
                         const struct buffer *content, const struct buffer *signature)
{
    struct crypt_check result = check(row, row->scheme, key, content, signature);

    assert_true(result.known);
    assert_false(result.ok);
    assert_memory_equal(result.text, "the certificate's key did not make it", 37);
}

static void try_row(const struct row *row)
{
    struct buffer certificate = {0};
    struct buffer key = {0};
    struct buffer content = {0};
    struct buffer signature = {0};
    struct crypt_check result;

    buffer_text(&content, CONTENT);
    read_into(&certificate, row->key, ".crt");
    read_into(&key, row->key, ".spki");
    sign(row, &signature);
    const struct buffer *const keys[] = {&certificate, &key}; /* RFC 7250: the bare key */
    for (size_t i = 0; i < 2; i++) {
        result = check(row, row->scheme, keys[i], &content, &signature);
        if (!result.known || !result.ok) {
            fail_msg("0x%04x with %s: %s", row->scheme, row->key, result.text);
        }
        for (size_t at = 0; at < content.length; at += 9) {
            content.data[at] ^= 1;
            expect_wrong(row, keys[i], &content, &signature);
            content.data[at] ^= 1;
        }
        for (size_t at = 0; at < signature.length; at += 29) {
            signature.data[at] ^= 1;
            expect_wrong(row, keys[i], &content, &signature);
            signature.data[at] ^= 1;
        }
        signature.length--;
        expect_wrong(row, keys[i], &content, &signature);
        signature.length++;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].scheme != row->scheme && rows[i].scheme != 0 && row->scheme != 0) {
            result = check(row, rows[i].scheme, &certificate, &content, &signature);
            if (result.ok) {
                fail_msg("0x%04x counts as 0x%04x", row->scheme, rows[i].scheme);
            }
        }
    }
    buffer_free(&certificate);
    buffer_free(&key);
    buffer_free(&content);
    buffer_free(&signature);
}

static void skip_without_openssl(void)
{
    if (!command_exists("openssl")) {
        print_message("skipped: openssl is not installed\n");
        skip();
    }
}

static void every_scheme_of_gnutls(void **state)
{
    (void)state;
    skip_without_openssl();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        try_row(&rows[i]);
    }
}

static void the_curve_is_part_of_the_scheme_in_tls13(void **state)
{
    static const struct row row = {WIRE_TLS13, 0x0403, "p384", "dgst -sha256"};
    struct buffer key = {0};
    struct buffer content = {0};
    struct buffer signature = {0};

    (void)state;
    skip_without_openssl();
    buffer_text(&content, CONTENT);
    read_into(&key, row.key, ".crt");
    sign(&row, &signature);
    struct crypt_check result = check(&row, row.scheme, &key, &content, &signature);
    assert_true(result.known);
    assert_false(result.ok);
    assert_non_null(strstr(result.text, "another kind or curve"));
    buffer_free(&key);
    buffer_free(&content);
    buffer_free(&signature);
}

static void a_wrong_one_says_what_it_should_cover(void **state)
{
    static const struct row row = {WIRE_TLS12, 0x0401, "rsa", "dgst -sha256"};
    struct buffer key = {0};
    struct buffer content = {0};
    struct buffer signature = {0};
    uint8_t hash[CRYPT_SHA256_SIZE];
    char hex[2 * CRYPT_SHA256_SIZE + 1];

    (void)state;
    skip_without_openssl();
    read_into(&key, row.key, ".crt");
    sign(&row, &signature);
    buffer_text(&content, "something else");
    struct crypt_check result = check(&row, row.scheme, &key, &content, &signature);
    assert_int_equal(crypt_sha256(content.data, content.length, hash), 0);
    text_hex(hex, sizeof hex, hash, sizeof hash);
    hex[24] = '\0'; /* so many are told */
    if (strstr(result.text, hex) == NULL) {
        fail_msg("%s", result.text);
    }
    buffer_free(&key);
    buffer_free(&content);
    buffer_free(&signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_of_gnutls),
        cmocka_unit_test(the_curve_is_part_of_the_scheme_in_tls13),
        cmocka_unit_test(a_wrong_one_says_what_it_should_cover),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
