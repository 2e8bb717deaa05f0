/* What is copied is the field, whole, in a form that other programs read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clipboard.h"
#include "copy.h"
#include "tlstep/report.h"

/* A ServerHello: version, random, an empty session id, suite, compression, one extension. */
static uint8_t message[4 + 2 + 32 + 1 + 2 + 1 + 2 + 6] = {2, 0, 0, 46, 3, 3};

static struct wire_tree dissect(void)
{
    static const uint8_t end[] = {0, 0x13, 0x01, 0, 0, 6, 0, 0x2b, 0, 2, 3, 4};
    const struct wire_context context = {.from = WIRE_SERVER, .version = WIRE_TLS13};
    struct wire_tree tree = {0};

    for (size_t i = 0; i < 32; i++) {
        message[6 + i] = (uint8_t)(0xe0 + i);
    }
    memcpy(message + 38, end, sizeof end);
    assert_int_equal(wire_message_dissect(&tree, &context, WIRE_HANDSHAKE, message, sizeof message),
                     0);
    return tree;
}

static size_t find(const struct wire_tree *tree, const char *path)
{
    long index = wire_tree_find(tree, path, 0);

    assert_true(index >= 0);
    return (size_t)index;
}

static char *copy(enum ui_copy_format format, const char *path)
{
    struct wire_tree tree = dissect();
    struct buffer out = {0};
    char *text;

    ui_copy_write(&out, format, &tree, find(&tree, path));
    assert_false(out.failed);
    text = text_duplicate(buffer_string(&out), out.length);
    assert_non_null(text);
    buffer_free(&out);
    wire_tree_free(&tree);
    return text;
}

static void a_value_and_hex_are_whole(void **state)
{
    const char *random = "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
    char *text = copy(UI_COPY_HEX, "handshake.server_hello.random");

    (void)state;
    assert_string_equal(text, random);
    free(text);
    text = copy(UI_COPY_VALUE, "handshake.server_hello.random");
    assert_string_equal(text, random);
    free(text);
    text = copy(UI_COPY_VALUE, "handshake.server_hello.cipher_suite");
    assert_string_equal(text, "TLS_AES_128_GCM_SHA256 (0x1301)");
    free(text);
    text = copy(UI_COPY_HEX, "handshake.server_hello.cipher_suite");
    assert_string_equal(text, "1301");
    free(text);
}

/* Longer than any buffer on the way: nothing is cut. */
static void a_long_value_is_not_cut(void **state)
{
    static uint8_t data[20000];
    static const struct wire_context context = {.from = WIRE_SERVER};
    struct wire_tree tree = {0};
    struct buffer out = {0};

    (void)state;
    memset(data, 0x1b, sizeof data); /* ESC: each is four characters of text, or two of hex */
    assert_int_equal(
        wire_message_dissect(&tree, &context, WIRE_APPLICATION_DATA, data, sizeof data), 0);
    ui_copy_write(&out, UI_COPY_VALUE, &tree, tree.count - 1);
    assert_true(out.length >= 2 * sizeof data);
    assert_null(memchr(out.data, 0x1b, out.length));
    assert_null(memmem(out.data, out.length, "…", 3));
    buffer_free(&out);
    wire_tree_free(&tree);
}

static void a_c_array_has_twelve_bytes_a_line(void **state)
{
    char *text = copy(UI_COPY_C, "handshake.server_hello.random");
    const char *expected = "static const uint8_t random[32] = {\n"
                           "    0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, "
                           "0xeb,\n"
                           "    0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, "
                           "0xf7,\n"
                           "    0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,\n"
                           "};\n";

    (void)state;
    assert_string_equal(text, expected);
    free(text);
}

static void names_become_identifiers(void **state)
{
    static const struct {
        const char *name, *begins;
    } cases[] = {
        {"cipher suite", "static const uint8_t cipher_suite[1]"},
        {"2nd -- part (x)", "static const uint8_t nd_part_x_[1]"},
        {"", "static const uint8_t bytes[1]"},
        {"\xc3\xa9t\xc3\xa9", "static const uint8_t t_[1]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wire_field_type type = {
            .path = "x", .name = cases[i].name, .kind = WIRE_FIELD_BYTES};
        struct wire_field field = {.type = &type, .length = 1};
        struct wire_tree tree = {
            .data = (const uint8_t *)"a", .length = 1, .fields = &field, .count = 1};
        struct buffer out = {0};
        ui_copy_write(&out, UI_COPY_C, &tree, 0);
        assert_non_null(strstr(buffer_string(&out), cases[i].begins));
        buffer_free(&out);
    }
}

/* jansson reads it, and it has all fields, as docs/json.md has them. */
static size_t count_fields(const json_t *field)
{
    size_t count = 1, index;
    json_t *child;

    assert_true(json_is_string(json_object_get(field, "path")));
    assert_true(json_is_string(json_object_get(field, "value")));
    assert_true(json_is_integer(json_object_get(field, "offset")));
    json_array_foreach(json_object_get(field, "children"), index, child)
    {
        count += count_fields(child);
    }
    return count;
}

static void json_has_the_field_and_its_parts(void **state)
{
    struct wire_tree tree = dissect();

    (void)state;
    for (size_t i = 0; i < tree.count; i++) {
        struct buffer out = {0};
        json_t *json;
        ui_copy_write(&out, UI_COPY_JSON, &tree, i);
        json = json_loadb((const char *)out.data, out.length, 0, NULL);
        assert_non_null(json);
        assert_string_equal(json_string_value(json_object_get(json, "path")),
                            tree.fields[i].type->path);
        assert_int_equal(count_fields(json), wire_tree_span(&tree, i));
        json_decref(json);
        buffer_free(&out);
    }
    wire_tree_free(&tree);
}

static void formats_are_found_by_their_names(void **state)
{
    (void)state;
    assert_int_equal(ui_copy_find("hex", 3), UI_COPY_HEX);
    assert_int_equal(ui_copy_find("c", 1), UI_COPY_C);
    assert_int_equal(ui_copy_find("he", 2), UI_COPY_FORMAT_COUNT);
    assert_int_equal(ui_copy_find("", 0), UI_COPY_FORMAT_COUNT);
}

/* ---- the clipboard ------------------------------------------------------------------------------------ */

/* RFC 4648 section 10. */
static void osc_52_carries_base64(void **state)
{
    static const struct {
        const char *text, *sequence;
    } cases[] = {
        {"", "\033]52;c;\a"},        {"f", "\033]52;c;Zg==\a"},          {"fo", "\033]52;c;Zm8=\a"},
        {"foo", "\033]52;c;Zm9v\a"}, {"foobar", "\033]52;c;Zm9vYmFy\a"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer out = {0};
        assert_true(ui_clipboard_sequence(&out, cases[i].text, strlen(cases[i].text), false));
        assert_string_equal(buffer_string(&out), cases[i].sequence);
        buffer_free(&out);
    }
}

static void tmux_gets_it_for_itself_and_for_the_terminal(void **state)
{
    struct buffer out = {0};

    (void)state;
    assert_true(ui_clipboard_sequence(&out, "foo", 3, true));
    assert_string_equal(buffer_string(&out),
                        "\033]52;c;Zm9v\a\033Ptmux;\033\033]52;c;Zm9v\a\033\\");
    buffer_free(&out);
}

static void too_much_is_refused_whole(void **state)
{
    static char data[UI_CLIPBOARD_MAX];
    struct buffer out = {0};
    size_t longest = 0;

    (void)state;
    for (size_t length = 70000; length < sizeof data; length += 500) {
        if (ui_clipboard_sequence(&out, data, length, false)) {
            longest = length;
            assert_true(out.length <= UI_CLIPBOARD_MAX);
        } else {
            assert_int_equal(out.length, 0);
        }
        buffer_free(&out);
    }
    assert_true(longest >= 74000); /* base64 makes four bytes of three */
}

static void consoles_have_no_clipboard(void **state)
{
    (void)state;
    assert_true(ui_clipboard_exists("xterm-256color"));
    assert_true(ui_clipboard_exists("tmux-256color"));
    assert_false(ui_clipboard_exists("linux"));
    assert_false(ui_clipboard_exists("vt220"));
    assert_false(ui_clipboard_exists(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_and_hex_are_whole),
        cmocka_unit_test(a_long_value_is_not_cut),
        cmocka_unit_test(a_c_array_has_twelve_bytes_a_line),
        cmocka_unit_test(names_become_identifiers),
        cmocka_unit_test(json_has_the_field_and_its_parts),
        cmocka_unit_test(formats_are_found_by_their_names),
        cmocka_unit_test(osc_52_carries_base64),
        cmocka_unit_test(tmux_gets_it_for_itself_and_for_the_terminal),
        cmocka_unit_test(too_much_is_refused_whole),
        cmocka_unit_test(consoles_have_no_clipboard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
