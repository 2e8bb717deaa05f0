/* Signature algorithms with the parameters of RSASSA-PSS (RFC 4055 3.1), and signatures. */
#include "text.h"

#define SIGNATURE_WIDTH 18

#define OID_PSS  "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_MGF1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"

/* RSASSA-PSS-params, as they stand there: objects, not algorithms that somebody knows. */
struct pss {
    struct pki_slice hash, mask, mask_hash; /* object identifiers; empty: the default */
    struct pki_slice salt_length, trailer;  /* INTEGERs; empty: the default */
};

static struct pki_slice algorithm_oid(struct reader *reader, struct reader *parameters)
{
    struct reader algorithm = der_enter(reader, DER_SEQUENCE);
    struct pki_slice oid = der_value(&algorithm, DER_OID).content;

    reader->failed |= algorithm.failed;
    if (parameters != NULL) {
        *parameters = algorithm;
    }
    return oid;
}

static bool read_pss(struct pki_slice parameters, struct pss *out)
{
    struct reader whole = reader_new(parameters.data, parameters.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE), field, inner;

    *out = (struct pss){0};
    if (der_is_next(&fields, DER_CONTEXT_SET(0))) {
        field = der_enter(&fields, DER_CONTEXT_SET(0));
        out->hash = algorithm_oid(&field, NULL);
        fields.failed |= field.failed;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        field = der_enter(&fields, DER_CONTEXT_SET(1));
        out->mask = algorithm_oid(&field, &inner);
        if (slice_is(out->mask, OID_MGF1)) {
            out->mask_hash = algorithm_oid(&inner, NULL);
        }
        fields.failed |= field.failed;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(2))) {
        field = der_enter(&fields, DER_CONTEXT_SET(2));
        out->salt_length = der_value(&field, DER_INTEGER).content;
        fields.failed |= field.failed;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(3))) {
        field = der_enter(&fields, DER_CONTEXT_SET(3));
        out->trailer = der_value(&field, DER_INTEGER).content;
        fields.failed |= field.failed;
    }
    return der_done(&fields);
}

static void show_hexadecimal(struct buffer *out, const char *label, struct pki_slice number,
                             const char *otherwise)
{
    buffer_printf(out, "%8s%s: 0x", "", label);
    if (number.length > 0) {
        show_integer_hex(out, number);
    } else {
        buffer_printf(out, "%s (default)", otherwise);
    }
    buffer_u8(out, '\n');
}

static void show_pss(struct buffer *out, struct pki_slice parameters)
{
    struct pss pss;

    show_indent(out, TEXT_FIELD);
    if (!read_pss(parameters, &pss)) {
        buffer_text(out, "(INVALID PSS PARAMETERS)\n");
        return;
    }
    buffer_printf(out, "\n%8sHash Algorithm: ", "");
    if (pss.hash.length > 0) {
        show_object(out, pss.hash);
    } else {
        buffer_text(out, "sha1 (default)");
    }
    buffer_printf(out, "\n%8sMask Algorithm: ", "");
    if (pss.mask.length > 0) {
        show_object(out, pss.mask);
        buffer_text(out, " with ");
        if (pss.mask_hash.length > 0) {
            show_object(out, pss.mask_hash);
        } else {
            buffer_text(out, "INVALID");
        }
    } else {
        buffer_text(out, "mgf1 with sha1 (default)");
    }
    buffer_u8(out, '\n');
    show_hexadecimal(out, " Salt Length", pss.salt_length, "14");
    show_hexadecimal(out, "Trailer Field", pss.trailer, "01");
}

/* The signature algorithms with DSA (RFC 3279 2.2.2, RFC 5758 3.1), whose signatures are shown as their two numbers. */
static bool is_dsa(struct pki_slice oid)
{
    return slice_is(oid, "\x2a\x86\x48\xce\x38\x04\x03") || /* with SHA-1 */
           slice_is(oid, "\x60\x86\x48\x01\x65\x03\x04\x03\x01") ||
           slice_is(oid, "\x60\x86\x48\x01\x65\x03\x04\x03\x02") ||
           slice_is(oid, "\x60\x86\x48\x01\x65\x03\x04\x03\x03") ||
           slice_is(oid, "\x60\x86\x48\x01\x65\x03\x04\x03\x04");
}

/* Dss-Sig-Value ::= SEQUENCE { r, s } */
static bool show_dsa_numbers(struct buffer *out, struct pki_slice signature)
{
    struct reader whole = reader_new(signature.data, signature.length);
    struct reader numbers = der_enter(&whole, DER_SEQUENCE);
    struct pki_slice r = der_value(&numbers, DER_INTEGER).content;
    struct pki_slice s = der_value(&numbers, DER_INTEGER).content;

    if (!der_done(&numbers) || !der_done(&whole)) {
        return false;
    }
    show_number(out, TEXT_FIELD, "r:   ", r);
    show_number(out, TEXT_FIELD, "s:   ", s);
    return true;
}

/* AlgorithmIdentifier, as far as it can be read. */
static struct pki_slice read_algorithm(struct pki_slice whole, struct pki_slice *parameters)
{
    struct reader reader = reader_new(whole.data, whole.length), algorithm;
    struct pki_slice oid = algorithm_oid(&reader, &algorithm);

    *parameters = (struct pki_slice){0};
    if (reader_left(&algorithm) > 0) {
        *parameters = der_any(&algorithm).whole;
    }
    return oid;
}

static void show_parameters(struct buffer *out, struct pki_slice oid, struct pki_slice parameters)
{
    if (slice_is(oid, OID_PSS)) {
        show_pss(out, parameters);
    } else {
        buffer_u8(out, '\n');
    }
}

void show_signature_algorithm(struct buffer *out, struct pki_slice algorithm)
{
    struct pki_slice parameters, oid = read_algorithm(algorithm, &parameters);

    buffer_printf(out, "%8sSignature Algorithm: ", "");
    show_object(out, oid);
    show_parameters(out, oid, parameters);
}

void show_signature(struct buffer *out, struct pki_slice algorithm, struct pki_slice signature)
{
    struct pki_slice parameters, oid = read_algorithm(algorithm, &parameters);

    buffer_printf(out, "%4sSignature Algorithm: ", "");
    show_object(out, oid);
    buffer_printf(out, "\n%4sSignature Value:", "");
    show_parameters(out, oid, parameters);
    if (!is_dsa(oid) || !show_dsa_numbers(out, signature)) {
        show_bytes(out, signature, TEXT_FIELD, SIGNATURE_WIDTH);
    }
}
