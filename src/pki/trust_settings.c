/*
 * What a TRUSTED CERTIFICATE of OpenSSL says behind the certificate:
 *
 *   CertAux ::= SEQUENCE { trust SEQUENCE OF OBJECT IDENTIFIER OPTIONAL, reject [0] SEQUENCE OF OBJECT IDENTIFIER OPTIONAL,
 *                          alias UTF8String OPTIONAL, keyid OCTET STRING OPTIONAL, other [1] SEQUENCE OF AlgorithmIdentifier OPTIONAL }
 */
#include "trust.h"

static uint8_t purpose_of(struct pki_slice oid)
{
    if (slice_is(oid, PURPOSE_SERVER_AUTH)) {
        return TRUST_SERVER;
    }
    if (slice_is(oid, PURPOSE_CLIENT_AUTH)) {
        return TRUST_CLIENT;
    }
    return slice_is(oid, PURPOSE_ANY) ? TRUST_ANY : TRUST_OTHER;
}

static uint8_t read_purposes(struct reader *fields, uint8_t tag)
{
    struct reader list = der_enter(fields, tag);
    uint8_t purposes = 0;

    while (!list.failed && reader_left(&list) > 0) {
        purposes |= purpose_of(der_value(&list, DER_OID).content);
    }
    fields->failed |= list.failed;
    return purposes;
}

bool trust_settings_read(struct pki_slice bytes, struct trust_settings *out)
{
    struct reader reader = reader_new(bytes.data, bytes.length);
    struct reader fields;

    *out = (struct trust_settings){0};
    if (bytes.length == 0) {
        return true; /* as `openssl x509 -trustout` writes it when nothing was set */
    }
    fields = der_enter(&reader, DER_SEQUENCE);
    if (der_is_next(&fields, DER_SEQUENCE)) {
        out->trusted = read_purposes(&fields, DER_SEQUENCE);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        out->rejected = read_purposes(&fields, DER_CONTEXT_SET(0));
    }
    if (der_is_next(&fields, DER_UTF8_STRING)) {
        (void)der_any(&fields);
    }
    if (der_is_next(&fields, DER_OCTET_STRING)) {
        (void)der_any(&fields);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        (void)der_any(&fields);
    }
    return der_done(&fields) && der_done(&reader);
}

enum trust_verdict trust_verdict(const struct pki_trust *trust, size_t index,
                                 enum pki_purpose purpose)
{
    static const uint8_t asked[] = {
        [PKI_PURPOSE_SERVER] = TRUST_SERVER | TRUST_ANY,
        [PKI_PURPOSE_CLIENT] = TRUST_CLIENT | TRUST_ANY,
        [PKI_PURPOSE_ANY] = TRUST_ANY,
    };
    const struct trust_settings *settings = &trust->anchors[index].settings;

    if ((settings->rejected & asked[purpose]) != 0) {
        return TRUST_FORBIDDEN;
    }
    if ((settings->trusted & asked[purpose]) != 0) {
        return TRUST_EXPLICIT;
    }
    return settings->trusted == 0 ? TRUST_USUAL : TRUST_FORBIDDEN;
}
