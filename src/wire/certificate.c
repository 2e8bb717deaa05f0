/* Certificate and the messages around it: RFC 8446 4.3.2, 4.4.2, 4.4.3, RFC 5246 7.4.2, 7.4.4,
 * 7.4.8, RFC 6066 8, RFC 8879 4. */
#include "message.h"

static size_t choose_version(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the version decides */
    return message_is_tls13(dissection) ? 0 : 1;
}

/* ---- Certificate --------------------------------------------------------------------------- */

#define CERTIFICATE "handshake.certificate"

static const struct schema certificate_entry[] = {
    VECTOR(CERTIFICATE, "certificate", 3),
    EXTENSIONS(CERTIFICATE ".entry"),
    END,
};
static const struct schema entries13[] = {STRUCT(CERTIFICATE, "entry", certificate_entry), END};
static const struct schema certificate13[] = {
    VECTOR(CERTIFICATE, "certificate_request_context", 1),
    LIST(CERTIFICATE, "certificate_list", 3, entries13),
    END,
};

static const struct schema entries12[] = {VECTOR(CERTIFICATE, "certificate", 3), END};
static const struct schema certificate12[] = {
    LIST(CERTIFICATE, "certificate_list", 3, entries12),
    END,
};

static const struct schema *const certificates[] = {certificate13, certificate12, NULL};

const struct schema message_certificate[] = {CHOICE(choose_version, certificates), END};

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
    LIST(REQUEST, "supported_signature_algorithms", 2, scheme),
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
    VECTOR(REQUEST, "distinguished_name", 2),
    END,
};
static const struct schema request12[] = {
    LIST(REQUEST, "certificate_types", 1, certificate_type),
    CHOICE(choose_schemes, scheme_lists),
    LIST(REQUEST, "certificate_authorities", 2, distinguished_name),
    END,
};

static const struct schema *const requests[] = {request13, request12, NULL};

const struct schema message_certificate_request[] = {CHOICE(choose_version, requests), END};

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

const struct schema message_certificate_status[] = {
    NAMED(STATUS, "status_type", 1, CERTIFICATE_STATUS_TYPE),
    VECTOR(STATUS, "response", 3),
    END,
};

#define COMPRESSED "handshake.compressed_certificate"

const struct schema message_compressed_certificate[] = {
    NAMED(COMPRESSED, "algorithm", 2, CERTIFICATE_COMPRESSION),
    NUMBER(COMPRESSED, "uncompressed_length", 3),
    VECTOR(COMPRESSED, "compressed_certificate_message", 3),
    END,
};
