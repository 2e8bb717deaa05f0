/* Drawing stays inside its area, counts columns and not bytes, and is readable in ASCII. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "canvas.h"

static struct ui_canvas make(int rows, int columns, bool ascii)
{
    struct ui_canvas canvas = {.ascii = ascii};

    assert_int_equal(ui_canvas_resize(&canvas, rows, columns), 0);
    return canvas;
}

static void assert_row(const struct ui_canvas *canvas, int y, const char *wanted)
{
    struct buffer text = {0};

    ui_canvas_row_text(canvas, y, &text);
    assert_string_equal(buffer_string(&text), wanted);
    buffer_free(&text);
}

static void text_is_cut_with_an_ellipsis(void **state)
{
    struct ui_canvas canvas = make(2, 12, false);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    assert_int_equal(ui_area_text(&all, 0, 0, 0, "ServerHello"), 11);
    assert_int_equal(ui_area_text(&all, 1, 0, 0, "CertificateVerify"), 12);
    assert_row(&canvas, 0, "ServerHello");
    assert_row(&canvas, 1, "Certificate…");
    ui_canvas_free(&canvas);
}

static void nothing_is_drawn_outside_of_an_area(void **state)
{
    struct ui_canvas canvas = make(5, 20, false);
    struct ui_area all = ui_area_all(&canvas);
    struct ui_area part = ui_area_part(&all, 1, 5, 3, 6);

    (void)state;
    for (int y = -2; y < 7; y++) {
        for (int x = -3; x < 9; x++) {
            (void)ui_area_text(&part, y, x, 0, "日本日本日本");
            ui_area_repeat(&part, y, x, 40, 0, "#");
        }
    }
    for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 20; x++) {
            bool inside = y >= 1 && y < 4 && x >= 5 && x < 11;
            assert_int_equal(ui_canvas_cell(&canvas, y, x)->text[0] == L'#', inside);
        }
    }
    ui_canvas_free(&canvas);
}

static void wide_characters_take_two_columns(void **state)
{
    struct ui_canvas canvas = make(3, 8, false);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    assert_int_equal(ui_area_text(&all, 0, 0, 0, "日本a"), 5);
    assert_row(&canvas, 0, "日本a");
    /* The fourth would need a ninth column. */
    (void)ui_area_text(&all, 1, 0, 0, "a日本日本");
    assert_row(&canvas, 1, "a日本日…");
    /* Half of one that is drawn over is no character any more. */
    (void)ui_area_text(&all, 2, 0, 0, "日本");
    (void)ui_area_text(&all, 2, 1, 0, "x");
    assert_row(&canvas, 2, " x本");
    ui_canvas_free(&canvas);
}

static void combining_characters_take_none(void **state)
{
    struct ui_canvas canvas = make(1, 8, false);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    assert_int_equal(ui_area_text(&all, 0, 0, 0, "e\u0301x"), 2);
    assert_row(&canvas, 0, "e\u0301x");
    ui_canvas_free(&canvas);
}

static void control_characters_never_get_through(void **state)
{
    struct ui_canvas canvas = make(1, 20, false);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    (void)ui_area_text(&all, 0, 0, 0,
                       "a\033[31m\n\xc2\x9b"
                       "b\xff");
    assert_row(&canvas, 0, "a?[31m??b?");
    ui_canvas_free(&canvas);
}

static void ascii_has_spellings_for_our_own_signs(void **state)
{
    struct ui_canvas canvas = make(3, 30, true);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    (void)ui_area_text(&all, 0, 0, 0, "✔ a → b · ◀──▶ … é");
    ui_area_border(&all, 0);
    (void)ui_area_text(&all, 1, 1, 0, "✔ a → b · ◀──▶ … é");
    assert_row(&canvas, 0, "+----------------------------+");
    assert_row(&canvas, 1, "|ok a -> b - <--> ... ?      |");
    assert_row(&canvas, 2, "+----------------------------+");
    assert_int_equal(ui_text_columns("✔ → …", true), 2 + 1 + 2 + 1 + 3);
    assert_int_equal(ui_text_columns("✔ → …", false), 5);
    ui_canvas_free(&canvas);
}

static void text_is_cut_in_ascii_without_leaving_its_columns(void **state)
{
    struct ui_canvas canvas = make(4, 10, true);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    for (int columns = 0; columns < 4; columns++) {
        (void)ui_area_text_in(&all, columns, 0, columns, 0, "Certificate");
    }
    assert_row(&canvas, 0, "");
    assert_row(&canvas, 1, ".");
    assert_row(&canvas, 2, "..");
    assert_row(&canvas, 3, "C..");
    ui_canvas_free(&canvas);
}

static void right_aligned_text_ends_where_it_should(void **state)
{
    struct ui_canvas canvas = make(2, 10, false);
    struct ui_area all = ui_area_all(&canvas);

    (void)state;
    ui_area_text_right(&all, 0, 10, 0, "24.7");
    ui_area_text_right(&all, 1, 4, 0, "too long");
    assert_row(&canvas, 0, "      24.7");
    assert_row(&canvas, 1, "too…");
    ui_canvas_free(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_with_an_ellipsis),
        cmocka_unit_test(nothing_is_drawn_outside_of_an_area),
        cmocka_unit_test(wide_characters_take_two_columns),
        cmocka_unit_test(combining_characters_take_none),
        cmocka_unit_test(control_characters_never_get_through),
        cmocka_unit_test(ascii_has_spellings_for_our_own_signs),
        cmocka_unit_test(text_is_cut_in_ascii_without_leaving_its_columns),
        cmocka_unit_test(right_aligned_text_ends_where_it_should),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
