/* AlgorithmIdentifier and SubjectPublicKeyInfo (RFC 5280 4.1.1.2, 4.1.2.7, RFC 3279, 4055, 5480, 8410). */
#include "der.h"

#define ID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01"

/* ---- parameters --------------------------------------------------------------------------------- */

/* RFC 5480 2.1.1; the other choices, a curve spelt out and an inherited one, by their tags. */
static const struct der_schema curve[] = {
    {DER_OID("algorithm.named_curve", "namedCurve"), DER_SAYS("")},
    {DER_ANY},
    {DER_END},
};

/* RFC 3279 2.3.2, 2.3.3, PKCS #3. */
static const struct der_schema dsa[] = {
    {DER_INTEGER("algorithm.dsa.p", "p"), .say = DER_SAY_SIZE},
    {DER_INTEGER("algorithm.dsa.q", "q")},
    {DER_INTEGER("algorithm.dsa.g", "g")},
    {DER_END},
};
static const struct der_schema anything[] = {{DER_ANY}, {DER_END}};
static const struct der_schema x942[] = {
    {DER_INTEGER("algorithm.dh.p", "p"), .say = DER_SAY_SIZE},
    {DER_INTEGER("algorithm.dh.g", "g")},
    {DER_INTEGER("algorithm.dh.q", "q")},
    {DER_INTEGER("algorithm.dh.j", "j"), .optional = true},
    {DER_GROUP("algorithm.dh.validation_parms", "validationParms", LIST, DER_TAG_SEQUENCE,
               anything),
     .optional = true},
    {DER_END},
};
static const struct der_schema pkcs3[] = {
    {DER_INTEGER("algorithm.dh.prime", "prime"), .say = DER_SAY_SIZE},
    {DER_INTEGER("algorithm.dh.base", "base")},
    {DER_INTEGER("algorithm.dh.private_value_length", "privateValueLength"), .optional = true},
    {DER_END},
};

/* RFC 4055 3.1. These identifiers do not open anything, so that nothing nests without an end. */
static const struct der_schema hash[] = {
    {DER_OID("algorithm.pss.hash.algorithm", "algorithm"), DER_SAYS("")},
    {DER_ANY, .optional = true},
    {DER_END},
};
static const struct der_schema mask_generation[] = {
    {DER_OID("algorithm.pss.mask_generation.algorithm", "algorithm"), DER_SAYS("")},
    {DER_SEQUENCE("algorithm.pss.mask_generation.hash", "hashAlgorithm", hash), .optional = true,
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema pss[] = {
    {DER_SEQUENCE("algorithm.pss.hash", "hashAlgorithm", hash), .outer = DER_CONSTRUCTED(0),
     .optional = true, DER_SAYS("")},
    {DER_SEQUENCE("algorithm.pss.mask_generation", "maskGenAlgorithm", mask_generation),
     .outer = DER_CONSTRUCTED(1), .optional = true, DER_SAYS("")},
    {DER_INTEGER("algorithm.pss.salt_length", "saltLength"), .outer = DER_CONSTRUCTED(2),
     .optional = true, .has_default = true, .fallback = 20, DER_SAYS("salt ")},
    {DER_INTEGER("algorithm.pss.trailer_field", "trailerField"), .outer = DER_CONSTRUCTED(3),
     .optional = true, .has_default = true, .fallback = 1},
    {DER_END},
};

#define PARAMETERS(bytes, id, parts)                            \
    {                                                           \
        DER_OID_IS(bytes), .row = {                             \
            DER_SEQUENCE("algorithm." id, "parameters", parts), \
            DER_SAYS("")                                        \
        }                                                       \
    }

static const struct der_choice parameters[] = {
    {DER_OID_IS("\x2a\x86\x48\xce\x3d\x02\x01"), .row = {DER_CHOICE(curve)}},
    PARAMETERS(ID_RSA "\x0a", "pss", pss),
    PARAMETERS("\x2a\x86\x48\xce\x38\x04\x01", "dsa", dsa),
    PARAMETERS("\x2a\x86\x48\xce\x3e\x02\x01", "dh", x942),
    PARAMETERS("\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", "dh", pkcs3),
    {.oid = NULL},
};
static const struct der_schema other_parameters[] = {
    {DER_NULL("algorithm.parameters", "parameters")},
    {DER_ANY},
    {DER_END},
};
static const struct der_schema otherwise = {DER_CHOICE(other_parameters)};

const struct der_schema der_algorithm[] = {
    {DER_OID("algorithm.algorithm", "algorithm"), .is_key = true, DER_SAYS("")},
    {DER_OPEN(parameters, &otherwise), .optional = true},
    {DER_END},
};

/* ---- keys --------------------------------------------------------------------------------------- */

static const struct der_schema rsa_parts[] = {
    {DER_INTEGER("public_key.rsa.modulus", "modulus"), .say = DER_SAY_SIZE},
    {DER_INTEGER("public_key.rsa.public_exponent", "publicExponent")},
    {DER_END},
};
static const struct der_schema rsa[] = {{DER_FLAT(rsa_parts)}, {DER_END}};
static const struct der_schema dsa_y[] = {
    {DER_INTEGER("public_key.dsa.y", "y")},
    {DER_END},
};
static const struct der_schema dh_y[] = {
    {DER_INTEGER("public_key.dh.y", "y")},
    {DER_END},
};

#define KEY_OF(bytes, parts)                                                     \
    {                                                                            \
        DER_OID_IS(bytes), .row = { DER_PLAIN(WRAP, DER_TAG_BIT_STRING, parts) } \
    }

/* Those whose BIT STRING holds DER. */
static const struct der_choice keys[] = {
    KEY_OF(ID_RSA "\x01", rsa),
    KEY_OF(ID_RSA "\x0a", rsa),
    KEY_OF("\x2a\x86\x48\xce\x38\x04\x01", dsa_y),
    KEY_OF("\x2a\x86\x48\xce\x3e\x02\x01", dh_y),
    KEY_OF("\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", dh_y),
    {DER_OID_IS("\x2a\x86\x48\xce\x3d\x02\x01"),
     .row = {DER_BYTES("public_key.ec.point", "point")}},
    {.oid = NULL},
};
/* Ed25519, X25519, ML-DSA, ML-KEM and what comes after them: bytes. */
static const struct der_schema other_key = {
    DER_BYTES("public_key.subject_public_key", "subjectPublicKey")};

const struct der_schema der_public_key[] = {
    {DER_SEQUENCE("public_key.algorithm", "algorithm", der_algorithm), DER_SAYS("")},
    {DER_OPEN(keys, &other_key)},
    {DER_END},
};
