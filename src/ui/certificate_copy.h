/* A whole certificate as text to take away. */
#ifndef TLSTEP_UI_CERTIFICATE_COPY_H
#define TLSTEP_UI_CERTIFICATE_COPY_H

#include "copy.h"
#include "tlstep/pki.h"

enum ui_certificate_format {
    UI_CERTIFICATE_PEM,
    UI_CERTIFICATE_TEXT,        /* as openssl x509 -text -noout */
    UI_CERTIFICATE_FINGERPRINT, /* of all of it, SHA-256 */
    UI_CERTIFICATE_PIN,         /* of its public key: sha256/… */
    UI_CERTIFICATE_FORMATS
};

extern const struct ui_copy_row ui_certificate_formats[UI_CERTIFICATE_FORMATS];

/* The format with a name, or UI_CERTIFICATE_FORMATS. */
enum ui_certificate_format ui_certificate_format_find(const char *name, size_t length);

/* Appends a certificate in a format; nothing where it has none. Look at out->failed. */
void ui_certificate_copy(struct buffer *out, enum ui_certificate_format format,
                         struct pki_slice der);

#endif
