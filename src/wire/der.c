/* The interpreter of DER schemas. */
#include <string.h>

#include "der.h"

/*
 * More fields than this are no certificate but an attempt to use up memory: two bytes can make two
 * fields of 24 bytes. A real one has some hundred; the largest lists of names some ten thousand.
 */
#define FIELDS_MAX 250000

/* ---- fields ------------------------------------------------------------------------------------ */

const struct der_schema der_header = {DER_ROW_TYPE("der.header", "header", BYTES, HEADER)};

static bool is_full(const struct der_run *run)
{
    return run->dissection->tree->failed || run->dissection->tree->count >= FIELDS_MAX;
}

/* Tags and lengths that follow each other on one level are one field. */
static void add_header(struct der_run *run, size_t start, size_t size, uint16_t depth)
{
    struct wire_tree *tree = run->dissection->tree;
    struct wire_field *last = tree->count == 0 ? NULL : &tree->fields[tree->count - 1];

    if (last != NULL && last->type == &der_header.type && last->depth == depth &&
        last->offset + last->length == start) {
        last->length += (uint32_t)size;
    } else {
        schema_add(run->dissection, &der_header.type, start, size, depth);
    }
}

void der_rest(struct der_run *run, const struct wire_field_type *type, struct reader *reader,
              uint16_t depth)
{
    schema_add(run->dissection, type, reader->offset, reader->length - reader->offset, depth);
    reader->offset = reader->length;
}

void der_complain(struct der_run *run, const struct wire_field_type *error,
                  const struct reader *reader, uint16_t depth)
{
    schema_add(run->dissection, error, reader->offset, 0, depth);
}

size_t der_open_group(struct der_run *run, const struct wire_field_type *type,
                      const struct reader *reader, uint16_t depth)
{
    return schema_add(run->dissection, type, reader->offset, 0, depth);
}

void der_close_group(struct der_run *run, size_t group, const struct reader *reader)
{
    schema_close(run->dissection, group, reader->offset);
}

struct reader der_step_into(struct der_run *run, const struct der_head *head, struct reader *reader,
                            uint16_t depth)
{
    struct reader inside;

    if (head->problem != NULL) {
        schema_add(run->dissection, head->problem, reader->offset, head->size, depth);
    } else {
        add_header(run, reader->offset, head->size, depth);
    }
    inside = *reader;
    inside.offset += head->size;
    inside.length = inside.offset + head->content;
    reader->offset = inside.length;
    return inside;
}

/* ---- leaves ------------------------------------------------------------------------------------ */

/* How many bits of the last byte are unused belongs to the header of a BIT STRING of bytes. */
static void enter_bits(struct der_run *run, struct reader *inside, uint16_t depth)
{
    if (reader_left(inside) == 0) {
        der_complain(run, DER_ERROR_TYPE(BIT_STRING), inside, depth);
        return;
    }
    if (inside->data[inside->offset] != 0) {
        schema_add(run->dissection, DER_ERROR_TYPE(BIT_STRING), inside->offset, 1, depth);
    } else {
        add_header(run, inside->offset, 1, depth);
    }
    inside->offset++;
}

static bool is_fallback(const struct der_schema *row, struct der_bytes content)
{
    return row->has_default && content.length == 1 && content.data[0] == row->fallback;
}

static void leaf(struct der_run *run, const struct der_schema *row, const struct der_head *head,
                 struct reader *reader, uint16_t depth)
{
    struct reader inside = der_step_into(run, head, reader, depth);
    const struct wire_field_type *error;
    struct der_bytes content;

    if (row->tag == DER_TAG_BIT_STRING && row->type.form == DER_FORM_OCTETS) {
        enter_bits(run, &inside, depth);
    }
    content = (struct der_bytes){inside.data + inside.offset, inside.length - inside.offset};
    der_rest(run, &row->type, &inside, depth);
    if (row->is_key) {
        run->key = content;
    }
    error = der_check(row, head->tag, content);
    if (error == NULL && is_fallback(row, content)) {
        error = DER_ERROR_TYPE(DEFAULT);
    }
    if (error != NULL) {
        der_complain(run, error, &inside, depth);
    }
}

/* ---- structures -------------------------------------------------------------------------------- */

/* A value that nothing expects here: its header is the error, its content by its tags. */
static void unexpected(struct der_run *run, struct reader *reader, uint16_t depth)
{
    struct der_head head;

    if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
        return;
    }
    if (head.problem == NULL) {
        head.problem = DER_ERROR_TYPE(TAG);
    }
    der_any_content(run, &head, reader, depth);
}

static bool fits(const struct der_schema *row, const struct reader *reader)
{
    if (row->outer != 0 || row->layout != DER_LAYOUT_CHOICE) {
        return der_has_tag(reader, row->outer != 0 ? row->outer : row->tag);
    }
    for (const struct der_schema *one = row->content; one->layout != DER_LAYOUT_END; one++) {
        if (fits(one, reader)) {
            return true;
        }
    }
    return false;
}

static bool fits_later(const struct der_schema *row, const struct reader *reader)
{
    for (; row->layout != DER_LAYOUT_END; row++) {
        if (fits(row, reader)) {
            return true;
        }
    }
    return false;
}

/* True when there is room for more fields; what is left is one error otherwise. */
static bool has_room(struct der_run *run, struct reader *inside, uint16_t depth)
{
    if (!is_full(run)) {
        return true;
    }
    der_rest(run, &error_too_many, inside, depth);
    return false;
}

void der_components(struct der_run *run, const struct der_schema *schema, struct reader *inside,
                    uint16_t depth)
{
    for (const struct der_schema *row = schema; row->layout != DER_LAYOUT_END; row++) {
        if (!has_room(run, inside, depth)) {
            return;
        }
        if (fits(row, inside)) {
            der_component(run, row, inside, depth);
        } else if (row->optional) {
            continue;
        } else if (reader_left(inside) == 0 || fits_later(row + 1, inside)) {
            der_complain(run, DER_ERROR_TYPE(MISSING), inside, depth);
        } else {
            unexpected(run, inside, depth);
        }
    }
    if (reader_left(inside) > 0) {
        der_rest(run, &error_trailing, inside, depth);
    }
}

void der_items(struct der_run *run, const struct der_schema *item, struct reader *inside,
               uint16_t depth)
{
    while (reader_left(inside) > 0 && has_room(run, inside, depth)) {
        der_component(run, item, inside, depth);
    }
}

struct der_bytes der_peek_key(const struct reader *reader)
{
    struct reader at = *reader;
    struct der_head head;

    if (!der_has_tag(&at, DER_TAG_SEQUENCE) || !der_head_peek(&at, &head)) {
        return (struct der_bytes){0};
    }
    at.offset += head.size;
    at.length = at.offset + head.content;
    if (!der_has_tag(&at, DER_TAG_OID) || !der_head_peek(&at, &head)) {
        return (struct der_bytes){0};
    }
    return (struct der_bytes){at.data + at.offset + head.size, head.content};
}

const struct der_schema *der_choose(const struct der_choice *choices, struct der_bytes oid)
{
    for (; choices->oid != NULL; choices++) {
        if (choices->oid_length == oid.length && oid.length > 0 &&
            memcmp(choices->oid, oid.data, oid.length) == 0) {
            return &choices->row;
        }
    }
    return NULL;
}

static void choice(struct der_run *run, const struct der_schema *row, struct reader *reader,
                   uint16_t depth)
{
    const struct der_schema *one = row->content;

    while (one->layout != DER_LAYOUT_END && !fits(one, reader)) {
        one++;
    }
    if (one->layout == DER_LAYOUT_END) {
        unexpected(run, reader, depth);
    } else {
        der_component(run, one, reader, depth);
    }
}

static void open_type(struct der_run *run, const struct der_schema *row, struct reader *reader,
                      uint16_t depth)
{
    const struct der_schema *known = der_choose(row->choices, run->key);

    known = known != NULL ? known : row->content;
    if (known == NULL) {
        der_by_tag(run, row, reader, depth);
    } else {
        der_component(run, known, reader, depth);
    }
}

/* An OCTET STRING or BIT STRING whose content is DER again. */
static void unwrap(struct der_run *run, const struct der_schema *row, struct reader *inside,
                   uint16_t depth)
{
    if (row->tag == DER_TAG_BIT_STRING) {
        enter_bits(run, inside, depth);
    }
    der_components(run, row->content, inside, depth);
}

static void constructed(struct der_run *run, const struct der_schema *row,
                        const struct der_head *head, struct reader *reader, uint16_t depth)
{
    bool grouped = row->layout == DER_LAYOUT_GROUP || row->layout == DER_LAYOUT_LIST;
    size_t group = grouped ? der_open_group(run, &row->type, reader, depth) : 0;
    uint16_t below = (uint16_t)(depth + grouped);
    struct reader inside = der_step_into(run, head, reader, below);

    if (row->layout == DER_LAYOUT_WRAP) {
        unwrap(run, row, &inside, below);
    } else if (row->layout == DER_LAYOUT_LIST || row->layout == DER_LAYOUT_ITEMS) {
        der_items(run, row->content, &inside, below);
    } else {
        der_components(run, row->content, &inside, below);
    }
    if (grouped) {
        der_close_group(run, group, reader);
    }
}

void der_content(struct der_run *run, const struct der_schema *row, const struct der_head *head,
                 struct reader *reader, uint16_t depth)
{
    if (row->layout == DER_LAYOUT_LEAF) {
        leaf(run, row, head, reader, depth);
    } else {
        constructed(run, row, head, reader, depth);
    }
}

/* What stands inside its EXPLICIT tag, if it has one. */
static void tagged(struct der_run *run, const struct der_schema *row, struct reader *reader,
                   uint16_t depth)
{
    struct der_head head;

    if (row->layout == DER_LAYOUT_CHOICE) {
        choice(run, row, reader, depth);
    } else if (row->layout == DER_LAYOUT_OPEN) {
        open_type(run, row, reader, depth);
    } else if (!der_has_tag(reader, row->tag)) {
        unexpected(run, reader, depth);
    } else if (row->layout == DER_LAYOUT_CALL) {
        row->call(run, row, reader, depth);
    } else if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
    } else {
        der_content(run, row, &head, reader, depth);
    }
}

void der_component(struct der_run *run, const struct der_schema *row, struct reader *reader,
                   uint16_t depth)
{
    struct der_head head;
    struct reader inside;

    if (row->outer == 0) {
        tagged(run, row, reader, depth);
    } else if (!der_has_tag(reader, row->outer)) {
        unexpected(run, reader, depth);
    } else if (!der_head_peek(reader, &head)) {
        der_rest(run, &error_truncated, reader, depth);
    } else {
        inside = der_step_into(run, &head, reader, depth);
        if (reader_left(&inside) > 0) {
            tagged(run, row, &inside, depth);
        } else {
            der_complain(run, DER_ERROR_TYPE(MISSING), &inside, depth);
        }
        if (reader_left(&inside) > 0) {
            der_rest(run, &error_trailing, &inside, depth);
        }
    }
}
