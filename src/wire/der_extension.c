/* One Extension (RFC 5280 4.2): its frame, and where its content is looked up. */
#include "der.h"

static const struct der_choice *const families[] = {
    der_extension_keys,    der_extension_names,      der_extension_policies,
    der_extension_vendors, der_extension_revocation,
};

static const struct der_schema *find(struct der_bytes oid)
{
    const struct der_schema *known = NULL;

    for (size_t i = 0; known == NULL && i < sizeof families / sizeof families[0]; i++) {
        known = der_choose(families[i], oid);
    }
    return known;
}

static const struct der_schema unknown_bytes = {DER_OCTETS("certificate.extension.value", "value"),
                                                DER_SAYS("")};

/* The OCTET STRING around what the identifier stands for. */
static void value(struct der_run *run, const struct der_schema *row, struct reader *reader,
                  uint16_t depth)
{
    const struct der_schema *known = find(run->key);
    struct der_head head;
    struct reader inside;

    (void)row;
    if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
        return;
    }
    inside = der_step_into(run, &head, reader, depth);
    if (known != NULL && known->content != NULL) {
        der_components(run, known->content, &inside, depth);
    } else {
        der_any_or_bytes(run, &unknown_bytes, &inside, depth);
    }
}

static const struct der_schema values[] = {
    {DER_OCTETS("certificate.extension.value", "value")},
    {DER_PLAIN(CHOICE, DER_TAG_ANY, NULL), .choices = der_extension_keys},
    {DER_PLAIN(CHOICE, DER_TAG_ANY, NULL), .choices = der_extension_names},
    {DER_PLAIN(CHOICE, DER_TAG_ANY, NULL), .choices = der_extension_policies},
    {DER_PLAIN(CHOICE, DER_TAG_ANY, NULL), .choices = der_extension_vendors},
    {DER_PLAIN(CHOICE, DER_TAG_ANY, NULL), .choices = der_extension_revocation},
    {DER_END},
};

static const struct der_schema frame[] = {
    {DER_OID("certificate.extension.id", "extnID"), .is_key = true},
    {DER_BOOLEAN("certificate.extension.critical", "critical"), .optional = true,
     .has_default = true, .fallback = 0x00, DER_SAYS("critical")},
    {DER_CALL(DER_TAG_OCTET_STRING, value, values)},
    {DER_END},
};
/* One that is not known says its number. */
static const struct der_schema unknown_frame[] = {
    {DER_OID("certificate.extension.id", "extnID"), .is_key = true, DER_SAYS("")},
    {DER_BOOLEAN("certificate.extension.critical", "critical"), .optional = true,
     .has_default = true, .fallback = 0x00, DER_SAYS("critical")},
    {DER_CALL(DER_TAG_OCTET_STRING, value, values)},
    {DER_END},
};
static const struct der_schema unknown = {
    DER_ROW_TYPE("certificate.extension.unknown", "other extension", GROUP, GROUP),
    .say = DER_SAY_NAME};

static void extension(struct der_run *run, const struct der_schema *row, struct reader *reader,
                      uint16_t depth)
{
    const struct der_schema *known = find(der_peek_key(reader));
    const struct der_schema parts = {DER_FLAT(known != NULL ? frame : unknown_frame)};
    size_t group = der_open_group(run, known != NULL ? &known->type : &unknown.type, reader, depth);

    (void)row;
    der_component(run, &parts, reader, (uint16_t)(depth + 1));
    der_close_group(run, group, reader);
}

static const struct der_schema types[] = {
    {DER_ROW_TYPE("certificate.extension.unknown", "other extension", GROUP, GROUP),
     .layout = DER_LAYOUT_GROUP, .content = frame},
    {DER_END},
};

const struct der_schema der_extension[] = {
    {DER_CALL(DER_TAG_SEQUENCE, extension, types)},
    {DER_END},
};
