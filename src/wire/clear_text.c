/* A line or message in clear text before TLS: line by line, as far as it is text. */
#include <string.h>

#include "message.h"

static const struct wire_field_type root = SCHEMA_PATH("text", "clear text", GROUP);
static const struct wire_field_type line = SCHEMA_PATH("text.line", "line", TEXT);
static const struct wire_field_type bytes = SCHEMA_PATH("text.bytes", "bytes", BYTES);

/* Nobody reads more; what is left is one leaf. */
#define LINES_MAX 1000

static bool is_text(const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] < ' ' && data[i] != '\t' && data[i] != '\r' && data[i] != '\n') {
            return false;
        }
    }
    return true;
}

static void add_lines(struct dissection *dissection, struct reader *reader)
{
    for (size_t count = 0; reader_left(reader) > 0 && count < LINES_MAX; count++) {
        const uint8_t *start = reader->data + reader->offset;
        const uint8_t *end = memchr(start, '\n', reader_left(reader));
        size_t length = end != NULL ? (size_t)(end - start) + 1 : reader_left(reader);

        schema_add(dissection, &line, reader->offset, length, 1);
        (void)reader_bytes(reader, length); /* it is there */
    }
    if (reader_left(reader) > 0) {
        schema_add_rest(dissection, &line, reader, 1);
    }
}

int wire_clear_text_dissect(struct wire_tree *tree, const uint8_t *data, size_t length)
{
    struct dissection dissection = {.tree = tree};
    struct reader reader = reader_new(data, length);
    size_t group;

    schema_start(tree, data, length);
    group = schema_add(&dissection, &root, 0, 0, 0);
    if (is_text(data, length)) {
        add_lines(&dissection, &reader);
    } else {
        schema_add_rest(&dissection, &bytes, &reader, 1);
    }
    schema_close(&dissection, group, length);
    return tree->failed ? -1 : 0;
}

void clear_text_visit(void (*visit)(const struct wire_field_type *type, void *user), void *user)
{
    visit(&root, user);
    visit(&line, user);
    visit(&bytes, user);
}
