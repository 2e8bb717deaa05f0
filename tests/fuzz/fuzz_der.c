/*
 * DER: any bytes as any of the structures. The first byte of the input says which. Every byte must be in
 * one field, and every value safe for a terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "partition.h"
#include "tlstep/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_value(const struct wire_tree *tree, size_t index, size_t room)
{
    char value[200];
    char safe[200];

    wire_field_value(value, room, tree, index);
    text_safe(safe, sizeof safe, value, strlen(value));
    expect(strlen(value) < room && strcmp(value, safe) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_tree tree = {0};
    enum wire_der_kind kind;

    if (size == 0) {
        return 0;
    }
    kind = (enum wire_der_kind)(data[0] % (WIRE_DER_ANY + 1));
    expect(wire_der_dissect(&tree, kind, data + 1, size - 1) == 0);
    expect(partition_holds(&tree));
    for (size_t i = 0; i < tree.count && i < 300; i++) {
        check_value(&tree, i, 200);
        check_value(&tree, i, 1 + i % 20);
    }
    wire_tree_free(&tree);
    return 0;
}
