/* Finding things in a dissection. */
#include <stdlib.h>
#include <string.h>

#include "der.h"

void wire_tree_free(struct wire_tree *tree)
{
    free(tree->fields);
    *tree = (struct wire_tree){0};
}

/* Lengths differ far more often than texts of the same length do. */
static bool has_path(const struct wire_field_type *type, const char *path, size_t length)
{
    if (type->path_length == 0) {
        return strcmp(type->path, path) == 0;
    }
    return type->path_length == length && memcmp(type->path, path, length) == 0;
}

long wire_tree_find(const struct wire_tree *tree, const char *path, size_t from)
{
    size_t length = strlen(path);

    for (size_t i = from; i < tree->count; i++) {
        if (has_path(tree->fields[i].type, path, length)) {
            return (long)i;
        }
    }
    return -1;
}

bool wire_tree_number(const struct wire_tree *tree, const char *path, uint64_t *value)
{
    long index = wire_tree_find(tree, path, 0);
    return index >= 0 && wire_field_number(tree, (size_t)index, value);
}

size_t wire_tree_span(const struct wire_tree *tree, size_t index)
{
    size_t end = index + 1;

    while (end < tree->count && tree->fields[end].depth > tree->fields[index].depth) {
        end++;
    }
    return end - index;
}

bool wire_field_number(const struct wire_tree *tree, size_t index, uint64_t *value)
{
    const struct wire_field *field = &tree->fields[index];
    struct reader reader = reader_new(tree->data, tree->length);
    const uint8_t *bytes;

    if (der_is_field(tree, index)) {
        return der_field_number(tree, index, value);
    }
    if ((field->type->kind != WIRE_FIELD_NUMBER && field->type->kind != WIRE_FIELD_NAMED) ||
        field->length < 1 || field->length > 8 || reader_bytes(&reader, field->offset) == NULL) {
        return false;
    }
    bytes = reader_bytes(&reader, field->length);
    if (bytes == NULL) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < field->length; i++) {
        *value = *value << 8 | (i == 0 && field->type->varint ? bytes[i] & 0x3f : bytes[i]);
    }
    return true;
}
