/*
 * Any bytes as what a peer sends: records and handshake messages are found without a read past the
 * end, and a record's fields cover every byte.
 */
#include <stdlib.h>

#include "partition.h"
#include "tlstep/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* Walks over the records at the start; the tree of each covers it. */
static void walk_records(const uint8_t *data, size_t size)
{
    struct wire_record record;
    struct wire_tree tree = {0};

    while (wire_record_parse(data, size, &record) == WIRE_COMPLETE) {
        size_t length = WIRE_RECORD_HEADER + (size_t)record.length;
        require(length <= size && record.length <= WIRE_RECORD_MAX);
        require(wire_record_dissect(&tree, NULL, data, length) == 0);
        require(partition_holds(&tree) && wire_tree_find(&tree, "record.fragment", 0) > 0);
        require(wire_tree_find(&tree, "error.length", 0) < 0);
        data += length;
        size -= length;
    }
    require(wire_record_dissect(&tree, NULL, data, size) == 0);
    require(partition_holds(&tree));
    wire_tree_free(&tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t body_length = 0;
    uint8_t type = 0;

    walk_records(data, size);
    if (wire_handshake_parse(data, size, &type, &body_length) == WIRE_COMPLETE) {
        require(WIRE_HANDSHAKE_HEADER + (size_t)body_length <= size);
    }
    (void)wire_is_hello_retry_request(data, size);
    (void)wire_guess_protocol(data, size); /* any answer will do */
    return 0;
}
