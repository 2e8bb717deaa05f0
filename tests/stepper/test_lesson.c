/*
 * The language of lessons: what is wrong in a file is named with its line, conditions are found in the facts of a session,
 * answers are judged by them, and progress is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lesson.h"

/* ---- reading ------------------------------------------------------------------------------------- */

#define HEAD "# T\norder: 1\nabout: a\ntarget: lab:good\n"
#define DO   "## P\ntext\n\ndo: d\nwhen: stop.at = connect\nhint: h\nplay: c\n"

static void a_lesson_is_read(void **state)
{
    static const char *const text =
        HEAD "set: tls-max 1.2\n\n## First\nOne line\nand its end.\n\nAnother.\n- an item\n\n"
             "do: press\n  `c`\nwhen: stop.at = connect\nwhen: not alerts.0\nhint: h\nbecause: so\n"
             "play: c\n\n## Second\n\nask: who?\n- client\n* server\nhint: h\nwrong: 1\nplay: 2\n";
    struct err err = {0};
    struct stepper_lesson *lesson = stepper_lesson_parse("x", text, &err);
    const struct stepper_lesson_part *part;

    (void)state;
    assert_non_null(lesson);
    assert_string_equal(stepper_lesson_title(lesson), "T");
    assert_int_equal(stepper_lesson_count(lesson), 2);
    part = stepper_lesson_at(lesson, 0);
    assert_true(part->fresh);
    assert_int_equal(part->task, STEPPER_TASK_DO);
    assert_string_equal(part->text, "One line and its end.\nAnother.\n- an item");
    assert_string_equal(part->say, "press `c`");
    assert_string_equal(part->because, "so");
    part = stepper_lesson_at(lesson, 1);
    assert_false(part->fresh);
    assert_int_equal(part->task, STEPPER_TASK_CHOOSE);
    assert_int_equal(part->choice_count, 2);
    assert_string_equal(part->choices[1], "server");
    stepper_lesson_free(lesson);
}

static const struct {
    const char *text;
    const char *words; /* with which the error begins, after "x.md:" */
} mistakes[] = {
    {"## P\n", "1: a lesson begins with"},
    {"# T\n## P\n", "2: before its parts"},
    {"# T\norder: one\n" DO, "2: order is a number"},
    {"# T\norder: 1\nabout: a\ntarget: lab:good\ntarget: lab:good\n" DO,
     "5: 'target' stands here twice"},
    {"# T\norder: 1\nabout: a\ntarget: gopher://x\n" DO, "4: "},
    {HEAD "set: no-such-option yes\n" DO, "5: "},
    {HEAD "set: tls-max 9.9\n" DO, "5: "},
    {HEAD "text\n" DO, "5: text stands in a part"},
    {HEAD "hint: h\n" DO, "5: 'hint' is no word of a lesson"},
    {HEAD, "4: a lesson has parts"},
    {HEAD "## P\nsay: x\n", "6: 'say' is no word of a part"},
    {HEAD "## P\n\n## Q\ntext\n", "5: the part 'P' says nothing"},
    {HEAD "## P\nwhen: stop.at = x\n", "6: 'when' belongs under a 'do'"},
    {HEAD "## P\ndo: d\nhint: h\nplay: c\n", "5: a 'do' needs a 'when'"},
    {HEAD "## P\ndo: d\ndo: e\n", "7: a part has one task"},
    {HEAD "## P\ndo: d\nwhen: stop.at = x\nplay: c\n", "5: the task of 'P' needs a 'hint'"},
    {HEAD "## P\ndo: d\nwhen: stop.at = x\nhint: h\n",
     "5: the task of 'P' needs a 'hint', and 'play'"},
    {HEAD "## P\ndo: d\nwhen: sotp.at = x\n", "7: no facts begin with 'sotp'"},
    {HEAD "## P\ndo: d\nwhen: stop.at is x\n", "7: 'is' is none of"},
    {HEAD "## P\ndo: d\nwhen: stop.at =\n", "7: nothing to compare stop.at with"},
    {HEAD "## P\ndo: d\nwhen: bytes.sent > many\n", "7: 'many' is not a number"},
    {HEAD "## P\ndo: d\nwhen: not stop.at = x\n", "7: after 'not'"},
    {HEAD "## P\ndo: d\nwhen: not\n", "7: after 'not'"},
    {HEAD "## P\ndo: d\nwhen:\n", "7: 'when' says nothing"},
    {HEAD "## P\nask: q\n- a\n* b\n* c\n", "9: two choices are right"},
    {HEAD "## P\nask: q\n* a\nhint: h\nplay: 1\nwrong: 2\n", "5: one choice is none"},
    {HEAD "## P\nask: q\n- a\n- b\nhint: h\nplay: 1\nwrong: 2\n",
     "5: a question has one right answer"},
    {HEAD "## P\nask: q\n* a\n- b\nanswer: stop.at\nhint: h\nplay: 1\nwrong: 2\n",
     "5: a question has one"},
    {HEAD "## P\nask: q\n* a\n- b\nhint: h\nplay: 1\n", "5: a question needs a 'wrong'"},
    {HEAD "## P\nask: q\nanswer: nowhere.at\n", "7: no facts begin with 'nowhere'"},
    {HEAD "## P\ntext\nhint: h\n", "5: without a task"},
    {HEAD "## P\ndo: d\n\ntext after it\n", "8: text stands in a part, before its task"},
};

static void a_mistake_is_named_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct err err = {0};
        char begins[200];
        struct stepper_lesson *lesson = stepper_lesson_parse("x", mistakes[i].text, &err);
        (void)snprintf(begins, sizeof begins, "x.md:%s", mistakes[i].words);
        if (lesson != NULL || strncmp(err.text, begins, strlen(begins)) != 0) {
            fail_msg("mistake %zu: wanted \"%s\", got \"%s\"", i, begins, err.text);
        }
        assert_int_equal(err.class, ERR_USAGE);
    }
}

static void every_beginning_of_a_lesson_is_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < lesson_source_count; i++) {
        const char *text = lesson_sources[i].text;
        for (size_t length = 0; length < strlen(text); length += 7) {
            char *copy = text_duplicate(text, length);
            assert_non_null(copy);
            stepper_lesson_free(stepper_lesson_parse("x", copy, NULL));
            free(copy);
        }
    }
}

/* ---- the lessons that there are -------------------------------------------------------------------- */

static void all_lessons_are_sound(void **state)
{
    struct err err = {0};
    size_t count;
    struct stepper_lesson_entry *entries = stepper_lesson_list(&count, &err);

    (void)state;
    if (entries == NULL) {
        fail_msg("%s", err.text);
    }
    assert_true(count >= 12);
    assert_string_equal(entries[0].name, "two-handshakes");
    for (size_t i = 0; i < count; i++) {
        struct stepper_lesson *lesson = stepper_lesson_open(entries[i].name, &err);
        assert_non_null(lesson);
        assert_int_equal(stepper_lesson_count(lesson), entries[i].parts);
        assert_true(strlen(entries[i].about) < 100);
        stepper_lesson_free(lesson);
    }
    free(entries);
    assert_null(stepper_lesson_open("no-such", &err));
    assert_string_equal(err.code, "no_such_lesson");
    assert_non_null(strstr(err.text, "two-handshakes"));
}

/* ---- conditions ---------------------------------------------------------------------------------- */

static json_t *facts(void)
{
    json_t *json = json_loads(
        "{\"phases\":[{\"name\":\"connect\",\"status\":\"done\",\"elapsed_ms\":0.5}],"
        "\"messages\":[{\"type\":\"ClientHello\",\"from\":\"client\",\"length\":400,\"encrypted\":false},"
        "{\"type\":\"Finished\",\"from\":\"server\",\"encrypted\":true},"
        "{\"type\":\"ClientHello\",\"from\":\"client\",\"length\":396}],"
        "\"alerts\":[],\"negotiated\":{\"version\":\"TLS 1.3\",\"alpn\":null},\"bytes\":{\"sent\":0}}",
        0, NULL);
    assert_non_null(json);
    return json;
}

static const struct {
    const char *condition;
    bool holds;
} conditions[] = {
    {"phases.connect.status = done", true},
    {"phases.connect.status != done", false},
    {"phases.connect.elapsed_ms < 1", true},
    {"phases.verify.status != done", false}, /* what is not there is neither */
    {"not phases.verify", true},
    {"messages.ClientHello", true},
    {"messages.ClientHello.length = 400", true},
    {"messages.ClientHello#2.length = 396", true},
    {"messages.ClientHello#3", false},
    {"messages.server:Finished", true},
    {"messages.client:Finished", false},
    {"messages.count > 2", true},
    {"messages.last.length = 396", true},
    {"messages.1.type = Finished", true},
    {"messages.9", false},
    {"messages.Finished.encrypted", true},
    {"messages.ClientHello.encrypted", false},
    {"messages.ClientHello.encrypted = no", true},
    {"alerts.0", false},
    {"alerts.count = 0", true},
    {"negotiated.alpn", false},
    {"negotiated.version ~ 1.3", true},
    {"negotiated.version.deeper", false},
    {"bytes.sent", false},
    {"run.current > 1", false},
};

static void conditions_look_at_the_facts(void **state)
{
    json_t *json = facts();

    (void)state;
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        struct lesson_condition condition;
        char *text = text_duplicate(conditions[i].condition, strlen(conditions[i].condition));
        assert_non_null(text);
        assert_int_equal(lesson_condition_parse(text, &condition, NULL), 0);
        if (lesson_condition_holds(&condition, json) != conditions[i].holds) {
            fail_msg("%s", conditions[i].condition);
        }
        free(text);
    }
    json_decref(json);
}

static void answers_are_judged_by_the_facts(void **state)
{
    static const char *const text = HEAD
        "## P\nask: q\n- TLS 1.2\n- TLS 1.3\nanswer: negotiated.version\nhint: h\nplay: 2\nwrong: 1\n"
        "## Q\nask: q\nanswer: negotiated.version\nhint: h\nplay: TLS 1.3\nwrong: x\n"
        "## R\nask: q\nanswer: negotiated.alpn\nhint: h\nplay: h2\nwrong: x\n";
    struct stepper_lesson *lesson = stepper_lesson_parse("x", text, NULL);
    json_t *json = facts();

    (void)state;
    assert_non_null(lesson);
    assert_int_equal(stepper_lesson_judge(lesson, 0, json, "2"), STEPPER_RIGHT);
    assert_int_equal(stepper_lesson_judge(lesson, 0, json, "1"), STEPPER_WRONG);
    assert_int_equal(stepper_lesson_judge(lesson, 0, json, ""), STEPPER_WRONG);
    assert_int_equal(stepper_lesson_judge(lesson, 0, json, "22"), STEPPER_WRONG);
    assert_int_equal(stepper_lesson_judge(lesson, 1, json, " tls 1.3 "), STEPPER_RIGHT);
    assert_int_equal(stepper_lesson_judge(lesson, 1, json, "TLS 1.2"), STEPPER_WRONG);
    assert_int_equal(stepper_lesson_judge(lesson, 2, json, "h2"), STEPPER_TOO_EARLY);
    json_decref(json);
    stepper_lesson_free(lesson);
}

/* ---- a session ----------------------------------------------------------------------------------- */

static void a_part_begins_with_its_own_session(void **state)
{
    static const char *const text =
        HEAD "set: tls-max 1.2\n" DO "## Q\ntarget: lab:expired\nset: no-verify yes\ntext\n";
    struct stepper_lesson *lesson = stepper_lesson_parse("x", text, NULL);
    struct stepper_lesson_screen screen = {.pane = "ladder"};
    struct stepper_target target = {0};
    struct stepper_options options;
    struct stepper *stepper;
    json_t *json;

    (void)state;
    stepper_options_init(&options);
    assert_non_null(lesson);
    assert_int_equal(stepper_target_parse("lab:sni", &target, NULL), 0);
    stepper = stepper_new(&target, &options, NULL);
    assert_non_null(stepper);
    assert_int_equal(stepper_lesson_begin(lesson, 0, stepper, NULL), 0);
    assert_string_equal(stepper_target(stepper)->input, "lab:good");
    assert_int_equal(stepper_lesson_begin(lesson, 1, stepper, NULL), 0);
    assert_string_equal(stepper_target(stepper)->input, "lab:expired");
    assert_true(stepper_options(stepper)->tls.no_verify);
    json = stepper_lesson_facts(stepper, &screen);
    assert_non_null(json);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json, "options"), "tls-max")), "1.2");
    assert_string_equal(json_string_value(json_object_get(json_object_get(json, "screen"), "pane")),
                        "ladder");
    assert_false(stepper_lesson_is_done(lesson, 0, json));
    json_decref(json);
    stepper_free(stepper);
    stepper_options_free(&options);
    stepper_target_free(&target);
    stepper_lesson_free(lesson);
}

/* ---- progress ------------------------------------------------------------------------------------ */

static char folder[] = "/tmp/test-lesson.XXXXXX";

static int make_state(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && setenv("XDG_STATE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_state(void **state)
{
    char path[100];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/tlstep/lessons", folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/tlstep", folder);
    (void)rmdir(path);
    return rmdir(folder);
}

static void expect_progress(const char *name, size_t reached, bool done)
{
    struct stepper_lesson_progress progress;

    assert_int_equal(stepper_lesson_progress_get(name, &progress, NULL), 0);
    assert_int_equal(progress.reached, reached);
    assert_int_equal(progress.done, done);
}

static void note(const char *name, size_t reached, bool done)
{
    const struct stepper_lesson_progress progress = {.reached = reached, .done = done};

    assert_int_equal(stepper_lesson_progress_note(name, &progress, NULL), 0);
}

static void progress_is_kept_and_forgotten(void **state)
{
    char path[100];
    struct stat status;

    (void)state;
    expect_progress("trust", 0, false);
    note("trust", 3, false);
    note("trust-me", 1, false);
    note("trust", 2, false); /* going back takes nothing away */
    expect_progress("trust", 3, false);
    note("trust", 6, true);
    note("trust", 1, false);
    expect_progress("trust", 6, true);
    expect_progress("trust-me", 1, false);
    (void)snprintf(path, sizeof path, "%s/tlstep/lessons", folder);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stepper_lesson_progress_reset("trust", NULL), 0);
    expect_progress("trust", 0, false);
    expect_progress("trust-me", 1, false);
    assert_int_equal(stepper_lesson_progress_reset(NULL, NULL), 0);
    expect_progress("trust-me", 0, false);
    assert_int_equal(stepper_lesson_progress_reset(NULL, NULL), 0);
}

static void a_file_that_is_damaged_is_no_progress(void **state)
{
    static const char text[] = "trust many done\nsni\n\n\0resumption 2\nhostname -4";
    char *path = file_state_path("lessons", NULL);

    (void)state;
    assert_non_null(path);
    assert_int_equal(file_replace_private(path, "progress", text, sizeof text - 1, NULL), 0);
    free(path);
    expect_progress("trust", 0, true);
    expect_progress("sni", 0, false);
    expect_progress("hostname", 0, false);
    note("hostname", 2, false);
    expect_progress("hostname", 2, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lesson_is_read),
        cmocka_unit_test(a_mistake_is_named_with_its_line),
        cmocka_unit_test(every_beginning_of_a_lesson_is_read_or_refused),
        cmocka_unit_test(all_lessons_are_sound),
        cmocka_unit_test(conditions_look_at_the_facts),
        cmocka_unit_test(answers_are_judged_by_the_facts),
        cmocka_unit_test(a_part_begins_with_its_own_session),
        cmocka_unit_test(progress_is_kept_and_forgotten),
        cmocka_unit_test(a_file_that_is_damaged_is_no_progress),
    };
    return cmocka_run_group_tests(tests, make_state, remove_state);
}
