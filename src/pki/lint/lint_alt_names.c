/* subjectAltName and issuerAltName (RFC 5280 4.2.1.6, 4.2.1.7; CA/Browser Forum 7.1.2.7.12). */
#include <arpa/inet.h>
#include <string.h>

#include "../subject_names.h"
#include "lint.h"

static struct reader names_of(const struct lint *lint)
{
    return reader_new(lint->x.subject_alt_name.data, lint->x.subject_alt_name.length);
}

/* ---- the extension --------------------------------------------------------------------- */

static bool no_names(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    if (!lint_extension(lint, row->extension)->present || lint->x.subject_alt_name.length > 0) {
        return false;
    }
    buffer_text(found, "subjectAltName has no names");
    return true;
}

static bool not_critical_alone(const struct lint *lint, const struct lint_row *row,
                               struct buffer *found)
{
    if (!lint_name_is_empty(lint->x.subject) || !lint_not_critical(lint, row, found)) {
        return false;
    }
    buffer_text(found, ", and the subject is empty");
    return true;
}

static bool critical_beside_subject(const struct lint *lint, const struct lint_row *row,
                                    struct buffer *found)
{
    if (lint_name_is_empty(lint->x.subject) || !lint_critical(lint, row, found)) {
        return false;
    }
    buffer_text(found, ", and the subject is not empty");
    return true;
}

static bool other_kinds(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    static const char *const kinds[] = {
        [NAME_OTHER] = "otherName",
        [NAME_EMAIL] = "rfc822Name",
        [NAME_DNS] = "dNSName",
        [NAME_X400] = "x400Address",
        [NAME_DIRECTORY] = "directoryName",
        [NAME_EDI] = "ediPartyName",
        [NAME_URI] = "uniformResourceIdentifier",
        [NAME_IP] = "iPAddress",
        [NAME_REGISTERED_ID] = "registeredID",
    };
    struct reader names = names_of(lint);
    struct general_name name;

    (void)row;
    while (general_name_next(&names, &name)) {
        if (name.kind != NAME_DNS && name.kind != NAME_IP) {
            buffer_printf(found, "subjectAltName has a name of type %s", kinds[name.kind]);
            return true;
        }
    }
    return false;
}

/* GeneralNames that decide nothing: well-formed and not empty. */
static bool issuer_names_bad(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    const struct x509_extension *extension = lint_extension(lint, row->extension);
    struct reader value = lint_value(lint, row->extension);
    struct reader names = der_enter(&value, DER_SEQUENCE);
    struct general_name name;
    size_t count = 0;

    while (general_name_next(&names, &name)) {
        count++;
    }
    if (!extension->present || (der_done(&names) && der_done(&value) && count > 0)) {
        return false;
    }
    buffer_printf(found, "issuerAltName %s",
                  value.failed || names.failed ? "cannot be read" : "has no names");
    return true;
}

/* ---- addresses ------------------------------------------------------------------------- */

static bool address_length(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    struct reader names = names_of(lint);
    struct general_name name;

    (void)row;
    while (general_name_next(&names, &name)) {
        if (name.kind == NAME_IP && name.content.length != 4 && name.content.length != 16) {
            buffer_printf(found, "subjectAltName has an iPAddress of %zu octets",
                          name.content.length);
            return true;
        }
    }
    return false;
}

/* Addresses that belong to nobody in particular: loopback, private (RFC 1918), link-local, unique local. */
static bool is_reserved(struct pki_slice address)
{
    static const struct {
        uint8_t bytes[2];
        uint8_t masks[2];
        uint8_t length; /* of the whole address */
    } blocks[] = {
        {{127, 0}, {255, 0}, 4},         {{10, 0}, {255, 0}, 4},      {{172, 16}, {255, 240}, 4},
        {{192, 168}, {255, 255}, 4},     {{169, 254}, {255, 255}, 4}, {{0xfc, 0}, {0xfe, 0}, 16},
        {{0xfe, 0x80}, {255, 0xc0}, 16},
    };
    static const uint8_t loopback[16] = {[15] = 1};

    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (address.length == blocks[i].length &&
            (address.data[0] & blocks[i].masks[0]) == blocks[i].bytes[0] &&
            (address.data[1] & blocks[i].masks[1]) == blocks[i].bytes[1]) {
            return true;
        }
    }
    return address.length == sizeof loopback &&
           memcmp(address.data, loopback, sizeof loopback) == 0;
}

static bool address_reserved(const struct lint *lint, const struct lint_row *row,
                             struct buffer *found)
{
    struct reader names = names_of(lint);
    struct general_name name;

    (void)row;
    while (general_name_next(&names, &name)) {
        if (name.kind == NAME_IP && is_reserved(name.content)) {
            buffer_text(found, "subjectAltName has the address ");
            (void)address_append(found, name.content);
            return true;
        }
    }
    return false;
}

/* ---- host names ------------------------------------------------------------------------ */

/* The first dNSName that the row's function finds bad. */
static bool a_dns_name(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct reader names = names_of(lint);
    struct general_name name;

    while (general_name_next(&names, &name)) {
        if (name.kind == NAME_DNS && row->bad_name(name.content)) {
            buffer_text(found, "subjectAltName has the dNSName ");
            lint_quote(found, name.content);
            return true;
        }
    }
    return false;
}

static bool is_blank(struct pki_slice name)
{
    return name.length == 0 || slice_is(name, " ");
}

static bool has_byte(struct pki_slice name, uint8_t byte)
{
    return name.length > 0 && memchr(name.data, byte, name.length) != NULL;
}

static bool has_unicode(struct pki_slice name)
{
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

static bool has_underscore(struct pki_slice name)
{
    return has_byte(name, '_');
}

/* Letters, digits, hyphens and dots; what rows of their own are about is let pass. */
static bool has_foreign_character(struct pki_slice name)
{
    for (size_t i = 0; i < name.length && !is_blank(name); i++) {
        uint8_t c = name.data[i];
        bool known = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '.' || c == '_' || c == '*' || c >= 0x80;
        if (!known) {
            return true;
        }
    }
    return false;
}

/* Takes the next label. False at the end. */
static bool label_next(struct pki_slice *rest, struct pki_slice *label)
{
    const uint8_t *dot;

    if (rest->data == NULL) {
        return false;
    }
    dot = rest->length > 0 ? memchr(rest->data, '.', rest->length) : NULL;
    if (dot == NULL) {
        *label = *rest;
        *rest = (struct pki_slice){0};
        return true;
    }
    *label = (struct pki_slice){rest->data, (size_t)(dot - rest->data)};
    rest->data = dot + 1;
    rest->length -= label->length + 1;
    return true;
}

static bool any_label(struct pki_slice name, bool (*bad)(struct pki_slice label))
{
    struct pki_slice label;

    while (label_next(&name, &label)) {
        if (bad(label)) {
            return true;
        }
    }
    return false;
}

static bool label_empty(struct pki_slice label)
{
    return label.length == 0;
}

static bool has_empty_label(struct pki_slice name)
{
    return !is_blank(name) && any_label(name, label_empty);
}

static bool label_hyphenated(struct pki_slice label)
{
    return label.length > 0 && (label.data[0] == '-' || label.data[label.length - 1] == '-');
}

static bool has_outer_hyphen(struct pki_slice name)
{
    return any_label(name, label_hyphenated);
}

/* RFC 5890 2.3.1: hyphens in the third and fourth place are kept for A-labels. */
static bool label_reserved(struct pki_slice label)
{
    return label.length >= 4 && label.data[2] == '-' && label.data[3] == '-' &&
           !((label.data[0] | 0x20) == 'x' && (label.data[1] | 0x20) == 'n');
}

static bool has_reserved_label(struct pki_slice name)
{
    return any_label(name, label_reserved);
}

static bool label_long(struct pki_slice label)
{
    return label.length > 63;
}

static bool is_long(struct pki_slice name)
{
    return name.length > 253 || any_label(name, label_long);
}

static bool is_wildcard(struct pki_slice name)
{
    return name.length >= 2 && name.data[0] == '*' && name.data[1] == '.';
}

static bool has_odd_wildcard(struct pki_slice name)
{
    if (is_wildcard(name)) {
        name.data++;
        name.length--;
    }
    return has_byte(name, '*');
}

static bool has_wide_wildcard(struct pki_slice name)
{
    return is_wildcard(name) &&
           (name.length == 2 || memchr(name.data + 2, '.', name.length - 2) == NULL);
}

static bool is_address(struct pki_slice name)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16];

    if (name.length == 0 || name.length >= sizeof text) {
        return false;
    }
    memcpy(text, name.data, name.length);
    text[name.length] = '\0';
    return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

static bool is_internal(struct pki_slice name)
{
    return !is_blank(name) && !has_byte(name, '.') && !has_byte(name, '*') && !is_address(name);
}

bool lint_dns_is_bad(struct pki_slice name)
{
    return is_blank(name) || has_unicode(name) || has_foreign_character(name) ||
           has_byte(name, '*') || any_label(name, label_empty) || has_outer_hyphen(name) ||
           is_long(name) || is_address(name);
}

/* ---- rows ------------------------------------------------------------------------------ */

#define SAN .extension = X509_SUBJECT_ALT_NAME
#define IAN .extension = X509_ISSUER_ALT_NAME

static const struct lint_row rows[] = {
    {"san_missing", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, lint_missing, SAN,
     "subjectAltName is present in a server's certificate"},
    {"san_empty", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, no_names, SAN,
     "subjectAltName has at least one name"},
    {"san_not_critical", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, not_critical_alone, SAN,
     "subjectAltName is critical where the subject is empty"},
    {"san_critical", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER,
     critical_beside_subject, SAN, "subjectAltName is not critical where the subject is not empty"},
    {"san_other_type", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, other_kinds, SAN,
     "subjectAltName of a server's certificate has dNSNames and iPAddresses only"},
    {"san_dns_blank", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a dNSName is not empty and not a space", .bad_name = is_blank},
    {"san_dns_unicode", RFC5280("7.2"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a dNSName is ASCII: internationalized labels stand as A-labels (xn--…)",
     .bad_name = has_unicode},
    {"san_dns_character", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a dNSName has letters, digits, hyphens and dots only", .bad_name = has_foreign_character},
    {"san_dns_underscore", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, a_dns_name,
     SAN, "a dNSName has no underscore", .bad_name = has_underscore},
    {"san_dns_empty_label", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a dNSName has no dot at its ends and no two dots in a row", .bad_name = has_empty_label},
    {"san_dns_hyphen", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a label of a dNSName neither begins nor ends with a hyphen (RFC 1034 3.5)",
     .bad_name = has_outer_hyphen},
    {"san_dns_reserved_label", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, a_dns_name,
     SAN, "a label of a dNSName has hyphens in its third and fourth place only as an A-label",
     .bad_name = has_reserved_label},
    {"san_dns_long", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "a dNSName has at most 253 characters, a label of it at most 63 (RFC 1034 3.1)",
     .bad_name = is_long},
    {"san_dns_address", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, a_dns_name, SAN,
     "an IP address is an iPAddress, not a dNSName", .bad_name = is_address},
    {"san_wildcard_place", BR("7.1.2.7.12"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, a_dns_name,
     SAN, "a wildcard is the whole left-most label", .bad_name = has_odd_wildcard},
    {"san_wildcard_too_wide", BR("3.2.2.6"), PKI_LINT_MUST, LINT_LEAF | LINT_SERVER, a_dns_name,
     SAN, "a wildcard does not stand for a whole registry: two labels follow it",
     .bad_name = has_wide_wildcard},
    {"san_internal_name", BR("7.1.4.2"), PKI_LINT_NOTE, LINT_LEAF | LINT_SERVER, a_dns_name, SAN,
     "a dNSName is a name in the public DNS", .bad_name = is_internal},
    {"san_ip_length", RFC5280("4.2.1.6"), PKI_LINT_MUST, LINT_ANY, address_length, SAN,
     "an iPAddress has 4 octets (IPv4) or 16 (IPv6)"},
    {"san_ip_reserved", BR("7.1.4.2"), PKI_LINT_NOTE, LINT_LEAF | LINT_SERVER, address_reserved,
     SAN, "an iPAddress is a public one"},
    {"ian_critical", RFC5280("4.2.1.7"), PKI_LINT_SHOULD, LINT_ANY, lint_critical, IAN,
     "issuerAltName is not critical"},
    {"ian_malformed", RFC5280("4.2.1.7"), PKI_LINT_MUST, LINT_ANY, issuer_names_bad, IAN,
     "issuerAltName has at least one name"},
};
const struct lint_table lint_alt_names = LINT_TABLE(rows);
