/* Keys have names that can be read back, and the line editor does what a shell's does. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "edit.h"
#include "keys.h"
#include "tlstep/stepper.h"

static void every_key_of_the_table_is_known(void **state)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (const char *at = table[i].keys; *at != '\0';) {
            size_t length = strcspn(at, " ");
            if (ui_key_parse(at, length) < 0) {
                fail_msg("%s: no key is called '%.*s'", table[i].name, (int)length, at);
            }
            at += length;
            at += strspn(at, " ");
        }
    }
}

static void no_key_has_two_meanings(void **state)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (const char *at = table[i].keys; *at != '\0';) {
            size_t length = strcspn(at, " ");
            long key = ui_key_parse(at, length);
            for (size_t j = i + 1; j < count; j++) {
                if (ui_key_among(table[j].keys, key)) {
                    fail_msg("'%.*s' is a key of %s and of %s", (int)length, at, table[i].name,
                             table[j].name);
                }
            }
            at += length;
            at += strspn(at, " ");
        }
    }
}

static void names_can_be_read_back(void **state)
{
    static const long keys[] = {'q',
                                '?',
                                '+',
                                UI_KEY_SPACE,
                                UI_KEY_ENTER,
                                UI_KEY_TAB,
                                UI_KEY_BACK_TAB,
                                UI_KEY_PAGE_UP,
                                UI_KEY_F1,
                                UI_KEY_F1 + 11,
                                12,
                                26,
                                0xe9,
                                0x65e5};
    char name[32];

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        (void)ui_key_name(name, sizeof name, keys[i]);
        assert_int_equal(ui_key_parse(name, strlen(name)), keys[i]);
    }
    assert_int_equal(ui_key_parse("F13", 3), -1);
    assert_int_equal(ui_key_parse("Spade", 5), -1);
    assert_int_equal(ui_key_parse("", 0), -1);
    assert_string_equal(ui_key_first(name, sizeof name, "? F1"), "?");
}

/* ---- editing ------------------------------------------------------------------------------------ */

static void press(struct ui_edit *edit, const char *text)
{
    for (; *text != '\0'; text++) {
        assert_true(ui_edit_key(edit, *text));
    }
}

static void text_is_edited_by_characters(void **state)
{
    struct ui_edit edit = {0};

    (void)state;
    press(&edit, "unil");
    assert_true(ui_edit_key(&edit, UI_KEY_LEFT));
    assert_true(ui_edit_key(&edit, UI_KEY_LEFT));
    press(&edit, "t");
    assert_string_equal(edit.text, "until");
    assert_true(ui_edit_key(&edit, UI_KEY_END));
    assert_true(ui_edit_key(&edit, 0x65e5)); /* three bytes, one character */
    assert_true(ui_edit_key(&edit, 0xe9));
    assert_string_equal(edit.text, "until日é");
    assert_true(ui_edit_key(&edit, UI_KEY_BACKSPACE));
    assert_true(ui_edit_key(&edit, UI_KEY_LEFT));
    assert_true(ui_edit_key(&edit, UI_KEY_DELETE));
    assert_string_equal(edit.text, "until");
}

static void words_and_lines_are_erased_at_once(void **state)
{
    struct ui_edit edit = {0};

    (void)state;
    ui_edit_set(&edit, "set sni  example.org");
    assert_true(ui_edit_key(&edit, UI_KEY_CTRL_W));
    assert_string_equal(edit.text, "set sni  ");
    assert_true(ui_edit_key(&edit, UI_KEY_CTRL_W));
    assert_string_equal(edit.text, "set ");
    assert_true(ui_edit_key(&edit, UI_KEY_HOME));
    assert_true(ui_edit_key(&edit, UI_KEY_CTRL_K));
    assert_string_equal(edit.text, "");
    assert_true(ui_edit_key(&edit, UI_KEY_BACKSPACE)); /* nothing to erase: no harm */
    assert_int_equal(edit.length, 0);
}

static void a_full_line_takes_no_more(void **state)
{
    struct ui_edit edit = {0};

    (void)state;
    for (size_t i = 0; i < 2 * UI_EDIT_MAX; i++) {
        (void)ui_edit_key(&edit, i % 2 == 0 ? 'x' : 0x1f512);
    }
    assert_true(edit.length < UI_EDIT_MAX);
    assert_int_equal(strlen(edit.text), edit.length);
    assert_true(text_is_utf8(edit.text, edit.length));
}

static void the_cursor_of_a_long_line_stays_in_its_columns(void **state)
{
    struct ui_canvas canvas = {0};
    struct ui_area all;
    struct ui_edit edit = {0};

    (void)state;
    assert_int_equal(ui_canvas_resize(&canvas, 1, 20), 0);
    all = ui_area_all(&canvas);
    for (int i = 0; i < 60; i++) {
        int x = ui_edit_draw(&edit, &all, 0, 4, 10, 0);
        assert_true(x >= 4 && x < 14);
        (void)ui_edit_key(&edit, i % 3 == 0 ? 0x65e5 : 'a');
    }
    assert_true(ui_edit_key(&edit, UI_KEY_HOME));
    assert_int_equal(ui_edit_draw(&edit, &all, 0, 4, 10, 0), 4);
    ui_canvas_free(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_table_is_known),
        cmocka_unit_test(no_key_has_two_meanings),
        cmocka_unit_test(names_can_be_read_back),
        cmocka_unit_test(text_is_edited_by_characters),
        cmocka_unit_test(words_and_lines_are_erased_at_once),
        cmocka_unit_test(a_full_line_takes_no_more),
        cmocka_unit_test(the_cursor_of_a_long_line_stays_in_its_columns),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
