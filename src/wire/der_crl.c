/* CertificateList: RFC 5280 5.1. */
#include "der.h"

static const char *const versions[] = {"v1", "v2", NULL};

static const struct der_schema entry_parts[] = {
    {DER_SERIAL("crl.revoked.user_certificate", "userCertificate"), DER_SAYS("")},
    {DER_TIME("crl.revoked.revocation_date", "revocationDate"), DER_SAYS("")},
    {DER_LIST("crl.revoked.extensions", "crlEntryExtensions", der_extension), .optional = true,
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema entry[] = {
    {DER_SEQUENCE("crl.revoked", "revokedCertificate", entry_parts), DER_SAYS("")},
    {DER_END},
};

static const struct der_schema tbs[] = {
    {DER_INTEGER("crl.version", "version"), .optional = true, .names = versions},
    {DER_SEQUENCE("crl.signature", "signature", der_algorithm)},
    {DER_LIST("crl.issuer", "issuer", der_rdn), DER_SAYS("")},
    {DER_TIME("crl.this_update", "thisUpdate"), DER_SAYS("from ")},
    {DER_TIME("crl.next_update", "nextUpdate"), .optional = true, DER_SAYS("to ")},
    {DER_LIST("crl.revoked_certificates", "revokedCertificates", entry), .optional = true},
    {DER_LIST("crl.extensions", "crlExtensions", der_extension), .outer = DER_CONSTRUCTED(0),
     .optional = true},
    {DER_END},
};

const struct der_schema der_crl[] = {
    {DER_SEQUENCE("crl.tbs_cert_list", "tbsCertList", tbs), DER_SAYS("")},
    {DER_SEQUENCE("crl.signature_algorithm", "signatureAlgorithm", der_algorithm)},
    {DER_BYTES("crl.signature_value", "signatureValue")},
    {DER_END},
};
