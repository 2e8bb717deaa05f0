/*
 * DER (ITU-T X.690): ASN.1 structures as data.
 *
 * A structure is an array of components that reads like the ASN.1 of its RFC, ended by DER_END. One
 * interpreter (der.c) walks it over the bytes and makes the tree, so that no parser can read past its
 * bounds or lose a byte.
 *
 *     static const struct der_schema validity[] = {
 *         {DER_TIME("certificate.validity.not_before", "notBefore")},
 *         {DER_TIME("certificate.validity.not_after", "notAfter")},
 *         {DER_END},
 *     };
 *
 * What a component is comes from a macro (its path, its ASN.1 name); what else it is follows in
 * designators: `.optional = true`, `.outer = DER_CONSTRUCTED(0)` for an EXPLICIT tag around it. Components
 * with an IMPLICIT tag are DER_LEAF and DER_GROUP with that tag.
 *
 * A tree should read like the structure, not like its encoding. So tags and lengths that follow each
 * other on one level are one leaf ("header"), and what a reader does not want as a level of its own
 * has none (DER_FLAT).
 */
#ifndef TLSTEP_WIRE_DER_H
#define TLSTEP_WIRE_DER_H

#include "schema.h"

/* ---- for the dissectors of messages ------------------------------------------------------------ */

/*
 * Dissects what is left in `reader` as one group at `depth` inside a running dissection. The group is
 * of the type `group` (of kind WIRE_FIELD_GROUP), or of the kind's own one (certificate, crl, ocsp,
 * public_key, name, sct, der) where it is NULL.
 */
void der_dissect_into(struct dissection *dissection, enum wire_der_kind kind,
                      const struct wire_field_type *group, struct reader *reader, uint16_t depth);

/* Calls `visit` for each field type of every kind. */
void der_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user);

/* True for a field that belongs to a structure of DER. */
bool der_is_field(const struct wire_tree *tree, size_t index);
/* True for a group whose parts do: also one that der_dissect_into was given. */
bool der_is_group(const struct wire_tree *tree, size_t index);

/* What wire_field_value does for such fields and groups. */
void der_field_value(char *out, size_t size, const struct wire_tree *tree, size_t index);
/* What wire_field_number does for such fields: an INTEGER or ENUMERATED that is not negative and fits, 0
 * or 1 of a BOOLEAN. */
bool der_field_number(const struct wire_tree *tree, size_t index, uint64_t *value);
/* Appends what the parts of a group have to say; not much more than `enough` bytes. */
void der_group_append(struct buffer *out, const struct wire_tree *tree, size_t group,
                      size_t enough);

/* ---- tags -------------------------------------------------------------------------------------- */

#define DER_TAG_BOOLEAN          0x01
#define DER_TAG_INTEGER          0x02
#define DER_TAG_BIT_STRING       0x03
#define DER_TAG_OCTET_STRING     0x04
#define DER_TAG_NULL             0x05
#define DER_TAG_OID              0x06
#define DER_TAG_ENUMERATED       0x0a
#define DER_TAG_UTF8_STRING      0x0c
#define DER_TAG_NUMERIC_STRING   0x12
#define DER_TAG_PRINTABLE_STRING 0x13
#define DER_TAG_TELETEX_STRING   0x14
#define DER_TAG_IA5_STRING       0x16
#define DER_TAG_UTC_TIME         0x17
#define DER_TAG_GENERALIZED_TIME 0x18
#define DER_TAG_VISIBLE_STRING   0x1a
#define DER_TAG_GENERAL_STRING   0x1b
#define DER_TAG_UNIVERSAL_STRING 0x1c
#define DER_TAG_BMP_STRING       0x1e
#define DER_TAG_SEQUENCE         0x30
#define DER_TAG_SET              0x31
/* [n]: primitive and constructed. */
#define DER_CONTEXT(n)     (0x80 | (n))
#define DER_CONSTRUCTED(n) (0xa0 | (n))
/* Classes of tags, which no single byte has. */
#define DER_TAG_ANY        0x100 /* whatever comes */
#define DER_TAG_ANY_STRING 0x101 /* the character strings: DirectoryString, DisplayText */
#define DER_TAG_ANY_TIME   0x102 /* UTCTime or GeneralizedTime */

/* ---- components -------------------------------------------------------------------------------- */

enum der_layout {
    DER_LAYOUT_END,
    DER_LAYOUT_LEAF,   /* a primitive value: header and value */
    DER_LAYOUT_GROUP,  /* a constructed one: a group of its components, `content` */
    DER_LAYOUT_FLAT,   /* the same, but its components stand on the level of its parent */
    DER_LAYOUT_LIST,   /* SEQUENCE OF, SET OF: a group of `content` again and again */
    DER_LAYOUT_ITEMS,  /* the same without a group */
    DER_LAYOUT_WRAP,   /* an OCTET STRING or BIT STRING around DER: `content`, no group */
    DER_LAYOUT_CHOICE, /* that component of `content` whose tag it has */
    DER_LAYOUT_OPEN,   /* what the identifier that was read last says: a row of `choices` */
    DER_LAYOUT_CALL,   /* `call` knows */
};

/* How the content of a leaf is checked and written; `form` of its wire_field_type. */
enum der_form {
    DER_FORM_NONE,   /* no field of DER */
    DER_FORM_GROUP,  /* its value is composed from what its parts have to say */
    DER_FORM_HEADER, /* tags and lengths */
    DER_FORM_ERROR,  /* its bytes are tags and lengths too, and wrong */
    DER_FORM_BOOLEAN,
    DER_FORM_INTEGER, /* and ENUMERATED; `names` of the values 0 and up */
    DER_FORM_SERIAL,  /* an INTEGER that is a number of a certificate: always in hexadecimal */
    DER_FORM_BITS,    /* a BIT STRING, its byte of unused bits included; `names` of the bits */
    DER_FORM_OCTETS,  /* opaque */
    DER_FORM_EMPTY,
    DER_FORM_OID,
    DER_FORM_STRING,       /* in the encoding that its tag says; IA5String where that is implicit */
    DER_FORM_TIME,         /* as its tag says; GeneralizedTime where that is implicit */
    DER_FORM_ADDRESS,      /* iPAddress: 4, 8, 16 or 32 bytes (RFC 5280 4.2.1.6, 4.2.1.10) */
    DER_FORM_MILLISECONDS, /* since 1970, 8 bytes (RFC 6962 3.2) */
};

/* What a field adds to the value of the group around it. */
enum der_say {
    DER_SAY_NOTHING,
    DER_SAY_VALUE, /* its value, after `label`; a BOOLEAN that is TRUE: its name */
    DER_SAY_NAME,  /* its name */
    DER_SAY_SIZE,  /* how many bits the number has */
};

struct der_run;
struct der_schema;
struct der_choice;

/* Dissects the next value in a way that a row cannot describe. */
typedef void der_call(struct der_run *run, const struct der_schema *row, struct reader *reader,
                      uint16_t depth);

struct der_schema {
    struct wire_field_type type; /* first: a field of DER points at its row */
    enum der_layout layout;
    uint16_t tag;
    uint8_t outer;    /* an EXPLICIT tag around it; 0: none */
    bool optional;    /* OPTIONAL, or DEFAULT */
    bool has_default; /* … whose encoding is the one byte `fallback`: DER leaves it out */
    uint8_t fallback;
    bool is_key; /* an identifier that says what an open component is */
    enum der_say say;
    const char *label;
    const char *const *names; /* ended by NULL */
    const struct der_schema *content;
    const struct der_choice *choices; /* ended by a row without an identifier */
    der_call *call;
};

/* What an object identifier stands for. */
struct der_choice {
    const char *oid; /* its DER content; NULL ends a table */
    size_t oid_length;
    struct der_schema row;
};

#define DER_OID_IS(bytes) .oid = (bytes), .oid_length = sizeof(bytes) - 1

#define DER_ROW_TYPE(id, shown, field_kind, field_form) \
    .type = {.path = (id),                              \
             .name = (shown),                           \
             .kind = WIRE_FIELD_##field_kind,           \
             .form = DER_FORM_##field_form}
#define DER_LEAF(id, shown, number, field_kind, field_form) \
    .layout = DER_LAYOUT_LEAF, .tag = (number), DER_ROW_TYPE(id, shown, field_kind, field_form)

#define DER_BOOLEAN(id, shown)    DER_LEAF(id, shown, DER_TAG_BOOLEAN, NUMBER, BOOLEAN)
#define DER_INTEGER(id, shown)    DER_LEAF(id, shown, DER_TAG_INTEGER, NUMBER, INTEGER)
#define DER_SERIAL(id, shown)     DER_LEAF(id, shown, DER_TAG_INTEGER, NUMBER, SERIAL)
#define DER_ENUMERATED(id, shown) DER_LEAF(id, shown, DER_TAG_ENUMERATED, NUMBER, INTEGER)
#define DER_NULL(id, shown)       DER_LEAF(id, shown, DER_TAG_NULL, BYTES, EMPTY)
#define DER_OID(id, shown)        DER_LEAF(id, shown, DER_TAG_OID, OID, OID)
#define DER_OCTETS(id, shown)     DER_LEAF(id, shown, DER_TAG_OCTET_STRING, BYTES, OCTETS)
#define DER_TIME(id, shown)       DER_LEAF(id, shown, DER_TAG_ANY_TIME, TIME, TIME)
#define DER_STRING(id, shown)     DER_LEAF(id, shown, DER_TAG_ANY_STRING, TEXT, STRING)
#define DER_IA5_STRING(id, shown) DER_LEAF(id, shown, DER_TAG_IA5_STRING, TEXT, STRING)
/* A BIT STRING of flags. */
#define DER_FLAGS(id, shown, bit_names) \
    DER_LEAF(id, shown, DER_TAG_BIT_STRING, BYTES, BITS), .names = (bit_names)
/* A BIT STRING of bytes: how many bits are unused belongs to the header. */
#define DER_BYTES(id, shown) DER_LEAF(id, shown, DER_TAG_BIT_STRING, BYTES, OCTETS)

#define DER_GROUP(id, shown, arrangement, number, parts)                                        \
    .layout = DER_LAYOUT_##arrangement, .tag = (number), DER_ROW_TYPE(id, shown, GROUP, GROUP), \
    .content = (parts)
#define DER_SEQUENCE(id, shown, parts) DER_GROUP(id, shown, GROUP, DER_TAG_SEQUENCE, parts)
#define DER_LIST(id, shown, item)      DER_GROUP(id, shown, LIST, DER_TAG_SEQUENCE, item)
#define DER_PLAIN(arrangement, number, parts) \
    .layout = DER_LAYOUT_##arrangement, .tag = (number), .content = (parts)
#define DER_FLAT(parts)   DER_PLAIN(FLAT, DER_TAG_SEQUENCE, parts)
#define DER_ITEMS(item)   DER_PLAIN(ITEMS, DER_TAG_SEQUENCE, item)
#define DER_WRAP(parts)   DER_PLAIN(WRAP, DER_TAG_OCTET_STRING, parts)
#define DER_CHOICE(parts) DER_PLAIN(CHOICE, DER_TAG_ANY, parts)
/* Whatever it is, by its tags. */
#define DER_ANY .layout = DER_LAYOUT_CALL, .tag = DER_TAG_ANY, .call = der_by_tag
/* What the identifier before it says; of an unknown one: the one row `otherwise`, or NULL for DER_ANY. */
#define DER_OPEN(table, otherwise) \
    .layout = DER_LAYOUT_OPEN, .tag = DER_TAG_ANY, .choices = (table), .content = (otherwise)
/* `types` are the rows whose fields the function makes. */
#define DER_CALL(number, function, types) \
    .layout = DER_LAYOUT_CALL, .tag = (number), .call = (function), .content = (types)
#define DER_END .layout = DER_LAYOUT_END

/* What the row adds to the value of the group around it, and the words in front of it. */
#define DER_SAYS(words) .say = DER_SAY_VALUE, .label = (words)

/* ---- the interpreter (der.c) ------------------------------------------------------------------- */

/* A slice of what is dissected. */
struct der_bytes {
    const uint8_t *data;
    size_t length;
};

struct der_run {
    struct dissection *dissection;
    struct der_bytes key; /* the identifier that was read last and says what something is */
    unsigned nesting;     /* of constructed values without a schema */
};

/* Tag and length of a value (der_head.c). */
struct der_head {
    uint8_t tag;                           /* its first byte */
    uint32_t number;                       /* of the tag */
    size_t size;                           /* bytes of both */
    size_t claimed;                        /* bytes of content that the length announces */
    size_t content;                        /* the same, cut to what is there */
    const struct wire_field_type *problem; /* NULL: it is DER and whole */
};

/* Looks at the next value. False when its tag and length are not whole. */
bool der_head_peek(const struct reader *reader, struct der_head *head);

/* True when the next value has this tag, which may be a class of tags. */
bool der_has_tag(const struct reader *reader, uint16_t tag);

/* Adds tag and length as a field and returns a reader of the content; moves `reader` behind it. */
struct reader der_step_into(struct der_run *run, const struct der_head *head, struct reader *reader,
                            uint16_t depth);

/* The components of a structure, to the end of `inside`; what is left over is an error. */
void der_components(struct der_run *run, const struct der_schema *schema, struct reader *inside,
                    uint16_t depth);

/* One component after another, to the end of `inside`. */
void der_items(struct der_run *run, const struct der_schema *item, struct reader *inside,
               uint16_t depth);

/* The next value as this component, or as an error where it is something else. */
void der_component(struct der_run *run, const struct der_schema *row, struct reader *reader,
                   uint16_t depth);

/* A value whose tag does not matter any more. */
void der_content(struct der_run *run, const struct der_schema *row, const struct der_head *head,
                 struct reader *reader, uint16_t depth);

/* The identifier at the start of the SEQUENCE that comes next; empty when there is none. */
struct der_bytes der_peek_key(const struct reader *reader);

/* The row of an identifier, or NULL. */
const struct der_schema *der_choose(const struct der_choice *choices, struct der_bytes oid);

/* A group and a leaf that the interpreter does not make by itself. */
size_t der_open_group(struct der_run *run, const struct wire_field_type *type,
                      const struct reader *reader, uint16_t depth);
void der_close_group(struct der_run *run, size_t group, const struct reader *reader);
void der_rest(struct der_run *run, const struct wire_field_type *type, struct reader *reader,
              uint16_t depth);
/* An error beside what is shown all the same: a field without bytes. */
void der_complain(struct der_run *run, const struct wire_field_type *error,
                  const struct reader *reader, uint16_t depth);

/* der_by_tag.c: the next value, whatever it is, by its tags. */
der_call der_by_tag;
void der_any_content(struct der_run *run, const struct der_head *head, struct reader *reader,
                     uint16_t depth);
extern const struct der_schema der_any_types[];
/* What is left, by its tags where it is one whole value, opaque where it is not. */
void der_any_or_bytes(struct der_run *run, const struct der_schema *bytes, struct reader *reader,
                      uint16_t depth);

/* der_check.c: what is wrong with a leaf's content, or NULL. */
const struct wire_field_type *der_check(const struct der_schema *row, uint8_t tag,
                                        struct der_bytes content);

bool der_oid_is_valid(struct der_bytes oid);

/* ---- structures -------------------------------------------------------------------------------- */

/* der_name.c: the item of each of these lists */
extern const struct der_schema der_rdn[];          /* Name */
extern const struct der_schema der_attribute[];    /* RelativeDistinguishedName */
extern const struct der_schema der_general_name[]; /* GeneralNames */

/* der_algorithm.c */
extern const struct der_schema der_algorithm[];  /* AlgorithmIdentifier's components */
extern const struct der_schema der_public_key[]; /* SubjectPublicKeyInfo's components */

/* der_certificate.c, der_crl.c, der_ocsp.c: their components */
extern const struct der_schema der_certificate[];
extern const struct der_schema der_crl[];
extern const struct der_schema der_ocsp[];

/* der_extension.c: one Extension, of certificates, CRLs, their entries and OCSP alike; those of one
 * family each (der_extension_*.c) */
extern const struct der_schema der_extension[];
extern const struct der_choice der_extension_names[];
extern const struct der_choice der_extension_policies[];
extern const struct der_choice der_extension_keys[];
extern const struct der_choice der_extension_vendors[];
extern const struct der_choice der_extension_revocation[];

/* A row of such a table: the group of the extension, and what its OCTET STRING holds. */
#define DER_EXTENSION(id, shown, parts) \
    .row = {DER_ROW_TYPE(id, shown, GROUP, GROUP), .say = DER_SAY_NAME, .content = (parts)}

/* Names of revocation reasons, as numbers and as bits. */
extern const char *const der_reason_codes[];
extern const char *const der_reason_flags[];
extern const struct der_schema
    der_distribution_point_name[]; /* its choices (der_extension_names.c) */

/* der_sct.c: the list in its TLS form */
extern const struct schema der_sct_list[];

/* ---- what can be wrong ------------------------------------------------------------------------- */

extern const struct der_schema der_header; /* tags and lengths */
extern const struct der_schema der_errors[];
/* Indices into it. */
enum der_error {
    DER_ERROR_TAG,
    DER_ERROR_LENGTH,
    DER_ERROR_LENGTH_FORM,
    DER_ERROR_INDEFINITE,
    DER_ERROR_MISSING,
    DER_ERROR_DEPTH,
    DER_ERROR_DEFAULT,
    DER_ERROR_BOOLEAN,
    DER_ERROR_INTEGER,
    DER_ERROR_BIT_STRING,
    DER_ERROR_NULL,
    DER_ERROR_OID,
    DER_ERROR_STRING,
    DER_ERROR_TIME,
    DER_ERROR_ADDRESS,
};
#define DER_ERROR_TYPE(error) (&der_errors[DER_ERROR_##error].type)

#endif
