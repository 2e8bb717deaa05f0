/*
 * The property every dissection has: each byte is in exactly one leaf.
 */
#ifndef TLSTEP_TESTS_PARTITION_H
#define TLSTEP_TESTS_PARTITION_H

#include "tlstep/wire.h"

/* Leaves follow each other without gap or overlap from the first byte to the last, and each group
 * covers exactly its children. */
static inline bool partition_holds(const struct wire_tree *tree)
{
    size_t at = 0;

    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field *field = &tree->fields[i];
        size_t span = wire_tree_span(tree, i);
        const struct wire_field *last = &tree->fields[i + span - 1];
        bool group = field->type->kind == WIRE_FIELD_GROUP;
        if (field->offset != at || (i == 0) != (field->depth == 0) ||
            (i > 0 && field->depth > tree->fields[i - 1].depth + 1)) {
            return false;
        }
        if (group && last->offset + last->length != field->offset + field->length) {
            return false;
        }
        if (!group && span != 1) {
            return false; /* a leaf has no children */
        }
        if (span == 1) {
            at += field->length;
        }
    }
    return at == tree->length;
}

#endif
