/* Signed bytes that are no certificate. */
#include "signed.h"

void signed_read(struct reader *fields, struct signed_bytes *out)
{
    struct der algorithm;
    struct reader inner;

    out->content = der_value(fields, DER_SEQUENCE).whole;
    algorithm = der_value(fields, DER_SEQUENCE);
    out->algorithm = algorithm.whole;
    inner = reader_new(algorithm.content.data, algorithm.content.length);
    out->algorithm_oid = der_value(&inner, DER_OID).content;
    if (reader_left(&inner) > 0) {
        out->parameters = der_any(&inner).whole;
    }
    out->signature = der_bit_string(fields);
    fields->failed |= !der_done(&inner);
}

enum signature_state signed_check(const struct signed_bytes *bytes, const struct x509 *issuer)
{
    /* What signature_check() looks at of a certificate. That the algorithm inside is the one outside is for those
     * to say who have one inside. */
    const struct x509 as_certificate = {
        .tbs = bytes->content,
        .inner_algorithm = bytes->algorithm,
        .outer_algorithm = bytes->algorithm,
        .signature_algorithm = bytes->algorithm_oid,
        .signature_parameters = bytes->parameters,
        .signature = bytes->signature,
    };

    return signature_check(&as_certificate, issuer);
}

bool signed_extension_next(struct reader *list, struct signed_extension *out)
{
    struct x509_extension extension;

    if (!x509_extension_next(list, &out->oid, &extension)) {
        return false;
    }
    out->critical = extension.critical;
    out->value = reader_new(extension.value.data, extension.value.length);
    return true;
}
