/* The PRF of TLS 1.0 to 1.2 and the digests give what others compute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "prf.h"
#include "tlstep/crypt.h"

#define SECRET256 "9bbe436ba940f017b17652849a71db35"
#define SEED256   "a0ba9f936cda311827a6f796ffd5198c"

/*
 * The vectors of TLS 1.2 were published on the IETF's TLS mailing list (message 03416); those of
 * TLS 1.0 are from `openssl kdf -kdfopt digest:MD5-SHA1 -kdfopt hexsecret:… -kdfopt hexseed:…
 * TLS1-PRF`. One secret has an odd length, whose halves share a byte.
 */
static const struct vector {
    uint16_t version;
    gnutls_mac_algorithm_t hash;
    const char *secret;
    const char *label;
    const char *seed;
    const char *output;
} vectors[] = {
    {WIRE_TLS12, GNUTLS_MAC_SHA256, SECRET256, "test label", SEED256,
     "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14ba"
     "f9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a51"
     "10fff70187347b66"},
    {WIRE_TLS12, GNUTLS_MAC_SHA384, "b80b733d6ceefcdc71566ea48e5567df", "test label",
     "cd665cf6a8447dd6ff8b27555edb7465",
     "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c91"
     "46a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad0"
     "5d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa"
     "3be85e0990703d73e56f"},
    {WIRE_TLS10, GNUTLS_MAC_UNKNOWN, SECRET256, "test label", SEED256,
     "661740e6f98bc901efd2738502a71c03f76dd2f86298549b1148eff06714cf0f6b7c532cd8c69f1530e0bb680eec"
     "34c495fa75a8bfcc9c335484c0d3d194ab6e32975903c50ebcdbe9d67c0591bdbd80dddcc36d33ccd58adf96caae"
     "173f48dc40f983e2"},
    {WIRE_TLS11, GNUTLS_MAC_UNKNOWN, "9bbe436ba940f017b17652849a71db", "test label", SEED256,
     "9cdd9053742667b628ac7c1c747825e1fcb0f2b91ed98fc3f52e811e4e0f105413343f357d"},
    {WIRE_TLS10, GNUTLS_MAC_UNKNOWN, "736563726574", "label", "73656564",
     "b5baf4722b91851a8816d22ebd8c1d8cc2e94d55"},
};

static size_t unhex(uint8_t *out, size_t size, const char *hex)
{
    long length = text_unhex(out, size, hex, strlen(hex));

    assert_true(length >= 0);
    return (size_t)length;
}

static void known_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *vector = &vectors[i];
        uint8_t secret[64];
        uint8_t seed[64];
        uint8_t expected[160];
        uint8_t output[160];
        const size_t length = unhex(expected, sizeof expected, vector->output);
        const struct crypt_prf prf = {
            .version = vector->version,
            .hash = vector->hash,
            .secret = secret,
            .secret_length = unhex(secret, sizeof secret, vector->secret),
            .label = vector->label,
            .seed = seed,
            .seed_length = unhex(seed, sizeof seed, vector->seed),
        };
        for (size_t cut = 0; cut <= length; cut++) { /* every shorter output is a prefix */
            memset(output, 0xaa, sizeof output);
            assert_int_equal(crypt_prf_expand(&prf, output, cut), 0);
            assert_memory_equal(output, expected, cut);
            assert_int_equal(output[cut], 0xaa);
        }
    }
}

static void an_unknown_hash_is_refused(void **state)
{
    const struct crypt_prf prf = {.version = WIRE_TLS12,
                                  .hash = GNUTLS_MAC_UNKNOWN,
                                  .secret = (const uint8_t *)"secret",
                                  .secret_length = 6,
                                  .label = "label",
                                  .seed = (const uint8_t *)"seed",
                                  .seed_length = 4};
    uint8_t output[16];

    (void)state;
    assert_int_not_equal(crypt_prf_expand(&prf, output, sizeof output), 0);
}

/* FIPS 180-4 and RFC 1321 A.5. */
static void digests(void **state)
{
    uint8_t expected[CRYPT_SHA256_SIZE];
    uint8_t sha256[CRYPT_SHA256_SIZE];
    uint8_t md5[CRYPT_MD5_SIZE];

    (void)state;
    unhex(expected, sizeof expected,
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(crypt_sha256("abc", 3, sha256), 0);
    assert_memory_equal(sha256, expected, sizeof sha256);
    unhex(expected, sizeof expected, "900150983cd24fb0d6963f7d28e17f72");
    assert_int_equal(crypt_md5("abc", 3, md5), 0);
    assert_memory_equal(md5, expected, sizeof md5);
    unhex(expected, sizeof expected, "d41d8cd98f00b204e9800998ecf8427e");
    assert_int_equal(crypt_md5("", 0, md5), 0);
    assert_memory_equal(md5, expected, sizeof md5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors),
        cmocka_unit_test(an_unknown_hash_is_refused),
        cmocka_unit_test(digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
