/* PKCS#12: what other programs write, every way to encrypt it, and files that were made to be a nuisance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gnutls/crypto.h>

#include "bundles.h"
#include "command.h"
#include "files/pbe.h"
#include "files/pkcs12.h"
#include "notation.h"
#include "scratch.h"

static struct cert *root, *inter, *leaf, *other;

static int set_up(void **state)
{
    (void)state;
    bundle_make_files(&root, &inter, &leaf);
    other = cert_must((struct cert_options){.common_name = "other", .issuer = inter});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cert_free(root);
    cert_free(inter);
    cert_free(leaf);
    cert_free(other);
    return 0;
}

/* ---- passwords --------------------------------------------------------------------------- */

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

/* "store.p12" with this answer. */
static int try_store(struct pki_bundle *bundle, const char *password, unsigned asked,
                     struct err *err)
{
    struct answer context = {.password = password};
    struct pki_password asking = {answer, &context};
    char path[SCRATCH_PATH_MAX];
    int result = pki_bundle_add(bundle, scratch_path(path, "store.p12"), &asking, err);

    assert_int_equal(context.asked, asked);
    if (result == 0) {
        assert_string_equal(pki_bundle_source(bundle, 0), path);
    }
    return result;
}

static struct pki_bundle *open_store(const char *password, unsigned asked)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    if (try_store(bundle, password, asked, &err) != 0) {
        fail_msg("%s", err.text);
    }
    return bundle;
}

static void expect_locked(const char *password, const char *words)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_int_equal(try_store(bundle, password, 1, &err), -1);
    assert_int_equal(err.class, ERR_USAGE);
    assert_string_equal(err.code, "password");
    assert_non_null(strstr(err.text, words));
    assert_int_equal(pki_bundle_count(bundle), 0);
    assert_string_equal(pki_bundle_remark(bundle), "");
    pki_bundle_free(bundle);
}

/* The leaf comes first, then its issuers in order, whatever order the store has. */
static void opens(const char *how, const char *password)
{
    struct pki_bundle *bundle;

    command_need("openssl");
    print_message("%s\n", how);
    bundle_run("openssl pkcs12 -export -inkey leaf.key -in leaf.pem -certfile rest.pem -name me "
               "-out store.p12 %s -passout 'pass:%s'",
               how, password);
    bundle = open_store(password[0] != '\0' ? password : NULL, password[0] != '\0');
    assert_string_equal(pki_bundle_remark(bundle), "1 private key");
    bundle_expect_certs(bundle, CHAIN(leaf, inter, root));
}

static void as_programs_write_it_today(void **state)
{
    (void)state;
    opens("", "gehe\xc3\xbcim");
    expect_locked("falsch", "the password is wrong");
    expect_locked("", "the password is wrong");
    expect_locked(NULL, "none was given");
}

static void every_way_to_encrypt(void **state)
{
    static const char *const ways[] = {
        "-legacy", /* RC2-40 and 3DES, SHA-1 */
        "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1",
        "-certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES -macalg md5",
        "-legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-RC4-128 -macalg sha224",
        "-certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha384",
        "-certpbe AES-192-CBC -keypbe AES-192-CBC -macalg sha512",
        "-certpbe DES-EDE3-CBC -keypbe DES-EDE3-CBC -iter 1",
        "-certpbe AES-256-CBC -keypbe PBE-SHA1-3DES -iter 100000 -maciter",
    };

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        opens(ways[i], "secret");
    }
}

/* The older schemes have passwords in UTF-16, with a surrogate pair for what does not fit (RFC 7292 B.1). */
static void passwords_of_all_alphabets(void **state)
{
    char long_one[201];

    (void)state;
    memset(long_one, 'x', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    for (int old = 0; old < 2; old++) {
        const char *how = old ? "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES" : "";
        opens(how, "\xc3\xa4\xe2\x82\xac");          /* a umlaut, euro */
        opens(how, "\xf0\x9f\x94\x91 \xc3\x9f key"); /* a key, beyond the BMP */
        opens(how, long_one);
    }
}

static void without_password_nobody_is_asked(void **state)
{
    (void)state;
    opens("", "");
    opens("-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES", "");
    opens("-certpbe NONE -keypbe NONE", "");
    opens("-nomac -certpbe NONE -keypbe NONE", "");
}

static void without_mac_a_wrong_password_is_still_known(void **state)
{
    (void)state;
    opens("-nomac -certpbe AES-256-CBC", "secret"); /* else openssl encrypts the key alone */
    expect_locked("falsch", "the password is wrong");
}

static void what_is_not_known_is_said(void **state)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    (void)state;
    command_need("openssl");
    bundle_run("openssl pkcs12 -export -legacy -nokeys -in all.pem -certpbe PBE-SHA1-RC2-128 "
               "-out store.p12 -passout pass:");
    assert_int_equal(try_store(bundle, NULL, 0, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "not known here"));
    pki_bundle_free(bundle);
}

/* GnuTLS writes PEM by default, and other key identifiers. */
static void as_certtool_writes_it(void **state)
{
    (void)state;
    command_need("certtool");
    bundle_run("certtool --to-p12 --load-certificate all.pem --load-privkey leaf.key --p12-name me "
               "--password secret --outfile store.p12");
    bundle_expect_certs(open_store("secret", 1), CHAIN(leaf, inter, root));
}

/* Java's trust stores have all certificates in one SafeContents. */
static void hundreds_of_certificates_are_all_read(void **state)
{
    struct cert *many[101] = {NULL};
    char path[SCRATCH_PATH_MAX], name[20];

    (void)state;
    command_need("openssl");
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "CA %d", i);
        many[i] = cert_make(&(struct cert_options){.common_name = name, .ca = true});
        assert_non_null(many[i]);
    }
    cert_write_scratch(path, "many.pem", (const struct cert *const *)many);
    bundle_run("openssl pkcs12 -export -nokeys -in many.pem -out store.p12 -passout pass:secret");
    bundle_expect_certs(open_store("secret", 1), (const struct cert *const *)many);
    for (int i = 0; i < 100; i++) {
        cert_free(many[i]);
    }
}

static void names_in_it_change_nothing(void **state)
{
    (void)state;
    opens("-caname \"$(printf '\\033]0;x\\007')\" -name \"$(printf '\\342\\200\\256\\033[2J')\" "
          "-CSP \"$(printf '\\033c')\"",
          "secret");
}

/* ---- files made by hand ---------------------------------------------------------------------- */

#define DATA      "06(2a864886f70d010701)"
#define ENCRYPTED "06(2a864886f70d010706)"
#define BAG(n)    "06(2a864886f70d010c0a01" n ")"
/* localKeyID. */
#define KEY_ID(n) " 31(30(06(2a864886f70d010915) 31(04(" n "))))"

static void append_cert_bag(struct buffer *out, const struct cert *cert, const char *attributes)
{
    char *hex = notation_hex(cert->der, cert->length);

    buffer_printf(out, "30(" BAG("03") " a0(30(06(2a864886f70d01091601) a0(04(%s)))) %s)", hex,
                  attributes);
    free(hex);
}

static void append_key_bag(struct buffer *out, const struct cert *cert)
{
    gnutls_datum_t key;
    char *hex;

    assert_int_equal(gnutls_x509_privkey_export2_pkcs8(cert->key, GNUTLS_X509_FMT_DER, NULL,
                                                       GNUTLS_PKCS_PLAIN, &key),
                     0);
    hex = notation_hex(key.data, key.size);
    buffer_printf(out, "30(" BAG("01") " a0(%s))", hex);
    free(hex);
    gnutls_free(key.data);
}

/* A file around an AuthenticatedSafe; takes over `safe`. */
static struct buffer container(char *safe, const char *mac)
{
    char *text =
        text_format("30(020103 30(" DATA " a0(04(30(%s)))) %s)", safe != NULL ? safe : "", mac);
    struct buffer out = {0};

    assert_true(safe != NULL && text != NULL);
    notation_append(&out, text);
    free(safe);
    free(text);
    return out;
}

/* A file around bags in the notation, neither encrypted nor authenticated; frees them. */
static struct buffer plain_container(struct buffer *bags)
{
    char *safe = text_format("30(" DATA " a0(04(30(%s))))", buffer_string(bags));

    buffer_free(bags);
    return container(safe, "");
}

static void the_key_says_which_is_the_leaf(void **state)
{
    struct buffer bags = {0}, file;

    (void)state;
    append_cert_bag(&bags, inter, "");
    append_cert_bag(&bags, other, "");
    append_cert_bag(&bags, root, "");
    append_cert_bag(&bags, leaf, "");
    append_key_bag(&bags, leaf);
    file = plain_container(&bags);
    bundle_expect_certs(bundle_of_buffer(&file), CHAIN(leaf, inter, root, other));
}

/* A key that cannot be opened, here for more rounds than anybody waits for, still has its localKeyID. */
static void the_key_id_says_which_is_the_leaf(void **state)
{
    struct buffer bags = {0}, file;
    struct pki_bundle *bundle;

    (void)state;
    append_cert_bag(&bags, root, "");
    append_cert_bag(&bags, leaf, KEY_ID("01"));
    append_cert_bag(&bags, inter, "");
    append_cert_bag(&bags, other, KEY_ID("0203"));
    buffer_text(&bags, "30(" BAG("02") " a0(30(30(06(2a864886f70d010c0103) 30(04(0102) "
                                       "02(7fffffff))) 04([16 00])))" KEY_ID("0203") ")");
    file = plain_container(&bags);
    bundle = bundle_of_buffer(&file);
    assert_string_equal(pki_bundle_remark(bundle), "1 private key");
    bundle_expect_certs(bundle, CHAIN(other, inter, root, leaf));
}

static void crls_secrets_and_bags_in_bags(void **state)
{
    struct buffer bags = {0}, file;
    struct pki_bundle *bundle;

    (void)state;
    buffer_text(&bags, "30(" BAG("04") " a0(30(06(2a864886f70d01091701) a0(04(30(0500))))))");
    buffer_text(&bags, "30(" BAG("05") " a0(30(06(2a03) a0(0500))))");
    buffer_text(&bags, "30(" BAG("03") " a0(30(06(2a864886f70d01091602) a0(1600))))"); /* SDSI */
    buffer_text(&bags, "30(" BAG("06") " a0(30(");
    append_cert_bag(&bags, leaf, "");
    buffer_text(&bags, ")))");
    file = plain_container(&bags);
    bundle = bundle_of_buffer(&file);
    assert_int_equal(pki_bundle_crl_count(bundle), 1);
    assert_int_equal(pki_bundle_crl(bundle, 0).length, 4);
    bundle_expect_certs(bundle, CHAIN(leaf));
}

/* Old browsers wrote OCTET STRINGs in pieces, with indefinite lengths. */
static void octets_in_pieces(void **state)
{
    struct buffer bags = {0}, contents = {0}, file = {0};
    char *first, *second, *text;
    size_t half;

    (void)state;
    buffer_text(&bags, "30(");
    append_cert_bag(&bags, leaf, "");
    buffer_text(&bags, ")");
    notation_append(&contents, buffer_string(&bags));
    half = contents.length / 2;
    first = notation_hex(contents.data, half);
    second = notation_hex(contents.data + half, contents.length - half);
    text = text_format("3080 020103 3080 " DATA " a080 2480 04(3080 30(" DATA
                       " a0(2480 04(%s) 04(%s) 0000)) 0000) 0000 0000 0000 0000",
                       first, second);
    assert_non_null(text);
    notation_append(&file, text);
    bundle_expect_certs(bundle_of_buffer(&file), CHAIN(leaf));
    free(first);
    free(second);
    free(text);
    buffer_free(&bags);
    buffer_free(&contents);
}

static void expect_broken(struct buffer file, const char *words)
{
    struct pki_bundle *bundle = pki_bundle_new(NULL);
    struct err err = {0};

    assert_int_equal(pki_bundle_add_bytes(bundle, file.data, file.length, "x.p12", NULL, &err), -1);
    assert_int_equal(err.class, ERR_FILE);
    if (strstr(err.text, words) == NULL) {
        fail_msg("\"%s\" is not in: %s", words, err.text);
    }
    assert_int_equal(pki_bundle_count(bundle), 0);
    pki_bundle_free(bundle);
    buffer_free(&file);
}

static void what_is_broken_is_refused(void **state)
{
    struct buffer deep = {0}, cut = {0}, file;

    (void)state;
    for (int i = 0; i < 100; i++) {
        buffer_text(&deep, "30(" BAG("06") " a0(30(");
    }
    for (int i = 0; i < 100; i++) {
        buffer_text(&deep, ")))");
    }
    expect_broken(plain_container(&deep), "damaged");
    append_cert_bag(&cut, leaf, "");
    file = plain_container(&cut);
    file.data[file.length - leaf->length - 40] ^= 0x55;
    expect_broken(file, "damaged");
    expect_broken(container(text_duplicate("", 0), ""), "PKCS#12 without certificates");
    expect_broken(container(text_format("30(" ENCRYPTED " a0(30(020100 30(" DATA "))))"), ""),
                  "damaged");
}

/* ---- MACs and rounds ---------------------------------------------------------------------------- */

#define SHA1_MAC(rounds) \
    "30(30(30(06(2b0e03021a) 0500) 04([20 00])) 04(0102030405060708) 02(" rounds "))"
/* A bag that is encrypted with AES after so many rounds of PBKDF2. */
#define ENCRYPTED_BAG(rounds)                                                                \
    "30(" ENCRYPTED " a0(30(020100 30(" DATA " 30(06(2a864886f70d01050d) 30(30(06("          \
    "2a864886f70d01050c) 30(04(01020304) 02(" rounds "))) 30(06(60864801650304012a) 04([16 " \
    "00])))) 80([32 00])))))"

/* A store that would take an hour to open is refused at once. */
static void too_many_rounds_are_refused(void **state)
{
    static const char *const counts[] = {"7fffffff", "00989681", "00ffffffff", "[20 7f]"};
    int64_t begun = clock_monotonic_ns();

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char *mac = text_format(SHA1_MAC("%s"), counts[i]);
        assert_non_null(mac);
        expect_broken(container(text_duplicate("", 0), mac), "10 million rounds");
        expect_broken(container(text_format(ENCRYPTED_BAG("%s"), counts[i]), ""),
                      "10 million rounds");
        free(mac);
    }
    expect_broken(
        container(text_duplicate(ENCRYPTED_BAG("00"), sizeof ENCRYPTED_BAG("00") - 1), ""),
        "damaged");
    assert_true(clock_monotonic_ns() - begun < INT64_C(1000000000));
}

/* Rounds are counted over all passwords and bags, so that a thousand small ones are no way around. */
static void rounds_add_up(void **state)
{
    struct answer context = {.password = "secret"};
    struct pki_password asking = {answer, &context};
    struct buffer file;
    struct pkcs12 contents;
    struct err err = {0};
    uint64_t rounds = 20000;

    (void)state;
    command_need("openssl");
    bundle_run("openssl pkcs12 -export -inkey leaf.key -in leaf.pem -out store.p12 -iter 3000 "
               "-macalg sha1 -passout pass:secret");
    file = bundle_file("store.p12");
    /* The MAC under three passwords; certificate and key under one. */
    assert_int_equal(pkcs12_read(&contents, (struct pki_slice){file.data, file.length}, "x.p12",
                                 &asking, &rounds, &err),
                     0);
    assert_int_equal(contents.count, 1);
    assert_int_equal(rounds, 20000 - 3 * 3000 - 2 * 3000);
    pkcs12_clear(&contents);
    assert_int_equal(pkcs12_read(&contents, (struct pki_slice){file.data, file.length}, "x.p12",
                                 &asking, &rounds, &err),
                     -1);
    assert_int_equal(err.class, ERR_FILE);
    assert_non_null(strstr(err.text, "rounds"));
    assert_int_equal(contents.count, 0);
    pkcs12_clear(&contents);
    buffer_free(&file);
}

/* PBMAC1 (RFC 9579), which newer programs write. */
static void the_newest_mac_is_checked(void **state)
{
    static const char mac_format[] =
        "30(30(30(06(2a864886f70d01050e) 30(30(06(2a864886f70d01050c) 30(04('salt') 02(0800) "
        "02(20) 30(06(2a864886f70d0209) 0500))) 30(06(2a864886f70d020a) 0500))) 04(%s)) 04(00) "
        "020101)";
    uint8_t key[32], value[48];
    gnutls_datum_t password = {(uint8_t *)"secret", 6}, salt = {(uint8_t *)"salt", 4};
    struct buffer bags = {0}, safe = {0}, file;
    char path[SCRATCH_PATH_MAX], *text, *hex, *mac;

    (void)state;
    append_cert_bag(&bags, leaf, "");
    text = text_format("30(" DATA " a0(04(30(%s))))", buffer_string(&bags));
    buffer_printf(&bags, " ");
    assert_non_null(text);
    buffer_printf(&safe, "30(%s)", text);
    buffer_free(&bags);
    notation_append(&bags, buffer_string(&safe)); /* what is authenticated */
    assert_int_equal(gnutls_pbkdf2(GNUTLS_MAC_SHA256, &password, &salt, 2048, key, sizeof key), 0);
    assert_int_equal(
        gnutls_hmac_fast(GNUTLS_MAC_SHA384, key, sizeof key, bags.data, bags.length, value), 0);
    hex = notation_hex(value, sizeof value);
    mac = text_format(mac_format, hex);
    file = container(text, mac);
    (void)scratch_write(path, "store.p12", file.data, file.length);
    bundle_expect_certs(open_store("secret", 1), CHAIN(leaf));
    expect_locked("falsch", "the password is wrong");
    free(hex);
    free(mac);
    buffer_free(&bags);
    buffer_free(&safe);
    buffer_free(&file);
}

static void memory_that_runs_out_is_said(void **state)
{
    (void)state;
    command_need("openssl");
    /* Without a key: libtasn1 falls over its own feet when memory runs out there. */
    bundle_run("openssl pkcs12 -export -nokeys -in all.pem -out store.p12 -iter 1 -passout pass:");
    bundle_starve("store.p12");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_programs_write_it_today),
        cmocka_unit_test(every_way_to_encrypt),
        cmocka_unit_test(passwords_of_all_alphabets),
        cmocka_unit_test(without_password_nobody_is_asked),
        cmocka_unit_test(without_mac_a_wrong_password_is_still_known),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(as_certtool_writes_it),
        cmocka_unit_test(hundreds_of_certificates_are_all_read),
        cmocka_unit_test(names_in_it_change_nothing),
        cmocka_unit_test(the_key_says_which_is_the_leaf),
        cmocka_unit_test(the_key_id_says_which_is_the_leaf),
        cmocka_unit_test(crls_secrets_and_bags_in_bags),
        cmocka_unit_test(octets_in_pieces),
        cmocka_unit_test(what_is_broken_is_refused),
        cmocka_unit_test(too_many_rounds_are_refused),
        cmocka_unit_test(rounds_add_up),
        cmocka_unit_test(the_newest_mac_is_checked),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
