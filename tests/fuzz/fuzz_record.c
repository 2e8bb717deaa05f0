/*
 * Any bytes as what a peer sends: records and handshake messages are found without a read past the
 * end, and a record's fields cover every byte, whatever its layout is said to be; so do those of what
 * was decrypted from it. The layout comes from the first bytes.
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

/* A layout that nobody has checked. */
static void try_layout(const uint8_t *data, size_t size)
{
    static const uint16_t versions[] = {WIRE_SSL3, WIRE_TLS10, WIRE_TLS12, WIRE_TLS13};
    struct wire_tree tree = {0};
    struct wire_layout layout = {.is_protected = true};

    if (size >= 6) {
        layout.version = versions[data[0] & 3];
        layout.aead = (data[0] & 4) != 0;
        layout.encrypt_then_mac = (data[0] & 8) != 0;
        layout.iv = data[1];
        layout.tag = data[2];
        layout.mac = data[3];
        layout.content = data[4];
        layout.padding = data[5];
        data += 6;
        size -= 6;
    }
    require(wire_record_dissect(&tree, &layout, data, size) == 0);
    require(partition_holds(&tree));
    require(wire_plaintext_dissect(&tree, &layout, data, size) == 0);
    require(partition_holds(&tree));
    wire_tree_free(&tree);
}

static void try_ssl2(const uint8_t *data, size_t size)
{
    size_t length = 0;

    if (wire_ssl2_hello_parse(data, size, &length) == WIRE_COMPLETE) {
        const struct wire_context context = {.from = WIRE_CLIENT};
        struct wire_tree tree = {0};
        require(length <= size);
        require(wire_message_dissect(&tree, &context, WIRE_SSL2_HELLO, data, length) == 0);
        require(partition_holds(&tree));
        require(wire_tree_find(&tree, "error.truncated", 0) < 0);
        wire_tree_free(&tree);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t body_length = 0;
    uint8_t type = 0;

    walk_records(data, size);
    try_layout(data, size);
    try_ssl2(data, size);
    if (wire_handshake_parse(data, size, &type, &body_length) == WIRE_COMPLETE) {
        require(WIRE_HANDSHAKE_HEADER + (size_t)body_length <= size);
    }
    (void)wire_is_hello_retry_request(data, size);
    (void)wire_guess_protocol(data, size); /* any answer will do */
    return 0;
}
