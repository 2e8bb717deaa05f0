/* Certificate and the messages around it: RFC 8446 4.3.2, 4.4.2, 4.4.3, RFC 5246 7.4.2, 7.4.4,
 * 7.4.8, RFC 6066 5 and 8, RFC 6961, RFC 7250, RFC 8879 4, RFC 4680. */
#include "message.h"

/* ---- Certificate --------------------------------------------------------------------------- */

#define CERTIFICATE "handshake.certificate"

static const struct schema x509[] = {DER_VECTOR(CERTIFICATE, "certificate", 3, 1, CERTIFICATE),
                                     END};
static const struct schema raw_public_key[] = {
    DER_VECTOR(CERTIFICATE, "raw_public_key", 3, 1, PUBLIC_KEY),
    END,
};
static const struct schema *const forms[] = {x509, raw_public_key, NULL};

/* RFC 7250: the hellos say whether the sender has a certificate or only a key. */
static bool has_raw_key(const struct dissection *dissection)
{
    const struct wire_context *context = dissection->context;
    return context->certificate_type[context->from] == 2;
}

static size_t choose_form(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the context decides */
    return has_raw_key(dissection) ? 1 : 0;
}

static const struct schema certificate_entry[] = {
    CHOICE(choose_form, forms),
    EXTENSIONS(CERTIFICATE ".entry"),
    END,
};
static const struct schema entries13[] = {STRUCT(CERTIFICATE, "entry", certificate_entry), END};
static const struct schema certificate13[] = {
    VECTOR(CERTIFICATE, "certificate_request_context", 1),
    LIST(CERTIFICATE, "certificate_list", 3, entries13),
    END,
};

static const struct schema certificate12[] = {
    LIST(CERTIFICATE, "certificate_list", 3, x509),
    END,
};

static const struct schema *const certificates[] = {certificate13, certificate12, raw_public_key,
                                                    NULL};

/* Before TLS 1.3 a raw key stands alone, not in a list. */
static size_t choose_certificate(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the context decides */
    if (message_is_tls13(dissection)) {
        return 0;
    }
    return has_raw_key(dissection) ? 2 : 1;
}

const struct schema message_certificate[] = {CHOICE(choose_certificate, certificates), END};

/* ---- CertificateRequest -------------------------------------------------------------------- */

#define REQUEST "handshake.certificate_request"

static const struct schema request13[] = {
    VECTOR(REQUEST, "certificate_request_context", 1),
    EXTENSIONS(REQUEST),
    END,
};

static const struct schema certificate_type[] = {
    NAMED(REQUEST, "certificate_type", 1, CLIENT_CERTIFICATE_TYPE),
    END,
};
static const struct schema scheme[] = {
    NAMED(REQUEST, "signature_scheme", 2, SIGNATURE_SCHEME),
    END,
};
static const struct schema schemes[] = {
    LIST_FROM(REQUEST, "supported_signature_algorithms", 2, 2, scheme),
    END,
};
static const struct schema *const scheme_lists[] = {schemes, schema_empty, NULL};

/* Since TLS 1.2. */
static size_t choose_schemes(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    return message_names_signature(dissection) ? 0 : 1;
}

static const struct schema distinguished_name[] = {
    DER_VECTOR(REQUEST, "distinguished_name", 2, 1, NAME),
    END,
};
static const struct schema authorities[] = {
    LIST(REQUEST, "certificate_authorities", 2, distinguished_name),
    END,
};
static const struct schema request12[] = {
    LIST_FROM(REQUEST, "certificate_types", 1, 1, certificate_type),
    CHOICE(choose_schemes, scheme_lists),
    SEQUENCE(authorities),
    END,
};

/* Until draft 18 of TLS 1.3 no extensions, but filters as in oid_filters. */
static const struct schema filter[] = {
    DER_VECTOR(REQUEST, "certificate_extension_oid", 1, 1, ANY),
    VECTOR(REQUEST, "certificate_extension_values", 2),
    END,
};
static const struct schema draft_request[] = {
    VECTOR(REQUEST, "certificate_request_context", 1),
    SEQUENCE(schemes),
    SEQUENCE(authorities),
    LIST(REQUEST, "certificate_extensions", 2, filter),
    END,
};

static const struct schema *const requests[] = {request13, request12, draft_request, NULL};

static size_t choose_request(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    if (message_draft(dissection->context->version) <= 18) {
        return 2;
    }
    return message_is_tls13(dissection) ? 0 : 1;
}

const struct schema message_certificate_request[] = {CHOICE(choose_request, requests), END};

/* ---- CertificateVerify --------------------------------------------------------------------- */

#define VERIFY "handshake.certificate_verify"

static const struct schema named_verify[] = {
    NAMED(VERIFY, "algorithm", 2, SIGNATURE_SCHEME),
    VECTOR(VERIFY, "signature", 2),
    END,
};
static const struct schema plain_verify[] = {VECTOR(VERIFY, "signature", 2), END};
static const struct schema *const verifies[] = {named_verify, plain_verify, NULL};

const struct schema message_certificate_verify[] = {CHOICE(choose_schemes, verifies), END};

/* ---- CertificateStatus, CompressedCertificate ----------------------------------------------- */

#define STATUS "handshake.certificate_status"

static const struct schema response[] = {
    DER_VECTOR(STATUS, "response", 3, 1, OCSP_RESPONSE),
    END,
};
/* RFC 6961 2.2: one for each certificate, empty where there is none. */
static const struct schema responses[] = {
    DER_VECTOR(STATUS, "response", 3, 0, OCSP_RESPONSE),
    END,
};
static const struct schema response_list[] = {
    LIST_FROM(STATUS, "response_list", 3, 1, responses),
    END,
};
static const struct schema other_status[] = {REST(STATUS, "status"), END};
static const struct schema *const statuses[] = {response, response_list, other_status, NULL};

/* `rest` starts behind status_type: the byte before it decides. */
static size_t choose_status(const struct dissection *dissection, struct reader rest)
{
    uint8_t type = rest.data[rest.offset - 1];

    (void)dissection; /* the version does not matter */
    return type == 1 ? 0 : type == 2 ? 1 : 2;
}

const struct schema message_certificate_status[] = {
    NAMED(STATUS, "status_type", 1, CERTIFICATE_STATUS_TYPE),
    CHOICE(choose_status, statuses),
    END,
};

#define COMPRESSED "handshake.compressed_certificate"

const struct schema message_compressed_certificate[] = {
    NAMED(COMPRESSED, "algorithm", 2, CERTIFICATE_COMPRESSION),
    NUMBER(COMPRESSED, "uncompressed_length", 3),
    VECTOR_FROM(COMPRESSED, "compressed_certificate_message", 3, 1),
    END,
};

/* ---- CertificateURL, SupplementalData -------------------------------------------------------- */

#define URL "handshake.certificate_url"

static const struct schema url_and_hash[] = {
    TEXT_VECTOR_FROM(URL, "url", 2, 1),
    NUMBER(URL, "padding", 1),
    BYTES(URL, "sha1_hash", 20),
    END,
};
static const struct schema url_entry[] = {STRUCT(URL, "url_and_hash", url_and_hash), END};

const struct schema message_certificate_url[] = {
    NAMED(URL, "type", 1, CERTIFICATE_CHAIN_TYPE),
    LIST_FROM(URL, "url_and_hash_list", 2, 1, url_entry),
    END,
};

#define SUPPLEMENTAL "handshake.supplemental_data"

static const struct schema supplement[] = {
    NAMED(SUPPLEMENTAL, "format", 2, SUPPLEMENTAL_DATA),
    VECTOR(SUPPLEMENTAL, "data", 2),
    END,
};
static const struct schema supplement_entry[] = {STRUCT(SUPPLEMENTAL, "entry", supplement), END};

const struct schema message_supplemental_data[] = {
    LIST_FROM(SUPPLEMENTAL, "supp_data", 3, 1, supplement_entry),
    END,
};
