/* Extensions about certificates: which are wanted and in what form, how they are signed. */
#include "der.h"
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
    LIST_FROM(SIGNATURES, "supported_signature_algorithms", 2, 2, scheme),
    END,
};
const struct schema extension_signature_algorithms_cert[] = {
    LIST_FROM(SIGNATURES_CERT, "supported_signature_algorithms", 2, 2, scheme_cert),
    END,
};

/* ---- signed_certificate_timestamp, RFC 6962 3.3 -------------------------------------------- */

/* A client asks with an empty one. */
const struct schema extension_signed_certificate_timestamp[] = {
    OPTIONAL_SEQUENCE(der_sct_list),
    END,
};

/* ---- certificate_authorities, RFC 8446 4.2.4 ----------------------------------------------- */

#define AUTHORITIES "extension.certificate_authorities"

static const struct schema distinguished_name[] = {
    DER_VECTOR(AUTHORITIES, "distinguished_name", 2, 1, NAME),
    END,
};

const struct schema extension_certificate_authorities[] = {
    LIST_FROM(AUTHORITIES, "authorities", 2, 3, distinguished_name),
    END,
};

/* ---- compress_certificate, RFC 8879 3 ------------------------------------------------------ */

#define COMPRESS "extension.compress_certificate"

static const struct schema compression[] = {
    NAMED(COMPRESS, "algorithm", 2, CERTIFICATE_COMPRESSION),
    END,
};

const struct schema extension_compress_certificate[] = {
    LIST_FROM(COMPRESS, "algorithms", 1, 2, compression),
    END,
};

/* ---- client_certificate_type, server_certificate_type, RFC 7250 3, and cert_type, RFC 6091 3.1 - */

/* A client lists them, a server takes one. */
#define CERTIFICATE_TYPE(name)                                                           \
    static const struct schema name##_one[] = {                                          \
        NAMED("extension." #name, "certificate_type", 1, CERTIFICATE_TYPE),              \
        END,                                                                             \
    };                                                                                   \
    static const struct schema name##_list[] = {                                         \
        LIST_FROM("extension." #name, "certificate_types", 1, 1, name##_one),            \
        END,                                                                             \
    };                                                                                   \
    static const struct schema *const name##_shapes[] = {name##_list, name##_one, NULL}; \
    const struct schema extension_##name[] = {                                           \
        CHOICE(extension_choose_sender, name##_shapes),                                  \
        END,                                                                             \
    }

CERTIFICATE_TYPE(client_certificate_type);
CERTIFICATE_TYPE(server_certificate_type);
CERTIFICATE_TYPE(cert_type);

/* ---- oid_filters, RFC 8446 4.2.5 ----------------------------------------------------------- */

#define FILTERS "extension.oid_filters"

static const struct schema filter[] = {
    DER_VECTOR(FILTERS, "certificate_extension_oid", 1, 1, ANY),
    DER_VECTOR(FILTERS, "certificate_extension_values", 2, 0, ANY),
    END,
};
static const struct schema filter_entry[] = {STRUCT(FILTERS, "filter", filter), END};

const struct schema extension_oid_filters[] = {LIST(FILTERS, "filters", 2, filter_entry), END};

/* ---- delegated_credential, RFC 9345 4 ------------------------------------------------------ */

#define DELEGATED "extension.delegated_credential"

static const struct schema delegated_scheme[] = {
    NAMED(DELEGATED, "signature_scheme", 2, SIGNATURE_SCHEME),
    END,
};
static const struct schema delegated_wanted[] = {
    LIST_FROM(DELEGATED, "supported_signature_algorithms", 2, 2, delegated_scheme),
    END,
};
static const struct schema delegated_given[] = {
    NUMBER(DELEGATED, "valid_time", 4),
    NAMED(DELEGATED, "dc_cert_verify_algorithm", 2, SIGNATURE_SCHEME),
    DER_VECTOR(DELEGATED, "subject_public_key_info", 3, 1, PUBLIC_KEY),
    NAMED(DELEGATED, "algorithm", 2, SIGNATURE_SCHEME),
    VECTOR_FROM(DELEGATED, "signature", 2, 1),
    END,
};
static const struct schema *const delegations[] = {delegated_given, delegated_wanted, NULL};

/* Hellos and requests say which schemes are wanted, a Certificate has the credential. */
static size_t choose_delegation(const struct dissection *dissection, struct reader rest)
{
    (void)rest; /* the message decides */
    return dissection->message == WIRE_CERTIFICATE ? 0 : 1;
}

const struct schema extension_delegated_credential[] = {CHOICE(choose_delegation, delegations),
                                                        END};

/* ---- transparency_info, RFC 9162 6.5 ------------------------------------------------------- */

static const struct schema transparency_item[] = {
    VECTOR_FROM("extension.transparency_info", "trans_item", 2, 1),
    END,
};

/* A client asks with an empty one. */
const struct schema extension_transparency_info[] = {
    OPTIONAL_LIST_FROM("extension.transparency_info", "trans_item_list", 2, 1, transparency_item),
    END,
};
