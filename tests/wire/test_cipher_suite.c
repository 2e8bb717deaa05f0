/* Cipher suites are taken apart as OpenSSL does it, and every named one has all its parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command.h"
#include "registry.h"

#define PATH "tests/data/cipher_suites.txt"

struct word {
    const char *theirs;
    const char *ours;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct word exchanges[] = {
    {"Kx=any", NULL},     {"Kx=RSA", "RSA"},        {"Kx=DH", "DHE"},
    {"Kx=ECDH", "ECDHE"}, {"Kx=PSK", "PSK"},        {"Kx=RSAPSK", "RSA_PSK"},
    {"Kx=DHEPSK", "DHE"}, {"Kx=ECDHEPSK", "ECDHE"}, {"Kx=SRP", "SRP"},
};

static const struct word authentications[] = {
    {"Au=any", NULL},  {"Au=RSA", "RSA"},        {"Au=DSS", "DSS"}, {"Au=ECDSA", "ECDSA"},
    {"Au=PSK", "PSK"}, {"Au=None", "anonymous"}, {"Au=SRP", "SRP"},
};

static const struct word ciphers[] = {
    {"Enc=None", "NULL"},
    {"Enc=AESGCM(128)", "AES-128-GCM"},
    {"Enc=AESGCM(256)", "AES-256-GCM"},
    {"Enc=AESCCM(128)", "AES-128-CCM"},
    {"Enc=AESCCM(256)", "AES-256-CCM"},
    {"Enc=AESCCM8(128)", "AES-128-CCM-8"},
    {"Enc=AESCCM8(256)", "AES-256-CCM-8"},
    {"Enc=CHACHA20/POLY1305(256)", "CHACHA20-POLY1305"},
    {"Enc=AES(128)", "AES-128-CBC"},
    {"Enc=AES(256)", "AES-256-CBC"},
    {"Enc=Camellia(128)", "CAMELLIA-128-CBC"},
    {"Enc=Camellia(256)", "CAMELLIA-256-CBC"},
    {"Enc=ARIAGCM(128)", "ARIA-128-GCM"},
    {"Enc=ARIAGCM(256)", "ARIA-256-GCM"},
    {"Enc=SEED(128)", "SEED-CBC"},
};

static const struct word macs[] = {
    {"Mac=MD5", "MD5"},
    {"Mac=SHA1", "SHA-1"},
    {"Mac=SHA256", "SHA-256"},
    {"Mac=SHA384", "SHA-384"},
};

static const char *translate(const struct word *words, size_t count, const char *theirs)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].theirs, theirs) == 0) {
            return words[i].ours;
        }
    }
    fail_msg("no word for %s", theirs);
    return NULL;
}

static void expect_same(const char *suite, const char *ours, const char *theirs)
{
    if ((ours == NULL) != (theirs == NULL) || (ours != NULL && strcmp(ours, theirs) != 0)) {
        fail_msg("%s: %s where OpenSSL says %s", suite, ours == NULL ? "nothing" : ours,
                 theirs == NULL ? "nothing" : theirs);
    }
}

static void compare_line(const char *line)
{
    char name[80], exchange[20], authentication[20], cipher[40], mac[20];
    struct wire_cipher_suite suite;
    const char *bits;
    unsigned id;

    assert_int_equal(sscanf(line, "%x %79s %19s %19s %39s %19s", &id, name, exchange,
                            authentication, cipher, mac),
                     6);
    assert_int_equal(wire_cipher_suite_parts((uint16_t)id, &suite), 0);
    assert_int_equal(suite.id, id);
    expect_same(name, suite.name, name);
    expect_same(name, suite.key_exchange, translate(exchanges, COUNT(exchanges), exchange));
    expect_same(name, suite.authentication,
                translate(authentications, COUNT(authentications), authentication));
    expect_same(name, suite.cipher, translate(ciphers, COUNT(ciphers), cipher));
    assert_int_equal(suite.aead, strcmp(mac, "Mac=AEAD") == 0);
    if (!suite.aead) {
        expect_same(name, suite.hash, translate(macs, COUNT(macs), mac));
    }
    bits = strchr(cipher, '(');
    assert_int_equal(suite.key_bits, bits == NULL ? 0 : strtoul(bits + 1, NULL, 10));
    assert_int_equal(suite.tls13, strcmp(exchange, "Kx=any") == 0);
    assert_int_equal(suite.forward_secrecy, strstr(exchange, "DH") != NULL ||
                                                strstr(exchange, "SRP") != NULL || suite.tls13);
}

static void parts_are_those_that_openssl_sees(void **state)
{
    FILE *file = fopen(PATH, "r");
    char line[200];
    unsigned compared = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] != '#') {
            compare_line(line);
            compared++;
        }
    }
    (void)fclose(file); /* it was only read */
    assert_true(compared > 150);
}

static void aead_suites_name_the_hash_of_their_key_schedule(void **state)
{
    struct wire_cipher_suite suite;

    (void)state;
    assert_int_equal(wire_cipher_suite_parts(0x1302, &suite), 0);
    assert_string_equal(suite.hash, "SHA-384");
    assert_int_equal(wire_cipher_suite_parts(0xc0ac, &suite), 0); /* …_CCM: RFC 7251 2 */
    assert_string_equal(suite.hash, "SHA-256");
    assert_int_equal(wire_cipher_suite_parts(0xcca8, &suite), 0);
    assert_string_equal(suite.hash, "SHA-256");
}

static void three_key_des_and_export_have_their_real_key_sizes(void **state)
{
    struct wire_cipher_suite suite;

    (void)state;
    assert_int_equal(wire_cipher_suite_parts(0x000a, &suite), 0);
    assert_string_equal(suite.cipher, "3DES-EDE-CBC");
    assert_int_equal(suite.key_bits, 168);
    assert_int_equal(wire_cipher_suite_parts(0x0003, &suite), 0);
    assert_string_equal(suite.cipher, "RC4");
    assert_int_equal(suite.key_bits, 40);
    assert_int_equal(wire_cipher_suite_parts(0x0014, &suite), 0);
    assert_string_equal(suite.key_exchange, "DHE");
    assert_int_equal(suite.key_bits, 40);
}

static void signals_are_no_suites(void **state)
{
    struct wire_cipher_suite suite;

    (void)state;
    assert_int_equal(wire_cipher_suite_parts(0x5600, &suite), 0);
    assert_string_equal(suite.name, "TLS_FALLBACK_SCSV");
    assert_null(suite.cipher);
    assert_int_equal(wire_cipher_suite_parts(0x0a0a, &suite), -1);
    assert_int_equal(wire_cipher_suite_parts(0xbeef, &suite), -1);
    assert_null(suite.name);
}

/* A suite that is added to the registry must not come out half taken apart. */
static void every_named_suite_has_all_its_parts(void **state)
{
    const struct registry_table *table = &registry_tables[WIRE_REGISTRY_CIPHER_SUITE];

    (void)state;
    for (size_t i = 0; i < table->count; i++) {
        struct wire_cipher_suite suite;
        assert_int_equal(wire_cipher_suite_parts((uint16_t)table->entries[i].value, &suite), 0);
        if (strstr(suite.name, "SCSV") != NULL || suite.id == 0) {
            continue;
        }
        if (suite.cipher == NULL || suite.hash == NULL ||
            suite.tls13 != (suite.key_exchange == NULL) ||
            suite.tls13 != (suite.authentication == NULL) ||
            (suite.key_bits == 0) != (strcmp(suite.cipher, "NULL") == 0)) {
            fail_msg("%s is not taken apart", suite.name);
        }
    }
}

/* What a program prints about suites, line by line; skips the test where it is not installed. */
static unsigned each_line(const char *program, const char *command, bool (*take)(const char *line))
{
    struct buffer output = {0};
    unsigned taken = 0;
    char *save = NULL;

    if (!command_exists(program)) {
        print_message("skipped: %s is not installed\n", program);
        skip();
    }
    assert_int_not_equal(command_run(&output, "%s", command), -1);
    buffer_u8(&output, '\0');
    assert_false(output.failed);
    for (char *line = strtok_r((char *)output.data, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        taken += take(line);
    }
    buffer_free(&output);
    return taken;
}

/* "0xC0,0x30 - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 - ECDHE-RSA-AES256-GCM-SHA384 TLSv1.2 …" */
static bool take_openssl_line(const char *line)
{
    struct wire_cipher_suite suite;
    char standard[80], own[80];
    unsigned high, low;

    if (sscanf(line, " 0x%x,0x%x - %79s - %79s", &high, &low, standard, own) != 4 ||
        wire_registry_value(WIRE_REGISTRY_CIPHER_SUITE, standard) < 0) { /* one of SSL 2 */
        return false;
    }
    assert_int_equal(wire_cipher_suite_parts((uint16_t)(high << 8 | low), &suite), 0);
    expect_same(standard, suite.name, standard);
    expect_same(standard, suite.openssl_name, own);
    return true;
}

static void openssl_names_are_its_own(void **state)
{
    (void)state;
    assert_true(each_line("openssl", "openssl ciphers -V -stdname 'ALL:COMPLEMENTOFALL@SECLEVEL=0'",
                          take_openssl_line) > 100);
}

/* "TLS_RSA_AES_128_CBC_SHA1    0x00, 0x2f    TLS1.0" */
static bool take_gnutls_line(const char *line)
{
    struct wire_cipher_suite suite;
    char own[80];
    unsigned high, low;

    if (sscanf(line, "TLS_%70s 0x%x, 0x%x", own, &high, &low) != 3) {
        return false;
    }
    assert_int_equal(wire_cipher_suite_parts((uint16_t)(high << 8 | low), &suite), 0);
    assert_non_null(suite.gnutls_name);
    expect_same(suite.name, suite.gnutls_name + 4, own);
    return true;
}

static void gnutls_names_are_its_own(void **state)
{
    (void)state;
    assert_true(each_line("gnutls-cli", "gnutls-cli -l", take_gnutls_line) > 80);
}

static void expect_mode(uint16_t id, const char *mode)
{
    struct wire_cipher_suite suite;

    assert_int_equal(wire_cipher_suite_parts(id, &suite), 0);
    expect_same(suite.name, suite.mode, mode);
}

static void modes_follow_from_the_cipher(void **state)
{
    (void)state;
    expect_mode(0x1301, "GCM");
    expect_mode(0xc0a8, "CCM");
    expect_mode(0x002f, "CBC");
    expect_mode(0x000a, "CBC");
    expect_mode(0xcca8, "Poly1305");
    expect_mode(0x0005, "stream");
    expect_mode(0x003b, NULL);
}

/* RFC 8447 8, RFC 9847: with forward secrecy and AEAD, but not those with a short tag. */
static void recommended_are_only_suites_with_both_virtues(void **state)
{
    const struct registry_table *table = &registry_tables[WIRE_REGISTRY_CIPHER_SUITE];
    unsigned recommended = 0;

    (void)state;
    for (size_t i = 0; i < table->count; i++) {
        struct wire_cipher_suite suite;
        assert_int_equal(wire_cipher_suite_parts((uint16_t)table->entries[i].value, &suite), 0);
        if (suite.recommended) {
            recommended++;
            assert_true(suite.aead && suite.forward_secrecy && !suite.exported);
            assert_null(strstr(suite.name, "CCM_8"));
        }
        assert_int_equal(suite.exported, strstr(suite.name, "EXPORT") != NULL);
    }
    assert_int_equal(recommended, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_those_that_openssl_sees),
        cmocka_unit_test(aead_suites_name_the_hash_of_their_key_schedule),
        cmocka_unit_test(three_key_des_and_export_have_their_real_key_sizes),
        cmocka_unit_test(signals_are_no_suites),
        cmocka_unit_test(every_named_suite_has_all_its_parts),
        cmocka_unit_test(openssl_names_are_its_own),
        cmocka_unit_test(gnutls_names_are_its_own),
        cmocka_unit_test(modes_follow_from_the_cipher),
        cmocka_unit_test(recommended_are_only_suites_with_both_virtues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
