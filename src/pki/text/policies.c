/* Certificate policies and what limits them (RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11). */
#include "text.h"

#define QUALIFIER_CPS    "\x2b\x06\x01\x05\x05\x07\x02\x01"
#define QUALIFIER_NOTICE "\x2b\x06\x01\x05\x05\x07\x02\x02"

/* DisplayText: wide strings in UTF-8. */
static void show_display_text(struct buffer *out, const struct der *value)
{
    struct buffer utf8 = {0};

    if (value->tag == DER_BMP_STRING &&
        wire_der_string(&utf8, value->tag, value->content.data, value->content.length)) {
        text_safe_append(out, utf8.data, utf8.length);
    } else {
        show_safe(out, value->content);
    }
    out->failed |= utf8.failed;
    buffer_free(&utf8);
}

/* NoticeReference ::= SEQUENCE { organization, noticeNumbers SEQUENCE OF INTEGER } */
static bool show_reference(struct buffer *out, struct reader *notice, unsigned indent)
{
    struct reader reference = der_enter(notice, DER_SEQUENCE);
    struct der organization = der_any(&reference);
    struct reader numbers = der_enter(&reference, DER_SEQUENCE), rest = numbers;
    bool first = true;

    (void)der_any(&rest);
    show_indent(out, indent);
    buffer_text(out, "Organization: ");
    show_display_text(out, &organization);
    buffer_printf(out, "\n%*sNumber%s: ", (int)indent, "", reader_left(&rest) > 0 ? "s" : "");
    while (reader_left(&numbers) > 0) {
        buffer_text(out, first ? "" : ", ");
        first = false;
        show_integer(out, der_value(&numbers, DER_INTEGER).content);
    }
    return der_done(&numbers) && der_done(&reference);
}

static bool show_notice(struct buffer *out, struct reader *qualifier, unsigned indent)
{
    struct reader notice = der_enter(qualifier, DER_SEQUENCE);

    show_indent(out, indent);
    buffer_text(out, "User Notice:\n");
    if (der_is_next(&notice, DER_SEQUENCE)) {
        if (!show_reference(out, &notice, indent + 2)) {
            return false;
        }
        buffer_text(out, reader_left(&notice) > 0 ? "\n" : "");
    }
    if (reader_left(&notice) > 0) {
        struct der text = der_any(&notice);
        show_indent(out, indent + 2);
        buffer_text(out, "Explicit Text: ");
        show_display_text(out, &text);
    }
    return der_done(&notice);
}

/* PolicyQualifierInfo ::= SEQUENCE { policyQualifierId, qualifier ANY } */
static bool show_qualifier(struct buffer *out, struct reader *qualifiers, unsigned indent)
{
    struct reader qualifier = der_enter(qualifiers, DER_SEQUENCE);
    struct pki_slice oid = der_value(&qualifier, DER_OID).content;

    if (slice_is(oid, QUALIFIER_NOTICE)) {
        return show_notice(out, &qualifier, indent);
    }
    show_indent(out, indent);
    if (slice_is(oid, QUALIFIER_CPS)) {
        buffer_text(out, "CPS: ");
        show_safe(out, der_value(&qualifier, DER_IA5_STRING).content);
    } else {
        buffer_text(out, "  Unknown Qualifier: ");
        show_object(out, oid);
    }
    return !qualifier.failed;
}

/* PolicyInformation ::= SEQUENCE { policyIdentifier, policyQualifiers OPTIONAL } */
static bool show_policy(struct buffer *out, struct reader *policies)
{
    struct reader policy = der_enter(policies, DER_SEQUENCE), qualifiers;

    show_indent(out, TEXT_VALUE);
    buffer_text(out, "Policy: ");
    show_object(out, der_value(&policy, DER_OID).content);
    if (reader_left(&policy) == 0) {
        return der_done(&policy);
    }
    qualifiers = der_enter(&policy, DER_SEQUENCE);
    do {
        buffer_u8(out, '\n');
        if (reader_left(&qualifiers) > 0 && !show_qualifier(out, &qualifiers, TEXT_VALUE + 2)) {
            return false;
        }
    } while (reader_left(&qualifiers) > 0);
    return der_done(&qualifiers) && der_done(&policy);
}

bool show_policies(struct buffer *out, struct reader *value)
{
    struct reader policies = der_enter(value, DER_SEQUENCE);
    bool first = true;

    while (reader_left(&policies) > 0) {
        buffer_text(out, first ? "" : "\n");
        first = false;
        if (!show_policy(out, &policies)) {
            return false;
        }
    }
    return der_done(&policies);
}

bool show_policy_mappings(struct buffer *out, struct reader *value)
{
    struct reader mappings = der_enter(value, DER_SEQUENCE);
    bool first = true;

    show_indent(out, TEXT_VALUE);
    while (reader_left(&mappings) > 0) {
        struct reader pair = der_enter(&mappings, DER_SEQUENCE);

        buffer_text(out, first ? "" : ", ");
        first = false;
        show_object(out, der_value(&pair, DER_OID).content);
        buffer_u8(out, ':');
        show_object(out, der_value(&pair, DER_OID).content);
        if (!der_done(&pair)) {
            return false;
        }
    }
    return !first && der_done(&mappings);
}

bool show_policy_constraints(struct buffer *out, struct reader *value)
{
    static const char *const titles[] = {"Require Explicit Policy", "Inhibit Policy Mapping"};
    struct reader fields = der_enter(value, DER_SEQUENCE);
    bool first = true;

    show_indent(out, TEXT_VALUE);
    for (uint8_t i = 0; i < 2; i++) {
        if (der_is_next(&fields, DER_CONTEXT(i))) {
            buffer_printf(out, "%s%s:", first ? "" : ", ", titles[i]);
            first = false;
            show_integer(out, der_any(&fields).content);
        }
    }
    return !first && der_done(&fields);
}
