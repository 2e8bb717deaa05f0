/* OCSPResponse and the BasicOCSPResponse in it: RFC 6960 4.2.1. */
#include "der.h"

/* ---- one certificate's status ------------------------------------------------------------------- */

static const struct der_schema hash_algorithm[] = {
    {DER_OID("ocsp.cert_id.hash_algorithm.algorithm", "algorithm"), DER_SAYS("")},
    {DER_ANY, .optional = true},
    {DER_END},
};
static const struct der_schema cert_id[] = {
    {DER_SEQUENCE("ocsp.cert_id.hash_algorithm", "hashAlgorithm", hash_algorithm)},
    {DER_OCTETS("ocsp.cert_id.issuer_name_hash", "issuerNameHash")},
    {DER_OCTETS("ocsp.cert_id.issuer_key_hash", "issuerKeyHash")},
    {DER_SERIAL("ocsp.cert_id.serial_number", "serialNumber"), DER_SAYS("serial ")},
    {DER_END},
};
static const struct der_schema revoked[] = {
    {DER_TIME("ocsp.revoked.revocation_time", "revocationTime"), DER_SAYS("")},
    {DER_ENUMERATED("ocsp.revoked.revocation_reason", "revocationReason"),
     .outer = DER_CONSTRUCTED(0), .optional = true, .names = der_reason_codes, DER_SAYS("")},
    {DER_END},
};
static const struct der_schema statuses[] = {
    {DER_LEAF("ocsp.good", "good", DER_CONTEXT(0), BYTES, EMPTY), .say = DER_SAY_NAME},
    {DER_GROUP("ocsp.revoked", "revoked", GROUP, DER_CONSTRUCTED(1), revoked),
     DER_SAYS("revoked ")},
    {DER_LEAF("ocsp.unknown", "unknown", DER_CONTEXT(2), BYTES, EMPTY), .say = DER_SAY_NAME},
    {DER_END},
};
static const struct der_schema single_parts[] = {
    {DER_SEQUENCE("ocsp.cert_id", "certID", cert_id), DER_SAYS("")},
    {DER_CHOICE(statuses)},
    {DER_TIME("ocsp.this_update", "thisUpdate"), DER_SAYS("from ")},
    {DER_TIME("ocsp.next_update", "nextUpdate"), .outer = DER_CONSTRUCTED(0), .optional = true,
     DER_SAYS("to ")},
    {DER_LIST("ocsp.single_extensions", "singleExtensions", der_extension),
     .outer = DER_CONSTRUCTED(1), .optional = true},
    {DER_END},
};
static const struct der_schema single[] = {
    {DER_SEQUENCE("ocsp.single_response", "singleResponse", single_parts), DER_SAYS("")},
    {DER_END},
};

/* ---- BasicOCSPResponse -------------------------------------------------------------------------- */

static const struct der_schema responders[] = {
    {DER_LIST("ocsp.responder_id.by_name", "byName", der_rdn), .outer = DER_CONSTRUCTED(1)},
    {DER_OCTETS("ocsp.responder_id.by_key", "byKey"), .outer = DER_CONSTRUCTED(2)},
    {DER_END},
};
static const char *const versions[] = {"v1", NULL};
static const struct der_schema response_data[] = {
    {DER_INTEGER("ocsp.version", "version"), .outer = DER_CONSTRUCTED(0), .optional = true,
     .has_default = true, .fallback = 0, .names = versions},
    {DER_CHOICE(responders)},
    {DER_TIME("ocsp.produced_at", "producedAt")},
    {DER_LIST("ocsp.responses", "responses", single), DER_SAYS("")},
    {DER_LIST("ocsp.response_extensions", "responseExtensions", der_extension),
     .outer = DER_CONSTRUCTED(1), .optional = true},
    {DER_END},
};
static const struct der_schema certificate[] = {
    {DER_SEQUENCE("certificate", "certificate", der_certificate), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema basic_parts[] = {
    {DER_SEQUENCE("ocsp.tbs_response_data", "tbsResponseData", response_data), DER_SAYS("")},
    {DER_SEQUENCE("ocsp.signature_algorithm", "signatureAlgorithm", der_algorithm)},
    {DER_BYTES("ocsp.signature", "signature")},
    {DER_LIST("ocsp.certs", "certs", certificate), .outer = DER_CONSTRUCTED(0), .optional = true},
    {DER_END},
};
static const struct der_schema basic[] = {{DER_FLAT(basic_parts)}, {DER_END}};

/* ---- OCSPResponse ------------------------------------------------------------------------------- */

static const struct der_choice responses[] = {
    {DER_OID_IS("\x2b\x06\x01\x05\x05\x07\x30\x01\x01"), .row = {DER_WRAP(basic)}},
    {.oid = NULL},
};
static const struct der_schema other_response = {DER_OCTETS("ocsp.response", "response")};
static const struct der_schema response_bytes[] = {
    {DER_OID("ocsp.response_type", "responseType"), .is_key = true},
    {DER_OPEN(responses, &other_response)},
    {DER_END},
};
static const char *const response_statuses[] = {
    "successful", "malformedRequest", "internalError", "tryLater",
    "",           "sigRequired",      "unauthorized",  NULL,
};
const struct der_schema der_ocsp[] = {
    {DER_ENUMERATED("ocsp.response_status", "responseStatus"), .names = response_statuses,
     DER_SAYS("")},
    {DER_SEQUENCE("ocsp.response_bytes", "responseBytes", response_bytes),
     .outer = DER_CONSTRUCTED(0), .optional = true, DER_SAYS("")},
    {DER_END},
};
