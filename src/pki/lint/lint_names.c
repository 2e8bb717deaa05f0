/* Issuer and subject (RFC 5280 4.1.2.4, 4.1.2.6, appendix A.1; CA/Browser Forum 7.1.4). */
#include <string.h>

#include "lint.h"

static bool issuer_empty(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (!lint_name_is_empty(lint->x.issuer)) {
        return false;
    }
    buffer_text(found, "the issuer is empty");
    return true;
}

static bool subject_empty(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (!lint_name_is_empty(lint->x.subject)) {
        return false;
    }
    buffer_text(found, "the subject is empty");
    return true;
}

static bool nameless(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    if (!lint_name_is_empty(lint->x.subject) || lint->x.extension[X509_SUBJECT_ALT_NAME].present) {
        return false;
    }
    buffer_text(found, "the subject is empty, and there is no subjectAltName");
    return true;
}

static bool root_of_another(const struct lint *lint, const struct lint_row *row,
                            struct buffer *found)
{
    (void)row;
    if (slice_equal(lint->x.issuer, lint->x.subject)) {
        return false;
    }
    buffer_text(found, lint->self_issued ? "issuer and subject are encoded differently"
                                         : "issuer and subject differ");
    return true;
}

static bool issuer_encoded_otherwise(const struct lint *lint, const struct lint_row *row,
                                     struct buffer *found)
{
    (void)row;
    if (!lint->has_issuer || slice_equal(lint->x.issuer, lint->issuer.subject)) {
        return false;
    }
    buffer_text(found, "the issuer's name is not encoded as in the issuer's own certificate");
    return true;
}

/* ---- each attribute of the subject ----------------------------------------------------- */

static void quote_attribute(struct buffer *found, const struct name_part *part)
{
    struct buffer text = {0};

    lint_oid(found, part->type);
    buffer_u8(found, '=');
    if (!wire_der_string(&text, part->value.tag, part->value.content.data,
                         part->value.content.length)) {
        text.length = 0;
        buffer_append(&text, part->value.content.data, part->value.content.length);
    }
    lint_quote(found, (struct pki_slice){text.data, text.length});
    found->failed |= text.failed;
    buffer_free(&text);
}

/* The first attribute that the row's function finds bad. */
static bool an_attribute(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct name_walk walk = name_walk_new(lint->x.subject);
    struct name_part part;

    while (name_walk_next(&walk, &part)) {
        if (row->bad_part(&part)) {
            buffer_text(found, "the subject has ");
            quote_attribute(found, &part);
            return true;
        }
    }
    return false;
}

#define COMMON_NAME         "\x55\x04\x03"
#define COUNTRY             "\x55\x04\x06"
#define ORGANIZATIONAL_UNIT "\x55\x04\x0b"
#define EMAIL_ADDRESS       "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"
#define DOMAIN_COMPONENT    "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"

/* Upper bounds of A.1, in characters; and those that are DirectoryStrings. */
static const struct attribute_row {
    struct pki_slice type;
    size_t most;
    bool directory_string;
} attributes[] = {
    {OID(COMMON_NAME), 64, true},
    {OID("\x55\x04\x04") /* surname */, 32768, true},
    {OID("\x55\x04\x05") /* serialNumber */, 64, false},
    {OID(COUNTRY), 2, false},
    {OID("\x55\x04\x07") /* locality */, 128, true},
    {OID("\x55\x04\x08") /* state */, 128, true},
    {OID("\x55\x04\x0a") /* organization */, 64, true},
    {OID(ORGANIZATIONAL_UNIT), 64, true},
    {OID("\x55\x04\x0c") /* title */, 64, true},
    {OID("\x55\x04\x2a") /* givenName */, 32768, true},
    {OID("\x55\x04\x41") /* pseudonym */, 128, true},
    {OID(EMAIL_ADDRESS), 255, false},
};

static const struct attribute_row *attribute_find(struct pki_slice type)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (slice_equal(attributes[i].type, type)) {
            return &attributes[i];
        }
    }
    return NULL;
}

static bool is_string_tag(uint8_t tag)
{
    static const uint8_t tags[] = {DER_UTF8_STRING,    DER_PRINTABLE_STRING, DER_IA5_STRING,
                                   DER_TELETEX_STRING, DER_BMP_STRING,       DER_UNIVERSAL_STRING,
                                   DER_NUMERIC_STRING, DER_VISIBLE_STRING};
    return memchr(tags, tag, sizeof tags) != NULL;
}

static size_t count_characters(const struct der *value)
{
    size_t count = 0;

    if (value->tag == DER_BMP_STRING) {
        return value->content.length / 2;
    }
    if (value->tag == DER_UNIVERSAL_STRING) {
        return value->content.length / 4;
    }
    if (value->tag != DER_UTF8_STRING) {
        return value->content.length;
    }
    for (size_t i = 0; i < value->content.length; i++) {
        count += (value->content.data[i] & 0xc0) != 0x80;
    }
    return count;
}

static bool is_long(const struct name_part *part)
{
    const struct attribute_row *row = attribute_find(part->type);
    return row != NULL && count_characters(&part->value) > row->most;
}

static bool is_blank(const struct name_part *part)
{
    return is_string_tag(part->value.tag) && part->value.content.length == 0;
}

/* Teletex, BMP and UniversalString are for those who began with them before 2004. */
static bool is_old_string(const struct name_part *part)
{
    const struct attribute_row *row = attribute_find(part->type);
    return row != NULL && row->directory_string && part->value.tag != DER_UTF8_STRING &&
           part->value.tag != DER_PRINTABLE_STRING;
}

static bool is_bad_utf8(const struct name_part *part)
{
    return part->value.tag == DER_UTF8_STRING &&
           !text_is_utf8(part->value.content.data, part->value.content.length);
}

/* X.680 41.4. */
static bool is_bad_printable(const struct name_part *part)
{
    static const char others[] = " '()+,-./:=?";
    struct pki_slice text = part->value.content;

    for (size_t i = 0; part->value.tag == DER_PRINTABLE_STRING && i < text.length; i++) {
        uint8_t c = text.data[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && (c == 0 || strchr(others, c) == NULL)) {
            return true;
        }
    }
    return false;
}

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

/* Two letters of ISO 3166-1, as PrintableString. Which ones exist changes, so that is not looked at. */
static bool is_bad_country(const struct name_part *part)
{
    struct pki_slice text = part->value.content;

    return slice_is(part->type, COUNTRY) &&
           (part->value.tag != DER_PRINTABLE_STRING || text.length != 2 ||
            !is_upper(text.data[0]) || !is_upper(text.data[1]));
}

static bool is_bad_ia5(const struct name_part *part)
{
    return (slice_is(part->type, EMAIL_ADDRESS) || slice_is(part->type, DOMAIN_COMPONENT)) &&
           part->value.tag != DER_IA5_STRING;
}

static bool is_email(const struct name_part *part)
{
    return slice_is(part->type, EMAIL_ADDRESS);
}

static bool is_unit(const struct name_part *part)
{
    return slice_is(part->type, ORGANIZATIONAL_UNIT);
}

static bool has_outer_spaces(const struct name_part *part)
{
    struct pki_slice text = part->value.content;

    return part->value.tag != DER_BMP_STRING && part->value.tag != DER_UNIVERSAL_STRING &&
           text.length > 0 && (text.data[0] == ' ' || text.data[text.length - 1] == ' ');
}

static bool has_control(const struct name_part *part)
{
    struct pki_slice text = part->value.content;

    for (size_t i = 0; i < text.length && part->value.tag != DER_BMP_STRING &&
                       part->value.tag != DER_UNIVERSAL_STRING && is_string_tag(part->value.tag);
         i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

static bool shares_rdn(const struct name_part *part)
{
    return !part->starts_rdn;
}

/* ---- rows ------------------------------------------------------------------------------ */

#define ISSUER  .field = "issuer", .extension = X509_EXTENSION_COUNT
#define SUBJECT .field = "subject", .extension = X509_EXTENSION_COUNT

static const struct lint_row rows[] = {
    {"issuer_empty", RFC5280("4.1.2.4"), PKI_LINT_MUST, LINT_ANY, issuer_empty, ISSUER,
     "the issuer is not empty"},
    {"subject_empty_in_ca", RFC5280("4.1.2.6"), PKI_LINT_MUST, LINT_CA, subject_empty, SUBJECT,
     "the subject of a CA certificate is not empty"},
    {"nameless", RFC5280("4.1.2.6"), PKI_LINT_MUST, LINT_LEAF, nameless, SUBJECT,
     "a certificate names somebody in its subject or its subjectAltName"},
    {"root_issuer_differs", BR("7.1.2.1"), PKI_LINT_MUST, LINT_ROOT, root_of_another, ISSUER,
     "the issuer of a root is its subject, byte for byte"},
    {"issuer_encoding_differs", BR("7.1.4.1"), PKI_LINT_SHOULD, LINT_SIGNED,
     issuer_encoded_otherwise, ISSUER, "the issuer is the issuer's subject, byte for byte"},
    {"attribute_empty", RFC5280("A.1"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "an attribute of the subject is not empty", .bad_part = is_blank},
    {"attribute_long", RFC5280("A.1"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "an attribute of the subject is not longer than its upper bound (64 characters for a common "
     "name or an organization)",
     .bad_part = is_long},
    {"attribute_string_type", RFC5280("4.1.2.4"), PKI_LINT_SHOULD, LINT_ANY, an_attribute, SUBJECT,
     "attributes of the subject are UTF8String or PrintableString", .bad_part = is_old_string},
    {"attribute_utf8", RFC5280("4.1.2.4"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "a UTF8String holds UTF-8", .bad_part = is_bad_utf8},
    {"attribute_printable", RFC5280("A.1"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "a PrintableString holds letters, digits, spaces and '()+,-./:=? only",
     .bad_part = is_bad_printable},
    {"attribute_ia5", RFC5280("A.1"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "emailAddress and domainComponent are IA5String", .bad_part = is_bad_ia5},
    {"country_code", RFC5280("A.1"), PKI_LINT_MUST, LINT_ANY, an_attribute, SUBJECT,
     "a country is two capital letters (ISO 3166-1) in a PrintableString",
     .bad_part = is_bad_country},
    {"email_in_subject", RFC5280("4.1.2.6"), PKI_LINT_NOTE, LINT_ANY, an_attribute, SUBJECT,
     "mail addresses stand in subjectAltName", .bad_part = is_email},
    {"unit_in_subject", BR("7.1.2.7.4"), PKI_LINT_SHOULD, LINT_LEAF | LINT_SERVER, an_attribute,
     SUBJECT, "the subject of a server's certificate has no organizationalUnitName",
     .bad_part = is_unit},
    {"attribute_spaces", BR("7.1.4.2"), PKI_LINT_NOTE, LINT_ANY, an_attribute, SUBJECT,
     "an attribute of the subject has no space at its ends", .bad_part = has_outer_spaces},
    {"attribute_control_character", BR("7.1.4.2"), PKI_LINT_NOTE, LINT_ANY, an_attribute, SUBJECT,
     "an attribute of the subject has no control characters", .bad_part = has_control},
    {"several_attributes_in_rdn", BR("7.1.4.1"), PKI_LINT_SHOULD, LINT_ANY, an_attribute, SUBJECT,
     "each RelativeDistinguishedName has one attribute", .bad_part = shares_rdn},
};
const struct lint_table lint_names = LINT_TABLE(rows);
