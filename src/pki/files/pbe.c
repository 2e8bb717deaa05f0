/* Encryption and authentication by a password. */
#include "pbe_key.h"

#include <gnutls/crypto.h>
#include <limits.h>
#include <string.h>

#include "../algorithms.h"

#define IV_MAX 16

#define PKCS5        "\x2a\x86\x48\x86\xf7\x0d\x01\x05"     /* 1.2.840.113549.1.5 */
#define PKCS12_PBE   "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01" /* 1.2.840.113549.1.12.1 */
#define AES          "\x60\x86\x48\x01\x65\x03\x04\x01"     /* 2.16.840.1.101.3.4.1 */
#define DES_EDE3_CBC "\x2a\x86\x48\x86\xf7\x0d\x03\x07"     /* 1.2.840.113549.3.7 */
#define PBES2        PKCS5 "\x0d"
#define PBKDF2       PKCS5 "\x0c"
#define PBMAC1       PKCS5 "\x0e"

/* ---- a cipher and its key -------------------------------------------------------------------- */

struct sealed {
    gnutls_cipher_algorithm_t cipher;
    uint8_t key[PBE_KEY_MAX];
    size_t key_length;
    uint8_t iv[IV_MAX];
    size_t iv_length; /* 0: a stream cipher */
};

/* The length of what the padding (RFC 8018 6.1.1, step 4) leaves; SIZE_MAX when it is none. */
static size_t without_padding(const uint8_t *text, size_t length, size_t block)
{
    size_t padding = length > 0 ? text[length - 1] : 0;

    if (padding == 0 || padding > block || padding > length) {
        return SIZE_MAX;
    }
    for (size_t i = 1; i <= padding; i++) {
        if (text[length - i] != padding) {
            return SIZE_MAX;
        }
    }
    return length - padding;
}

static enum pbe_result decipher(const struct sealed *sealed, struct pki_slice ciphertext,
                                struct buffer *out)
{
    gnutls_datum_t key = {(uint8_t *)sealed->key, (unsigned)sealed->key_length}; /* only read */
    gnutls_datum_t iv = {(uint8_t *)sealed->iv, (unsigned)sealed->iv_length};
    size_t block = sealed->iv_length, length = ciphertext.length;
    gnutls_cipher_hd_t handle;
    uint8_t *to;
    int status;

    if (length == 0 || length > INT_MAX || (block > 0 && length % block != 0)) {
        return PBE_UNSUPPORTED;
    }
    if (!buffer_reserve(out, length)) {
        return PBE_NO_MEMORY;
    }
    to = out->data + out->length;
    status = gnutls_cipher_init(&handle, sealed->cipher, &key, block > 0 ? &iv : NULL);
    if (status != 0) {
        return pbe_result_of(status);
    }
    status = gnutls_cipher_decrypt2(handle, ciphertext.data, length, to, length);
    gnutls_cipher_deinit(handle);
    if (status != 0) {
        return pbe_result_of(status);
    }
    length = block > 0 ? without_padding(to, length, block) : length;
    if (length == SIZE_MAX) {
        return PBE_WRONG_PASSWORD;
    }
    out->length += length;
    return PBE_OK;
}

/* ---- schemes: which cipher, with which lengths ------------------------------------------------- */

struct scheme {
    struct pki_slice oid;
    gnutls_cipher_algorithm_t cipher;
    uint8_t key_length;
    uint8_t iv_length;
};
#define SCHEME_COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

/* False when there is no such row. */
static bool take_scheme(const struct scheme *rows, size_t count, struct pki_slice oid,
                        struct sealed *sealed)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(rows[i].oid, oid)) {
            sealed->cipher = rows[i].cipher;
            sealed->key_length = rows[i].key_length;
            sealed->iv_length = rows[i].iv_length;
            return true;
        }
    }
    return false;
}

/* ---- PBES2 ----------------------------------------------------------------------------------- */

static const struct scheme schemes[] = {
    {OID(AES "\x02"), GNUTLS_CIPHER_AES_128_CBC, 16, 16},
    {OID(AES "\x16"), GNUTLS_CIPHER_AES_192_CBC, 24, 16},
    {OID(AES "\x2a"), GNUTLS_CIPHER_AES_256_CBC, 32, 16},
    {OID(DES_EDE3_CBC), GNUTLS_CIPHER_3DES_CBC, 24, 8},
};

/* encryptionScheme: all that are known have their IV as parameter (RFC 8018 B.2). */
static bool read_scheme(struct reader *parameters, struct sealed *sealed)
{
    struct reader scheme = ber_enter(parameters, DER_SEQUENCE);
    struct pki_slice oid = der_value(&scheme, DER_OID).content;
    struct pki_slice iv = der_value(&scheme, DER_OCTET_STRING).content;

    if (scheme.failed || !take_scheme(schemes, SCHEME_COUNT(schemes), oid, sealed) ||
        iv.length != sealed->iv_length) {
        return false;
    }
    memcpy(sealed->iv, iv.data, iv.length);
    return true;
}

/* The parameters of a keyDerivationFunc that is PBKDF2; failed when it is another. */
static struct reader enter_pbkdf2(struct reader *parameters)
{
    struct reader function = ber_enter(parameters, DER_SEQUENCE);
    struct pki_slice oid = der_value(&function, DER_OID).content;
    struct reader inner = ber_enter(&function, DER_SEQUENCE);

    inner.failed |= !slice_is(oid, PBKDF2);
    return inner;
}

static enum pbe_result unlock_pbes2(const struct pbe *pbe, struct reader *algorithm,
                                    struct sealed *sealed)
{
    struct reader parameters = ber_enter(algorithm, DER_SEQUENCE);
    struct reader function = enter_pbkdf2(&parameters);

    if (function.failed || !read_scheme(&parameters, sealed)) {
        return PBE_UNSUPPORTED;
    }
    return pbe_key_pbkdf2(pbe, function, sealed->key, &sealed->key_length);
}

/* ---- the schemes of RFC 7292 appendix C -------------------------------------------------------- */

static const struct scheme old_schemes[] = {
    {OID(PKCS12_PBE "\x01"), GNUTLS_CIPHER_ARCFOUR_128, 16, 0},
    {OID(PKCS12_PBE "\x03"), GNUTLS_CIPHER_3DES_CBC, 24, 8},
    {OID(PKCS12_PBE "\x04"), GNUTLS_CIPHER_3DES_CBC, 16, 8}, /* two keys, the first used twice */
    {OID(PKCS12_PBE "\x06"), GNUTLS_CIPHER_RC2_40_CBC, 5, 8},
};

static enum pbe_result unlock_old(const struct pbe *pbe, struct pki_slice oid,
                                  struct reader *algorithm, struct sealed *sealed)
{
    struct reader parameters = ber_enter(algorithm, DER_SEQUENCE);
    struct pbe_salt salt = {.salt = der_value(&parameters, DER_OCTET_STRING).content};
    enum pbe_result result;

    salt.rounds = pbe_read_rounds(&parameters);
    if (parameters.failed || !take_scheme(old_schemes, SCHEME_COUNT(old_schemes), oid, sealed)) {
        return PBE_UNSUPPORTED;
    }
    result =
        pbe_key_pkcs12(pbe, GNUTLS_DIG_SHA1, &salt, PBE_FOR_KEY, sealed->key, sealed->key_length);
    if (result == PBE_OK && sealed->iv_length > 0) {
        result =
            pbe_key_pkcs12(pbe, GNUTLS_DIG_SHA1, &salt, PBE_FOR_IV, sealed->iv, sealed->iv_length);
    }
    if (sealed->cipher == GNUTLS_CIPHER_3DES_CBC && sealed->key_length == 16) {
        memcpy(sealed->key + 16, sealed->key, 8);
        sealed->key_length = 24;
    }
    return result;
}

enum pbe_result pbe_decrypt(const struct pbe *pbe, struct reader algorithm,
                            struct pki_slice ciphertext, struct buffer *out)
{
    struct pki_slice oid = der_value(&algorithm, DER_OID).content;
    struct sealed sealed = {0};
    enum pbe_result result = slice_is(oid, PBES2) ? unlock_pbes2(pbe, &algorithm, &sealed)
                                                  : unlock_old(pbe, oid, &algorithm, &sealed);

    if (result == PBE_OK) {
        result = decipher(&sealed, ciphertext, out);
    }
    secret_wipe(&sealed, sizeof sealed);
    return result;
}

/* ---- MACs --------------------------------------------------------------------------------------- */

static enum pbe_result compare(gnutls_mac_algorithm_t mac, const uint8_t *key, size_t key_length,
                               struct pki_slice content, struct pki_slice expected)
{
    uint8_t value[PBE_KEY_MAX];
    int status;

    if (expected.length != gnutls_hmac_get_len(mac)) {
        return PBE_UNSUPPORTED;
    }
    status = gnutls_hmac_fast(mac, key, key_length, content.data, content.length, value);
    if (status != 0) {
        return pbe_result_of(status);
    }
    return gnutls_memcmp(value, expected.data, expected.length) == 0 ? PBE_OK : PBE_WRONG_PASSWORD;
}

/* PBMAC1 (RFC 9579 4): salt and rounds of MacData mean nothing. */
static enum pbe_result check_pbmac1(const struct pbe *pbe, struct reader *algorithm,
                                    struct pki_slice content, struct pki_slice expected)
{
    struct reader parameters = ber_enter(algorithm, DER_SEQUENCE);
    struct reader function = enter_pbkdf2(&parameters);
    struct reader scheme = ber_enter(&parameters, DER_SEQUENCE);
    gnutls_mac_algorithm_t mac = pbe_hmac_find(der_value(&scheme, DER_OID).content);
    uint8_t key[PBE_KEY_MAX];
    enum pbe_result result;
    size_t length = 0;

    if (function.failed || scheme.failed || mac == GNUTLS_MAC_UNKNOWN) {
        return PBE_UNSUPPORTED;
    }
    result = pbe_key_pbkdf2(pbe, function, key, &length);
    if (result == PBE_OK) {
        result = compare(mac, key, length, content, expected);
    }
    secret_wipe(key, sizeof key);
    return result;
}

enum pbe_result pbe_check_mac(const struct pbe *pbe, struct reader mac_data,
                              struct pki_slice content)
{
    struct reader digest = ber_enter(&mac_data, DER_SEQUENCE);
    struct reader algorithm = ber_enter(&digest, DER_SEQUENCE);
    struct pki_slice oid = der_value(&algorithm, DER_OID).content;
    struct pki_slice expected = der_value(&digest, DER_OCTET_STRING).content;
    struct pbe_salt salt = {.salt = der_value(&mac_data, DER_OCTET_STRING).content, .rounds = 1};
    uint8_t key[PBE_KEY_MAX];
    gnutls_digest_algorithm_t hash = digest_find(oid);
    enum pbe_result result;
    size_t length;

    if (reader_left(&mac_data) > 0) {
        salt.rounds = pbe_read_rounds(&mac_data);
    }
    if (algorithm.failed || digest.failed || mac_data.failed) {
        return PBE_UNSUPPORTED;
    }
    if (slice_is(oid, PBMAC1)) {
        return check_pbmac1(pbe, &algorithm, content, expected);
    }
    if (hash == GNUTLS_DIG_UNKNOWN) {
        return PBE_UNSUPPORTED;
    }
    length = gnutls_hash_get_len(hash);
    result = pbe_key_pkcs12(pbe, hash, &salt, PBE_FOR_MAC, key, length);
    if (result == PBE_OK) { /* a hash and HMAC with it have the same number in GnuTLS */
        result = compare((gnutls_mac_algorithm_t)hash, key, length, content, expected);
    }
    secret_wipe(key, sizeof key);
    return result;
}
