/* Extensions as such, and DER where x509.c is generous (RFC 5280 4.1, 4.2; X.690 11). */
#include "lint.h"

static bool extensions_empty(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    (void)row;
    if (lint->x.extensions.data == NULL || lint->x.extensions.length > 0) {
        return false;
    }
    buffer_text(found, "the list of extensions is empty");
    return true;
}

static bool unknown_critical(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    struct reader list = reader_new(lint->x.extensions.data, lint->x.extensions.length);
    struct x509_extension extension;
    struct pki_slice oid;

    (void)row;
    while (x509_extension_next(&list, &oid, &extension)) {
        if (extension.critical && x509_extension_find(oid) == X509_EXTENSION_COUNT) {
            buffer_text(found, "the extension ");
            lint_oid(found, oid);
            buffer_text(found, " is critical and not known");
            return true;
        }
    }
    return false;
}

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue }. */
static bool critical_false(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    struct reader list = reader_new(lint->x.extensions.data, lint->x.extensions.length);

    (void)row;
    while (reader_left(&list) > 0) {
        struct reader fields = der_enter(&list, DER_SEQUENCE);
        struct pki_slice oid = der_value(&fields, DER_OID).content;
        if (der_is_next(&fields, DER_BOOLEAN) && !der_boolean(&fields) && !fields.failed) {
            buffer_text(found, "critical FALSE is encoded in ");
            lint_oid(found, oid);
            return true;
        }
    }
    return false;
}

static bool ca_false(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct reader fields = der_enter(&value, DER_SEQUENCE);

    if (!der_is_next(&fields, DER_BOOLEAN) || der_boolean(&fields)) {
        return false;
    }
    buffer_text(found, "cA FALSE is encoded");
    return true;
}

/* X.690 11.2: bits that are not used are zero, and a list of named bits has no zeros at its end. */
static bool bits_not_minimal(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct pki_slice bits = der_value(&value, DER_BIT_STRING).content;
    uint8_t last;

    if (bits.length < 2) {
        return false; /* absent, or empty as it should be */
    }
    last = bits.data[bits.length - 1];
    if ((last & 1u << bits.data[0]) != 0 && (last & ((1u << bits.data[0]) - 1)) == 0) {
        return false;
    }
    buffer_text(found, "keyUsage has zero bits at its end, or unused bits that are set");
    return true;
}

static const struct lint_row rows[] = {
    {"extensions_empty", RFC5280("4.1.2.9"), PKI_LINT_MUST, LINT_ANY, extensions_empty,
     .field = "extensions", .extension = X509_EXTENSION_COUNT,
     "extensions, if present, is not empty"},
    {"unknown_critical_extension", RFC5280("4.2"), PKI_LINT_MUST, LINT_ANY, unknown_critical,
     .field = "extensions", .extension = X509_EXTENSION_COUNT,
     "an extension that not everybody knows is not critical"},
    {"critical_false_encoded", RFC5280("4.1"), PKI_LINT_MUST, LINT_ANY, critical_false,
     .field = "extensions", .extension = X509_EXTENSION_COUNT,
     "critical is left out where it is FALSE (X.690 11.5)"},
    {"ca_false_encoded", RFC5280("4.1"), PKI_LINT_MUST, LINT_ANY, ca_false,
     .extension = X509_BASIC_CONSTRAINTS, "cA is left out where it is FALSE (X.690 11.5)"},
    {"key_usage_encoding", RFC5280("4.1"), PKI_LINT_MUST, LINT_ANY, bits_not_minimal,
     .extension = X509_KEY_USAGE, "keyUsage ends with its last bit that is set (X.690 11.2.2)"},
};
const struct lint_table lint_encoding = LINT_TABLE(rows);
