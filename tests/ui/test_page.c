/* Pages wrap text without losing any, mark what is new, and are searched without regard to case. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "page.h"
#include "theme.h"

static void line_text(const struct ui_page *page, size_t line, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", (int)page->lines[line].length,
                   (const char *)page->text.data + page->lines[line].offset);
}

static void assert_line(const struct ui_page *page, size_t line, const char *wanted)
{
    char text[400];

    line_text(page, line, text, sizeof text);
    assert_string_equal(text, wanted);
}

static void text_is_wrapped_at_blanks(void **state)
{
    struct ui_page page = {0};

    (void)state;
    ui_page_reset(&page, 20, false);
    ui_page_line(&page);
    ui_page_add(&page, UI_DIM, "trust  ");
    ui_page_wrap(&page, UI_TEXT, 7, "system and the files given");
    assert_int_equal(page.count, 3);
    assert_line(&page, 0, "trust  system and ");
    assert_line(&page, 1, "       the files ");
    assert_line(&page, 2, "       given");
    ui_page_free(&page);
}

static void long_words_are_cut_after_a_joint(void **state)
{
    struct ui_page page = {0};

    (void)state;
    ui_page_reset(&page, 26, false);
    ui_page_line(&page);
    ui_page_wrap(&page, UI_TEXT, 2, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    assert_int_equal(page.count, 2);
    assert_line(&page, 0, "TLS_ECDHE_ECDSA_WITH_AES_");
    assert_line(&page, 1, "  256_GCM_SHA384");
    ui_page_free(&page);
}

static void without_blanks(char *text)
{
    size_t kept = 0;

    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] != ' ') {
            text[kept++] = text[i];
        }
    }
    text[kept] = '\0';
}

/* Whatever the width, every character comes out once and in order, and no line is too long. */
static void wrapping_loses_nothing(void **state)
{
    static const char text[] =
        "a handshake_message_over several records: ClientHello, "
        "日本語のサーバー名.example.org 0123456789012345678901234567890123456789";
    struct ui_page page = {0};
    struct buffer joined = {0};
    char got[400], wanted[400];

    (void)state;
    /* Blanks are where lines end and begin: compared without them. */
    (void)snprintf(wanted, sizeof wanted, "%s", text);
    without_blanks(wanted);
    for (int columns = 8; columns < 90; columns++) {
        ui_page_reset(&page, columns, false);
        ui_page_line(&page);
        ui_page_wrap(&page, UI_TEXT, 3, text);
        joined.length = 0;
        for (size_t i = 0; i < page.count; i++) {
            assert_true(page.lines[i].columns <= columns);
            buffer_append(&joined, page.text.data + page.lines[i].offset, page.lines[i].length);
        }
        (void)snprintf(got, sizeof got, "%s", buffer_string(&joined));
        without_blanks(got);
        assert_string_equal(got, wanted);
    }
    buffer_free(&joined);
    ui_page_free(&page);
}

static void a_value_without_room_stands_below_its_name(void **state)
{
    struct ui_page page = {0};

    (void)state;
    ui_page_reset(&page, 26, false);
    ui_page_pair(&page, "group", 14, UI_TEXT, "x25519");
    ui_page_pair(&page, "signature", 14, UI_TEXT, "ecdsa_secp256r1_sha256");
    ui_page_pair(&page, "ALPN", 14, UI_TEXT, NULL);
    assert_int_equal(page.count, 4);
    assert_line(&page, 0, "group         x25519");
    assert_line(&page, 1, "signature");
    assert_line(&page, 2, "  ecdsa_secp256r1_sha256");
    assert_line(&page, 3, "ALPN          ·");
    ui_page_free(&page);
}

static void what_is_new_is_marked(void **state)
{
    struct ui_page before = {0}, now = {0};

    (void)state;
    ui_page_reset(&before, 40, false);
    ui_page_pair(&before, "version", 10, UI_TEXT, "TLS 1.3");
    ui_page_pair(&before, "ALPN", 10, UI_TEXT, NULL);
    ui_page_reset(&now, 40, false);
    ui_page_pair(&now, "version", 10, UI_TEXT, "TLS 1.3");
    ui_page_pair(&now, "ALPN", 10, UI_TEXT, "h2");
    ui_page_mark_changes(&now, &before);
    assert_false(now.lines[0].changed);
    assert_true(now.lines[1].changed);
    ui_page_free(&before);
    ui_page_free(&now);
}

static void text_from_outside_is_made_safe(void **state)
{
    struct ui_page page = {0};

    (void)state;
    ui_page_reset(&page, 60, false);
    ui_page_line(&page);
    ui_page_outside(&page, UI_TEXT, "evil\033[2J\u202e.example\n");
    assert_line(&page, 0, "evil\\x1b[2J\\u{202e}.example\\n");
    ui_page_free(&page);
}

static void searching_goes_around_in_both_directions(void **state)
{
    struct ui_page page = {0};
    static const char *const lines[] = {"SNI example.org", "trust system", "verify on", "sni none"};

    (void)state;
    ui_page_reset(&page, 60, false);
    for (size_t i = 0; i < 4; i++) {
        ui_page_line(&page);
        ui_page_add(&page, UI_TEXT, "%s", lines[i]);
    }
    assert_int_equal(ui_page_find(&page, 0, "sNi", false), 3);
    assert_int_equal(ui_page_find(&page, 3, "sni", false), 0);
    assert_int_equal(ui_page_find(&page, 0, "sni", true), 3);
    assert_int_equal(ui_page_find(&page, 2, "verify", true), 2);
    assert_int_equal(ui_page_find(&page, 0, "finished", false), -1);
    ui_page_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_wrapped_at_blanks),
        cmocka_unit_test(long_words_are_cut_after_a_joint),
        cmocka_unit_test(wrapping_loses_nothing),
        cmocka_unit_test(a_value_without_room_stands_below_its_name),
        cmocka_unit_test(what_is_new_is_marked),
        cmocka_unit_test(text_from_outside_is_made_safe),
        cmocka_unit_test(searching_goes_around_in_both_directions),
    };

    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
