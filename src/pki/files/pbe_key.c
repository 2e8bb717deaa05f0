/* Keys from passwords. */
#include "pbe_key.h"

#include <gnutls/crypto.h>
#include <string.h>

/* Salts have 8 to 64 bytes. */
#define SALT_MAX  1024
#define BLOCK_MAX 128 /* SHA-512's */
/* Every byte of a password becomes at most two; the end mark; both rounded up to whole blocks. */
#define INPUT_MAX (SALT_MAX + 2 * PBE_PASSWORD_MAX + 2 + 2 * BLOCK_MAX)

enum pbe_result pbe_result_of(int status)
{
    switch (status) {
    case 0:
        return PBE_OK;
    case GNUTLS_E_MEMORY_ERROR:
    case GNUTLS_E_HASH_FAILED:    /* what gnutls_hmac_fast() says without memory */
    case GNUTLS_E_INTERNAL_ERROR: /* and gnutls_cipher_init() */
        return PBE_NO_MEMORY;
    default:
        return PBE_UNSUPPORTED;
    }
}

uint64_t pbe_read_rounds(struct reader *parameters)
{
    struct pki_slice number = der_value(parameters, DER_INTEGER).content;
    uint64_t rounds = 0;

    if (number.length == 0 || (number.data[0] & 0x80) != 0) {
        return 0;
    }
    if (number.length > sizeof rounds) {
        return UINT64_MAX;
    }
    for (size_t i = 0; i < number.length; i++) {
        rounds = rounds << 8 | number.data[i];
    }
    return rounds;
}

static enum pbe_result pay(const struct pbe *pbe, uint64_t rounds, size_t length, size_t block)
{
    size_t blocks = (length + block - 1) / block;

    if (rounds == 0) {
        return PBE_UNSUPPORTED;
    }
    if (rounds > *pbe->rounds / blocks) {
        return PBE_TOO_MUCH;
    }
    *pbe->rounds -= rounds * blocks;
    return PBE_OK;
}

/* ---- RFC 7292 appendix B ------------------------------------------------------------------- */

/* A password as BMPString with an end mark (B.1): UTF-16, as everybody does beyond the BMP. What is not UTF-8 is taken as
 * Latin-1, as OpenSSL does. */
static size_t append_password(uint8_t *out, const char *password)
{
    size_t left = password != NULL ? strlen(password) : 0;
    bool is_utf8 = left > 0 && text_is_utf8(password, left);
    size_t length = 0;

    while (left > 0) {
        uint32_t c = (uint8_t)*password;
        size_t taken = is_utf8 ? text_utf8_decode(password, left, &c) : 1;
        if (c > 0xffff) {
            uint32_t high = 0xd800 + ((c - 0x10000) >> 10);
            out[length++] = (uint8_t)(high >> 8);
            out[length++] = (uint8_t)high;
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        out[length++] = (uint8_t)(c >> 8);
        out[length++] = (uint8_t)c;
        password += taken;
        left -= taken;
    }
    if (password != NULL) {
        out[length++] = 0;
        out[length++] = 0;
    }
    return length;
}

/* Repeats what stands at `at` until it fills whole blocks (B.2, steps 2 and 3). */
static size_t fill_blocks(uint8_t *at, size_t length, size_t block)
{
    size_t whole = (length + block - 1) / block * block;

    for (size_t i = length; i < whole; i++) {
        at[i] = at[i - length];
    }
    return whole;
}

static size_t make_input(uint8_t out[INPUT_MAX], const struct pbe *pbe, struct pki_slice salt,
                         size_t block)
{
    size_t length;

    if (salt.length > 0) {
        memcpy(out, salt.data, salt.length);
    }
    length = fill_blocks(out, salt.length, block);
    return length + fill_blocks(out + length, append_password(out + length, pbe->password), block);
}

/* Adds `addend` + 1 to each block of the input, as numbers (step 6 C). */
static void add_to_blocks(uint8_t *input, size_t length, const uint8_t *addend, size_t block)
{
    for (size_t start = 0; start < length; start += block) {
        unsigned carry = 1;
        for (size_t i = block; i-- > 0;) {
            carry += input[start + i] + addend[i];
            input[start + i] = (uint8_t)carry;
            carry >>= 8;
        }
    }
}

/* Steps 6 A: the hash of the diversifier and the input, hashed again and again. */
static int hash_rounds(gnutls_hash_hd_t hash, size_t size, uint64_t rounds, const uint8_t *input,
                       size_t length, uint8_t *out)
{
    int result = gnutls_hash(hash, input, length);

    gnutls_hash_output(hash, out); /* and starts again */
    for (uint64_t i = 1; i < rounds && result == 0; i++) {
        result = gnutls_hash(hash, out, size);
        gnutls_hash_output(hash, out);
    }
    return result;
}

static enum pbe_result derive(gnutls_hash_hd_t hash, size_t size, size_t block, uint64_t rounds,
                              uint8_t *input, size_t input_length, uint8_t *out, size_t length)
{
    uint8_t value[BLOCK_MAX], addend[BLOCK_MAX];
    enum pbe_result result = PBE_OK;

    while (result == PBE_OK) {
        size_t part = length < size ? length : size;
        result = pbe_result_of(hash_rounds(hash, size, rounds, input, block + input_length, value));
        if (result != PBE_OK) {
            break;
        }
        memcpy(out, value, part);
        out += part;
        length -= part;
        if (length == 0) {
            break;
        }
        for (size_t i = 0; i < block; i++) {
            addend[i] = value[i % size];
        }
        add_to_blocks(input + block, input_length, addend, block);
    }
    secret_wipe(value, sizeof value);
    secret_wipe(addend, sizeof addend);
    return result;
}

enum pbe_result pbe_key_pkcs12(const struct pbe *pbe, gnutls_digest_algorithm_t hash,
                               const struct pbe_salt *salt, enum pbe_use use, uint8_t *out,
                               size_t length)
{
    size_t size = gnutls_hash_get_len(hash);
    size_t block = size > 32 ? 128 : 64; /* of the hash: FIPS 180-4 1, RFC 1321 */
    uint8_t input[BLOCK_MAX + INPUT_MAX];
    gnutls_hash_hd_t handle;
    enum pbe_result result;
    size_t input_length;

    if (salt->salt.length > SALT_MAX ||
        (pbe->password != NULL && strlen(pbe->password) > PBE_PASSWORD_MAX)) {
        return PBE_UNSUPPORTED;
    }
    result = pay(pbe, salt->rounds, length, size);
    if (result != PBE_OK) {
        return result;
    }
    result = pbe_result_of(gnutls_hash_init(&handle, hash));
    if (result != PBE_OK) {
        return result;
    }
    memset(input, (int)use, block);
    input_length = make_input(input + block, pbe, salt->salt, block);
    result = derive(handle, size, block, salt->rounds, input, input_length, out, length);
    gnutls_hash_deinit(handle, NULL);
    secret_wipe(input, sizeof input);
    return result;
}

/* ---- PBKDF2 (RFC 8018 5.2) ------------------------------------------------------------------ */

#define HMAC "\x2a\x86\x48\x86\xf7\x0d\x02" /* 1.2.840.113549.2 */

static const struct {
    struct pki_slice oid;
    gnutls_mac_algorithm_t mac;
} functions[] = {
    {OID(HMAC "\x07"), GNUTLS_MAC_SHA1},   {OID(HMAC "\x08"), GNUTLS_MAC_SHA224},
    {OID(HMAC "\x09"), GNUTLS_MAC_SHA256}, {OID(HMAC "\x0a"), GNUTLS_MAC_SHA384},
    {OID(HMAC "\x0b"), GNUTLS_MAC_SHA512},
};

gnutls_mac_algorithm_t pbe_hmac_find(struct pki_slice oid)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (slice_equal(functions[i].oid, oid)) {
            return functions[i].mac;
        }
    }
    return GNUTLS_MAC_UNKNOWN;
}

/* The pseudorandom function: HMAC with SHA-1 where none is named. */
static gnutls_mac_algorithm_t read_function(struct reader *parameters)
{
    struct reader algorithm;
    struct der oid;

    if (reader_left(parameters) == 0) {
        return GNUTLS_MAC_SHA1;
    }
    algorithm = ber_enter(parameters, DER_SEQUENCE);
    return ber_next(&algorithm, &oid) ? pbe_hmac_find(oid.content) : GNUTLS_MAC_UNKNOWN;
}

enum pbe_result pbe_key_pbkdf2(const struct pbe *pbe, struct reader parameters, uint8_t *out,
                               size_t *length)
{
    const char *password = pbe->password != NULL ? pbe->password : "";
    struct pki_slice salt = der_value(&parameters, DER_OCTET_STRING).content;
    uint64_t rounds = pbe_read_rounds(&parameters);
    uint64_t said = der_is_next(&parameters, DER_INTEGER) ? der_small_number(&parameters) : *length;
    gnutls_mac_algorithm_t mac = read_function(&parameters);
    gnutls_datum_t key, datum;
    enum pbe_result result;

    if (parameters.failed || mac == GNUTLS_MAC_UNKNOWN || salt.length > SALT_MAX || said == 0 ||
        said > PBE_KEY_MAX || (*length != 0 && said != *length)) {
        return PBE_UNSUPPORTED;
    }
    *length = (size_t)said;
    result = pay(pbe, rounds, *length, (size_t)gnutls_hmac_get_len(mac));
    if (result != PBE_OK) {
        return result;
    }
    key = (gnutls_datum_t){(uint8_t *)password, (unsigned)strlen(password)}; /* only read */
    datum = (gnutls_datum_t){(uint8_t *)salt.data, (unsigned)salt.length};
    return pbe_result_of(gnutls_pbkdf2(mac, &key, &datum, (unsigned)rounds, out, *length));
}
