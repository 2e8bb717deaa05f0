/* A certificate taken apart. The tables read like the ASN.1 of RFC 5280 4.1 and 4.2. */
#include <string.h>

#include "name.h"
#include "x509.h"

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

/* AuthorityKeyIdentifier (4.2.1.1): only the key identifier is of use for building a path. */
static void read_authority_key_id(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    while (reader_left(&fields) > 0) {
        struct der field = der_any(&fields);
        if (field.tag == DER_CONTEXT(0)) {
            x->authority_key_id = field.content;
        }
    }
    value->failed |= fields.failed;
}

static void read_subject_key_id(struct x509 *x, struct reader *value)
{
    x->subject_key_id = der_value(value, DER_OCTET_STRING).content;
}

/* GeneralNames (4.2.1.6): each must be well-formed and have one of the nine tags. */
static void read_subject_alt_name(struct x509 *x, struct reader *value)
{
    struct reader names = der_enter(value, DER_SEQUENCE);

    x->subject_alt_name = (struct pki_slice){names.data, names.length};
    x->has_subject_alt_name = true;
    while (reader_left(&names) > 0) {
        struct der name = der_any(&names);
        if ((name.tag & 0xc0) != 0x80 || (name.tag & 0x1f) > NAME_REGISTERED_ID) {
            names.failed = true;
        }
    }
    value->failed |= names.failed;
}

/* BasicConstraints (4.2.1.9). */
static void read_basic_constraints(struct x509 *x, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    if (der_is_next(&fields, DER_BOOLEAN)) {
        x->is_ca = der_boolean(&fields);
    }
    if (der_is_next(&fields, DER_INTEGER)) {
        (void)der_value(&fields, DER_INTEGER); /* pathLenConstraint: not judged yet */
    }
    value->failed |= !der_done(&fields);
}

static const struct extension_row {
    const char *oid;
    const char *name;
    void (*read)(struct x509 *x, struct reader *value);
} extensions[] = {
    {"\x55\x1d\x0e", "subjectKeyIdentifier", read_subject_key_id},
    {"\x55\x1d\x11", "subjectAltName", read_subject_alt_name},
    {"\x55\x1d\x13", "basicConstraints", read_basic_constraints},
    {"\x55\x1d\x23", "authorityKeyIdentifier", read_authority_key_id},
};

static const struct extension_row *extension_find(struct pki_slice oid)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        const char *known = extensions[i].oid;
        if (slice_equal(oid, (struct pki_slice){(const uint8_t *)known, strlen(known)})) {
            return &extensions[i];
        }
    }
    return NULL;
}

/* What is being read, for the words of a failure. */
struct part {
    const char *name;
    size_t offset;
};

/* One Extension. Known ones must be well-formed and may occur once only (4.2). */
static bool read_extension(struct x509 *x, struct reader *list, struct part *part)
{
    struct reader fields = der_enter(list, DER_SEQUENCE);
    struct pki_slice oid = der_value(&fields, DER_OID).content;
    const struct extension_row *row = extension_find(oid);
    struct reader value;
    unsigned bit;

    if (der_is_next(&fields, DER_BOOLEAN)) {
        (void)der_boolean(&fields); /* critical: not judged yet */
    }
    value = der_enter(&fields, DER_OCTET_STRING);
    if (!der_done(&fields)) {
        return false;
    }
    if (row == NULL) {
        return true;
    }
    part->name = row->name;
    bit = 1u << (row - extensions);
    if ((x->seen & bit) != 0) {
        return false;
    }
    x->seen |= bit;
    row->read(x, &value);
    return der_done(&value);
}

static bool read_extensions(struct x509 *x, struct reader *tbs, struct part *part)
{
    struct reader wrapped, list;

    if (!der_is_next(tbs, DER_CONTEXT_SET(3))) {
        return true;
    }
    wrapped = der_enter(tbs, DER_CONTEXT_SET(3));
    list = der_enter(&wrapped, DER_SEQUENCE);
    if (!der_done(&wrapped)) {
        return false;
    }
    while (reader_left(&list) > 0) {
        part->name = "extensions";
        part->offset = (size_t)(list.data + list.offset - x->der.data);
        if (!read_extension(x, &list, part)) {
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

/* issuerUniqueID and subjectUniqueID (4.1.2.8): of no use to anyone. */
static bool read_unique_ids(struct x509 *x, struct reader *tbs, struct part *part)
{
    (void)x;
    (void)part;
    for (int id = 1; id <= 2; id++) {
        if (der_is_next(tbs, (uint8_t)DER_CONTEXT(id))) {
            (void)der_any(tbs);
        }
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

    *out = (struct x509){.der = {der, length}};
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

bool general_name_next(struct reader *names, struct general_name *out)
{
    struct der name;

    if (reader_left(names) == 0) {
        return false;
    }
    name = der_any(names);
    out->kind = (enum general_name_kind)(name.tag & 0x1f);
    out->content = name.content;
    return !names->failed;
}
