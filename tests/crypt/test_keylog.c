/* Key-log lines are read as Wireshark, curl and browsers write them, and refused when malformed;
 * a set finds each secret again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/crypt.h"

#define RANDOM  "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define BYTES32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BYTES48 BYTES32 "202122232425262728292a2b2c2d2e2f"

static int parse(const char *line, struct crypt_secret *secret)
{
    /* A copy of exactly its length, so that the address sanitizer sees a read beyond it. */
    size_t length = strlen(line);
    char *copy = malloc(length + (length == 0));
    int status;

    assert_non_null(copy);
    memcpy(copy, line, length);
    status = crypt_secret_parse(copy, length, secret);
    free(copy);
    return status;
}

static void every_label_is_read_and_written_back(void **state)
{
    static const struct {
        const char *line;
        uint8_t last_of_id;
        size_t length;
    } rows[CRYPT_LABEL_COUNT] = {
        [CRYPT_CLIENT_RANDOM] = {"CLIENT_RANDOM " RANDOM " " BYTES48, 0xff, 48},
        [CRYPT_CLIENT_EARLY_TRAFFIC_SECRET] = {"CLIENT_EARLY_TRAFFIC_SECRET " RANDOM " " BYTES32,
                                               0xff, 32},
        [CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET] = {"CLIENT_HANDSHAKE_TRAFFIC_SECRET " RANDOM
                                                   " " BYTES48,
                                                   0xff, 48},
        [CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET] = {"SERVER_HANDSHAKE_TRAFFIC_SECRET " RANDOM
                                                   " " BYTES32,
                                                   0xff, 32},
        [CRYPT_CLIENT_TRAFFIC_SECRET_0] = {"CLIENT_TRAFFIC_SECRET_0 " RANDOM " " BYTES32, 0xff, 32},
        [CRYPT_SERVER_TRAFFIC_SECRET_0] = {"SERVER_TRAFFIC_SECRET_0 " RANDOM " " BYTES32, 0xff, 32},
        [CRYPT_EARLY_EXPORTER_SECRET] = {"EARLY_EXPORTER_SECRET " RANDOM " " BYTES32, 0xff, 32},
        [CRYPT_EXPORTER_SECRET] = {"EXPORTER_SECRET " RANDOM " " BYTES32, 0xff, 32},
        [CRYPT_RSA] = {"RSA 0123456789abcdef " BYTES48, 0, 48},
        [CRYPT_RSA_SESSION_ID] = {"RSA Session-ID:" BYTES32 " Master-Key:" BYTES48, 0x1f, 48},
        [CRYPT_PMS_CLIENT_RANDOM] = {"PMS_CLIENT_RANDOM " RANDOM " " BYTES32, 0xff, 32},
    };

    (void)state;
    for (int i = 0; i < CRYPT_LABEL_COUNT; i++) {
        struct crypt_secret secret;
        char again[256];
        assert_int_equal(parse(rows[i].line, &secret), 1);
        assert_int_equal(secret.label, i);
        assert_int_equal(secret.length, rows[i].length);
        assert_int_equal(secret.client_random[31], rows[i].last_of_id);
        assert_int_equal(secret.secret[31], 0x1f);
        assert_ptr_equal(crypt_secret_line(again, sizeof again, &secret), again);
        assert_int_equal(strcasecmp(again, rows[i].line), 0);
    }
}

static void ids_that_are_shorter_are_filled_with_zeros(void **state)
{
    static const uint8_t encrypted[32] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    static const uint8_t session[32] = {0xaa, 0xbb, 0xcc};
    struct crypt_keylog *keylog = crypt_keylog_new();
    struct crypt_secret secret;
    char line[256];

    (void)state;
    assert_non_null(keylog);
    assert_int_equal(parse("RSA 0123456789ABCDEF " BYTES48, &secret), 1);
    assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    assert_int_equal(parse("RSA Session-ID:AABBcc Master-Key:" BYTES48 "\r", &secret), 1);
    assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    assert_non_null(crypt_keylog_find(keylog, CRYPT_RSA, encrypted));
    assert_null(crypt_keylog_find(keylog, CRYPT_RSA, session));
    assert_non_null(crypt_keylog_find(keylog, CRYPT_RSA_SESSION_ID, session));

    crypt_secret_line(line, sizeof line, &secret);
    assert_string_equal(line, "RSA Session-ID:aabbcc0000000000 Master-Key:" BYTES48);
    assert_int_equal(parse(line, &secret), 1); /* and that is the same one */
    assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    assert_int_equal(crypt_keylog_count(keylog), 2);
    crypt_keylog_free(keylog);
}

static void names_are_those_of_the_format(void **state)
{
    (void)state;
    assert_string_equal(crypt_label_name(CRYPT_CLIENT_RANDOM), "CLIENT_RANDOM");
    assert_string_equal(crypt_label_name(CRYPT_CLIENT_EARLY_TRAFFIC_SECRET),
                        "CLIENT_EARLY_TRAFFIC_SECRET");
    assert_string_equal(crypt_label_name(CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET),
                        "CLIENT_HANDSHAKE_TRAFFIC_SECRET");
    assert_string_equal(crypt_label_name(CRYPT_SERVER_HANDSHAKE_TRAFFIC_SECRET),
                        "SERVER_HANDSHAKE_TRAFFIC_SECRET");
    assert_string_equal(crypt_label_name(CRYPT_CLIENT_TRAFFIC_SECRET_0), "CLIENT_TRAFFIC_SECRET_0");
    assert_string_equal(crypt_label_name(CRYPT_SERVER_TRAFFIC_SECRET_0), "SERVER_TRAFFIC_SECRET_0");
    assert_string_equal(crypt_label_name(CRYPT_EARLY_EXPORTER_SECRET), "EARLY_EXPORTER_SECRET");
    assert_string_equal(crypt_label_name(CRYPT_EXPORTER_SECRET), "EXPORTER_SECRET");
}

static void a_longest_line_fits_256_bytes(void **state)
{
    struct crypt_secret secret = {.label = CRYPT_CLIENT_HANDSHAKE_TRAFFIC_SECRET, .length = 64};
    char line[256];

    (void)state;
    memset(secret.secret, 0xab, sizeof secret.secret);
    crypt_secret_line(line, sizeof line, &secret);
    assert_int_equal(strlen(line), 31 + 1 + 64 + 1 + 128);
}

static void lines_without_a_secret_are_passed_over(void **state)
{
    static const char *const lines[] = {
        "",
        "\r",
        "  \t ",
        "# SSL/TLS secrets log file, generated by NSS",
        "#CLIENT_RANDOM " RANDOM " " BYTES48,
        "ECH_SECRET " BYTES32 " " BYTES32,
        "CLIENT_TRAFFIC_SECRET_1 " RANDOM " " BYTES32,
        "client_random " RANDOM " " BYTES48,
    };
    struct crypt_secret secret;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(parse(lines[i], &secret), 0);
    }
}

static void malformed_lines_are_refused_and_leave_the_output_alone(void **state)
{
    static const char *const lines[] = {
        "RSA",
        "RSA 0123456789abcde " BYTES48,
        "RSA 0123456789abcdef01 " BYTES48,
        "RSA 0123456789abcdef " BYTES32,
        "RSA Session-ID: Master-Key:" BYTES48,
        "RSA Session-ID:" BYTES48 " Master-Key:" BYTES48,
        "RSA Session-ID:" BYTES32 " Master-Key:" BYTES32,
        "RSA Session-ID:" BYTES32 " " BYTES48,
        "PMS_CLIENT_RANDOM " RANDOM " ",
        "PMS_CLIENT_RANDOM " RANDOM " " BYTES32 BYTES48,
        "CLIENT_RANDOM",
        "CLIENT_RANDOM ",
        "CLIENT_RANDOM  " RANDOM " " BYTES48,
        "CLIENT_RANDOM " RANDOM,
        "CLIENT_RANDOM " RANDOM " ",
        "CLIENT_RANDOM " RANDOM "0 " BYTES48,
        "CLIENT_RANDOM " RANDOM "  " BYTES48,
        "CLIENT_RANDOM " RANDOM " " BYTES48 "0",
        "CLIENT_RANDOM " RANDOM " " BYTES48 "00",
        "CLIENT_RANDOM " RANDOM " " BYTES32,
        "CLIENT_RANDOM " RANDOM " " BYTES48 " more",
        "CLIENT_RANDOM\t" RANDOM "\t" BYTES48,
        "CLIENT_RANDOM g" BYTES32 " " BYTES48,
        "EXPORTER_SECRET " RANDOM " 00",
        "EXPORTER_SECRET " RANDOM " " BYTES32 BYTES48,
        " CLIENT_RANDOM " RANDOM " " BYTES48,
        "\x16\x03\x01\x02",
        "\xef\xbb\xbf"
        "CLIENT_RANDOM " RANDOM " " BYTES48,
        "-----BEGIN CERTIFICATE-----",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct crypt_secret secret;
        struct crypt_secret untouched;
        memset(&secret, 0x5a, sizeof secret);
        untouched = secret;
        assert_int_equal(parse(lines[i], &secret), -1);
        assert_memory_equal(&secret, &untouched, sizeof secret);
    }
}

static void zero_bytes_inside_a_line_are_not_its_end(void **state)
{
    char line[] = "CLIENT_RANDOM " RANDOM " " BYTES48;
    struct crypt_secret secret;

    (void)state;
    line[20] = '\0';
    assert_int_equal(crypt_secret_parse(line, sizeof line - 1, &secret), -1);
    assert_int_equal(crypt_secret_parse("\0", 1, &secret), -1);
}

static void line_ends_of_windows_are_taken(void **state)
{
    struct crypt_secret secret;

    (void)state;
    assert_int_equal(parse("CLIENT_RANDOM " RANDOM " " BYTES48 "\r", &secret), 1);
    assert_int_equal(secret.length, 48);
}

/* The n-th secret of a sequence in which randoms differ in few bits. */
static struct crypt_secret numbered(uint32_t number, enum crypt_label label)
{
    struct crypt_secret secret = {.label = label, .length = 32};

    memcpy(secret.client_random + 28 - 4 * (number % 7), &number, sizeof number);
    secret.client_random[0] = (uint8_t)(number % 7);
    memcpy(secret.secret, &number, sizeof number);
    return secret;
}

static void a_set_finds_each_secret_by_label_and_random(void **state)
{
    struct crypt_keylog *keylog = crypt_keylog_new();
    static const enum crypt_label pair[] = {CRYPT_CLIENT_TRAFFIC_SECRET_0, CRYPT_EXPORTER_SECRET};
    const uint32_t count = 20000;

    (void)state;
    assert_non_null(keylog);
    assert_int_equal(crypt_keylog_count(keylog), 0);
    assert_null(crypt_keylog_at(keylog, 0));
    for (uint32_t i = 0; i < count; i++) {
        struct crypt_secret secret = numbered(i, pair[i % 2]);
        assert_null(crypt_keylog_find(keylog, secret.label, secret.client_random));
        assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    }
    assert_int_equal(crypt_keylog_count(keylog), count);
    for (uint32_t i = 0; i < count; i++) {
        struct crypt_secret secret = numbered(i, pair[i % 2]);
        const struct crypt_secret *found =
            crypt_keylog_find(keylog, secret.label, secret.client_random);
        assert_non_null(found);
        assert_memory_equal(found, &secret, sizeof secret);
        assert_ptr_equal(crypt_keylog_at(keylog, i), found);
        assert_null(crypt_keylog_find(keylog, pair[(i + 1) % 2], secret.client_random));
    }
    crypt_keylog_free(keylog);
}

static void a_second_secret_of_the_same_name_replaces_the_first(void **state)
{
    struct crypt_keylog *keylog = crypt_keylog_new();
    struct crypt_secret secret = numbered(1, CRYPT_CLIENT_RANDOM);
    const struct crypt_secret *found;

    (void)state;
    assert_non_null(keylog);
    assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    secret.secret[0] = 0x77;
    assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    assert_int_equal(crypt_keylog_count(keylog), 1);
    found = crypt_keylog_find(keylog, secret.label, secret.client_random);
    assert_non_null(found);
    assert_int_equal(found->secret[0], 0x77);
    crypt_keylog_free(keylog);
}

static void a_secret_of_the_set_may_be_added_to_it(void **state)
{
    struct crypt_keylog *keylog = crypt_keylog_new();

    (void)state;
    assert_non_null(keylog);
    for (uint32_t i = 0; i < 8; i++) { /* until the next one makes it grow */
        struct crypt_secret secret = numbered(i, CRYPT_CLIENT_RANDOM);
        assert_int_equal(crypt_keylog_add(keylog, &secret), 0);
    }
    const struct crypt_secret third = *crypt_keylog_at(keylog, 3);
    assert_int_equal(crypt_keylog_add(keylog, crypt_keylog_at(keylog, 3)), 0);
    assert_int_equal(crypt_keylog_count(keylog), 8);
    assert_memory_equal(crypt_keylog_at(keylog, 3), &third, sizeof third);
    crypt_keylog_free(keylog);
}

static void nothing_is_safe_to_free(void **state)
{
    (void)state;
    crypt_keylog_free(NULL);
    crypt_opener_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_is_read_and_written_back),
        cmocka_unit_test(ids_that_are_shorter_are_filled_with_zeros),
        cmocka_unit_test(names_are_those_of_the_format),
        cmocka_unit_test(a_longest_line_fits_256_bytes),
        cmocka_unit_test(lines_without_a_secret_are_passed_over),
        cmocka_unit_test(malformed_lines_are_refused_and_leave_the_output_alone),
        cmocka_unit_test(zero_bytes_inside_a_line_are_not_its_end),
        cmocka_unit_test(line_ends_of_windows_are_taken),
        cmocka_unit_test(a_set_finds_each_secret_by_label_and_random),
        cmocka_unit_test(a_second_secret_of_the_same_name_replaces_the_first),
        cmocka_unit_test(a_secret_of_the_set_may_be_added_to_it),
        cmocka_unit_test(nothing_is_safe_to_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
