/* Walks through the lists in a certificate's extensions, and the questions that they answer. */
#include "x509.h"

/* ---- key purposes (RFC 5280 4.2.1.12) ---------------------------------------------------- */

bool x509_has_purpose(const struct x509 *certificate, struct pki_slice oid)
{
    struct reader purposes =
        reader_new(certificate->key_purposes.data, certificate->key_purposes.length);

    while (reader_left(&purposes) > 0) {
        if (slice_equal(der_value(&purposes, DER_OID).content, oid)) {
            return true;
        }
    }
    return false;
}

/* ---- names (4.2.1.6) --------------------------------------------------------------------- */

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

bool x509_has_name(const struct x509 *certificate, enum general_name_kind kind)
{
    struct reader names =
        reader_new(certificate->subject_alt_name.data, certificate->subject_alt_name.length);
    struct general_name name;

    while (general_name_next(&names, &name)) {
        if (name.kind == kind) {
            return true;
        }
    }
    return false;
}

/* ---- policies (4.2.1.4, 4.2.1.5) --------------------------------------------------------- */

bool policy_next(struct reader *policies, struct pki_slice *policy)
{
    struct reader information;

    if (reader_left(policies) == 0) {
        return false;
    }
    information = der_enter(policies, DER_SEQUENCE);
    *policy = der_value(&information, DER_OID).content;
    policies->failed |= information.failed;
    return !policies->failed;
}

bool policy_mapping_next(struct reader *mappings, struct pki_slice *issuer,
                         struct pki_slice *subject)
{
    struct reader pair;

    if (reader_left(mappings) == 0) {
        return false;
    }
    pair = der_enter(mappings, DER_SEQUENCE);
    *issuer = der_value(&pair, DER_OID).content;
    *subject = der_value(&pair, DER_OID).content;
    mappings->failed |= !der_done(&pair);
    return !mappings->failed;
}

/* ---- TLS features (RFC 7633 4) ----------------------------------------------------------- */

/* status_request and its number (RFC 7633 6). */
#define FEATURE_STATUS_REQUEST 5

bool x509_demands_staple(const struct x509 *certificate)
{
    struct pki_slice value = certificate->extension[X509_TLS_FEATURE].value;
    struct reader whole = reader_new(value.data, value.length);
    struct reader features = der_enter(&whole, DER_SEQUENCE);

    while (reader_left(&features) > 0) {
        if (der_small_number(&features) == FEATURE_STATUS_REQUEST) {
            return !features.failed;
        }
    }
    return false;
}
