/* Name (RFC 5280 4.1.2.4) and GeneralName (4.2.1.6). */
#include "der.h"

/* ---- AttributeTypeAndValue ---------------------------------------------------------------------- */

static const struct der_schema values[] = {
    {DER_STRING("name.value", "value"), DER_SAYS("")},
    {DER_ANY},
    {DER_END},
};
static const struct der_schema known_attribute[] = {
    {DER_OID("name.type", "type")},
    {DER_CHOICE(values)},
    {DER_END},
};
static const struct der_schema unknown_attribute[] = {
    {DER_OID("name.type", "type"), DER_SAYS("")},
    {DER_CHOICE(values)},
    {DER_END},
};
static const struct der_schema unknown = {DER_ROW_TYPE("name.attribute", "attribute", GROUP, GROUP),
                                          DER_SAYS(""), .content = unknown_attribute};

#define ID_AT           "\x55\x04"
#define ID_PKCS9        "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define ID_UCL          "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01"
#define ID_JURISDICTION "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01"

#define ATTRIBUTE(bytes, id, shown, brief)                 \
    {                                                      \
        DER_OID_IS(bytes), .row = {                        \
            DER_ROW_TYPE("name." id, shown, GROUP, GROUP), \
            DER_SAYS(brief "="),                           \
            .names = (const char *const[]){brief, NULL},   \
            .content = known_attribute                     \
        }                                                  \
    }

/* With their short names: RFC 4514 3 and IANA's registry of LDAP descriptors; jurisdictions as
 * everyone writes them (CA/Browser Forum EV guidelines 9.2). */
static const struct der_choice attributes[] = {
    ATTRIBUTE(ID_AT "\x03", "common_name", "commonName", "CN"),
    ATTRIBUTE(ID_AT "\x06", "country_name", "countryName", "C"),
    ATTRIBUTE(ID_AT "\x0a", "organization_name", "organizationName", "O"),
    ATTRIBUTE(ID_AT "\x0b", "organizational_unit_name", "organizationalUnitName", "OU"),
    ATTRIBUTE(ID_AT "\x07", "locality_name", "localityName", "L"),
    ATTRIBUTE(ID_AT "\x08", "state_or_province_name", "stateOrProvinceName", "ST"),
    ATTRIBUTE(ID_AT "\x05", "serial_number", "serialNumber", "serialNumber"),
    ATTRIBUTE(ID_UCL "\x19", "domain_component", "domainComponent", "DC"),
    ATTRIBUTE(ID_PKCS9 "\x01", "email_address", "emailAddress", "emailAddress"),
    ATTRIBUTE(ID_AT "\x04", "surname", "surname", "SN"),
    ATTRIBUTE(ID_AT "\x09", "street_address", "streetAddress", "street"),
    ATTRIBUTE(ID_AT "\x0c", "title", "title", "title"),
    ATTRIBUTE(ID_AT "\x0d", "description", "description", "description"),
    ATTRIBUTE(ID_AT "\x0f", "business_category", "businessCategory", "businessCategory"),
    ATTRIBUTE(ID_AT "\x11", "postal_code", "postalCode", "postalCode"),
    ATTRIBUTE(ID_AT "\x29", "name", "name", "name"),
    ATTRIBUTE(ID_AT "\x2a", "given_name", "givenName", "GN"),
    ATTRIBUTE(ID_AT "\x2b", "initials", "initials", "initials"),
    ATTRIBUTE(ID_AT "\x2c", "generation_qualifier", "generationQualifier", "generationQualifier"),
    ATTRIBUTE(ID_AT "\x2e", "dn_qualifier", "dnQualifier", "dnQualifier"),
    ATTRIBUTE(ID_AT "\x41", "pseudonym", "pseudonym", "pseudonym"),
    ATTRIBUTE(ID_AT "\x61", "organization_identifier", "organizationIdentifier",
              "organizationIdentifier"),
    ATTRIBUTE(ID_UCL "\x01", "user_id", "userId", "UID"),
    ATTRIBUTE(ID_PKCS9 "\x02", "unstructured_name", "unstructuredName", "unstructuredName"),
    ATTRIBUTE(ID_JURISDICTION "\x01", "jurisdiction_locality_name", "jurisdictionLocalityName",
              "jurisdictionL"),
    ATTRIBUTE(ID_JURISDICTION "\x02", "jurisdiction_state_or_province_name",
              "jurisdictionStateOrProvinceName", "jurisdictionST"),
    ATTRIBUTE(ID_JURISDICTION "\x03", "jurisdiction_country_name", "jurisdictionCountryName",
              "jurisdictionC"),
    {.oid = NULL},
};

const char *wire_attribute_name(const uint8_t *oid, size_t length)
{
    const struct der_schema *known = der_choose(attributes, (struct der_bytes){oid, length});
    return known == NULL ? NULL : known->names[0];
}

/* Enters a SEQUENCE without a group of its own. */
static void flat_sequence(struct der_run *run, const struct der_schema *parts,
                          struct reader *reader, uint16_t depth)
{
    const struct der_schema row = {DER_FLAT(parts)};
    der_component(run, &row, reader, depth);
}

static const struct der_schema *attribute_row(const struct reader *reader)
{
    const struct der_schema *known = der_choose(attributes, der_peek_key(reader));
    return known != NULL ? known : &unknown;
}

static void attribute(struct der_run *run, const struct der_schema *row, struct reader *reader,
                      uint16_t depth)
{
    const struct der_schema *type = attribute_row(reader);
    size_t group = der_open_group(run, &type->type, reader, depth);

    (void)row;
    flat_sequence(run, type->content, reader, (uint16_t)(depth + 1));
    der_close_group(run, group, reader);
}

/* ---- RelativeDistinguishedName ------------------------------------------------------------------ */

static const struct der_schema several = {
    DER_ROW_TYPE("name.relative_distinguished_name", "relativeDistinguishedName", GROUP, GROUP),
    DER_SAYS("")};

/* A set of attributes, nearly always of one: that one is shown without a level for the set. */
static void rdn(struct der_run *run, const struct der_schema *row, struct reader *reader,
                uint16_t depth)
{
    struct der_head set, pair;
    struct reader inside = *reader;
    const struct der_schema *type = &several;
    size_t group;

    (void)row;
    if (!der_head_peek(reader, &set)) {
        der_rest(run, &error_truncated, reader, depth);
        return;
    }
    inside.offset += set.size;
    inside.length = inside.offset + set.content;
    if (der_has_tag(&inside, DER_TAG_SEQUENCE) && der_head_peek(&inside, &pair) &&
        pair.size + pair.content == set.content) {
        type = attribute_row(&inside);
    }
    group = der_open_group(run, &type->type, reader, depth);
    inside = der_step_into(run, &set, reader, (uint16_t)(depth + 1));
    if (type == &several) {
        der_items(run, der_attribute, &inside, (uint16_t)(depth + 1));
    } else {
        flat_sequence(run, type->content, &inside, (uint16_t)(depth + 1));
    }
    der_close_group(run, group, reader);
}

static const struct der_schema types[] = {
    {DER_LIST("name.relative_distinguished_name", "relativeDistinguishedName", der_attribute)},
    {DER_SEQUENCE("name.attribute", "attribute", unknown_attribute), .choices = attributes},
    {DER_END},
};

const struct der_schema der_attribute[] = {
    {DER_CALL(DER_TAG_SEQUENCE, attribute, NULL)},
    {DER_END},
};
const struct der_schema der_rdn[] = {
    {DER_CALL(DER_TAG_SET, rdn, types)},
    {DER_END},
};

/* ---- GeneralName -------------------------------------------------------------------------------- */

#define GENERAL "general_name."

static const struct der_schema anything[] = {{DER_ANY}, {DER_END}};

static const struct der_schema other_name[] = {
    {DER_OID(GENERAL "other_name.type_id", "type-id"), DER_SAYS("")},
    {DER_ANY, .outer = DER_CONSTRUCTED(0)},
    {DER_END},
};
static const struct der_schema edi_party_name[] = {
    {DER_STRING(GENERAL "edi_party_name.name_assigner", "nameAssigner"),
     .outer = DER_CONSTRUCTED(0), .optional = true, DER_SAYS("")},
    {DER_STRING(GENERAL "edi_party_name.party_name", "partyName"), .outer = DER_CONSTRUCTED(1),
     DER_SAYS("")},
    {DER_END},
};
static const struct der_schema general_names[] = {
    {DER_LEAF(GENERAL "dns_name", "dNSName", DER_CONTEXT(2), TEXT, STRING), DER_SAYS("DNS:")},
    {DER_LEAF(GENERAL "uniform_resource_identifier", "uniformResourceIdentifier", DER_CONTEXT(6),
              TEXT, STRING),
     DER_SAYS("URI:")},
    {DER_LEAF(GENERAL "ip_address", "iPAddress", DER_CONTEXT(7), BYTES, ADDRESS), DER_SAYS("IP:")},
    {DER_LEAF(GENERAL "rfc822_name", "rfc822Name", DER_CONTEXT(1), TEXT, STRING),
     DER_SAYS("email:")},
    {DER_LIST(GENERAL "directory_name", "directoryName", der_rdn), .outer = DER_CONSTRUCTED(4),
     DER_SAYS("")},
    {DER_GROUP(GENERAL "other_name", "otherName", GROUP, DER_CONSTRUCTED(0), other_name),
     DER_SAYS("other name ")},
    {DER_GROUP(GENERAL "x400_address", "x400Address", LIST, DER_CONSTRUCTED(3), anything),
     DER_SAYS("X.400 ")},
    {DER_GROUP(GENERAL "edi_party_name", "ediPartyName", GROUP, DER_CONSTRUCTED(5), edi_party_name),
     DER_SAYS("EDI ")},
    {DER_LEAF(GENERAL "registered_id", "registeredID", DER_CONTEXT(8), OID, OID),
     DER_SAYS("registered ")},
    {DER_END},
};
const struct der_schema der_general_name[] = {{DER_CHOICE(general_names)}, {DER_END}};
