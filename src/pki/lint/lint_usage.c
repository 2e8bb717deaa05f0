/* basicConstraints, keyUsage and extKeyUsage (RFC 5280 4.2.1.9, 4.2.1.3, 4.2.1.12). */
#include <string.h>

#include "lint.h"

/* ---- basicConstraints ------------------------------------------------------------------ */

static bool not_a_ca(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present || lint->x.is_ca) {
        return false;
    }
    buffer_text(found, "basicConstraints has cA FALSE");
    return true;
}

static bool constraints_not_critical(const struct lint *lint, const struct lint_row *row,
                                     struct buffer *found)
{
    return lint->x.is_ca && lint_not_critical(lint, row, found);
}

static bool leaf_is_ca(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (lint->x.is_ca) {
        buffer_text(found, "basicConstraints has cA TRUE in a server's certificate");
    }
    return lint->x.is_ca;
}

static bool has_path_length(const struct lint *lint, struct buffer *found)
{
    if (lint->x.path_length == X509_NO_LIMIT) {
        return false;
    }
    buffer_printf(found, "pathLenConstraint is %ld", lint->x.path_length);
    return true;
}

static bool path_length_without_ca(const struct lint *lint, const struct lint_row *row,
                                   struct buffer *found)
{
    (void)row;
    return !lint->x.is_ca && has_path_length(lint, found);
}

/* ---- keyUsage -------------------------------------------------------------------------- */

static const char *const bit_names[] = {
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
};

/* The names of these bits: "keyCertSign, cRLSign". */
static void append_bits(struct buffer *found, unsigned bits)
{
    const char *comma = "";

    for (size_t i = 0; i < sizeof bit_names / sizeof bit_names[0]; i++) {
        if ((bits & 1u << i) != 0) {
            buffer_printf(found, "%s%s", comma, bit_names[i]);
            comma = ", ";
        }
    }
}

/* True, and what there is, when keyUsage is present and has one of these bits. */
static bool has_bits(const struct lint *lint, unsigned bits, struct buffer *found)
{
    if ((lint->x.key_usage & bits) == 0) {
        return false;
    }
    buffer_text(found, "keyUsage has ");
    append_bits(found, lint->x.key_usage & bits);
    return true;
}

static bool lacks_bits(const struct lint *lint, unsigned bits, struct buffer *found)
{
    if (!lint_extension(lint, X509_KEY_USAGE)->present || (lint->x.key_usage & bits) != 0) {
        return false;
    }
    buffer_text(found, "keyUsage has ");
    append_bits(found, lint->x.key_usage);
    buffer_text(found, lint->x.key_usage == 0 ? "no bits" : " only");
    return true;
}

static bool usage_empty(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present || lint->x.key_usage != 0) {
        return false;
    }
    buffer_text(found, "keyUsage has no bit set");
    return true;
}

static bool ca_without_cert_sign(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    (void)row;
    return lint->x.is_ca && lacks_bits(lint, KEY_USAGE_KEY_CERT_SIGN, found);
}

static bool cert_sign_without_ca(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    (void)row;
    return !lint->x.is_ca && has_bits(lint, KEY_USAGE_KEY_CERT_SIGN, found);
}

static bool path_length_without_cert_sign(const struct lint *lint, const struct lint_row *row,
                                          struct buffer *found)
{
    (void)row;
    return lint->x.path_length != X509_NO_LIMIT && lint->x.is_ca &&
           lacks_bits(lint, KEY_USAGE_KEY_CERT_SIGN, found);
}

static bool ca_without_crl_sign(const struct lint *lint, const struct lint_row *row,
                                struct buffer *found)
{
    (void)row;
    return lint->x.is_ca && lacks_bits(lint, KEY_USAGE_CRL_SIGN, found);
}

static bool leaf_signs_crls(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    (void)row;
    return !lint->x.is_ca && has_bits(lint, KEY_USAGE_CRL_SIGN, found);
}

/* Keys of curves make signatures and agreements; nothing can be encrypted to them. */
static bool curve_enciphers(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    bool edwards = strcmp(lint->key.type, "Ed25519") == 0 || strcmp(lint->key.type, "Ed448") == 0;

    (void)row;
    if ((lint->key.family != KEY_EC && !edwards) ||
        !has_bits(lint, KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT, found)) {
        return false;
    }
    buffer_printf(found, " for an %s key", lint->key.type);
    return true;
}

static bool rsa_agrees(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return lint->key.family == KEY_RSA &&
           has_bits(lint,
                    KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY,
                    found);
}

static bool only_without_agreement(const struct lint *lint, const struct lint_row *row,
                                   struct buffer *found)
{
    (void)row;
    return lint->key.family != KEY_RSA && (lint->x.key_usage & KEY_USAGE_KEY_AGREEMENT) == 0 &&
           has_bits(lint, KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY, found);
}

static bool leaf_cannot_sign(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    (void)row;
    return lint->x.key_usage != 0 && lacks_bits(lint, KEY_USAGE_DIGITAL_SIGNATURE, found);
}

/* ---- extKeyUsage ----------------------------------------------------------------------- */

static const struct pki_slice server_auth = OID(PURPOSE_SERVER_AUTH);
static const struct pki_slice any_purpose = OID(PURPOSE_ANY);

static bool has_purposes(const struct lint *lint)
{
    return lint_extension(lint, X509_EXTENDED_KEY_USAGE)->present;
}

static bool purposes_empty(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    (void)row;
    if (!has_purposes(lint) || lint->x.key_purposes.length > 0) {
        return false;
    }
    buffer_text(found, "extKeyUsage lists no purpose");
    return true;
}

static bool not_for_servers(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    (void)row;
    if (!has_purposes(lint) || x509_has_purpose(&lint->x, server_auth)) {
        return false;
    }
    buffer_text(found, "extKeyUsage does not list serverAuth");
    return true;
}

static bool for_anything(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (!x509_has_purpose(&lint->x, any_purpose)) {
        return false;
    }
    buffer_text(found, "extKeyUsage lists anyExtendedKeyUsage");
    return true;
}

static bool any_and_critical(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    return x509_has_purpose(&lint->x, any_purpose) && lint_critical(lint, row, found);
}

static bool for_other_things(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    static const struct {
        struct pki_slice oid;
        const char *name;
    } forbidden[] = {
        {OID("\x2b\x06\x01\x05\x05\x07\x03\x03"), "codeSigning"},
        {OID("\x2b\x06\x01\x05\x05\x07\x03\x04"), "emailProtection"},
        {OID("\x2b\x06\x01\x05\x05\x07\x03\x08"), "timeStamping"},
        {OID("\x2b\x06\x01\x05\x05\x07\x03\x09"), "OCSPSigning"},
        {OID("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x04"), "precertificate signing"},
    };

    (void)row;
    if (!x509_has_purpose(&lint->x, server_auth)) {
        return false;
    }
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++) {
        if (x509_has_purpose(&lint->x, forbidden[i].oid)) {
            buffer_printf(found, "extKeyUsage lists %s beside serverAuth", forbidden[i].name);
            return true;
        }
    }
    return false;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define BASIC .extension = X509_BASIC_CONSTRAINTS
#define USAGE .extension = X509_KEY_USAGE
#define EKU   .extension = X509_EXTENDED_KEY_USAGE

static const struct lint_row rows[] = {
    {"basic_constraints_missing", RFC5280("4.2.1.9"), PKI_LINT_MUST, LINT_CA, lint_missing, BASIC,
     "basicConstraints is present in a CA certificate"},
    {"basic_constraints_not_critical", RFC5280("4.2.1.9"), PKI_LINT_MUST, LINT_ANY,
     constraints_not_critical, BASIC, "basicConstraints is critical in a CA certificate"},
    {"ca_flag_missing", RFC5280("4.2.1.9"), PKI_LINT_MUST, LINT_CA, not_a_ca, BASIC,
     "basicConstraints has cA TRUE in a CA certificate"},
    {"leaf_is_ca", BR("7.1.2.7.8"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, leaf_is_ca, BASIC,
     "basicConstraints is absent or has cA FALSE in a server's certificate"},
    {"path_length_without_ca", RFC5280("4.2.1.9"), PKI_LINT_MUST, LINT_ANY, path_length_without_ca,
     BASIC, "pathLenConstraint is present only where cA is TRUE"},
    {"path_length_without_cert_sign", RFC5280("4.2.1.9"), PKI_LINT_MUST, LINT_ANY,
     path_length_without_cert_sign, BASIC,
     "pathLenConstraint is present only where keyUsage has keyCertSign"},
    {"key_usage_missing", RFC5280("4.2.1.3"), PKI_LINT_MUST, LINT_CA, lint_missing, USAGE,
     "keyUsage is present in a CA certificate"},
    {"key_usage_missing_in_leaf", BR("7.1.2.7.6"), PKI_LINT_SHOULD, LINT_LEAF, lint_missing, USAGE,
     "keyUsage is present in a server's certificate"},
    {"key_usage_not_critical", RFC5280("4.2.1.3"), PKI_LINT_SHOULD, LINT_ANY, lint_not_critical,
     USAGE, "keyUsage is critical"},
    {"key_usage_empty", RFC5280("4.2.1.3"), PKI_LINT_MUST, LINT_ANY, usage_empty, USAGE,
     "keyUsage has at least one bit set"},
    {"ca_without_cert_sign", RFC5280("4.2.1.3"), PKI_LINT_MUST, LINT_CA, ca_without_cert_sign,
     USAGE, "keyUsage has keyCertSign in a CA certificate"},
    {"cert_sign_without_ca", RFC5280("4.2.1.3"), PKI_LINT_MUST, LINT_ANY, cert_sign_without_ca,
     USAGE, "keyUsage has keyCertSign only where basicConstraints has cA TRUE"},
    {"ca_without_crl_sign", BR("7.1.2.10.7"), PKI_LINT_SHOULD, LINT_CA, ca_without_crl_sign, USAGE,
     "keyUsage has cRLSign in a CA certificate"},
    {"leaf_with_crl_sign", BR("7.1.2.7.11"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER,
     leaf_signs_crls, USAGE, "keyUsage has no cRLSign in a server's certificate"},
    {"key_usage_encipherment_of_curve", "RFC 8813 3", PKI_LINT_MUST, LINT_ANY, curve_enciphers,
     USAGE, "keyUsage has neither keyEncipherment nor dataEncipherment for a key of a curve"},
    {"key_usage_agreement_of_rsa", "RFC 3279 2.3.1", PKI_LINT_MUST, LINT_ANY, rsa_agrees, USAGE,
     "keyUsage has no keyAgreement, encipherOnly or decipherOnly for an RSA key"},
    {"key_usage_only_bits", RFC5280("4.2.1.3"), PKI_LINT_SHOULD, LINT_ANY, only_without_agreement,
     USAGE, "encipherOnly and decipherOnly are set only with keyAgreement"},
    {"leaf_without_digital_signature", "RFC 8446 4.4.2.2", PKI_LINT_SHOULD, LINT_LEAF,
     leaf_cannot_sign, USAGE, "keyUsage has digitalSignature, which TLS 1.3 needs"},
    {"eku_missing", BR("7.1.2.7.6"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, lint_missing, EKU,
     "extKeyUsage is present in a server's certificate"},
    {"eku_without_server_auth", BR("7.1.2.7.10"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER,
     not_for_servers, EKU, "extKeyUsage lists serverAuth in a server's certificate"},
    {"eku_any_in_leaf", BR("7.1.2.7.10"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, for_anything, EKU,
     "extKeyUsage does not list anyExtendedKeyUsage in a server's certificate"},
    {"eku_other_purpose_in_leaf", BR("7.1.2.7.10"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER,
     for_other_things, EKU,
     "extKeyUsage lists serverAuth and at most clientAuth in a server's certificate"},
    {"eku_critical_in_leaf", BR("7.1.2.7.6"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, lint_critical,
     EKU, "extKeyUsage is not critical in a server's certificate"},
    {"eku_empty", RFC5280("4.2.1.12"), PKI_LINT_MUST, LINT_ANY, purposes_empty, EKU,
     "extKeyUsage lists at least one purpose"},
    {"eku_any_critical", RFC5280("4.2.1.12"), PKI_LINT_SHOULD, LINT_ANY, any_and_critical, EKU,
     "extKeyUsage is not critical where it lists anyExtendedKeyUsage"},
    {"eku_in_root", BR("7.1.2.1.2"), PKI_LINT_MUST, LINT_ROOT, lint_present, EKU,
     "extKeyUsage is absent in a root certificate"},
    {"eku_missing_in_intermediate", BR("7.1.2.10.6"), PKI_LINT_SHOULD,
     LINT_INTERMEDIATE | LINT_SERVER, lint_missing, EKU,
     "extKeyUsage is present in an intermediate certificate"},
};
const struct lint_table lint_usage = LINT_TABLE(rows);
