/* PKCS#7: the certificates and CRLs of signed data (RFC 5652 5.1), in BER. */
#include "pkcs7.h"

#define PKCS7       "\x2a\x86\x48\x86\xf7\x0d\x01\x07" /* 1.2.840.113549.1.7 */
#define SIGNED_DATA PKCS7 "\x02"

static const struct {
    struct pki_slice oid;
    const char *name;
} contents[] = {
    {OID(PKCS7 "\x01"), "it is PKCS#7 that holds data, not certificates"},
    {OID(PKCS7 "\x03"), "it is PKCS#7 that holds an encrypted message"},
    {OID(PKCS7 "\x04"), "it is PKCS#7 that holds an encrypted message"},
    {OID(PKCS7 "\x05"), "it is PKCS#7 that holds a digest"},
    {OID(PKCS7 "\x06"), "it is PKCS#7 that holds encrypted data"},
};

static const char *why_not(struct pki_slice type)
{
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        if (slice_equal(contents[i].oid, type)) {
            return contents[i].name;
        }
    }
    return "it is PKCS#7 of an unknown kind";
}

/* A set that is there or not. */
static struct reader optional_set(struct reader *fields, uint8_t tag)
{
    return der_is_next(fields, tag) ? ber_enter(fields, tag) : reader_new(NULL, 0);
}

bool pkcs7_read(struct pki_slice bytes, struct pkcs7 *out, const char **why)
{
    struct reader whole = reader_new(bytes.data, bytes.length);
    struct reader info = ber_enter(&whole, DER_SEQUENCE);
    struct reader wrapped, fields;
    struct der type, skipped;

    *out = (struct pkcs7){0};
    *why = "its PKCS#7 cannot be read";
    if (info.failed || !ber_next(&info, &type)) {
        return false;
    }
    if (!slice_is(type.content, SIGNED_DATA)) {
        *why = why_not(type.content);
        return false;
    }
    wrapped = ber_enter(&info, DER_CONTEXT_SET(0));
    fields = ber_enter(&wrapped, DER_SEQUENCE);
    (void)ber_next(&fields, &skipped); /* version */
    (void)ber_next(&fields, &skipped); /* digestAlgorithms */
    (void)ber_next(&fields, &skipped); /* contentInfo, whatever was signed */
    if (fields.failed) {
        return false;
    }
    out->certificates = optional_set(&fields, DER_CONTEXT_SET(0));
    out->crls = optional_set(&fields, DER_CONTEXT_SET(1));
    return !fields.failed;
}

bool pkcs7_next(struct reader *list, struct pki_slice *out, size_t *others)
{
    struct der value;

    while (reader_left(list) > 0 && ber_next(list, &value)) {
        if (value.tag == DER_SEQUENCE) {
            *out = value.whole;
            return true;
        }
        (*others)++;
    }
    return false;
}
