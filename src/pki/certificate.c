/* Certificates as facts. */
#include <stdlib.h>
#include <string.h>

#include "algorithms.h"
#include "name.h"
#include "remembered.h"
#include "subject_names.h"

static char *name_text(struct pki_slice name)
{
    struct buffer text = {0};

    (void)buffer_reserve(&text, name.length + 1); /* mostly enough; a failure is seen below */
    name_append_text(&text, name);
    return buffer_take_string(&text);
}

/* ---- subjectAltName (RFC 5280 4.2.1.6) ------------------------------------------------- */

static void append_oid(struct buffer *text, struct pki_slice oid)
{
    char shown[256];
    buffer_text(text, wire_oid_text(shown, sizeof shown, oid.data, oid.length));
}

/* OtherName ::= SEQUENCE { type-id, value }, of which only the type says something to people. */
static void append_other_name(struct buffer *text, struct pki_slice content)
{
    struct reader fields = reader_new(content.data, content.length);
    append_oid(text, der_value(&fields, DER_OID).content);
}

static char *general_name_text(const struct general_name *name)
{
    static const char *const prefixes[] = {
        [NAME_OTHER] = "otherName:",
        [NAME_EMAIL] = "email:",
        [NAME_DNS] = "",
        [NAME_X400] = "x400Address:",
        [NAME_DIRECTORY] = "dirName:",
        [NAME_EDI] = "ediPartyName:",
        [NAME_URI] = "URI:",
        [NAME_IP] = "",
        [NAME_REGISTERED_ID] = "RID:",
    };
    struct buffer text = {0};

    (void)buffer_reserve(&text, name->content.length + 16); /* the same */
    buffer_text(&text, prefixes[name->kind]);
    switch (name->kind) {
    case NAME_DNS:
    case NAME_EMAIL:
    case NAME_URI:
        append_without_zeros(&text, name->content);
        break;
    case NAME_IP:
        if (!address_append(&text, name->content)) {
            buffer_text(&text, "IP:");
            append_hex(&text, name->content);
        }
        break;
    case NAME_DIRECTORY:
        name_append_text(&text, name->content);
        break;
    case NAME_REGISTERED_ID:
        append_oid(&text, name->content);
        break;
    case NAME_OTHER:
        append_other_name(&text, name->content);
        break;
    case NAME_X400:
    case NAME_EDI:
        break; /* seen by nobody: their kind is enough */
    }
    return buffer_take_string(&text);
}

static bool fill_alt_names(struct pki_certificate *out, const struct x509 *x)
{
    struct reader names = reader_new(x->subject_alt_name.data, x->subject_alt_name.length);
    struct general_name name;
    size_t capacity = 0;

    while (general_name_next(&names, &name)) {
        char **grown = array_grow(out->san, &capacity, out->san_count + 1, sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        out->san = grown;
        out->san[out->san_count] = general_name_text(&name);
        if (out->san[out->san_count] == NULL) {
            return false;
        }
        out->san_count++;
    }
    return true;
}

/* ---- the other fields ------------------------------------------------------------------ */

/* The absolute value of a two's complement number: all bits turned, and one added. */
static void negate(uint8_t *number, size_t length)
{
    bool carry = true;

    for (size_t i = length; i-- > 0;) {
        number[i] = (uint8_t)(~number[i] + (carry ? 1 : 0));
        carry = carry && number[i] == 0;
    }
}

static char *hex_text(const uint8_t *number, size_t length, bool negative)
{
    size_t size;
    char *text;

    while (length > 1 && number[0] == 0) {
        number++;
        length--;
    }
    if (!size_multiply(length, 2, &size) || !size_add(size, 2, &size)) {
        return NULL;
    }
    text = malloc(size);
    if (text != NULL) {
        text[0] = '-';
        text_hex(text + negative, size - negative, number, length);
    }
    return text;
}

/* A negative number (which RFC 5280 4.1.2.2 forbids) is shown with its sign, as others do. */
static char *serial_text(struct pki_slice serial)
{
    struct buffer number = {0};
    char *text = NULL;

    if ((serial.data[0] & 0x80) == 0) {
        return hex_text(serial.data, serial.length, false);
    }
    buffer_append(&number, serial.data, serial.length);
    if (!number.failed) {
        negate(number.data, number.length);
        text = hex_text(number.data, number.length, true);
    }
    buffer_free(&number);
    return text;
}

static bool fill_names(struct pki_certificate *out, const struct x509 *x)
{
    struct buffer common_name = {0};

    out->subject = name_text(x->subject);
    out->issuer = name_text(x->issuer);
    out->self_issued = x509_is_self_issued(x);
    if (!name_append_common_name(&common_name, x->subject)) {
        buffer_free(&common_name);
        return out->subject != NULL && out->issuer != NULL;
    }
    out->common_name = buffer_take_string(&common_name);
    return out->subject != NULL && out->issuer != NULL && out->common_name != NULL;
}

static bool fill_key(struct pki_certificate *out, const struct x509 *x)
{
    struct key_facts key;

    key_facts_read(x, &key);
    out->key_bits = key.bits;
    out->key_type = text_duplicate(key.type, strlen(key.type));
    if (key.curve[0] != '\0') {
        out->key_curve = text_duplicate(key.curve, strlen(key.curve));
        return out->key_type != NULL && out->key_curve != NULL;
    }
    return out->key_type != NULL;
}

static bool fill(struct pki_certificate *out, const struct x509 *x)
{
    char algorithm[256];

    signature_algorithm_text(algorithm, sizeof algorithm, x->signature_algorithm);
    out->not_before = x->not_before;
    out->not_after = x->not_after;
    out->is_ca = x->is_ca;
    out->serial = serial_text(x->serial);
    out->signature_algorithm = text_duplicate(algorithm, strlen(algorithm));
    return out->serial != NULL && out->signature_algorithm != NULL &&
           crypt_sha256(x->spki.data, x->spki.length, out->spki_sha256) == 0 &&
           fill_names(out, x) && fill_key(out, x) && fill_alt_names(out, x);
}

/* A certificate without anything in it but its bytes, which stand behind it. */
static struct pki_certificate *begin(const uint8_t *der, size_t length)
{
    struct owned_certificate *owned = calloc(1, sizeof *owned);

    if (owned == NULL) {
        return NULL;
    }
    owned->der = malloc(length > 0 ? length : 1);
    if (owned->der == NULL) {
        free(owned);
        return NULL;
    }
    if (length > 0) {
        memcpy(owned->der, der, length);
    }
    atomic_init(&owned->owners, 1);
    owned->public.der = (struct pki_slice){owned->der, length};
    return &owned->public;
}

struct pki_certificate *pki_certificate_new(const uint8_t *der, size_t length)
{
    struct pki_certificate *out = remembered_certificate(der, length);
    struct x509 x;

    if (out != NULL) {
        return out;
    }
    out = begin(der, length);
    if (out == NULL) {
        return NULL;
    }
    out->malformed = !x509_read(&x, out->der.data, length, out->problem, sizeof out->problem);
    if (crypt_sha256(out->der.data, length, out->sha256) != 0 ||
        (!out->malformed && !fill(out, &x))) {
        pki_certificate_free(out);
        return NULL;
    }
    remember_certificate(out);
    return out;
}

void pki_certificate_free(struct pki_certificate *certificate)
{
    struct owned_certificate *owned = (struct owned_certificate *)certificate;

    if (certificate == NULL || atomic_fetch_sub(&owned->owners, 1) > 1) {
        return;
    }
    free(owned->der);
    free(certificate->subject);
    free(certificate->issuer);
    free(certificate->common_name);
    free(certificate->serial);
    for (size_t i = 0; i < certificate->san_count; i++) {
        free(certificate->san[i]);
    }
    free(certificate->san);
    free(certificate->key_type);
    free(certificate->key_curve);
    free(certificate->signature_algorithm);
    free(owned);
}

char *pki_certificate_label(char *out, size_t size, const struct pki_certificate *certificate)
{
    const char *name = certificate->common_name;
    char hash[2 * sizeof certificate->sha256 + 1];

    if (name == NULL && certificate->san_count > 0) {
        name = certificate->san[0];
    }
    if ((name == NULL || name[0] == '\0') && !certificate->malformed) {
        name = certificate->subject;
    }
    if (name != NULL && name[0] != '\0') {
        return text_safe(out, size, name, strlen(name));
    }
    text_hex(hash, sizeof hash, certificate->sha256, sizeof certificate->sha256);
    (void)snprintf(out, size, "certificate %.16s…", hash);
    return out;
}
