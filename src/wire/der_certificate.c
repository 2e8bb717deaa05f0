/* Certificate: RFC 5280 4.1. */
#include "der.h"

static const struct der_schema validity[] = {
    {DER_TIME("certificate.validity.not_before", "notBefore"), DER_SAYS("from ")},
    {DER_TIME("certificate.validity.not_after", "notAfter"), DER_SAYS("to ")},
    {DER_END},
};

static const char *const versions[] = {"v1", "v2", "v3", NULL};

/* A version 1 certificate ends after its key (4.1.2.1). */
static const struct der_schema tbs_certificate[] = {
    {DER_INTEGER("certificate.version", "version"), .outer = DER_CONSTRUCTED(0), .optional = true,
     .has_default = true, .fallback = 0, .names = versions},
    {DER_SERIAL("certificate.serial_number", "serialNumber")},
    {DER_SEQUENCE("certificate.signature", "signature", der_algorithm)},
    {DER_LIST("certificate.issuer", "issuer", der_rdn)},
    {DER_SEQUENCE("certificate.validity", "validity", validity)},
    {DER_LIST("certificate.subject", "subject", der_rdn), DER_SAYS("")},
    {DER_SEQUENCE("certificate.subject_public_key_info", "subjectPublicKeyInfo", der_public_key)},
    {DER_LEAF("certificate.issuer_unique_id", "issuerUniqueID", DER_CONTEXT(1), BYTES, BITS),
     .optional = true},
    {DER_LEAF("certificate.subject_unique_id", "subjectUniqueID", DER_CONTEXT(2), BYTES, BITS),
     .optional = true},
    {DER_LIST("certificate.extensions", "extensions", der_extension), .outer = DER_CONSTRUCTED(3),
     .optional = true},
    {DER_END},
};

const struct der_schema der_certificate[] = {
    {DER_SEQUENCE("certificate.tbs_certificate", "tbsCertificate", tbs_certificate), DER_SAYS("")},
    {DER_SEQUENCE("certificate.signature_algorithm", "signatureAlgorithm", der_algorithm)},
    {DER_BYTES("certificate.signature_value", "signatureValue")},
    {DER_END},
};
