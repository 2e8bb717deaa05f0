/* Extensions about certificates: which are wanted, how they are signed, whether they still hold. */
#include "extension.h"

/* ---- signature_algorithms and signature_algorithms_cert, RFC 8446 4.2.3 -------------------- */

#define SIGNATURES      "extension.signature_algorithms"
#define SIGNATURES_CERT "extension.signature_algorithms_cert"

static const struct schema scheme[] = {
    NAMED(SIGNATURES, "signature_scheme", 2, SIGNATURE_SCHEME),
    END,
};
static const struct schema scheme_cert[] = {
    NAMED(SIGNATURES_CERT, "signature_scheme", 2, SIGNATURE_SCHEME),
    END,
};

const struct schema extension_signature_algorithms[] = {
    LIST(SIGNATURES, "supported_signature_algorithms", 2, scheme),
    END,
};
const struct schema extension_signature_algorithms_cert[] = {
    LIST(SIGNATURES_CERT, "supported_signature_algorithms", 2, scheme_cert),
    END,
};

/* ---- status_request, RFC 6066 8, RFC 8446 4.4.2.1 ------------------------------------------ */

#define STATUS "extension.status_request"

static const struct schema responder_id[] = {VECTOR(STATUS, "responder_id", 2), END};
static const struct schema ocsp_request[] = {
    LIST(STATUS, "responder_id_list", 2, responder_id),
    VECTOR(STATUS, "request_extensions", 2),
    END,
};
static const struct schema other_request[] = {REST(STATUS, "request"), END};
static const struct schema *const requests[] = {ocsp_request, other_request, NULL};

/* `rest` starts behind status_type: the byte before it decides. */
static size_t choose_request(const struct dissection *dissection, struct reader rest)
{
    (void)dissection; /* the version does not matter */
    return rest.data[rest.offset - 1] == 1 ? 0 : 1;
}

static const struct schema request[] = {
    NAMED(STATUS, "status_type", 1, CERTIFICATE_STATUS_TYPE),
    CHOICE(choose_request, requests),
    END,
};
static const struct schema response[] = {
    NAMED(STATUS, "status_type", 1, CERTIFICATE_STATUS_TYPE),
    VECTOR(STATUS, "response", 3),
    END,
};
static const struct schema *const statuses[] = {schema_empty, request, response, NULL};

/* A server announces a TLS 1.2 CertificateStatus, or asks a client for a status, with an empty one. */
static size_t choose_status(const struct dissection *dissection, struct reader rest)
{
    if (reader_left(&rest) == 0) {
        return 0;
    }
    return dissection->message == WIRE_CERTIFICATE ? 2 : 1;
}

const struct schema extension_status_request[] = {CHOICE(choose_status, statuses), END};

/* ---- signed_certificate_timestamp, RFC 6962 3.3 -------------------------------------------- */

#define SCT "extension.signed_certificate_timestamp"

static const struct schema timestamp[] = {VECTOR(SCT, "sct", 2), END};

/* A client asks with an empty one. */
const struct schema extension_signed_certificate_timestamp[] = {
    OPTIONAL_LIST(SCT, "sct_list", 2, timestamp),
    END,
};

/* ---- certificate_authorities, RFC 8446 4.2.4 ----------------------------------------------- */

#define AUTHORITIES "extension.certificate_authorities"

static const struct schema distinguished_name[] = {
    VECTOR(AUTHORITIES, "distinguished_name", 2),
    END,
};

const struct schema extension_certificate_authorities[] = {
    LIST(AUTHORITIES, "authorities", 2, distinguished_name),
    END,
};

/* ---- compress_certificate, RFC 8879 3 ------------------------------------------------------ */

#define COMPRESS "extension.compress_certificate"

static const struct schema compression[] = {
    NAMED(COMPRESS, "algorithm", 2, CERTIFICATE_COMPRESSION),
    END,
};

const struct schema extension_compress_certificate[] = {
    LIST(COMPRESS, "algorithms", 1, compression),
    END,
};
