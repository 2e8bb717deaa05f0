/* Values without a schema, by their tags (X.690 8). */
#include "der.h"

/* A real structure has no more than a dozen levels. */
#define NESTING_MAX 32

static const struct der_schema anything[] = {{DER_ANY}, {DER_END}};

#define CONSTRUCTED(arrangement, id, shown)                                    \
    {                                                                          \
        DER_GROUP("der." id, shown, LIST, arrangement, anything), DER_SAYS("") \
    }

enum any_row {
    ANY_SEQUENCE,
    ANY_SET,
    ANY_CONSTRUCTED,
    ANY_PRIMITIVE,
    ANY_BOOLEAN,
    ANY_INTEGER,
    ANY_BIT_STRING,
    ANY_OCTET_STRING,
    ANY_NULL,
    ANY_OID,
    ANY_ENUMERATED,
    ANY_STRING,
    ANY_TIME,
};

const struct der_schema der_any_types[] = {
    [ANY_SEQUENCE] = CONSTRUCTED(DER_TAG_SEQUENCE, "sequence", "SEQUENCE"),
    [ANY_SET] = CONSTRUCTED(DER_TAG_SET, "set", "SET"),
    [ANY_CONSTRUCTED] = CONSTRUCTED(DER_TAG_ANY, "constructed", "constructed"),
    [ANY_PRIMITIVE] = {DER_OCTETS("der.primitive", "primitive"), DER_SAYS("")},
    [ANY_BOOLEAN] = {DER_BOOLEAN("der.boolean", "BOOLEAN")},
    [ANY_INTEGER] = {DER_INTEGER("der.integer", "INTEGER"), DER_SAYS("")},
    [ANY_BIT_STRING] = {DER_FLAGS("der.bit_string", "BIT STRING", NULL), DER_SAYS("")},
    [ANY_OCTET_STRING] = {DER_OCTETS("der.octet_string", "OCTET STRING"), DER_SAYS("")},
    [ANY_NULL] = {DER_NULL("der.null", "NULL")},
    [ANY_OID] = {DER_OID("der.object_identifier", "OBJECT IDENTIFIER"), DER_SAYS("")},
    [ANY_ENUMERATED] = {DER_ENUMERATED("der.enumerated", "ENUMERATED"), DER_SAYS("")},
    [ANY_STRING] = {DER_STRING("der.string", "string"), DER_SAYS("")},
    [ANY_TIME] = {DER_TIME("der.time", "time"), DER_SAYS("")},
    {DER_END},
};

static enum any_row primitive_row(const struct reader *reader, uint8_t tag)
{
    static const uint8_t tags[] = {
        [ANY_BOOLEAN] = DER_TAG_BOOLEAN,
        [ANY_INTEGER] = DER_TAG_INTEGER,
        [ANY_BIT_STRING] = DER_TAG_BIT_STRING,
        [ANY_OCTET_STRING] = DER_TAG_OCTET_STRING,
        [ANY_NULL] = DER_TAG_NULL,
        [ANY_OID] = DER_TAG_OID,
        [ANY_ENUMERATED] = DER_TAG_ENUMERATED,
    };

    for (size_t i = ANY_BOOLEAN; i < sizeof tags; i++) {
        if (tags[i] == tag) {
            return (enum any_row)i;
        }
    }
    if (der_has_tag(reader, DER_TAG_ANY_STRING)) {
        return ANY_STRING;
    }
    return der_has_tag(reader, DER_TAG_ANY_TIME) ? ANY_TIME : ANY_PRIMITIVE;
}

static enum any_row constructed_row(uint8_t tag)
{
    if (tag == DER_TAG_SEQUENCE) {
        return ANY_SEQUENCE;
    }
    return tag == DER_TAG_SET ? ANY_SET : ANY_CONSTRUCTED;
}

void der_any_content(struct der_run *run, const struct der_head *head, struct reader *reader,
                     uint16_t depth)
{
    bool constructed = (head->tag & 0x20) != 0;
    enum any_row row = constructed ? constructed_row(head->tag) : primitive_row(reader, head->tag);
    struct reader inside;

    if (constructed && run->nesting == NESTING_MAX) {
        inside = der_step_into(run, head, reader, depth);
        der_rest(run, DER_ERROR_TYPE(DEPTH), &inside, depth);
        return;
    }
    run->nesting++;
    der_content(run, &der_any_types[row], head, reader, depth);
    run->nesting--;
}

void der_by_tag(struct der_run *run, const struct der_schema *row, struct reader *reader,
                uint16_t depth)
{
    struct der_head head;

    (void)row;
    if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
        return;
    }
    der_any_content(run, &head, reader, depth);
}

/* One value that fills what is left; a constructed one is filled by its own parts in turn. */
static bool is_whole(struct reader reader)
{
    struct der_head head;

    if (!der_head_peek(&reader, &head) || head.problem != NULL ||
        head.size + head.content != reader_left(&reader)) {
        return false;
    }
    if ((head.tag & 0x20) == 0) {
        return true;
    }
    reader.offset += head.size;
    while (reader_left(&reader) > 0) {
        if (!der_head_peek(&reader, &head) || head.problem != NULL) {
            return false;
        }
        reader.offset += head.size + head.content;
    }
    return true;
}

void der_any_or_bytes(struct der_run *run, const struct der_schema *bytes, struct reader *reader,
                      uint16_t depth)
{
    if (is_whole(*reader)) {
        der_by_tag(run, bytes, reader, depth);
    } else {
        der_rest(run, &bytes->type, reader, depth);
    }
}
