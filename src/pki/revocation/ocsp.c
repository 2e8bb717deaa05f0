/* OCSP responses taken apart. */
#include "ocsp.h"

#include "../name.h"
#include "crl.h"

/* A small ENUMERATED. */
static int read_enumerated(struct reader *fields)
{
    struct pki_slice content = der_value(fields, DER_ENUMERATED).content;

    if (content.length != 1 || content.data[0] > 0x7f) {
        fields->failed = true;
        return 0;
    }
    return content.data[0];
}

/* ---- SingleResponse ---------------------------------------------------------------------- */

/* CertID. */
static void read_cert_id(struct reader *fields, struct ocsp_single *out)
{
    struct reader id = der_enter(fields, DER_SEQUENCE);
    struct reader algorithm = der_enter(&id, DER_SEQUENCE);

    out->hash = der_value(&algorithm, DER_OID).content;
    out->issuer_name_hash = der_value(&id, DER_OCTET_STRING).content;
    out->issuer_key_hash = der_value(&id, DER_OCTET_STRING).content;
    out->serial = der_value(&id, DER_INTEGER).content;
    fields->failed |= algorithm.failed || !der_done(&id);
}

/* RevokedInfo: revocationTime, [0] EXPLICIT CRLReason OPTIONAL. */
static void read_revoked(struct reader *fields, struct ocsp_single *out)
{
    struct reader info = der_enter(fields, DER_CONTEXT_SET(1));

    out->status = OCSP_REVOKED;
    out->revoked_at = der_time(&info);
    if (der_is_next(&info, DER_CONTEXT_SET(0))) {
        struct reader wrapped = der_enter(&info, DER_CONTEXT_SET(0));
        out->reason = read_enumerated(&wrapped);
        info.failed |= !der_done(&wrapped);
    }
    fields->failed |= !der_done(&info);
}

static void read_status(struct reader *fields, struct ocsp_single *out)
{
    if (der_is_next(fields, DER_CONTEXT_SET(1))) {
        read_revoked(fields, out);
    } else if (der_is_next(fields, DER_CONTEXT(0))) {
        (void)der_any(fields);
        out->status = OCSP_GOOD;
    } else {
        (void)der_value(fields, DER_CONTEXT(2));
        out->status = OCSP_UNKNOWN;
    }
}

/* singleExtensions. */
static void read_single_extensions(struct reader *fields, struct ocsp_single *out)
{
    struct reader wrapped = der_enter(fields, DER_CONTEXT_SET(1));
    struct reader list = der_enter(&wrapped, DER_SEQUENCE);
    struct signed_extension extension;

    while (signed_extension_next(&list, &extension)) {
        if (slice_is(extension.oid, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05")) {
            out->scts = der_value(&extension.value, DER_OCTET_STRING).content;
        } else if (extension.critical) {
            out->not_understood = true;
        }
    }
    fields->failed |= !der_done(&list) || !der_done(&wrapped);
}

bool ocsp_single_next(struct reader *list, struct ocsp_single *out)
{
    struct reader fields;

    if (reader_left(list) == 0) {
        return false;
    }
    *out = (struct ocsp_single){.reason = CRL_NO_REASON};
    fields = der_enter(list, DER_SEQUENCE);
    read_cert_id(&fields, out);
    read_status(&fields, out);
    out->this_update = der_time(&fields);
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        struct reader wrapped = der_enter(&fields, DER_CONTEXT_SET(0));
        out->next_update = der_time(&wrapped);
        fields.failed |= !der_done(&wrapped);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        read_single_extensions(&fields, out);
    }
    list->failed |= !der_done(&fields);
    return !list->failed;
}

/* ---- ResponseData ------------------------------------------------------------------------ */

/* ResponderID: a CHOICE with explicit tags. */
static void read_responder(struct reader *fields, struct ocsp *out)
{
    if (der_is_next(fields, DER_CONTEXT_SET(1))) {
        struct reader wrapped = der_enter(fields, DER_CONTEXT_SET(1));
        out->responder_name = name_read(&wrapped);
        fields->failed |= !der_done(&wrapped);
    } else {
        struct reader wrapped = der_enter(fields, DER_CONTEXT_SET(2));
        out->responder_key = der_value(&wrapped, DER_OCTET_STRING).content;
        fields->failed |= !der_done(&wrapped);
    }
}

/* responseExtensions: a nonce and the like, which answer to a request that nobody here made. */
static void read_response_extensions(struct reader *fields, struct ocsp *out)
{
    struct reader wrapped = der_enter(fields, DER_CONTEXT_SET(1));
    struct reader list = der_enter(&wrapped, DER_SEQUENCE);
    struct signed_extension extension;

    while (signed_extension_next(&list, &extension)) {
        /* id-pkix-ocsp-nonce and the rest of its arc (RFC 6960 4.4) say nothing about the certificate's status. */
        static const char arc[] = "\x2b\x06\x01\x05\x05\x07\x30\x01";
        struct pki_slice start = extension.oid;
        start.length = start.length > sizeof arc - 1 ? sizeof arc - 1 : start.length;
        out->not_understood |= extension.critical && !slice_is(start, arc);
    }
    fields->failed |= !der_done(&list) || !der_done(&wrapped);
}

static const char *read_response_data(struct ocsp *out)
{
    struct reader whole = reader_new(out->bytes.content.data, out->bytes.content.length);
    struct reader data = der_enter(&whole, DER_SEQUENCE);
    struct reader list;
    struct ocsp_single single;

    if (der_is_next(&data, DER_CONTEXT_SET(0))) {
        struct reader wrapped = der_enter(&data, DER_CONTEXT_SET(0));
        data.failed |= der_small_number(&wrapped) != 0; /* version 1 is all there is */
    }
    read_responder(&data, out);
    if (data.failed) {
        return "responder";
    }
    out->produced_at = der_time(&data);
    list = der_enter(&data, DER_SEQUENCE);
    if (data.failed) {
        return "producedAt";
    }
    out->responses = (struct pki_slice){list.data, list.length};
    while (ocsp_single_next(&list, &single)) {
    }
    if (list.failed) {
        return "responses";
    }
    if (der_is_next(&data, DER_CONTEXT_SET(1))) {
        read_response_extensions(&data, out);
    }
    return der_done(&data) ? NULL : "extensions";
}

/* BasicOCSPResponse: tbsResponseData, signatureAlgorithm, signature, certs [0] OPTIONAL. */
static const char *read_basic(struct ocsp *out, struct pki_slice bytes)
{
    struct reader whole = reader_new(bytes.data, bytes.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);

    signed_read(&fields, &out->bytes);
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        struct reader wrapped = der_enter(&fields, DER_CONTEXT_SET(0));
        struct der list = der_value(&wrapped, DER_SEQUENCE);
        out->certificates = list.content;
        fields.failed |= !der_done(&wrapped);
    }
    return der_done(&fields) && der_done(&whole) ? read_response_data(out) : "basic response";
}

/* ---- OCSPResponse ------------------------------------------------------------------------ */

/* Returns what cannot be read, or NULL. */
static const char *read_response(struct ocsp *out, struct pki_slice der)
{
    struct reader whole = reader_new(der.data, der.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);
    struct reader wrapped, bytes;
    struct pki_slice type, response;

    out->response_status = (unsigned)read_enumerated(&fields);
    if (fields.failed) {
        return "status";
    }
    if (out->response_status != 0) {
        return NULL; /* whatever follows, there is no answer */
    }
    wrapped = der_enter(&fields, DER_CONTEXT_SET(0));
    bytes = der_enter(&wrapped, DER_SEQUENCE);
    type = der_value(&bytes, DER_OID).content;
    response = der_value(&bytes, DER_OCTET_STRING).content;
    if (!der_done(&bytes) || !der_done(&wrapped) || !der_done(&fields) || !der_done(&whole)) {
        return "frame";
    }
    out->basic = slice_is(type, "\x2b\x06\x01\x05\x05\x07\x30\x01\x01");
    return out->basic ? read_basic(out, response) : NULL;
}

bool ocsp_read(struct ocsp *out, struct pki_slice der, char *problem, size_t size)
{
    const char *part;

    *out = (struct ocsp){.der = der};
    part = read_response(out, der);
    if (part != NULL) {
        (void)snprintf(problem, size, "its %s cannot be read", part);
    }
    return part == NULL;
}
