/*
 * Records that no honest library sends, sealed here with the right keys: what crypt does with
 * padding that lies, content without a type, wrong outer types, and nothing at all.
 */
#include <gnutls/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hkdf.h"
#include "prf.h"
#include "tlstep/crypt.h"

#define ROOM  (WIRE_RECORD_HEADER + WIRE_RECORD_MAX)
#define BLOCK 16
#define MAC   20 /* HMAC-SHA-1 */

/* ---- TLS 1.3: TLS_AES_128_GCM_SHA256 ----------------------------------------------------- */

static const uint8_t secret[32] = {0x42, 0x01};

/* Seals inner plaintext as the first record under `secret`. Returns the record's length. */
static size_t seal_tls13(uint8_t *record, uint8_t outer_type, const uint8_t *inner, size_t length)
{
    uint8_t key[16];
    uint8_t iv[12];
    const gnutls_datum_t datum = {key, sizeof key};
    gnutls_aead_cipher_hd_t cipher;
    size_t sealed = ROOM - WIRE_RECORD_HEADER;

    assert_int_equal(crypt_hkdf_expand_label(GNUTLS_MAC_SHA256, secret, 32, "key", key, 16), 0);
    assert_int_equal(crypt_hkdf_expand_label(GNUTLS_MAC_SHA256, secret, 32, "iv", iv, 12), 0);
    record[0] = outer_type;
    record[1] = record[2] = 3;
    record[3] = (uint8_t)((length + 16) >> 8);
    record[4] = (uint8_t)(length + 16);
    assert_int_equal(gnutls_aead_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_GCM, &datum), 0);
    assert_int_equal(gnutls_aead_cipher_encrypt(cipher, iv, sizeof iv, record, WIRE_RECORD_HEADER,
                                                16, inner, length, record + WIRE_RECORD_HEADER,
                                                &sealed),
                     0);
    gnutls_aead_cipher_deinit(cipher);
    assert_int_equal(sealed, length + 16);
    return WIRE_RECORD_HEADER + sealed;
}

static int open_tls13(uint8_t outer_type, const uint8_t *inner, size_t length, uint8_t *out,
                      struct crypt_opened *opened, struct err *err)
{
    static uint8_t record[ROOM];
    size_t record_length = seal_tls13(record, outer_type, inner, length);
    struct crypt_opener *opener = crypt_opener_new_tls13(0x1301, secret, sizeof secret, err);
    int status;

    assert_non_null(opener);
    status = crypt_opener_open(opener, record, record_length, out, opened, err);
    crypt_opener_free(opener);
    return status;
}

static void content_that_is_all_zeros_has_no_type(void **state)
{
    static const uint8_t zeros[300];
    uint8_t out[400];
    struct crypt_opened opened;
    struct err err;

    (void)state;
    for (size_t length = 0; length <= sizeof zeros; length += 100) {
        assert_int_equal(open_tls13(23, zeros, length, out, &opened, &err), -1);
        assert_string_equal(err.code, "bad_record");
        assert_int_equal(opened.length, 0);
    }
}

static void a_type_alone_is_an_empty_record(void **state)
{
    static const uint8_t inner[] = {22, 0, 0};
    uint8_t out[64];
    struct crypt_opened opened;
    struct err err;

    (void)state;
    assert_int_equal(open_tls13(23, inner, sizeof inner, out, &opened, &err), 0);
    assert_int_equal(opened.content_type, 22);
    assert_int_equal(opened.length, 0);
    assert_int_equal(opened.padding, 2);
}

static void the_longest_content_and_the_longest_padding(void **state)
{
    static uint8_t inner[16384 + 1];
    static uint8_t out[ROOM];
    struct crypt_opened opened;
    struct err err;

    (void)state;
    inner[0] = 21;
    assert_int_equal(open_tls13(23, inner, sizeof inner, out, &opened, &err), 0);
    assert_int_equal(opened.content_type, 21);
    assert_int_equal(opened.padding, 16384);
    memset(inner, 7, sizeof inner);
    assert_int_equal(open_tls13(23, inner, sizeof inner, out, &opened, &err), 0);
    assert_int_equal(opened.content_type, 7);
    assert_int_equal(opened.length, 16384);
    assert_int_equal(opened.padding, 0);
    assert_memory_equal(out, inner, 16384);
}

static void the_outer_type_must_be_application_data(void **state)
{
    static const uint8_t inner[] = {'h', 'i', 23};
    static const uint8_t nothing[3];
    uint8_t out[64];
    struct crypt_opened opened;
    struct err err;

    (void)state;
    for (int type = 0; type < 256; type++) {
        int status = open_tls13((uint8_t)type, inner, sizeof inner, out, &opened, &err);
        assert_int_equal(status, type == 23 ? 0 : -1);
        if (type != 23) {
            assert_string_equal(err.code, "bad_record");
            assert_memory_equal(out, nothing, sizeof nothing);
        }
    }
}

static void a_record_may_be_shorter_than_its_tag(void **state)
{
    uint8_t record[WIRE_RECORD_HEADER + 16] = {23, 3, 3};
    uint8_t out[16];
    struct crypt_opened opened;
    struct err err;

    (void)state;
    for (uint8_t length = 0; length <= 16; length++) {
        struct crypt_opener *opener = crypt_opener_new_tls13(0x1301, secret, sizeof secret, &err);
        assert_non_null(opener);
        record[4] = length;
        assert_int_equal(crypt_opener_open(opener, record, WIRE_RECORD_HEADER + (size_t)length, out,
                                           &opened, &err),
                         -1);
        assert_string_equal(err.code, length < 16 ? "bad_record" : "bad_record_mac");
        crypt_opener_free(opener);
    }
}

/* ---- CBC: TLS_RSA_WITH_AES_128_CBC_SHA --------------------------------------------------- */

static const struct crypt_tls12 cbc_parameters = {
    .version = WIRE_TLS12,
    .cipher_suite = 0x002f,
    .master_secret = {1, 2, 3},
    .client_random = {4, 5},
    .server_random = {6, 7},
    .from = WIRE_CLIENT,
};

struct keys {
    uint8_t mac[MAC];
    uint8_t key[16];
};

static void client_keys(struct keys *keys)
{
    uint8_t block[2 * MAC + 2 * 16];
    uint8_t seed[64];
    const struct crypt_prf prf = {.version = WIRE_TLS12,
                                  .hash = GNUTLS_MAC_SHA256,
                                  .secret = cbc_parameters.master_secret,
                                  .secret_length = 48,
                                  .label = "key expansion",
                                  .seed = seed,
                                  .seed_length = sizeof seed};

    memcpy(seed, cbc_parameters.server_random, 32);
    memcpy(seed + 32, cbc_parameters.client_random, 32);
    assert_int_equal(crypt_prf_expand(&prf, block, sizeof block), 0);
    memcpy(keys->mac, block, MAC);
    memcpy(keys->key, block + 2 * MAC, 16);
}

static void authenticate(const struct keys *keys, const uint8_t *data, size_t length, uint8_t *mac)
{
    uint8_t header[13] = {0, 0, 0, 0, 0, 0, 0, 0, 23, 3, 3};
    gnutls_hmac_hd_t hmac;

    header[11] = (uint8_t)(length >> 8);
    header[12] = (uint8_t)length;
    assert_int_equal(gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA1, keys->mac, MAC), 0);
    assert_int_equal(gnutls_hmac(hmac, header, sizeof header), 0);
    assert_int_equal(gnutls_hmac(hmac, data, length), 0);
    gnutls_hmac_deinit(hmac, mac);
}

/* Encrypts whole blocks behind an IV. Returns the length of both. */
static size_t encrypt(const struct keys *keys, const uint8_t *plain, size_t length, uint8_t *out)
{
    uint8_t iv[BLOCK] = {0x99};
    gnutls_datum_t key = {(unsigned char *)keys->key, 16};
    gnutls_datum_t start = {iv, BLOCK};
    gnutls_cipher_hd_t cipher;

    assert_int_equal(length % BLOCK, 0);
    memcpy(out, iv, BLOCK);
    assert_int_equal(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_AES_128_CBC, &key, &start), 0);
    assert_int_equal(gnutls_cipher_encrypt2(cipher, plain, length, out + BLOCK, length), 0);
    gnutls_cipher_deinit(cipher);
    return BLOCK + length;
}

static int open_cbc(bool encrypt_then_mac, uint8_t *record, size_t fragment, uint8_t *out,
                    struct crypt_opened *opened, struct err *err)
{
    struct crypt_tls12 parameters = cbc_parameters;
    struct crypt_opener *opener;
    int status;

    record[0] = 23;
    record[1] = record[2] = 3;
    record[3] = (uint8_t)(fragment >> 8);
    record[4] = (uint8_t)fragment;
    parameters.encrypt_then_mac = encrypt_then_mac;
    opener = crypt_opener_new_tls12(&parameters, err);
    assert_non_null(opener);
    memset(err, 0, sizeof *err);
    status = crypt_opener_open(opener, record, WIRE_RECORD_HEADER + fragment, out, opened, err);
    crypt_opener_free(opener);
    return status;
}

/* Content, its MAC and `padding` bytes: all of the value padding - 1, but for one where `wrong`. */
static int open_mac_then_encrypt(size_t content, size_t padding, size_t wrong,
                                 struct crypt_opened *opened, struct err *err)
{
    uint8_t plain[1024];
    uint8_t record[1100];
    uint8_t out[1100];
    struct keys keys;
    size_t fragment;
    int status;

    client_keys(&keys);
    memset(plain, 'x', content);
    authenticate(&keys, plain, content, plain + content);
    memset(plain + content + MAC, (int)padding - 1, padding);
    if (wrong < padding) {
        plain[content + MAC + wrong] ^= 0x80;
    }
    fragment = encrypt(&keys, plain, content + MAC + padding, record + WIRE_RECORD_HEADER);
    status = open_cbc(false, record, fragment, out, opened, err);
    if (status == 0) {
        assert_memory_equal(out, plain, content);
    }
    return status;
}

static void padding_may_be_longer_than_it_must(void **state)
{
    struct crypt_opened opened;
    struct err err;

    (void)state;
    for (size_t padding = 1; padding <= 256; padding++) {
        size_t content = (2 * 256 - MAC - padding) % BLOCK;
        for (; content < 40; content += BLOCK) {
            assert_int_equal(open_mac_then_encrypt(content, padding, SIZE_MAX, &opened, &err), 0);
            assert_int_equal(opened.length, content);
            assert_int_equal(opened.padding, padding);
        }
    }
}

static void every_byte_of_padding_is_checked(void **state)
{
    struct crypt_opened opened;
    struct err err;

    (void)state;
    for (size_t padding = 12; padding <= 252; padding += 48) {
        for (size_t wrong = 0; wrong < padding; wrong++) {
            assert_int_equal(open_mac_then_encrypt(0, padding, wrong, &opened, &err), -1);
            assert_string_equal(err.code, "bad_record_mac");
        }
    }
}

static void padding_may_not_reach_into_the_mac(void **state)
{
    uint8_t plain[32];
    uint8_t record[128];
    uint8_t out[128];
    struct crypt_opened opened;
    struct err err;
    struct keys keys;
    size_t fragment;

    (void)state;
    client_keys(&keys);
    for (int value = 0; value < 256; value++) { /* 32 bytes are a MAC and at most 12 of padding */
        memset(plain, value, sizeof plain);
        fragment = encrypt(&keys, plain, sizeof plain, record + WIRE_RECORD_HEADER);
        assert_int_equal(open_cbc(false, record, fragment, out, &opened, &err), -1);
        assert_string_equal(err.code, "bad_record_mac");
    }
}

static void one_block_is_too_short_for_a_mac(void **state)
{
    static const uint8_t plain[BLOCK];
    uint8_t record[128];
    uint8_t out[128];
    struct crypt_opened opened;
    struct err err;
    struct keys keys;
    size_t fragment;

    (void)state;
    client_keys(&keys);
    fragment = encrypt(&keys, plain, sizeof plain, record + WIRE_RECORD_HEADER);
    assert_int_equal(open_cbc(false, record, fragment, out, &opened, &err), -1);
    assert_string_equal(err.code, "bad_record");
}

static void padding_that_lies_behind_a_good_mac(void **state)
{
    uint8_t plain[32];
    uint8_t record[128];
    uint8_t out[128];
    struct crypt_opened opened;
    struct err err;
    struct keys keys;

    (void)state;
    client_keys(&keys);
    for (int value = 0; value < 256; value++) {
        uint8_t *blocks = record + WIRE_RECORD_HEADER;
        memset(plain, value, sizeof plain);
        size_t length = encrypt(&keys, plain, sizeof plain, blocks);
        authenticate(&keys, blocks, length, blocks + length);
        int status = open_cbc(true, record, length + MAC, out, &opened, &err);
        if (value < (int)sizeof plain) {
            assert_int_equal(status, 0);
            assert_int_equal(opened.length, (int)sizeof plain - value - 1);
            assert_int_equal(opened.padding, value + 1);
        } else {
            assert_int_equal(status, -1);
            assert_string_equal(err.code, "bad_record");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_that_is_all_zeros_has_no_type),
        cmocka_unit_test(a_type_alone_is_an_empty_record),
        cmocka_unit_test(the_longest_content_and_the_longest_padding),
        cmocka_unit_test(the_outer_type_must_be_application_data),
        cmocka_unit_test(a_record_may_be_shorter_than_its_tag),
        cmocka_unit_test(padding_may_be_longer_than_it_must),
        cmocka_unit_test(every_byte_of_padding_is_checked),
        cmocka_unit_test(padding_may_not_reach_into_the_mac),
        cmocka_unit_test(one_block_is_too_short_for_a_mac),
        cmocka_unit_test(padding_that_lies_behind_a_good_mac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
