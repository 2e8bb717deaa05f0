/* The kinds of structures that are known, and the ways to have one dissected. */
#include "der.h"

struct kind {
    struct der_schema group;
    const struct der_schema *value; /* one value of it, */
    const struct schema *tls;       /* or its form in the language of TLS */
};

#define KIND(id, shown, rows)                                             \
    {                                                                     \
        .group = {DER_ROW_TYPE(id, shown, GROUP, GROUP)}, .value = (rows) \
    }

static const struct der_schema certificate[] = {{DER_FLAT(der_certificate)}, {DER_END}};
static const struct der_schema crl[] = {{DER_FLAT(der_crl)}, {DER_END}};
static const struct der_schema ocsp[] = {{DER_FLAT(der_ocsp)}, {DER_END}};
static const struct der_schema public_key[] = {{DER_FLAT(der_public_key)}, {DER_END}};
static const struct der_schema name[] = {{DER_ITEMS(der_rdn)}, {DER_END}};
static const struct der_schema any[] = {{DER_ANY}, {DER_END}};

static const struct kind kinds[] = {
    [WIRE_DER_CERTIFICATE] = KIND("certificate", "certificate", certificate),
    [WIRE_DER_CRL] = KIND("crl", "certificateList", crl),
    [WIRE_DER_OCSP_RESPONSE] = KIND("ocsp", "OCSPResponse", ocsp),
    [WIRE_DER_PUBLIC_KEY] = KIND("public_key", "subjectPublicKeyInfo", public_key),
    [WIRE_DER_NAME] = KIND("name", "name", name),
    [WIRE_DER_SCT_LIST] = {.group = {DER_ROW_TYPE("sct", "sct_list", GROUP, GROUP)},
                           .tls = der_sct_list},
    [WIRE_DER_ANY] = KIND("der", "DER", any),
};

static void dissect_content(struct dissection *dissection, const struct kind *kind,
                            struct reader *reader, uint16_t depth)
{
    struct der_run run = {.dissection = dissection};

    if (kind->tls != NULL) {
        schema_run_all(dissection, kind->tls, reader, depth);
    } else if (reader_left(reader) > 0) {
        der_component(&run, kind->value, reader, depth);
    } else {
        der_complain(&run, DER_ERROR_TYPE(MISSING), reader, depth);
    }
    if (reader_left(reader) > 0) {
        der_rest(&run, &error_trailing, reader, depth);
    }
}

void der_dissect_into(struct dissection *dissection, enum wire_der_kind kind,
                      const struct wire_field_type *group, struct reader *reader, uint16_t depth)
{
    const struct kind *known = &kinds[kind <= WIRE_DER_ANY ? kind : WIRE_DER_ANY];
    size_t index = schema_add(dissection, group != NULL ? group : &known->group.type,
                              reader->offset, 0, depth);

    dissect_content(dissection, known, reader, (uint16_t)(depth + 1));
    schema_close(dissection, index, reader->offset);
}

int wire_der_dissect(struct wire_tree *tree, enum wire_der_kind kind, const uint8_t *data,
                     size_t length)
{
    const struct wire_context context = {0};
    struct dissection dissection = {.tree = tree, .context = &context};
    struct reader reader = reader_new(data, length);

    tree->data = data;
    tree->length = length;
    tree->count = 0;
    tree->failed = false;
    der_dissect_into(&dissection, kind, NULL, &reader, 0);
    return tree->failed ? -1 : 0;
}

/* ---- all field types --------------------------------------------------------------------------- */

static void visit_rows(const struct der_schema *rows,
                       void (*visit)(const struct wire_field_type *type, void *user), void *user);

static void visit_row(const struct der_schema *row,
                      void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    if (row->type.path != NULL) {
        visit(&row->type, user);
    }
    if (row->layout == DER_LAYOUT_OPEN && row->content != NULL) {
        visit_row(row->content, visit, user);
    } else if (row->content != NULL) {
        visit_rows(row->content, visit, user);
    }
    for (const struct der_choice *one = row->choices; one != NULL && one->oid != NULL; one++) {
        visit_row(&one->row, visit, user);
    }
}

static void visit_rows(const struct der_schema *rows,
                       void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (const struct der_schema *row = rows; row->layout != DER_LAYOUT_END; row++) {
        visit_row(row, visit, user);
    }
}

void der_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].group.type.path != NULL) {
            visit(&kinds[i].group.type, user);
        }
        if (kinds[i].value != NULL) {
            visit_rows(kinds[i].value, visit, user);
        }
        if (kinds[i].tls != NULL) {
            schema_visit(kinds[i].tls, visit, user);
        }
    }
    visit(&der_header.type, user);
    visit_rows(der_any_types, visit, user);
    visit_rows(der_errors, visit, user);
}
