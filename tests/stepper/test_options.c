/* The table of options: every row can be set, read back and written as a command line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/stepper.h"

static const char *sample_value(const struct stepper_option *row)
{
    if (row->kind == STEPPER_OPTION_FLAG)
        return "yes";
    if (row->choices != NULL)
        return row->choices[1];
    if (strcmp(row->name, "replace") == 0)
        return "this=that";
    return strcmp(row->name, "linger") == 0 ? "75" : "some value";
}

static void every_option_reads_back(void **state)
{
    size_t count;
    const struct stepper_option *table = stepper_option_table(&count);
    (void)state;

    for (size_t i = 0; i < count; i++) {
        struct stepper_options options;
        struct err err = {0};
        char value[200];
        stepper_options_init(&options);
        if (table[i].later) {
            assert_int_equal(stepper_option_set(&options, table[i].name, "x", &err), -1);
            assert_string_equal(err.code, "not_in_this_version");
        } else {
            const char *sample = sample_value(&table[i]);
            if (stepper_option_set(&options, table[i].name, sample, &err) != 0)
                fail_msg("--%s: %s", table[i].name, err.text);
            stepper_option_get(value, sizeof value, &options, &table[i]);
            assert_string_equal(value, sample);
            assert_true(table[i].label[0] != '\0' && table[i].help[0] != '\0');
        }
        stepper_options_free(&options);
    }
}

/* Setting one must not disturb another: two rows at one place would. */
static void options_do_not_share_a_place(void **state)
{
    size_t count;
    const struct stepper_option *table = stepper_option_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (!table[i].later && !table[j].later)
                assert_int_not_equal(table[i].offset, table[j].offset);
}

static void an_empty_value_is_the_default_again(void **state)
{
    struct stepper_options options;
    char value[80];
    (void)state;

    stepper_options_init(&options);
    assert_int_equal(stepper_option_set(&options, "sni", "a.example", NULL), 0);
    assert_int_equal(stepper_option_set(&options, "--sni", "", NULL), 0);
    assert_null(options.tls.sni);
    assert_int_equal(stepper_option_set(&options, "trust", "none", NULL), 0);
    assert_int_equal(options.tls.trust, TLS_TRUST_NONE);
    assert_int_equal(stepper_option_set(&options, "trust", "", NULL), 0);
    assert_int_equal(options.tls.trust, TLS_TRUST_DEFAULT);
    assert_int_equal(stepper_option_set(&options, "no-verify", NULL, NULL), 0);
    assert_true(options.tls.no_verify);
    assert_int_equal(stepper_option_set(&options, "no-verify", "no", NULL), 0);
    assert_string_equal(
        stepper_option_get(value, sizeof value, &options, stepper_option_find("no-verify")), "no");
    stepper_options_free(&options);
}

static void bad_values_are_named(void **state)
{
    static const char *const cases[][2] = {
        {"no-verify", "maybe"}, {"trust", "everyone"}, {"linger", "-1"}, {"linger", "1s"}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stepper_options options;
        struct err err = {0};
        stepper_options_init(&options);
        assert_int_equal(stepper_option_set(&options, cases[i][0], cases[i][1], &err), -1);
        assert_string_equal(err.code, "bad_value");
        assert_non_null(strstr(err.text, cases[i][0]));
        stepper_options_free(&options);
    }
    struct err err = {0};
    struct stepper_options options;
    stepper_options_init(&options);
    assert_int_equal(stepper_option_set(&options, "nonsense", "x", &err), -1);
    assert_string_equal(err.code, "no_such_option");
    stepper_options_free(&options);
}

static void the_command_line_says_the_same(void **state)
{
    struct stepper_options options;
    struct stepper_target target;
    struct buffer line = {0};
    (void)state;

    stepper_options_init(&options);
    assert_int_equal(stepper_target_parse("example.org:8443", &target, NULL), 0);
    assert_int_equal(stepper_command_line(&line, &options, &target), 0);
    assert_string_equal(buffer_string(&line), "tlstep example.org:8443");
    buffer_free(&line);

    assert_int_equal(stepper_option_set(&options, "sni", "it's", NULL), 0);
    assert_int_equal(stepper_option_set(&options, "-4", NULL, NULL), 0);
    assert_int_equal(stepper_option_set(&options, "tls-min", "1.2", NULL), 0);
    assert_int_equal(stepper_command_line(&line, &options, &target), 0);
    assert_string_equal(buffer_string(&line),
                        "tlstep --sni 'it'\\''s' --tls-min 1.2 -4 example.org:8443");
    buffer_free(&line);
    stepper_target_free(&target);
    stepper_options_free(&options);
}

static void copies_are_independent(void **state)
{
    struct stepper_options one, two;
    (void)state;

    stepper_options_init(&one);
    assert_int_equal(stepper_option_set(&one, "save", "a.pcapng", NULL), 0);
    assert_int_equal(stepper_option_set(&one, "alpn", "h2", NULL), 0);
    assert_int_equal(stepper_options_copy(&two, &one, NULL), 0);
    assert_int_equal(stepper_option_set(&one, "save", "b.pcapng", NULL), 0);
    assert_string_equal(two.save, "a.pcapng");
    assert_string_equal(two.tls.alpn, "h2");
    stepper_options_free(&one);
    stepper_options_free(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_reads_back),
        cmocka_unit_test(options_do_not_share_a_place),
        cmocka_unit_test(an_empty_value_is_the_default_again),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(the_command_line_says_the_same),
        cmocka_unit_test(copies_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
