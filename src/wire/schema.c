/* The interpreter of schemas: the only code that turns bytes into fields. */
#include "schema.h"

#include "der.h"
#include "extension.h"

/*
 * More fields than this are no message but an attempt to use up memory: 16 MiB of one-byte list
 * items would become 400 MiB of fields. A real message has a few hundred.
 */
#define FIELDS_MAX 100000

const struct schema schema_empty[] = {END};

const struct wire_field_type error_length =
    SCHEMA_PATH("error.length", "length goes past the end", ERROR);
const struct wire_field_type error_range =
    SCHEMA_PATH("error.range", "a length that is not allowed", ERROR);
const struct wire_field_type error_truncated =
    SCHEMA_PATH("error.truncated", "ends too early", ERROR);
const struct wire_field_type error_trailing =
    SCHEMA_PATH("error.trailing", "bytes left over", ERROR);
const struct wire_field_type error_too_many =
    SCHEMA_PATH("error.too_many", "too many fields to list", ERROR);

void schema_start(struct wire_tree *tree, const uint8_t *data, size_t length)
{
    tree->data = data;
    tree->length = length;
    tree->count = 0;
    tree->failed = false;
}

static bool grow(struct wire_tree *tree)
{
    struct wire_field *fields =
        array_grow(tree->fields, &tree->capacity, tree->count + 1, sizeof *fields);

    if (fields == NULL) {
        tree->failed = true;
        return false;
    }
    tree->fields = fields;
    return true;
}

size_t schema_add(struct dissection *dissection, const struct wire_field_type *type, size_t offset,
                  size_t length, uint16_t depth)
{
    struct wire_tree *tree = dissection->tree;

    if (tree->failed || (tree->count == tree->capacity && !grow(tree))) {
        return 0;
    }
    tree->fields[tree->count] = (struct wire_field){
        .type = type, .offset = (uint32_t)offset, .length = (uint32_t)length, .depth = depth};
    return tree->count++;
}

void schema_close(struct dissection *dissection, size_t group, size_t end)
{
    struct wire_tree *tree = dissection->tree;

    if (!tree->failed) {
        tree->fields[group].length = (uint32_t)(end - tree->fields[group].offset);
    }
}

void schema_add_rest(struct dissection *dissection, const struct wire_field_type *type,
                     struct reader *reader, uint16_t depth)
{
    schema_add(dissection, type, reader->offset, reader->length - reader->offset, depth);
    reader->offset = reader->length;
}

void schema_run_all(struct dissection *dissection, const struct schema *schema,
                    struct reader *reader, uint16_t depth)
{
    if (schema_run(dissection, schema, reader, depth) && reader_left(reader) > 0) {
        schema_add_rest(dissection, &error_trailing, reader, depth);
    }
}

void schema_run_within(struct dissection *dissection, const struct schema *schema, size_t length,
                       struct reader *reader, uint16_t depth)
{
    struct reader inside = *reader;

    if (length < reader_left(reader)) {
        inside.length = reader->offset + length;
    }
    reader->offset = inside.length;
    schema_run_all(dissection, schema, &inside, depth);
}

static const struct wire_field_type *judge_length(const struct schema *element, size_t claimed,
                                                  size_t left)
{
    if (claimed > left) {
        return &error_length;
    }
    if (claimed < element->least || (element->most > 0 && claimed > element->most)) {
        return &error_range;
    }
    return &element->length_type;
}

bool schema_enter(struct dissection *dissection, const struct schema *element,
                  struct reader *reader, struct reader *inside, uint16_t depth)
{
    size_t start = reader->offset;
    size_t claimed = 0;
    size_t left;

    if (reader_left(reader) < element->size) {
        schema_add_rest(dissection, &error_truncated, reader, depth);
        return false;
    }
    for (size_t i = 0; i < element->size; i++) {
        claimed = claimed << 8 | reader_u8(reader);
    }
    left = reader_left(reader);
    schema_add(dissection, judge_length(element, claimed, left), start, element->size, depth);
    *inside = *reader;
    inside->length = inside->offset + (claimed > left ? left : claimed);
    reader->offset = inside->length;
    return true;
}

static bool run_fixed(struct dissection *dissection, const struct schema *element,
                      struct reader *reader, uint16_t depth)
{
    if (reader_left(reader) < element->size) {
        schema_add_rest(dissection, &error_truncated, reader, depth);
        return false;
    }
    schema_add(dissection, &element->type, reader->offset, element->size, depth);
    reader->offset += element->size;
    return true;
}

static bool run_rest(struct dissection *dissection, const struct schema *element,
                     struct reader *reader, uint16_t depth)
{
    bool whole = reader_left(reader) >= element->least;

    schema_add_rest(dissection, whole ? &element->type : &error_truncated, reader, depth);
    return whole;
}

static bool run_vector(struct dissection *dissection, const struct schema *element,
                       struct reader *reader, uint16_t depth)
{
    struct reader inside;

    if (!schema_enter(dissection, element, reader, &inside, depth)) {
        return false;
    }
    schema_add_rest(dissection, &element->type, &inside, depth);
    return true;
}

/* Closed it is a leaf; so is nothing at all, whose length says whether it may be. */
static bool run_der(struct dissection *dissection, const struct schema *element,
                    struct reader *reader, uint16_t depth)
{
    struct reader inside;

    if (!schema_enter(dissection, element, reader, &inside, depth)) {
        return false;
    }
    if (dissection->context->shallow || reader_left(&inside) == 0) {
        schema_add_rest(dissection, &element->type, &inside, depth);
    } else {
        der_dissect_into(dissection, element->der, &element->group_type, &inside, depth);
    }
    return true;
}

/* Items until the end. An item that is cut short ends the list, not what comes after it. */
static void run_items(struct dissection *dissection, const struct schema *element,
                      struct reader *inside, uint16_t depth)
{
    while (reader_left(inside) > 0) {
        size_t start = inside->offset;
        if (dissection->tree->count >= FIELDS_MAX) {
            schema_add_rest(dissection, &error_too_many, inside, depth);
            return;
        }
        if (element->layout == LAYOUT_EXTENSIONS) {
            extension_dissect(dissection, inside, depth);
        } else if (!schema_run(dissection, element->content, inside, depth)) {
            return;
        }
        if (inside->offset == start) { /* an item without a byte would go on for ever */
            schema_add_rest(dissection, &error_trailing, inside, depth);
            return;
        }
    }
}

static bool run_list(struct dissection *dissection, const struct schema *element,
                     struct reader *reader, uint16_t depth)
{
    struct reader inside;
    size_t group = schema_add(dissection, &element->type, reader->offset, 0, depth);
    bool entered = schema_enter(dissection, element, reader, &inside, (uint16_t)(depth + 1));

    if (entered && element->layout == LAYOUT_BLOCK) {
        schema_run_all(dissection, element->content, &inside, (uint16_t)(depth + 1));
    } else if (entered) {
        run_items(dissection, element, &inside, (uint16_t)(depth + 1));
    }
    schema_close(dissection, group, reader->offset);
    return entered;
}

static bool run_struct(struct dissection *dissection, const struct schema *element,
                       struct reader *reader, uint16_t depth)
{
    size_t group = schema_add(dissection, &element->type, reader->offset, 0, depth);
    bool whole = schema_run(dissection, element->content, reader, (uint16_t)(depth + 1));

    schema_close(dissection, group, reader->offset);
    return whole;
}

static bool run_element(struct dissection *dissection, const struct schema *element,
                        struct reader *reader, uint16_t depth)
{
    switch (element->layout) {
    case LAYOUT_FIXED:
        return run_fixed(dissection, element, reader, depth);
    case LAYOUT_REST:
        return run_rest(dissection, element, reader, depth);
    case LAYOUT_VECTOR:
        return run_vector(dissection, element, reader, depth);
    case LAYOUT_LIST:
    case LAYOUT_BLOCK:
    case LAYOUT_EXTENSIONS:
        return run_list(dissection, element, reader, depth);
    case LAYOUT_ITEMS:
        run_items(dissection, element, reader, depth);
        return true;
    case LAYOUT_DER:
        return run_der(dissection, element, reader, depth);
    case LAYOUT_CALL:
        return element->call(dissection, element, reader, depth);
    case LAYOUT_STRUCT:
        return run_struct(dissection, element, reader, depth);
    case LAYOUT_SEQUENCE:
        return schema_run(dissection, element->content, reader, depth);
    case LAYOUT_CHOICE:
        return schema_run(dissection, element->choices[element->choose(dissection, *reader)],
                          reader, depth);
    case LAYOUT_END:
        break;
    }
    return true;
}

/* False when the bytes ended before the schema did; the tree says so then. */
bool schema_run(struct dissection *dissection, const struct schema *schema, struct reader *reader,
                uint16_t depth)
{
    for (const struct schema *element = schema; element->layout != LAYOUT_END; element++) {
        if (element->optional && reader_left(reader) == 0) {
            continue;
        }
        if (!run_element(dissection, element, reader, depth)) {
            return false;
        }
    }
    return true;
}

void schema_visit(const struct schema *schema,
                  void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    for (const struct schema *element = schema; element->layout != LAYOUT_END; element++) {
        if (element->type.path != NULL) {
            visit(&element->type, user);
        }
        if (element->length_type.path != NULL) {
            visit(&element->length_type, user);
        }
        if (element->group_type.path != NULL) {
            visit(&element->group_type, user);
        }
        if (element->content != NULL) {
            schema_visit(element->content, visit, user);
        }
        for (size_t i = 0; element->choices != NULL && element->choices[i] != NULL; i++) {
            schema_visit(element->choices[i], visit, user);
        }
    }
}
