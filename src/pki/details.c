/* Everything that somebody may want to see of a certificate. What the extensions say in a line comes from wire's dissection, which
 * knows them all; addresses and policies are taken out here. */
#include "algorithms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "files/base64.h"

/* An extension's text is a line, not a book: ten thousand names are looked at in another place. */
#define TEXT_MAX 1000
/* Bytes of an unknown value that are shown. */
#define HEX_MAX 32

/* ---- lists of texts ---------------------------------------------------------------------- */

struct list {
    char ***texts;
    size_t *count;
    size_t capacity;
};

/* Takes over `text`. False when memory ran out. */
static bool list_add(struct list *list, char *text)
{
    char **grown;

    if (text == NULL) {
        return false;
    }
    grown = array_grow(*list->texts, &list->capacity, *list->count + 1, sizeof *grown);
    if (grown == NULL) {
        free(text);
        return false;
    }
    *list->texts = grown;
    grown[(*list->count)++] = text;
    return true;
}

static bool list_add_safe(struct list *list, struct pki_slice bytes)
{
    struct buffer text = {0};

    text_safe_append(&text, bytes.data, bytes.length);
    return list_add(list, buffer_take_string(&text));
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

static struct reader open_sequence(struct pki_slice value)
{
    struct reader whole = reader_new(value.data, value.length);
    return der_enter(&whole, DER_SEQUENCE);
}

/* ---- extensions -------------------------------------------------------------------------- */

/* What wire says in a line of the extension whose object identifier lies at `oid`: the value of the group around that
 * field, without the "critical" that it begins with. False when it says nothing. `*from` is where the one before was found: both
 * lists have the same order. */
static bool summary(const struct wire_tree *tree, size_t *from, struct pki_slice oid, char *out,
                    size_t size)
{
    static const char critical[] = "critical";
    size_t offset = (size_t)(oid.data - tree->data);
    char number[80];
    size_t length = sizeof critical - 1;

    wire_oid_text(number, sizeof number, oid.data,
                  oid.length); /* all that it says of an unknown one */
    for (size_t i = *from; i < tree->count; i++) {
        size_t group = i;
        if (tree->fields[i].offset != offset ||
            strcmp(tree->fields[i].type->path, "certificate.extension.id") != 0) {
            continue;
        }
        while (group > 0 && tree->fields[group].depth >= tree->fields[i].depth) {
            group--;
        }
        *from = i;
        (void)wire_field_value(out, size, tree, group);
        if (strncmp(out, critical, length) == 0 && (out[length] == '\0' || out[length] == ',')) {
            size_t cut = out[length] == ',' ? length + 2 : length;
            memmove(out, out + cut, strlen(out + cut) + 1);
        }
        length = strlen(number); /* with its value behind it where that is no DER */
        return out[0] != '\0' &&
               (strncmp(out, number, length) != 0 || (out[length] != '\0' && out[length] != ','));
    }
    return false;
}

static char *extension_text(const struct wire_tree *tree, size_t *from, struct pki_slice oid,
                            const struct x509_extension *extension)
{
    char text[TEXT_MAX], hex[2 * HEX_MAX + 8];

    if (x509_extension_find(oid) == X509_BASIC_CONSTRAINTS) {
        struct reader fields = open_sequence(extension->value);
        if (!fields.failed && !der_is_next(&fields, DER_BOOLEAN)) {
            return text_format("no CA");
        }
    }
    if (summary(tree, from, oid, text, sizeof text)) {
        return text_duplicate(text, strlen(text));
    }
    if (extension->value.length == 0) {
        return text_format("empty");
    }
    if (slice_is(extension->value, "\x05\x00") || slice_is(extension->value, "\x30\x00")) {
        return text_format("present"); /* it says all by being there */
    }
    text_hex(hex, sizeof hex, extension->value.data, extension->value.length);
    return text_format("%s (%zu bytes)", hex, extension->value.length);
}

static const char *extension_name(struct pki_slice oid, const char *otherwise)
{
    const char *name = wire_oid_name(oid.data, oid.length);
    return name != NULL ? name : otherwise;
}

static bool fill_extensions(struct pki_details *out, const struct x509 *x,
                            const struct wire_tree *tree)
{
    struct reader list = reader_new(x->extensions.data, x->extensions.length);
    struct x509_extension extension;
    struct pki_slice oid;
    size_t count = 0, from = 0;

    while (x509_extension_next(&list, &oid, &extension)) {
        count++;
    }
    out->extensions = calloc(count + 1, sizeof *out->extensions);
    if (out->extensions == NULL) {
        return false;
    }
    list = reader_new(x->extensions.data, x->extensions.length);
    while (out->extension_count < count && x509_extension_next(&list, &oid, &extension)) {
        struct pki_extension *row = &out->extensions[out->extension_count];
        wire_oid_text(row->oid, sizeof row->oid, oid.data, oid.length);
        row->name = extension_name(oid, row->oid);
        row->critical = extension.critical;
        row->value = extension.value;
        row->text = extension_text(tree, &from, oid, &extension);
        if (row->text == NULL) {
            return false;
        }
        out->extension_count++;
    }
    return true;
}

/* ---- policies (RFC 5280 4.2.1.4) ----------------------------------------------------------- */

/* What a policy says of how the subject was looked at: the CA/Browser Forum's (Baseline Requirements 7.1.6.1), ETSI's (EN 319 411-1
 * 5.3, EN 319 411-2 5.3); the CAs' own for extended validation have names that end in "-EV". */
static const struct {
    struct pki_slice oid;
    const char *validation;
} validations[] = {
#define ID_CABF "\x67\x81\x0c\x01"
#define ID_ETSI "\x04\x00\x8f\x7a\x01"
    {OID(ID_CABF "\x01"), "extended validation"},
    {OID(ID_CABF "\x02\x01"), "domain validated"},
    {OID(ID_CABF "\x02\x02"), "organization validated"},
    {OID(ID_CABF "\x02\x03"), "individual validated"},
    {OID(ID_ETSI "\x04"), "extended validation"},
    {OID(ID_ETSI "\x05"), "extended validation"},
    {OID(ID_ETSI "\x06"), "domain validated"},
    {OID(ID_ETSI "\x07"), "organization validated"},
    {OID("\x04\x00\x8b\xec\x40\x01\x04"),
     "extended validation"}, /* qcp-web: with an EV policy's rules */
};

static const char *validation_of(struct pki_slice policy)
{
    const char *name = wire_oid_name(policy.data, policy.length);
    size_t length = name != NULL ? strlen(name) : 0;

    for (size_t i = 0; i < sizeof validations / sizeof validations[0]; i++) {
        if (slice_equal(validations[i].oid, policy)) {
            return validations[i].validation;
        }
    }
    return length > 3 && strcmp(name + length - 3, "-EV") == 0 ? "extended validation" : NULL;
}

static char *policy_text(struct pki_slice policy)
{
    const char *name = wire_oid_name(policy.data, policy.length);
    char oid[160];

    wire_oid_text(oid, sizeof oid, policy.data, policy.length);
    return name != NULL ? text_format("%s (%s)", oid, name) : text_duplicate(oid, strlen(oid));
}

static bool fill_policies(struct pki_details *out, const struct x509 *x)
{
    struct reader policies = reader_new(x->policies.data, x->policies.length);
    struct list list = {&out->policies, &out->policy_count, 0};
    struct pki_slice policy;

    while (policy_next(&policies, &policy)) {
        if (out->validation == NULL) {
            out->validation = validation_of(policy);
        }
        if (!list_add(&list, policy_text(policy))) {
            return false;
        }
    }
    return true;
}

/* ---- addresses --------------------------------------------------------------------------- */

/* AuthorityInfoAccessSyntax (4.2.2.1). */
static bool fill_access(struct pki_details *out, struct pki_slice value)
{
    struct reader descriptions = open_sequence(value);
    struct list ocsp = {&out->ocsp, &out->ocsp_count, 0};
    struct list issuers = {&out->issuers, &out->issuer_count, 0};

    while (reader_left(&descriptions) > 0) {
        struct reader fields = der_enter(&descriptions, DER_SEQUENCE);
        struct pki_slice method = der_value(&fields, DER_OID).content;
        struct der location = der_any(&fields);
        struct list *list = slice_is(method, "\x2b\x06\x01\x05\x05\x07\x30\x01")   ? &ocsp
                            : slice_is(method, "\x2b\x06\x01\x05\x05\x07\x30\x02") ? &issuers
                                                                                   : NULL;
        if (fields.failed) {
            break;
        }
        if (list != NULL && location.tag == DER_CONTEXT(NAME_URI) &&
            !list_add_safe(list, location.content)) {
            return false;
        }
    }
    return true;
}

/* The addresses in one DistributionPoint (4.2.1.13): distributionPoint [0] { fullName [0] GeneralNames }. */
static bool fill_distribution_point(struct list *list, struct reader *fields)
{
    struct reader point = der_enter(fields, DER_CONTEXT_SET(0));
    struct reader names = der_enter(&point, DER_CONTEXT_SET(0));
    struct general_name name;

    while (!names.failed && general_name_next(&names, &name)) {
        if (name.kind == NAME_URI && !list_add_safe(list, name.content)) {
            return false;
        }
    }
    return true;
}

static bool fill_crls(struct pki_details *out, struct pki_slice value)
{
    struct reader points = open_sequence(value);
    struct list list = {&out->crls, &out->crl_count, 0};

    while (reader_left(&points) > 0) {
        struct reader fields = der_enter(&points, DER_SEQUENCE);
        if (der_is_next(&fields, DER_CONTEXT_SET(0)) && !fill_distribution_point(&list, &fields)) {
            return false;
        }
    }
    return true;
}

/* ---- the other fields ---------------------------------------------------------------------- */

/* SignedCertificateTimestampList in an OCTET STRING (RFC 6962 3.3). */
static bool fill_scts(struct pki_details *out, struct pki_slice value)
{
    struct reader whole = reader_new(value.data, value.length);
    struct pki_slice list = der_value(&whole, DER_OCTET_STRING).content;

    return whole.failed || pki_sct_list_read(&out->scts, &out->sct_count, list, PKI_SCT_EMBEDDED);
}

static bool fill_exponent(struct pki_details *out, const struct x509 *x)
{
    struct rsa_key key;
    struct pki_slice exponent;
    uint64_t number = 0;
    char hex[2 * HEX_MAX + 8];

    (void)rsa_key_read(x, &key);
    exponent = key.exponent;
    if (exponent.length == 0) {
        return true;
    }
    while (exponent.length > 1 && exponent.data[0] == 0) {
        exponent.data++;
        exponent.length--;
    }
    if (exponent.length > sizeof number) {
        out->exponent =
            text_format("0x%s", text_hex(hex, sizeof hex, exponent.data, exponent.length));
        return out->exponent != NULL;
    }
    for (size_t i = 0; i < exponent.length; i++) {
        number = number << 8 | exponent.data[i];
    }
    out->exponent = text_format("%" PRIu64, number);
    return out->exponent != NULL;
}

static bool fill_pin(struct pki_details *out, const struct pki_certificate *certificate)
{
    struct buffer text = {0};
    struct pki_slice hash = {certificate->spki_sha256, sizeof certificate->spki_sha256};
    const char *base64;

    base64_append(&text, hash);
    base64 = buffer_string(&text);
    if (base64 != NULL) {
        (void)snprintf(out->pin, sizeof out->pin, "sha256/%s", base64);
    }
    buffer_free(&text);
    return base64 != NULL;
}

static bool fill(struct pki_details *out, const struct pki_certificate *certificate,
                 const struct x509 *x, const struct wire_tree *tree)
{
    struct key_facts key;

    key_facts_read(x, &key);
    out->version = x->version;
    out->must_staple = x509_demands_staple(x);
    return fill_extensions(out, x, tree) && fill_policies(out, x) &&
           fill_access(out, x->extension[X509_AUTHORITY_INFO_ACCESS].value) &&
           fill_crls(out, x->extension[X509_CRL_DISTRIBUTION_POINTS].value) &&
           fill_scts(out, x->extension[X509_SCT_LIST].value) &&
           (key.family != KEY_RSA || fill_exponent(out, x)) && fill_pin(out, certificate);
}

struct pki_details *pki_details_new(const struct pki_certificate *certificate)
{
    struct pki_slice der = certificate->der;
    struct pki_details *out;
    struct wire_tree tree = {0};
    struct x509 x;

    if (!x509_read(&x, der.data, der.length, NULL, 0)) {
        return NULL;
    }
    out = calloc(1, sizeof *out);
    if (out == NULL) {
        return NULL;
    }
    if (wire_der_dissect(&tree, WIRE_DER_CERTIFICATE, der.data, der.length) != 0 ||
        !fill(out, certificate, &x, &tree)) {
        pki_details_free(out);
        out = NULL;
    }
    wire_tree_free(&tree);
    return out;
}

void pki_details_free(struct pki_details *details)
{
    if (details == NULL) {
        return;
    }
    for (size_t i = 0; i < details->extension_count; i++) {
        free(details->extensions[i].text);
    }
    free(details->extensions);
    free_texts(details->policies, details->policy_count);
    free_texts(details->ocsp, details->ocsp_count);
    free_texts(details->issuers, details->issuer_count);
    free_texts(details->crls, details->crl_count);
    free(details->exponent);
    free(details->scts);
    free(details);
}
