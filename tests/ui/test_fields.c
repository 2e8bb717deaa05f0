/*
 * Fields on the screen: found in all messages, shown whole, linked with their bytes, copied and
 * explained; application data; secrets.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "play.h"

static void search_for(const struct screen *screen, const char *text)
{
    press(screen, "/");
    type(screen, text);
    press(screen, "Enter");
}

static void a_search_goes_through_all_messages_and_counts(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    const struct ui_selection *selection = &screen.ui->selection;
    uint32_t first, n = 0;
    size_t rounds = 0, total;

    (void)state;
    press(&screen, "> 5");
    search_for(&screen, "verify_data"); /* one in each Finished */
    assert_string_equal(selection->row->type, "Finished");
    assert_string_equal(ui_selection_path(selection), "handshake.finished.verify_data");
    first = selection->n;
    press(&screen, "]");
    assert_int_not_equal(selection->n, first);
    assert_string_equal(selection->row->type, "Finished");
    press(&screen, "]");
    assert_int_equal(selection->n, first); /* around the end */
    assert_non_null(strstr(screen.ui->status, "around the end"));
    assert_int_equal(sscanf(screen.ui->status, "match %*u of %zu", &total), 1);
    assert_int_equal(total, 2);
    press(&screen, "["); /* around the beginning */
    assert_int_not_equal(selection->n, first);
    /* By value, and each match exactly once. */
    search_for(&screen, "x25519");
    assert_int_equal(sscanf(screen.ui->status, "match %*u of %zu", &total), 1);
    first = selection->n;
    size_t field = selection->tree.selected;
    do {
        press(&screen, "]");
        n = selection->n;
        rounds++;
    } while ((n != first || selection->tree.selected != field) && rounds < 1000);
    assert_int_equal(rounds, total);
    /* In bytes beyond what a line could show of them: the end of the server's page. */
    search_for(&screen, "63616e20726561642e");
    assert_string_equal(selection->row->type, "ApplicationData");
    field = selection->tree.selected;
    search_for(&screen, "no such thing");
    assert_non_null(strstr(screen.ui->status, "is nowhere here"));
    assert_int_equal(selection->tree.selected, field); /* the selection stays */
    /* What has not been stepped to yet may be further on. */
    press(&screen, "<");
    search_for(&screen, "ApplicationData");
    assert_non_null(strstr(screen.ui->status, "not in what has been stepped so far"));
    close_screen(&screen);
}

/* The value of the selected field that has no room on its line stands below, to its last digit. */
static void the_selected_value_is_shown_whole(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    struct buffer value = {0}, seen = {0};
    const struct ui_pane *pane;

    (void)state;
    press(&screen, "> 5");
    search_for(&screen, "random");
    assert_string_equal(ui_selection_path(&screen.ui->selection), "handshake.client_hello.random");
    ui_field_value(&value, &screen.ui->selection.fields, screen.ui->selection.tree.selected);
    assert_int_equal(value.length, 64);
    pane = &screen.ui->panes[UI_PANE_MESSAGE];
    for (int y = 0; y < pane->content.rows; y++) { /* the lines, without what divides them */
        for (int x = 0; x < pane->content.columns; x++) {
            wchar_t sign =
                ui_canvas_cell(&screen.ui->canvas, pane->content.y + y, pane->content.x + x)
                    ->text[0];
            if (sign != L' ') {
                buffer_u8(&seen, sign < 128 ? (uint8_t)sign : '?');
            }
        }
    }
    assert_non_null(memmem(seen.data, seen.length, value.data, value.length));
    buffer_free(&value);
    buffer_free(&seen);
    close_screen(&screen);
}

static void a_field_is_copied_by_menu_and_by_command(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    char path[] = "/tmp/tlstep-copy.XXXXXX";
    char line[200];
    struct buffer file = {0};
    struct stat status;

    (void)state;
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    assert_int_equal(unsetenv("TMUX"), 0);
    press(&screen, "> 5");
    search_for(&screen, "legacy_version");
    press(&screen, "y");
    assert_shows(&screen, "Copy legacy_version, 2 bytes");
    press(&screen, "h");
    assert_false(screen.ui->menu.open);
    assert_string_equal(buffer_string(&screen.ui->to_terminal), "\033]52;c;MDMwMw==\a"); /* 0303 */
    assert_non_null(strstr(screen.ui->status, "Copied legacy_version as hexadecimal digits (4"));
    press(&screen, "y H"); /* asks for a name */
    assert_string_equal(screen.ui->prompt.edit.text, "copy hex ");
    press(&screen, "Esc");
    /* A file: private, and never one that is there already. */
    assert_non_null(mkdtemp(path));
    (void)snprintf(line, sizeof line, "copy hex %s/it", path);
    ui_command_line(screen.ui, line);
    assert_int_equal(file_read(line + 9, "copy", 100, &file, NULL), 0);
    assert_string_equal(buffer_string(&file), "0303");
    assert_int_equal(stat(line + 9, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    ui_command_line(screen.ui, line);
    assert_non_null(strstr(screen.ui->status, "exists"));
    assert_int_equal(unlink(line + 9), 0);
    assert_int_equal(rmdir(path), 0);
    buffer_free(&file);
    /* Where there is no clipboard it says what to do instead. */
    assert_int_equal(setenv("TERM", "linux", 1), 0);
    ui_command_line(screen.ui, "copy hex");
    assert_non_null(strstr(screen.ui->status, "no clipboard"));
    /* A root of ApplicationData has parts, but no value. */
    assert_int_equal(setenv("TERM", "xterm", 1), 0);
    search_for(&screen, "content_type");
    press(&screen, "Home");
    ui_command_line(screen.ui, "copy value");
    assert_non_null(strstr(screen.ui->status, "has no value of its own"));
    ui_command_line(screen.ui, "copy nonsense");
    assert_non_null(strstr(screen.ui->status, "formats are value, hex, c and json"));
    close_screen(&screen);
}

static void secrets_are_hidden_until_they_are_asked_for(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, ">");
    ui_command_line(screen.ui, "secrets");
    assert_false(screen.ui->viewer.open);
    assert_shows(&screen, "secrets are hidden: x shows them");
    screen.ui->status[0] = '\0';
    ui_command_line(screen.ui, "schedule");
    assert_false(screen.ui->viewer.open);
    assert_int_equal(screen.ui->focus, UI_PANE_SCHEDULE); /* which hides them */
    assert_shows(&screen, "hidden: x shows it");
    press(&screen, "x");
    assert_shows(&screen, "secrets shown");
    ui_command_line(screen.ui, "secrets");
    assert_shows(&screen, "SERVER_TRAFFIC_SECRET_0");
    press(&screen, "x"); /* hides the box, too */
    assert_false(shows(&screen, "SERVER_TRAFFIC_SECRET_0"));
    assert_false(shows(&screen, "secrets shown"));
    close_screen(&screen);
}

static void application_data_is_followed_and_left_again(void **state)
{
    struct screen screen = open_screen(GOOD, false);

    (void)state;
    press(&screen, "f");
    assert_non_null(strstr(screen.ui->status, "no application data yet"));
    press(&screen, "> 5 f");
    assert_int_equal(screen.ui->focus, UI_PANE_DATA);
    assert_shows(&screen, "▶ GET / HTTP/1.1");
    assert_shows(&screen, "◀ HTTP/1.1 200 OK");
    press(&screen, "v");
    assert_shows(&screen, "▶ 00000000  47 45 54 20");
    press(&screen, "v Enter"); /* the client's alone */
    assert_shows(&screen, "GET / HTTP/1.1");
    assert_false(shows(&screen, "HTTP/1.1 200 OK"));
    press(&screen, "Enter Enter");
    search_for(&screen, "200 ok");
    assert_non_null(strstr(screen.ui->status, "line 1 of 1 that match"));
    press(&screen, "Esc");
    assert_int_equal(screen.ui->focus, UI_PANE_MESSAGE);
    press(&screen, "8 <"); /* what had not been said then is not there: the keys go elsewhere */
    assert_int_not_equal(screen.ui->focus, UI_PANE_DATA);
    close_screen(&screen);
}

static void explanations_lead_to_the_glossary_and_back(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    struct ui_explainer *box = &screen.ui->explainer;

    (void)state;
    press(&screen, "> 5");
    search_for(&screen, "handshake");
    search_for(&screen, "named_group");
    while (strcmp(ui_selection_path(&screen.ui->selection),
                  "extension.supported_groups.named_group") != 0) {
        press(&screen, "]");
    }
    press(&screen, "e");
    assert_true(box->open);
    assert_shows(&screen, "extension.supported_groups.named_group");
    assert_shows(&screen, "secp256r1: "); /* what the value means, too */
    assert_true(box->link_count > 0);
    press(&screen, "Tab Enter");
    assert_int_equal(box->count, 2);
    assert_false(shows(&screen, "extension.supported_groups.named_group"));
    press(&screen, "Left");
    assert_shows(&screen, "extension.supported_groups.named_group");
    search_for(&screen, "forward secrecy");
    assert_shows(&screen, "'forward secrecy': ");
    press(&screen, "Enter"); /* the best comes first */
    assert_shows(&screen, "Whoever records a connection today");
    press(&screen, "Esc");
    assert_false(box->open);
    ui_command_line(screen.ui, "explain TLS_AES_128_GCM_SHA256");
    assert_shows(&screen, "names only cipher and hash");
    ui_command_line(screen.ui, "explain cookie secrets nobody"); /* not a name: a search */
    assert_shows(&screen, "'cookie secrets nobody': 0");
    close_screen(&screen);
}

/* The way back is bounded; terms link to each other in circles. */
static void any_number_of_links_can_be_followed(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    struct ui_explainer *box = &screen.ui->explainer;

    (void)state;
    ui_command_line(screen.ui, "explain handshake");
    for (int i = 0; i < 100; i++) {
        press(&screen, "Tab Down PageDown Up Enter");
        if (!box->open) { /* a text without links: Enter has closed it */
            ui_command_line(screen.ui, "explain tls");
        }
        assert_true(box->count <= UI_TOPICS_MAX);
    }
    for (size_t i = box->count; i > 1; i--) {
        press(&screen, "Left");
    }
    assert_int_equal(box->count, 1);
    close_screen(&screen);
}

/* Both ways, by key and by mouse, in every buffer of the row. */
static void every_byte_leads_to_the_innermost_field(void **state)
{
    struct screen screen = open_screen(GOOD, false);
    struct ui_selection *selection = &screen.ui->selection;

    (void)state;
    press(&screen, "> 5");
    search_for(&screen, "verify_data");
    for (size_t buffer = 0; buffer < selection->buffer_count; buffer++, press(&screen, "v")) {
        size_t length = ui_selection_buffer(selection)->length;
        assert_true(selection->fields.count > 0);
        for (size_t byte = 0; byte < length; byte++) {
            const struct wire_field *field;
            ui_selection_byte(selection, byte);
            assert_int_equal(selection->byte, byte);
            field = &selection->fields.fields[selection->tree.selected];
            assert_true(byte >= field->offset && byte - field->offset < field->length);
            assert_false(ui_tree_has_children(&selection->tree, selection->tree.selected));
        }
    }
    close_screen(&screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_goes_through_all_messages_and_counts),
        cmocka_unit_test(the_selected_value_is_shown_whole),
        cmocka_unit_test(a_field_is_copied_by_menu_and_by_command),
        cmocka_unit_test(secrets_are_hidden_until_they_are_asked_for),
        cmocka_unit_test(application_data_is_followed_and_left_again),
        cmocka_unit_test(explanations_lead_to_the_glossary_and_back),
        cmocka_unit_test(any_number_of_links_can_be_followed),
        cmocka_unit_test(every_byte_leads_to_the_innermost_field),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
