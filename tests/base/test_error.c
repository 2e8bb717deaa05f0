/* An error says what was attempted and why it failed, fits its room, and decides the exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/base.h"

static void it_holds_class_code_and_text(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(err_set(&err, ERR_NETWORK, "refused", "cannot connect to %s", "::1"), -1);
    assert_int_equal(err.class, ERR_NETWORK);
    assert_string_equal(err.code, "refused");
    assert_string_equal(err.text, "cannot connect to ::1");
}

static void nobody_needs_to_care(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_TLS, "x", "%d", 1), -1);
    assert_int_equal(err_prefix(NULL, "x"), -1);
    assert_int_equal(err_memory(NULL, "testing"), -1);
}

static void a_prefix_comes_before_the_text(void **state)
{
    struct err err;

    (void)state;
    err_set(&err, ERR_FILE, "file", "no such file");
    assert_int_equal(err_prefix(&err, "cannot read %s", "ca.pem"), -1);
    assert_string_equal(err.text, "cannot read ca.pem: no such file");
    assert_string_equal(err.code, "file");
    assert_int_equal(err.class, ERR_FILE);
}

static void an_error_may_be_made_from_itself(void **state)
{
    struct err err;

    (void)state;
    err_set(&err, ERR_TLS, "alert", "inner");
    err_set(&err, ERR_NETWORK, err.code, "outer, because %s", err.text);
    assert_string_equal(err.text, "outer, because inner");
    assert_string_equal(err.code, "alert");
}

/* Text from outside may be longer than the room, and a cut must not leave half a character. */
static void long_text_is_cut_between_characters(void **state)
{
    char text[2000] = "";
    struct err err;

    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "→", 4);
    }
    for (size_t shift = 0; shift < 3; shift++) {
        err_set(&err, ERR_TLS, text, "%.*s%s", (int)shift, "ab", text);
        assert_in_range(strlen(err.text), sizeof err.text - 4, sizeof err.text - 1);
        assert_true(text_is_utf8(err.text, strlen(err.text)));
        err_prefix(&err, "%.*s", (int)shift, "ab");
        assert_true(text_is_utf8(err.text, strlen(err.text)));
    }
}

static void exit_statuses_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_int_equal(err_exit_status(ERR_NONE), 0);
    assert_int_equal(err_exit_status(ERR_TLS), 1);
    assert_int_equal(err_exit_status(ERR_USAGE), 2);
    assert_int_equal(err_exit_status(ERR_NETWORK), 3);
    assert_int_equal(err_exit_status(ERR_FILE), 4);
    assert_int_equal(err_exit_status(ERR_MEMORY), 1);
    assert_int_equal(err_exit_status(ERR_INTERRUPTED), 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_class_code_and_text),
        cmocka_unit_test(nobody_needs_to_care),
        cmocka_unit_test(a_prefix_comes_before_the_text),
        cmocka_unit_test(an_error_may_be_made_from_itself),
        cmocka_unit_test(long_text_is_cut_between_characters),
        cmocka_unit_test(exit_statuses_are_those_of_the_manual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
