/* Certificates as text to take away. */
#include "certificate_copy.h"

const struct ui_copy_row ui_certificate_formats[UI_CERTIFICATE_FORMATS] = {
    [UI_CERTIFICATE_PEM] = {"pem", "the certificate as PEM", 'p'},
    [UI_CERTIFICATE_TEXT] = {"text", "the certificate as text", 't'},
    [UI_CERTIFICATE_FINGERPRINT] = {"fingerprint", "its SHA-256 fingerprint", 'f'},
    [UI_CERTIFICATE_PIN] = {"pin", "the pin of its public key", 'i'},
};

enum ui_certificate_format ui_certificate_format_find(const char *name, size_t length)
{
    return (enum ui_certificate_format)ui_copy_find_row(ui_certificate_formats,
                                                        UI_CERTIFICATE_FORMATS, name, length);
}

static void write_pin(struct buffer *out, const struct pki_certificate *certificate)
{
    struct pki_details *details;

    if (certificate->malformed) {
        return;
    }
    details = pki_details_new(certificate);
    out->failed |= details == NULL;
    buffer_text(out, details != NULL ? details->pin : "");
    pki_details_free(details);
}

void ui_certificate_copy(struct buffer *out, enum ui_certificate_format format,
                         struct pki_slice der)
{
    struct pki_certificate *certificate = pki_certificate_new(der.data, der.length);
    char digits[65];

    if (certificate == NULL) {
        out->failed = true;
        return;
    }
    switch (format) {
    case UI_CERTIFICATE_PEM:
        pki_pem_append(out, der, "CERTIFICATE");
        break;
    case UI_CERTIFICATE_TEXT:
        pki_certificate_text(out, certificate);
        break;
    case UI_CERTIFICATE_FINGERPRINT:
        buffer_text(out, text_hex(digits, sizeof digits, certificate->sha256, 32));
        break;
    case UI_CERTIFICATE_PIN:
        write_pin(out, certificate);
        break;
    case UI_CERTIFICATE_FORMATS:
        break;
    }
    pki_certificate_free(certificate);
}
