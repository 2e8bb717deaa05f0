/* Which suites and secrets an opener can be made from, and what it says about the others. */
#include <gnutls/gnutls.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/crypt.h"

#define GOST_28147 0xc102 /* TLS_GOSTR341112_256_WITH_28147_CNT_IMIT */

static const uint8_t secret[CRYPT_SECRET_MAX];

static struct crypt_opener *opener_of(uint16_t version, uint16_t suite, struct err *err)
{
    struct crypt_tls12 parameters = {.version = version, .cipher_suite = suite};
    struct crypt_opener *opener;

    memset(err, 0, sizeof *err);
    if (version == WIRE_TLS13) {
        opener = crypt_opener_new_tls13(suite, secret, 32, err);
        return opener != NULL || strcmp(err->code, "bad_secret") != 0
                   ? opener
                   : crypt_opener_new_tls13(suite, secret, 48, err);
    }
    return crypt_opener_new_tls12(&parameters, err);
}

static bool is_supported(uint16_t version, uint16_t suite)
{
    struct err err;
    struct crypt_opener *opener = opener_of(version, suite, &err);

    if (opener == NULL) {
        assert_string_equal(err.code, "suite_not_supported");
        assert_int_equal(err.class, ERR_TLS);
    }
    crypt_opener_free(opener);
    return opener != NULL;
}

static void every_suite_that_gnutls_speaks_is_supported(void **state)
{
    gnutls_protocol_t oldest;
    unsigned char id[2];

    (void)state;
    for (size_t i = 0; gnutls_cipher_suite_info(i, id, NULL, NULL, NULL, &oldest) != NULL; i++) {
        uint16_t suite = (uint16_t)(id[0] << 8 | id[1]);
        uint16_t first = (uint16_t)(WIRE_TLS10 + (oldest - GNUTLS_TLS1_0));
        uint16_t last = oldest == GNUTLS_TLS1_3 ? WIRE_TLS13 : WIRE_TLS12;
        for (uint16_t version = first; version <= last; version++) {
            /* GOST's is no HMAC, and its keys change within a record sequence: not done. */
            assert_int_equal(is_supported(version, suite), suite != GOST_28147);
        }
    }
}

/* Others have the same ciphers with key exchanges GnuTLS does not do, such as fixed DH. */
static void suites_of_other_key_exchanges_are_supported(void **state)
{
    (void)state;
    assert_true(is_supported(WIRE_TLS10, 0x0031)); /* DH_RSA, AES-128-CBC */
    assert_true(is_supported(WIRE_TLS12, 0xc031)); /* ECDH_RSA, AES-128-GCM */
    assert_true(is_supported(WIRE_TLS10, 0x0009)); /* RSA, DES-CBC */
}

static void any_other_number_is_refused_without_harm(void **state)
{
    static const uint16_t versions[] = {WIRE_TLS10, WIRE_TLS11, WIRE_TLS12, WIRE_TLS13};
    size_t supported[4] = {0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        for (uint32_t suite = 0; suite <= UINT16_MAX; suite++) {
            supported[i] += is_supported(versions[i], (uint16_t)suite);
        }
    }
    assert_int_equal(supported[0], supported[1]);
    assert_true(supported[1] < supported[2]); /* AEAD suites came with TLS 1.2 */
    assert_int_equal(supported[3], 5);
}

static const struct refused {
    uint16_t version;
    uint16_t suite;
    const char *text; /* part of what the user reads */
} refused[] = {
    {WIRE_TLS12, 0xc061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384: GnuTLS has no such cipher"},
    {WIRE_TLS10, 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5: GnuTLS has no export suites"},
    {WIRE_TLS10, 0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA: GnuTLS has no export suites"},
    {WIRE_TLS10, 0x0096, "TLS_RSA_WITH_SEED_CBC_SHA: GnuTLS has no such cipher"},
    {WIRE_SSL3, 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5: GnuTLS has no export suites"},
    {WIRE_SSL3, 0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA: GnuTLS has no such cipher"},
    {WIRE_SSL3, 0xc02f, "it is not a suite of this TLS version"},
    {WIRE_TLS12, 0x0000, "TLS_NULL_WITH_NULL_NULL"},
    {WIRE_TLS12, 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    {WIRE_TLS12, 0x9999, "the suite is unknown"},
    {WIRE_TLS12, 0x0a0a, "the suite is unknown"},
    {WIRE_TLS12, 0x1301, "TLS_AES_128_GCM_SHA256: it is not a suite of this TLS version"},
    {WIRE_TLS13, 0xc02f, "it is not a suite of this TLS version"},
    {WIRE_TLS11, 0xc02f, "it is not a suite of this TLS version"},
    {WIRE_TLS13, 0xc0b4, "TLS_SHA256_SHA256"},
};

static void a_refusal_names_the_suite_and_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct err err;
        assert_null(opener_of(refused[i].version, refused[i].suite, &err));
        assert_string_equal(err.code, "suite_not_supported");
        if (strstr(err.text, refused[i].text) == NULL) {
            fail_msg("0x%04x: %s", refused[i].suite, err.text);
        }
    }
}

static void versions_without_these_keys_are_refused(void **state)
{
    static const uint16_t versions[] = {0, 0x0002, 0x02ff, WIRE_TLS13, 0x0305, 0xfefd, 0xffff};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        const struct crypt_tls12 parameters = {.version = versions[i], .cipher_suite = 0x002f};
        assert_null(crypt_opener_new_tls12(&parameters, &err));
        assert_string_equal(err.code, "version_not_supported");
    }
}

static void drafts_of_tls13_have_keys_from_18_on(void **state)
{
    static const uint16_t known[] = {0x7f12, WIRE_TLS13, 0x7f13, 0x7f14, 0x7f17,
                                     0x7f1c, 0xfb17,     0xfb1a, 0x7e02};
    static const uint16_t unknown[] = {WIRE_TLS12, 0x7f11, 0x7f00, 0x7e01, 0x0305, 0};
    size_t length;
    uint8_t old_key[16];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct crypt_opener *opener =
            crypt_opener_new_tls13_draft(known[i], 0x1301, secret, 32, &err);
        uint8_t additional[13];
        static const uint8_t record[WIRE_RECORD_HEADER + 17] = {23, 3, 1, 0, 17};
        bool bare = known[i] == 0x7f12 || known[i] == 0x7f13 || known[i] == 0x7f14 ||
                    known[i] == 0x7f17 || known[i] == 0xfb17 || known[i] == 0x7e02;
        assert_non_null(opener);
        assert_int_equal(crypt_opener_additional(opener, 0, record, sizeof record, additional),
                         bare ? 0 : WIRE_RECORD_HEADER);
        const uint8_t *key = crypt_opener_key(opener, &length);
        assert_int_equal(length, sizeof old_key);
        if (known[i] == 0x7f12) {
            memcpy(old_key, key, sizeof old_key);
        } else { /* other labels from draft 20 on */
            assert_int_equal(memcmp(key, old_key, sizeof old_key) == 0, known[i] == 0x7f13);
        }
        assert_int_equal(crypt_opener_update(opener, &err), 0);
        crypt_opener_free(opener);
    }
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        assert_null(crypt_opener_new_tls13_draft(unknown[i], 0x1301, secret, 32, &err));
        assert_string_equal(err.code, "version_not_supported");
    }
}

static void a_secret_must_be_as_long_as_the_hash(void **state)
{
    struct err err;

    (void)state;
    for (size_t length = 0; length <= CRYPT_SECRET_MAX; length++) {
        struct crypt_opener *sha256 = crypt_opener_new_tls13(0x1301, secret, length, &err);
        assert_int_equal(sha256 != NULL, length == 32);
        if (sha256 == NULL) {
            assert_string_equal(err.code, "bad_secret");
        }
        struct crypt_opener *sha384 = crypt_opener_new_tls13(0x1302, secret, length, &err);
        assert_int_equal(sha384 != NULL, length == 48);
        crypt_opener_free(sha256);
        crypt_opener_free(sha384);
    }
}

static void older_versions_have_no_key_update(void **state)
{
    struct err err;
    struct crypt_opener *opener = opener_of(WIRE_TLS12, 0xc02f, &err);

    (void)state;
    assert_non_null(opener);
    assert_int_equal(crypt_opener_update(opener, &err), -1);
    assert_string_equal(err.code, "no_key_update");
    crypt_opener_free(opener);
}

static void no_one_has_to_ask_why(void **state)
{
    static const uint8_t record[] = {23, 3, 3, 0, 1, 0};
    const struct crypt_tls12 parameters = {.version = 0};
    struct crypt_opener *opener = crypt_opener_new_tls13(0x1303, secret, 32, NULL);
    struct crypt_opened opened;
    uint8_t out[1];

    (void)state;
    assert_non_null(opener);
    assert_int_equal(crypt_opener_open(opener, record, sizeof record, out, &opened, NULL), -1);
    assert_int_equal(crypt_opener_update(opener, NULL), 0);
    crypt_opener_free(opener);
    assert_null(crypt_opener_new_tls13(0, secret, 32, NULL));
    assert_null(crypt_opener_new_tls13(0x1301, secret, 31, NULL));
    assert_null(crypt_opener_new_tls12(&parameters, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_that_gnutls_speaks_is_supported),
        cmocka_unit_test(suites_of_other_key_exchanges_are_supported),
        cmocka_unit_test(any_other_number_is_refused_without_harm),
        cmocka_unit_test(a_refusal_names_the_suite_and_the_reason),
        cmocka_unit_test(versions_without_these_keys_are_refused),
        cmocka_unit_test(drafts_of_tls13_have_keys_from_18_on),
        cmocka_unit_test(a_secret_must_be_as_long_as_the_hash),
        cmocka_unit_test(older_versions_have_no_key_update),
        cmocka_unit_test(no_one_has_to_ask_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
