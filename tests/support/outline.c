/* Dissections as text. */
#include "outline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "partition.h"

static bool is_header(const char *path)
{
    return strcmp(path, "handshake.type") == 0 || strcmp(path, "handshake.length") == 0;
}

char *outline_tree(const struct wire_tree *tree)
{
    struct buffer text = {0};
    char value[100];
    char *copy;

    assert_true(partition_holds(tree));
    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field_type *type = tree->fields[i].type;
        if (type->kind != WIRE_FIELD_GROUP && !is_header(type->path)) {
            buffer_printf(&text, "%s=%s\n", type->path,
                          wire_field_value(value, sizeof value, tree, i));
        }
    }
    copy = text_duplicate(buffer_string(&text), text.length);
    buffer_free(&text);
    assert_non_null(copy);
    return copy;
}

void outline_expect(const struct wire_context *context, uint8_t content_type, const void *data,
                    size_t length, const char *expected)
{
    struct wire_tree tree = {0};
    char *text;

    assert_int_equal(wire_message_dissect(&tree, context, content_type, data, length), 0);
    text = outline_tree(&tree);
    assert_string_equal(text, expected);
    free(text);
    wire_tree_free(&tree);
}

void outline_expect_handshake(const struct wire_context *context, uint8_t type, const void *body,
                              size_t length, const char *expected)
{
    struct buffer message = {0};

    buffer_u8(&message, type);
    buffer_u24(&message, (uint32_t)length);
    buffer_append(&message, body, length);
    assert_false(message.failed);
    outline_expect(context, WIRE_HANDSHAKE, message.data, message.length, expected);
    buffer_free(&message);
}

/* What stands before the extensions of a message, so that it is whole. */
static void append_front(struct buffer *body, uint8_t message)
{
    static const uint8_t hello[2 + 32 + 1] = {3, 3};

    if (message == WIRE_CLIENT_HELLO) {
        buffer_append(body, hello, sizeof hello);
        buffer_append(body, "\0\2\x13\1\1", 6); /* one suite, and with its zero one compression */
    } else if (message == WIRE_SERVER_HELLO) {
        buffer_append(body, hello, sizeof hello);
        buffer_append(body, "\x13\1", 3);
    } else if (message == WIRE_CERTIFICATE) {
        buffer_append(body, "\0\0\0", 3); /* filled in below */
    }
}

void outline_expect_extension(uint8_t message, uint16_t type, const void *body, size_t length,
                              const char *expected)
{
    const struct wire_context context = {
        .from = message == WIRE_CLIENT_HELLO ? WIRE_CLIENT : WIRE_SERVER, .version = WIRE_TLS13};
    struct buffer whole = {0};
    struct wire_tree tree = {0};
    char *text;
    char *start;

    buffer_u8(&whole, message);
    buffer_u24(&whole, 0);
    append_front(&whole, message);
    if (message == WIRE_CERTIFICATE) { /* one entry: a certificate of one byte and the extension */
        whole.length = WIRE_HANDSHAKE_HEADER;
        buffer_u8(&whole, 0);
        buffer_u24(&whole, (uint32_t)(length + 10));
        buffer_append(&whole, "\0\0\1\x05", 4);
    }
    buffer_u16(&whole, (uint16_t)(length + 4));
    buffer_u16(&whole, type);
    buffer_u16(&whole, (uint16_t)length);
    buffer_append(&whole, body, length);
    assert_false(whole.failed);
    whole.data[2] = (uint8_t)((whole.length - WIRE_HANDSHAKE_HEADER) >> 8);
    whole.data[3] = (uint8_t)(whole.length - WIRE_HANDSHAKE_HEADER);
    assert_int_equal(
        wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, whole.data, whole.length), 0);
    text = outline_tree(&tree);
    start = strstr(text, "extension.length=");
    assert_non_null(start);
    assert_string_equal(strchr(start, '\n') + 1, expected);
    free(text);
    wire_tree_free(&tree);
    buffer_free(&whole);
}
