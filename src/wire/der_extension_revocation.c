/* Extensions of CRLs, of their entries and of OCSP: RFC 5280 5.2, 5.3, RFC 6960 4.4, RFC 9654. */
#include "der.h"

#define ID_CE   "\x55\x1d"
#define ID_OCSP "\x2b\x06\x01\x05\x05\x07\x30\x01"
#define CRL     "crl.extension."
#define ENTRY   "crl.entry_extension."
#define OCSP    "ocsp.extension."

/* RFC 5280 5.3.1; 7 is not used. */
const char *const der_reason_codes[] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise",    NULL,
};
/* RFC 5280 4.2.1.13. */
const char *const der_reason_flags[] = {
    "unused",          "keyCompromise",
    "cACompromise",    "affiliationChanged",
    "superseded",      "cessationOfOperation",
    "certificateHold", "privilegeWithdrawn",
    "aACompromise",    NULL,
};

/* ---- of a CRL ----------------------------------------------------------------------------------- */

static const struct der_schema crl_number[] = {
    {DER_INTEGER(CRL "crl_number.number", "number"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema base_number[] = {
    {DER_INTEGER(CRL "delta_crl_indicator.base_crl_number", "baseCRLNumber"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema expired_since[] = {
    {DER_TIME(CRL "expired_certs_on_crl.since", "since"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema next_publish[] = {
    {DER_TIME(CRL "ms_next_publish.time", "nextPublish"), DER_SAYS("")},
    {DER_END},
};

#define IDP CRL "issuing_distribution_point."
#define ONLY(n, id, shown, words)                                                    \
    {                                                                                \
        DER_LEAF(IDP id, shown, DER_CONTEXT(n), NUMBER, BOOLEAN),                    \
            .optional = true, .has_default = true, .fallback = 0x00, DER_SAYS(words) \
    }

static const struct der_schema point_parts[] = {
    {DER_CHOICE(der_distribution_point_name), .outer = DER_CONSTRUCTED(0), .optional = true},
    ONLY(1, "only_contains_user_certs", "onlyContainsUserCerts", "user certificates only"),
    ONLY(2, "only_contains_ca_certs", "onlyContainsCACerts", "CA certificates only"),
    {DER_LEAF(IDP "only_some_reasons", "onlySomeReasons", DER_CONTEXT(3), BYTES, BITS),
     .optional = true, .names = der_reason_flags, DER_SAYS("reasons ")},
    ONLY(4, "indirect_crl", "indirectCRL", "indirect"),
    ONLY(5, "only_contains_attribute_certs", "onlyContainsAttributeCerts",
         "attribute certificates only"),
    {DER_END},
};
static const struct der_schema point[] = {{DER_FLAT(point_parts)}, {DER_END}};

/* ---- of an entry -------------------------------------------------------------------------------- */

static const struct der_schema reason[] = {
    {DER_ENUMERATED(ENTRY "reason_code.reason", "reason"), .names = der_reason_codes, DER_SAYS("")},
    {DER_END},
};
static const struct der_schema invalidity[] = {
    {DER_TIME(ENTRY "invalidity_date.date", "date"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema issuer[] = {{DER_ITEMS(der_general_name)}, {DER_END}};
static const struct der_schema hold[] = {
    {DER_OID(ENTRY "hold_instruction_code.instruction", "instruction"), DER_SAYS("")},
    {DER_END},
};

/* ---- of OCSP ------------------------------------------------------------------------------------ */

static const struct der_schema nonce[] = {
    {DER_OCTETS(OCSP "nonce.nonce", "nonce"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema cutoff[] = {
    {DER_TIME(OCSP "archive_cutoff.time", "archiveCutoff"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema crl_reference_parts[] = {
    {DER_IA5_STRING(OCSP "crl_references.url", "crlUrl"), .outer = DER_CONSTRUCTED(0),
     .optional = true, DER_SAYS("")},
    {DER_INTEGER(OCSP "crl_references.number", "crlNum"), .outer = DER_CONSTRUCTED(1),
     .optional = true, DER_SAYS("number ")},
    {DER_TIME(OCSP "crl_references.time", "crlTime"), .outer = DER_CONSTRUCTED(2), .optional = true,
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema crl_reference[] = {{DER_FLAT(crl_reference_parts)}, {DER_END}};
static const struct der_schema response_type[] = {
    {DER_OID(OCSP "acceptable_responses.type", "type"), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema acceptable[] = {{DER_ITEMS(response_type)}, {DER_END}};
static const struct der_schema extended_revoke[] = {
    {DER_NULL(OCSP "extended_revoke.null", "null")},
    {DER_END},
};

const struct der_choice der_extension_revocation[] = {
    /* The reason is what a reader of a list looks for. */
    {DER_OID_IS(ID_CE "\x15"),
     .row = {DER_ROW_TYPE(ENTRY "reason_code", "reasonCode", GROUP, GROUP), DER_SAYS(""),
             .content = reason}},
    {DER_OID_IS(ID_CE "\x18"),
     DER_EXTENSION(ENTRY "invalidity_date", "invalidityDate", invalidity)},
    {DER_OID_IS(ID_CE "\x1d"),
     DER_EXTENSION(ENTRY "certificate_issuer", "certificateIssuer", issuer)},
    {DER_OID_IS(ID_CE "\x17"),
     DER_EXTENSION(ENTRY "hold_instruction_code", "holdInstructionCode", hold)},
    {DER_OID_IS(ID_CE "\x14"), DER_EXTENSION(CRL "crl_number", "cRLNumber", crl_number)},
    {DER_OID_IS(ID_CE "\x1b"),
     DER_EXTENSION(CRL "delta_crl_indicator", "deltaCRLIndicator", base_number)},
    {DER_OID_IS(ID_CE "\x1c"),
     DER_EXTENSION(CRL "issuing_distribution_point", "issuingDistributionPoint", point)},
    {DER_OID_IS(ID_CE "\x3c"),
     DER_EXTENSION(CRL "expired_certs_on_crl", "expiredCertsOnCRL", expired_since)},
    {DER_OID_IS("\x2b\x06\x01\x04\x01\x82\x37\x15\x04"),
     DER_EXTENSION(CRL "ms_next_publish", "msCRLNextPublish", next_publish)},
    {DER_OID_IS(ID_OCSP "\x02"), DER_EXTENSION(OCSP "nonce", "nonce", nonce)},
    {DER_OID_IS(ID_OCSP "\x03"), DER_EXTENSION(OCSP "crl_references", "crlID", crl_reference)},
    {DER_OID_IS(ID_OCSP "\x04"),
     DER_EXTENSION(OCSP "acceptable_responses", "acceptableResponses", acceptable)},
    {DER_OID_IS(ID_OCSP "\x06"), DER_EXTENSION(OCSP "archive_cutoff", "archiveCutoff", cutoff)},
    {DER_OID_IS(ID_OCSP "\x09"),
     DER_EXTENSION(OCSP "extended_revoke", "extendedRevoke", extended_revoke)},
    {.oid = NULL},
};
