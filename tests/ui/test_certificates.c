/*
 * Certificates on the screen: the tree with its paths, why it is refused, the selected one in full, its
 * fields, and ten thousand of them to browse, where every key is answered at once.
 */
#include <locale.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certs.h"
#include "command.h"
#include "fields.h"
#include "pane_certificates.h"
#include "pane_store.h"
#include "play.h"
#include "scratch.h"

/* A file of certificates, judged with anchors from another one. */
static struct screen open_file(const char *path, const char *anchors, bool ascii)
{
    struct stepper_target target = {0};
    struct stepper_options options;
    struct screen screen;
    struct err err = {0};

    stepper_options_init(&options);
    if (stepper_target_file(path, &target, &err) != 0) {
        fail_msg("%s", err.text);
    }
    if (anchors != NULL) {
        assert_int_equal(stepper_option_set(&options, "ca-file", anchors, &err), 0);
    }
    assert_int_equal(stepper_option_set(&options, "at", "2026-06-01T10:00:00Z", &err), 0);
    screen = open_screen_on(&target, &options, ascii);
    stepper_target_free(&target);
    stepper_options_free(&options);
    return screen;
}

/* ---- a chain with two ways up ------------------------------------------------------------------------ */

struct family {
    struct cert *old_root, *new_root, *middle, *crossed, *leaf, *stranger;
    char file[SCRATCH_PATH_MAX], anchors[SCRATCH_PATH_MAX];
};

static struct family make_family(void)
{
    struct family family = {0};

    family.old_root = cert_make(&(struct cert_options){.common_name = "old root", .ca = true});
    family.new_root = cert_make(&(struct cert_options){.common_name = "new root", .ca = true});
    family.middle = cert_make(
        &(struct cert_options){.common_name = "middle", .ca = true, .issuer = family.new_root});
    family.crossed = cert_make(&(struct cert_options){.common_name = "middle",
                                                      .ca = true,
                                                      .issuer = family.old_root,
                                                      .same_key_as = family.middle});
    family.leaf = cert_make(&(struct cert_options){.common_name = "leaf.example",
                                                   .names = NAMES("DNS:leaf.example"),
                                                   .issuer = family.middle});
    family.stranger = cert_make(
        &(struct cert_options){.common_name = "stranger", .ca = true, .issuer = family.old_root});
    assert_non_null(family.leaf);
    assert_non_null(family.crossed);
    assert_non_null(family.stranger);
    cert_write_scratch(
        family.file, "chain.pem",
        CHAIN(family.leaf, family.middle, family.crossed, family.stranger, family.middle));
    cert_write_scratch(family.anchors, "anchors.pem", CHAIN(family.new_root, family.old_root));
    return family;
}

static void free_family(struct family *family)
{
    cert_free(family->leaf);
    cert_free(family->stranger);
    cert_free(family->crossed);
    cert_free(family->middle);
    cert_free(family->new_root);
    cert_free(family->old_root);
}

static void the_tree_shows_the_path_and_folds_the_others(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);

    (void)state;
    assert_shows(&screen, "leaf.example");
    assert_shows(&screen, "✔ accepted");
    assert_shows(&screen, "trust store (");
    assert_shows(&screen, "leaf, 1st in the file");
    assert_shows(&screen, "▸ 1 other path");
    assert_shows(&screen, "sent but unused");
    assert_shows(&screen, "sent twice");
    press(&screen, "Down Enter"); /* the line below the leaf */
    assert_shows(&screen, "▾ 1 other path");
    assert_shows(&screen, "path 2");
    press(&screen, "-");
    assert_shows(&screen, "▸ 1 other path");
    press(&screen, "*");
    assert_shows(&screen, "would be accepted, too");
    close_screen(&screen);
    free_family(&family);
}

static void without_a_connection_nothing_speaks_of_one(void **state)
{
    static const char *const words[] = {"Space",   "Ladder", "Connection",
                                        "look up", "Cipher", "handshake"};
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);
    static const int sizes[][2] = {{36, 120}, {24, 80}, {30, 100}, {45, 90}, {15, 60}};

    (void)state;
    for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
        screen.rows = sizes[size][0];
        screen.columns = sizes[size][1];
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (shows(&screen, words[i])) {
                char *text = draw_text(&screen);
                print_error("%s\n", text);
                free(text);
                fail_msg("the screen says '%s' at %dx%d", words[i], screen.columns, screen.rows);
            }
        }
        assert_shows(&screen, "leaf.example");
    }
    close_screen(&screen);
    free_family(&family);
}

static void another_date_is_another_verdict(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);

    (void)state;
    assert_shows(&screen, "accepted");
    press(&screen, "d");
    assert_string_equal(screen.ui->prompt.edit.text, "judge ");
    type(&screen, "2026-12-24");
    press(&screen, "Enter");
    assert_shows(&screen, "✘ expired");
    assert_shows(&screen, "as of 2026-12-24");
    assert_shows(&screen, "Why it is refused");
    assert_shows(&screen, "Mend it:");
    press(&screen, "d");
    type(&screen, "2026-06-02");
    press(&screen, "Enter");
    assert_shows(&screen, "accepted as of 2026-06-02");
    close_screen(&screen);
    free_family(&family);
}

/* ---- taking it away --------------------------------------------------------------------------------------- */

static size_t count_blocks(const char *path)
{
    struct buffer text = {0};
    size_t count;

    assert_int_equal(file_read(path, "chain", 1 << 20, &text, NULL), 0);
    count = command_count(&text, "BEGIN CERTIFICATE");
    buffer_free(&text);
    return count;
}

static void the_chain_is_saved_in_order_and_nothing_is_replaced_unasked(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);
    char path[SCRATCH_PATH_MAX];
    struct stat status;

    (void)state;
    (void)scratch_write(path, "there.pem", "precious", 8);
    press(&screen, "E");
    type(&screen, path);
    press(&screen, "Enter");
    assert_true(screen.ui->menu.open);
    assert_shows(&screen, "There is a file already:");
    press(&screen, "Esc");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 8);
    press(&screen, "E");
    type(&screen, path);
    press(&screen, "Enter r");
    assert_shows(&screen, "Saved 2 certificates");
    assert_int_equal(count_blocks(path), 2); /* leaf and intermediate: clients have the root */
    (void)scratch_path(path, "fresh.pem");
    press(&screen, "E");
    type(&screen, path);
    press(&screen, "Enter");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    close_screen(&screen);
    free_family(&family);
}

static void a_certificate_can_be_copied_whole(void **state)
{
    static const char *const forms[][2] = {
        {"pem", "-----BEGIN CERTIFICATE-----"}, {"text", "Certificate:"}, {"pin", "sha256/"}};
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);
    char line[300], path[SCRATCH_PATH_MAX];

    (void)state;
    press(&screen, "y");
    assert_true(screen.ui->menu.open);
    assert_shows(&screen, "Copy the certificate");
    press(&screen, "Esc");
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct buffer text = {0};
        (void)snprintf(line, sizeof line, "copy %s %s", forms[i][0],
                       scratch_path(path, forms[i][0]));
        ui_command_line(screen.ui, line);
        assert_int_equal(file_read(path, "copy", 1 << 20, &text, NULL), 0);
        assert_non_null(strstr(buffer_string(&text), forms[i][1]));
        buffer_free(&text);
    }
    press(&screen, "Enter Down Down y"); /* in its fields: those of the field, too */
    assert_shows(&screen, "hexadecimal digits");
    assert_shows(&screen, "the certificate as PEM");
    close_screen(&screen);
    free_family(&family);
}

/* ---- its fields ------------------------------------------------------------------------------------------------ */

static void enter_opens_the_fields_and_escape_goes_back(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);
    struct ui_fields *fields = screen.ui->panes[UI_PANE_FIELDS].state;

    (void)state;
    screen.rows = 24;
    screen.columns = 80;
    press(&screen, "Enter");
    assert_int_equal(screen.ui->focus, UI_PANE_FIELDS);
    assert_shows(&screen, "tbsCertificate");
    press(&screen, "/");
    type(&screen, "leaf.example");
    press(&screen, "Enter");
    assert_non_null(ui_selection_path(&fields->fields));
    press(&screen, "v");
    assert_shows(&screen, "· text");
    press(&screen, "v");
    assert_shows(&screen, "-----BEGIN CERTIFICATE-----");
    press(&screen, "v 6"); /* the bytes are the certificate's */
    assert_shows(&screen, "0000  30 82");
    press(&screen, "Enter");
    assert_int_equal(screen.ui->focus, UI_PANE_FIELDS);
    press(&screen, "Esc");
    assert_int_equal(screen.ui->focus, UI_PANE_CERTIFICATES);
    close_screen(&screen);
    free_family(&family);
}

static void in_a_session_the_message_comes_back_after_the_fields(void **state)
{
    struct screen screen = open_screen(EXPIRED, false);

    (void)state;
    press(&screen, "> 4 Enter");
    assert_shows(&screen, "Certificate: expired.lab.tlstep.test");
    assert_shows(&screen, "Bytes: certificate");
    assert_false(shows(&screen, "5 Message"));
    press(&screen, "Up"); /* nothing is lost by moving in it */
    press(&screen, "Esc");
    assert_int_equal(screen.ui->focus, UI_PANE_CERTIFICATES);
    press(&screen, "5");
    assert_shows(&screen, "5 Message");
    close_screen(&screen);
}

/* ---- hostile ones ----------------------------------------------------------------------------------------------- */

#define LONG_NAME 65000

static void names_from_outside_are_shown_and_not_obeyed(void **state)
{
    static const int sizes[][2] = {{36, 120}, {24, 80}, {60, 200}};
    char *name = malloc(LONG_NAME + 1), path[SCRATCH_PATH_MAX];
    char *uri = malloc(LONG_NAME + 20);
    struct cert *cert, *long_cert;
    struct screen screen;

    (void)state;
    assert_true(name != NULL && uri != NULL);
    memset(name, 'a', LONG_NAME);
    name[LONG_NAME] = '\0';
    (void)snprintf(uri, LONG_NAME + 20, "URI:http://%s", name);
    cert = cert_make(
        &(struct cert_options){.common_name = "evil\033[31m\033]0;title\007\xe2\x80\xae"
                                              "gnp.exe",
                               .names = NAMES("DNS:a\033[2J.example", "DNS:b\\0c.example")});
    long_cert = cert_make(&(struct cert_options){.common_name = "long", .names = NAMES(uri)});
    assert_non_null(cert);
    assert_non_null(long_cert);
    cert_write_scratch(path, "evil.pem", CHAIN(cert, long_cert));
    screen = open_file(path, path, false);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        screen.rows = sizes[i][0];
        screen.columns = sizes[i][1];
        for (int key = 0; key < 4; key++) {
            static const char *const keys[] = {"Home", "Down Down", "Enter", "T"};
            char *text;
            press(&screen, keys[key]);
            text = draw_text(&screen);
            for (const char *at = text; *at != '\0'; at++) {
                assert_true(*at == '\n' || (unsigned char)*at >= 0x20);
            }
            assert_null(strstr(text, "\xe2\x80\xae"));
            free(text);
        }
        press(&screen, "T Esc 4");
    }
    press(&screen, "4 Home Down Up");
    assert_shows(&screen, "\\x1b[31m");
    close_screen(&screen);
    cert_free(cert);
    cert_free(long_cert);
    free(name);
    free(uri);
}

/* ---- many of them ------------------------------------------------------------------------------------------------- */

#define MANY 10000
/* What a key may take; sanitizers and loaded machines get some slack, the bound on a quiet one is 50 ms. */
#define KEY_MS 50
#define SLACK  4

/* One certificate, with another number in its name each time: nobody looks at the signature here. */
static void write_many(char path[SCRATCH_PATH_MAX])
{
    static const char mark[] = "host-00000.example";
    struct cert *cert = cert_make(
        &(struct cert_options){.common_name = mark, .names = NAMES("DNS:host-00000.example")});
    struct buffer text = {0};

    assert_non_null(cert);
    for (unsigned i = 0; i < MANY; i++) {
        uint8_t *at = cert->der, *end = cert->der + cert->length;
        char number[6];
        (void)snprintf(number, sizeof number, "%05u", i);
        while ((at = memmem(at, (size_t)(end - at), "host-", 5)) != NULL) {
            at += 5;
            memcpy(at, number, 5);
        }
        cert_append_pem(&text, cert);
    }
    assert_false(text.failed);
    (void)scratch_write(path, "many.pem", text.data, text.length);
    buffer_free(&text);
    cert_free(cert);
}

static int64_t slowest;

/* A key and the frame after it, measured. */
static void measured_key(const struct screen *screen, long key)
{
    int64_t before = clock_monotonic_ns(), taken;

    ui_key(screen->ui, key);
    assert_int_equal(ui_draw(screen->ui, screen->rows, screen->columns), 0);
    taken = clock_monotonic_ns() - before;
    slowest = taken > slowest ? taken : slowest;
}

static void measured_type(const struct screen *screen, const char *text)
{
    for (; *text != '\0'; text++) {
        measured_key(screen, (unsigned char)*text);
    }
}

static void every_key_is_answered_at_once_with_ten_thousand(void **state)
{
    struct screen screen;
    struct ui_store_pane *pane;
    char path[SCRATCH_PATH_MAX];

    (void)state;
    write_many(path);
    screen = open_file(path, NULL, false);
    pane = screen.ui->panes[UI_PANE_STORE].state;
    slowest = 0;
    assert_int_equal(screen.ui->focus, UI_PANE_STORE);
    while (ui_is_working(screen.ui)) { /* keys while it is read */
        measured_key(&screen, UI_KEY_DOWN);
    }
    assert_int_equal(pane->store.count, MANY);
    for (int i = 0; i < 20; i++) {
        measured_key(&screen, UI_KEY_PAGE_DOWN);
    }
    measured_key(&screen, UI_KEY_END);
    assert_shows(&screen, "host-09999.example");
    measured_key(&screen, '/');
    measured_type(&screen, "HOST-0123");
    assert_int_equal(pane->store.count, 10);
    assert_shows(&screen, "host-01234.example");
    assert_shows(&screen, "10 of 10 000 have");
    measured_type(&screen, "4 example");
    assert_int_equal(pane->store.count, 1);
    measured_key(&screen, UI_KEY_ENTER);
    measured_key(&screen, UI_KEY_ENTER);
    assert_int_equal(screen.ui->focus, UI_PANE_FIELDS);
    measured_key(&screen, UI_KEY_ESCAPE);
    assert_int_equal(screen.ui->focus, UI_PANE_STORE);
    measured_key(&screen, UI_KEY_ESCAPE); /* all of them again; the one stays selected */
    assert_int_equal(pane->store.count, MANY);
    assert_shows(&screen, "host-01234.example");
    for (int i = 0; i < UI_STORE_SORTS; i++) {
        measured_key(&screen, UI_KEY_RIGHT);
        measured_key(&screen, 'S');
    }
    print_message("the slowest key took %.1f ms\n", (double)slowest / 1e6);
    assert_true(slowest < (int64_t)KEY_MS * SLACK * 1000000);
    close_screen(&screen);
}

static void the_serial_number_and_the_fingerprint_are_found(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);
    struct ui_store_pane *pane = screen.ui->panes[UI_PANE_STORE].state;
    const struct ui_certificates_pane *tree = screen.ui->panes[UI_PANE_CERTIFICATES].state;
    char digits[65];

    (void)state;
    (void)text_hex(digits, sizeof digits, tree->shown.certificate->sha256, 32);
    press(&screen, "T /");
    type(&screen, digits);
    press(&screen, "Enter");
    assert_int_equal(pane->store.count, 1);
    press(&screen, "/ C-u");
    type(&screen, tree->shown.certificate->serial);
    press(&screen, "Enter");
    assert_int_equal(pane->store.count, 1);
    assert_shows(&screen, "leaf.example");
    press(&screen, "/ C-u");
    type(&screen, "nowhere to be found");
    press(&screen, "Enter");
    assert_shows(&screen, "no certificate matches");
    press(&screen, "Enter"); /* says why not */
    assert_shows(&screen, "there is no certificate to open");
    close_screen(&screen);
    free_family(&family);
}

static void who_in_the_chain_is_under_it_is_told(void **state)
{
    struct family family = make_family();
    struct screen screen = open_file(family.file, family.anchors, false);

    (void)state;
    press(&screen, "T Down");
    assert_shows(&screen, "in the chain in view, over leaf.example");
    close_screen(&screen);
    free_family(&family);
}

/* ---- many names --------------------------------------------------------------------------------------------------- */

#define NAME_COUNT 10000

static void ten_thousand_names_scroll_at_once(void **state)
{
    const char **names = calloc(NAME_COUNT + 1, sizeof *names);
    char path[SCRATCH_PATH_MAX];
    struct cert *cert;
    struct screen screen;

    (void)state;
    assert_non_null(names);
    for (int i = 0; i < NAME_COUNT; i++) {
        names[i] = text_format("DNS:name-%05d.example", i);
        assert_non_null(names[i]);
    }
    cert = cert_make(&(struct cert_options){.common_name = "many names", .names = names});
    assert_non_null(cert);
    cert_write_scratch(path, "names.pem", CHAIN(cert));
    screen = open_file(path, path, false);
    assert_shows(&screen, "10 000, below");
    slowest = 0;
    for (int i = 0; i < 50; i++) {
        measured_key(&screen, i % 2 == 0 ? UI_KEY_PAGE_DOWN : UI_KEY_DOWN);
    }
    print_message("the slowest key took %.1f ms\n", (double)slowest / 1e6);
    assert_true(slowest < (int64_t)KEY_MS * SLACK * 1000000);
    measured_key(&screen, UI_KEY_END);
    assert_shows(&screen, "name-09999.example");
    close_screen(&screen);
    cert_free(cert);
    for (int i = 0; i < NAME_COUNT; i++) {
        free((void *)(uintptr_t)names[i]);
    }
    free(names);
}

/* ---- every key ------------------------------------------------------------------------------------------------------ */

#define KEYS (0x180 + (UI_KEY_LAST - UI_KEY_UP) + 1)

static void no_key_does_harm_in_any_pane(void **state)
{
    static const enum ui_pane_id panes[] = {UI_PANE_CERTIFICATES, UI_PANE_REASONS, UI_PANE_FIELDS,
                                            UI_PANE_BYTES, UI_PANE_STORE};
    struct family family = make_family();

    (void)state;
    for (int ascii = 0; ascii < 2; ascii++) {
        struct screen screen = open_file(family.file, family.anchors, ascii != 0);
        for (size_t pane = 0; pane < sizeof panes / sizeof panes[0]; pane++) {
            for (long next = 1; next < KEYS; next++) {
                long key = next < 0x180 ? next : UI_KEY_UP + next - 0x180;
                struct ui *ui = screen.ui;
                ui->viewer.open = ui->explainer.open = ui->menu.open = false;
                ui->prompt.kind = UI_PROMPT_NONE;
                ui_form_close(&ui->form);
                ui_focus(ui, panes[pane]);
                ui_key(ui, key);
                ui->quit = ui->suspend = false;
                assert_int_equal(ui_draw(ui, key % 2 != 0 ? 36 : 24, key % 3 != 0 ? 120 : 80), 0);
            }
        }
        close_screen(&screen);
    }
    free_family(&family);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_shows_the_path_and_folds_the_others),
        cmocka_unit_test(without_a_connection_nothing_speaks_of_one),
        cmocka_unit_test(another_date_is_another_verdict),
        cmocka_unit_test(the_chain_is_saved_in_order_and_nothing_is_replaced_unasked),
        cmocka_unit_test(a_certificate_can_be_copied_whole),
        cmocka_unit_test(enter_opens_the_fields_and_escape_goes_back),
        cmocka_unit_test(in_a_session_the_message_comes_back_after_the_fields),
        cmocka_unit_test(names_from_outside_are_shown_and_not_obeyed),
        cmocka_unit_test(every_key_is_answered_at_once_with_ten_thousand),
        cmocka_unit_test(the_serial_number_and_the_fingerprint_are_found),
        cmocka_unit_test(who_in_the_chain_is_under_it_is_told),
        cmocka_unit_test(ten_thousand_names_scroll_at_once),
        cmocka_unit_test(no_key_does_harm_in_any_pane),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
