/* Key schedules drawn as trees, for tests. */
#include "drawn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Every byte in one leaf, children inside their group, depths that make sense. */
static void drawn_check(const struct wire_tree *tree)
{
    size_t end = 0;

    assert_true(tree->count > 0);
    assert_int_equal(tree->fields[0].depth, 0);
    for (size_t i = 0; i < tree->count; i++) {
        const struct wire_field *field = &tree->fields[i];
        assert_true(i == 0 || field->depth > 0);
        assert_true(i == 0 || field->depth <= tree->fields[i - 1].depth + 1);
        if (field->type->kind == WIRE_FIELD_GROUP) {
            assert_true(wire_tree_span(tree, i) > 1);
            assert_int_equal(field->offset, end);
        } else {
            assert_int_equal(wire_tree_span(tree, i), 1);
            assert_int_equal(field->offset, end);
            assert_true(field->length > 0);
            end += field->length;
        }
    }
    assert_int_equal(end, tree->length);
    assert_int_equal(tree->fields[0].length, tree->length);
}

void drawn_make(struct drawn *drawn, const struct crypt_schedule *schedule)
{
    *drawn = (struct drawn){.bytes = {.secret = true}};
    assert_int_equal(crypt_schedule_tree(schedule, &drawn->tree, &drawn->bytes), 0);
    drawn_check(&drawn->tree);
}

void drawn_free(struct drawn *drawn)
{
    wire_tree_free(&drawn->tree);
    buffer_wipe_free(&drawn->bytes);
}

/* The leaf directly in the `nth` group of this path, both without "schedule."; -1: none. */
long drawn_leaf(const struct wire_tree *tree, const char *group, int nth, const char *leaf)
{
    char path[80];
    long at = -1;
    size_t from = 0;

    (void)snprintf(path, sizeof path, "schedule.%s", group);
    for (; nth >= 0; nth--) {
        at = wire_tree_find(tree, path, from);
        if (at < 0) {
            return -1;
        }
        from = (size_t)at + 1;
    }
    (void)snprintf(path, sizeof path, "schedule.%s", leaf);
    for (size_t i = 1; i < wire_tree_span(tree, (size_t)at); i++) {
        const struct wire_field *field = &tree->fields[(size_t)at + i];
        if (field->depth == tree->fields[at].depth + 1 && strcmp(field->type->path, path) == 0) {
            return at + (long)i;
        }
    }
    return -1;
}

void drawn_expect(const struct drawn *drawn, const char *group, int nth, const char *leaf,
                  const uint8_t *data, size_t length)
{
    long at = drawn_leaf(&drawn->tree, group, nth, leaf);

    if (at < 0) {
        fail_msg("%s has no %s", group, leaf);
    }
    const struct wire_field *field = &drawn->tree.fields[at];
    if (field->length != length || memcmp(drawn->bytes.data + field->offset, data, length) != 0) {
        char hex[200];
        fail_msg("%s in %s is %s", leaf, group,
                 text_hex(hex, sizeof hex, drawn->bytes.data + field->offset, field->length));
    }
}

/* Whether the text of a leaf has this in it. */
bool drawn_says(const struct drawn *drawn, const char *group, int nth, const char *leaf,
                const char *words)
{
    long at = drawn_leaf(&drawn->tree, group, nth, leaf);

    if (at < 0) {
        return false;
    }
    const struct wire_field *field = &drawn->tree.fields[at];
    return memmem(drawn->bytes.data + field->offset, field->length, words, strlen(words)) != NULL;
}
