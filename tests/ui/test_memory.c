/* Memory may run out anywhere while the screen is made and drawn: it never crashes, and the next
 * frame, with memory, is whole again. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keys.h"
#include "scarcity.h"
#include "screen.h"

static struct stepper *open_session(const char *path)
{
    struct stepper_target target = {0};
    struct stepper_options options;
    struct stepper *stepper;

    stepper_options_init(&options);
    assert_int_equal(stepper_target_parse(path, &target, NULL), 0);
    stepper = stepper_new(&target, &options, NULL);
    assert_non_null(stepper);
    stepper_target_free(&target);
    stepper_options_free(&options);
    return stepper;
}

static void play(struct ui *ui, const char *keys)
{
    for (; *keys != '\0'; keys++) {
        ui_key(ui, *keys == '\n' ? UI_KEY_ENTER : *keys == '\t' ? UI_KEY_TAB : *keys);
        (void)ui_draw(ui, 36, 120); /* may fail: that is what it is about */
    }
}

static char *frame_text(struct ui *ui)
{
    struct buffer text = {0};
    char *copy;

    assert_int_equal(ui_draw(ui, 36, 120), 0);
    for (int y = 0; y < 36; y++) {
        ui_canvas_row_text(&ui->canvas, y, &text);
        buffer_text(&text, "\n");
    }
    copy = text_duplicate(buffer_string(&text), text.length);
    buffer_free(&text);
    assert_non_null(copy);
    return copy;
}

/* One life of a screen, with the allocation after `count` others refused. True when one was. */
static bool live(struct stepper *stepper, const char *keys, unsigned long count)
{
    struct ui *ui = calloc(1, sizeof *ui);
    bool refused;
    char *whole;

    assert_non_null(ui);
    scarcity_begin(count);
    if (ui_init(ui, stepper, false) != 0) {
        assert_true(scarcity_end());
        free(ui);
        return true;
    }
    play(ui, keys);
    refused = scarcity_end();

    /* What was missing once is back: a frame now is like one that never missed anything. */
    ui->status[0] = '\0';
    ui->viewer.open = ui->explainer.open = ui->menu.open = false;
    ui->prompt.kind = UI_PROMPT_NONE;
    ui_focus(ui, UI_PANE_LADDER);
    ui_key(ui, '<');
    ui_key(ui, '>');
    whole = frame_text(ui);
    assert_non_null(strstr(whole, "✔ handshake"));
    assert_non_null(strstr(whole, "✔ accepted"));
    free(whole);
    ui_free(ui);
    free(ui);
    return refused;
}

/* Every one of the first allocations, then wider and wider apart. */
static void run_out(const char *keys)
{
    struct stepper *stepper;
    unsigned long count = 0;

    if (!scarcity_works()) {
        skip();
    }
    stepper = open_session("tests/data/good.pcapng");
    while (live(stepper, keys, count)) {
        count += 1 + count / 40;
    }
    stepper_free(stepper);
}

static void it_runs_out_while_stepping(void **state)
{
    (void)state;
    run_out("         >");
}

static void it_runs_out_in_boxes_and_searches(void **state)
{
    (void)state;
    run_out(">?q:st\t\nq:messages\nq2/Hello\n5*/random\n6/01\nv]tt");
}

static void it_runs_out_where_things_are_explained_and_taken_away(void **state)
{
    (void)state;
    run_out(">5/rand\nyj:copy c\ne\t\n/0-rtt\n\n\033f/ht\nv");
}

static void it_runs_out_among_keys_and_comparisons(void **state)
{
    (void)state;
    run_out(">7*x/nonce\n]6x7\n\0332d/Hello\ndvNP\n");
}

/* One life in which a lesson is chosen, read, left and begun again. Nothing is connected to. */
static bool learn(struct stepper *stepper, unsigned long count)
{
    struct ui *ui = calloc(1, sizeof *ui);
    bool refused;
    char *whole;

    assert_non_null(ui);
    scarcity_begin(count);
    if (ui_init(ui, stepper, false) != 0) {
        assert_true(scarcity_end());
        free(ui);
        return true;
    }
    play(ui, "L2H.H..,:lesson off\nL1.1:answer 1\n");
    refused = scarcity_end();
    ui->menu.open = ui->viewer.open = false;
    ui->prompt.kind = UI_PROMPT_NONE;
    ui_command_line(ui, "lesson two-handshakes");
    whole = frame_text(ui);
    assert_non_null(strstr(whole, " of 9 "));
    assert_non_null(strstr(whole, "Two handshakes"));
    free(whole);
    ui_free(ui);
    free(ui);
    return refused;
}

static void it_runs_out_in_lessons(void **state)
{
    struct stepper *stepper;
    unsigned long count = 0;

    (void)state;
    if (!scarcity_works()) {
        skip();
    }
    stepper = open_session("lab:good");
    while (learn(stepper, count)) {
        count += 1 + count / 40;
    }
    stepper_free(stepper);
}

/* Progress is nobody's here. */
static char state_folder[] = "/tmp/test-memory.XXXXXX";

static int make_state(void **state)
{
    (void)state;
    return mkdtemp(state_folder) != NULL && setenv("XDG_STATE_HOME", state_folder, 1) == 0 ? 0 : -1;
}

static int remove_state(void **state)
{
    static const char *const names[] = {"/tlstep/lessons", "/tlstep", ""};
    char path[100];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", state_folder, names[i]);
        (void)remove(path); /* the file may not be there */
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_out_while_stepping),
        cmocka_unit_test(it_runs_out_in_boxes_and_searches),
        cmocka_unit_test(it_runs_out_where_things_are_explained_and_taken_away),
        cmocka_unit_test(it_runs_out_among_keys_and_comparisons),
        cmocka_unit_test(it_runs_out_in_lessons),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, make_state, remove_state);
}
