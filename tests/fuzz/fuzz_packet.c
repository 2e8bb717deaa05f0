/*
 * Any bytes as a packet from its IP header on: its fields cover every byte and have values, and as a packet beside a session it is taken
 * or passed over.
 */
#include <stdlib.h>

#include "partition.h"
#include "tlstep/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void dissect(const uint8_t *data, size_t size)
{
    struct wire_tree tree = {0};
    char value[64];

    require(wire_packet_dissect(&tree, data, size) == 0);
    require(partition_holds(&tree));
    for (size_t i = 0; i < tree.count; i++) {
        (void)wire_field_value(value, sizeof value, &tree, i); /* any text will do */
    }
    wire_tree_free(&tree);
}

static void find_segment(const uint8_t *data, size_t size)
{
    static const uint16_t link_types[] = {1, 101, 113, 276};
    struct capture_segment segment;

    for (size_t i = 0; i < sizeof link_types / sizeof link_types[0]; i++) {
        if (capture_segment_read(link_types[i], data, size, size, &segment)) {
            require(segment.ip >= data && segment.ip < data + size);
            require(segment.ip + segment.headers + segment.captured <= data + size);
            require(segment.captured <= segment.length);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dissect(data, size);
    find_segment(data, size);
    return 0;
}
