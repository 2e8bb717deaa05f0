/* Times are RFC 3339 in both directions; the C library is asked for a second opinion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "tlstep/base.h"

static void expect_parsed(const char *text, int64_t expected)
{
    int64_t seconds = 0;

    assert_int_equal(time_parse_rfc3339(text, &seconds), 0);
    assert_true(seconds == expected);
}

static void every_day_is_written_as_the_c_library_does(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 400000; day += 37) { /* years 1422 to 3065 */
        int64_t seconds = day * 86400 + 12345;
        time_t time = (time_t)seconds;
        char ours[40];
        char theirs[40];
        struct tm parts;
        assert_non_null(gmtime_r(&time, &parts));
        assert_int_not_equal(strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%SZ", &parts), 0);
        assert_string_equal(time_rfc3339(ours, sizeof ours, seconds), theirs);
        expect_parsed(ours, seconds);
    }
}

static void extremes_fit_the_promised_room(void **state)
{
    char text[40];

    (void)state;
    time_rfc3339(text, sizeof text, INT64_MAX);
    assert_int_equal(text[strlen(text) - 1], 'Z');
    time_rfc3339(text, sizeof text, INT64_MIN);
    assert_int_equal(text[strlen(text) - 1], 'Z');
    assert_string_equal(time_rfc3339(text, sizeof text, INT64_C(253402300799)),
                        "9999-12-31T23:59:59Z"); /* "no expiry" of RFC 5280 4.1.2.5 */
}

static void milliseconds_round_down_also_before_1970(void **state)
{
    char text[40];

    (void)state;
    assert_string_equal(time_rfc3339_ms(text, sizeof text, 1999999), "1970-01-01T00:00:00.001Z");
    assert_string_equal(time_rfc3339_ms(text, sizeof text, -1), "1969-12-31T23:59:59.999Z");
}

/* The examples of RFC 3339 5.8, and what users write. */
static void other_forms_are_read(void **state)
{
    (void)state;
    expect_parsed("1985-04-12T23:20:50.52Z", 482196050);
    expect_parsed("1996-12-19T16:39:57-08:00", 851042397);
    expect_parsed("1990-12-31T23:59:60Z", 662688000);
    expect_parsed("1937-01-01T12:00:27.87+00:20", -1041337173);
    expect_parsed("2024-02-29", 1709164800);
    expect_parsed("2026-11-24 09:31:00z", 1795512660);
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "now",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-00-10",
        "2026-02-29",
        "1900-02-29",
        "2026-11-31",
        "2026-11-24T",
        "2026-11-24T09:31",
        "2026-11-24T09:31:00",
        "2026-11-24T24:00:00Z",
        "2026-11-24T09:60:00Z",
        "2026-11-24T09:31:61Z",
        "2026-11-24T09:31:00.Z",
        "2026-11-24T09:31:00+2:00",
        "2026-11-24T09:31:00+24:00",
        "2026-11-24T09:31:00Zx",
        "2026-11-24x",
        " 2026-11-24",
        "+026-11-24",
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t seconds = 77;
        if (time_parse_rfc3339(wrong[i], &seconds) != -1) {
            fail_msg("\"%s\" was read as a time", wrong[i]);
        }
        assert_int_equal(seconds, 77);
    }
}

static void clocks_move_forward(void **state)
{
    int64_t before = clock_monotonic_ns();

    (void)state;
    assert_true(clock_monotonic_ns() >= before);
    assert_true(clock_wall_ns() / 1000000000 - (int64_t)time(NULL) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_is_written_as_the_c_library_does),
        cmocka_unit_test(extremes_fit_the_promised_room),
        cmocka_unit_test(milliseconds_round_down_also_before_1970),
        cmocka_unit_test(other_forms_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(clocks_move_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
