/* Tables of algorithms. Adding one is adding a row. */
#include "algorithms.h"

#define ID_PKCS1     "\x2a\x86\x48\x86\xf7\x0d\x01\x01" /* 1.2.840.113549.1.1 */
#define ID_X962      "\x2a\x86\x48\xce\x3d"             /* 1.2.840.10045 */
#define ID_X957      "\x2a\x86\x48\xce\x38\x04"         /* 1.2.840.10040.4 */
#define ID_CERTICOM  "\x2b\x81\x04\x00"                 /* 1.3.132.0 */
#define ID_BRAINPOOL "\x2b\x24\x03\x03\x02\x08\x01\x01" /* 1.3.36.3.3.2.8.1.1 */
#define ID_NIST_SIG  "\x60\x86\x48\x01\x65\x03\x04\x03" /* 2.16.840.1.101.3.4.3 */
#define ID_NIST_HASH "\x60\x86\x48\x01\x65\x03\x04\x02" /* 2.16.840.1.101.3.4.2 */
#define ID_SM        "\x2a\x81\x1c\xcf\x55\x01"         /* 1.2.156.10197.1 */
#define ID_TC26      "\x2a\x85\x03\x07\x01\x01"         /* 1.2.643.7.1.1 */
#define ID_RSA_PSS   ID_PKCS1 "\x0a"
#define ID_ED25519   "\x2b\x65\x70"
#define ID_ED448     "\x2b\x65\x71"

/* ---- signatures (RFC 3279, 4055, 5758, 8410, 8692, 9215, 9881) ------------------------- */

static const struct signature_algorithm signature_algorithms[] = {
    {OID(ID_PKCS1 "\x02"), "md2WithRSAEncryption", GNUTLS_SIGN_UNKNOWN, "MD2"},
    {OID(ID_PKCS1 "\x04"), "md5WithRSAEncryption", GNUTLS_SIGN_RSA_MD5, "MD5"},
    {OID(ID_PKCS1 "\x05"), "sha1WithRSAEncryption", GNUTLS_SIGN_RSA_SHA1, "SHA-1"},
    {OID("\x2b\x0e\x03\x02\x1d"), "sha1WithRSASignature", GNUTLS_SIGN_RSA_SHA1, "SHA-1"},
    {OID(ID_PKCS1 "\x0e"), "sha224WithRSAEncryption", GNUTLS_SIGN_RSA_SHA224, NULL},
    {OID(ID_PKCS1 "\x0b"), "sha256WithRSAEncryption", GNUTLS_SIGN_RSA_SHA256, NULL},
    {OID(ID_PKCS1 "\x0c"), "sha384WithRSAEncryption", GNUTLS_SIGN_RSA_SHA384, NULL},
    {OID(ID_PKCS1 "\x0d"), "sha512WithRSAEncryption", GNUTLS_SIGN_RSA_SHA512, NULL},
    {OID(ID_RSA_PSS), "RSASSA-PSS", GNUTLS_SIGN_UNKNOWN, NULL}, /* by its parameters */
    {OID(ID_NIST_SIG "\x0e"), "id-rsassa-pkcs1-v1-5-with-sha3-256", GNUTLS_SIGN_RSA_SHA3_256, NULL},
    {OID(ID_NIST_SIG "\x0f"), "id-rsassa-pkcs1-v1-5-with-sha3-384", GNUTLS_SIGN_RSA_SHA3_384, NULL},
    {OID(ID_NIST_SIG "\x10"), "id-rsassa-pkcs1-v1-5-with-sha3-512", GNUTLS_SIGN_RSA_SHA3_512, NULL},
    {OID(ID_X962 "\x04\x01"), "ecdsa-with-SHA1", GNUTLS_SIGN_ECDSA_SHA1, "SHA-1"},
    {OID(ID_X962 "\x04\x03\x01"), "ecdsa-with-SHA224", GNUTLS_SIGN_ECDSA_SHA224, NULL},
    {OID(ID_X962 "\x04\x03\x02"), "ecdsa-with-SHA256", GNUTLS_SIGN_ECDSA_SHA256, NULL},
    {OID(ID_X962 "\x04\x03\x03"), "ecdsa-with-SHA384", GNUTLS_SIGN_ECDSA_SHA384, NULL},
    {OID(ID_X962 "\x04\x03\x04"), "ecdsa-with-SHA512", GNUTLS_SIGN_ECDSA_SHA512, NULL},
    {OID(ID_NIST_SIG "\x0a"), "id-ecdsa-with-sha3-256", GNUTLS_SIGN_ECDSA_SHA3_256, NULL},
    {OID(ID_NIST_SIG "\x0b"), "id-ecdsa-with-sha3-384", GNUTLS_SIGN_ECDSA_SHA3_384, NULL},
    {OID(ID_NIST_SIG "\x0c"), "id-ecdsa-with-sha3-512", GNUTLS_SIGN_ECDSA_SHA3_512, NULL},
    {OID(ID_X957 "\x03"), "id-dsa-with-sha1", GNUTLS_SIGN_DSA_SHA1, "SHA-1"},
    {OID(ID_NIST_SIG "\x01"), "id-dsa-with-sha224", GNUTLS_SIGN_DSA_SHA224, NULL},
    {OID(ID_NIST_SIG "\x02"), "id-dsa-with-sha256", GNUTLS_SIGN_DSA_SHA256, NULL},
    {OID(ID_ED25519), "Ed25519", GNUTLS_SIGN_EDDSA_ED25519, NULL},
    {OID(ID_ED448), "Ed448", GNUTLS_SIGN_EDDSA_ED448, NULL},
    {OID(ID_TC26 "\x03\x02"), "id-tc26-signwithdigest-gost3410-12-256", GNUTLS_SIGN_GOST_256, NULL},
    {OID(ID_TC26 "\x03\x03"), "id-tc26-signwithdigest-gost3410-12-512", GNUTLS_SIGN_GOST_512, NULL},
    {OID(ID_SM "\x83\x75"), "SM2-with-SM3", GNUTLS_SIGN_UNKNOWN, NULL},
    {OID(ID_NIST_SIG "\x11"), "id-ml-dsa-44", GNUTLS_SIGN_UNKNOWN, NULL},
    {OID(ID_NIST_SIG "\x12"), "id-ml-dsa-65", GNUTLS_SIGN_UNKNOWN, NULL},
    {OID(ID_NIST_SIG "\x13"), "id-ml-dsa-87", GNUTLS_SIGN_UNKNOWN, NULL},
};

const struct signature_algorithm *signature_algorithm_find(struct pki_slice oid)
{
    for (size_t i = 0; i < sizeof signature_algorithms / sizeof signature_algorithms[0]; i++) {
        if (slice_equal(signature_algorithms[i].oid, oid)) {
            return &signature_algorithms[i];
        }
    }
    return NULL;
}

char *signature_algorithm_text(char *out, size_t size, struct pki_slice oid)
{
    const struct signature_algorithm *row = signature_algorithm_find(oid);

    if (row == NULL) {
        return wire_oid_text(out, size, oid.data, oid.length);
    }
    (void)snprintf(out, size, "%s", row->name);
    return out;
}

/* ---- hashes ---------------------------------------------------------------------------- */

static const struct hash_algorithm {
    struct pki_slice oid;
    gnutls_digest_algorithm_t gnutls;
    const char *weak;
} hashes[] = {
    {OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), GNUTLS_DIG_MD5, "MD5"},
    {OID("\x2b\x0e\x03\x02\x1a"), GNUTLS_DIG_SHA1, "SHA-1"},
    {OID(ID_NIST_HASH "\x04"), GNUTLS_DIG_SHA224, NULL},
    {OID(ID_NIST_HASH "\x01"), GNUTLS_DIG_SHA256, NULL},
    {OID(ID_NIST_HASH "\x02"), GNUTLS_DIG_SHA384, NULL},
    {OID(ID_NIST_HASH "\x03"), GNUTLS_DIG_SHA512, NULL},
};

static const struct hash_algorithm *hash_find(struct pki_slice oid)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (slice_equal(hashes[i].oid, oid)) {
            return &hashes[i];
        }
    }
    return NULL;
}

gnutls_digest_algorithm_t digest_find(struct pki_slice oid)
{
    const struct hash_algorithm *row = hash_find(oid);
    return row != NULL ? row->gnutls : GNUTLS_DIG_UNKNOWN;
}

/* ---- RSASSA-PSS (RFC 4055) ------------------------------------------------------------- */

/* The hash in an AlgorithmIdentifier. */
static gnutls_digest_algorithm_t read_hash(struct reader *reader, const char **weak)
{
    struct reader algorithm = der_enter(reader, DER_SEQUENCE);
    const struct hash_algorithm *row = hash_find(der_value(&algorithm, DER_OID).content);

    reader->failed |= algorithm.failed;
    *weak = row != NULL ? row->weak : NULL;
    return row != NULL ? row->gnutls : GNUTLS_DIG_UNKNOWN;
}

/* The mask generation function: always MGF1, with a hash of its own. */
static gnutls_digest_algorithm_t read_mask(struct reader *reader)
{
    struct reader algorithm = der_enter(reader, DER_SEQUENCE);
    struct pki_slice oid = der_value(&algorithm, DER_OID).content;
    const char *weak;
    gnutls_digest_algorithm_t hash = read_hash(&algorithm, &weak);

    reader->failed |= algorithm.failed;
    return slice_is(oid, ID_PKCS1 "\x08") ? hash : GNUTLS_DIG_UNKNOWN;
}

bool pss_parameters_read(struct pki_slice parameters, struct pss_parameters *out)
{
    struct reader whole = reader_new(parameters.data, parameters.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);
    struct reader field;

    *out = (struct pss_parameters){GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA1, 20, "SHA-1"};
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        field = der_enter(&fields, DER_CONTEXT_SET(0));
        out->hash = read_hash(&field, &out->weak_hash);
        fields.failed |= !der_done(&field);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        field = der_enter(&fields, DER_CONTEXT_SET(1));
        out->mask_hash = read_mask(&field);
        fields.failed |= !der_done(&field);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(2))) {
        field = der_enter(&fields, DER_CONTEXT_SET(2));
        out->salt_length = der_small_number(&field);
        fields.failed |= !der_done(&field);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(3))) {
        field = der_enter(&fields, DER_CONTEXT_SET(3));
        fields.failed |= der_small_number(&field) != 1 || !der_done(&field); /* trailerFieldBC */
    }
    return der_done(&fields) && der_done(&whole);
}

bool signature_is_pss(const struct x509 *certificate)
{
    return slice_is(certificate->signature_algorithm, ID_RSA_PSS);
}

bool key_is_pss(const struct x509 *certificate)
{
    return slice_is(certificate->key_algorithm, ID_RSA_PSS);
}

const char *signature_weak_hash(const struct x509 *certificate)
{
    const struct signature_algorithm *row =
        signature_algorithm_find(certificate->signature_algorithm);
    struct pss_parameters pss;

    if (signature_is_pss(certificate)) {
        return pss_parameters_read(certificate->signature_parameters, &pss) ? pss.weak_hash : NULL;
    }
    return row != NULL ? row->weak_hash : NULL;
}

/* ---- keys (RFC 3279, 4055, 5480, 8410, 9881) ------------------------------------------- */

static const struct key_algorithm {
    struct pki_slice oid;
    const char *name;
    enum key_family family;
    unsigned bits; /* where the algorithm fixes it */
} key_algorithms[] = {
    {OID(ID_PKCS1 "\x01"), "RSA", KEY_RSA, 0},
    {OID("\x55\x08\x01\x01"), "RSA", KEY_RSA, 0}, /* X.500's older name for it */
    {OID(ID_RSA_PSS), "RSA-PSS", KEY_RSA, 0},
    {OID(ID_X962 "\x02\x01"), "ECDSA", KEY_EC, 0},
    {OID(ID_X957 "\x01"), "DSA", KEY_DSA, 0},
    {OID(ID_ED25519), "Ed25519", KEY_OTHER, 256},
    {OID(ID_ED448), "Ed448", KEY_OTHER, 456},
    {OID("\x2b\x65\x6e"), "X25519", KEY_OTHER, 256},
    {OID("\x2b\x65\x6f"), "X448", KEY_OTHER, 448},
    {OID(ID_TC26 "\x01\x01"), "GOST R 34.10-2012", KEY_OTHER, 256},
    {OID(ID_TC26 "\x01\x02"), "GOST R 34.10-2012", KEY_OTHER, 512},
    {OID(ID_NIST_SIG "\x11"), "ML-DSA-44", KEY_OTHER, 0},
    {OID(ID_NIST_SIG "\x12"), "ML-DSA-65", KEY_OTHER, 0},
    {OID(ID_NIST_SIG "\x13"), "ML-DSA-87", KEY_OTHER, 0},
};

/* Names as IANA's registry of TLS groups has them, SEC 2's where it has none. */
static const struct curve {
    struct pki_slice oid;
    const char *name;
    unsigned bits;
} curves[] = {
    {OID(ID_X962 "\x03\x01\x01"), "secp192r1", 192},
    {OID(ID_X962 "\x03\x01\x07"), "secp256r1", 256},
    {OID(ID_CERTICOM "\x1f"), "secp192k1", 192},
    {OID(ID_CERTICOM "\x20"), "secp224k1", 224},
    {OID(ID_CERTICOM "\x21"), "secp224r1", 224},
    {OID(ID_CERTICOM "\x0a"), "secp256k1", 256},
    {OID(ID_CERTICOM "\x22"), "secp384r1", 384},
    {OID(ID_CERTICOM "\x23"), "secp521r1", 521},
    {OID(ID_CERTICOM "\x08"), "secp160r1", 160},
    {OID(ID_CERTICOM "\x01"), "sect163k1", 163},
    {OID(ID_CERTICOM "\x0f"), "sect163r2", 163},
    {OID(ID_CERTICOM "\x1a"), "sect233k1", 233},
    {OID(ID_CERTICOM "\x1b"), "sect233r1", 233},
    {OID(ID_CERTICOM "\x10"), "sect283k1", 283},
    {OID(ID_CERTICOM "\x11"), "sect283r1", 283},
    {OID(ID_CERTICOM "\x24"), "sect409k1", 409},
    {OID(ID_CERTICOM "\x25"), "sect409r1", 409},
    {OID(ID_CERTICOM "\x26"), "sect571k1", 571},
    {OID(ID_CERTICOM "\x27"), "sect571r1", 571},
    {OID(ID_BRAINPOOL "\x07"), "brainpoolP256r1", 256},
    {OID(ID_BRAINPOOL "\x0b"), "brainpoolP384r1", 384},
    {OID(ID_BRAINPOOL "\x0d"), "brainpoolP512r1", 512},
    {OID(ID_SM "\x82\x2d"), "curveSM2", 256},
};

bool rsa_key_read(const struct x509 *certificate, struct rsa_key *out)
{
    struct reader whole = reader_new(certificate->key.data, certificate->key.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);

    out->modulus = der_value(&fields, DER_INTEGER).content;
    out->exponent = der_value(&fields, DER_INTEGER).content;
    return der_done(&fields) && der_done(&whole);
}

static unsigned rsa_bits(const struct x509 *certificate)
{
    struct rsa_key key;

    (void)rsa_key_read(certificate, &key);
    return der_integer_bits(key.modulus);
}

/* Dss-Parms ::= SEQUENCE { p, q, g } (RFC 3279 2.3.2). */
static unsigned dsa_bits(struct pki_slice parameters)
{
    struct reader whole = reader_new(parameters.data, parameters.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);

    return der_integer_bits(der_value(&fields, DER_INTEGER).content);
}

/* ECParameters (RFC 5480 2.1.1): a curve's name, or the explicit form that is not allowed. */
static void read_curve(const struct x509 *certificate, struct key_facts *out)
{
    struct pki_slice parameters = certificate->key_parameters;
    struct reader reader = reader_new(parameters.data, parameters.length);
    struct pki_slice oid;

    /* Bits of a coordinate, until the curve says it better: the point is 04, x, y or 02, x. */
    if (certificate->key.length > 1) {
        size_t coordinates = certificate->key.data[0] == 4 ? 2 : 1;
        out->bits = (unsigned)((certificate->key.length - 1) / coordinates * 8);
    }
    if (der_is_next(&reader, DER_SEQUENCE)) {
        out->explicit_curve = true;
        return;
    }
    oid = der_value(&reader, DER_OID).content;
    if (reader.failed) {
        return;
    }
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (slice_equal(curves[i].oid, oid)) {
            (void)snprintf(out->curve, sizeof out->curve, "%s", curves[i].name);
            out->bits = curves[i].bits;
            return;
        }
    }
    (void)wire_oid_text(out->curve, sizeof out->curve, oid.data, oid.length);
}

void key_facts_read(const struct x509 *certificate, struct key_facts *out)
{
    const struct key_algorithm *row = NULL;

    *out = (struct key_facts){.family = KEY_OTHER};
    for (size_t i = 0; i < sizeof key_algorithms / sizeof key_algorithms[0] && row == NULL; i++) {
        if (slice_equal(key_algorithms[i].oid, certificate->key_algorithm)) {
            row = &key_algorithms[i];
        }
    }
    if (row == NULL) {
        (void)wire_oid_text(out->type, sizeof out->type, certificate->key_algorithm.data,
                            certificate->key_algorithm.length);
        return;
    }
    (void)snprintf(out->type, sizeof out->type, "%s", row->name);
    out->family = row->family;
    out->bits = row->bits;
    if (row->family == KEY_RSA) {
        out->bits = rsa_bits(certificate);
    } else if (row->family == KEY_DSA) {
        out->bits = dsa_bits(certificate->key_parameters);
    } else if (row->family == KEY_EC) {
        read_curve(certificate, out);
    }
}
