/* A certificate taken apart. The tables read like the ASN.1 of RFC 5280 4.1 and 4.2. */
#include "x509.h"
#include "name.h"

/* AlgorithmIdentifier (4.1.1.2). The parts are optional for the caller. */
static struct pki_slice read_algorithm(struct reader *reader, struct pki_slice *oid,
                                       struct pki_slice *parameters)
{
    struct der whole = der_value(reader, DER_SEQUENCE);
    struct reader inner = reader_new(whole.content.data, whole.content.length);
    struct pki_slice type = der_value(&inner, DER_OID).content;
    struct pki_slice rest = {0};

    if (reader_left(&inner) > 0) {
        rest = der_any(&inner).whole;
    }
    if (!der_done(&inner) || type.length == 0) {
        reader->failed = true;
    }
    if (oid != NULL) {
        *oid = type;
    }
    if (parameters != NULL) {
        *parameters = rest;
    }
    return whole.whole;
}

/* ---- extensions (4.2) ------------------------------------------------------------------ */

/* SEQUENCE SIZE (1..MAX) OF: the elements one after another, of which nothing is known yet. An empty one is kept as it is: lint tells. */
static struct pki_slice read_elements(struct reader *value)
{
    struct reader elements = der_enter(value, DER_SEQUENCE);

    return (struct pki_slice){elements.data, elements.length};
}

/* AuthorityKeyIdentifier (4.2.1.1). */
static void read_authority_key_id(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    if (der_is_next(&fields, DER_CONTEXT(0))) {
        x->authority_key_id = der_any(&fields).content;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        x->authority_issuer = der_any(&fields).content;
    }
    if (der_is_next(&fields, DER_CONTEXT(2))) {
        x->authority_serial = der_any(&fields).content;
    }
    value->failed |= !der_done(&fields);
}

static void read_subject_key_id(struct x509 *x, struct reader *value)
{
    x->subject_key_id = der_value(value, DER_OCTET_STRING).content;
}

/* KeyUsage (4.2.1.3). */
static void read_key_usage(struct x509 *x, struct reader *value)
{
    struct pki_slice bits = der_value(value, DER_BIT_STRING).content;

    if (bits.length < 1 || bits.data[0] > 7 || (bits.length == 1 && bits.data[0] != 0)) {
        value->failed = true;
        return;
    }
    x->key_usage = der_named_bits(bits);
}

/* ExtKeyUsageSyntax (4.2.1.12). */
static void read_extended_key_usage(struct x509 *x, struct reader *value)
{
    struct reader purposes;

    x->key_purposes = read_elements(value);
    purposes = reader_new(x->key_purposes.data, x->key_purposes.length);
    while (reader_left(&purposes) > 0) {
        (void)der_value(&purposes, DER_OID);
    }
    value->failed |= purposes.failed;
}

/* GeneralNames (4.2.1.6): each must be well-formed and have one of the nine tags. */
static void read_subject_alt_name(struct x509 *x, struct reader *value)
{
    struct reader names = der_enter(value, DER_SEQUENCE);

    x->subject_alt_name = (struct pki_slice){names.data, names.length};
    while (reader_left(&names) > 0) {
        struct der name = der_any(&names);
        if ((name.tag & 0xc0) != 0x80 || (name.tag & 0x1f) > NAME_REGISTERED_ID) {
            names.failed = true;
        }
    }
    value->failed |= names.failed;
}

/* A number that nobody needs to tell from another one as large. */
#define LIMIT_MAX 0x7fffffffL

/* INTEGER (0..MAX) of any size. */
static long read_limit(struct reader *fields, uint8_t tag)
{
    struct pki_slice number = der_value(fields, tag).content;
    long limit = 0;

    if (number.length == 0 || (number.data[0] & 0x80) != 0) {
        fields->failed = true;
        return X509_NO_LIMIT;
    }
    for (size_t i = 0; i < number.length && limit < LIMIT_MAX; i++) {
        limit = limit > (LIMIT_MAX >> 8) ? LIMIT_MAX : (limit << 8) | number.data[i];
    }
    return limit;
}

/* BasicConstraints (4.2.1.9). */
static void read_basic_constraints(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    if (der_is_next(&fields, DER_BOOLEAN)) {
        x->is_ca = der_boolean(&fields);
    }
    if (der_is_next(&fields, DER_INTEGER)) {
        x->path_length = read_limit(&fields, DER_INTEGER);
    }
    value->failed |= !der_done(&fields);
}

/* [n] GeneralSubtrees, OPTIONAL (4.2.1.10). */
static struct pki_slice read_subtrees(struct reader *fields, uint8_t tag)
{
    struct pki_slice all = {0};
    struct reader subtrees;

    if (!der_is_next(fields, tag)) {
        return all;
    }
    all = der_any(fields).content;
    subtrees = reader_new(all.data, all.length);
    while (reader_left(&subtrees) > 0) {
        (void)der_value(&subtrees, DER_SEQUENCE);
    }
    fields->failed |= subtrees.failed;
    return all;
}

static void read_name_constraints(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    x->permitted = read_subtrees(&fields, DER_CONTEXT_SET(0));
    x->excluded = read_subtrees(&fields, DER_CONTEXT_SET(1));
    value->failed |= !der_done(&fields);
}

/* CertificatePolicies (4.2.1.4): the policies' qualifiers are looked at by nobody here. */
static void read_policies(struct x509 *x, struct reader *value)
{
    struct reader policies;
    struct pki_slice policy;

    x->policies = read_elements(value);
    policies = reader_new(x->policies.data, x->policies.length);
    while (policy_next(&policies, &policy)) {
    }
    value->failed |= policies.failed;
}

/* PolicyMappings (4.2.1.5). */
static void read_policy_mappings(struct x509 *x, struct reader *value)
{
    struct reader mappings;
    struct pki_slice issuer, subject;

    x->policy_mappings = read_elements(value);
    mappings = reader_new(x->policy_mappings.data, x->policy_mappings.length);
    while (policy_mapping_next(&mappings, &issuer, &subject)) {
    }
    value->failed |= mappings.failed;
}

/* PolicyConstraints (4.2.1.11). */
static void read_policy_constraints(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    if (der_is_next(&fields, DER_CONTEXT(0))) {
        x->require_explicit_policy = read_limit(&fields, DER_CONTEXT(0));
    }
    if (der_is_next(&fields, DER_CONTEXT(1))) {
        x->inhibit_policy_mapping = read_limit(&fields, DER_CONTEXT(1));
    }
    value->failed |= !der_done(&fields);
}

/* InhibitAnyPolicy (4.2.1.14). */
static void read_inhibit_any_policy(struct x509 *x, struct reader *value)
{
    x->inhibit_any_policy = read_limit(value, DER_INTEGER);
}

/* Those without a reader decide nothing about a path: whoever shows them reads them, and lint tells what is
 * wrong with them. */
static const struct extension_row {
    struct pki_slice oid;
    const char *name;
    void (*read)(struct x509 *x, struct reader *value);
} extensions[X509_EXTENSION_COUNT] = {
    [X509_SUBJECT_KEY_ID] = {OID("\x55\x1d\x0e"), "subjectKeyIdentifier", read_subject_key_id},
    [X509_AUTHORITY_KEY_ID] = {OID("\x55\x1d\x23"), "authorityKeyIdentifier",
                               read_authority_key_id},
    [X509_KEY_USAGE] = {OID("\x55\x1d\x0f"), "keyUsage", read_key_usage},
    [X509_EXTENDED_KEY_USAGE] = {OID("\x55\x1d\x25"), "extKeyUsage", read_extended_key_usage},
    [X509_BASIC_CONSTRAINTS] = {OID("\x55\x1d\x13"), "basicConstraints", read_basic_constraints},
    [X509_NAME_CONSTRAINTS] = {OID("\x55\x1d\x1e"), "nameConstraints", read_name_constraints},
    [X509_SUBJECT_ALT_NAME] = {OID("\x55\x1d\x11"), "subjectAltName", read_subject_alt_name},
    [X509_ISSUER_ALT_NAME] = {OID("\x55\x1d\x12"), "issuerAltName", NULL},
    [X509_CERTIFICATE_POLICIES] = {OID("\x55\x1d\x20"), "certificatePolicies", read_policies},
    [X509_POLICY_MAPPINGS] = {OID("\x55\x1d\x21"), "policyMappings", read_policy_mappings},
    [X509_POLICY_CONSTRAINTS] = {OID("\x55\x1d\x24"), "policyConstraints", read_policy_constraints},
    [X509_INHIBIT_ANY_POLICY] = {OID("\x55\x1d\x36"), "inhibitAnyPolicy", read_inhibit_any_policy},
    [X509_CRL_DISTRIBUTION_POINTS] = {OID("\x55\x1d\x1f"), "cRLDistributionPoints", NULL},
    [X509_FRESHEST_CRL] = {OID("\x55\x1d\x2e"), "freshestCRL", NULL},
    [X509_AUTHORITY_INFO_ACCESS] = {OID("\x2b\x06\x01\x05\x05\x07\x01\x01"), "authorityInfoAccess",
                                    NULL},
    [X509_SUBJECT_INFO_ACCESS] = {OID("\x2b\x06\x01\x05\x05\x07\x01\x0b"), "subjectInfoAccess",
                                  NULL},
    [X509_SUBJECT_DIRECTORY_ATTRIBUTES] = {OID("\x55\x1d\x09"), "subjectDirectoryAttributes", NULL},
    [X509_TLS_FEATURE] = {OID("\x2b\x06\x01\x05\x05\x07\x01\x18"), "TLS feature", NULL},
    [X509_SCT_LIST] = {OID("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02"),
                       "signedCertificateTimestampList", NULL},
    [X509_CT_POISON] = {OID("\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03"), "CT poison", NULL},
    [X509_OCSP_NO_CHECK] = {OID("\x2b\x06\x01\x05\x05\x07\x30\x01\x05"), "OCSP no check", NULL},
    [X509_PROXY_CERT_INFO] = {OID("\x2b\x06\x01\x05\x05\x07\x01\x0e"), "proxyCertInfo", NULL},
    [X509_NETSCAPE_CERT_TYPE] = {OID("\x60\x86\x48\x01\x86\xf8\x42\x01\x01"), "netscapeCertType",
                                 NULL},
};

enum x509_extension_id x509_extension_find(struct pki_slice oid)
{
    enum x509_extension_id id = 0;

    while (id < X509_EXTENSION_COUNT && !slice_equal(oid, extensions[id].oid)) {
        id++;
    }
    return id;
}

const char *x509_extension_name(enum x509_extension_id id)
{
    return extensions[id].name;
}

bool x509_extension_next(struct reader *list, struct pki_slice *oid, struct x509_extension *out)
{
    struct reader fields;

    if (reader_left(list) == 0) {
        return false;
    }
    *out = (struct x509_extension){.present = true};
    fields = der_enter(list, DER_SEQUENCE);
    *oid = der_value(&fields, DER_OID).content;
    if (der_is_next(&fields, DER_BOOLEAN)) {
        out->critical = der_boolean(&fields);
    }
    out->value = der_value(&fields, DER_OCTET_STRING).content;
    list->failed |= !der_done(&fields);
    return !list->failed;
}

/* What is being read, for the words of a failure. */
struct part {
    const char *name;
    size_t offset;
};

/* No extension may occur twice (4.2), an unknown one neither. Those are looked for among the first few, which is more than
 * anyone has, so that a long list costs no more than its length. */
#define UNKNOWN_COMPARED 32

struct unknown_extensions {
    struct pki_slice oids[UNKNOWN_COMPARED];
    size_t count;
};

static bool is_new(struct unknown_extensions *seen, struct pki_slice oid)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (slice_equal(seen->oids[i], oid)) {
            return false;
        }
    }
    if (seen->count < UNKNOWN_COMPARED) {
        seen->oids[seen->count++] = oid;
    }
    return true;
}

/* One Extension. Known ones must be well-formed where they decide something. */
static bool read_extension(struct x509 *x, struct reader *list, struct part *part,
                           struct unknown_extensions *unknown)
{
    struct x509_extension extension;
    struct pki_slice oid;
    enum x509_extension_id id;
    struct reader value;

    if (!x509_extension_next(list, &oid, &extension)) {
        return false;
    }
    id = x509_extension_find(oid);
    if (id == X509_EXTENSION_COUNT) {
        x->unknown_critical += extension.critical;
        return is_new(unknown, oid);
    }
    part->name = extensions[id].name;
    if (x->extension[id].present) {
        return false;
    }
    x->extension[id] = extension;
    if (extensions[id].read == NULL) {
        return true;
    }
    value = reader_new(extension.value.data, extension.value.length);
    extensions[id].read(x, &value);
    return der_done(&value);
}

static bool read_extensions(struct x509 *x, struct reader *tbs, struct part *part)
{
    struct unknown_extensions unknown = {.count = 0};
    struct reader wrapped, list;

    if (!der_is_next(tbs, DER_CONTEXT_SET(3))) {
        return true;
    }
    wrapped = der_enter(tbs, DER_CONTEXT_SET(3));
    list = der_enter(&wrapped, DER_SEQUENCE);
    if (!der_done(&wrapped)) {
        return false;
    }
    x->extensions = (struct pki_slice){list.data, list.length};
    while (reader_left(&list) > 0) {
        part->name = "extensions";
        part->offset = (size_t)(list.data + list.offset - x->der.data);
        if (!read_extension(x, &list, part, &unknown)) {
            return false;
        }
    }
    return true;
}

/* ---- TBSCertificate (4.1.2) ------------------------------------------------------------ */

static bool read_version(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    x->version = 1;
    if (der_is_next(tbs, DER_CONTEXT_SET(0))) {
        struct reader wrapped = der_enter(tbs, DER_CONTEXT_SET(0));
        uint32_t number = der_small_number(&wrapped);
        x->version = number + 1;
        return der_done(&wrapped) && number <= 2;
    }
    return !tbs->failed;
}

static bool read_serial(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    x->serial = der_value(tbs, DER_INTEGER).content;
    return x->serial.length > 0;
}

static bool read_inner_algorithm(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    x->inner_algorithm = read_algorithm(tbs, NULL, NULL);
    return !tbs->failed;
}

static bool read_issuer(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    x->issuer = name_read(tbs);
    return !tbs->failed;
}

static bool read_validity(struct x509 *x, struct reader *tbs, struct part *part)
{
    struct reader fields = der_enter(tbs, DER_SEQUENCE);

    (void)part;
    x->not_before = der_time(&fields);
    x->not_after = der_time(&fields);
    return der_done(&fields);
}

static bool read_subject(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    x->subject = name_read(tbs);
    return !tbs->failed;
}

static bool read_public_key(struct x509 *x, struct reader *tbs, struct part *part)
{
    struct der whole = der_value(tbs, DER_SEQUENCE);
    struct reader fields = reader_new(whole.content.data, whole.content.length);

    (void)part;
    x->spki = whole.whole;
    (void)read_algorithm(&fields, &x->key_algorithm, &x->key_parameters);
    x->key = der_bit_string(&fields);
    return !tbs->failed && der_done(&fields);
}

/* issuerUniqueID and subjectUniqueID (4.1.2.8): of no use to anyone, and forbidden to CAs. */
static bool read_unique_ids(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)part;
    if (der_is_next(tbs, DER_CONTEXT(1))) {
        (void)der_any(tbs);
        x->has_issuer_id = true;
    }
    if (der_is_next(tbs, DER_CONTEXT(2))) {
        (void)der_any(tbs);
        x->has_subject_id = true;
    }
    return !tbs->failed;
}

/* The fields in their order. `part` names what failed where a field has parts of its own. */
static const struct field_row {
    const char *name;
    bool (*read)(struct x509 *x, struct reader *tbs, struct part *part);
} tbs_fields[] = {
    {"version", read_version},
    {"serial number", read_serial},
    {"signature algorithm", read_inner_algorithm},
    {"issuer", read_issuer},
    {"validity", read_validity},
    {"subject", read_subject},
    {"public key", read_public_key},
    {"unique identifiers", read_unique_ids},
    {"extensions", read_extensions},
};

#define FIELD_COUNT (sizeof tbs_fields / sizeof tbs_fields[0])

/* ---- Certificate (4.1) ----------------------------------------------------------------- */

static bool read_tbs(struct x509 *x, struct reader *certificate, struct part *part)
{
    struct der whole = der_value(certificate, DER_SEQUENCE);
    struct reader tbs = reader_new(whole.content.data, whole.content.length);

    if (certificate->failed) {
        return false;
    }
    x->tbs = whole.whole;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        part->name = tbs_fields[i].name;
        part->offset = (size_t)(tbs.data + tbs.offset - x->der.data);
        if (!tbs_fields[i].read(x, &tbs, part)) {
            return false;
        }
    }
    part->name = "last field";
    part->offset = (size_t)(tbs.data + tbs.offset - x->der.data);
    return der_done(&tbs);
}

static bool read_signature(struct x509 *x, struct reader *certificate, struct part *part)
{
    part->name = "signature";
    part->offset = certificate->offset;
    x->outer_algorithm =
        read_algorithm(certificate, &x->signature_algorithm, &x->signature_parameters);
    x->signature = der_bit_string(certificate);
    return der_done(certificate);
}

/* Why these bytes are not even the frame of a certificate, or NULL when they are. */
static const char *frame_problem(const uint8_t *der, size_t length)
{
    struct reader whole = reader_new(der, length);

    if (length == 0) {
        return "it is empty";
    }
    (void)der_enter(&whole, DER_SEQUENCE);
    if (whole.failed) {
        return der[0] == DER_SEQUENCE ? "it ends early" : "it is not DER";
    }
    return der_done(&whole) ? NULL : "bytes follow its end";
}

bool x509_read(struct x509 *out, const uint8_t *der, size_t length, char *problem, size_t size)
{
    struct reader whole = reader_new(der, length);
    struct reader certificate;
    struct part part = {"content", 0};
    const char *frame = frame_problem(der, length);

    *out = (struct x509){
        .der = {der, length},
        .path_length = X509_NO_LIMIT,
        .require_explicit_policy = X509_NO_LIMIT,
        .inhibit_policy_mapping = X509_NO_LIMIT,
        .inhibit_any_policy = X509_NO_LIMIT,
    };
    if (frame != NULL) {
        if (problem != NULL) {
            (void)snprintf(problem, size, "%s", frame);
        }
        return false;
    }
    certificate = der_enter(&whole, DER_SEQUENCE);
    part.offset = (size_t)(certificate.data - der);
    if (read_tbs(out, &certificate, &part)) {
        part.offset = 0;
        if (read_signature(out, &certificate, &part)) {
            return true;
        }
        part.offset += (size_t)(certificate.data - der);
    }
    if (problem != NULL) {
        (void)snprintf(problem, size, "its %s cannot be read (byte %zu)", part.name, part.offset);
    }
    return false;
}

bool x509_read_subject(const uint8_t *der, size_t length, struct pki_slice *subject)
{
    struct reader whole = reader_new(der, length);
    struct reader certificate = der_enter(&whole, DER_SEQUENCE);
    struct reader tbs = der_enter(&certificate, DER_SEQUENCE);

    if (der_is_next(&tbs, DER_CONTEXT_SET(0))) {
        (void)der_any(&tbs); /* version */
    }
    (void)der_any(&tbs); /* serial number */
    (void)der_any(&tbs); /* signature algorithm */
    (void)der_any(&tbs); /* issuer */
    (void)der_any(&tbs); /* validity */
    *subject = name_read(&tbs);
    return !tbs.failed;
}

bool x509_is_self_issued(const struct x509 *certificate)
{
    bool failed = false;
    return name_equal(certificate->issuer, certificate->subject, &failed);
}
