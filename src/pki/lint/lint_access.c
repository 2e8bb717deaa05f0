/* Where to find what else is to be known: authorityInfoAccess, subjectInfoAccess, cRLDistributionPoints, freshestCRL,
 * and subjectDirectoryAttributes (RFC 5280 4.2.1.8, 4.2.1.13, 4.2.1.15, 4.2.2). */
#include <string.h>

#include "lint.h"

static bool cannot_be_read(const struct lint *lint, const struct lint_row *row,
                           bool (*read)(struct reader *value), struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);

    if (!lint_extension(lint, row->extension)->present || (read(&value) && der_done(&value))) {
        return false;
    }
    buffer_printf(found, "%s cannot be read", lint_row_field(row));
    return true;
}

/* One GeneralName, with one of the nine tags. */
static bool read_name(struct reader *fields, struct general_name *name)
{
    uint8_t tag = reader_left(fields) > 0 ? fields->data[fields->offset] : 0;

    return (tag & 0xc0) == 0x80 && (tag & 0x1f) <= NAME_REGISTERED_ID &&
           general_name_next(fields, name);
}

static bool has_http(struct pki_slice uri)
{
    return uri.length > 7 && strncasecmp((const char *)uri.data, "http://", 7) == 0;
}

/* ---- AccessDescription ::= SEQUENCE { accessMethod, accessLocation } -------------------- */

struct access {
    struct pki_slice method;
    struct general_name location;
};

static bool access_next(struct reader *list, struct access *out)
{
    struct reader fields;

    if (reader_left(list) == 0) {
        return false;
    }
    fields = der_enter(list, DER_SEQUENCE);
    out->method = der_value(&fields, DER_OID).content;
    if (fields.failed || !read_name(&fields, &out->location) || !der_done(&fields)) {
        list->failed = true;
    }
    return !list->failed;
}

static bool read_accesses(struct reader *value)
{
    struct reader list = der_enter(value, DER_SEQUENCE);
    struct access access;
    size_t count = 0;

    while (access_next(&list, &access)) {
        count++;
    }
    return der_done(&list) && count > 0;
}

static bool access_malformed(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    return cannot_be_read(lint, row, read_accesses, found);
}

#define OCSP       "\x2b\x06\x01\x05\x05\x07\x30\x01"
#define CA_ISSUERS "\x2b\x06\x01\x05\x05\x07\x30\x02"

static bool access_scheme(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct reader list = der_enter(&value, DER_SEQUENCE);
    struct access access;

    while (access_next(&list, &access)) {
        bool known = slice_is(access.method, OCSP) || slice_is(access.method, CA_ISSUERS);
        if (known && (access.location.kind != NAME_URI || !has_http(access.location.content))) {
            buffer_text(found, "authorityInfoAccess points to ");
            lint_quote(found, access.location.content);
            return true;
        }
    }
    return false;
}

static bool has_method(const struct lint *lint, struct pki_slice method)
{
    struct reader value = lint_value(lint, X509_AUTHORITY_INFO_ACCESS);
    struct reader list = der_enter(&value, DER_SEQUENCE);
    struct access access;

    while (access_next(&list, &access)) {
        if (slice_equal(access.method, method)) {
            return true;
        }
    }
    return false;
}

static bool no_issuer_address(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    static const struct pki_slice issuers = OID(CA_ISSUERS);

    if (!lint_extension(lint, row->extension)->present || has_method(lint, issuers)) {
        return false;
    }
    buffer_text(found, "authorityInfoAccess has no caIssuers");
    return true;
}

static bool no_revocation(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    static const struct pki_slice ocsp = OID(OCSP);

    if (lint_extension(lint, row->extension)->present || has_method(lint, ocsp) ||
        lint->x.version < 3) {
        return false;
    }
    buffer_text(found, "there is neither a CRL nor an OCSP responder to ask");
    return true;
}

/* ---- DistributionPoint (4.2.1.13) ------------------------------------------------------ */

/* DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] }. */
static bool read_point_name(struct reader *field, struct pki_slice *names)
{
    struct reader choice = der_enter(field, DER_CONTEXT_SET(0));

    *names = (struct pki_slice){0};
    if (der_is_next(&choice, DER_CONTEXT_SET(0))) {
        struct reader list;
        struct general_name name;
        *names = der_any(&choice).content;
        list = reader_new(names->data, names->length);
        while (read_name(&list, &name)) {
        }
        return names->length > 0 && der_done(&list) && der_done(&choice);
    }
    (void)der_value(&choice, DER_CONTEXT_SET(1));
    return der_done(&choice);
}

struct point {
    struct pki_slice names; /* fullName */
    bool has_name;
    bool has_issuer;
};

static bool point_next(struct reader *list, struct point *out)
{
    struct reader fields;
    bool good = true;

    if (reader_left(list) == 0) {
        return false;
    }
    *out = (struct point){0};
    fields = der_enter(list, DER_SEQUENCE);
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        out->has_name = true;
        good = read_point_name(&fields, &out->names);
    }
    if (der_is_next(&fields, DER_CONTEXT(1))) {
        (void)der_any(&fields); /* reasons */
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(2))) {
        out->has_issuer = der_any(&fields).content.length > 0;
    }
    list->failed |= !good || !der_done(&fields);
    return !list->failed;
}

static bool read_points(struct reader *value)
{
    struct reader list = der_enter(value, DER_SEQUENCE);
    struct point point;
    size_t count = 0;

    while (point_next(&list, &point)) {
        count++;
    }
    return der_done(&list) && count > 0;
}

static bool points_malformed(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    return cannot_be_read(lint, row, read_points, found);
}

static bool point_nowhere(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct reader list = der_enter(&value, DER_SEQUENCE);
    struct point point;

    while (point_next(&list, &point)) {
        if (!point.has_name && !point.has_issuer) {
            buffer_text(found, "a distribution point has neither a name nor an issuer");
            return true;
        }
    }
    return false;
}

static bool point_scheme(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct reader list = der_enter(&value, DER_SEQUENCE);
    struct point point;

    while (point_next(&list, &point)) {
        struct reader names = reader_new(point.names.data, point.names.length);
        struct general_name name;
        while (general_name_next(&names, &name)) {
            if (name.kind == NAME_URI && !has_http(name.content)) {
                buffer_text(found, "cRLDistributionPoints points to ");
                lint_quote(found, name.content);
                return true;
            }
        }
    }
    return false;
}

/* ---- SubjectDirectoryAttributes ::= SEQUENCE OF SEQUENCE { type, SET OF value } ---------- */

static bool read_attributes(struct reader *value)
{
    struct reader list = der_enter(value, DER_SEQUENCE);
    size_t count = 0;

    while (reader_left(&list) > 0) {
        struct reader fields = der_enter(&list, DER_SEQUENCE);
        (void)der_value(&fields, DER_OID);
        (void)der_value(&fields, DER_SET);
        list.failed |= !der_done(&fields);
        count++;
    }
    return der_done(&list) && count > 0;
}

static bool attributes_malformed(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    return cannot_be_read(lint, row, read_attributes, found);
}

/* ---- rows ------------------------------------------------------------------------------ */

#define AIA      .extension = X509_AUTHORITY_INFO_ACCESS
#define SIA      .extension = X509_SUBJECT_INFO_ACCESS
#define CRLDP    .extension = X509_CRL_DISTRIBUTION_POINTS
#define FRESHEST .extension = X509_FRESHEST_CRL
#define SDA      .extension = X509_SUBJECT_DIRECTORY_ATTRIBUTES

static const struct lint_row rows[] = {
    {"aia_critical", RFC5280("4.2.2.1"), PKI_LINT_MUST, LINT_ANY, lint_critical, AIA,
     "authorityInfoAccess is not critical"},
    {"aia_malformed", RFC5280("4.2.2.1"), PKI_LINT_MUST, LINT_ANY, access_malformed, AIA,
     "authorityInfoAccess is a list of methods and places, not empty"},
    {"aia_scheme", BR("7.1.2.7.7"), PKI_LINT_SHOULD, LINT_ANY, access_scheme, AIA,
     "OCSP responders and issuers are found by http"},
    {"aia_missing", BR("7.1.2.7.6"), PKI_LINT_SHOULD, LINT_SIGNED | LINT_SERVER, lint_missing, AIA,
     "authorityInfoAccess is present"},
    {"aia_without_issuer", BR("7.1.2.7.7"), PKI_LINT_SHOULD, LINT_SIGNED | LINT_SERVER,
     no_issuer_address, AIA, "authorityInfoAccess says where the issuer's certificate is"},
    {"sia_critical", RFC5280("4.2.2.2"), PKI_LINT_MUST, LINT_ANY, lint_critical, SIA,
     "subjectInfoAccess is not critical"},
    {"sia_malformed", RFC5280("4.2.2.2"), PKI_LINT_MUST, LINT_ANY, access_malformed, SIA,
     "subjectInfoAccess is a list of methods and places, not empty"},
    {"crl_points_critical", RFC5280("4.2.1.13"), PKI_LINT_SHOULD, LINT_ANY, lint_critical, CRLDP,
     "cRLDistributionPoints is not critical"},
    {"crl_points_malformed", RFC5280("4.2.1.13"), PKI_LINT_MUST, LINT_ANY, points_malformed, CRLDP,
     "cRLDistributionPoints is a list of distribution points, not empty"},
    {"crl_point_nowhere", RFC5280("4.2.1.13"), PKI_LINT_MUST, LINT_ANY, point_nowhere, CRLDP,
     "a distribution point has a distributionPoint or a cRLIssuer"},
    {"crl_points_scheme", BR("7.1.2.11.2"), PKI_LINT_SHOULD, LINT_ANY, point_scheme, CRLDP,
     "CRLs are found by http"},
    {"revocation_missing", BR("7.1.2.11.2"), PKI_LINT_SHOULD, LINT_SIGNED | LINT_SERVER,
     no_revocation, CRLDP, "a certificate says where its revocation can be looked up"},
    {"freshest_crl_critical", RFC5280("4.2.1.15"), PKI_LINT_MUST, LINT_ANY, lint_critical, FRESHEST,
     "freshestCRL is not critical"},
    {"freshest_crl_malformed", RFC5280("4.2.1.15"), PKI_LINT_MUST, LINT_ANY, points_malformed,
     FRESHEST, "freshestCRL is a list of distribution points, not empty"},
    {"directory_attributes_critical", RFC5280("4.2.1.8"), PKI_LINT_MUST, LINT_ANY, lint_critical,
     SDA, "subjectDirectoryAttributes is not critical"},
    {"directory_attributes_malformed", RFC5280("4.2.1.8"), PKI_LINT_MUST, LINT_ANY,
     attributes_malformed, SDA, "subjectDirectoryAttributes is a list of attributes, not empty"},
};
const struct lint_table lint_access = LINT_TABLE(rows);
