/*
 * Any bytes as a message: each is in exactly one field, every value is safe text, fingerprints and
 * lookups survive. Input: content type, sender and more, version (2 bytes), cipher suite (2 bytes),
 * message.
 */
#include <stdlib.h>
#include <string.h>

#include "partition.h"
#include "tlstep/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_values(const struct wire_tree *tree)
{
    char value[40];

    for (size_t i = 0; i < tree->count; i++) {
        wire_field_value(value, sizeof value, tree, i);
        require(text_is_utf8(value, strlen(value)));
        for (const char *at = value; *at != '\0'; at++) {
            require((unsigned char)*at >= 0x20 && *at != 0x7f);
        }
    }
}

static void check_fingerprints(const uint8_t *message, size_t length)
{
    struct buffer text = {0};
    struct buffer suites = {0};
    struct buffer extensions = {0};

    (void)wire_ja3(message, length, &text); /* most inputs are no hello */
    (void)wire_ja3s(message, length, &text);
    (void)wire_ja4(message, length, &text, &suites, &extensions);
    buffer_free(&text);
    buffer_free(&suites);
    buffer_free(&extensions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader reader = reader_new(data, size);
    uint8_t content_type = reader_u8(&reader);
    uint8_t choices = reader_u8(&reader);
    struct wire_context context = {.from = (choices & 1) == 0 ? WIRE_CLIENT : WIRE_SERVER,
                                   .certificate_type = {choices >> 2 & 3, choices >> 2 & 3},
                                   .shallow = (choices & 2) != 0};
    struct wire_tree tree = {0};
    const uint8_t *message;
    size_t length;

    context.version = reader_u16(&reader);
    context.cipher_suite = reader_u16(&reader);
    length = reader_left(&reader);
    message = reader_bytes(&reader, length);
    if (message == NULL) {
        return 0;
    }
    require(wire_message_dissect(&tree, &context, content_type, message, length) == 0);
    require(partition_holds(&tree));
    check_values(&tree);
    wire_tree_free(&tree);
    check_fingerprints(message, length);
    return 0;
}
