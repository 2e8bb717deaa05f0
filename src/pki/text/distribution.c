/* CRL distribution points (RFC 5280 4.2.1.13, 4.2.1.15). The lines are OpenSSL's also where it forgets to end one. */
#include "text.h"

static bool show_names(struct buffer *out, struct reader *names)
{
    struct general_name name;
    bool first = true;

    while (general_name_next(names, &name)) {
        buffer_text(out, first ? "" : "\n");
        first = false;
        show_indent(out, TEXT_VALUE + 2);
        if (!show_listed(out, &name)) {
            return false;
        }
    }
    return der_done(names);
}

/* DistributionPointName ::= CHOICE { fullName [0], nameRelativeToCRLIssuer [1] } */
static bool show_point_name(struct buffer *out, struct reader *fields)
{
    struct reader choice = der_enter(fields, DER_CONTEXT_SET(0)), names;

    show_indent(out, TEXT_VALUE);
    if (der_is_next(&choice, DER_CONTEXT_SET(0))) {
        names = der_enter(&choice, DER_CONTEXT_SET(0));
        buffer_text(out, "Full Name:\n");
        return show_names(out, &names) && der_done(&choice);
    }
    buffer_text(out, "Relative Name:\n");
    show_indent(out, TEXT_VALUE + 2);
    if (!show_rdn(out, der_value(&choice, DER_CONTEXT_SET(1)).content) || !der_done(&choice)) {
        return false;
    }
    buffer_u8(out, '\n');
    return true;
}

static bool show_reasons(struct buffer *out, struct pki_slice bits)
{
    static const char *const reasons[] = {"Unused",           "Key Compromise",
                                          "CA Compromise",    "Affiliation Changed",
                                          "Superseded",       "Cessation Of Operation",
                                          "Certificate Hold", "Privilege Withdrawn",
                                          "AA Compromise",    NULL};
    int count;

    buffer_printf(out, "%16sReasons:\n%18s", "", "");
    count = show_bit_names(out, bits, reasons);
    buffer_text(out, count == 0 ? "<EMPTY>\n" : "\n");
    return count >= 0;
}

static bool show_point(struct buffer *out, struct reader *points)
{
    struct reader fields = der_enter(points, DER_SEQUENCE), issuer;

    if (der_is_next(&fields, DER_CONTEXT_SET(0)) && !show_point_name(out, &fields)) {
        return false;
    }
    if (der_is_next(&fields, DER_CONTEXT(1)) && !show_reasons(out, der_any(&fields).content)) {
        return false;
    }
    if (der_is_next(&fields, DER_CONTEXT_SET(2))) {
        issuer = der_enter(&fields, DER_CONTEXT_SET(2));
        show_indent(out, TEXT_VALUE);
        buffer_text(out, "CRL Issuer:\n");
        if (!show_names(out, &issuer)) {
            return false;
        }
    }
    return der_done(&fields);
}

bool show_distribution_points(struct buffer *out, struct reader *value)
{
    struct reader points = der_enter(value, DER_SEQUENCE);
    bool first = true;

    while (reader_left(&points) > 0) {
        buffer_text(out, first ? "" : "\n");
        first = false;
        if (!show_point(out, &points)) {
            return false;
        }
    }
    return der_done(&points);
}
