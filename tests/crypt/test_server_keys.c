/*
 * The server's private key opens RSA key exchange: read from every form of file that openssl and GnuTLS
 * write, and its premaster secret gives the master secret that GnuTLS logged.
 */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "handshake.h"
#include "scratch.h"
#include "wiretap.h"

static struct wiretap_credentials credentials;

static int make_credentials(void **state)
{
    (void)state;
    return wiretap_credentials_make(&credentials);
}

static int free_credentials(void **state)
{
    (void)state;
    wiretap_credentials_free(&credentials);
    return 0;
}

/* ---- files ------------------------------------------------------------------------------------ */

static void export_pkcs8(gnutls_x509_privkey_t key, gnutls_x509_crt_fmt_t format,
                         const char *password, struct buffer *out)
{
    gnutls_datum_t data;

    assert_int_equal(gnutls_x509_privkey_export2_pkcs8(
                         key, format, password,
                         password == NULL ? GNUTLS_PKCS_PLAIN : GNUTLS_PKCS_PBES2_AES_256, &data),
                     0);
    buffer_append(out, data.data, data.size);
    gnutls_free(data.data);
}

static void export_pkcs1(gnutls_x509_privkey_t key, gnutls_x509_crt_fmt_t format,
                         struct buffer *out)
{
    gnutls_datum_t data;

    assert_int_equal(gnutls_x509_privkey_export2(key, format, &data), 0);
    buffer_append(out, data.data, data.size);
    gnutls_free(data.data);
}

/* Adds what is in `content` as a file and expects `count` keys, or the code of a refusal. */
static void expect_file(struct buffer *content, size_t count, const char *code)
{
    struct crypt_server_keys *keys = crypt_server_keys_new();
    char path[SCRATCH_PATH_MAX];
    struct err err = {0};
    int status;

    assert_non_null(keys);
    scratch_write(path, "key", content->data, content->length);
    status = crypt_server_keys_add_file(keys, path, &err);
    assert_int_equal(status, code == NULL ? 0 : -1);
    assert_int_equal(crypt_server_keys_count(keys), count);
    if (code != NULL) {
        assert_string_equal(err.code, code);
        assert_int_equal(err.class, ERR_FILE);
        assert_non_null(strstr(err.text, path));
    }
    crypt_server_keys_free(keys);
    buffer_free(content);
}

static void every_form_of_file_is_read(void **state)
{
    gnutls_x509_privkey_t rsa = credentials.rsa.key;
    struct buffer file = {0};

    (void)state;
    export_pkcs8(rsa, GNUTLS_X509_FMT_PEM, NULL, &file);
    expect_file(&file, 1, NULL);
    export_pkcs8(rsa, GNUTLS_X509_FMT_DER, NULL, &file);
    expect_file(&file, 1, NULL);
    export_pkcs1(rsa, GNUTLS_X509_FMT_PEM, &file);
    expect_file(&file, 1, NULL);
    export_pkcs1(rsa, GNUTLS_X509_FMT_DER, &file);
    expect_file(&file, 1, NULL);
}

static void several_keys_in_one_file(void **state)
{
    struct buffer file = {0};
    gnutls_datum_t pem;

    (void)state;
    buffer_text(&file, "Bag Attributes: something in front\n");
    export_pkcs8(credentials.ecdsa.key, GNUTLS_X509_FMT_PEM, NULL, &file); /* of no use */
    assert_int_equal(
        gnutls_x509_crt_export2(credentials.rsa.certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
    buffer_append(&file, pem.data, pem.size);
    gnutls_free(pem.data);
    export_pkcs1(credentials.rsa.key, GNUTLS_X509_FMT_PEM, &file);
    export_pkcs8(credentials.rsa.key, GNUTLS_X509_FMT_PEM, NULL, &file);
    expect_file(&file, 2, NULL);
}

static void what_cannot_be_used_is_told(void **state)
{
    static const char cut[] = "-----BEGIN PRIVATE KEY-----\nMIIE";
    static const char garbage[] = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n";
    struct crypt_server_keys *keys = crypt_server_keys_new();
    struct buffer file = {0};
    char path[SCRATCH_PATH_MAX];
    gnutls_datum_t pem;
    struct err err;

    (void)state;
    expect_file(&file, 0, "not_a_key"); /* empty */
    buffer_text(&file, "hello");
    expect_file(&file, 0, "not_a_key");
    buffer_text(&file, cut);
    expect_file(&file, 0, "not_a_key");
    buffer_text(&file, garbage);
    expect_file(&file, 0, "not_a_key");
    export_pkcs8(credentials.ecdsa.key, GNUTLS_X509_FMT_PEM, NULL, &file);
    expect_file(&file, 0, "not_an_rsa_key");
    export_pkcs8(credentials.rsa.key, GNUTLS_X509_FMT_PEM, "secret", &file);
    expect_file(&file, 0, "key_is_encrypted");
    export_pkcs8(credentials.rsa.key, GNUTLS_X509_FMT_DER, "secret", &file);
    expect_file(&file, 0, "key_is_encrypted");
    assert_int_equal(
        gnutls_x509_crt_export2(credentials.rsa.certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
    buffer_append(&file, pem.data, pem.size);
    gnutls_free(pem.data);
    expect_file(&file, 0, "not_a_key");

    assert_int_equal(crypt_server_keys_add_file(keys, scratch_path(path, "missing"), &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    crypt_server_keys_free(keys);
    crypt_server_keys_free(NULL);
}

static void openssls_files_are_read(void **state)
{
    static const struct {
        const char *command;
        const char *code;
    } rows[] = {
        {"openssl genrsa -traditional -out %s 2048", NULL},
        {"openssl genrsa -out %s 2048", NULL},
        {"openssl genpkey -algorithm RSA -outform DER -out %s", NULL},
        {"openssl genrsa -traditional -aes128 -passout pass:secret -out %s 2048",
         "key_is_encrypted"},
        {"openssl genrsa -aes128 -passout pass:secret -out %s 2048", "key_is_encrypted"},
        {"openssl ecparam -name prime256v1 -genkey -out %s", "not_an_rsa_key"},
    };

    (void)state;
    if (!command_exists("openssl")) {
        print_message("skipped: openssl is not installed\n");
        skip();
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct crypt_server_keys *keys = crypt_server_keys_new();
        struct buffer output = {0};
        struct err err = {0};
        char path[SCRATCH_PATH_MAX];
        char format[300];
        (void)snprintf(format, sizeof format, "%s", rows[i].command);
        char *at = strstr(format, "%s");
        char command[600];
        (void)snprintf(command, sizeof command, "%.*s%s%s", (int)(at - format), format,
                       scratch_path(path, "openssl.key"), at + 2);
        assert_int_equal(command_run(&output, "%s", command), 0);
        assert_int_equal(crypt_server_keys_add_file(keys, path, &err),
                         rows[i].code == NULL ? 0 : -1);
        if (rows[i].code != NULL) {
            assert_string_equal(err.code, rows[i].code);
        }
        buffer_free(&output);
        crypt_server_keys_free(keys);
    }
}

/* ---- secrets ------------------------------------------------------------------------------------ */

static struct crypt_server_keys *server_keys(void)
{
    struct crypt_server_keys *keys = crypt_server_keys_new();
    struct buffer file = {0};
    char path[SCRATCH_PATH_MAX];
    struct err err;

    assert_non_null(keys);
    export_pkcs8(credentials.rsa.key, GNUTLS_X509_FMT_PEM, NULL, &file);
    scratch_write(path, "server.key", file.data, file.length);
    buffer_free(&file);
    assert_int_equal(crypt_server_keys_add_file(keys, path, &err), 0);
    return keys;
}

/* What RSA key exchange sent, and what its master secret depends on. */
struct exchange {
    struct wiretap tap;
    struct unsealed unsealed;
    struct handshake handshake;
    uint8_t encrypted[1024];
    size_t length;
    const uint8_t *client_random;
    const uint8_t *server_random;
    uint8_t session_hash[CRYPT_HASH_MAX];
    size_t session_hash_length;
};

static void run_exchange(struct exchange *x, const char *priority)
{
    const struct handshake_message *message;
    struct reader reader;

    memset(x, 0, sizeof *x);
    if (wiretap_start(&x->tap, &credentials, priority) != 0) {
        fail_msg("%s: %s", priority, gnutls_strerror(x->tap.status[WIRE_CLIENT]));
    }
    assert_int_equal(unseal(&x->unsealed, x->tap.sent, x->tap.keylog), 0);
    assert_int_equal(handshake_merge(&x->handshake, &x->unsealed), 0);
    x->client_random = x->unsealed.messages[WIRE_CLIENT].data + WIRE_HANDSHAKE_HEADER + 2;
    x->server_random = x->unsealed.messages[WIRE_SERVER].data + WIRE_HANDSHAKE_HEADER + 2;
    message = handshake_find(&x->handshake, WIRE_CLIENT, WIRE_CLIENT_KEY_EXCHANGE);
    assert_non_null(message);
    reader = reader_new(x->handshake.bytes.data + message->start, message->end - message->start);
    (void)reader_bytes(&reader, WIRE_HANDSHAKE_HEADER);
    x->length = reader_u16(&reader);
    assert_true(x->length <= sizeof x->encrypted && reader_left(&reader) == x->length);
    memcpy(x->encrypted, reader_bytes(&reader, x->length), x->length);
    x->session_hash_length = handshake_hash(&x->handshake, message->end, x->session_hash);
}

static void free_exchange(struct exchange *x)
{
    handshake_free(&x->handshake);
    unseal_free(&x->unsealed);
    wiretap_free(&x->tap);
}

static void the_key_gives_the_master_secret_that_was_logged(void **state)
{
    static const struct {
        const char *priority;
        bool extended;
    } rows[] = {
        {"NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+RSA", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+RSA:%NO_SESSION_HASH", false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+RSA", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.1:-KX-ALL:+RSA:%NO_SESSION_HASH", false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:-CIPHER-ALL:+AES-128-CBC", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:-CIPHER-ALL:+AES-128-CBC:%NO_SESSION_HASH",
         false},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:-CIPHER-ALL:+AES-256-GCM", true},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA:-CIPHER-ALL:+AES-256-GCM:%NO_SESSION_HASH",
         false},
    };
    struct crypt_server_keys *keys = server_keys();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct crypt_secret *logged;
        struct exchange x;
        uint8_t premaster[48];
        uint8_t master[48];
        struct err err;
        run_exchange(&x, rows[i].priority);
        uint16_t offered = (uint16_t)(x.client_random[-2] << 8 | x.client_random[-1]);
        assert_int_equal(
            crypt_server_keys_premaster(keys, offered, x.encrypted, x.length, premaster, &err), 0);
        const struct crypt_master parameters = {
            .version = x.unsealed.version,
            .cipher_suite = x.unsealed.cipher_suite,
            .premaster = {premaster, sizeof premaster},
            .client_random = x.client_random,
            .server_random = x.server_random,
            .session_hash = {rows[i].extended ? x.session_hash : NULL, x.session_hash_length},
        };
        assert_int_equal(crypt_master_derive(&parameters, master, &err), 0);
        logged = crypt_keylog_find(x.tap.keylog, CRYPT_CLIENT_RANDOM, x.client_random);
        assert_non_null(logged);
        assert_memory_equal(master, logged->secret, 48);
        free_exchange(&x);
    }
    crypt_server_keys_free(keys);
}

static void what_no_key_decrypts_is_told(void **state)
{
    struct crypt_server_keys *keys = server_keys();
    struct crypt_server_keys *none = crypt_server_keys_new();
    static const uint8_t zeros[48];
    struct exchange x;
    uint8_t premaster[48];
    struct err err;

    (void)state;
    run_exchange(&x, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA");
    assert_int_equal(
        crypt_server_keys_premaster(none, WIRE_TLS12, x.encrypted, x.length, premaster, &err), -1);
    assert_string_equal(err.code, "no_key_fits");
    assert_int_equal(
        crypt_server_keys_premaster(keys, WIRE_TLS11, x.encrypted, x.length, premaster, &err), -1);
    assert_string_equal(err.code, "no_key_fits");
    assert_non_null(strstr(err.text, "version"));
    assert_memory_equal(premaster, zeros, 48);
    assert_int_equal(
        crypt_server_keys_premaster(keys, WIRE_TLS12, x.encrypted, x.length - 1, premaster, &err),
        -1);
    assert_string_equal(err.code, "no_key_fits");
    assert_int_equal(crypt_server_keys_premaster(keys, WIRE_TLS12, x.encrypted, 0, premaster, &err),
                     -1);
    for (size_t bit = 0; bit < 8 * x.length; bit += 37) {
        x.encrypted[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(
            crypt_server_keys_premaster(keys, WIRE_TLS12, x.encrypted, x.length, premaster, &err),
            -1);
        assert_string_equal(err.code, "no_key_fits");
        x.encrypted[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free_exchange(&x);
    crypt_server_keys_free(keys);
    crypt_server_keys_free(none);
}

static void a_master_secret_needs_a_version_and_a_suite_that_have_one(void **state)
{
    static const uint8_t some[64];
    static const struct {
        uint16_t version;
        uint16_t cipher_suite;
        struct crypt_known session_hash;
        const char *code; /* NULL: it can be computed */
    } rows[] = {
        {WIRE_TLS13, 0x1301, {NULL, 0}, "version_not_supported"},
        {WIRE_SSL2, 0x002f, {NULL, 0}, "version_not_supported"},
        {WIRE_TLS12, 0x0a0a, {NULL, 0}, "suite_not_supported"},
        {WIRE_TLS12, 0x003c, {some, 36}, "bad_session_hash"},
        {WIRE_TLS11, 0x002f, {some, 32}, "bad_session_hash"},
        {WIRE_TLS11, 0x002f, {some, 36}, NULL},
        {WIRE_SSL3, 0x002f, {NULL, 0}, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct crypt_master parameters = {
            .version = rows[i].version,
            .cipher_suite = rows[i].cipher_suite,
            .premaster = {some, 48},
            .client_random = some,
            .server_random = some,
            .session_hash = rows[i].session_hash,
        };
        uint8_t master[48];
        struct err err = {0};
        assert_int_equal(crypt_master_derive(&parameters, master, &err),
                         rows[i].code == NULL ? 0 : -1);
        assert_string_equal(err.code, rows[i].code == NULL ? "" : rows[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_file_is_read),
        cmocka_unit_test(several_keys_in_one_file),
        cmocka_unit_test(what_cannot_be_used_is_told),
        cmocka_unit_test(openssls_files_are_read),
        cmocka_unit_test(the_key_gives_the_master_secret_that_was_logged),
        cmocka_unit_test(what_no_key_decrypts_is_told),
        cmocka_unit_test(a_master_secret_needs_a_version_and_a_suite_that_have_one),
    };
    return cmocka_run_group_tests(tests, make_credentials, free_credentials);
}
