/* Extensions about stapled proofs that a certificate still holds: RFC 6066 8, RFC 6961, RFC 8446 4.4.2.1. */
#include "extension.h"

/* ---- what a client asks for ------------------------------------------------------------------ */

/* The same in both extensions but for the path. */
#define OCSP_REQUEST(name, path)                           \
    static const struct schema name##_id[] = {             \
        VECTOR_FROM(path, "responder_id", 2, 1),           \
        END,                                               \
    };                                                     \
    static const struct schema name##_ocsp[] = {           \
        LIST(path, "responder_id_list", 2, name##_id),     \
        DER_VECTOR(path, "request_extensions", 2, 0, ANY), \
        END,                                               \
    };                                                     \
    static const struct schema name##_other[] = {REST(path, "other_request"), END}

OCSP_REQUEST(first, "extension.status_request");
OCSP_REQUEST(second, "extension.status_request_v2");

/* ---- status_request -------------------------------------------------------------------------- */

#define STATUS "extension.status_request"

static const struct schema *const requests[] = {first_ocsp, first_other, NULL};

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
    DER_VECTOR(STATUS, "response", 3, 1, OCSP_RESPONSE),
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

/* ---- status_request_v2 ----------------------------------------------------------------------- */

#define STATUS2 "extension.status_request_v2"

static const struct schema *const requests2[] = {second_ocsp, second_other, NULL};

/* `rest` starts at the request: status_type stands in front of its length. 2 is ocsp_multi. */
static size_t choose_request2(const struct dissection *dissection, struct reader rest)
{
    uint8_t type = rest.data[rest.offset - 3];

    (void)dissection; /* the version does not matter */
    return type == 1 || type == 2 ? 0 : 1;
}

static const struct schema request2_body[] = {CHOICE(choose_request2, requests2), END};
static const struct schema request2[] = {
    NAMED(STATUS2, "status_type", 1, CERTIFICATE_STATUS_TYPE),
    BLOCK(STATUS2, "request", 2, request2_body),
    END,
};
static const struct schema request2_entry[] = {STRUCT(STATUS2, "entry", request2), END};

/* A server answers with an empty one. */
const struct schema extension_status_request_v2[] = {
    OPTIONAL_LIST_FROM(STATUS2, "certificate_status_req_list", 2, 1, request2_entry),
    END,
};
