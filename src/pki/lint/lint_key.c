/* The key and the signature (RFC 5280 4.1.1.2, 4.1.2.3, 4.1.2.7; CA/Browser Forum 6.1.5, 6.1.6, 7.1.3). */
#include <string.h>

#include "lint.h"

/* ---- the signature --------------------------------------------------------------------- */

static bool algorithms_differ(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    (void)row;
    if (slice_equal(lint->x.inner_algorithm, lint->x.outer_algorithm)) {
        return false;
    }
    buffer_text(found, "the signature algorithms inside and outside of what is signed differ");
    return true;
}

static void append_algorithm(const struct lint *lint, struct buffer *found)
{
    char name[128];

    buffer_text(found, signature_algorithm_text(name, sizeof name, lint->x.signature_algorithm));
}

static gnutls_pk_algorithm_t signature_key(const struct lint *lint)
{
    const struct signature_algorithm *row = signature_algorithm_find(lint->x.signature_algorithm);

    return row != NULL && row->gnutls != GNUTLS_SIGN_UNKNOWN
               ? gnutls_sign_get_pk_algorithm(row->gnutls)
               : GNUTLS_PK_UNKNOWN;
}

/* RSA's parameters are NULL (RFC 4055 5); ECDSA's, DSA's and EdDSA's are absent. */
static bool signature_parameters(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    gnutls_pk_algorithm_t key = signature_key(lint);
    bool is_null = slice_is(lint->x.signature_parameters, "\x05\x00");
    struct pss_parameters pss;
    bool good = true;

    (void)row;
    if (signature_is_pss(&lint->x)) {
        good = pss_parameters_read(lint->x.signature_parameters, &pss);
    } else if (key == GNUTLS_PK_RSA) {
        good = is_null;
    } else if (key != GNUTLS_PK_UNKNOWN) {
        good = lint->x.signature_parameters.length == 0;
    }
    if (!good) {
        buffer_text(found, "the parameters of ");
        append_algorithm(lint, found);
        buffer_text(found, lint->x.signature_parameters.length == 0 ? " are absent"
                           : is_null                                ? " are NULL"
                                                                    : " are others");
    }
    return !good;
}

/* SHA-1 was forbidden to CAs from 2016-01-01; roots from before sign nothing with it anymore but themselves. */
#define SHA1_ENDED 1451606400

static bool is_old_root(const struct lint *lint)
{
    return lint->place == PKI_ROOT && lint->x.not_before < SHA1_ENDED;
}

static bool weak_hash(const struct lint *lint, struct buffer *found)
{
    const char *hash = signature_weak_hash(&lint->x);

    if (hash != NULL) {
        buffer_printf(found, "it is signed with %s", hash);
    }
    return hash != NULL;
}

static bool signature_weak(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    (void)row;
    return !is_old_root(lint) && weak_hash(lint, found);
}

static bool old_root_weak(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return is_old_root(lint) && weak_hash(lint, found);
}

/* SHA-224, SHA-3, EdDSA: sound, but outside of 7.1.3.2. */
static bool signature_unusual(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    static const gnutls_sign_algorithm_t usual[] = {
        GNUTLS_SIGN_RSA_SHA256,   GNUTLS_SIGN_RSA_SHA384,   GNUTLS_SIGN_RSA_SHA512,
        GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_SIGN_ECDSA_SHA512,
    };
    const struct signature_algorithm *algorithm =
        signature_algorithm_find(lint->x.signature_algorithm);

    (void)row;
    if (signature_is_pss(&lint->x) || signature_weak_hash(&lint->x) != NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (algorithm != NULL && algorithm->gnutls == usual[i]) {
            return false;
        }
    }
    buffer_text(found, "the signature algorithm is ");
    append_algorithm(lint, found);
    return true;
}

/* ---- RSA keys -------------------------------------------------------------------------- */

/* False for other keys. */
static bool read_rsa(const struct lint *lint, struct rsa_key *out)
{
    return lint->key.family == KEY_RSA && rsa_key_read(&lint->x, out) && out->modulus.length > 0 &&
           out->exponent.length > 0;
}

static bool is_odd(struct pki_slice number)
{
    return (number.data[number.length - 1] & 1) != 0;
}

static bool rsa_malformed(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct rsa_key key;

    (void)row;
    if (lint->key.family != KEY_RSA || read_rsa(lint, &key)) {
        return false;
    }
    buffer_text(found, "the RSA key cannot be read");
    return true;
}

static bool rsa_small(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_RSA || lint->key.bits >= 2048) {
        return false;
    }
    buffer_printf(found, "the RSA key has %u bits", lint->key.bits);
    return true;
}

static bool rsa_odd_size(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_RSA || lint->key.bits % 8 == 0) {
        return false;
    }
    buffer_printf(found, "the RSA key has %u bits", lint->key.bits);
    return true;
}

static bool rsa_exponent_bad(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    struct rsa_key key;

    (void)row;
    if (!read_rsa(lint, &key) || (is_odd(key.exponent) && (key.exponent.data[0] & 0x80) == 0 &&
                                  der_integer_bits(key.exponent) > 1)) {
        return false;
    }
    buffer_printf(found, "the RSA exponent is %s", is_odd(key.exponent) ? "1 or negative" : "even");
    return true;
}

static bool rsa_exponent_unusual(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    struct rsa_key key;
    unsigned bits;

    (void)row;
    if (!read_rsa(lint, &key)) {
        return false;
    }
    bits = der_integer_bits(key.exponent);
    if (bits >= 17 && bits <= 256) {
        return false;
    }
    buffer_printf(found, "the RSA exponent has %u bits", bits);
    return true;
}

static bool rsa_modulus_even(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    struct rsa_key key;

    (void)row;
    if (!read_rsa(lint, &key) || is_odd(key.modulus)) {
        return false;
    }
    buffer_text(found, "the RSA modulus is even");
    return true;
}

static bool rsa_parameters(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_RSA || key_is_pss(&lint->x) ||
        slice_is(lint->x.key_parameters, "\x05\x00")) {
        return false;
    }
    buffer_printf(found, "the parameters of the RSA key are %s",
                  lint->x.key_parameters.length == 0 ? "absent" : "not NULL");
    return true;
}

/* ---- other keys ------------------------------------------------------------------------ */

static bool curve_unusual(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    static const char *const allowed[] = {"secp256r1", "secp384r1", "secp521r1"};

    (void)row;
    if (lint->key.family != KEY_EC || lint->key.explicit_curve) {
        return false;
    }
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        if (strcmp(lint->key.curve, allowed[i]) == 0) {
            return false;
        }
    }
    buffer_printf(found, "the curve is %s",
                  lint->key.curve[0] != '\0' ? lint->key.curve : "not named");
    return true;
}

static bool curve_explicit(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_EC || !lint->key.explicit_curve) {
        return false;
    }
    buffer_text(found, "the curve is given by its parameters");
    return true;
}

static bool point_compressed(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_EC || lint->x.key.length == 0 ||
        (lint->x.key.data[0] != 2 && lint->x.key.data[0] != 3)) {
        return false;
    }
    buffer_text(found, "the key is a compressed point");
    return true;
}

/* SEC 1 2.3.3: 04, x, y or 02 (03), x, each coordinate as long as the field. */
static bool point_malformed(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    size_t coordinate = (lint->key.bits + 7) / 8;
    struct pki_slice key = lint->x.key;

    (void)row;
    if (lint->key.family != KEY_EC || lint->key.explicit_curve) {
        return false;
    }
    if (key.length > 0 &&
        ((key.data[0] == 4 && key.length == 1 + 2 * coordinate) ||
         ((key.data[0] == 2 || key.data[0] == 3) && key.length == 1 + coordinate))) {
        return false;
    }
    buffer_printf(found, "the key is no point of %s", lint->key.curve);
    return true;
}

static bool key_is_dsa(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_DSA) {
        return false;
    }
    buffer_text(found, "the key is a DSA key");
    return true;
}

static bool key_unusual(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->key.family != KEY_OTHER && !key_is_pss(&lint->x)) {
        return false;
    }
    buffer_printf(found, "the key is of type %s", lint->key.type);
    return true;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define SIGNATURE .field = "signatureAlgorithm", .extension = X509_EXTENSION_COUNT
#define KEY       .field = "subjectPublicKeyInfo", .extension = X509_EXTENSION_COUNT

static const struct lint_row rows[] = {
    {"signature_algorithms_differ", RFC5280("4.1.1.2"), PKI_LINT_MUST, LINT_ANY, algorithms_differ,
     SIGNATURE, "signatureAlgorithm is the same inside and outside of what is signed"},
    {"signature_parameters", "RFC 3279 2.2, RFC 4055 5", PKI_LINT_MUST, LINT_ANY,
     signature_parameters, SIGNATURE,
     "the parameters of an RSA signature algorithm are NULL, of others absent"},
    {"signature_weak", BR("7.1.3.2"), PKI_LINT_MUST, LINT_ANY, signature_weak, SIGNATURE,
     "it is signed with SHA-256, SHA-384 or SHA-512"},
    {"signature_weak_in_old_root", BR("7.1.3.2"), PKI_LINT_NOTE, LINT_ROOT, old_root_weak,
     SIGNATURE, "a root is signed with SHA-256, SHA-384 or SHA-512 (nobody needs to check it)"},
    {"signature_unusual", BR("7.1.3.2"), PKI_LINT_NOTE, LINT_ANY, signature_unusual, SIGNATURE,
     "it is signed by RSA or ECDSA with SHA-256, SHA-384 or SHA-512"},
    {"rsa_malformed", "RFC 3279 2.3.1", PKI_LINT_MUST, LINT_ANY, rsa_malformed, KEY,
     "an RSA key is a modulus and an exponent"},
    {"rsa_small", BR("6.1.5"), PKI_LINT_MUST, LINT_ANY, rsa_small, KEY,
     "an RSA key has at least 2048 bits"},
    {"rsa_size_not_in_bytes", BR("6.1.5"), PKI_LINT_MUST, LINT_ANY, rsa_odd_size, KEY,
     "the size of an RSA key is a multiple of 8 bits"},
    {"rsa_exponent", BR("6.1.6"), PKI_LINT_MUST, LINT_ANY, rsa_exponent_bad, KEY,
     "an RSA exponent is an odd number from 3 on"},
    {"rsa_exponent_unusual", BR("6.1.6"), PKI_LINT_SHOULD, LINT_ANY, rsa_exponent_unusual, KEY,
     "an RSA exponent is between 2^16 + 1 and 2^256 - 1"},
    {"rsa_modulus_even", BR("6.1.6"), PKI_LINT_SHOULD, LINT_ANY, rsa_modulus_even, KEY,
     "an RSA modulus is odd and has no small factors"},
    {"rsa_parameters", "RFC 3279 2.3.1", PKI_LINT_MUST, LINT_ANY, rsa_parameters, KEY,
     "the parameters of an RSA key are NULL"},
    {"curve_unusual", BR("6.1.5"), PKI_LINT_MUST, LINT_ANY, curve_unusual, KEY,
     "an ECDSA key is on secp256r1, secp384r1 or secp521r1"},
    {"curve_explicit", "RFC 5480 2.1.1", PKI_LINT_MUST, LINT_ANY, curve_explicit, KEY,
     "a curve is named"},
    {"point_compressed", "RFC 5480 2.2", PKI_LINT_SHOULD, LINT_ANY, point_compressed, KEY,
     "an ECDSA key is an uncompressed point, which everybody reads"},
    {"point_malformed", "RFC 5480 2.2", PKI_LINT_MUST, LINT_ANY, point_malformed, KEY,
     "an ECDSA key is a point with coordinates of its curve's size"},
    {"key_dsa", BR("6.1.5"), PKI_LINT_MUST, LINT_ANY, key_is_dsa, KEY,
     "a key is RSA or ECDSA, not DSA"},
    {"key_unusual", BR("7.1.3.1"), PKI_LINT_NOTE, LINT_ANY, key_unusual, KEY,
     "a key is RSA or ECDSA: browsers' CAs issue for no others"},
};
const struct lint_table lint_keys = LINT_TABLE(rows);
