/* The extensions of a certificate: which function shows which, and those that are a line. */
#include "text.h"

/* ---- values that are a line ------------------------------------------------------------------- */

static void start(struct buffer *out)
{
    show_indent(out, TEXT_VALUE);
}

/* BasicConstraints (RFC 5280 4.2.1.9). */
static bool show_basic_constraints(struct buffer *out, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);
    bool ca = false;

    if (der_is_next(&fields, DER_BOOLEAN)) {
        ca = der_boolean(&fields);
    }
    start(out);
    buffer_text(out, ca ? "CA:TRUE" : "CA:FALSE");
    if (der_is_next(&fields, DER_INTEGER)) {
        buffer_text(out, ", pathlen:");
        show_integer(out, der_any(&fields).content);
    }
    return der_done(&fields);
}

static bool show_bits(struct buffer *out, struct reader *value, const char *const *names)
{
    start(out);
    return show_bit_names(out, der_value(value, DER_BIT_STRING).content, names) > 0;
}

static bool show_key_usage(struct buffer *out, struct reader *value)
{
    static const char *const names[] = {
        "Digital Signature", "Non Repudiation",
        "Key Encipherment",  "Data Encipherment",
        "Key Agreement",     "Certificate Sign",
        "CRL Sign",          "Encipher Only",
        "Decipher Only",     NULL,
    };
    return show_bits(out, value, names);
}

static bool show_netscape_type(struct buffer *out, struct reader *value)
{
    static const char *const names[] = {
        "SSL Client", "SSL Server",        "S/MIME", "Object Signing", "Unused", "SSL CA",
        "S/MIME CA",  "Object Signing CA", NULL,
    };
    return show_bits(out, value, names);
}

static bool show_purposes(struct buffer *out, struct reader *value)
{
    struct reader purposes = der_enter(value, DER_SEQUENCE);
    bool first = true;

    start(out);
    while (reader_left(&purposes) > 0) {
        buffer_text(out, first ? "" : ", ");
        first = false;
        show_object(out, der_value(&purposes, DER_OID).content);
    }
    return !first && der_done(&purposes);
}

static bool show_key_id(struct buffer *out, struct reader *value)
{
    start(out);
    show_pairs(out, der_value(value, DER_OCTET_STRING).content);
    return true;
}

static bool show_integer_value(struct buffer *out, struct reader *value)
{
    start(out);
    show_integer(out, der_value(value, DER_INTEGER).content);
    return true;
}

static bool show_string_value(struct buffer *out, struct reader *value)
{
    start(out);
    show_safe(out, der_value(value, DER_IA5_STRING).content);
    return true;
}

static bool show_null(struct buffer *out, struct reader *value)
{
    start(out);
    buffer_text(out, "NULL");
    return der_value(value, DER_NULL).content.length == 0;
}

/* It says all by being there. */
static bool show_nothing(struct buffer *out, struct reader *value)
{
    (void)out;
    return der_value(value, DER_NULL).content.length == 0;
}

/* Features (RFC 7633 4): numbers of TLS extensions. */
static bool show_features(struct buffer *out, struct reader *value)
{
    struct reader features = der_enter(value, DER_SEQUENCE);
    bool first = true;

    start(out);
    while (reader_left(&features) > 0) {
        struct pki_slice number = der_value(&features, DER_INTEGER).content;

        buffer_text(out, first ? "" : ", ");
        first = false;
        if (slice_is(number, "\x05")) {
            buffer_text(out, "status_request");
        } else if (slice_is(number, "\x11")) {
            buffer_text(out, "status_request_v2");
        } else {
            show_integer(out, number);
        }
    }
    return !first && der_done(&features);
}

/* A GeneralizedTime with a context-specific tag: [n] IMPLICIT. */
static bool show_tagged_time(struct buffer *out, struct reader *fields)
{
    struct pki_slice content = der_any(fields).content;
    int64_t seconds;

    if (!wire_der_time(DER_GENERALIZED_TIME, content.data, content.length, &seconds)) {
        return false;
    }
    show_time(out, seconds, -1);
    return true;
}

/* PrivateKeyUsagePeriod (RFC 3280 4.2.1.4; no longer in RFC 5280). */
static bool show_key_period(struct buffer *out, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);

    start(out);
    if (der_is_next(&fields, DER_CONTEXT(0))) {
        buffer_text(out, "Not Before: ");
        if (!show_tagged_time(out, &fields)) {
            return false;
        }
        buffer_text(out, reader_left(&fields) > 0 ? ", " : "");
    }
    if (der_is_next(&fields, DER_CONTEXT(1))) {
        buffer_text(out, "Not After: ");
        if (!show_tagged_time(out, &fields)) {
            return false;
        }
    }
    return der_done(&fields);
}

/* ProxyCertInfo (RFC 3820 3.8). */
static bool show_proxy(struct buffer *out, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE), policy;

    start(out);
    buffer_text(out, "Path Length Constraint: ");
    if (der_is_next(&fields, DER_INTEGER)) {
        show_integer_hex(out, der_any(&fields).content);
    } else {
        buffer_text(out, "infinite");
    }
    policy = der_enter(&fields, DER_SEQUENCE);
    buffer_printf(out, "\n%16sPolicy Language: ", "");
    show_object(out, der_value(&policy, DER_OID).content);
    if (reader_left(&policy) > 0) {
        buffer_printf(out, "\n%16sPolicy Text: ", "");
        show_safe(out, der_value(&policy, DER_OCTET_STRING).content);
    }
    return der_done(&policy) && der_done(&fields);
}

/* ---- the table --------------------------------------------------------------------------------- */

#define ID_CE       "\x55\x1d"
#define ID_PE       "\x2b\x06\x01\x05\x05\x07\x01"
#define ID_NETSCAPE "\x60\x86\x48\x01\x86\xf8\x42\x01"
#define ID_CT       "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04"

#define ROW(oid, show) \
    {                  \
        OID(oid), show \
    }
static const struct {
    struct pki_slice oid;
    show_value *show;
} known[] = {
    ROW(ID_CE "\x0e", show_key_id),
    ROW(ID_CE "\x0f", show_key_usage),
    ROW(ID_CE "\x10", show_key_period),
    ROW(ID_CE "\x11", show_alternative_names),
    ROW(ID_CE "\x12", show_alternative_names),
    ROW(ID_CE "\x13", show_basic_constraints),
    ROW(ID_CE "\x14",
        show_integer_value), /* CRL number and base CRL number, wrong in a certificate */
    ROW(ID_CE "\x1b", show_integer_value),
    ROW(ID_CE "\x1e", show_name_constraints),
    ROW(ID_CE "\x1f", show_distribution_points),
    ROW(ID_CE "\x20", show_policies),
    ROW(ID_CE "\x21", show_policy_mappings),
    ROW(ID_CE "\x23", show_authority_key_id),
    ROW(ID_CE "\x24", show_policy_constraints),
    ROW(ID_CE "\x25", show_purposes),
    ROW(ID_CE "\x2e", show_distribution_points),
    ROW(ID_CE "\x36", show_integer_value),
    ROW(ID_PE "\x01", show_access),
    ROW(ID_PE "\x0b", show_access),
    ROW(ID_PE "\x0e", show_proxy),
    ROW(ID_PE "\x18", show_features),
    ROW("\x2b\x06\x01\x05\x05\x07\x30\x01\x05", show_nothing), /* OCSP no check */
    ROW(ID_CT "\x02", show_timestamps),
    ROW(ID_CT "\x03", show_null),
    ROW(ID_NETSCAPE "\x01", show_netscape_type),
    ROW(ID_NETSCAPE "\x02", show_string_value),
    ROW(ID_NETSCAPE "\x03", show_string_value),
    ROW(ID_NETSCAPE "\x04", show_string_value),
    ROW(ID_NETSCAPE "\x07", show_string_value),
    ROW(ID_NETSCAPE "\x08", show_string_value),
    ROW(ID_NETSCAPE "\x0c", show_string_value),
    ROW(ID_NETSCAPE "\x0d", show_string_value),
};

static show_value *find(struct pki_slice oid)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (slice_equal(known[i].oid, oid)) {
            return known[i].show;
        }
    }
    return NULL;
}

/* What is not known, or malformed: its printable bytes, dots for all others. */
static void show_unknown(struct buffer *out, struct pki_slice value)
{
    start(out);
    for (size_t i = 0; i < value.length; i++) {
        uint8_t byte = value.data[i];
        buffer_u8(out, byte >= ' ' && byte <= '~' ? byte : '.');
    }
}

static void show_extension_value(struct buffer *out, struct pki_slice oid, struct pki_slice value)
{
    struct reader reader = reader_new(value.data, value.length);
    show_value *show = find(oid);
    size_t before = out->length;

    if (show == NULL || !show(out, &reader) || !der_done(&reader)) {
        out->length = before;
        show_unknown(out, value);
    }
}

void show_extensions(struct buffer *out, const struct x509 *x)
{
    struct reader list = reader_new(x->extensions.data, x->extensions.length);
    struct x509_extension extension;
    struct pki_slice oid;

    if (x->extensions.length == 0) {
        return;
    }
    buffer_printf(out, "%8sX509v3 extensions:\n", "");
    while (x509_extension_next(&list, &oid, &extension)) {
        show_indent(out, TEXT_EXTENSION);
        show_object(out, oid);
        buffer_printf(out, ": %s\n", extension.critical ? "critical" : "");
        show_extension_value(out, oid, extension.value);
        buffer_u8(out, '\n');
    }
}
