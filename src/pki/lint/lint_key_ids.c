/* authorityKeyIdentifier and subjectKeyIdentifier (RFC 5280 4.2.1.1, 4.2.1.2). */
#include "lint.h"

/* A certificate that signs itself may leave it out: it says who its issuer is anyway. */
static bool authority_missing(const struct lint *lint, const struct lint_row *row,
                              struct buffer *found)
{
    if (lint->self_issued && lint->place != PKI_INTERMEDIATE) {
        return false;
    }
    return lint_missing(lint, row, found);
}

static bool authority_without_key(const struct lint *lint, const struct lint_row *row,
                                  struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present || lint->x.authority_key_id.length > 0) {
        return false;
    }
    buffer_text(found, "authorityKeyIdentifier has no keyIdentifier");
    return true;
}

static bool authority_half_named(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    bool issuer = lint->x.authority_issuer.length > 0, serial = lint->x.authority_serial.length > 0;

    (void)row;
    if (issuer == serial) {
        return false;
    }
    buffer_printf(found, "authorityKeyIdentifier has %s alone",
                  issuer ? "authorityCertIssuer" : "authorityCertSerialNumber");
    return true;
}

static bool authority_named(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    bool issuer = lint->x.authority_issuer.length > 0, serial = lint->x.authority_serial.length > 0;

    (void)row;
    if (!issuer && !serial) {
        return false;
    }
    buffer_printf(found, "authorityKeyIdentifier has %s%s%s", issuer ? "authorityCertIssuer" : "",
                  issuer && serial ? " and " : "", serial ? "authorityCertSerialNumber" : "");
    return true;
}

static void append_ids(struct buffer *found, const char *what, struct pki_slice a,
                       const char *whose, struct pki_slice b)
{
    char hex[2][60];

    buffer_printf(found, "%s %s, %s %s", what, text_hex(hex[0], sizeof hex[0], a.data, a.length),
                  whose, text_hex(hex[1], sizeof hex[1], b.data, b.length));
}

static bool authority_is_another(const struct lint *lint, const struct lint_row *row,
                                 struct buffer *found)
{
    (void)row;
    if (!lint->has_issuer || lint->x.authority_key_id.length == 0 ||
        lint->issuer.subject_key_id.length == 0 ||
        slice_equal(lint->x.authority_key_id, lint->issuer.subject_key_id)) {
        return false;
    }
    append_ids(found, "the issuer's key is named", lint->x.authority_key_id, "it calls itself",
               lint->issuer.subject_key_id);
    return true;
}

static bool root_names_another(const struct lint *lint, const struct lint_row *row,
                               struct buffer *found)
{
    (void)row;
    if (!lint->self_issued || lint->x.authority_key_id.length == 0 ||
        slice_equal(lint->x.authority_key_id, lint->x.subject_key_id)) {
        return false;
    }
    append_ids(found, "the root's authorityKeyIdentifier is", lint->x.authority_key_id,
               "its subjectKeyIdentifier", lint->x.subject_key_id);
    return true;
}

static bool subject_empty(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present || lint->x.subject_key_id.length > 0) {
        return false;
    }
    buffer_text(found, "subjectKeyIdentifier is empty");
    return true;
}

#define AKI .extension = X509_AUTHORITY_KEY_ID
#define SKI .extension = X509_SUBJECT_KEY_ID

static const struct lint_row rows[] = {
    {"aki_missing", RFC5280("4.2.1.1"), PKI_LINT_MUST, LINT_ANY, authority_missing, AKI,
     "authorityKeyIdentifier is present, except in a self-signed certificate"},
    {"aki_critical", RFC5280("4.2.1.1"), PKI_LINT_MUST, LINT_ANY, lint_critical, AKI,
     "authorityKeyIdentifier is not critical"},
    {"aki_without_key_id", RFC5280("4.2.1.1"), PKI_LINT_MUST, LINT_ANY, authority_without_key, AKI,
     "authorityKeyIdentifier has a keyIdentifier"},
    {"aki_half_named", RFC5280("4.2.1.1"), PKI_LINT_MUST, LINT_ANY, authority_half_named, AKI,
     "authorityCertIssuer and authorityCertSerialNumber are both present or both absent"},
    {"aki_issuer_and_serial", BR("7.1.2.11.1"), PKI_LINT_MUST, LINT_ANY, authority_named, AKI,
     "authorityKeyIdentifier has neither authorityCertIssuer nor authorityCertSerialNumber"},
    {"aki_of_another_key", RFC5280("4.2.1.2"), PKI_LINT_SHOULD, LINT_SIGNED, authority_is_another,
     AKI, "authorityKeyIdentifier is the issuer's subjectKeyIdentifier"},
    {"aki_of_root_differs", BR("7.1.2.1.3"), PKI_LINT_MUST, LINT_ROOT, root_names_another, AKI,
     "a root's authorityKeyIdentifier, if there is one, is its own subjectKeyIdentifier"},
    {"ski_missing", RFC5280("4.2.1.2"), PKI_LINT_MUST, LINT_CA, lint_missing, SKI,
     "subjectKeyIdentifier is present in a CA certificate"},
    {"ski_missing_in_leaf", RFC5280("4.2.1.2"), PKI_LINT_NOTE, LINT_LEAF, lint_missing, SKI,
     "subjectKeyIdentifier is present in an end entity certificate (the CA/Browser Forum does "
     "without it)"},
    {"ski_critical", RFC5280("4.2.1.2"), PKI_LINT_MUST, LINT_ANY, lint_critical, SKI,
     "subjectKeyIdentifier is not critical"},
    {"ski_empty", RFC5280("4.2.1.2"), PKI_LINT_MUST, LINT_ANY, subject_empty, SKI,
     "subjectKeyIdentifier identifies a key: it is not empty"},
};
const struct lint_table lint_key_ids = LINT_TABLE(rows);
