/* Transcript hashes: which one a version and suite have, and that asking for the value does not end it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/crypt.h"

/* FIPS 180-4's and RFC 1321's digests of "abc". */
static const struct row {
    const char *name;
    const char *abc;
} rows[] = {
    {"MD5", "900150983cd24fb0d6963f7d28e17f72"},
    {"SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"MD5+SHA-1", "900150983cd24fb0d6963f7d28e17f72a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"SHA-384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                "8086072ba1e7cc2358baeca134c825a7"},
    {"SHA-512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

static void values_on_the_way_do_not_disturb(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct crypt_hash *hash = crypt_hash_new(rows[i].name);
        uint8_t value[CRYPT_HASH_MAX];
        char hex[2 * CRYPT_HASH_MAX + 1];
        assert_non_null(hash);
        for (const char *at = "abc"; *at != '\0'; at++) {
            assert_true(crypt_hash_value(hash, value) > 0);
            assert_int_equal(crypt_hash_add(hash, at, 1), 0);
            assert_int_equal(crypt_hash_add(hash, NULL, 0), 0);
        }
        for (int again = 0; again < 2; again++) {
            size_t length = crypt_hash_value(hash, value);
            assert_string_equal(text_hex(hex, sizeof hex, value, length), rows[i].abc);
        }
        crypt_hash_free(hash);
    }
}

static void unknown_names_have_none(void **state)
{
    static const char *const names[] = {"", "SHA256", "sha-256", "SM3", "SHA-224", NULL};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_null(crypt_hash_new(names[i]));
    }
    crypt_hash_free(NULL);
}

static void version_and_suite_say_which(void **state)
{
    static const struct {
        uint16_t version;
        uint16_t suite;
        const char *name;
    } suites[] = {
        {WIRE_TLS13, 0x1301, "SHA-256"},   {WIRE_TLS13, 0x1302, "SHA-384"},
        {0x7f17, 0x1302, "SHA-384"},       {WIRE_TLS12, 0x002f, "SHA-256"},
        {WIRE_TLS12, 0x0004, "SHA-256"},   {WIRE_TLS12, 0xc030, "SHA-384"},
        {WIRE_TLS12, 0xc028, "SHA-384"},   {WIRE_TLS12, 0xc0ac, "SHA-256"},
        {WIRE_TLS12, 0xc03d, "SHA-384"},   {WIRE_TLS11, 0x002f, "MD5+SHA-1"},
        {WIRE_TLS10, 0x000a, "MD5+SHA-1"}, {WIRE_SSL3, 0x000a, "MD5+SHA-1"},
        {WIRE_TLS12, 0x0a0a, NULL},        {WIRE_TLS13, 0x00c6, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        const char *name = crypt_transcript_hash_name(suites[i].version, suites[i].suite);
        if (suites[i].name == NULL) {
            assert_null(name);
        } else {
            assert_non_null(name);
            assert_string_equal(name, suites[i].name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_on_the_way_do_not_disturb),
        cmocka_unit_test(unknown_names_have_none),
        cmocka_unit_test(version_and_suite_say_which),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
