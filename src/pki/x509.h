/*
 * A certificate taken apart (RFC 5280 4.1): slices of its DER and the numbers in it. Nothing is
 * allocated; everything points into the bytes it was read from.
 */
#ifndef PKI_X509_H
#define PKI_X509_H

#include "der.h"

/* The extensions that are known here, by RFC 5280's names; x509.c has the table of their object identifiers. */
enum x509_extension_id {
    X509_SUBJECT_KEY_ID,
    X509_AUTHORITY_KEY_ID,
    X509_KEY_USAGE,
    X509_EXTENDED_KEY_USAGE,
    X509_BASIC_CONSTRAINTS,
    X509_NAME_CONSTRAINTS,
    X509_SUBJECT_ALT_NAME,
    X509_ISSUER_ALT_NAME,
    X509_CERTIFICATE_POLICIES,
    X509_POLICY_MAPPINGS,
    X509_POLICY_CONSTRAINTS,
    X509_INHIBIT_ANY_POLICY,
    X509_CRL_DISTRIBUTION_POINTS,
    X509_FRESHEST_CRL,
    X509_AUTHORITY_INFO_ACCESS,
    X509_SUBJECT_INFO_ACCESS,
    X509_SUBJECT_DIRECTORY_ATTRIBUTES,
    X509_TLS_FEATURE,
    X509_SCT_LIST,
    X509_CT_POISON,
    X509_OCSP_NO_CHECK,
    X509_PROXY_CERT_INFO,
    X509_NETSCAPE_CERT_TYPE,
    X509_EXTENSION_COUNT
};

/* One of them in a certificate. */
struct x509_extension {
    bool present;
    bool critical;
    struct pki_slice value; /* the OCTET STRING's content: DER; well-formed where x509.c reads it */
};

/* Bits of key usage: 1 << the number in RFC 5280 4.2.1.3. */
enum key_usage {
    KEY_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    KEY_USAGE_NON_REPUDIATION = 1 << 1,
    KEY_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    KEY_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    KEY_USAGE_KEY_AGREEMENT = 1 << 4,
    KEY_USAGE_KEY_CERT_SIGN = 1 << 5,
    KEY_USAGE_CRL_SIGN = 1 << 6,
    KEY_USAGE_ENCIPHER_ONLY = 1 << 7,
    KEY_USAGE_DECIPHER_ONLY = 1 << 8,
};

#define X509_NO_LIMIT (-1L)

struct x509 {
    struct pki_slice der;
    struct pki_slice tbs;             /* TBSCertificate, whole: what is signed */
    unsigned version;                 /* 1 to 3 */
    struct pki_slice serial;          /* content of the INTEGER */
    struct pki_slice issuer, subject; /* Name, whole */
    int64_t not_before, not_after;

    struct pki_slice spki;           /* SubjectPublicKeyInfo, whole */
    struct pki_slice key_algorithm;  /* object identifier */
    struct pki_slice key_parameters; /* whole; empty when absent */
    struct pki_slice key;            /* the BIT STRING's bytes */

    struct pki_slice inner_algorithm;     /* AlgorithmIdentifier inside what is signed, whole */
    struct pki_slice outer_algorithm;     /* and the one outside, whole */
    struct pki_slice signature_algorithm; /* object identifier of the outer one */
    struct pki_slice signature_parameters;
    struct pki_slice signature;

    bool has_issuer_id, has_subject_id; /* issuerUniqueID, subjectUniqueID (4.1.2.8) */

    /* Extensions (RFC 5280 4.2). Each occurs once. */
    struct pki_slice extensions; /* the Extension values one after another: x509_extension_next() */
    struct x509_extension extension[X509_EXTENSION_COUNT];
    size_t unknown_critical; /* how many critical ones are not in the table */
    /* Decoded; zero or empty when the extension is absent. */
    struct pki_slice subject_alt_name; /* the GeneralName values one after another */
    bool is_ca;                        /* basicConstraints with cA TRUE */
    long path_length;                  /* pathLenConstraint; X509_NO_LIMIT */
    unsigned key_usage; /* enum key_usage; look at extension[X509_KEY_USAGE].present first */
    struct pki_slice
        key_purposes; /* the object identifiers of extKeyUsage one after another (with headers) */
    struct pki_slice permitted,
        excluded;              /* nameConstraints: the GeneralSubtree values one after another */
    struct pki_slice policies; /* the PolicyInformation values one after another */
    struct pki_slice policy_mappings;  /* the SEQUENCEs {issuer, subject} one after another */
    long require_explicit_policy;      /* policyConstraints, in certificates; X509_NO_LIMIT */
    long inhibit_policy_mapping;       /* the same */
    long inhibit_any_policy;           /* X509_NO_LIMIT */
    struct pki_slice subject_key_id;   /* empty when absent */
    struct pki_slice authority_key_id; /* its keyIdentifier */
    struct pki_slice authority_issuer; /* its authorityCertIssuer: GeneralName values; empty */
    struct pki_slice authority_serial; /* its authorityCertSerialNumber's content; empty */
};

/* Reads a certificate. False with `problem` in words ("its validity cannot be read (byte 92)")
 * when it is none. `problem` may be NULL. */
bool x509_read(struct x509 *out, const uint8_t *der, size_t length, char *problem, size_t size);

/* Reads only as far as the subject, for an index of many. */
bool x509_read_subject(const uint8_t *der, size_t length, struct pki_slice *subject);

/* True when issuer and subject are the same name. */
bool x509_is_self_issued(const struct x509 *certificate);

/* Walks all extensions in their order: start with a reader of `extensions`. False at the end. `oid` is the content of the object identifier. */
bool x509_extension_next(struct reader *list, struct pki_slice *oid, struct x509_extension *out);
/* Which known extension this is, or X509_EXTENSION_COUNT; and its name in RFC 5280's spelling ("basicConstraints"). */
enum x509_extension_id x509_extension_find(struct pki_slice oid);
const char *x509_extension_name(enum x509_extension_id id);

/* Key purposes (RFC 5280 4.2.1.12): true when extKeyUsage is there and lists this one. `oid` is the content of an object identifier. */
bool x509_has_purpose(const struct x509 *certificate, struct pki_slice oid);
/* id-kp-serverAuth, id-kp-clientAuth, anyExtendedKeyUsage. */
#define PURPOSE_SERVER_AUTH "\x2b\x06\x01\x05\x05\x07\x03\x01"
#define PURPOSE_CLIENT_AUTH "\x2b\x06\x01\x05\x05\x07\x03\x02"
#define PURPOSE_ANY         "\x55\x1d\x25\x00"

/* The choices of a GeneralName (RFC 5280 4.2.1.6): the number of its context tag. */
enum general_name_kind {
    NAME_OTHER = 0,
    NAME_EMAIL = 1,
    NAME_DNS = 2,
    NAME_X400 = 3,
    NAME_DIRECTORY = 4,
    NAME_EDI = 5,
    NAME_URI = 6,
    NAME_IP = 7,
    NAME_REGISTERED_ID = 8,
};

struct general_name {
    enum general_name_kind kind;
    struct pki_slice content;
};

/* The next name; false at the end. */
bool general_name_next(struct reader *names, struct general_name *out);
/* True when subjectAltName has a name of this kind. */
bool x509_has_name(const struct x509 *certificate, enum general_name_kind kind);

/* The policy any-policy (RFC 5280 4.2.1.4). */
#define POLICY_ANY "\x55\x1d\x20\x00"
/* Walks certificatePolicies: the next policy; false at the end, or with a failed reader at one that is malformed. Start with a reader
 * of `policies`. */
bool policy_next(struct reader *policies, struct pki_slice *policy);
/* The same for policyMappings. */
bool policy_mapping_next(struct reader *mappings, struct pki_slice *issuer,
                         struct pki_slice *subject);

/* True when the certificate wants a stapled OCSP response wherever it is used (must-staple, RFC 7633). */
bool x509_demands_staple(const struct x509 *certificate);

#endif
