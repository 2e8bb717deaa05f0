/* Extensions about names and places: RFC 5280 4.2.1.6 to 4.2.1.8, 4.2.1.10, 4.2.1.13, 4.2.2. */
#include "der.h"

#define ID_CE "\x55\x1d"
#define ID_PE "\x2b\x06\x01\x05\x05\x07\x01"
#define X     "certificate.extension."

static const struct der_schema names[] = {{DER_ITEMS(der_general_name)}, {DER_END}};

/* ---- subjectDirectoryAttributes ----------------------------------------------------------------- */

static const struct der_schema anything[] = {{DER_ANY}, {DER_END}};
static const struct der_schema attribute_parts[] = {
    {DER_OID(X "subject_directory_attributes.type", "type"), DER_SAYS("")},
    {DER_PLAIN(ITEMS, DER_TAG_SET, anything)},
    {DER_END},
};
static const struct der_schema attribute[] = {
    {DER_SEQUENCE(X "subject_directory_attributes.attribute", "attribute", attribute_parts),
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema attributes[] = {{DER_ITEMS(attribute)}, {DER_END}};

/* ---- nameConstraints ---------------------------------------------------------------------------- */

static const struct der_schema subtree_parts[] = {
    {DER_CHOICE(der_general_name)},
    {DER_LEAF(X "name_constraints.minimum", "minimum", DER_CONTEXT(0), NUMBER, INTEGER),
     .optional = true, .has_default = true, .fallback = 0},
    {DER_LEAF(X "name_constraints.maximum", "maximum", DER_CONTEXT(1), NUMBER, INTEGER),
     .optional = true},
    {DER_END},
};
static const struct der_schema subtree[] = {{DER_FLAT(subtree_parts)}, {DER_END}};
static const struct der_schema constraint_parts[] = {
    {DER_GROUP(X "name_constraints.permitted_subtrees", "permittedSubtrees", LIST,
               DER_CONSTRUCTED(0), subtree),
     .optional = true, DER_SAYS("permitted ")},
    {DER_GROUP(X "name_constraints.excluded_subtrees", "excludedSubtrees", LIST, DER_CONSTRUCTED(1),
               subtree),
     .optional = true, DER_SAYS("excluded ")},
    {DER_END},
};
static const struct der_schema constraints[] = {{DER_FLAT(constraint_parts)}, {DER_END}};

/* ---- where CRLs are ----------------------------------------------------------------------------- */

#define POINT X "crl_distribution_points."

const struct der_schema der_distribution_point_name[] = {
    {DER_GROUP(POINT "full_name", "fullName", LIST, DER_CONSTRUCTED(0), der_general_name),
     DER_SAYS("")},
    {DER_GROUP(POINT "name_relative_to_crl_issuer", "nameRelativeToCRLIssuer", LIST,
               DER_CONSTRUCTED(1), der_attribute),
     DER_SAYS("relative to the issuer ")},
    {DER_END},
};
static const struct der_schema point_parts[] = {
    {DER_CHOICE(der_distribution_point_name), .outer = DER_CONSTRUCTED(0), .optional = true},
    {DER_LEAF(POINT "reasons", "reasons", DER_CONTEXT(1), BYTES, BITS), .optional = true,
     .names = der_reason_flags, DER_SAYS("reasons ")},
    {DER_GROUP(POINT "crl_issuer", "cRLIssuer", LIST, DER_CONSTRUCTED(2), der_general_name),
     .optional = true, DER_SAYS("issued by ")},
    {DER_END},
};
static const struct der_schema point[] = {
    {DER_SEQUENCE(POINT "distribution_point", "distributionPoint", point_parts), DER_SAYS("")},
    {DER_END},
};
static const struct der_schema points[] = {{DER_ITEMS(point)}, {DER_END}};

/* ---- where other things are --------------------------------------------------------------------- */

static const struct der_schema access_parts[] = {
    {DER_OID(X "information_access.access_method", "accessMethod"), DER_SAYS("")},
    {DER_CHOICE(der_general_name)},
    {DER_END},
};
static const struct der_schema description[] = {
    {DER_SEQUENCE(X "information_access.access_description", "accessDescription", access_parts),
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema access_list[] = {{DER_ITEMS(description)}, {DER_END}};

const struct der_choice der_extension_names[] = {
    {DER_OID_IS(ID_CE "\x11"), DER_EXTENSION(X "subject_alt_name", "subjectAltName", names)},
    {DER_OID_IS(ID_CE "\x12"), DER_EXTENSION(X "issuer_alt_name", "issuerAltName", names)},
    {DER_OID_IS(ID_PE "\x01"),
     DER_EXTENSION(X "authority_information_access", "authorityInfoAccess", access_list)},
    {DER_OID_IS(ID_PE "\x0b"),
     DER_EXTENSION(X "subject_information_access", "subjectInfoAccess", access_list)},
    {DER_OID_IS(ID_CE "\x1f"),
     DER_EXTENSION(X "crl_distribution_points", "cRLDistributionPoints", points)},
    {DER_OID_IS(ID_CE "\x2e"), DER_EXTENSION(X "freshest_crl", "freshestCRL", points)},
    {DER_OID_IS(ID_CE "\x1e"), DER_EXTENSION(X "name_constraints", "nameConstraints", constraints)},
    {DER_OID_IS(ID_CE "\x09"),
     DER_EXTENSION(X "subject_directory_attributes", "subjectDirectoryAttributes", attributes)},
    {.oid = NULL},
};
