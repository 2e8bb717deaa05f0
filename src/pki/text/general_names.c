/* GeneralName (RFC 5280 4.2.1.6) in OpenSSL's two forms, and the extensions that are lists of them. */
#include <string.h>

#include "text.h"

static const char *const labels[] = {
    [NAME_OTHER] = "othername",
    [NAME_EMAIL] = "email",
    [NAME_DNS] = "DNS",
    [NAME_X400] = "X400Name",
    [NAME_DIRECTORY] = "DirName",
    [NAME_EDI] = "EdiPartyName",
    [NAME_URI] = "URI",
    [NAME_IP] = "IP Address",
    [NAME_REGISTERED_ID] = "Registered ID",
};

void show_address(struct buffer *out, struct pki_slice bytes)
{
    const uint8_t *b = bytes.data;

    if (bytes.length == 4) {
        buffer_printf(out, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
    } else if (bytes.length == 16) {
        for (size_t i = 0; i < 16; i += 2) {
            buffer_printf(out, "%s%X", i == 0 ? "" : ":", (unsigned)(b[i] << 8 | b[i + 1]));
        }
    } else {
        buffer_printf(out, "<invalid length=%zu>", bytes.length);
    }
}

/* ---- other names --------------------------------------------------------------------------- */

/* Those that OpenSSL has a name for, by the content of their object identifier: on-* of RFC 8398, 6120, 4985, 7585; Microsoft's. */
static const struct {
    struct pki_slice oid;
    const char *name;
    uint8_t tag;
} other_names[] = {
#define OTHER(oid, name, tag) \
    {                         \
        OID(oid), name, tag   \
    }
    OTHER("\x2b\x06\x01\x05\x05\x07\x08\x09", "SmtpUTF8Mailbox", DER_UTF8_STRING),
    OTHER("\x2b\x06\x01\x05\x05\x07\x08\x05", "XmppAddr", DER_UTF8_STRING),
    OTHER("\x2b\x06\x01\x05\x05\x07\x08\x07", "SRVName", DER_IA5_STRING),
    OTHER("\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", "UPN", DER_UTF8_STRING),
    OTHER("\x2b\x06\x01\x05\x05\x07\x08\x08", "NAIRealm", DER_UTF8_STRING),
};

static bool without_zero(struct pki_slice bytes)
{
    return bytes.length == 0 || memchr(bytes.data, 0, bytes.length) == NULL;
}

/* OtherName ::= SEQUENCE { type-id, value [0] EXPLICIT ANY } */
static bool read_other(struct pki_slice content, struct pki_slice *oid, struct der *value)
{
    struct reader other = reader_new(content.data, content.length);
    struct reader explicit_value;

    *oid = der_value(&other, DER_OID).content;
    explicit_value = der_enter(&other, DER_CONTEXT_SET(0));
    *value = der_any(&explicit_value);
    return der_done(&other) && der_done(&explicit_value);
}

static bool show_other_alternative(struct buffer *out, struct pki_slice content)
{
    struct pki_slice oid;
    struct der value;

    if (!read_other(content, &oid, &value)) {
        return false;
    }
    buffer_text(out, "othername: ");
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (slice_equal(oid, other_names[i].oid)) {
            buffer_printf(out, "%s::", other_names[i].name);
            show_safe(out, value.content);
            return value.tag == other_names[i].tag && without_zero(value.content);
        }
    }
    show_object(out, oid);
    buffer_text(out, "::");
    if (value.tag != DER_IA5_STRING && value.tag != DER_UTF8_STRING) {
        buffer_text(out, "<unsupported>");
        return true;
    }
    show_safe(out, value.content);
    return without_zero(value.content);
}

static bool show_other_listed(struct buffer *out, struct pki_slice content)
{
    struct pki_slice oid;
    struct der value;

    if (!read_other(content, &oid, &value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        if (slice_equal(oid, other_names[i].oid) && value.tag == other_names[i].tag) {
            buffer_printf(out, "othername:%s:", other_names[i].name);
            show_safe(out, value.content);
            return true;
        }
    }
    buffer_text(out, "othername:<unsupported>");
    return true;
}

/* ---- one name ------------------------------------------------------------------------------ */

/* Those that look the same in both forms. */
static bool show_simple(struct buffer *out, const struct general_name *name)
{
    buffer_printf(out, "%s:", labels[name->kind]);
    switch (name->kind) {
    case NAME_EMAIL:
    case NAME_DNS:
    case NAME_URI:
        show_safe(out, name->content);
        return true;
    case NAME_IP:
        show_address(out, name->content);
        return true;
    case NAME_REGISTERED_ID:
        show_object(out, name->content);
        return true;
    default:
        buffer_text(out, "<unsupported>");
        return true;
    }
}

bool show_alternative(struct buffer *out, const struct general_name *name)
{
    if (name->kind > NAME_REGISTERED_ID) {
        return false;
    }
    switch (name->kind) {
    case NAME_OTHER:
        return show_other_alternative(out, name->content);
    case NAME_DIRECTORY:
        buffer_text(out, "DirName:");
        return show_name_slashes(out, name->content);
    case NAME_EMAIL:
    case NAME_DNS:
    case NAME_URI:
        return without_zero(name->content) && show_simple(out, name);
    default:
        return show_simple(out, name);
    }
}

bool show_listed(struct buffer *out, const struct general_name *name)
{
    if (name->kind > NAME_REGISTERED_ID) {
        return false;
    }
    switch (name->kind) {
    case NAME_OTHER:
        return show_other_listed(out, name->content);
    case NAME_DIRECTORY:
        buffer_text(out, "DirName:");
        return show_name(out, name->content);
    default:
        return show_simple(out, name);
    }
}

/* ---- extensions ---------------------------------------------------------------------------- */

/* SubjectAltName, IssuerAltName (4.2.1.6, 4.2.1.7). */
bool show_alternative_names(struct buffer *out, struct reader *value)
{
    struct reader names = der_enter(value, DER_SEQUENCE);
    struct general_name name;
    bool first = true;

    show_indent(out, TEXT_VALUE);
    if (der_done(&names)) {
        buffer_text(out, "<EMPTY>\n");
        return true;
    }
    while (general_name_next(&names, &name)) {
        buffer_text(out, first ? "" : ", ");
        first = false;
        if (!show_alternative(out, &name)) {
            return false;
        }
    }
    return der_done(&names);
}

static void start_line(struct buffer *out, bool *first)
{
    buffer_text(out, *first ? "" : "\n");
    *first = false;
    show_indent(out, TEXT_VALUE);
}

/* AuthorityKeyIdentifier (4.2.1.1). "keyid:" only where something stands beside it. */
bool show_authority_key_id(struct buffer *out, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE), issuer = {0};
    struct general_name name;
    bool first = true;

    if (der_is_next(&fields, DER_CONTEXT(0))) {
        struct pki_slice id = der_any(&fields).content;
        start_line(out, &first);
        buffer_text(out, reader_left(&fields) > 0 ? "keyid:" : "");
        show_pairs(out, id);
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        issuer = der_enter(&fields, DER_CONTEXT_SET(1));
        while (general_name_next(&issuer, &name)) {
            start_line(out, &first);
            if (!show_alternative(out, &name)) {
                return false;
            }
        }
    }
    if (der_is_next(&fields, DER_CONTEXT(2))) {
        start_line(out, &first);
        buffer_text(out, "serial:");
        show_integer_pairs(out, der_any(&fields).content);
    }
    return !first && !issuer.failed && der_done(&fields);
}

/* AuthorityInfoAccess, SubjectInfoAccess (4.2.2). */
bool show_access(struct buffer *out, struct reader *value)
{
    struct reader all = der_enter(value, DER_SEQUENCE);
    bool first = true;

    if (der_done(&all)) {
        show_indent(out, TEXT_VALUE);
        buffer_text(out, "<EMPTY>\n");
        return true;
    }
    while (reader_left(&all) > 0) {
        struct reader description = der_enter(&all, DER_SEQUENCE);
        struct pki_slice method = der_value(&description, DER_OID).content;
        struct general_name name;

        start_line(out, &first);
        show_object(out, method);
        buffer_text(out, " - ");
        if (!general_name_next(&description, &name) || !show_alternative(out, &name) ||
            !der_done(&description)) {
            return false;
        }
    }
    return der_done(&all);
}

/* ---- name constraints (4.2.1.10) ------------------------------------------------------------ */

/* An address and its mask. Of a wrong length, what there is of them. */
static void show_range(struct buffer *out, struct pki_slice bytes)
{
    size_t length = bytes.length >= 16 ? 16 : bytes.length >= 4 ? 4 : bytes.length;

    buffer_text(out, "IP:");
    show_address(out, (struct pki_slice){bytes.data, length});
    buffer_u8(out, '/');
    show_address(out, (struct pki_slice){bytes.data + length, bytes.length - length});
}

static bool show_subtree(struct buffer *out, const struct general_name *name)
{
    if (name->kind != NAME_IP) {
        return show_listed(out, name);
    }
    show_range(out, name->content);
    return true;
}

static bool show_subtrees(struct buffer *out, struct reader *fields, uint8_t tag, const char *title)
{
    struct reader subtrees = der_enter(fields, tag);
    bool first = true;

    if (reader_left(&subtrees) > 0) {
        show_indent(out, TEXT_VALUE);
        buffer_printf(out, "%s:\n", title);
    }
    while (reader_left(&subtrees) > 0) {
        struct reader subtree = der_enter(&subtrees, DER_SEQUENCE);
        struct general_name name;

        buffer_text(out, first ? "" : "\n");
        first = false;
        show_indent(out, TEXT_VALUE + 2);
        if (!general_name_next(&subtree, &name) || !show_subtree(out, &name)) {
            return false;
        }
    }
    return der_done(&subtrees);
}

bool show_name_constraints(struct buffer *out, struct reader *value)
{
    struct reader fields = der_enter(value, DER_SEQUENCE);
    bool permitted = der_is_next(&fields, DER_CONTEXT_SET(0));

    if (permitted && !show_subtrees(out, &fields, DER_CONTEXT_SET(0), "Permitted")) {
        return false;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(1))) {
        buffer_text(out, permitted ? "\n" : "");
        if (!show_subtrees(out, &fields, DER_CONTEXT_SET(1), "Excluded")) {
            return false;
        }
    }
    return der_done(&fields);
}
