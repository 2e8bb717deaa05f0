/* Extensions about the key: RFC 5280 4.2.1.1 to 4.2.1.3, 4.2.1.9, 4.2.1.12, RFC 7633, 6962, 6960. */
#include "der.h"

#define ID_CE "\x55\x1d"
#define ID_PE "\x2b\x06\x01\x05\x05\x07\x01"
#define X     "certificate.extension."

/* ---- identifiers of keys ------------------------------------------------------------------------ */

static const struct der_schema authority_parts[] = {
    {DER_LEAF(X "authority_key_identifier.key_identifier", "keyIdentifier", DER_CONTEXT(0), BYTES,
              OCTETS),
     .optional = true, DER_SAYS("")},
    {DER_GROUP(X "authority_key_identifier.authority_cert_issuer", "authorityCertIssuer", LIST,
               DER_CONSTRUCTED(1), der_general_name),
     .optional = true, DER_SAYS("issuer ")},
    {DER_LEAF(X "authority_key_identifier.authority_cert_serial_number",
              "authorityCertSerialNumber", DER_CONTEXT(2), NUMBER, SERIAL),
     .optional = true, DER_SAYS("serial ")},
    {DER_END},
};
static const struct der_schema authority[] = {{DER_FLAT(authority_parts)}, {DER_END}};

static const struct der_schema subject[] = {
    {DER_OCTETS(X "subject_key_identifier.key_identifier", "keyIdentifier"), DER_SAYS("")},
    {DER_END},
};

/* ---- what the key is for ------------------------------------------------------------------------ */

static const char *const usages[] = {
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",     NULL,
};
static const struct der_schema key_usage[] = {
    {DER_FLAGS(X "key_usage.bits", "keyUsage", usages), DER_SAYS("")},
    {DER_END},
};

static const struct der_schema purpose[] = {
    {DER_OID(X "extended_key_usage.key_purpose", "keyPurposeId"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema extended_key_usage[] = {{DER_ITEMS(purpose)}, {DER_END}};

static const struct der_schema period_parts[] = {
    {DER_LEAF(X "private_key_usage_period.not_before", "notBefore", DER_CONTEXT(0), TIME, TIME),
     .optional = true, DER_SAYS("from ")},
    {DER_LEAF(X "private_key_usage_period.not_after", "notAfter", DER_CONTEXT(1), TIME, TIME),
     .optional = true, DER_SAYS("to ")},
    {DER_END},
};
static const struct der_schema period[] = {{DER_FLAT(period_parts)}, {DER_END}};

static const struct der_schema constraints_parts[] = {
    {DER_BOOLEAN(X "basic_constraints.ca", "cA"), .optional = true, .has_default = true,
     .fallback = 0x00, DER_SAYS("CA")},
    {DER_INTEGER(X "basic_constraints.path_length", "pathLenConstraint"), .optional = true,
     DER_SAYS("path length ")},
    {DER_END},
};
static const struct der_schema constraints[] = {{DER_FLAT(constraints_parts)}, {DER_END}};

/* ---- what a TLS client is promised -------------------------------------------------------------- */

/* RFC 7633: numbers of TLS extensions; 5 is "must staple". */
static const char *const features[] = {
    "", "", "", "", "", "status_request",    "",   "", "", "", "", "",
    "", "", "", "", "", "status_request_v2", NULL,
};
static const struct der_schema feature[] = {
    {DER_INTEGER(X "tls_feature.feature", "feature"), .names = features, DER_SAYS("")},
    {DER_END},
};
static const struct der_schema tls_feature[] = {{DER_ITEMS(feature)}, {DER_END}};

/* RFC 6962 3.3: an OCTET STRING around the list in its TLS form. */
static void sct_list(struct der_run *run, const struct der_schema *row, struct reader *reader,
                     uint16_t depth)
{
    struct der_head head;
    struct reader inside;

    (void)row;
    if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
        return;
    }
    inside = der_step_into(run, &head, reader, depth);
    schema_run_all(run->dissection, der_sct_list, &inside, depth);
}
static const struct der_schema scts[] = {
    {DER_CALL(DER_TAG_OCTET_STRING, sct_list, NULL)},
    {DER_END},
};
static const struct der_schema poison[] = {{DER_NULL(X "ct_poison.null", "null")}, {DER_END}};
static const struct der_schema no_check[] = {
    {DER_NULL(X "ocsp_no_check.null", "null")},
    {DER_END},
};
/* RFC 9345 4.2. */
static const struct der_schema delegation[] = {
    {DER_NULL(X "delegation_usage.null", "null")},
    {DER_END},
};
/* RFC 8737 3. */
static const struct der_schema acme[] = {
    {DER_OCTETS(X "acme_identifier.authorization", "authorization"), DER_SAYS("")},
    {DER_END},
};

const struct der_choice der_extension_keys[] = {
    {DER_OID_IS(ID_CE "\x23"),
     DER_EXTENSION(X "authority_key_identifier", "authorityKeyIdentifier", authority)},
    {DER_OID_IS(ID_CE "\x0e"),
     DER_EXTENSION(X "subject_key_identifier", "subjectKeyIdentifier", subject)},
    {DER_OID_IS(ID_CE "\x0f"), DER_EXTENSION(X "key_usage", "keyUsage", key_usage)},
    {DER_OID_IS(ID_CE "\x13"),
     DER_EXTENSION(X "basic_constraints", "basicConstraints", constraints)},
    {DER_OID_IS(ID_CE "\x25"),
     DER_EXTENSION(X "extended_key_usage", "extendedKeyUsage", extended_key_usage)},
    {DER_OID_IS(ID_CE "\x10"),
     DER_EXTENSION(X "private_key_usage_period", "privateKeyUsagePeriod", period)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"),
     DER_EXTENSION(X "sct_list", "signedCertificateTimestampList", scts)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03"),
     DER_EXTENSION(X "ct_poison", "ctPoison", poison)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05"),
     DER_EXTENSION(X "sct_list", "signedCertificateTimestampList", scts)}, /* in OCSP responses */
    {DER_OID_IS(ID_PE "\x18"), DER_EXTENSION(X "tls_feature", "tlsFeature", tls_feature)},
    {DER_OID_IS("\x2b\x06\x01\x05\x05\x07\x30\x01\x05"),
     DER_EXTENSION(X "ocsp_no_check", "ocspNoCheck", no_check)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\x82\xda\x4b\x2c"),
     DER_EXTENSION(X "delegation_usage", "delegationUsage", delegation)},
    {DER_OID_IS(ID_PE "\x1f"), DER_EXTENSION(X "acme_identifier", "acmeIdentifier", acme)},
    {.oid = NULL},
};
