/* What was checked is marked where it stands; one wrong check is not hidden by right ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "checks.h"

static const struct trace_check checks[] = {
    {.what = "psk_binder", .from = WIRE_CLIENT, .ok = TRACE_YES, .n = 4, .text = ""},
    {.what = "psk_binder", .from = WIRE_CLIENT, .ok = TRACE_NO, .n = 4, .text = "expected 0102"},
    {.what = "psk_binder", .from = WIRE_CLIENT, .ok = TRACE_YES, .n = 4, .text = ""},
    {.what = "finished", .from = WIRE_SERVER, .ok = TRACE_YES, .n = 9, .text = ""},
    {.what = "finished", .from = WIRE_CLIENT, .ok = TRACE_UNKNOWN, .n = 10, .text = "no key log"},
    {.what = "record", .from = WIRE_CLIENT, .ok = TRACE_NO, .n = 0, .text = "of several rows"},
};
static const struct trace_facts facts = {.checks = checks,
                                         .check_count = sizeof checks / sizeof checks[0]};

static void a_wrong_check_counts_before_right_ones(void **state)
{
    enum ui_mark mark = UI_MARK_CURRENT;

    (void)state;
    assert_true(ui_check_mark(&facts, 4, &mark));
    assert_int_equal(mark, UI_MARK_BAD);
    assert_true(ui_check_mark(&facts, 9, &mark));
    assert_int_equal(mark, UI_MARK_GOOD);
}

static void what_is_not_known_is_no_mark(void **state)
{
    enum ui_mark mark = UI_MARK_CURRENT;

    (void)state;
    assert_false(ui_check_mark(&facts, 10, &mark));
    assert_false(ui_check_mark(&facts, 5, &mark)); /* no check at all */
    assert_false(ui_check_mark(&facts, 0, &mark)); /* no row at all */
}

static bool page_has(uint32_t n, const char *text)
{
    struct ui_page page = {0};
    bool found = false;

    ui_page_reset(&page, 80, false);
    ui_checks_add(&page, &facts, n);
    for (size_t i = 0; i < page.count; i++) {
        found |= ui_page_line_contains(&page, i, text);
    }
    ui_page_free(&page);
    return found;
}

static void each_check_says_what_and_what_was_expected(void **state)
{
    (void)state;
    assert_true(page_has(4, "✘ PSK binder: WRONG; expected 0102"));
    assert_true(page_has(4, "✔ PSK binder: checked, right"));
    assert_true(page_has(10, "· Finished: not checked; no key log"));
    assert_false(page_has(9, "PSK binder"));
    assert_false(page_has(0, "record")); /* one of several rows belongs to none of them */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_check_counts_before_right_ones),
        cmocka_unit_test(what_is_not_known_is_no_mark),
        cmocka_unit_test(each_check_says_what_and_what_was_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
