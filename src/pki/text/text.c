/* The frame of a certificate's text: one line or block for each field, in their order (RFC 5280 4.1). */
#include <string.h>

#include "text.h"

#define UNIQUE_ID_WIDTH 18

static void show_whole_name(struct buffer *out, const char *title, struct pki_slice name)
{
    buffer_printf(out, "%8s%s: ", "", title);
    (void)show_name(out, name); /* what of it can be read */
    buffer_u8(out, '\n');
}

static void show_validity(struct buffer *out, const struct x509 *x)
{
    buffer_printf(out, "%8sValidity\n%12sNot Before: ", "", "");
    show_time(out, x->not_before, -1);
    buffer_printf(out, "\n%12sNot After : ", "");
    show_time(out, x->not_after, -1);
    buffer_u8(out, '\n');
}

/* issuerUniqueID [1], subjectUniqueID [2] IMPLICIT BIT STRING (4.1.2.8). Nothing else in what is signed has their tags. */
static void show_unique_ids(struct buffer *out, const struct x509 *x)
{
    struct reader whole = reader_new(x->tbs.data, x->tbs.length);
    struct reader fields = der_enter(&whole, DER_SEQUENCE);

    while (reader_left(&fields) > 0) {
        struct der field = der_any(&fields);
        bool issuer = field.tag == DER_CONTEXT(1);

        if ((issuer || field.tag == DER_CONTEXT(2)) && field.content.length > 0) {
            struct pki_slice id = {field.content.data + 1, field.content.length - 1};
            buffer_printf(out, "%8s%s Unique ID: ", "", issuer ? "Issuer" : "Subject");
            show_bytes(out, id, TEXT_EXTENSION, UNIQUE_ID_WIDTH);
        }
    }
}

/* Everything, or everything but what an extension says: a certificate is malformed for one that nobody may be able to read, but the others
 * are worth seeing, and that one's bytes. */
static bool read_enough(struct x509 *x, struct pki_slice der)
{
    struct reader whole = reader_new(der.data, der.length), certificate;

    if (x509_read(x, der.data, der.length, NULL, 0)) {
        return true;
    }
    certificate = der_enter(&whole, DER_SEQUENCE);
    x->tbs = der_value(&certificate, DER_SEQUENCE).whole;
    x->outer_algorithm = der_value(&certificate, DER_SEQUENCE).whole;
    x->signature = der_bit_string(&certificate);
    return x->extensions.length > 0 && der_done(&certificate) && der_done(&whole);
}

void pki_certificate_text(struct buffer *out, const struct pki_certificate *certificate)
{
    struct x509 x;

    if (!read_enough(&x, certificate->der)) {
        buffer_text(out, "Certificate that cannot be read: ");
        text_safe_append(out, certificate->problem, strlen(certificate->problem));
        buffer_u8(out, '\n');
        return;
    }
    buffer_printf(out, "Certificate:\n%4sData:\n%8sVersion: %u (0x%x)\n%8sSerial Number:", "", "",
                  x.version, x.version - 1, "");
    show_serial(out, x.serial);
    show_signature_algorithm(out, x.inner_algorithm);
    show_whole_name(out, "Issuer", x.issuer);
    show_validity(out, &x);
    show_whole_name(out, "Subject", x.subject);
    show_key(out, &x);
    show_unique_ids(out, &x);
    show_extensions(out, &x);
    show_signature(out, x.outer_algorithm, x.signature);
}
