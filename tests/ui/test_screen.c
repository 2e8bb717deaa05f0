/*
 * The whole screen without a terminal: it draws at every size and cursor, no key is ignored
 * silently, and what the panes say comes from the session.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include "help.h"
#include "play.h"

/* ---- commands ---------------------------------------------------------------------------------------- */

static void every_screen_command_of_the_table_is_carried_out(void **state)
{
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (table[i].kind == STEPPER_SCREEN && !ui_command_is_known(table[i].name)) {
            fail_msg("the screen has no function for '%s'", table[i].name);
        }
    }
}

static void the_help_has_every_command_and_key(void **state)
{
    struct ui_page page = {0};
    size_t count;
    const struct stepper_command *table = stepper_command_table(&count);

    (void)state;
    ui_page_reset(&page, 96, false);
    ui_help_build(NULL, &page);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t line = 0; line < page.count && !found; line++) {
            found = ui_page_line_contains(&page, line, table[i].name) &&
                    ui_page_line_contains(&page, line, table[i].keys);
        }
        if (!found) {
            fail_msg("the help says nothing of %s (%s)", table[i].name, table[i].keys);
        }
    }
    ui_page_free(&page);
}

/* A copy of all cells, text and styles; to be freed. */
static struct ui_cell *draw_cells(const struct screen *screen, size_t *size)
{
    const struct ui_canvas *canvas = &screen->ui->canvas;
    struct ui_cell *copy;

    assert_int_equal(ui_draw(screen->ui, screen->rows, screen->columns), 0);
    *size = (size_t)canvas->rows * (size_t)canvas->columns * sizeof *copy;
    copy = malloc(*size);
    assert_non_null(copy);
    return memcpy(copy, canvas->cells, *size);
}

/* Something must happen at each key: the screen changes, or the status line says why not, or the
 * loop is told to do something. */
static void assert_answered(const struct screen *screen, long key)
{
    struct ui *ui = screen->ui;
    size_t size;
    struct ui_cell *before, *after;
    char name[32];

    ui->quit = ui->interrupted = ui->suspend = ui->redraw = ui->theme_changed = false;
    ui->status[0] = '\0'; /* what the key before has led to is not an answer to this one */
    before = draw_cells(screen, &size);
    ui_key(ui, key);
    after = draw_cells(screen, &size);
    if (memcmp(before, after, size) == 0 && !ui->quit && !ui->suspend && !ui->redraw) {
        fail_msg("%s was ignored", ui_key_name(name, sizeof name, key));
    }
    free(before);
    free(after);
}

static bool goes_online(long key)
{
    static const char *const names[] = {"step", "flight", "phase", "continue", "until"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (ui_key_among(stepper_command_find(names[i])->keys, key)) {
            return true;
        }
    }
    return false;
}

static void answer_all_keys(const struct screen *screen, bool offline)
{
    for (long key = 1; key < 0x180; key++) {
        /* Tab, Enter and Escape have a meaning of their own in boxes: close those first. */
        screen->ui->viewer.open = screen->ui->explainer.open = screen->ui->menu.open = false;
        screen->ui->prompt.kind = UI_PROMPT_NONE;
        ui_form_close(&screen->ui->form);
        if (!offline || !goes_online(key)) {
            assert_answered(screen, key);
        }
    }
    for (long key = UI_KEY_UP; key <= UI_KEY_LAST; key++) {
        screen->ui->viewer.open = screen->ui->explainer.open = screen->ui->menu.open = false;
        screen->ui->prompt.kind = UI_PROMPT_NONE;
        ui_form_close(&screen->ui->form);
        assert_answered(screen, key);
    }
}

static void no_key_is_ignored_before_the_first_step(void **state)
{
    struct screen screen = open_screen("lab:good", false);

    (void)state;
    answer_all_keys(&screen, true);
    close_screen(&screen);
}

static void no_key_is_ignored_in_any_pane_of_a_session(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    for (int pane = 1; pane <= UI_PANE_BYTES + 1; pane++) {
        press(&screen, pane % 2 == 0 ? ">" : "< Space Space Space Space");
        ui_focus(screen.ui, (enum ui_pane_id)(pane - 1));
        answer_all_keys(&screen, false);
    }
    close_screen(&screen);
}

static void a_key_that_cannot_act_says_why(void **state)
{
    struct screen screen = open_screen("lab:good", false);

    (void)state;
    press(&screen, "Q");
    assert_string_equal(screen.ui->status, "Q does nothing here; ? shows the keys");
    press(&screen, "C");
    assert_non_null(strstr(screen.ui->status, "press Space"));
    press(&screen, "Left");
    assert_non_null(strstr(screen.ui->status, "this is the beginning"));
    close_screen(&screen);
}

/* ---- drawing --------------------------------------------------------------------------------------------- */

static void it_draws_at_every_size_and_cursor(void **state)
{
    static const char *const files[] = {GOOD, EXPIRED, "tests/data/hello-retry.pcapng"};
    static const int sizes[][2] = {{36, 120}, {24, 80},  {30, 100}, {15, 60},
                                   {50, 80},  {60, 200}, {5, 20},   {1, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct screen screen = open_screen(files[i], i == 1);
        for (int step = 0; step < 40; step++) {
            for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
                screen.rows = sizes[size][0];
                screen.columns = sizes[size][1];
                ui_focus(screen.ui, (enum ui_pane_id)((step + (int)size) % UI_PANE_REASONS));
                assert_int_equal(ui_draw(screen.ui, screen.rows, screen.columns), 0);
            }
            ui_key(screen.ui, UI_KEY_SPACE);
        }
        close_screen(&screen);
    }
}

static void ascii_is_all_that_an_ascii_screen_shows(void **state)
{
    struct screen screen = open_screen(EXPIRED, true);

    (void)state;
    for (int step = 0; step < 30; step++) {
        char *text = draw_text(&screen);
        for (const char *at = text; *at != '\0'; at++) {
            assert_true(*at == '\n' || (*at >= 0x20 && *at < 0x7f));
        }
        assert_null(strstr(text, "?0")); /* nothing that is ours has no spelling */
        free(text);
        press(&screen, step == 5 ? "? Esc" : "Space");
    }
    close_screen(&screen);
}

static void a_small_screen_asks_for_a_larger_one_and_recovers(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, "Space Space Space Space");
    assert_shows(&screen, "ClientHello");
    screen.rows = 10;
    assert_shows(&screen, "Please enlarge the terminal to 60x15 (now 120x10)");
    screen.rows = 36;
    assert_shows(&screen, "ClientHello");
    close_screen(&screen);
}

/* ---- what it says ------------------------------------------------------------------------------------- */

static void going_back_forgets_what_was_not_known_then(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, ">");
    assert_shows(&screen, "✔ handshake");
    assert_shows(&screen, "TLS_AES_256_GCM_SHA384");
    assert_shows(&screen, "✔ accepted");
    press(&screen, "< Space Space Space");
    assert_shows(&screen, "ClientHello");
    assert_false(shows(&screen, "ServerHello"));
    assert_shows(&screen, "nothing agreed yet");
    assert_shows(&screen, "none seen yet");
    close_screen(&screen);
}

static void a_refused_certificate_says_why_and_how_to_mend_it(void **state)
{
    struct screen screen = open_screen(EXPIRED, false);

    (void)state;
    press(&screen, ">");
    assert_shows(&screen, "Why it is refused");
    assert_shows(&screen, "✘ expired");
    assert_shows(&screen, "RFC 5280");
    assert_shows(&screen, "Mend it:");
    assert_shows(&screen, "└ ✘ expired.lab.tlstep.test");
    screen.rows = 24; /* one pane: the reasons are with the certificates */
    screen.columns = 80;
    press(&screen, "4");
    assert_shows(&screen, "Mend it:");
    close_screen(&screen);
}

static void tree_and_bytes_are_linked_both_ways(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    struct ui_selection *selection = &screen.ui->selection;
    size_t offset, length;

    (void)state;
    press(&screen, "> 2 Home Down Down Down 5 /");
    type(&screen, "random");
    press(&screen, "Enter");
    assert_string_equal(ui_selection_path(selection), "handshake.client_hello.random");
    assert_true(ui_selection_range(selection, &offset, &length));
    assert_true(offset == 6 && length == 32);
    assert_int_equal(selection->byte, 6);
    press(&screen, "6 Down Down"); /* two lines of 8 bytes further */
    assert_int_equal(selection->byte, 22);
    assert_string_equal(ui_selection_path(selection), "handshake.client_hello.random");
    press(&screen, "Home");
    assert_int_equal(selection->byte, 0);
    assert_string_equal(ui_selection_path(selection), "handshake.type");
    press(&screen, "v"); /* the record, whose tree has its header */
    assert_string_equal(ui_selection_buffer(selection)->name, "record");
    assert_shows(&screen, "content_type");
    close_screen(&screen);
}

static void the_ladder_row_leads_the_other_panes(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, ">");
    press(&screen, "2 Home Down Down Down");
    assert_shows(&screen, "Message 4: ClientHello");
    press(&screen, "Enter"); /* opens the field tree */
    assert_int_equal(screen.ui->focus, UI_PANE_MESSAGE);
    press(&screen, "2 /");
    type(&screen, "finished");
    press(&screen, "Enter");
    assert_shows(&screen, "Finished");
    assert_string_equal(screen.ui->selection.row->type, "Finished");
    press(&screen, "g"); /* the cursor goes to the selected row */
    assert_int_equal(stepper_facts(screen.stepper)->stop.n, screen.ui->selection.n);
    close_screen(&screen);
}

/* ---- boxes ------------------------------------------------------------------------------------------------ */

static void the_options_form_sets_options_of_the_next_run(void **state)
{
    struct screen screen = open_screen("lab:good", false);

    (void)state;
    press(&screen, "o");
    assert_shows(&screen, "Same as: tlstep lab:good");
    type(&screen, "other.example");
    assert_shows(&screen, "Same as: tlstep --sni other.example lab:good");
    press(&screen, "Enter");
    assert_false(screen.ui->form.open);
    assert_string_equal(stepper_options(screen.stepper)->tls.sni, "other.example");
    press(&screen, "o C-u");
    press(&screen, "Esc"); /* as it was */
    assert_string_equal(stepper_options(screen.stepper)->tls.sni, "other.example");
    close_screen(&screen);
}

/* A projector shows it to everybody. */
static void a_proxys_password_is_not_on_the_screen(void **state)
{
    struct screen screen = open_screen("lab:good", false);

    (void)state;
    press(&screen, ":");
    type(&screen, "set proxy http://user:secret@127.0.0.1:9");
    press(&screen, "Enter");
    assert_shows(&screen, "Set proxy http://user:*@127.0.0.1:9");
    press(&screen, "o");
    assert_shows(&screen, "Same as: tlstep --proxy 'http://user:*@127.0.0.1:9' lab:good");
    press(&screen, "Esc");
    assert_string_equal(stepper_options(screen.stepper)->tls.proxy,
                        "http://user:secret@127.0.0.1:9");
    close_screen(&screen);
}

static void the_options_form_refuses_what_cannot_be(void **state)
{
    struct screen screen = open_screen("lab:good", false);
    struct ui_form *form = &screen.ui->form;

    (void)state;
    press(&screen, "o");
    while (strcmp(form->rows[form->selected]->name, "priority") != 0) {
        press(&screen, "Down");
    }
    type(&screen, "NORMAL:+NONSENSE");
    assert_true(form->wrong);
    press(&screen, "Enter");
    assert_true(form->open); /* it stays, and says why */
    assert_shows(&screen, "NONSENSE");
    assert_null(stepper_options(screen.stepper)->tls.priority);
    press(&screen, "C-u");
    assert_false(form->wrong);
    close_screen(&screen);
}

static void the_command_line_completes_and_remembers(void **state)
{
    struct screen screen = open_screen("lab:good", false);
    struct ui_prompt *prompt = &screen.ui->prompt;

    (void)state;
    press(&screen, ":");
    type(&screen, "unt");
    press(&screen, "Tab");
    assert_string_equal(prompt->edit.text, "until ");
    type(&screen, "server:ServerHelloD");
    press(&screen, "Tab");
    assert_string_equal(prompt->edit.text, "until server:ServerHelloDone ");
    press(&screen, "C-u");
    type(&screen, "set tls-m");
    press(&screen, "Tab");
    assert_shows(&screen, "tls-min  tls-max");
    press(&screen, "Tab Tab");
    assert_string_equal(prompt->edit.text, "set tls-max");
    type(&screen, " 1.2");
    press(&screen, "Enter");
    assert_shows(&screen, "Set tls-max 1.2: the next run uses it.");
    assert_string_equal(stepper_options(screen.stepper)->tls.tls_max, "1.2");
    press(&screen, ": Up");
    assert_string_equal(prompt->edit.text, "set tls-max 1.2");
    press(&screen, "C-u Esc :");
    type(&screen, "frobnicate");
    press(&screen, "Enter");
    assert_shows(&screen, "there is no command 'frobnicate'");
    close_screen(&screen);
}

static void answers_are_shown_in_a_box(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, "> :");
    type(&screen, "state");
    press(&screen, "Enter");
    assert_true(screen.ui->viewer.open);
    assert_shows(&screen, "\"tlstep.report/1\"");
    press(&screen, "q");
    assert_false(screen.ui->viewer.open || screen.ui->quit);
    close_screen(&screen);
}

static void breakpoints_are_set_at_the_selected_row(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    size_t count = 0;

    (void)state;
    press(&screen, "> 2 Home Down Down Down b");
    assert_string_equal(stepper_breakpoints(screen.stepper, &count)[0], "client:ClientHello");
    assert_shows(&screen, "•  4");
    press(&screen, "b");
    (void)stepper_breakpoints(screen.stepper, &count);
    assert_int_equal(count, 0);
    close_screen(&screen);
}

/* ---- mouse -------------------------------------------------------------------------------------------------- */

static void clicks_select_and_press_hints(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    const struct ui_hint *hint = screen.ui->hints.hints;

    (void)state;
    assert_string_equal(hint->command->name, "step");
    ui_mouse_event(screen.ui, UI_MOUSE_CLICK, screen.rows - 1, hint->x + 1);
    assert_true(stepper_cursor(screen.stepper) > 0);
    press(&screen, ">");
    ui_mouse_event(screen.ui, UI_MOUSE_CLICK, screen.ui->panes[UI_PANE_MESSAGE].area.y,
                   screen.ui->panes[UI_PANE_MESSAGE].area.x + 3);
    assert_int_equal(screen.ui->focus, UI_PANE_MESSAGE);
    for (int y = 0; y < screen.rows; y++) { /* nowhere does a click or the wheel do harm */
        for (int x = 0; x < screen.columns; x += 3) {
            ui_mouse_event(screen.ui, (enum ui_mouse)((x + y) % 3), y, x);
            assert_int_equal(ui_draw(screen.ui, screen.rows, screen.columns), 0);
        }
    }
    close_screen(&screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_screen_command_of_the_table_is_carried_out),
        cmocka_unit_test(the_help_has_every_command_and_key),
        cmocka_unit_test(no_key_is_ignored_before_the_first_step),
        cmocka_unit_test(no_key_is_ignored_in_any_pane_of_a_session),
        cmocka_unit_test(a_key_that_cannot_act_says_why),
        cmocka_unit_test(it_draws_at_every_size_and_cursor),
        cmocka_unit_test(ascii_is_all_that_an_ascii_screen_shows),
        cmocka_unit_test(a_small_screen_asks_for_a_larger_one_and_recovers),
        cmocka_unit_test(going_back_forgets_what_was_not_known_then),
        cmocka_unit_test(a_refused_certificate_says_why_and_how_to_mend_it),
        cmocka_unit_test(tree_and_bytes_are_linked_both_ways),
        cmocka_unit_test(the_ladder_row_leads_the_other_panes),
        cmocka_unit_test(the_options_form_sets_options_of_the_next_run),
        cmocka_unit_test(a_proxys_password_is_not_on_the_screen),
        cmocka_unit_test(the_options_form_refuses_what_cannot_be),
        cmocka_unit_test(the_command_line_completes_and_remembers),
        cmocka_unit_test(answers_are_shown_in_a_box),
        cmocka_unit_test(breakpoints_are_set_at_the_selected_row),
        cmocka_unit_test(clicks_select_and_press_hints),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
