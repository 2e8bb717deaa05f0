/* The tree folds, keeps its selection visible, and scrolls no further than it must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tree.h"

/* ClientHello: type, versions (two of them), extensions (one, with a part), end. */
static const uint16_t depths[] = {0, 1, 1, 2, 2, 1, 2, 3, 1};
#define COUNT (sizeof depths / sizeof depths[0])

static uint16_t depth_of(const void *context, size_t index)
{
    return ((const uint16_t *)context)[index];
}

static struct ui_tree load(unsigned open_depth)
{
    struct ui_tree tree = {0};

    assert_int_equal(ui_tree_load(&tree, COUNT, depth_of, depths, open_depth), 0);
    return tree;
}

static void assert_visible(const struct ui_tree *tree, size_t count, ...)
{
    va_list wanted;

    assert_int_equal(tree->visible_count, count);
    va_start(wanted, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(tree->visible[i], va_arg(wanted, int));
    }
    va_end(wanted);
}

static void folds_hide_what_is_below(void **state)
{
    struct ui_tree tree = load(0);

    (void)state;
    assert_visible(&tree, 5, 0, 1, 2, 5, 8);
    assert_true(ui_tree_act(&tree, UI_FOLD));
    assert_visible(&tree, 1, 0);
    assert_true(ui_tree_act(&tree, UI_TOGGLE));
    assert_visible(&tree, 5, 0, 1, 2, 5, 8);
    assert_true(ui_tree_act(&tree, UI_UNFOLD_ALL));
    assert_visible(&tree, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    ui_tree_free(&tree);
}

static void folding_a_leaf_goes_to_its_parent(void **state)
{
    struct ui_tree tree = load(3);

    (void)state;
    ui_tree_select(&tree, 7);
    assert_true(ui_tree_act(&tree, UI_FOLD));
    assert_int_equal(tree.selected, 6);
    assert_true(ui_tree_act(&tree, UI_FOLD));
    assert_visible(&tree, 8, 0, 1, 2, 3, 4, 5, 6, 8);
    ui_tree_select(&tree, 1);
    assert_false(ui_tree_act(&tree, UI_UNFOLD));
    assert_false(ui_tree_act(&tree, UI_TOGGLE));
    ui_tree_free(&tree);
}

static void selecting_a_hidden_line_unfolds_what_hides_it(void **state)
{
    struct ui_tree tree = load(0);

    (void)state;
    ui_tree_select(&tree, 7);
    assert_visible(&tree, 7, 0, 1, 2, 5, 6, 7, 8);
    assert_int_equal(ui_tree_position(&tree), 5);
    ui_tree_free(&tree);
}

static void moving_stays_within_the_visible_lines(void **state)
{
    struct ui_tree tree = load(0);

    (void)state;
    ui_tree_move(&tree, UI_UP, 4);
    assert_int_equal(tree.selected, 0);
    ui_tree_move(&tree, UI_DOWN, 4);
    ui_tree_move(&tree, UI_DOWN, 4);
    ui_tree_move(&tree, UI_DOWN, 4);
    assert_int_equal(tree.selected, 5); /* over the folded lines */
    ui_tree_move(&tree, UI_PAGE_DOWN, 4);
    assert_int_equal(tree.selected, 8);
    ui_tree_move(&tree, UI_DOWN, 4);
    assert_int_equal(tree.selected, 8);
    ui_tree_move(&tree, UI_TOP, 4);
    assert_int_equal(tree.selected, 0);
    ui_tree_free(&tree);
}

static void scrolling_shows_the_selection_and_wastes_no_line(void **state)
{
    (void)state;
    for (size_t count = 0; count < 12; count++) {
        for (size_t selected = 0; selected < count; selected++) {
            for (size_t top = 0; top < 14; top++) {
                for (int rows = 1; rows < 14; rows++) {
                    size_t now = ui_list_scroll(top, selected, count, rows);
                    assert_true(now <= selected && selected < now + (size_t)rows);
                    assert_true(now == 0 || now + (size_t)rows <= count);
                }
            }
        }
    }
}

static void everything_can_be_folded_and_unfolded(void **state)
{
    struct ui_tree tree = load(9);

    (void)state;
    ui_tree_select(&tree, 7);
    assert_true(ui_tree_act(&tree, UI_FOLD_ALL));
    assert_visible(&tree, 1, 0);
    assert_int_equal(tree.selected, 0); /* what the selected line is folded into */
    assert_false(ui_tree_act(&tree, UI_FOLD_ALL));
    assert_true(ui_tree_act(&tree, UI_UNFOLD_ALL));
    assert_int_equal(tree.visible_count, COUNT);
    assert_false(ui_tree_act(&tree, UI_UNFOLD_ALL));
    ui_tree_free(&tree);
}

/* A hundred thousand lines, as deep as they can be: moving and folding stay quick. */
static uint16_t steep(const void *context, size_t index)
{
    (void)context;
    return (uint16_t)(index % 1000);
}

static void a_huge_tree_moves_at_once(void **state)
{
    struct ui_tree tree = {0};
    int64_t begun = clock_monotonic_ns();

    (void)state;
    assert_int_equal(ui_tree_load(&tree, 100000, steep, NULL, 1000), 0);
    for (int i = 0; i < 2000; i++) {
        ui_tree_move(&tree, i % 2 == 0 ? UI_PAGE_DOWN : UI_DOWN, 50);
        ui_tree_scroll(&tree, 50);
    }
    for (int i = 0; i < 100; i++) {
        (void)ui_tree_act(&tree, UI_TOGGLE);
        (void)ui_tree_act(&tree, i % 2 == 0 ? UI_FOLD_ALL : UI_UNFOLD_ALL);
        ui_tree_select(&tree, (size_t)i * 997);
    }
    assert_true(clock_monotonic_ns() - begun < 2000000000);
    ui_tree_free(&tree);
}

static void an_empty_tree_is_harmless(void **state)
{
    struct ui_tree tree = {0};

    (void)state;
    assert_int_equal(ui_tree_load(&tree, 0, depth_of, depths, 1), 0);
    ui_tree_move(&tree, UI_DOWN, 3);
    ui_tree_select(&tree, 4);
    ui_tree_scroll(&tree, 3);
    assert_false(ui_tree_act(&tree, UI_FOLD));
    ui_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_hide_what_is_below),
        cmocka_unit_test(folding_a_leaf_goes_to_its_parent),
        cmocka_unit_test(selecting_a_hidden_line_unfolds_what_hides_it),
        cmocka_unit_test(moving_stays_within_the_visible_lines),
        cmocka_unit_test(scrolling_shows_the_selection_and_wastes_no_line),
        cmocka_unit_test(everything_can_be_folded_and_unfolded),
        cmocka_unit_test(a_huge_tree_moves_at_once),
        cmocka_unit_test(an_empty_tree_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
