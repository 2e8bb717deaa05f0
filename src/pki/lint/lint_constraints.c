/* nameConstraints (RFC 5280 4.2.1.10). */
#include "../constraint.h"
#include "lint.h"

/* NameConstraints ::= SEQUENCE { permitted [0], excluded [1] }: at least one, and neither empty. */
static bool has_empty_subtrees(const struct lint *lint, const struct lint_row *row,
                               struct buffer *found)
{
    struct reader value = lint_value(lint, row->extension);
    struct reader fields = der_enter(&value, DER_SEQUENCE);

    if (!lint_extension(lint, row->extension)->present) {
        return false;
    }
    if (reader_left(&fields) == 0) {
        buffer_text(found, "nameConstraints has neither permitted nor excluded names");
        return true;
    }
    while (reader_left(&fields) > 0) {
        struct der subtrees = der_any(&fields);
        if (subtrees.content.length == 0) {
            buffer_printf(found, "nameConstraints has an empty list of %s names",
                          subtrees.tag == DER_CONTEXT_SET(0) ? "permitted" : "excluded");
            return true;
        }
    }
    return false;
}

/* GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] }. */
struct subtree {
    struct general_name base;
    bool more; /* minimum or maximum is there */
};

/* Asks about each subtree, permitted ones first; true at the first that is bad. */
static bool any_subtree(const struct lint *lint, bool (*bad)(const struct subtree *subtree),
                        struct subtree *out)
{
    const struct pki_slice lists[] = {lint->x.permitted, lint->x.excluded};

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct reader subtrees = reader_new(lists[i].data, lists[i].length);
        while (reader_left(&subtrees) > 0) {
            struct reader fields = der_enter(&subtrees, DER_SEQUENCE);
            if (!general_name_next(&fields, &out->base)) {
                out->base = (struct general_name){NAME_OTHER, {NULL, 0}};
            }
            out->more = reader_left(&fields) > 0;
            if (bad(out)) {
                return true;
            }
        }
    }
    return false;
}

static bool has_limits(const struct subtree *subtree)
{
    return subtree->more;
}

static bool limited(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct subtree subtree;

    (void)row;
    if (!any_subtree(lint, has_limits, &subtree)) {
        return false;
    }
    buffer_text(found, "a name constraint has minimum or maximum");
    return true;
}

static bool is_dotted(const struct subtree *subtree)
{
    return subtree->base.kind == NAME_DNS && subtree->base.content.length > 0 &&
           subtree->base.content.data[0] == '.';
}

/* An empty one stands for all names; a leading dot has a row of its own. */
static bool is_bad_dns(const struct subtree *subtree)
{
    return subtree->base.kind == NAME_DNS && subtree->base.content.length > 0 &&
           !is_dotted(subtree) && lint_dns_is_bad(subtree->base.content);
}

/* A host, or a domain with a dot before it: no scheme, no path, no address. */
static bool is_bad_uri(const struct subtree *subtree)
{
    struct pki_slice host = subtree->base.content;

    if (subtree->base.kind != NAME_URI) {
        return false;
    }
    if (host.length > 0 && host.data[0] == '.') {
        host.data++;
        host.length--;
    }
    return lint_dns_is_bad(host);
}

static bool quote_base(const struct lint *lint, bool (*bad)(const struct subtree *subtree),
                       const char *kind, struct buffer *found)
{
    struct subtree subtree;

    if (!any_subtree(lint, bad, &subtree)) {
        return false;
    }
    buffer_printf(found, "there is a constraint for the %s ", kind);
    lint_quote(found, subtree.base.content);
    return true;
}

static bool dns_dotted(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return quote_base(lint, is_dotted, "dNSName", found);
}

static bool dns_bad(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return quote_base(lint, is_bad_dns, "dNSName", found);
}

static bool uri_bad(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    (void)row;
    return quote_base(lint, is_bad_uri, "URI host", found);
}

/* An address and its mask. */
static bool is_bad_address(const struct subtree *subtree)
{
    return subtree->base.kind == NAME_IP && subtree->base.content.length != 8 &&
           subtree->base.content.length != 32;
}

static bool is_bad_mask(const struct subtree *subtree)
{
    size_t half = subtree->base.content.length / 2;

    return subtree->base.kind == NAME_IP && !is_bad_address(subtree) &&
           constraint_mask_bits(subtree->base.content.data + half, half) < 0;
}

static bool address_length(const struct lint *lint, const struct lint_row *row,
                           struct buffer *found)
{
    struct subtree subtree;

    (void)row;
    if (!any_subtree(lint, is_bad_address, &subtree)) {
        return false;
    }
    buffer_printf(found, "there is a constraint for an iPAddress of %zu octets",
                  subtree.base.content.length);
    return true;
}

static bool address_mask(const struct lint *lint, const struct lint_row *row, struct buffer *found)
{
    struct subtree subtree;
    char hex[40];

    (void)row;
    if (!any_subtree(lint, is_bad_mask, &subtree)) {
        return false;
    }
    buffer_printf(found, "the mask of an iPAddress constraint is %s",
                  text_hex(hex, sizeof hex,
                           subtree.base.content.data + subtree.base.content.length / 2,
                           subtree.base.content.length / 2));
    return true;
}

#define CONSTRAINTS .extension = X509_NAME_CONSTRAINTS

static const struct lint_row rows[] = {
    {"name_constraints_without_ca", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, lint_without_ca,
     CONSTRAINTS, "nameConstraints is present in CA certificates only"},
    {"name_constraints_not_critical", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY,
     lint_not_critical, CONSTRAINTS, "nameConstraints is critical"},
    {"name_constraints_empty", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, has_empty_subtrees,
     CONSTRAINTS, "nameConstraints has permitted or excluded names"},
    {"name_constraints_minimum", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, limited, CONSTRAINTS,
     "a name constraint has no minimum (0 is not encoded) and no maximum"},
    {"name_constraints_dns_dot", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, dns_dotted,
     CONSTRAINTS, "a dNSName constraint has no dot before it"},
    {"name_constraints_dns", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, dns_bad, CONSTRAINTS,
     "a dNSName constraint is a host name without wildcard"},
    {"name_constraints_uri", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, uri_bad, CONSTRAINTS,
     "a URI constraint is a host name or a domain after a dot"},
    {"name_constraints_ip_length", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, address_length,
     CONSTRAINTS, "an iPAddress constraint has 8 octets (IPv4) or 32 (IPv6)"},
    {"name_constraints_ip_mask", RFC5280("4.2.1.10"), PKI_LINT_MUST, LINT_ANY, address_mask,
     CONSTRAINTS, "the mask of an iPAddress constraint is ones followed by zeros"},
    {"name_constraints_in_root", BR("7.1.2.1.2"), PKI_LINT_NOTE, LINT_ROOT, lint_present,
     CONSTRAINTS, "nameConstraints stands in intermediates: not every client reads it in a root"},
};
const struct lint_table lint_constraints = LINT_TABLE(rows);
