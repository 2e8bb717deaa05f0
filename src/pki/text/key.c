/* SubjectPublicKeyInfo (RFC 5280 4.1.2.7): RSA and RSA-PSS (RFC 4055), DSA (RFC 3279), EC (RFC 5480), Edwards and Montgomery curves (RFC 8410). */
#include "../algorithms.h"
#include "text.h"

#define KEY_WIDTH 15

static void line(struct buffer *out, unsigned indent, const char *text)
{
    show_indent(out, indent);
    buffer_text(out, text);
    buffer_u8(out, '\n');
}

static void key_bytes(struct buffer *out, const char *label, struct pki_slice bytes)
{
    line(out, TEXT_VALUE, label);
    show_bytes(out, bytes, TEXT_VALUE + 4, KEY_WIDTH);
}

static void key_size(struct buffer *out, unsigned bits)
{
    show_indent(out, TEXT_VALUE);
    buffer_printf(out, "Public-Key: (%u bit)\n", bits);
}

/* ---- RSA ------------------------------------------------------------------------------------- */

static const char *digest_name(gnutls_digest_algorithm_t digest)
{
    static const struct {
        gnutls_digest_algorithm_t digest;
        const char *name;
    } names[] = {
        {GNUTLS_DIG_SHA1, "SHA1"},       {GNUTLS_DIG_SHA224, "SHA2-224"},
        {GNUTLS_DIG_SHA256, "SHA2-256"}, {GNUTLS_DIG_SHA384, "SHA2-384"},
        {GNUTLS_DIG_SHA512, "SHA2-512"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].digest == digest) {
            return names[i].name;
        }
    }
    return "unknown";
}

static const char *if_default(bool is_default)
{
    return is_default ? " (default)" : "";
}

static void show_restrictions(struct buffer *out, struct pki_slice parameters)
{
    struct pss_parameters pss;
    bool sha1;

    if (parameters.length == 0) {
        line(out, TEXT_VALUE, "No PSS parameter restrictions");
        return;
    }
    if (!pss_parameters_read(parameters, &pss)) {
        line(out, TEXT_VALUE, "(INVALID PSS PARAMETERS)");
        return;
    }
    sha1 = pss.hash == GNUTLS_DIG_SHA1;
    line(out, TEXT_VALUE, "PSS parameter restrictions:");
    show_indent(out, TEXT_VALUE);
    buffer_printf(out, "  Hash Algorithm: %s%s\n", digest_name(pss.hash), if_default(sha1));
    show_indent(out, TEXT_VALUE);
    buffer_printf(out, "  Mask Algorithm: MGF1 with %s%s\n", digest_name(pss.mask_hash),
                  if_default(pss.mask_hash == GNUTLS_DIG_SHA1));
    show_indent(out, TEXT_VALUE);
    buffer_printf(out, "  Minimum Salt Length: %u%s\n", pss.salt_length,
                  if_default(pss.salt_length == 20));
    line(out, TEXT_VALUE, "  Trailer Field: 0x1 (default)");
}

/* RSAPublicKey ::= SEQUENCE { modulus, publicExponent } */
static bool show_rsa(struct buffer *out, const struct x509 *x)
{
    struct reader key = reader_new(x->key.data, x->key.length);
    struct reader numbers = der_enter(&key, DER_SEQUENCE);
    struct pki_slice modulus = der_value(&numbers, DER_INTEGER).content;
    struct pki_slice exponent = der_value(&numbers, DER_INTEGER).content;

    if (!der_done(&numbers)) {
        return false;
    }
    key_size(out, der_integer_bits(modulus));
    show_number(out, TEXT_VALUE, "Modulus:", modulus);
    show_number(out, TEXT_VALUE, "Exponent:", exponent);
    return true;
}

static bool show_rsa_pss(struct buffer *out, const struct x509 *x)
{
    if (!show_rsa(out, x)) {
        return false;
    }
    show_restrictions(out, x->key_parameters);
    return true;
}

/* ---- DSA ------------------------------------------------------------------------------------- */

/* Dss-Parms ::= SEQUENCE { p, q, g }; they may be inherited from the issuer. */
static bool show_dsa(struct buffer *out, const struct x509 *x)
{
    struct reader key = reader_new(x->key.data, x->key.length);
    struct reader parameters = reader_new(x->key_parameters.data, x->key_parameters.length);
    struct pki_slice number = der_value(&key, DER_INTEGER).content;
    struct reader numbers = der_enter(&parameters, DER_SEQUENCE);
    struct pki_slice p = der_value(&numbers, DER_INTEGER).content;
    struct pki_slice q = der_value(&numbers, DER_INTEGER).content;
    struct pki_slice g = der_value(&numbers, DER_INTEGER).content;

    if (!der_done(&key) || !der_done(&numbers)) {
        return false;
    }
    key_size(out, der_integer_bits(p));
    show_number(out, TEXT_VALUE, "pub: ", number);
    show_number(out, TEXT_VALUE, "P:   ", p);
    show_number(out, TEXT_VALUE, "Q:   ", q);
    show_number(out, TEXT_VALUE, "G:   ", g);
    return true;
}

/* ---- EC -------------------------------------------------------------------------------------- */

/* ECParameters of X9.62 (RFC 3279 2.3.5), which RFC 5480 forbids. */
struct explicit_curve {
    struct pki_slice field; /* object identifier */
    struct pki_slice prime; /* of a prime field */
    struct pki_slice a, b, seed, base, order, cofactor;
};

#define PRIME_FIELD "\x2a\x86\x48\xce\x3d\x01\x01"

static bool read_explicit(struct pki_slice parameters, struct explicit_curve *out)
{
    struct reader whole = reader_new(parameters.data, parameters.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);
    struct reader field, curve;

    *out = (struct explicit_curve){0};
    (void)der_small_number(&fields); /* version */
    field = der_enter(&fields, DER_SEQUENCE);
    out->field = der_value(&field, DER_OID).content;
    if (slice_is(out->field, PRIME_FIELD)) {
        out->prime = der_value(&field, DER_INTEGER).content;
    } else {
        (void)der_any(&field); /* trinomial or pentanomial */
    }
    curve = der_enter(&fields, DER_SEQUENCE);
    out->a = der_value(&curve, DER_OCTET_STRING).content;
    out->b = der_value(&curve, DER_OCTET_STRING).content;
    if (der_is_next(&curve, DER_BIT_STRING)) {
        out->seed = der_bit_string(&curve);
    }
    out->base = der_value(&fields, DER_OCTET_STRING).content;
    out->order = der_value(&fields, DER_INTEGER).content;
    if (der_is_next(&fields, DER_INTEGER)) {
        out->cofactor = der_value(&fields, DER_INTEGER).content;
    }
    return !field.failed && der_done(&curve) && !fields.failed && out->base.length > 0;
}

static const char *generator_label(uint8_t form)
{
    return form == 4   ? "Generator (uncompressed):"
           : form <= 3 ? "Generator (compressed):"
                       : "Generator (hybrid):";
}

static void show_explicit(struct buffer *out, const struct explicit_curve *curve)
{
    bool prime = curve->prime.length > 0;

    line(out, TEXT_VALUE,
         prime ? "Field Type: prime-field" : "Field Type: characteristic-two-field");
    if (prime) {
        show_number(out, TEXT_VALUE, "Prime:", curve->prime);
    }
    show_number(out, TEXT_VALUE, "A:   ", curve->a);
    show_number(out, TEXT_VALUE, "B:   ", curve->b);
    key_bytes(out, generator_label(curve->base.data[0]), curve->base);
    show_number(out, TEXT_VALUE, "Order: ", curve->order);
    if (curve->cofactor.length > 0) {
        show_number(out, TEXT_VALUE, "Cofactor: ", curve->cofactor);
    }
    if (curve->seed.length > 0) {
        key_bytes(out, "Seed:", curve->seed);
    }
}

static void show_curve(struct buffer *out, const struct text_curve *curve)
{
    show_indent(out, TEXT_VALUE);
    buffer_printf(out, "ASN1 OID: %s\n", curve->name);
    if (curve->nist != NULL) {
        show_indent(out, TEXT_VALUE);
        buffer_printf(out, "NIST CURVE: %s\n", curve->nist);
    }
}

static bool show_ec(struct buffer *out, const struct x509 *x)
{
    struct reader parameters = reader_new(x->key_parameters.data, x->key_parameters.length);
    const struct text_curve *curve;
    struct explicit_curve own;

    if (der_is_next(&parameters, DER_OID)) {
        curve = text_curve_find(der_any(&parameters).content);
        if (curve == NULL) {
            return false;
        }
        key_size(out, curve->bits);
        key_bytes(out, "pub:", x->key);
        show_curve(out, curve);
        return true;
    }
    if (!read_explicit(x->key_parameters, &own)) {
        return false;
    }
    key_size(out, der_integer_bits(own.order));
    key_bytes(out, "pub:", x->key);
    show_explicit(out, &own);
    return true;
}

/* ---- Edwards and Montgomery curves -------------------------------------------------------------- */

static bool show_point(struct buffer *out, const struct x509 *x, const char *title, size_t length)
{
    if (x->key.length != length || x->key_parameters.length > 0) {
        return false;
    }
    line(out, TEXT_VALUE, title);
    key_bytes(out, "pub:", x->key);
    return true;
}

static bool show_x25519(struct buffer *out, const struct x509 *x)
{
    return show_point(out, x, "X25519 Public-Key:", 32);
}

static bool show_x448(struct buffer *out, const struct x509 *x)
{
    return show_point(out, x, "X448 Public-Key:", 56);
}

static bool show_ed25519(struct buffer *out, const struct x509 *x)
{
    return show_point(out, x, "ED25519 Public-Key:", 32);
}

static bool show_ed448(struct buffer *out, const struct x509 *x)
{
    return show_point(out, x, "ED448 Public-Key:", 57);
}

/* ---- all ---------------------------------------------------------------------------------------- */

#define KIND(oid, show) \
    {                   \
        OID(oid), show  \
    }
static const struct {
    struct pki_slice oid;
    bool (*show)(struct buffer *out, const struct x509 *x); /* false: cannot be read */
} kinds[] = {
    KIND("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", show_rsa),
    KIND("\x55\x08\x01\x01", show_rsa),
    KIND("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", show_rsa_pss),
    KIND("\x2a\x86\x48\xce\x38\x04\x01", show_dsa),
    KIND("\x2a\x86\x48\xce\x3d\x02\x01", show_ec),
    KIND("\x2b\x65\x6e", show_x25519),
    KIND("\x2b\x65\x6f", show_x448),
    KIND("\x2b\x65\x70", show_ed25519),
    KIND("\x2b\x65\x71", show_ed448),
};

void show_key(struct buffer *out, const struct x509 *x)
{
    buffer_printf(out, "%8sSubject Public Key Info:\n%12sPublic Key Algorithm: ", "", "");
    show_object(out, x->key_algorithm);
    buffer_u8(out, '\n');
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (slice_equal(x->key_algorithm, kinds[i].oid) && kinds[i].show(out, x)) {
            return;
        }
    }
    buffer_printf(out, "%12sUnable to load Public Key\n", "");
}
