/* Extensions about policies: RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14, RFC 3739, ETSI EN 319 412-5. */
#include "der.h"

#define ID_CE "\x55\x1d"
#define ID_QT "\x2b\x06\x01\x05\x05\x07\x02"
#define X     "certificate.extension."

/* ---- certificatePolicies ------------------------------------------------------------------------ */

#define POLICY X "certificate_policies."

static const struct der_schema number[] = {
    {DER_INTEGER(POLICY "notice_number", "noticeNumber"), DER_SAYS("number ")},
    {DER_END},
};
static const struct der_schema reference[] = {
    {DER_STRING(POLICY "organization", "organization"), DER_SAYS("")},
    {DER_ITEMS(number)},
    {DER_END},
};
static const struct der_schema notice_parts[] = {
    {DER_SEQUENCE(POLICY "notice_reference", "noticeRef", reference), .optional = true,
     DER_SAYS("")},
    {DER_STRING(POLICY "explicit_text", "explicitText"), .optional = true, DER_SAYS("")},
    {DER_END},
};
static const struct der_choice qualifiers[] = {
    {DER_OID_IS(ID_QT "\x01"), .row = {DER_IA5_STRING(POLICY "cps_uri", "cPSuri"), DER_SAYS("")}},
    {DER_OID_IS(ID_QT "\x02"),
     .row = {DER_SEQUENCE(POLICY "user_notice", "userNotice", notice_parts), DER_SAYS("")}},
    {.oid = NULL},
};
static const struct der_schema qualifier_parts[] = {
    {DER_OID(POLICY "policy_qualifier_id", "policyQualifierId"), .is_key = true},
    {DER_OPEN(qualifiers, NULL)},
    {DER_END},
};
static const struct der_schema qualifier[] = {
    {DER_SEQUENCE(POLICY "policy_qualifier", "policyQualifier", qualifier_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema policy_parts[] = {
    {DER_OID(POLICY "policy_identifier", "policyIdentifier"), DER_SAYS("")},
    {DER_ITEMS(qualifier), .optional = true},
    {DER_END},
};
static const struct der_schema policy[] = {
    {DER_SEQUENCE(POLICY "policy_information", "policyInformation", policy_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema policies[] = {{DER_ITEMS(policy)}, {DER_END}};

/* ---- mappings and constraints ------------------------------------------------------------------- */

static const struct der_schema mapping_parts[] = {
    {DER_OID(X "policy_mappings.issuer_domain_policy", "issuerDomainPolicy"), DER_SAYS("")},
    {DER_OID(X "policy_mappings.subject_domain_policy", "subjectDomainPolicy"), DER_SAYS("is ")},
    {DER_END},
};
static const struct der_schema mapping[] = {
    {DER_SEQUENCE(X "policy_mappings.mapping", "mapping", mapping_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema mappings[] = {{DER_ITEMS(mapping)}, {DER_END}};

static const struct der_schema constraint_parts[] = {
    {DER_LEAF(X "policy_constraints.require_explicit_policy", "requireExplicitPolicy",
              DER_CONTEXT(0), NUMBER, INTEGER),
     .optional = true, DER_SAYS("explicit policy required after ")},
    {DER_LEAF(X "policy_constraints.inhibit_policy_mapping", "inhibitPolicyMapping", DER_CONTEXT(1),
              NUMBER, INTEGER),
     .optional = true, DER_SAYS("no mapping after ")},
    {DER_END},
};
static const struct der_schema constraints[] = {{DER_FLAT(constraint_parts)}, {DER_END}};

static const struct der_schema inhibit[] = {
    {DER_INTEGER(X "inhibit_any_policy.skip_certs", "skipCerts"), DER_SAYS("after ")},
    {DER_END},
};

/* ---- qcStatements ------------------------------------------------------------------------------- */

#define QC X "qc_statements."

static const struct der_schema currency[] = {
    {DER_STRING(QC "currency", "currency"), DER_SAYS("")},
    {DER_INTEGER(QC "currency", "currency"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema limit[] = {
    {DER_CHOICE(currency)},
    {DER_INTEGER(QC "amount", "amount"), DER_SAYS("")},
    {DER_INTEGER(QC "exponent", "exponent"), DER_SAYS("times 10 to the power of ")},
    {DER_END},
};
static const struct der_schema location_parts[] = {
    {DER_IA5_STRING(QC "pds_url", "url"), DER_SAYS("")},
    {DER_STRING(QC "pds_language", "language"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema location[] = {
    {DER_SEQUENCE(QC "pds_location", "PdsLocation", location_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema type[] = {
    {DER_OID(QC "type", "type"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema country[] = {
    {DER_STRING(QC "country", "country"), DER_SAYS("")},
    {DER_END},
};

#define ID_ETSI_QCS "\x04\x00\x8e\x46\x01"

static const struct der_choice statements[] = {
    {DER_OID_IS(ID_ETSI_QCS "\x02"), .row = {DER_FLAT(limit)}},
    {DER_OID_IS(ID_ETSI_QCS "\x03"),
     .row = {DER_INTEGER(QC "retention_period", "retentionPeriod"), DER_SAYS("years ")}},
    {DER_OID_IS(ID_ETSI_QCS "\x05"), .row = {DER_ITEMS(location)}},
    {DER_OID_IS(ID_ETSI_QCS "\x06"), .row = {DER_ITEMS(type)}},
    {DER_OID_IS(ID_ETSI_QCS "\x07"), .row = {DER_ITEMS(country)}},
    {.oid = NULL},
};
static const struct der_schema statement_parts[] = {
    {DER_OID(QC "statement_id", "statementId"), .is_key = true, DER_SAYS("")},
    {DER_OPEN(statements, NULL), .optional = true},
    {DER_END},
};
static const struct der_schema statement[] = {
    {DER_SEQUENCE(QC "statement", "statement", statement_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema qc_statements[] = {{DER_ITEMS(statement)}, {DER_END}};

const struct der_choice der_extension_policies[] = {
    {DER_OID_IS(ID_CE "\x20"),
     DER_EXTENSION(X "certificate_policies", "certificatePolicies", policies)},
    {DER_OID_IS(ID_CE "\x21"), DER_EXTENSION(X "policy_mappings", "policyMappings", mappings)},
    {DER_OID_IS(ID_CE "\x24"),
     DER_EXTENSION(X "policy_constraints", "policyConstraints", constraints)},
    {DER_OID_IS(ID_CE "\x36"), DER_EXTENSION(X "inhibit_any_policy", "inhibitAnyPolicy", inhibit)},
    {DER_OID_IS("\x2b\x06\x01\x05\x05\x07\x01\x03"),
     DER_EXTENSION(X "qc_statements", "qcStatements", qc_statements)},
    /* Microsoft's, of the same form: szOID_APPLICATION_CERT_POLICIES and its relatives. */
    {DER_OID_IS("\x2b\x06\x01\x04\x01\x82\x37\x15\x0a"),
     DER_EXTENSION(X "ms_application_policies", "msApplicationPolicies", policies)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\x82\x37\x15\x0b"),
     DER_EXTENSION(X "ms_application_policy_mappings", "msApplicationPolicyMappings", mappings)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\x82\x37\x15\x0c"),
     DER_EXTENSION(X "ms_application_policy_constraints", "msApplicationPolicyConstraints",
                   constraints)},
    {.oid = NULL},
};
