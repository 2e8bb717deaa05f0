/* On every size of screen all parts are on it, none overlap, and every pane can be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "layout.h"

static bool overlap(struct ui_rect a, struct ui_rect b)
{
    return a.y < b.y + b.rows && b.y < a.y + a.rows && a.x < b.x + b.columns &&
           b.x < a.x + a.columns;
}

static size_t collect(const struct ui_layout *layout, struct ui_rect *out)
{
    const struct ui_rect lines[] = {layout->head, layout->tabs, layout->explanation, layout->hints,
                                    layout->lesson};
    size_t count = 0;

    for (size_t i = 0; i < 5; i++) {
        if (lines[i].rows > 0) {
            out[count++] = lines[i];
        }
    }
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        if (layout->panes[i].rows > 0) {
            out[count++] = layout->panes[i];
        }
    }
    return count;
}

static void check(const struct ui_layout_request *request)
{
    struct ui_layout layout;
    struct ui_rect rects[5 + UI_PANE_COUNT];
    size_t count;
    int area = 0;

    ui_layout_compute(&layout, request);
    assert_false(layout.too_small);
    count = collect(&layout, rects);
    for (size_t i = 0; i < count; i++) {
        assert_true(rects[i].y >= 0 && rects[i].y + rects[i].rows <= request->rows);
        assert_true(rects[i].x >= 0 && rects[i].x + rects[i].columns <= request->columns);
        for (size_t j = i + 1; j < count; j++) {
            assert_false(overlap(rects[i], rects[j]));
        }
        area += rects[i].rows * rects[i].columns;
    }
    assert_int_equal(area, request->rows * request->columns); /* nothing is wasted */
    assert_int_equal(layout.lesson.rows >= 3, request->lesson_rows > 0);
    /* The pane that has the keys is there, and large enough to show something. */
    assert_true(layout.panes[request->focus].rows >= (request->lesson_rows > 0 ? 4 : 5));
    assert_true(layout.panes[request->focus].columns >= 20);
    assert_true(layout.head.rows == 1 && layout.hints.rows == 1 && layout.explanation.rows >= 1);
}

static struct ui_layout_request make_request(int rows, int columns, enum ui_pane_id focus,
                                             bool refused)
{
    struct ui_layout_request request = {.rows = rows, .columns = columns, .focus = focus};

    for (int i = 0; i < UI_PANE_COUNT; i++) {
        request.present[i] = i != UI_PANE_REASONS || refused;
    }
    return request;
}

static void every_size_is_filled_without_overlap(void **state)
{
    (void)state;
    for (int rows = UI_ROWS_LEAST; rows < 90; rows++) {
        for (int columns = UI_COLUMNS_LEAST; columns < 260; columns += 3) {
            for (int focus = 0; focus < UI_PANE_COUNT; focus++) {
                struct ui_layout_request request =
                    make_request(rows, columns, (enum ui_pane_id)focus, focus == UI_PANE_REASONS);
                request.looked_at[UI_PANE_CIPHER] = 1;
                check(&request);
                request.lesson_rows = 3 + focus;
                check(&request);
                request.lesson_rows = 0;
                request.zoomed = true;
                check(&request);
                request.zoomed = false;
                request.present[UI_PANE_REASONS] = true;
                check(&request);
            }
        }
    }
}

/* Numbers are keys: each leads to one pane. Every place of the wide screen has a pane that is always
 * there, so that none stays empty. */
static void the_table_fills_every_place(void **state)
{
    unsigned filled = 0;

    (void)state;
    for (int i = 0; i < UI_PANE_COUNT; i++) {
        assert_true(ui_pane_table[i].number >= 0 && ui_pane_table[i].number <= 9);
        for (int j = i + 1; j < UI_PANE_COUNT; j++) {
            /* A key that is given twice leads to whichever of them is there: they are one place. */
            assert_true(ui_pane_table[i].number == 0 ||
                        ui_pane_table[i].number != ui_pane_table[j].number ||
                        ui_pane_table[i].place == ui_pane_table[j].place);
        }
        if (ui_pane_table[i].operations->present == NULL) {
            filled |= ui_pane_table[i].place;
        }
    }
    assert_int_equal(filled & (UI_PLACE_WHOLE - 1), UI_PLACE_WHOLE - 1);
}

static void panes_of_one_place_take_turns(void **state)
{
    struct ui_layout_request request = make_request(30, 100, UI_PANE_LADDER, false);
    struct ui_layout layout;

    (void)state;
    ui_layout_compute(&layout, &request);
    assert_true(layout.panes[UI_PANE_CONNECTION].rows > 0); /* the first of the table */
    request.looked_at[UI_PANE_CIPHER] = 1;
    request.looked_at[UI_PANE_CERTIFICATES] = 2;
    ui_layout_compute(&layout, &request);
    assert_true(layout.panes[UI_PANE_CERTIFICATES].rows > 0); /* the one looked at last */
    assert_int_equal(layout.panes[UI_PANE_CONNECTION].rows, 0);
    request.focus = UI_PANE_CIPHER;
    ui_layout_compute(&layout, &request);
    assert_true(layout.panes[UI_PANE_CIPHER].rows > 0); /* the one that has the keys */
    assert_int_equal(ui_layout_latest(&request, UI_PLACE_TOP_RIGHT | UI_PLACE_RIGHT),
                     UI_PANE_CERTIFICATES);
    assert_int_equal(ui_layout_latest(&request, 0), UI_PANE_COUNT);
}

static void too_small_a_screen_is_told_so(void **state)
{
    static const int sizes[][2] = {{15, 59}, {14, 60}, {1, 1}, {0, 0}, {14, 300}, {90, 10}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct ui_layout layout;
        ui_layout_compute(&layout,
                          &(struct ui_layout_request){.rows = sizes[i][0], .columns = sizes[i][1]});
        assert_true(layout.too_small);
    }
}

static int panes_shown(int rows, int columns, bool refused)
{
    struct ui_layout_request request = make_request(rows, columns, UI_PANE_LADDER, refused);
    struct ui_layout layout;
    int shown = 0;

    ui_layout_compute(&layout, &request);
    for (size_t i = 0; i < UI_PANE_COUNT; i++) {
        shown += layout.panes[i].rows > 0;
    }
    return shown;
}

static void more_room_shows_more(void **state)
{
    (void)state;
    assert_int_equal(panes_shown(36, 120, false), 6);
    assert_int_equal(panes_shown(36, 120, true), 5); /* certificates and reasons side by side */
    assert_int_equal(panes_shown(30, 100, false), 4);
    assert_int_equal(panes_shown(45, 80, false), 2);
    assert_int_equal(panes_shown(24, 80, false), 1);
    assert_int_equal(panes_shown(15, 60, false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_filled_without_overlap),
        cmocka_unit_test(the_table_fills_every_place),
        cmocka_unit_test(panes_of_one_place_take_turns),
        cmocka_unit_test(too_small_a_screen_is_told_so),
        cmocka_unit_test(more_room_shows_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
