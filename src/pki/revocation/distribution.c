/* Distribution points of CRLs and certificates. */
#include "distribution.h"

#include "../name.h"

/* More names or points than anyone gives; those beyond are not compared. */
#define NAMES_MAX  32
#define POINTS_MAX 64

/* ReasonFlags (4.2.1.13). */
static unsigned read_reasons(struct reader *fields, uint8_t tag)
{
    struct pki_slice bits = der_value(fields, tag).content;

    if (bits.length < 1 || bits.data[0] > 7) {
        fields->failed = true;
        return 0;
    }
    return der_named_bits(bits) & REASONS_ALL; /* bit 0 is unused */
}

/* DistributionPointName, a CHOICE in [0] of the structures around it. */
static void read_point_name(struct reader *fields, struct point_name *out)
{
    struct reader choice;

    if (!der_is_next(fields, DER_CONTEXT_SET(0))) {
        return;
    }
    choice = der_enter(fields, DER_CONTEXT_SET(0));
    out->present = true;
    if (der_is_next(&choice, DER_CONTEXT_SET(0))) {
        out->full = der_any(&choice).content;
    } else {
        out->relative = der_value(&choice, DER_CONTEXT_SET(1)).content;
    }
    fields->failed |= !der_done(&choice);
}

/* A BOOLEAN DEFAULT FALSE with a context tag. */
static bool read_flag(struct reader *fields, unsigned number)
{
    struct pki_slice content;

    if (!der_is_next(fields, DER_CONTEXT(number))) {
        return false;
    }
    content = der_any(fields).content;
    fields->failed |= content.length != 1;
    return content.length == 1 && content.data[0] != 0;
}

void issuing_point_read(struct issuing_point *out, struct reader *value)
{
    struct reader fields;

    out->present = true;
    out->value = (struct pki_slice){value->data, value->length};
    out->reasons = REASONS_ALL;
    fields = der_enter(value, DER_SEQUENCE);
    read_point_name(&fields, &out->name);
    out->only_user = read_flag(&fields, 1);
    out->only_ca = read_flag(&fields, 2);
    if (der_is_next(&fields, DER_CONTEXT(3))) {
        out->reasons = read_reasons(&fields, DER_CONTEXT(3));
    }
    out->indirect = read_flag(&fields, 4);
    out->only_attribute = read_flag(&fields, 5);
    value->failed |= !der_done(&fields) || !der_done(value);
}

/* ---- names ----------------------------------------------------------------------------- */

/* A Name with one RDN more (4.2.1.13: nameRelativeToCRLIssuer). */
static void append_header(struct buffer *out, uint8_t tag, size_t length)
{
    buffer_u8(out, tag);
    if (length < 0x80) {
        buffer_u8(out, (uint8_t)length);
    } else if (length <= UINT16_MAX) {
        buffer_u8(out, 0x82);
        buffer_u16(out, (uint16_t)length);
    } else {
        buffer_u8(out, 0x84);
        buffer_u32(out, (uint32_t)length);
    }
}

static void append_relative_name(struct buffer *out, struct pki_slice base, struct pki_slice rdn)
{
    struct reader whole = reader_new(base.data, base.length);
    struct pki_slice rdns = der_value(&whole, DER_SEQUENCE).content;
    struct buffer last = {0};

    append_header(&last, DER_SET, rdn.length);
    buffer_append(&last, rdn.data, rdn.length);
    append_header(out, DER_SEQUENCE, rdns.length + last.length);
    buffer_append(out, rdns.data, rdns.length);
    buffer_append(out, last.data, last.length);
    out->failed |= last.failed;
    buffer_free(&last);
}

/* Does a list of GeneralNames hold this directory name? */
static bool holds_directory(struct pki_slice names, struct pki_slice directory, bool *failed)
{
    struct reader list = reader_new(names.data, names.length);
    struct general_name name;

    for (size_t i = 0; i < NAMES_MAX && general_name_next(&list, &name); i++) {
        if (name.kind == NAME_DIRECTORY && name_equal(name.content, directory, failed)) {
            return true;
        }
    }
    return false;
}

static bool lists_meet(struct pki_slice a, struct pki_slice b, bool *failed)
{
    struct reader list = reader_new(a.data, a.length);
    struct general_name name, other;

    for (size_t i = 0; i < NAMES_MAX && general_name_next(&list, &name); i++) {
        struct reader others = reader_new(b.data, b.length);
        if (name.kind == NAME_DIRECTORY) {
            if (holds_directory(b, name.content, failed)) {
                return true;
            }
            continue;
        }
        for (size_t j = 0; j < NAMES_MAX && general_name_next(&others, &other); j++) {
            if (other.kind == name.kind && slice_equal(other.content, name.content)) {
                return true;
            }
        }
    }
    return false;
}

/* The name of a point in full: relative ones take `base` before them. */
static struct pki_slice full_directory(struct buffer *scratch, const struct point_name *name,
                                       struct pki_slice base)
{
    append_relative_name(scratch, base, name->relative);
    return (struct pki_slice){scratch->data, scratch->length};
}

/* Do the two mean the same point? Each relative name is relative to the issuer of the CRL. */
static bool names_meet(const struct point_name *a, struct pki_slice a_base,
                       const struct point_name *b, struct pki_slice b_base, bool *failed)
{
    struct buffer scratch_a = {0}, scratch_b = {0};
    bool meet;

    if (a->relative.length > 0 && b->relative.length > 0) {
        meet = name_equal(full_directory(&scratch_a, a, a_base),
                          full_directory(&scratch_b, b, b_base), failed);
    } else if (a->relative.length > 0) {
        meet = holds_directory(b->full, full_directory(&scratch_a, a, a_base), failed);
    } else if (b->relative.length > 0) {
        meet = holds_directory(a->full, full_directory(&scratch_b, b, b_base), failed);
    } else {
        meet = lists_meet(a->full, b->full, failed);
    }
    *failed |= scratch_a.failed || scratch_b.failed;
    buffer_free(&scratch_a);
    buffer_free(&scratch_b);
    return meet;
}

/* ---- 6.3.3 (b) --------------------------------------------------------------------------- */

/* One DistributionPoint of a certificate. */
struct point {
    struct point_name name;
    struct pki_slice crl_issuer; /* GeneralName values; empty */
    unsigned reasons;
};

static bool point_next(struct reader *list, struct point *out)
{
    struct reader fields;

    if (reader_left(list) == 0) {
        return false;
    }
    *out = (struct point){.reasons = REASONS_ALL};
    fields = der_enter(list, DER_SEQUENCE);
    read_point_name(&fields, &out->name);
    if (der_is_next(&fields, DER_CONTEXT(1))) {
        out->reasons = read_reasons(&fields, DER_CONTEXT(1));
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(2))) {
        out->crl_issuer = der_any(&fields).content;
    }
    list->failed |= !der_done(&fields);
    return !list->failed;
}

/* (b)(2)(ii) to (iv). Version 1 certificates have no basicConstraints and count as those of users. */
static bool speaks_of_kind(const struct issuing_point *point, const struct x509 *certificate)
{
    return !point->only_attribute && !(point->only_user && certificate->is_ca) &&
           !(point->only_ca && !certificate->is_ca);
}

/* (b)(1) and (b)(2)(i) for one distribution point. */
static bool point_fits(const struct crl_scope *scope, const struct point *point,
                       struct pki_slice issuer, bool is_issuer, bool *failed)
{
    struct pki_slice base = issuer;

    if (point->crl_issuer.length > 0) {
        if (!scope->point.indirect || !holds_directory(point->crl_issuer, scope->issuer, failed)) {
            return false;
        }
        base = scope->issuer;
    } else if (!is_issuer) {
        return false;
    }
    if (!scope->point.name.present) {
        return true;
    }
    if (!point->name.present) {
        const struct point_name issuer_names = {.present = true, .full = point->crl_issuer};
        return names_meet(&scope->point.name, scope->issuer, &issuer_names, base, failed);
    }
    return names_meet(&scope->point.name, scope->issuer, &point->name, base, failed);
}

/* The point that is taken for granted (6.3.3, last paragraph): of the certificate's issuer, under its name. */
static bool granted_point_fits(const struct crl_scope *scope, struct pki_slice issuer, bool *failed)
{
    struct buffer scratch = {0};
    bool fits;

    if (!scope->point.name.present) {
        return true;
    }
    if (scope->point.name.relative.length > 0) {
        fits =
            name_equal(full_directory(&scratch, &scope->point.name, scope->issuer), issuer, failed);
        *failed |= scratch.failed;
        buffer_free(&scratch);
        return fits;
    }
    return holds_directory(scope->point.name.full, issuer, failed);
}

unsigned scope_reasons(const struct crl_scope *scope, const struct x509 *certificate,
                       uint64_t issuer_hash, bool *failed)
{
    bool is_issuer =
        scope->issuer_hash == issuer_hash && name_equal(scope->issuer, certificate->issuer, failed);
    struct pki_slice value = certificate->extension[X509_CRL_DISTRIBUTION_POINTS].value;
    struct reader whole = reader_new(value.data, value.length);
    struct reader list;
    struct point point;
    unsigned reasons = 0;

    if (!(is_issuer || scope->point.indirect) || !speaks_of_kind(&scope->point, certificate)) {
        return 0;
    }
    if (value.length > 0) {
        list = der_enter(&whole, DER_SEQUENCE);
        for (size_t i = 0; i < POINTS_MAX && point_next(&list, &point); i++) {
            if (point_fits(scope, &point, certificate->issuer, is_issuer, failed)) {
                reasons |= point.reasons;
            }
        }
    }
    if (is_issuer && granted_point_fits(scope, certificate->issuer, failed)) {
        reasons = REASONS_ALL;
    }
    return reasons & (scope->point.present ? scope->point.reasons : REASONS_ALL);
}
