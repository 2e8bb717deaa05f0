/* The table of commands is sound, and lines are read as users write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tlstep/stepper.h"

static void every_row_can_be_carried_out(void **state)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool runs = table[i].kind == STEPPER_MOVING || table[i].kind == STEPPER_ACTING;
        /* What is asked for may also be a place to go to (conversations). */
        assert_true(table[i].run != NULL ? runs || table[i].kind == STEPPER_ASKING : !runs);
        assert_int_equal(table[i].kind == STEPPER_ASKING, table[i].answer != NULL);
        assert_int_equal(table[i].kind == STEPPER_ASKING, table[i].answer_name != NULL);
        assert_true(table[i].help[0] != '\0');
        assert_ptr_equal(stepper_command_find(table[i].name), &table[i]);
    }
}

/* Two commands on one key would make one of them unreachable. */
static void no_key_is_given_twice(void **state)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);
    char seen[200][16];
    size_t keys = 0;
    (void)state;

    for (size_t i = 0; i < count; i++) {
        const char *key = table[i].keys;
        while (*key != '\0') {
            size_t length = strcspn(key, " ");
            assert_true(length < sizeof seen[0] && keys < 200);
            memcpy(seen[keys], key, length);
            seen[keys][length] = '\0';
            for (size_t k = 0; k < keys; k++)
                if (strcmp(seen[k], seen[keys]) == 0)
                    fail_msg("key %s twice", seen[keys]);
            keys++;
            key += length + strspn(key + length, " ");
        }
    }
    assert_true(keys > 20);
}

/* The names that scripts rely on. */
static void the_contract_has_its_commands(void **state)
{
    static const char *const names[] = {
        "step",    "flight", "phase", "continue", "until",  "break",   "unbreak", "back",
        "forward", "goto",   "state", "messages", "fields", "bytes",   "secrets", "certs",
        "set",     "send",   "rekey", "close",    "abort",  "restart", "save",    "quit",
    };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (stepper_command_find(names[i]) == NULL)
            fail_msg("no command %s", names[i]);
}

static void lines_are_split(void **state)
{
    const struct stepper_command *command;
    const char *argument;
    struct err err = {0};
    (void)state;

    assert_int_equal(stepper_command_parse("  until   server:Finished", &command, &argument, &err),
                     0);
    assert_string_equal(command->name, "until");
    assert_string_equal(argument, "server:Finished");
    assert_int_equal(stepper_command_parse("send two words ", &command, &argument, &err), 0);
    assert_string_equal(argument, "two words ");
    assert_int_equal(stepper_command_parse("cont", &command, &argument, &err), 0);
    assert_string_equal(command->name, "continue");
    assert_null(argument);
    assert_int_equal(stepper_command_parse("s", &command, &argument, &err), -1);
    assert_string_equal(err.code, "no_such_command");
    assert_int_equal(stepper_command_parse("nonsense", &command, &argument, &err), -1);
    assert_string_equal(err.code, "no_such_command");
    assert_int_equal(stepper_command_parse("   ", &command, &argument, &err), -1);
}

static struct stepper *fresh(const char *text)
{
    struct stepper_target target;
    struct stepper_options options;
    struct err err = {0};

    stepper_options_init(&options);
    assert_int_equal(stepper_target_parse(text, &target, &err), 0);
    struct stepper *stepper = stepper_new(&target, &options, &err);
    if (stepper == NULL)
        fail_msg("%s", err.text);
    stepper_options_free(&options);
    stepper_target_free(&target);
    return stepper;
}

static void refuse(struct stepper *stepper, const char *line, const char *code)
{
    const struct stepper_command *command;
    const char *argument;
    struct err err = {0};

    assert_int_equal(stepper_command_parse(line, &command, &argument, &err), 0);
    if (stepper_run(stepper, command, argument, &err) == 0)
        fail_msg("taken: %s", line);
    assert_string_equal(err.code, code);
    assert_true(err.text[0] != '\0');
}

/* Before the first step, what cannot be done says why and contacts nobody. */
static void what_cannot_be_done_says_why(void **state)
{
    struct stepper *stepper = fresh("192.0.2.1:9");
    (void)state;

    refuse(stepper, "back", "at_start");
    refuse(stepper, "forward", "at_end");
    refuse(stepper, "rekey", "wrong_phase");
    refuse(stepper, "close", "wrong_phase");
    refuse(stepper, "abort", "wrong_phase");
    refuse(stepper, "restart", "wrong_phase");
    refuse(stepper, "goto 1", "no_such_row");
    refuse(stepper, "goto x", "bad_value");
    refuse(stepper, "goto", "missing_argument");
    refuse(stepper, "step now", "unexpected_argument");
    refuse(stepper, "until Nonsense", "no_such_type");
    refuse(stepper, "break", "missing_argument");
    refuse(stepper, "unbreak ServerHello", "no_such_breakpoint");
    refuse(stepper, "run 7", "no_such_run");
    refuse(stepper, "set tls-min 9.9", "bad_option");
    refuse(stepper, "set nonsense yes", "no_such_option");
    refuse(stepper, "set nonsense 1", "no_such_option");
    refuse(stepper, "help", "no_such_command");
    assert_int_equal(stepper_wake_fd(stepper), -1);
    stepper_free(stepper);
}

static void breakpoints_are_kept_once(void **state)
{
    struct stepper *stepper = fresh("192.0.2.1:9");
    const struct stepper_command *set = stepper_command_find("break");
    const struct stepper_command *clear = stepper_command_find("unbreak");
    size_t count;
    (void)state;

    assert_int_equal(stepper_run(stepper, set, "ServerHello", NULL), 0);
    assert_int_equal(stepper_run(stepper, set, "serverhello", NULL), 0);
    assert_int_equal(stepper_run(stepper, set, "server:Finished", NULL), 0);
    (void)stepper_breakpoints(stepper, &count);
    assert_int_equal(count, 2);
    assert_true(stepper_breaks_at(stepper, "ServerHello", WIRE_SERVER));
    assert_true(stepper_breaks_at(stepper, "Finished", WIRE_SERVER));
    assert_false(stepper_breaks_at(stepper, "Finished", WIRE_CLIENT));
    /* The screen takes away what stops at a row, whichever side it was set for. */
    assert_int_equal(stepper_run(stepper, clear, "server:ServerHello", NULL), 0);
    assert_false(stepper_breaks_at(stepper, "ServerHello", WIRE_SERVER));
    const char *const *names = stepper_breakpoints(stepper, &count);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "server:Finished");
    stepper_free(stepper);
}

/* `set` before the first step is seen at once: the name that will be sent changes. */
static void set_applies_to_the_run_that_has_not_begun(void **state)
{
    struct stepper *stepper = fresh("192.0.2.1:9");
    const struct stepper_command *set = stepper_command_find("set");
    (void)state;

    assert_null(trace_target(stepper_trace(stepper))->sni); /* RFC 6066 3: no address as a name */
    assert_int_equal(stepper_run(stepper, set, "sni other.example", NULL), 0);
    assert_string_equal(trace_target(stepper_trace(stepper))->sni, "other.example");
    assert_int_equal(stepper_run_count(stepper), 1);
    assert_int_equal(stepper_run(stepper, set, "sni none", NULL), 0);
    assert_null(trace_target(stepper_trace(stepper))->sni);
    stepper_free(stepper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_can_be_carried_out),
        cmocka_unit_test(no_key_is_given_twice),
        cmocka_unit_test(the_contract_has_its_commands),
        cmocka_unit_test(lines_are_split),
        cmocka_unit_test(what_cannot_be_done_says_why),
        cmocka_unit_test(breakpoints_are_kept_once),
        cmocka_unit_test(set_applies_to_the_run_that_has_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
